"""Alice's work: her sessions by text and by buttons, her leaders' cards, her briefs and her Monday digest."""

from datetime import UTC, datetime
from typing import Any

from house import House, Phone
from people import Town

from bot.domain.text import units

Bubble = dict[str, Any]


async def hear(phone: Phone, text: str) -> list[str]:
    """What the bot says to this."""
    before = len(await phone.received())
    await phone.send(text)
    return (await phone.received())[before:]


async def sessions(town: Town) -> list[str]:
    """When sessions are planned, in UTC."""
    query = "SELECT starts_at FROM session WHERE state = 'planned' ORDER BY starts_at"
    return [row[0][:16] for row in town.rows(query)]


async def bubbles(phone: Phone, part: str) -> list[Bubble]:
    return [m for m in await phone.chat() if m["from"] == "bot" and part in m["text"]]


def quotes(bubble: Bubble) -> list[tuple[str, str]]:
    raw = bubble["text"].encode("utf-16-le")
    cut = [(e["type"], raw[2 * e["offset"] : 2 * (e["offset"] + e["length"])]) for e in bubble["entities"] or []]
    return [(kind, text.decode("utf-16-le")) for kind, text in cut if "quote" in kind]


async def digests(phone: Phone) -> list[tuple[str, str]]:
    """When each digest came, in UTC, and its text."""
    return [(m["date"][:16], m["text"]) for m in await bubbles(phone, "Your leaders, week to")]


async def in_paris(phone: Phone) -> None:
    await phone.send("/timezone Paris")


# sessions


async def test_sessions_are_planned_in_english_and_french_and_both_sides_are_told_on_their_own_clock(
    town: Town,
) -> None:
    await in_paris(town.alice)
    await town.ben.send("/language")
    await town.ben.tap("Français")

    english = await hear(town.alice, "/session Anna Thu 10:00 weekly x3")
    french = await hear(town.alice, "/session\nBen jeu 14h30 hebdo x2")

    days = "\nThursday 8 October, 10:00\nThursday 15 October, 10:00\nThursday 22 October, 10:00\n\n"
    assert english == [f"3 sessions with Anna:{days}For Anna that is 09:00 (Europe/London)."]
    assert "2 sessions with Ben:\nThursday 8 October, 14:30" in french[0]
    told_anna, told_ben = await town.anna.last(), await town.ben.last()
    assert told_anna == "Alice has planned 3 sessions with you; the first is on Thursday 8 October, 09:00."
    assert told_ben == "Alice a prévu 2 séances avec vous\u00a0; la première a lieu le jeudi 8 octobre à 13:30."
    assert await hear(town.anna, "/sessions") == [
        "Planned sessions\n\nThursday 8 October, 09:00\nThursday 15 October, 09:00\nThursday 22 October, 09:00"
    ]
    assert await sessions(town) == [
        "2026-10-08 08:00", "2026-10-08 12:30", "2026-10-15 08:00", "2026-10-15 12:30", "2026-10-22 08:00"
    ]  # fmt: skip


async def test_six_sessions_are_planned_by_buttons_alone_across_the_end_of_summer_time(town: Town) -> None:
    await town.alice.send("/session")
    for label in ("Anna", "Thu 8 Oct", "14:00", "weekly, six times"):
        await town.alice.tap(label)

    heard = await town.alice.last()
    listed = (await hear(town.alice, "/sessions"))[-1]

    assert heard.startswith("6 sessions with Anna:\nThursday 8 October, 14:00\n")
    assert heard.endswith("Thursday 12 November, 14:00")
    assert (await sessions(town))[2:4] == ["2026-10-22 13:00", "2026-10-29 14:00"]  # the same on the wall
    assert listed.count("· Anna") == 6
    assert await town.alice.buttons() == [
        f"Anna, Thu {day}" for day in ("8 Oct", "15 Oct", "22 Oct", "29 Oct", "5 Nov", "12 Nov")
    ]


async def test_what_cannot_be_planned_is_refused_in_a_sentence_and_changes_nothing(town: Town) -> None:
    nobody = "There is no leader of that name. Yours are: Anna and Ben."
    orders = {
        "/session Anna Thu 10:30": "There is a session already on Thursday 8 October, 10:00.",
        "/session Anna 1 Oct 2026 10:00": "Thursday 1 October 2026, 10:00 has passed.",
        "/session Anna Mon 5 Oct 8:00": "Monday 5 October 2026, 08:00 has passed.",
        "/session Anna Thu": "I do not see the time.",
        "/session Zed Thu 12:00": nobody,
        "/session Carla Thu 12:00": nobody,
        "/brief Zed": nobody,
        "/leader Zed": nobody,
    }
    await town.alice.send("/session Anna Thu 10:00")

    heard = {order: await hear(town.alice, order) for order in orders}

    assert {order: len(said) for order, said in heard.items()} == dict.fromkeys(orders, 1)
    assert {order: orders[order] for order, said in heard.items() if orders[order] not in said[0]} == {}
    assert await sessions(town) == ["2026-10-08 09:00"]
    assert len(await bubbles(town.anna, "has planned")) == 1


async def test_a_series_that_clashes_once_is_not_planned_at_all(town: Town) -> None:
    await town.alice.send("/session Anna 22 Oct 10:30")

    heard = await hear(town.alice, "/session Anna Thu 10:00 weekly x3")

    assert "There is a session already on Thursday 22 October, 10:30." in heard[0]
    assert await sessions(town) == ["2026-10-22 09:30"]


async def test_alice_cannot_be_with_anna_and_ben_at_once(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")
    await town.alice.send("/session Ben Thu 12:00")

    planned = await hear(town.alice, "/session Ben Thu 10:30")
    await town.alice.send("/sessions")
    await town.alice.tap("Ben, Thu 8 Oct")
    await town.alice.tap("another time")
    moved = await hear(town.alice, "Thu 10:30")

    assert "There is a session already on Thursday 8 October, 10:00." in planned[0]
    assert "There is a session already on Thursday 8 October, 10:00." in moved[0]


async def test_a_moment_that_has_passed_is_not_offered(town: Town) -> None:
    await town.alice.send("/session")
    await town.alice.tap("Anna")
    await town.alice.tap("Mon 5 Oct")  # it is nine o'clock

    assert await town.alice.buttons() == [*(f"{hour}:00" for hour in range(10, 19)), "another time"]


async def test_a_session_is_moved_by_a_day_by_a_week_and_to_a_typed_time(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")
    await town.alice.send("/sessions")
    await town.alice.tap("Anna, Thu 8 Oct")
    where = []

    for label in ("a day later", "a day earlier", "a week later"):
        await town.alice.tap(label)
        where.append((await town.alice.last(), (await sessions(town))[0]))
    await town.alice.tap("another time")
    wrong = await hear(town.alice, "whenever")
    typed = await hear(town.alice, "Fri 14:00")

    assert where == [
        ("The session with Anna is now on Friday 9 October, 10:00. It was on Thursday 8 October, 10:00.",
         "2026-10-09 09:00"),
        ("The session with Anna is now on Thursday 8 October, 10:00. It was on Friday 9 October, 10:00.",
         "2026-10-08 09:00"),
        ("The session with Anna is now on Thursday 15 October, 10:00. It was on Thursday 8 October, 10:00.",
         "2026-10-15 09:00"),
    ]  # fmt: skip
    assert wrong[0]
    assert typed == ["The session with Anna is now on Friday 9 October, 14:00. It was on Thursday 15 October, 10:00."]
    assert await sessions(town) == ["2026-10-09 13:00"]
    assert await town.anna.last() == "Alice has moved your session to Friday 9 October, 14:00."
    assert await hear(town.alice, "Fri 15:00") == ["/help shows what you can do here."]  # nothing is waited for now


async def test_a_session_is_cancelled_only_when_confirmed_and_its_buttons_are_dead_then(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")
    await town.alice.send("/sessions")
    await town.alice.tap("Anna, Thu 8 Oct")
    await town.alice.tap("cancel it")
    before = await sessions(town)

    await town.alice.tap("Yes, cancel it")
    again = await town.alice.tap("Yes, cancel it")
    moved = await town.alice.tap("a day later")
    await town.house.advance(days=3, hours=2)

    assert before == ["2026-10-08 09:00"]
    assert await sessions(town) == []
    assert await town.anna.find("Alice has cancelled your session on Thursday 8 October, 10:00.")
    assert again["text"] == moved["text"] == "This session is no longer planned. /sessions lists those that are."
    assert not await bubbles(town.alice, "Anna · Thursday 8 October, 10:00\n")  # no brief


# leaders


async def test_the_card_of_a_leader_is_filled_by_buttons_and_typing(town: Town) -> None:
    await town.alice.send("/leaders")
    await town.alice.tap("Anna")
    for button, words in [("Organisation", "Northgate <b>"), ("Role", "Team lead"), ("Promoted on", "1 Sep 2026")]:
        await town.alice.tap(button)
        await town.alice.send(words)
    await town.alice.tap("Focus")
    for theme in ("boundaries", "team", "▲ boundaries", "peers"):
        await town.alice.tap(theme)

    await town.alice.send("/leader anna")
    card = await town.alice.last()
    await town.alice.tap("Promoted on")
    wrong = await hear(town.alice, "some day")
    right = await hear(town.alice, "12 Aug")

    for line in ("Organisation: Northgate <b>", "Role: Team lead", "Promoted on: Tuesday 1 September 2026",
                 "Focus: team, peers", "Less often: boundaries", "Next session: not set", "Follows: Everyday"):  # fmt: skip
        assert line in card.splitlines()
    assert wrong == ["That is not a date. For example: 1 Sep 2026"]
    assert "Promoted on: Wednesday 12 August 2026" in right[0]
    assert (await hear(town.alice, "/brief Anna"))[0].startswith("Anna · no session planned\nTeam lead · Northgate <b>")


async def test_a_name_is_found_by_its_beginning_and_two_that_fit_are_asked_about(house: House) -> None:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    for name in ("Anna", "Annabel", "Ben"):
        await house.leader(name, alice, follows=())

    exact, beginning, both = [(await hear(alice, f"/leader {name}"))[0] for name in ("ANNA", "annab", "an")]

    assert exact.startswith("Anna\n\n")
    assert beginning.startswith("Annabel\n\n")
    assert both == "More than one leader is called that: Anna and Annabel."  # Ben is not meant
    assert "Anna" in (await hear(alice, "/leaders"))[0]


# briefs


async def test_the_brief_comes_two_hours_before_with_words_in_order_and_only_what_is_shared(town: Town) -> None:
    ben, alice = town.ben, town.alice
    long = "We sat down and talked it through. " * 20
    await alice.send("/session Ben Thu 10:00")
    await town.until("2026-10-05 16:40")
    await ben.send("*first* <b>words</b>")
    await town.until("2026-10-06 16:40")
    await ben.send(long)
    await town.until("2026-10-06 17:40")
    await ben.send("an hour later: nobody shall read this")  # unasked: private
    await town.until("2026-10-07 16:40")
    await ben.send("this is about money")
    await ben.tap("Only the topic")
    await town.until("2026-10-08 06:59")
    assert not await bubbles(alice, "Ben · Thursday 8 October, 10:00")

    await town.until("2026-10-08 07:01")
    await town.until("2026-10-08 12:00")

    [brief] = await bubbles(alice, "Ben · Thursday 8 October, 10:00")
    assert brief["date"][:16] == "2026-10-08T07:00"
    assert quotes(brief) == [("blockquote", "*first* <b>words</b>"), ("expandable_blockquote", long.strip())]
    assert brief["text"].count("What happened today?") == 2
    assert "Shared as a topic, without words: team." in brief["text"]
    assert "kept private" not in brief["text"]  # what nobody asked for is not even counted
    assert "Asked 3, answered 3." in brief["text"]
    assert "nobody shall" not in brief["text"]
    assert "money" not in brief["text"]
    [sent] = [c for c in await town.house.calls("sendMessage") if c["params"]["text"] == brief["text"]]
    assert sent["params"]["protect_content"] is True


async def test_a_session_that_moves_has_one_brief_for_each_time_and_the_next_one_goes_on_from_there(town: Town) -> None:
    alice, ben = town.alice, town.ben
    await alice.send("/session Ben Wed 10:00 weekly x2")
    await town.until("2026-10-05 16:40")
    await ben.send("monday words")
    await town.until("2026-10-07 07:30")
    await alice.send("/sessions")
    await alice.tap("Ben, Wed 7 Oct")
    await alice.tap("a day later")
    await alice.tap("a day earlier")  # back where its brief has gone out already
    await alice.tap("a day later")
    await town.until("2026-10-07 16:40")
    await ben.send("wednesday words")

    await town.until("2026-10-08 12:00")
    first = await bubbles(alice, "monday words")
    await town.until("2026-10-14 08:00")
    second = (await bubbles(alice, "Ben · Wednesday 14 October, 10:00"))[-1]["text"]

    assert [m["date"][:16] for m in first] == ["2026-10-07T07:00", "2026-10-08T07:00"]
    assert "wednesday words" in first[1]["text"]
    assert "monday words" not in second
    assert "wednesday words" not in second


async def test_a_brief_that_would_come_on_a_quiet_monday_morning_comes_on_friday_evening(town: Town) -> None:
    await town.alice.send("/session Ben Mon 8:30")  # the fifth has passed: the twelfth

    await town.until("2026-10-12 10:00")

    [brief] = await bubbles(town.alice, "Ben · Monday 12 October, 08:30\n")
    assert brief["date"][:16] == "2026-10-09T17:59"


async def test_a_session_planned_late_has_its_brief_even_outside_the_coachs_hours(town: Town) -> None:
    await town.until("2026-10-09 19:00")  # Friday evening
    await town.alice.send("/session Ben tomorrow 10:00")

    await town.until("2026-10-10 09:30")

    assert await bubbles(town.alice, "Ben · Saturday 10 October, 10:00\n")


async def test_a_french_coach_in_paris_reads_french_on_her_own_clock(town: Town) -> None:
    await in_paris(town.alice)
    await town.alice.send("/language")
    await town.alice.tap("Français")
    planned = await hear(town.alice, "/session Anna jeu 10h")
    await town.until("2026-10-06 16:40")
    await town.anna.tap("7")
    await town.until("2026-10-07 16:40")
    await town.anna.tap("Over coffee")

    await town.until("2026-10-08 07:30")

    [brief] = await bubbles(town.alice, "Anna · jeudi 8 octobre à 10:00")
    assert brief["date"][:16] == "2026-10-08T06:00"  # 08:00 in Paris
    assert "confiance\u00a0: 7" in brief["text"]
    assert "Où avez-vous parlé ?" in brief["text"].replace("\u00a0", " ").replace("\u202f", " ")
    assert ("blockquote", "Autour d’un café") in quotes(brief)
    assert planned[0].startswith("1 séance avec Anna")
    english = ("Asked", "Own measures", "kept private", "From", "until", "session", "Over coffee")
    assert not [word for word in english if word in brief["text"] + planned[0]]


async def test_a_long_brief_is_split_between_answers_and_loses_nothing(town: Town) -> None:
    ben = town.ben
    written = []
    await town.alice.send("/session Ben Fri 10:00")
    for day in (5, 6, 7, 8):
        await town.until(f"2026-10-0{day} 16:40")
        written.append(f"day {day} " + "🙂 words " * 380)
        await ben.send(written[-1])

    await town.until("2026-10-09 07:30")

    parts = [m for m in await town.alice.chat() if m["from"] == "bot" and m["date"][:16] == "2026-10-09T07:00"]
    assert len(parts) >= 4
    assert all(units(part["text"]) <= 4096 for part in parts)
    assert [text for part in parts for _, text in quotes(part)] == [text.strip() for text in written]
    calls = [c["params"] for c in await town.house.calls("sendMessage")]
    assert all(c.get("protect_content") for c in calls if any(c["text"] == part["text"] for part in parts))


# digests


async def test_every_shared_answer_is_in_exactly_one_digest_and_what_opens_up_comes_in_the_next(town: Town) -> None:
    ben, alice = town.ben, town.alice
    await town.until("2026-10-05 16:40")
    await ben.send("first")
    await town.until("2026-10-06 16:40")
    await ben.send("second-secret")
    await ben.tap("Only me")
    secret = (await ben.find("Nobody else reads it"))["message_id"]
    await town.until("2026-10-07 16:40")
    await ben.send("third-topic")
    await ben.tap("Only the topic")
    topic = (await ben.find("learns what it is about"))["message_id"]
    await town.until("2026-10-12 07:00")
    assert await digests(alice) == []
    await town.until("2026-10-12 08:00")
    await ben.tap("Share with Alice", secret)
    await ben.tap("Share with Alice", topic)
    await town.until("2026-10-12 16:40")
    await ben.send("fourth")

    await town.until("2026-10-26 12:00")

    found = await digests(alice)
    assert [at for at, _ in found] == ["2026-10-12T07:30", "2026-10-19T07:30", "2026-10-26T08:30"]  # 08:30, always
    words = ("first", "second-secret", "third-topic", "fourth")
    where = {word: [number for number, (_, text) in enumerate(found) if word in text] for word in words}
    assert where == {"first": [0], "second-secret": [1], "third-topic": [], "fourth": []}  # the longest is quoted
    assert "Shared as a topic, without words: team." in found[0][1]
    assert "1 answer is kept private." in found[0][1]
    assert "2 more answers are shared." in found[1][1]
    await alice.tap("All words: Ben", (await bubbles(alice, "Your leaders, week to"))[1]["message_id"])
    everything = await alice.last()
    assert "first" not in everything
    assert everything.index("second-secret") < everything.index("third-topic") < everything.index("fourth")


async def test_the_digest_names_who_is_silent_and_who_cannot_be_reached(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00 weekly x6")
    await town.until("2026-10-05 16:40")
    await town.ben.send("hello")
    await town.until("2026-10-06 09:00")
    await town.anna.block()

    await town.until("2026-10-19 12:00")

    _, second = await digests(town.alice)
    attention = second[1].split("\n\n")[1]
    assert attention.splitlines() == [
        "Needs attention",
        "Anna cannot be reached: the bot is blocked or the account is gone.",
        "Ben has been silent for 14 days, since Monday 5 October.",
        "Ben has no next session.",
    ]
    assert "Anna · Thursday" in (await hear(town.alice, "/leaders"))[0]
    assert "cannot be reached" in await town.alice.last()
    assert not [text for _, text in await digests(town.bob) if "Anna" in text or "Ben" in text]


async def test_with_nothing_to_say_no_digest_is_sent(town: Town) -> None:
    await town.until("2026-10-20 12:00")  # Carla follows what hangs on sessions, and has none

    assert await digests(town.bob) == []


async def test_the_digest_comes_when_alice_wants_it_on_her_clock_and_the_day_after_on_a_holiday(town: Town) -> None:
    await town.alice.send("/timezone New York")
    changed = await hear(town.alice, "/digest Tue 9:00")
    wrong = await hear(town.alice, "/digest whenever")
    await town.until("2026-10-06 16:00")
    back = await hear(town.alice, "/digest lundi 8h30")

    await town.until("2026-10-20 12:00")

    assert changed == ["Your digest comes on Tuesday at 09:00. Another time, for example: /digest Tue 9:00"]
    assert wrong == ["Please give a day and a time: /digest Mon 8:30"]
    set_for = "Your digest is set for Monday at 08:30. The next one comes on Tuesday 13 October, 08:00: it keeps to your"
    assert back == [set_for + " hours (/when) and to holidays. Another time, for example: /digest Tue 9:00"]
    # Tuesday 09:00 in New York; Monday the 12th is Columbus Day, so Tuesday at 08:00; then Monday again
    assert [at for at, _ in await digests(town.alice)] == ["2026-10-06T13:00", "2026-10-13T12:00", "2026-10-19T12:30"]


async def test_a_coach_who_never_says_where_she_works_has_her_digest_all_the_same(town: Town) -> None:
    house, olga = town.house, town.olga
    await olga.send("/invite Dora")
    await olga.tap("as a coach")
    dora = await house.phone("Dora")
    await dora.send("/start " + (await olga.link()).rpartition("=")[2])
    await dora.tap("Who reads what?")
    await dora.tap("I agree")
    await house.leader("Eve", dora, follows=("daily",))

    await town.until("2026-10-12 12:00")

    assert [at for at, _ in await digests(dora)] == ["2026-10-12T07:30"]


async def test_a_digest_can_be_read_at_any_time_and_the_weekly_one_is_complete_nevertheless(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("hello")

    early = await hear(town.alice, "/digest")
    await town.until("2026-10-12 12:00")

    assert "hello" in early[0]
    assert early[-1] == "Your digest comes on Monday at 08:30. Another time, for example: /digest Tue 9:00"
    assert "hello" in (await digests(town.alice))[-1][1]


async def test_a_brief_and_a_digest_come_once_on_both_databases(house_on: House) -> None:
    olga = await house_on.admin()
    alice = await house_on.coach("Alice", olga)
    anna = await house_on.leader("Anna", alice, follows=("pulse",))
    await alice.send("/session Anna Thu 10:00 weekly x2")
    await house_on.until(datetime(2026, 10, 6, 16, 40, tzinfo=UTC))
    await anna.tap("4")

    await house_on.until(datetime(2026, 10, 19, 12, 0, tzinfo=UTC))

    briefs = [m["date"][:16] for m in await alice.chat() if m["text"].startswith("Anna · Thursday")]
    assert briefs == ["2026-10-08T07:00", "2026-10-15T07:00"]
    found = await digests(alice)
    assert [at for at, _ in found] == ["2026-10-12T07:30", "2026-10-19T07:30"]
    assert ["lightness: 4" in text for _, text in found] == [True, False]
