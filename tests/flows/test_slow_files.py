"""While Telegram does not hand over somebody's file only they wait, and what they write meanwhile keeps its order."""

import asyncio
import time

from people import Town
from test_by_webhook import in_service
from test_media import media

LOST = "Telegram did not hand over the voice message"
HELP = "What you can do here"


async def test_a_voice_message_that_hangs_holds_up_nobody_else(town: Town) -> None:
    await town.house.stop_bot()
    await town.house.post("faults", {"method": "getFile", "kind": "timeout_before", "hold_s": 4})

    async def there(phone: str, part: str) -> float:
        async with asyncio.timeout(25):
            while not any(part in said for said in await getattr(town, phone).received()):
                await asyncio.sleep(0.05)
        return time.monotonic()

    async with in_service(town.house):
        voice = {"media": media("voice", duration=9), "wait": False}
        await town.house.post(f"people/{town.anna.id}/send", voice)
        await town.anna.send("/help", wait=False)
        await town.carla.send("/help", wait=False)
        carla = await there("carla", HELP)
        anna = await there("anna", HELP)
        lost = await town.anna.find(LOST)
        helped = await town.anna.find(HELP)

    assert anna - carla > 1
    assert lost["message_id"] < helped["message_id"]


async def test_a_voice_message_being_fetched_when_the_bot_stops_keeps_its_turn(town: Town) -> None:
    await town.house.stop_bot()
    await town.house.post("faults", {"method": "getFile", "kind": "timeout_before", "hold_s": 20})
    async with in_service(town.house):
        await town.house.post(f"people/{town.anna.id}/send", {"media": media("voice", duration=9), "wait": False})
        async with asyncio.timeout(25):
            while not await town.house.calls("getFile"):
                await asyncio.sleep(0.05)
        await asyncio.sleep(1)  # by now the others would go on
    kept = town.rows("SELECT count(*) FROM inbound WHERE state = 'waiting'")
    async with in_service(town.house):
        async with asyncio.timeout(25):
            while town.rows("SELECT count(*) FROM inbound WHERE state = 'waiting'") != [(0,)]:
                await asyncio.sleep(0.05)

    assert kept == [(1,)]
    assert town.rows("SELECT count(*) FROM recording") == [(1,)]
