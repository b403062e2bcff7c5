"""Reading a sequence, its steps and their questions from the tree of a file."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from bot.catalog import fields
from bot.catalog.problems import Place, Problems
from bot.catalog.tree import Listing, Node, Table
from bot.catalog.whens import read_when
from bot.domain.sequence import MEASURES, THEMES, Kind, Option, Question, Sequence, Sharing, Step

Entry = TypeVar("Entry")

FORMAT = "1"
LONGEST_TITLE = 60
LONGEST_LABEL = 40  # what fits a button, or the ends of a scale, on a phone
FEWEST_OPTIONS, MOST_OPTIONS = 2, 8
PLACEHOLDERS = ("coach",)

_OF_A_SEQUENCE = ("interlude", "sequence", "title", "about", "author", "reviewed", "steps")
_OF_A_STEP = ("key", "theme", "purpose", "evidence", "minutes", "when", "questions", "author", "reviewed")
_OF_A_QUESTION = ("key", "kind", "ask", "sharing", "measure", "low", "high", "options")
_ONLY_FOR = {
    "measure": (Kind.scale,),
    "low": (Kind.scale,),
    "high": (Kind.scale,),
    "options": (Kind.choice, Kind.choices),
}


@dataclass(frozen=True)
class _Signature:
    """Who wrote a step and when it was last reviewed; a step without its own has the file's."""

    author: str = ""
    reviewed: str = ""


def read_sequence(root: Table, stem: str, source: str, normalised: str, place: Place) -> Sequence:
    """The sequence of a file whose name without its ending is `stem`."""
    root.line = 1
    fields.check_keys(root, _OF_A_SEQUENCE, ("interlude", "sequence", "title", "about", "steps"), place)
    fields.one_of(root, "interlude", (FORMAT,), place)
    name = fields.identifier(root, "sequence", place)
    if name and name != stem:
        place.problem(
            root.entries["sequence"].line,
            place.say(
                "the sequence is called “{name}” and the file “{stem}.yaml”; give both the same name.",
                name=name,
                stem=stem,
            ),
        )
    signature = _read_signature(root, _Signature(), place)
    _miss_signatures(root, place)
    return Sequence(
        name=name,
        title=fields.words(root, "title", place, longest=LONGEST_TITLE),
        about=fields.words(root, "about", place),
        steps=_read_each(root, "steps", lambda node: _read_step(node, signature, place), lambda step: step.key, place),
        source=source,
        content_hash=sha256(normalised.encode()).hexdigest(),
    )


def _read_each(
    table: Table, key: str, read: Callable[[Node], Entry | None], name: Callable[[Entry], str], place: Place
) -> tuple[Entry, ...]:
    """Every entry of a list, complaining of two with the same key."""
    found: list[Entry] = []
    lines: dict[str, int] = {}
    for node in fields.listing(table, key, place):
        entry = read(node)
        if entry is None:
            continue
        if name(entry) in lines:
            place.problem(
                node.line,
                place.say(
                    "the key “{name}” is used twice in “{key}”, first on line {first}; rename one of them.",
                    name=name(entry),
                    key=key,
                    first=lines[name(entry)],
                ),
            )
        elif name(entry):
            lines[name(entry)] = node.line
        found.append(entry)
    return tuple(found)


def _read_signature(table: Table, otherwise: _Signature, place: Place) -> _Signature:
    return _Signature(
        author=fields.text(table, "author", place, longest=80) or otherwise.author,
        reviewed=fields.day(table, "reviewed", place) or otherwise.reviewed,
    )


def _miss_signatures(root: Table, place: Place) -> None:
    """The file's author and date may be left out only where every step has its own."""
    steps = [node for node in fields.listing(root, "steps", Place(Problems("", place.say))) if isinstance(node, Table)]
    for key in ("author", "reviewed"):
        if key not in root.entries and not (steps and all(key in step.entries for step in steps)):
            place.problem(root.line, place.say("“{key}” is missing; add it.", key=key))


def _read_step(node: Node, signature: _Signature, place: Place) -> Step | None:
    table = fields.table_of(node, "step", place)
    if table is None:
        return None
    here = place.inside(_named(place.say("step {name}", name="{name}"), table))
    fields.check_keys(table, _OF_A_STEP, _OF_A_STEP[:-2], here)
    own = _read_signature(table, signature, here)
    return Step(
        key=fields.identifier(table, "key", here),
        theme=fields.one_of(table, "theme", THEMES, here) or THEMES[0],
        when=read_when(table, here),
        questions=_read_each(table, "questions", lambda each: _read_question(each, here), lambda each: each.key, here),
        purpose=fields.words(table, "purpose", here),
        evidence=fields.text(table, "evidence", here),
        minutes=fields.number(table, "minutes", 1, 10, here),
        author=own.author,
        reviewed=own.reviewed,
    )


def _read_question(node: Node, place: Place) -> Question | None:
    table = fields.table_of(node, "question", place)
    if table is None:
        return None
    here = place.inside(_named(place.say("question {name}", name="{name}"), table))
    fields.check_keys(table, _OF_A_QUESTION, _OF_A_QUESTION[:3], here)
    kind = fields.one_of(table, "kind", list(Kind), here)
    if kind is not None:
        _check_kind(table, Kind(kind), here)
    sharing = fields.one_of(table, "sharing", list(Sharing), here)
    return Question(
        key=fields.identifier(table, "key", here),
        kind=Kind(kind or Kind.text),
        ask=fields.words(table, "ask", here, filled=PLACEHOLDERS),
        options=_read_options(table, here),
        measure=fields.one_of(table, "measure", MEASURES, here),
        low=fields.words(table, "low", here, longest=LONGEST_LABEL) or None,
        high=fields.words(table, "high", here, longest=LONGEST_LABEL) or None,
        sharing=Sharing(sharing or Sharing.words),
    )


def _check_kind(table: Table, kind: Kind, place: Place) -> None:
    """Complain of what does not go with the kind of a question."""
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
    if kind in _ONLY_FOR["options"] and "options" not in table.entries:
        place.problem(table.line, place.say("“{key}” is missing; add it.", key="options"))


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
    return _read_each(table, "options", lambda each: _read_option(each, place), lambda each: each.key, place)


def _read_option(node: Node, place: Place) -> Option | None:
    table = fields.table_of(node, "option", place)
    if table is None:
        return None
    here = place.inside(_named(place.say("option {name}", name="{name}"), table))
    fields.check_keys(table, ("key", "label"), ("key", "label"), here)
    return Option(
        key=fields.identifier(table, "key", here),
        label=fields.words(table, "label", here, longest=LONGEST_LABEL),
    )


def _named(pattern: str, table: Table) -> str:
    """`step weekly`: by its key, where it has one."""
    key = table.entries.get("key")
    return pattern.replace("{name}", fields.shown(key) if key is not None and not fields.is_empty(key) else "?")
