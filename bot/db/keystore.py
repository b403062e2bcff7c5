"""The key store: wrapped data keys in a database of their own, so that a copy of the answers does not hold them.

Beside them stands the journal of erasures: whose keys were dropped. It outlives the answers' database, so that a backup
from before an erasure does not bring anybody back.
"""

from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, Uuid, delete, insert, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.engine import make_engine
from bot.vault import WrappedKey

metadata = MetaData()
data_key = Table(
    "data_key",
    metadata,
    Column("owner", Uuid, primary_key=True),
    Column("scope", String(16), primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("kid", String(64), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
erasure = Table("erasure", metadata, Column("owner", Uuid, primary_key=True))
_A_STATEMENT = 500  # rows; SQLite bounds the number of values


class DatabaseKeyStore:
    """`bot.vault.KeyStore` in SQLite (`keys.db`) or in a PostgreSQL database of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url, serving=True)

    async def exists(self) -> bool:
        async with self.engine.connect() as connection:
            return await connection.run_sync(lambda sync: inspect(sync).has_table("data_key"))

    async def is_in_use(self) -> bool:
        """Whether it holds the keys of a practice."""
        if not await self.exists():
            return False
        async with self.engine.connect() as connection:
            return (await connection.execute(select(data_key.c.id).limit(1))).first() is not None

    async def create(self) -> None:
        async with self._writing() as connection:
            await connection.run_sync(metadata.create_all)

    async def get(self, owner: UUID, scope: str) -> WrappedKey | None:
        query = select(data_key).where(data_key.c.owner == owner, data_key.c.scope == scope)
        async with self._reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return WrappedKey(row.id, row.owner, row.scope, row.kid, row.wrapped) if row else None

    async def get_all(self, owners: Collection[UUID], scope: str) -> list[WrappedKey]:
        query = select(data_key).where(data_key.c.owner.in_(owners), data_key.c.scope == scope)
        async with self._reading() as connection:
            rows = (await connection.execute(query)).all()
        return [WrappedKey(row.id, row.owner, row.scope, row.kid, row.wrapped) for row in rows]

    async def add(self, key: WrappedKey) -> WrappedKey:
        try:
            async with self._writing() as connection:
                await connection.execute(
                    insert(data_key).values(
                        id=key.id, owner=key.owner, scope=key.scope, kid=key.kid, wrapped=key.wrapped
                    )
                )
        except IntegrityError:  # another process was first: its key is the one
            first = await self.get(key.owner, key.scope)
            assert first is not None
            return first
        return key

    async def drop(self, owner: UUID) -> None:
        async with self._writing() as connection:
            await connection.execute(delete(data_key).where(data_key.c.owner == owner))
            if (await connection.execute(select(erasure).where(erasure.c.owner == owner))).first() is None:
                await connection.execute(insert(erasure).values(owner=owner))
        if self.engine.dialect.name == "sqlite":
            async with self.engine.connect() as connection:  # the log must not keep what was erased
                raw = (await connection.get_raw_connection()).driver_connection  # no transaction around it
                assert raw is not None
                cursor = await raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                await cursor.close()

    async def contents(self) -> tuple[list[WrappedKey], list[UUID]]:
        """Every key, and everybody whose keys were dropped, as of one moment."""
        options = {} if self.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        async with self.engine.execution_options(**options).connect() as connection:
            rows = await connection.execute(select(data_key).order_by(data_key.c.id))
            keys = [WrappedKey(row.id, row.owner, row.scope, row.kid, row.wrapped) for row in rows]
            has_journal = await connection.run_sync(lambda sync: inspect(sync).has_table("erasure"))
            found = await connection.execute(select(erasure).order_by(erasure.c.owner)) if has_journal else ()
            erased = [row.owner for row in found]
        return keys, erased

    async def fill(self, keys: Collection[WrappedKey], erased: Collection[UUID]) -> None:
        """Take in what another store held; it has to be empty. All of it, or nothing."""
        held = [{"id": k.id, "owner": k.owner, "scope": k.scope, "kid": k.kid, "wrapped": k.wrapped} for k in keys]
        gone = [{"owner": owner} for owner in erased]
        async with self._writing() as connection:
            for table, rows in ((data_key, held), (erasure, gone)):
                for start in range(0, len(rows), _A_STATEMENT):
                    await connection.execute(insert(table), rows[start : start + _A_STATEMENT])

    async def close(self) -> None:
        await self.engine.dispose()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        with _away():
            async with self.engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        with _away():
            async with self.engine.execution_options(writes=True).begin() as connection:
                yield connection


@contextmanager
def _away() -> Iterator[None]:
    """A server that cannot be reached says so in many ways; what was to be done with a key is not to blame in any."""
    try:
        yield
    except ConnectionError:
        raise
    except OSError as error:
        raise ConnectionError(f"the key store cannot be reached ({type(error).__name__})") from error
