"""What Alice writes down for herself: hers alone, in her next brief, deleted when she likes, gone when Anna goes."""

from house import Phone
from people import Town


async def heard(phone: Phone, text: str) -> str:
    await phone.send(text)
    return await phone.last()


async def test_a_note_is_kept_shown_and_in_the_brief(town: Town) -> None:
    kept = await heard(town.alice, "/note Anna the rota,\nonce more")
    listed = await heard(town.alice, "/note anna")
    brief = await heard(town.alice, "/brief Anna")
    other = await heard(town.alice, "/brief Ben")

    assert kept == "Noted, for your eyes only. It stands in your next brief on Anna."
    assert listed == "Your notes about Anna\n\n1. Mon 5 Oct · only you\nthe rota,\nonce more"
    assert "the rota,\nonce more" in brief
    assert "rota" not in other


async def test_a_note_is_for_nobody_else_and_sealed(town: Town) -> None:
    await town.alice.send("/note Anna zebra crossing")
    said = []
    for phone in (town.anna, town.bob, town.olga, town.ben):
        for command in ("/note Anna", "/brief Anna", "/journal", "/read", "/export", "/status", "/leaders"):
            await phone.send(command)
        said += await phone.received()

    assert [text for text in said if "zebra" in text] == []
    assert town.in_files("zebra") == []


async def test_a_note_is_deleted_at_once_or_in_the_list(town: Town) -> None:
    await town.alice.send("/note Anna one")
    await town.alice.tap("Delete it")
    await town.alice.send("/note Anna two")
    await town.alice.send("/note Anna three")
    await town.alice.send("/note Anna")
    await town.alice.tap("Delete 2")
    left = await town.alice.last()
    toast = await town.alice.tap("Delete it")  # of "three", by its own button; then again

    assert left == "Your notes about Anna\n\n1. Mon 5 Oct · only you\nthree"
    assert not toast.get("text")
    assert town.rows("SELECT count(*) FROM note") == [(0,)]


async def test_many_notes_have_pages(town: Town) -> None:
    for number in range(1, 8):
        await town.alice.send(f"/note Anna note number {number}")
    first = await heard(town.alice, "/note Anna")
    await town.alice.tap("Older →")
    second = await town.alice.last()

    assert [f"number {n}" in first for n in range(1, 8)] == [False, False, True, True, True, True, True]
    assert "6. Mon 5 Oct · only you\nnote number 2" in second
    assert "note number 3" not in second


async def test_a_note_by_buttons_alone_and_one_about_an_answer(town: Town) -> None:
    await town.alice.send("/note")
    for label in ("Anna", "Write a note"):
        await town.alice.tap(label)
    await town.alice.send("by buttons")
    await town.until("2026-10-06 16:31")
    await town.anna.tap("In my own words")
    await town.anna.send("wobbly")
    await town.alice.send("/brief Anna")
    for label in ("Reply or note…", "Note for me"):
        await town.alice.tap(label)
    await town.alice.send("ask what wobbled")
    listed = await heard(town.alice, "/note Anna")
    before = (await town.alice.chat())[-1]["message_id"]
    await town.alice.send("/brief Anna")
    read = "\n".join(await town.alice.received(since=before))
    await town.anna.tap("Only me")
    before = (await town.alice.chat())[-1]["message_id"]
    await town.alice.send("/brief Anna")
    taken_back = "\n".join(await town.alice.received(since=before))

    assert "ask what wobbled" in taken_back
    assert "It is about" not in taken_back
    assert "ask what wobbled\n\nIt is about:\nTue 6 Oct · How sure are you today?\nwobbly" in read
    assert "1. Tue 6 Oct · only you\nask what wobbled\n\n2. Mon 5 Oct · only you\nby buttons" in listed
    assert [text for text in await town.anna.received() if "wobbled" in text] == []


async def test_whose_note_it_is_must_be_clear(town: Town) -> None:
    nobody = await heard(town.alice, "/note Carla is late")
    await town.bob.send("/note Carla is late")

    assert nobody == "There is no leader of that name. Yours are: Anna and Ben."
    assert town.rows("SELECT count(*) FROM note") == [(1,)]


async def test_two_notes_in_one_message_are_not_one_about_the_first(town: Town) -> None:
    told = await heard(town.alice, "/note Anna the rota /note Ben is late")

    assert told == "There is a second /note in this message, so nothing was done. Please send each by itself."
    assert town.rows("SELECT count(*) FROM note") == [(0,)]


async def test_words_beneath_a_message_that_quotes_nothing_can_be_a_note(town: Town) -> None:
    told = []
    for label in ("Leave it", "Note for me"):
        await town.alice.send("/brief Anna")
        shown = (await town.alice.chat())[-1]["message_id"]
        await town.alice.send("the rota again", reply_to=shown)
        told.append(await town.alice.last())
        await town.alice.tap(label)
        told.append(await town.alice.last())
    bobs = await heard(town.bob, "the rota again")

    asked = "That message quotes no words of Anna’s to reply to. Shall yours be a note for you?"
    left, kept = "Nothing has been sent. Your words were:\n\nthe rota again", "Noted, for your eyes only."
    assert told[:3] == [asked, left, asked]
    assert told[3].startswith(kept)
    assert town.rows("SELECT kind FROM note") == [("own",)]
    assert bobs == "/help shows what you can do here."


async def test_everything_alice_wrote_about_anna_goes_with_anna(town: Town) -> None:
    await town.alice.send("/note Anna own note")
    await town.alice.send("/blocker Anna Takes no risks")
    await town.alice.send("/ask Anna Fri 9:00 And now?")
    await town.alice.tap("Ask it")
    await town.until("2026-10-06 16:31")
    await town.anna.tap("In my own words")
    await town.anna.send("wobbly")
    await town.alice.send("/brief Anna")
    for label in ("Reply or note…", "Speaks for…", "Takes no risks", "Reply to Anna"):
        await town.alice.tap(label)
    await town.alice.send("Go on")
    await town.anna.send("/delete")
    await town.anna.send("delete")
    await town.until("2026-10-12 12:00")

    counts = town.counts()
    assert {table: counts[table] for table in ("note", "blocker", "evidence")} == dict.fromkeys(
        ("note", "blocker", "evidence"), 0
    )
    assert town.rows("SELECT count(*) FROM enrolment WHERE own IS NOT NULL") == [(0,)]
    assert [text for text in await town.anna.received() if "Go on" in text] == []


async def test_a_text_in_two_messages_is_answered_once_and_its_rest_is_nothing_of_its_own(town: Town) -> None:
    """A phone cuts what is over 4,096 characters; Alice's patience is not tried twice, and half a text goes to nobody."""
    await town.until("2026-10-05 16:40")
    await town.ben.send("a heron on the roof")
    await town.alice.send("/brief Ben")
    shown = await town.alice.find("a heron on the roof")
    too_long, rest = "word " * 819, "and the end of it"
    heard = []
    for first, more in (
        (f"/note Ben {too_long}"[:4096], {}), (f"/ask Ben {too_long}"[:4096], {}), (f"/nothing {too_long}"[:4096], {}),
        (too_long, {}), (too_long, {"reply_to": shown["message_id"]}), ("/note Ben " + "word " * 420, {}),
    ):  # fmt: skip
        await town.house.advance(minutes=1)
        before = len(await town.alice.received())
        await town.alice.send(first, **more)
        await town.alice.send(rest, **more)
        await town.alice.send(rest, **more)
        heard.append((await town.alice.received())[before:])
    await town.house.advance(minutes=1)
    await town.alice.send(rest)

    too_long_for_a_note = "This is too long for one note. Please keep it under 2500 characters."
    assert heard == [
        [too_long_for_a_note],
        ["This is long for a phone. Please keep a question under 300 characters."],
        ["I don't know that command. /help shows what you can do here."],
        ["/help shows what you can do here."],
        [too_long_for_a_note],
        ["Noted, for your eyes only. It stands in your next brief on Ben.",
         "That was longer than one message, and only its first part was taken. Please keep it under 2500 characters."],
    ]  # fmt: skip
    assert await town.alice.last() == "/help shows what you can do here."
    assert town.rows("SELECT kind FROM note") == [("own",)]
