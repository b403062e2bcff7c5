"""What becomes of a message whose fate was unknown: it arrived, goes out once more, or is let go."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import outbox
from bot.db.tables import Delivery
from bot.domain.delivery import LEASE, POLICIES, Kind, State, Why, backoff
from bot.work import stuck
from bot.work.post import end, is_asked
from bot.work.practice import Practice

_SOON = 3  # so many tries follow each other at once


def arrived(row: Delivery, message_id: int) -> None:
    """It has been there all the time."""
    row.state, row.message_id, row.payload, row.lease_token = State.sent, message_id, None, None
    if row.sent_at is None and row.lease_until is not None:
        row.sent_at = row.lease_until - LEASE


async def send_again(db: AsyncSession, row: Delivery, now: datetime) -> None:
    """At once, unless it has not got through again and again: then less and less often."""
    if row.kind == Kind.prompt and not await is_asked(db, row):
        row.state, row.reason, row.payload = State.failed, Why.lost, None
        return
    pause = backoff(row.attempt - _SOON, 0.5) if row.attempt > _SOON else timedelta(0)
    row.state, row.due_at, row.lease_token, row.reason = State.pending, now + pause, None, None


async def end_search(practice: Practice, db: AsyncSession, row: Delivery, now: datetime) -> None:
    """An edit is not looked for. One that cannot be settled is put off, and holds up nobody."""
    with stuck.blamed(row, "lease_until"):
        await (_by_kind if row.target_id is None else _edit_again)(practice, db, row, now)


async def _by_kind(practice: Practice, db: AsyncSession, row: Delivery, now: datetime) -> None:
    """Nobody will ever know: sent once more and says so, or let go."""
    if POLICIES[Kind(row.kind)].repeat and not row.is_copy:
        row.is_copy = True
        await send_again(db, row, now)
    else:
        await end(practice, db, row, State.failed, Why.lost, now)


async def _edit_again(practice: Practice, db: AsyncSession, row: Delivery, now: datetime) -> None:
    """The same edit twice changes nothing; one that a later edit has overtaken would bring back what was."""
    if await outbox.is_overtaken(db, row):
        await end(practice, db, row, State.cancelled, Why.overtaken, now)
    else:
        await send_again(db, row, now)
