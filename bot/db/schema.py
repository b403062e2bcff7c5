"""The schema gate: an empty database is created, an older one waits for `interlude migrate`, a newer one is left alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import DataError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0004"
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
    if not inspect(connection).has_table("alembic_version"):
        return "empty"
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if revision is None:
        return "empty"
    if revision == HEAD:
        return "current"
    return "older" if revision < HEAD else "newer"  # revisions are numbered


async def upgrade(engine: AsyncEngine) -> None:
    """Bring the database to `HEAD`, in one transaction."""
    from alembic import command

    async with engine.execution_options(writes=True).begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(config(sync), "head"))


def config(connection: Connection) -> "Config":
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["connection"] = connection
    return made
