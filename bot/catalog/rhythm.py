"""How full days and weeks become: on which days the steps of a sequence fall, were there a session every week."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from bot.domain.conditions import month_since
from bot.domain.sequence import (
    AfterAnswer,
    AroundSession,
    AtRandom,
    BetweenSessions,
    Monthly,
    MonthsSincePromotion,
    Once,
    OnDay,
    Sequence,
    Step,
    Weekly,
    WithoutSession,
)

_WEEKS = 26
_SESSION_DAY, _SESSION_HOUR = 2, 10  # for counting: joined on a Monday, sessions on Wednesdays at ten
_JOINED_ON = date(2026, 10, 5)  # a Monday with months of 28 to 31 days ahead
_ANSWER_HOUR = 18


def days_of(sequence: Sequence, joined: int = 0) -> Counter[int]:
    """How many prompts fall on each day of half a year; `joined` is the day of joining, negative for one in the past.

    What comes after answers and what comes after silence exclude each other: the fuller of both is counted.
    """
    worlds = [
        Counter(day + joined for step in sequence.steps for day in falls_on(step, sequence, silent=silent))
        for silent in (False, True)
    ]
    ahead = [Counter({day: n for day, n in world.items() if day >= 0}) for world in worlds]
    return max(ahead, key=fullness)


def fullness(days: Counter[int]) -> tuple[int, int]:
    """The prompts of the fullest week, then of the fullest day."""
    return max(by_week(days).values(), default=0), max(days.values(), default=0)


def by_week(days: Counter[int]) -> Counter[int]:
    weeks: Counter[int] = Counter()
    for day, n in days.items():
        weeks[day // 7] += n
    return weeks


def falls_on(step: Step, sequence: Sequence, *, silent: bool = False) -> list[int]:
    """The days since joining on which it falls due; with `silent` nobody answers anything."""
    months = [condition for condition in step.only_if if isinstance(condition, MonthsSincePromotion)]
    return [
        day for day in _days(step, sequence, silent, ())
        if 0 <= day < 7 * _WEEKS and all(month.first <= _month(day) <= month.last for month in months)
    ]  # fmt: skip


def _month(day: int) -> int:
    """The month since promotion, were everybody promoted on the day of joining."""
    return month_since(_JOINED_ON, _JOINED_ON + timedelta(days=day))


def _days(step: Step, sequence: Sequence, silent: bool, waiting: tuple[str, ...]) -> Iterable[int]:
    match step.when:
        case Once():
            return []  # of no sequence
        case OnDay(day=day):
            return [day]
        case Weekly(days=days, from_week=first, until_week=last, every=every):
            return _weekly(days, first, last, every)
        case AtRandom(days=days, from_week=first, until_week=last, every=every):
            return _weekly(days, first, last, every)
        case Monthly() as when:
            return _monthly(when)
        case AroundSession() as when:
            return _around(when)
        case BetweenSessions(percent=percent, first=first, last=last):
            return [session + round(7 * percent / 100) for session in _sessions(first, last)]
        case WithoutSession():
            return []  # there is one every week
        case AfterAnswer() as when:
            return _after(when, sequence, silent, waiting)


def _weekly(days: tuple[int, ...], first: int, last: int | None, every: int) -> list[int]:
    return [7 * (week - 1) + day for week in range(first, (last or _WEEKS) + 1, every) for day in days]


def _monthly(when: Monthly) -> Iterator[int]:
    for away in range(7 * (when.from_week - 1), 7 * min(when.until_week or _WEEKS, _WEEKS)):
        day = _JOINED_ON + timedelta(days=away)
        is_last = (day + timedelta(days=1)).day == 1
        if day.day == when.day or (is_last and day.day < when.day):
            yield away


def _around(when: AroundSession) -> list[int]:
    sign = -1 if when.before else 1
    away = sign * (when.days + when.work_days) + (_SESSION_HOUR + sign * when.hours) // 24
    return [session + away for session in _sessions(when.first, when.last)]


def _after(when: AfterAnswer, sequence: Sequence, silent: bool, waiting: tuple[str, ...]) -> list[int]:
    if when.silence != silent or when.step in waiting:
        return []
    trigger = sequence.step(when.step)  # its months are its own: it may be counted too often, never too seldom
    away = when.days + (_ANSWER_HOUR + when.hours) // 24 + (1 if when.silence else 0)  # silence is known a day later
    return [day + away for day in _days(trigger, sequence, silent, (*waiting, when.step))]


def _sessions(first: int, last: int | None) -> Iterator[int]:
    """The day of each of these sessions."""
    for ordinal in range(first, min(last or _WEEKS, _WEEKS) + 1):
        yield 7 * (ordinal - 1) + _SESSION_DAY
