"""Whatever fails, a chat that is waited for goes on, a row comes to its end, and a pause is over when it was to be."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from desks import LOST, NINE, Desk, Line
from house import TOKEN
from people import Town
from sqlalchemy import select

from bot import failpoints
from bot.chat.poller import Poller
from bot.chat.telegram_bot import make_bot
from bot.clock import SteppedClock
from bot.db.keystore import DatabaseKeyStore
from bot.db.tables import Delivery, Inbound, Person
from bot.db.types import new_id
from bot.domain.delivery import Kind, NotSent
from bot.domain.searching import Trace
from bot.domain.text import message, plain
from bot.work import deliver, outgoing, people, receive, reconciling, self_check, ticks
from bot.work.downtime import Presence
from bot.work.post import Post, mark
from bot.work.practice import by_telegram


async def test_a_search_that_could_not_be_written_down_closes_no_chat(desk: Desk, town: Town) -> None:
    await desk.queue(town.anna)
    await deliver.deliver_one(desk.practice, Line(lambda _: LOST), desk.post, desk.clock.now)
    desk.clock.move(desk.clock.now() + timedelta(seconds=31))
    await ticks.look(desk.practice, desk.post)
    failpoints.arm("reconcile.inside=raise")

    with pytest.raises(failpoints.FailpointError):
        await deliver.claim_some(desk.practice, desk.post, desk.clock.now, (0, 1), 24)
    failpoints.arm("")
    waited = await desk.until_it_went(await desk.queue(town.anna), Line(), timedelta(seconds=10), timedelta(minutes=5))

    assert waited <= timedelta(minutes=1)


async def test_a_search_in_vain_is_repeated_less_and_less_often_though_others_look_meanwhile(
    desk: Desk, town: Town
) -> None:
    at = set[timedelta]()

    class Searched(Line):
        async def touch(self, *_: object) -> Trace:
            at.add(desk.clock.now() - NINE)
            desk.post.searches.at = desk.clock.now()
            assert not await reconciling.next_search(desk.practice, desk.post, desk.clock.now())
            return Trace.unclear

    async with desk.practice.database.write() as db:
        await mark(db, self_check.CHECKED, "guarded", NINE)
    await desk.queue(town.anna)
    await desk.carry(Line(lambda _: LOST))
    for _ in range(130):
        desk.clock.move(desk.clock.now() + timedelta(seconds=1))
        await desk.carry(Searched())

    assert sorted(at) == [timedelta(seconds=seconds) for seconds in (30, 34, 42, 60, 90, 120)]


async def test_while_the_clock_is_wrong_a_lost_message_keeps_nobody_waiting(desk: Desk, town: Town) -> None:
    desk.practice.vitals.skew = 90.0
    await desk.queue(town.anna)
    await deliver.deliver_one(desk.practice, Line(lambda _: LOST), desk.post, desk.clock.now)

    waited = await desk.until_it_went(await desk.queue(town.anna), Line(), timedelta(seconds=10), timedelta(minutes=5))

    assert waited <= timedelta(seconds=70)


async def test_an_edit_that_never_has_an_answer_ends_no_conversation(desk: Desk, town: Town) -> None:
    shown = await desk.queue(town.anna)
    line = Line(lambda call: NotSent("no answer") if call.message_id else None)
    await desk.carry(line)
    async with desk.practice.database.write() as db:
        sent = await db.get_one(Delivery, shown)
        await outgoing.edit(desk.practice, db, sent, message(plain("else")), key="edit", now=desk.clock.now())
    await desk.carry(line)

    waited = await desk.until_it_went(await desk.queue(town.anna), line, timedelta(seconds=30), timedelta(hours=1))

    assert waited < timedelta(minutes=15)


async def test_of_sixty_chats_whose_messages_were_lost_none_waits_for_the_others(desk: Desk) -> None:
    line = Line(lambda _: LOST)
    for number in range(60):
        async with desk.practice.database.write() as db:
            chat = 5_000_000 + number
            person = Person(id=new_id(), telegram_id=chat, chat_id=chat, language="en", joined_at=NINE, last_seen_at=NINE)
            db.add(person)
            await db.flush()
            await desk.practice.vault.make(person.id, "shared", "private")
            for key in ("lost", "later"):
                await outgoing.send(
                    desk.practice, db, person, Kind.reply, message(plain(key)), key=f"{key}:{chat}", now=NINE
                )
    await desk.carry(line)
    lost, line = line, Line()
    for _ in range(9):
        desk.clock.move(desk.clock.now() + timedelta(seconds=10))
        await desk.carry(line)

    assert len(lost.sent) == 60
    assert {call.chat_id for call in lost.sent} <= {call.chat_id for call in line.sent}


async def test_a_lease_from_a_clock_that_was_ahead_ends_with_whoever_takes_over(desk: Desk, town: Town) -> None:
    desk.clock.move(NINE + timedelta(days=1))
    await desk.queue(town.anna)
    await deliver.claim_one(desk.practice, desk.post, desk.clock.now, (0,))  # and it was killed
    desk.clock = SteppedClock(NINE)
    desk.post = Post()
    await deliver.take_over(desk.practice, NINE)

    waited = await desk.until_it_went(await desk.queue(town.anna), Line(), timedelta(seconds=30), timedelta(hours=1))

    assert waited <= timedelta(minutes=3)


async def test_what_was_shown_to_somebody_who_is_gone_comes_to_its_end(desk: Desk, town: Town) -> None:
    shown = await desk.queue(town.anna)
    await desk.carry(Line())
    async with desk.practice.database.write() as db:
        sent = await db.get_one(Delivery, shown)
        edit = await outgoing.edit(
            desk.practice, db, sent, message(plain("my words")), key="update:5:1:shown", now=desk.clock.now()
        )
        assert edit is not None
    await deliver.claim_one(desk.practice, desk.post, desk.clock.now, (0, 1))  # and it was killed
    async with desk.practice.database.write() as db:
        anna = await by_telegram(db, town.anna.id)
        assert anna is not None
        await people.erase(db, anna, desk.clock.now())
    for _ in range(20):
        desk.clock.move(desk.clock.now() + timedelta(minutes=1))
        await desk.carry(Line())

    assert await desk.state(edit.id) == "cancelled"


async def test_an_update_that_cannot_be_read_is_set_aside_alone(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    chats = [{"update_id": 900_000_000 + n, "message": {"chat": {"id": n}, "message_id": 5}} for n in (1, 2)]
    await receive.store(desk.practice, chats, NINE)
    async with desk.practice.database.write() as db:
        row = await db.get_one(Inbound, 900_000_001)
        assert row.body is not None
        row.body = row.body[:-1] + bytes([row.body[-1] ^ 1])

    found = await receive.next_waiting(desk.practice)

    assert found is not None
    assert found.update_id == 900_000_002
    async with desk.practice.database.read() as db:
        assert (await db.get_one(Inbound, 900_000_001)).state == "quarantined"
    caplog.clear()


async def test_who_comes_back_with_another_account_is_sent_what_was_kept_for_them(desk: Desk, town: Town) -> None:
    async with desk.practice.database.write() as db:
        ben = await by_telegram(db, town.ben.id)
        assert ben is not None
        ben.state = "unreachable"
    kept = await desk.queue(town.ben, Kind.notice)
    await desk.carry(Line())
    await desk.moves_to(77, town.ben)
    line = Line()

    await desk.carry(line)

    assert await desk.state(kept) == "sent"
    assert [call.chat_id for call in line.sent] == [77]


async def test_whoever_polls_again_after_long_begins_at_nothing(desk: Desk, town: Town) -> None:
    """It slept, or another process fetched; and in the quiet week Telegram's numbers began anew, lower."""
    bot, clock = make_bot(TOKEN, town.house.stage.url), town.house.stage.world.clock
    poller = Poller(bot, desk.practice, desk.clock, lambda: None)
    await town.anna.send("before", wait=False)
    before = await poller.poll_once(0)
    clock.set(clock.now() + timedelta(days=8))
    desk.clock.move(clock.now())
    await town.anna.send("after eight days", wait=False)

    after = await poller.poll_once(0)
    await asyncio.gather(*(request.shutdown() for request in bot._request))

    assert (before, after) == (1, 1)


def test_a_pause_that_telegram_asked_for_after_a_long_sleep_is_not_as_long_as_the_sleep() -> None:
    """It is on the new clock already when the jump is seen."""
    post = Post()
    post.hold(NotSent("too many requests", 7.0, everyone=True), NINE)

    post.clock_was_set(timedelta(hours=60), NINE + timedelta(seconds=20))

    assert post.held_until == NINE + timedelta(seconds=27)


async def test_nobody_is_told_of_an_absence_by_a_clock_that_is_wrong(desk: Desk) -> None:
    presence = Presence(desk.practice)
    await presence.seen(desk.clock.now())
    desk.practice.vitals.skew = 86_400.0
    await presence.seen(desk.clock.now() + timedelta(days=1))

    async with desk.practice.database.read() as db:
        told = await db.scalars(select(Delivery.id).where(Delivery.dedupe_key.startswith("away:")))
        assert not list(told)


async def test_a_key_store_that_cannot_be_reached_says_so_in_one_way() -> None:
    """A host with two addresses, and one that does not answer, are other errors than a connection that is refused."""
    store = DatabaseKeyStore("postgresql://nobody:none@localhost:1/keys")
    try:
        with pytest.raises(ConnectionError) as raised:
            await store.get(UUID(int=1), "shared")
    finally:
        await store.close()

    assert receive.is_surely_away(raised.value)
