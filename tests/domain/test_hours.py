"""When a person may be reached: windows, work days, holidays, and windows that cross midnight or a change."""

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.hours import (
    Hours,
    end_of_next_work_day,
    holiday_name,
    is_quiet,
    is_work_day,
    last_allowed,
    next_allowed,
    next_work_day,
    public_holidays,
    same_time_next_work_day,
    work_hours_later,
)
from bot.domain.schedule import local, to_instant, zone_names

LONDON = Hours("Europe/London", country="GB", subdivision="ENG")
PARIS = Hours("Europe/Paris", country="FR")
NIGHTS = Hours("Europe/London", start=time(22), end=time(6))
ROUND_TWO = Hours("Europe/London", start=time(1, 30), end=time(1, 45), work_days=frozenset(range(7)))
MINUTE = timedelta(minutes=1)

instants = st.datetimes(datetime(2024, 1, 1), datetime(2037, 12, 1)).map(lambda at: at.replace(tzinfo=UTC))
whole_times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
any_hours = (
    st.tuples(
        st.sampled_from(sorted(zone_names())),
        whole_times,
        whole_times,
        st.frozensets(st.integers(0, 6), min_size=1),
        st.sampled_from([(None, None), ("GB", "ENG"), ("FR", None), ("US", None), ("DE", "BY"), ("ZZ", None)]),
    )
    .filter(lambda parts: parts[1] != parts[2])
    .map(lambda parts: Hours(*parts[:4], *parts[4]))
)


def at(text: str, hours: Hours) -> datetime:
    moment = datetime.fromisoformat(text)
    instant = to_instant(moment.date(), moment.time(), hours.zone)
    assert instant is not None
    return instant


def shown(instant: datetime, hours: Hours) -> str:
    return local(instant, hours.zone).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("hours", "wall", "quiet"),
    [
        (LONDON, "2026-11-12T07:59", True),
        (LONDON, "2026-11-12T08:00", False),
        (LONDON, "2026-11-12T18:59", False),
        (LONDON, "2026-11-12T19:00", True),
        (LONDON, "2026-11-14T10:00", True),  # a Saturday
        (LONDON, "2026-08-31T10:00", True),  # the summer bank holiday, a Monday
        (PARIS, "2026-08-31T10:00", False),
        (PARIS, "2026-07-14T10:00", True),
        (LONDON, "2026-12-28T10:00", True),  # Boxing Day is a Saturday: its Monday is given instead
        (NIGHTS, "2026-11-12T21:59", True),
        (NIGHTS, "2026-11-12T22:00", False),
        (NIGHTS, "2026-11-13T05:59", False),
        (NIGHTS, "2026-11-13T06:00", True),
        (NIGHTS, "2026-11-14T02:00", False),  # Saturday morning still belongs to Friday's night
        (NIGHTS, "2026-11-16T02:00", True),  # Monday morning would belong to Sunday's
    ],
)
def test_quiet_is_everything_outside_ones_own_window(hours: Hours, wall: str, quiet: bool) -> None:
    assert is_quiet(at(wall, hours), hours) is quiet


@pytest.mark.parametrize(
    ("hours", "wall", "expected"),
    [
        (LONDON, "2026-11-12T10:17", "2026-11-12T10:17"),
        (LONDON, "2026-11-12T06:00", "2026-11-12T08:00"),
        (LONDON, "2026-11-13T19:00", "2026-11-16T08:00"),
        (LONDON, "2026-08-28T20:00", "2026-09-01T08:00"),  # over the bank-holiday weekend
        (LONDON, "2026-12-24T21:00", "2026-12-29T08:00"),  # Christmas on a Friday, Boxing Day moved to Monday
        (LONDON, "2026-03-28T12:00", "2026-03-30T08:00"),  # over the change of the clocks
        (PARIS, "2026-05-13T23:00", "2026-05-15T08:00"),  # Ascension
        (NIGHTS, "2026-11-14T07:00", "2026-11-16T22:00"),
    ],
)
def test_the_next_moment_one_may_be_reached(hours: Hours, wall: str, expected: str) -> None:
    assert shown(next_allowed(at(wall, hours), hours), hours) == expected


@pytest.mark.parametrize(
    ("hours", "wall", "expected"),
    [
        (LONDON, "2026-11-12T10:17", "2026-11-12T10:17"),
        (LONDON, "2026-11-12T06:00", "2026-11-11T18:59"),
        (LONDON, "2026-11-12T19:00", "2026-11-12T18:59"),
        (LONDON, "2026-11-15T10:00", "2026-11-13T18:59"),
        (LONDON, "2026-08-31T10:00", "2026-08-28T18:59"),
        (PARIS, "2026-05-14T10:00", "2026-05-13T18:59"),
        (NIGHTS, "2026-11-16T02:00", "2026-11-14T05:59"),
    ],
)
def test_the_last_moment_one_could_be_reached(hours: Hours, wall: str, expected: str) -> None:
    assert shown(last_allowed(at(wall, hours), hours), hours) == expected


@pytest.mark.parametrize(
    ("hours", "wall", "expected"),
    [
        (LONDON, "2026-11-12T10:17", "2026-11-13T10:17"),
        (LONDON, "2026-11-13T18:30", "2026-11-16T18:30"),
        (LONDON, "2026-10-23T09:00", "2026-10-26T09:00"),  # the clocks go back on the Sunday
        (LONDON, "2026-08-28T09:00", "2026-09-01T09:00"),
        (LONDON, "2026-11-14T09:00", "2026-11-16T09:00"),  # asked in the quiet of a Saturday
        (NIGHTS, "2026-11-13T02:00", "2026-11-14T02:00"),  # from Thursday's night to Friday's
        (NIGHTS, "2026-11-14T02:00", "2026-11-17T02:00"),  # from Friday's night to Monday's
    ],
)
def test_a_prompt_closes_at_the_same_time_on_the_next_work_day(hours: Hours, wall: str, expected: str) -> None:
    assert shown(same_time_next_work_day(at(wall, hours), hours), hours) == expected


@pytest.mark.parametrize(
    ("hours", "wall", "expected"),
    [
        (LONDON, "2026-11-12T10:17", "2026-11-13T19:00"),
        (LONDON, "2026-11-13T08:00", "2026-11-16T19:00"),
        (LONDON, "2026-11-14T08:00", "2026-11-16T19:00"),
        (NIGHTS, "2026-11-13T02:00", "2026-11-14T06:00"),
        # the only window of the week falls into the hour that Sunday lacks: the week after
        (Hours("Europe/London", time(1), time(2), frozenset({6})), "2026-03-22T01:30", "2026-04-05T02:00"),
    ],
)
def test_the_next_work_day_ends_with_its_window(hours: Hours, wall: str, expected: str) -> None:
    assert shown(end_of_next_work_day(at(wall, hours), hours), hours) == expected


@pytest.mark.parametrize(
    ("wall", "amount", "expected"),
    [
        ("2026-11-12T10:00", 4, "2026-11-12T14:00"),
        ("2026-11-12T14:59", 4, "2026-11-12T18:59"),
        ("2026-11-12T15:00", 4, "2026-11-13T08:00"),
        ("2026-11-12T17:00", 4, "2026-11-13T10:00"),
        ("2026-11-13T17:00", 4, "2026-11-16T10:00"),
        ("2026-08-28T17:00", 4, "2026-09-01T10:00"),
        ("2026-11-14T12:00", 4, "2026-11-16T12:00"),
        ("2026-11-12T10:00", 22, "2026-11-16T10:00"),
        ("2026-11-12T05:00", 0, "2026-11-12T08:00"),
    ],
)
def test_working_hours_pass_only_while_one_may_be_reached(wall: str, amount: int, expected: str) -> None:
    later = work_hours_later(at(wall, LONDON), LONDON, timedelta(hours=amount))

    assert shown(later, LONDON) == expected


def test_working_hours_do_not_run_backwards_or_for_ever() -> None:
    with pytest.raises(ValueError, match="forwards"):
        work_hours_later(at("2026-11-12T10:00", LONDON), LONDON, timedelta(hours=-1))
    with pytest.raises(ValueError, match="no hour"):
        work_hours_later(at("2026-11-12T10:00", LONDON), LONDON, timedelta(days=4000))


def test_a_quarter_of_an_hour_that_comes_twice_is_open_twice() -> None:
    first = at("2026-10-25T01:30", ROUND_TWO)

    assert next_allowed(first + 20 * MINUTE, ROUND_TWO) == first + 60 * MINUTE
    assert last_allowed(first + 59 * MINUTE, ROUND_TWO) == first + 14 * MINUTE
    assert work_hours_later(first, ROUND_TWO, 20 * MINUTE) == first + 65 * MINUTE


def test_a_night_that_ends_within_the_repeated_hour_opens_again_with_it() -> None:
    night = Hours("Europe/London", start=time(22), end=time(1, 30), work_days=frozenset(range(7)))
    closed = at("2026-10-25T01:30", night)  # the first one

    assert is_quiet(closed, night)
    assert next_allowed(closed, night) == closed + 30 * MINUTE  # one o'clock once more
    assert is_quiet(closed + 60 * MINUTE, night)


def test_a_quarter_of_an_hour_that_does_not_exist_is_not_open() -> None:
    saturday = at("2026-03-28T01:50", ROUND_TWO)

    assert shown(next_allowed(saturday, ROUND_TWO), ROUND_TWO) == "2026-03-30T01:30"
    assert shown(last_allowed(at("2026-03-29T12:00", ROUND_TWO), ROUND_TWO), ROUND_TWO) == "2026-03-28T01:44"


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": time(8), "end": time(8)},
        {"end": time(19, 0, 30)},
        {"work_days": frozenset()},
        {"work_days": frozenset({7})},
        {"zone": "Europe/Londres"},
    ],
)
def test_hours_in_which_nobody_can_be_reached_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"hours|work day|time zone"):
        Hours(**{"zone": "Europe/London", **wrong})


def test_a_person_whose_every_work_day_is_a_holiday_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    mondays = {date(2026, 1, 5) + timedelta(weeks=n): "Monday" for n in range(300)}
    monkeypatch.setattr("holidays.country_holidays", lambda *_, **__: mondays)
    hours = Hours("Europe/London", start=time(3), end=time(4), work_days=frozenset({0}), country="QQ")
    start = at("2026-01-06T10:00", hours)

    for ask in (next_allowed, next_work_day_of, end_of_next_work_day, same_time_next_work_day):
        with pytest.raises(ValueError, match="no hour"):
            ask(start, hours)
    with pytest.raises(ValueError, match="no hour"):
        last_allowed(at("2031-01-06T10:00", hours), hours)


def test_a_holiday_has_its_name_in_the_readers_language_where_that_is_known() -> None:
    christmas = date(2026, 12, 25)

    assert holiday_name("GB", "ENG", christmas, "en") == "Christmas Day"
    assert holiday_name("FR", None, christmas, "fr") == "Noël"
    assert holiday_name("FR", None, christmas, "en") == "Christmas Day"
    assert holiday_name("GB", "ENG", christmas, "fr") == "Christmas Day"
    assert holiday_name("GB", "XX", christmas, "en") == "Christmas Day"
    assert holiday_name("FR", None, date(2026, 12, 24), "en") is None
    assert holiday_name(None, None, christmas, "en") is None


def next_work_day_of(instant: datetime, hours: Hours) -> date:
    return next_work_day(instant.date(), hours)


def test_holidays_of_an_unknown_country_or_part_are_none_or_the_whole_countrys() -> None:
    assert public_holidays("ZZ", None, 2026) == frozenset()
    assert public_holidays("GB", "NOWHERE", 2026) == public_holidays("GB", None, 2026)
    assert date(2026, 8, 31) in public_holidays("GB", "ENG", 2026)
    assert date(2026, 8, 31) not in public_holidays("GB", "SCT", 2026)


def test_every_country_of_the_library_has_its_holidays() -> None:
    import holidays

    codes = sorted(holidays.list_supported_countries(include_aliases=False))

    without = [code for code in codes if not public_holidays(code, None, 2026)]

    assert len(codes) > 200
    assert len(without) < 10  # islands without people, and Ukraine at war


def test_the_holidays_of_one_country_do_not_cost_those_of_the_world() -> None:
    program = (
        "import sys; from bot.domain.hours import public_holidays; assert public_holidays('FR', None, 2026);"
        "assert sum(name.startswith('holidays.countries.') for name in sys.modules) < 10"
    )

    subprocess.run([sys.executable, "-c", program], check=True)


@settings(max_examples=150, deadline=None)
@given(instants, any_hours)
def test_what_is_allowed_is_never_quiet(instant: datetime, hours: Hours) -> None:
    following, preceding = next_allowed(instant, hours), last_allowed(instant, hours)

    assert preceding <= instant <= following
    assert not is_quiet(following, hours)
    assert not is_quiet(preceding, hours)
    assert (preceding == instant == following) is not is_quiet(instant, hours)


@settings(max_examples=150, deadline=None)
@given(instants, any_hours, st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_nothing_allowed_lies_between_the_last_and_the_next(
    instant: datetime, hours: Hours, fractions: list[float]
) -> None:
    following, preceding = next_allowed(instant, hours), last_allowed(instant, hours)

    for fraction in fractions:
        within = preceding + MINUTE + fraction * (following - preceding - MINUTE)
        if preceding + MINUTE <= within < following:
            assert is_quiet(within, hours)


@settings(max_examples=150, deadline=None)
@given(instants, any_hours)
def test_allowed_moments_show_a_work_day_within_the_window(instant: datetime, hours: Hours) -> None:
    for moment in (next_allowed(instant, hours), last_allowed(instant, hours)):
        wall = local(moment, hours.zone)
        if hours.start < hours.end:
            assert hours.start <= wall.time() < hours.end
            assert is_work_day(wall.date(), hours)
        else:
            opened = wall.date() if wall.time() >= hours.start else wall.date() - timedelta(days=1)
            assert wall.time() >= hours.start or wall.time() < hours.end
            assert is_work_day(opened, hours)


@settings(max_examples=120, deadline=None)
@given(instants, any_hours, st.floats(0, 3))
def test_working_hours_end_in_working_hours(instant: datetime, hours: Hours, windows: float) -> None:
    midnight = date(2026, 1, 1)
    length = datetime.combine(midnight, hours.end) - datetime.combine(midnight, hours.start)
    amount = windows * (length % timedelta(days=1))

    later = work_hours_later(instant, hours, amount)

    assert later >= instant + amount
    assert not is_quiet(later, hours)


@settings(max_examples=120, deadline=None)
@given(instants, any_hours)
def test_a_prompt_is_open_until_a_later_day(instant: datetime, hours: Hours) -> None:
    asked = next_allowed(instant, hours)

    assert asked < same_time_next_work_day(asked, hours)
    assert asked < end_of_next_work_day(asked, hours)
