"""The parts of a `when`: distances, days of the week, spans of weeks and of sessions, parts of a gap."""

import re
from dataclasses import dataclass
from datetime import time

from bot.catalog import fields
from bot.catalog.problems import Place
from bot.catalog.tree import Listing, Refused, Scalar, Table

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_HOURS, MOST_DAYS, MOST_WORK_DAYS = 336, 60, 20
LAST_WEEK, MOST_WEEKS, LAST_SESSION = 104, 26, 500
MOST_APART = 240  # minutes
_USUALLY_APART = 60

_DISTANCE = re.compile(r"([0-9]{1,4}) ?(h|d|wd)")
_MINUTES = re.compile(r"([0-9]{1,4}) ?(h|min)")
_WEEKS = re.compile(r"([0-9]{1,4})(?: weeks?)?")
_ORDINALS = re.compile(r"([0-9]{1,4})(?:(-)([0-9]{1,4})?)?")
_PART = re.compile(r"([0-9]{1,3}) ?/ ?([0-9]{1,3})|([0-9]{1,3}) ?%")


@dataclass(frozen=True)
class Distance:
    """One of them is set."""

    hours: int = 0
    days: int = 0
    work_days: int = 0


def distance(when: Table, key: str, place: Place, *, worked: bool = False) -> Distance:
    """`2h` or `1d`; with `worked` also `1wd`."""
    node = fields.scalar(when, key, place)
    found = _DISTANCE.fullmatch(node.text) if node else None
    most = {"h": MOST_HOURS, "d": MOST_DAYS} | ({"wd": MOST_WORK_DAYS} if worked else {})
    if found and found[2] in most and 1 <= int(found[1]) <= most[found[2]]:
        n = int(found[1])
        return {"h": Distance(hours=n), "d": Distance(days=n), "wd": Distance(work_days=n)}[found[2]]
    if node:
        place.problem(node.line, _distances(place, worked=worked, key=key, found=fields.shown(node)))
    return Distance(hours=1)


def _distances(place: Place, *, worked: bool, **values: str) -> str:
    limits = {"hours": MOST_HOURS, "days": MOST_DAYS, "work_days": MOST_WORK_DAYS}
    if worked:
        return place.say(
            "“{key}: {found}” must be hours (1h to {hours}h), days (1d to {days}d) or working days (1wd to "
            "{work_days}wd).",
            **limits, **values,
        )  # fmt: skip
    return place.say("“{key}: {found}” must be hours (1h to {hours}h) or days (1d to {days}d).", **limits, **values)


def clock_of_days(when: Table, key: str, away: Distance, place: Place) -> time | None:
    """The `at` beside a distance; hours already say when."""
    at = fields.clock(when, "at", place)
    if at and away.hours:
        place.problem(
            when.entries["at"].line,
            place.say("“at” goes with days, not with hours; write “{key}: 1d”, or remove “at”.", key=key),
        )
    return at


def days(when: Table, key: str, most: int, place: Place) -> int:
    """`14d`: a number of days, and nothing shorter or longer."""
    node = fields.scalar(when, key, place)
    found = _DISTANCE.fullmatch(node.text) if node else None
    if found and found[2] == "d" and 1 <= int(found[1]) <= most:
        return int(found[1])
    if node:
        place.problem(
            node.line,
            place.say("“{key}: {found}” must be days (1d to {most}d).", key=key, found=fields.shown(node), most=most),
        )
    return 1


def weekdays(when: Table, key: str, place: Place) -> tuple[int, ...]:
    node = when.entries[key]
    if isinstance(node, Scalar) and node.text in WEEKDAYS:
        place.problem(
            node.line, place.say("“{key}” must be a list; write it in brackets: [{day}].", key=key, day=node.text)
        )
        return ()
    found = []
    for item in fields.listing(when, key, place):
        name = fields.shown(item)
        if name not in WEEKDAYS:
            place.problem(
                item.line,
                place.say("“{name}” is not a day of the week; ", name=name) + place.did_you_mean(name, WEEKDAYS),
            )
        elif WEEKDAYS.index(name) in found:
            place.problem(item.line, place.say("“{name}” is named twice; keep one.", name=name))
        else:
            found.append(WEEKDAYS.index(name))
    return tuple(sorted(found))


def weeks(when: Table, place: Place) -> tuple[int, int | None]:
    """`from_week` and `until_week`; without an end when none is written."""
    first = fields.number(when, "from_week", 1, LAST_WEEK, place)
    last = fields.number(when, "until_week", 1, LAST_WEEK, place) if "until_week" in when.entries else None
    if last is not None and last < first:
        place.problem(
            when.entries["until_week"].line,
            place.say("“until_week: {last}” comes before “from_week: {first}”; swap them.", last=last, first=first),
        )
    return first, last


def every(when: Table, place: Place) -> int:
    """`2` or `2 weeks`; every week when nothing is written."""
    node = fields.scalar(when, "every", place)
    found = _WEEKS.fullmatch(node.text) if node else None
    if found and 1 <= int(found[1]) <= MOST_WEEKS:
        return int(found[1])
    if node:
        place.problem(
            node.line,
            place.say(
                "“every: {found}” must be a number of weeks, from 1 to {most}.",
                found=fields.shown(node),
                most=MOST_WEEKS,
            ),
        )
    return 1


def window(when: Table, place: Place) -> tuple[time, time]:
    """`between: [9:00, 17:00]`."""
    node, stand_in = when.entries.get("between"), (time(9), time(17))
    if node is None:
        place.problem(when.line, place.say("“{key}” is missing; add it.", key="between"))
    if node is None or isinstance(node, Refused):
        return stand_in
    items = node.items if isinstance(node, Listing) else []
    if len(items) != 2:
        place.problem(
            node.line, place.say("“between” must be two times of day in brackets; write it like [9:00, 17:00].")
        )
        return stand_in
    both = Table(node.line, {"between": items[0]}), Table(node.line, {"between": items[1]})
    start, end = (fields.clock(one, "between", place) for one in both)
    if start is None or end is None:
        return stand_in
    if end <= start:
        place.problem(
            node.line,
            place.say("“between: [{start}, {end}]” ends before it begins; swap them.",
                      start=place.say.clock(start), end=place.say.clock(end)),
        )  # fmt: skip
        return stand_in
    return start, end


def apart(when: Table, place: Place) -> int:
    """`2h` or `90min`, in minutes."""
    node = fields.scalar(when, "apart", place)
    found = _MINUTES.fullmatch(node.text) if node else None
    minutes = int(found[1]) * (60 if found[2] == "h" else 1) if found else -1
    if 0 <= minutes <= MOST_APART:
        return minutes
    if node:
        place.problem(
            node.line,
            place.say(
                "“apart: {found}” must be hours (0h to {hours}h) or minutes (0min to {minutes}min).",
                found=fields.shown(node), hours=MOST_APART // 60, minutes=MOST_APART,
            ),
        )  # fmt: skip
    return _USUALLY_APART


def part(when: Table, key: str, place: Place) -> int:
    """How far into a gap, in hundredths: `middle`, `1/3` or `40%`."""
    node = fields.scalar(when, key, place)
    if node is None or node.text == "middle":
        return 50
    found = _PART.fullmatch(node.text)
    if found and found[3] and 1 <= int(found[3]) <= 99:
        return int(found[3])
    if found and found[1] and 0 < int(found[1]) < int(found[2]):
        return min(99, max(1, round(100 * int(found[1]) / int(found[2]))))
    sentence = place.say(
        "“{key}: {found}” is no part of the gap; write middle, a fraction like 1/3 or a percentage like 40%.",
        key=key,
        found=fields.shown(node),
    )
    place.problem(node.line, sentence)
    return 50


def sessions(when: Table, place: Place) -> tuple[int, int | None]:
    """`3`, `1-6` or `7-` (from the seventh on); every session when none is named."""
    node = fields.scalar(when, "sessions", place)
    if node is None:
        return 1, None
    found = _ORDINALS.fullmatch(node.text.replace(" ", ""))
    first = int(found[1]) if found else 0
    last = first if found and not found[2] else int(found[3]) if found and found[3] else None
    if 1 <= first <= (last or first) <= LAST_SESSION:
        return first, last
    place.problem(
        node.line,
        place.say(
            "“sessions: {found}” must be a number (3), a span (1-6) or 7- for all from the seventh on.",
            found=fields.shown(node),
        ),
    )
    return 1, None
