"""A whole house for stories: the real bot, the emulated Telegram, and people with phones."""

import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from referee import Referee

from bot import app, settings
from bot.i18n import Say
from bot.rehearsal.server import Stage

MONDAY = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
TOKEN = "123456789:" + "rehearsal" * 4


SAID: set[str] = set()
"""Everything anybody wrote in any story; the log is searched for it when the run ends."""


@dataclass
class Phone:
    """One person at their phone."""

    house: "House"
    id: int
    name: str
    language: str = "en"

    async def send(self, text: str, **more: Any) -> int:
        SAID.add(text)
        reply = await self.house.post(f"people/{self.id}/send", {"text": text, **more})
        return int(reply.get("message_id", 0))

    async def send_file(self, name: str, content: bytes, text: str | None = None) -> None:
        import base64

        media = {
            "kind": "document", "name": name, "mime": "application/yaml",
            "base64": base64.b64encode(content).decode(),
        }  # fmt: skip
        await self.house.post(f"people/{self.id}/send", {"media": media} | ({"text": text} if text else {}))

    async def edit(self, message_id: int, text: str) -> None:
        await self.house.post(f"people/{self.id}/edit", {"message_id": message_id, "text": text})

    async def chat(self) -> list[dict[str, Any]]:
        return list(await self.house.get(f"people/{self.id}/chat"))

    async def received(self, since: int = 0) -> list[str]:
        """The texts the bot sent, oldest first."""
        return [m["text"] for m in await self.chat() if m["from"] == "bot" and m["message_id"] > since]

    async def last(self) -> str:
        return (await self.received())[-1]

    async def find(self, part: str) -> dict[str, Any]:
        """The newest message of the bot with these words."""
        for message in reversed(await self.chat()):
            if message["from"] == "bot" and part in message["text"]:
                return message
        raise AssertionError(f"{self.name} has no message with {part!r}: {await self.received()}")

    async def buttons(self) -> list[str]:
        """The labels under the newest message that has any."""
        for message in reversed(await self.chat()):
            if message["buttons"]:
                return [button["text"] for row in message["buttons"] for button in row]
        return []

    async def tap(self, label: str, message_id: int | None = None) -> dict[str, Any]:
        """Press the newest button with this label, ticked or not; returns the toast."""
        for message in reversed(await self.chat()):
            if message_id is not None and message["message_id"] != message_id:
                continue
            for button in (button for row in message["buttons"] or [] for button in row):
                if button["text"].removeprefix("✓ ") == label:
                    return await self.tap_data(message["message_id"], button["data"])
        raise AssertionError(f"{self.name} sees no button {label!r}, but {await self.buttons()}")

    async def tap_data(self, message_id: int, data: str) -> dict[str, Any]:
        return dict(await self.house.post(f"people/{self.id}/tap", {"message_id": message_id, "data": data}))

    async def block(self) -> None:
        await self.house.post(f"people/{self.id}/block", {})

    async def unblock(self) -> None:
        await self.house.post(f"people/{self.id}/unblock", {})

    async def link(self) -> str:
        """The newest invitation link in this chat."""
        for text in reversed(await self.received()):
            if found := re.search(r"https://t\.me/\S+\?start=\S+", text):
                return found[0]
        raise AssertionError(f"{self.name} was given no link")


class House:
    """Alice coaches Anna and Ben; Bob coaches Carla and must never see Alice's; Olga is admin."""

    def __init__(self, stage: Stage, loaded: settings.Settings, referee: Referee) -> None:
        self.stage = stage
        self.settings = loaded
        self.referee = referee
        self._http = httpx.AsyncClient(base_url=stage.url, timeout=90, trust_env=False, verify=False)  # no TLS here
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls, folder: Path, database_url: str, keys_file: Path, *, start: datetime = MONDAY, **more: str
    ) -> AsyncIterator["House"]:
        referee = Referee()
        stage = Stage(folder / "telegram.db", cast=False, start=start, observer=referee)
        await stage.start()
        loaded = settings.load(
            {
                "INTERLUDE_BOT_TOKEN": TOKEN,
                "INTERLUDE_BOT_API_URL": stage.url,
                "INTERLUDE_CLOCK_URL": stage.url,
                "INTERLUDE_DATA_DIR": str(folder / "data"),
                "INTERLUDE_DATABASE_URL": database_url,
                "INTERLUDE_KEYS_FILE": str(keys_file),
                "INTERLUDE_PRACTICE_NAME": "Alice & Bob",
                **more,
            }
        )
        house = cls(stage, loaded, referee)
        try:
            await house.start_bot()
            yield house
        finally:
            await house.stop_bot()
            await house._http.aclose()
            await stage.stop()
        referee.assert_fair()

    async def start_bot(self) -> None:
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(app.run_until(self.settings, self._stop))
        for _ in range(500):
            if self._running.done():
                self._running.result()
            if (await self.get("state"))["followers"]:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the bot did not begin to follow the clock")

    async def stop_bot(self) -> None:
        if self._running is not None:
            self._stop.set()
            await self._running
            self._running = None

    def process(self, log: Path, *parts: str, **more: str) -> subprocess.Popen[bytes]:
        """The same bot as `interlude run` with these parts, in real time; `more` are settings."""
        settings = self.settings
        assert settings.bot_token is not None
        environment = {name: value for name, value in os.environ.items() if not name.startswith("INTERLUDE_")} | {
            "INTERLUDE_BOT_TOKEN": settings.bot_token,
            "INTERLUDE_BOT_API_URL": settings.bot_api_url,
            "INTERLUDE_DATA_DIR": str(settings.data_dir),
            "INTERLUDE_DATABASE_URL": settings.database_url,
            "INTERLUDE_KEYSTORE_URL": settings.keystore_url,
            "INTERLUDE_KEYS_FILE": str(settings.keys_file),
            "PYTHONPATH": str(Path(__file__).parents[1]),
            **more,
        }
        command = [sys.executable, "-m", "bot.cli", "run", *parts]
        with log.open("ab") as written:
            return subprocess.Popen(command, env=environment, cwd=log.parent, stdout=written, stderr=written)

    async def get(self, path: str) -> Any:
        return self._read(await self._http.get(f"/rehearsal/{path}"))

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._read(await self._http.post(f"/rehearsal/{path}", json=body))

    async def delete(self, path: str) -> Any:
        return self._read(await self._http.delete(f"/rehearsal/{path}"))

    @staticmethod
    def _read(reply: httpx.Response) -> Any:
        assert reply.status_code < 300, reply.text
        return reply.json()

    async def phone(self, name: str, language: str = "en") -> Phone:
        made = await self.post("people", {"name": name, "language": language})
        return Phone(self, made["id"], name, language)

    async def now(self) -> datetime:
        return datetime.fromisoformat((await self.get("state"))["now"])

    async def advance(self, **span: float) -> None:
        from datetime import timedelta

        await self.post("clock", {"advance_s": timedelta(**span).total_seconds()})

    async def until(self, instant: datetime) -> None:
        await self.post("clock", {"to": instant.isoformat()})

    async def calls(self, method: str | None = None) -> list[dict[str, Any]]:
        found = await self.get("calls?since=0")
        calls = found["calls"] if isinstance(found, dict) else found
        return [call for call in calls if method in (None, call["method"])]

    # people who have joined

    async def admin(self, name: str = "Olga", language: str = "en") -> Phone:
        phone = await self.phone(name, language)
        await self._join(phone, await self.admin_link())
        return phone

    async def admin_link(self) -> str:
        """As `interlude admin link` does, in the running process."""
        return await app.make_admin_link(self.settings)

    async def coach(self, name: str, by: Phone, language: str = "en") -> Phone:
        await by.send(f"/invite {name}")
        await by.tap(Say(by.language)("as a coach"))
        phone = await self.phone(name, language)
        await self._join(phone, await by.link())
        return phone

    async def leader(
        self, name: str, by: Phone, language: str = "en", *, follows: tuple[str, ...] = ("first-six-weeks", "pulse")
    ) -> Phone:
        """Invited by their coach to follow exactly these sequences."""
        phone = await self.phone(name, language)
        await self._join(phone, await self.leader_link(name, by, follows))
        return phone

    async def leader_link(self, name: str, by: Phone, follows: tuple[str, ...]) -> str:
        say = Say(by.language)
        from bot import catalog

        await by.send(f"/invite {name}")
        for sequence in catalog.load(self.settings.prompts_dir).sequences.values():
            is_default = sequence.name in ("first-six-weeks", "pulse")
            if is_default != (sequence.name in follows):
                await by.tap(sequence.title[by.language])
        await by.tap(say("Make the link"))
        return await by.link()

    async def _join(self, phone: Phone, link: str) -> None:
        say = Say(phone.language)
        await phone.send("/start " + link.rpartition("=")[2])
        await phone.tap(say("Who reads what?"))
        await phone.tap(say("I agree"))
        await phone.tap("France" if phone.language == "fr" else "United Kingdom")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def eventually(condition: Callable[[], Awaitable[Any]], seconds: float = 30) -> float:
    """How long it took."""
    begun = time.monotonic()
    while not await condition():
        assert time.monotonic() - begun < seconds, "waited in vain"
        await asyncio.sleep(0.05)
    return time.monotonic() - begun


def assert_calm(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of ours failed behind the scenes; a test that provokes a failure clears the log."""
    failures = [r.getMessage() for r in caplog.get_records("call") if r.name.startswith("bot.") and r.levelname == "ERROR"]
    assert not failures
