"""Files: an administrator's sequence is fetched and checked; the file is only ever read as text."""

from telegram import Message
from telegram.error import TelegramError

from bot.chat.telegram_bot import RawBot
from bot.errors import RefusedError
from bot.work import publishing
from bot.work.practice import Turn, take

_LARGEST = 256 * 1024


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
    except TelegramError:
        await take(turn, _refuse, turn.say("Telegram did not hand over the file. Please send it again."))
        return
    await take(turn, publishing.check, source, name)


async def _download(bot: RawBot, file_id: str) -> bytes:
    file = await bot.get_file(file_id)
    return bytes(await file.download_as_bytearray())


async def _refuse(_turn: Turn, sentence: str) -> None:
    raise RefusedError(sentence)
