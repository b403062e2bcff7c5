"""Many leaders are due at once while people go on writing: how long it takes beside what Telegram allows, what is
refused, what is lost, and how long a reply to a person waits; ours and its peers against four kinds of limiter."""

import argparse
import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from math import nan
from pathlib import Path
from typing import Any
from uuid import UUID

from crowd import TOKEN, WORDS, counts, practice_of, queue, telegram
from limiter import MODELS, PER_SECOND

ROUND_TRIP_MS = 40
REPLIES = 40  # people who go on writing, one after the other
PATIENCE = 5  # times the ideal: then whoever has not come is lost
Sending = Callable[[int], Awaitable[object]]


class Talk:
    """People who write during the wave: when each of their replies was ready."""

    def __init__(self, size: int, reply: Sending) -> None:
        self._chats = range(size + 1, size + REPLIES + 1)
        self._reply = reply
        self._every = 1.0 if size > 100 else 0.2
        self.began: dict[int, list[float]] = {chat: [] for chat in self._chats}

    async def run(self) -> None:
        on_their_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                for chat in self._chats:
                    await asyncio.sleep(self._every)
                    on_their_way.add(asyncio.create_task(self._answer(chat)))
        finally:
            await asyncio.gather(*on_their_way, return_exceptions=True)

    async def _answer(self, chat: int) -> None:
        self.began[chat].append(time.monotonic())
        await self._reply(chat)

    def ready(self, chat: int) -> None:
        """It is on disk: from here on it waits."""
        self.began[chat][-1] = time.monotonic()


# Ours: rows in the outbox, the postmen of the service, HTTP


async def ours(url: str, size: int) -> dict[str, Any]:
    from bot.chat.telegram_bot import make_bot
    from bot.clock import SystemClock
    from bot.db import outbox
    from bot.db.tables import Person
    from bot.domain.delivery import Kind
    from bot.domain.text import message, plain
    from bot.service.running import Service
    from bot.settings import Settings
    from bot.work import outgoing

    with tempfile.TemporaryDirectory() as folder:
        clock = SystemClock()
        practice = await practice_of(Path(folder), size + REPLIES, clock.now())
        await queue(practice, range(1, size + 1), clock.now())
        settings = Settings.model_construct(data_dir=Path(folder))
        service = Service(practice, make_bot(TOKEN, url), clock, settings)
        stop, number = asyncio.Event(), 0

        async def reply(chat: int) -> None:
            nonlocal number
            number += 1
            async with practice.database.write() as db:
                whom = await db.get_one(Person, UUID(int=chat))
                await outgoing.send(
                    practice, db, whom, Kind.reply, message(plain("Kept.")), key=f"reply:{number}", now=clock.now()
                )
            talk.ready(chat)
            service._bells.mail.set()

        async def is_done() -> bool:
            async with practice.database.read() as db:
                found = await outbox.counts(db, clock.now() - timedelta(days=1))
            return not {"pending", "sending"} & found.keys()

        await service.start()
        told, talk = _begin(), Talk(size, reply)
        serving = asyncio.create_task(service.serve(stop))
        talking = asyncio.create_task(talk.run())
        await _until_sent(url, size)
        talking.cancel()
        await asyncio.wait({talking})
        ends = time.monotonic() + 20
        while not await is_done() and time.monotonic() < ends:  # noqa: ASYNC110  # a row rings no bell
            await asyncio.sleep(0.2)
        stop.set()
        await serving
        await service.stop()
        await practice.database.close()
        await practice.vault.close()
    return told() | {"replies": talk.began}


# Peers


async def ptb(url: str, size: int, *, retries: int) -> dict[str, Any]:
    """A job for each leader falls due at once; the library's own limiter paces them."""
    import logging
    import os

    os.environ["PTB_TIMEDELTA"] = "true"
    from telegram.ext import AIORateLimiter, ExtBot

    logging.disable(logging.CRITICAL)
    bot = ExtBot(TOKEN, base_url=f"{url}/bot", rate_limiter=AIORateLimiter(max_retries=retries))
    async with bot:
        return await _peer(url, size, lambda chat: bot.send_message(chat, WORDS), at_once=True)


async def aiogram(url: str, size: int, *, waits: bool) -> dict[str, Any]:
    """One after the other: a short sleep after each, as most do, or waiting for as long as a refusal says."""
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.exceptions import TelegramRetryAfter

    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    bot = Bot(TOKEN, session=session)

    async def send(chat: int) -> None:
        while True:
            try:
                await bot.send_message(chat, WORDS)
            except TelegramRetryAfter as refused:
                if not waits:
                    raise
                await asyncio.sleep(refused.retry_after)
            else:
                break
        if not waits and chat <= size:
            await asyncio.sleep(0.05)

    try:
        return await _peer(url, size, send, at_once=False)
    finally:
        await session.close()


async def _peer(url: str, size: int, send: Sending, *, at_once: bool) -> dict[str, Any]:
    told = _begin()
    talk = Talk(size, send)
    talking = asyncio.create_task(talk.run())
    failures = 0

    async def one(chat: int) -> None:
        nonlocal failures
        try:
            await send(chat)
        except Exception:  # noqa: BLE001  # it is logged, and the next one is sent
            failures += 1

    async def wave() -> None:
        if at_once:
            await asyncio.gather(*(one(chat) for chat in range(1, size + 1)))
        else:
            for chat in range(1, size + 1):
                await one(chat)

    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(wave(), PATIENCE * size / PER_SECOND)
    talking.cancel()
    await asyncio.wait({talking}, timeout=5)
    return told() | {"replies": talk.began}


def _begin() -> Callable[[], dict[str, Any]]:
    began, used = time.monotonic(), time.process_time()
    return lambda: {"began": began, "used": time.process_time() - used}


async def _until_sent(url: str, size: int) -> None:
    """Everything has come, or nothing has for a while."""
    ends = time.monotonic() + PATIENCE * size / PER_SECOND
    while time.monotonic() < ends:
        await asyncio.sleep(0.5)
        found = await asyncio.to_thread(counts, url)
        if sum(int(chat) <= size for chat in found["arrived"]) == size:
            return


CONTESTANTS: dict[str, Callable[[str, int], Awaitable[dict[str, Any]]]] = {
    "Interlude": ours,
    "PTB, AIORateLimiter": lambda url, size: ptb(url, size, retries=0),
    "PTB, AIORateLimiter, retries": lambda url, size: ptb(url, size, retries=5),
    "aiogram, sleep(0.05)": lambda url, size: aiogram(url, size, waits=False),
    "aiogram, retry on flood": lambda url, size: aiogram(url, size, waits=True),
}


def race(name: str, model: str, size: int, alone: bool) -> dict[str, Any]:
    """Each in a process of its own, except in the tests: importing everything again would take longer than the rest."""
    with telegram(model, ROUND_TRIP_MS) as url:
        if alone:
            order = [sys.executable, __file__, "--as", name, "--url", url, "--size", str(size)]
            said = subprocess.run(order, check=True, stdout=subprocess.PIPE, text=True).stdout
            told = json.loads(said.splitlines()[-1])
        else:
            told = asyncio.run(CONTESTANTS[name](url, size))
        seen = counts(url)
    arrived = {int(chat): times for chat, times in seen["arrived"].items()}
    wave = {chat: times for chat, times in arrived.items() if chat <= size}
    waits = [
        1000 * (there - ready) + ROUND_TRIP_MS / 2
        for chat, began in told["replies"].items()
        for ready, there in zip(began, arrived.get(int(chat), []), strict=False)
    ]
    asked = sum(map(len, told["replies"].values()))
    ideal = (size + len(waits)) / PER_SECOND  # replies take of the same thirty
    return {
        "ratio": (max(times[0] for times in wave.values()) - told["began"]) / ideal,
        "refused": seen["refused"], "lost": size - len(wave), "twice": sum(len(times) > 1 for times in wave.values()),
        "reply": statistics.median(waits or [nan]), "worst": max(waits, default=nan), "replies lost": asked - len(waits),
        "cpu": 1e6 * told["used"] / max(1, sum(map(len, arrived.values()))),
    }  # fmt: skip


def row(name: str, model: str, rounds: list[dict[str, Any]]) -> None:
    m = {key: statistics.median(found[key] for found in rounds) for key in rounds[0]}
    print(
        f"{name:30}{model:9}{m['ratio']:8.2f}{m['refused']:9.0f}{m['lost']:7.0f}{m['twice']:7.0f}{m['reply']:10.0f}"
        f"{max(found['worst'] for found in rounds):10.0f}{m['replies lost']:8.0f}{m['cpu']:9.0f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few leaders and one limiter, to see that it still runs")
    parser.add_argument("--size", type=int, default=3_000, help="how many are due at once")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--together", action="store_true", help="all limiters side by side: a quarter of the time")
    parser.add_argument("--models", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--only", nargs="+", default=list(CONTESTANTS), choices=CONTESTANTS)
    parser.add_argument("--as", dest="name", choices=CONTESTANTS, help="one contestant against the server at --url")
    parser.add_argument("--url")
    given = parser.parse_args()
    if given.name:
        print(json.dumps(asyncio.run(CONTESTANTS[given.name](given.url, given.size))))
        return
    if given.small:
        given.size, given.rounds, given.models = 35, 1, ["rolling"]
        given.only = ["Interlude"]
    print(f"{'':39}{'x ideal':>8}{'refused':>9}{'lost':>7}{'twice':>7}{'reply ms':>10}{'worst':>10}{'lost':>8}{'CPU us':>9}")
    print(f"{'limit':39}{1:8.2f}{0:9}{0:7}{0:7}{ROUND_TRIP_MS:10}{ROUND_TRIP_MS:10}{0:8}", flush=True)
    with ThreadPoolExecutor(len(given.models) if given.together else 1) as at_once:
        for name in given.only:
            races = [(name, model, given.size, not given.small) for model in given.models]
            rounds = [list(at_once.map(lambda one: race(*one), races)) for _ in range(given.rounds)]
            for model, found in zip(given.models, zip(*rounds, strict=True), strict=True):
                row(name, model, list(found))


if __name__ == "__main__":
    main()
