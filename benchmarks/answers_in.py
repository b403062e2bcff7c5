"""Answers that are on disk, a second: from the bytes that Telegram sends to the commit after which it is told that they have
arrived. Ours by polling and by webhook, beside the raw commits of SQLite and a python-telegram-bot application that does
the same INSERT in its handler (and has told Telegram before)."""

import argparse
import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from math import nan
from pathlib import Path
from typing import Any

from crowd import HERE, TOKEN, contest, postgres, practice_of, run_alone, telegram
from limiter import update

BATCH = 100
Found = dict[str, float]


def measured(size: int, began: tuple[float, float]) -> Found:
    seconds, used = time.perf_counter() - began[0], time.process_time() - began[1]
    return {"rate": size / seconds, "cpu": 1e6 * used / size, "p99": nan}


def begin() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def raw(size: int, together: int) -> Found:
    """The limit: as many rows in a commit, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "raw.db", isolation_level=None)
        database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (n INTEGER PRIMARY KEY, x)")
        bodies, began = [(number, update(number)) for number in range(size)], begin()
        for first in range(0, size, together):
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO t VALUES (?, ?)", bodies[first : first + together])
            database.execute("COMMIT")
        found = measured(size, began)
        database.close()
        return found


async def polled(url: str, size: int, database_url: str | None = None) -> Found:
    """The poller; then what it stored is counted."""
    from bot.chat.poller import Poller
    from bot.chat.telegram_bot import make_bot
    from bot.clock import SystemClock
    from bot.work.opening import close_practice

    with tempfile.TemporaryDirectory() as folder:
        clock = SystemClock()
        practice = await practice_of(Path(folder), 1, clock.now(), database_url)
        bot = make_bot(TOKEN, url)
        await bot.initialize()
        poller, stored, began = Poller(bot, practice, clock, lambda: None), 0, begin()
        while stored < size:
            stored += await poller.poll_once(0)
        found = measured(size, began)
        await _are_there(practice, size)
        await bot.shutdown()
        await close_practice(practice)
    return found


async def handled(url: str, size: int) -> Found:
    """Further on: each understood, its effects and the reply to it committed together."""
    from bot.chat.poller import Poller
    from bot.chat.receiver import Receiver
    from bot.chat.telegram_bot import make_bot
    from bot.clock import SystemClock
    from bot.work.opening import close_practice

    with tempfile.TemporaryDirectory() as folder:
        clock = SystemClock()
        practice = await practice_of(Path(folder), 1000, clock.now())
        bot = make_bot(TOKEN, url)
        await bot.initialize()
        receiver = Receiver(bot, practice, clock)
        await receiver.start()
        poller, stored, began = Poller(bot, practice, clock, lambda: None), 0, begin()
        while stored < size:
            stored += await poller.poll_once(0)
            while await receiver.receive_one():
                pass
        found = measured(size, began)
        await receiver.stop()
        await bot.shutdown()
        await close_practice(practice)
    return found


async def hooked(url: str, size: int, database_url: str | None = None) -> Found:
    """The webhook, behind the server it has in service; forty connections deliver, each waiting for its 200."""
    import uvicorn

    from bot.chat.telegram_bot import make_bot
    from bot.chat.webhook import Webhook
    from bot.clock import SystemClock
    from bot.work.opening import close_practice

    with tempfile.TemporaryDirectory() as folder:
        clock = SystemClock()
        practice = await practice_of(Path(folder), 1, clock.now(), database_url)
        hook = Webhook(make_bot(TOKEN, url), practice, clock, path="/hook", secret="s", on_stored=lambda: None)
        server = uvicorn.Server(
            uvicorn.Config(hook.app(), port=0, ws="none", lifespan="off", log_config=None, access_log=False)
        )
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  # the server has no event for it
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        began = begin()
        order = [sys.executable, str(HERE / "limiter.py"), "deliver", str(port), str(size)]
        delivering = await asyncio.create_subprocess_exec(*order, stdout=asyncio.subprocess.PIPE)
        said, _ = await delivering.communicate()
        used = time.process_time() - began[1]
        server.should_exit = True
        await serving
        await _are_there(practice, size)
        await close_practice(practice)
    return dict(json.loads(said)) | {"cpu": 1e6 * used / size}


async def _are_there(practice: Any, size: int) -> None:
    from bot.db import inbox

    async with practice.database.read() as db:
        assert await inbox.counts(db) == {"waiting": size}


async def ptb(url: str, size: int) -> Found:
    """A handler that adds a row and commits, as most are written."""
    from sqlalchemy import event
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
    from telegram.ext import ApplicationBuilder, MessageHandler, filters

    class Base(DeclarativeBase): ...

    class Answer(Base):
        __tablename__ = "answer"
        id: Mapped[int] = mapped_column(primary_key=True)
        chat: Mapped[int]
        text: Mapped[str]

    with tempfile.TemporaryDirectory() as folder:
        engine = create_async_engine(f"sqlite+aiosqlite:///{folder}/a.db")

        @event.listens_for(engine.sync_engine, "connect")
        def _as_durable_as_ours(connection: Any, _: object) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")

        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        session, done, all_done = async_sessionmaker(engine), 0, asyncio.Event()

        async def keep(update: Any, _: Any) -> None:
            nonlocal done
            async with session() as db:
                db.add(Answer(chat=update.effective_chat.id, text=update.effective_message.text))
                await db.commit()
            done += 1
            if done == size:
                all_done.set()

        application = ApplicationBuilder().token(TOKEN).base_url(f"{url}/bot").build()
        application.add_handler(MessageHandler(filters.TEXT, keep))
        async with application:
            await application.start()
            began = begin()
            assert application.updater is not None
            await application.updater.start_polling(timeout=0)
            await all_done.wait()
            found = measured(size, began)
            await application.updater.stop()
            await application.stop()
        await engine.dispose()
    return found


async def _alone(found: Found) -> Found:
    return found


CONTESTANTS: dict[str, Callable[..., Awaitable[Found]]] = {
    "raw SQLite, a commit for each": lambda url, size: _alone(raw(size, 1)),
    "raw SQLite, a hundred in a commit": lambda url, size: _alone(raw(size, BATCH)),
    "PTB polling, INSERT in the handler": ptb,
    "Interlude polling, SQLite": polled,
    "Interlude webhook, SQLite": hooked,
    "Interlude polling, PostgreSQL": polled,
    "Interlude webhook, PostgreSQL": hooked,
    "Interlude, handled and replied to": handled,
}
SLOW = ("PTB polling, INSERT in the handler", "Interlude, handled and replied to")


def race(name: str, size: int, *more: str, alone: bool = True) -> Found:
    with telegram(updates=size) as url:
        if not alone:
            return asyncio.run(CONTESTANTS[name](url, size))
        return dict(run_alone(__file__, name, url, size, *more))


def row(name: str, rounds: list[Found], single: float) -> float:
    m = {key: statistics.median(found[key] for found in rounds) for key in rounds[0]}
    print(f"{name:40}{m['rate']:10.0f}{m['rate'] / (single or m['rate']):10.2f}{m['cpu']:10.0f}{m['p99']:10.1f}", flush=True)
    return m["rate"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=20_000)
    if (given := contest(parser, CONTESTANTS)) is None:
        return
    if given.small:
        given.size, given.rounds = 50, 1
        given.only = ["raw SQLite, a commit for each", "Interlude polling, SQLite", "Interlude webhook, SQLite"]
    print(f"{'':40}{'a second':>10}{'x single':>10}{'CPU us':>10}{'p99 ms':>10}")
    single = 0.0
    for name in given.only:
        size = given.size if name not in SLOW else min(given.size, 400)
        if "PostgreSQL" in name:
            with postgres() as new_database:
                row(name, [race(name, size, new_database()) for _ in range(given.rounds)], single)
        else:
            rate = row(name, [race(name, size, alone=not given.small) for _ in range(given.rounds)], single)
            single = single or rate


if __name__ == "__main__":
    main()
