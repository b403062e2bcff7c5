"""What a moment's taps say, in either language, and what it is about."""

import pytest

from bot.domain.moments import MOMENTS, PEER_PARTS, choice, peer_question, spoken_part, tapped, theme_of, title
from bot.domain.sequence import THEMES
from bot.domain.text import units
from bot.i18n import Say

SAY = Say("en")


@pytest.mark.parametrize("kind", MOMENTS)
def test_a_moment_takes_two_taps_of_at_most_six_short_choices(kind: str) -> None:
    moment = MOMENTS[kind]

    assert len(moment.taps) == 2  # the third says who reads it
    for tap in moment.taps:
        assert 2 <= len(tap.choices) <= 6
        assert len({one.key for one in tap.choices}) == len(tap.choices)
        assert all(units(one.label(SAY)) <= 32 for one in tap.choices)
        assert units(tap.ask(SAY)) <= 60


@pytest.mark.parametrize("kind", MOMENTS)
def test_every_choice_leads_to_a_theme_there_is(kind: str) -> None:
    for one in MOMENTS[kind].taps[0].choices:
        assert theme_of(kind, [one.key]) in THEMES


def test_what_was_tapped_is_read_in_words() -> None:
    assert tapped("win", ["spoke", "prepared"], SAY) == "I spoke up · I had prepared"
    assert tapped("boundary", ["hours"], SAY) == "My free time"
    assert tapped("peer", ["anything"], SAY) == ""


def test_a_key_nobody_offers_says_nothing() -> None:
    assert choice("win", 0, "nonsense") is None
    assert choice("win", 2, "spoke") is None
    assert choice("sunrise", 0, "spoke") is None
    assert tapped("win", ["nonsense"], SAY) == ""
    assert theme_of("wobble", ["nonsense"]) == "confidence"


def test_only_what_was_captured_on_purpose_has_a_title() -> None:
    assert {kind: title(kind, SAY) for kind in ("win", "peer", "plan", "outcome", "moment", "answer")} == {
        "win": "A win", "peer": "With a peer", "plan": "A plan", "outcome": "How a plan went", "moment": "", "answer": "",
    }  # fmt: skip


def test_a_moment_with_a_peer_goes_from_facts_to_a_question() -> None:
    assert PEER_PARTS == ("facts", "story", "interests", "ask")
    assert all(peer_question(part, SAY).endswith("?") for part in PEER_PARTS)
    assert spoken_part("facts", "He left {early}", SAY) == "Facts: He left {early}"
