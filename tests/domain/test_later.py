"""Where "later" leads: in an hour, this evening, tomorrow morning, as far as the person's own hours have room."""

from datetime import UTC, datetime, time

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.hours import Hours, is_quiet
from bot.domain.later import choices
from bot.domain.schedule import local

LONDON = Hours("Europe/London", country="GB", subdivision="ENG")


def shown(now: str, hours: Hours = LONDON) -> list[tuple[str, str]]:
    found = choices(datetime.fromisoformat(now + "+00:00"), hours)
    return [(key, f"{local(at, hours.zone):%a %H:%M}") for key, at in found]


def test_in_the_morning_all_three_are_there() -> None:
    assert shown("2026-10-06 08:00") == [("hour", "Tue 10:00"), ("evening", "Tue 18:30"), ("morning", "Wed 08:00")]


def test_at_half_past_five_an_hour_and_the_evening_are_the_same() -> None:
    assert shown("2026-10-06 16:30") == [("hour", "Tue 18:30"), ("morning", "Wed 08:00")]


def test_late_in_the_day_only_the_morning_is_left_and_on_a_friday_that_is_monday() -> None:
    assert shown("2026-10-09 17:40") == [("morning", "Mon 08:00")]


def test_before_a_bank_holiday_the_morning_is_tuesday() -> None:
    assert shown("2026-08-28 17:40")[-1] == ("morning", "Tue 08:00")  # Monday 31 August is the summer bank holiday


def test_who_can_be_reached_late_has_an_evening_at_eight() -> None:
    assert ("evening", "Tue 20:00") in shown("2026-10-06 16:30", Hours("Europe/London", end=time(22)))


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(["Europe/London", "Europe/Paris", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe"]),
    start=st.integers(0, 23), span=st.integers(1, 23),
)  # fmt: skip
def test_no_choice_is_ever_in_quiet_hours_or_in_the_past(now: datetime, zone: str, start: int, span: int) -> None:
    hours = Hours(zone, start=time(start), end=time((start + span) % 24))

    found = choices(now, hours)

    assert all(at > now and not is_quiet(at, hours) for _, at in found)
    assert [at for _, at in found] == sorted(at for _, at in found)
