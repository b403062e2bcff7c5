"""Alice's Monday: a picture first, what needs attention, each leader in a few lines, what comes next; nothing twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

from house import MONDAY, House, Phone
from people import Town

FIRST, SECOND = "2026-10-12 07:45", "2026-10-19 07:45"
Bubble = dict[str, Any]


async def of_digest(phone: Phone) -> list[Bubble]:
    """The messages of the newest Monday morning, oldest first."""
    sent = [m for m in await phone.chat() if m["from"] == "bot"]
    last = max(m["date"] for m in sent if "week to" in m["text"])
    return [m for m in sent if m["date"][:10] == last[:10]]


def labels(bubble: Bubble) -> list[list[str]]:
    return [[button["text"] for button in row] for row in bubble["buttons"] or []]


async def hear(phone: Phone, text: str) -> list[str]:
    """What the bot says to a command."""
    before = max(m["message_id"] for m in await phone.chat())
    await phone.send(text)
    return await phone.received(since=before)


async def data_of(phone: Phone, label: str) -> str:
    """What a button carries."""
    for bubble in await phone.chat():
        for button in (button for row in bubble["buttons"] or [] for button in row):
            if button["text"] == label:
                return str(button["data"])
    raise AssertionError(label)


async def rate(phone: Phone, values: list[int]) -> None:
    """A rating each Friday, as the pulse asks for them."""
    for week, value in enumerate(values):
        await phone.house.until(MONDAY + timedelta(weeks=week, days=4, hours=9))
        while {"10", "Skip"} <= set(await phone.buttons()):
            await phone.tap(str(value))


async def test_the_picture_comes_first_with_the_same_in_words_and_everything_of_a_week_in_one_message(house: House) -> None:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    anna = await house.leader("Anna", alice, follows=("pulse",))
    await house.leader("Ben", alice, follows=("pulse",))
    await alice.send("/session Anna Thu 10:00 weekly x6")
    await rate(anna, [4, 6])
    await house.until(datetime(2026, 10, 19, 7, 45, tzinfo=UTC))

    picture, text = await of_digest(alice)

    assert picture["media"]["kind"] == "photo"
    assert picture["text"].splitlines() == [
        "Their own ratings over eight weeks, with sessions and pauses.",
        "Anna: confidence 6 · boundaries 6 · team 6",
        "Without a rating in this time: Ben.",
    ]
    assert labels(text) == [["Brief: Anna"], ["Brief: Ben"], ["Reply or note…"], ["Mark as read"]]
    order = ["Your leaders, week to Monday 19 October", "Needs attention", "── Anna", "── Ben", "Next week"]
    places = [text["text"].index(part) for part in order]
    assert places == sorted(places)
    calls = await house.calls("sendPhoto")
    assert [call["params"]["protect_content"] for call in calls] == [True]


async def test_no_picture_is_drawn_before_anybody_has_rated_something_twice(town: Town) -> None:
    await town.until("2026-10-06 16:40")
    await town.anna.tap("7")
    await town.until(FIRST)

    assert [m["media"] for m in await of_digest(town.alice)] == [None]


async def test_one_thing_in_bens_own_words_is_quoted_and_all_words_shows_the_rest(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("a long day with much to tell of the rota")
    await town.until("2026-10-06 16:40")
    await town.ben.send("short-heron")
    await town.until("2026-10-07 16:40")
    await town.ben.send("kept-to-himself")
    await town.ben.tap("Only me")
    await town.until(FIRST)
    [digest] = await of_digest(town.alice)
    sent_before = town.rows("SELECT count(*) FROM answer WHERE sent_to_coach_at IS NOT NULL")
    await town.alice.tap("All words: Ben")
    everything = await town.alice.last()
    told = await hear(town.ben, "/read")

    assert "a long day with much to tell of the rota" in digest["text"]
    assert "short-heron" not in digest["text"]
    assert "1 more answer is shared. 1 answer is kept private." in digest["text"]
    assert everything.startswith("Ben, in their own words · 1 to 2 of 2")
    assert everything.index("a long day") < everything.index("short-heron")
    assert "kept-to-himself" not in everything
    assert sent_before == [(1,)]
    assert "Opened by Alice" in told[0]
    assert town.rows("SELECT count(*) FROM answer WHERE sent_to_coach_at IS NOT NULL") == [(2,)]


async def test_what_ben_brings_to_the_session_is_quoted_though_it_is_shorter(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("a long day with much to tell of the rota")
    await town.until("2026-10-06 16:40")
    await town.ben.send("the heron")
    await town.ben.tap("Bring to the session")
    await town.until(FIRST)
    [digest] = await of_digest(town.alice)

    assert "the heron" in digest["text"]
    assert "a long day" not in digest["text"]


async def test_words_taken_back_after_the_digest_are_in_no_later_view_of_it(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("a long day with much to tell of the rota")
    await town.until("2026-10-06 16:40")
    await town.ben.send("short-heron")
    await town.until(FIRST)
    await town.ben.tap("Only me")
    await town.alice.tap("All words: Ben")

    assert "1 to 1 of 1" in await town.alice.last()
    assert not any("short-heron" in text for text in await town.alice.received())


async def test_a_digest_is_marked_as_read_once_with_all_of_its_messages(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("hello")
    await town.until(FIRST)
    before = town.rows("SELECT count(*) FROM delivery WHERE kind = 'digest' AND read_at IS NOT NULL")
    first = await town.alice.tap("Mark as read")
    second = await town.alice.tap("Read")
    [digest] = await of_digest(town.alice)
    unread = town.rows("SELECT count(*) FROM delivery WHERE kind = 'digest' AND read_at IS NULL")

    assert before == [(0,)]
    assert first["text"] == "Marked as read."
    assert second["text"] == "Marked as read already: Monday 12 October, 08:45."
    assert labels(digest) == [["Brief: Anna"], ["Brief: Ben"], ["Reply or note…"], ["✓ Read"]]
    assert unread == [(0,)]


async def test_everything_ben_ever_shared_is_read_page_by_page_the_newest_first(town: Town) -> None:
    for day in (*range(5, 10), *range(12, 16)):
        await town.until(f"2026-10-{day:02} 16:40")
        await town.ben.send(f"heron-{day:02}")
    none = await hear(town.alice, "/words")
    first = await hear(town.alice, "/words ben")
    await town.alice.tap("More →")
    last = await town.alice.last()

    assert none == ["Whose words?"]
    assert first[0].startswith("Ben, in their own words · 1 to 8 of 9")
    found = [f"heron-{day:02}" for day in (15, 14, 13, 12, 9, 8, 7, 6)]
    places = [first[0].index(word) for word in found]
    assert places == sorted(places)
    assert last.startswith("Ben, in their own words · 9 to 9 of 9")
    assert "heron-05" in last


async def test_bob_reaches_nothing_of_alices_digest_by_name_or_by_its_buttons(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    for words in ("a long day with the heron", "and another"):
        await town.ben.send(words)
        await town.until("2026-10-06 16:40")
    await town.until(FIRST)
    await town.bob.send("/leaders")
    own = (await town.bob.chat())[-1]["message_id"]
    stolen = [await data_of(town.alice, label) for label in ("All words: Ben", "Brief: Ben", "Mark as read")]
    refused = [await town.bob.tap_data(own, data) for data in stolen]
    named = await hear(town.bob, "/words Ben")

    assert {reply["text"] for reply in refused} == {"This button is no longer in use."}
    assert named == ["There is no leader of that name. Yours are: Carla."]
    assert not any("heron" in text or "Ben" in text for text in await town.bob.received() if text != named[0])


async def test_a_pause_is_in_the_digest_and_its_end_is_kept_however_it_comes(town: Town) -> None:
    await town.until("2026-10-06 09:00")
    await town.anna.send("/pause until 14 Oct")
    await town.ben.send("/pause a week")
    await town.until("2026-10-07 09:00")
    await town.ben.send("/resume")
    await town.until(FIRST)
    [digest] = await of_digest(town.alice)
    await town.until("2026-10-14 09:00")
    kept = town.rows("SELECT action FROM audit WHERE action IN ('paused', 'resumed') ORDER BY at, id")

    assert "paused until Wednesday 14 October" in digest["text"]
    assert "Wednesday 14 October: Anna is back from a pause" in digest["text"]
    assert [action for (action,) in kept] == ["paused", "paused", "resumed", "resumed"]


async def test_what_did_not_go_out_while_the_service_was_down_is_said_to_alice(town: Town) -> None:
    await town.until("2026-10-06 16:00")
    await town.house.stop_bot()
    await town.until("2026-10-07 02:00")
    await town.house.start_bot()
    await town.until(FIRST)
    [digest] = await of_digest(town.alice)

    assert "1 question did not reach Ben: the service was down at its time." in digest["text"]


async def test_what_was_told_as_new_by_digest_is_in_the_weekly_one_as_well_and_then_never_again(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("the heron")
    early = await hear(town.alice, "/digest")
    await town.until(FIRST)
    [monday] = await of_digest(town.alice)
    later = await hear(town.alice, "/digest")
    await town.until(SECOND)
    [next_monday] = await of_digest(town.alice)

    assert "the heron" in early[0]
    assert "the heron" in monday["text"]
    assert "the heron" not in later[0] + next_monday["text"]


async def test_what_ben_shared_before_his_coaching_was_closed_is_in_one_last_digest_and_all_of_it(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("one thing")
    await town.until("2026-10-07 16:40")
    await town.ben.send("and another")
    await town.until("2026-10-09 12:00")
    await close(town, "Ben")
    await town.until(FIRST)

    [text] = await of_digest(town.alice)
    await town.until(SECOND)

    of_ben = text["text"].split("── Ben")[1].split("── ")[0].split("Next week")[0]
    assert "your coaching ended on Friday 9 October" in of_ben
    assert "one thing" in of_ben
    assert "and another" in of_ben
    assert "Ben has no next session" not in text["text"]
    assert "Brief: Ben" not in str(labels(text))
    assert "Ben" not in str(await of_digest(town.alice))


async def test_buttons_about_ben_in_an_old_digest_say_that_his_coaching_has_ended(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("one thing")
    await town.until("2026-10-06 16:40")
    await town.ben.send("and another")
    await town.until(FIRST)
    old = [m for m in await of_digest(town.alice) if m["buttons"]][-1]["message_id"]
    await close(town, "Ben")

    toasts = [(await town.alice.tap(label, old))["text"] for label in ("Brief: Ben", "All words: Ben")]

    assert toasts == ["This coaching ended on Monday 12 October. What you have received stays in this chat."] * 2


async def test_alice_is_told_when_her_digest_really_comes(town: Town) -> None:
    [late] = await hear(town.alice, "/digest Sun 22:00")
    [usual] = await hear(town.alice, "/digest Tue 9:00")

    assert late.startswith("Your digest is set for Sunday at 22:00. The next one comes on Monday 12 October, 08:00:")
    assert usual.startswith("Your digest comes on Tuesday at 09:00.")


async def test_two_questions_that_went_by_are_silence_and_the_days_of_a_pause_are_not(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("one thing")
    await town.until("2026-10-08 12:00")
    await town.anna.send("/pause until 18 Oct")
    await town.until(SECOND)
    [digest] = await of_digest(town.alice)

    assert "Ben has been silent for 14 days, since Monday 5 October." in digest["text"]
    assert "Anna has" not in digest["text"].split("── Anna")[0].replace("Anna has no next session", "")


async def close(town: Town, name: str) -> None:
    """Alice closes the coaching, from its card."""
    await town.alice.send(f"/leader {name}")
    await town.alice.tap("Close the coaching")
    await town.alice.tap("Yes, close it")
