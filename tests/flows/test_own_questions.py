"""Questions of Alice's own: shown to her first, asked of Anna like any other, over when they are settled."""

import pytest
from house import Phone
from people import Town, times

MONDAY = "2026-10-05 10:00"
ROTA = "How did it go with the rota?"


async def asks(town: Town, text: str, *labels: str) -> str:
    """Alice writes `/ask`, taps, and sends it off; what she is told at the end."""
    await town.alice.send(f"/ask {text}")
    for label in labels:
        await town.alice.tap(label)
    await town.alice.tap("Ask it")
    return str((await town.alice.find("Your question goes to"))["text"])


async def nothing_else_is_asked(town: Town) -> None:
    """Anna's sequence is ended: whatever is asked is Alice's own."""
    await town.alice.send("/enrol Anna")
    await town.alice.tap("end Everyday")


async def brief(town: Town) -> str:
    before = max(message["message_id"] for message in await town.alice.chat())
    await town.alice.send("/brief Anna")
    return "\n".join(await town.alice.received(since=before))


async def heard(phone: Phone, text: str) -> str:
    await phone.send(text)
    return await phone.last()


async def test_a_question_goes_at_once_and_its_answer_is_in_the_brief(town: Town) -> None:
    await town.until(MONDAY)
    preview = await heard(town.alice, f"/ask Anna {ROTA}")
    before = await times(town.anna, ROTA)
    told = await asks(town, f"Anna {ROTA}")
    await town.house.advance(minutes=1)
    asked = await town.anna.find(ROTA)
    await town.anna.send("Better than last week")
    read = await brief(town)
    await town.house.advance(hours=48)

    assert preview.startswith(f"Your question to Anna\n\n{ROTA}\n\nWhen: now")
    assert before == []
    assert told == f"Your question goes to Anna: now.\n\n{ROTA}"
    assert asked["text"].startswith(f"Alice asks\n{ROTA}\n\nAlice reads it in the weekly digest.")
    assert f"{ROTA}\nBetter than last week" in read
    assert len(await times(town.anna, ROTA)) == 1
    assert town.rows("SELECT state FROM enrolment WHERE own IS NOT NULL ORDER BY joined_at") == [("draft",), ("ended",)]


async def test_a_question_at_a_time_is_on_alices_clock(town: Town) -> None:
    await nothing_else_is_asked(town)
    await town.until(MONDAY)
    await town.alice.send("/timezone Paris")
    told = await asks(town, f"Anna Fri 11:00 {ROTA}")
    await town.until("2026-10-09 12:00")

    assert told.startswith("Your question goes to Anna: Friday 9 October, 11:00.")
    assert await times(town.anna, ROTA) == ["2026-10-09T09:00"]


async def test_a_question_at_night_waits_for_annas_hours(town: Town) -> None:
    await town.until("2026-10-05 21:00")
    told = await asks(town, f"Anna {ROTA}")
    await town.until("2026-10-06 12:00")

    assert told.startswith("Your question goes to Anna: Tuesday 6 October, 08:00, in Anna’s next hours.")
    assert await times(town.anna, ROTA) == ["2026-10-06T07:00"]


async def test_a_question_before_the_session_moves_with_it(town: Town) -> None:
    await nothing_else_is_asked(town)
    await town.until(MONDAY)
    await town.alice.send("/session Anna Thu 14:00")
    told = await asks(town, f"Anna 2h before the session: {ROTA}")
    await town.alice.send("/session Anna move Fri 15:00")
    await town.until("2026-10-09 18:00")

    assert told.startswith("Your question goes to Anna: before the session: Thursday 8 October, 12:00.")
    assert await times(town.anna, ROTA) == ["2026-10-09T12:00"]


async def test_a_question_after_the_session_goes_once_and_not_after_the_next(town: Town) -> None:
    await nothing_else_is_asked(town)
    await town.until(MONDAY)
    await town.alice.send("/session Anna Thu 10:00 weekly x2")
    await asks(town, f"Anna 3h after the session: {ROTA}")
    await town.until("2026-10-16 18:00")

    assert await times(town.anna, ROTA) == ["2026-10-08T13:00"]


async def test_a_question_for_a_session_that_is_not_planned_or_too_near_is_refused(town: Town) -> None:
    await town.until("2026-10-08 07:30")
    without = await heard(town.alice, f"/ask Anna 2h before the session: {ROTA}")
    await town.alice.send("/session Anna Thu 10:00")
    near = await heard(town.alice, f"/ask Anna 2h before the session: {ROTA}")

    assert without == "No session with Anna is planned. /session plans one."
    assert near == (
        "That moment has passed: the session is on Thursday 8 October, 10:00. Without it, your question goes now."
    )


@pytest.mark.parametrize(
    ("kind", "written", "tapped", "read"),
    [
        ("0 to 10", None, "7", "7"),
        ("Yes or no", None, "No", "No"),
        ("One of…", "Walk\nTalk", "Talk", "Talk"),
        ("Several of…", "Walk\nTalk", "Walk", "Walk"),
    ],
)
async def test_a_question_is_answered_as_alice_chose(
    town: Town, kind: str, written: str | None, tapped: str, read: str
) -> None:
    await town.until(MONDAY)
    await town.alice.send("/ask Anna What next?")
    await town.alice.tap(kind)
    if written:
        await town.alice.send(written)
    await town.alice.tap("Ask it")
    await town.house.advance(minutes=1)
    await town.anna.tap(tapped)
    if kind == "Several of…":
        await town.anna.tap("Done")

    assert f"What next?\n{read}" in await brief(town)


async def test_an_amount_has_a_unit_and_starts_as_annas_own(town: Town) -> None:
    await town.until(MONDAY)
    await town.alice.send("/ask Anna How long did it take?")
    await town.alice.tap("An amount")
    missing = await town.alice.buttons()
    await town.alice.send("hours")
    await town.alice.tap("Ask it")
    await town.house.advance(minutes=1)
    asked = await town.anna.find("How long did it take?")
    await town.anna.send("3.5")

    assert "Ask it" not in missing
    assert "A number is enough (hours)." in asked["text"]
    assert "Only you see your answer." in asked["text"]
    assert "3.5" not in await brief(town)


async def test_a_question_can_be_an_if_then_plan(town: Town) -> None:
    await town.until(MONDAY)
    await asks(town, "Anna What will you do when the board asks?", "An if-then plan")
    await town.house.advance(minutes=1)
    await town.anna.send("When they ask for more")
    await town.anna.send("I say: by Friday")
    await town.anna.tap("Skip")
    read = await brief(town)

    assert "When they ask for more" in read
    assert "I say: by Friday" in read


async def test_a_question_is_changed_before_it_goes_and_keeps_its_moment(town: Town) -> None:
    await nothing_else_is_asked(town)
    await town.until(MONDAY)
    await town.alice.send("/ask Anna Fri 11:00 How did it goe?")
    await town.alice.tap("Yes or no")
    await town.alice.tap("Change")
    await town.alice.send("Did it go well?")
    shown = await town.alice.last()
    await town.alice.tap("Ask it")
    await town.until("2026-10-09 12:00")

    assert "Did it go well?\n\nWhen: Friday 9 October, 11:00" in shown
    assert await times(town.anna, "goe?") == []
    assert await times(town.anna, "Did it go well?") == ["2026-10-09T10:00"]
    assert "Yes" in await town.anna.buttons()


async def test_a_question_that_is_left_or_taken_back_never_comes(town: Town) -> None:
    await nothing_else_is_asked(town)
    await town.until(MONDAY)
    await town.alice.send(f"/ask Anna {ROTA}")
    await town.alice.tap("Leave it")
    left = await town.alice.find("nothing is asked")
    await asks(town, f"Anna Fri 11:00 {ROTA}")
    waiting = await heard(town.alice, "/ask Anna")
    await town.alice.tap("Take back 1")
    await town.until("2026-10-12 12:00")

    assert left["text"] == f"Left as it is; nothing is asked.\n\n{ROTA}"
    assert waiting == f"Your questions to Anna\n\n1. {ROTA}\nFriday 9 October, 11:00"
    assert await times(town.anna, ROTA) == []


async def test_a_question_that_was_asked_cannot_be_taken_back(town: Town) -> None:
    await town.until(MONDAY)
    await asks(town, f"Anna {ROTA}")
    await town.house.advance(minutes=1)

    assert (await town.alice.tap("Take it back"))["text"] == "It has been asked already."


async def test_one_question_at_a_time_also_when_it_is_alices_own(town: Town) -> None:
    await town.until("2026-10-06 16:31")  # "How sure are you today?" is open
    told = await asks(town, f"Anna {ROTA}")
    await town.house.advance(minutes=5)
    before = await times(town.anna, ROTA)
    await town.anna.tap("7")
    await town.house.advance(minutes=1)

    assert told.startswith("Your question goes to Anna: now, after the question that is open.")
    assert before == []
    assert await times(town.anna, ROTA) == ["2026-10-06T16:36"]


async def test_of_two_that_wait_behind_an_open_question_alices_own_goes_first(town: Town) -> None:
    await town.until("2026-10-06 10:00")
    await asks(town, "Anna And the budget?")
    await town.until("2026-10-06 16:40")  # "How sure are you today?" waits since half past
    await asks(town, f"Anna {ROTA}")
    before = await times(town.anna, ROTA)
    await town.anna.tap("Skip")
    await town.house.advance(minutes=1)

    assert before == []
    assert len(await times(town.anna, ROTA)) == 1
    assert await times(town.anna, "How sure are you today?") == []


async def test_a_question_waits_for_the_end_of_a_pause_and_is_not_sent_into_an_endless_one(town: Town) -> None:
    await town.until(MONDAY)
    await town.anna.send("/pause until 13 Oct")
    told = await asks(town, f"Anna {ROTA}")
    await town.until("2026-10-13 12:00")
    await town.ben.send("/pause")
    await town.ben.tap("until I come back")
    await town.alice.send(f"/ask Ben {ROTA}")
    refused = await town.alice.tap("Ask it")

    assert told.startswith("Your question goes to Anna: Tuesday 13 October, 08:00, when Anna is back from a pause.")
    assert await times(town.anna, ROTA) == ["2026-10-13T07:00"]
    assert refused["text"] == "Ben has paused without an end, and a question would not arrive. A note waits."


async def test_alice_is_told_when_her_question_was_not_asked(town: Town) -> None:
    await town.until(MONDAY)
    await asks(town, f"Anna Fri 11:00 {ROTA}")
    await town.anna.send("/pause until 20 Oct")
    await town.until("2026-10-12 12:00")

    told = await town.alice.find("was not asked")
    why = "Your question to Anna was not asked: questions were paused."
    assert told["text"] == f"{why}\n\n{ROTA}\n\n/ask Anna asks it again."
    assert await times(town.anna, ROTA) == []


async def test_what_a_block_kept_back_is_told_as_the_block_and_never_as_a_fault_of_the_service(town: Town) -> None:
    await town.until("2026-10-05 12:00")
    await town.ben.block()
    for day in ("Tue", "Wed"):
        await asks(town, f"Ben {day} 11:00 {ROTA}")
    await town.until("2026-10-08 12:15")
    await town.ben.unblock()
    await town.until("2026-10-09 12:00")

    before = max(message["message_id"] for message in await town.alice.chat())
    await town.alice.send("/brief Ben")
    read = "\n".join(await town.alice.received(since=before))
    told = [text for text in await town.alice.received() if "was not asked:" in text]
    assert len(told) == 2
    assert all("was not asked: the bot was blocked at that time." in text for text in told)
    assert "5 questions were not asked: they could not be reached." in read
    assert "in time" not in read


async def test_anna_sees_in_next_that_a_question_comes_but_not_which(town: Town) -> None:
    await town.until(MONDAY)
    await asks(town, f"Anna Fri 11:00 {ROTA}")
    seen = await heard(town.anna, "/next")

    assert "From your coach\n• Friday 9 October, 11:00: a question (at a time your coach chose)" in seen
    assert ROTA not in seen


async def test_a_question_of_alices_is_nobody_elses(town: Town) -> None:
    await town.until(MONDAY)
    await asks(town, "Anna Fri 11:00 How is the zebra?")
    said = []
    for command in ("/sequences", "/enrol Anna", "/status", "/ask Anna", "/leader Anna"):
        said += [await heard(town.olga, command), await heard(town.bob, command)]
    labels = [*await town.olga.buttons(), *await town.bob.buttons()]
    await town.until("2026-10-09 12:00")
    await town.anna.send("It is fine")

    assert [text for text in (*said, *labels) if "zebra" in text or "coach" in text.casefold()] == []
    assert await heard(town.bob, "/ask Anna Where?") == "There is no leader of that name. Yours are: Carla."
    assert town.in_files("zebra") == []


async def test_a_question_to_two_is_refused_and_one_that_begins_with_and_is_not(town: Town) -> None:
    to_two = await heard(town.alice, "/ask Anna and Ben How did it go?")
    french = await heard(town.alice, "/ask Anna et Ben, comment ?")
    second = await heard(town.alice, "/ask Anna How? /ask Ben And you?")
    to_one = await heard(town.alice, "/ask Anna And how did it go?")

    assert to_two == french == "A question goes to one leader at a time. Please write /ask once for each."
    assert second == "There is a second /ask in this message, so nothing was done. Please send each by itself."
    assert to_one.startswith("Your question to Anna\n\nAnd how did it go?")


async def test_six_questions_are_too_many_at_a_time(town: Town) -> None:
    await town.until(MONDAY)
    for hour in range(9, 14):
        await asks(town, f"Anna Fri {hour}:00 And now?")

    refused = await heard(town.alice, "/ask Anna One more?")
    assert refused == "5 questions of yours wait for Anna already. /ask Anna shows them."


async def test_a_question_by_buttons_alone(town: Town) -> None:
    await town.until(MONDAY)
    await town.alice.send("/ask")
    for label in ("Anna", "A new question"):
        await town.alice.tap(label)
    await town.alice.send(ROTA)
    await town.alice.tap("Ask it")
    await town.house.advance(minutes=1)

    assert len(await times(town.anna, ROTA)) == 1
