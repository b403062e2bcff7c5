"""Files: an administrator's sequence is fetched and checked, never run; a leader's voice is fetched and kept."""

import asyncio
from datetime import timedelta

from telegram import Message
from telegram.error import TelegramError

from bot.chat.telegram_bot import RawBot
from bot.errors import RefusedError
from bot.work import calendars, media, press, publishing
from bot.work.handling import take
from bot.work.practice import Recorded, Turn

_LARGEST = 256 * 1024
_LARGEST_CALENDAR = 4 * 1024 * 1024
_LONGEST_VOICE = 5 * 60
_LARGEST_VOICE = 20 * 1024 * 1024
_PATIENCE = 20.0


async def take_sequence(bot: RawBot, turn: Turn, message: Message) -> None:
    document = message.document
    assert document is not None
    name = document.file_name or "sequence.yaml"
    if not name.lower().endswith((".yaml", ".yml")):
        await take(turn, _refuse, turn.say("A sequence is a file whose name ends in .yaml."))
        return
    if (document.file_size or 0) > _LARGEST:
        await take(turn, _refuse, turn.say("The file is larger than 256 KiB. A sequence is much smaller."))
        return
    try:
        source = await _download(bot, document.file_id)
    except (TelegramError, TimeoutError):
        await take(turn, _refuse, turn.say("Telegram did not hand over the file. Please send it again."))
        return
    if len(source) > _LARGEST:  # its size need not be told beforehand
        await take(turn, _refuse, turn.say("The file is larger than 256 KiB. A sequence is much smaller."))
        return
    await take(turn, publishing.check, source, name)


def is_calendar(message: Message) -> bool:
    """Whether this file says of itself that it is a calendar."""
    document = message.document
    assert document is not None
    return (document.file_name or "").lower().endswith((".ics", ".ical")) or document.mime_type == "text/calendar"


async def take_calendar(bot: RawBot, turn: Turn, message: Message) -> None:
    """A coach's calendar file is fetched and read before anything is stored, and outside any transaction."""
    document = message.document
    assert document is not None
    if (document.file_size or 0) > _LARGEST_CALENDAR:
        await take(turn, _refuse, turn.say("The file is larger than 4 MB. Please export only your sessions' calendar."))
        return
    try:
        source = await _download(bot, document.file_id)
        if len(source) > _LARGEST_CALENDAR:
            raise RefusedError(turn.say("The file is larger than 4 MB. Please export only your sessions' calendar."))
        file = await calendars.read_file(turn, source)
    except RefusedError as refused:
        await take(turn, _refuse, str(refused))
    except (TelegramError, TimeoutError):
        await take(turn, _refuse, turn.say("Telegram did not hand over the file. Please send it again."))
    else:
        await take(turn, calendars.received, file)


async def take_voice(bot: RawBot, turn: Turn, message: Message) -> None:
    """A voice message is fetched before anything is stored, and outside any transaction."""
    voice = message.voice
    assert voice is not None
    seconds = _seconds(voice.duration)
    if "leader" not in press.roles_of(turn):
        await take(turn, media.unreadable)
        return
    if seconds > _LONGEST_VOICE:
        too_long = turn.say(
            "A voice message can be up to five minutes long. This one was not kept; could you say it in a shorter one?"
        )
        await take(turn, _refuse, too_long)
        return
    if (voice.file_size or 0) > _LARGEST_VOICE:
        too_large = turn.say("This recording is larger than 20 MB and was not kept. Please send a shorter one.")
        await take(turn, _refuse, too_large)
        return
    try:
        body = await _download(bot, voice.file_id)
    except (TelegramError, TimeoutError):
        lost = turn.say("Telegram did not hand over the voice message, so nothing of it is kept. Please send it again.")
        await take(turn, _refuse, lost)
        return
    turn.recorded = Recorded(body, voice.mime_type or "audio/ogg", seconds)
    await take(turn, media.spoke, message.caption or "")


def _seconds(duration: int | timedelta) -> int:
    return int(duration.total_seconds()) if isinstance(duration, timedelta) else duration


async def _download(bot: RawBot, file_id: str) -> bytes:
    """All of it within bounded time: what the same person writes next is waiting meanwhile."""
    async with asyncio.timeout(_PATIENCE):
        file = await bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())


async def _refuse(_turn: Turn, sentence: str) -> None:
    raise RefusedError(sentence)
