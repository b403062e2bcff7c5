"""What the outbox knows of ids, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from bot.db import outbox, schema
from bot.db.engine import Database
from bot.db.tables import Delivery, Person
from bot.db.types import new_id
from bot.domain.delivery import LEASE, Why

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ANNA = new_id()


def sent(message_id: int, *, claimed: datetime, dated: datetime, **more: Any) -> dict[str, Any]:
    return {
        "id": new_id(), "person_id": ANNA, "chat_id": 7, "lane": 1, "kind": "prompt", "method": "sendMessage",
        "dedupe_key": str(message_id), "state": "sent", "due_at": claimed, "lease_until": claimed + LEASE,
        "message_id": message_id, "sent_at": dated, "attempt": 1,
        "reason": None, "is_copy": False,
    } | more  # fmt: skip


async def test_later_is_what_was_claimed_later_whatever_telegrams_clock_says(database_url: str) -> None:
    """With its clock an hour ahead everything would be later, and what was lost beside it would be looked for nowhere."""
    database = Database(database_url)
    if await schema.state_of(database.engine) == "empty":
        await schema.upgrade(database.engine)
    minute = timedelta(minutes=1)
    async with database.write() as db:
        await db.execute(insert(Person), [{"id": ANNA, "language": "en", "joined_at": NOW, "last_seen_at": NOW}])
        await db.execute(insert(Delivery), [
            sent(10, claimed=NOW, dated=NOW + 60 * minute), sent(12, claimed=NOW + 3 * minute, dated=NOW),
            sent(13, claimed=NOW + 4 * minute, dated=NOW), sent(8, claimed=NOW + 4 * minute, dated=NOW, attempt=2),
            sent(11, claimed=NOW + 5 * minute, dated=NOW, state="failed"),
            sent(9, claimed=NOW + 5 * minute, dated=NOW, is_copy=True),
        ])  # fmt: skip

    async with database.read() as db:
        found = [await outbox.first_id_after(db, above, NOW + 2 * minute) for above in (7, 12, 13)]
    await database.close()

    assert found == [12, 13, None]


async def test_what_waits_for_somebody_goes_on_when_they_are_back_and_stays_a_copy(database_url: str) -> None:
    database = Database(database_url)
    if await schema.state_of(database.engine) == "empty":
        await schema.upgrade(database.engine)
    later = NOW + timedelta(days=2)
    waits = [sent(n, claimed=later, dated=NOW, state="pending", reason=reason, is_copy=n == 1)
             for n, reason in enumerate((Why.unreachable, Why.unreachable, Why.paused, None))]  # fmt: skip
    async with database.write() as db:
        await db.execute(insert(Person), [{"id": ANNA, "language": "en", "joined_at": NOW, "last_seen_at": NOW}])
        await db.execute(insert(Delivery), waits)
        await outbox.release(db, ANNA, NOW)

    async with database.read() as db:
        rows = (await db.scalars(select(Delivery).order_by(Delivery.message_id))).all()
        found = [(row.due_at == NOW, row.reason, row.is_copy) for row in rows]
    await database.close()

    assert found == [(True, None, False), (True, None, True), (False, Why.paused, False), (False, None, False)]
