"""Numbers, aliases and plans: typed part by part, nothing lost, and a plan comes back after its moment."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from house import House, Phone, assert_calm
from people import Town, times
from test_lost_messages import copies, fault

from bot.demo import catalog_questions
from bot.rehearsal.player import Player
from bot.vault import KeyRing

KINDS = Path(__file__).parent / "kinds_library"
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (f"2026-10-{day:02} 16:31" for day in (6, 7, 8, 9))
Ready = tuple[Path, Path, dict[str, int]]


async def _join(folder: Path, keys_file: Path) -> dict[str, int]:
    url = f"sqlite:///{folder / 'data' / 'interlude.db'}"
    async with House.open(folder, url, keys_file, INTERLUDE_PROMPTS_DIR=str(KINDS)) as house:
        olga = await house.admin()
        alice = await house.coach("Alice", olga)
        anna = await house.leader("Anna", alice, follows=("kinds",))
        ben = await house.leader("Ben", alice, follows=("kinds",))
        return {"olga": olga.id, "alice": alice.id, "anna": anna.id, "ben": ben.id}


@pytest.fixture(scope="session")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Ready:
    folder = tmp_path_factory.mktemp("kinds")
    keys_file = tmp_path_factory.mktemp("kinds_keys") / "interlude.keys"
    keys_file.write_text(KeyRing.new_line() + "\n")
    return folder, keys_file, asyncio.run(_join(folder, keys_file))


@pytest.fixture
async def town(kinds: Ready, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Town]:
    """Monday 5 October 2026, nine in London; Anna and Ben follow a sequence with one of each kind."""
    joined, keys_file, ids = kinds
    folder = tmp_path / "town"
    shutil.copytree(joined, folder)
    url = f"sqlite:///{folder / 'data' / 'interlude.db'}"
    async with House.open(folder, url, keys_file, INTERLUDE_PROMPTS_DIR=str(KINDS)) as house:
        phones = {name: Phone(house, number, name.title()) for name, number in ids.items()}
        absent = dict.fromkeys(("bob", "carla", "zoe"), phones["olga"])
        yield Town(house=house, folder=folder / "data", keys_file=keys_file, **phones, **absent)
    assert_calm(caplog)


async def brief(coach: Phone, name: str) -> str:
    """What the coach reads now; all of its messages."""
    before = max(message["message_id"] for message in await coach.chat())
    await coach.send(f"/brief {name}")
    return "\n".join(await coach.received(since=before))


def states(town: Town) -> list[str]:
    return [state for (state,) in town.rows("SELECT state FROM plan ORDER BY made_at")]


# numbers


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("12 placements", "12 placements"),
        ("12,500", "12,500 placements"),
        ("3½", "3.5 placements"),
        ("none", "0 placements"),
    ],
)
async def test_an_amount_is_found_in_what_anna_types_and_shown_with_its_unit(
    town: Town, typed: str, shown: str
) -> None:
    await town.until(TUESDAY)
    await town.anna.send(typed)
    question = await town.anna.find("How many placements")
    kept = await town.anna.last()
    hidden = await brief(town.alice, "Anna")
    await town.anna.tap("Share with Alice")

    read = await brief(town.alice, "Anna")

    assert question["text"].endswith("→ " + shown)
    assert kept == "Kept, for your eyes only."
    assert shown not in hidden
    assert shown in read


async def test_what_is_no_amount_is_kept_as_words_and_a_second_number_does_not_replace_the_first(town: Town) -> None:
    await town.until(TUESDAY)
    await town.anna.send("12")
    await town.anna.send("3 fell through on Friday")
    await town.anna.tap("Share with Alice")
    await town.ben.send("somewhere between 4 and 99999999999999")
    await town.ben.tap("Share with Alice")

    annas, bens = await brief(town.alice, "Anna"), await brief(town.alice, "Ben")

    assert "12 placements" in annas
    assert "3 fell through on Friday" in annas
    assert "somewhere between 4 and 99999999999999" in bens


async def test_an_edited_amount_is_the_new_amount(town: Town) -> None:
    await town.until(TUESDAY)
    said = await town.anna.send("12")
    await town.anna.edit(said, "14")
    question = await town.anna.find("How many placements")

    assert question["text"].endswith("→ 14 placements")


# aliases


async def test_an_alias_gets_an_animal_is_offered_the_next_time_and_alice_sees_only_the_alias(town: Town) -> None:
    await town.until(WEDNESDAY)
    await town.anna.tap("Skip", (await town.anna.find("Whom did you think"))["message_id"])
    await town.ben.send("Hedgehog")
    question = await town.ben.find("Whom did you think")
    await town.until("2026-10-14 16:31")
    offered = await town.ben.buttons()
    await town.ben.tap("🦔 Hedgehog")

    read = await brief(town.alice, "Ben")

    assert question["text"].endswith("→ 🦔 Hedgehog")
    assert offered[0] == "🦔 Hedgehog"
    assert read.count("🦔 Hedgehog") == 2
    assert town.rows("SELECT count(*) FROM alias") == [(1,)]
    assert not town.in_files("Hedgehog")


async def test_a_full_name_is_kept_with_a_gentle_sentence_and_editing_it_away_renames_the_alias(town: Town) -> None:
    await town.until(WEDNESDAY)
    said = await town.ben.send("Harry Lime")
    told = await town.ben.find("full name")
    await town.ben.edit(said, "Owl")
    question = await town.ben.find("Whom did you think")

    read = await brief(town.alice, "Ben")

    assert told["text"].startswith("That looks like a full name.")
    assert question["text"].endswith("→ 🦉 Owl")
    assert "Harry" not in read
    assert town.rows("SELECT count(*) FROM alias") == [(1,)]


async def test_a_long_story_is_no_alias_and_no_word_of_it_is_lost(town: Town) -> None:
    await town.until(WEDNESDAY)
    await town.ben.send("I thought of nobody in particular, it was a day of trains and rain.")

    assert "a day of trains and rain" in await brief(town.alice, "Ben")
    assert town.rows("SELECT count(*) FROM alias") == [(0,)]


async def test_a_slip_is_no_alias_and_the_question_stays_open(town: Town) -> None:
    await town.until(WEDNESDAY)
    await town.anna.send("14:30")
    told = await town.anna.last()
    await town.anna.send("Hibou")

    assert told == "That does not look like an alias. A short word is enough, such as “Fox”."
    assert (await town.anna.find("Whom did you think"))["text"].endswith("→ 🦉 Hibou")
    assert town.rows("SELECT count(*) FROM alias") == [(1,)]


async def test_an_alias_that_was_not_used_for_half_a_year_is_offered_no_more(town: Town) -> None:
    await town.until(WEDNESDAY)
    await town.anna.send("Fox")
    await town.anna.send("/peer")
    offered = await town.anna.buttons()
    await town.house.advance(days=181)
    await town.anna.send("/peer")

    assert offered == ["🦊 Fox", "Leave it out"]
    assert await town.anna.buttons() == ["Leave it out"]


async def test_an_amount_below_zero_is_refused(town: Town) -> None:
    await town.until(TUESDAY)
    await town.anna.send("-3")
    told = await town.anna.last()
    await town.anna.send("3")

    assert told == "An amount cannot be below zero here. Please write it once more, or say it in words."
    assert (await town.anna.find("How many placements"))["text"].endswith("→ 3 placements")


async def test_annas_alias_is_no_button_for_ben(town: Town) -> None:
    await town.until(WEDNESDAY)
    await town.anna.send("Fox")
    await town.until("2026-10-14 16:31")
    annas, bens = await town.anna.find("And whom today"), await town.ben.find("And whom today")
    data = annas["buttons"][0][0]["data"]
    toast = await town.ben.tap_data(bens["message_id"], data)

    assert bens["buttons"][0][0]["text"] != "🦊 Fox"
    assert toast["text"] == "This button is no longer in use."


# plans


async def _plan(town: Town, cue: str = "When my one-to-one with 🦊 comes up tomorrow at two") -> None:
    await town.until(THURSDAY)
    await town.anna.send(cue)
    await town.anna.send("I will say what I saw first")
    await town.anna.send("If he cuts me off, I say: one moment")


async def test_a_plan_is_made_part_by_part_said_back_once_and_read_by_alice(town: Town) -> None:
    await _plan(town)
    back = await town.anna.last()
    await town.anna.tap("That's it")
    kept = await town.anna.last()

    read = await brief(town.alice, "Anna")

    assert back == (
        "Your plan, to read once more:\n\nWhen my one-to-one with 🦊 comes up tomorrow at two,\n"
        "I will say what I saw first.\nIf he cuts me off, I say: one moment.\n\n"
        "I will ask how it went: Friday 9 October, 15:00."
    )
    assert kept.endswith("I will ask how it went: Friday 9 October, 15:00.")
    assert (
        "When my one-to-one with 🦊 comes up tomorrow at two,\nI will say what I saw first.\nIf he cuts me off" in read
    )
    assert states(town) == ["open"]
    assert town.rows(
        "SELECT state FROM occurrence WHERE step = 'plan' AND leader_id = (SELECT leader_id FROM plan)"
    ) == [("answered",)]


async def test_a_plan_comes_back_an_hour_after_its_moment_in_annas_words_and_its_outcome_is_an_answer(
    town: Town,
) -> None:
    await _plan(town)
    await town.anna.tap("That's it")
    await town.until("2026-10-09 13:59")
    before = await times(town.anna, "Your plan was")
    await town.until("2026-10-09 14:01")
    asked = await town.anna.find("Your plan was")
    await town.anna.tap("Partly")
    follow = await town.anna.last()
    await town.anna.send("He laughed, I went on, heron")
    answered = await town.anna.find("Your plan was")

    read = await brief(town.alice, "Anna")

    assert before == []
    assert "I will say what I saw first." in asked["text"]
    assert "It was to be Friday 9 October, 14:00. Did you get to it?" in asked["text"]
    assert answered["text"].endswith("→ Partly")
    assert "What helped as far as you got?" in follow
    assert "How a plan went" in read
    promised = read[read.index("What was promised") :]
    assert "If he cuts me off, I say: one moment.\nFri 9 Oct · How a plan went\nPartly\nHe laughed, I went on" in promised
    assert read.count("I will say what I saw first") == read.count("heron") == 1
    assert states(town) == ["told"]
    assert town.rows("SELECT theme, sharing FROM answer WHERE kind = 'outcome'") == [("boundaries", "words")]


async def test_words_answer_a_plan_that_was_asked_about(town: Town) -> None:
    await _plan(town)
    await town.anna.tap("That's it")
    await town.until("2026-10-09 14:01")
    await town.anna.send("not yet")
    follow = await town.anna.last()

    assert states(town) == ["told"]
    assert "What got in the way, and what would make it easier?" in follow
    assert await town.anna.buttons() == ["A new plan", "Keep it for another day", "Let it go"]


async def test_no_question_comes_while_a_plan_is_talked_about_and_the_next_one_comes_after_it(town: Town) -> None:
    await _plan(town, "When we close the week tomorrow at 16:15")
    await town.anna.tap("That's it")
    await town.until("2026-10-09 16:20")  # the plan is asked about at 17:15 in London, the week's question at 17:30
    await town.until("2026-10-09 16:40")
    meanwhile = await times(town.anna, "What was light")
    await town.anna.tap("I did it")
    await town.anna.tap("That's all")
    await town.house.advance(minutes=1)

    assert meanwhile == []
    assert len(await times(town.anna, "What was light")) == 1
    assert states(town) == ["told"]


async def test_a_plan_waits_while_another_question_is_open_and_comes_when_that_is_answered(town: Town) -> None:
    await _plan(town, "When the desk goes for a drink tomorrow at 16:45")
    await town.anna.tap("That's it")
    await town.until("2026-10-09 16:59")  # the week's question is open since half past five
    meanwhile = await times(town.anna, "Your plan was")
    await town.anna.send("The pigeons")
    await town.house.advance(minutes=1)

    assert meanwhile == []
    assert len(await times(town.anna, "Your plan was")) == 1


@pytest.mark.parametrize("question", ["did not arrive", "arrived"])
async def test_a_plan_behind_a_question_that_met_a_block_is_asked_as_soon_as_anna_is_back(
    town: Town, question: str
) -> None:
    await _plan(town, "When the desk goes for a drink tomorrow at 16:45")
    await town.anna.tap("That's it")
    await town.until("2026-10-09 16:29")
    if question == "did not arrive":
        await town.house.post("faults", {"method": "sendMessage", "kind": "403", "calls": 2})  # Ben is asked, too
    await town.until("2026-10-09 16:50")  # an hour after its moment, the plan is about to be asked about
    await town.anna.block()
    await town.until("2026-10-13 11:00")
    meanwhile = await times(town.anna, "Your plan was")
    await town.anna.unblock()
    await town.anna.send("/help")
    await town.house.advance(minutes=1)

    assert meanwhile == []
    assert await times(town.anna, "Your plan was") == ["2026-10-13T11:00"]


async def test_a_plan_nobody_answers_is_missed_on_the_next_work_day_and_never_asked_twice(town: Town) -> None:
    await _plan(town)
    await town.anna.tap("That's it")
    await town.until("2026-10-20 18:00")

    assert states(town) == ["missed"]
    assert len(await times(town.anna, "Your plan was")) == 1


async def test_a_late_reply_to_a_missed_plan_is_kept_as_its_outcome(town: Town) -> None:
    await _plan(town)
    await town.anna.tap("That's it")
    await town.until("2026-10-13 09:00")
    asked = await town.anna.find("Your plan was")
    await town.anna.send("It went by, I was ill", reply_to=asked["message_id"])

    assert states(town) == ["told"]
    assert "It went by, I was ill" in await brief(town.alice, "Anna")


async def test_without_a_time_anna_is_asked_and_no_fixed_time_means_two_work_days(town: Town) -> None:
    await _plan(town, "When somebody raises their voice")
    await town.anna.tap("That's it")
    offered = await town.anna.buttons()
    await town.anna.tap("No fixed time")
    await town.until("2026-10-12 16:29")
    before = await times(town.anna, "Your plan was")
    await town.until("2026-10-12 16:31")

    assert offered == ["Today", "Tomorrow", "This week", "No fixed time"]
    assert before == []
    assert await times(town.anna, "Your plan was") == ["2026-10-12T16:30"]


async def test_a_time_can_be_typed_below_the_plan(town: Town) -> None:
    await _plan(town, "When somebody raises their voice")
    await town.anna.send("Monday at ten")

    assert (await town.anna.last()).endswith("I will ask how it went: Monday 12 October, 11:00.")
    assert states(town) == ["open"]


async def test_a_part_can_be_changed_before_the_plan_is_kept(town: Town) -> None:
    await _plan(town)
    await town.anna.tap("Change")
    await town.anna.tap("I will …")
    await town.anna.send("I will ask what he needs")
    back = await town.anna.last()
    await town.anna.tap("That's it")

    read = await brief(town.alice, "Anna")

    assert "I will ask what he needs." in back
    assert "I will ask what he needs." in read
    assert "what I saw first" not in read


async def test_anna_says_no_to_the_plan_as_it_was_said_back_and_is_asked_which_part(town: Town) -> None:
    await _plan(town)
    await town.anna.send("no")

    assert await town.anna.last() == "Which part?"
    assert await town.anna.buttons() == ["When …", "I will …", "If …", "Back"]
    assert states(town) == ["drafting"]


async def test_the_obstacle_can_be_left_out(town: Town) -> None:
    await town.until(THURSDAY)
    await town.anna.send("tomorrow at two")
    await town.anna.send("breathe out")
    await town.anna.tap("Leave it out")
    await town.anna.send("yes")

    assert states(town) == ["open"]
    assert "Tomorrow at two,\nI will breathe out." in await brief(town.alice, "Anna")


async def test_a_plan_in_annas_own_words_is_kept_whole(town: Town) -> None:
    await town.until(THURSDAY)
    await town.anna.tap("In my own words")
    await town.anna.send("Tomorrow at two I shut the door. Basta, walrus.")
    kept = await town.anna.last()
    read = await brief(town.alice, "Anna")
    await town.until("2026-10-09 14:01")

    assert kept.endswith("I will ask how it went: Friday 9 October, 15:00.")
    assert "Tomorrow at two I shut the door. Basta, walrus." in read
    assert "I shut the door" in (await town.anna.find("Your plan was"))["text"]


async def test_a_cue_without_the_rest_is_kept_and_counts_as_answered(town: Town) -> None:
    await town.until(THURSDAY)
    await town.anna.send("When the narwhal rings")
    await town.until("2026-10-12 08:00")

    read = await brief(town.alice, "Anna")

    assert "When the narwhal rings," in read
    assert town.rows("SELECT state FROM occurrence WHERE step = 'plan' ORDER BY state") == [("answered",), ("missed",)]
    assert await times(town.anna, "Your plan was") == []


async def test_a_plan_never_said_back_to_the_end_is_asked_about_all_the_same(town: Town) -> None:
    await town.until(THURSDAY)
    await town.anna.send("When the narwhal rings")
    await town.anna.send("I let it ring twice")
    await town.until("2026-10-16 16:00")

    assert len(await times(town.anna, "Your plan was")) == 1


async def test_a_plan_is_kept_for_another_day_and_then_followed_by_a_new_one(town: Town) -> None:
    await _plan(town)
    await town.anna.tap("That's it")
    await town.until("2026-10-09 14:01")
    await town.anna.tap("Not yet")
    await town.anna.tap("Keep it for another day")
    await town.anna.tap("Tomorrow")
    told = await town.anna.last()
    await town.until(FRIDAY)
    await town.anna.send("The pigeons")
    await town.until("2026-10-12 07:01")
    await town.anna.tap("I did it")
    await town.anna.tap("A new plan")
    await town.anna.send("When he writes on Tuesday at eleven")
    await town.anna.send("I will answer the next morning")
    await town.anna.tap("Leave it out")
    await town.anna.tap("That's it")

    assert told == "I will ask how it went: Monday 12 October, 08:00."  # Saturday is no work day
    assert len(await times(town.anna, "Your plan was")) == 2
    assert states(town) == ["told", "open"]
    assert "When he writes on Tuesday at eleven,\nI will answer the next morning." in await brief(town.alice, "Anna")


async def test_words_after_a_part_was_to_change_and_the_plan_was_kept_after_all_are_not_lost(town: Town) -> None:
    await _plan(town)
    whole = await town.anna.find("Your plan, to read")
    await town.anna.tap("Change")
    await town.anna.tap("When …", whole["message_id"])
    await town.anna.tap_data(whole["message_id"], whole["buttons"][0][0]["data"])
    await town.anna.send("the ibis said it differently")
    await town.anna.send("and the lapwing too")
    read = await brief(town.alice, "Anna")

    assert states(town) == ["open"]
    assert "This plan is kept already." not in await town.anna.received()
    assert "ibis" in read
    assert "lapwing" in read


async def test_a_plan_that_is_kept_for_another_day_is_not_asked_about_sooner_because_a_new_one_is_made(
    town: Town,
) -> None:
    await _plan(town)
    await town.anna.tap("That's it")
    await town.until("2026-10-09 14:01")
    await town.anna.tap("Not yet")
    follow = await town.anna.find("What got in the way")
    await town.anna.tap("A new plan")
    await town.anna.tap("Keep it for another day", follow["message_id"])
    await town.anna.tap("Tomorrow", follow["message_id"])
    await town.anna.send("When he writes on Tuesday at eleven")
    await town.until("2026-10-09 16:00")
    meanwhile = len(await times(town.anna, "Your plan was"))
    await town.until(FRIDAY)
    await town.anna.send("The pigeons")
    await town.until("2026-10-12 07:01")

    assert meanwhile == 1
    assert len(await times(town.anna, "Your plan was")) == 2


async def test_a_plan_waits_for_the_end_of_a_pause(town: Town) -> None:
    await _plan(town)
    await town.anna.tap("That's it")
    await town.anna.send("/pause")
    await town.anna.tap("a week")
    await town.until("2026-10-14 18:00")
    meanwhile = await times(town.anna, "Your plan was")
    await town.until("2026-10-16 18:00")

    assert meanwhile == []
    assert len(await times(town.anna, "Your plan was")) == 1


async def test_a_private_plan_has_a_private_outcome_and_its_words_are_in_no_file(town: Town) -> None:
    await _plan(town)
    await town.anna.tap("That's it")
    await town.anna.tap("Only me")
    await town.until("2026-10-09 14:01")
    asked = await town.anna.find("Your plan was")
    await town.anna.tap("Not yet")
    await town.anna.send("the giraffe again")

    read = await brief(town.alice, "Anna")

    assert "Only you see your answer." in asked["text"]
    assert "giraffe" not in read
    assert "what I saw first" not in read
    assert not town.in_files("giraffe")
    assert not town.in_files("what I saw first")


STORY = """
person: Anna
language: en
answers:
  kinds/number/placed: [12]
  kinds/alias/whom: ["Fox"]
  kinds/plan/plan:
    - {cue: "When Fox calls tomorrow at two", action: "I will let it ring", outcome: partly, words: "Twice, to be exact."}
  kinds/again/whom: ["Fox"]
"""


async def test_a_story_answers_numbers_aliases_and_plans_and_says_how_the_plan_went(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "anna.yaml").write_text(STORY)
    monkeypatch.setattr("bot.rehearsal.player.FOLDER", tmp_path)
    stage = town.house.stage
    player = Player(stage.world, stage.keeper, catalog_questions(KINDS))

    await player.play(None, datetime(2026, 10, 15, tzinfo=UTC))
    await town.settled()
    read = await brief(town.alice, "Anna")

    kinds = town.rows("SELECT kind FROM answer ORDER BY given_at")
    assert [kind for (kind,) in kinds] == ["answer", "answer", "answer", "outcome", "answer"]
    assert states(town) == ["told"]
    assert "When Fox calls tomorrow at two,\nI will let it ring." in read
    assert "Partly\nTwice, to be exact." in read
    assert town.rows("SELECT count(*) FROM alias") == [(1,)]


async def test_annas_plan_is_no_business_of_bens(town: Town) -> None:
    await _plan(town)
    annas = await town.anna.find("Your plan, to read")
    bens = await town.ben.find("When will you next need")
    toast = await town.ben.tap_data(bens["message_id"], annas["buttons"][0][0]["data"])

    assert toast["text"] == "This button is no longer in use."
    assert states(town) == ["drafting"]


async def test_anna_leaves_and_nothing_of_her_plans_and_aliases_stays(town: Town) -> None:
    await town.until(WEDNESDAY)
    await town.anna.send("Fox")
    await _plan(town)
    await town.anna.tap("That's it")
    await town.until("2026-10-09 14:01")
    await town.anna.tap("I did it")
    await town.anna.send("/delete")
    await town.anna.send("delete")

    counts = town.counts()

    assert (counts["plan"], counts["alias"], counts["answer"], counts["answer_part"]) == (0, 0, 0, 0)


async def test_moments_and_plans_live_on_either_database(
    tmp_path: Path, keys_file: Path, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with House.open(tmp_path, database_url, keys_file, INTERLUDE_PROMPTS_DIR=str(KINDS)) as house:
        alice = await house.coach("Alice", await house.admin())
        anna = await house.leader("Anna", alice, follows=("kinds",))
        await anna.send("/win signed the heron")
        await anna.tap("With my team")
        await anna.tap("I listened first")
        await anna.tap("Share with Alice")
        await house.until(datetime(2026, 10, 7, 16, 31, tzinfo=UTC))
        await anna.send("Fox")
        await house.until(datetime(2026, 10, 8, 16, 31, tzinfo=UTC))
        await anna.send("tomorrow at half past four, or at 16:45")  # while the week's question is open
        await anna.send("breathe out")
        await anna.tap("Leave it out")
        await anna.tap("That's it")
        await house.until(datetime(2026, 10, 9, 16, 59, tzinfo=UTC))
        await anna.send("The pigeons")
        await house.advance(minutes=1)
        await anna.tap("I did it")
        read = await brief(alice, "Anna")
        await anna.send("/delete")
        await anna.send("delete")
        receipt = await anna.last()

    assert "With my team · I listened first\nsigned the heron" in read
    assert "I will breathe out.\nFri 9 Oct · How a plan went\nI did it" in read
    assert receipt.startswith("Everything of yours has been deleted")
    assert_calm(caplog)


# a time in words, a plan in one piece, old buttons


async def test_what_is_no_time_is_not_kept_as_words_and_anna_is_asked_again(town: Town) -> None:
    await _plan(town)
    await town.anna.tap("Another time")
    await town.anna.send("25:00")
    told = await town.anna.last()
    offered = await town.anna.buttons()
    await town.anna.send("Friday at 10:00")
    kept = await town.anna.last()

    read = await brief(town.alice, "Anna")

    assert told.startswith("I do not see when that is, or it has passed.")
    assert offered == ["Today", "Tomorrow", "This week", "No fixed time"]
    assert kept.endswith("I will ask how it went: Friday 9 October, 11:00.")
    assert "25:00" not in read
    assert "Friday at 10:00" not in read
    assert states(town) == ["open"]


async def test_an_impossible_time_below_the_plan_is_not_added_to_it(town: Town) -> None:
    await _plan(town)
    await town.anna.send("25:00")
    told = await town.anna.last()
    await town.anna.tap("That's it", (await town.anna.find("Your plan, to read"))["message_id"])

    assert told.startswith("I do not see when that is, or it has passed.")
    assert "25:00" not in await brief(town.alice, "Anna")


async def test_what_anna_adds_where_a_time_is_asked_for_is_not_lost(town: Town) -> None:
    await _plan(town)
    await town.anna.tap("Another time")
    await town.anna.send("and if the ibis comes in I stop and start once more")
    await town.anna.tap("That's it")

    assert "the ibis comes in" in await brief(town.alice, "Anna")
    assert states(town) == ["open"]


async def test_the_old_time_is_not_quoted_beside_the_new_one(town: Town) -> None:
    await _plan(town, "tomorrow at two, when the pelican rings")
    await town.anna.tap("Another time")
    await town.anna.send("Friday at 16:00")
    await town.until("2026-10-09 16:01")
    asked = await town.anna.find("Your plan was")

    assert "When the pelican rings,\nI will say what I saw first." in asked["text"]
    assert "tomorrow" not in asked["text"].casefold()
    assert "It was to be Friday 9 October, 16:00." in asked["text"]


async def test_a_day_for_a_plan_that_is_kept_can_be_typed(town: Town) -> None:
    await _plan(town)
    await town.anna.tap("That's it")
    await town.until("2026-10-09 14:01")
    await town.anna.tap("Later")
    await town.anna.send("perhaps")
    told = await town.anna.last()
    await town.anna.send("Monday at ten")

    assert told.startswith("I do not see when that is, or it has passed.")
    assert await town.anna.last() == "I will ask how it went: Monday 12 October, 11:00."
    assert town.rows("SELECT count(*) FROM answer WHERE kind = 'outcome'") == [(0,)]
    assert states(town) == ["open"]


async def test_in_her_own_words_in_the_middle_of_a_plan_replaces_the_parts_there_were(town: Town) -> None:
    await town.until(THURSDAY)
    question = (await town.anna.chat())[-1]
    await town.anna.send("When the narwhal rings")
    await town.anna.tap("In my own words", question["message_id"])
    await town.anna.send("tomorrow at two i shut the door, walrus")
    kept = await town.anna.last()
    read = await brief(town.alice, "Anna")
    await town.until("2026-10-09 14:01")
    asked = await town.anna.find("Your plan was")

    assert kept.startswith("tomorrow at two i shut the door, walrus")
    assert "narwhal" not in read
    assert "narwhal" not in asked["text"]
    assert "tomorrow at two i shut the door, walrus" in asked["text"]


async def test_no_part_is_changed_after_all(town: Town) -> None:
    await _plan(town)
    await town.anna.tap("Change")
    await town.anna.tap("Back")

    assert (await town.anna.find("Your plan, to read"))["buttons"][0][0]["text"] == "That's it"


async def test_a_button_of_an_old_plan_does_not_open_it_again(town: Town) -> None:
    await _plan(town)
    await town.anna.tap("That's it")
    await town.until("2026-10-09 14:01")
    asked = await town.anna.find("Your plan was")
    labels = {b["text"]: b["data"] for row in asked["buttons"] for b in row}
    await town.anna.tap("I did it")
    await town.anna.tap("That's all")
    toasts = [
        (await town.anna.tap_data(asked["message_id"], labels[label]))["text"]
        for label in ("Partly", "Later", "Let it go")
    ]
    await town.until("2026-10-20 18:00")

    assert toasts == ["This button is no longer in use."] * 3
    assert states(town) == ["told"]
    assert len(await times(town.anna, "Your plan was")) == 1


async def test_a_missed_plan_can_be_answered_by_its_buttons_for_a_week(town: Town) -> None:
    await _plan(town)
    await town.anna.tap("That's it")
    await town.until("2026-10-20 18:00")
    asked = await town.anna.find("Your plan was")
    toast = await town.anna.tap("I did it", asked["message_id"])

    assert toast["text"] == "This button is no longer in use."
    assert states(town) == ["missed"]


async def test_the_part_of_a_plan_that_was_asked_for_last_gets_the_words_and_not_the_wobble_before_it(
    town: Town,
) -> None:
    await town.until(THURSDAY)
    await town.anna.send("When the narwhal rings")
    await town.anna.send("I let it ring")
    part = await town.anna.find("What could get in the way")
    await town.anna.send("/wobble the lynx")
    await town.anna.tap("With a peer")
    await town.anna.tap("A pause")
    await town.anna.send("If the plover laughs, I wait", reply_to=part["message_id"])
    await town.house.advance(minutes=1)
    whole = await town.anna.find("Your plan, to read")

    assert "If the plover laughs, I wait." in whole["text"]
    assert town.rows("SELECT count(*) FROM answer WHERE kind = 'wobble'") == [(1,)]


async def test_a_part_that_is_asked_for_after_a_wobble_ends_it(town: Town) -> None:
    await _plan(town)
    await town.anna.send("/wobble the lynx")
    await town.anna.tap("With a peer")
    await town.anna.tap("A pause")
    await town.house.advance(minutes=1)
    await town.anna.tap("Another time")
    await town.house.advance(minutes=1)
    await town.anna.send("the dormouse in the corridor, and what I do then is to wait")
    wobble = await town.anna.find("A wobble")

    assert "dormouse" not in wobble["text"]
    assert "dormouse" in (await town.anna.find("Your plan, to read"))["text"]


async def test_a_plan_that_was_never_asked_about_is_not_told_to_the_coach_as_not_answered(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await _plan(town)
    await town.anna.tap("That's it")
    await town.until("2026-10-09 13:59")
    await fault(town, "500_before")
    await town.until("2026-10-09 14:00")
    await town.house.stop_bot()
    await town.until("2026-10-12 14:30")  # a whole work day in which nothing gets through
    await town.house.start_bot()
    await town.house.advance(minutes=1)
    read = await brief(town.alice, "Anna")
    await town.until("2026-10-13 15:00")
    caplog.clear()

    assert "how it went; not answered" not in read
    assert await copies(town.anna, "Did you get to it?") == [1]


async def test_a_plan_that_was_answered_while_nobody_knew_is_not_asked_about_again(town: Town) -> None:
    """As with any question: what was answered meanwhile, and did not arrive, does not go again."""
    await _plan(town)
    await town.anna.tap("That's it")
    await town.until("2026-10-09 13:30")
    await fault(town, "500_before")
    await town.ben.send("/privacy")
    await town.house.advance(minutes=2)  # by now it is known what a search can rely on
    await fault(town, "500_before")
    await town.until("2026-10-09 14:00")
    await town.anna.send("not yet")
    assert states(town) == ["told"]
    await town.house.advance(minutes=5)

    assert await copies(town.anna, "Did you get to it?") == [0]
