"""A clock that stands: processes follow it, and it moves through every instant at which one has something to do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from rehearsal_wire import JACK, START, STEVE, TOKEN, Wire, staged


class Follower:
    """A bot in miniature: sends what is due, echoes what it hears, and otherwise waits for the clock."""

    def __init__(self, wire: Wire, dues: list[datetime] | None = None, name: str = "bot") -> None:
        self.wire, self.name = wire, name
        self.dues = sorted(dues or [])
        self.acted: list[datetime] = []
        self.inbox: list[dict[str, Any]] = []
        self.heard: list[str] = []
        self.on_update: Callable[[dict[str, Any]], Awaitable[None]] | None = None
        self.polls = True

    async def follow(self) -> None:
        while True:
            now = await self.wire.now()
            while self.inbox:
                await self._handle(self.inbox.pop(0))
            while self.dues and self.dues[0] <= now:
                self.acted.append(now)
                self.dues.pop(0)
            due = self.dues[0].isoformat() if self.dues else None
            await self.wire.http.post("/rehearsal/clock/follow", json={"follower": self.name, "next_due": due})

    async def _handle(self, update: dict[str, Any]) -> None:
        await asyncio.sleep(0.05)  # a busy moment
        self.heard.append(next(iter(set(update) - {"update_id"})))
        if self.on_update:
            await self.on_update(update)

    async def poll(self) -> None:
        offset = 0
        while self.polls:
            updates = await self.wire.call("getUpdates", offset=offset, timeout=30)
            self.inbox += updates
            offset = updates[-1]["update_id"] + 1 if updates else offset

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Follower"]:
        tasks = [asyncio.create_task(self.follow()), asyncio.create_task(self.poll())]
        await self.attached()
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def attached(self) -> None:
        while not (await self.wire.http.get("/rehearsal/state")).json()["followers"]:
            await asyncio.sleep(0.01)


def hours(*numbers: float) -> list[datetime]:
    return [START + timedelta(hours=number) for number in numbers]


async def to(wire: Wire, instant: datetime, **more: Any) -> Any:
    reply = await wire.http.post("/rehearsal/clock", json={"to": instant.isoformat(), **more})
    assert reply.status_code == 200, reply.text
    return datetime.fromisoformat(reply.json()["now"])


async def test_the_clock_stops_at_every_due_instant_on_its_way(wire: Wire) -> None:
    async with Follower(wire, hours(1, 2.5, 2.5, 30)).running() as bot:
        assert await to(wire, START + timedelta(hours=3)) == START + timedelta(hours=3)

        assert bot.acted == hours(1, 2.5, 2.5)


async def test_two_followers_take_their_turns_in_the_order_of_time(wire: Wire) -> None:
    one, two = Follower(wire, hours(1, 3), "one"), Follower(wire, hours(2, 3), "two")
    two.polls = False
    async with one.running(), two.running():
        while (await wire.http.get("/rehearsal/state")).json()["followers"] < 2:
            await asyncio.sleep(0.01)
        await to(wire, START + timedelta(hours=4))

        assert (one.acted, two.acted) == (hours(1, 3), hours(2, 3))


async def test_a_message_is_dealt_with_before_the_request_returns(wire: Wire) -> None:
    async with Follower(wire).running() as bot:
        sent = await wire.phone(JACK, "send", text="/start")

        assert sent["settled"] is True
        assert bot.heard == ["my_chat_member", "message"]


async def test_a_tap_returns_the_bots_answer(wire: Wire) -> None:
    await wire.start(JACK)
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    sent = await wire.call("sendMessage", chat_id=JACK, text="?", reply_markup=markup)
    bot = Follower(wire)

    async def answer(update: dict[str, Any]) -> None:
        query = update["callback_query"]["id"]
        await wire.call("answerCallbackQuery", callback_query_id=query, text="Kept", show_alert=True)

    bot.on_update = answer
    async with bot.running():
        reply = await wire.phone(JACK, "tap", message_id=sent["message_id"], text="Yes")
        bot.on_update = None
        silent = await wire.phone(JACK, "tap", message_id=sent["message_id"], text="Yes")

    assert reply == {"answered": True, "text": "Kept", "show_alert": True, "url": None}
    assert silent == {"answered": False}


async def test_without_followers_a_tap_waits_for_its_answer(wire: Wire) -> None:
    await wire.start(JACK)
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    sent = await wire.call("sendMessage", chat_id=JACK, text="?", reply_markup=markup)

    tap = asyncio.create_task(wire.phone(JACK, "tap", message_id=sent["message_id"], text="Yes"))
    query = (await wire.call("getUpdates", timeout=5))[0]["callback_query"]["id"]
    await wire.call("answerCallbackQuery", callback_query_id=query, text="Kept")

    assert (await tap)["text"] == "Kept"


async def test_what_arrives_on_the_way_is_dealt_with_before_time_goes_on(wire: Wire) -> None:
    bot = Follower(wire, hours(1, 2))
    times: list[datetime] = []

    async def note(_: dict[str, Any]) -> None:
        times.append(await wire.now())

    bot.on_update = note
    async with bot.running():
        await to(wire, START + timedelta(hours=1.5))
        await wire.phone(JACK, "send", text="/start")
        await to(wire, START + timedelta(hours=5))

    assert times == hours(1.5, 1.5)
    assert bot.acted == hours(1, 2)


async def test_writing_works_while_the_clock_is_being_moved(wire: Wire) -> None:
    async with Follower(wire, hours(*(n / 10 for n in range(1, 100)))).running() as bot:
        moving = asyncio.create_task(to(wire, START + timedelta(hours=10)))
        sent = await wire.phone(STEVE, "send", text="/start")
        await moving

    assert sent["settled"] is True
    assert len(bot.acted) == 99
    assert bot.heard == ["my_chat_member", "message"]


async def test_a_follower_whose_connection_breaks_is_forgotten_at_once(wire: Wire) -> None:
    async with Follower(wire, hours(1)).running():
        pass
    await asyncio.sleep(0.1)

    assert (await wire.http.get("/rehearsal/state")).json()["followers"] == 0
    assert await to(wire, START + timedelta(hours=2)) == START + timedelta(hours=2)


async def test_a_follower_can_leave(wire: Wire) -> None:
    ask = {"follower": "bot", "next_due": None}
    waiting = asyncio.create_task(wire.http.post("/rehearsal/clock/follow", json=ask))
    await Follower(wire).attached()

    await wire.http.post("/rehearsal/clock/leave", json={"follower": "bot"})
    state = (await wire.http.get("/rehearsal/state")).json()
    waiting.cancel()

    assert (state["followers"], state["idle"]) == (0, True)


async def test_a_follower_that_never_does_what_is_due_stops_the_clock_with_a_sentence(wire: Wire) -> None:
    bot = Follower(wire)

    async def lie() -> None:
        while True:
            ask = {"follower": "liar", "next_due": START.isoformat()}
            await wire.http.post("/rehearsal/clock/follow", json=ask)

    liar = asyncio.create_task(lie())
    await bot.attached()
    reply = await wire.http.post("/rehearsal/clock", json={"to": (START + timedelta(hours=1)).isoformat()})
    liar.cancel()

    assert reply.status_code == 504
    assert reply.json() == {"error": "The bot keeps saying that something is due now and does not do it."}


async def test_a_busy_follower_stops_the_clock_with_a_sentence(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.rehearsal.stage.PATIENCE_S", 0.5)
    await wire.start(JACK)
    ask = {"follower": "bot", "next_due": None}
    waiting = asyncio.create_task(wire.http.post("/rehearsal/clock/follow", json=ask))
    await Follower(wire).attached()
    wire.stage.world.new_turn()
    await waiting

    reply = await wire.http.post("/rehearsal/clock", json={"advance_s": 60})

    assert reply.status_code == 504
    assert reply.json() == {"error": "The bot did not become idle within 60 seconds."}
    monkeypatch.setattr("bot.rehearsal.stage.FORGET_S", 0.0)
    assert await to(wire, START + timedelta(hours=1)) == START + timedelta(hours=1)


async def test_a_follower_that_promised_its_connection_and_died_busy_is_forgotten_soon(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.rehearsal.stage.GRACE_S", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.stage.port)
    body = b'{"follower": "bot", "next_due": null, "keeps_connection": true}'
    head = f"POST /rehearsal/clock/follow HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await Follower(wire).attached()
    wire.stage.world.new_turn()
    await reader.readuntil(b"}")

    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.3)

    assert (await wire.http.get("/rehearsal/state")).json()["followers"] == 0


async def test_a_busy_follower_is_forgotten_soon_when_the_bots_connections_are_gone(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.rehearsal.stage.GRACE_S", 0.2)
    ask = {"follower": "bot", "next_due": None}
    async with httpx.AsyncClient(base_url=wire.stage.url) as bot:
        waiting = asyncio.create_task(bot.post("/rehearsal/clock/follow", json=ask))
        await Follower(wire).attached()
        await bot.get(f"/bot{TOKEN}/getMe")
        wire.stage.world.new_turn()
        await waiting
        await asyncio.sleep(0.4)
        alive = (await wire.http.get("/rehearsal/state")).json()["idle"]

    await asyncio.sleep(0.4)

    assert alive is False
    assert (await wire.http.get("/rehearsal/state")).json()["idle"] is True


async def test_the_clock_goes_back_only_by_force(wire: Wire) -> None:
    await to(wire, START + timedelta(hours=1))

    refused = await wire.http.post("/rehearsal/clock", json={"to": START.isoformat()})

    assert refused.status_code == 400
    assert "does not go back" in refused.json()["error"]
    assert await to(wire, START, force=True) == START


@pytest.mark.parametrize(
    "order",
    [{}, {"advance_s": 1, "to": "2027-01-01"}, {"advance_s": -1}, {"advance_s": "x"}, {"to": "soon"}, {"to": None}],
)
async def test_a_clock_order_that_makes_no_sense_is_refused(wire: Wire, order: dict[str, Any]) -> None:
    reply = await wire.http.post("/rehearsal/clock", json=order)

    assert reply.status_code == 400
    assert set(reply.json()) == {"error"}


async def test_the_clock_runs_until_somebody_takes_it_in_hand(open_stage: Callable[..., Any]) -> None:
    async with open_stage() as wire:
        first = await wire.now()
        await asyncio.sleep(0.05)
        second = await wire.now()
        moved = await wire.advance(0)
        await asyncio.sleep(0.05)

        assert START <= first < second <= moved
        assert await wire.now() == moved


async def test_the_clock_stands_as_soon_as_a_follower_attaches(wire: Wire) -> None:
    async with Follower(wire).running():
        first = await wire.now()
        await asyncio.sleep(0.05)

        assert await wire.now() == first


async def test_a_stage_without_a_start_begins_now(tmp_path: Any) -> None:
    async with staged(tmp_path / "now.db", start=None) as wire:
        now = datetime.now(START.tzinfo)

        assert abs((await wire.now() - now).total_seconds()) < 5
