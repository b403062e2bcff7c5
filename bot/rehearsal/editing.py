"""The methods that change what was sent: edits, deletions, and the answer to a tap."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from bot.rehearsal.chats import known_chat, open_chat, own_message
from bot.rehearsal.checks import link_preview, message_caption, message_text, reply_markup
from bot.rehearsal.entities import units
from bot.rehearsal.errors import bad
from bot.rehearsal.messages import BOT, CAPTIONED, as_message, erase, find_message, revise
from bot.rehearsal.params import Params
from bot.rehearsal.people import BOT_USERNAME
from bot.rehearsal.store import Row
from bot.rehearsal.world import World

MAX_ANSWER = 200
DELETABLE_S = 48 * 3600
TEXT_FIELDS = ("text", "entities", "link_preview_options")
CAPTION_FIELDS = ("caption", "caption_entities")
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as"
    " a current content and reply markup of the message"
)


def edit_message_text(world: World, params: Params) -> dict[str, Any]:
    said = message_text(params) | link_preview(params)
    row, markup = _target(world, params)
    content = json.loads(row["content"])
    if "text" not in content:
        raise bad("there is no text in the message to edit")
    return _replace(world, row, _without(content, TEXT_FIELDS) | said, markup)


def edit_message_caption(world: World, params: Params) -> dict[str, Any]:
    said = message_caption(params)
    row, markup = _target(world, params)
    content = json.loads(row["content"])
    if not any(kind in content for kind in CAPTIONED):
        raise bad("there is no caption in the message to edit")
    return _replace(world, row, _without(content, CAPTION_FIELDS) | said, markup)


def edit_message_reply_markup(world: World, params: Params) -> dict[str, Any]:
    row, markup = _target(world, params)
    return _replace(world, row, json.loads(row["content"]), markup, hidden=True)


def _target(world: World, params: Params) -> tuple[Row, dict[str, Any] | None]:
    if params.has("inline_message_id"):
        raise bad("MESSAGE_ID_INVALID")
    markup = reply_markup(params, inline_only=True)
    if not params.text("chat_id") and not params.text("message_id"):
        raise bad("message identifier is not specified")
    return own_message(world, params, open_chat(world, params)), markup


def _without(content: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key not in fields}


def _replace(
    world: World, row: Row, content: dict[str, Any], markup: dict[str, Any] | None, *, hidden: bool = False
) -> dict[str, Any]:
    before = json.loads(row["markup"]) if row["markup"] else None
    if content == json.loads(row["content"]) and markup == before:
        raise bad(SAME)
    return as_message(world, revise(world, row, content, markup, hidden=hidden))


def delete_message(world: World, params: Params) -> bool:
    chat_id = known_chat(world, params)
    message_id = params.integer("message_id")
    if message_id <= 0:
        raise bad("message identifier is not specified")
    row = find_message(world, chat_id, message_id)
    if row is None:
        raise bad("message to delete not found")
    if world.seconds() - row["date"] > DELETABLE_S or (chat_id < 0 and row["sender"] != BOT):
        raise bad("message can't be deleted")
    erase(world, row)
    return True


def answer_callback_query(world: World, params: Params) -> bool:
    text, url = params.text("text"), params.text("url")
    tap = world.store.one("SELECT * FROM tap WHERE id = ?", params.text("callback_query_id"))
    if units(text) > MAX_ANSWER:
        raise bad("MESSAGE_TOO_LONG")
    if tap is None or tap["answer"] or tap["expires"] <= world.now().timestamp():
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if url and not _may_open(url):
        raise bad("URL_INVALID")
    alert = params.flag("show_alert")
    answer = {"answered": True, "text": text or None, "show_alert": alert, "url": url or None}
    world.store.run("UPDATE tap SET answer = ? WHERE id = ?", json.dumps(answer), tap["id"])
    world.answers.beat()
    return True


def _may_open(url: str) -> bool:
    """A tap may only open a deep link to the bot itself (games aside)."""
    parts = urlsplit(url)
    own = parts.hostname in ("t.me", "telegram.me") and parts.path == f"/{BOT_USERNAME}"
    return own or parts.scheme == "tg"


METHODS: dict[str, Callable[[World, Params], Any]] = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "answerCallbackQuery": answer_callback_query,
}
