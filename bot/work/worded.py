"""What a message of unknown fate reads, to the letter."""

import json
from typing import Any

from bot.db.tables import Delivery
from bot.errors import DataError, UnreadableError
from bot.work.practice import Practice

_NOT_EDITED = ("protect_content", "reply_parameters", "duration", "_file")


async def edit_of(practice: Practice, row: Delivery) -> dict[str, Any] | None:
    """What an edit has to say to change nothing; None where that cannot be said."""
    payload = await _said(practice, row)
    if payload is None or row.is_copy:  # a copy said so, and its first one did not
        return None
    edit = {name: value for name, value in payload.items() if name not in _NOT_EDITED}
    if "inline_keyboard" not in edit.get("reply_markup", {}):
        edit.pop("reply_markup", None)  # a request for a reply cannot be edited, and is not looked at
    return edit


async def asks_for_reply(practice: Practice, row: Delivery) -> bool:
    """Such a message can be edited by nobody."""
    return "force_reply" in (await _said(practice, row) or {}).get("reply_markup", {})


async def _said(practice: Practice, row: Delivery) -> dict[str, Any] | None:
    if row.payload is None:  # withdrawn while it was on its way
        return None
    try:
        box = await practice.vault.box(row.person_id, "shared")
        said: dict[str, Any] = json.loads(box.open("delivery.payload", row.id, row.payload))
    except (UnreadableError, DataError, ValueError):
        return None
    return said
