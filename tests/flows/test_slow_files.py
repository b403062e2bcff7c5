"""While Telegram does not hand over somebody's file only they wait, and what they write meanwhile keeps its order."""

import asyncio
from functools import partial

import pytest
from house import Phone, eventually
from people import Town, times
from test_by_webhook import in_service
from test_media import media

from bot.chat import emergency, receiver

LOST = "Telegram did not hand over the voice message"
HELP = "What you can do here"
URGENT = "These people are there"


async def speak(phone: Phone) -> None:
    said = {"media": media("voice", duration=9), "wait": False}
    await phone.house.post(f"people/{phone.id}/send", said)


async def hears(phone: Phone, part: str) -> bool:
    return any(part in said for said in await phone.received())


@pytest.mark.parametrize("fetchers", [4, 1])
async def test_voice_messages_that_hang_hold_up_nobody_else(
    town: Town, fetchers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many they are: those that cannot be fetched yet wait beside the others, too."""
    monkeypatch.setattr(receiver, "_FETCHERS", fetchers)
    await town.house.stop_bot()
    await town.house.post("faults", {"method": "getFile", "kind": "timeout_before", "hold_s": 5, "calls": 2})

    async with in_service(town.house):
        await speak(town.anna)
        await speak(town.ben)
        await town.anna.send("/help", wait=False)
        await town.carla.send("/help", wait=False)
        await eventually(partial(hears, town.carla, HELP))
        fetched = len(await town.house.calls("getFile"))
        for phone, part in ((town.anna, HELP), (town.ben, LOST)):
            await eventually(partial(hears, phone, part))
        carla, ben = await town.carla.find(HELP), await town.ben.find(LOST)
        lost, anna = await town.anna.find(LOST), await town.anna.find(HELP)

    first_come = [message["message_id"] for message in (carla, lost, anna)]
    assert first_come == sorted(first_come)
    assert carla["message_id"] < ben["message_id"]
    assert fetched == min(fetchers, 2)


async def test_a_voice_message_being_fetched_when_the_bot_stops_keeps_its_turn(town: Town) -> None:
    def waiting() -> int:
        return int(town.rows("SELECT count(*) FROM inbound WHERE state = 'waiting'")[0][0])

    async def is_handled() -> bool:
        return waiting() == 0

    await town.house.stop_bot()
    await town.house.post("faults", {"method": "getFile", "kind": "timeout_before", "hold_s": 20})
    async with in_service(town.house):
        await speak(town.anna)
        await eventually(lambda: town.house.calls("getFile"))
        await asyncio.sleep(1)  # by now the others would go on
    kept = waiting()
    async with in_service(town.house):
        await eventually(is_handled)

    assert kept == 1
    assert town.rows("SELECT count(*) FROM recording") == [(1,)]


async def test_urgent_that_does_not_get_through_holds_up_nobody_and_keeps_its_turn(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await town.house.stop_bot()
    await town.house.post("faults", {"method": "sendMessage", "kind": "timeout_before", "hold_s": 300, "calls": 1})
    async with in_service(town.house):
        await town.zoe.send("/urgent", wait=False)
        await town.anna.send("/help", wait=False)
        await eventually(partial(hears, town.anna, HELP))
        assert not await times(town.zoe, URGENT)
    waits = town.rows("SELECT count(*) FROM inbound WHERE state = 'waiting'")
    await town.house.start_bot()
    await town.house.advance(seconds=1)

    assert waits == [(1,)]
    assert len(await times(town.zoe, URGENT)) == 1
    caplog.clear()


async def test_urgent_that_fails_again_and_again_is_never_set_aside(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(emergency, "_PAUSES", ())
    monkeypatch.setattr(receiver, "_PAUSE", 0.05)
    await town.house.stop_bot()
    await town.house.post("faults", {"method": "sendMessage", "kind": "500_before", "calls": 12})
    async with in_service(town.house):
        await town.zoe.send("/urgent", wait=False)
        await eventually(partial(hears, town.zoe, URGENT))

    refused = [call for call in await town.house.calls("sendMessage") if not call["ok"]]
    assert len(refused) == 12
    assert len(await times(town.zoe, URGENT)) == 1
    assert town.rows("SELECT count(*) FROM inbound WHERE state != 'done'") == [(0,)]
    caplog.clear()
