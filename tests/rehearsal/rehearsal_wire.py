"""Both sides of an emulated Telegram over HTTP, for tests: the calls of a bot, and phones."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from bot.rehearsal.server import Stage

sys.path.insert(0, str(Path(__file__).parent.parent))  # tests/referee.py, also when only this folder runs

from referee import Referee

TOKEN = "7200514668:" + "AAbbCCdd" * 4 + "-_0"
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)
JACK, STEVE, OLGA, JEROME = 1740265918, 498113052, 514208337, 1307846295


class Wire:
    """Both sides of the emulator over HTTP: the bot's calls and a person's phone."""

    def __init__(self, stage: Stage, http: httpx.AsyncClient) -> None:
        self.stage = stage
        self.http = http

    async def raw(self, method: str, token: str = TOKEN, **params: Any) -> httpx.Response:
        return await self.http.post(f"/bot{token}/{method}", json=params)

    async def call(self, method: str, **params: Any) -> Any:
        """A call that must succeed; its result."""
        reply = (await self.raw(method, **params)).json()
        assert reply["ok"], reply
        return reply["result"]

    async def refused(self, method: str, **params: Any) -> str:
        """A call that must be refused; code and description in one string."""
        reply = (await self.raw(method, **params)).json()
        assert not reply["ok"], reply
        return f"{reply['error_code']} {reply['description']}"

    async def phone(self, person: int, action: str, **said: Any) -> Any:
        reply = await self.http.post(f"/rehearsal/people/{person}/{action}", json=said)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def chat(self, person: int) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = (await self.http.get(f"/rehearsal/people/{person}/chat")).json()
        return messages

    async def start(self, person: int = JACK) -> None:
        """The person starts the bot and the bot takes note."""
        await self.phone(person, "send", text="/start")
        await self.fetch()

    async def fetch(self) -> list[dict[str, Any]]:
        """All waiting updates, confirmed."""
        updates: list[dict[str, Any]] = await self.call("getUpdates")
        if updates:
            await self.call("getUpdates", offset=updates[-1]["update_id"] + 1)
        return updates

    async def advance(self, seconds: float) -> datetime:
        reply = await self.http.post("/rehearsal/clock", json={"advance_s": seconds})
        assert reply.status_code == 200, reply.text
        return datetime.fromisoformat(reply.json()["now"])

    async def now(self) -> datetime:
        return datetime.fromisoformat((await self.http.get("/rehearsal/clock")).json()["now"])


@asynccontextmanager
async def staged(path: Path, **options: Any) -> AsyncIterator[Wire]:
    referee = Referee()
    options = {"start": START, "observer": referee} | options
    async with Stage(path, **options) as stage, httpx.AsyncClient(base_url=stage.url, timeout=70) as http:
        yield Wire(stage, http)
    referee.assert_fair()
