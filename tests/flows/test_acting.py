"""What Alice does about Anna's words between two sessions: she replies, in Anna's hours, and Anna answers if she likes."""

from house import Phone
from people import Town, times

TUESDAY = "2026-10-06 16:31"


async def said(town: Town, words: str, at: str = TUESDAY) -> None:
    """Anna answers her question of the day in words."""
    await town.until(at)
    await town.anna.tap("In my own words")
    await town.anna.send(words)


async def brief(phone: Phone, name: str = "Anna") -> str:
    """What the coach reads now; all of its messages."""
    before = max(message["message_id"] for message in await phone.chat())
    await phone.send(f"/brief {name}")
    return "\n".join(await phone.received(since=before))


async def reply(town: Town, words: str) -> None:
    """Alice opens a brief that holds one answer and replies to it by buttons."""
    await brief(town.alice)
    await town.alice.tap("Reply or note…")
    await town.alice.tap("Reply to Anna")
    await town.alice.send(words)


async def notes(phone: Phone) -> list[str]:
    return [text for text in await phone.received() if text.startswith("A note from")]


async def test_alice_replies_to_words_and_anna_reads_both_and_answers(town: Town) -> None:
    await said(town, "wobbly but upright")
    await reply(town, "What kept you upright?")
    on_its_way = await town.alice.last()
    before = await notes(town.anna)
    await town.house.advance(minutes=3)
    [note] = await notes(town.anna)
    await town.anna.tap("Reply to Alice")
    await town.anna.send("My team did")
    read = await brief(town.alice)

    assert on_its_way == "Your note goes to Anna in two minutes."
    assert before == []
    assert note.startswith("A note from Alice on what you wrote on Tuesday\n\nwobbly but upright\n\nWhat kept you upright?")
    assert (await town.anna.find("It goes into"))["text"] == "Noted. It goes into Alice’s next weekly digest."
    assert "In reply to your note\nMy team did" in read
    assert town.rows("SELECT kind, theme, sharing FROM answer ORDER BY given_at")[1:] == [("reply", "confidence", "words")]


async def test_a_line_added_to_a_note_says_to_whom_it_goes_and_can_be_taken_back_with_it(town: Town) -> None:
    await said(town, "wobbly but upright")
    await reply(town, "What kept you upright?")
    await town.alice.send("Note to self: ask Ben about his week")
    added = await town.alice.last()
    await town.alice.tap("Take it back")
    await town.house.advance(minutes=3)

    assert added == "Added: it is part of your note to Anna, which has not gone yet."
    assert await notes(town.anna) == []


async def test_a_note_on_a_bare_number_names_what_it_answered(town: Town) -> None:
    await said(town, "7")
    await reply(town, "Who else saw it?")
    await town.house.advance(minutes=3)

    [note] = await notes(town.anna)
    assert note.startswith("A note from Alice on what you wrote on Tuesday\n\nHow sure are you today?\n\n7\n\nWho else")


async def test_a_swipe_from_a_note_is_an_answer_to_it_even_while_a_question_is_open(town: Town) -> None:
    await said(town, "wobbly")
    await reply(town, "How is it today?")
    await town.until("2026-10-07 16:31")  # "Where did you talk?" is open
    note = await town.anna.find("A note from Alice")
    await town.anna.send("better, thank you", reply_to=note["message_id"])
    read = await brief(town.alice)

    assert "In reply to your note\nbetter, thank you" in read
    assert "Where did you talk?\nIt is still open." in read


async def test_annas_answer_to_a_note_is_shared_as_she_shares_everything(town: Town) -> None:
    await said(town, "wobbly")
    await town.anna.send("/sharing private")
    await reply(town, "How is it today?")
    await town.house.advance(hours=16)
    await town.anna.tap("Reply to Alice")
    await town.anna.send("between you and me: zebra")

    assert "zebra" not in await brief(town.alice)


async def test_a_note_written_late_waits_for_annas_hours(town: Town) -> None:
    await said(town, "wobbly")
    await town.until("2026-10-06 20:30")
    await reply(town, "Sleep on it.")
    told = await town.alice.last()
    await town.until("2026-10-07 12:00")

    assert told == "Your note goes to Anna on Wednesday 7 October, 08:00, within Anna’s hours."
    assert await times(town.anna, "Sleep on it.") == ["2026-10-07T07:00"]


async def test_a_note_waits_for_the_end_of_a_pause_and_comes_when_anna_is_back_earlier(town: Town) -> None:
    await said(town, "wobbly")
    await town.anna.send("/pause until 20 Oct")
    await reply(town, "No hurry.")
    told = await town.alice.last()
    await town.until("2026-10-12 09:00")
    before = await notes(town.anna)
    await town.anna.send("/resume")
    await town.house.advance(minutes=1)

    assert told == "Anna has paused. Your note waits, and goes on Tuesday 20 October, 08:00."
    assert before == []
    assert await times(town.anna, "No hurry.") == ["2026-10-12T09:00"]
    note = await town.anna.find("No hurry.")  # two weeks later "Tuesday" alone would be another one
    assert note["text"].startswith("A note from Alice on what you wrote on Tuesday 6 October")


async def test_a_note_that_waits_does_not_come_once_anna_has_another_coach_who_says_what_is_cancelled(town: Town) -> None:
    await town.alice.send("/session Anna Fri 10:00")
    await said(town, "wobbly")
    await town.anna.send("/pause until 20 Oct")
    await reply(town, "No hurry.")
    await town.olga.send("/hand Anna to Bob")
    await town.olga.tap("Hand over")
    told = "\n".join(await town.anna.received())
    await town.until("2026-10-21 12:00")

    assert "1 planned session is cancelled." in told
    assert "1 planned session is cancelled." in "\n".join(await town.alice.received())
    assert "No hurry." not in "\n".join(await town.anna.received())


async def test_a_pause_begun_after_the_note_holds_it_back_too_until_it_has_run_its_time(town: Town) -> None:
    await said(town, "wobbly")
    await town.until("2026-10-06 20:30")
    await reply(town, "Sleep on it.")
    await town.anna.send("/pause until 12 Oct")
    await town.until("2026-10-11 23:00")
    before = await notes(town.anna)
    await town.until("2026-10-12 12:00")

    assert before == []
    assert await times(town.anna, "Sleep on it.") == ["2026-10-12T07:00"]


async def test_a_pause_without_an_end_is_said_and_respected(town: Town) -> None:
    await said(town, "wobbly")
    await town.anna.send("/pause")
    await town.anna.tap("until I come back")
    await reply(town, "Whenever you like.")
    told = await town.alice.last()
    await town.until("2026-11-12 12:00")

    assert told == "Anna has paused. Your note waits, and goes as soon as Anna is back."
    assert await notes(town.anna) == []


async def test_a_note_taken_back_never_goes_and_its_words_stay_with_alice(town: Town) -> None:
    await said(town, "wobbly")
    await reply(town, "Too sharp a word")
    await town.alice.tap("Take it back")
    await town.house.advance(hours=1)
    shown = await town.alice.find("Taken back.")

    assert await notes(town.anna) == []
    assert shown["text"] == "Taken back. Nothing has been sent. Your words were:\n\nToo sharp a word"
    assert town.rows("SELECT count(*) FROM note") == [(0,)]


async def test_a_note_that_has_gone_cannot_be_taken_back(town: Town) -> None:
    await said(town, "wobbly")
    await reply(town, "Well said")
    await town.house.advance(minutes=3)

    assert (await town.alice.tap("Take it back"))["text"] == "It has gone already."
    assert len(await notes(town.anna)) == 1


async def test_a_reply_becomes_a_note_of_alices_own(town: Town) -> None:
    await said(town, "wobbly")
    await reply(town, "Ask her about the board")
    await town.alice.tap("Only a note for me")
    await town.house.advance(hours=1)

    assert await notes(town.anna) == []
    assert "Ask her about the board" in await brief(town.alice)


async def test_a_second_bubble_and_a_correction_go_with_the_note(town: Town) -> None:
    await said(town, "wobbly")
    await brief(town.alice)
    await town.alice.tap("Reply or note…")
    await town.alice.tap("Reply to Anna")
    slip = await town.alice.send("What hlped?")
    await town.alice.edit(slip, "What helped?")
    await town.alice.send("And who noticed?")
    await town.house.advance(minutes=3)
    [note] = await notes(town.anna)
    await town.alice.send("Too late for this")

    assert "\n\nWhat helped?\nAnd who noticed?\n\n" in note
    assert await town.alice.last() == "/help shows what you can do here."


async def test_a_swipe_from_a_brief_with_one_answer_is_a_reply(town: Town) -> None:
    await said(town, "wobbly but upright")
    await brief(town.alice)
    shown = await town.alice.find("wobbly but upright")
    await town.alice.send("What kept you upright?", reply_to=shown["message_id"])
    await town.house.advance(minutes=3)

    assert "wobbly but upright\n\nWhat kept you upright?" in (await notes(town.anna))[0]


async def test_a_swipe_from_a_brief_with_several_asks_which_and_keeps_the_words(town: Town) -> None:
    await said(town, "wobbly but upright")
    await said(town, "by the lift", at="2026-10-07 16:31")
    await brief(town.alice)
    shown = await town.alice.find("by the lift")
    await town.alice.send("Tell me more", reply_to=shown["message_id"])
    asked, choices = await town.alice.last(), await town.alice.buttons()
    await town.alice.tap("Wed 7 Oct · Where did you talk?")
    await town.house.advance(minutes=3)
    [note] = await notes(town.anna)

    assert asked == "Your words are kept. Which of these are they about?"
    assert choices == ["Tue 6 Oct · How sure are you today?", "Wed 7 Oct · Where did you talk?", "None of them"]
    assert "by the lift\n\nTell me more" in note
    assert "upright" not in note


async def test_the_part_that_was_marked_says_which_answer_is_meant(town: Town) -> None:
    await said(town, "wobbly but upright")
    await said(town, "by the lift", at="2026-10-07 16:31")
    await brief(town.alice)
    shown = await town.alice.find("by the lift")
    await town.alice.send("Upright is a lot", reply_to=shown["message_id"], quote="but upright")
    await town.house.advance(minutes=3)

    assert "wobbly but upright\n\nUpright is a lot" in (await notes(town.anna))[0]


async def test_words_meant_for_none_of_them_come_back_to_alice(town: Town) -> None:
    await said(town, "wobbly")
    await said(town, "by the lift", at="2026-10-07 16:31")
    await brief(town.alice)
    shown = await town.alice.find("by the lift")
    await town.alice.send("To myself: milk", reply_to=shown["message_id"])
    await town.alice.tap("None of them")
    await town.house.advance(hours=1)

    assert (await town.alice.find("Nothing has been sent"))["text"].endswith("To myself: milk")
    assert await notes(town.anna) == []
    assert town.rows("SELECT count(*) FROM note") == [(0,)]


async def test_a_message_with_words_of_several_leaders_names_them_when_it_asks_which(town: Town) -> None:
    await said(town, "wobbly")
    await town.ben.send("all quiet here")
    await town.alice.send("/digest")
    shown = await town.alice.find("wobbly")
    together = "all quiet here" in shown["text"]
    await town.alice.send("Go on", reply_to=shown["message_id"])
    choices = await town.alice.buttons()

    assert together
    assert [label.partition(" · ")[0] for label in choices] == ["Anna", "Ben", "None of them"]


async def test_words_taken_back_cannot_be_acted_upon(town: Town) -> None:
    await said(town, "wobbly")
    await brief(town.alice)
    await town.alice.tap("Reply or note…")
    await town.anna.tap("Only me")
    gone = "These words are not shared with you any more."

    toasts = [
        (await town.alice.tap(label))["text"] for label in ("Reply to Anna", "Speaks for…", "Note for me", "Reply or note…")
    ]
    shown = await town.alice.find("wobbly")
    await town.alice.send("But you said", reply_to=shown["message_id"])

    assert toasts == [gone] * 4
    assert await town.alice.last() == gone
    assert await notes(town.anna) == []


async def test_what_they_write_to_each_other_is_sealed_and_nobody_elses(town: Town) -> None:
    await said(town, "wobbly")
    await reply(town, "xylophone")
    await town.house.advance(minutes=3)
    await town.anna.tap("Reply to Alice")
    await town.anna.send("glockenspiel")
    for phone in (town.bob, town.olga, town.ben):
        for command in ("/brief Anna", "/note Anna", "/digest", "/status", "/journal", "/export"):
            await phone.send(command)
    heard = [text for phone in (town.bob, town.olga, town.ben) for text in await phone.received()]

    assert [text for text in heard if "xylophone" in text or "glockenspiel" in text] == []
    assert town.in_files("xylophone") == town.in_files("glockenspiel") == []


async def test_a_note_that_is_empty_or_endless_is_refused_in_a_sentence_and_can_be_written_again(town: Town) -> None:
    await said(town, "wobbly")
    await reply(town, "x" * 2501)
    refused = await town.alice.last()
    await town.house.advance(seconds=5)  # as long as it takes to read that
    await town.alice.send("Shorter, then")
    await town.house.advance(minutes=3)

    assert refused == "This is too long for one note. Please keep it under 2500 characters."
    assert "Shorter, then" in (await notes(town.anna))[0]


async def test_a_note_waits_for_a_leader_who_has_blocked_the_bot(town: Town) -> None:
    await said(town, "wobbly")
    await town.anna.block()
    await reply(town, "Still here")
    told = await town.alice.last()
    await town.house.advance(hours=20)
    await town.anna.unblock()
    await town.until("2026-10-08 12:00")

    assert told == "Anna cannot be reached at the moment. Your note goes as soon as that changes."
    assert len(await times(town.anna, "Still here")) == 1
