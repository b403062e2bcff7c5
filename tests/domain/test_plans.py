"""A plan's parts, said back in the leader's own words."""

import pytest

from bot.domain.plans import bare, lines, missing, quoted
from bot.domain.text import units
from bot.i18n import Say

SAY = Say("en")


@pytest.mark.parametrize(
    ("part", "typed", "shown"),
    [
        ("cue", "When he rings", "he rings"),
        ("cue", "Quand il m’appelle", "il m’appelle"),
        ("cue", "Whenever she laughs.", "she laughs"),
        ("cue", "Whence he came", "Whence he came"),
        ("cue", "when", "when"),
        ("cue", "Lorsqu’il rit", "il rit"),
        ("cue", "Dès qu'elle part", "elle part"),
        ("cue", "S’il appelle", "il appelle"),
        ("action", "I will breathe", "breathe"),
        ("action", "I'll breathe", "breathe"),
        ("action", "then I will breathe out", "breathe out"),
        ("action", "je vais respirer", "respirer"),
        ("obstacle", "If he laughs, I go on", "he laughs, I go on"),
        ("action", "je dis non", "je dis non"),
        ("obstacle", "Si…", "Si…"),
        ("obstacle", "s’ils insistent, je me tais", "ils insistent, je me tais"),
        ("obstacle", "Si jamais elle rit, je ris", "elle rit, je ris"),
    ],
)
def test_the_words_around_a_part_are_not_said_twice(part: str, typed: str, shown: str) -> None:
    assert bare(part, typed) == shown


def test_a_plan_is_said_back_line_by_line_as_far_as_it_goes() -> None:
    parts = {"cue": "When he rings", "action": "I'll let it ring", "obstacle": "if he insists, I say: tomorrow."}

    assert lines(parts, SAY) == ["When he rings,", "I will let it ring.", "If he insists, I say: tomorrow."]
    assert lines({"cue": "he {rings}"}, SAY) == ["When he {rings},"]
    assert lines({"facts": "He left"}, SAY) == []


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "action",
    [
        "Mes premiers mots\u00a0: «\u00a0Ça ne va pas te plaire, et je reste là après.\u00a0»", "I say no!", "Me taire…",
        "je demande\u00a0: «\u00a0Qu’as-tu essayé\u00a0?\u00a0»", "ask: “What have you tried?”", "breathe (twice!)",
    ],
)  # fmt: skip
def test_a_plan_ends_in_one_mark(action: str, language: str) -> None:
    for part in ("action", "obstacle"):
        [line] = lines({part: action}, Say(language))
        assert line.endswith(action[-6:])
    assert lines({"action": "say “no”"}, SAY) == ["I will say “no”."]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("tomorrow at two", "Tomorrow at two,"),
        ("Friday, before lunch", "Friday, before lunch,"),
        ("demain à 14h", "Demain à 14h,"),
        ("le 12 décembre", "Le 12 décembre,"),
        ("lundis", "Lundis,"),
        ("cet après-midi en réunion", "Cet après-midi en réunion,"),
        ("après-demain", "Après-demain,"),
        ("le client appelle", "When le client appelle,"),
        ("when in doubt", "When in doubt,"),
        ("in-laws ring", "When in-laws ring,"),
        ("enfin seul", "When enfin seul,"),
    ],
)
def test_a_moment_named_by_its_day_or_hour_needs_no_when(typed: str, shown: str) -> None:
    assert lines({"cue": typed}, SAY) == [shown]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("respirer", "Je vais respirer."),
        ("je vais respirer", "Je vais respirer."),
        ("je respire", "Je respire."),
        ("j’écoute", "J’écoute."),
        ("alors je réponds demain", "Alors je réponds demain."),
        ("jeter un œil", "Je vais jeter un œil."),
    ],
)
def test_an_action_that_is_a_sentence_already_stands_as_it_is(typed: str, shown: str) -> None:
    assert lines({"action": typed}, Say("fr")) == [shown]


@pytest.mark.parametrize(
    ("part", "typed", "shown"),
    [
        ("cue", "The phone rings", "When the phone rings,"),
        ("cue", "Paul rings", "When Paul rings,"),
        ("cue", "I sit down", "When I sit down,"),
        ("action", "Karen gets a no from me", "Then: Karen gets a no from me."),
        ("action", "Say no", "Then: Say no."),
        ("cue", "IT rings", "When IT rings,"),
        ("obstacle", "He laughs. Then I go on", "If he laughs. Then I go on."),
        ("obstacle", "L’équipe rit, je ris", "If l’équipe rit, je ris."),
    ],
)
def test_a_capital_that_may_be_a_name_is_kept_inside_a_sentence(part: str, typed: str, shown: str) -> None:
    assert lines({part: typed}, SAY) == [shown]


def test_what_names_a_moment_and_says_when_as_well_is_not_given_another_when() -> None:
    assert lines({"cue": "When Friday at 3pm when he rings"}, SAY) == ["Friday at 3pm when he rings,"]
    assert lines({"cue": "When In the lift"}, SAY) == ["When in the lift,"]
    assert lines({"obstacle": "After all of it"}, SAY) == ["If after all of it."]


def test_once_a_plan_has_another_moment_its_words_no_longer_say_when() -> None:
    cue = "demain à 14h30, quand il m’appelle"

    assert lines({"cue": cue, "action": "je dis non"}, Say("fr"), is_moved=True) == ["Quand il m’appelle,", "Je dis non."]
    assert lines({"cue": "tomorrow at two", "action": "breathe"}, SAY, is_moved=True) == ["I will breathe."]


def test_the_next_part_is_the_first_that_is_missing() -> None:
    assert missing({}, without_obstacle=False) == "cue"
    assert missing({"cue": "x"}, without_obstacle=False) == "action"
    assert missing({"cue": "x", "action": "y"}, without_obstacle=False) == "obstacle"
    assert missing({"cue": "x", "action": "y"}, without_obstacle=True) is None
    assert missing({"cue": " ", "action": "y"}, without_obstacle=True) == "cue"


def test_long_words_are_cut_where_they_stand_in_a_question() -> None:
    assert quoted("x" * 10_000).endswith("…")
    assert units(quoted("\U0001f600" * 10_000)) <= 302
