"""Aliases as people type them: an animal for everybody, an emoji of one's own, no full names."""

import pytest

from bot.domain.aliases import ANIMALS, SIGNS, Alias, is_mistyped, looks_like_a_name, read_alias, same


@pytest.mark.parametrize(
    ("text", "alias"),
    [
        ("Fox", Alias("🦊", "Fox")),
        ("  the   fox. ", Alias("🦊", "the fox")),
        ("🐸 Frog", Alias("🐸", "Frog")),
        ("Frog 🐸", Alias("🐸", "Frog")),
        ("🐸", Alias("🐸", "")),
        ("Éléonore", Alias("🦊", "Éléonore")),
        ("Hibou", Alias("🦉", "Hibou")),
        ("the old bear", Alias("🐻", "the old bear")),
        ("L’écureuil", Alias("🐿", "L’écureuil")),
    ],
)
def test_an_alias_is_read(text: str, alias: Alias) -> None:
    assert read_alias(text, ()) == alias


@pytest.mark.parametrize("text", ["", "   ", "?!", "Fox\nand more", "the one with the red tie", "x" * 41, "x" * 10_000])
def test_what_is_no_alias_is_a_story(text: str) -> None:
    assert read_alias(text, ()) is None


def test_an_animal_is_given_once_while_there_are_any() -> None:
    used: list[str] = []
    for number in range(len(ANIMALS) + len(SIGNS)):
        read = read_alias("X" + chr(ord("a") + number % 26) * 2, used)
        assert read is not None
        used.append(read.emoji)

    assert set(used) == {*ANIMALS, *SIGNS}
    assert read_alias("Somebody", used) == Alias("", "Somebody")


def test_an_animal_that_is_taken_is_given_neither_twice_nor_as_another_animal() -> None:
    read = read_alias("red fox", ["🦊"])

    assert read == Alias(SIGNS[0], "red fox")
    assert read_alias("🦊 red fox", ["🦊"]) == Alias("🦊", "red fox")


@pytest.mark.parametrize("text", ["7", "-3", "3,5", "8pm", "14:30", "22h", "x" * 31, "7️⃣"])
def test_a_number_a_time_and_what_no_button_could_show_are_slips(text: str) -> None:
    assert is_mistyped(text)
    assert read_alias(text, ()) is None


@pytest.mark.parametrize("text", ["Fox", "Agent 7", "🐸", "?!", "", "I thought of nobody in particular, all day long"])
def test_other_words_are_no_slips(text: str) -> None:
    assert not is_mistyped(text)


def test_two_capitalised_words_look_like_a_full_name() -> None:
    assert looks_like_a_name("Harry Lime")
    assert looks_like_a_name("Jean-Luc Le Goff")
    assert not looks_like_a_name("Fox")
    assert not looks_like_a_name("the Fox")
    assert not looks_like_a_name("red fox")


def test_names_are_the_same_whatever_their_case_and_accents() -> None:
    assert same("Éléonore", "eleonore")
    assert not same("Fox", "Foxes")
