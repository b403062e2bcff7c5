"""`interlude restore`: everything is opened, checked and settled beside the place where it belongs, then put there at once.

A restore never writes over anything. On PostgreSQL, where nothing can be put in place at once, a marker keeps the database
from being opened until the restore is done.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import catalog
from bot.db import schema, snapshots
from bot.db.engine import Database
from bot.db.keystore import DatabaseKeyStore
from bot.errors import DataError, InterludeError
from bot.failpoints import reach
from bot.operating import sealing
from bot.operating.backup import Keys, header_of, keys_file_of, read_keys, sync_folder
from bot.settings import Settings
from bot.vault import KeyRing, Vault
from bot.work import restoring, upkeep
from bot.work.opening import Lock
from bot.work.practice import Practice


@dataclass(frozen=True)
class Restored:
    """What came of a restore. `is_store_kept`: the key store in place was used as it is."""

    made_at: datetime
    erased: int
    held: int
    is_store_kept: bool


async def restore(settings: Settings, file: Path, keys_file: Path | None, now: datetime) -> Restored:
    """Put a backup in the place of a practice that is empty and not running."""
    target = snapshots.file_of(settings.database_url)
    with Lock.of_all(settings.data_dir, target):
        snapshots.refuse_strays(settings.database_url)
        snapshots.refuse_strays(settings.keystore_url)
        await _refuse_unless_empty(settings.database_url)
        return await _Restore(settings, file, now).run(keys_file)


async def drill(settings: Settings, file: Path, keys_file: Path | None, now: datetime) -> Restored | None:
    """The same into a folder of its own, which is thrown away: whether this backup could be restored. Of PostgreSQL's
    only that all of it opens, and None."""
    assert settings.keys_file is not None
    header, ring = header_of(file, "database"), KeyRing.read(settings.keys_file)
    with TemporaryDirectory(prefix=".drill-", dir=file.absolute().parent) as folder:
        if header.kind == "sqlite":
            urls = {"database_url": f"sqlite:///{folder}/interlude.db", "keystore_url": f"sqlite:///{folder}/keys.db"}
            elsewhere = settings.model_copy(update={"data_dir": Path(folder), **urls})
            return await restore(elsewhere, file, keys_file, now)
        dump = Path(folder) / "dump"
        with dump.open("wb") as made, file.open("rb") as opened:
            for piece in sealing.unseal(opened, file.name, ring):
                made.write(piece)
        snapshots.list_postgres(dump)
        read_keys(keys_file or keys_file_of(file), ring)
        return None


async def _refuse_unless_empty(url: str) -> None:
    file = snapshots.file_of(url)
    if file is not None and not file.exists():
        return
    database = Database(url)
    try:
        is_empty = await schema.state_of(database.engine) == "empty" and not await snapshots.holds_rows(database.engine)
    finally:
        await database.close()
    if not is_empty:
        where = str(file) if file is not None else "the database (INTERLUDE_DATABASE_URL)"
        raise DataError(f"There is a practice in {where}. Move it away first; a restore never writes over anything.")


class _Restore:
    """One restore: its settings and what it has found out so far."""

    def __init__(self, settings: Settings, file: Path, now: datetime) -> None:
        assert settings.keys_file is not None
        self._settings = settings
        self._file = file
        self._now = now
        self._ring = KeyRing.read(settings.keys_file)
        self._header = header_of(file, "database")
        self._made_at = datetime.fromisoformat(self._header.made_at)
        self._place = snapshots.file_of(settings.database_url)
        self._store_place = snapshots.file_of(settings.keystore_url)

    async def run(self, keys_file: Path | None) -> Restored:
        kind = "sqlite" if self._place is not None else "postgresql"
        if self._header.kind != kind:
            raise InterludeError(
                f"{self._file} is a backup of {self._header.kind}, and INTERLUDE_DATABASE_URL names {kind}. Restore it to "
                f"{self._header.kind}; `interlude copy` takes it to the other."
            )
        if self._header.schema > schema.HEAD:
            raise DataError(f"{self._file} was made by a newer Interlude. Nothing has been changed.")
        is_kept, keys = await self._keys(keys_file)
        store_url = self._settings.keystore_url if is_kept else self._beside(self._store_place, self._settings.keystore_url)
        url = self._beside(self._place, self._settings.database_url)
        reach("restore.before")
        try:
            async with _filled(DatabaseKeyStore(store_url), None if is_kept else keys) as store:
                await self._unpack(url)
                settled = await self._settle(url, store, keys)
        except BaseException:
            self._clear()
            raise
        self._put_in_place(is_store_kept=is_kept)
        reach("restore.after")
        return Restored(self._made_at, settled.erased, settled.held, is_kept)

    async def _keys(self, keys_file: Path | None) -> tuple[bool, Keys]:
        """Whether there is a key store in place, and what the backup of one holds: the newer the better, as who was
        erased is missing from it."""
        store = DatabaseKeyStore(self._settings.keystore_url)
        try:
            is_there = self._store_place is None or self._store_place.exists()
            in_place = (await store.contents() if await store.exists() else ([], [])) if is_there else ([], [])
        finally:
            await store.close()
        keys_file = keys_file or keys_file_of(self._file)
        if not keys_file.exists():
            if not in_place[0]:
                raise InterludeError(f"{keys_file} is missing: without the keys of people nothing opens. Name it by --keys.")
            return True, Keys(self._made_at, *in_place)
        keys = read_keys(keys_file, self._ring)
        if not in_place[0]:
            return False, Keys(keys.made_at, keys.keys, sorted({*keys.erased, *in_place[1]}))
        return True, Keys(keys.made_at, in_place[0], sorted({*keys.erased, *in_place[1]}))

    def _beside(self, place: Path | None, url: str) -> str:
        """Where a file is made before it takes its place; a PostgreSQL database is filled where it is."""
        return url if place is None else f"sqlite:///{_part(place)}"

    async def _unpack(self, url: str) -> None:
        """The rows as they were, of this version's schema."""
        target = _part(self._place) if self._place is not None else self._settings.data_dir / ".restoring.dump"
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.unlink(missing_ok=True)
        written = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(written, "wb") as made, self._file.open("rb") as opened:
            for piece in sealing.unseal(opened, self._file.name, self._ring):
                made.write(piece)
        if self._place is not None:
            if (problem := snapshots.damage_of(target)) is not None:
                raise DataError(f"{self._file} holds a damaged database ({problem}). Nothing has been changed.")
        else:
            try:
                snapshots.load_postgres(url, target)
            finally:
                target.unlink()

    async def _settle(self, url: str, store: DatabaseKeyStore, keys: Keys) -> restoring.Settled:
        """Prove that keys and rows belong together, then see to it that nothing happens twice."""
        database = Database(url)
        try:
            if self._place is None:
                await self._claim(database)
                reach("restore.inside")
            if await schema.state_of(database.engine) == "older":
                await schema.upgrade(database.engine)
            loaded = catalog.load(self._settings.prompts_dir)
            practice = Practice(database, Vault(self._ring, store), loaded, self._settings.practice_name)
            await upkeep.check_keys(practice, self._now, is_new=False)
            settled = await restoring.settle(practice, keys.erased, self._made_at, self._now)
            await restoring.finish(practice)
            return settled
        finally:
            await database.close()

    async def _claim(self, database: Database) -> None:
        """The number of the schema, which the dump leaves out, and the marker that keeps it from being opened."""
        async with database.write() as db:
            await snapshots.state_version(db, self._header.schema)
            await restoring.begin(db, self._now)

    def _put_in_place(self, *, is_store_kept: bool) -> None:
        """The keys first: a database without its keys would not open, and says so."""
        for place in (None if is_store_kept else self._store_place, self._place):
            if place is not None:
                snapshots.fold(_part(place))
                _part(place).rename(place)
                sync_folder(place.parent)
                if place == self._store_place:
                    reach("restore.inside")

    def _clear(self) -> None:
        for place in (self._place, self._store_place):
            for end in ("", "-wal", "-shm"):
                if place is not None:
                    with suppress(FileNotFoundError):
                        Path(f"{_part(place)}{end}").unlink()


def _part(place: Path) -> Path:
    return place.with_name(f".{place.name}.restoring")


@asynccontextmanager
async def _filled(store: DatabaseKeyStore, keys: Keys | None) -> AsyncIterator[DatabaseKeyStore]:
    """A key store ready for use; with what a backup held, if it is a new one."""
    file = snapshots.file_of(store.url)
    if file is not None and keys is not None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.unlink(missing_ok=True)
    try:
        await store.create()
        if keys is not None:
            await store.fill(keys.keys, keys.erased)
        yield store
    finally:
        await store.close()
