"""Engines and transactions for SQLite and PostgreSQL: one way to read, one way to write."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import gaierror
from typing import Any

from sqlalchemy import ScalarSelect, event, func, select
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from bot.failpoints import reach

Instant = ScalarSelect[Any]
"""A subquery that yields one instant: many of them make one look at what is due."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA busy_timeout=10000",
)


def driver_url(url: str) -> str:
    """`sqlite:///path` and `postgresql://...` with the drivers we ship."""
    parsed = make_url(url)
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}[parsed.get_backend_name()]
    query = {"ssl" if name == "sslmode" else name: value for name, value in parsed.query.items()}  # as the driver calls it
    return parsed.set(drivername=driver, query=query).render_as_string(hide_password=False)


APPLICATION = "interlude"
_SERVING = {  # of a process that serves people; whoever moves or migrates a database has all the time there is
    "timeout": 10,
    "command_timeout": 60,
    # a process that was frozen in the middle of a transaction must not hold up the others for longer
    "server_settings": {"application_name": APPLICATION, "idle_in_transaction_session_timeout": "10s"},
}
_TURN = select(func.pg_advisory_xact_lock(0x1A7E41))
_OPENING = select(func.pg_advisory_lock(0x1A7E42))


# no connection, a lock that others hold, out of something, told to stop: PostgreSQL's classes of such errors
_AWAY = ("08", "40", "53", "55", "57", "58")
_SQLITE_AWAY = ("SQLITE_FULL", "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN")


def make_engine(url: str, *, serving: bool = False) -> AsyncEngine:
    is_sqlite = url.startswith("sqlite")
    options: dict[str, Any] = {} if is_sqlite else {"pool_pre_ping": True, "connect_args": _SERVING if serving else {}}
    engine = create_async_engine(driver_url(url), **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # by itself the driver opens no transaction on SELECT or DDL
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_away(error: BaseException | None) -> bool:
    """Whether the database cannot be reached, or gave up on us: nothing is wrong with what was to be done."""
    state = str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
    is_cut_off = isinstance(error, DBAPIError) and (error.connection_invalidated or state[:2] in _AWAY)
    return is_cut_off or isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError)


def is_surely_away(error: BaseException | None) -> bool:
    """The same, and beyond doubt: it concerns everybody, however often one thing meets with it."""
    orig = getattr(error, "orig", None)
    code, state = str(getattr(orig, "sqlite_errorname", "")), str(getattr(orig, "sqlstate", None) or "")
    says_so = code.startswith(_SQLITE_AWAY) or state[:2] in ("08", "57") or state in ("53100", "53300")
    is_cut_off = isinstance(error, DBAPIError) and error.connection_invalidated
    return says_so or is_cut_off or isinstance(error, PoolTimeout | ConnectionError | gaierror)


class Database:
    """Opens transactions. Only `work/` calls it."""

    def __init__(self, url: str, *, serving: bool = False) -> None:
        self.engine = make_engine(url, serving=serving)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._reader = async_sessionmaker(self.engine, expire_on_commit=False)
        self._writer = async_sessionmaker(self.engine.execution_options(writes=True), expire_on_commit=False)
        # One writer at a time, in all processes. On SQLite that is cheaper than its busy loop. On PostgreSQL: no two postmen
        # find one chat idle, no two planners ask one leader, and no brief is written with what is just being taken back.
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        async with self._reader() as db, db.begin():
            yield db

    @asynccontextmanager
    async def write(self, at: str = "") -> AsyncIterator[AsyncSession]:
        """Commits when the block ends, rolls back when it raises. `at` names its failpoints."""
        reach(f"{at}.before")
        async with self._turn, self._writer() as db, db.begin():
            if not self.is_sqlite:
                await db.execute(_TURN)
            yield db
            if at:
                await db.flush()
                reach(f"{at}.inside")
        reach(f"{at}.committed")

    @asynccontextmanager
    async def append(self, at: str = "") -> AsyncIterator[AsyncSession]:
        """The same for rows that have to do with no others: on PostgreSQL nobody's turn is waited for."""
        if self.is_sqlite:
            async with self.write(at) as db:
                yield db
            return
        reach(f"{at}.before")
        async with self._writer() as db, db.begin():
            yield db
            if at:
                reach(f"{at}.inside")
        reach(f"{at}.committed")

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """While this process opens, checks and perhaps makes the schema, no other one does."""
        if self.is_sqlite:
            yield
            return
        async with self.engine.connect() as connection:
            await connection.execute(_OPENING)
            await connection.commit()  # the lock is the session's: it stays
            try:
                yield
            finally:
                await connection.invalidate()

    async def close(self) -> None:
        await self.engine.dispose()
