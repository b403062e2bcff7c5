"""What a coach types after `/ask Jack`: when it is to be asked, and what."""

from datetime import datetime

import pytest

from bot.domain.own_questions import OwnQuestion, Timing, read, sequence_of, unread_moment, with_options
from bot.domain.phrases import Misread
from bot.domain.sequence import AroundSession, Kind, Once, Sharing
from bot.i18n import Say

MONDAY = datetime(2026, 10, 5, 9, 0)
SAY = Say()


def timing(text: str) -> tuple[Timing | None, str]:
    found = read(text, MONDAY, SAY)
    assert not isinstance(found, Misread), found
    return found[0], found[1].ask


def refused(text: str) -> str:
    found = read(text, MONDAY, SAY)
    assert isinstance(found, Misread)
    return found.sentence


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Fri 9:00 How?", datetime(2026, 10, 9, 9)),
        ("ven 9h How?", datetime(2026, 10, 9, 9)),
        ("on Friday at 9:00: How?", datetime(2026, 10, 9, 9)),
        ("le vendredi à 9h30 How?", datetime(2026, 10, 9, 9, 30)),
        ("Mon 8:30 How?", datetime(2026, 10, 12, 8, 30)),  # this Monday's has passed
        ("tomorrow 9:30 How?", datetime(2026, 10, 6, 9, 30)),
        ("demain à 9h30 How?", datetime(2026, 10, 6, 9, 30)),
        ("12 Nov 14h How?", datetime(2026, 11, 12, 14)),
        ("Fri 16 Oct 9:00 How?", datetime(2026, 10, 16, 9)),
        ("17:30 How?", datetime(2026, 10, 5, 17, 30)),
        ("8:30 How?", datetime(2026, 10, 6, 8, 30)),
        ("ce soir 18h How?", datetime(2026, 10, 5, 18)),
        ("tonight 6pm: How?", datetime(2026, 10, 5, 18)),
        ("demain matin à 9 h 30, How?", datetime(2026, 10, 6, 9, 30)),
        ("jeudi en huit 9h How?", datetime(2026, 10, 15, 9)),
        ("lundi prochain à 18h How?", datetime(2026, 10, 12, 18)),  # said on a Monday
        ("next Monday 18:00 How?", datetime(2026, 10, 12, 18)),
        ("mardi prochain 9h How?", datetime(2026, 10, 6, 9)),
        ("in 2 hours: How?", datetime(2026, 10, 5, 11)),
        ("dans 30 minutes : How?", datetime(2026, 10, 5, 9, 30)),
    ],
)
def test_a_day_and_a_time_in_front_say_when(text: str, at: datetime) -> None:
    assert timing(text) == (Timing(at=at), "How?")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h before the session: How?", Timing(is_before=True, hours=2)),
        ("2 h avant la séance : How?", Timing(is_before=True, hours=2)),
        ("2 days before our next session How?", Timing(is_before=True, days=2)),
        ("the day before the session: How?", Timing(is_before=True, days=1)),
        ("la veille de la séance : How?", Timing(is_before=True, days=1)),
        ("1 day after the session How?", Timing(is_before=False, days=1)),
        ("3 heures après la seance, How?", Timing(is_before=False, hours=3)),
        ("30 min avant la séance : How?", Timing(is_before=True, minutes=30)),
        ("30 min before: How?", Timing(is_before=True, minutes=30)),
        ("after the session: How?", Timing(is_before=False, hours=1)),
        ("now: How?", Timing()),
        ("maintenant : How?", Timing()),
    ],
)
def test_a_question_hangs_on_the_session_or_goes_at_once(text: str, expected: Timing) -> None:
    assert timing(text) == (expected, "How?")


@pytest.mark.parametrize(
    "text",
    [
        "How did it go on Friday at 9:00?",
        "Mon plan a-t-il marché ?",  # "Mon" is French for "my"
        "After the session with the board, what will you say?",
        "Ce soir, que direz-vous ?",
        "30 min before you begin, what helps?",
        "Tonight 6 people come. How will you begin?",
        "Now what?",
        "In 2 hours you will stand there. What helps?",
        "10 things went well. Which one most?",
        "May I ask how it went?",
    ],
)
def test_what_only_looks_like_a_moment_belongs_to_the_question(text: str) -> None:
    assert timing(text) == (None, text)


def test_lines_with_a_dash_are_choices_and_a_theme_can_be_named() -> None:
    found = read("Which one? #own-work\n- Walk\n- Talk\n- walk", MONDAY, SAY)

    assert found == (None, OwnQuestion("Which one?", Kind.choice, ("Walk", "Talk"), theme="own-work"))


def test_zero_to_ten_is_a_scale_and_a_strange_tag_is_part_of_the_question() -> None:
    rated = read("How sure are you, 0 to 10?", MONDAY, SAY)
    tagged = read("Did #metoo come up? #limites", MONDAY, SAY)

    assert not isinstance(rated, Misread)
    assert rated[1].kind == Kind.scale
    assert not isinstance(tagged, Misread)
    assert (tagged[1].ask, tagged[1].theme) == ("Did #metoo come up?", "boundaries")


def test_what_cannot_be_asked_is_refused_in_a_sentence() -> None:
    assert refused("Fri 9:00") == "Please add the question: /ask Jack Fri 9:00 How did it go with the rota?"
    assert refused("12 Nov 2025 9:00 How?") == "Wednesday 12 November 2025, 09:00 has passed. Please give a later one."
    assert refused("12 Nov 2028 9:00 How?").endswith("is too far away. Please check the year.")
    assert refused("x" * 301) == "This is long for a phone. Please keep a question under 300 characters."
    assert refused("Which?\n- a\n- " + "b" * 41).endswith("Please keep each under 40 characters.")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Fri 25:00 How?", "“25:00” is not a time of day."),
        ("ven 25h30 : How?", "“25h30” is not a time of day."),
        ("25:00 How?", "“25:00” is not a time of day."),
        ("yesterday 9:00 How?", "“yesterday 9:00” has passed. Please give a later one."),
        ("hier 9h00 How?", "“hier 9h00” has passed. Please give a later one."),
        ("32 Oct 9:00 How?", "“32 Oct” is not a date."),
    ],
)
def test_what_was_meant_as_a_moment_and_is_none_does_not_become_the_question(text: str, sentence: str) -> None:
    assert refused(text) == sentence


@pytest.mark.parametrize(
    "text", ["Your 9:30 meeting: how was it?", "Yesterday at 9:00 you met Tom. How was it?", "Mon équipe à 9h30 ?", "How?"]
)
def test_a_time_within_a_sentence_belongs_to_the_question(text: str) -> None:
    assert timing(text) == (None, text)


def test_choices_are_two_to_eight() -> None:
    question = OwnQuestion("Which?", Kind.choice)
    few, many = with_options(question, "one", SAY), with_options(question, "\n".join("abcdefghi"), SAY)
    right = with_options(question, "one\n\n two ", SAY)

    assert few == many == Misread("Please write 2 to 8 choices, one per line.")
    assert right == OwnQuestion("Which?", Kind.choice, ("one", "two"))


def test_a_question_becomes_a_sequence_of_one_step() -> None:
    at = datetime(2026, 10, 9, 9)
    amount = sequence_of(OwnQuestion("How many hours?", Kind.number, unit="hours", at=at)).steps
    around = sequence_of(OwnQuestion("How?", is_before=True, hours=2)).steps

    assert amount[0].when == Once(at)
    assert amount[0].questions[0].sharing == Sharing.private
    assert around[0].when == AroundSession(before=True, hours=2, first=1, last=1)


def test_a_question_comes_back_from_what_is_kept_of_it_as_it_was() -> None:
    question = OwnQuestion("How?", Kind.choices, ("a", "b"), theme="team", is_before=False, days=1)

    assert OwnQuestion.opened(question.kept()) == question


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dans 2h Ça va ?", "dans 2h"), ("demain matin Ça va ?", "demain matin"), ("tomorrow How is it?", "tomorrow"),
        ("la veille de la séance à 18h Qu’attendez-vous ?", "la veille de la séance"), ("Friday How was it?", "Friday"),
        ("in 2 days How is it?", "in 2 days"), ("Lundi prochain, ça ira ?", "Lundi prochain"),
        ("Mon équipe va bien ?", ""), ("Dans votre équipe, qui ?", ""), ("Today’s meeting: how was it?", ""),
        ("demain 9h Ça va ?", ""), ("dans 2h: Ça va ?", ""),
    ],
)  # fmt: skip
def test_a_moment_that_was_not_read_is_noticed(text: str, words: str) -> None:
    found = read(text, MONDAY, Say("fr"))
    assert not isinstance(found, Misread)
    timing, own = found
    assert unread_moment(own if timing is None else own.timed(timing)) == words
