"""What Alice believes holds a leader back: written down, weighed with the leader's words, and at work in what is asked."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from house import House, Phone
from people import Town
from sqlalchemy import select

from bot import app
from bot.clock import SteppedClock
from bot.db.tables import Engagement

LIBRARY = Path(__file__).parent / "tags_library"


@pytest.fixture
async def alices(tmp_path: Path, keys_file: Path) -> AsyncIterator[tuple[House, Phone, Phone]]:
    """A house with a sequence for some, with Alice and Anna, who follows it."""
    url = f"sqlite:///{tmp_path / 'data' / 'interlude.db'}"
    async with House.open(tmp_path, url, keys_file, INTERLUDE_PROMPTS_DIR=str(LIBRARY)) as house:
        alice = await house.coach("Alice", await house.admin())
        yield house, alice, await house.leader("Anna", alice, follows=("tagged",))


async def write(alice: Phone, button: str, words: str) -> str:
    await alice.send("/leader Anna")
    await alice.tap(button)
    await alice.send(words)
    return await alice.last()


async def heard(phone: Phone, text: str) -> str:
    await phone.send(text)
    return await phone.last()


async def asked(anna: Phone, words: str) -> int:
    return len([text for text in await anna.received() if words in text])


async def weigh(alice: Phone, button: str, hypothesis: str) -> None:
    """Under the words of a brief that holds one answer."""
    await alice.send("/brief Anna")
    await alice.tap("Reply or note…")
    await alice.tap(button)
    await alice.tap(hypothesis)


async def test_a_hypothesis_stands_on_the_card_and_nowhere_in_plain(town: Town) -> None:
    shown = await heard(town.alice, "/blocker Anna Would rather please the zebra #pleasing_others #own-work")
    card = await heard(town.alice, "/leader Anna")
    for phone in (town.anna, town.bob, town.olga):
        for command in ("/leader Anna", "/blocker Anna", "/journal", "/export", "/status"):
            await phone.send(command)
    said = [text for phone in (town.anna, town.bob, town.olga) for text in await phone.received()]

    assert shown.startswith("Anna · Would rather please the zebra\n\nTags: pleasing others and own-work\n\n")
    assert "Hypotheses: Would rather please the zebra" in card.splitlines()
    assert town.in_files("zebra") == []
    assert [text for text in said if "zebra" in text] == []
    assert await heard(town.bob, "/blocker Anna hm") == "There is no leader of that name. Yours are: Carla."


async def test_hypotheses_are_few_and_short_and_can_be_closed(town: Town) -> None:
    for word in "abcdefgh":
        await town.alice.send(f"/blocker Anna {word}")
    many = await heard(town.alice, "/blocker Anna i")
    await town.alice.send("/blocker Anna")
    await town.alice.tap("c")
    await town.alice.tap("Close it")
    closed = await town.alice.find("Closed.")
    long = await heard(town.alice, "/blocker Anna " + "x" * 201)
    tag = await heard(town.alice, "/blocker Anna She says yes #" + "y" * 31)
    again = await heard(town.alice, "/blocker Anna A")
    empty = {await heard(town.alice, f"/blocker Anna {sign}") for sign in ("#", "…", "# #")}

    assert many == "These are 8 already. Please close one first: /blocker Anna"
    assert closed["text"] == "Closed. It no longer stands in the brief on Anna."
    assert long == "This is long for a hypothesis. Please keep it under 200 characters."
    assert tag == f"“{'y' * 30}…” is long for a tag. Please keep each under 30 characters."
    assert again == "“A” stands there already."
    assert empty == {"There is nothing in it yet. Please write a line."}
    assert "Hypotheses: a, b, d, e, f, g, h" in await heard(town.alice, "/leader Anna")


async def test_annas_words_speak_for_one_hypothesis_and_against_another(town: Town) -> None:
    await town.alice.send("/blocker Anna Wants to please everybody, whatever it costs her")
    await town.alice.send("/blocker Anna Takes no risks")
    await town.until("2026-10-06 16:31")
    await town.anna.tap("In my own words")
    await town.anna.send("I said no to the board")
    await weigh(town.alice, "Speaks against…", "Wants to please everybody, whatever it cost…")
    await weigh(town.alice, "Speaks for…", "Takes no risks")
    await town.alice.tap("Takes no risks")  # not that one after all
    listed = await heard(town.alice, "/blocker Anna")
    await town.alice.tap("Wants to please everybody, whatever it cost…")
    shown = await town.alice.last()
    brief = await heard(town.alice, "/brief Anna")

    assert "Wants to please everybody, whatever it costs her\nfor: 0 · against: 1" in listed
    assert "Takes no risks\nfor: 0 · against: 0 · #Takes no risks" in listed
    assert "Speaks against it\n\nTue 6 Oct · How sure are you today?\nI said no to the board" in shown
    assert "Wants to please everybody, whatever it costs her" in brief


async def test_words_that_anna_takes_back_speak_no_longer(town: Town) -> None:
    await town.alice.send("/blocker Anna Takes no risks")
    await town.until("2026-10-06 16:31")
    await town.anna.tap("In my own words")
    await town.anna.send("I said no to the board")
    await weigh(town.alice, "Speaks against…", "Takes no risks")
    await town.anna.tap("Only me")
    listed = await heard(town.alice, "/blocker Anna")
    await town.alice.tap("Takes no risks")
    hidden = await town.alice.last()
    await town.anna.tap("Share with Alice")

    assert "for: 0 · against: 0" in listed
    assert "board" not in hidden
    assert "for: 0 · against: 1" in await heard(town.alice, "/blocker Anna")


async def test_without_a_hypothesis_there_is_nothing_to_weigh(town: Town) -> None:
    await town.until("2026-10-06 16:31")
    await town.anna.tap("In my own words")
    await town.anna.send("I said no")
    await town.alice.send("/brief Anna")
    await town.alice.tap("Reply or note…")
    toast = await town.alice.tap("Speaks for…")

    assert toast["text"] == "You have no hypotheses about Anna yet. /blocker Anna … writes one down."


async def test_what_hangs_on_a_hypothesis_is_asked_from_then_on(alices: tuple[House, Phone, Phone]) -> None:
    house, alice, anna = alices
    await house.advance(hours=4)  # Monday, 13:00
    before = await asked(anna, "Whom did you please today?")
    await alice.send("/blocker Anna Pleasing others")
    await house.advance(hours=24)
    with_it = await asked(anna, "Whom did you please today?")
    await alice.send("/blocker Anna")
    await alice.tap("Pleasing others")
    await alice.tap("Close it")
    await house.advance(hours=24)
    without_it = await asked(anna, "Whom did you please today?")

    assert (before, with_it, without_it) == (0, 1, 1)


async def test_a_tag_that_a_sequence_looks_at_is_offered_and_others_are_typed(alices: tuple[House, Phone, Phone]) -> None:
    house, alice, anna = alices
    await alice.send("/blocker Anna She answers every mail within the minute, at night too")
    await alice.tap("Tags")
    offered = await alice.buttons()
    await alice.tap("pleasing others")
    ticked = await alice.buttons()
    await house.advance(hours=27)
    await alice.tap("Write them")
    typed = await heard(alice, "mail; nights,  #mail")

    assert offered == ["pleasing others", "Write them", "Back"]
    assert ticked == ["✓ pleasing others", "Write them", "Back"]
    assert await asked(anna, "Whom did you please today?") >= 1
    assert "Tags: mail and nights" in typed


async def tag_as_before(town: Town, tags: list[str]) -> None:
    """Anna's is the oldest engagement."""
    clock = SteppedClock(await town.house.now())
    async with app.opened(town.house.settings, clock) as practice, practice.database.write() as db:
        engagement = (await db.scalars(select(Engagement).order_by(Engagement.id).limit(1))).one()
        box = await practice.vault.box(engagement.leader_id, "shared")
        engagement.tags = box.seal("engagement.tags", engagement.id, json.dumps(tags))


async def test_hypotheses_from_before_are_taken_over(town: Town) -> None:
    """A deployment of the last release kept tags on the engagement."""
    await town.house.stop_bot()
    await tag_as_before(town, ["pleasing others", "perfection"])
    await town.house.start_bot()
    card = await heard(town.alice, "/leader Anna")
    listed = await heard(town.alice, "/blocker Anna")

    assert "Hypotheses: pleasing others, perfection" in card.splitlines()
    assert "pleasing others\nfor: 0 · against: 0 · #pleasing others" in listed
    assert town.rows("SELECT count(*) FROM engagement WHERE tags IS NOT NULL") == [(0,)]
    assert "Hypotheses: pleasing others, perfection" in (await heard(town.alice, "/leader Anna")).splitlines()


async def test_what_hangs_on_the_role_follows_the_card(alices: tuple[House, Phone, Phone]) -> None:
    house, alice, anna = alices
    await write(alice, "Role", "Team leader")
    await house.advance(hours=9)  # Monday, 18:00
    before = await asked(anna, "What did a director see today?")
    await write(alice, "Role", "Associate Director")
    await house.advance(hours=24)

    await anna.send("The numbers, on time.")
    await alice.send("/brief Anna")
    brief = await alice.last()

    assert before == 0
    assert await asked(anna, "What did a director see today?") == 1
    assert "Seen by a director" in brief  # the short name stands for the question
    assert "What did a director see today?" not in brief
    assert "The numbers, on time." in brief
