"""`interlude copy`: a practice into another database, with the keys of people, while nothing runs on either."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bot import shapes
from bot.db import copying, keystore, schema, snapshots
from bot.db.engine import Database
from bot.db.keystore import DatabaseKeyStore
from bot.db.tables import Base
from bot.errors import DataError, InterludeError
from bot.work.opening import Lock


async def copy(
    source: str, target: str, keys_from: str | None, keys_to: str | None, folders: Iterable[Path] = ()
) -> dict[str, int]:
    """Everything or nothing; how many rows each table has. `folders`: others that no bot may hold meanwhile."""
    for name, url in {"SOURCE": source, "TARGET": target, "--keys-from": keys_from, "--keys-to": keys_to}.items():
        try:
            shapes.database_url(url) if url is not None else None
        except ValueError as error:
            raise InterludeError(f"{name} {error}.") from None
    keys_from, keys_to = keys_from or _beside(source, "--keys-from"), keys_to or _beside(target, "--keys-to")
    if source == target or keys_to in (source, target, keys_from) or keys_from in (source, target):
        raise InterludeError("Source, target and both key stores are four different databases.")
    with _held(folders, [*_files(source, target)]):
        return await _copy(source, target, keys_from, keys_to)


def _beside(url: str, option: str) -> str:
    """The key store's usual place."""
    file = snapshots.file_of(url)
    if file is None:
        raise InterludeError(f"{option} is missing: the URL of the key store, which is a database of its own.")
    return f"sqlite:///{file.with_name('keys.db')}"


def _files(*urls: str) -> Iterator[Path]:
    for url in urls:
        if (file := snapshots.file_of(url)) is not None:
            yield file.resolve()


@contextmanager
def _held(folders: Iterable[Path], files: Sequence[Path]) -> Iterator[None]:
    """No bot on any of these files, in their folders or the others, from here to the end."""
    with ExitStack() as stack:
        for folder in dict.fromkeys([*(path.resolve() for path in folders), *(file.parent for file in files)]):
            stack.callback(Lock(folder).release)
        for file in dict.fromkeys(files):
            stack.callback(Lock.of_file(file).release)
        yield


async def _copy(source: str, target: str, keys_from: str, keys_to: str) -> dict[str, int]:
    for name, url in (("SOURCE", source), ("--keys-from", keys_from)):
        if (file := snapshots.file_of(url)) is not None and not file.exists():
            raise InterludeError(f"{name}: there is no {file}.")
    snapshots.refuse_strays(target)
    snapshots.refuse_strays(keys_to)
    old, new = Database(source), Database(target)
    old_keys, new_keys = DatabaseKeyStore(keys_from), DatabaseKeyStore(keys_to)
    try:
        await _check_source(old, old_keys)
        await _prepare(new, new_keys)
        async with (
            copying.as_it_stands(old.engine) as rows, copying.as_it_stands(old_keys.engine) as keys,
            copying.writing(new.engine) as into, copying.writing(new_keys.engine) as keys_into,
        ):  # fmt: skip
            counts = await copying.copy_all(rows, into, Base.metadata)
            return counts | await copying.copy_all(keys, keys_into, keystore.metadata)
    finally:
        for one in (old, new, old_keys, new_keys):
            await one.close()


async def _check_source(old: Database, old_keys: DatabaseKeyStore) -> None:
    if await schema.state_of(old.engine) != "current":
        raise DataError("SOURCE has not the schema of this version: run `interlude migrate` on it first.")
    if not await old_keys.exists():
        raise DataError("--keys-from holds no key store: without the keys of people nothing in the copy would open.")
    if (holder := await copying.holder_of(old.engine)) is not None:
        raise InterludeError(f"A bot ({holder}) is running on SOURCE. Stop it first: what it writes would be lost.")


async def _prepare(new: Database, new_keys: DatabaseKeyStore) -> None:
    """Empty tables of this version."""
    state = await schema.state_of(new.engine)
    for name, engine in (("TARGET", new.engine), ("--keys-to", new_keys.engine)):
        if state not in ("empty", "current") or await snapshots.holds_rows(engine):
            raise DataError(f"{name} is not empty. Name a database without any rows; nothing is ever written over.")
    if state == "empty":
        await schema.upgrade(new.engine)
    await new_keys.create()
