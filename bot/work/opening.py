"""Opening and closing a practice: the lock, the schema gate, the keys, the sequences. Everything else relies on it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy.exc import DBAPIError

from bot.catalog import load
from bot.db import outbox, schema
from bot.db.engine import Database
from bot.db.keystore import DatabaseKeyStore
from bot.errors import AlreadyRunningError, DataError
from bot.vault import KeyRing, Vault
from bot.work import inviting, restoring, sequences, upkeep
from bot.work.practice import Practice


class Lock:
    """One process for a data directory, or for the file of a database that lies elsewhere; the lock goes with the process,
    however it ends."""

    def __init__(self, directory: Path, name: str = "interlude") -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file: IO[str] = (directory / f"{name}.lock").open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise AlreadyRunningError(
                f"Another Interlude process (pid {holder}) is using {directory}. Stop it first."
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    @classmethod
    def of_file(cls, file: Path) -> "Lock":
        """Whoever names this file, from whichever data directory, is kept out: so are copies to it and from it."""
        return cls(file.resolve().parent, file.name)

    @classmethod
    @contextmanager
    def of_all(cls, directory: Path, file: Path | None) -> Iterator[None]:
        """Of both; nothing is held where the database is no file, and any number of processes may be."""
        with ExitStack() as held:
            if file is not None:
                held.callback(cls(directory).release)
                held.callback(cls.of_file(file).release)
            yield

    def release(self) -> None:
        self._file.truncate(0)
        self._file.close()


async def migrate(url: str) -> str:
    """Bring the database to the newest schema; says what was there before."""
    database = Database(url)
    try:
        before = await schema.state_of(database.engine)
        if before == "newer":
            raise DataError("The database was written by a newer Interlude. It was left untouched.")
        if before != "current":
            await schema.upgrade(database.engine)
        return before
    finally:
        await database.close()


async def open_practice(
    *, database_url: str, keystore_url: str, keys_file: Path, prompts_dir: Path, name: str, now: datetime,
    is_alone: bool = False,
) -> Practice:  # fmt: skip
    """Everything is checked before anything is changed: prompts and keys, then schema, then the key store."""
    ring = KeyRing.read(keys_file)
    catalog = load(prompts_dir)
    database = Database(database_url, serving=True)
    store = DatabaseKeyStore(keystore_url)
    practice = Practice(database, Vault(ring, store), catalog, name, load_catalog=lambda: load(prompts_dir))
    try:
        await schema.state_of(database.engine)  # says it in a sentence if there is no database to be alone with
        async with database.alone():
            is_new = await _pass_gate(database, store, keystore_url)
            await upkeep.check_keys(practice, now, is_new=is_new)
            async with database.write() as db:
                await sequences.register(practice, db, now)
                practice.known_message_id = await outbox.highest_message_id(db)
                if is_alone:  # whoever had claimed something is dead: nobody's lease has to run out
                    await outbox.lapse(db, now, is_dead=True)
    except BaseException as error:
        await database.close()
        await store.close()
        if isinstance(error, DBAPIError):  # full, read-only, locked, broken further down
            reason = f"{type(error.orig).__name__}: {error.orig}"
            raise DataError(f"The database cannot be used ({reason}). Nothing has been changed.") from None
        raise
    return practice


async def _pass_gate(database: Database, store: DatabaseKeyStore, keystore_url: str) -> bool:
    """True for a database that has just been created."""
    state = await schema.state_of(database.engine)
    if state == "older":
        raise DataError("The database has an older schema. Run `interlude migrate` first; nothing has been changed.")
    if state == "newer":
        raise DataError("The database was written by a newer Interlude. It was left untouched.")
    if state == "current" and await upkeep.is_in_use(database) and not await _has_store(store, keystore_url):
        raise DataError(
            "The key store is missing: put back the one this database was written with (INTERLUDE_KEYSTORE_URL). No "
            "new keys have been made."
        )
    if state == "current":
        await restoring.refuse_unfinished(database)
    if state == "empty":
        if await _has_store(store, keystore_url) and await store.is_in_use():
            raise DataError(
                "The database (INTERLUDE_DATABASE_URL) is empty, but the key store holds a practice's keys. Put that "
                "database back, or restore a backup; a new practice needs another key store (INTERLUDE_KEYSTORE_URL)."
            )
        await schema.upgrade(database.engine)
    await store.create()
    return state == "empty"


async def _has_store(store: DatabaseKeyStore, url: str) -> bool:
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return False  # looking into a file that is not there would make it
    return await store.exists()


async def admin_link(practice: Practice, now: datetime) -> str:
    """The token of a deep link that makes whoever opens it an administrator; once, for seven days."""
    async with practice.database.write() as db:
        return await inviting.first_admin(db, now)


async def close_practice(practice: Practice) -> None:
    await practice.database.close()
    await practice.vault.close()
