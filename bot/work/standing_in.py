"""Two steps of a sequence of which one is asked instead of the other, on a day on which both fall due."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Enrolment, Occurrence
from bot.domain.schedule import local
from bot.domain.sequence import Step

_NEVER_CAME = ("not_asked", "expired", "cancelled")


async def left_out(
    db: AsyncSession, enrolment: Enrolment, steps: Sequence[Step], occurrence: Occurrence, zone: str
) -> list[Occurrence]:
    """What is not asked because of this occurrence, which is not in the database yet: itself, if another one stands in
    for it that day; else the one whose place it takes, if that still waits."""
    if any(step.instead_of == occurrence.step for step in steps):
        others = [step.key for step in steps if step.instead_of == occurrence.step]
        if any(one.state not in _NEVER_CAME for one in await _that_day(db, enrolment, others, occurrence, zone)):
            return [occurrence]
    own = next(step for step in steps if step.key == occurrence.step)
    if not own.instead_of:
        return []
    found = await _that_day(db, enrolment, [own.instead_of], occurrence, zone)
    return [one for one in found if one.state == "waiting"]


async def _that_day(
    db: AsyncSession, enrolment: Enrolment, steps: Sequence[str], occurrence: Occurrence, zone: str
) -> list[Occurrence]:
    query = select(Occurrence).where(Occurrence.enrolment_id == enrolment.id, Occurrence.step.in_(steps))
    day = local(occurrence.due_at, zone).date()
    return [one for one in await db.scalars(query) if local(one.due_at, zone).date() == day]
