"""What fell due while nobody was to be asked is written down as not asked, and is not made up for."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Enrolment, Occurrence, Person
from bot.db.types import new_id
from bot.domain import arc
from bot.domain.silences import HELD
from bot.work import knowing
from bot.work.practice import Practice

_INSTANT = timedelta.resolution


async def leave_out(
    practice: Practice, db: AsyncSession, enrolment: Enrolment, leader: Person, now: datetime
) -> None:
    """What of an enrolment has been due and could still be asked."""
    facts = await knowing.facts_of(practice, db, enrolment, leader, now)
    db.add_all(
        Occurrence(
            id=new_id(), enrolment_id=enrolment.id, leader_id=leader.id, step=due.step, anchor=due.anchor,
            due_at=due.due_at, until=due.until, state="not_asked", reason=HELD,
        )
        for due in arc.upcoming(*facts, after=now - _INSTANT, before=now)
    )  # fmt: skip
    await db.flush()
