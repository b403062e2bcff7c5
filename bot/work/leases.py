"""Leases among several processes: one polls, one sends. Time is the database's own: machines' clocks differ."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Lease
from bot.work.practice import Practice


@dataclass(frozen=True)
class Fence:
    """One holding of a lease. The number grows with every holder."""

    name: str
    holder: str
    number: int


class Right(Protocol):
    """What only one process may do at a time. `fence` is None where there is only one process."""

    fence: Fence | None

    def is_ours(self) -> bool: ...


async def take(practice: Practice, name: str, holder: str, span: timedelta) -> Fence | None:
    """Take a lease that nobody holds, or whose holder has let it run out; None while somebody has it."""
    until = func.clock_timestamp() + literal(span)
    insert = postgresql.insert(Lease).values(name=name, holder=holder, fence=1, until=until)
    taken = insert.on_conflict_do_update(
        index_elements=[Lease.name],
        set_={"holder": holder, "fence": Lease.fence + 1, "until": until},
        where=Lease.until <= func.clock_timestamp(),
    ).returning(Lease.fence)
    async with practice.database.append() as db:
        number = (await db.execute(taken)).scalar_one_or_none()
    return None if number is None else Fence(name, holder, number)


async def renew(practice: Practice, fence: Fence, span: timedelta) -> bool:
    """Hold it for longer. False when somebody else has taken it."""
    renewed = update(Lease).where(*_is(fence)).values(until=func.clock_timestamp() + literal(span))
    async with practice.database.append() as db:
        return (await db.execute(renewed.returning(Lease.fence))).scalar_one_or_none() is not None


async def give_back(practice: Practice, fence: Fence) -> None:
    """Others need not wait until it has run out."""
    async with practice.database.append() as db:
        await db.execute(update(Lease).where(*_is(fence)).values(until=func.clock_timestamp()))


async def is_ours(db: AsyncSession, right: Right | None) -> bool:
    """Whether nobody else has taken it; asked in the transaction that relies on it."""
    if right is None:
        return True
    if right.fence is None or not right.is_ours():
        return right.is_ours()
    return (await db.execute(select(Lease.fence).where(*_is(right.fence)))).scalar_one_or_none() is not None


def _is(fence: Fence) -> tuple[Any, ...]:
    return (Lease.name == fence.name, Lease.holder == fence.holder, Lease.fence == fence.number)
