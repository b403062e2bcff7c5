"""Ten minutes before a session: what Alice reads, when it comes, and what is in it of Anna and Ben."""

from datetime import timedelta
from typing import Any

from house import MONDAY, House, Phone
from people import Town


async def hear(phone: Phone, text: str) -> list[dict[str, Any]]:
    """What the bot says to this, as whole messages."""
    before = max(message["message_id"] for message in await phone.chat())
    await phone.send(text)
    return [m for m in await phone.chat() if m["from"] == "bot" and m["message_id"] > before]


async def briefs(phone: Phone, head: str) -> list[dict[str, Any]]:
    return [m for m in await phone.chat() if m["from"] == "bot" and m["text"].startswith(head)]


def labels(message: dict[str, Any]) -> list[str]:
    return [button["text"] for row in message["buttons"] or [] for button in row]


# a day ahead


async def test_a_day_ahead_alice_reads_what_anna_brings_and_only_that(town: Town) -> None:
    await town.alice.send("/session Anna Fri 10:00")
    await town.alice.send("/session Ben Fri 14:00")
    await town.until("2026-10-05 16:40")
    await town.ben.send("not pinned")
    await town.until("2026-10-07 16:40")
    await town.anna.tap("Over coffee")
    await town.anna.tap("Bring to the session")
    await town.until("2026-10-09 12:05")

    [ahead] = await briefs(town.alice, "For your session with Anna, Friday 9 October, 10:00")
    [brief] = await briefs(town.alice, "Anna · Friday 9 October, 10:00")
    [bens] = await briefs(town.alice, "Ben · Friday 9 October, 14:00")

    assert ahead["date"][:16] == "2026-10-08T09:00"
    assert ahead["text"].endswith(
        "What they bring\n\n1. Wed 7 Oct · Where did you talk?\nOver coffee\n\nAs it stood on Thursday 8 October, 10:00."
    )
    assert labels(ahead) == ["Reply or note…"]
    assert brief["date"][:16] == "2026-10-09T07:00"
    assert brief["text"].count("Over coffee") == 1
    assert bens["date"][:16] == "2026-10-09T11:00"  # nothing brought, nothing promised: the brief alone


async def test_what_anna_takes_back_before_it_went_out_is_written_again_without_her_words(town: Town) -> None:
    await town.alice.send("/session Anna Fri 10:00")
    await town.until("2026-10-07 16:40")
    await town.anna.tap("Over coffee")
    await town.anna.tap("Bring to the session")
    await town.until("2026-10-08 08:59")
    await town.alice.block()
    await town.until("2026-10-08 09:05")
    await town.anna.tap("Only me")
    await town.until("2026-10-08 09:10")
    await town.alice.unblock()
    await town.alice.send("/help")
    await town.until("2026-10-08 12:00")

    read = "\n".join(await town.alice.received())
    assert "Over coffee" not in read
    assert "A point of their own, without words." in read


async def test_a_brief_that_waits_is_withdrawn_when_its_session_moves_and_comes_when_it_is_back(town: Town) -> None:
    await town.alice.send("/session Anna Thu 15:00")
    await town.until("2026-10-08 11:59")
    await town.house.post("faults", {"method": "sendMessage", "kind": "429", "calls": 1, "retry_after": 900})
    await town.until("2026-10-08 12:05")
    waiting = town.rows("SELECT state FROM delivery WHERE dedupe_key LIKE 'brief:%'")

    await town.alice.send("/session Anna move Fri")
    await town.until("2026-10-08 12:30")
    moved = await briefs(town.alice, "Anna · ")
    await town.alice.send("/session Anna move Thu 15:00")
    await town.until("2026-10-09 13:00")

    assert waiting == [("pending",)]
    assert moved == []
    [brief] = await briefs(town.alice, "Anna · ")
    assert brief["text"].startswith("Anna · Thursday 8 October, 15:00")


async def test_alice_says_how_long_before_she_reads(town: Town) -> None:
    await town.alice.send("/session Ben Thu 15:00")
    shown = await hear(town.alice, "/brief")
    said = [(await hear(town.alice, f"/brief {words}"))[-1]["text"] for words in (
        "before 26h 4h", "before", "avant 1 jour, 90 min", "before 3h only", "before 5 minutes", "before 2h 3h 4h",
    )]  # fmt: skip
    await town.until("2026-10-05 16:40")
    await town.ben.send("on Monday")
    await town.until("2026-10-08 13:00")

    assert labels(shown[0]) == ["Ben · Thu 8 Oct", "Anna"]
    default = "It comes 2 h before each session; 24 h before, what they bring and what was promised."
    assert default in shown[0]["text"]
    assert said[0] == said[1]
    assert said[0].startswith("It comes 4 h before each session; 26 h before,")
    assert said[2].startswith("It comes 90 min before each session; 24 h before,")
    assert said[3].startswith("It comes 3 h before each session. Another time")
    assert said[4] == said[5] == "Please give one or two lengths between 15 minutes and 7 days: /brief before 24h 2h"
    [brief] = await briefs(town.alice, "Ben · Thursday 8 October, 15:00")
    assert brief["date"][:16] == "2026-10-08T11:00"
    [shown_now] = await briefs(town.alice, "Ben · Thursday 8 October") and await hear(town.alice, "/brief")
    assert labels(shown_now)[0].startswith("Ben")


async def test_before_an_early_session_the_brief_comes_when_alices_day_begins_not_the_evening_before(town: Town) -> None:
    await town.alice.send("/session Anna Wed 9:30")
    await town.alice.send("/session Ben Thu 8:30")
    await town.until("2026-10-08 12:00")

    [annas] = await briefs(town.alice, "Anna · Wednesday 7 October, 09:30")
    [bens] = await briefs(town.alice, "Ben · Thursday 8 October, 08:30")

    assert annas["date"][:16] == "2026-10-07T07:00"
    assert bens["date"][:16] == "2026-10-07T17:59"  # at eight there would be half an hour left, of two


async def test_a_button_opens_the_brief_and_bobs_leader_is_nobody_to_alice(town: Town) -> None:
    await hear(town.alice, "/brief")
    await town.alice.tap("Anna")
    opened = await town.alice.last()
    refused = await hear(town.alice, "/brief Carla")

    assert opened.startswith("Anna · no session planned")
    assert refused[0]["text"] == "There is no leader of that name. Yours are: Anna and Ben."
    assert "Carla" not in "".join(await town.alice.received())


# what is in it


async def test_what_went_unanswered_is_told_with_the_schedules_part_in_it(town: Town) -> None:
    await town.alice.send("/session Ben Thu 9:00")
    await town.alice.send("/session Ben 13 Oct 10:00")
    for day in (5, 6):
        await town.until(f"2026-10-0{day} 16:40")
        await town.ben.send(f"day {day}")
    await town.until("2026-10-08 16:40")  # Wednesday was still open in Thursday's brief, and went by
    await town.ben.tap("Skip")
    await town.until("2026-10-09 16:40")  # Friday stays open over the weekend
    await town.until("2026-10-13 08:30")

    [brief] = await briefs(town.alice, "Ben · Tuesday 13 October, 10:00")

    head = brief["text"][brief["text"].index("Asked and not answered") :]
    told = head[: head.index("\n\n")].splitlines()
    assert told[1] == "Asked 4, answered 0. 1 is still open."
    assert told[2:] == [
        "• Wed 7 Oct · What happened today?",
        "• Thu 8 Oct · What happened today?",
        "They skipped it. It came on the day of a session. With it, 4 questions had come within seven days.",
        "• Fri 9 Oct · What happened today?",
        "With it, 5 questions had come within seven days. It came just before days off.",
        "• Mon 12 Oct · What happened today?",
        "It is still open.",
    ]


async def test_a_pause_is_no_silence_of_bens(town: Town) -> None:
    await town.alice.send("/session Ben Fri 10:00")
    await town.until("2026-10-05 16:40")
    await town.ben.send("/pause 3 days")
    await town.until("2026-10-09 07:05")

    [brief] = await briefs(town.alice, "Ben · Friday 9 October, 10:00")

    assert "• Mon 5 Oct · What happened today?\nA pause began while it was open." in brief["text"]
    assert "2 questions were left out: there was a pause." in brief["text"]


async def test_ratings_come_as_a_picture_with_the_same_in_words_between_the_words_and_the_rest(house: House) -> None:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    anna = await house.leader("Anna", alice, follows=("pulse",))
    await alice.send("/session Anna Thu 10:00 weekly x4")
    for week, value in enumerate([4, 6]):
        await house.until(MONDAY + timedelta(weeks=week, days=4, hours=9))
        while {"10", "Skip"} <= set(await anna.buttons()):
            await anna.tap(str(value))
    await house.until(MONDAY + timedelta(weeks=1, days=4, hours=10))

    [alone] = await hear(alice, "/brief Anna")
    await anna.send("/agenda the rota")
    first, photo, rest = await hear(alice, "/brief Anna")

    head = "Anna · Thursday 22 October, 10:00\nSession 3 of 6. 1 more session is planned after it."
    span = "From Thursday 15 October, 08:00 until Friday 16 October, 19:00."
    assert alone["media"]["kind"] == "photo"  # no words are new: one message
    assert alone["text"].startswith(f"{head}\n\nTheir own ratings, 0 to 10\nconfidence: 6 (before: 4)")
    assert alone["text"].splitlines()[-1] == span
    assert labels(alone) == ["Reply or note…"]
    assert first["text"].startswith(f"{head}\n\nWhat they bring")
    assert photo["media"]["kind"] == "photo"
    assert photo["text"].startswith("Their own ratings, 0 to 10\nconfidence: 6 (before: 4)\nboundaries: 6 (before: 4)")
    assert labels(photo) == ["Reply or note…"]
    assert rest["text"].splitlines()[-1] == span
    calls = await house.calls("sendPhoto")
    assert [call["params"]["protect_content"] in (True, "true") for call in calls] == [True, True]


async def test_a_picture_that_alice_has_had_does_not_come_again(house: House) -> None:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    anna = await house.leader("Anna", alice, follows=("pulse",))
    await alice.send("/session Anna Thu 10:00 weekly x4")
    for week, value in enumerate([4, 6]):
        await house.until(MONDAY + timedelta(weeks=week, days=4, hours=9))
        while {"10", "Skip"} <= set(await anna.buttons()):
            await anna.tap(str(value))
    await house.until(MONDAY + timedelta(weeks=3, days=3, hours=1))
    sent = [m for m in await alice.chat() if m["from"] == "bot"]
    third = next(m for m in sent if m["text"].startswith("Anna · Thursday 22 October"))
    [last] = [m for m in sent if m["text"].startswith("Anna · Thursday 29 October")]

    drawn = [m["message_id"] for m in sent if "Their own ratings" in m["text"] and m["media"]]
    assert third["message_id"] <= drawn[-1] < last["message_id"]
    assert not last["media"]
    assert "Their own ratings, 0 to 10" in last["text"]
    assert last["text"].rstrip().endswith("Thursday 29 October, 08:00.")


async def test_what_is_changed_after_the_cut_is_in_brief_and_sends_nothing_a_second_time(town: Town) -> None:
    await town.alice.send("/session Ben Tue 10:00 weekly x2")
    await town.until("2026-10-05 16:40")
    written = await town.ben.send("as first written")
    await town.until("2026-10-06 07:05")
    await town.ben.edit(written, "as it should be")
    await town.until("2026-10-06 08:30")

    sent = await briefs(town.alice, "Ben · Tuesday 6 October, 10:00")
    now = await hear(town.alice, "/brief Ben")

    assert len(sent) == 1
    assert "as first written" in sent[0]["text"]
    assert sent[0]["text"].endswith("Everything until Tuesday 6 October, 08:00.")
    assert "as it should be" in now[0]["text"]
    assert "as first written" not in now[0]["text"]


async def test_alices_notes_and_hypotheses_come_last_and_nobody_else_ever_reads_them(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("I rewrote all of it myself")
    await town.alice.send("/note Ben ask about the walrus")
    await town.alice.send("/blocker Ben does everything himself #perfection")

    read = (await hear(town.alice, "/brief Ben"))[0]["text"]

    order = ["I rewrote all of it myself", "Asked 1, answered 1.", "Your hypotheses\n\n• does everything himself",
             "Your notes since last time", "ask about the walrus", "Everything until"]  # fmt: skip
    assert [part for part in order if part in read] == order
    assert sorted(order, key=read.index) == order
    others = [await phone.received() for phone in (town.ben, town.anna, town.bob, town.olga)]
    assert "walrus" not in str(others)
    assert "does everything himself" not in str(others)


async def test_moments_that_ben_shares_stand_apart_from_what_was_asked(town: Town) -> None:
    await town.ben.send("/win")
    await town.ben.tap("I spoke up")
    await town.ben.tap("I had prepared")
    await town.ben.tap("Share with Alice")
    await town.until("2026-10-05 16:40")
    await town.ben.send("asked and said")

    read = (await hear(town.alice, "/brief Ben"))[0]["text"]

    assert read.index("Team\n\n") < read.index("asked and said") < read.index("Moments\n\nMon 5 Oct · A win")
    assert read.index("Moments") < read.index("Asked 1, answered 1.")
