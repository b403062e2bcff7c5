"""What a leader brings to the next session, in their own order. Pinning changes nothing about who reads the words."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Answer, Enrolment, Occurrence, Pin
from bot.db.types import new_id


async def pin_answer(db: AsyncSession, answer: Answer, now: datetime) -> None:
    """Bring an answer to the session; nothing happens when it is on the agenda already."""
    is_pinned = select(Pin.id).where(Pin.answer_id == answer.id, Pin.cleared_at.is_(None))
    if await db.scalar(is_pinned) is None:
        await _add(db, answer.leader_id, answer.engagement_id, now, answer_id=answer.id)


async def pin_occurrence(db: AsyncSession, occurrence: Occurrence, now: datetime) -> None:
    """A prompt somebody would rather talk about: a point without content."""
    is_pinned = select(Pin.id).where(Pin.occurrence_id == occurrence.id, Pin.cleared_at.is_(None))
    if await db.scalar(is_pinned) is None:
        enrolment = await db.get_one(Enrolment, occurrence.enrolment_id)
        await _add(db, occurrence.leader_id, enrolment.engagement_id, now, occurrence_id=occurrence.id)


async def _add(
    db: AsyncSession, leader_id: UUID, engagement_id: UUID, now: datetime,
    *, answer_id: UUID | None = None, occurrence_id: UUID | None = None,
) -> None:  # fmt: skip
    last = await db.scalar(select(func.max(Pin.position)).where(Pin.leader_id == leader_id, Pin.cleared_at.is_(None)))
    pin = Pin(
        id=new_id(), leader_id=leader_id, engagement_id=engagement_id, answer_id=answer_id,
        occurrence_id=occurrence_id, position=(last or 0) + 1, made_at=now,
    )  # fmt: skip
    db.add(pin)
    await db.flush()
