"""The ordered list of handlers.

Each handler translates and makes one call into `work/`. The update's end is committed with its effects; returning
from `process_update` says nothing, because the library swallows what a handler raises.
"""

import time
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.chat import emergency, files, groups, menus, strangers
from bot.chat.aside import ASIDE
from bot.chat.telegram_bot import RawBot
from bot.domain import phrases
from bot.domain.text import message as one_message
from bot.domain.text import plain
from bot.errors import RefusedError
from bot.log import get_logger
from bot.work import commands, joining, media, people, press, receive, words
from bot.work.care import urgent_message
from bot.work.handling import take
from bot.work.practice import Turn

log = get_logger(__name__)

TURN: ContextVar[Turn] = ContextVar("turn")
_COMMANDS = {command.name: command for command in commands.COMMANDS}


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """Everything the bot reacts to; the first that fits takes it."""
    private = filters.ChatType.PRIVATE
    return [
        ChatMemberHandler(on_membership, ChatMemberHandler.MY_CHAT_MEMBER),
        MessageHandler(~private, on_group),
        MessageHandler(filters.UpdateType.EDITED_MESSAGE, on_edit),
        MessageHandler(filters.StatusUpdate.ALL, on_service),
        MessageHandler(filters.FORWARDED & (filters.TEXT | filters.CAPTION) & ~filters.VOICE, on_passed_on),
        CommandHandler("start", on_start),
        CommandHandler("urgent", on_urgent),
        MessageHandler(filters.COMMAND & ~filters.CAPTION, on_command),
        CallbackQueryHandler(on_press),
        MessageHandler(filters.VOICE, on_voice),
        MessageHandler(filters.Document.ALL & ~filters.ANIMATION, on_file),
        MessageHandler(filters.CAPTION, on_caption),
        MessageHandler(filters.TEXT, on_words),
        MessageHandler(filters.ALL, on_other),
    ]


def make_application(bot: RawBot) -> "Application[Any, Any, Any, Any, Any, Any]":
    application = ApplicationBuilder().bot(bot).updater(None).job_queue(None).build()
    application.add_handlers(handlers())
    application.add_error_handler(on_error)
    return application


def _bot(update: Update) -> RawBot:
    bot = update.get_bot()
    assert isinstance(bot, RawBot)
    return bot


async def on_error(_update: object, context: Any) -> None:
    """Type and place only: the message of an exception may carry somebody's words."""
    TURN.get().problem = context.error
    if not isinstance(context.error, RefusedError):
        log.error("handler failed", error=type(context.error).__name__, exc_info=context.error)


async def on_membership(update: Update, _context: Any) -> None:
    turn = TURN.get()
    change = update.my_chat_member
    assert change is not None
    if change.chat.type != "private":
        await groups.leave(_bot(update), turn, change)
        return
    if turn.person is None:
        await receive.dismiss(turn.practice, turn.update_id, keep_chat=False)
        turn.is_done = True
        return
    gone = change.new_chat_member.status in ("kicked", "left")
    await take(turn, people.blocked, gone)


async def on_group(update: Update, _context: Any) -> None:
    await groups.leave(_bot(update), TURN.get(), None)


async def on_start(update: Update, context: Any) -> None:
    turn = TURN.get()
    try:
        if not await take(turn, joining.start, context.args[0] if context.args else ""):
            strangers.answer(_bot(update), turn)
        elif press.roles_of(turn) - {"joining"}:  # back, perhaps on another phone
            menus.offer(_bot(update), turn)
    except RefusedError as refused:
        if turn.person is None:  # the others have been answered with a row
            strangers.answer(_bot(update), turn, str(refused))


async def on_urgent(update: Update, _context: Any) -> None:
    turn, began = TURN.get(), time.monotonic()
    if not await emergency.send_until_it_went(_bot(update), turn.chat_id, urgent_message(turn.say)):
        return  # it keeps its turn
    said_at = turn.now + timedelta(seconds=time.monotonic() - began)
    await receive.dismiss(turn.practice, turn.update_id, keep_chat=turn.person is not None, said_at=said_at)
    turn.is_done = True


async def on_command(update: Update, _context: Any) -> None:
    turn = TURN.get()
    text = (update.effective_message.text if update.effective_message else None) or ""
    name, rest = phrases.split_command(text) or ("", "")
    if await _is_stranger(update, turn, strangers.privacy(turn) if name == "privacy" else None):
        return
    command = _COMMANDS.get(name)
    if command is None or not command.roles & press.roles_of(turn):
        await take(turn, words.unknown_command)
        return
    await take(turn, commands.run, command, rest)
    if command.name == "help" or turn.has_new_language:  # whoever looks for a command finds today's in the menu too
        menus.offer(_bot(update), turn)


async def on_press(update: Update, _context: Any) -> None:
    turn = TURN.get()
    query = update.callback_query
    assert query is not None
    before = press.roles_of(turn)
    try:
        toast = await take(turn, press.press, query.data or "")
    except RefusedError as refused:
        toast = str(refused)
    menus.answer_press(_bot(update), query.id, toast)
    if turn.person is not None and (press.roles_of(turn) != before or turn.has_new_language):
        menus.offer(_bot(update), turn)


async def on_file(update: Update, _context: Any) -> None:
    turn = TURN.get()
    if await _is_stranger(update, turn):
        return
    message = update.effective_message
    assert message is not None
    if "coach" in press.roles_of(turn) and files.is_calendar(message):
        await files.take_calendar(_bot(update), turn, message)
    elif "admin" in press.roles_of(turn):
        await files.take_sequence(_bot(update), turn, message)
    elif message.caption:
        await take(turn, media.captioned, message.caption)
    else:
        await take(turn, media.unreadable)


async def on_voice(update: Update, _context: Any) -> None:
    turn = TURN.get()
    if await _is_stranger(update, turn):
        return
    message = update.effective_message
    assert message is not None
    await files.take_voice(_bot(update), turn, message)


async def on_caption(update: Update, _context: Any) -> None:
    turn = TURN.get()
    if await _is_stranger(update, turn):
        return
    message = update.effective_message
    assert message is not None
    await take(turn, media.captioned, message.caption or "")


async def on_passed_on(update: Update, _context: Any) -> None:
    """Forwarded words come before commands: a forwarded "/delete" is somebody else's."""
    turn = TURN.get()
    message = update.effective_message
    assert message is not None
    if message.document is not None and press.roles_of(turn) & press.STAFF:
        await on_file(update, _context)
    elif not await _is_stranger(update, turn):
        await take(turn, media.passed_on if message.text else media.captioned, message.text or message.caption or "")


async def on_service(_update: Update, _context: Any) -> None:
    """A pinned message, a timer for messages: nobody said anything."""
    turn = TURN.get()
    await receive.dismiss(turn.practice, turn.update_id, keep_chat=turn.person is not None)
    turn.is_done = True


async def on_words(update: Update, _context: Any) -> None:
    turn = TURN.get()
    if await _is_stranger(update, turn):
        return
    message = update.effective_message
    assert message is not None
    farewell = await take(turn, words.said, message.text or "")
    if farewell is not None:
        goodbye = emergency.send_directly(_bot(update), turn.chat_id, one_message(plain(farewell)))
        ASIDE.get().do(goodbye, after=turn.chat_id)
        menus.offer(_bot(update), turn)


async def on_edit(update: Update, _context: Any) -> None:
    turn = TURN.get()
    message = update.effective_message
    if turn.person is None or message is None:
        await receive.dismiss(turn.practice, turn.update_id, keep_chat=turn.person is not None)
        turn.is_done = True
        return
    text, caption = message.text or "", message.caption or ""
    await take(turn, media.corrected, text or caption, is_caption=message.text is None)


async def on_other(update: Update, _context: Any) -> None:
    turn = TURN.get()
    if not await _is_stranger(update, turn):
        await take(turn, media.unreadable)


async def _is_stranger(update: Update, turn: Turn, instead: str | None = None) -> bool:
    """Somebody nobody invited, or who has not agreed yet: one polite sentence an hour, and nothing is kept."""
    if press.roles_of(turn) - {"joining"}:
        return False
    strangers.answer(_bot(update), turn, instead)
    await receive.dismiss(turn.practice, turn.update_id, keep_chat=False, said_at=turn.now)
    turn.is_done = True
    return True
