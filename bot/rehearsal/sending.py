"""The send methods: text, pictures, documents, voice; copies and forwards."""

import json
from collections.abc import Callable
from typing import Any

from bot.rehearsal.chats import known_chat, open_chat, replied_message
from bot.rehearsal.checks import link_preview, message_caption, message_text, reply_markup
from bot.rehearsal.errors import bad
from bot.rehearsal.files import as_content, find_file, keep_file, picture_size
from bot.rehearsal.messages import BOT, as_message, find_message, post
from bot.rehearsal.params import Params
from bot.rehearsal.people import as_bot_user, as_user, find_person
from bot.rehearsal.store import Row
from bot.rehearsal.world import World

MAX_PHOTO = 10 * 1024 * 1024
MAX_FILE = 50 * 1024 * 1024
# fmt: off
CHAT_ACTIONS = frozenset({
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
    "cancel",
})
# fmt: on


def send_message(world: World, params: Params) -> dict[str, Any]:
    content = message_text(params) | link_preview(params)
    return _deliver(world, params, content)


def _deliver(world: World, params: Params, content: dict[str, Any]) -> dict[str, Any]:
    markup = reply_markup(params)
    chat_id = open_chat(world, params)
    content |= replied_message(world, params, chat_id)
    if params.flag("protect_content"):
        content["has_protected_content"] = True
    row = post(world, chat_id, BOT, content, markup)
    _show_keyboard(world, chat_id, markup)
    return as_message(world, row)


def _show_keyboard(world: World, chat_id: int, markup: dict[str, Any] | None) -> None:
    """A reply keyboard stays on the phone until another one replaces or removes it."""
    if markup and "keyboard" in markup:
        world.store.run("UPDATE person SET keyboard = ? WHERE id = ?", json.dumps(markup), chat_id)
    elif markup and (markup.get("remove_keyboard") or markup.get("force_reply")):
        world.store.run("UPDATE person SET keyboard = NULL WHERE id = ?", chat_id)


def _sender_of(kind: str) -> Callable[[World, Params], dict[str, Any]]:
    def send(world: World, params: Params) -> dict[str, Any]:
        caption = message_caption(params)
        content = as_content(_given_file(world, params, kind)) | caption
        if caption and params.flag("show_caption_above_media") and kind in ("photo", "video"):
            content["show_caption_above_media"] = True
        if params.flag("has_spoiler") and kind in ("photo", "video"):
            content["has_media_spoiler"] = True
        return _deliver(world, params, content)

    return send


def _given_file(world: World, params: Params, kind: str) -> Row:
    upload = params.upload(kind)
    if upload is None:
        return _known_file(world, params.text(kind), kind)
    if not upload.body:
        raise bad("file must be non-empty")
    if len(upload.body) > (MAX_PHOTO if kind == "photo" else MAX_FILE):
        raise bad(f"file of size {len(upload.body)} bytes is too big for a {kind}")
    if kind == "photo" and picture_size(upload.body) is None:
        raise bad("IMAGE_PROCESS_FAILED")
    facts = {"duration": params.integer("duration")} if params.has("duration") else {}
    return keep_file(world, kind, upload.name, upload.mime, upload.body, **facts)


def _known_file(world: World, value: str, kind: str) -> Row:
    if not value:
        raise bad(f"there is no {kind} in the request")
    row = find_file(world, value)
    if row is None:
        url = "://" in value
        wrong_id = "wrong remote file identifier specified: Wrong string length"
        raise bad("wrong HTTP URL specified" if url else wrong_id)
    if row["kind"] != kind:
        raise bad(f"can't use file of type {row['kind'].capitalize()} as {kind.capitalize()}")
    return row


def send_chat_action(world: World, params: Params) -> bool:
    if params.text("action").lower() not in CHAT_ACTIONS:
        raise bad("wrong parameter action in request")
    chat_id = open_chat(world, params)
    world.tell("typing", person=chat_id, action=params.text("action"))
    return True


def copy_message(world: World, params: Params) -> dict[str, Any]:
    source = _source(world, params, "copy")
    content = _bare(source)
    if "text" not in content and params.has("caption"):
        content = {key: value for key, value in content.items() if not key.startswith("caption")}
        content |= message_caption(params)
    sent = _deliver(world, params, content)
    return {"message_id": sent["message_id"]}


def forward_message(world: World, params: Params) -> dict[str, Any]:
    source = _source(world, params, "forward")
    content = _bare(source)
    person = find_person(world, source["sender"]) if source["sender"] != BOT else None
    user = as_user(person) if person else as_bot_user(world)
    content["forward_origin"] = {"type": "user", "sender_user": user, "date": source["date"]}
    return _deliver(world, params, content)


def _source(world: World, params: Params, doing: str) -> Row:
    source = find_message(world, known_chat(world, params, "from_chat_id"), params.integer("message_id"))
    if source is None:
        raise bad(f"message to {doing} not found")
    content = json.loads(source["content"])
    if "service" in content or content.get("has_protected_content"):
        raise bad(f"the message can't be {'copied' if doing == 'copy' else 'forwarded'}")
    return source


def _bare(source: Row) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(source["content"])
    return {key: value for key, value in content.items() if key not in ("reply_to", "has_protected_content")}


METHODS: dict[str, Callable[[World, Params], Any]] = {
    "sendMessage": send_message,
    "sendPhoto": _sender_of("photo"),
    "sendDocument": _sender_of("document"),
    "sendVoice": _sender_of("voice"),
    "sendAudio": _sender_of("audio"),
    "sendVideo": _sender_of("video"),
    "sendChatAction": send_chat_action,
    "copyMessage": copy_message,
    "forwardMessage": forward_message,
}
