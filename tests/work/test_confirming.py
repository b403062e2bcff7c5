"""What became of several messages is written down together; what is wrong with one of them does not concern the others."""

import asyncio
from datetime import UTC, datetime
from typing import cast
from uuid import uuid4

from sqlalchemy import event, select

from bot.catalog import Catalog
from bot.db import schema
from bot.db.engine import Database
from bot.db.tables import Delivery, Person
from bot.db.types import new_id
from bot.domain.delivery import NotSent, Sent
from bot.vault import Vault
from bot.work import confirming
from bot.work.post import Outgoing, Post
from bot.work.practice import Practice

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def on_its_way(person: Person, chat: int) -> Delivery:
    return Delivery(
        id=new_id(), person_id=person.id, chat_id=chat, lane=1, kind="prompt", method="sendMessage", state="sending",
        dedupe_key=str(chat), due_at=NOW, lease_token=uuid4(), lease_until=NOW, attempt=1, payload=b"sealed",
    )  # fmt: skip


async def test_one_commit_for_what_ends_at_once_and_none_is_lost_with_another(database_url: str) -> None:
    database = Database(database_url)
    if await schema.state_of(database.engine) == "empty":
        await schema.upgrade(database.engine)
    practice, post = Practice(database, cast("Vault", None), Catalog({}), "Test"), Post()
    anna = Person(id=new_id(), language="en", joined_at=NOW, last_seen_at=NOW, zone="Europe/London")
    rows = [on_its_way(anna, chat) for chat in range(1, 9)]
    async with database.write() as db:
        db.add(anna)
        await db.flush()
        db.add_all(rows)
    out = [Outgoing(row.id, row.lease_token or uuid4(), row.chat_id, 1, "sendMessage", {}) for row in rows]
    unheard_of = Outgoing(new_id(), uuid4(), 99, 1, "sendMessage", {})
    commits: list[object] = []
    event.listen(database.engine.sync_engine, "commit", commits.append)

    def confirm(one: Outgoing) -> asyncio.Task[None]:
        outcome = NotSent("no answer") if one is unheard_of else Sent(one.chat_id, NOW)
        return asyncio.create_task(confirming.confirm(practice, post, one, outcome, NOW))

    async with post.writing:  # a commit is under way
        four = [confirm(one) for one in out[:4]]
        await asyncio.sleep(0)
        four[1].cancel()  # who waits for it may be told to stop: it is written all the same
    await asyncio.gather(*four, return_exceptions=True)
    for_four = len(commits)
    async with post.writing:
        five = [confirm(one) for one in (*out[4:], unheard_of)]
        await asyncio.sleep(0)
    ended = await asyncio.gather(*five, return_exceptions=True)

    async with database.read() as db:
        sent = dict((await db.execute(select(Delivery.chat_id, Delivery.message_id).where(Delivery.state == "sent"))).all())
    await database.close()
    assert sent == {chat: chat for chat in range(1, 9)}
    assert [type(one).__name__ for one in ended if one is not None] == ["NoResultFound"]
    assert for_four == 1
    assert post.ended == []
