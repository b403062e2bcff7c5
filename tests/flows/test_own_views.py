"""A leader's own views: journal, progress, next, read. Nobody sees anything of anybody else's."""

import json
import sqlite3
from collections.abc import Sequence

from house import Phone
from people import Town


async def act_as(town: Town, phone: Phone, action: Sequence[str]) -> str:
    """Press a button of one's own that says it does this: a guess of somebody else's ids. The toast, or what it showed."""
    before = len(await phone.received())
    found = [message for message in await phone.chat() if message["from"] == "bot" and message["buttons"]][-1]
    nonce = found["buttons"][0][0]["data"].partition(":")[0]
    db = sqlite3.connect(town.folder / "interlude.db", timeout=10)
    with db:
        db.execute("UPDATE delivery SET actions = ? WHERE nonce = ?", (json.dumps([list(action)]), nonce))
    db.close()
    toast = await phone.tap_data(found["message_id"], f"{nonce}:0")
    return str(toast.get("text") or (await phone.received())[before:])


async def a_week_of_anna(town: Town) -> None:
    """A rating, a choice with a sharing of its own, several choices, yes and a sentence, a moment."""
    await town.alice.send("/session Anna Thu 10:00")
    await town.until("2026-10-06 16:31")
    await town.anna.tap("4")
    await town.until("2026-10-07 16:31")
    await town.anna.tap("Over coffee")
    await town.anna.tap("Only the topic")
    await town.until("2026-10-08 16:31")
    await town.anna.tap("Budget")
    await town.anna.tap("Done")
    await town.until("2026-10-09 16:31")
    await town.anna.tap("Yes")
    await town.anna.send("That I will not be rung at the weekend, Élodie")
    await town.anna.tap("Only me")
    await town.house.advance(minutes=20)
    await town.anna.send("I trust them more than in spring")


async def shown(phone: Phone, text: str) -> str:
    await phone.send(text)
    return await phone.last()


async def test_the_journal_shows_what_was_said_newest_first_and_who_can_read_it(town: Town) -> None:
    await a_week_of_anna(town)
    first = await shown(town.anna, "/journal")
    await town.anna.tap("Older →")
    older = await town.anna.last()
    await town.anna.tap("← Newer")
    newer = await town.anna.last()

    assert first.startswith(
        "Your journal\n\n"
        "1. Fri 9 Oct · Written unasked\nI trust them more than in spring\nonly you\n\n"
        "2. Fri 9 Oct · What did you say to Alice about it?\n"
        "That I will not be rung at the weekend, Élodie\nonly you\n\n"
        "3. Fri 9 Oct · Did anybody test a line of yours?\nYes\nAlice can read it\n\n"
    )
    assert first.endswith("5. Wed 7 Oct · Where did you talk?\nOver coffee\nAlice sees only the topic\n\n1 to 5 of 6")
    assert older == "Your journal\n\n6. Tue 6 Oct · How sure are you today?\n4\nAlice can read it\n\n6 to 6 of 6"
    assert newer == first


async def test_the_journal_narrows_by_theme_and_by_month(town: Town) -> None:
    await a_week_of_anna(town)
    await town.anna.send("/journal")
    await town.anna.tap("By theme")
    themes = await town.anna.buttons()
    await town.anna.tap("boundaries · 2")
    boundaries = await town.anna.last()
    await town.anna.tap("By month")
    months = await town.anna.buttons()
    await town.anna.tap("October 2026 · 6")
    october = await town.anna.last()
    await town.anna.tap("Everything")
    everything = await town.anna.last()

    assert themes == ["boundaries · 2", "confidence · 1", "peers · 1", "team · 1", "written unasked · 1", "Everything"]
    assert boundaries.startswith("Your journal · boundaries\n\n1. Fri 9 Oct")
    assert boundaries.endswith("1 to 2 of 2")
    assert months == ["October 2026 · 6", "Everything"]
    assert october.startswith("Your journal · October 2026")
    assert everything.startswith("Your journal\n\n1. Fri 9 Oct · Written unasked")


async def test_months_are_those_of_the_leaders_own_calendar(town: Town) -> None:
    await town.until("2026-10-31 23:30")  # half past eleven at night in London, since the clocks went back
    await town.anna.send("the last thought of October")
    await town.house.advance(hours=1)
    await town.anna.send("the first thought of November")
    await town.anna.send("/journal")
    await town.anna.tap("By month")
    london = await town.anna.buttons()
    await town.anna.tap("October 2026 · 1")
    october = await town.anna.last()

    assert london == ["November 2026 · 1", "October 2026 · 1", "Everything"]
    assert "the last thought of October" in october
    assert "November" not in october


async def test_search_finds_words_whatever_their_case_and_accents_and_whatever_key_they_are_under(town: Town) -> None:
    await a_week_of_anna(town)
    trust = await shown(town.anna, "/journal TRUST")
    accent = await shown(town.anna, "/journal elodie weekend")
    await town.anna.send("/journal")
    await town.anna.tap("Search")
    asked = await town.anna.last()
    by_button = await shown(town.anna, "coffee")
    nothing = await shown(town.anna, "/journal xylophone")
    long = await shown(town.anna, "/journal " + "a" * 101)

    assert "1. Fri 9 Oct · Written unasked\nI trust them" in trust
    assert trust.endswith("1 to 1 of 1")
    assert "Élodie" in accent
    assert asked == "Which words are you looking for?"
    assert "Nothing in your journal has these words." in by_button  # a label is not one of one's own words
    assert "Nothing in your journal has these words." in nothing
    assert long == "Please give a word or a few to look for: /journal trust"
    assert town.rows("SELECT count(*) FROM answer") == [(6,)]


async def test_a_word_far_into_an_entry_is_seen_where_it_was_found(town: Town) -> None:
    before = "It was a long day and much of it went by in meetings. " * 8
    await town.anna.send(f"{before}Then Éloïse asked what I wanted. {before}")
    found = await shown(town.anna, "/journal eloise WANTED")
    near = await shown(town.anna, "/journal meetings eloise")

    assert "\n… " in found
    assert "Then Éloïse asked what I wanted. It was" in found
    assert "unasked\nIt was a long day and much of it went by in meetings. It was" in near  # one of them is seen anyway


async def test_whoever_writes_a_sentence_after_the_search_button_is_heard(town: Town) -> None:
    await a_week_of_anna(town)
    await town.anna.send("/journal")
    await town.anna.tap("Search")
    await town.anna.send("Actually, what I wanted to say is that today went by quietly")

    assert town.rows("SELECT count(*) FROM answer") == [(7,)]


async def test_a_search_with_many_finds_is_paged_and_no_words_stay_in_its_buttons(town: Town) -> None:
    for number in range(1, 13):
        await town.anna.send(f"wombat {number}")
        await town.house.advance(minutes=11)
    first = await shown(town.anna, "/journal wombat")
    await town.anna.tap("Older →")
    await town.anna.tap("Older →")
    third = await town.anna.last()

    assert "1. Mon 5 Oct · Written unasked\nwombat 12\n" in first
    assert first.endswith("1 to 5 of 12")
    assert third.endswith("wombat 1\nonly you\n\n11 to 12 of 12")
    assert not [row for row in town.rows("SELECT actions FROM delivery") if "wombat" in str(row)]
    assert town.in_files("wombat") == []


async def test_an_entry_opens_whole_tells_who_reads_it_and_goes_on_the_agenda(town: Town) -> None:
    long = "I said it. " + "And then they said this and that. " * 150
    await town.anna.send(long[:4000])
    await town.anna.send(long[4000:])
    listed = await shown(town.anna, "/journal")
    await town.anna.tap("1")
    opened = (await town.anna.received())[-2:]
    await town.anna.tap("Bring to the session")
    buttons = await town.anna.buttons()
    await town.anna.tap("Who reads it")
    who = await town.anna.last()
    await town.anna.tap("Share with Alice")
    shared = await town.anna.last()

    assert "…" in listed
    assert len(listed) < 600
    assert "".join("".join(opened).split()).endswith("andthat.onlyyou")
    assert len("".join(opened)) > 5000
    assert buttons == ["Who reads it", "✓ On your agenda"]
    assert who == "Noted. Nobody else reads it."
    assert "Alice" in shared
    assert town.rows("SELECT sharing FROM answer") == [("words",)]


async def test_forwarded_words_and_voice_are_marked(town: Town) -> None:
    await town.anna.send("They wrote: we are behind you", forwarded="A customer")
    await town.house.advance(minutes=11)
    await town.house.post(
        f"people/{town.anna.id}/send",
        {"media": {"kind": "voice", "mime": "audio/ogg", "duration": 42, "base64": "T2dnUw=="}},
    )
    journal = await shown(town.anna, "/journal")

    assert "Written unasked\n🎤 0:42 · only you" in journal
    assert "Forwarded:\nThey wrote: we are behind you\nonly you" in journal


async def test_nothing_yet_is_said_in_a_friendly_sentence(town: Town) -> None:
    said = [await shown(town.ben, f"/{name}") for name in ("journal", "progress", "read")]

    assert said == [
        "Your journal\n\nNothing here yet. What you answer or write here is kept for you.",
        "There are no ratings of yours yet. Once you have answered two, /progress draws them.",
        "You have not answered anything yet, so nothing has gone to anybody.",
    ]


async def test_ben_sees_nothing_of_annas_in_any_view_and_with_no_guess(town: Town) -> None:
    await a_week_of_anna(town)
    await town.until("2026-10-12 12:00")
    await town.ben.send("something of my own")
    for text in ("/journal", "/journal trust", "/progress", "/next", "/read", "/agenda"):
        await town.ben.send(text)
    await town.ben.send("/journal")
    annas = [str(key) for (key,) in town.rows("SELECT id FROM answer ORDER BY given_at")][:3]
    invented = "00000000-0000-4000-8000-000000000000"
    before = town.rows("SELECT * FROM answer"), town.rows("SELECT * FROM pin")

    for name in ("journal.open", "journal.who", "journal.pin", "pin"):
        guesses = {await act_as(town, town.ben, [name, key]) for key in (*annas, invented)}
        assert guesses == {"This button is no longer in use."}, name
    found = {await act_as(town, town.ben, ["journal.found", "0", "1", key]) for key in (*annas, invented)}

    assert len(found) == 1
    received = "\n".join(await town.ben.received())
    assert not [words for words in ("trust them", "Élodie", "Over coffee", "Budget", "How sure") if words in received]
    assert (town.rows("SELECT * FROM answer"), town.rows("SELECT * FROM pin")) == before


async def test_own_views_are_for_leaders_only(town: Town) -> None:
    said = {await shown(phone, f"/{name}") for phone in (town.alice, town.olga)
            for name in ("journal", "progress", "next", "read", "agenda")}  # fmt: skip

    assert said == {"I don't know that command. /help shows what you can do here."}


async def test_next_says_what_comes_when_and_why(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")
    anna = await shown(town.anna, "/next")
    ben = await shown(town.ben, "/next")

    assert anna.startswith(
        "What comes next\n\n"
        "Your next session: Thursday 8 October, 10:00\n\n"
        "Everyday\n"
        "• Tuesday 6 October, 17:30: How sure are you today? (1 day after you joined)\n"
        "• Wednesday 7 October, 17:30: Where did you talk? (2 days after you joined)\n"
    )
    assert "• Monday 12 October, 17:30: Which moment of the day was light? (7 days after you joined)" in anna
    assert "No session is planned." in ben
    assert "• Monday 5 October, 17:30: What happened today? (every Monday, Tuesday, Wednesday, Thursday and Friday)" in ben
    assert "• and 4 more within two weeks" in ben
    assert ben.endswith("One question at a time: what falls due while another is open waits for it.")


async def test_next_names_the_session_a_question_belongs_to_in_the_leaders_own_time(town: Town) -> None:
    await town.bob.send("/session Carla Thu 10:00 weekly x2")
    await town.carla.send("/timezone Tokyo")
    carla = await shown(town.carla, "/next")

    assert "Your next session: Thursday 8 October, 18:00" in carla
    assert "What is the session for? (before your session on Thursday 8 October)" in carla
    assert "What do you keep of the session? (after your session on Thursday 8 October)" in carla
    assert "(between two sessions)" in carla


async def test_next_tells_of_what_is_open_and_of_a_pause(town: Town) -> None:
    await town.until("2026-10-05 16:31")
    opened = await shown(town.ben, "/next")
    await town.ben.send("/pause")
    await town.ben.tap("a week")
    paused = await shown(town.ben, "/next")
    await town.ben.send("/resume")
    await town.ben.send("/pause")
    await town.ben.tap("until I come back")
    endless = await shown(town.ben, "/next")

    assert "Now\n• What happened today? (open until Tuesday 6 October, 17:30)" in opened
    assert "Paused until Monday 12 October: no questions till then." in paused
    assert "Now" not in paused
    assert "• Monday 12 October, 17:30: What happened today?" in paused
    assert "• Friday 9 October" not in paused
    assert "Paused until you say /resume" in endless
    assert "•" not in endless


async def test_read_says_when_each_answer_went_to_the_coach_and_how(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")
    await town.until("2026-10-06 16:31")
    await town.anna.tap("4")
    await town.until("2026-10-07 16:31")
    await town.anna.tap("Over coffee")
    await town.anna.tap("Only the topic")
    await town.house.advance(minutes=11)
    await town.anna.send("a thought of my own")
    before = await shown(town.anna, "/read")
    await town.until("2026-10-08 08:00")  # Thursday's brief went out at eight in London
    after = await shown(town.anna, "/read")
    await town.alice.send("/brief Anna")
    opened = await shown(town.anna, "/read")

    assert before == (
        "What has gone to your coach\n\n"
        "Wed 7 Oct · Written unasked\nNot sent: only you can read it\n\n"
        "Wed 7 Oct · Where did you talk?\nWords not sent: only the topic is shared\n\n"
        "Tue 6 Oct · How sure are you today?\nNot sent yet\n\n"
        "Whether a message was read is nothing a bot can see."
    )
    assert "How sure are you today?\nSent to Alice in a brief: Thursday 8 October, 08:00\n\n" in after
    assert "Sent to Alice in a brief: Thursday 8 October, 08:00\nOpened by Alice: Thursday 8 October, 09:00" in opened
    assert "Not sent: only you can read it" in opened


async def test_read_does_not_claim_that_what_failed_was_sent(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")
    await town.until("2026-10-06 16:31")
    await town.anna.tap("4")
    await town.alice.block()
    await town.until("2026-10-08 08:00")
    waiting = await shown(town.anna, "/read")
    await town.until("2026-10-08 09:30")  # the session has begun: nobody needs its brief any more
    failed = await shown(town.anna, "/read")
    await town.alice.unblock()
    await town.alice.send("/digest")
    opened = await shown(town.anna, "/read")

    assert "How sure are you today?\nWaiting to be sent to Alice\n\n" in waiting
    assert "How sure are you today?\nNot sent: the message to Alice did not go out\n\n" in failed
    assert "Sent to" not in failed
    assert "How sure are you today?\nOpened by Alice: Thursday 8 October, 10:30\n\n" in opened


async def test_an_answer_that_came_in_the_digest_is_told_so_and_what_was_withdrawn_before_was_not(town: Town) -> None:
    await town.until("2026-10-06 16:31")
    await town.anna.tap("4")
    await town.until("2026-10-07 16:31")
    await town.anna.tap("Over coffee")
    await town.anna.tap("Only me")
    await town.until("2026-10-12 12:00")
    told = await shown(town.anna, "/read")

    assert "How sure are you today?\nSent to Alice in a digest: Monday 12 October, 08:30" in told
    assert "Where did you talk?\nNot sent: only you can read it" in told


async def test_erasing_anna_leaves_neither_her_agenda_nor_what_was_disclosed(town: Town) -> None:
    await a_week_of_anna(town)
    await town.anna.send("/agenda the new rota")
    await town.until("2026-10-12 12:00")
    before = town.counts()
    await town.anna.send("/delete")
    await town.anna.send("delete")
    after = town.counts()

    assert before["disclosure"] > 0
    assert before["pin"] == 1
    assert after["disclosure"] == after["pin"] == 0


async def test_the_views_keep_their_order_on_either_database(town_on: Town) -> None:
    town = town_on
    await a_week_of_anna(town)
    await town.anna.send("/agenda one")
    await town.anna.send("/agenda two")
    await town.anna.tap("↑ 2")
    moved = await town.anna.last()
    journal = await shown(town.anna, "/journal")
    found = await shown(town.anna, "/journal weekend")
    await town.until("2026-10-12 12:00")
    read = await shown(town.anna, "/read")
    upcoming = await shown(town.anna, "/next")

    assert moved.index("1. two") < moved.index("2. one")
    assert journal.index("two") < journal.index("one") < journal.index("trust them") < journal.index("weekend")
    assert found.endswith("1 to 1 of 1")
    assert "Sent to Alice in a digest: Monday 12 October, 08:30" in read
    assert "Which moment of the day was light?" in upcoming


async def test_the_fullest_pages_still_fit_into_a_message(town: Town) -> None:
    for number in range(8):
        await town.anna.send(f"{number} 🦊🦊 " + "words that go on and on " * 150, forwarded=number % 2 == 0)
        await town.house.advance(minutes=1 if number % 2 == 0 else 11)
    pages = [await shown(town.anna, f"/{name}") for name in ("journal", "journal words", "read", "next", "agenda")]

    assert all(len(text.encode("utf-16-le")) // 2 <= 4096 for text in pages)
    assert "…" in pages[0]


async def test_read_stays_short_when_a_brief_is_opened_again_and_again(town: Town) -> None:
    await town.until("2026-10-06 16:31")
    await town.anna.tap("4")
    for _ in range(6):
        await town.alice.send("/brief Anna")
        await town.house.advance(minutes=2)
    told = await shown(town.anna, "/read")

    assert told.count("Opened by Alice") == 3
    assert "17:31\n…\nOpened by Alice: Tuesday 6 October, 17:39\nOpened by Alice: Tuesday 6 October, 17:41\n" in told


async def test_read_says_when_a_digest_was_marked_as_read(town: Town) -> None:
    await town.until("2026-10-05 16:31")
    await town.ben.send("a quiet day")
    await town.until("2026-10-12 08:00")
    await town.alice.tap("Mark as read")
    await town.ben.send("/read")

    assert "Sent to Alice in a digest: Monday 12 October, 08:30" in await town.ben.last()
    assert "Marked as read by Alice: Monday 12 October, 09:00" in await town.ben.last()
