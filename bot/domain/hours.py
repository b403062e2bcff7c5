"""When a person may be reached: their own window, work days and public holidays; everything else is quiet."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from types import ModuleType

from bot.domain.schedule import both_instants, first_instant, local, zone_rules

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
Pieces = tuple[tuple[datetime, datetime], ...]
_NAMES_IN = {"en": "en_US"}  # as the library calls it
_LONGEST_SEARCH = 800  # days; the only work day of a week can be a holiday for a while, never for two years


@dataclass(frozen=True)
class Hours:
    """A person's reachable hours: `[start, end)` on the clocks of `zone`, on `work_days` (Monday is 0).

    `usual` is the hour for whatever has no time of its own: late in the day is answered more than in the moment.
    `start > end` crosses midnight; such a window belongs to the day on which it opens, its morning included.
    `country` and `subdivision` are ISO 3166 codes and give the public holidays. Raises ValueError for an
    unknown zone, an empty window, seconds, or no work day.
    """

    zone: str
    start: time = time(8)
    end: time = time(19)
    work_days: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    country: str | None = None
    subdivision: str | None = None
    usual: time = time(17, 30)

    def __post_init__(self) -> None:
        zone_rules(self.zone)
        if self.start == self.end:
            raise ValueError("The hours must not start and end at the same time.")
        if any(at.second or at.microsecond for at in (self.start, self.end)):
            raise ValueError("The hours must start and end at whole minutes.")
        if not self.work_days or not self.work_days <= set(range(7)):
            raise ValueError("There must be a work day, Monday being 0 and Sunday 6.")


def is_quiet(instant: datetime, hours: Hours) -> bool:
    """Whether the person is not to be reached at this instant."""
    return _open_since(instant, hours) is None


def next_allowed(instant: datetime, hours: Hours) -> datetime:
    """The first instant from this one on that is not quiet; the instant itself if it is not."""
    for start, end in _pieces_from(instant, hours):
        if instant < end:
            return max(start, instant.astimezone(UTC))
    raise _never(hours)


def last_allowed(instant: datetime, hours: Hours) -> datetime:
    """The last instant up to this one that is not quiet: itself, else the last whole minute of a window."""
    if not is_quiet(instant, hours):
        return instant.astimezone(UTC)
    opening = local(instant, hours.zone).date() + _DAY
    for back in range(_LONGEST_SEARCH):
        for start, end in reversed(_pieces(opening - back * _DAY, hours)):
            last = (end - timedelta.resolution).replace(second=0, microsecond=0)
            if start <= last and end <= instant:
                return last
    raise _never(hours)


def same_time_next_work_day(instant: datetime, hours: Hours) -> datetime:
    """When a prompt asked at `instant` closes: the same local time on the person's next work day."""
    wall = local(instant, hours.zone).replace(tzinfo=None)
    opened = _open_since(instant, hours) or wall.date()
    return first_instant(wall + (next_work_day(opened, hours) - opened), hours.zone)


def end_of_next_work_day(instant: datetime, hours: Hours) -> datetime:
    """When the window of the work day after the one of `instant` closes."""
    opened = _open_since(instant, hours) or local(instant, hours.zone).date()
    day = next_work_day(opened, hours)
    while not (pieces := _pieces(day, hours)):  # a window that a change of the clocks swallowed whole
        day = next_work_day(day, hours)
    return pieces[-1][1]


def work_hours_later(instant: datetime, hours: Hours, amount: timedelta) -> datetime:
    """The first allowed instant by which `amount` of allowed time has passed since `instant`.

    Raises ValueError when `amount` is negative, or more than there is in two years.
    """
    if amount < timedelta(0):
        raise ValueError("Hours pass forwards only.")
    for start, end in _pieces_from(instant, hours):
        begin = max(start, instant.astimezone(UTC))
        if amount < end - begin:
            return begin + amount
        amount -= max(end - begin, timedelta(0))
    raise _never(hours)


def next_work_day(day: date, hours: Hours) -> date:
    """The first work day after `day` that is no public holiday."""
    for ahead in range(1, _LONGEST_SEARCH):
        if is_work_day(day + ahead * _DAY, hours):
            return day + ahead * _DAY
    raise _never(hours)


def previous_work_day(day: date, hours: Hours) -> date:
    """The last work day before `day` that is no public holiday."""
    for back in range(1, _LONGEST_SEARCH):
        if is_work_day(day - back * _DAY, hours):
            return day - back * _DAY
    raise _never(hours)


def is_work_day(day: date, hours: Hours) -> bool:
    """Whether the person works on this local date: one of their days and no public holiday."""
    if day.weekday() not in hours.work_days:
        return False
    return hours.country is None or day not in public_holidays(hours.country, hours.subdivision, day.year)


@lru_cache(maxsize=512)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """The public holidays of a country (ISO 3166) in one year; none where nobody has collected them."""
    return frozenset(_named_holidays(country, subdivision, year, None))


def holiday_name(country: str | None, subdivision: str | None, day: date, language: str) -> str | None:
    """What the public holiday on this date is called, in English or French where its names are known in it."""
    if country is None:
        return None
    return _named_holidays(country, subdivision, day.year, _NAMES_IN.get(language, language)).get(day)


@lru_cache(maxsize=512)
def _named_holidays(country: str, subdivision: str | None, year: int, language: str | None) -> dict[date, str]:
    import holidays  # imported here: it costs start-up time

    # One country loads all 250 with it, half a second and 19 MB, unless their package is here without its contents.
    countries = ModuleType("holidays.countries")
    countries.__path__ = [f"{holidays.__path__[0]}/countries"]
    sys.modules.setdefault("holidays.countries", countries)
    try:
        return dict(holidays.country_holidays(country, subdiv=subdivision, years=year, language=language))
    except NotImplementedError:  # what the library raises for a country, or a part of one, that it does not know
        return _named_holidays(country, None, year, language) if subdivision else {}


def _open_since(instant: datetime, hours: Hours) -> date | None:
    """The local date on which the window opened that holds `instant`; None when it is quiet."""
    wall = local(instant, hours.zone).replace(tzinfo=None)
    for day in (wall.date(), wall.date() - _DAY):
        opens, closes = _window(day, hours)
        if opens <= wall < closes and is_work_day(day, hours):
            return day
    return None


def _window(day: date, hours: Hours) -> tuple[datetime, datetime]:
    """Where the window of `day` opens and closes on the wall; naive."""
    closing_day = day if hours.start < hours.end else day + _DAY
    return datetime.combine(day, hours.start), datetime.combine(closing_day, hours.end)


def _pieces_from(instant: datetime, hours: Hours) -> Iterator[tuple[datetime, datetime]]:
    """The allowed stretches of time around and after `instant`, in order."""
    opening = local(instant, hours.zone).date() - _DAY
    for ahead in range(_LONGEST_SEARCH):
        yield from _pieces(opening + ahead * _DAY, hours)


@lru_cache(maxsize=4096)
def _pieces(day: date, hours: Hours) -> Pieces:
    """The UTC stretches in which the window of `day` is open, ends excluded: one, two if clocks go back."""
    if not is_work_day(day, hours):
        return ()
    opens, closes = _window(day, hours)
    start, start_again = both_instants(opens, hours.zone)
    end, end_again = both_instants(closes, hours.zone)
    if start == start_again and end == end_again and end - start == closes - opens:
        return ((start, end),)
    return _pieces_around_a_change(opens, closes, hours.zone)


def _pieces_around_a_change(opens: datetime, closes: datetime, zone: str) -> Pieces:
    """The stretches in which the wall clock is in `[opens, closes)`; in an overlap it may come by twice."""
    edges = {first_instant(opens, zone), first_instant(closes, zone)}
    edges |= {*both_instants(opens, zone), *both_instants(closes, zone)}
    edges.add(_change_between(min(edges), max(edges), zone))
    return tuple(
        (start, end)
        for start, end in pairwise(sorted(edges))
        if opens <= local(start, zone).replace(tzinfo=None) < closes
    )


def _change_between(early: datetime, late: datetime, zone: str) -> datetime:
    """The second at which the offset from UTC has left its value at `early`; `late` if it keeps it."""
    offset = local(early, zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        if local(middle, zone).utcoffset() == offset:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def _never(hours: Hours) -> ValueError:
    return ValueError(f"There is no hour at which a person with {hours} could be reached.")
