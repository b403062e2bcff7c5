"""Pacing: no rolling second holds more than the limit, replies go first, one chat gets one message a second."""

import asyncio
import time

from bot.chat.pacing import Pacer


async def test_no_rolling_second_holds_more_than_the_limit() -> None:
    pacer, sent = Pacer(per_second=5), []

    async def send(chat: int) -> None:
        async with pacer.slot(1, chat):
            sent.append(time.monotonic())

    await asyncio.gather(*(send(chat) for chat in range(12)))

    assert all(later - earlier >= 0.99 for earlier, later in zip(sent, sent[5:], strict=False))


async def test_a_reply_overtakes_the_prompts_that_wait() -> None:
    pacer, order = Pacer(per_second=1), []

    async def send(lane: int, chat: int) -> None:
        async with pacer.slot(lane, chat):
            order.append((lane, chat))

    prompts = [asyncio.create_task(send(1, chat)) for chat in range(3)]
    await asyncio.sleep(0.01)
    await asyncio.gather(*prompts, send(0, 99))

    assert order[1] == (0, 99)


async def test_one_chat_gets_one_message_a_second() -> None:
    pacer, at = Pacer(), []

    async def send() -> None:
        async with pacer.slot(0, 7):
            at.append(time.monotonic())

    await asyncio.gather(send(), send())

    assert at[1] - at[0] >= 0.99


async def test_who_gives_up_waiting_does_not_keep_a_slot() -> None:
    pacer = Pacer(per_second=1)
    async with pacer.slot(1, 1):
        waiting = asyncio.create_task(pacer._acquire(1))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    async with asyncio.timeout(3):
        async with pacer.slot(1, 2):
            pass
