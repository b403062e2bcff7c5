"""`interlude backup`: the answers in one sealed file, the wrapped keys of people in another beside it.

Neither holds a key-encryption key: who finds both can read nothing. The answers are copied first and the keys after them,
so that there is a key for everybody in the backup, except for those who were erased in between.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO
from uuid import UUID

from bot.catalog import Catalog
from bot.db import schema, snapshots
from bot.db.engine import Database, make_engine
from bot.db.keystore import DatabaseKeyStore
from bot.errors import DataError, InterludeError
from bot.failpoints import reach
from bot.operating import sealing
from bot.settings import Settings
from bot.vault import KeyRing, Vault, WrappedKey
from bot.work import restoring, upkeep
from bot.work.practice import Practice

_PIECE = 1 << 20
_VERSION_TABLE = "alembic_version"


def keys_file_of(file: Path) -> Path:
    """Where the wrapped keys go that belong to a backup."""
    return file.with_name(file.name + ".keys")


async def back_up(settings: Settings, file: Path, now: datetime) -> int:
    """Make both files, beside a running bot; how many bytes they have. A file that exists is never written over."""
    assert settings.keys_file is not None
    ring = KeyRing.read(settings.keys_file)
    keys = keys_file_of(file)
    for made in (file, keys):
        if made.exists():
            raise InterludeError(f"{made} exists already, and backups are never overwritten. Choose another name.")
    if await _schema_of(settings.database_url) != "current":
        raise DataError("There is no database of this version of Interlude to back up (INTERLUDE_DATABASE_URL).")
    await _prove(settings, ring)
    reach("backup.before")
    stamp = now.astimezone(UTC).isoformat()
    with _whole(file) as target:
        _back_up_database(settings.database_url, target, file.absolute().parent, ring, stamp)
    try:
        reach("backup.inside")
        with _whole(keys) as target:
            await _back_up_keys(settings.keystore_url, target, ring, stamp)
    except BaseException:
        file.unlink()  # one without the other is no backup
        raise
    reach("backup.after")
    return file.stat().st_size + keys.stat().st_size


async def _prove(settings: Settings, ring: KeyRing) -> None:
    """A backup under keys that do not open it would be found out when it is needed."""
    file = snapshots.file_of(settings.keystore_url)
    if file is not None and not file.exists():
        raise DataError(f"There is no key store ({file}): without it a backup could not be read.")
    database, store = Database(settings.database_url), DatabaseKeyStore(settings.keystore_url)
    try:
        await restoring.refuse_unfinished(database)
        if await store.exists():
            await upkeep.prove(Practice(database, Vault(ring, store), Catalog({}), settings.practice_name))
    finally:
        await database.close()
        await store.close()


async def _schema_of(url: str) -> str:
    file = snapshots.file_of(url)
    if file is not None and not file.exists():  # looking into a file that is not there would make it
        return "empty"
    engine = make_engine(url)
    try:
        return await schema.state_of(engine)
    finally:
        await engine.dispose()


def _header(what: str, kind: str, ring: KeyRing, stamp: str) -> sealing.Header:
    return sealing.Header(what, kind, schema.HEAD, stamp, ring.first, sealing.new_salt())


def _back_up_database(url: str, target: BinaryIO, beside: Path, ring: KeyRing, stamp: str) -> None:
    source = snapshots.file_of(url)
    if source is None:
        # the number of the schema is in the header: until a restore is done, its database does not open without it
        sealing.seal(
            target, _header("database", "postgresql", ring, stamp), ring,
            snapshots.dump_postgres(url, without=[_VERSION_TABLE]),
        )  # fmt: skip
        return
    folder = Path(mkdtemp(prefix=".backup-", dir=beside))  # for nobody else to look into
    copy = folder / "copy.db"
    try:
        snapshots.copy_sqlite(source, copy)
        with copy.open("rb") as opened:
            sealing.seal(target, _header("database", "sqlite", ring, stamp), ring, _pieces(opened))
    finally:
        copy.unlink(missing_ok=True)
        folder.rmdir()


def _pieces(opened: BinaryIO) -> Iterator[bytes]:
    while piece := opened.read(_PIECE):
        yield piece


@contextmanager
def _whole(file: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name once all of it is on disk, or not at all."""
    part = file.with_name(file.name + ".part")
    try:
        opened = os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
    except OSError as error:
        raise InterludeError(f"{file} cannot be written ({error.strerror}).") from None
    try:
        with opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        part.rename(file)
        sync_folder(file.parent)
    except OSError as error:
        raise InterludeError(f"{file} cannot be written ({error.strerror}). No backup was made.") from None
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def sync_folder(folder: Path) -> None:
    """So that a new name survives a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


async def _back_up_keys(url: str, target: BinaryIO, ring: KeyRing, stamp: str) -> None:
    source = snapshots.file_of(url)
    if source is not None and not source.exists():
        raise DataError(f"The key store {source} is missing (INTERLUDE_KEYSTORE_URL): no backup was made.")
    store = DatabaseKeyStore(url)
    try:
        keys, erased = await store.contents()
    finally:
        await store.close()
    sealing.seal(target, _header("keys", "rows", ring, stamp), ring, _lines(keys, erased))


def _lines(keys: Iterable[WrappedKey], erased: Iterable[UUID]) -> Iterator[bytes]:
    for key in keys:
        told = {"id": str(key.id), "owner": str(key.owner), "scope": key.scope, "kid": key.kid}
        yield json.dumps(told | {"wrapped": b64encode(key.wrapped).decode()}).encode() + b"\n"
    for owner in erased:
        yield json.dumps({"erased": str(owner)}).encode() + b"\n"


@dataclass(frozen=True)
class Keys:
    """What a backup of a key store holds."""

    made_at: datetime
    keys: list[WrappedKey] = field(default_factory=list, repr=False)
    erased: list[UUID] = field(default_factory=list)


def read_keys(file: Path, ring: KeyRing) -> Keys:
    """All of it, or an error: whoever is missing could not be read again, and whoever was erased might be."""
    header = header_of(file, "keys")
    with file.open("rb") as opened:
        content = b"".join(sealing.unseal(opened, file.name, ring))
    found = Keys(datetime.fromisoformat(header.made_at))
    for row in map(json.loads, content.splitlines()):
        if "erased" in row:
            found.erased.append(UUID(row["erased"]))
        else:
            found.keys.append(
                WrappedKey(UUID(row["id"]), UUID(row["owner"]), row["scope"], row["kid"], b64decode(row["wrapped"]))
            )
    return found


def header_of(file: Path, what: str) -> sealing.Header:
    """What a file says it is, before anything of it is opened."""
    try:
        with file.open("rb") as opened:
            header, _ = sealing.read_header(opened, file.name)
    except OSError as error:
        raise InterludeError(f"{file} cannot be read ({error.strerror}).") from None
    if header.what != what:
        raise InterludeError(f"{file} is a backup of the {header.what}, not of the {what}.")
    return header
