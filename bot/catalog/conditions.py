"""Reading `only_if`: one condition or a list of them, all of which must hold."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.catalog import fields
from bot.catalog.forms import form_of
from bot.catalog.problems import Place
from bot.catalog.tree import Listing, Node, Refused, Table
from bot.domain.sequence import MEASURES, THEMES, AnswerIs, Condition, HasFallen, HasTag, MonthsSincePromotion

LARGEST_AMOUNT, MOST_FALLEN, LAST_MONTH = 999_999, 10, 120
LONGEST_TAG = 30
TAGS = ("role", "focus", "blocker")
FOCUS = tuple(theme for theme in THEMES if theme not in ("session", "pulse"))

_MONTHS = re.compile(r"([0-9]{1,3})(?:-([0-9]{1,3}))?")


@dataclass(frozen=True)
class Located:
    """A condition and the line on which it stands."""

    line: int
    condition: Condition


def read_conditions(table: Table, place: Place) -> tuple[Located, ...]:
    """The `only_if` of a step or of a question."""
    node = table.entries.get("only_if")
    if node is None or isinstance(node, Refused):
        return ()
    inside = place.inside("only_if")
    found = (_read(one, inside) for one in _each(node, table, place))
    return tuple(located for located in found if located is not None)


def _each(node: Node, table: Table, place: Place) -> list[Node]:
    return fields.listing(table, "only_if", place) if isinstance(node, Listing) else [node]


def _read(node: Node, place: Place) -> Located | None:
    if isinstance(node, Refused):
        return None
    if not isinstance(node, Table):
        place.problem(node.line, place.say("a condition must be a group of “key: value” pairs."))
        return None
    nothing = place.say("this does not say what must hold; add one of: {forms}.", forms=", ".join(CONDITIONS))
    form = form_of(node, {name: companions for name, (_, companions) in CONDITIONS.items()}, nothing, place)
    if form is None:
        return None
    line = node.entries[form].line
    before = len(place.problems.found)
    condition = CONDITIONS[form][0](node, place)
    return Located(line, condition) if len(place.problems.found) == before else None


def _answer(table: Table, place: Place) -> Condition:
    node = fields.scalar(table, "answer", place)
    step, dot, question = (node.text if node else "").rpartition(".")
    if node and ((dot and not step) or not question or "." in step):
        place.problem(
            node.line,
            place.say(
                "“answer: {found}” must be “question” or “step.question”.",
                found=fields.shown(node),
            ),
        )
    tests = [test for test in _TESTS if test in table.entries]
    if len(tests) != 1:
        sentence = place.say("“answer” goes with exactly one of: {tests}.", tests=", ".join(_TESTS))
        place.problem(table.entries["answer"].line, sentence)
        return AnswerIs(step, question)
    if tests[0] == "below":
        return AnswerIs(step, question, below=fields.number(table, "below", 0, LARGEST_AMOUNT, place))
    if tests[0] == "above":
        return AnswerIs(step, question, above=fields.number(table, "above", 0, LARGEST_AMOUNT, place))
    if tests[0] == "is":
        return AnswerIs(step, question, one_of=(fields.one_of(table, "is", ("yes", "no"), place) or "",))
    options = tuple(fields.shown(item) for item in fields.listing(table, "one_of", place))
    return AnswerIs(step, question, one_of=options)


def _fallen(table: Table, place: Place) -> Condition:
    if "by" not in table.entries:
        place.problem(table.entries["fallen"].line, place.say("“{key}” is missing; add it.", key="by"))
    measure = fields.one_of(table, "fallen", MEASURES, place)
    return HasFallen(measure or MEASURES[0], fields.number(table, "by", 1, MOST_FALLEN, place))


def _tag(table: Table, place: Place) -> Condition:
    node = fields.scalar(table, "tag", place)
    kind, colon, tag = (part.strip() for part in (node.text if node else "").partition(":"))
    if node is None:
        return HasTag("", "")
    if not colon or kind not in TAGS or not tag or len(tag) > LONGEST_TAG:
        place.problem(
            node.line,
            place.say(
                "“tag: {found}” must be “role: ...”, “focus: ...” or “blocker: ...”, up to {n} signs, in quotes.",
                found=fields.shown(node),
                n=LONGEST_TAG,
            ),
        )
    elif kind == "focus" and tag not in FOCUS:
        place.problem(
            node.line,
            place.say("“{name}” cannot be in focus; ", name=fields.shown(node)) + place.did_you_mean(tag, FOCUS),
        )
    return HasTag(kind, tag)


def _months(table: Table, place: Place) -> Condition:
    node = fields.scalar(table, "months_since_promotion", place)
    found = _MONTHS.fullmatch(node.text.replace(" ", "")) if node else None
    first = int(found[1]) if found else 0
    last = int(found[2] or first) if found else 0
    if node and not 1 <= first <= last <= LAST_MONTH:
        place.problem(
            node.line,
            place.say(
                "“months_since_promotion: {found}” must be a month (3) or a span (3-4), up to {most}; the first is 1.",
                found=fields.shown(node),
                most=LAST_MONTH,
            ),
        )
    return MonthsSincePromotion(first, last)


_TESTS = ("below", "above", "one_of", "is")

CONDITIONS: dict[str, tuple[Callable[[Table, Place], Condition], tuple[str, ...]]] = {
    "answer": (_answer, _TESTS),
    "fallen": (_fallen, ("by",)),
    "tag": (_tag, ()),
    "months_since_promotion": (_months, ()),
}
"""Each form of a condition, its reader, and the keys that go with it."""
