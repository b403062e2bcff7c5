"""A coach's week, read and opened for the digest: everything about all leaders in a handful of queries.

Nothing is written here: a digest is made under a read, so that nobody's answer waits for it.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import people, weekly
from bot.db.tables import Answer, Engagement, Person
from bot.domain.checkpoint import MEASURE, Checkpoint, is_due
from bot.domain.digest import LeaderWeek, Unsent, WeeklyDigest
from bot.domain.heard import Heard, Said
from bot.domain.measures import RULE, Change, change, standing
from bot.domain.schedule import local
from bot.domain.sequence import MEASURES, Sharing
from bot.domain.spans import ENDLESS
from bot.errors import UnreadableError
from bot.log import get_logger
from bot.work import checkpoints, hearing, readings
from bot.work.deliver import LOST
from bot.work.practice import Practice, name_of

log = get_logger(__name__)

DRAWN = timedelta(weeks=8)
_PAUSES_FROM = timedelta(weeks=60)

Led = list[tuple[Engagement, Person]]
Pauses = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True)
class Drawable:
    """What a picture shows of one leader."""

    name: str
    is_paused: bool
    series: readings.Series = field(repr=False)
    changes: tuple[Change, ...]
    sessions: tuple[datetime, ...]
    pauses: Pauses
    refs: tuple[UUID, ...]  # the ratings that are new in it


@dataclass(frozen=True)
class Week:
    """What was read. `covered`: the answers it counts, with who may read them; `engagements`: whose they are."""

    digest: WeeklyDigest
    drawable: tuple[Drawable, ...]
    covered: dict[UUID, str]
    engagements: tuple[UUID, ...]


@dataclass
class _Known:
    """What is known of all leaders, by engagement or by leader."""

    after: datetime | None
    answers: dict[UUID, list[Answer]]
    said: dict[UUID, list[Said]]
    put: dict[UUID, list[weekly.Put]]
    answered: dict[UUID, datetime]
    sessions: dict[UUID, list[tuple[datetime, str]]]
    series: dict[UUID, readings.Series]
    pauses: dict[UUID, list[tuple[datetime, str]]]
    failed: dict[UUID, list[tuple[str, str | None]]]


async def read(practice: Practice, db: AsyncSession, coach: Person, now: datetime) -> Week:
    """What no digest has covered yet. A leader whose keys are gone is left out: the coach still hears of the others."""
    led = [*await people.led_by(db, coach.id), *await weekly.closed_with_news(db, coach.id, now)]
    known = await _known(practice, db, coach, led, now)
    weeks, drawable, kept = [], [], []
    for engagement, leader in led:
        if engagement.id not in known.said:
            continue
        try:
            name = await name_of(practice, leader)
            marked = await _checkpoint(practice, db, engagement, coach, known, now)
        except UnreadableError:
            log.exception("left out of a digest", id=engagement.id)
            continue
        week = _week(engagement, leader, name, known, marked, now)
        weeks.append(week)
        drawable.append(_drawable(engagement, leader, week, known, now))
        kept.append(engagement.id)
    covered = {answer.id: answer.sharing for key in kept for answer in known.answers[key]}
    return Week(WeeklyDigest(coach.zone, now, tuple(weeks)), tuple(drawable), covered, tuple(kept))


async def is_still_so(db: AsyncSession, week: Week, now: datetime) -> bool:
    """Whether it may go out as it was read: nothing was taken back, opened up or erased meanwhile."""
    return await weekly.sharing_of(db, week.engagements, now) == week.covered


async def _known(practice: Practice, db: AsyncSession, coach: Person, led: Led, now: datetime) -> _Known:
    ids, leaders = [engagement.id for engagement, _ in led], [leader.id for _, leader in led]
    after = await weekly.last_cut(db, coach.id, now)
    answers: dict[UUID, list[Answer]] = {key: [] for key in ids}
    for answer in await weekly.uncovered(db, ids, now):
        answers[answer.engagement_id].append(answer)
    put, sessions, pauses, failed = defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list)
    for one in await weekly.put_since(db, ids, after, now):
        put[one.engagement_id].append(one)
    for key, at, state in await weekly.sessions_since(db, ids, now - DRAWN):
        sessions[key].append((at, state))
    for key, at, action in await weekly.pauses_since(db, leaders, now - _PAUSES_FROM):
        pauses[key].append((at, action))
    for key, state, reason in await weekly.failed_messages(db, leaders, after, now):
        failed[key].append((state, reason))
    return _Known(
        after=after, answers=answers, said=await _said(practice, db, coach, answers), put=put,
        answered=await weekly.last_answered(db, ids), sessions=sessions,
        series=await readings.of_engagements(practice, db, [pair[0] for pair in led], now - RULE.past, now),
        pauses=pauses, failed=failed,
    )  # fmt: skip


async def _said(
    practice: Practice, db: AsyncSession, coach: Person, answers: dict[UUID, list[Answer]]
) -> dict[UUID, list[Said]]:
    """What is shared in words, opened in one go; if a key is missing, leader by leader, and its leader is left out."""
    shared = {key: [one for one in those if one.sharing == Sharing.words] for key, those in answers.items()}
    brought = await weekly.pinned(db, [*answers])
    try:
        opened = await hearing.opened_for(practice, db, [one for those in shared.values() for one in those], coach)
        by_answer = {one.id: replace(one, is_pinned=one.id in brought) for one in opened}
        return {key: [by_answer[one.id] for one in those] for key, those in shared.items()}
    except UnreadableError:
        pass
    found = {}
    for key, those in shared.items():
        try:
            opened = await hearing.opened_for(practice, db, those, coach)
        except UnreadableError:
            log.exception("left out of a digest", id=key)
            continue
        found[key] = [replace(one, is_pinned=one.id in brought) for one in opened]
    return found


async def _checkpoint(
    practice: Practice, db: AsyncSession, engagement: Engagement, coach: Person, known: _Known, now: datetime
) -> Checkpoint | None:
    """The checkpoint of months three and four, in a week that has brought something about it."""
    if not is_due(engagement.promoted_on, local(now, coach.zone).date()):
        return None
    own_work = known.series[engagement.id].get(MEASURE, [])
    found = await checkpoints.of(practice, db, engagement, coach, now, own_work)
    return found if found is not None and found.has_news(known.after or engagement.started_at) else None


def _week(
    engagement: Engagement, leader: Person, name: str, known: _Known, checkpoint: Checkpoint | None, now: datetime
) -> LeaderWeek:
    key, put = engagement.id, known.put[engagement.id]
    planned = [at for at, state in known.sessions[key] if state == "planned" and at > now]
    until = leader.paused_until
    return LeaderWeek(
        name=name,
        heard=_heard(key, known),
        last_answered_at=known.answered.get(key),
        next_session=planned[0] if planned else None,
        is_unreachable=leader.state == "unreachable",
        is_paused=until is not None,
        engagement=key,
        paused_until=None if until == ENDLESS else until,
        changes=_changes(known, key, now),
        unsent=() if leader.state == "unreachable" else _unsent(put, known.failed[leader.id]),
        missed=tuple(one.asked_at for one in put if one.state == "missed" and one.asked_at is not None),
        zone=leader.zone,
        sessions=tuple(planned),
        checkpoint=checkpoint,
        ended_at=engagement.ended_at,
    )


def _heard(key: UUID, known: _Known) -> Heard:
    answers, said = known.answers[key], known.said[key]
    states = Counter(one.state for one in known.put[key] if one.state != "expired")
    rated = {one.theme for one in said if one.is_measure}
    stands = (
        standing(measure, readings_) for measure, readings_ in known.series[key].items() if measure in rated
    )
    return Heard(
        said=tuple(said),
        topics=tuple(answer.theme for answer in answers if answer.sharing == Sharing.topic),
        private=sum(answer.sharing == Sharing.private and answer.kind == "answer" for answer in answers),
        standings=tuple(one for one in stands if one is not None),
        asked=states.total(),
        answered=states["answered"],
        open=states["asked"],
    )


def _changes(known: _Known, key: UUID, now: datetime) -> tuple[Change, ...]:
    """Marked ones to which this week has added a number: what was told stays told."""
    found = []
    for measure in MEASURES:
        series = known.series[key].get(measure, [])
        is_new = bool(series) and (known.after is None or series[-1].at > known.after)
        marked = change(measure, series, now) if is_new else None
        if marked is not None:
            found.append(marked)
    return tuple(found)


def _unsent(put: Sequence[weekly.Put], failed: Sequence[tuple[str, str | None]]) -> tuple[Unsent, ...]:
    counts = Counter((True, _why(one.state, one.reason)) for one in put if one.state == "expired")
    counts.update((False, _why(state, reason)) for state, reason in failed)
    return tuple(Unsent(is_question, n, why) for (is_question, why), n in sorted(counts.items(), reverse=True))


def _why(state: str, reason: str | None) -> str:
    if reason == LOST:
        return "lost"
    return "down" if state == "expired" and reason in (None, "late", "too late") else "refused"


def _drawable(engagement: Engagement, leader: Person, week: LeaderWeek, known: _Known, now: datetime) -> Drawable:
    first = now - DRAWN
    series = {
        measure: recent
        for measure, those in known.series[engagement.id].items()
        if (recent := [one for one in those if one.at > first])
    }
    return Drawable(
        name=week.name,
        is_paused=week.is_paused,
        series=series,
        changes=week.changes,
        sessions=tuple(at for at, _ in known.sessions[engagement.id] if at <= now),
        pauses=_pauses(known.pauses[leader.id], leader.paused_until),
        refs=tuple(ref for one in week.heard.said if one.is_measure for ref in one.refs),
    )


def _pauses(events: Sequence[tuple[datetime, str]], until: datetime | None) -> Pauses:
    """From and until, from what the audit says; the one that lasts ends when it is said to end."""
    found, since = [], None
    for at, action in events:
        if action == "paused":
            since = since or at
        elif since is not None:
            found.append((since, at))
            since = None
    if since is not None and until is not None:
        found.append((since, until))
    return tuple(found)
