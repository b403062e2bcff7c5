"""How an occurrence ends: asked and over, cancelled, not sent in time; or as if it had never been planned."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments, outbox
from bot.db.tables import Answer, AskedQuestion, Delivery, Occurrence
from bot.domain.delivery import Why
from bot.work import later


def settle(occurrence: Occurrence, state: str, reason: str | None = None) -> None:
    """The occurrence has come to its end."""
    occurrence.state, occurrence.reason, occurrence.look_at, occurrence.snoozed_until = state, reason, None, None


async def close(db: AsyncSession, occurrence: Occurrence, unanswered: str, reason: str | None = None) -> None:
    """A prompt is over: `answered` if anything of it was, else what it became."""
    await db.execute(  # a plan that was begun is an answer, if not a finished one
        update(AskedQuestion)
        .where(AskedQuestion.occurrence_id == occurrence.id, AskedQuestion.state == "open")
        .where(AskedQuestion.id.in_(select(Answer.question_id).where(Answer.leader_id == occurrence.leader_id)))
        .values(state="answered")
    )
    states = await question_states(db, occurrence.id)
    settle(occurrence, *(("answered", None) if "answered" in states else (unanswered, reason)))
    await later.forget_reminders(db, occurrence.id)
    await db.execute(
        update(AskedQuestion)
        .where(AskedQuestion.occurrence_id == occurrence.id, AskedQuestion.state == "open")
        .values(state="closed")
    )


async def expire_question(db: AsyncSession, question_id: UUID, state: str, reason: str, now: datetime) -> None:
    """A prompt that could not be sent in time: its step counts as expired, never as missed. What waits for it goes on."""
    question = await db.get_one(AskedQuestion, question_id)
    occurrence = await db.get_one(Occurrence, question.occurrence_id)
    if question.state != "open":  # it was answered all the same, or its step is over
        return
    if occurrence.state != "asked":
        question.state = "closed"
        return
    await enrolments.wake(db, occurrence.leader_id, now)
    if reason == Why.withdrawn and not await is_known(db, occurrence):  # its session has another time by now
        await enrolments.replan_one(db, occurrence.enrolment_id, now)
        await forget(db, occurrence)
    else:
        await close(db, occurrence, state, reason)


async def is_known(db: AsyncSession, occurrence: Occurrence) -> bool:
    """Whether its leader has seen anything of it, or has begun to answer."""
    questions = select(AskedQuestion.id).where(AskedQuestion.occurrence_id == occurrence.id)
    seen = select(Delivery.id).where(Delivery.question_id.in_(questions), Delivery.state == "sent")
    begun = select(Answer.id).where(Answer.question_id.in_(questions), Answer.leader_id == occurrence.leader_id)
    return await db.scalar(seen.limit(1)) is not None or await db.scalar(begun.limit(1)) is not None


async def end_open(db: AsyncSession, leader_id: UUID) -> None:
    """What is open to a leader ends unanswered, as nobody would read the answer; no reminder comes."""
    occurrence = await enrolments.open_occurrence(db, leader_id)
    if occurrence is not None:
        settle(occurrence, "cancelled", "ended")
        await later.forget_reminders(db, occurrence.id)
        await cancel_questions(db, occurrence, Why.sequence_ended)


async def cancel_questions(db: AsyncSession, occurrence: Occurrence, reason: Why) -> None:
    for question in await db.scalars(select(AskedQuestion).where(AskedQuestion.occurrence_id == occurrence.id)):
        question.state = "closed"
        await outbox.cancel(db, reason, Delivery.question_id == question.id)


async def forget(db: AsyncSession, occurrence: Occurrence) -> None:
    """Nothing of it was seen: as if it had never been planned."""
    questions = list(
        await db.scalars(select(AskedQuestion).where(AskedQuestion.occurrence_id == occurrence.id))
    )
    for question in questions:
        for delivery in await db.scalars(select(Delivery).where(Delivery.question_id == question.id)):
            await db.delete(delivery)
        await db.flush()
        await db.delete(question)
    await db.flush()
    await db.delete(occurrence)
    await db.flush()


async def question_states(db: AsyncSession, occurrence_id: UUID) -> set[str]:
    """The states of the questions of an occurrence."""
    return set(await db.scalars(select(AskedQuestion.state).where(AskedQuestion.occurrence_id == occurrence_id)))
