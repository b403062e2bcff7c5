"""The moment of a plan: found in free words, tapped, and when it is asked about."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cues import Cue, chosen_instant, find_cue, follow_up_at, instant_of, is_a_day
from bot.domain.hours import Hours, is_quiet

NOW = datetime(2026, 10, 6, 9, 0)  # a Tuesday
LONDON = Hours("Europe/London", country="GB", subdivision="ENG")


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("my one-to-one with 🦊 tomorrow at two", 7, time(14)),
        ("When he rings me on Thursday at 14:30", 8, time(14, 30)),
        ("jeudi à 14h", 8, time(14)),
        ("demain à deux heures", 7, time(14)),
        ("Thursday 2pm", 8, time(14)),
        ("in Friday's stand-up at 9.15", 9, time(9, 15)),
        ("aujourd'hui à 18h", 6, time(18)),
        ("at noon", 6, time(12)),
        ("at 8", 7, time(8)),  # today's has passed
        ("on Tuesday at 8", 13, time(8)),
        ("on Monday", 12, None),
        ("demain matin", 7, None),
        ("this afternoon", 6, None),
        ("jeudi après-midi", 8, None),
        ("cet après midi", 6, None),
        ("on 12 October at 10:00", 12, time(10)),
    ],
)
def test_a_moment_is_found_in_free_words(text: str, day: int, clock: time | None) -> None:
    assert find_cue(text, NOW) == Cue(date(2026, 10, day), clock)


@pytest.mark.parametrize(
    "text",
    ["", "when somebody raises their voice", "mon équipe", "in a two hour meeting", "at 25:00", "my 1:1 with him",
     "on 5 October 2026", "when Sam or Mar or Jeu ask", "1 of 2", "x" * 10_000],
)  # fmt: skip
def test_where_there_is_no_moment_none_is_found(text: str) -> None:
    assert find_cue(text, NOW) is None


@given(st.text(max_size=120))
def test_no_words_break_the_search_and_nothing_in_the_past_is_found(text: str) -> None:
    found = find_cue(text, NOW)
    assert found is None or datetime.combine(found.day, found.at or time(23, 59)) > NOW


def test_a_plan_with_a_time_is_asked_about_an_hour_later_in_the_leaders_hours() -> None:
    two, evening = (
        instant_of(Cue(date(2026, 10, 7), time(14)), LONDON),
        instant_of(Cue(date(2026, 10, 9), time(18, 30)), LONDON),
    )

    assert follow_up_at(two, at(6, 8), LONDON) == at(7, 14)
    assert follow_up_at(evening, at(6, 8), LONDON) == at(12, 7)  # Friday evening becomes Monday at eight


def test_a_day_without_a_time_is_asked_about_at_the_usual_hour() -> None:
    assert follow_up_at(instant_of(Cue(date(2026, 10, 7), None), LONDON), at(6, 8), LONDON) == at(7, 16, 30)


def test_without_a_moment_it_is_two_work_days() -> None:
    assert follow_up_at(None, at(9, 15), LONDON) == at(13, 16, 30)  # from Friday to Tuesday


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("today", at(6, 15, 30)),
        ("tomorrow", at(7, 15, 30)),
        ("week", at(9, 15, 30)),
        ("session", at(8, 6, 0)),
        ("none", None),
    ],
)
def test_a_tapped_moment(choice: str, expected: datetime | None) -> None:
    hours = Hours("Europe/London", start=time(6))
    assert chosen_instant(choice, at(6, 8), hours, at(8, 9)) == expected


def test_late_in_the_day_today_is_not_over_at_once() -> None:
    assert chosen_instant("today", at(6, 17), LONDON, None) == at(6, 19)


def test_this_week_on_a_friday_is_the_next_work_day() -> None:
    assert chosen_instant("week", at(9, 12), LONDON, None) == at(12, 15, 30)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)), st.sampled_from(("today", "tomorrow", "week", "none"))
)
def test_a_plan_is_never_asked_about_in_quiet_hours(moment: datetime, choice: str) -> None:
    now = moment.replace(tzinfo=UTC, microsecond=0)
    asked = follow_up_at(chosen_instant(choice, now, LONDON, None), now, LONDON)
    assert asked >= now
    assert not is_quiet(asked, LONDON)


def test_an_hour_that_nobody_named_is_none() -> None:
    """A day alone is asked about at the usual hour; that hour is not told as if they had said it."""
    friday = Cue(date(2026, 10, 9), None)
    at = instant_of(friday, LONDON)

    assert is_a_day(at, "when Ben asks on Friday", LONDON, is_moved=False)
    assert is_a_day(at, "quand il appelle vendredi à 9h", LONDON, is_moved=True)
    assert not is_a_day(at, "vendredi à 16h30", LONDON, is_moved=False)
    assert not is_a_day(instant_of(Cue(friday.day, time(9)), LONDON), "this afternoon", LONDON, is_moved=True)
