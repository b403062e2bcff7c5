"""The queue of updates: order, confirmation, long poll, the second poller, and how long Telegram remembers."""

import asyncio
import time

from rehearsal_wire import JACK, STEVE, Wire


async def test_an_update_stays_until_a_later_offset_confirms_it(wire: Wire) -> None:
    await wire.phone(JACK, "send", text="/start")
    await wire.phone(JACK, "send", text="Hello")

    first = await wire.call("getUpdates")
    again = await wire.call("getUpdates", offset=first[0]["update_id"])
    rest = await wire.call("getUpdates", offset=first[1]["update_id"] + 1)
    from_zero = await wire.call("getUpdates", offset=0)

    assert [update["update_id"] for update in again] == [update["update_id"] for update in first]
    assert [update["message"]["text"] for update in rest] == ["Hello"]
    assert from_zero == rest


async def test_a_negative_offset_keeps_only_the_last(wire: Wire) -> None:
    await wire.phone(JACK, "send", text="/start")
    await wire.phone(JACK, "send", text="Hello")

    last = await wire.call("getUpdates", offset=-1)

    assert [update["message"]["text"] for update in last] == ["Hello"]
    assert await wire.call("getUpdates") == last


async def test_after_a_quiet_week_ids_go_on_from_a_lower_number(wire: Wire) -> None:
    await wire.phone(JACK, "send", text="/start")
    *_, before = await wire.fetch()
    await wire.advance(8 * 24 * 3600)
    for text in ("Hello", "Hello?"):
        await wire.phone(JACK, "send", text=text)

    first, second = await wire.call("getUpdates")

    assert first["update_id"] < before["update_id"]
    assert second["update_id"] == first["update_id"] + 1


async def test_at_most_a_hundred_updates_come_at_once(wire: Wire) -> None:
    await wire.phone(JACK, "send", text="/start")
    for number in range(105):
        await wire.phone(JACK, "send", text=str(number))

    assert len(await wire.call("getUpdates", limit=500)) == 100
    assert len(await wire.call("getUpdates", limit=0)) == 1
    assert len(await wire.call("getUpdates", limit=3)) == 3


async def test_a_long_poll_returns_as_soon_as_somebody_writes(wire: Wire) -> None:
    await wire.start(JACK)
    began = time.monotonic()

    poll = asyncio.create_task(wire.call("getUpdates", timeout=30))
    await asyncio.sleep(0.1)
    await wire.phone(JACK, "send", text="Hello")

    assert [update["message"]["text"] for update in await poll] == ["Hello"]
    assert time.monotonic() - began < 5


async def test_a_long_poll_ends_empty_after_its_timeout(wire: Wire) -> None:
    began = time.monotonic()

    assert await wire.call("getUpdates", timeout=1) == []

    assert 0.9 < time.monotonic() - began < 5


async def test_a_second_poller_ends_the_first_with_a_conflict(wire: Wire) -> None:
    first = asyncio.create_task(wire.refused("getUpdates", timeout=30))
    await asyncio.sleep(0.1)

    assert await wire.call("getUpdates") == []

    assert await first == (
        "409 Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )


async def test_a_poller_that_hung_up_is_no_conflict(wire: Wire) -> None:
    poll = asyncio.create_task(wire.raw("getUpdates", timeout=30))
    await asyncio.sleep(0.1)
    poll.cancel()
    await asyncio.sleep(0.1)
    await wire.phone(JACK, "send", text="/start")

    assert len(await wire.call("getUpdates", timeout=5)) == 2


async def test_messages_are_forgotten_after_a_day_and_taps_after_150_seconds(wire: Wire) -> None:
    await wire.start(JACK)
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    sent = await wire.call("sendMessage", chat_id=JACK, text="?", reply_markup=markup)
    await wire.phone(JACK, "send", text="Hello")
    await wire.phone(JACK, "tap", message_id=sent["message_id"], text="Yes", wait=False)

    before = [set(update) - {"update_id"} for update in await wire.call("getUpdates")]
    await wire.advance(150)
    after_taps = [set(update) - {"update_id"} for update in await wire.call("getUpdates")]
    await wire.advance(24 * 3600)

    assert before == [{"message"}, {"callback_query"}]
    assert after_taps == [{"message"}]
    assert await wire.call("getUpdates") == []


async def test_only_the_wanted_kinds_are_queued(wire: Wire) -> None:
    await wire.call("getUpdates", allowed_updates=["message"])

    await wire.phone(JACK, "send", text="/start")
    await wire.phone(JACK, "block")
    kinds = [set(update) - {"update_id"} for update in await wire.call("getUpdates")]
    await wire.call("getUpdates", allowed_updates=[])
    await wire.phone(JACK, "unblock")

    assert kinds == [{"message"}]
    assert len(await wire.call("getUpdates")) == 2


async def test_blocking_and_unblocking_are_membership_changes(wire: Wire) -> None:
    await wire.start(JACK)

    await wire.phone(JACK, "block")
    await wire.phone(JACK, "block")
    await wire.phone(JACK, "unblock")
    changes = [update["my_chat_member"] for update in await wire.fetch()]

    statuses = [(one["old_chat_member"]["status"], one["new_chat_member"]["status"]) for one in changes]
    assert statuses == [("member", "kicked"), ("kicked", "member")]
    assert changes[0]["new_chat_member"]["until_date"] == 0
    assert changes[0]["chat"]["id"] == JACK


async def test_a_tap_carries_what_telegram_carries(wire: Wire) -> None:
    await wire.start(JACK)
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    sent = await wire.call("sendMessage", chat_id=JACK, text="?", reply_markup=markup)

    await wire.phone(JACK, "tap", message_id=sent["message_id"], text="Yes", wait=False)
    query = (await wire.fetch())[0]["callback_query"]

    assert (query["data"], query["message"], query["from"]["is_bot"]) == ("y", sent, False)
    assert query["chat_instance"].lstrip("-").isdecimal()
    assert query["id"].isdecimal()


async def test_update_ids_rise_by_one_over_all_chats(wire: Wire) -> None:
    await wire.phone(JACK, "send", text="/start")
    await wire.phone(STEVE, "send", text="/start")

    ids = [update["update_id"] for update in await wire.call("getUpdates")]

    assert ids == list(range(ids[0], ids[0] + 4))
