"""Aliases as people type them: an animal for everybody, an emoji of one's own, no full names."""

import pytest

from bot.domain.aliases import ANIMALS, Alias, free_animal, looks_like_a_name, read_alias, same


@pytest.mark.parametrize(
    ("text", "alias"),
    [
        ("Fox", Alias("🦊", "Fox")),
        ("  the   fox. ", Alias("🦊", "the fox")),
        ("🐸 Frog", Alias("🐸", "Frog")),
        ("Frog 🐸", Alias("🐸", "Frog")),
        ("🐸", Alias("🐸", "")),
        ("Éléonore", Alias("🦊", "Éléonore")),
        ("7", Alias("🦊", "7")),
    ],
)
def test_an_alias_is_read(text: str, alias: Alias) -> None:
    assert read_alias(text, ()) == alias


@pytest.mark.parametrize("text", ["", "   ", "?!", "Fox\nand more", "the one with the red tie", "x" * 41, "x" * 10_000])
def test_what_is_no_alias_is_a_story(text: str) -> None:
    assert read_alias(text, ()) is None


def test_an_animal_is_given_once_while_there_are_any() -> None:
    used: list[str] = []
    for _ in ANIMALS:
        used.append(free_animal(used))

    assert sorted(used) == sorted(ANIMALS)
    assert free_animal(used) in ANIMALS


def test_two_capitalised_words_look_like_a_full_name() -> None:
    assert looks_like_a_name("Harry Lime")
    assert looks_like_a_name("Jean-Luc Le Goff")
    assert not looks_like_a_name("Fox")
    assert not looks_like_a_name("the Fox")
    assert not looks_like_a_name("red fox")


def test_names_are_the_same_whatever_their_case_and_accents() -> None:
    assert same("Éléonore", "eleonore")
    assert not same("Fox", "Foxes")
