"""Everything survives kill -9 of the emulator, and goes on exactly where it stopped."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
from rehearsal_wire import JACK, STEVE, TOKEN, Wire

SERVE = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from bot.rehearsal.server import Stage

async def main():
    stage = Stage(Path(sys.argv[1]), start=datetime(2026, 11, 2, 9, tzinfo=UTC))
    await stage.start()
    print(stage.url, flush=True)
    await stage.wait()

asyncio.run(main())
"""


class _Url:
    def __init__(self, url: str) -> None:
        self.url = url


async def launch(path: Path) -> tuple[asyncio.subprocess.Process, Wire]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVE, path, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    stage: Any = _Url(url)
    return process, Wire(stage, httpx.AsyncClient(base_url=url, timeout=30))


async def kill(process: asyncio.subprocess.Process, wire: Wire) -> None:
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    await wire.http.aclose()
    process._transport.close()  # or its pipe warns when collected


async def state_of(wire: Wire) -> dict[str, Any]:
    """All a bot or a person could notice."""
    get = wire.http.get
    return {
        "state": (await get("/rehearsal/state")).json(),
        "chats": [await wire.chat(person) for person in (JACK, STEVE)],
        "faults": (await get("/rehearsal/faults")).json()["ordered"],
        "limits": (await get("/rehearsal/limits")).json(),
        "updates": await wire.call("getUpdates"),
        "commands": await wire.call("getMyCommands"),
        "calls": [call for call in (await get("/rehearsal/calls")).json() if "get" not in call["method"]],
    }


async def test_a_killed_emulator_goes_on_exactly_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "rehearsal.db"
    process, wire = await launch(path)
    await wire.start(JACK)
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    sent = await wire.call("sendMessage", chat_id=JACK, text="One", reply_markup=markup)
    await wire.call("editMessageText", chat_id=JACK, message_id=sent["message_id"], text="Two", reply_markup=markup)
    await wire.call("setMyCommands", commands=[{"command": "pause", "description": "Rest"}])
    media = {"kind": "document", "name": "a.txt", "base64": "aGVsbG8="}
    await wire.phone(JACK, "send", text="Notes", media=media)
    await wire.phone(JACK, "tap", message_id=sent["message_id"], text="Yes", wait=False)
    await wire.http.post("/rehearsal/faults", json={"method": "sendPhoto", "kind": "429", "calls": 3})
    await wire.http.post("/rehearsal/limits", json={"enforce": True})
    await wire.phone(STEVE, "block")
    await wire.advance(100)
    before = await state_of(wire)

    await kill(process, wire)
    process, wire = await launch(path)
    after = await state_of(wire)
    query = after["updates"][-1]["callback_query"]["id"]
    answered = await wire.call("answerCallbackQuery", callback_query_id=query)
    next_id = (await wire.call("sendMessage", chat_id=JACK, text="Three"))["message_id"]
    file_id = after["chats"][0][-1]["media"]["file_id"]
    body = (await wire.http.get(f"/rehearsal/files/{file_id}")).content
    await kill(process, wire)

    assert after == before
    assert answered is True
    assert next_id == before["chats"][0][-1]["message_id"] + 1
    assert body == b"hello"


async def test_nothing_acknowledged_is_lost_when_killed_at_random(tmp_path: Path) -> None:
    path = tmp_path / "rehearsal.db"
    acknowledged: list[int] = []
    for round_number in range(3):
        process, wire = await launch(path)
        if round_number == 0:
            await wire.phone(JACK, "send", text="/start")

        async def talk(wire: Wire = wire) -> None:
            while True:
                reply = await wire.raw("sendMessage", token=TOKEN, chat_id=JACK, text="x")
                acknowledged.append(reply.json()["result"]["message_id"])

        talking = asyncio.create_task(talk())
        await asyncio.sleep(0.15 + 0.1 * round_number)
        await kill(process, wire)
        await asyncio.gather(talking, return_exceptions=True)

    process, wire = await launch(path)
    kept = [message["message_id"] for message in await wire.chat(JACK)]
    await kill(process, wire)

    assert len(acknowledged) > 10
    assert set(acknowledged) <= set(kept)
    assert len(kept) - 1 - len(acknowledged) <= 3  # at most the one in flight each time
