"""`make migration name="why"`: what the tables say and the migrations do not yet, as a new numbered file."""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command

from bot.db import schema
from bot.db.engine import make_engine


async def make(why: str) -> None:
    engine = make_engine(f"sqlite:///{Path(tempfile.mkdtemp()) / 'scratch.db'}")
    await schema.upgrade(engine)
    number = f"{int(schema.HEAD) + 1:04}"
    async with engine.execution_options(writes=True).begin() as connection:
        await connection.run_sync(
            lambda sync: command.revision(schema.config(sync), why, autogenerate=True, rev_id=number)
        )
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(make(sys.argv[1]))
