"""Marked changes on generated leaders whose own past is known: false marks and weeks until a fall is noticed, beside two
plain rules. One measure of each leader, looked at every Monday, as a digest does; at the end three measures of each, with
weeks that are bad all round."""

import argparse
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.domain.measures import RULE, Reading, Rule, change, changes

YEAR = 52
WEEK, HOUR = timedelta(weeks=1), timedelta(hours=17)
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
MONTH_3, MONTH_4 = 13, 17  # the week in which a fall begins; nobody's begins at all in the first group
FALL, ARRIVES_IN = 0.3, 3  # by so much of the level, within so many weeks
ASKED = {
    "ratings: weekly for six weeks, then every two": frozenset([*range(6), *range(7, YEAR, 2)]),
    "own work: every two weeks from week 7 to 21": frozenset(range(6, 22, 2)),
}
Judge = Callable[[Sequence[Reading], datetime], int]
"""-1: a fall is marked, 1: a rise, 0: nothing."""


@dataclass(frozen=True)
class Habit:
    """How lively a leader's numbers are, and how many answers are missing beside silences of two to four weeks."""

    noise: float | None = None  # points; None: one of three kinds of leaders by chance
    missing: float = 0.2


def leader(chance: random.Random, asked: frozenset[int], falls_in: int | None, habit: Habit) -> list[Reading]:
    """A year of numbers around a level of their own, which drifts; bad weeks, silences and answers left out."""
    level, noise = min(9.3, max(3.5, chance.gauss(6.8, 1.2))), habit.noise or chance.choice((0.6, 1.0, 1.4))
    silent = set(_silences(chance))
    drift = mood = 0.0
    found = []
    for week in range(YEAR):
        drift, mood = drift + chance.gauss(0, 0.08), 0.3 * mood + chance.gauss(0, noise)
        fallen = 0 if falls_in is None else FALL * min(1, max(0, (week - falls_in + 1) / ARRIVES_IN))
        bad = chance.choice((2, 3, 4)) if chance.random() < 0.04 else 0
        value = round((level + drift) * (1 - fallen) + mood - bad)
        if chance.random() >= habit.missing and week in asked and week not in silent:
            found.append(Reading(MONDAY + week * WEEK + HOUR, min(10, max(0, value))))
    return found


def _silences(chance: random.Random) -> Iterator[int]:
    for _ in range(2):
        if chance.random() < 0.6:
            first = chance.randrange(2, YEAR)
            yield from range(first, first + chance.choice((2, 3, 4)))


# The rules


def ours(rule: Rule) -> Judge:
    def judge(readings: Sequence[Reading], now: datetime) -> int:
        found = change("confidence", readings, now, rule)
        return 0 if found is None else (-1 if found.is_fall else 1)

    return judge


def at_most(limit: int) -> Judge:
    """The newest value is low, whoever it is."""

    def judge(readings: Sequence[Reading], now: datetime) -> int:
        newest = [reading for reading in readings if now - RULE.fresh <= reading.at <= now][-1:]
        return -1 if newest and newest[0].value <= limit else 0

    return judge


def since_last(points: int) -> Judge:
    """The newest value, if it is of this week, differs that much from the one before it."""

    def judge(readings: Sequence[Reading], now: datetime) -> int:
        two = [reading for reading in readings if reading.at <= now][-2:]
        away = two[1].value - two[0].value if len(two) == 2 and two[1].at > now - WEEK else 0
        return 0 if abs(away) < points else (-1 if away < 0 else 1)

    return judge


RULES: dict[str, Judge] = {
    "4 or less": at_most(4),
    "5 or less": at_most(5),
    "2 points since last time": since_last(2),
    "3 points since last time": since_last(3),
    "ours, the setting in use": ours(RULE),
    "  1.5 points away at least": ours(replace(RULE, least=1.5)),
    "  3 points away at least": ours(replace(RULE, least=3.0)),
    "  whatever the spread": ours(replace(RULE, spreads=0)),
    "  twice as far as usual": ours(replace(RULE, spreads=2.25)),
    "  the newest one alone": ours(replace(RULE, newest=1)),
    "  the newest three": ours(replace(RULE, newest=3)),
    "  five values for a past": ours(replace(RULE, needs=5)),
}

# What they do


@dataclass(frozen=True)
class Outcome:
    """`false`: marks in a year in which nothing changed (one that stays counts once). `standing`: Mondays with one.
    By the month in which the fall began: the share noticed within 8 weeks, within 26, and the median of the weeks."""

    false: float
    standing: float
    noticed: dict[int, tuple[float, float, float | None]]


def judged(judge: Judge, groups: dict[int | None, list[list[Reading]]]) -> Outcome:
    calm = [_marks(judge, readings) for readings in groups[None]]
    starts = [sum(bool(now) and not before for before, now in zip([0, *marks], marks, strict=False)) for marks in calm]
    standing = [sum(map(abs, marks)) for marks in calm]
    noticed = {start: _noticed(judge, groups[start], start) for start in (MONTH_3, MONTH_4)}
    return Outcome(statistics.mean(starts), statistics.mean(standing), noticed)


def _marks(judge: Judge, readings: list[Reading]) -> list[int]:
    return [judge(readings, MONDAY + week * WEEK) for week in range(1, YEAR + 1)]


def _noticed(judge: Judge, group: list[list[Reading]], start: int) -> tuple[float, float, float | None]:
    took = [weeks for readings in group if (weeks := _weeks_until(judge, readings, start))]
    middle = float(statistics.median(took)) if took else None
    return sum(weeks <= 8 for weeks in took) / len(group), len(took) / len(group), middle


def _weeks_until(judge: Judge, readings: list[Reading], start: int) -> int | None:
    """Until a fall is marked because of a value that was given after it had begun."""
    began = MONDAY + start * WEEK
    for week in range(start + 1, min(YEAR, start + 26) + 1):
        now = MONDAY + week * WEEK
        if any(began <= reading.at <= now for reading in readings) and judge(readings, now) < 0:
            return week - start
    return None


def group(seed: int, size: int, asked: frozenset[int], habit: Habit) -> dict[int | None, list[list[Reading]]]:
    chance = random.Random(seed)
    return {
        falls_in: [leader(chance, asked, falls_in, habit) for _ in range(size)] for falls_in in (None, MONTH_3, MONTH_4)
    }


def row(name: str, outcomes: list[Outcome]) -> None:
    """The median over the seeds, and between which values the false marks lay."""
    false = [outcome.false for outcome in outcomes]
    line = f"{name:30}{statistics.median(false):7.2f} {f'({min(false):.2f}-{max(false):.2f})':13}"
    line += f"{statistics.median(outcome.standing for outcome in outcomes):6.1f}"
    for start in (MONTH_3, MONTH_4):
        soon = statistics.median(outcome.noticed[start][0] for outcome in outcomes)
        ever = statistics.median(outcome.noticed[start][1] for outcome in outcomes)
        weeks = [found for outcome in outcomes if (found := outcome.noticed[start][2]) is not None]
        middle = f"{statistics.median(weeks):.0f}" if weeks else "-"
        line += f"{soon:8.0%}{ever:6.0%}{middle:>6}"
    print(line, flush=True)


# Three measures of one leader

Three = dict[str, list[Reading]]


def leader_of_three(chance: random.Random, asked: frozenset[int], falls_in: int | None) -> tuple[Three, list[int]]:
    """Each with a level and a noise of its own; they share what is missing, the fall, and the bad weeks, which are named."""
    whole = [leader(chance, asked, falls_in, Habit(missing=0)) for _ in range(3)]
    there = [week for week in sorted(asked) if chance.random() >= Habit.missing]
    bad = {week: chance.choice((2, 3, 4)) for week in there if chance.random() < 0.04}
    series = {
        f"measure {number}": [
            replace(reading, value=max(0, reading.value - bad.get(week, 0)))
            for reading in readings
            if (week := (reading.at - MONDAY) // WEEK) in there
        ]
        for number, readings in enumerate(whole)
    }
    return series, sorted(bad)


def row_of_three(name: str, rule: Rule, size: int, seeds: Sequence[int], asked: frozenset[int]) -> None:
    false, at_once, soon = [], [], []
    for seed in seeds:
        chance = random.Random(seed)
        calm = [leader_of_three(chance, asked, None) for _ in range(size)]
        for series, bad in calm:
            fallen = [_falls(series, MONDAY + week * WEEK, rule) for week in range(1, YEAR + 1)]
            false.append(sum(now and not before for before, now in zip([False, *fallen], fallen, strict=False)))
            at_once += [fallen[week] for week in bad]
        for series, _ in [leader_of_three(chance, asked, MONTH_3) for _ in range(size)]:
            soon.append(any(_falls(series, MONDAY + (MONTH_3 + week) * WEEK, rule) for week in range(1, 9)))
    bad_weeks = f"{statistics.mean(at_once):.0%}" if at_once else "-"
    print(f"{name:30}{statistics.mean(false):10.2f}{bad_weeks:>24}{statistics.mean(soon):>16.0%}", flush=True)


def _falls(series: Three, now: datetime, rule: Rule) -> bool:
    return any(one.is_fall for one in changes(series, now, rule).values())


def head(title: str) -> None:
    print(f"\n{title}")
    print(f"{'':30}{'false marks a year':>21}{'weeks':>6}{'fall in month 3':>20}{'fall in month 4':>20}")
    print(f"{'':30}{'median (lowest-highest)':>21}{'':>4}" + f"{'8 w':>8}{'26 w':>6}{'takes':>6}" * 2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true", help="a few leaders, for a test")
    parser.add_argument("--seed", type=int, default=1, help="the first of five")
    given = parser.parse_args()
    size, seeds = (10, range(given.seed, given.seed + 2)) if given.small else (300, range(given.seed, given.seed + 5))
    for title, asked in ASKED.items():
        groups = [group(seed, size, asked, Habit()) for seed in seeds]
        head(title)
        for name, judge in RULES.items():
            row(name, [judged(judge, one) for one in groups])
    head("ours, by how people are (ratings)")
    ratings = next(iter(ASKED.values()))
    for noise in (0.6, 1.0, 1.4):
        for missing in (0.2, 0.4):
            made = [judged(ours(RULE), group(seed, size, ratings, Habit(noise, missing))) for seed in seeds]
            row(f"  noise {noise}, {missing:.0%} missing", made)
    print(f"\n{'three measures of each':30}{'marks a year':>12}{'bad weeks marked':>22}{'falls in 8 w':>16}")
    for steep in (99, 3.0, RULE.steep, 2.0):
        name = "each for itself" if steep > 10 else f"or two fall by {steep}"
        row_of_three(name, replace(RULE, steep=steep), size // 3, seeds, ratings)


if __name__ == "__main__":
    main()
