"""Reading when a step falls due. Each form has a key of its own, and further keys that go with it."""

from collections.abc import Callable

from bot.catalog import fields, spans
from bot.catalog.forms import form_of
from bot.catalog.problems import Place
from bot.catalog.tree import Scalar, Table
from bot.domain.sequence import (
    AfterAnswer,
    AroundSession,
    AtRandom,
    BetweenSessions,
    Monthly,
    OnDay,
    Weekly,
    When,
    WithoutSession,
)

LAST_DAY, LONGEST_FALLBACK = 730, 90
STAND_IN = OnDay(day=0)


def read_when(table: Table, place: Place) -> When:
    """The `when` of a step."""
    node = table.entries.get("when")
    inside = place.inside("when")
    when = fields.table_of(node, "when", place) if node is not None else None
    if when is None:
        return STAND_IN
    nothing = inside.say("this does not say what the step hangs on; add one of: {forms}.", forms=", ".join(FORMS))
    form = form_of(when, {name: companions for name, (_, companions) in FORMS.items()}, nothing, inside)
    return FORMS[form][0](when, inside) if form else STAND_IN


def line_of_form(table: Table) -> int:
    """The line on which a step says what it hangs on."""
    when = table.entries["when"]
    entries = when.entries if isinstance(when, Table) else {}
    return next((entries[form].line for form in FORMS if form in entries), when.line)


def _on_day(when: Table, place: Place) -> When:
    return OnDay(fields.number(when, "day", 0, LAST_DAY, place), fields.clock(when, "at", place))


def _weekly(when: Table, place: Place) -> When:
    days, at = spans.weekdays(when, "weekly", place), fields.clock(when, "at", place)
    first, last = spans.weeks(when, place)
    return Weekly(days, at, first, last, spans.every(when, place))


def _monthly(when: Table, place: Place) -> When:
    day, at = fields.number(when, "monthly", 1, 31, place), fields.clock(when, "at", place)
    return Monthly(day, at, *spans.weeks(when, place))


def _at_random(when: Table, place: Place) -> When:
    days, (start, end) = spans.weekdays(when, "random", place), spans.window(when, place)
    first, last = spans.weeks(when, place)
    return AtRandom(days, start, end, spans.apart(when, place), first, last, spans.every(when, place))


def _before(when: Table, place: Place) -> When:
    return _around(when, "before_session", place)


def _after(when: Table, place: Place) -> When:
    return _around(when, "after_session", place)


def _around(when: Table, key: str, place: Place) -> When:
    away = spans.distance(when, key, place, worked=True)
    at = spans.clock_of_days(when, key, away, place)
    first, last = spans.sessions(when, place)
    return AroundSession(
        before=key == "before_session", hours=away.hours, days=away.days, work_days=away.work_days, at=at,
        first=first, last=last,
    )  # fmt: skip


def _between(when: Table, place: Place) -> When:
    first, last = spans.sessions(when, place)
    return BetweenSessions(spans.part(when, "between_sessions", place), first, last)


def _without(when: Table, place: Place) -> When:
    days = spans.days(when, "without_session", LONGEST_FALLBACK, place)
    return WithoutSession(days, fields.clock(when, "at", place))


def _after_answer(when: Table, place: Place) -> When:
    node = fields.scalar(when, "after_answer", place)
    step, _, question = node.text.partition(".") if node else ("", "", "")
    return _delayed(when, step, question, place, silence=False)


def _after_silence(when: Table, place: Place) -> When:
    node = fields.scalar(when, "after_silence", place)
    step, dot, _ = node.text.partition(".") if isinstance(node, Scalar) else ("", "", "")
    if node and dot:
        place.problem(
            node.line,
            place.say("“after_silence: {found}” must name a step, not a question; silence is a whole step’s.",
                      found=fields.shown(node)),
        )  # fmt: skip
    return _delayed(when, step, "", place, silence=True)


def _delayed(when: Table, step: str, question: str, place: Place, *, silence: bool) -> When:
    if "delay" not in when.entries:
        place.problem(when.line, place.say("“{key}” is missing; add it.", key="delay"))
    away = spans.distance(when, "delay", place)
    at = spans.clock_of_days(when, "delay", away, place)
    return AfterAnswer(step, question, silence=silence, hours=away.hours, days=away.days, at=at)


FORMS: dict[str, tuple[Callable[[Table, Place], When], tuple[str, ...]]] = {
    "after_answer": (_after_answer, ("delay", "at")),
    "after_session": (_after, ("sessions", "at")),
    "after_silence": (_after_silence, ("delay", "at")),
    "before_session": (_before, ("sessions", "at")),
    "between_sessions": (_between, ("sessions",)),
    "day": (_on_day, ("at",)),
    "monthly": (_monthly, ("at", "from_week", "until_week")),
    "random": (_at_random, ("between", "apart", "every", "from_week", "until_week")),
    "weekly": (_weekly, ("at", "every", "from_week", "until_week")),
    "without_session": (_without, ("at",)),
}
"""Each form of `when`, its reader, and the keys that go with it."""
