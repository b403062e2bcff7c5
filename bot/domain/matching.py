"""Which question some words answer. Pure and total: every message of a leader finds a place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

BUBBLE = timedelta(minutes=10)
CUT_FROM = 2048  # units: clients cut a text over 4,096 at a good place in the second half of each part
TOGETHER = timedelta(seconds=10)  # in which the parts come
AT_ONCE = timedelta(seconds=3)  # too soon for words about what was just said


@dataclass(frozen=True)
class Asked:
    """A question that was put to the leader, or a part of a plan that was asked for: that has an `answer_id` already.

    `sent_at`: Telegram's date of it, or when it was planned.
    """

    id: UUID
    sent_at: datetime
    is_open: bool
    answer_id: UUID | None = None


@dataclass(frozen=True)
class LastAnswer:
    """The answer the leader gave last, and when its last bubble came. `is_captured`: unasked, on purpose, just now."""

    id: UUID
    question_id: UUID | None
    last_bubble_at: datetime
    is_captured: bool = False


@dataclass(frozen=True)
class Answers:
    """Words for a question that has none yet."""

    question_id: UUID


@dataclass(frozen=True)
class Continues:
    """A further bubble of an answer, or words added to it by replying to its question."""

    answer_id: UUID


@dataclass(frozen=True)
class Unasked:
    """Words nobody asked for: a moment."""


Match = Answers | Continues | Unasked


def match(
    at: datetime, replied_to: Asked | None, asked: Sequence[Asked], last: LastAnswer | None
) -> Match:
    """Decide by the message's own date `at`: a reply names its question; else what was just captured goes on; else the
    newest question that was open then; else a further bubble of the last answer; else a moment.

    `asked` are the leader's questions, newest last.
    """
    if replied_to is not None:
        return Continues(replied_to.answer_id) if replied_to.answer_id else Answers(replied_to.id)
    goes_on = last is not None and at - last.last_bubble_at <= BUBBLE and not _asked_since(last, at, asked)
    if last is not None and last.is_captured and goes_on:
        return Continues(last.id)
    open_then = [question for question in asked if question.is_open and question.sent_at <= at]
    if open_then:
        newest = open_then[-1]
        return Continues(newest.answer_id) if newest.answer_id else Answers(newest.id)
    if last is not None and goes_on:
        return Continues(last.id)
    return Unasked()


def beside_the_open(at: datetime, asked: Sequence[Asked], last: LastAnswer | None) -> Continues | Unasked:
    """Words that do not answer what is open, such as those without a number where one is asked for: a further bubble of
    what came last, or a moment."""
    if last is not None and at - last.last_bubble_at <= BUBBLE and not _asked_since(last, at, asked):
        return Continues(last.id)
    return Unasked()


def _asked_since(last: LastAnswer, at: datetime, asked: Sequence[Asked]) -> bool:
    return any(
        last.last_bubble_at < question.sent_at <= at and last.question_id != question.id and last.id != question.answer_id
        for question in asked
    )
