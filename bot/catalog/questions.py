"""Reading the questions of a step and their options."""

from bot.catalog import fields
from bot.catalog.conditions import read_conditions
from bot.catalog.entries import named, read_each
from bot.catalog.links import Link
from bot.catalog.problems import Place
from bot.catalog.tree import Listing, Node, Table
from bot.domain.sequence import MEASURES, Kind, Option, Question, Sharing

LONGEST_LABEL = 40  # what fits a button, a line of a list, or the ends of a scale, on a phone
FEWEST_OPTIONS, MOST_OPTIONS = 2, 8
PLACEHOLDERS = ("coach",)

_KEYS = ("key", "kind", "ask", "short", "sharing", "only_if", "measure", "low", "high", "options", "unit")
_ONLY_FOR = {
    "measure": (Kind.scale,),
    "low": (Kind.scale,),
    "high": (Kind.scale,),
    "options": (Kind.choice, Kind.choices),
    "unit": (Kind.number,),
}
_NEEDED = {Kind.choice: "options", Kind.choices: "options", Kind.number: "unit"}


def read_questions(table: Table, step: str, links: list[Link], place: Place) -> tuple[Question, ...]:
    """The `questions` of a step; what they hang on goes to `links`."""
    return read_each(table, "questions", lambda node: _read(node, step, links, place), lambda each: each.key, place)


def _read(node: Node, step: str, links: list[Link], place: Place) -> Question | None:
    table = fields.table_of(node, "question", place)
    if table is None:
        return None
    here = place.inside(named(place.say("question {name}", name="{name}"), table))
    fields.check_keys(table, _KEYS, _KEYS[:3], here)
    kind = fields.one_of(table, "kind", list(Kind), here)
    if kind is not None:
        _check_kind(table, Kind(kind), here)
    key, conditions = fields.identifier(table, "key", here), read_conditions(table, here)
    links += [Link(one.line, here.inside("only_if"), step, key, one.condition) for one in conditions]
    return Question(
        key=key,
        kind=Kind(kind or Kind.text),
        ask=fields.words(table, "ask", here, filled=PLACEHOLDERS),
        options=_read_options(table, here),
        measure=fields.one_of(table, "measure", MEASURES, here),
        low=_label(table, "low", here),
        high=_label(table, "high", here),
        sharing=_sharing(table, kind, here),
        short=_label(table, "short", here),
        unit=_label(table, "unit", here),
        only_if=tuple(one.condition for one in conditions),
    )


def _label(table: Table, key: str, place: Place) -> dict[str, str] | None:
    return dict(fields.words(table, key, place, longest=LONGEST_LABEL)) or None


def _sharing(table: Table, kind: str | None, place: Place) -> Sharing:
    """Amounts of own work start as private; everything else as words."""
    written = fields.one_of(table, "sharing", list(Sharing), place)
    return Sharing(written or (Sharing.private if kind == Kind.number else Sharing.words))


def _check_kind(table: Table, kind: Kind, place: Place) -> None:
    """Complain of what does not go with the kind of a question, and of what it needs."""
    for key, kinds in _ONLY_FOR.items():
        if key in table.entries and kind not in kinds:
            place.problem(
                table.entries[key].line,
                place.say(
                    "“{key}” does not go with “kind: {kind}”; remove it, or make it “kind: {other}”.",
                    key=key,
                    kind=kind,
                    other=kinds[0],
                ),
            )
    needed = _NEEDED.get(kind)
    if needed and needed not in table.entries:
        place.problem(table.line, place.say("“{key}” is missing; add it.", key=needed))


def _read_options(table: Table, place: Place) -> tuple[Option, ...]:
    node = table.entries.get("options")
    if not isinstance(node, Listing):
        fields.listing(table, "options", place)
        return ()
    if not FEWEST_OPTIONS <= len(node.items) <= MOST_OPTIONS:
        place.problem(
            node.line,
            place.say(
                "“options” has {n} entries; give {least} to {most}.",
                n=len(node.items),
                least=FEWEST_OPTIONS,
                most=MOST_OPTIONS,
            ),
        )
    return read_each(table, "options", lambda each: _read_option(each, place), lambda each: each.key, place)


def _read_option(node: Node, place: Place) -> Option | None:
    table = fields.table_of(node, "option", place)
    if table is None:
        return None
    here = place.inside(named(place.say("option {name}", name="{name}"), table))
    fields.check_keys(table, ("key", "label"), ("key", "label"), here)
    return Option(
        key=fields.identifier(table, "key", here),
        label=fields.words(table, "label", here, longest=LONGEST_LABEL),
    )
