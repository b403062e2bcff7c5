"""The Bot API as we call it: raw methods in, raw results out, so that one odd update cannot spoil a batch."""

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from telegram import Bot
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.chat.requests import AiohttpRequest
from bot.errors import ConfigurationError, InterludeError

# Without it python-telegram-bot warns at every 429 that `retry_after` will become a timedelta.
os.environ.setdefault("PTB_TIMEDELTA", "true")

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
FETCH_LIMIT = 100
_ODD = 1.0


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks us to wait."""
    pause = error.retry_after
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)


class RawBot(Bot):
    """`Bot` with its own `_post` opened up: results stay plain JSON."""

    async def call(self, method: str, /, **parameters: Any) -> Any:
        """One call of the Bot API. Raises `telegram.error.TelegramError` as every method of `Bot` does."""
        return await self._post(method, parameters)

    def tell_time(self, heard: Callable[[str], None]) -> None:
        """Have the `Date` of every reply told to `heard`."""
        for request in self._request:
            if isinstance(request, AiohttpRequest):
                request.heard = heard

    def tell_pause(self, held: Callable[[float], None]) -> None:
        """Have every 429 told to `held` that concerns what shows in chats, a toast's as well as a message's."""
        _, request = self._request
        if isinstance(request, AiohttpRequest):
            request.held = held

    async def fetch(self, offset: int, wait: int) -> list[dict[str, Any]]:
        """`getUpdates`: at most a hundred raw updates from `offset` on, waiting up to `wait` seconds for the first."""
        parameters: dict[str, Any] = {"limit": FETCH_LIMIT, "timeout": wait, "allowed_updates": ALLOWED_UPDATES}
        if offset:
            parameters["offset"] = offset
        found: list[dict[str, Any]] = await self._post("getUpdates", parameters, read_timeout=wait + 10)
        return found


def make_bot(token: str, root: str) -> RawBot:
    """`root` is the server's: `/bot<token>/` and `/file/bot<token>/` are appended by the library."""
    root = root.rstrip("/")
    return RawBot(
        token, base_url=f"{root}/bot", base_file_url=f"{root}/file/bot",
        request=AiohttpRequest(connections=40), get_updates_request=AiohttpRequest(connections=2),
    )  # fmt: skip


async def bot_name(bot: RawBot) -> str:
    """The bot's username, for deep links. Raises `ConfigurationError` when Telegram does not know the token."""
    try:
        try:
            await bot.initialize()
        except InvalidToken:  # whoever starts us does not start us again for this: one odd answer is not enough
            await asyncio.sleep(_ODD)
            await bot.initialize()
    except InvalidToken:
        raise ConfigurationError(
            ["INTERLUDE_BOT_TOKEN: Telegram does not know this token. Copy it again from @BotFather."]
        ) from None
    except NetworkError:
        raise InterludeError("Telegram cannot be reached (INTERLUDE_BOT_API_URL). Please try again.") from None
    except (TelegramError, KeyError, TypeError):  # too many requests, a page where one has to log in, half an answer
        raise InterludeError("Telegram does not say who we are (INTERLUDE_BOT_API_URL). Please try again.") from None
    return bot.username
