"""What a calendar file says of meetings, and how that differs from the sessions that are known. No file is read here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from bot.domain.words import folded


@dataclass(frozen=True)
class Guest:
    """Somebody an event names: an address, and the name beside it."""

    address: str
    name: str = ""
    is_organizer: bool = False


@dataclass(frozen=True)
class Event:
    """One meeting. `slot` is the start it had when it was first planned: it stays when the meeting moves."""

    slot: str
    starts_at: datetime
    ends_at: datetime
    revision: int = 0
    stamp: datetime | None = None
    is_cancelled: bool = False


@dataclass(frozen=True)
class Series:
    """All that a file says of one event with its recurrences that are still to come.

    `is_whole`: the event itself is there, so that a recurrence which is missing between `whole_from` and `whole_until`
    has been taken out of it; otherwise the file is about single recurrences only. `is_cancelled`: the event itself.
    `revision` and `stamp` are the newest there are in it.
    """

    uid: str
    events: tuple[Event, ...]
    summary: str = ""
    guests: tuple[Guest, ...] = ()
    is_whole: bool = True
    is_cancelled: bool = False
    revision: int = 0
    stamp: datetime | None = None
    whole_from: datetime | None = None
    whole_until: datetime | None = None

    def mentions(self, name: str) -> bool:
        """Whether the title or somebody's name or address has this name in it, as a word."""
        said = " ".join([self.summary, *(f"{guest.name} {guest.address.partition('@')[0]}" for guest in self.guests)])
        words = set(_words(said))
        return any(part in words for part in _words(name) if len(part) > 1)


@dataclass(frozen=True)
class File:
    """A calendar file that was read. `left_out`: how many meetings were not, by reason."""

    series: tuple[Series, ...]
    left_out: dict[str, int] = field(default_factory=dict)
    zones: tuple[str, ...] = ()  # names of time zones that nobody explains


@dataclass(frozen=True)
class Known:
    """A session as it stands. `uid` and `slot` are those of the event it was taken from."""

    id: UUID
    uid: str
    slot: str
    starts_at: datetime
    ends_at: datetime
    state: str = "planned"
    revision: int = 0
    revised_at: datetime | None = None


@dataclass(frozen=True)
class Difference:
    """What a file changes. `linked` stay as they are and are known by their event from now on."""

    new: tuple[Event, ...] = ()
    moved: tuple[tuple[Known, Event], ...] = ()
    cancelled: tuple[Known, ...] = ()
    linked: tuple[tuple[Known, Event], ...] = ()
    older: tuple[Known, ...] = ()  # changed or cancelled here, or by a newer file, since this file was written

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.moved or self.cancelled)


def difference(series: Series, known: Sequence[Known], others: Sequence[Known], now: datetime) -> Difference:
    """How a file differs from the sessions taken from the same event, and from those its leader has by other ways."""
    mine = {one.slot: one for one in known}
    to_come = [one for one in known if one.state == "planned" and one.starts_at > now]
    if series.is_cancelled:
        return _sorted_out(series, [], to_come, [], [])
    alive = {event.slot: event for event in series.events if not event.is_cancelled and event.starts_at > now}
    gone = {event.slot for event in series.events if event.is_cancelled}
    fresh = [event for slot, event in alive.items() if slot not in mine]
    missing = [one for one in to_come if one.slot not in alive and one.slot not in gone and _is_missing(one, series)]
    moved_on = _pairs(missing, fresh, [mine[slot] for slot in alive if slot in mine])
    pairs = moved_on + [(mine[slot], event) for slot, event in alive.items() if slot in mine]
    cancelled = [one for one in to_come if one.slot in gone]
    cancelled += [one for one in missing if all(one is not session for session, _ in moved_on)]
    by_time = {_span(one): one for one in others if one.state == "planned"}
    new = [event for event in fresh if all(event is not other for _, other in moved_on)]
    found = [(by_time[_span(event)], event) for event in new if _span(event) in by_time]
    return _sorted_out(series, pairs, cancelled, [event for event in new if _span(event) not in by_time], found)


def _sorted_out(
    series: Series, pairs: list[tuple[Known, Event]], cancelled: list[Known], new: list[Event],
    found: list[tuple[Known, Event]],
) -> Difference:  # fmt: skip
    """By what is to be done, leaving alone what is newer here than in the file."""
    moved, again, older = [], [], []
    linked = list(found)
    for one, event in pairs:
        if one.state == "planned" and _span(one) == _span(event):
            linked.append((one, event))
        elif one.state == "planned" and not _is_older(series, one):
            moved.append((one, event))
        elif one.state == "cancelled" and event.revision > one.revision and not _is_older(series, one):
            again.append(event)
        elif one.state != "held":
            older.append(one)
    off = [one for one in cancelled if not _is_older(series, one)]
    older += [one for one in cancelled if one not in off]
    ordered = sorted([*new, *again], key=lambda event: event.starts_at)
    return Difference(tuple(ordered), tuple(moved), tuple(off), tuple(linked), tuple(older))


def _is_missing(one: Known, series: Series) -> bool:
    after = series.whole_from is None or one.starts_at >= series.whole_from
    before = series.whole_until is None or one.starts_at <= series.whole_until
    return series.is_whole and after and before


def _pairs(missing: list[Known], fresh: list[Event], kept: list[Known]) -> list[tuple[Known, Event]]:
    """The whole event was moved: in order, each that is missing has become one that is new, but none past one that stays."""
    pairs = []
    for one, event in zip(
        sorted(missing, key=lambda one: one.starts_at), sorted(fresh, key=lambda event: event.starts_at), strict=False
    ):
        first, last = sorted((one.starts_at, event.starts_at))
        if not any(first < stays.starts_at < last for stays in kept):
            pairs.append((one, event))
    return pairs


def _is_older(series: Series, one: Known) -> bool:
    """Whether a file was made before what is known: by its time, or where it has none by its count of changes."""
    if series.stamp is not None and one.revised_at is not None:
        return series.stamp < one.revised_at
    return series.revision < one.revision


def _span(one: Known | Event) -> tuple[datetime, datetime]:
    return one.starts_at, one.ends_at


@dataclass(frozen=True)
class Place:
    """A stretch of the coach's time: where something is to go, and where it is while that cannot be."""

    wanted: tuple[datetime, datetime]
    now: tuple[datetime, datetime] | None = None


def clashing(fixed: Iterable[tuple[datetime, datetime]], places: Sequence[Place]) -> set[int]:
    """Which of these cannot go where they are to, because a coach is with one leader at a time."""
    taken = list(fixed)
    going: dict[int, Place] = {}
    refused: list[int] = []
    for number, place in enumerate(places):
        if any(_meet(place.wanted, span) for span in taken):
            refused.append(number)
        else:
            taken.append(place.wanted)
            going[number] = place
    for number in refused:  # grows: whoever stays is in the way of others, and they of others again
        stays = places[number].now
        held_up = [other for other, place in going.items() if stays is not None and _meet(place.wanted, stays)]
        refused += held_up
        for other in held_up:
            del going[other]
    return set(refused)


def _meet(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def address_of(series: Series, name: str) -> str | None:
    """The address by which a file calls the leader of that name, if it is plain which one that is."""
    named = [guest.address for guest in series.guests if _names(guest, name)]
    if len(named) == 1:
        return named[0]
    invited = [guest.address for guest in series.guests if not guest.is_organizer]
    return invited[0] if len(invited) == 1 and not named and len(series.guests) > 1 else None


def _names(guest: Guest, name: str) -> bool:
    words = set(_words(f"{guest.name} {guest.address.partition('@')[0]}"))
    return any(part in words for part in _words(name) if len(part) > 1)


def _words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in folded(text)).split()
