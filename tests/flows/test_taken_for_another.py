"""No message is taken for another one: a search finds what was lost, and leaves alone what was said otherwise."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from desks import LOST, NINE, Desk
from house import Phone
from people import Town
from telegram.error import InvalidToken
from test_digest_fails import bens_words
from test_lost_messages import PRIVACY, copies, fault

from bot.chat.sender import TelegramSender
from bot.chat.telegram_bot import RawBot
from bot.db.tables import Delivery
from bot.domain.delivery import Kind, NotSent, Sent
from bot.domain.searching import Trace
from bot.domain.text import message, plain
from bot.rehearsal.messages import as_message
from bot.rehearsal.messages import post as post_message
from bot.rehearsal.updates import put_update
from bot.service.following import Following
from bot.work import confirming, outgoing, proving, self_check
from bot.work.post import Outgoing, mark
from bot.work.practice import Turn, by_telegram

ASK, AGAIN = "What would you like to ask Anna?", "sent again in case"


def says(town: Town, phone: Phone, text: str, **more: Any) -> None:
    """They write, and nobody has fetched it yet."""
    world = town.house.stage.world
    with world.store.transaction():
        row = post_message(world, phone.id, phone.id, {"text": text} | more)
        put_update(world, "message", as_message(world, row), f"chat:{phone.id}")


async def said_last(phone: Phone) -> dict[str, Any]:
    return [told for told in await phone.chat() if told["from"] == "bot"][-1]


async def reads(phone: Phone, message_id: int) -> str:
    return next(told["text"] for told in await phone.chat() if told["message_id"] == message_id)


@pytest.mark.parametrize(("kind", "there"), [("500_before", 1), ("500_after", 2)])
async def test_the_words_of_urgent_are_not_overwritten_by_what_is_lost_ten_minutes_later(
    town: Town, kind: str, there: int
) -> None:
    """Nothing else was said by the bot in between: what is found may be either."""
    await town.until("2026-10-05 16:20")
    await town.ben.send("/urgent")
    urgent = await said_last(town.ben)
    await town.until("2026-10-05 16:29")
    await fault(town, kind)
    await town.until("2026-10-05 16:30")
    await town.house.advance(minutes=20)

    assert await reads(town.ben, urgent["message_id"]) == urgent["text"]
    assert await copies(town.ben, "What happened today?", AGAIN) == [there, 1]


@pytest.mark.parametrize(("kind", "there"), [("500_before", 1), ("500_after", 2)])
async def test_what_was_given_up_on_friday_is_not_overwritten_on_monday(town: Town, kind: str, there: int) -> None:
    await town.until("2026-10-09 17:30")
    await fault(town, "500_before")
    await town.ben.send("/privacy")
    await town.until("2026-10-09 17:35")
    await fault(town, "500_before", calls=100_000, method="editMessageCaption")
    await fault(town, "500_after")
    await town.alice.send("/privacy")
    await town.until("2026-10-09 21:00")  # to nobody Telegram has answered since: for three hours that is an outage
    await town.house.delete("faults")
    friday = await said_last(town.alice)
    await town.until("2026-10-12 07:29")
    await fault(town, kind)  # her digest
    await town.until("2026-10-12 08:00")

    assert await reads(town.alice, friday["message_id"]) == friday["text"]
    assert await copies(town.alice, "Your leaders, week to", AGAIN) == [there, 1]


async def test_somebodys_own_words_are_not_taken_for_the_message_that_asks_for_them(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fault(town, "500_before")
    await town.ben.send("/privacy")
    await town.house.advance(minutes=2)  # by now it is known what a search can rely on
    await town.alice.send("/ask Anna")
    await fault(town, "500_before")
    await town.alice.tap("A new question")
    written = []

    def while_searching(place: str) -> None:
        if place == "probe.before" and not written:
            written.append(says(town, town.alice, "hello?"))

    monkeypatch.setattr("bot.work.post.reach", while_searching)
    await town.house.advance(minutes=15)

    assert written
    assert not town.rows("SELECT id FROM delivery WHERE state = 'sent' AND message_id IN (SELECT message_id FROM inbound"
                         " WHERE callback_query_id IS NULL)")  # fmt: skip


async def test_what_an_administrator_is_told_during_a_self_check_is_not_forgotten_with_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, told, init, ask = list[Following](), [], Following.__init__, self_check.ask

    def keep(self: Following, *args: Any, **more: Any) -> None:
        made.append(self)
        init(self, *args, **more)

    async def meanwhile(sender: Any, post: Any, method: str, *args: Any) -> Any:
        if method == "deleteMessage" and not told:
            told.append(says(town, town.olga, "/urgent", entities=[{"type": "bot_command", "offset": 0, "length": 7}]))
            await made[-1]._poll()  # the part that receives goes on beside it
            await made[-1]._receiver.receive_one()
        return await ask(sender, post, method, *args)

    monkeypatch.setattr(Following, "__init__", keep)
    await town.house.stop_bot()
    await town.house.start_bot()
    monkeypatch.setattr(self_check, "ask", meanwhile)
    await fault(town, "500_before")
    await town.olga.send("/privacy")
    await town.house.advance(minutes=5)

    assert told
    assert not [m for m in await town.olga.chat() if m["edited"] and PRIVACY in m["text"]]


class Telegram:
    """As much of it as a postman needs; `fates`: what becomes of the next messages."""

    def __init__(self, first: int) -> None:
        self.last, self.fates, self.is_deaf = first, list[str](), False
        self.there = dict[tuple[int, int], dict[str, Any]]()
        self.edits = list[str]()

    async def send(self, call: Any) -> Any:
        fate = self.fates.pop(0) if self.fates else "ok"
        if call.message_id is not None:
            self.edits.append(call.payload.get("text"))
            return NotSent("no answer") if fate == "no answer" else Sent(call.message_id, NINE)
        if fate == "before":
            return LOST
        self.last += 1
        self.there[call.chat_id, self.last] = dict(call.payload)
        return LOST if fate == "after" else Sent(self.last, NINE)

    async def touch(self, method: str, chat_id: int, message_id: int, payload: dict[str, Any]) -> Trace:
        found = self.there.get((chat_id, message_id))
        if self.is_deaf:
            return Trace.unclear
        if found is None:
            return Trace.absent
        if method == "editMessageCaption":
            return Trace.ours
        return Trace.same if found["text"] == payload.get("text") else Trace.changed

    async def unfetched(self) -> int:
        return 0


async def telegram_for(desk: Desk) -> Telegram:
    async with desk.practice.database.write() as db:
        await mark(db, self_check.CHECKED, "guarded", desk.clock.now())
    return Telegram(desk.practice.known_message_id)


async def pass_time(desk: Desk, line: Telegram, minutes: float, step: int = 10) -> None:
    for _ in range(int(minutes * 60 / step)):
        desk.clock.move(desk.clock.now() + timedelta(seconds=step))
        await desk.carry(line)


async def test_what_did_not_reach_somebodys_old_account_goes_to_the_new_one(desk: Desk, town: Town) -> None:
    line = await telegram_for(desk)
    note = await desk.queue(town.ben, Kind.note, "a note from Alice")
    line.fates = ["before"]
    await desk.carry(line)
    await desk.moves_to(77, town.ben)
    await pass_time(desk, line, 15)

    assert await desk.state(note) == "sent"
    assert [chat for chat, _ in line.there] == [77]


async def test_an_edit_that_never_had_an_answer_does_not_bring_back_what_was(desk: Desk, town: Town) -> None:
    line = await telegram_for(desk)
    shown = await desk.queue(town.ben, Kind.reply, "question")
    await desk.carry(line)

    async def edit(text: str) -> None:
        async with desk.practice.database.write() as db:
            target = await db.get_one(Delivery, shown)
            key = f"edit:{next(desk.keys)}"
            await outgoing.edit(desk.practice, db, target, message(plain(text)), key=key, now=desk.clock.now())

    class Unanswered(Telegram):
        async def send(self, call: Any) -> Any:
            if len(self.edits) == 8:
                await edit("newer")
            self.fates = ["no answer"] if len(self.edits) < 9 else []
            return await super().send(call)

    unanswered = Unanswered(line.last)
    await edit("older")
    await pass_time(desk, unanswered, 120, step=30)

    assert unanswered.edits[-2:] == ["older", "newer"]


async def test_a_reply_to_what_was_withdrawn_on_its_way_proves_nothing_else(desk: Desk, town: Town) -> None:
    line = await telegram_for(desk)
    line.is_deaf, line.fates = True, ["after"]
    withdrawn = await desk.queue(town.alice, Kind.reply, "what Ben said")
    await desk.carry(line)
    async with desk.practice.database.write() as db:
        (await db.get_one(Delivery, withdrawn)).payload = None
    await pass_time(desk, line, 1.5)
    line.fates = ["before"]
    asked_again = await desk.queue(town.alice, Kind.reply, "what Ben said")
    await desk.carry(line)
    [(chat, number)] = line.there
    async with desk.practice.database.write() as db:
        alice = await by_telegram(db, town.alice.id)
        turn = Turn(
            desk.practice, desk.clock.now(), 1, chat, chat, None, person=alice, transaction=db, message_id=number + 5,
            replied_to=number, replied_text="what Ben said",
        )  # fmt: skip
        await proving.prove(turn)

    assert await desk.state(asked_again) == "unknown"


@pytest.mark.parametrize(
    ("state", "reason", "becomes"),
    [("pending", "restored", "sent"), ("failed", "by hand", "failed"), ("cancelled", "withdrawn", "cancelled")],
)
async def test_a_tap_on_what_nobody_knew_to_be_there_is_enough(
    desk: Desk, town: Town, state: str, reason: str, becomes: str
) -> None:
    """It is not sent (again), and what it shows can be changed."""
    line = await telegram_for(desk)
    row_id = await desk.queue(town.ben, Kind.notice, "a session has moved")
    async with desk.practice.database.write() as db:
        row = await db.get_one(Delivery, row_id)
        row.state, row.reason = state, reason
        await confirming.seen(desk.practice, db, row, town.ben.id, 4711, desk.clock.now())
    await pass_time(desk, line, 2)

    async with desk.practice.database.read() as db:
        row = await db.get_one(Delivery, row_id)
    assert (row.state, row.message_id) == (becomes, 4711)
    assert not line.there


class Truthful(Telegram):
    """An edit that is made shows."""

    async def touch(self, method: str, chat_id: int, message_id: int, payload: dict[str, Any]) -> Trace:
        trace = await super().touch(method, chat_id, message_id, payload)
        if method == "deleteMessage":
            return Trace.changed if self.there.pop((chat_id, message_id), None) else Trace.absent
        if trace == Trace.changed:
            self.there[chat_id, message_id] = dict(payload)
        return trace

    async def says_beside(self, desk: Desk, phone: Phone) -> tuple[int, int]:
        self.last += 1
        self.there[phone.id, self.last] = {"text": "numbers that help"}
        async with desk.practice.database.write() as db:
            person = await by_telegram(db, phone.id)
            assert person is not None
            person.aside_at = desk.clock.now()
        return phone.id, self.last


async def test_a_message_from_a_clock_that_was_ahead_vouches_for_nothing(desk: Desk, town: Town) -> None:
    line = Truthful((await telegram_for(desk)).last)
    desk.clock.move(NINE + timedelta(hours=1))
    await desk.queue(town.ben, Kind.reply, "hello")
    await desk.carry(line)
    desk.clock.move(NINE)
    desk.post.clock_was_set(timedelta(hours=-1), desk.clock.now())
    await pass_time(desk, line, 3)
    urgent = await line.says_beside(desk, town.ben)
    await pass_time(desk, line, 0.5)
    await desk.queue(town.ben, Kind.notice, "a session has moved")
    line.fates = ["before"]
    await pass_time(desk, line, 15)

    assert line.there[urgent]["text"] == "numbers that help"


async def test_what_was_said_before_a_self_check_had_begun_is_remembered_after_it(desk: Desk, town: Town) -> None:
    said = list[tuple[int, int]]()

    class Spoken(Truthful):
        async def touch(self, method: str, chat_id: int, message_id: int, payload: dict[str, Any]) -> Trace:
            if message_id == 5 and not said:
                said.append(await self.says_beside(desk, town.olga))
            return await super().touch(method, chat_id, message_id, payload)

    line = Spoken((await telegram_for(desk)).last)
    async with desk.practice.database.write() as db:
        await db.delete(await db.get_one(self_check.Marker, self_check.CHECKED))
        await mark(db, "self-check-left", f"{town.olga.id}:5", desk.clock.now())  # another one was cut off
    await desk.queue(town.olga, Kind.notice, "a session has moved")
    line.fates = ["before"]
    await pass_time(desk, line, 15)

    assert line.there[said[0]]["text"] == "numbers that help"


async def test_a_text_overtakes_the_buttons_before_it(desk: Desk, town: Town) -> None:
    line, made = await telegram_for(desk), list[str]()
    shown = await desk.queue(town.ben, Kind.reply, "question")
    await desk.carry(line)

    async def edit(text: str | None) -> None:
        async with desk.practice.database.write() as db:
            target, key = await db.get_one(Delivery, shown), f"edit:{next(desk.keys)}"
            if text is not None:
                await outgoing.edit(desk.practice, db, target, message(plain(text)), key=key, now=desk.clock.now())
            else:
                await outgoing.edit_buttons(desk.practice, db, target, [], key=key, now=desk.clock.now())

    class Unanswered(Telegram):
        async def send(self, call: Any) -> Any:
            if len(made) == 8:
                await edit("done")
            made.append(call.method)
            return NotSent("no answer") if len(made) < 10 else Sent(call.message_id, NINE)

    await edit(None)
    await pass_time(desk, Unanswered(line.last), 120, step=30)

    assert made[8:] == ["editMessageReplyMarkup", "editMessageText"]


async def test_refusals_of_the_token_that_come_together_are_one() -> None:
    class Refused:
        async def call(self, *_: Any, **__: Any) -> None:
            await asyncio.sleep(0.01)
            raise InvalidToken("Unauthorized")

    sender = TelegramSender(cast("RawBot", Refused()))
    calls = [Outgoing(uuid4(), uuid4(), chat, 0, "sendMessage", {"text": "x"}) for chat in range(8)]
    for pause in (2, 4, 8, 16, 32, 60, 60):
        told = await asyncio.gather(*map(sender.send, calls))
        assert {one.after for one in told if isinstance(one, NotSent)} == {pause}


async def test_whoever_has_an_old_account_is_never_shown_what_was_lost(town: Town) -> None:
    await town.alice.send("/invite Ben")
    await town.alice.tap(next(label for label in await town.alice.buttons() if "another account" in label))
    link, new = await town.alice.link(), await town.house.phone("ben2")
    await town.ben.send("/privacy")
    await town.until("2026-10-05 16:29")
    await fault(town, "500_before", method="editMessageCaption", calls=100_000)
    await fault(town, "500_before")
    await town.until("2026-10-05 16:31")
    await town.house._join(new, link)
    await town.ben.send("hello?")
    told = await said_last(town.ben)
    await town.house.delete("faults")
    await town.house.advance(minutes=15)

    assert await reads(town.ben, told["message_id"]) == told["text"]
    assert await copies(new, "What happened today?", AGAIN) == [1, 1]


async def test_a_digest_that_was_taken_back_on_its_way_and_never_found_is_not_told_twice(town: Town) -> None:
    kept = await bens_words(town, "heron")
    await town.until("2026-10-07 16:31")
    await town.anna.send("kowari")
    await town.until("2026-10-12 07:29")
    await fault(town, "500_before", calls=100_000, method="editMessageCaption")
    await fault(town, "500_after")
    await town.until("2026-10-12 07:30")
    await town.ben.tap("Only me", kept)
    await town.until("2026-10-12 09:00")

    assert await copies(town.alice, "kowari") == [1]


async def test_urgent_is_noted_with_the_time_at_which_it_went(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    before = await town.house.now()
    await fault(town, "500_before")  # half a second until it is tried again
    await town.ben.send("/urgent")
    [(noted,)] = town.rows(f"SELECT aside_at FROM person WHERE chat_id = {town.ben.id}")
    caplog.clear()

    assert datetime.fromisoformat(noted).replace(tzinfo=UTC) >= before + timedelta(seconds=0.4)


async def test_what_a_newcomer_was_told_is_remembered_when_they_turn_out_to_be_known(desk: Desk, town: Town) -> None:
    desk.clock.move(NINE + timedelta(hours=1))
    await desk.moves_to(77, town.ben)

    async with desk.practice.database.read() as db:
        ben = await by_telegram(db, 77)
    assert ben is not None
    assert ben.aside_at == desk.clock.now()
