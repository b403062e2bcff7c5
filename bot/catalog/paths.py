"""How many questions of a step one person can be asked: those that exclude each other are not added up."""

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from bot.domain.sequence import AnswerIs, Kind, Question, Sequence, Step

_MOST_WAYS = 20_000

Key = tuple[str, str]
Given = float | frozenset[str] | None


def most_asked(step: Step, sequence: Sequence) -> int:
    """The most questions on any way through a step; where there are too many ways to look at, all of them."""
    keys = dict.fromkeys(_key(test, step) for question in step.questions for test in _tests(question))
    answers = {key: _answers(sequence.step(key[0]).question(key[1]), key, step) for key in keys}
    if prod(len(values) for values in answers.values()) > _MOST_WAYS:
        return len(step.questions)
    return max(_asked(step, dict(zip(answers, way, strict=True))) for way in product(*answers.values()))


def _asked(step: Step, given: Mapping[Key, Given]) -> int:
    """How many are asked when this is what is answered; what is not asked is not answered."""
    asked: set[str] = set()
    for question in step.questions:
        tests = _tests(question)
        if all((test.step or test.question in asked) and _holds(test, given[_key(test, step)]) for test in tests):
            asked.add(question.key)
    return len(asked)


def _tests(question: Question) -> list[AnswerIs]:
    return [test for test in question.only_if if isinstance(test, AnswerIs)]


def _key(test: AnswerIs, step: Step) -> Key:
    return test.step or step.key, test.question


def _answers(question: Question, key: Key, step: Step) -> list[Given]:
    """The answers that make a difference; of several choices, all at once hold whatever fewer hold."""
    options = [option.key for option in question.options]
    match question.kind:
        case Kind.yes_no:
            return [None, frozenset({"yes"}), frozenset({"no"})]
        case Kind.choice:
            return [None, *(frozenset({option}) for option in options)]
        case Kind.choices:
            return [None, frozenset(options)]
        case kind:
            return [None, *sorted(set(_beside_limits(key, step, 1 if kind is Kind.scale else 0.5)))]


def _beside_limits(key: Key, step: Step, away: float) -> Iterator[float]:
    """Numbers just below, at and just above each limit that is set for this question."""
    for question in step.questions:
        for test in _tests(question):
            limit = test.below if test.below is not None else test.above
            if limit is not None and _key(test, step) == key:
                yield from (limit - away, limit, limit + away)


def _holds(test: AnswerIs, given: Given) -> bool:
    if given is None:
        return False
    if isinstance(given, frozenset):
        return bool(given & set(test.one_of))
    return (test.below is None or given < test.below) and (test.above is None or given > test.above)
