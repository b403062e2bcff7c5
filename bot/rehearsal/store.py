"""The emulator's own SQLite file: everything Telegram would remember, safe against kill -9."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = sqlite3.Row

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS person (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, username TEXT, language TEXT NOT NULL, zone TEXT NOT NULL,
    roles TEXT NOT NULL, position INTEGER NOT NULL, started INTEGER NOT NULL DEFAULT 0,
    blocked INTEGER NOT NULL DEFAULT 0, keyboard TEXT);
CREATE TABLE IF NOT EXISTS crowd (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, member INTEGER NOT NULL, added_by INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS message (
    message_id INTEGER PRIMARY KEY, chat_id INTEGER NOT NULL, sender INTEGER NOT NULL, date INTEGER NOT NULL,
    edited INTEGER, deleted INTEGER NOT NULL DEFAULT 0, content TEXT NOT NULL, markup TEXT);
CREATE INDEX IF NOT EXISTS message_chat ON message (chat_id, message_id);
CREATE TABLE IF NOT EXISTS waiting_update (
    update_id INTEGER PRIMARY KEY, kind TEXT NOT NULL, queue TEXT NOT NULL, expires REAL NOT NULL,
    body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tap (
    id TEXT PRIMARY KEY, person INTEGER NOT NULL, message_id INTEGER NOT NULL, data TEXT NOT NULL,
    expires REAL NOT NULL, answer TEXT);
CREATE TABLE IF NOT EXISTS file (
    file_id TEXT PRIMARY KEY, unique_id TEXT NOT NULL, path TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    name TEXT, mime TEXT NOT NULL, size INTEGER NOT NULL, facts TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS call (
    n INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, method TEXT NOT NULL, params TEXT NOT NULL,
    ok INTEGER NOT NULL, error_code INTEGER, description TEXT, status INTEGER NOT NULL, fault TEXT);
CREATE TABLE IF NOT EXISTS fault (
    n INTEGER PRIMARY KEY AUTOINCREMENT, method TEXT NOT NULL, kind TEXT NOT NULL, calls INTEGER NOT NULL,
    retry_after INTEGER NOT NULL, hold_s REAL NOT NULL);
CREATE TABLE IF NOT EXISTS command (
    scope TEXT NOT NULL, language TEXT NOT NULL, commands TEXT NOT NULL, PRIMARY KEY (scope, language));
CREATE TABLE IF NOT EXISTS profile (
    field TEXT NOT NULL, language TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (field, language));
CREATE TABLE IF NOT EXISTS story (person INTEGER NOT NULL, line TEXT NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (person, line));
"""


class Store:
    """One connection, used from one event loop; statements are small enough to run inline."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A connection per Stage; uvicorn may run the loop in another thread than the one that built it.
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._db.row_factory = sqlite3.Row
        self._depth = 0
        # A killed process loses nothing by it; what a power cut takes from a rehearsal nobody misses.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            self._db.execute(f"PRAGMA {pragma}").close()
        with self.transaction():
            for statement in filter(str.strip, SCHEMA.split(";")):
                self._db.execute(statement)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an inner transaction is a savepoint of the outer one."""
        begin, commit, undo = "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"
        if self._depth:
            begin, commit = f"SAVEPOINT s{self._depth}", f"RELEASE s{self._depth}"
            undo = f"ROLLBACK TO s{self._depth}"
        self._db.execute(begin)
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            self._db.execute(undo)
            if self._depth:
                self._db.execute(commit)
            raise
        self._depth -= 1
        self._db.execute(commit)

    def run(self, sql: str, *values: Any) -> int:
        """Execute one statement; the number of rows it touched."""
        return self._db.execute(sql, values).rowcount

    def insert(self, sql: str, *values: Any) -> int:
        """Execute one INSERT; the id of the new row."""
        return int(self._db.execute(sql, values).lastrowid or 0)

    def one(self, sql: str, *values: Any) -> Row | None:
        row: Row | None = self._db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: Any) -> list[Row]:
        return self._db.execute(sql, values).fetchall()

    def count(self, sql: str, *values: Any) -> int:
        row = self.one(sql, *values)
        return int(row[0]) if row and row[0] is not None else 0

    def recall(self, key: str, default: Any = None) -> Any:
        row = self.one("SELECT value FROM meta WHERE key = ?", key)
        return json.loads(row["value"]) if row else default

    def keep(self, key: str, value: Any) -> None:
        self.run(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            key,
            json.dumps(value),
        )

    def next_number(self, key: str, first: int) -> int:
        """A counter that never gives the same number twice, also across restarts."""
        with self.transaction():
            number = int(self.recall(key, first))
            self.keep(key, number + 1)
        return number
