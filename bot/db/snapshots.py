"""A database as one file, as of one moment: SQLite's online backup, or `pg_dump`. Neither holds up a running bot."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile

from sqlalchemy import MetaData, Table, func, inspect, select, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.errors import DataError

_PIECE = 1 << 20


def file_of(url: str) -> Path | None:
    """The file of an SQLite database."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def refuse_strays(url: str) -> None:
    """What another database has left behind would be taken for the newest pages of one that is put there."""
    file = file_of(url)
    for end in ("-wal", "-journal") if file is not None and not file.exists() else ():
        if (stray := Path(f"{file}{end}")).exists():
            raise DataError(f"{stray} belongs to a database that is no longer there. Move it away as well.")


def copy_sqlite(source: Path, target: Path) -> None:
    """As of one moment, in one file, looked through afterwards: a damaged database makes no backup."""
    try:
        with closing(sqlite3.connect(source, timeout=10)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise DataError(f"{source} cannot be copied ({error}). It was left untouched.") from None
    if (problem := damage_of(target)) is not None:
        raise DataError(f"{source} is damaged ({problem}): no backup was made. Restore the last one that was good.")


def damage_of(file: Path) -> str | None:
    """What SQLite finds wrong with a file; None when it is whole."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as opened:
            found = str(opened.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)
    return None if found == "ok" else found.replace("\n", " ")


def fold(file: Path) -> None:
    """All of an SQLite database into its one file, and onto the disk."""
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("PRAGMA journal_mode=DELETE")
    with file.open("rb") as written:
        os.fsync(written.fileno())


def dump_postgres(url: str, *, without: Iterable[str] = ()) -> Iterator[bytes]:
    """`pg_dump` in its own format, piece by piece; of the tables `without` only their shape."""
    left_out = [f"--exclude-table-data={table}" for table in without]
    yield from _run("pg_dump", url, ["--format=custom", "--no-owner", "--no-privileges", *left_out])


def load_postgres(url: str, file: Path) -> None:
    """`pg_restore`, in one transaction: everything or nothing."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file)]
    for _ in _run("pg_restore", url, options):
        pass


def list_postgres(file: Path) -> None:
    """Fails on a file that `pg_restore` does not understand."""
    for _ in _run("pg_restore", None, ["--list", str(file)]):
        pass


def _run(program: str, url: str | None, options: list[str]) -> Iterator[bytes]:
    """What a program of PostgreSQL writes; the password goes by the environment, where other users do not see it."""
    path = shutil.which(program)
    if path is None:
        raise DataError(f"{program} is not installed here: it comes with PostgreSQL's client (postgresql-client).")
    environment = dict(os.environ)
    if url is not None:
        parsed = make_url(url)
        environment |= {"PGPASSWORD": str(parsed.password)} if parsed.password else {}
        query = {"sslmode" if name == "ssl" else name: value for name, value in parsed.query.items()}
        options = [f"--dbname={parsed.set(password=None, query=query).render_as_string(hide_password=False)}", *options]
    with TemporaryFile() as complaints, subprocess.Popen(  # noqa: S603  # our own words, no shell
        [path, *options], stdout=subprocess.PIPE, stderr=complaints, env=environment
    ) as process:
        assert process.stdout is not None
        while piece := process.stdout.read(_PIECE):
            yield piece
        if process.wait() != 0:
            complaints.seek(0)
            said = complaints.read(300).decode("utf-8", "replace").strip().splitlines()
            raise DataError(f"{program} failed ({' '.join(said[:2]) or process.returncode}).")


async def state_version(db: AsyncSession, version: str) -> None:
    """The number of the schema, for a database that was dumped without it."""
    await db.execute(text("INSERT INTO alembic_version (version_num) VALUES (:version)"), {"version": version})


async def holds_rows(engine: AsyncEngine) -> bool:
    """Whether there is anything in a database besides empty tables and the number of their schema."""
    async with engine.connect() as connection:
        return await connection.run_sync(_holds_rows)


def _holds_rows(connection: Connection) -> bool:
    for name in inspect(connection).get_table_names():
        if name != "alembic_version" and connection.scalar(select(func.count()).select_from(Table(name, MetaData()))):
            return True
    return False
