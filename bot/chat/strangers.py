"""People nobody has invited: one polite sentence an hour, remembered only in this process, and nothing is kept."""

from contextvars import ContextVar
from datetime import datetime, timedelta

from bot.chat.aside import ASIDE
from bot.chat.emergency import send_directly
from bot.chat.telegram_bot import RawBot
from bot.domain.text import message, plain
from bot.work.practice import Turn

_EVERY = timedelta(hours=1)
_REMEMBERED = 10_000


class Courtesy:
    """Whom we have answered within the hour."""

    def __init__(self) -> None:
        self._answered: dict[int, datetime] = {}

    def is_due(self, chat_id: int, now: datetime) -> bool:
        last = self._answered.get(chat_id)
        if last is not None and now - last < _EVERY:
            return False
        if len(self._answered) >= _REMEMBERED:
            self._answered = {chat: at for chat, at in self._answered.items() if now - at < _EVERY}
        self._answered[chat_id] = now
        return True


COURTESY: ContextVar[Courtesy] = ContextVar("courtesy")


def answer(bot: RawBot, turn: Turn, instead: str | None = None) -> None:
    if not COURTESY.get().is_due(turn.chat_id, turn.now):
        return
    text = instead or turn.say(
        "Hello. This is a private coaching bot, and joining it takes an invitation link from your coach. Nothing you "
        "write here is kept. Where to turn when something cannot wait: /urgent"
    )
    ASIDE.get().do(send_directly(bot, turn.chat_id, message(plain(text))), after=turn.chat_id)


def privacy(turn: Turn) -> str:
    """What `/privacy` says to somebody nobody knows."""
    return turn.say(
        "This bot keeps nothing of what you write. Of people who join by invitation it keeps, encrypted, what they agree "
        "to when they join; who reads what is said there before anything is asked. Where to turn when something cannot "
        "wait: /urgent"
    )
