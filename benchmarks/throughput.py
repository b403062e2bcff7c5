"""Deliveries a second and processor time for each, when nothing limits: the whole way of a message (claimed, sent,
confirmed, each on disk) beside bare calls of the libraries, and the two commits and the pacing without the call."""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from crowd import MESSAGE, TOKEN, contest, postgres, practice_of, queue, run_alone, telegram

AT_ONCE = 30
WITHOUT_LIMIT = 1_000_000


async def ours(url: str, size: int, database_url: str | None = None, *, sends: bool = True) -> tuple[float, float]:
    from datetime import UTC, datetime, timedelta

    from bot.chat.pacing import Pacer
    from bot.chat.sender import TelegramSender
    from bot.chat.telegram_bot import make_bot
    from bot.clock import SystemClock
    from bot.db import outbox
    from bot.domain.delivery import Sent
    from bot.service.holding import Sole
    from bot.service.sending import Sending
    from bot.service.waking import Bells
    from bot.work import deliver

    class Counting(TelegramSender):
        """Knows how many calls are over; may take each at once instead of making it."""

        over = 0

        async def _call(self, outgoing: Any) -> Any:
            outcome = await super()._call(outgoing) if sends else Sent(outgoing.chat_id, datetime.now(UTC))
            self.over += 1
            return outcome

    async def no_alarm() -> None: ...

    with tempfile.TemporaryDirectory() as folder:
        clock = SystemClock()
        practice = await practice_of(Path(folder), size + 1, clock.now(), database_url)
        bot = make_bot(TOKEN, url)
        await bot.initialize()
        sender, bells, stop = Counting(bot, Pacer(per_second=WITHOUT_LIMIT)), Bells(), asyncio.Event()
        sending = Sending(practice, sender, deliver.Post(), clock, Sole(), bells, no_alarm)
        running = asyncio.create_task(sending.run(stop))

        async def until_sent(chats: range) -> None:
            """Called, and written down."""
            await queue(practice, chats, clock.now())
            practice.vault.forget()
            nonlocal began
            began, sender.over = _now(), 0
            bells.mail.set()
            while sender.over < len(chats) or sending._out:  # noqa: ASYNC110  # nothing tells when all of them are back
                await asyncio.sleep(0.02)

        began = _now()
        await until_sent(range(size + 1, size + 2))  # the first one looks up the holidays
        await until_sent(range(1, size + 1))
        taken = _since(began)
        async with practice.database.read() as db:
            found = await outbox.counts(db, clock.now() - timedelta(days=1))
        assert found == {"sent": size + 1}, found
        stop.set()
        bells.ring_all()
        await running
        await bot.shutdown()
        await practice.database.close()
        await practice.vault.close()
    return taken


async def ptb(url: str, size: int) -> tuple[float, float]:
    from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions
    from telegram.request import HTTPXRequest

    def request() -> HTTPXRequest:
        return HTTPXRequest(connection_pool_size=AT_ONCE, httpx_kwargs={"trust_env": False})

    bot = Bot(TOKEN, base_url=f"{url}/bot", request=request(), get_updates_request=request())
    keyboard, quiet = InlineKeyboardMarkup.de_json(MESSAGE["reply_markup"]), LinkPreviewOptions(is_disabled=True)
    async with bot:
        return await _all(
            size, lambda chat: bot.send_message(chat, MESSAGE["text"], reply_markup=keyboard, link_preview_options=quiet)
        )


async def transport(url: str, size: int) -> tuple[float, float]:
    from bot.chat.telegram_bot import make_bot

    bot = make_bot(TOKEN, url)
    await bot.initialize()
    try:
        return await _all(size, lambda chat: bot.call("sendMessage", chat_id=chat, **MESSAGE))
    finally:
        await bot.shutdown()


async def aiogram(url: str, size: int) -> tuple[float, float]:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import InlineKeyboardMarkup, LinkPreviewOptions

    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(url), limit=AT_ONCE))
    keyboard, quiet = InlineKeyboardMarkup(**MESSAGE["reply_markup"]), LinkPreviewOptions(is_disabled=True)
    try:
        return await _all(
            size, lambda chat: bot.send_message(chat, MESSAGE["text"], reply_markup=keyboard, link_preview_options=quiet)
        )
    finally:
        await bot.session.close()


async def _all(size: int, send: Callable[[int], Awaitable[object]]) -> tuple[float, float]:
    chats = iter(range(1, size + 1))

    async def some() -> None:
        for chat in chats:
            await send(chat)

    await send(1)
    began = _now()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return _since(began)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(began: tuple[float, float]) -> tuple[float, float]:
    return time.perf_counter() - began[0], time.process_time() - began[1]


CONTESTANTS: dict[str, Callable[..., Awaitable[tuple[float, float]]]] = {
    "PTB, Bot.send_message": ptb,
    "aiogram, Bot.send_message": aiogram,
    "our transport, the bare call": transport,
    "Interlude, SQLite": ours,
    "Interlude, SQLite, sends nothing": lambda url, size: ours(url, size, sends=False),
    "Interlude, PostgreSQL": ours,
    "Interlude, PostgreSQL, sends nothing": lambda url, size, base: ours(url, size, base, sends=False),
}


def race(name: str, size: int, *more: str, alone: bool = True) -> tuple[float, float]:
    with telegram() as url:
        if alone:
            seconds, used = run_alone(__file__, name, url, size, *more)
        else:
            seconds, used = asyncio.run(CONTESTANTS[name](url, size))
    return size / seconds, 1e6 * used / size


def row(name: str, rounds: list[tuple[float, float]]) -> None:
    rate, each = (statistics.median(values) for values in zip(*rounds, strict=True))
    print(f"{name:40}{rate:12.0f}{each:14.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000)
    if (given := contest(parser, CONTESTANTS)) is None:
        return
    if given.small:
        given.size, given.rounds = 40, 1
        given.only = ["PTB, Bot.send_message", "Interlude, SQLite", "Interlude, SQLite, sends nothing"]
    print(f"{'':40}{'a second':>12}{'CPU us each':>14}")
    for name in given.only:
        if "PostgreSQL" in name:
            with postgres() as new_database:
                row(name, [race(name, given.size, new_database()) for _ in range(given.rounds)])
        else:
            row(name, [race(name, given.size, alone=not given.small) for _ in range(given.rounds)])


if __name__ == "__main__":
    main()
