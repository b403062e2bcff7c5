"""Where a message can be whose fate nobody knows, and what follows from what is there."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.searching import MOST, Verdict, to_ask, verdict


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
    told = {(lost, found, crowded): verdict(lost, found, crowded=crowded)
            for lost in (1, 2) for found in (0, 1, 2, 3) for crowded in (False, True)}  # fmt: skip

    assert {case for case, what in told.items() if what == Verdict.all} == {(1, 1, False), (2, 2, False)}
    assert all((what == Verdict.none) == (found == 0) for (_, found, _), what in told.items())
