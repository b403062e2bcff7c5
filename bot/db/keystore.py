"""The key store: wrapped data keys in a database of their own, so that a copy of the answers does not hold them."""

from contextlib import AbstractAsyncContextManager
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


class DatabaseKeyStore:
    """`bot.vault.KeyStore` in SQLite (`keys.db`) or in a PostgreSQL database of its own."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)

    async def exists(self) -> bool:
        async with self.engine.connect() as connection:
            return await connection.run_sync(lambda sync: inspect(sync).has_table("data_key"))

    async def create(self) -> None:
        async with self._writing() as connection:
            await connection.run_sync(metadata.create_all)

    async def get(self, owner: UUID, scope: str) -> WrappedKey | None:
        query = select(data_key).where(data_key.c.owner == owner, data_key.c.scope == scope)
        async with self.engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        return WrappedKey(row.id, row.owner, row.scope, row.kid, row.wrapped) if row else None

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
        if self.engine.dialect.name == "sqlite":
            async with self.engine.connect() as connection:  # the log must not keep what was erased
                raw = (await connection.get_raw_connection()).driver_connection  # no transaction around it
                assert raw is not None
                cursor = await raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                await cursor.close()

    async def close(self) -> None:
        await self.engine.dispose()

    def _writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self.engine.execution_options(writes=True).begin()
