"""What Alice believes holds a leader back: on her card, sealed, and at work in what is asked."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from house import House, Phone
from people import Town

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


async def asked(anna: Phone, words: str) -> int:
    return len([text for text in await anna.received() if words in text])


async def test_hypotheses_stand_on_the_card_and_nowhere_in_plain(town: Town) -> None:
    card = await write(town.alice, "Hypotheses", "pleasing others,  Own work first ; pleasing  others\nzebra")
    for phone in (town.anna, town.bob, town.olga):
        await phone.send("/leader Anna")

    assert "Hypotheses: pleasing others, Own work first, zebra" in card.splitlines()
    assert town.in_files("zebra") == []
    heard = [text for phone in (town.anna, town.bob, town.olga) for text in await phone.received()]
    assert not [text for text in heard if "zebra" in text]


async def test_hypotheses_are_few_and_short_and_can_be_taken_back(town: Town) -> None:
    many = await write(town.alice, "Hypotheses", ", ".join("abcdefghi"))
    long = await write(town.alice, "Hypotheses", "a talk too long to be a word or two, b")
    kept = await write(town.alice, "Hypotheses", "perfection")
    gone = await write(town.alice, "Hypotheses", "-")

    assert many == "These are 9. Please keep the 8 that matter most."
    assert long.startswith("“a talk too long to be a word o…” is long. Please keep each under 30 characters")
    assert "Hypotheses: perfection" in kept
    assert "Hypotheses: not set" in gone


async def test_what_hangs_on_a_hypothesis_is_asked_from_then_on(alices: tuple[House, Phone, Phone]) -> None:
    house, alice, anna = alices
    await house.advance(hours=4)  # Monday, 13:00
    before = await asked(anna, "Whom did you please today?")
    await write(alice, "Hypotheses", "Pleasing others, perfection")
    await house.advance(hours=24)
    with_it = await asked(anna, "Whom did you please today?")
    await write(alice, "Hypotheses", "perfection")
    await house.advance(hours=24)
    without_it = await asked(anna, "Whom did you please today?")

    assert (before, with_it, without_it) == (0, 1, 1)


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
