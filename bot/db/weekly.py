"""Queries over all of a coach's engagements at once: what has happened since a moment, a row for each thing."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db.tables import Answer, Audit, Delivery, Digest, Engagement, Enrolment, Occurrence, Person, Pin, Session
from bot.domain.delivery import Kind
from bot.domain.sequence import Sharing

NOT_NOW = "put off a next session"
_LATELY = timedelta(days=15)  # a digest that was due is written by then


class Put(NamedTuple):
    """A question that was put to a leader, or should have been, as far as their coach may know of it."""

    engagement_id: UUID
    state: str
    asked_at: datetime | None
    reason: str | None


async def last_cut(db: AsyncSession, coach_id: UUID, now: datetime) -> datetime | None:
    """Up to when the coach's last digest reached."""
    return await db.scalar(select(func.max(Digest.cut_at)).where(Digest.coach_id == coach_id, Digest.cut_at < now))


async def own_instant(db: AsyncSession, coach_id: UUID, due_at: datetime) -> datetime:
    """When a digest fell due, told apart from one that was written at that same instant and is written again."""
    taken = select(func.max(Digest.due_at)).where(Digest.coach_id == coach_id, Digest.due_at >= due_at)
    last = await db.scalar(taken)
    return due_at if last is None else last + timedelta(microseconds=1)


async def closed_with_news(db: AsyncSession, coach_id: UUID, now: datetime) -> list[tuple[Engagement, Person]]:
    """Engagements that were closed before their last words were in a digest; not those handed to somebody else, nor when
    the leader began again and lets no words go along."""
    later = aliased(Engagement)
    is_another = or_(later.coach_id != Engagement.coach_id, later.carried.in_(["ratings", "nothing"]))
    handed_over = select(later.id).where(later.previous_id == Engagement.id, is_another).exists()
    untold = select(Answer.id).where(
        Answer.engagement_id == Engagement.id, Answer.digest_id.is_(None), Answer.sharing != Sharing.private, is_news()
    ).exists()  # fmt: skip
    told_until = await last_cut(db, coach_id, now)  # longer ago when the digests since then did not arrive
    since = min(now - _LATELY, told_until) if told_until is not None else now - _LATELY
    query = (
        select(Engagement, Person)
        .join(Person, Person.id == Engagement.leader_id)
        .where(Engagement.coach_id == coach_id, Engagement.state == "ended", Engagement.ended_at > since)
        .where(Person.state.in_(["active", "unreachable"]), ~handed_over, untold)
        .order_by(Engagement.id)
    )
    return [(engagement, person) for engagement, person in await db.execute(query)]


def is_news() -> ColumnElement[bool]:
    """Of an answer with its engagement: not what came along from another coach, nor what was opened after its end."""
    earlier = aliased(Engagement)
    same_coach = select(earlier.id).where(
        earlier.id == Engagement.previous_id, earlier.coach_id == Engagement.coach_id,
        Answer.shared_at >= earlier.started_at,
    ).correlate(Answer, Engagement).exists()  # fmt: skip
    began = or_(Engagement.previous_id.is_(None), Answer.shared_at >= Engagement.started_at, same_coach)
    return and_(began, or_(Engagement.ended_at.is_(None), Answer.shared_at < Engagement.ended_at))


async def uncovered(db: AsyncSession, engagement_ids: Collection[UUID], now: datetime) -> list[Answer]:
    """The answers that no digest has covered yet, oldest first, whatever their sharing."""
    query = select(Answer).join(Engagement, Engagement.id == Answer.engagement_id).where(
        Answer.engagement_id.in_(engagement_ids), Answer.digest_id.is_(None), Answer.given_at <= now, is_news()
    )  # fmt: skip
    return list(await db.scalars(query.order_by(Answer.given_at, Answer.id)))


async def sharing_of(db: AsyncSession, engagement_ids: Collection[UUID], now: datetime) -> dict[UUID, str]:
    """The same answers with who may read them, and nothing else."""
    query = select(Answer.id, Answer.sharing).join(Engagement, Engagement.id == Answer.engagement_id).where(
        Answer.engagement_id.in_(engagement_ids), Answer.digest_id.is_(None), Answer.given_at <= now, is_news()
    )  # fmt: skip
    return {row[0]: row[1] for row in await db.execute(query)}


async def put_since(
    db: AsyncSession, engagement_ids: Collection[UUID], after: datetime | None, now: datetime
) -> list[tuple[Occurrence, Enrolment]]:
    """The questions put in `(after, now]`, and those of that time which could not be sent."""
    asked = and_(Occurrence.state != "expired", Occurrence.asked_at <= now)
    expired = and_(Occurrence.state == "expired", Occurrence.due_at <= now)
    if after is not None:
        asked, expired = and_(asked, Occurrence.asked_at > after), and_(expired, Occurrence.due_at > after)
    query = (
        select(Occurrence, Enrolment)
        .join(Enrolment, Enrolment.id == Occurrence.enrolment_id)
        .join(Engagement, Engagement.id == Enrolment.engagement_id)
        .where(Enrolment.engagement_id.in_(engagement_ids), or_(asked, expired))
        .where(Occurrence.due_at >= Engagement.started_at)  # what an earlier coach's time had is not this one's
        .order_by(Occurrence.asked_at, Occurrence.id)
    )
    return [(occurrence, enrolment) for occurrence, enrolment in await db.execute(query)]


async def sessions_since(
    db: AsyncSession, engagement_ids: Collection[UUID], after: datetime
) -> list[tuple[UUID, datetime, str]]:
    """The sessions from a moment on that were not cancelled: whose, when, and their state."""
    query = select(Session.engagement_id, Session.starts_at, Session.state).where(
        Session.engagement_id.in_(engagement_ids), Session.state != "cancelled", Session.starts_at > after
    )
    return [(key, at, state) for key, at, state in await db.execute(query.order_by(Session.starts_at, Session.id))]


async def pauses_since(db: AsyncSession, leader_ids: Collection[UUID], after: datetime) -> list[tuple[UUID, datetime, str]]:
    """When leaders paused and came back, oldest first."""
    query = select(Audit.subject_id, Audit.at, Audit.action).where(
        Audit.subject_id.in_(leader_ids), Audit.action.in_(["paused", "resumed"]), Audit.at > after
    )
    rows = await db.execute(query.order_by(Audit.at, Audit.id))
    return [(key, at, action) for key, at, action in rows if key is not None]


async def said_not_now(db: AsyncSession, engagement_ids: Collection[UUID], after: datetime) -> dict[UUID, datetime]:
    """When coaches last put off planning a next session."""
    query = select(Audit.subject_id, func.max(Audit.at)).where(
        Audit.subject_id.in_(engagement_ids), Audit.action == NOT_NOW, Audit.at > after
    )
    return {key: at for key, at in await db.execute(query.group_by(Audit.subject_id)) if key is not None}


async def failed_messages(
    db: AsyncSession, leader_ids: Collection[UUID], after: datetime | None, now: datetime
) -> list[tuple[UUID, str, str | None]]:
    """The news for leaders that did not go out: for whom, its last state, and why. Questions are counted elsewhere."""
    query = select(Delivery.person_id, Delivery.state, Delivery.reason).where(
        Delivery.person_id.in_(leader_ids), Delivery.kind.in_([Kind.notice, Kind.note, Kind.news]),
        Delivery.state.in_(["failed", "expired"]), Delivery.due_at <= now,
    )  # fmt: skip
    if after is not None:
        query = query.where(Delivery.due_at > after)
    return [(key, state, reason) for key, state, reason in await db.execute(query)]


async def pinned(db: AsyncSession, engagement_ids: Sequence[UUID]) -> set[UUID]:
    """The answers that leaders bring to their next sessions."""
    query = select(Pin.answer_id).where(Pin.engagement_id.in_(engagement_ids), Pin.cleared_at.is_(None))
    return {answer_id for answer_id in await db.scalars(query) if answer_id is not None}
