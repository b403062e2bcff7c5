"""When a leader is reached: their own hours, pauses, one reminder, a later moment, and what follows two silences."""

from itertools import pairwise

import pytest
from people import Town, times

MONDAY = "2026-10-05 16:31"  # half past five in London, and a minute
ASKED = "What happened today?"
REMINDER = "This question is still open"


async def asked_at(town: Town) -> list[str]:
    return await times(town.ben, ASKED)


def states(town: Town) -> list[tuple[str, str | None]]:
    query = "SELECT state, reason FROM occurrence WHERE step = 'day' ORDER BY due_at"
    return [(state, reason) for state, reason in town.rows(query)]


async def test_one_reminder_comes_after_four_working_hours_signed_by_the_coach(town: Town) -> None:
    await town.until("2026-10-06 12:00")

    assert await times(town.ben, REMINDER) == ["2026-10-06T09:30"]  # an hour and a half on Monday, the rest on Tuesday
    reminder = await town.ben.find(REMINDER)
    assert reminder["text"].endswith("\nAlice")
    assert reminder["reply_to"] == (await town.ben.find(ASKED))["message_id"]


async def test_an_answer_cancels_the_reminder(town: Town) -> None:
    await town.until(MONDAY)
    await town.ben.send("A good talk with the night shift.")
    await town.until("2026-10-06 12:00")

    assert await times(town.ben, REMINDER) == []


async def test_later_moves_one_prompt_and_nothing_else(town: Town) -> None:
    await town.until(MONDAY)
    await town.ben.tap("Later")
    offered = await town.ben.buttons()
    await town.ben.tap("Tomorrow morning · 08:00")
    note = (await town.ben.find(ASKED))["text"]
    await town.until("2026-10-06 17:00")
    both = await asked_at(town)  # Tuesday's question waits behind the one that is open
    await town.ben.send("The rota is done.")
    await town.until("2026-10-07 17:00")

    assert offered == ["In an hour · 18:31", "Tomorrow morning · 08:00", "Back"]
    assert "It comes again on Tuesday 6 October, 08:00." in note
    assert both == ["2026-10-05T16:30", "2026-10-06T07:00"]
    assert (await asked_at(town))[2:] == ["2026-10-06T17:00", "2026-10-07T17:00"]
    assert await times(town.ben, REMINDER) != ["2026-10-06T09:30"]
    assert states(town)[0] == ("answered", None)


async def test_back_leaves_everything_as_it_was(town: Town) -> None:
    await town.until(MONDAY)
    before = await town.ben.find(ASKED)
    await town.ben.tap("Later")
    await town.ben.tap("Back")

    assert (await town.ben.find(ASKED))["text"] == before["text"]
    assert await town.ben.buttons() == ["In my own words", "Later", "Skip"]


async def test_after_three_moved_questions_another_hour_is_offered_once(town: Town) -> None:
    offers = []
    for day in ("2026-10-05", "2026-10-06", "2026-10-07", "2026-10-08"):
        await town.until(f"{day} 16:31")
        await town.ben.tap("Later")
        await town.ben.tap("In an hour · 18:31")
        offers.append(len(await times(town.ben, "Would another hour suit you better?")))
        await town.until(f"{day} 17:40")
        if day == "2026-10-07":
            await town.ben.tap("12:30")
        await town.ben.tap("Skip")

    assert offers == [0, 0, 1, 0]  # once; its answer took its place
    assert town.rows("SELECT usual_at FROM person WHERE usual_at != '17:30:00.000000'") == [("12:30:00.000000",)]


async def test_after_two_silences_one_tap_says_why_and_the_room_is_an_agenda_point_without_content(town: Town) -> None:
    await town.until("2026-10-07 16:31")
    third = await town.ben.find(ASKED)
    labels = [button["text"] for row in third["buttons"] for button in row]
    await town.ben.tap("Rather in the room")
    await town.until("2026-10-08 16:31")
    fourth = [button["text"] for row in (await town.ben.find(ASKED))["buttons"] for button in row]

    assert [state for state, _ in states(town)[:3]] == ["missed", "missed", "skipped"]
    assert labels[-4:] == ["Too busy", "Not relevant", "Too personal", "Rather in the room"]
    assert "Too busy" not in fourth  # a tap is an answer of a kind: the streak is over
    assert town.rows("SELECT answer_id FROM pin WHERE occurrence_id IS NOT NULL") == [(None,)]


async def test_after_two_silences_a_step_asks_only_what_one_tap_answers(town: Town) -> None:
    """Anna's fourth step asks yes or no, and then for words."""
    await town.until("2026-10-09 16:31")
    await town.anna.tap("Yes")
    await town.until("2026-10-09 17:30")

    short = town.rows("SELECT state, is_short FROM occurrence WHERE step = 'yes'")
    assert short == [("answered", 1)]


@pytest.mark.parametrize(
    ("reason", "reply", "button"),
    [
        ("Too busy", "a pause is one tap away", "Pause for a week"),
        ("Not relevant", "tell your coach", None),
        ("Too personal", "for your eyes only", "Who reads my answers"),
    ],
)
async def test_each_reason_gets_its_own_answer(town: Town, reason: str, reply: str, button: str | None) -> None:
    await town.until("2026-10-07 16:31")
    await town.ben.tap(reason)

    assert reply in await town.ben.last()
    assert button is None or button in await town.ben.buttons()


async def test_ben_writes_his_hours_and_questions_keep_to_them(town: Town) -> None:
    await town.ben.send("/when Mon-Thu 9:00-17:00")
    card = await town.ben.last()
    await town.until("2026-10-12 12:00")

    assert "Monday to Thursday, 09:00 to 17:00 (Europe/London)" in card
    assert "Questions with no time of their own come at 16:30." in card
    assert await asked_at(town) == ["2026-10-06T08:00", "2026-10-07T08:00", "2026-10-08T08:00", "2026-10-12T08:00"]


async def test_ben_sets_his_hours_by_buttons(town: Town) -> None:
    await town.ben.send("/when")
    await town.ben.tap("Fri")
    await town.ben.tap("From 08:00")
    await town.ben.tap("10:00")
    await town.ben.tap("To 19:00")
    await town.ben.tap("21:00")

    assert "Monday to Thursday, 10:00 to 21:00" in await town.ben.last()


async def test_hours_that_cross_midnight_are_asked_about_first(town: Town) -> None:
    await town.ben.send("/when 22h-7h")
    asked = await town.ben.last()
    await town.ben.tap("Between 07:00 and 22:00")

    assert asked == "When may I write?"
    assert "07:00 to 22:00" in await town.ben.last()


@pytest.mark.parametrize("text", ["25:00", "8pm", "9-9:30", "<b>x</b>", "😀", "مرحبا", "w" * 3000])
async def test_hours_nobody_can_follow_change_nothing(town: Town, text: str) -> None:
    before = town.rows("SELECT window_start, window_end, work_days FROM person")
    await town.ben.send(f"/when {text}")

    assert "For example: /when Mon-Thu 9:00-18:00" in await town.ben.last()
    assert town.rows("SELECT window_start, window_end, work_days FROM person") == before


async def test_a_pause_until_a_date_counts_nothing_as_missed(town: Town) -> None:
    await town.ben.send("/pause until 9 Oct")
    paused = await town.ben.last()
    await town.until("2026-10-09 17:00")

    assert paused == "Paused until Friday 9 October. /resume ends it earlier."
    assert await asked_at(town) == ["2026-10-09T16:30"]
    assert states(town)[:4] == [("not_asked", "paused")] * 4


async def test_a_pause_withdraws_the_reminder_of_an_open_question(town: Town) -> None:
    await town.until(MONDAY)
    await town.ben.send("/pause 3 days")
    await town.until("2026-10-06 12:00")

    assert await times(town.ben, REMINDER) == []


async def test_a_question_that_was_begun_before_a_pause_counts_as_answered(town: Town) -> None:
    await town.until("2026-10-08 16:31")
    await town.anna.tap("Skip")
    await town.until("2026-10-09 16:31")
    await town.anna.tap("Yes")
    await town.anna.send("/pause")
    await town.anna.tap("a week")

    assert town.rows("SELECT state FROM occurrence WHERE step = 'yes'") == [("answered",)]


async def test_an_answer_to_what_a_pause_withdrew_is_counted_as_one(town: Town) -> None:
    await town.until(MONDAY)
    asked = await town.ben.find(ASKED)
    await town.ben.send("/pause 3 days")
    await town.ben.send("the dunlin after all", reply_to=asked["message_id"])

    assert states(town)[0] == ("answered", "late")


async def test_a_reason_tapped_after_the_answer_leaves_the_answer_as_it_is(town: Town) -> None:
    await town.until("2026-10-07 16:31")
    third = await town.ben.find(ASKED)
    data = {button["text"]: button["data"] for row in third["buttons"] for button in row}
    await town.ben.send("the answer is a curlew")
    toast = await town.ben.tap_data(third["message_id"], data["Too busy"])

    assert toast["text"] == "Your answer is kept."
    assert town.rows("SELECT count(*) FROM occurrence WHERE said_why IS NOT NULL") == [(0,)]
    assert "Too busy" not in (await town.ben.find(ASKED))["text"]


async def test_answers_are_for_ben_alone_once_he_says_so(town: Town) -> None:
    await town.ben.send("/sharing")
    await town.ben.tap("Only me")
    await town.until(MONDAY)
    told = (await town.ben.find(ASKED))["text"]
    await town.ben.send("kestrel, not for Alice")
    await town.alice.send("/brief Ben")

    assert "Only you see your answer." in told
    assert not any("kestrel" in text for text in await town.alice.received())
    assert "1 answer is kept private." in await town.alice.last()


async def test_nobody_is_asked_on_a_bank_holiday_monday(town: Town) -> None:
    await town.ben.send("/pause until 23 Dec")
    await town.until("2026-12-30 12:00")

    # Christmas is a Friday; Boxing Day falls on a Saturday, and Monday 28 December is free instead
    assert [day[:10] for day in await asked_at(town)] == ["2026-12-23", "2026-12-24", "2026-12-29"]


async def test_acknowledgements_never_repeat_themselves(town: Town) -> None:
    said = []
    for day in ("2026-10-05", "2026-10-06", "2026-10-07", "2026-10-08", "2026-10-09"):
        await town.until(f"{day} 16:31")
        await town.ben.send(f"Nothing much on {day}.")
        said.append(await town.ben.last())

    assert all(first != second for first, second in pairwise(said))
    assert all("Alice" in text and "digest" in text for text in said)


async def test_plain_words_are_not_meant_for_a_question_that_was_put_off(town: Town) -> None:
    await town.until(MONDAY)
    asked = await town.ben.find(ASKED)
    await town.ben.tap("Later")
    await town.ben.tap("Tomorrow morning · 08:00")
    await town.ben.send("Thinking of something else entirely")
    aside = await town.ben.last()
    await town.ben.send("The van broke down.", reply_to=asked["message_id"])
    await town.until("2026-10-06 12:00")

    assert aside == "Kept, for your eyes only."
    assert states(town)[0] == ("answered", None)
    assert await asked_at(town) == ["2026-10-05T16:30"]  # answered before it came again


async def test_an_answer_given_early_does_not_have_the_next_question_asked_twice(town: Town) -> None:
    """Anna's fourth step asks yes or no, and then for words."""
    await town.until("2026-10-06 16:31")
    await town.anna.tap("5")
    await town.until("2026-10-09 15:00")
    await town.until("2026-10-09 16:31")
    tested = await town.anna.find("test")
    await town.anna.tap("Later", tested["message_id"])
    await town.anna.tap("In an hour · 18:31")
    await town.anna.tap("Yes", tested["message_id"])
    following = await town.anna.last()
    await town.until("2026-10-09 17:50")

    assert len(await times(town.anna, (await town.anna.last())[:20])) == 1
    assert not await times(town.anna, "asked again below")
    assert following


async def test_who_blocks_the_bot_over_lunch_is_asked_when_they_are_back(town: Town) -> None:
    await town.until("2026-10-05 16:20")
    await town.ben.block()
    await town.until("2026-10-05 16:50")
    await town.ben.unblock()
    await town.until("2026-10-05 16:51")

    assert [at[:15] for at in await asked_at(town)] == ["2026-10-05T16:5"]


async def test_after_a_reason_nothing_more_is_asked_that_day(town: Town) -> None:
    await town.until("2026-10-07 16:31")
    before = await asked_at(town)
    await town.ben.tap("Too busy")
    await town.until("2026-10-08 12:00")

    assert await asked_at(town) == before
    assert await times(town.ben, REMINDER) == ["2026-10-06T09:30", "2026-10-07T09:30"]  # none for the third


async def test_what_waited_when_a_reason_was_given_comes_a_work_day_later(town: Town) -> None:
    await town.alice.send("/enrol Anna around")
    await town.alice.send("/session Anna 2026-10-13 09:00")
    await town.until("2026-10-13 12:00")
    waits = town.rows("SELECT state FROM occurrence WHERE step = 'after'")
    await town.anna.tap("Too busy")
    await town.until("2026-10-14 13:00")

    assert waits == [("waiting",)]
    assert await times(town.anna, "What do you keep of the session?") == ["2026-10-14T12:00"]


async def test_words_are_taken_out_of_a_question_they_were_not_meant_for(town: Town) -> None:
    await town.until(MONDAY)
    await town.ben.send("Note to self, kestrel: call the landlord")
    await town.ben.tap("Not an answer")
    kept = await town.ben.last()
    again = await town.ben.find(ASKED)
    await town.ben.send("A quiet day at the depot.")
    await town.alice.send("/brief Ben")
    brief = "\n".join(await town.alice.received())

    assert kept == "Kept, for your eyes only."
    assert [b["text"] for row in again["buttons"] for b in row] == ["In my own words", "Later", "Skip"]
    assert "kestrel" not in brief
    assert "A quiet day at the depot." in brief
    assert states(town)[0] == ("answered", None)


async def test_a_question_whose_words_are_taken_out_stays_closed_once_the_next_one_was_asked(town: Town) -> None:
    await town.until("2026-10-08 16:31")
    await town.anna.tap("Skip")
    await town.until("2026-10-09 16:31")
    await town.anna.send("that is hard to say, said the avocet")
    first = next(m for m in reversed(await town.anna.chat()) if "Not an answer" in str(m.get("buttons")))
    await town.anna.send("something else entirely")
    await town.anna.tap("Not an answer", first["message_id"])
    await town.anna.send("one more thought of the plover's")

    keys = "SELECT key, state FROM asked_question WHERE key IN ('tested', 'said') ORDER BY key"
    assert town.rows(keys) == [("said", "answered"), ("tested", "closed")]
    assert town.rows("SELECT count(*) FROM inbound WHERE state = 'quarantined'") == [(0,)]
    assert town.rows("SELECT state FROM occurrence WHERE step = 'yes'") == [("answered",)]


async def test_words_taken_out_during_a_pause_open_no_question(town: Town) -> None:
    await town.until(MONDAY)
    await town.ben.send("Note to self: call the landlord")
    kept = next(m for m in reversed(await town.ben.chat()) if "Not an answer" in str(m.get("buttons")))
    await town.ben.send("/pause 3 days")
    await town.ben.tap("Not an answer", kept["message_id"])

    assert town.rows("SELECT count(*) FROM asked_question WHERE state = 'open'") == [(0,)]
    assert "asked" not in [state for state, _ in states(town)]


@pytest.mark.parametrize("text", ["11", "7.5", "-2", "onze", "99/10", "٣٣"])
async def test_a_number_off_the_scale_gets_one_sentence_and_is_not_kept(town: Town, text: str) -> None:
    await town.until("2026-10-06 16:31")
    await town.anna.send(text)
    told = await town.anna.last()
    await town.anna.send("seven")

    assert told == "This one is answered from 0 to 10. Which number fits best?"
    assert town.rows("SELECT count(*) FROM answer") == [(1,)]


async def test_after_a_place_nobody_knows_a_number_still_answers_the_open_question(town: Town) -> None:
    await town.until("2026-10-06 16:31")
    await town.anna.send("/timezone 8pm")
    await town.anna.send("7")
    await town.alice.send("/brief Anna")

    assert "confidence: 7" in "\n".join(await town.alice.received())


async def test_what_belongs_before_a_session_closes_when_it_begins(town: Town) -> None:
    await town.until("2026-10-07 14:00")  # the same time on the next work day is after the session
    await town.bob.send("/session Carla Thu 10:00")
    await town.until("2026-10-08 12:00")
    prepared = "SELECT state, closes_at <= until FROM occurrence WHERE step = 'before'"

    assert town.rows(prepared) == [("missed", 1)]
    reminders = [at for at in await times(town.carla, REMINDER) if at.startswith("2026-10-08T09")]
    assert not reminders  # nobody is reminded in the middle of the session


async def test_a_language_and_a_default_can_be_said_with_the_command(town: Town) -> None:
    await town.ben.send("/sharing private")
    sharing = town.rows("SELECT default_sharing FROM person WHERE default_sharing != 'words'")
    await town.ben.send("/language fr")

    assert sharing == [("private",)]
    assert town.rows("SELECT count(*) FROM person WHERE language = 'fr'") == [(1,)]


async def test_words_taken_back_do_not_leave_with_a_digest_that_waits(town: Town) -> None:
    await town.until(MONDAY)
    await town.ben.send("kestrel over the depot")
    kept = await town.ben.last()
    await town.until("2026-10-12 07:29")
    fault = {"method": "sendMessage", "kind": "429", "calls": 1, "retry_after": 600}
    await town.house.post("faults", fault)
    await town.until("2026-10-12 07:31")
    await town.ben.tap("Only me")
    told = await town.ben.last()
    await town.until("2026-10-12 08:30")

    assert kept.startswith("Kept. Alice reads it")
    assert "already has your words" not in told
    assert not any("kestrel" in text for text in await town.alice.received())
    assert len([text for text in await town.alice.received() if "week to" in text]) == 1
