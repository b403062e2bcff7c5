"""Anna's numbers stand against her own past, and against nobody else's."""

from datetime import UTC, datetime, timedelta
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.measures import Reading, standing

START = datetime(2026, 10, 2, 16, 30, tzinfo=UTC)


def weeks(*values: int) -> list[Reading]:
    return [Reading(START + timedelta(weeks=number), value) for number, value in enumerate(values)]


def test_no_number_has_no_standing() -> None:
    assert standing("confidence", []) is None


def test_the_first_number_has_nothing_to_be_compared_with() -> None:
    found = standing("confidence", weeks(6))

    assert found is not None
    assert (found.latest, found.recent, found.usual) == (6, (), None)


def test_two_earlier_numbers_are_shown_but_make_no_usual_value() -> None:
    found = standing("confidence", weeks(6, 7, 5))

    assert found is not None
    assert (found.latest, found.recent, found.usual) == (5, (6, 7), None)


def test_three_earlier_numbers_make_a_usual_value_and_the_latest_is_not_among_them() -> None:
    found = standing("confidence", weeks(6, 7, 8, 1))

    assert found is not None
    assert (found.latest, found.recent, found.usual) == (1, (6, 7, 8), 7.0)


def test_one_bad_week_does_not_move_the_usual_value() -> None:
    found = standing("confidence", weeks(7, 7, 0, 7, 6))

    assert found is not None
    assert found.usual == 7.0


def test_only_the_last_eight_weeks_before_count_and_only_three_are_shown() -> None:
    found = standing("team", weeks(0, 0, 0, 0, 0, 0, 0, 0, *[9] * 8, 4))

    assert found is not None
    assert found.usual == 9.0
    assert found.recent == (9, 9, 9)


def test_the_order_of_the_rows_does_not_matter() -> None:
    readings = weeks(1, 2, 3, 4, 5)

    assert standing("team", readings[::-1]) == standing("team", readings)


@given(st.lists(st.integers(0, 10), min_size=1, max_size=30))
def test_every_standing_is_one_of_the_persons_own(values: list[int]) -> None:
    found = standing("peers", weeks(*values))

    assert found is not None
    assert found.latest == values[-1]
    assert list(found.recent) == values[:-1][-3:]
    expected = median(values[:-1][-8:]) if len(values) > 3 else None
    assert found.usual == expected
