"""Which question Anna's words answer: every message finds exactly one place."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.matching import BUBBLE, Answers, Asked, Continues, LastAnswer, Match, Unasked, match

NOON = datetime(2026, 10, 6, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OLD, NEW = UUID(int=1), UUID(int=2)
SAID, PLANNED = UUID(int=9), UUID(int=8)


def asked(key: UUID, minutes_ago: int, *, is_open: bool = True, answer: UUID | None = None) -> Asked:
    return Asked(key, NOON - minutes_ago * MINUTE, is_open, answer)


def said(minutes_ago: float, question: UUID | None = None) -> LastAnswer:
    return LastAnswer(SAID, question, NOON - minutes_ago * MINUTE)


def captured(minutes_ago: float) -> LastAnswer:
    return LastAnswer(SAID, None, NOON - minutes_ago * MINUTE, is_captured=True)


TABLE: list[tuple[str, Asked | None, list[Asked], LastAnswer | None, Match]] = [
    ("nothing was ever asked", None, [], None, Unasked()),
    ("one question is open", None, [asked(NEW, 5)], None, Answers(NEW)),
    ("two are open: the newest", None, [asked(OLD, 50), asked(NEW, 5)], None, Answers(NEW)),
    ("an open one goes before a further bubble", None, [asked(NEW, 5)], said(6), Answers(NEW)),
    ("a reply names an older question", asked(OLD, 50, is_open=False), [asked(NEW, 5)], None, Answers(OLD)),
    ("a reply to an answered question adds to it", asked(OLD, 50, answer=SAID), [asked(NEW, 5)], None, Continues(SAID)),
    ("asked after the words were written", None, [asked(NEW, -1)], None, Unasked()),
    ("asked in the same second", None, [asked(NEW, 0)], None, Answers(NEW)),
    ("another bubble within ten minutes", None, [asked(OLD, 20, is_open=False)], said(9, OLD), Continues(SAID)),
    ("another bubble after exactly ten minutes", None, [], said(10), Continues(SAID)),
    ("too late for a bubble", None, [], said(10.1), Unasked()),
    ("a later question was asked and is closed again", None, [asked(NEW, 3, is_open=False)], said(5, OLD), Unasked()),
    ("a line after a captured moment, although one is open", None, [asked(NEW, 50)], captured(3), Continues(SAID)),
    ("asked since the moment was captured", None, [asked(NEW, 2)], captured(3), Answers(NEW)),
    ("too late for a line", None, [asked(NEW, 50)], captured(11), Answers(NEW)),
    ("a plan's part was asked for after the moment", None, [asked(NEW, 2, answer=PLANNED)], captured(3), Continues(PLANNED)),
    ("a plan's part was asked for before the moment", None, [asked(NEW, 4, answer=PLANNED)], captured(3), Continues(SAID)),
    ("a part of the plan that is being made", None, [asked(NEW, 2, answer=SAID)], captured(3), Continues(SAID)),
    ("words written before the last bubble still belong to it", None, [], said(-2), Continues(SAID)),
]


@pytest.mark.parametrize(
    ("replied_to", "questions", "last", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_words_find_their_question(
    replied_to: Asked | None, questions: list[Asked], last: LastAnswer | None, expected: Match
) -> None:
    assert match(NOON, replied_to, questions, last) == expected


IDS = st.integers(1, 4).map(lambda number: UUID(int=number))
TIMES = st.integers(-30, 60).map(lambda minutes: NOON - minutes * MINUTE)
ASKED = st.builds(Asked, IDS, TIMES, st.booleans(), st.none() | IDS)
QUESTIONS = st.lists(ASKED, max_size=5).map(lambda found: sorted(found, key=lambda one: one.sent_at))
LAST = st.none() | st.builds(LastAnswer, IDS, st.none() | IDS, TIMES)


@given(TIMES, st.none() | ASKED, QUESTIONS, LAST)
def test_every_message_finds_one_place_that_exists(
    at: datetime, replied_to: Asked | None, questions: list[Asked], last: LastAnswer | None
) -> None:
    known = [*questions, *([replied_to] if replied_to else [])]

    found = match(at, replied_to, questions, last)

    match found:
        case Answers(question_id):
            assert question_id in {question.id for question in known}
        case Continues(answer_id):
            assert answer_id in {question.answer_id for question in known} | {last.id if last else None}
        case Unasked():
            assert replied_to is None
            assert not any(question.is_open and question.sent_at <= at for question in questions)
            assert last is None or at - last.last_bubble_at > BUBBLE or questions


@given(TIMES, QUESTIONS, LAST)
def test_words_never_answer_a_question_that_came_after_them(
    at: datetime, questions: list[Asked], last: LastAnswer | None
) -> None:
    later = [question for question in questions if question.sent_at > at]

    assert match(at, None, questions, last) == match(at, None, [q for q in questions if q not in later], last)
