"""Reading when a step falls due. Each form has a key of its own, and further keys that go with it."""

import re
from collections.abc import Callable
from datetime import time

from bot.catalog import fields
from bot.catalog.problems import Place
from bot.catalog.tree import Scalar, Table
from bot.domain.sequence import AroundSession, BetweenSessions, OnDay, Weekly, When

USUAL_TIME = time(17, 30)  # late in the day is answered more than in the moment
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_HOURS, MOST_DAYS, LAST_DAY, LAST_WEEK, LAST_SESSION = 336, 60, 730, 104, 500
STAND_IN = OnDay(day=0, at=USUAL_TIME)

_DISTANCE = re.compile(r"([0-9]{1,4}) ?([hd])")
_ORDINALS = re.compile(r"([0-9]{1,4})(?:(-)([0-9]{1,4})?)?")


def read_when(table: Table, place: Place) -> When:
    """The `when` of a step."""
    node = table.entries.get("when")
    inside = place.inside("when")
    when = fields.table_of(node, "when", place) if node is not None else None
    if when is None:
        return STAND_IN
    forms = [form for form in FORMS if form in when.entries]
    if len(forms) != 1:
        return _without_form(when, forms, inside)
    reader, companions = FORMS[forms[0]]
    _refuse_strangers(when, forms[0], companions, inside)
    return reader(when, inside)


def _without_form(when: Table, forms: list[str], place: Place) -> When:
    if forms:
        place.problem(when.line, place.say("{forms} exclude each other; keep one.", forms=", ".join(forms)))
        return STAND_IN
    every_key = [*FORMS, *{companion for _, companions in FORMS.values() for companion in companions}]
    before = len(place.problems.found)
    fields.check_keys(when, every_key, (), place)
    if len(place.problems.found) == before:
        place.problem(
            when.line,
            place.say("this does not say what the step hangs on; add one of: {forms}.", forms=", ".join(FORMS)),
        )
    return STAND_IN


def _refuse_strangers(when: Table, form: str, companions: tuple[str, ...], place: Place) -> None:
    elsewhere = {companion for _, others in FORMS.values() for companion in others} - set(companions)
    for key in elsewhere & set(when.entries):
        place.problem(
            when.entries[key].line,
            place.say("“{key}” does not go with “{form}”; remove it.", key=key, form=form),
        )
    ours = Table(when.line, {key: node for key, node in when.entries.items() if key not in elsewhere})
    fields.check_keys(ours, (form, *companions), (), place)


def _on_day(when: Table, place: Place) -> When:
    return OnDay(fields.number(when, "day", 0, LAST_DAY, place), fields.clock(when, "at", place) or USUAL_TIME)


def _weekly(when: Table, place: Place) -> When:
    first = fields.number(when, "from_week", 1, LAST_WEEK, place)
    last = fields.number(when, "until_week", 1, LAST_WEEK, place) if "until_week" in when.entries else None
    if last is not None and last < first:
        place.problem(
            when.entries["until_week"].line,
            place.say("“until_week: {last}” comes before “from_week: {first}”; swap them.", last=last, first=first),
        )
    return Weekly(_weekdays(when, place), fields.clock(when, "at", place) or USUAL_TIME, first, last)


def _weekdays(when: Table, place: Place) -> tuple[int, ...]:
    node = when.entries["weekly"]
    if isinstance(node, Scalar) and node.text in WEEKDAYS:
        place.problem(node.line, place.say("“weekly” must be a list; write it in brackets: [{day}].", day=node.text))
        return ()
    days = []
    for item in fields.listing(when, "weekly", place):
        name = fields.shown(item)
        if name not in WEEKDAYS:
            place.problem(
                item.line,
                place.say("“{name}” is not a day of the week; ", name=name) + place.did_you_mean(name, WEEKDAYS),
            )
        elif WEEKDAYS.index(name) in days:
            place.problem(item.line, place.say("“{name}” is named twice; keep one.", name=name))
        else:
            days.append(WEEKDAYS.index(name))
    return tuple(sorted(days))


def _before(when: Table, place: Place) -> When:
    return _around(when, "before_session", place)


def _after(when: Table, place: Place) -> When:
    return _around(when, "after_session", place)


def _around(when: Table, key: str, place: Place) -> When:
    hours, days = _distance(when, key, place)
    at = fields.clock(when, "at", place)
    if at and hours:
        place.problem(
            when.entries["at"].line,
            place.say("“at” goes with days, not with hours; write “{key}: 1d”, or remove “at”.", key=key),
        )
    first, last = _sessions(when, place)
    return AroundSession(before=key == "before_session", hours=hours, days=days, at=at, first=first, last=last)


def _distance(when: Table, key: str, place: Place) -> tuple[int, int]:
    node = fields.scalar(when, key, place)
    if node is None:
        return 1, 0
    found = _DISTANCE.fullmatch(node.text)
    if found and found[2] == "h" and 1 <= int(found[1]) <= MOST_HOURS:
        return int(found[1]), 0
    if found and found[2] == "d" and 1 <= int(found[1]) <= MOST_DAYS:
        return 0, int(found[1])
    place.problem(
        node.line,
        place.say(
            "“{key}: {found}” must be hours (1h to {hours}h) or days (1d to {days}d).",
            key=key,
            found=fields.shown(node),
            hours=MOST_HOURS,
            days=MOST_DAYS,
        ),
    )
    return 1, 0


def _between(when: Table, place: Place) -> When:
    fields.one_of(when, "between_sessions", ("middle",), place)
    first, last = _sessions(when, place)
    return BetweenSessions(50, first, last)


def _sessions(when: Table, place: Place) -> tuple[int, int | None]:
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


FORMS: dict[str, tuple[Callable[[Table, Place], When], tuple[str, ...]]] = {
    "after_session": (_after, ("sessions", "at")),
    "before_session": (_before, ("sessions", "at")),
    "between_sessions": (_between, ("sessions",)),
    "day": (_on_day, ("at",)),
    "weekly": (_weekly, ("at", "from_week", "until_week")),
}
"""Each form of `when`, its reader, and the keys that go with it."""
