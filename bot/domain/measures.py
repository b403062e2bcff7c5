"""Each leader against their own past: a robust baseline, honest about missing weeks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from bot.i18n import Say

BASELINE_OF = 8
BASELINE_NEEDS = 3
_SHOWN = 3
_WEEK = timedelta(weeks=1)
_GAP = 4  # weeks: a pulse every other week has none, nor has a single miss of a weekly one


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
    """`usual` is the median of up to eight readings before the latest; with fewer than three there is none.

    What is older than half a year before the latest says nothing about it, as with a marked change.
    """
    if not readings:
        return None
    in_order = _in_order(readings)
    values = [reading.value for reading in in_order]
    past = in_order[-1].at - RULE.past
    before = [reading.value for reading in in_order[:-1] if reading.at > past][-BASELINE_OF:]
    usual = float(median(before)) if len(before) >= BASELINE_NEEDS else None
    return Standing(measure, values[-1], tuple(values[-4:-1]), usual)


@dataclass(frozen=True)
class Rule:
    """When a change is marked: each of the newest `newest` values is, on the same side, at least `least` points away
    from the usual value, the median of up to eight before them, and at least `spreads` times as far as those usually are.

    `needs`: fewer values before them are no past. `fresh`: the newest value is no older. `within`: nor are the newest
    ones together. `past`: what is older says nothing about today. `steep`: a single value is enough where another measure
    has fallen as steeply in the same week.

    The setting was chosen with `benchmarks/change.py`: 0.8 false marks in a year of one measure asked every two weeks,
    where "4 or less" makes 1.5 and "two points since last time" 6.2. A value that falls by 30 % is noticed in three out of
    four, after seven weeks: three or four answers. Of three measures, `steep` marks 57 % of the weeks that are bad
    all round, at once, where each for itself marks 23 %; for 0.3 marks a year more in all.
    """

    newest: int = 2
    needs: int = BASELINE_NEEDS
    least: float = 2.0
    steep: float = 2.5
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
    def latest_at(self) -> datetime:
        """When its newest value was given: what is no newer than the last digest was said in it."""
        return self.since[-1].at

    @property
    def weeks(self) -> int:
        """How many weeks it took, the first and the last included."""
        return (self.since[-1].at - self.before[-1].at + _WEEK / 2) // _WEEK + 1

    @property
    def gap(self) -> int:
        """The longest time without a value, in weeks; 0 when there is none that needs words. Whose doing it was, the
        schedule's or the leader's, a series of numbers does not know."""
        gaps = [
            (later.at - earlier.at + _WEEK / 2) // _WEEK for earlier, later in pairwise((self.before[-1], *self.since))
        ]
        return max(gaps) if max(gaps) >= _GAP else 0

    @property
    def size(self) -> float:
        """How far its newest value is from the usual one."""
        return abs(self.usual - self.since[-1].value)

    def goes_on(self, told: "Change | None", rule: Rule = RULE) -> bool:
        """Whether `told` was the same change, and this one has gone hardly further since."""
        if told is None or told.is_fall != self.is_fall:
            return False
        farthest = max(abs(self.usual - reading.value) for reading in told.since)
        return self.size < farthest + rule.least


def change(measure: str, readings: Sequence[Reading], now: datetime, rule: Rule = RULE) -> Change | None:
    """A marked fall or rise against the person's own past, or None: too little is known, too long ago, or as usual."""
    known = [reading for reading in _in_order(readings) if now - rule.past < reading.at <= now]
    newest, before = known[-rule.newest :], known[: -rule.newest][-BASELINE_OF:]
    if len(before) < rule.needs or newest[-1].at < now - rule.fresh or newest[0].at < now - rule.within:
        return None
    usual = float(median(reading.value for reading in before))
    line = max(rule.least, rule.spreads * _spread(before, usual))
    for is_fall in (True, False):
        lasts = _run([*before, *newest], usual, line, is_fall=is_fall)
        if lasts >= rule.newest:
            shown = [*before, *newest]
            return Change(measure, is_fall, usual, tuple(shown[:-lasts][-_SHOWN:]), tuple(shown[-lasts:]))
    return None


def changes(series: Mapping[str, Sequence[Reading]], now: datetime, rule: Rule = RULE) -> dict[str, Change]:
    """The marked ones by measure: each for itself, and falls of one week that several measures share."""
    found = {measure: one for measure, readings in series.items() if (one := change(measure, readings, now, rule))}
    steep = [one for measure, readings in series.items() if (one := _steep_fall(measure, readings, now, rule))]
    for one in steep:
        others = (other for other in steep if other is not one)
        if one.measure not in found and any(abs(other.latest_at - one.latest_at) < _WEEK for other in others):
            found[one.measure] = one
    return found


def _steep_fall(measure: str, readings: Sequence[Reading], now: datetime, rule: Rule) -> Change | None:
    """The newest value alone, far below the usual one."""
    steep = replace(rule, newest=1, least=rule.steep)
    found = change(measure, readings, now, steep)
    return found if found is not None and found.is_fall else None


def _run(readings: Sequence[Reading], usual: float, line: float, *, is_fall: bool) -> int:
    """How many of the newest values, without a break, lie beyond the line."""
    beyond = [(usual - reading.value if is_fall else reading.value - usual) >= line for reading in reversed(readings)]
    return beyond.index(False) if False in beyond else len(beyond)


def _spread(readings: Sequence[Reading], usual: float) -> float:
    """How far a person's values usually are from their usual one; one bad week does not widen it."""
    return median(abs(reading.value - usual) for reading in readings)


def sentence(change: Change, name: str, say: Say) -> str:
    """`own work: 7, 7, 6 → 4, 4 over three weeks`"""
    before = ", ".join(str(reading.value) for reading in change.before)
    since = ", ".join(str(reading.value) for reading in change.since)
    weeks = _count(change.weeks, say)
    if change.gap:
        return say(
            "{name}: {before} → {since} over {weeks} weeks, with a gap of {gap} weeks",
            name=name, before=before, since=since, weeks=weeks, gap=_count(change.gap, say),
        )  # fmt: skip
    if change.weeks == 1:
        return say("{name}: {before} → {since} within one week", name=name, before=before, since=since)
    return say("{name}: {before} → {since} over {weeks} weeks", name=name, before=before, since=since, weeks=weeks)


def explained(change: Change, name: str, say: Say) -> str:
    """`own work: 7, 7, 6 → 4, 4 over three weeks (usually 7)`"""
    return say("{change} (usually {usual})", change=sentence(change, name, say), usual=say.number(change.usual))


def _count(n: int, say: Say) -> str:
    """Among so many figures a number of weeks is better a word."""
    words = (
        say("two"), say("three"), say("four"), say("five"), say("six"), say("seven"), say("eight"), say("nine"),
        say("ten"), say("eleven"), say("twelve"),
    )  # fmt: skip
    return words[n - 2] if 2 <= n <= len(words) + 1 else str(n)


def _in_order(readings: Sequence[Reading]) -> list[Reading]:
    return sorted(readings, key=lambda reading: reading.at)
