"""The schema, its migrations and its gate, on both databases."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Column, Connection, MetaData, Pool, Table, Uuid, event, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from wire import wait_for_no_disk

from bot.db import schema
from bot.db.engine import Database
from bot.db.tables import Base, Delivery, Inbound, Marker, Occurrence
from bot.db.types import UtcDateTime, new_id


@pytest.fixture
async def database(database_url: str):
    made = Database(database_url)
    if await schema.state_of(made.engine) == "empty":
        await schema.upgrade(made.engine)
    yield made
    await made.close()


async def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    async with database.engine.connect() as connection:
        await connection.run_sync(lambda sync: command.check(schema.config(sync)))


async def test_the_stated_head_is_the_newest_migration(database: Database) -> None:
    async with database.engine.connect() as connection:
        newest = await connection.run_sync(
            lambda sync: ScriptDirectory.from_config(schema.config(sync)).get_current_head()
        )

    assert newest == schema.HEAD
    assert await schema.state_of(database.engine) == "current"


async def test_an_older_schema_waits_for_migrate_and_keeps_its_rows(tmp_path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    async with database.engine.execution_options(writes=True).begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(schema.config(sync), "0001"))
    async with database.write() as db:
        db.add(Marker(name="kept", value="x", at=datetime.now(UTC)))
    before = await schema.state_of(database.engine)

    await schema.upgrade(database.engine)

    async with database.read() as db:
        kept = (await db.scalars(select(Marker.value).where(Marker.name == "kept"))).one()
    after = await schema.state_of(database.engine)
    await database.close()
    assert (before, after, kept) == ("older", "current", "x")


@pytest.mark.parametrize(("state", "reason"), [("pending", "unreachable"), ("unknown", None), ("sent", None)])
async def test_copies_that_an_older_schema_told_by_their_reason_stay_copies(
    state: str, reason: str | None, database_url: str
) -> None:
    database = Database(database_url)
    async with database.engine.execution_options(writes=True).begin() as connection:
        await connection.run_sync(_empty)
    await schema.upgrade_to(database.engine, "0006")
    async with database.engine.execution_options(writes=True).begin() as connection:
        await connection.run_sync(_fill)
        await connection.execute(text("UPDATE delivery SET reason = 'repeated', state = :state"), {"state": state})

    await schema.upgrade(database.engine)

    async with database.read() as db:
        found = (await db.execute(select(Delivery.is_copy, Delivery.state, Delivery.reason))).all()
    await database.close()
    assert found == [(True, state, reason)]


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
async def test_rows_in_every_table_of_an_older_schema_are_kept(revision: str, database_url: str, tmp_path) -> None:
    database = Database(database_url)
    async with database.engine.execution_options(writes=True).begin() as connection:
        await connection.run_sync(_empty)
    await schema.upgrade_to(database.engine, revision)
    async with database.engine.execution_options(writes=True).begin() as connection:
        before = await connection.run_sync(_fill)

    await schema.upgrade(database.engine)

    async with database.engine.connect() as connection:
        after = {name: await connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in before}
        looked = await connection.scalar(text("SELECT count(*) FROM engagement WHERE look_at IS NOT NULL"))
    with pytest.raises(IntegrityError):  # references are watched again
        async with database.write() as db:
            await db.execute(text("DELETE FROM person"))
    await database.close()
    assert len(before) > 15
    assert after == before
    assert looked == 1


def _empty(connection: Connection) -> None:
    Base.metadata.drop_all(connection)
    connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


def _fill(connection: Connection) -> dict[str, int]:
    """A row in every table, each referring to those of the others."""
    found = MetaData()
    found.reflect(connection)
    keys = {name: new_id() for name in found.tables}
    filled = {}
    for old in found.sorted_tables:
        now = Base.metadata.tables.get(old.name)
        if now is None:
            continue
        columns = {c.name: now.c.get(c.name, c) for c in old.columns}
        values = {name: _some(old, name, column, keys) for name, column in columns.items()}
        table = Table(old.name, MetaData(), *(Column(name, column.type) for name, column in columns.items()))
        connection.execute(table.insert().values(values))
        filled[old.name] = 1
    return filled


def _some(old: Table, name: str, column: Column[Any], keys: dict[str, UUID]) -> Any:
    for key in old.c[name].foreign_keys:
        return keys[key.column.table.name]
    if isinstance(column.type, Uuid):
        return keys[old.name]
    if isinstance(column.type, UtcDateTime):
        return datetime.now(UTC) + timedelta(days=3)
    if isinstance(column.type, JSON):
        return []
    by_type = {bytes: b"x", str: "active" if name == "state" else "0", int: 1, bool: False, float: 1.0}
    by_type |= {date: date(2026, 9, 1), time: time(9)}
    return by_type[column.type.python_type]


async def test_an_unknown_revision_is_newer(database: Database) -> None:
    async with database.write() as db:
        await db.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    assert await schema.state_of(database.engine) == "newer"


async def test_instants_come_back_aware_and_in_utc(database: Database) -> None:
    at = datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    async with database.write() as db:
        db.add(Marker(name="here", value="x", at=at))

    async with database.read() as db:
        found = (await db.scalars(select(Marker.at).where(Marker.name == "here"))).one()

    assert found == at
    assert found.tzinfo is UTC


async def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive"):
        async with database.write() as db:
            db.add(Marker(name="here", value="x", at=datetime(2026, 1, 1)))


async def test_what_raises_leaves_nothing_behind(database: Database) -> None:
    async def fail_half_way() -> None:
        async with database.write() as db:
            db.add(Marker(name="gone", value="x", at=datetime.now(UTC)))
            await db.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_half_way()

    async with database.read() as db:
        assert (await db.scalars(select(Marker).where(Marker.name == "gone"))).one_or_none() is None


async def test_the_database_forbids_doubles(database: Database) -> None:
    now = datetime.now(UTC)
    row = {"update_id": 1, "id": uuid4(), "received_at": now, "state": "waiting", "attempt": 0}
    async with database.write() as db:
        await db.execute(insert(Inbound).values(row))
    with pytest.raises(IntegrityError):
        async with database.write() as db:
            await db.execute(insert(Inbound).values(row | {"id": uuid4()}))

    unique = {frozenset(c.name for c in k.columns) for t in Base.metadata.tables.values() for k in t.constraints
              if type(k).__name__ == "UniqueConstraint"}  # fmt: skip
    assert frozenset({"enrolment_id", "step", "anchor"}) in unique
    assert frozenset({"dedupe_key"}) in unique
    assert frozenset({"chat_id", "message_id", "version"}) in unique
    assert frozenset({"callback_query_id"}) in unique
    assert Occurrence.__table__ is not Delivery.__table__


async def test_sqlite_is_set_up_to_lose_nothing_and_to_forget(tmp_path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    event.remove(Pool, "checkout", wait_for_no_disk)
    try:
        async with database.read() as db:
            settings = {
                name: (await db.execute(text(f"PRAGMA {name}"))).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
            }
    finally:
        event.listen(Pool, "checkout", wait_for_no_disk)
        await database.close()

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_later_ids_sort_later() -> None:
    made = [new_id() for _ in range(1000)]

    assert made == sorted(made)
    assert all(one.version == 7 for one in made)
