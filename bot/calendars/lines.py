"""The text of a calendar file, cut down to the few lines that matter before anything interprets them.

Exports of whole calendars are long and odd: descriptions in HTML, alarms, thousands of past events, lines of programs
with ideas of their own. What is left out here costs nothing and cannot do harm.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.calendars import zones
from bot.domain.schedule import zone_names

_MOST = 2000  # events to come
_MOST_CLOCKS = 1000  # how many times all zones of a file together may say what the clocks do
_EVENT_LINES = frozenset(
    {"UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE",
     "RECURRENCE-ID", "STATUS", "SUMMARY", "ORGANIZER", "ATTENDEE"}
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9-]+")
_FOLD = re.compile(rb"(?:\r\n|\r|\n)[ \t]")
_ZONE = re.compile(r';TZID=("[^"]*"|[^;:"]*)', re.IGNORECASE)
_FLOATING = re.compile(
    r"(?P<head>(?:DTSTART|DTEND|RECURRENCE-ID|EXDATE|RDATE)(?:;[^:]*)?):(?P<times>[0-9]{8}T[0-9]{6}(?:,[0-9]{8}T[0-9]{6})*)",
    re.IGNORECASE,
)
_RULES = re.compile(r"FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)\b", re.IGNORECASE)
_UNTIL = re.compile(r"\bUNTIL=([0-9]{8})", re.IGNORECASE)
_INTRICATE = re.compile(r"\b(?:BYHOUR|BYMINUTE|BYSECOND|BYEASTER)=", re.IGNORECASE)


class NotACalendarError(Exception):
    """These bytes are no calendar. `is_cut`: they begin as one and break off."""

    def __init__(self, *, is_cut: bool = False) -> None:
        super().__init__("not a calendar")
        self.is_cut = is_cut


class TooManyError(Exception):
    """More events than anybody's sessions are."""


@dataclass
class Text:
    """One calendar of a file: what it was sent for, its time zones, and its events as lines."""

    method: str = ""
    zones: list[list[str]] = field(default_factory=list)
    events: list[list[str]] = field(default_factory=list)
    past: int = 0
    intricate: int = 0

    def written(self) -> str:
        """As a calendar again."""
        parts = [line for part in (*self.zones, *self.events) for line in part]
        return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *parts, "END:VCALENDAR", ""])


def calendars_in(source: bytes, zone: str, now: datetime) -> list[Text]:
    """The calendars of a file; times that name no zone are put into `zone`."""
    found: list[Text] = []
    is_open = False
    lines, clocks = _lines(source), 0
    for line in lines:
        match line.upper():
            case "BEGIN:VCALENDAR":
                found.append(Text())
                is_open = True
            case "BEGIN:VTIMEZONE" if found:
                clocks += _keep_zone(found[-1], _block(lines, "VTIMEZONE"), _MOST_CLOCKS - clocks, now)
            case "BEGIN:VEVENT" if found:
                _keep_event(found[-1], _block(lines, "VEVENT"), zone, now)
            case "END:VCALENDAR":
                is_open = False
            case upper if found and upper.startswith("METHOD:"):
                found[-1].method = upper.removeprefix("METHOD:").strip()
    if not found:
        raise NotACalendarError
    if is_open:
        raise NotACalendarError(is_cut=True)
    if sum(len(text.events) for text in found) > _MOST:
        raise TooManyError
    return found


def _as_utf8(source: bytes) -> bytes:
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if source.startswith(mark):
            return source.decode(encoding, "replace").encode()
    return source.removeprefix(codecs.BOM_UTF8)


def _lines(source: bytes) -> Iterator[str]:
    """Unfolded as bytes, since a fold may cut a letter in two; old programs write in the letters of Western Windows."""
    whole = _FOLD.sub(b"", _as_utf8(source))
    try:
        text = whole.decode()
    except UnicodeDecodeError:
        text = whole.decode("cp1252", "replace")
    return (line.rstrip() for line in re.split(r"\r\n|\r|\n", text) if line.strip())


def _block(lines: Iterator[str], name: str) -> list[str]:
    """The lines up to the end of a component, the parts within it too."""
    found = [f"BEGIN:{name}"]
    for line in lines:
        found.append(line)
        if line.upper() == f"END:{name}":
            return found
    raise NotACalendarError(is_cut=True)


def _keep_zone(text: Text, lines: list[str], room: int, now: datetime) -> int:
    """Of how many clocks is told: one with a name everybody knows needs no description."""
    clocks = zones.clocks_in(lines)
    if clocks > room or _plain(zones.name_of(lines)) in zone_names():
        return 0
    kept = zones.cut_down(lines, now)
    if kept is None:
        return 0
    text.zones.append(kept)
    return clocks


def _keep_event(text: Text, lines: list[str], zone: str, now: datetime) -> None:
    kept: list[str] = []
    depth = 0
    for line in lines:
        name = _NAME.match(line)
        upper = name[0].upper() if name else ""
        depth += (upper == "BEGIN") - (upper == "END")
        is_own = upper in _EVENT_LINES and depth == 1
        if is_own:
            kept.append(_with_zone(line, zone))
    rules = [line for line in kept if line.upper().startswith("RRULE")]
    if any(not _RULES.search(rule) or _INTRICATE.search(rule) for rule in rules):
        text.intricate += 1
    elif _is_past(kept, rules, text.method, now):
        text.past += 1
    else:
        text.events.append(["BEGIN:VEVENT", *kept, "END:VEVENT"])


def _with_zone(line: str, zone: str) -> str:
    """With a zone for a time that names none, and the plain name of one that carries its maker's before it."""
    floating = _FLOATING.fullmatch(line)
    if floating and not _ZONE.search(floating["head"]):
        return f"{floating['head']};TZID={zone}:{floating['times']}"
    return _ZONE.sub(lambda found: f";TZID={_plain(found[1])}", line, count=1)


def _plain(zone: str) -> str:
    parts = zone.strip('"').strip("/").split("/")
    known = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((name for name in known if name in zone_names()), zone)


def _is_past(lines: list[str], rules: list[str], method: str, now: datetime) -> bool:
    """Plainly over and never to come again; what is not plain is left to be read."""
    names = {found[0].upper(): line for line in lines if (found := _NAME.match(line))}
    if method == "CANCEL" or "CANCELLED" in names.get("STATUS", "") or names.keys() & {"RDATE", "RECURRENCE-ID"}:
        return False
    ends = [found[1] for rule in rules if (found := _UNTIL.search(rule))]
    day = names.get("DTSTART", "").rpartition(":")[2][:8]
    if not day.isdigit() or len(ends) < len(rules):
        return False
    return max([day, *ends]) < f"{now - timedelta(days=2):%Y%m%d}"
