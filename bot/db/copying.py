"""All rows of one database into another, of either kind, and a second look at every one of them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Column, MetaData, Row, Table, bindparam, func, insert, select, text, tuple_, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.db.engine import APPLICATION
from bot.db.tables import Lease
from bot.errors import DataError

_BATCH = 500  # rows in a statement; SQLite bounds the number of values
_CONNECTED = text(
    "SELECT 'connected from ' || coalesce(host(client_addr), 'this machine') FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = :name LIMIT 1"
)


@asynccontextmanager
async def as_it_stands(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One moment of a database, however long one reads."""
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    async with engine.execution_options(**options).connect() as connection, connection.begin():
        yield connection


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.execution_options(writes=True).begin() as connection:
        yield connection


async def holder_of(engine: AsyncEngine) -> str | None:
    """A bot that is running on a PostgreSQL database right now: it holds a lease, or a connection if it only plans."""
    if engine.dialect.name == "sqlite":  # there a lock on the folder says so
        return None
    held = select(Lease.holder).where(Lease.until > func.clock_timestamp()).limit(1)
    async with engine.connect() as connection:
        holder: str | None = await connection.scalar(held)
        return holder or await connection.scalar(_CONNECTED, {"name": APPLICATION})


async def copy_all(source: AsyncConnection, target: AsyncConnection, metadata: MetaData) -> dict[str, int]:
    """Within the caller's transaction. How many rows each table has, once every one has been compared."""
    counts = {}
    for table in metadata.sorted_tables:
        try:
            counts[table.name] = await _copy(source, target, table)
        except DBAPIError as error:  # what the row holds is nobody's business
            raise DataError(f"A row of {table.name} does not fit ({type(error.orig).__name__}).") from None
    for table in metadata.sorted_tables:
        await _compare(source, target, table)
    return counts


async def _copy(source: AsyncConnection, target: AsyncConnection, table: Table) -> int:
    """A reference to another row of the same table is set afterwards: that row may come later."""
    own = [column for column in table.c if any(key.column.table is table for key in column.foreign_keys)]
    count = 0
    async for rows in _batches(source, table):
        count += len(rows)
        await target.execute(insert(table), [row._asdict() | {column.name: None for column in own} for row in rows])
    if own:
        async for rows in _batches(source, table):
            await _refer(target, table, own, rows)
    return count


async def _refer(target: AsyncConnection, table: Table, own: Sequence[Column[Any]], rows: Sequence[Row[Any]]) -> None:
    [key] = table.primary_key.columns
    for column in own:
        values = [{"of": getattr(row, key.name), "to": getattr(row, column.name)} for row in rows]
        if told := [pair for pair in values if pair["to"] is not None]:
            setting = update(table).where(key == bindparam("of", type_=key.type))
            await target.execute(setting.values({column: bindparam("to", type_=column.type)}), told)


async def _batches(connection: AsyncConnection, table: Table) -> AsyncIterator[Sequence[Row[Any]]]:
    query = select(table).order_by(*table.primary_key.columns)
    async with connection.stream(query, execution_options={"yield_per": _BATCH}) as result:
        async for rows in result.partitions():
            yield rows


async def _compare(source: AsyncConnection, target: AsyncConnection, table: Table) -> None:
    """Value by value; by their keys, as the two kinds may sort text differently."""
    keys = list(table.primary_key.columns)
    total = 0
    async for rows in _batches(source, table):
        wanted = {tuple(getattr(row, key.name) for key in keys): tuple(row) for row in rows}
        chosen = tuple_(*keys).in_(wanted) if len(keys) > 1 else keys[0].in_([key for key, in wanted])
        found = await target.execute(select(table).where(chosen))
        total += len(rows)
        if {tuple(getattr(row, key.name) for key in keys): tuple(row) for row in found} != wanted:
            raise DataError(f"A row of {table.name} is not the same in both databases: nothing was copied.")
    if await target.scalar(select(func.count()).select_from(table)) != total:
        raise DataError(f"{table.name} has more rows than there were: nothing was copied.")
