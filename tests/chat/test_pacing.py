"""Pacing: no rolling second holds more than the limit, replies go first, one chat gets one message a second."""

import asyncio
import time

import pytest

from bot.chat.pacing import NoTurnError, Pacer


async def test_no_rolling_second_holds_more_than_the_limit_and_what_is_scheduled_is_spread_evenly() -> None:
    pacer, sent = Pacer(per_second=5), []

    async def send(chat: int) -> None:
        async with pacer.slot(1, chat):
            sent.append(time.monotonic())

    await asyncio.gather(*(send(chat) for chat in range(8)))

    assert all(later - earlier >= 0.99 for earlier, later in zip(sent, sent[5:], strict=False))
    assert sent[4] - sent[0] >= 0.5


async def test_a_reply_overtakes_the_prompts_that_wait() -> None:
    pacer, order = Pacer(per_second=1), []

    async def send(lane: int, chat: int) -> None:
        async with pacer.slot(lane, chat):
            order.append((lane, chat))

    prompts = [asyncio.create_task(send(1, chat)) for chat in range(2)]
    await asyncio.sleep(0.01)
    await asyncio.gather(*prompts, send(0, 99))

    assert order[1] == (0, 99)


async def test_one_chat_gets_one_message_a_second_however_long_the_first_waited_for_its_turn() -> None:
    pacer, at = Pacer(per_second=2), []

    async def send(chat: int) -> None:
        async with pacer.slot(0, chat):
            at.append((chat, time.monotonic()))

    await asyncio.gather(send(1), send(2), send(7), send(7))

    first, second = (when for chat, when in at if chat == 7)
    assert second - first >= 0.99


async def test_who_gives_up_waiting_does_not_keep_a_slot_or_a_chat() -> None:
    pacer = Pacer(per_second=1)
    async with pacer.slot(1, 1):
        waiting = asyncio.create_task(pacer.slot(1, 2).__aenter__())
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    async with asyncio.timeout(3):
        async with pacer.slot(1, 2):
            pass


async def test_while_telegram_holds_us_nobody_gets_a_turn_and_who_waits_is_told() -> None:
    pacer = Pacer(per_second=1)
    async with pacer.slot(1, 1):
        waiting = asyncio.create_task(pacer.slot(1, 2).__aenter__())
        await asyncio.sleep(0.01)
        pacer.hold(0.1)

    with pytest.raises(NoTurnError):
        await waiting
    with pytest.raises(NoTurnError) as told:
        await pacer.slot(0, 3).__aenter__()
    assert 0 < told.value.seconds <= 0.1
