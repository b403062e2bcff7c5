"""Answering, lived by the leader: by tap and by words, changed, corrected, shared and kept; nothing is lost."""

from house import Phone
from people import Town, times

from bot.rehearsal.messages import as_message, post
from bot.rehearsal.updates import put_update

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (f"2026-10-{day:02} 16:31" for day in (6, 7, 8, 9))
NEXT_MONDAY = "2026-10-12 16:31"


async def anna_is_in_the_habit(town: Town) -> None:
    """She has not let two prompts in a row go by, which would make the next one a single tap."""
    await town.until("2026-10-06 16:31")
    await town.anna.tap("5")
    await town.until("2026-10-09 16:31")
    await town.anna.tap("Yes")
    await town.anna.tap("Skip")
    await town.until(NEXT_MONDAY)


async def brief(coach: Phone, name: str) -> str:
    """What the coach reads now; all of its messages."""
    before = max(message["message_id"] for message in await coach.chat())
    await coach.send(f"/brief {name}")
    return "\n".join(await coach.received(since=before))


async def count(phone: Phone) -> int:
    return len(await phone.received())


def keyboard(message: dict) -> list[str]:
    return [button["text"] for row in message["buttons"] or [] for button in row]


async def test_anna_taps_a_number_a_choice_several_choices_and_yes_and_alice_reads_them_all(town: Town) -> None:
    await town.until(TUESDAY)
    await town.anna.tap("7")
    scale = await town.anna.find("How sure are you")
    kept = await town.anna.last()
    await town.until(WEDNESDAY)
    await town.anna.tap("Over coffee")
    await town.until(THURSDAY)
    too_early = await town.anna.tap("Done")
    for label in ("Standing", "Budget", "Time", "Budget"):
        await town.anna.tap(label)
    ticked = keyboard(await town.anna.find("at stake"))
    await town.anna.tap("Done")
    several = await town.anna.find("at stake")
    await town.until(FRIDAY)
    await town.anna.tap("Yes")
    follow_up = await town.anna.find("What did you say to Alice")
    await town.anna.send("I said Thursday is mine")
    read = await brief(town.alice, "Anna")

    assert scale["text"] == "How sure are you today?\n\n→ 7"
    assert not scale["buttons"]
    assert kept == "Kept. Alice reads it in the weekly digest."
    assert too_early["text"] == "Tick at least one, or skip."
    assert ticked[:4] == ["Budget", "✓ Time", "✓ Standing", "Done"]
    assert several["text"].endswith("→ Time · Standing")
    assert "Alice reads it" in follow_up["text"]
    assert all(part in read for part in ("7", "Over coffee", "Time · Standing", "Yes", "I said Thursday is mine"))


async def test_anna_types_instead_of_tapping_and_it_counts_the_same(town: Town) -> None:
    await town.until(TUESDAY)
    await town.anna.send("seven")
    await town.until(WEDNESDAY)
    await town.anna.send("over  COFFEE")
    await town.until(THURSDAY)
    await town.anna.send("Standing")
    await town.until(FRIDAY)
    await town.anna.send("Nope")
    questions = [m["text"] for m in await town.anna.chat() if "→" in m["text"]]
    values = town.rows("SELECT count(*) FROM answer WHERE value IS NOT NULL")
    read = await brief(town.alice, "Anna")

    assert [text.partition("→ ")[2] for text in questions] == ["7", "Over coffee", "Standing", "No"]
    assert values == [(4,)]
    assert "confidence: 7" in read


async def test_anna_answers_a_scale_in_her_own_words_and_they_are_not_made_a_number(town: Town) -> None:
    await town.until(TUESDAY)
    toast = await town.anna.tap("In my own words")
    await town.anna.send("surer than in 2019, 10 times over")

    read = await brief(town.alice, "Anna")

    assert toast["text"] == "Just write it here, in your own words."
    assert "surer than in 2019, 10 times over" in read
    assert "confidence: 10" not in read


async def test_words_without_a_number_do_not_answer_a_scale_until_anna_says_so(town: Town) -> None:
    """What somebody writes by themselves stays theirs, also while a question from 0 to 10 is open."""
    await town.until(TUESDAY)
    await town.anna.send("They have offered me the post in Nantes.")
    await town.anna.send("Nobody knows yet, not even the numbat.")
    kept, open_still = await town.anna.find("for your eyes only"), await town.anna.find("How sure are you today?")
    before = await brief(town.alice, "Anna")
    bubbles = town.rows("SELECT count(*), count(DISTINCT answer_id) FROM answer_part")
    await town.anna.tap("This is my answer")
    toast = await town.anna.tap("Not an answer")
    await town.anna.tap("This is my answer")
    after = await brief(town.alice, "Anna")
    await town.until("2026-10-07 16:31")

    assert "If these words are your answer to it, one tap says so." in kept["text"]
    assert open_still["buttons"]
    assert "Nantes" not in before
    assert bubbles == [(2, 1)]
    assert toast["text"] == "Kept for you, apart from the question."
    assert "They have offered me the post in Nantes." in after
    assert "numbat" in after
    assert await times(town.anna, "Where did you talk?") == ["2026-10-07T16:30"]  # nothing was in its way
    assert town.rows("SELECT state FROM occurrence WHERE step = 'scale'") == [("answered",)]


async def test_a_number_with_its_reason_is_the_number_and_the_words_stand_once(town: Town) -> None:
    words = "4, because the Whitfield placement closed."
    await town.until(TUESDAY)
    said = await town.anna.send(words)
    asked = await town.anna.find("How sure are you")
    read = await brief(town.alice, "Anna")
    await town.anna.send("3, and I was late: that is how many left early")
    after_more = await town.anna.find("How sure are you")
    await town.anna.edit(said, words.replace("4", "5"))
    edited = await town.anna.find("How sure are you")

    assert asked["text"].endswith("→ 4")
    assert "confidence: 4" in read
    assert f"How sure are you today?\n{words}" in read
    assert after_more["text"].endswith("→ 4")
    assert edited["text"].endswith("→ 5")


async def test_words_that_look_like_a_number_take_no_tapped_number_away_when_they_are_changed(town: Town) -> None:
    await town.until(TUESDAY)
    await town.anna.tap("7")
    said = await town.anna.send("3, that is how many left early")
    await town.anna.edit(said, "three left early")

    assert (await town.anna.find("How sure are you"))["text"].endswith("→ 7")
    assert "confidence: 7" in await brief(town.alice, "Anna")


async def test_an_answer_is_shared_hidden_and_shared_again_and_alice_sees_just_that(town: Town) -> None:
    await town.until(TUESDAY)
    await town.anna.tap("In my own words")
    await town.anna.send("wobbly but upright")
    offered = keyboard(await town.anna.find("Kept."))
    first_key = _key_of_only_part(town)
    await town.anna.tap("Only me")
    hidden = await town.anna.find("for your eyes only")
    private = await brief(town.alice, "Anna")
    private_key = _key_of_only_part(town)
    await town.anna.tap("Only the topic")
    topic = await brief(town.alice, "Anna")
    topic_ack = await town.anna.last()
    await town.anna.tap("Share with Alice")
    shared = await brief(town.alice, "Anna")
    await town.anna.tap("Only me")
    told = await town.anna.last()
    after = await brief(town.alice, "Anna")

    assert offered[:2] == ["Only the topic", "Only me"]
    assert keyboard(hidden)[:2] == ["Share with Alice", "Only the topic"]
    assert "wobbly" not in private
    assert "confidence" not in private
    assert first_key == "shared"
    assert private_key == "private"
    assert topic_ack == "Kept. Alice sees only its topic."
    assert "confidence" in topic
    assert "wobbly" not in topic
    assert "wobbly but upright" in shared
    assert told == "Kept, for your eyes only. Alice already has your words; that message stays in their chat."
    assert "wobbly" not in after


def _key_of_only_part(town: Town) -> str:
    """Which of Anna's keys the words are sealed with."""
    import sqlite3

    ((content,),) = town.rows("SELECT content FROM answer_part")
    keys = sqlite3.connect(town.folder / "keys.db")
    try:
        ((scope,),) = keys.execute("SELECT scope FROM data_key WHERE id = ?", (content[1:17].hex(),)).fetchall()
    finally:
        keys.close()
    return str(scope)


async def test_three_bubbles_are_one_answer_with_one_acknowledgement_and_a_later_thought_is_a_moment(town: Town) -> None:
    await town.until("2026-10-05 16:31")
    before = await count(town.ben)
    await town.ben.send("The client shouted.")
    await town.ben.send("I stayed calm.")
    await town.house.advance(minutes=9)
    await town.ben.send("So did she, in the end.")
    after = await count(town.ben)
    await town.house.advance(minutes=11)
    await town.ben.send("a thought on the train, salamander")
    moment = await town.ben.last()

    read = await brief(town.alice, "Ben")

    assert after == before + 1
    assert "The client shouted.\nI stayed calm.\nSo did she, in the end." in read
    assert moment == "Noted. Nobody else reads it."  # not the sentence before it
    assert "salamander" not in read


async def test_the_first_words_that_join_a_tapped_answer_say_who_reads_them(town: Town) -> None:
    """Whoever writes "between us" after a tap has not meant it for the coach."""
    await town.until(TUESDAY)
    await town.anna.tap("7")
    tapped = await count(town.anna)
    await town.anna.send("between us, I am looking for something else")
    said, offered = await town.anna.last(), await town.anna.buttons()
    once = await count(town.anna)
    await town.anna.send("and not here")
    await town.anna.tap("Only me")

    assert (once, await count(town.anna)) == (tapped + 1, once)
    assert said == "Noted. It goes into Alice’s next weekly digest."
    assert "Only me" in offered
    assert "between us" not in await brief(town.alice, "Anna")


async def test_words_nobody_asked_for_are_bens_until_he_shares_them(town: Town) -> None:
    await town.ben.send("walrus: I may leave")
    hidden = await brief(town.alice, "Ben")
    await town.ben.tap("Share with Alice")
    shared = await brief(town.alice, "Ben")

    assert "walrus" not in hidden
    assert "walrus: I may leave" in shared


async def test_editing_a_message_edits_the_answer_its_number_and_what_the_question_shows(town: Town) -> None:
    await town.until(TUESDAY)
    said = await town.anna.send("7")
    await town.anna.edit(said, "8")
    question = await town.anna.find("How sure are you")
    as_number = await brief(town.alice, "Anna")
    await town.anna.edit(said, "hard to say")
    told = await town.anna.last()

    as_words = await brief(town.alice, "Anna")

    assert "confidence: 8" in as_number
    assert question["text"].endswith("→ 8")
    assert told.startswith("Changed. Your coach has already been sent the earlier words")
    assert "hard to say" in as_words
    assert "confidence: 8" not in as_words


async def test_a_reply_to_an_older_question_answers_that_one_even_after_it_counted_as_missed(town: Town) -> None:
    await town.until(TUESDAY)
    monday = next(m for m in await town.ben.chat() if "What happened today" in m["text"])
    await town.ben.send("Monday was long", reply_to=monday["message_id"])
    await town.ben.send("Tuesday was short", reply_to=(await town.ben.find("What happened today"))["message_id"])
    await town.ben.send("and it had cake", reply_to=monday["message_id"])

    states = town.rows("SELECT state, reason FROM occurrence WHERE step = 'day' ORDER BY due_at")
    read = await brief(town.alice, "Ben")

    assert states == [("answered", "late"), ("answered", None)]
    assert "Monday was long\nand it had cake" in read
    assert "Tuesday was short" in read


async def test_a_late_tap_still_counts_and_a_late_skip_harms_nothing(town: Town) -> None:
    await town.until(WEDNESDAY)
    late = await town.anna.find("How sure are you")
    await town.anna.tap("3", late["message_id"])
    await town.anna.tap("Skip", (await town.anna.find("Where did you talk"))["message_id"])

    states = dict(town.rows("SELECT step, state FROM occurrence WHERE step IN ('scale', 'choice')"))
    skipped = await town.anna.find("Where did you talk")

    assert states == {"scale": "answered", "choice": "skipped"}
    assert skipped["text"].endswith("→ skipped")


async def test_a_number_replied_to_an_answered_question_corrects_the_number(town: Town) -> None:
    await town.until(TUESDAY)
    await town.anna.tap("7")
    question = await town.anna.find("How sure are you")

    await town.anna.send("5", reply_to=question["message_id"])
    read = await brief(town.alice, "Anna")

    assert "confidence: 5" in read
    assert "confidence: 7" not in read


async def test_a_long_text_that_arrives_in_parts_is_one_answer_although_another_question_follows(town: Town) -> None:
    words = " ".join(f"word{number}" for number in range(900))  # some 6,700 characters, two messages
    await anna_is_in_the_habit(town)
    before = await count(town.anna)

    await town.anna.send(words)
    read = await brief(town.alice, "Anna")

    assert await count(town.anna) == before + 2  # one acknowledgement, one next question
    assert all(f"word{number}" in read for number in range(900))
    assert town.rows("SELECT count(*) FROM answer WHERE value IS NULL") == [(1,)]


async def test_a_bubble_written_before_the_next_question_came_belongs_to_the_answer_before(town: Town) -> None:
    await anna_is_in_the_habit(town)
    world = town.house.stage.world
    first = post(world, town.anna.id, town.anna.id, {"text": "On the stairs"})
    second = post(world, town.anna.id, town.anna.id, {"text": "with Tom"})
    for row in (first, second):  # the second arrives when the next question has gone out already
        put_update(world, "message", as_message(world, row), f"chat:{town.anna.id}")
        await town.settled()

    read = await brief(town.alice, "Anna")

    assert "On the stairs\nwith Tom" in read
    assert len(await times(town.anna, "tomorrow as light")) == 1
    assert town.rows("SELECT count(*) FROM answer WHERE value IS NULL") == [(1,)]


WORDS = (
    "<b>bold</b> & *stars* _under_ `code` [link](https://evil.example) @olga #tag /start",
    "שלום, קשה לי היום \u202eהפוך\u202c — مرحبا",
    "\U0001f600" * 4096,
    "1\ufe0f\u20e3 and a zero \u200b width, e\u0301 accent\nline\n\n\nline",
)


async def test_whatever_ben_writes_reaches_alice_as_he_wrote_it(town: Town) -> None:
    read = []
    for day, words in enumerate(WORDS, start=5):
        await town.until(f"2026-10-{day:02} 16:31")
        await town.ben.send(words)
        read.append(await brief(town.alice, "Ben"))
    styles = {e["type"] for m in await town.alice.chat() for e in m["entities"] or [] if m["from"] == "bot"}

    for words, seen in zip(WORDS, read, strict=True):
        assert "".join(words.split()) in "".join(seen.split())
    assert styles <= {"bold", "italic", "blockquote", "expandable_blockquote", "bot_command", "url", "mention", "hashtag"}
    assert town.rows("SELECT count(*) FROM answer") == [(len(WORDS),)]


async def test_stale_foreign_and_forged_buttons_get_one_sentence_and_do_nothing(town: Town) -> None:
    await town.until(TUESDAY)
    question = await town.anna.find("How sure are you")
    nonce = question["buttons"][0][0]["data"].partition(":")[0]
    bens = await town.ben.find("What happened today")
    before = town.counts()
    forged = [f"{nonce}:11", f"{nonce}:99", f"{nonce}:-1", f"{nonce}:", nonce, f"{nonce}:1e3", "q.number:7", ":",
              "x" * 64, "\x00", f"{nonce}:\u0663\u0663", "' OR 1=1 --"]  # fmt: skip

    toasts = [await town.anna.tap_data(question["message_id"], data) for data in forged[1:]]
    foreign = await town.ben.tap_data(bens["message_id"], f"{nonce}:3")
    coachs = await town.alice.tap_data((await town.alice.chat())[-1]["message_id"], f"{nonce}:3")
    strange = await _press_as_stranger(town, f"{nonce}:3")
    after = town.counts()

    sentences = [toast["text"] for toast in (*toasts, foreign, coachs, strange)]
    assert sentences == ["This button is no longer in use."] * len(sentences)
    assert {t: n for t, n in after.items() if t != "inbound"} == {t: n for t, n in before.items() if t != "inbound"}


async def _press_as_stranger(town: Town, data: str) -> dict:
    await town.zoe.send("hello")
    return await town.zoe.tap_data((await town.zoe.chat())[-1]["message_id"], data)


async def test_a_second_tap_on_an_old_screen_changes_the_number_without_a_second_answer(town: Town) -> None:
    await town.until(TUESDAY)
    question = await town.anna.find("How sure are you")
    seven, four = (next(b["data"] for r in question["buttons"] for b in r if b["text"] == t) for t in ("7", "4"))
    await town.anna.tap_data(question["message_id"], seven)
    before = await count(town.anna)

    toast = await town.anna.tap_data(question["message_id"], four)
    read = await brief(town.alice, "Anna")

    assert toast["answered"] is not False
    assert await count(town.anna) == before
    assert "confidence: 4" in read
    assert town.rows("SELECT count(*) FROM answer") == [(1,)]


async def test_an_answer_given_after_the_brief_went_out_does_not_promise_to_be_in_it(town: Town) -> None:
    await town.alice.send("/session Anna Wed 10:00")
    await town.until("2026-10-07 07:05")  # the brief went out at 08:00 in London
    assert "Anna · Wednesday 7 October, 10:00" in await town.alice.last()

    await town.anna.tap("6")
    kept = await town.anna.last()

    assert kept == "Kept. Alice reads it in the weekly digest."
