"""Rules of delivery that no story of a day would miss, one by one."""

import asyncio
from datetime import datetime, timedelta
from typing import cast

import pytest
from house import MONDAY, TOKEN, Phone
from people import Town, times
from sqlalchemy import select
from telegram.error import Conflict, RetryAfter

from bot import app
from bot.chat.poller import Poller
from bot.chat.sender import TelegramSender
from bot.chat.telegram_bot import ALLOWED_UPDATES, RawBot, make_bot
from bot.clock import SteppedClock
from bot.db.tables import Delivery
from bot.domain.delivery import Kind, NotSent
from bot.domain.text import message, plain
from bot.work import confirming, deliver, outgoing, ticks
from bot.work.practice import Practice, by_telegram


async def reply(practice: Practice, phone: Phone, words: str, now: datetime) -> None:
    async with practice.database.write() as db:
        person = await by_telegram(db, phone.id)
        assert person is not None
        await outgoing.send(practice, db, person, Kind.reply, message(plain(words)), key="a", now=now)


async def test_what_does_not_leave_is_tried_less_and_less_often(town: Town) -> None:
    await town.house.stop_bot()
    clock, post, pauses = SteppedClock(MONDAY + timedelta(hours=2)), deliver.Post(), []
    async with app.opened(town.house.settings, clock) as practice:
        await reply(practice, town.anna, "hello", clock.now())
        for _ in range(7):
            claimed = await deliver.claim_one(practice, post, clock.now, (0,))
            assert isinstance(claimed, deliver.Outgoing)
            await confirming.confirm(practice, post, claimed, NotSent("no connection"), clock.now())
            async with practice.database.read() as db:
                due = (await db.scalars(select(Delivery.due_at).where(Delivery.id == claimed.id))).one()
            pauses.append((due - clock.now()).total_seconds())
            clock.move(due)

    expected = [2**n for n in range(7)]
    assert all(0.7 * about < pause < 1.3 * about for pause, about in zip(pauses, expected, strict=True)), pauses


async def test_nothing_is_looked_for_while_updates_wait_at_telegram(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """What people wrote before has ids that nobody knows yet: the message would be looked for far below its own."""
    await town.house.post("faults", {"method": "sendMessage", "kind": "500_before", "calls": 1})
    await town.anna.send("/privacy")
    await town.house.advance(minutes=2)  # the self-check is done for today: none of its messages shows how far the ids are
    await town.house.stop_bot()
    for number in range(30):
        await town.zoe.send(f"word {number}", wait=False)
    await town.house.post("faults", {"method": "sendMessage", "kind": "500_after", "calls": 1})
    clock, post, bot = SteppedClock(await town.house.now()), deliver.Post(), make_bot(TOKEN, town.house.stage.url)
    async with app.opened(town.house.settings, clock) as practice:
        await reply(practice, town.ben, "a heron", clock.now())
        for _ in range(12):
            await ticks.look(practice, post)
            await ticks.settle_outbox(practice, clock.now())
            while await deliver.deliver_one(practice, TelegramSender(bot), post, clock.now):
                pass
            clock.move(clock.now() + timedelta(seconds=15))
    await asyncio.gather(*(request.shutdown() for request in bot._request))
    searched = await town.house.calls("editMessageCaption")
    await town.house.start_bot()
    await town.house.advance(minutes=5)
    caplog.clear()

    assert len(await times(town.ben, "heron")) == 1
    assert not [call for call in searched if call["params"]["chat_id"] == town.ben.id]


async def test_while_the_clock_is_wrong_nothing_is_planned(town: Town) -> None:
    await town.house.stop_bot()
    clock = SteppedClock(MONDAY + timedelta(hours=9))
    async with app.opened(town.house.settings, clock) as practice:
        agenda = await ticks.look(practice, deliver.Post())
        practice.vitals.skew = 90.0
        held = await ticks.tick(practice, clock.now(), agenda)
        practice.vitals.skew = 0.5
        let_go = await ticks.tick(practice, clock.now(), agenda)

    assert (held, let_go) == (False, True)


def test_telegram_says_when_to_ask_again_and_others_are_asked_less_and_less_often() -> None:
    poller = Poller(cast("RawBot", None), cast("Practice", None), SteppedClock(MONDAY), lambda: None)
    conflicts = [poller._after(Conflict("another one")) for _ in range(4)]

    assert poller._after(RetryAfter(timedelta(seconds=40))) == 40
    assert conflicts == sorted({*conflicts})


async def test_only_what_is_handled_is_asked_for(town: Town) -> None:
    await town.anna.send("/help")
    asked = (await town.house.calls("getUpdates"))[-1]["params"]["allowed_updates"]

    assert sorted(asked) == sorted(ALLOWED_UPDATES) == ["callback_query", "edited_message", "message", "my_chat_member"]
