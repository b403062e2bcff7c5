"""Queries about answers: what was asked and answered, for its leader and for that leader's coach."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Answer, AnswerPart, AskedQuestion, Delivery, Occurrence
from bot.domain.delivery import Kind
from bot.domain.matching import Asked, LastAnswer


async def asked_lately(db: AsyncSession, leader_id: UUID, *, before: int, limit: int = 20) -> list[Asked]:
    """The leader's newest questions above the message `before`, newest last, with the date Telegram gave them.

    Dates are whole seconds: only message ids say what was there first when a long text arrives in parts.
    """
    query = (
        select(AskedQuestion.id, AskedQuestion.state, func.min(Delivery.sent_at), AskedQuestion.asked_at, Answer.id)
        .join(
            Delivery,
            (Delivery.question_id == AskedQuestion.id) & (Delivery.kind == Kind.prompt) & Delivery.target_id.is_(None),
        )
        .outerjoin(Answer, Answer.question_id == AskedQuestion.id)
        .where(AskedQuestion.leader_id == leader_id, Delivery.state.in_(["sent", "sending", "unknown"]))
        .where(or_(Delivery.message_id.is_(None), Delivery.message_id < before))
        .group_by(AskedQuestion.id, AskedQuestion.state, AskedQuestion.asked_at, Answer.id)
        .order_by(AskedQuestion.id.desc())
        .limit(limit)
    )
    rows = await db.execute(query)
    found = [Asked(key, sent or planned, state == "open", answer) for key, state, sent, planned, answer in rows]
    return found[::-1]


async def last_answer(db: AsyncSession, leader_id: UUID) -> LastAnswer | None:
    """The answer or moment whose latest bubble is the newest, if it may still get another."""
    query = select(Answer).where(Answer.leader_id == leader_id).order_by(Answer.last_bubble_at.desc(), Answer.id.desc())
    found = (await db.scalars(query.limit(1))).one_or_none()
    if found is None or found.is_complete:
        return None
    return LastAnswer(found.id, found.question_id, found.last_bubble_at)


async def answer_to(db: AsyncSession, question_id: UUID) -> Answer | None:
    return (await db.scalars(select(Answer).where(Answer.question_id == question_id))).one_or_none()


async def latest_part(db: AsyncSession, chat_id: int, message_id: int) -> AnswerPart | None:
    """The newest version of a bubble."""
    query = select(AnswerPart).where(AnswerPart.chat_id == chat_id, AnswerPart.message_id == message_id)
    return (await db.scalars(query.order_by(AnswerPart.version.desc()).limit(1))).one_or_none()


async def answers_between(db: AsyncSession, engagement_id: UUID, after: datetime | None, until: datetime) -> list[Answer]:
    """The answers of an engagement given, or opened up, in `(after, until]`, oldest first, whatever their sharing."""
    query = select(Answer).where(Answer.engagement_id == engagement_id, Answer.given_at <= until)
    if after is not None:
        query = query.where(Answer.shared_at > after)
    return list(await db.scalars(query.order_by(Answer.given_at, Answer.id)))


async def asked_counts(
    db: AsyncSession, leader_id: UUID, enrolment_ids: list[UUID], after: datetime, until: datetime
) -> dict[str, int]:
    """How many prompts were asked in `(after, until]`, by what became of them."""
    query = (
        select(Occurrence.state, func.count())
        .where(
            Occurrence.leader_id == leader_id,
            Occurrence.enrolment_id.in_(enrolment_ids),
            Occurrence.asked_at > after,
            Occurrence.asked_at <= until,
        )
        .group_by(Occurrence.state)
    )
    return {row[0]: row[1] for row in await db.execute(query)}


async def last_answered_at(db: AsyncSession, engagement_id: UUID) -> datetime | None:
    return await db.scalar(select(func.max(Answer.given_at)).where(Answer.engagement_id == engagement_id))
