"""The practice of a deployment, opened beside a bot that may be running: nothing is made, upgraded or registered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot import catalog
from bot.db import schema, snapshots
from bot.db.engine import Database
from bot.db.keystore import DatabaseKeyStore
from bot.errors import DataError
from bot.settings import Settings
from bot.vault import KeyRing, Vault
from bot.work import restoring
from bot.work.practice import Practice

_NOT_OURS = {
    "empty": "There is no database yet (INTERLUDE_DATABASE_URL): `interlude run` makes it.",
    "older": "The database has an older schema: run `interlude migrate` first.",
    "newer": "The database was written by a newer Interlude: use that version.",
}


@asynccontextmanager
async def beside(settings: Settings) -> AsyncIterator[Practice]:
    assert settings.keys_file is not None
    for url in (settings.database_url, settings.keystore_url):
        file = snapshots.file_of(url)
        if file is not None and not file.exists():  # looking into it would make it
            raise DataError(f"There is no {file}: `interlude run` makes both files; one alone is to be put back.")
    database, store = Database(settings.database_url), DatabaseKeyStore(settings.keystore_url)
    try:
        state = await schema.state_of(database.engine)
        if state != "current":
            raise DataError(_NOT_OURS[state])
        await restoring.refuse_unfinished(database)
        vault = Vault(KeyRing.read(settings.keys_file), store)
        yield Practice(database, vault, catalog.load(settings.prompts_dir), settings.practice_name)
    finally:
        await database.close()
        await store.close()
