"""The outbox: claim the oldest due row, write down what became of it."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Exists, Update, and_, exists, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db.engine import Instant
from bot.db.tables import Delivery
from bot.domain.delivery import LEASE, POLICIES, Kind, State

HELD, PAUSED = "unreachable", "paused"


async def oldest_due(db: AsyncSession, now: datetime, lane: int) -> Delivery | None:
    """The oldest due row of a lane whose chat has nothing on its way: one in flight per chat keeps the order."""
    query = (
        select(Delivery)
        .where(Delivery.state == State.pending, Delivery.lane == lane, Delivery.due_at <= now, ~_chat_is_busy())
        .where(or_(Delivery.attempt > 0, ~_failed_earlier()))
        .order_by(Delivery.due_at, Delivery.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await db.scalars(query)).one_or_none()


@cache
def _chat_is_busy() -> Exists:
    """Something is on its way to this chat, or nobody knows whether it arrived; a reply does not wait to find out."""
    other = aliased(Delivery)
    lost = and_(other.state == State.unknown, Delivery.lane > 0)
    return exists().where(other.chat_id == Delivery.chat_id, or_(other.state == State.sending, lost))


@cache
def _failed_earlier() -> Exists:
    """An earlier message of this chat waits for another try: what was written after it comes after it."""
    other = aliased(Delivery)
    return exists().where(
        other.chat_id == Delivery.chat_id,
        other.lane == Delivery.lane,
        other.state == State.pending,
        other.attempt > 0,
        other.id < Delivery.id,
    )


def claim(delivery: Delivery, now: datetime, token: UUID, watermark: int) -> None:
    delivery.state = State.sending
    delivery.attempt += 1
    delivery.lease_token = token
    delivery.lease_until = now + LEASE
    delivery.watermark = watermark


def held(delivery_id: UUID, token: UUID) -> Update:
    """An update of a row that is still ours; nothing matches once the lease was lost."""
    return update(Delivery).where(
        Delivery.id == delivery_id, Delivery.lease_token == token, Delivery.state == State.sending
    )


async def lapse(db: AsyncSession, now: datetime, *, all_of_them: bool = False) -> int:
    """Sends whose lease has run out: nobody knows what became of them. How many there were."""
    query = (
        update(Delivery)
        .where(Delivery.state == State.sending, true() if all_of_them else Delivery.lease_until <= now)
        .values(state=State.unknown)
        .returning(Delivery.id)
    )
    return len((await db.execute(query)).all())


async def unknown_since(db: AsyncSession, before: datetime) -> Delivery | None:
    """The oldest row of unknown fate whose lease ended by `before`."""
    query = (
        select(Delivery)
        .where(Delivery.state == State.unknown, Delivery.lease_until <= before)
        .order_by(Delivery.lease_until)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await db.scalars(query)).one_or_none()


def due_instants() -> list[Instant]:
    """When the outbox wants to be looked at: a due row, a lease that ends."""
    due = select(func.min(Delivery.due_at)).where(
        Delivery.state == State.pending, ~_chat_is_busy(), or_(Delivery.attempt > 0, ~_failed_earlier())
    )
    leased = select(func.min(Delivery.lease_until)).where(Delivery.state == State.sending)
    return [due.scalar_subquery(), leased.scalar_subquery()]


def unknown_instant() -> Instant:
    """The earliest end of the lease of a row whose fate is unknown."""
    return select(func.min(Delivery.lease_until)).where(Delivery.state == State.unknown).scalar_subquery()


async def cancel(db: AsyncSession, reason: str, *conditions: Any) -> None:
    """Withdraw what has not been sent; its text is wiped."""
    await db.execute(
        update(Delivery)
        .where(Delivery.state == State.pending, *conditions)
        .values(state=State.cancelled, reason=reason, payload=None)
    )


async def hold_back(db: AsyncSession, person_id: UUID, now: datetime, lull: timedelta) -> None:
    """The next question of a conversation waits a little more: the answer before it goes on."""
    waits = (Delivery.state == State.pending, Delivery.kind == Kind.prompt, Delivery.lane == POLICIES[Kind.reply].lane)
    await db.execute(
        update(Delivery)
        .where(Delivery.person_id == person_id, *waits, Delivery.due_at > now)
        .values(due_at=now + lull)
    )


async def release(db: AsyncSession, person_id: UUID, now: datetime) -> None:
    """Somebody can be reached again: what was held for them and is still worth sending goes out."""
    await db.execute(
        update(Delivery)
        .where(Delivery.person_id == person_id, Delivery.state == State.pending, Delivery.reason == HELD)
        .values(due_at=now, reason=None)
    )


async def end_pause(db: AsyncSession, person_id: UUID, now: datetime) -> None:
    """A pause is over, or another one: what waited for its end is looked at again."""
    await db.execute(
        update(Delivery)
        .where(Delivery.person_id == person_id, Delivery.state == State.pending, Delivery.reason == PAUSED)
        .values(due_at=now, reason=None)
    )


async def by_nonce(db: AsyncSession, nonce: str) -> Delivery | None:
    return (await db.scalars(select(Delivery).where(Delivery.nonce == nonce))).one_or_none()


async def by_message(db: AsyncSession, chat_id: int, message_id: int) -> Delivery | None:
    """The delivery that became this message."""
    query = select(Delivery).where(Delivery.chat_id == chat_id, Delivery.message_id == message_id)
    return (await db.scalars(query.where(Delivery.target_id.is_(None)).limit(1))).one_or_none()


async def counts(db: AsyncSession, since: datetime) -> dict[str, int]:
    """Deliveries by state: everything unfinished, and what ended since."""
    unfinished = Delivery.state.in_([State.pending, State.sending, State.unknown])
    query = (
        select(Delivery.state, func.count())
        .where(or_(unfinished, and_(~unfinished, Delivery.due_at >= since)))
        .group_by(Delivery.state)
    )
    return {row[0]: row[1] for row in await db.execute(query)}


async def highest_message_id(db: AsyncSession) -> int:
    return await db.scalar(select(func.max(Delivery.message_id))) or 0
