"""Waking up among more and more leaders: with nothing due, with a hundred and with a thousand, outbox rows included; how
long a start takes and how much memory; beside PTB's JobQueue, with a job for each leader. A process for each line."""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from crowd import HERE, TOKEN, postgres, telegram
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from planning import DAILY, NOW, fill
from sqlalchemy import delete, func, insert, select, update

from bot import catalog
from bot.db.keystore import data_key
from bot.db.tables import AskedQuestion, Delivery, Enrolment, Occurrence
from bot.db.types import new_id
from bot.vault import KeyRing
from bot.work import ticks
from bot.work.deliver import Post
from bot.work.opening import close_practice, open_practice
from bot.work.practice import Practice

DUE = {100: 5, 1_000: 1}  # how often each is measured: a thousand take half a minute
Found = dict[str, float]


def now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def ms_since(began: tuple[float, float]) -> tuple[float, float]:
    return 1000 * (time.perf_counter() - began[0]), 1000 * (time.process_time() - began[1])


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def ours(size: int, url: str | None = None) -> Found:
    version = UUID(int=0)
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        url = url or f"sqlite:///{folder / 'interlude.db'}"
        keys = folder / "interlude.keys"
        keys.write_text(KeyRing.new_line() + "\n")
        practice = await _opened(folder, url, keys)
        await fill(practice.database, size, version)
        await close_practice(practice)
        began = now()
        practice = await _opened(folder, url, keys)
        await ticks.look(practice, Post())
        found = {"start": ms_since(began)[0]}
        practice.parsed[version] = catalog.parse(DAILY, "daily.yaml")
        await _make_keys(practice, KeyRing.read(keys), _some(size, max(DUE)))
        empty = []
        for _ in range(20):
            began = now()
            await ticks.look(practice, Post())
            empty.append(ms_since(began))
        found["empty"], found["empty cpu"] = (statistics.median(values) for values in zip(*empty, strict=True))
        for due, times in DUE.items():
            rounds = [await _tick(practice, _some(size, due)) for _ in range(times)]
            found[str(due)], found[f"{due} cpu"] = (statistics.median(values) for values in zip(*rounds, strict=True))
        await close_practice(practice)
        return found | {"memory": memory()}


def _some(size: int, due: int) -> list[UUID]:
    due = min(size, due)
    return [UUID(int=1 + n * (size // due)) for n in range(due)]


async def _opened(folder: Path, url: str, keys: Path) -> Practice:
    return await open_practice(
        database_url=url, keystore_url=f"sqlite:///{folder / 'keys.db'}", keys_file=keys,
        prompts_dir=HERE.parent / "prompts", name="Benchmark", now=NOW,
    )  # fmt: skip


async def _make_keys(practice: Practice, ring: KeyRing, owners: list[UUID]) -> None:
    rows = [
        {"owner": owner, "scope": "shared", "id": new_id(), "kid": ring.first,
         "wrapped": aes_key_wrap(ring.keys[ring.first], os.urandom(32))}
        for owner in owners
    ]  # fmt: skip
    async with practice.vault._store.engine.execution_options(writes=True).begin() as connection:  # type: ignore[attr-defined]
        await connection.execute(insert(data_key), rows)


async def _tick(practice: Practice, some: list[UUID]) -> tuple[float, float]:
    async with practice.database.write() as db:
        for table in (Delivery, AskedQuestion, Occurrence):
            await db.execute(delete(table))
        for first in range(0, len(some), 500):
            chunk = some[first : first + 500]
            await db.execute(update(Enrolment).where(Enrolment.id.in_(chunk)).values(next_due_at=NOW))
    began = now()
    await ticks.tick(practice, NOW, await ticks.look(practice, Post()))
    taken = ms_since(began)
    async with practice.database.read() as db:
        prompts = select(func.count()).where(Delivery.kind == "prompt")
        assert await db.scalar(prompts) == len(some)
    return taken


async def theirs(size: int) -> Found:
    """PTB's JobQueue: a job for each leader, added again at each start, and each writes a row to be sent."""
    from sqlalchemy import event, text
    from sqlalchemy.ext.asyncio import create_async_engine
    from telegram.ext import ApplicationBuilder

    with tempfile.TemporaryDirectory() as folder, telegram() as url:
        engine = create_async_engine(f"sqlite+aiosqlite:///{folder}/a.db")

        @event.listens_for(engine.sync_engine, "connect")
        def _as_durable_as_ours(connection: Any, _: object) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")

        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE outbox (id INTEGER PRIMARY KEY, chat INTEGER, body TEXT)"))
        application = ApplicationBuilder().token(TOKEN).base_url(f"{url}/bot").build()
        queue, done = application.job_queue, 0
        keep = text("INSERT INTO outbox (chat, body) VALUES (:chat, 'How was it?')")
        assert queue is not None

        async def ask(context: Any) -> None:
            nonlocal done
            async with engine.begin() as connection:
                await connection.execute(keep, {"chat": context.job.data})
            done += 1

        began = now()
        for n in range(size):
            queue.run_repeating(ask, 86_400, first=datetime.now(UTC) + timedelta(days=1, seconds=n % 36_000), data=n)
        async with application:
            await queue.start()
            found = {"start": ms_since(began)[0], "empty": float("nan"), "empty cpu": float("nan")}
            for due, times in DUE.items():
                rounds = []
                for _ in range(times):
                    done = 0
                    began = now()
                    for n in range(min(due, size)):
                        queue.run_once(ask, 0, data=n)
                    while done < min(due, size):  # noqa: ASYNC110  # jobs are tasks of this loop
                        await asyncio.sleep(0.001)
                    rounds.append(ms_since(began))
                found[str(due)], found[f"{due} cpu"] = (statistics.median(values) for values in zip(*rounds, strict=True))
            await queue.stop(wait=False)
        await engine.dispose()
        return found | {"memory": memory()}


CONTESTANTS: dict[str, Callable[..., Awaitable[Found]]] = {
    "Interlude, SQLite": ours, "Interlude, PostgreSQL": ours, "PTB, JobQueue": theirs,
}  # fmt: skip


def line(name: str, size: int, *more: str, alone: bool = True) -> None:
    if alone:
        order = [sys.executable, __file__, "--as", name, str(size), *more]
        said = subprocess.run(order, check=True, stdout=subprocess.PIPE, text=True)
        m = json.loads(said.stdout.splitlines()[-1])
    else:
        m = asyncio.run(CONTESTANTS[name](size))
    print(
        f"{name:24}{size:>12,}{m['start'] / 1000:>9.2f}{m['memory']:>8.0f}{m['empty']:>9.2f}{m['empty cpu']:>9.2f}"
        f"{m['100']:>10.0f}{m['100 cpu']:>10.0f}{m['1000']:>10.0f}{m['1000 cpu']:>10.0f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few leaders on SQLite, to see that it still runs")
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--jobs", nargs="*", type=int, default=[10_000, 100_000], help="for PTB's JobQueue")
    parser.add_argument("--as", dest="one", nargs="+", help="one line: its name, how many, a database")
    given = parser.parse_args()
    if given.one:
        name, size, *more = given.one
        print(json.dumps(asyncio.run(CONTESTANTS[name](int(size), *more))))
        return
    if given.small:
        given.sizes, given.jobs = [5], [5]
    print(
        f"{'':24}{'leaders':>12}{'start s':>9}{'MB':>8}{'empty ms':>9}{'CPU':>9}{'100, ms':>10}{'CPU':>10}{'1000, ms':>10}"
        f"{'CPU':>10}"
    )
    for size in given.sizes:
        line("Interlude, SQLite", size, alone=not given.small)
    if not given.small:
        with postgres() as new_database:
            for size in given.sizes:
                line("Interlude, PostgreSQL", size, new_database())
    for size in given.jobs:
        line("PTB, JobQueue", size, alone=not given.small)


if __name__ == "__main__":
    main()
