"""Faults on demand, each with the effect it promises."""

import time

import httpx
import pytest
from rehearsal_wire import JACK, Wire


async def order(wire: Wire, kind: str, method: str = "sendMessage", calls: int = 1, **more: object) -> None:
    reply = await wire.http.post("/rehearsal/faults", json={"method": method, "kind": kind, "calls": calls, **more})
    assert reply.status_code == 200, reply.text


async def sent_texts(wire: Wire) -> list[str]:
    return [message["text"] for message in await wire.chat(JACK) if message["from"] == "bot"]


@pytest.mark.parametrize(
    ("kind", "status", "description", "effect"),
    [
        ("429", 429, "Too Many Requests: retry after 7", False),
        ("401", 401, "Unauthorized", False),
        ("403", 403, "Forbidden: bot was blocked by the user", False),
        ("400", 400, "Bad Request: message is not accepted", False),
        ("500_before", 500, "Internal Server Error", False),
        ("500_after", 500, "Internal Server Error", True),
    ],
)
async def test_a_refusing_fault_happens_once(
    wire: Wire, kind: str, status: int, description: str, effect: bool
) -> None:
    await wire.start(JACK)
    await order(wire, kind, retry_after=7)

    reply = await wire.raw("sendMessage", chat_id=JACK, text="One")
    await wire.call("sendMessage", chat_id=JACK, text="Two")

    assert (reply.status_code, reply.json()["description"]) == (status, description)
    assert await sent_texts(wire) == (["One", "Two"] if effect else ["Two"])
    if kind == "429":
        assert reply.headers["retry-after"] == "7"
        assert reply.json()["parameters"] == {"retry_after": 7}


@pytest.mark.parametrize(
    ("kind", "effect"), [("403_html", False), ("404_html", False), ("502_html", False), ("bad_json", True)]
)
async def test_a_reply_that_is_not_json(wire: Wire, kind: str, effect: bool) -> None:
    await wire.start(JACK)
    await order(wire, kind)

    reply = await wire.raw("sendMessage", chat_id=JACK, text="One")

    with pytest.raises(ValueError):
        reply.json()
    assert await sent_texts(wire) == (["One"] if effect else [])


@pytest.mark.parametrize(("kind", "effect"), [("reset_before", False), ("reset_after", True)])
async def test_a_connection_is_reset(wire: Wire, kind: str, effect: bool) -> None:
    await wire.start(JACK)
    await order(wire, kind)

    with pytest.raises(httpx.NetworkError):
        await wire.raw("sendMessage", chat_id=JACK, text="One")

    assert await sent_texts(wire) == (["One"] if effect else [])


@pytest.mark.parametrize(("kind", "effect"), [("timeout_before", False), ("timeout_after", True)])
async def test_a_reply_never_comes(wire: Wire, kind: str, effect: bool) -> None:
    await wire.start(JACK)
    await order(wire, kind)
    began = time.monotonic()

    with pytest.raises(httpx.ReadTimeout):
        await wire.http.post(
            f"/bot7200514668:{'x' * 35}/sendMessage", json={"chat_id": JACK, "text": "One"}, timeout=0.5
        )

    assert time.monotonic() - began >= 0.5
    assert await sent_texts(wire) == (["One"] if effect else [])


async def test_faults_queue_up_and_can_be_cleared(wire: Wire) -> None:
    await wire.start(JACK)
    await order(wire, "403", calls=2)
    await order(wire, "500_before", method="*", calls=5)

    codes = [(await wire.raw("sendMessage", chat_id=JACK, text="x")).status_code for _ in range(3)]
    ordered = (await wire.http.get("/rehearsal/faults")).json()["ordered"]
    await wire.http.delete("/rehearsal/faults")

    assert codes == [403, 403, 500]
    assert [(fault["kind"], fault["calls"]) for fault in ordered] == [("500_before", 4)]
    assert (await wire.raw("sendMessage", chat_id=JACK, text="x")).status_code == 200


@pytest.mark.parametrize(
    "fault", [{"kind": "earthquake"}, {"kind": "429", "method": "fly"}, {"kind": "429", "calls": 0}, {}]
)
async def test_an_impossible_fault_is_refused(wire: Wire, fault: dict[str, object]) -> None:
    reply = await wire.http.post("/rehearsal/faults", json=fault)

    assert reply.status_code == 400
    assert reply.json()["error"]


async def test_the_log_names_the_fault(wire: Wire) -> None:
    await wire.start(JACK)
    await order(wire, "500_after")

    await wire.raw("sendMessage", chat_id=JACK, text="x")

    last = (await wire.http.get("/rehearsal/calls")).json()[-1]
    assert (last["method"], last["fault"], last["status"]) == ("sendMessage", "500_after", 500)


async def test_a_share_of_all_calls_fails_until_that_is_taken_back(wire: Wire) -> None:
    await wire.start(JACK)
    await order(wire, "500_after", chance=0.5)

    replies = [await wire.raw("sendMessage", chat_id=JACK, text=str(number)) for number in range(60)]
    listed = (await wire.http.get("/rehearsal/faults")).json()["ordered"]
    await wire.http.delete("/rehearsal/faults")

    failed = sum(reply.status_code == 500 for reply in replies)
    assert 10 < failed < 50
    assert len(await sent_texts(wire)) == 60
    assert [fault["chance"] for fault in listed] == [0.5]
    assert [(await wire.raw("sendMessage", chat_id=JACK, text="well")).status_code for _ in range(10)] == [200] * 10
