"""`/urgent` is answered for anyone, whatever else is broken: no person, no row, no database."""

import re
from typing import Any

from telegram.error import TelegramError

from bot.chat.telegram_bot import RawBot
from bot.domain.text import Message
from bot.i18n import Say, nearest_language
from bot.log import get_logger
from bot.work.care import urgent_message

log = get_logger(__name__)


async def answer_urgent(bot: RawBot, updates: list[dict[str, Any]]) -> None:
    """When updates cannot be stored: at least those that say `/urgent` get their answer."""
    for update in updates:
        message = update.get("message") or {}
        if re.match(r"/urgent\b", str(message.get("text", "")), re.IGNORECASE):
            language = nearest_language(message.get("from", {}).get("language_code"))
            await send_directly(bot, message["chat"]["id"], urgent_message(Say(language)))


async def send_directly(bot: RawBot, chat_id: int, message: Message) -> None:
    """One message without a row: to strangers, of whom nothing is kept, and when the database is down."""
    entities = [{"type": e.type, "offset": e.offset, "length": e.length} for e in message.entities]
    parameters: dict[str, Any] = {"text": message.text, "link_preview_options": {"is_disabled": True}}
    if entities:
        parameters["entities"] = entities
    try:
        await bot.call("sendMessage", chat_id=chat_id, **parameters)
    except TelegramError as error:
        log.warning("direct message not sent", reason=type(error).__name__)
