"""Names as people type them on a phone."""

import pytest

from bot.domain.names import alike, loose, meant, named_by

LED = ["Jérôme", "Maïté", "Loïc", "Anne-Aëlle d'Orgeval"]


@pytest.mark.parametrize(
    ("typed", "who"),
    [
        ("jerome", "Jérôme"), ("Jérome", "Jérôme"), ("LOIC", "Loïc"), ("maité", "Maïté"), ("lo", "Loïc"),
        ("Lo\u0131\u0308c".replace("\u0131", "i"), "Loïc"),  # the dots as a sign of their own
        ("Anne-Aëlle d’Orgeval", LED[3]), ("anne aelle dorgeval", LED[3]), ("Anne\u2011Aëlle", LED[3]), ("anne", LED[3]),
    ],
)  # fmt: skip
def test_accents_case_apostrophes_and_hyphens_do_not_matter(typed: str, who: str) -> None:
    assert [LED[i] for i in meant(typed, LED)] == [who]


def test_the_closest_spelling_decides_and_nothing_names_nobody() -> None:
    assert meant("Lea", ["Léa", "Lea"]) == [1]
    assert meant("Léa", ["Léa", "Lea"]) == [0]
    assert meant("LEA", ["Léa", "Léo"]) == [0]
    assert meant("Jo Marie", ["Jo", "Jo-Marie", "Jo Marie"]) == [2]
    assert meant("le", ["Léa", "Léo"]) == [0, 1]
    assert meant("le", ["Léa", "Léo"], only_whole=True) == []
    assert meant(" ’ ", LED) == meant("", LED) == []
    assert meant("Éric", LED) == []


def test_whole_words_of_a_name_are_told_from_what_follows_it() -> None:
    assert named_by("Anne-Aelle", ["Anne-Aëlle d'Orgeval"]) == [0]
    assert named_by("anne aelle d", ["Anne-Aëlle d'Orgeval"], form=loose) == []
    assert alike("Jean-Noël", "jean noel")
    assert not alike("Jean", "Jeanne")
