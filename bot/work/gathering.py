"""Gathers what a brief says. It only reads, so that nobody is kept from writing meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments, reading
from bot.db.tables import Answer, Engagement, Person, Pin, Session
from bot.domain.brief import Brief, Brought, Held, Noted, Rating
from bot.domain.checkpoint import Checkpoint
from bot.domain.conditions import month_since
from bot.domain.heard import Heard, Said
from bot.domain.measures import changes, standing
from bot.domain.schedule import local
from bot.domain.sequence import Sharing
from bot.domain.silences import Silences
from bot.vault import Box
from bot.work import blockers, checkpoints, given_away, going_along, notes, pins, promises, readings, unheard
from bot.work.hearing import opened_for
from bot.work.practice import Practice, name_of

MOST_QUOTED = 40
_STILL_STANDS = timedelta(weeks=8)
_A_YEAR = timedelta(weeks=53)


@dataclass(frozen=True)
class Gathered:
    """A brief, with the values and sessions of which a picture can be drawn."""

    brief: Brief
    series: readings.Series
    sessions: tuple[datetime, ...]


async def gather(
    practice: Practice, db: AsyncSession, engagement: Engagement, leader: Person, coach: Person,
    session: Session | None, now: datetime,
) -> Gathered:  # fmt: skip
    """Everything since the last brief was cut. Only what is shared is opened."""
    meetings = await enrolments.sessions_of(db, engagement.id)
    base = await _base(practice, engagement, leader, coach, session, meetings, now)
    answers = await reading.answers_between(db, engagement.id, base.since, now)
    brief = await _with_agenda(practice, db, engagement, coach, base)
    elsewhere = brief.told | {point.said.id for point in brief.brought if point.said is not None}
    shared = [answer for answer in answers if answer.sharing == Sharing.words and answer.id not in elsewhere]
    silences = await unheard.silences_of(practice, db, engagement, leader, coach, base.since, now, meetings)
    series = (await readings.of_engagements(practice, db, [engagement], now - _A_YEAR, now))[engagement.id]
    said = await opened_for(practice, db, shared[-MOST_QUOTED:], coach)
    uncounted = await given_away.uncounted(practice, db, answers)
    found = await _checkpoint(practice, db, engagement, coach, base.since, series, now)
    brief = replace(
        brief,
        heard=_heard(
            [one for one in answers if one.id not in uncounted], [*_pinned(brief, answers), *said], silences
        ),
        earlier=max(len(shared) - MOST_QUOTED, 0),
        ratings=_ratings(series, base, now),
        checkpoint=found.of_these({answer.id for answer in answers}) if found else None,
        silences=silences,
        hypotheses=await _hypotheses(practice, db, engagement, coach),
        notes=await _notes(practice, db, engagement, coach, base.since),
        last_answered_at=(await given_away.last_answered(practice, db, [engagement.id])).get(engagement.id),
        along=await going_along.how_many(db, engagement) if base.since == engagement.started_at else 0,
    )
    return Gathered(brief, series, tuple(meeting.starts_at for meeting in meetings if meeting.starts_at <= now))


async def gather_agenda(
    practice: Practice, db: AsyncSession, engagement: Engagement, leader: Person, coach: Person, session: Session,
    now: datetime,
) -> Brief:  # fmt: skip
    """Only what the leader brings and what was promised."""
    meetings = await enrolments.sessions_of(db, engagement.id)
    base = await _base(practice, engagement, leader, coach, session, meetings, now)
    return await _with_agenda(practice, db, engagement, coach, base)


async def _base(
    practice: Practice, engagement: Engagement, leader: Person, coach: Person, session: Session | None,
    meetings: Sequence[Session], now: datetime,
) -> Brief:  # fmt: skip
    """Who, when, and since when; without a word yet."""
    box = await practice.vault.box(leader.id, "shared")
    return Brief(
        leader=await name_of(practice, leader),
        zone=coach.zone,
        starts_at=session.starts_at if session else None,
        more=sum(1 for one in meetings if session and one.state == "planned" and one.starts_at > session.starts_at),
        since=max(
            (one.brief_cut_at for one in meetings if one.brief_cut_at and one.starts_at <= now),
            default=engagement.started_at if engagement.previous_id else None,  # what came along is no news
        ),
        cut_at=now,
        organisation=_opened(box, "organisation", engagement),
        role=_opened(box, "role", engagement),
        heard=Heard(),
        last_answered_at=None,
        number=1 + sum(1 for one in meetings if session and one.starts_at < session.starts_at),
        agreed=None if engagement.is_open_ended else engagement.agreed_sessions,
        paused_until=leader.paused_until,
        is_unreachable=leader.state == "unreachable",
    )


def _opened(box: Box, field: str, engagement: Engagement) -> str:
    value: bytes | None = getattr(engagement, field)
    return box.open(f"engagement.{field}", engagement.id, value) if value else ""


async def _with_agenda(
    practice: Practice, db: AsyncSession, engagement: Engagement, coach: Person, brief: Brief
) -> Brief:
    return replace(
        brief,
        brought=await _brought(practice, db, engagement, coach),
        promised=await promises.since(practice, db, engagement, coach, brief.since, brief.cut_at),
    )


async def _brought(
    practice: Practice, db: AsyncSession, engagement: Engagement, coach: Person
) -> tuple[Brought, ...]:
    """The leader's agenda, as far as its sharing allows: bringing something opens nothing."""
    found = await pins.on_agenda(db, engagement.id)
    query = select(Answer).where(Answer.id.in_([pin.answer_id for pin in found if pin.answer_id is not None]))
    answers = {answer.id: answer for answer in await db.scalars(query)}
    ours = {key: answer for key, answer in answers.items() if answer.engagement_id == engagement.id}
    shared = [answer for answer in ours.values() if answer.sharing == Sharing.words]
    said = {one.id: replace(one, is_pinned=True) for one in await opened_for(practice, db, shared, coach)}
    return tuple([await _point(practice, db, pin, ours, said) for pin in found])


async def _point(
    practice: Practice, db: AsyncSession, pin: Pin, answers: dict[UUID, Answer], said: dict[UUID | None, Said]
) -> Brought:
    if pin.answer_id is None:
        return Brought(theme=(await pins.step_of(practice, db, pin)).theme, is_prompt=True)
    if pin.answer_id in said:
        return Brought(said[pin.answer_id])
    answer = answers.get(pin.answer_id)  # none: from the time with another coach, and it did not go along
    return Brought(theme=answer.theme if answer is not None and answer.sharing == Sharing.topic else None)


def _pinned(brief: Brief, answers: Sequence[Answer]) -> list[Said]:
    """What they bring that is new as well: a rating among it counts as said."""
    new = {answer.id for answer in answers}
    return [point.said for point in brief.brought if point.said is not None and point.said.id in new]


def _heard(answers: Sequence[Answer], said: Sequence[Said], silences: Silences) -> Heard:
    asked = [prompt for prompt in silences.new if prompt.was_put]
    return Heard(
        said=tuple(said),
        topics=tuple(answer.theme for answer in answers if answer.sharing == Sharing.topic),
        private=sum(answer.sharing == Sharing.private and answer.kind == "answer" for answer in answers),
        asked=len(asked),
        answered=sum(prompt.state == "answered" for prompt in asked),
        open=sum(prompt.state == "asked" for prompt in asked),
    )


def _ratings(series: readings.Series, brief: Brief, now: datetime) -> tuple[Rating, ...]:
    """Each measure that was rated in the last weeks, or since the last brief, against the leader's own past."""
    found, marked = [], changes(series, now)
    for measure, values in series.items():
        latest, stands = values[-1].at, standing(measure, values)
        is_new = brief.since is None or latest > brief.since
        if stands is not None and (is_new or latest > now - _STILL_STANDS):
            day = local(latest, brief.zone).date()
            found.append(Rating(stands, day, is_new, marked.get(measure)))
    return tuple(found)


async def _checkpoint(
    practice: Practice, db: AsyncSession, engagement: Engagement, coach: Person, since: datetime | None,
    series: readings.Series, now: datetime,
) -> Checkpoint | None:  # fmt: skip
    """In the first brief of its month, and whenever there is news of it."""
    found = await checkpoints.of(practice, db, engagement, coach, now, series.get("own-work", ()))
    if found is None or since is None or found.has_news(since):
        return found
    return found if month_since(found.promoted_on, local(since, coach.zone).date()) < found.month else None


async def _hypotheses(
    practice: Practice, db: AsyncSession, engagement: Engagement, coach: Person
) -> tuple[Held, ...]:
    """The coach's own, with the words chosen for and against them that are still shared."""
    found = await blockers.of(practice, db, engagement)
    ids = {key for one in found for key in (*one.speaks_for, *one.speaks_against)}
    query = select(Answer).where(Answer.id.in_(ids), Answer.sharing == Sharing.words)
    said = {one.id: one for one in await opened_for(practice, db, list(await db.scalars(query)), coach)} if ids else {}
    return tuple(
        Held(
            one.text,
            tuple(said[key] for key in one.speaks_for if key in said),
            tuple(said[key] for key in one.speaks_against if key in said),
        )
        for one in found
    )


async def _notes(
    practice: Practice, db: AsyncSession, engagement: Engagement, coach: Person, since: datetime | None
) -> tuple[Noted, ...]:
    found = await notes.own_since(practice, db, engagement, since)
    ids = {about for _, _, about in found if about is not None}
    query = select(Answer).where(
        Answer.id.in_(ids), Answer.engagement_id == engagement.id, Answer.sharing == Sharing.words
    )
    said = {one.id: one for one in await opened_for(practice, db, list(await db.scalars(query)), coach)} if ids else {}
    return tuple(Noted(local(at, coach.zone).date(), words, said.get(about)) for at, words, about in found)
