"""Our own calendar files. The same session has the same UID each time, so that sending the file again updates it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.calendars.uids import own_uid, uid_hash

__all__ = ["Entry", "own_uid", "uid_hash", "write"]


@dataclass(frozen=True)
class Entry:
    """One session as another calendar is to show it."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    title: str
    revision: int
    revised_at: datetime
    is_cancelled: bool = False


def write(entries: Iterable[Entry], title: str) -> bytes:
    """These sessions as a file, in UTC: every calendar shows them in its own zone."""
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("PRODID", "-//Interlude//Sessions//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", title)
    for entry in entries:
        event = icalendar.Event()
        event.add("UID", own_uid(entry.id))
        event.add("DTSTAMP", entry.revised_at)
        event.add("LAST-MODIFIED", entry.revised_at)
        event.add("SEQUENCE", entry.revision)
        event.add("DTSTART", entry.starts_at)
        event.add("DTEND", entry.ends_at)
        event.add("SUMMARY", entry.title)
        event.add("STATUS", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
