"""Steps at a random time of a window: drawn anew for each date, and yet the same whoever draws."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256

from bot.domain.dates import days_of_weeks
from bot.domain.facts import DAY, Due, Facts
from bot.domain.hours import is_quiet, last_allowed, next_allowed
from bot.domain.schedule import to_instant
from bot.domain.sequence import AtRandom

_MINUTE = timedelta(minutes=1)
_DRAWS = 64  # a window with room for one more prompt gives way long before
_STILL_GOOD = timedelta(hours=1)  # what was drawn at the window's very end may wait a little


def at_random(
    key: str, when: AtRandom, facts: Facts, others: Callable[[date], Iterable[datetime]]
) -> Iterator[Due]:
    """`others` gives the instants of a date at which other steps of the sequence fall due."""
    for day in days_of_weeks(key, when, facts):
        start, end = to_instant(day, when.start, facts.hours.zone), to_instant(day, when.end, facts.hours.zone)
        if start is None or end is None or end <= facts.joined:
            continue
        first = next_allowed(max(start, _whole_minute(facts.joined)), facts.hours)
        last = last_allowed(end - _MINUTE, facts.hours)
        if first > last:  # all of the window is quiet: there is no time for it on this date
            yield Due(key, day.isoformat(), next_allowed(end, facts.hours), end)
            continue
        if end + DAY + _STILL_GOOD <= facts.after:
            continue
        due_at = _settled(_draws(f"{facts.around.seed}|{key}|{day}", first, last, facts), when, facts, others(day))
        yield Due(key, day.isoformat(), due_at, max(end, due_at + _STILL_GOOD))


def _whole_minute(instant: datetime) -> datetime:
    floor = instant.replace(second=0, microsecond=0)
    return floor if floor == instant else floor + _MINUTE


def _draws(seed: str, first: datetime, last: datetime, facts: Facts) -> Iterator[datetime]:
    """Whole minutes in `[first, last]` outside quiet hours, each as likely as any other, in the order they are tried."""
    room = (last - first) // _MINUTE + 1
    for number in range(_DRAWS):
        instant = first + int.from_bytes(sha256(f"{seed}|{number}".encode()).digest()[:8]) % room * _MINUTE
        if not is_quiet(instant, facts.hours):
            yield instant
    yield first


def _settled(draws: Iterable[datetime], when: AtRandom, facts: Facts, others: Iterable[datetime]) -> datetime:
    """The first draw that is far enough from everything else, else the one that is farthest.

    What was drawn for an instant that is past by now, and yet not served, has been overtaken by other prompts: a
    later draw is preferred.
    """
    taken, tried = [*facts.around.taken, *others], []
    for instant in draws:
        if instant > facts.after and _distance(instant, taken) >= when.apart * _MINUTE:
            return instant
        tried.append(instant)
    left = [instant for instant in tried if instant > facts.after] or tried
    far = (instant for instant in left if _distance(instant, taken) >= when.apart * _MINUTE)
    return next(far, None) or max(left, key=lambda instant: _distance(instant, taken))


def _distance(instant: datetime, taken: Iterable[datetime]) -> timedelta:
    return min((abs(instant - other) for other in taken), default=timedelta.max)
