"""What Telegram brings is stored in one statement, once each, whatever of it is there already; on both databases."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from bot.db import inbox, schema
from bot.db.engine import Database
from bot.db.tables import Inbound
from bot.db.types import new_id

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def update(number: int, tap: str | None = None) -> dict[str, Any]:
    return {
        "update_id": number, "id": new_id(), "chat_id": 7, "callback_query_id": tap, "received_at": NOW,
        "state": "waiting", "attempt": 0, "body": b"sealed",
    }  # fmt: skip


async def test_a_batch_that_came_in_part_before_adds_only_what_is_new(database_url: str) -> None:
    database = Database(database_url)
    if await schema.state_of(database.engine) == "empty":
        await schema.upgrade(database.engine)
    async with database.write() as db:
        first = await inbox.insert(db, [update(n) for n in range(1, 101)] + [update(101, tap="a tap")])

    async with database.write() as db:
        again = await inbox.insert(db, [update(n) for n in range(90, 111)] + [update(200, tap="a tap")])

    async with database.read() as db:
        stored = await db.scalar(select(func.count()).select_from(Inbound))
        oldest = await inbox.oldest_waiting(db)
    await database.close()
    assert (first, again, stored) == (101, 9, 110)
    assert oldest is not None
    assert (oldest.update_id, oldest.received_at, oldest.chat_id) == (1, NOW, 7)
