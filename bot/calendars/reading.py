"""A calendar file of somebody else's program, as meetings at instants: what to come is read, the rest is counted."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any

from bot.calendars.lines import NotACalendarError, Text, calendars_in
from bot.calendars.patience import Patience, TooLongError
from bot.calendars.uids import split_on, uid_hash
from bot.domain.calendars import Event, File, Guest, Series
from bot.domain.schedule import first_instant

_HORIZON = timedelta(days=366)
_MOST = 60  # of one series
_USUAL, _LONGEST = timedelta(minutes=60), timedelta(hours=8)
_TITLE = 120
_MOST_CHANGES = 2**30  # a count of changes that is kept, and goes on being counted
_NOT_EVENTS = ("REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH")
_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, ArithmeticError, TooLongError)
_ONE_AT_A_TIME = Lock()  # the library remembers time zones in one place: a file's own must not reach the next one


@dataclass
class _Reading:
    zone: str
    now: datetime
    left_out: Counter[str] = field(default_factory=Counter)
    zones: set[str] = field(default_factory=set)
    patience: Patience = field(default_factory=Patience)


def read(source: bytes, zone: str, now: datetime) -> File:
    """What this file says of the twelve months to come. Raises NotACalendarError or TooManyError."""
    reading = _Reading(zone, now)
    found: list[Series] = []
    with _ONE_AT_A_TIME:
        for text in calendars_in(source, zone, now):
            reading.left_out += Counter(past=text.past, intricate=text.intricate)
            if text.method in _NOT_EVENTS:
                reading.left_out["replies"] += len(text.events)
            elif text.events:
                found += _series_of(text, reading)
    left_out = {reason: n for reason, n in reading.left_out.items() if n}
    return File(tuple(_joined(found)), left_out, tuple(sorted(reading.zones)))


def _joined(found: list[Series]) -> list[Series]:
    """In the order of time; a series that Google has split in two is one again."""
    by_uid: dict[tuple[str, bool], Series] = {}
    for one in found:
        key = one.uid, one.is_cancelled
        by_uid[key] = _together(by_uid[key], one) if key in by_uid else one
    never = datetime.max.replace(tzinfo=UTC)
    return sorted(by_uid.values(), key=lambda one: min((event.starts_at for event in one.events), default=never))


def _together(one: Series, other: Series) -> Series:
    events = {event.slot: event for event in (*one.events, *other.events)}
    return replace(
        max(one, other, key=lambda series: series.revision),
        events=tuple(sorted(events.values(), key=lambda event: event.starts_at)),
        guests=tuple({guest.address: guest for guest in (*one.guests, *other.guests)}.values()),
        stamp=_newest((one.stamp, other.stamp)),
        is_whole=one.is_whole or other.is_whole,
        whole_from=None if None in (one.whole_from, other.whole_from) else one.whole_from,
    )


def _series_of(text: Text, reading: _Reading) -> Iterable[Series]:
    import icalendar
    from icalendar.timezone import tzp

    tzp.use_default()  # forget the zones that the file before this one has described
    try:
        calendar = icalendar.Calendar.from_ical(text.written())
    except _BROKEN:
        raise NotACalendarError from None
    finally:
        tzp.use_default()
    by_uid: dict[str, list[Any]] = defaultdict(list)
    for component in calendar.walk("VEVENT"):
        if _is_usable(component, reading):
            by_uid[str(component["UID"])].append(component)
    for uid, components in by_uid.items():
        try:
            made = _series(uid, components, text.method, reading)
        except _BROKEN:
            reading.left_out["unreadable"] += 1
            continue
        if made is not None:
            yield _not_from_later(made, reading.now)


def _not_from_later(series: Series, now: datetime) -> Series:
    """A file that says it was made in the future would be newer than every true one until then."""
    events = tuple(replace(one, stamp=one.stamp and min(one.stamp, now)) for one in series.events)
    return replace(series, events=events, stamp=series.stamp and min(series.stamp, now))


def _is_usable(component: Any, reading: _Reading) -> bool:
    """Whether its times can be told; small damage is mended."""
    start = _dt(component, "DTSTART")
    if not isinstance(start, date) or any(_is_broken(component, name) for name in ("RRULE", "RECURRENCE-ID", "EXDATE")):
        reading.left_out["unreadable"] += 1
        return False
    if not isinstance(start, datetime):
        reading.left_out["all_day"] += 1
        if not isinstance(_dt(component, "RECURRENCE-ID"), datetime):
            return False
        start = _take_out(component)  # what its series has at that time does not take place
    if start.tzinfo is None:
        reading.left_out["zone"] += 1
        reading.zones.add(str(component["DTSTART"].params.get("TZID", ""))[:40])
        return False
    for name in ("DTEND", "DURATION", "RDATE", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED"):
        if _is_broken(component, name):
            component.pop(name)
    _mend_end(component, start)
    if "UID" not in component:
        component["UID"] = f"{component.get('SUMMARY', '')}|{start.isoformat()}"
    return True


def _take_out(component: Any) -> datetime:
    """Make a changed recurrence a cancelled one; the instant that it had in its series."""
    component["DTSTART"], component["STATUS"] = component["RECURRENCE-ID"], "CANCELLED"
    for name in ("DTEND", "DURATION"):
        component.pop(name, None)
    start: datetime = _dt(component, "DTSTART")
    return start


def _dt(component: Any, name: str) -> Any:
    """A property's date, instant or span; of one that says several things, none."""
    return None if _is_broken(component, name) else getattr(component.get(name), "dt", None)


def _is_broken(component: Any, name: str) -> bool:
    values = component.get(name)
    return any(type(one).__name__ == "vBroken" for one in (values if isinstance(values, list) else [values]))


def _mend_end(component: Any, start: datetime) -> None:
    """An event without an end, or one that ends before it begins, takes the usual time."""
    end, length = _dt(component, "DTEND"), _dt(component, "DURATION")
    if isinstance(end, datetime) and end.tzinfo is not None and end > start:
        return
    if isinstance(length, timedelta) and length > timedelta(0):
        return
    component.pop("DTEND", None)
    component.pop("DURATION", None)
    component.add("DURATION", _USUAL)


def _series(uid: str, components: list[Any], method: str, reading: _Reading) -> Series | None:
    singles = [one for one in components if "RECURRENCE-ID" in one]
    masters = [one for one in components if "RECURRENCE-ID" not in one]
    master = max(masters, key=_revised, default=None)
    described = master or max(singles, key=_revised)
    off = [one for one in singles if method == "CANCEL" or _is_cancelled(one)]
    is_cancelled = master is not None and (method == "CANCEL" or _is_cancelled(master))
    revision = max(_revision(one)[0] for one in components)
    stamp = _newest(_revision(one)[1] for one in components)
    told = Series(
        uid_hash(uid), (), _plain(described.get("SUMMARY", "")), tuple(_guests(components)),
        is_cancelled=is_cancelled, revision=revision, stamp=stamp,
    )  # fmt: skip
    if is_cancelled:
        return told
    events = [_cancelled(one) for one in off]
    is_cut = False
    if len(components) > len(off):
        alive, is_cut = _to_come([one for one in components if one not in off], {one.slot for one in events}, reading)
        events += alive
    if not events and not (master is not None and "RRULE" in master):
        return None
    until = max((one.starts_at for one in events), default=None) if is_cut else reading.now + _HORIZON
    is_whole = master is not None and method != "ADD"
    return replace(told, events=tuple(events), is_whole=is_whole, whole_from=split_on(uid), whole_until=until)


def _to_come(components: list[Any], but: set[str], reading: _Reading) -> tuple[list[Event], bool]:
    """The recurrences within the horizon, in order, and whether there are more than are looked at."""
    import icalendar
    import recurring_ical_events

    calendar = icalendar.Calendar()
    for component in components:
        calendar.add_component(component)
    query = recurring_ical_events.of(calendar)
    for series in query.series:
        for rule in getattr(series.recurrence, "rrules", [])[1:]:
            reading.patience.follow(rule)
    found = [_event(one, components) for one in query.between(reading.now, reading.now + _HORIZON)]
    events = sorted((one for one in found if one.slot not in but), key=lambda one: one.starts_at)
    fitting = [one for one in events if one.ends_at - one.starts_at <= _LONGEST]
    reading.left_out["long"] += len(events) > len(fitting)
    to_come = [one for one in fitting if one.starts_at > reading.now]
    reading.left_out["past"] += not events
    return to_come[:_MOST], len(to_come) > _MOST


def _event(found: Any, components: list[Any]) -> Event:
    start, end = found["DTSTART"].dt, found["DTEND"].dt
    slot, source = _slot(found, start, components)
    starts_at = _instant(start)
    revision, stamp = _revision(source)
    return Event(slot, starts_at, starts_at + (end - start), revision, stamp)


def _slot(found: Any, start: datetime, components: list[Any]) -> tuple[str, Any]:
    """Which recurrence it is, and the component that says so: its own, that of "this and following", or the event's."""
    named = found["RECURRENCE-ID"]
    for component in components:
        if "RECURRENCE-ID" in component and component["RECURRENCE-ID"].dt == named.dt:
            if named.params.get("RANGE") == "THISANDFUTURE":
                return _key(start - (component["DTSTART"].dt - named.dt)), component
            return _key(named.dt, component["DTSTART"].dt), component
    return _key(named.dt), next(one for one in components if "RECURRENCE-ID" not in one)


def _cancelled(component: Any) -> Event:
    slot, start = component["RECURRENCE-ID"].dt, component["DTSTART"].dt
    at, (revision, stamp) = _instant(start), _revision(component)
    return Event(_key(slot, start), at, at + _USUAL, revision, stamp, is_cancelled=True)


def _key(slot: date, start: datetime | None = None) -> str:
    """The slot's instant; one that is only a day is at the time of its event."""
    if not isinstance(slot, datetime):
        assert start is not None
        slot = datetime.combine(slot, start.timetz())
    return _instant(slot).isoformat()


def _instant(at: datetime) -> datetime:
    """By our own rules where the zone has a name everybody knows: those of the machine may be years old."""
    zone = getattr(at.tzinfo, "key", None)
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    try:
        return first_instant(at.replace(tzinfo=None), zone) if zone else at.astimezone(UTC)
    except ValueError:
        return at.astimezone(UTC)


def _newest(stamps: Iterable[datetime | None]) -> datetime | None:
    return max((at for at in stamps if at is not None), default=None)


def _revised(component: Any) -> tuple[int, datetime]:
    revision, stamp = _revision(component)
    return revision, stamp or datetime.min.replace(tzinfo=UTC)


def _revision(component: Any) -> tuple[int, datetime | None]:
    """How often it was changed, and when it last was, by its own account."""
    count = component.get("SEQUENCE", 0)
    for name in ("LAST-MODIFIED", "DTSTAMP"):
        at = _dt(component, name)
        if isinstance(at, datetime):
            return _small(count), at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return _small(count), None


def _small(count: Any) -> int:
    return min(max(int(count), 0), _MOST_CHANGES)


def _plain(words: Any) -> str:
    """In one line, without letters that turn others around."""
    shown = " ".join(str(words).split())[:_TITLE]
    return "".join(letter for letter in shown if letter.isprintable())


def _is_cancelled(component: Any) -> bool:
    return str(component.get("STATUS", "")).upper() == "CANCELLED"


def _guests(components: list[Any]) -> list[Guest]:
    """People, not rooms, each once."""
    found: dict[str, Guest] = {}
    for component in components:
        for name in ("ORGANIZER", "ATTENDEE"):
            values = component.get(name, [])
            for value in values if isinstance(values, list) else [values]:
                address = str(value).strip().casefold().removeprefix("mailto:").strip()
                params = getattr(value, "params", {})
                if "@" in address and str(params.get("CUTYPE", "INDIVIDUAL")).upper() in ("INDIVIDUAL", "UNKNOWN"):
                    found.setdefault(address, Guest(address, _plain(params.get("CN", "")), name == "ORGANIZER"))
    return list(found.values())
