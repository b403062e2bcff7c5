"""What a person can do with a phone: write, tap, edit, block; each becomes the update Telegram would send."""

import base64
import binascii
import json
import secrets
import zlib
from typing import Any

from bot.rehearsal.entities import detect, split_as_client, units
from bot.rehearsal.errors import UnplayableError
from bot.rehearsal.files import FOLDERS, as_content, keep_file
from bot.rehearsal.groups import membership
from bot.rehearsal.messages import BOT, as_message, find_message, post, revise
from bot.rehearsal.people import as_user, the_person
from bot.rehearsal.store import Row
from bot.rehearsal.updates import put_update
from bot.rehearsal.world import TAP_LIFE_S, World

EDITABLE_S = 48 * 3600
MAX_CAPTION = 1024


def send(world: World, person_id: int, said: dict[str, Any]) -> list[int]:
    """Send text (in several messages when it is long) or one file with a caption; the new message ids."""
    person = _writer(world, person_id)
    contents = _contents(world, said)
    extra = _reply_and_origin(world, person_id, said)
    with world.store.transaction():
        _start_if_new(world, person)
        rows = [post(world, person_id, person_id, content | extra) for content in contents]
        for row in rows:
            put_update(world, "message", as_message(world, row), f"chat:{person_id}")
        _hide_used_keyboard(world, person, said.get("text"))
    return [row["message_id"] for row in rows]


def _writer(world: World, person_id: int) -> Row:
    person = the_person(world, person_id)
    if person["blocked"]:
        raise UnplayableError(400, f"{person['name']} has blocked the bot; unblock it first.")
    return person


def _contents(world: World, said: dict[str, Any]) -> list[dict[str, Any]]:
    text, media = said.get("text"), said.get("media")
    if text is not None and not isinstance(text, str):
        raise UnplayableError(400, "The text of a message is a string.")
    text = (text or "").strip()
    _must_be_text(text)
    if said.get("album") is not None:
        return _album(world, said["album"])
    if media is None:
        if not text:
            raise UnplayableError(400, "A message needs text or media.")
        return [_marked("text", part) for part in split_as_client(text)]
    if not isinstance(media, dict):
        raise UnplayableError(400, "Media is an object with kind, name, mime and base64.")
    if units(text) > MAX_CAPTION:
        raise UnplayableError(400, f"A caption has at most {MAX_CAPTION} UTF-16 units.")
    return [_media(world, media) | (_marked("caption", text) if text else {})]


def _album(world: World, given: object) -> list[dict[str, Any]]:
    """Two to ten pictures or files sent at once: a message each, bound together by one id."""
    if not isinstance(given, list) or not 2 <= len(given) <= 10 or not all(isinstance(one, dict) for one in given):
        raise UnplayableError(400, "An album is a list of two to ten media objects.")
    group = {"media_group_id": str(secrets.randbits(53))}
    contents = []
    for one in given:
        if one.get("kind") not in ("photo", "video", "document", "audio"):
            raise UnplayableError(400, "An album holds photos, videos, documents or audio files.")
        text = str(one.get("text") or "").strip()
        if units(text) > MAX_CAPTION:
            raise UnplayableError(400, f"A caption has at most {MAX_CAPTION} UTF-16 units.")
        contents.append(_media(world, one) | group | (_marked("caption", text) if text else {}))
    return contents


def _must_be_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnplayableError(400, "The text has half a character in it (a lone surrogate).") from None


def _marked(field: str, text: str) -> dict[str, Any]:
    entities = detect(text, [])
    name = "entities" if field == "text" else "caption_entities"
    return {field: text} | ({name: entities} if entities else {})


def _media(world: World, media: dict[str, Any]) -> dict[str, Any]:
    kind = media.get("kind")
    if kind == "contact":
        return {"contact": {"phone_number": str(media.get("phone_number", "447700900123")),
                            "first_name": str(media.get("name") or "A friend")}}  # fmt: skip
    if kind == "location":
        return {"location": {"latitude": float(media.get("latitude", 51.5074)),
                             "longitude": float(media.get("longitude", -0.1278))}}  # fmt: skip
    if kind == "dice":
        return {"dice": {"emoji": "🎲", "value": 4}}
    if kind == "poll":
        return {"poll": _poll()}
    if kind not in FOLDERS:
        kinds = ", ".join((*FOLDERS, "contact", "location", "poll", "dice"))
        raise UnplayableError(400, f"The kind of media is one of {kinds}.")
    try:
        body = base64.b64decode(str(media.get("base64") or ""), validate=True)
    except (binascii.Error, ValueError):
        raise UnplayableError(400, "The media's base64 cannot be decoded.") from None
    if not body:
        raise UnplayableError(400, "The media's base64 is empty.")
    name, mime = media.get("name"), media.get("mime")
    with world.store.transaction():
        facts = {"duration": int(media["duration"])} if str(media.get("duration", "")).isdecimal() else {}
        row = keep_file(world, str(kind), str(name) if name else None, str(mime) if mime else None, body, **facts)
    return as_content(row)


def _poll() -> dict[str, Any]:
    options = [{"persistent_id": str(n), "text": text, "voter_count": 0} for n, text in enumerate(("Yes", "No"))]
    return {"id": str(secrets.randbits(53)), "question": "Friday?", "options": options, "total_voter_count": 0,
            "is_closed": False, "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
            "allows_revoting": False, "members_only": False}  # fmt: skip


def _reply_and_origin(world: World, person_id: int, said: dict[str, Any]) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if said.get("reply_to") is not None:
        replied = the_message(world, person_id, said["reply_to"])
        extra["reply_to"] = replied["message_id"]
        if said.get("quote"):
            extra["quote"] = _quote(replied, str(said["quote"]))
    if said.get("forwarded"):
        name = said["forwarded"] if isinstance(said["forwarded"], str) else "Somebody else"
        extra["forward_origin"] = {"type": "hidden_user", "sender_user_name": name, "date": world.seconds()}
    return extra


def _quote(replied: Row, part: str) -> dict[str, Any]:
    """The part of a message that was marked before replying: it must stand there, word for word."""
    text = str(json.loads(replied["content"]).get("text") or json.loads(replied["content"]).get("caption") or "")
    if part not in text:
        raise UnplayableError(400, "A quote is a part of the message it replies to.")
    position = len(text[: text.index(part)].encode("utf-16-le")) // 2
    return {"text": part, "position": position, "is_manual": True}


def the_message(world: World, person_id: int, message_id: object) -> Row:
    row = find_message(world, person_id, message_id) if isinstance(message_id, int) else None
    if row is None:
        raise UnplayableError(404, f"There is no message {message_id!r} in this chat.")
    return row


def _start_if_new(world: World, person: Row) -> None:
    """The first message is the tap on START; Telegram reports the bot's new membership with it."""
    if person["started"]:
        return
    world.store.run("UPDATE person SET started = 1 WHERE id = ?", person["id"])
    _membership(world, person, "kicked", "member")
    world.tell("people")


def _membership(world: World, person: Row, old: str, new: str) -> None:
    body = membership(world, person["id"], as_user(person), old, new)
    put_update(world, "my_chat_member", body, f"chat:{person['id']}")


def _hide_used_keyboard(world: World, person: Row, text: object) -> None:
    keyboard = json.loads(person["keyboard"]) if person["keyboard"] else {}
    labels = {button["text"] for row in keyboard.get("keyboard", []) for button in row}
    if keyboard.get("one_time_keyboard") and text in labels:
        world.store.run("UPDATE person SET keyboard = NULL WHERE id = ?", person["id"])


def edit(world: World, person_id: int, message_id: object, text: object) -> None:
    """Change one's own message; Telegram sends the bot the whole message again."""
    _writer(world, person_id)
    row = the_message(world, person_id, message_id)
    if row["sender"] != person_id:
        raise UnplayableError(400, "Only one's own messages can be edited.")
    if not isinstance(text, str) or not text.strip():
        raise UnplayableError(400, "An edited message needs text.")
    _must_be_text(text)
    if world.seconds() - row["date"] > EDITABLE_S:
        raise UnplayableError(400, "Telegram lets people edit a message for 48 hours.")
    content = json.loads(row["content"])
    field = "text" if "text" in content else "caption"
    if units(text.strip()) > (4096 if field == "text" else MAX_CAPTION):
        raise UnplayableError(400, "The edited text is too long for one message.")
    replaced = (field, "entities", "caption_entities")
    kept = {key: value for key, value in content.items() if key not in replaced}
    revised = kept | _marked(field, text.strip())
    if revised == content:
        return
    with world.store.transaction():
        row = revise(world, row, revised, None)
        put_update(world, "edited_message", as_message(world, row), f"chat:{person_id}")


def press(world: World, person_id: int, said: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """Tap a button by its text or data. The id of the callback query, or None and what happened instead.

    By `data` anything may be sent, as a tampered client could: forged taps are for the bot to refuse.
    """
    person = _writer(world, person_id)
    row = world.store.one(
        "SELECT * FROM message WHERE chat_id = ? AND message_id = ? AND sender = ?",
        person_id, said.get("message_id"), BOT,
    )  # fmt: skip
    if row is None:
        raise UnplayableError(404, f"The bot has no message {said.get('message_id')!r} in this chat.")
    data = said.get("data")
    if data is None:
        button = _button(person, row, said.get("text"))
        if "callback_data" not in button:
            return None, _other_button(world, person_id, button)
        data = button["callback_data"]
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= 64:
        raise UnplayableError(400, "The data of a tap is a string of 1 to 64 bytes.")
    return _query(world, person, row, data), {}


def _button(person: Row, row: Row, text: object) -> dict[str, Any]:
    markup = json.loads(row["markup"]) if row["markup"] and not row["deleted"] else {}
    keyboard = json.loads(person["keyboard"]) if person["keyboard"] else {}
    rows = markup.get("inline_keyboard", []) + keyboard.get("keyboard", [])
    for button in (button for line in rows for button in line):
        if button["text"] == text:
            found: dict[str, Any] = button
            return found
    raise UnplayableError(404, f"Message {row['message_id']} has no button {text!r}.")


def _other_button(world: World, person_id: int, button: dict[str, Any]) -> dict[str, Any]:
    if "url" in button:
        return {"answered": False, "url": button["url"]}
    if not any(key.startswith(("switch_", "copy_", "web_app", "login")) for key in button):
        return {"answered": False, "sent": send(world, person_id, {"text": button["text"]})}
    return {"answered": False}


def _query(world: World, person: Row, row: Row, data: str) -> str:
    query_id = str(int.from_bytes(secrets.token_bytes(8), "big") >> 1)
    message = as_message(world, row)
    if row["deleted"]:
        message = {"chat": message["chat"], "message_id": row["message_id"], "date": 0}
    body = {
        "id": query_id,
        "from": as_user(person),
        "message": message,
        "chat_instance": str(zlib.crc32(f"chat:{person['id']}".encode()) * 2_147_483_647 - 2**62),
        "data": data,
    }
    with world.store.transaction():
        world.store.run(
            "INSERT INTO tap (id, person, message_id, data, expires) VALUES (?, ?, ?, ?, ?)",
            query_id, person["id"], row["message_id"], data, world.now().timestamp() + TAP_LIFE_S,
        )  # fmt: skip
        put_update(world, "callback_query", body, f"user:{person['id']}", TAP_LIFE_S)
    return query_id


def answer_to(world: World, query_id: str) -> dict[str, Any] | None:
    row = world.store.one("SELECT answer FROM tap WHERE id = ?", query_id)
    answer: dict[str, Any] | None = json.loads(row["answer"]) if row and row["answer"] else None
    return answer


def block(world: World, person_id: int, *, blocked: bool) -> None:
    person = the_person(world, person_id)
    if bool(person["blocked"]) == blocked:
        return
    with world.store.transaction():
        world.store.run("UPDATE person SET blocked = ? WHERE id = ?", int(blocked), person_id)
        if person["started"]:
            _membership(world, person, *(("member", "kicked") if blocked else ("kicked", "member")))
    world.tell("people")
    world.tell("chat", person=person_id)
