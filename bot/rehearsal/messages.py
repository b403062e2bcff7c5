"""Messages of all chats under one counter: as the Bot API shows them, and as a phone shows them."""

import json
from datetime import UTC, datetime
from typing import Any

from bot.rehearsal.files import find_file
from bot.rehearsal.people import as_bot_user, as_chat, as_user, find_person
from bot.rehearsal.store import Row
from bot.rehearsal.world import World

BOT = 0  # as a message's sender
CAPTIONED = ("animation", "photo", "document", "voice", "audio", "video")
MEDIA = (*CAPTIONED, "sticker", "video_note", "contact", "location", "poll", "dice")


def post(world: World, chat_id: int, sender: int, content: dict[str, Any], markup: Any = None) -> Row:
    """Put a message into a chat under the next id of the bot's one counter."""
    message_id = world.store.next_number("next_message", 1)
    world.store.run(
        "INSERT INTO message (message_id, chat_id, sender, date, content, markup) VALUES (?, ?, ?, ?, ?, ?)",
        message_id, chat_id, sender, world.seconds(), json.dumps(content),
        json.dumps(markup) if markup else None,
    )  # fmt: skip
    world.tell("chat", person=chat_id)
    row = find_message(world, chat_id, message_id)
    assert row is not None
    return row


def find_message(world: World, chat_id: int, message_id: int) -> Row | None:
    return world.store.one(
        "SELECT * FROM message WHERE chat_id = ? AND message_id = ? AND deleted = 0", chat_id, message_id
    )


def messages_of(world: World, chat_id: int) -> list[Row]:
    return world.store.all("SELECT * FROM message WHERE chat_id = ? AND deleted = 0 ORDER BY message_id", chat_id)


def revise(world: World, row: Row, content: dict[str, Any], markup: Any, *, hidden: bool = False) -> Row:
    """Replace what a message says; `hidden` when only its buttons change (Telegram shows no "edited")."""
    world.store.run(
        "UPDATE message SET content = ?, markup = ?, edited = ? WHERE message_id = ?",
        json.dumps(content), json.dumps(markup) if markup else None,
        row["edited"] if hidden else world.seconds(), row["message_id"],
    )  # fmt: skip
    world.tell("chat", person=row["chat_id"])
    revised = find_message(world, row["chat_id"], row["message_id"])
    assert revised is not None
    return revised


def erase(world: World, row: Row) -> None:
    world.store.run("UPDATE message SET deleted = 1 WHERE message_id = ?", row["message_id"])
    world.tell("chat", person=row["chat_id"])


def as_message(world: World, row: Row, *, with_reply: bool = True) -> dict[str, Any]:
    """The `Message` object of the Bot API."""
    content = json.loads(row["content"])
    reply_to = content.pop("reply_to", None)
    content.pop("service", None)
    markup = json.loads(row["markup"]) if row["markup"] else None
    person = find_person(world, row["sender"]) if row["sender"] != BOT else None
    message = {
        "message_id": row["message_id"],
        "from": as_user(person) if person else as_bot_user(world),
        "chat": as_chat(world, row["chat_id"]),
        "date": row["date"],
    }
    if row["edited"]:
        message["edit_date"] = row["edited"]
    replied = find_message(world, row["chat_id"], reply_to) if reply_to and with_reply else None
    if replied:
        message["reply_to_message"] = as_message(world, replied, with_reply=False)
    message |= content
    if markup and "inline_keyboard" in markup:
        message["reply_markup"] = markup
    return message


def as_seen(world: World, row: Row) -> dict[str, Any]:
    """The message as a phone shows it: the shape of the rehearsal API."""
    content, markup = json.loads(row["content"]), json.loads(row["markup"]) if row["markup"] else {}
    return {
        "message_id": row["message_id"],
        "from": "bot" if row["sender"] == BOT else "person",
        "date": iso(row["date"]),
        "text": content.get("text", content.get("caption", "")),
        "entities": content.get("entities", content.get("caption_entities", [])),
        "buttons": [[_as_button(button) for button in line] for line in markup.get("inline_keyboard", [])],
        "media": _as_media(world, content),
        "edited": bool(row["edited"]),
        "reply_to": content.get("reply_to"),
        "forwarded": "forward_origin" in content,
        "protected": bool(content.get("has_protected_content")),
        "force_reply": bool(markup.get("force_reply")),
        "placeholder": markup.get("input_field_placeholder"),
        "service": content.get("service"),
    }


def _as_button(button: dict[str, Any]) -> dict[str, Any]:
    seen = {"text": button["text"]}
    for theirs, ours in (("callback_data", "data"), ("url", "url"), ("style", "style")):
        if theirs in button:
            seen[ours] = button[theirs]
    return seen


def _as_media(world: World, content: dict[str, Any]) -> dict[str, Any] | None:
    kind = next((kind for kind in MEDIA if kind in content), None)
    if kind is None:
        return None
    if kind in ("contact", "location", "poll", "dice"):
        return {"kind": kind, "file_id": None, "name": None, "mime": None, "size": None, **content[kind]}
    thing = content[kind][-1] if kind == "photo" else content[kind]
    stored = find_file(world, thing["file_id"])
    return {
        "kind": kind,
        "file_id": thing["file_id"],
        "name": stored["name"] if stored else None,
        "mime": stored["mime"] if stored else None,
        "size": stored["size"] if stored else None,
    }


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
