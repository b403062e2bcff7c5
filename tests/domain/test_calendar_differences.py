"""How a calendar file differs from what is known: matched by recurrence, moved in order, never by an older file."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bot.domain.calendars import (
    Difference,
    Event,
    Guest,
    Known,
    Place,
    Series,
    address_of,
    clashing,
    difference,
)

NOW = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


def at(week: int, hour: int = 9) -> datetime:
    return datetime(2026, 10, 8, hour, tzinfo=UTC) + week * WEEK


def event(week: int, moved_to: datetime | None = None, **more: object) -> Event:
    start = moved_to or at(week)
    return replace(Event(at(week).isoformat(), start, start + HOUR), **more)


def known(week: int, starts_at: datetime | None = None, **more: object) -> Known:
    start = starts_at or at(week)
    return replace(Known(UUID(int=week + 1), "u", at(week).isoformat(), start, start + HOUR), **more)


def whole(*events: Event, **more: object) -> Series:
    return replace(Series("u", events, whole_until=NOW + timedelta(days=366)), **more)


def told(found: Difference) -> dict[str, list[int]]:
    """Each kind as the days of October on which it is."""
    kinds = {
        "new": [one.starts_at for one in found.new],
        "moved": [one.starts_at for _, one in found.moved],
        "cancelled": [one.starts_at for one in found.cancelled],
        "same": [one.starts_at for one, _ in found.linked],
        "older": [one.starts_at for one in found.older],
    }
    return {kind: [day.day for day in days] for kind, days in kinds.items() if days}


def test_all_is_new_at_first() -> None:
    assert told(difference(whole(event(0), event(1)), [], [], NOW)) == {"new": [8, 15]}


def test_one_recurrence_that_moved_and_one_that_was_taken_out() -> None:
    file = whole(event(0), event(1, at(1) + timedelta(days=1), revision=1))

    assert told(difference(file, [known(0), known(1), known(2)], [], NOW)) == {
        "moved": [16],
        "cancelled": [22],
        "same": [8],
    }


def test_a_file_about_one_recurrence_says_nothing_of_the_others() -> None:
    alone = replace(whole(event(1, at(1) + HOUR)), is_whole=False)

    assert told(difference(alone, [known(0), known(1)], [], NOW)) == {"moved": [15]}
    off = replace(whole(event(1, is_cancelled=True)), is_whole=False)
    assert told(difference(off, [known(0), known(1)], [], NOW)) == {"cancelled": [15]}


def test_what_has_been_stays_as_it_was() -> None:
    later = at(1) + timedelta(days=2)
    held = known(0, state="held")

    assert told(difference(whole(event(1)), [held, known(1)], [], later)) == {}
    assert told(difference(whole(is_cancelled=True), [held, known(1), known(2)], [], later)) == {"cancelled": [22]}


def test_a_series_that_moved_to_another_day_moves_each_in_order() -> None:
    friday = timedelta(days=1)
    moved = [replace(event(n, at(n) + friday), slot=(at(n) + friday).isoformat()) for n in range(3)]

    assert told(difference(whole(*moved), [known(0), known(1), known(2)], [], NOW)) == {"moved": [9, 16, 23]}


def test_none_is_moved_past_one_that_stays() -> None:
    assert told(difference(whole(event(1), event(2), event(3)), [known(0), known(1), known(2)], [], NOW)) == {
        "new": [29], "cancelled": [8], "same": [15, 22],
    }  # fmt: skip


def test_a_file_that_was_cut_says_nothing_of_what_comes_after_it() -> None:
    cut = replace(whole(event(0)), whole_until=at(0))

    assert told(difference(cut, [known(0), known(1)], [], NOW)) == {"same": [8]}


@pytest.mark.parametrize(
    ("file", "here", "expected"),
    [
        ({"revision": 0}, {"revision": 1}, "older"),
        ({"revision": 1}, {"revision": 1}, "moved"),
        ({"revision": 2}, {"revision": 1}, "moved"),
        ({"stamp": NOW - HOUR}, {"revised_at": NOW}, "older"),
        ({"stamp": NOW - HOUR, "revision": 9}, {"revised_at": NOW}, "older"),
        ({"stamp": NOW}, {"revised_at": NOW}, "moved"),
        ({"stamp": NOW + HOUR}, {"revised_at": NOW}, "moved"),
        ({"stamp": NOW}, {}, "moved"),
    ],
)
def test_only_what_is_not_older_moves_a_session(file: dict[str, int], here: dict[str, int], expected: str) -> None:
    said = whole(event(0, at(0) + HOUR, **file), **file)

    assert list(told(difference(said, [known(0, **here)], [], NOW))) == [expected]


def test_what_was_cancelled_comes_back_only_when_the_event_was_changed_since() -> None:
    off = known(0, state="cancelled", revision=1)

    assert told(difference(whole(event(0, revision=1), revision=1), [off], [], NOW)) == {"older": [8]}
    assert told(difference(whole(event(0, revision=2), revision=2), [off], [], NOW)) == {"new": [8]}


def test_a_session_known_by_other_ways_at_the_same_hour_is_the_same() -> None:
    by_hand = [known(0, uid="other"), known(1, state="cancelled", uid="other")]

    assert told(difference(whole(event(0), event(1)), [], by_hand, NOW)) == {"new": [15], "same": [8]}


# a coach is with one leader at a time


def span(hour: float) -> tuple[datetime, datetime]:
    start = NOW + timedelta(hours=hour)
    return start, start + HOUR


def test_the_first_of_two_at_one_time_has_it_and_what_touches_does_not_clash() -> None:
    assert clashing([span(1)], [Place(span(2)), Place(span(2.5)), Place(span(0))]) == {1}
    assert clashing([span(1)], [Place(span(1.5))]) == {0}


def test_two_may_change_places_but_one_that_cannot_go_is_in_the_way_where_it_is() -> None:
    assert clashing([], [Place(span(1), now=span(2)), Place(span(2), now=span(1))]) == set()
    assert clashing([span(9)], [Place(span(9), now=span(2)), Place(span(2), now=span(1))]) == {0, 1}


class Compared(datetime):
    """Counts how often two instants are compared."""

    times = 0

    def __lt__(self, other: datetime) -> bool:
        Compared.times += 1
        return super().__lt__(other)


def test_a_long_row_of_which_each_wants_the_place_of_the_next_is_looked_at_by_pairs_at_most() -> None:
    many = 120
    hours = [Compared.fromtimestamp(3600 * n, UTC) for n in range(many + 2)]
    places = [Place((hours[n + 1], hours[n + 2]), now=(hours[n], hours[n + 1])) for n in range(many)]

    assert clashing([(hours[many], hours[many + 1])], places) == set(range(many))
    assert Compared.times < 4 * many**2


# how a calendar calls a leader

ALICE, ANNA = Guest("alice@c.example", "Alice Stone", is_organizer=True), Guest("a.berg@r.example", "Berg, Anna")
NAMELESS, SECOND = Guest("x17@r.example"), Guest("y18@r.example")


@pytest.mark.parametrize(
    ("guests", "expected"),
    [
        ((ALICE, ANNA), "a.berg@r.example"),
        ((ALICE, ANNA, SECOND), "a.berg@r.example"),
        ((ALICE, NAMELESS), "x17@r.example"),
        ((ALICE, NAMELESS, SECOND), None),
        ((NAMELESS,), None),
        ((Guest("anna@r.example", is_organizer=True), Guest("alice@c.example")), "anna@r.example"),
        ((), None),
    ],
)
def test_the_address_of_anna_is_known_when_it_is_plain(guests: tuple[Guest, ...], expected: str | None) -> None:
    assert address_of(Series("u", (), guests=guests), "Anna") == expected


def test_a_name_is_a_word_and_not_a_part_of_one() -> None:
    assert Series("u", (), summary="Séance ANNA").mentions("Anna")
    assert Series("u", (), summary="x", guests=(ANNA,)).mentions("Anna Berg")
    assert not Series("u", (), summary="Hannah and Annabel").mentions("Anna")
    assert Series("u", (), summary="Point avec Jérôme").mentions("Jerome")
