"""`interlude doctor`: everything a deployment needs, looked at without changing anything, each finding with what to do."""

import os
import shutil
import stat
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal

from bot import catalog
from bot.db import schema, snapshots
from bot.db.engine import Database
from bot.db.foreseen import explained
from bot.db.keystore import DatabaseKeyStore
from bot.domain.searching import Method
from bot.errors import ConfigurationError, InterludeError
from bot.settings import Settings
from bot.vault import KeyRing, Vault
from bot.work import overseeing, restoring, self_check, upkeep
from bot.work.practice import Practice

Grade = Literal["ok", "note", "bad"]

_SKEW = 60.0
_LATE = timedelta(minutes=15)
_SMALL = 1 << 28
_PATIENCE = 15.0


@dataclass(frozen=True)
class Finding:
    """`note` is worth knowing; `bad` needs somebody."""

    about: str
    grade: Grade
    says: str
    do: str = ""


async def examine(settings: Settings, now: datetime) -> AsyncIterator[Finding]:
    """One finding after the other; what cannot be looked at is a finding as well."""
    async for finding in _telegram(settings, now):
        yield finding
    yield _prompts(settings)
    yield _keys_file(settings)
    async for finding in _data(settings, now):
        yield finding
    yield _disk(settings)


async def _telegram(settings: Settings, now: datetime) -> AsyncIterator[Finding]:
    """Token, clock and webhook, by two calls that change nothing."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=_PATIENCE)
    root = f"{settings.bot_api_url}/bot{settings.bot_token}"
    try:
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as http:
            async with http.get(f"{root}/getMe") as reply:
                date, me = reply.headers.get("Date"), await reply.json(content_type=None)
            async with http.get(f"{root}/getWebhookInfo") as reply:
                hook = await reply.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:  # never its text, which holds the token
        yield Finding("token", "bad", f"Telegram cannot be reached at {settings.bot_api_url} ({type(error).__name__}).",
                      "Look at the network, a firewall, and INTERLUDE_BOT_API_URL.")  # fmt: skip
        return
    if not isinstance(me, dict) or not me.get("ok"):
        yield _refused(me.get("error_code") if isinstance(me, dict) else None)
        return
    yield Finding("token", "ok", f"It is that of @{me['result'].get('username', '?')}.")
    yield _clock(date, now)
    if isinstance(hook, dict) and isinstance(hook.get("result"), dict):
        yield _webhook(hook["result"], settings, now)
    else:
        yield Finding("webhook", "note", "Telegram did not say whether there is one.", "Ask again in a minute.")


def _refused(code: object) -> Finding:
    if code in (401, 404):
        return Finding("token", "bad", "Telegram refuses the token.", "Copy it again from @BotFather (INTERLUDE_BOT_TOKEN).")
    return Finding("token", "note", f"Telegram does not say whose the token is ({code or 'no clear answer'}).",
                   "Ask again in a minute; look at INTERLUDE_BOT_API_URL.")  # fmt: skip


def _clock(date: str | None, now: datetime) -> Finding:
    try:
        skew = (now - parsedate_to_datetime(date or "")).total_seconds()
    except ValueError:
        return Finding("clock", "note", "Telegram's replies do not say what time it is.", "Compare this machine's clock.")
    if abs(skew) > _SKEW:
        return Finding("clock", "bad", f"This machine's clock is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}.",
                       "Set it right (timedatectl, chrony): scheduled messages are held while it is wrong.")  # fmt: skip
    return Finding("clock", "ok", f"It differs from Telegram's by {abs(skew):.0f} s.")


def _webhook(info: dict[str, Any], settings: Settings, now: datetime) -> Finding:
    url, waiting = info.get("url") or "", info.get("pending_update_count", 0)
    wanted = settings.webhook_url or ""
    if url != wanted:
        what = "It is not the one in the settings" if wanted else "There is one, and this bot polls"
        return Finding("webhook", "bad", f"{what}; {waiting} updates wait.",
                       "`interlude run` sets it right. If that does not last, another program has this token.")  # fmt: skip
    failed = info.get("last_error_date")
    if failed and now - datetime.fromtimestamp(failed, UTC) < timedelta(hours=1):
        when, why = _time(datetime.fromtimestamp(failed, UTC)), str(info.get("last_error_message", ""))[:100]
        return Finding("webhook", "bad", f"Telegram could not deliver at {when}: {why}",
                       "Look at the proxy, its certificate and its logs.")  # fmt: skip
    if waiting > 1000:
        return Finding("webhook", "bad", f"{waiting} updates wait.", "Is the bot running? They are kept for a day.")
    return Finding("webhook", "ok", f"{'Set' if wanted else 'None: updates are polled'}; {waiting} updates wait.")


def _prompts(settings: Settings) -> Finding:
    try:
        loaded = catalog.load(settings.prompts_dir)
    except ConfigurationError as error:
        return Finding("prompts", "bad", f"{len(error.problems)} problems, the first: {error.problems[0]}",
                       "`interlude prompts check` shows all of them.")  # fmt: skip
    return Finding("prompts", "ok", f"{len(loaded.sequences)} sequences in {settings.prompts_dir}.")


def _keys_file(settings: Settings) -> Finding:
    assert settings.keys_file is not None
    try:
        ring = KeyRing.read(settings.keys_file)
        mode = stat.S_IMODE(settings.keys_file.stat().st_mode)
    except (InterludeError, OSError) as error:
        return Finding("keys file", "bad", str(error), "Put back the copy that you keep elsewhere.")
    if mode & 0o077:
        return Finding("keys file", "bad", f"Others on this machine may read {settings.keys_file} ({mode:o}).",
                       f"chmod 600 {settings.keys_file}")  # fmt: skip
    held = f"{len(ring.keys)} keys" if len(ring.keys) > 1 else "One key"
    return Finding("keys file", "ok", f"{held}, for this user only. Is there a copy elsewhere?")


async def _data(settings: Settings, now: datetime) -> AsyncIterator[Finding]:
    files = {"database": snapshots.file_of(settings.database_url), "key store": snapshots.file_of(settings.keystore_url)}
    whole = True
    for about, file in files.items():
        if (finding := _file(about, file)) is not None:
            whole = whole and finding.grade == "ok"
            yield finding
    if not whole:
        return
    database, store = Database(settings.database_url), DatabaseKeyStore(settings.keystore_url)
    try:
        state = await schema.state_of(database.engine)
        yield _schema(state)
        if state == "current" and await restoring.is_unfinished(database):
            yield Finding("database", "bad", "A restore of it was interrupted.", "Empty it and `interlude restore` again.")
        elif state == "empty" and await store.is_in_use():
            yield Finding("keys", "bad", "The database is empty, but the key store holds a practice's keys.",
                          "Put that database back, or restore a backup.")  # fmt: skip
        elif state == "current":
            yield await _key_store(settings, database, store)
            yield await _outbox(database, now)
            yield await _search(database)
    except InterludeError as error:
        yield Finding("database", "bad", str(error), "Look at INTERLUDE_DATABASE_URL and whether the server runs.")
    except Exception as error:
        if (foreseen := explained(error)) is None:
            raise
        yield Finding("database", "bad", str(foreseen), "Look at whether the servers run.")
    finally:
        await database.close()
        await store.close()


def _file(about: str, file: Path | None) -> Finding | None:
    """Of an SQLite file whether it is whole; nothing of PostgreSQL, which looks after itself."""
    if file is None:
        return None
    if not file.exists():
        return Finding(about, "bad", f"There is no {file}.", "`interlude run` makes both; one alone is to be put back.")
    if not os.access(file, os.R_OK | os.W_OK) or not os.access(file.parent, os.W_OK):
        return Finding(about, "bad", f"This user may not write {file}, or not beside it.",
                       f"Look at whose they are, and what they may: {file.parent}")  # fmt: skip
    if (damage := snapshots.damage_of(file)) is not None:
        return Finding(about, "bad", f"{file} is damaged ({damage}).", "Stop the bot and restore the last backup.")
    parts = [part for part in (file, file.with_name(f"{file.name}-wal")) if part.exists()]
    return Finding(about, "ok", f"{file} is whole ({sum(part.stat().st_size for part in parts):,} bytes).")


def _schema(state: str) -> Finding:
    if state == "current":
        return Finding("schema", "ok", f"It is that of this version ({schema.HEAD}).")
    do = {"empty": "`interlude run` makes it.", "older": "Back up with the version that wrote it, then `interlude migrate`."}
    return Finding("schema", "bad", f"It is {state}.", do.get(state, "Use the newer version that wrote it."))


async def _key_store(settings: Settings, database: Database, store: DatabaseKeyStore) -> Finding:
    """Whether the keys file opens the key store, and that opens this database."""
    assert settings.keys_file is not None
    try:
        if not await store.exists():
            return Finding("keys", "bad", "The key store is empty.", "Put back the one this database was written with.")
        vault = Vault(KeyRing.read(settings.keys_file), store)
        is_proven = await upkeep.prove(Practice(database, vault, catalog.Catalog({}), settings.practice_name))
    except InterludeError as error:
        return Finding("keys", "bad", str(error), "Put back the keys file and key store that belong to this database.")
    if not is_proven:
        return Finding("keys", "note", "No keys have been made yet.", "`interlude run` makes them.")
    return Finding("keys", "ok", "The keys file opens the key store, and that opens this database.")


async def _outbox(database: Database, now: datetime) -> Finding:
    found = await overseeing.waiting(database, now)
    counts = {state: found.deliveries.get(state, 0) for state in ("pending", "unknown", "failed")}
    said = [f"{count} {state}" for state, count in counts.items()]
    if found.updates.get("quarantined"):
        said.append(f"{found.updates['quarantined']} updates set aside")
    told = ", ".join(said) + "."
    if found.oldest_due is not None and now - found.oldest_due > _LATE:
        return Finding("outbox", "bad", f"{told} The oldest should have gone out at {_time(found.oldest_due)}.",
                       "Is the bot running, with its sending part? `interlude outbox list` says what waits.")  # fmt: skip
    if found.held_back:
        return Finding("outbox", "note", f"{told} {found.held_back} are held back since a restore.",
                       "`interlude outbox list`, then `retry` or `cancel`; else they end by themselves.")  # fmt: skip
    if counts["unknown"] or counts["failed"]:
        return Finding("outbox", "note", told, "`interlude outbox list` says why.")
    if found.updates.get("quarantined"):
        return Finding("outbox", "note", told, "The log has the error, docs/operations.md what it means: please report it.")
    return Finding("outbox", "ok", told)


async def _search(database: Database) -> Finding:
    """Whether messages of unknown fate can be looked for, as the last self-check found."""
    async with database.read() as db:
        found = await self_check.last(db)
    if found is None:
        return Finding("search", "ok", "No message of unknown fate has had to be looked for.")
    method, _, why = found[0].partition(": ")
    if method == Method.off:
        return Finding("search", "note", f"Messages of unknown fate cannot be looked for: {why}. Some may come twice.",
                       "An administrator who has not blocked the bot is needed: `interlude admin link`.")  # fmt: skip
    return Finding("search", "ok", f"Messages of unknown fate can be looked for: tried at {_time(found[1])}.")


def _disk(settings: Settings) -> Finding:
    """Room for the database to grow, and for a copy of it."""
    folder = next(path for path in (settings.data_dir.absolute(), *settings.data_dir.absolute().parents) if path.exists())
    free = shutil.disk_usage(folder).free
    file = snapshots.file_of(settings.database_url)
    needed = max(_SMALL, 2 * (file.stat().st_size if file is not None and file.exists() else 0))
    said = f"{free / (1 << 30):.1f} GiB free at {folder}."
    if free < needed:
        return Finding("disk", "bad", said, "Make room: on a full disk no answer can be kept.")
    return Finding("disk", "ok", said)


def lines(finding: Finding) -> Iterator[str]:
    yield f"{finding.grade:<4}  {finding.about}: {finding.says}"
    if finding.do:
        yield f"      -> {finding.do}"


def _time(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
