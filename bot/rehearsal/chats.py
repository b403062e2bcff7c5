"""Whether the bot may speak in a chat, and which message a call means."""

import json
from typing import Any

from bot.rehearsal.errors import bad, forbidden
from bot.rehearsal.messages import find_message
from bot.rehearsal.params import Params
from bot.rehearsal.people import as_chat, find_person
from bot.rehearsal.store import Row
from bot.rehearsal.world import World


def known_chat(world: World, params: Params, field: str = "chat_id") -> int:
    """The chat a call names; refused like the real server when the bot does not know it."""
    given = params.text(field)
    if not given:
        raise bad(f"{field} is empty")
    if not given.lstrip("-").isdecimal() or as_chat(world, int(given)) is None:
        raise bad("chat not found")
    return int(given)


def open_chat(world: World, params: Params) -> int:
    """A chat the bot may write to now."""
    chat_id = known_chat(world, params)
    if chat_id < 0:
        crowd = world.store.one("SELECT member FROM crowd WHERE id = ?", chat_id)
        if crowd and not crowd["member"]:
            raise forbidden("bot is not a member of the group chat")
        return chat_id
    person = find_person(world, chat_id)
    assert person is not None
    if person["blocked"]:
        raise forbidden("bot was blocked by the user")
    if not person["started"]:
        raise forbidden("bot can't initiate conversation with a user")
    return chat_id


def replied_message(world: World, params: Params, chat_id: int) -> dict[str, Any]:
    """The message `reply_parameters` points to, as stored content."""
    given = params.structure("reply_parameters", "reply parameters")
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise bad("object expected as reply parameters")
    if "message_id" not in given:
        raise bad('can\'t find field "message_id"')
    if not isinstance(given["message_id"], int):
        raise bad('field "message_id" must be of type Number')
    if find_message(world, chat_id, given["message_id"]):
        return {"reply_to": given["message_id"]}
    if given.get("allow_sending_without_reply") is True:
        return {}
    raise bad("message to be replied not found")


def _asks_for_reply(row: Row) -> bool:
    """Or shows a keyboard of another kind than the one under a message: Telegram lets nobody edit it."""
    return bool(row["markup"]) and "inline_keyboard" not in json.loads(row["markup"])


def own_message(world: World, params: Params, chat_id: int) -> Row:
    """A message of the bot's that a call wants to edit."""
    message_id = params.integer("message_id")
    if message_id <= 0:
        raise bad("message identifier is not specified")
    row = find_message(world, chat_id, message_id)
    if row is None:
        raise bad("message to edit not found")
    if row["sender"] != 0 or _asks_for_reply(row):
        raise bad("message can't be edited")
    return row
