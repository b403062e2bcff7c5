"""A coach's week, read and opened for the digest: everything about all leaders in a handful of queries.

Nothing is written here: a digest is made under a read, so that nobody's answer waits for it.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import people, reading, weekly
from bot.db.tables import Answer, Engagement, Person
from bot.domain.checkpoint import MEASURE, Checkpoint, is_due
from bot.domain.delivery import Why
from bot.domain.digest import LeaderWeek, Unsent, WeeklyDigest
from bot.domain.heard import Heard, Said
from bot.domain.measures import RULE, Change, Standing, changes, standing
from bot.domain.schedule import local
from bot.domain.sequence import MEASURES, Sharing
from bot.domain.spans import ENDLESS
from bot.errors import UnreadableError
from bot.log import get_logger
from bot.work import checkpoints, given_away, hearing, quiet, readings
from bot.work.practice import Practice, name_of

log = get_logger(__name__)

DRAWN = timedelta(weeks=8)
_WEEK = timedelta(weeks=1)
_PAUSES_FROM = timedelta(weeks=60)
_MAY_WAIT = timedelta(weeks=4)  # then a coach is told once more that there is no next session

Led = list[tuple[Engagement, Person]]


@dataclass(frozen=True)
class Drawable:
    """What a picture shows of one leader: the values of its weeks, and of each measure the usual one before them."""

    name: str
    is_paused: bool
    series: readings.Series = field(repr=False)
    usual: dict[str, float | None] = field(repr=False)
    changes: tuple[Change, ...]
    sessions: tuple[datetime, ...]
    pauses: quiet.Pauses
    refs: tuple[UUID, ...]  # the ratings that are new in it


@dataclass(frozen=True)
class Week:
    """What was read. `covered`: the answers it counts, with who may read them; `engagements`: whose they are."""

    digest: WeeklyDigest
    drawable: tuple[Drawable, ...]
    covered: dict[UUID, str]
    engagements: tuple[UUID, ...]
    as_read: "_Standing"


@dataclass(frozen=True)
class _Standing:
    """Whom a coach leads, what of earlier times goes along, and how many of their answers are shared how far."""

    coach_id: UUID
    led: frozenset[tuple[UUID, str | None]]
    levels: frozenset[tuple[object, ...]]


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
    changes: dict[UUID, dict[str, Change]]
    over: dict[UUID, list[weekly.Put]]  # of those from whom nothing came lately
    may_wait: dict[UUID, datetime]
    uncounted: set[UUID]


async def read(practice: Practice, db: AsyncSession, coach: Person, now: datetime) -> Week:
    """What no digest has covered yet. A leader whose keys are gone is left out: the coach still hears of the others."""
    led = await _led(db, coach.id, now)
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
    as_read = await _standing(db, coach.id, led, now)
    return Week(WeeklyDigest(coach.zone, now, tuple(weeks)), tuple(drawable), covered, tuple(kept), as_read)


async def is_still_so(db: AsyncSession, week: Week, now: datetime) -> bool:
    """Whether it may go out as it was read: nothing was taken back, opened up, erased or handed over meanwhile, old
    numbers and checkpoint words included."""
    if await weekly.sharing_of(db, week.engagements, now) != week.covered:
        return False
    coach_id = week.as_read.coach_id
    return await _standing(db, coach_id, await _led(db, coach_id, now), now) == week.as_read


async def _led(db: AsyncSession, coach_id: UUID, now: datetime) -> Led:
    return [*await people.led_by(db, coach_id), *await weekly.closed_with_news(db, coach_id, now)]


async def _standing(db: AsyncSession, coach_id: UUID, led: Led, now: datetime) -> _Standing:
    levels = await reading.levels(db, [leader.id for _, leader in led], now)
    whom = frozenset((engagement.id, engagement.carried) for engagement, _ in led)
    return _Standing(coach_id, whom, frozenset(levels))


async def _known(practice: Practice, db: AsyncSession, coach: Person, led: Led, now: datetime) -> _Known:
    ids, leaders = [engagement.id for engagement, _ in led], [leader.id for _, leader in led]
    after = await weekly.last_cut(db, coach.id, now)
    answers: dict[UUID, list[Answer]] = {key: [] for key in ids}
    for answer in await weekly.uncovered(db, ids, now):
        answers[answer.engagement_id].append(answer)
    put, sessions, pauses, failed = defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list)
    for one in await quiet.put(practice, db, ids, after, now):
        put[one.engagement_id].append(one)
    for key, at, state in await weekly.sessions_since(db, ids, now - DRAWN):
        sessions[key].append((at, state))
    for key, at, action in await weekly.pauses_since(db, leaders, now - _PAUSES_FROM):
        pauses[key].append((at, action))
    for key, state, reason in await weekly.failed_messages(db, leaders, after, now):
        failed[key].append((state, reason))
    answered = await given_away.last_answered(practice, db, ids)
    series = await _series(practice, db, [pair[0] for pair in led], now)
    return _Known(
        after=after, answers=answers, said=await _said(practice, db, coach, answers), put=put,
        answered=answered, sessions=sessions, series=series, pauses=pauses, failed=failed,
        changes={key: _marked(those, now) for key, those in series.items()},
        over=await quiet.over(practice, db, [key for key in ids if quiet.is_quiet(answered.get(key), now)], now),
        may_wait=await weekly.said_not_now(db, ids, now - _MAY_WAIT),
        uncounted=await given_away.uncounted(practice, db, [one for those in answers.values() for one in those]),
    )  # fmt: skip


async def _series(
    practice: Practice, db: AsyncSession, engagements: Sequence[Engagement], now: datetime
) -> dict[UUID, readings.Series]:
    """As far back as the usual value of what a picture shows first may lie."""
    return await readings.of_engagements(practice, db, engagements, now - RULE.past - DRAWN, now)


def _marked(series: readings.Series, now: datetime) -> dict[str, Change]:
    found = changes(series, now)
    return {measure: found[measure] for measure in MEASURES if measure in found}


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
    """The checkpoint of the months after the third, with the words of a week that has brought something about it."""
    if not is_due(engagement.promoted_on, local(now, coach.zone).date()):
        return None
    own_work = known.series[engagement.id].get(MEASURE, [])
    found = await checkpoints.of(practice, db, engagement, coach, now, own_work)
    if found is None or not found.has_news(known.after or engagement.started_at):
        return None
    return found.of_these({answer.id for answer in known.answers[engagement.id]})


def _week(
    engagement: Engagement, leader: Person, name: str, known: _Known, checkpoint: Checkpoint | None, now: datetime
) -> LeaderWeek:
    key, put = engagement.id, known.put[engagement.id]
    planned = [at for at, state in known.sessions[key] if state == "planned" and at > now]
    until = leader.paused_until
    paused = quiet.pauses(known.pauses[leader.id], until)
    since, gone_by = quiet.since(known.answered.get(key), known.over[key], paused, now)
    return LeaderWeek(
        name=name,
        heard=_heard(key, known),
        last_answered_at=known.answered.get(key),
        next_session=planned[0] if planned else None,
        is_unreachable=leader.state == "unreachable",
        is_paused=until is not None,
        engagement=key,
        paused_until=None if until == ENDLESS else until,
        back_at=max((end for _, end in paused if now - _WEEK < end <= now), default=None),
        changes=_changes(known, engagement),
        unsent=() if leader.state == "unreachable" else _unsent(put, known.failed[leader.id]),
        missed=tuple(one.asked_at for one in put if one.state == "missed" and one.asked_at is not None),
        zone=leader.zone,
        sessions=tuple(planned),
        checkpoint=checkpoint,
        quiet_since=since,
        unanswered=gone_by,
        session_may_wait=_may_wait(key, known, now),
        ended_at=engagement.ended_at,
    )


def _may_wait(key: UUID, known: _Known, now: datetime) -> bool:
    """The coach has tapped [Not now], and no session has been held since."""
    at = known.may_wait.get(key)
    return at is not None and not any(at < start <= now for start, _ in known.sessions[key])


def _heard(key: UUID, known: _Known) -> Heard:
    answers, said = [one for one in known.answers[key] if one.id not in known.uncounted], known.said[key]
    states = Counter(one.state for one in known.put[key] if one.state != "expired")
    given = {one.given_at for one in known.answers[key] if one.sharing == Sharing.words}
    stands = (
        _stands(key, measure, known) for measure, values in known.series[key].items() if values[-1].at in given
    )  # a value that an earlier digest has told is none of this week's
    return Heard(
        said=tuple(said),
        topics=tuple(answer.theme for answer in answers if answer.sharing == Sharing.topic),
        private=sum(answer.sharing == Sharing.private and answer.kind == "answer" for answer in answers),
        standings=tuple(one for one in stands if one is not None),
        asked=states.total(),
        answered=states["answered"],
        open=states["asked"],
    )


def _stands(key: UUID, measure: str, known: _Known) -> Standing | None:
    """Where a measure stands; while it is markedly another, its usual value is the one from before."""
    found, marked = standing(measure, known.series[key][measure]), known.changes[key].get(measure)
    return replace(found, usual=marked.usual) if found is not None and marked is not None else found


def _changes(known: _Known, engagement: Engagement) -> tuple[Change, ...]:
    """Marked ones to which this week has added a number, each once: what the last digest could tell it has told."""
    after, marked = known.after, known.changes[engagement.id]
    if after is None:
        return tuple(marked.values())
    new = [one for one in marked.values() if one.latest_at > after]
    if engagement.started_at > after:  # told to an earlier coach, if at all
        return tuple(new)
    before = changes(known.series[engagement.id], after)
    return tuple(one for one in new if not one.goes_on(before.get(one.measure)))


def _unsent(put: Sequence[weekly.Put], failed: Sequence[tuple[str, str | None]]) -> tuple[Unsent, ...]:
    counts = Counter((True, _why(one.state, one.reason)) for one in put if one.state == "expired")
    counts.update((False, _why(state, reason)) for state, reason in failed)
    return tuple(Unsent(is_question, n, why) for (is_question, why), n in sorted(counts.items(), reverse=True))


def _why(state: str, reason: str | None) -> str:
    if reason == Why.lost:
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
        usual={one: found.usual for one in series if (found := _stands(engagement.id, one, known)) is not None},
        changes=tuple(
            one for one in known.changes[engagement.id].values()
            if one.is_fall or (one in week.changes and one.before[-1].at > first)  # a rise from outside it looks like none
        ),
        sessions=tuple(at for at, _ in known.sessions[engagement.id] if at <= now),
        pauses=quiet.pauses(known.pauses[leader.id], leader.paused_until),
        refs=tuple(ref for one in week.heard.said if one.is_measure for ref in one.refs),
    )
