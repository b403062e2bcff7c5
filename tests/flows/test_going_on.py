"""After the agreed sessions: Alice is asked how it goes on, and each answer does what it says."""

import pytest
from people import Town, times
from test_coaching import hear, sessions

ASKED = "How does it go on?"


@pytest.fixture
async def after_six(town: Town) -> Town:
    """Anna's six sessions are over, five of them in one day, the last on Thursday 8 October at ten; it is Friday noon."""
    await town.alice.send("/session Anna Tue 10:00 45min")
    for hour in range(11, 15):
        await town.alice.send(f"/session Anna Tue {hour}:00 45min")
        await town.alice.tap("Plan both")
    await town.alice.send("/session Anna Thu 10:00")
    await town.until("2026-10-09 12:00")
    return town


async def test_after_the_sixth_session_alice_is_asked_once_within_the_hour_how_it_goes_on(after_six: Town) -> None:
    question = await after_six.alice.find(ASKED)
    await after_six.until("2026-10-20 12:00")

    assert question["text"] == "You have had 6 sessions with Anna, and no other is planned. How does it go on?"
    assert [b["text"] for row in question["buttons"] for b in row] == ["Close", "Continue weekly", "Open-ended", "Not now"]
    assert await times(after_six.alice, ASKED) == ["2026-10-08T11:00"]
    assert not await times(after_six.alice, "No next session with Anna")


async def test_six_more_come_at_the_same_hour_after_a_preview_without_the_week_in_which_alice_is_with_ben(
    after_six: Town,
) -> None:
    town = after_six
    await town.alice.send("/session Ben 22 Oct 10:30")

    await town.alice.tap("Continue weekly")
    preview = (await town.alice.find("more sessions with Anna"))["text"]
    nothing_yet = await sessions(town)
    await town.alice.tap("Plan them")

    assert preview == (
        "5 more sessions with Anna:\nThursday 15 October, 10:00\nThursday 29 October, 10:00\n"
        "Thursday 5 November, 10:00\nThursday 12 November, 10:00\nThursday 19 November, 10:00\n\n"
        "Left out, as you have another session then:\nThursday 22 October, 10:00"
    )
    assert nothing_yet == ["2026-10-22 09:30"]
    assert (await town.alice.last()).startswith("5 sessions with Anna:\nThursday 15 October, 10:00\n")
    assert (await sessions(town))[::5] == ["2026-10-15 09:00", "2026-11-19 10:00"]  # summer time ends between them
    assert "the first is on Thursday 15 October, 10:00" in await town.anna.last()
    assert town.rows("SELECT max(agreed_sessions) FROM engagement") == [(11,)]


async def test_what_was_cancelled_and_what_lies_in_annas_pause_is_not_offered_again(after_six: Town) -> None:
    town = after_six
    await town.alice.send("/session Anna 22 Oct 10:00")
    await town.alice.send("/session Anna cancel")
    await town.anna.send("/pause until 16 Oct")
    question = await town.alice.find(ASKED)
    await town.alice.tap("Continue weekly", question["message_id"])
    preview = (await town.alice.find("more sessions with Anna"))["text"]
    await town.alice.tap("Plan them")

    assert preview == (
        "6 more sessions with Anna:\nThursday 29 October, 10:00\nThursday 5 November, 10:00\n"
        "Thursday 12 November, 10:00\nThursday 19 November, 10:00\nThursday 26 November, 10:00\n"
        "Thursday 3 December, 10:00"
    )
    assert (await sessions(town))[::5] == ["2026-10-29 10:00", "2026-12-03 10:00"]


async def test_a_second_tap_on_plan_them_plans_nothing_twice(after_six: Town) -> None:
    await after_six.alice.tap("Continue weekly")
    await after_six.alice.tap("Plan them")

    again = await after_six.alice.tap("Plan them")

    assert again["text"] == "These times are gone. /session plans others."
    assert len(await sessions(after_six)) == 6


async def test_closing_asks_first_then_ends_the_questions_and_tells_anna_kindly(after_six: Town) -> None:
    town = after_six
    await town.alice.tap("Close")
    asked = (await town.alice.find("Close the coaching with Anna?"))["text"]
    await town.alice.tap("Back")
    back = await town.alice.buttons()
    await town.alice.tap("Close")
    await town.alice.tap("Yes, close it")
    told = await town.anna.last()
    await town.anna.tap("Budget")  # of a question that was open when it closed
    tapped = await town.anna.tap("Done")
    written = await hear(town.anna, "One thing more")
    said = await town.alice.received()
    await town.until("2026-10-14 12:00")

    assert asked == (
        "Close the coaching with Anna?\n\nNo more questions go to Anna, and Anna is told. What Anna has shared until now is "
        "in your next digest; nothing comes after it."
    )
    assert back[:4] == ["Close", "Continue weekly", "Open-ended", "Not now"]
    assert any("The coaching with Anna is closed. Anna is told." in text for text in said)
    assert told == (
        "Alice has closed your coaching here; no more questions will come, and what you write from now on reaches nobody. "
        "What you wrote stays yours: /journal shows it, /export takes it with you, /delete removes it."
    )
    ended = "Your coaching here has ended; nothing more is kept. /journal shows what you wrote."
    assert tapped["text"] == written[0] == ended
    assert await town.anna.last() == ended  # no question, no reminder
    assert await hear(town.alice, "/brief Anna") == ["There is no leader of that name. Yours are: Ben."]
    assert town.rows("SELECT count(*) FROM enrolment JOIN engagement ON engagement.id = engagement_id "
                     "WHERE engagement.state = 'ended' AND enrolment.state = 'active'") == [(0,)]  # fmt: skip


async def test_a_session_planned_meanwhile_is_cancelled_with_the_coaching_and_that_is_said_before(after_six: Town) -> None:
    town = after_six
    await town.alice.send("/session Anna 20 Oct 10:00")
    question = await town.alice.find(ASKED)
    await town.alice.tap("Close", question["message_id"])
    asked = (await town.alice.find("Close the coaching with Anna?"))["text"]

    await town.alice.tap("Yes, close it")

    assert asked.endswith("1 planned session is cancelled.")
    assert await sessions(town) == []


async def test_open_ended_alice_hears_again_only_after_two_weeks_without_a_session(after_six: Town) -> None:
    town = after_six
    await town.alice.tap("Open-ended")
    said = (await town.alice.find("without an agreed end"))["text"]
    await town.alice.send("/session Anna 15 Oct 10:00")

    await town.until("2026-10-30 12:00")

    assert said == (
        "The coaching with Anna goes on without an agreed end. When two weeks pass without a session, you are asked "
        "whether to plan one."
    )
    assert len(await times(town.alice, ASKED)) == 0  # the question became its answer
    assert await times(town.alice, "No next session with Anna") == ["2026-10-29T10:00"]


async def test_two_then_open_ended_is_agreed_from_the_start_in_either_language(town: Town) -> None:
    english = await hear(town.alice, "/session Anna Thu 10:00 weekly x2 then open-ended")
    french = await hear(town.alice, "/session Ben ven 10h hebdo x2 puis sans fin fixée")
    alone = await hear(town.bob, "/session Carla open-ended")

    await town.until("2026-10-17 12:00")

    assert english[0].endswith("Thursday 15 October, 10:00\n\nAfter that it goes on without an agreed end.")
    assert french[0].endswith("After that it goes on without an agreed end.")
    assert alone[0].startswith("The coaching with Carla goes on without an agreed end.")
    assert not await times(town.alice, ASKED)
    assert town.rows("SELECT is_open_ended, count(*) FROM engagement GROUP BY 1") == [(1, 3)]


async def test_after_not_now_the_digest_leaves_it_at_that_for_four_weeks(after_six: Town) -> None:
    town = after_six
    await town.alice.tap("Not now")

    await town.until("2026-10-12 07:45")
    monday = (await town.alice.find("week to Monday 12 October"))["text"]
    await town.until("2026-11-09 08:45")
    later = (await town.alice.find("week to Monday 9 November"))["text"]

    assert "\nBen has no next session." in monday
    assert "\nAnna and Ben have no next session." in later


async def test_not_now_leaves_everything_and_the_question_returns_after_another_session(after_six: Town) -> None:
    town = after_six
    await town.alice.tap("Not now")
    said = (await town.alice.find("Nothing has changed."))["text"]
    await town.alice.send("/session Anna 15 Oct 10:00")

    await town.until("2026-10-16 12:00")

    assert said == "Nothing has changed. /session Anna plans the next one when it is time."
    assert "You have had 7 sessions with Anna" in (await town.alice.find(ASKED))["text"]


async def test_nobody_is_asked_on_a_weekend_or_at_night(town: Town) -> None:
    await town.alice.send("/session Anna Fri 18:00")  # ends as Alice's week does

    await town.until("2026-10-12 12:00")

    assert await times(town.alice, "No next session with Anna") == ["2026-10-12T08:00"]


async def test_older_buttons_are_dead_once_the_coaching_is_closed(after_six: Town) -> None:
    town = after_six
    await town.alice.send("/session Anna 20 Oct 10:00")
    await town.alice.send("/session Anna")
    card = await town.alice.find("Anna · Tuesday 20 October, 10:00, 60 minutes")
    await town.alice.tap("Close")
    await town.alice.tap("Yes, close it")

    labels = ("a day later", "cancel it", "plan another one")
    toasts = [(await town.alice.tap(label, card["message_id"]))["text"] for label in labels]

    gone = "This session is no longer planned. /sessions lists those that are."
    assert toasts == [gone, gone, "There is nobody of that name."]
