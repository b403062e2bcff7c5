"""Real processes: `interlude run` against `interlude emulate`, killed with answers in flight and started again."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from house import free_port

from bot.i18n import Say

INTERLUDE = [sys.executable, "-m", "bot.cli"]
TOKEN = "987654321:" + "process" * 5
REPOSITORY = Path(__file__).parent.parent


@dataclass
class Stage:
    """Both processes and the phones, as somebody outside sees them."""

    folder: Path
    port: int
    environment: dict[str, str]
    http: httpx.Client
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{arguments[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                [*INTERLUDE, *arguments], env=self.environment, cwd=self.folder, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def run_bot(self) -> subprocess.Popen[bytes]:
        process = self.start("run")
        wait_for(lambda: self.get("state")["followers"] == 1)
        return process

    def output(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*INTERLUDE, *arguments], env=self.environment, cwd=self.folder, capture_output=True, text=True, timeout=60
        )

    def get(self, path: str) -> Any:
        return self.http.get(f"/rehearsal/{path}").json()

    def post(self, path: str, **body: Any) -> Any:
        reply = self.http.post(f"/rehearsal/{path}", json=body)
        assert reply.status_code < 300, reply.text
        return reply.json()

    def person(self, name: str) -> int:
        return int(self.post("people", name=name, language="en")["id"])

    def texts(self, person: int) -> list[str]:
        return [message["text"] for message in self.get(f"people/{person}/chat") if message["from"] == "bot"]

    def tap(self, person: int, label: str) -> None:
        for message in reversed(self.get(f"people/{person}/chat")):
            for button in (button for row in message["buttons"] or [] for button in row):
                if button["text"].removeprefix("✓ ") == label:
                    self.post(f"people/{person}/tap", message_id=message["message_id"], data=button["data"])
                    return
        raise AssertionError(f"no button {label!r}: {self.texts(person)}")

    def join(self, person: int, link: str) -> None:
        self.post(f"people/{person}/send", text="/start " + link.strip().rpartition("=")[2])
        for label in ("Who reads what?", "I agree", "United Kingdom"):
            self.tap(person, Say("en")(label))

    def a_coach_and_a_leader(self) -> tuple[int, int]:
        olga, alice, anna = (self.person(name) for name in ("Olga", "Alice", "Anna"))
        self.join(olga, self.output("admin", "link").stdout)
        self.post(f"people/{olga}/send", text="/invite Alice")
        self.tap(olga, "as a coach")
        self.join(alice, self.link(olga))
        self.post(f"people/{alice}/send", text="/invite Anna")
        self.tap(alice, "Make the link")
        self.join(anna, self.link(alice))
        return alice, anna

    def link(self, person: int) -> str:
        return self.texts(person)[-1].split()[-1]


def wait_for(condition: Any, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(httpx.TransportError):
            if condition():
                return
        time.sleep(0.05)
    raise AssertionError("waited in vain")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INTERLUDE_")} | {
        "INTERLUDE_BOT_TOKEN": TOKEN,
        "INTERLUDE_BOT_API_URL": url,
        "INTERLUDE_CLOCK_URL": url,
        "INTERLUDE_DATA_DIR": str(tmp_path / "data"),
        "INTERLUDE_KEYS_FILE": str(tmp_path / "interlude.keys"),
        "PYTHONPATH": str(REPOSITORY),
    }
    with httpx.Client(base_url=url, timeout=90, trust_env=False) as http:
        made = Stage(tmp_path, port, environment, http)
        assert made.output("keys", "new").returncode == 0
        made.start("emulate", "--port", str(port), "--no-cast")
        wait_for(lambda: made.get("state")["now"])
        try:
            yield made
        finally:
            for process in made.processes:
                process.kill()
                process.wait()


def test_nothing_is_lost_when_the_bot_is_killed_with_answers_in_flight(stage: Stage) -> None:
    now = datetime.fromisoformat(stage.get("state")["now"])
    monday = now.replace(hour=8, minute=0) + timedelta(days=7 - now.weekday())  # whichever day it is when this is run
    stage.post("clock", to=monday.isoformat())
    bot = stage.run_bot()
    alice, anna = stage.a_coach_and_a_leader()
    stage.post("clock", advance_s=86_400 * 1.5)
    words = [f"answer number {number:02}" for number in range(12)]

    for number, text in enumerate(words):
        if number % 4 == 1:
            bot.send_signal(signal.SIGKILL)
            bot.wait()
        stage.post(f"people/{anna}/send", text=text)
        if number % 4 == 3:
            bot = stage.run_bot()
    stage.post("clock", advance_s=1)
    stage.post("clock", advance_s=3600)
    for message in stage.get(f"people/{anna}/chat"):  # what was kept as a moment is opened up, to be read
        if any("Share with Alice" in b["text"] for row in message["buttons"] or [] for b in row):
            stage.post(f"people/{anna}/tap", message_id=message["message_id"], text="Share with Alice")
    stage.post(f"people/{alice}/send", text="/brief Anna")

    brief = "\n".join(text for text in stage.texts(alice) if text.startswith("Anna ·"))
    assert {text: brief.count(text) for text in words} == dict.fromkeys(words, 1)
    prompts = [text for text in stage.texts(anna) if "Six weeks from now" in text]
    assert len(prompts) == 1


def test_a_second_process_on_one_folder_is_refused(stage: Stage) -> None:
    bot = stage.run_bot()

    second = stage.output("run")

    assert second.returncode == 3
    assert f"pid {bot.pid}" in second.stderr
    assert "Traceback" not in second.stderr


def test_sigterm_ends_it_in_order_and_frees_the_folder(stage: Stage) -> None:
    bot = stage.run_bot()

    bot.send_signal(signal.SIGTERM)

    assert bot.wait(timeout=25) == 0
    assert stage.output("migrate").stdout == "The schema is up to date.\n"


def test_an_older_schema_is_left_alone_until_migrate_is_run(stage: Stage) -> None:
    url = f"sqlite:///{stage.folder / 'data' / 'interlude.db'}"
    (stage.folder / "data").mkdir()
    asyncio.run(make_old(url))

    refused = stage.output("run")
    migrated = stage.output("migrate")
    stage.run_bot()

    assert refused.returncode == 4
    assert "interlude migrate" in refused.stderr
    assert migrated.stdout == "The schema has been brought up to date.\n"


def test_a_newer_schema_is_left_untouched_and_said_to_be_newer(stage: Stage) -> None:
    stage.output("migrate")
    file = stage.folder / "data" / "interlude.db"
    with contextlib.closing(sqlite3.connect(file)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    before = file.read_bytes()

    refused = [stage.output("run"), stage.output("migrate")]

    assert [one.returncode for one in refused] == [4, 4]
    assert all(one.stderr.count("\n") == 1 and "newer" in one.stderr for one in refused)
    assert file.read_bytes() == before


async def make_old(url: str) -> None:
    """A database as the first release left it."""
    from alembic import command

    from bot.db import schema
    from bot.db.engine import make_engine

    engine = make_engine(url)
    async with engine.execution_options(writes=True).begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(schema.config(sync), "0001"))
    await engine.dispose()


def test_a_missing_key_store_stops_it_and_no_key_is_made(stage: Stage) -> None:
    bot = stage.run_bot()
    bot.send_signal(signal.SIGTERM)
    bot.wait(timeout=25)
    for file in (stage.folder / "data").glob("keys.db*"):
        file.unlink()

    again = stage.output("run")

    assert again.returncode == 4
    assert "key store is missing" in again.stderr
    assert not (stage.folder / "data" / "keys.db").exists()


def test_two_data_directories_with_one_database_are_one_process(stage: Stage) -> None:
    stage.run_bot()
    data = Path(stage.environment["INTERLUDE_DATA_DIR"])
    urls = {"INTERLUDE_DATABASE_URL": f"sqlite:///{data / 'interlude.db'}",
            "INTERLUDE_KEYSTORE_URL": f"sqlite:///{data / 'keys.db'}"}  # fmt: skip
    stage.environment |= {"INTERLUDE_DATA_DIR": str(stage.folder / "other"), **urls}

    second = stage.output("run")

    assert second.returncode == 3
    assert "is using" in second.stderr


def test_an_empty_database_beside_a_practices_keys_is_no_new_practice(stage: Stage) -> None:
    """The file was lost, or a name was mistyped: words would go into an empty one, and no backup could come back."""
    bot = stage.run_bot()
    bot.send_signal(signal.SIGTERM)
    bot.wait(timeout=25)
    data = Path(stage.environment["INTERLUDE_DATA_DIR"])
    (data / "interlude.db").rename(data / "away.db")

    gone = stage.output("run")
    urls = {"INTERLUDE_DATABASE_URL": f"sqlite:///{data / 'keys.db'}",
            "INTERLUDE_KEYSTORE_URL": f"sqlite:///{data / 'away.db'}"}  # fmt: skip
    stage.environment |= urls
    swapped = stage.output("run")

    assert (gone.returncode, swapped.returncode) == (4, 4)
    assert "is empty, but the key store holds a practice's keys" in gone.stderr
    assert "names a key store" in swapped.stderr
    with contextlib.closing(sqlite3.connect(data / "keys.db")) as keys:
        tables = {row[0] for row in keys.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == {"data_key", "erasure"}


def test_a_foreign_key_file_stops_it(stage: Stage) -> None:
    bot = stage.run_bot()
    bot.send_signal(signal.SIGTERM)
    bot.wait(timeout=25)
    (stage.folder / "interlude.keys").unlink()
    stage.output("keys", "new")

    again = stage.output("run")

    assert again.returncode == 4
    assert again.stderr.count("\n") == 1


def test_a_database_that_is_none_is_left_untouched(stage: Stage) -> None:
    data = stage.folder / "data"
    data.mkdir()
    (data / "interlude.db").write_bytes(b"this is not a database" * 100)

    refused = stage.output("run")

    assert refused.returncode == 4
    assert "Traceback" not in refused.stderr
    assert (data / "interlude.db").read_bytes() == b"this is not a database" * 100
