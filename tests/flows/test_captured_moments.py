"""Moments: captured in a few taps at any time, kept at the first, private until somebody says otherwise."""

from house import Phone
from people import Town


async def brief(coach: Phone, name: str) -> str:
    """What the coach reads now; all of its messages."""
    before = max(message["message_id"] for message in await coach.chat())
    await coach.send(f"/brief {name}")
    return "\n".join(await coach.received(since=before))


async def count(phone: Phone) -> int:
    return len(await phone.received())


async def test_anna_keeps_a_win_in_three_taps_and_a_line_all_in_one_message(town: Town) -> None:
    await town.anna.send("/win")
    before = await count(town.anna)
    await town.anna.tap("I spoke up")
    await town.anna.tap("I had prepared")
    offered = await town.anna.last()
    await town.anna.tap("Share with Alice")
    await town.anna.send("The pelican of the third quarter")
    shown = await town.anna.last()

    read = await brief(town.alice, "Anna")

    assert await count(town.anna) == before
    assert offered.startswith("A win\nI spoke up · I had prepared\n\nKept, for your eyes only.")
    assert offered.endswith("A line, if you like: just write it here.")
    assert "The pelican of the third quarter" in shown
    assert "A line, if you like" not in shown
    assert "A win\nI spoke up · I had prepared\nThe pelican of the third quarter" in read
    assert town.rows("SELECT kind, theme, sharing FROM answer") == [("win", "confidence", "words")]


async def test_a_moment_is_kept_at_the_first_tap_and_stays_private(town: Town) -> None:
    await town.anna.send("/wobble")
    nothing = town.rows("SELECT count(*) FROM answer")
    await town.anna.tap("With a peer")
    await town.house.advance(hours=1)
    await town.anna.send("Something else altogether, marmot")

    read = await brief(town.alice, "Anna")

    assert nothing == [(0,)]
    assert town.rows("SELECT kind, theme, sharing FROM answer ORDER BY given_at") == [
        ("wobble", "peers", "private"), ("moment", "moment", "private"),
    ]  # fmt: skip
    assert "private" not in read  # what nobody asked for is not even counted
    assert "With a peer" not in read


async def test_words_after_the_command_are_kept_at_once_and_the_taps_refine_them(town: Town) -> None:
    said = await town.anna.send("/win closed the deal with the toucan")
    kept = town.rows("SELECT kind FROM answer")
    await town.anna.tap("In my own work")
    await town.anna.tap("I asked for help")
    await town.anna.edit(said, "/win closed it with the heron")
    await town.anna.tap("Share with Alice")

    read = await brief(town.alice, "Anna")

    assert kept == [("win",)]
    assert "In my own work · I asked for help\nclosed it with the heron" in read
    assert "/win" not in read
    assert town.rows("SELECT kind, theme FROM answer") == [("win", "own-work")]


async def test_a_line_after_a_moment_belongs_to_it_even_while_a_question_is_open(town: Town) -> None:
    await town.until("2026-10-06 16:31")  # Anna's scale is open
    await town.anna.send("/boundary")
    await town.anna.tap("My free time")
    await town.anna.tap("Kept it, and it was hard")
    await town.anna.send("They rang at nine")
    await town.anna.tap("Share with Alice")
    await town.house.advance(minutes=11)
    await town.anna.send("7")

    read = await brief(town.alice, "Anna")

    assert "My free time · Kept it, and it was hard\nThey rang at nine" in read
    assert "confidence: 7" in read


async def test_a_tap_on_an_old_screen_corrects_the_same_moment(town: Town) -> None:
    await town.anna.send("/win")
    first = await town.anna.find("A win")
    data = {b["text"]: b["data"] for row in first["buttons"] for b in row}
    await town.anna.tap_data(first["message_id"], data["I spoke up"])
    await town.anna.tap_data(first["message_id"], data["With my team"])

    shown = await town.anna.last()

    assert town.rows("SELECT kind, theme FROM answer") == [("win", "team")]
    assert shown.startswith("A win\nWith my team")


async def test_bens_taps_on_annas_moment_do_nothing(town: Town) -> None:
    await town.anna.send("/win")
    await town.ben.send("/win")
    annas = await town.anna.find("A win")
    bens = await town.ben.find("A win")
    toast = await town.ben.tap_data(bens["message_id"], annas["buttons"][0][0]["data"])

    assert toast["text"] == "This button is no longer in use."
    assert town.rows("SELECT count(*) FROM answer") == [(0,)]


async def test_a_moment_is_brought_to_the_session(town: Town) -> None:
    await town.anna.send("/win")
    await town.anna.tap("With my team")
    await town.anna.tap("I listened first")
    await town.anna.tap("Bring to the session")

    assert town.rows("SELECT count(*) FROM pin WHERE cleared_at IS NULL") == [(1,)]


async def test_anna_walks_a_moment_with_a_peer_from_facts_to_a_question(town: Town) -> None:
    await town.anna.send("/peer")
    await town.anna.send("Fox")
    await town.anna.send("He left the room,")
    await town.anna.send("at ten past two.")
    await town.anna.tap("Next")
    await town.anna.send("He does not care")
    await town.anna.tap("Next")
    await town.anna.send("His own budget")
    await town.anna.tap("Next")
    await town.anna.send("What would help you, ocelot?")
    await town.anna.tap("Done")
    kept = await town.anna.last()
    hidden = await brief(town.alice, "Anna")
    await town.anna.tap("Share with Alice")

    read = await brief(town.alice, "Anna")

    assert kept == "Kept, for your eyes only."
    assert "ocelot" not in hidden
    assert "🦊 Fox\nFacts: He left the room,\nat ten past two.\nMy story: He does not care" in read
    assert "Their interests: His own budget\nWhat I would ask: What would help you, ocelot?" in read
    assert town.rows("SELECT kind, theme FROM answer") == [("peer", "peers")]


async def test_what_was_written_about_a_peer_is_kept_when_anna_walks_away(town: Town) -> None:
    await town.anna.send("/peer")
    await town.anna.tap("Leave it out")
    await town.anna.send("They smiled, all of them")
    await town.anna.tap("Next")
    await town.house.advance(hours=1)
    await town.anna.send("Something else")

    kinds = town.rows("SELECT kind, sharing FROM answer ORDER BY given_at")
    fields = town.rows("SELECT field FROM answer_part ORDER BY at")

    assert kinds == [("peer", "private"), ("moment", "private")]
    assert fields == [("facts",), (None,)]


async def test_nothing_is_kept_of_a_peer_about_whom_nothing_was_said(town: Town) -> None:
    await town.anna.send("/peer")
    await town.anna.tap("Leave it out")
    await town.anna.tap("Next")
    await town.anna.tap("Enough for now")

    assert town.rows("SELECT count(*) FROM answer") == [(0,)]
    assert (await town.anna.find("Nothing was written down"))["text"] == "All right. Nothing was written down."


async def test_anna_in_a_hurry_writes_the_facts_where_an_alias_is_asked_for(town: Town) -> None:
    await town.anna.send("/peer")
    await town.anna.send("He read my report aloud and laughed, and nobody said a word about the numbers.")
    await town.anna.send("Then lunch.")

    assert town.rows("SELECT field FROM answer_part ORDER BY at, id") == [("facts",), ("facts",)]
    assert town.rows("SELECT count(*) FROM alias") == [(0,)]


async def test_a_known_alias_is_offered_and_a_full_name_is_kept_with_one_gentle_sentence(town: Town) -> None:
    await town.anna.send("/peer 🐸 Frog")
    await town.anna.tap("Enough for now")
    await town.anna.send("/peer")
    offered = await town.anna.buttons()
    await town.anna.send("Harry Lime")
    told = await town.anna.find("full name")

    assert offered == ["🐸 Frog", "Leave it out"]
    assert told["text"].startswith("That looks like a full name.")
    assert town.rows("SELECT count(*) FROM alias") == [(2,)]
    assert not town.in_files("Harry Lime")


async def test_words_before_and_between_the_taps_stay_with_the_moment_although_a_question_is_open(town: Town) -> None:
    await town.until("2026-10-06 16:31")  # Anna's scale is open
    await town.anna.send("/wobble")
    await town.anna.send("my boss, to keep for myself, curlew")
    shown = await town.anna.find("A wobble")
    await town.anna.tap("With a peer")
    await town.anna.send("/help")
    await town.anna.send("between the taps, dunlin")
    await town.anna.tap("A pause")
    await town.anna.send("and after them, godwit")
    kept = await town.anna.find("A wobble")

    read = await brief(town.alice, "Anna")

    assert "curlew" in shown["text"]
    assert all(bird in kept["text"] for bird in ("curlew", "dunlin", "godwit"))
    assert town.rows("SELECT kind, theme, sharing FROM answer") == [("wobble", "peers", "private")]
    assert town.rows("SELECT count(*) FROM answer_part") == [(3,)]
    assert not any(bird in read for bird in ("curlew", "dunlin", "godwit"))


async def test_a_question_that_comes_after_the_moment_was_begun_gets_the_words(town: Town) -> None:
    await town.until("2026-10-06 16:29")
    await town.anna.send("/wobble")
    await town.until("2026-10-06 16:31")
    await town.anna.send("7")

    assert town.rows("SELECT kind FROM answer") == [("answer",)]


async def test_a_reply_to_a_moment_that_was_only_begun_is_its_own_even_hours_later(town: Town) -> None:
    await town.anna.send("/wobble")
    begun = await town.anna.find("A wobble")
    await town.until("2026-10-06 16:31")
    question = (await town.anna.chat())[-1]
    await town.anna.send("the whimbrel again", reply_to=begun["message_id"])
    await town.anna.send("/boundary")
    await town.anna.send("6", reply_to=question["message_id"])

    read = await brief(town.alice, "Anna")

    assert town.rows("SELECT kind, sharing FROM answer ORDER BY given_at, id") == [
        ("wobble", "private"), ("answer", "words"),
    ]  # fmt: skip
    assert "whimbrel" not in read
    assert "6" in read


async def test_own_words_for_an_open_question_are_its_own_although_a_moment_was_begun(town: Town) -> None:
    await town.until("2026-10-06 16:31")
    await town.anna.send("/win")
    await town.anna.tap("In my own words")
    await town.anna.send("The avocet knows")

    assert town.rows("SELECT kind FROM answer") == [("answer",)]


async def test_a_question_that_is_asked_again_after_the_moment_gets_the_words(town: Town) -> None:
    await town.until("2026-10-06 16:31")
    await town.anna.tap("Later")
    await town.anna.tap((await town.anna.buttons())[0])  # in an hour
    await town.until("2026-10-06 17:29")
    await town.anna.send("/win the grebe")
    await town.until("2026-10-06 17:32")
    await town.anna.send("7")

    assert town.rows("SELECT count(*) FROM answer WHERE kind = 'answer'") == [(1,)]
    assert town.rows("SELECT count(*) FROM answer_part") == [(2,)]
