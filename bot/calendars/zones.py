"""A time zone that a file describes, cut down to what the clocks do about now; one that asks for more is left out.

Whoever interprets it follows every rule from its first year on, for each event anew: Outlook begins in 1601, and a file
may hold a thousand rules. A rule that comes every year is as well begun a few years ago, and ended in a few.
"""

import re
from datetime import datetime

_MOST_CLOCKS = 20  # of one zone: its winter and its summer, each with a few changes of the law
_MOST_DATES = 200
_YEARS_BEFORE, _YEARS_AFTER = 3, 2
_TIME = r"[0-9]{8}T[0-9]{6}"
_START = re.compile(rf"DTSTART(?:;VALUE=DATE-TIME)?:({_TIME})", re.IGNORECASE)
_DATES = re.compile(rf"RDATE(?:;VALUE=DATE-TIME)?:({_TIME}(?:,{_TIME})*)", re.IGNORECASE)
_OFFSET = re.compile(r"TZOFFSET(?:FROM|TO):[+-][0-9]{4}(?:[0-9]{2})?", re.IGNORECASE)
_UNTIL = re.compile(r"[0-9]{8}(?:T[0-9]{6}Z?)?")
_RULE = {
    "FREQ": re.compile("YEARLY"),
    "INTERVAL": re.compile("1"),
    "UNTIL": _UNTIL,
    "BYMONTH": re.compile("[0-9]{1,2}"),
    "BYDAY": re.compile("[+-]?[1-5]?(?:MO|TU|WE|TH|FR|SA|SU)"),
    "BYMONTHDAY": re.compile("-?[0-9]{1,2}(?:,-?[0-9]{1,2}){0,6}"),
    "WKST": re.compile("MO|TU|WE|TH|FR|SA|SU"),
}
"""What a rule about clocks may say. More is nobody's law, and may never end."""


class _OddError(Exception):
    """No zone that anybody lives in."""


def clocks_in(lines: list[str]) -> int:
    """How many times it says what the clocks do."""
    return sum(line.upper().startswith("BEGIN:") for line in lines) - 1


def name_of(lines: list[str]) -> str:
    return next((line[5:] for line in lines if line.upper().startswith("TZID:")), "")


def cut_down(lines: list[str], now: datetime) -> list[str] | None:
    """The lines of a VTIMEZONE that matter; None if it is not looked at."""
    name = name_of(lines)
    if not name or not 1 <= clocks_in(lines) <= _MOST_CLOCKS:
        return None
    kept, dates = ["BEGIN:VTIMEZONE", f"TZID:{name}"], 0
    for part in _parts(lines):
        dates += sum(line.count(",") + 1 for line in part if _DATES.fullmatch(line))
        try:
            kept += _part(part, now)
        except (_OddError, ValueError):
            return None
    return [*kept, "END:VTIMEZONE"] if dates <= _MOST_DATES else None


def _parts(lines: list[str]) -> list[list[str]]:
    found: list[list[str]] = []
    for line in lines[1:]:
        if line.upper().startswith("BEGIN:"):
            found.append([])
        if found:
            found[-1].append(line)
    return found


def _part(lines: list[str], now: datetime) -> list[str]:
    kind = lines[0][6:].upper()
    starts = [found[1] for line in lines if (found := _START.fullmatch(line))]
    offsets = [line for line in lines if _OFFSET.fullmatch(line)]
    rules = [line for line in lines if re.match("(?:EX|R)RULE", line, re.IGNORECASE)]
    if kind not in ("STANDARD", "DAYLIGHT") or len(starts) != 1 or len(offsets) != 2 or len(rules) > 1:
        raise _OddError
    start = datetime.fromisoformat(starts[0])
    dates = [line for line in lines if _DATES.fullmatch(line)]
    for rule in rules:
        start, line = _about_now(start, rule, now)
        dates.append(line)
    return [f"BEGIN:{kind}", f"DTSTART:{_stamp(start)}", *offsets, *dates, f"END:{kind}"]


def _about_now(start: datetime, rule: str, now: datetime) -> tuple[datetime, str]:
    """The same yearly rule, from a few years ago to a few ahead; one that has ended keeps its last time."""
    head, _, said = rule.upper().partition(":")
    terms = [term.partition("=")[::2] for term in said.strip(";").split(";")]
    told = dict(terms)
    is_known = all(name in _RULE and _RULE[name].fullmatch(value) for name, value in terms)
    is_wide = "BYMONTH" not in told and not told.keys().isdisjoint(("BYDAY", "BYMONTHDAY"))
    is_wide |= "," in told.get("BYMONTHDAY", "") and "BYDAY" not in told
    is_wide |= told.get("BYDAY", "").isalpha() and "BYMONTHDAY" not in told
    if head != "RRULE" or not is_known or len(told) < len(terms) or "FREQ" not in told or is_wide:
        raise _OddError
    last = f"{now.year + _YEARS_AFTER}1231T000000Z"
    told["UNTIL"] = min(told.get("UNTIL", last), last)
    first = max(min(now.year - _YEARS_BEFORE, int(told["UNTIL"][:4]) - 2), 1)
    if start.year < first:
        start = start.replace(year=first, day=min(start.day, 28))
    return start, "RRULE:" + ";".join(f"{name}={value}" for name, value in told.items())


def _stamp(at: datetime) -> str:
    return f"{at.year:04}{at:%m%dT%H%M%S}"
