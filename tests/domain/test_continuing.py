"""How an engagement goes on: when a coach is asked about the next session, and what."""

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.continuing import Course, look_after_joining, look_at, question, same_time
from bot.domain.hours import Hours, is_quiet
from bot.domain.schedule import local

LONDON = Hours("Europe/London", country="GB", subdivision="ENG")
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("course", "what"),
    [
        (Course(held=0, agreed=6, is_open_ended=False, has_next=False), "next"),
        (Course(held=5, agreed=6, is_open_ended=False, has_next=False), "next"),
        (Course(held=6, agreed=6, is_open_ended=False, has_next=False), "how"),
        (Course(held=9, agreed=6, is_open_ended=False, has_next=False), "how"),
        (Course(held=9, agreed=6, is_open_ended=True, has_next=False), "next"),
        (Course(held=6, agreed=6, is_open_ended=False, has_next=True), None),
        (Course(held=0, agreed=6, is_open_ended=True, has_next=True), None),
    ],
)
def test_after_the_agreed_sessions_it_is_asked_how_before_them_only_for_the_next(course: Course, what: str | None) -> None:
    assert question(course) == what


@pytest.mark.parametrize(
    ("over", "asked"),
    [
        ("2026-10-08T10:00", "2026-10-08T11:00"),
        ("2026-10-08T17:30", "2026-10-09T07:30"),  # half an hour in the evening, half an hour in the morning
        ("2026-10-09T20:00", "2026-10-12T08:00"),  # a Friday evening
        ("2026-12-24T18:40", "2026-12-29T08:40"),  # Christmas, the weekend, and Boxing Day's substitute
    ],
)
def test_an_hour_of_the_coachs_own_passes_before_the_question(over: str, asked: str) -> None:
    at = look_at(datetime.fromisoformat(over + "+00:00"), LONDON, is_open_ended=False)

    assert at == datetime.fromisoformat(asked + "+00:00")


@given(INSTANTS, st.booleans())
def test_nobody_is_asked_outside_their_hours_or_before_it_is_over(over: datetime, is_open_ended: bool) -> None:
    for hours in (LONDON, Hours("Asia/Tokyo", time(22), time(6), frozenset({1, 6}))):
        at = look_at(over, hours, is_open_ended=is_open_ended)

        assert at > over
        assert not is_quiet(at, hours)
        assert not is_quiet(look_after_joining(over, hours), hours)


def test_without_a_first_session_three_work_days_pass() -> None:
    friday = datetime(2026, 10, 9, 12, tzinfo=UTC)

    assert look_after_joining(friday, LONDON) == datetime(2026, 10, 14, 12, tzinfo=UTC)


def test_the_same_time_is_the_same_on_the_wall_also_when_the_clocks_change() -> None:
    last, now = datetime(2026, 10, 15, 9, tzinfo=UTC), datetime(2026, 10, 22, 9, 30, tzinfo=UTC)

    found = same_time(last, "Europe/London", now, 3)

    assert [f"{local(at, 'Europe/London'):%d %b %H:%M}" for at in found] == ["29 Oct 10:00", "05 Nov 10:00", "12 Nov 10:00"]
