"""Queries about sessions, enrolments and what has fallen due for them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db.engine import Instant
from bot.db.tables import Base, Engagement, Enrolment, Occurrence, Person, Plan, Session
from bot.domain.delivery import Why

_Due = TypeVar("_Due", Enrolment, Occurrence)

# Asked for each leader who is due: to put a statement together takes as long as to run it.
_SESSIONS = (
    select(Session)
    .where(Session.engagement_id == bindparam("engagement"), Session.state != "cancelled")
    .order_by(Session.starts_at, Session.id)
)
_WAS_ASKED = Occurrence.asked_at.is_not(None)
_SERVED = (
    select(Occurrence.step, Occurrence.anchor)
    .where(Occurrence.enrolment_id == bindparam("enrolment"))
    .where(or_(Occurrence.state != "cancelled", Occurrence.reason.is_distinct_from(Why.session_cancelled), _WAS_ASKED))
)
_OPEN = select(Occurrence).where(Occurrence.leader_id == bindparam("leader"), Occurrence.state == "asked").limit(1)
_WAITING = (
    select(Occurrence)
    .where(Occurrence.leader_id == bindparam("leader"), Occurrence.state == "waiting")
    .order_by(Occurrence.due_at, Occurrence.id)
)
_PUT = (
    select(Occurrence)
    .where(Occurrence.leader_id == bindparam("leader"), Occurrence.asked_at.is_not(None), Occurrence.state != "asked")
    .order_by(Occurrence.asked_at.desc(), Occurrence.id.desc())
    .limit(bindparam("most"))
)


async def replan(db: AsyncSession, engagement_id: UUID, now: datetime) -> None:
    """Have the planner look at an engagement's enrolments again: a session or the person's hours have changed."""
    await db.execute(
        update(Enrolment)
        .where(Enrolment.engagement_id == engagement_id, Enrolment.state == "active")
        .values(next_due_at=_at_once(now))
    )


async def replan_one(db: AsyncSession, enrolment_id: UUID, now: datetime) -> None:
    """Have the planner look at one enrolment again: something its steps hang on has happened."""
    await db.execute(
        update(Enrolment)
        .where(Enrolment.id == enrolment_id, Enrolment.state == "active")
        .values(next_due_at=_at_once(now))
    )


def _at_once(now: datetime) -> ColumnElement[datetime]:
    """Now, unless it is overdue anyway. Every row is written: one that is being planned just now is waited for."""
    return case((Enrolment.next_due_at <= now, Enrolment.next_due_at), else_=now)


async def replan_leader(db: AsyncSession, leader_id: UUID, now: datetime) -> None:
    for engagement_id in await db.scalars(
        select(Engagement.id).where(Engagement.leader_id == leader_id, Engagement.state == "active")
    ):
        await replan(db, engagement_id, now)


async def due(db: AsyncSession, now: datetime, most: int) -> list[Enrolment]:
    """The enrolments that have been due longest, of each leader one."""
    query = select(Enrolment).where(Enrolment.next_due_at <= now).order_by(Enrolment.next_due_at, Enrolment.id)
    return _one_each(await db.scalars(query.limit(most).with_for_update(skip_locked=True)))


async def to_look_at(db: AsyncSession, now: datetime, most: int) -> list[Occurrence]:
    """The occurrences that have waited longest to be looked at, of each leader one."""
    query = select(Occurrence).where(Occurrence.look_at <= now).order_by(Occurrence.look_at, Occurrence.id)
    return _one_each(await db.scalars(query.limit(most).with_for_update(skip_locked=True)))


def _one_each(found: Iterable[_Due]) -> list[_Due]:
    first: dict[UUID, _Due] = {}
    for one in found:
        first.setdefault(one.leader_id, one)
    return list(first.values())


async def around(db: AsyncSession, enrolment_ids: Collection[UUID]) -> list[Base]:
    """The enrolments with their leaders, engagements and coaches, read at once: as long as somebody holds them,
    `db.get` asks nobody."""
    return [one for row in await db.execute(_around(), {"enrolments": [*enrolment_ids]}) for one in row]


@cache
def _around() -> Select[Enrolment, Person, Engagement, Person]:
    coach = aliased(Person)
    return (
        select(Enrolment, Person, Engagement, coach)
        .join(Person, Person.id == Enrolment.leader_id)
        .join(Engagement, Engagement.id == Enrolment.engagement_id)
        .join(coach, coach.id == Engagement.coach_id)
        .where(Enrolment.id.in_(bindparam("enrolments", expanding=True)))
    )


async def sessions_of(db: AsyncSession, engagement_id: UUID) -> list[Session]:
    """The sessions of an engagement that are not cancelled, in order."""
    return list(await db.scalars(_SESSIONS, {"engagement": engagement_id}))


async def sessions_between(db: AsyncSession, coach_id: UUID, after: datetime, before: datetime) -> list[Session]:
    """A coach's sessions, with whichever leader, that overlap this time and are not cancelled, in order."""
    query = (
        select(Session)
        .join(Engagement, Engagement.id == Session.engagement_id)
        .where(Engagement.coach_id == coach_id, Engagement.state == "active", Session.state != "cancelled")
        .where(Session.starts_at < before, Session.ends_at > after)
    )
    return list(await db.scalars(query.order_by(Session.starts_at, Session.id)))


async def session_at(db: AsyncSession, anchor: str) -> Session | None:
    """The session an occurrence hangs on, if its anchor is one: others are local dates, or occurrences."""
    try:
        return await db.get(Session, UUID(anchor))
    except ValueError:
        return None


async def next_session(db: AsyncSession, engagement_id: UUID, now: datetime) -> Session | None:
    query = select(Session).where(
        Session.engagement_id == engagement_id, Session.state == "planned", Session.starts_at > now
    )
    return (await db.scalars(query.order_by(Session.starts_at).limit(1))).one_or_none()


async def current_session(db: AsyncSession, engagement_id: UUID, now: datetime) -> Session | None:
    """The session that is on, else the next one."""
    query = select(Session).where(
        Session.engagement_id == engagement_id, Session.state == "planned", Session.ends_at > now
    )
    return (await db.scalars(query.order_by(Session.starts_at).limit(1))).one_or_none()


async def planned_of(db: AsyncSession, coach_id: UUID, now: datetime) -> list[tuple[Session, Person]]:
    """A coach's planned sessions that are not over, with their leaders, in order."""
    query = (
        select(Session, Person)
        .join(Engagement, Engagement.id == Session.engagement_id)
        .join(Person, Person.id == Engagement.leader_id)
        .where(Engagement.coach_id == coach_id, Engagement.state == "active", Person.state != "erased")
        .where(Session.state == "planned", Session.ends_at > now)
        .order_by(Session.starts_at, Session.id)
    )
    return [(session, person) for session, person in await db.execute(query)]


async def served(db: AsyncSession, enrolment_id: UUID) -> set[tuple[str, str]]:
    """The `(step, anchor)` of every occurrence there is, but for those whose session was taken off before anybody saw
    them: the next session has its own."""
    return {(step, anchor) for step, anchor in await db.execute(_SERVED, {"enrolment": enrolment_id})}


async def open_occurrence(db: AsyncSession, leader_id: UUID) -> Occurrence | None:
    """The prompt the leader has open, if any."""
    return (await db.scalars(_OPEN, {"leader": leader_id})).one_or_none()


async def last_put(db: AsyncSession, leader_id: UUID, most: int) -> list[Occurrence]:
    """The last prompts that were put to the leader and are over, the newest first."""
    return list(await db.scalars(_PUT, {"leader": leader_id, "most": most}))


async def waiting_occurrences(db: AsyncSession, leader_id: UUID) -> list[Occurrence]:
    return list(await db.scalars(_WAITING, {"leader": leader_id}))


async def wake(db: AsyncSession, leader_id: UUID, now: datetime) -> None:
    """What waits for its turn is looked at now: the prompt before it is gone, or somebody is back."""
    waiting = update(Occurrence).where(Occurrence.leader_id == leader_id, Occurrence.state == "waiting")
    await db.execute(waiting.values(look_at=now))
    due = update(Plan).where(Plan.leader_id == leader_id, Plan.state == "due")
    await db.execute(due.values(look_at=now))


def due_instants() -> list[Instant]:
    """The earliest instants at which the planner has something to do."""
    return [
        select(func.min(Enrolment.next_due_at)).scalar_subquery(),
        select(func.min(Occurrence.look_at)).scalar_subquery(),
        select(func.min(Session.brief_due_at)).scalar_subquery(),
        select(func.min(Session.agenda_due_at)).scalar_subquery(),
        select(func.min(Session.ends_at)).where(Session.state == "planned").scalar_subquery(),
    ]
