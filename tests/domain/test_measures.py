"""Anna's numbers stand against her own past, and against nobody else's."""

from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.measures import Change, Reading, change, changes, sentence, standing
from bot.i18n import Say

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


# A marked change


def told(readings: list[Reading], *, after: timedelta = timedelta(days=2), language: str = "en") -> str | None:
    """What is said about it two days after the newest value."""
    found = change("own-work", readings, readings[-1].at + after)
    return found and sentence(found, "own work", Say(language))


def with_gaps(*values: int | None, every: int = 1) -> list[Reading]:
    """A value each `every` weeks; None: no answer."""
    return [Reading(START + timedelta(weeks=every * n), value) for n, value in enumerate(values) if value is not None]


def test_a_marked_fall_is_one_sentence_with_the_numbers() -> None:
    assert told(weeks(7, 7, 7, 6, 4, 4)) == "own work: 7, 7, 6 → 4, 4 over three weeks"


def test_a_marked_rise_too() -> None:
    found = change("team", weeks(4, 4, 5, 4, 7, 7), START + timedelta(weeks=6))

    assert found is not None
    assert not found.is_fall
    assert found.usual == 4.0
    assert sentence(found, "team", Say("en")) == "team: 4, 5, 4 → 7, 7 over three weeks"


def test_a_fall_that_lasts_is_told_with_all_of_its_values() -> None:
    assert told(weeks(7, 7, 7, 6, 4, 4, 3)) == "own work: 7, 7, 6 → 4, 4, 3 over four weeks"


def test_what_is_asked_every_two_weeks_counts_its_weeks_as_they_were() -> None:
    assert told(with_gaps(7, 7, 7, 6, 4, 4, every=2)) == "own work: 7, 7, 6 → 4, 4 over five weeks"


def test_weeks_in_which_nothing_was_asked_are_no_gap() -> None:
    assert told(with_gaps(2, 3, 2, 5, 5, 6, every=2)) == "own work: 2, 3, 2 → 5, 5, 6 over seven weeks"


def test_missing_weeks_are_said_and_not_filled() -> None:
    readings = with_gaps(7, 7, 7, None, None, None, 4, 4)

    assert told(readings) == "own work: 7, 7, 7 → 4, 4 over six weeks, with a gap of four weeks"


def test_one_missed_week_needs_no_words() -> None:
    assert told(with_gaps(7, 7, 7, 4, None, 4)) == "own work: 7, 7, 7 → 4, 4 over four weeks"


@pytest.mark.parametrize(
    "values",
    [
        (7, 7, 7, 4),  # one bad week
        (7, 7, 7, 4, 7),
        (7, 7, 7, 4, 6),  # the second is as usual again
        (7, 7, 7, 6, 6),  # a point is nothing
        (7, 7, 4, 4),  # two values are no past
        (4, 9, 3, 8, 2, 9, 4, 3),  # up and down is this person's usual
        (7, 7, 7, 4, 9),  # away, but not to one side
        (),
    ],
)
def test_what_is_no_marked_change(values: tuple[int, ...]) -> None:
    assert change("team", weeks(*values), START + timedelta(weeks=len(values))) is None


def test_what_is_older_than_half_a_year_makes_no_usual_value() -> None:
    found = standing("team", with_gaps(2, 2, 2, 2, *[None] * 24, 7, 7, 7, 6))

    assert found is not None
    assert found.usual == 7.0


def test_a_change_that_was_told_goes_on_until_it_has_gone_two_points_further() -> None:
    def marked(*values: int) -> Change:
        found = change("team", weeks(*values), START + timedelta(weeks=len(values)))
        assert found is not None
        return found

    fall = marked(7, 7, 7, 4, 4)

    assert not fall.goes_on(None)
    assert marked(7, 7, 7, 4, 4, 3).goes_on(fall)
    assert not marked(7, 7, 7, 4, 4, 2).goes_on(fall)
    assert not marked(7, 7, 7, 9, 9).goes_on(fall)


def test_numbers_of_long_ago_say_nothing_about_today() -> None:
    readings = weeks(7, 7, 7, 4, 4)

    assert told(readings, after=timedelta(weeks=4)) is not None
    assert told(readings, after=timedelta(weeks=4, seconds=1)) is None


def test_two_values_too_far_apart_are_no_change() -> None:
    assert told(with_gaps(7, 7, 7, *[None] * 2, 4, *[None] * 9, 4)) is None


def test_a_past_of_half_a_year_ago_is_no_past() -> None:
    assert told(with_gaps(7, 7, 7, *[None] * 24, 4, 4)) is None


def test_what_is_still_to_come_is_not_known_yet() -> None:
    assert change("team", weeks(7, 7, 7, 4, 4), START + timedelta(weeks=3, days=1)) is None


def test_a_new_level_becomes_the_usual_one() -> None:
    assert told(weeks(*[7] * 8, *[4] * 5)) is not None
    assert told(weeks(*[7] * 8, *[4] * 8)) is None


def test_one_bad_week_long_ago_neither_hides_nor_makes_a_fall() -> None:
    assert told(weeks(7, 0, 7, 7, 7, 7)) is None
    assert told(weeks(7, 0, 7, 7, 4, 4)) == "own work: 0, 7, 7 → 4, 4 over three weeks"


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 5)), max_size=30), st.integers(0, 30))
def test_every_change_is_told_with_values_that_were_given(steps: list[tuple[int, int]], after: int) -> None:
    at, readings = START, []
    for value, gap in steps:
        at += timedelta(weeks=gap, days=1)
        readings.append(Reading(at, value))

    found = change("peers", readings, at + timedelta(days=after))

    if found is not None:
        shown = [*found.before, *found.since]
        assert shown == readings[-len(shown) :]
        assert len(found.since) >= 2
        assert all((one.value < found.usual) == found.is_fall for one in found.since)
        assert found.weeks >= 1
        assert found.gap == 0 or 4 <= found.gap <= found.weeks
        assert sentence(found, "peers", Say("en")).startswith("peers: ")


def test_a_week_in_which_several_numbers_fall_steeply_is_marked_at_once() -> None:
    series = {"confidence": weeks(5, 5, 6, 5, 2), "boundaries": weeks(4, 4, 4, 4, 1), "team": weeks(5, 6, 5, 5, 4)}

    found = changes(series, START + timedelta(weeks=5))

    assert {measure: sentence(one, measure, Say()) for measure, one in found.items()} == {
        "confidence": "confidence: 5, 6, 5 → 2 over two weeks", "boundaries": "boundaries: 4, 4, 4 → 1 over two weeks",
    }  # fmt: skip


def test_one_steep_fall_alone_or_two_in_different_weeks_or_a_steep_rise_wait_for_a_second_value() -> None:
    alone = {"confidence": weeks(5, 5, 6, 5, 2), "boundaries": weeks(4, 4, 4, 4, 4)}
    apart = {"confidence": weeks(5, 5, 6, 5, 2), "boundaries": weeks(4, 4, 4, 1)}
    rises = {"confidence": weeks(5, 5, 6, 5, 9), "boundaries": weeks(4, 4, 4, 4, 8)}

    assert [changes(series, START + timedelta(weeks=5)) for series in (alone, apart, rises)] == [{}, {}, {}]


def test_a_measure_that_is_marked_for_itself_counts_as_the_second() -> None:
    series = {"confidence": weeks(7, 7, 7, 7, 3, 3), "team": weeks(8, 8, 8, 8, 8, 4)}

    assert {one.measure: len(one.since) for one in changes(series, START + timedelta(weeks=6)).values()} == {
        "confidence": 2, "team": 1,
    }  # fmt: skip
