"""What was under way when it was withdrawn, what an outage held up, and what waits for somebody who is away."""

from datetime import timedelta
from typing import Any

import pytest
from desks import LOST, NINE, Desk, Line
from house import Phone
from people import Town
from test_lost_messages import copies, fault
from test_taken_for_another import pass_time, reads, telegram_for

from bot.db import people
from bot.db.tables import Delivery
from bot.domain.delivery import Kind, NotSent
from bot.domain.searching import Trace
from bot.domain.text import message, messages, plain
from bot.operating.backup import back_up
from bot.operating.restore import restore
from bot.work import handing, outgoing, reach
from bot.work.practice import Turn, by_telegram

GONE_BACK = "I had to go back to how things stood on"


async def test_a_day_after_a_restore_the_first_message_is_not_looked_for_among_those_no_row_knows(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """Restored on a Friday evening: the first message goes on Monday."""
    house, file = town.house, town.folder.parent / "friday.backup"
    await town.until("2026-10-09 18:30")
    await house.post("faults", {"method": "sendMessage", "kind": "500_before", "calls": 1})
    await town.anna.send("/help")
    await house.advance(minutes=2)  # a self-check is done
    await back_up(house.settings, file, await house.now())
    everybody = (town.anna, town.ben, town.carla, town.alice, town.bob, town.olga)
    for phone in everybody:
        await phone.send("/privacy")
    before = {phone.name: [(m["message_id"], m["text"]) for m in await phone.chat()] for phone in everybody}
    await house.stop_bot()
    (town.folder / "interlude.db").rename(town.folder.parent / "broken.db")
    await restore(house.settings, file, None, await house.now())
    await house.start_bot()
    await town.until("2026-10-12 06:00")
    still = {phone.name: [(m["message_id"], m["text"]) for m in await phone.chat()] for phone in everybody}
    assert still == before  # nothing has been said since
    await fault(town, "500_before")
    await town.until("2026-10-12 07:25")

    for phone in everybody:
        now = [(m["message_id"], m["text"]) for m in await phone.chat()]
        assert now[: len(before[phone.name])] == before[phone.name], phone.name
        assert sum(GONE_BACK in text for _, text in now) == 1, phone.name
    caplog.clear()


async def test_a_note_that_waits_for_the_end_of_a_pause_holds_up_nothing_else(desk: Desk, town: Town) -> None:
    """It failed once before the pause began; what comes after it need not wait for weeks."""
    tried = list[str]()

    def becomes(call: Any) -> Any:
        tried.append(call.payload["text"])
        return NotSent("no connection") if len(tried) == 1 else None

    line = Line(becomes)
    note = await desk.queue(town.ben, Kind.note, "a note from Alice")
    await desk.carry(line)
    async with desk.practice.database.write() as db:
        ben = await by_telegram(db, town.ben.id)
        assert ben is not None
        ben.paused_until = NINE + timedelta(days=14)
    await pass_time(desk, line, 1)
    moved = await desk.queue(town.ben, Kind.notice, "Alice has moved your session")
    took = await desk.until_it_went(moved, line, timedelta(hours=1), timedelta(days=3))

    assert await desk.state(note) == "pending"
    assert (await desk.state(moved), took < timedelta(hours=1)) == ("sent", True)


async def test_news_that_wait_for_the_morning_do_not_hold_up_the_brief_of_this_evening(desk: Desk, town: Town) -> None:
    """They failed once just before their reader's hours ended; the session begins before the next hours."""
    desk.clock.move(NINE.replace(hour=17, minute=59, second=58))  # 18:59 in London
    line = Line(lambda call: NotSent("no connection") if len(line.sent) == 1 else None)
    await desk.queue(town.alice, Kind.notice, "Anna has joined")
    await desk.carry(line)
    await pass_time(desk, line, 5)
    brief = await desk.queue(town.alice, Kind.brief, "all there is about Ben")
    async with desk.practice.database.write() as db:
        (await db.get_one(Delivery, brief)).expires_at = desk.clock.now() + timedelta(hours=1)
    await pass_time(desk, line, 30)

    assert await desk.state(brief) == "sent"


async def test_a_long_text_that_goes_again_says_so(desk: Desk, town: Town) -> None:
    line = Line()
    [longest, *_] = messages([plain("w" * 9000)])
    row_id = await desk.queue(town.alice, Kind.digest, longest.text)
    async with desk.practice.database.write() as db:
        (await db.get_one(Delivery, row_id)).is_copy = True  # nobody could tell whether it arrived
    await desk.carry(line)

    assert "sent again in case" in line.sent[-1].payload["text"]


@pytest.mark.parametrize("order", ["/session Ben cancel", "/session Ben move Fri 14:00"])
async def test_the_brief_of_a_session_that_was_taken_off_meanwhile_is_not_sent_again(town: Town, order: str) -> None:
    """It did not arrive; before that is known the session is cancelled, or moved to another day."""
    await fault(town, "500_before")
    await town.carla.send("/privacy")
    await town.house.advance(minutes=2)  # by now it is known what a search can rely on
    await town.alice.send("/session Ben today 17:00")
    await town.ben.send("ptarmigan")
    await town.ben.tap("Share with Alice")
    await town.until("2026-10-05 13:59")
    await fault(town, "500_before")
    await town.until("2026-10-05 14:00")
    assert town.rows("SELECT state FROM delivery WHERE kind = 'brief'") == [("unknown",)]
    await town.alice.send(order)
    assert town.rows("SELECT state FROM session WHERE state = 'cancelled' OR starts_at > '2026-10-06'")
    await town.house.advance(minutes=5)

    assert await copies(town.alice, "ptarmigan") == [0]


@pytest.mark.parametrize("order", ["/session Carla cancel", "/session Carla move Thu 14:00"])
async def test_the_question_before_a_session_that_was_taken_off_meanwhile_is_not_sent_again(town: Town, order: str) -> None:
    await fault(town, "500_before")
    await town.alice.send("/privacy")
    await town.house.advance(minutes=2)
    await town.bob.send("/session Carla Wed 14:00")
    await town.until("2026-10-06 12:59")
    await fault(town, "500_before")
    await town.until("2026-10-06 13:00")  # a day before
    assert town.rows("SELECT kind FROM delivery WHERE state = 'unknown'") == [("prompt",)]
    await town.bob.send(order)
    assert town.rows("SELECT state FROM session WHERE state = 'cancelled' OR starts_at > '2026-10-08'")
    await town.house.advance(minutes=5)

    assert await copies(town.carla, "What is the session for?") == [0]


class Interrupted(Line):
    """Something happens while the first call to somebody is under way, and the call does not get through."""

    def __init__(self, chat_id: int, outcome: Any, meanwhile: Any) -> None:
        super().__init__()
        self.chat_id, self.outcome, self.meanwhile = chat_id, outcome, meanwhile

    async def send(self, call: Any) -> Any:
        if call.chat_id == self.chat_id and self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            self.sent.append(call)
            await meanwhile()
            return self.outcome
        return await super().send(call)

    async def touch(self, *_: object) -> Trace:
        return Trace.absent


async def turn_for(desk: Desk, phone: Phone, db: Any) -> Turn:
    person = await by_telegram(db, phone.id)
    return Turn(desk.practice, desk.clock.now(), next(desk.keys), phone.id, phone.id, None, person=person, transaction=db)


@pytest.mark.parametrize("outcome", [NotSent("no connection"), LOST])
async def test_a_brief_on_its_way_while_its_leader_is_handed_over_does_not_go_again_to_the_former_coach(
    desk: Desk, town: Town, outcome: Any
) -> None:
    await telegram_for(desk)
    async with desk.practice.database.write() as db:
        alice, ben = await by_telegram(db, town.alice.id), await by_telegram(db, town.ben.id)
        assert alice is not None
        assert ben is not None
        engagement = await people.engagement_of(db, ben.id)
        assert engagement is not None
        sent = await outgoing.send(
            desk.practice, db, alice, Kind.brief, message(plain("what Ben said")), key=f"brief:{engagement.id}:x:0",
            now=desk.clock.now(), expires_at=desk.clock.now() + timedelta(hours=3), about=ben.id,
        )  # fmt: skip
        row_id = sent.id

    async def hand_over() -> None:
        async with desk.practice.database.write() as db:
            turn = await turn_for(desk, town.olga, db)
            bob, ben = await by_telegram(db, town.bob.id), await by_telegram(db, town.ben.id)
            assert bob is not None
            assert ben is not None
            engagement = await people.engagement_of(db, ben.id)
            assert engagement is not None
            await handing.do(turn, str(engagement.id), str(bob.id))

    line = Interrupted(town.alice.id, outcome, hand_over)
    await desk.carry(line)
    await pass_time(desk, line, 15)

    assert [call.payload["text"] for call in line.sent if call.id == row_id] == ["what Ben said"]  # not a second time


async def test_the_next_question_that_did_not_get_through_does_not_come_after_pause(desk: Desk, town: Town) -> None:
    """The second question of a conversation is under way when its leader asks for quiet."""
    await telegram_for(desk)
    row_id = await desk.queue(town.ben, Kind.prompt, "and what else?")
    async with desk.practice.database.write() as db:
        (await db.get_one(Delivery, row_id)).lane = 0

    async def pause() -> None:
        async with desk.practice.database.write() as db:
            await reach.set_pause(await turn_for(desk, town.ben, db), "7")

    line = Interrupted(town.ben.id, NotSent("too many requests", 5.0, everyone=True), pause)
    await desk.carry(line)
    await pass_time(desk, line, 5)

    assert sum(call.id == row_id for call in line.sent) == 1




async def test_that_a_session_of_today_is_cancelled_is_no_acknowledgement_that_may_be_dropped(town: Town) -> None:
    """It goes at once whatever the hour, and nobody can tell whether it arrived: it did not."""
    await town.alice.send("/session Ben today 17:00")
    await town.until("2026-10-05 10:00")
    await fault(town, "500_before", calls=100_000, method="editMessageCaption")
    await fault(town, "500_before", calls=2)
    await town.alice.send("/session Ben cancel")
    await town.house.advance(minutes=15)

    assert await copies(town.ben, "has cancelled your session") == [1]


async def test_who_reads_ones_answers_from_now_on_is_no_acknowledgement_that_may_be_dropped(town: Town) -> None:
    await town.olga.send("/hand Ben to Bob")
    await fault(town, "500_before", calls=100_000, method="editMessageCaption")
    await fault(town, "500_before", calls=100_000)
    await town.olga.tap("Hand over")
    await town.house.delete("faults")
    await fault(town, "500_before", calls=100_000, method="editMessageCaption")
    await town.house.advance(minutes=15)

    assert await copies(town.ben, "coaches you here instead of") == [1]


async def test_who_turns_out_to_have_blocked_the_bot_hears_of_another_coach_when_they_are_back(town: Town) -> None:
    """As who was known to have blocked it does."""
    await town.olga.send("/hand Ben to Bob")
    await fault(town, "403")
    await town.olga.tap("Hand over")
    assert town.rows("SELECT count(*) FROM person WHERE state = 'unreachable'") == [(1,)]
    await town.ben.send("/help")
    await town.house.advance(minutes=15)

    assert await copies(town.ben, "coaches you here instead of") == [1]


@pytest.mark.parametrize("how", ["paused", "had blocked the bot"])
async def test_who_was_away_when_it_was_restored_hears_that_their_words_are_gone(
    town: Town, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    """They were told that these are kept."""
    house, file = town.house, town.folder.parent / "monday.backup"
    if how == "paused":
        await town.ben.send("/pause")
        await town.ben.tap("a week")
    else:
        await town.ben.block()
    await house.advance(minutes=5)
    await back_up(house.settings, file, await house.now())
    if how != "paused":
        await town.ben.unblock()
    await town.ben.send("the wren is back")
    acknowledged = await town.ben.last()
    await house.stop_bot()
    (town.folder / "interlude.db").rename(town.folder.parent / "broken.db")
    await restore(house.settings, file, None, await house.now())
    await house.start_bot()
    await house.advance(hours=2)
    await town.ben.send("/resume" if how == "paused" else "/help")
    await house.advance(days=2)
    caplog.clear()

    assert acknowledged
    assert await copies(town.ben, GONE_BACK) == [1], acknowledged


async def test_who_corrects_what_was_refused_by_editing_it_is_answered(town: Town) -> None:
    """The words were not kept, and that was said; corrected they are an answer, or it is said that they are not."""
    await town.until("2026-10-06 16:31")
    question = await town.anna.find("How sure are you today?")
    slip = await town.anna.send("12")
    before = await town.anna.received()
    await town.anna.edit(slip, "7")
    await town.house.advance(minutes=1)

    assert "Which number fits best?" in before[-1]
    assert len(await town.anna.received()) > len(before) or "→ 7" in await reads(town.anna, question["message_id"])


async def test_after_an_outage_whoever_writes_does_not_wait_for_what_failed_during_it(
    desk: Desk, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What never left keeps its order; but the line has been good for minutes, and their chat stays silent."""
    monkeypatch.setattr("bot.work.confirming.random.random", lambda: 0.5)
    until = NINE + timedelta(minutes=40)
    line = Line(lambda _: NotSent("no connection") if desk.clock.now() < until else None)
    await desk.queue(town.ben, Kind.reply, "Kept.")
    await pass_time(desk, line, 41, step=5)
    written = await desk.queue(town.ben, Kind.reply, "What you can do here")
    others = await desk.queue(town.anna, Kind.reply, "What you can do here")
    await desk.carry(line)
    assert await desk.state(others) == "sent"  # the line is good
    took = await desk.until_it_went(written, line, timedelta(seconds=5), timedelta(minutes=20))

    assert took <= timedelta(minutes=1), took


async def test_a_brief_outlives_an_outage_of_telegrams_that_ends_hours_before_the_session(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """For 25 minutes every call is answered by 500 and nothing is done; the session is three hours away."""
    await town.alice.send("/session Ben today 17:00")
    await town.ben.send("ptarmigan")
    await town.ben.tap("Share with Alice")
    await town.until("2026-10-05 13:59")
    for method in ("sendMessage", "editMessageText", "editMessageCaption", "deleteMessage"):
        await fault(town, "500_before", calls=100_000, method=method)
    await town.until("2026-10-05 14:25")
    await town.house.delete("faults")
    await town.until("2026-10-05 15:30")
    caplog.clear()

    assert await copies(town.alice, "ptarmigan") == [1]


async def test_who_had_blocked_the_bot_hears_that_their_session_is_off_when_they_are_back(town: Town) -> None:
    await town.alice.send("/session Ben Thu 14:00")
    await town.ben.block()
    await town.alice.send("/session Ben cancel")
    await town.ben.unblock()
    await town.ben.send("/help")
    await town.house.advance(hours=1)

    assert await copies(town.ben, "has cancelled your session") == [1]


async def test_who_shares_where_they_are_going_is_not_answered_at_every_step(town: Town) -> None:
    before, now = len(await town.anna.received()), int((await town.house.now()).timestamp())
    person = {"id": town.anna.id, "first_name": town.anna.name}
    for step in range(5):
        await town.update("edited_message", {
            "message_id": 9999, "date": now, "edit_date": now + 10 * step, "from": person | {"is_bot": False},
            "chat": person | {"type": "private"},
            "location": {"latitude": 51.5 + step / 1000, "longitude": 0.1, "live_period": 3600},
        })  # fmt: skip

    assert len(await town.anna.received()) == before
