"""What people type about their hours and pauses, in both languages; and what they mistype."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.phrases import Misread
from bot.domain.spans import HoursRequest, parse_hours, parse_pause
from bot.i18n import Say

SAY = Say("en")
SATURDAY = date(2026, 11, 21)
MON_FRI = frozenset(range(5))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("8-19", HoursRequest(None, time(8), time(19))),
        ("Mon-Thu 9:00-18:30", HoursRequest(frozenset({0, 1, 2, 3}), time(9), time(18, 30))),
        ("lun, mar, jeu 8h-17h", HoursRequest(frozenset({0, 1, 3}), time(8), time(17))),
        ("du lundi au vendredi de 9h à 18h vers 12h30", HoursRequest(MON_FRI, time(9), time(18), time(12, 30))),
        ("weekdays at 12:30", HoursRequest(MON_FRI, usual=time(12, 30))),
        ("mon wed fri", HoursRequest(frozenset({0, 2, 4}))),
        ("Tuesday and Thursday", HoursRequest(frozenset({1, 3}))),
        ("lundi, mardi et jeudi 9h-12h", HoursRequest(frozenset({0, 1, 3}), time(9), time(12))),
        ("entre mardi et jeudi, entre 9h et 12h", HoursRequest(frozenset({1, 2, 3}), time(9), time(12))),
        ("les lundis et jeudis", HoursRequest(frozenset({0, 3}))),
        ("the weekend 10-12", HoursRequest(frozenset({5, 6}), time(10), time(12))),
        ("en semaine de 8h à 18h", HoursRequest(MON_FRI, time(8), time(18))),
        ("sat to tue 10-12", HoursRequest(frozenset({5, 6, 0, 1}), time(10), time(12))),
        ("9 to 5", HoursRequest(None, time(9), time(17))),
        ("9am-5pm", HoursRequest(None, time(9), time(17))),
        ("8h30 – 19h", HoursRequest(None, time(8, 30), time(19))),
        ("22h-7h", HoursRequest(None, time(22), time(7))),
        ("8:00-24:00", HoursRequest(None, time(8), time(0))),
        ("every day 7:30-22:00", HoursRequest(frozenset(range(7)), time(7, 30), time(22))),
    ],
)
def test_hours_are_understood(text: str, wanted: HoursRequest) -> None:
    assert parse_hours(text, SAY) == wanted


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "Please write days and hours."),
        ("hello", "I did not understand “hello”."),
        ("25:00", "“25:00” is not a time of day."),
        ("8pm", "“8pm” is one time; please write from when until when."),
        ("8:00-25:00", "“8:00-25:00” are no hours of a day."),
        ("9-9:30", "at least an hour"),
        ("9-18 at 26:00", "“26:00” is not a time of day."),
        ("<b>9-18</b>", "I did not understand"),
        ("٨-١٩", "I did not understand"),
        ("🕗–🕖", "I did not understand"),
        ("x" * 10_000, "Please write days and hours."),
    ],
)
def test_bad_hours_get_one_sentence_with_an_example(text: str, part: str) -> None:
    found = parse_hours(text, SAY)

    assert isinstance(found, Misread)
    assert part in found.sentence
    assert found.sentence.endswith("For example: /when Mon-Thu 9:00-18:00")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a week", date(2026, 11, 28)),
        ("une semaine", date(2026, 11, 28)),
        ("3 days", date(2026, 11, 24)),
        ("deux semaines", date(2026, 12, 5)),
        ("until 12 Dec", date(2026, 12, 12)),
        ("jusqu’au 12 décembre", date(2026, 12, 12)),
        ("until Monday", date(2026, 11, 23)),
        ("jusqu’à samedi", date(2026, 11, 28)),  # today is a Saturday: the next one
        ("tomorrow", date(2026, 11, 22)),
        ("a fortnight", date(2026, 12, 5)),
        ("quinze jours", date(2026, 12, 6)),
        ("2026-12-24", date(2026, 12, 24)),
    ],
)
def test_a_pause_ends_on_the_day_that_was_meant(text: str, wanted: date) -> None:
    assert parse_pause(text, SATURDAY, SAY) == wanted


@pytest.mark.parametrize(
    "text", ["today", "until 1 Jan 2020", "0 days", "400 days", "until I come back", "25:00", "🙂", "a" * 10_000, "31 Feb"]
)
def test_a_pause_nobody_can_follow_gets_a_sentence(text: str) -> None:
    found = parse_pause(text, SATURDAY, SAY)

    assert isinstance(found, Misread)
    assert "For example" in found.sentence


@given(st.text(max_size=120))
def test_any_text_is_hours_or_a_sentence(text: str) -> None:
    assert isinstance(parse_hours(text, SAY), HoursRequest | Misread)
    assert isinstance(parse_pause(text, SATURDAY, SAY), date | Misread)
