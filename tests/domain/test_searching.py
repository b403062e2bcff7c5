"""Where a message can be whose fate nobody knows, and what follows from what is there."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.searching import MOST, arrivals, to_ask


@given(st.integers(1, 10_000), st.integers(0, 50), st.integers(0, 30), st.sets(st.integers(1, 10_100)))
def test_every_id_it_can_have_is_asked_about_and_none_that_is_known(
    watermark: int, more: int, under_way: int, known: set[int]
) -> None:
    asked = to_ask(watermark, watermark + more, under_way, known)

    assert asked is not None
    assert not known & set(asked)
    assert set(range(watermark + 1, watermark + more + under_way + 2)) <= known | set(asked)


def test_too_many_are_not_asked_about() -> None:
    assert to_ask(1, MOST * 2, 0, set()) is None
    assert to_ask(1, MOST * 2, 0, set(range(2, MOST * 2))) is not None


def test_what_was_sent_later_is_not_asked_about_however_much_it_is() -> None:
    assert to_ask(1, MOST * 9, 0, {2, 4}, before=6) == [3, 5]


def test_only_what_is_certain_is_concluded() -> None:
    for crowded in (False, True):
        assert arrivals([], [(5, None), (5, None)], crowded=crowded) == [None, None]
        assert arrivals([6, 7, 8], [(5, None), (5, None)], crowded=crowded) is None
        assert arrivals([6], [(5, None), (5, None)], crowded=crowded) is None  # which of the two?
    assert arrivals([6], [(5, None)], crowded=False) == [6]
    assert arrivals([6], [(5, None)], crowded=True) is None
    assert arrivals([6, 9], [(5, None), (5, None)], crowded=False) == [6, 9]  # in the order in which they were sent


def test_which_of_two_arrived_is_told_where_only_one_can_be_there() -> None:
    earlier_and_later = [(5, 20), (12, None)]
    told = {found: arrivals([found], earlier_and_later, crowded=False) for found in (4, 8, 12, 13, 19, 20, 30)}

    assert told == {4: None, 8: [8, None], 12: [12, None], 13: None, 19: None, 20: [None, 20], 30: [None, 30]}
    assert arrivals([8, 14], earlier_and_later, crowded=False) == [8, 14]
    assert arrivals([21, 22], earlier_and_later, crowded=False) is None
