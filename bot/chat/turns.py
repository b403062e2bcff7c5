"""An update as handlers and use-cases see it."""

from datetime import UTC, datetime

from telegram import Message, Update

from bot.domain.matching import CUT_FROM
from bot.domain.text import units
from bot.work import receive
from bot.work.practice import Practice, Turn


def turn_of(practice: Practice, update: Update, waiting: receive.Waiting, now: datetime) -> Turn | None:
    """What handlers and use-cases need of an update; None for kinds that mean nothing here."""
    user, chat = update.effective_user, update.effective_chat
    if user is None or chat is None:
        return None
    message = update.effective_message
    is_press = update.callback_query is not None
    has_message = isinstance(message, Message) and not is_press
    written = message.edit_date or message.date if has_message and isinstance(message, Message) else None
    replied = message.reply_to_message if has_message and isinstance(message, Message) else None
    return Turn(
        practice=practice, now=now, update_id=waiting.update_id, chat_id=chat.id, telegram_id=user.id,
        language_code=user.language_code, first_name=user.first_name, message_id=message.message_id if message else 0,
        sent_at=written.astimezone(UTC) if written else None,
        begun_at=message.date.astimezone(UTC) if has_message and isinstance(message, Message) else None,
        replied_to=replied.message_id if replied else None, is_press=is_press,
        replied_text=(replied.text or replied.caption) if replied and _is_the_bots(replied) else None,
        quoted=message.quote.text if replied and isinstance(message, Message) and message.quote else None,
        is_forwarded=isinstance(message, Message) and has_message and message.forward_origin is not None,
        is_long=isinstance(message, Message) and has_message and units(message.text or "") >= CUT_FROM,
        album=message.media_group_id if isinstance(message, Message) and has_message else None,
    )  # fmt: skip


def _is_the_bots(message: Message) -> bool:
    return message.from_user is not None and message.from_user.is_bot
