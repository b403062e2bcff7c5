"""Wall clock to instants: a table of named changes of the clocks, and properties over every zone."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.schedule import local, to_instant, zone_names, zone_rules

ZONES = sorted(zone_names())
zones = st.sampled_from(ZONES)
days = st.dates(date(2024, 1, 1), date(2037, 12, 31))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        # spring: the hour that does not exist becomes the first instant behind the gap
        ("Europe/London", "2026-03-29", "00:59", "2026-03-29T00:59"),
        ("Europe/London", "2026-03-29", "01:00", "2026-03-29T01:00"),
        ("Europe/London", "2026-03-29", "01:30", "2026-03-29T01:00"),
        ("Europe/London", "2026-03-29", "02:00", "2026-03-29T01:00"),
        ("Europe/Paris", "2026-03-29", "02:30", "2026-03-29T01:00"),
        ("America/New_York", "2026-03-08", "02:15", "2026-03-08T07:00"),
        # autumn: the first of the two
        ("Europe/London", "2026-10-25", "01:30", "2026-10-25T00:30"),
        ("Europe/Paris", "2026-10-25", "02:30", "2026-10-25T00:30"),
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30"),
        # the same wall time on either side of a change
        ("Europe/Paris", "2026-10-24", "17:30", "2026-10-24T15:30"),
        ("Europe/Paris", "2026-10-25", "17:30", "2026-10-25T16:30"),
        # half an hour only
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45"),
        # two hours at once
        ("Antarctica/Troll", "2026-03-29", "01:30", "2026-03-29T01:00"),
        ("Antarctica/Troll", "2026-03-29", "02:59", "2026-03-29T01:00"),
        ("Antarctica/Troll", "2026-10-25", "01:30", "2026-10-24T23:30"),
        # at midnight: the day begins at one
        ("Africa/Cairo", "2026-04-24", "00:00", "2026-04-23T22:00"),
        ("Africa/Cairo", "2026-04-24", "00:30", "2026-04-23T22:00"),
        ("Africa/Cairo", "2026-10-29", "23:30", "2026-10-29T20:30"),
        # the gap reaches midnight: the first valid instant is the next day's
        ("America/Nuuk", "2026-03-28", "23:30", "2026-03-29T01:00"),
        # back for Ramadan, in the middle of winter
        ("Africa/Casablanca", "2026-02-15", "02:30", "2026-02-15T01:30"),
        ("Africa/Casablanca", "2026-03-22", "02:30", "2026-03-22T02:00"),
        # southern, quarter-hour, far east and west, the date line
        ("America/Santiago", "2026-09-06", "00:30", "2026-09-06T04:00"),
        ("Pacific/Chatham", "2026-09-27", "03:00", "2026-09-26T14:00"),
        ("Asia/Kathmandu", "2026-06-01", "08:00", "2026-06-01T02:15"),
        ("Pacific/Kiritimati", "2026-01-01", "00:00", "2025-12-31T10:00"),
        ("Pacific/Pago_Pago", "2026-01-01", "00:00", "2026-01-01T11:00"),
        ("Asia/Tokyo", "2026-07-01", "08:00", "2026-06-30T23:00"),
        # days that were skipped, and their neighbours
        ("Pacific/Apia", "2011-12-29", "10:00", "2011-12-29T20:00"),
        ("Pacific/Apia", "2011-12-30", "10:00", None),
        ("Pacific/Apia", "2011-12-30", "00:00", None),
        ("Pacific/Apia", "2011-12-31", "10:00", "2011-12-30T20:00"),
        ("Pacific/Kwajalein", "1993-08-21", "12:00", None),
    ],
)
def test_a_local_time_has_one_instant(zone: str, day: str, at: str, expected: str | None) -> None:
    instant = to_instant(date.fromisoformat(day), time.fromisoformat(at), zone)

    assert instant == (utc(expected) if expected else None)


@settings(max_examples=400, deadline=None)
@given(zones, days, times)
def test_the_instant_shows_the_same_date_and_time_unless_in_a_gap(zone: str, day: date, at: time) -> None:
    instant = to_instant(day, at, zone)

    assert instant is not None
    assert instant.tzinfo is UTC
    wall = local(instant, zone).replace(tzinfo=None)
    asked = datetime.combine(day, at)
    if wall != asked:
        a_second_before = local(instant - timedelta(seconds=1), zone).replace(tzinfo=None)
        assert a_second_before < asked < wall  # the clocks jumped over it, to here


@settings(max_examples=400, deadline=None)
@given(zones, days, times)
def test_the_first_of_two_is_taken(zone: str, day: date, at: time) -> None:
    instant = to_instant(day, at, zone)

    assert instant is not None
    wall = local(instant, zone).replace(tzinfo=None)
    for back in (30, 60, 120, 180):
        assert local(instant - timedelta(minutes=back), zone).replace(tzinfo=None) != wall


@settings(max_examples=120, deadline=None)
@given(zones, days, times)
def test_day_after_day_the_instants_increase(zone: str, day: date, at: time) -> None:
    instants = [to_instant(day + timedelta(days=n), at, zone) for n in range(30)]

    assert all(a < b for a, b in pairwise(i for i in instants if i))
    assert None not in instants


@settings(max_examples=400, deadline=None)
@given(zones, days, times, times)
def test_within_a_day_later_times_are_never_earlier_instants(zone: str, day: date, a: time, b: time) -> None:
    early, late = sorted([a, b])

    first, second = to_instant(day, early, zone), to_instant(day, late, zone)

    assert first is not None
    assert second is not None
    if local(first, zone).fold == local(second, zone).fold == 0:
        assert first <= second


@pytest.mark.parametrize("zone", ["Europe/Londres", "", "../zones", "Europe", "europe/london", "/etc/passwd"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        zone_rules(zone)


def test_every_zone_of_the_bundled_database_loads() -> None:
    assert len(ZONES) > 590
    assert {zone_rules(zone).key for zone in ZONES} == set(ZONES)
