"""The schema gate: an empty database is created, an older one waits for `interlude migrate`, a newer one is left alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import DataError
from bot.failpoints import reach

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0007"
"""The newest revision in `migrations/`. Stated here so that a start does not have to import Alembic; a test compares."""

State = Literal["empty", "current", "older", "newer"]


async def state_of(engine: AsyncEngine) -> State:
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_read_state)
    except (DBAPIError, OSError) as error:
        cause = getattr(error, "orig", error)
        raise DataError(f"The database cannot be opened ({type(cause).__name__}: {cause}). It was left untouched.") from None


def _read_state(connection: Connection) -> State:
    tables = inspect(connection)
    if not tables.has_table("alembic_version"):
        if tables.has_table("data_key"):
            raise DataError("INTERLUDE_DATABASE_URL names a key store; that one belongs into INTERLUDE_KEYSTORE_URL.")
        return "empty"
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if revision is None:
        return "empty"
    if revision == HEAD:
        return "current"
    return "older" if revision < HEAD else "newer"  # revisions are numbered


async def upgrade(engine: AsyncEngine) -> None:
    """Bring the database to `HEAD`, in one transaction."""
    await upgrade_to(engine, "head")


async def upgrade_to(engine: AsyncEngine, revision: str) -> None:
    """SQLite changes a table by making it anew, which the rows that refer to it forbid: so they are looked at afterwards,
    before anything is committed."""
    from alembic import command

    writing = engine.execution_options(writes=True)
    reach("migrate.before")
    async with writing.connect() as connection, _unwatched_references(connection), connection.begin():
        await connection.run_sync(lambda sync: command.upgrade(config(sync), revision))
        await _refuse_dangling(connection)
        reach("migrate.inside")
    reach("migrate.committed")


@asynccontextmanager
async def _unwatched_references(connection: AsyncConnection) -> AsyncIterator[None]:
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    await raw.execute("PRAGMA foreign_keys=OFF")  # has no effect within a transaction
    try:
        yield
    finally:
        await raw.execute("PRAGMA foreign_keys=ON")


async def _refuse_dangling(connection: AsyncConnection) -> None:
    if connection.dialect.name == "sqlite" and (await connection.exec_driver_sql("PRAGMA foreign_key_check")).first():
        raise DataError("The database holds rows that refer to others which are gone; it was left untouched.")


def config(connection: Connection) -> "Config":
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["connection"] = connection
    return made
