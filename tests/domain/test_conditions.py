"""Conditions: what must be known of Jack for a step or a question to be asked."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.conditions import Given, Known, holds, month_since
from bot.domain.measures import Reading
from bot.domain.sequence import AnswerIs, Condition, HasFallen, HasTag, MonthsSincePromotion

TODAY = date(2026, 10, 5)
NOBODY = Known(TODAY)


def readings(*values: int) -> list[Reading]:
    return [Reading(datetime(2026, 9, 1, tzinfo=UTC) + timedelta(days=n), value) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("number", "below", "above", "expected"),
    [
        (3, 4, None, True), (4, 4, None, False), (0, 4, None, True), (3.5, 4, None, True),
        (8, None, 7, True), (7, None, 7, False),
        (5, 7, 4, True), (7, 7, 4, False), (4, 7, 4, False),
        (None, 4, None, False), (None, None, 7, False),
    ],
)  # fmt: skip
def test_a_number_is_strictly_below_or_above(
    number: float | None, below: int | None, above: int | None, expected: bool
) -> None:
    known = Known(TODAY, answers={("pulse", "confidence"): Given(number=number)})

    assert holds([AnswerIs("pulse", "confidence", below, above)], known) is expected


def test_a_choice_is_one_of_several_and_of_several_choices_one_is_enough() -> None:
    condition = AnswerIs("look", "how", one_of=("less", "much-less"))

    assert holds([condition], Known(TODAY, answers={("look", "how"): Given(keys=("less",))}))
    assert holds([condition], Known(TODAY, answers={("look", "how"): Given(keys=("more", "much-less"))}))
    assert not holds([condition], Known(TODAY, answers={("look", "how"): Given(keys=("more",))}))
    assert not holds([condition], Known(TODAY, answers={("look", "how"): Given()}))  # in words alone
    assert not holds([condition], Known(TODAY, answers={("look", "other"): Given(keys=("less",))}))


def test_a_question_of_the_same_step_means_this_time_and_no_other() -> None:
    condition = AnswerIs("", "did", one_of=("no",))
    last_time = Known(TODAY, answers={("", "did"): Given(keys=("no",)), ("step", "did"): Given(keys=("no",))})

    assert not holds([condition], last_time)
    assert not holds([condition], last_time, {"did": Given(keys=("yes",))})
    assert holds([condition], NOBODY, {"did": Given(keys=("no",))})


def test_an_earlier_step_is_not_confused_with_this_one() -> None:
    condition = AnswerIs("pulse", "confidence", below=4)

    assert not holds([condition], NOBODY, {"confidence": Given(number=1)})


@pytest.mark.parametrize(
    ("values", "by", "expected"),
    [
        ((7, 7, 7, 5), 2, True),
        ((7, 7, 7, 6), 2, False),
        ((7, 6, 7, 6, 5), 2, False),  # the usual value is six and a half
        ((7, 6, 7, 6, 4), 2, True),
        ((7, 7, 5), 2, False),  # too little to know what is usual
        ((), 1, False),
        ((2, 2, 2, 9), 2, False),
    ],
)
def test_a_measure_has_fallen_against_the_persons_own_usual(
    values: tuple[int, ...], by: int, expected: bool
) -> None:
    known = Known(TODAY, readings={"own-work": readings(*values)})

    assert holds([HasFallen("own-work", by)], known) is expected
    assert not holds([HasFallen("team", by)], known)


@pytest.mark.parametrize(
    ("kind", "tag", "expected"),
    [
        ("role", "director", True),
        ("role", "Associate Director", True),
        ("role", "associate", True),
        ("role", "direct", False),  # not a word of it
        ("role", "équipe", True),
        ("role", "EQUIPE", True),
        ("focus", "boundaries", True),
        ("focus", "team", False),
        ("blocker", "pleasing", True),
        ("blocker", "Faire plaisir", True),
        ("blocker", "faire", False),
        ("blocker", "director", False),
    ],
)
def test_a_tag_is_a_word_of_the_role_a_focus_or_a_hypothesis(kind: str, tag: str, expected: bool) -> None:
    known = Known(
        TODAY, role="Associate Director, chef d’Équipe", focus=["boundaries"], blockers=["Pleasing", "faire  plaisir"]
    )

    assert holds([HasTag(kind, tag)], known) is expected
    assert not holds([HasTag(kind, tag)], NOBODY)


@pytest.mark.parametrize(
    ("promoted", "today", "month"),
    [
        ("2026-06-15", "2026-06-14", 0),
        ("2026-06-15", "2026-06-15", 1),
        ("2026-06-15", "2026-07-14", 1),
        ("2026-06-15", "2026-07-15", 2),
        ("2026-06-15", "2026-09-14", 3),
        ("2026-06-15", "2026-10-14", 4),
        ("2026-06-15", "2026-10-15", 5),
        ("2026-01-31", "2026-02-27", 1),
        ("2026-01-31", "2026-02-28", 2),
        ("2026-01-31", "2026-03-30", 2),
        ("2026-01-31", "2026-03-31", 3),
        ("2028-02-29", "2029-02-28", 13),
        ("2025-11-30", "2026-02-28", 4),
    ],
)
def test_months_since_promotion_are_counted_from_one(promoted: str, today: str, month: int) -> None:
    assert month_since(date.fromisoformat(promoted), date.fromisoformat(today)) == month


def test_a_month_is_within_its_bounds_and_never_while_the_date_is_unknown() -> None:
    condition = MonthsSincePromotion(3, 4)
    promoted = date(2026, 6, 15)

    asked = [day for day in range(200) if holds([condition], Known(promoted + timedelta(day), promoted_on=promoted))]

    assert (promoted + timedelta(asked[0]), promoted + timedelta(asked[-1])) == (date(2026, 8, 15), date(2026, 10, 14))
    assert not holds([condition], NOBODY)


def test_all_conditions_must_hold_and_none_always_holds() -> None:
    both: list[Condition] = [HasTag("focus", "team"), HasTag("focus", "peers")]

    assert holds(both, Known(TODAY, focus=["team", "peers"]))
    assert not holds(both, Known(TODAY, focus=["team"]))
    assert holds([], NOBODY)
