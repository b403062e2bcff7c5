"""The emulated Telegram as a process of its own, and what one can ask of it from outside."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from lives import REPOSITORY

TOKEN = "123456789:" + "chaosbench" * 4
FAULTS = ("429", "401", "500_before", "500_after", "502_html", "403_html", "bad_json", "timeout_before", "timeout_after",
          "reset_before", "reset_after", "403", "400")  # fmt: skip
REFUSALS = ("403", "400")  # they end a message by right: rarer, and counted as what they are
SENDS = ("sendMessage", "sendPhoto", "sendDocument", "sendVoice")


class UnwillingError(Exception):
    """The emulator could not do that: the bot does not become idle, a message is gone."""


class Telegram:
    """One `interlude emulate`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.AsyncClient(base_url=self.url, timeout=120, trust_env=False)
        self.is_heard = True  # whether the bot has dealt with what was said last
        self._seen = 0
        self.calls: list[dict[str, Any]] = []
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "emulate.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "emulate", "--port", str(self.port), "--folder", str(folder), "--no-cast"],
                env=os.environ | {"PYTHONPATH": str(REPOSITORY)}, stdout=log, stderr=log,
            )  # fmt: skip

    async def ready(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                await self.get("state")
                return
            await asyncio.sleep(0.05)
        raise RuntimeError("the emulated Telegram does not answer")

    async def close(self) -> None:
        await self.http.aclose()
        self._process.terminate()
        self._process.wait(20)

    async def get(self, path: str) -> Any:
        return (await self.http.get(f"/rehearsal/{path}")).json()

    async def post(self, path: str, **body: Any) -> Any:
        reply = await self.http.post(f"/rehearsal/{path}", json=body)
        if reply.status_code >= 300:
            raise UnwillingError(reply.text)
        return reply.json()

    async def now(self) -> datetime:
        return datetime.fromisoformat((await self.get("clock"))["now"])

    async def person(self, name: str) -> int:
        return int((await self.post("people", name=name, language="en"))["id"])

    async def say(self, person: int, text: str, **more: Any) -> int:
        sent = await self.post(f"people/{person}/send", text=text, **more)
        self.is_heard = bool(sent["settled"])
        return int(sent["message_id"])

    async def chat(self, person: int) -> list[dict[str, Any]]:
        return list(await self.get(f"people/{person}/chat"))

    async def tap(self, person: int, label: str) -> None:
        for message in reversed(await self.chat(person)):
            for button in (button for row in message["buttons"] or [] for button in row):
                if button["text"].removeprefix("✓ ") == label:
                    await self.post(f"people/{person}/tap", message_id=message["message_id"], data=button["data"])
                    return
        raise UnwillingError(f"no button {label!r}: {[m['text'] for m in await self.chat(person)][-2:]}")

    async def spoil(self, share: float) -> None:
        """So many of all calls fail, each kind alike; what is held is held for a moment only."""
        usual = [kind for kind in FAULTS if kind not in REFUSALS]
        for kind in FAULTS if share else ():
            chance = share / len(usual) if kind in usual else share / len(usual) / 8
            await self.post("faults", method="*", kind=kind, chance=chance, hold_s=0.2, retry_after=2)

    async def fresh_calls(self) -> list[dict[str, Any]]:
        """What was called since somebody asked; all of it is kept in `calls`."""
        found = await self.get(f"calls?since={self._seen}")
        found = [call for call in found if call["n"] > self._seen]  # somebody else has asked meanwhile
        if found:
            self._seen = found[-1]["n"]
            self.calls += found
        return found

    async def first_call(self, is_dead: Callable[[], bool], within: float = 30) -> bool:
        """Whether somebody calls before that process is dead."""
        await self.fresh_calls()
        until = time.monotonic() + within
        while time.monotonic() < until:
            if await self.fresh_calls():
                return True
            if is_dead():
                return False
            await asyncio.sleep(0.01)
        return False

    async def followed(self) -> None:
        """Until somebody goes along with the clock."""
        while not (await self.get("state"))["followers"]:  # noqa: ASYNC110  # another process
            await asyncio.sleep(0.02)

    async def bury(self, pid: int) -> None:
        """The clock need not wait for whoever is dead."""
        for name in (await self.get("state")).get("following", []):
            if f"-{pid}-" in name:
                await self.post("clock/leave", follower=name)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
