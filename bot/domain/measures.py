"""Each leader against their own past: a robust baseline, honest about missing weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from bot.i18n import Say

BASELINE_OF = 8
BASELINE_NEEDS = 3
_SHOWN = 3
_WEEK = timedelta(weeks=1)
_MAD_TO_SD = 1.4826  # of a normal distribution


@dataclass(frozen=True)
class Reading:
    at: datetime
    value: int


@dataclass(frozen=True)
class Standing:
    """The latest value of a measure, those before it (oldest first) and the person's own usual value, if there is one."""

    measure: str
    latest: int
    recent: tuple[int, ...]
    usual: float | None


def standing(measure: str, readings: Sequence[Reading]) -> Standing | None:
    """`usual` is the median of up to eight readings before the latest; with fewer than three there is none."""
    if not readings:
        return None
    values = [reading.value for reading in _in_order(readings)]
    before = values[:-1][-BASELINE_OF:]
    usual = float(median(before)) if len(before) >= BASELINE_NEEDS else None
    return Standing(measure, values[-1], tuple(values[-4:-1]), usual)


@dataclass(frozen=True)
class Rule:
    """When a change is marked: the middle one of the newest `newest` values is at least `least` points, and `spreads`
    times the person's own spread, away from the median of up to eight values before them.

    `needs`: as few values before them make a past. `fresh`: the newest value is no older. `within`: nor are the newest
    ones together. `past`: what is older says nothing about today.
    """

    newest: int = 3
    needs: int = 3
    least: float = 2.0
    spreads: float = 1.5
    fresh: timedelta = timedelta(weeks=4)
    within: timedelta = timedelta(weeks=9)
    past: timedelta = timedelta(weeks=26)


RULE = Rule()


@dataclass(frozen=True)
class Change:
    """A marked fall or rise: up to three values before it, those since, oldest first, and the usual value before it."""

    measure: str
    is_fall: bool
    usual: float
    before: tuple[Reading, ...]
    since: tuple[Reading, ...]

    @property
    def weeks(self) -> int:
        """How many weeks it took, the first and the last included."""
        return (self.since[-1].at - self.before[-1].at + _WEEK / 2) // _WEEK + 1

    @property
    def empty_weeks(self) -> int:
        """How many of the weeks shown have no value although one in two usually has."""
        gaps = [
            (later.at - earlier.at + _WEEK / 2) // _WEEK for earlier, later in pairwise((self.before[-1], *self.since))
        ]
        return sum(gap - 1 for gap in gaps if gap > 2)


def change(measure: str, readings: Sequence[Reading], now: datetime, rule: Rule = RULE) -> Change | None:
    """A marked fall or rise against the person's own past, or None: too little is known, too long ago, or as usual."""
    known = [reading for reading in _in_order(readings) if now - rule.past < reading.at <= now]
    newest, before = known[-rule.newest :], known[: -rule.newest][-BASELINE_OF:]
    if len(before) < rule.needs or newest[-1].at < now - rule.fresh or newest[0].at < now - rule.within:
        return None
    past = [reading.value for reading in before]
    usual = float(median(past))
    there = float(median(reading.value for reading in newest))
    if abs(there - usual) < max(rule.least, rule.spreads * _spread(past, usual)):
        return None
    return _told(measure, usual, there, before, newest)


def _told(measure: str, usual: float, there: float, before: list[Reading], newest: list[Reading]) -> Change:
    """The newest values that still were nearer to the usual one are counted among those before."""
    first = next(n for n, one in enumerate(newest) if abs(one.value - there) <= abs(one.value - usual))
    shown = tuple([*before, *newest[:first]][-_SHOWN:])
    return Change(measure, there < usual, usual, shown, tuple(newest[first:]))


def _spread(values: Sequence[int], usual: float) -> float:
    """How far a person's values usually are from their usual one; one bad week does not widen it."""
    return _MAD_TO_SD * median(abs(value - usual) for value in values)


def sentence(change: Change, name: str, say: Say) -> str:
    """`own work: 7, 7, 6 → 4, 4 over three weeks`"""
    before = ", ".join(str(reading.value) for reading in change.before)
    since = ", ".join(str(reading.value) for reading in change.since)
    weeks = _count(change.weeks, say)
    if change.empty_weeks:
        return say(
            "{name}: {before} → {since} over {weeks} weeks, {empty} of them without a number",
            name=name, before=before, since=since, weeks=weeks, empty=_count(change.empty_weeks, say),
        )  # fmt: skip
    if change.weeks == 1:
        return say("{name}: {before} → {since} within one week", name=name, before=before, since=since)
    return say("{name}: {before} → {since} over {weeks} weeks", name=name, before=before, since=since, weeks=weeks)


def _count(n: int, say: Say) -> str:
    """Among so many figures a number of weeks is better a word."""
    words = (
        say("one"), say("two"), say("three"), say("four"), say("five"), say("six"), say("seven"), say("eight"),
        say("nine"), say("ten"), say("eleven"), say("twelve"),
    )  # fmt: skip
    return words[n - 1] if 1 <= n <= len(words) else str(n)


def _in_order(readings: Sequence[Reading]) -> list[Reading]:
    return sorted(readings, key=lambda reading: reading.at)
