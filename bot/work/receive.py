"""Raw updates in: stored before anything else, handled one by one, a poisonous one set aside alone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.db import engine, inbox, people
from bot.db.types import new_id
from bot.vault import PRACTICE
from bot.work.practice import Practice

_TRIES = 3
_BODY = "inbound.body"


is_away = engine.is_away


@dataclass(frozen=True)
class Waiting:
    """A stored update whose turn it is."""

    update_id: int
    raw: dict[str, Any] = field(repr=False)


async def store(practice: Practice, updates: Sequence[dict[str, Any]], now: datetime) -> int:
    """Commit a batch as it came, sealed. Only then may Telegram be told that it arrived. How many were new."""
    if not updates:
        return 0
    box = await practice.vault.box(PRACTICE, "practice")
    ids = [new_id() for _ in updates]
    rows = [
        _row(raw, row_id, box.seal(_BODY, row_id, json.dumps(raw)), now)
        for raw, row_id in zip(updates, ids, strict=True)
    ]
    async with practice.database.append("receive") as db:
        return await inbox.insert(db, rows)


def _row(raw: dict[str, Any], row_id: UUID, body: bytes, now: datetime) -> dict[str, Any]:
    callback = raw.get("callback_query") or {}
    message = raw.get("message") or raw.get("edited_message") or callback.get("message") or raw.get("my_chat_member")
    return {
        "update_id": raw["update_id"],
        "id": row_id,
        "chat_id": (message or {}).get("chat", {}).get("id"),
        "callback_query_id": callback.get("id"),
        "received_at": now,
        "state": "waiting",
        "attempt": 0,
        "body": body,
    }


async def next_waiting(practice: Practice) -> Waiting | None:
    """The oldest update that has not been handled."""
    box = await practice.vault.box(PRACTICE, "practice")
    async with practice.database.read() as db:
        row = await inbox.oldest_waiting(db)
        if row is None or row.body is None:
            return None
        return Waiting(row.update_id, json.loads(box.open(_BODY, row.id, row.body)))


async def failed(practice: Practice, update_id: int, now: datetime) -> bool:
    """Handling it raised. True when that was its last try: it is set aside, its sender is told, and the others go on."""
    async with practice.database.write() as db:
        if await inbox.count_attempt(db, update_id) < _TRIES:
            return False
        await inbox.quarantine(db, update_id)
        await people.said_aside(db, update_id, now)
    return True


async def dismiss(practice: Practice, update_id: int, *, keep_chat: bool, said_at: datetime | None = None) -> None:
    """Done without effect: nothing of it is kept; of a stranger not even which chat it was. `said_at`: when it was
    answered without the outbox."""
    async with practice.database.write() as db:
        if said_at is not None:
            await people.said_aside(db, update_id, said_at)
        await inbox.finish(db, update_id, keep_chat=keep_chat)
