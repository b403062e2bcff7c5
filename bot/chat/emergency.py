"""`/urgent` is answered for anyone, whatever else is broken: no person, no row, no database."""

import asyncio
from typing import Any

from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.chat.telegram_bot import RawBot, seconds_of
from bot.domain.text import Message
from bot.i18n import Say, nearest_language
from bot.log import get_logger
from bot.work.care import urgent_message
from bot.work.receive import is_urgent

log = get_logger(__name__)

_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
_LONGEST = 60.0


async def answer_urgent(bot: RawBot, updates: list[dict[str, Any]]) -> None:
    """When updates cannot be stored: at least those that say `/urgent` get their answer."""
    for update in updates:
        if is_urgent(update):
            message = update["message"]
            language = nearest_language(message.get("from", {}).get("language_code"))
            await send_directly(bot, message["chat"]["id"], urgent_message(Say(language)))


async def send_until_it_went(bot: RawBot, chat_id: int, message: Message) -> bool:
    """The same, tried for a minute; twice is better than not at all. Whether there is nothing more to try."""
    for pause in (*_PAUSES, None):
        try:
            await bot.call("sendMessage", **_parameters(chat_id, message))
        except (Forbidden, BadRequest):  # they have blocked the bot since, or the chat is gone
            return True
        except TelegramError as error:
            log.warning("urgent message not sent", reason=type(error).__name__)
            if pause is not None:
                await asyncio.sleep(min(seconds_of(error), _LONGEST) if isinstance(error, RetryAfter) else pause)
        else:
            return True
    return False


async def send_directly(bot: RawBot, chat_id: int, message: Message) -> None:
    """One message without a row: to strangers, of whom nothing is kept, and when the database is down."""
    try:
        await bot.call("sendMessage", **_parameters(chat_id, message))
    except TelegramError as error:
        log.warning("direct message not sent", reason=type(error).__name__)


def _parameters(chat_id: int, message: Message) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "chat_id": chat_id, "text": message.text, "link_preview_options": {"is_disabled": True},
    }  # fmt: skip
    if entities := [{"type": e.type, "offset": e.offset, "length": e.length} for e in message.entities]:
        parameters["entities"] = entities
    return parameters
