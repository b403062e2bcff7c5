"""What a leader brings to the next session, in their own order. Pinning changes nothing about who reads the words."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Answer, Enrolment, Occurrence, Pin
from bot.db.types import new_id
from bot.domain.sequence import Step
from bot.work import sequences
from bot.work.practice import Practice


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


async def on_agenda(db: AsyncSession, engagement_id: UUID) -> list[Pin]:
    """What is on the agenda of an engagement's next session, in the leader's order."""
    query = select(Pin).where(Pin.engagement_id == engagement_id, Pin.cleared_at.is_(None))
    return list(await db.scalars(query.order_by(Pin.position, Pin.id)))


async def pinned_ids(db: AsyncSession, leader_id: UUID) -> set[UUID]:
    """The answers a leader has on the agenda."""
    query = select(Pin.answer_id).where(Pin.leader_id == leader_id, Pin.cleared_at.is_(None))
    return {answer_id for answer_id in await db.scalars(query) if answer_id is not None}


async def step_of(practice: Practice, db: AsyncSession, pin: Pin) -> Step:
    """The step somebody would rather talk about."""
    occurrence = await db.get_one(Occurrence, pin.occurrence_id)
    enrolment = await db.get_one(Enrolment, occurrence.enrolment_id)
    return (await sequences.of_enrolment(practice, db, enrolment)).step(occurrence.step)


async def unpin_answer(db: AsyncSession, answer: Answer, now: datetime) -> None:
    await db.execute(update(Pin).where(Pin.answer_id == answer.id, Pin.cleared_at.is_(None)).values(cleared_at=now))


def swap(pins: list[Pin], place: int, by: int) -> None:
    """Move one up or down among those on the agenda; positions are written anew."""
    other = place + by
    if 0 <= other < len(pins):
        pins[place], pins[other] = pins[other], pins[place]
    for position, pin in enumerate(pins, start=1):
        pin.position = position


async def clear(db: AsyncSession, engagement_id: UUID, now: datetime, *, made_before: datetime | None = None) -> None:
    """Take everything off an agenda, or what was on it before a moment: what a session has had, the next does not need."""
    query = update(Pin).where(Pin.engagement_id == engagement_id, Pin.cleared_at.is_(None))
    if made_before is not None:
        query = query.where(Pin.made_at < made_before)
    await db.execute(query.values(cleared_at=now))
