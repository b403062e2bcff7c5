"""Private chats only: added to a group, the bot says so and leaves."""

from telegram import ChatMemberUpdated
from telegram.error import TelegramError

from bot.chat.aside import ASIDE
from bot.chat.emergency import send_directly
from bot.chat.telegram_bot import RawBot
from bot.domain.text import message, plain
from bot.log import get_logger
from bot.work import receive
from bot.work.practice import Turn

log = get_logger(__name__)


async def leave(bot: RawBot, turn: Turn, change: ChatMemberUpdated | None) -> None:
    if change is None or change.new_chat_member.status in ("member", "administrator", "restricted"):
        ASIDE.get().do(_take_leave(bot, turn, is_new=change is not None), after=turn.chat_id)
    await receive.dismiss(turn.practice, turn.update_id, keep_chat=False)
    turn.is_done = True


async def _take_leave(bot: RawBot, turn: Turn, *, is_new: bool) -> None:
    if is_new:
        text = turn.say("I only work in private chats, so I am leaving. Write to me directly.")
        await send_directly(bot, turn.chat_id, message(plain(text)))
    try:
        await bot.call("leaveChat", chat_id=turn.chat_id)
    except TelegramError as error:
        log.warning("could not leave a group", reason=type(error).__name__)
