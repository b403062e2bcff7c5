"""Whether what a step or a question asks for is so: earlier answers, a measure that fell, tags, months since promotion."""

import calendar
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.domain.measures import Reading, standing
from bot.domain.sequence import AnswerIs, Condition, HasFallen, HasTag, MonthsSincePromotion
from bot.domain.words import folded


@dataclass(frozen=True)
class Given:
    """One answer, as far as a condition looks at it: a number, or the keys of what was chosen ("yes" and "no" too).

    Both are empty when it was given in words alone: then no test of it holds.
    """

    number: float | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """What is known of a leader on the day `today`: only what the conditions in question look at is filled in.

    `answers` are the latest ones of the sequence, by step and question.
    """

    today: date
    answers: Mapping[tuple[str, str], Given] = field(default_factory=dict)
    readings: Mapping[str, Sequence[Reading]] = field(default_factory=dict)
    role: str = ""
    focus: Collection[str] = ()
    blockers: Collection[str] = ()
    promoted_on: date | None = None


def holds(conditions: Iterable[Condition], known: Known, own: Mapping[str, Given] | None = None) -> bool:
    """Whether all of them hold. `own` are the answers of the occurrence itself, by question."""
    return all(_holds(condition, known, own or {}) for condition in conditions)


def _holds(condition: Condition, known: Known, own: Mapping[str, Given]) -> bool:
    match condition:
        case AnswerIs():
            given = known.answers.get((condition.step, condition.question)) if condition.step else None
            return _is_so(condition, given if condition.step else own.get(condition.question))
        case HasFallen():
            return _has_fallen(condition, known.readings.get(condition.measure, ()))
        case HasTag():
            return _has_tag(condition, known)
        case MonthsSincePromotion():
            return condition.first <= month_since(known.promoted_on, known.today) <= condition.last


def _is_so(condition: AnswerIs, given: Given | None) -> bool:
    if given is None:
        return False
    if condition.one_of:
        return any(key in condition.one_of for key in given.keys)
    if given.number is None:
        return False
    is_below = condition.below is None or given.number < condition.below
    return is_below and (condition.above is None or given.number > condition.above)


def _has_fallen(condition: HasFallen, readings: Sequence[Reading]) -> bool:
    """Never while there is no usual value yet: a person is compared with their own past only."""
    found = standing(condition.measure, readings)
    return found is not None and found.usual is not None and found.latest <= found.usual - condition.by


def _has_tag(condition: HasTag, known: Known) -> bool:
    if condition.kind == "focus":
        return condition.tag in known.focus
    if condition.kind == "role":
        return f" {_words(condition.tag)} " in f" {_words(known.role)} "
    return _words(condition.tag) in map(_words, known.blockers)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", folded(re.sub("['’]", " ", text))))


def month_since(promoted_on: date | None, today: date) -> int:
    """Which month since promotion it is, the first being 1; 0 before it, or while its date is not known.

    Whoever was promoted on the 31st begins a new month on the last day where a month is shorter.
    """
    if promoted_on is None or today < promoted_on:
        return 0
    months = (today.year - promoted_on.year) * 12 + today.month - promoted_on.month
    turns_on = min(promoted_on.day, calendar.monthrange(today.year, today.month)[1])
    return months + (today.day >= turns_on)
