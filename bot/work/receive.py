"""Raw updates in: stored before anything else, handled in the order of each chat, a poisonous one set aside alone."""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.db import engine, inbox, people
from bot.db.types import new_id
from bot.errors import UnreadableError
from bot.log import get_logger
from bot.vault import PRACTICE
from bot.work.practice import Practice

log = get_logger(__name__)

_TRIES = 3
_BODY = "inbound.body"


is_away, is_surely_away = engine.is_away, engine.is_surely_away


@dataclass(frozen=True)
class Waiting:
    """A stored update whose turn it is."""

    update_id: int
    chat_id: int | None
    raw: dict[str, Any] = field(repr=False)

    @property
    def has_file(self) -> bool:
        """Whether something has to be fetched before it can be handled."""
        return not {"voice", "document"}.isdisjoint(_inner(self.raw, "message"))

    @property
    def is_urgent(self) -> bool:
        return is_urgent(self.raw)


def is_urgent(raw: dict[str, Any]) -> bool:
    """Whether somebody asks where to turn now."""
    return re.match(r"/urgent\b", str(_inner(raw, "message").get("text", "")), re.IGNORECASE) is not None


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
    """What has to be known of it before it is handled; however odd it is, it must not keep the others out."""
    pressed = _inner(raw, "callback_query")
    said = [_inner(raw, kind) for kind in ("message", "edited_message", "my_chat_member")]
    message = next(filter(None, [*said, _inner(pressed, "message")]), {})
    chat_id = _number(_inner(message, "chat").get("id"))
    is_group = chat_id is not None and chat_id < 0  # where messages are numbered apart
    return {
        "update_id": raw["update_id"],
        "id": row_id,
        "chat_id": chat_id,
        "message_id": None if is_group else _number(message.get("message_id")),
        "callback_query_id": pressed["id"] if isinstance(pressed.get("id"), str) else None,
        "received_at": now,
        "state": "waiting",
        "attempt": 0,
        "body": body,
    }


def _inner(raw: dict[str, Any], name: str) -> dict[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, dict) else {}


def _number(found: Any) -> int | None:
    return found if isinstance(found, int) and abs(found) < 1 << 63 else None


async def next_waiting(practice: Practice, but: Collection[int] = ()) -> Waiting | None:
    """The oldest update that has not been handled, of other chats than these. One that cannot be read is set aside."""
    box = await practice.vault.box(PRACTICE, "practice")
    while True:
        async with practice.database.read() as db:
            row = await inbox.oldest_waiting(db, but)
        if row is None:
            return None
        try:
            return Waiting(row.update_id, row.chat_id, json.loads(box.open(_BODY, row.id, row.body or b"")))
        except (UnreadableError, ValueError) as error:
            log.error("update set aside", update_id=row.update_id, error=type(error).__name__)
        async with practice.database.write() as db:
            await inbox.quarantine(db, row.update_id)


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
