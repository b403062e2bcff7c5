"""Reading a sequence and its steps from the tree of a file."""

from dataclasses import dataclass
from hashlib import sha256

from bot.catalog import fields
from bot.catalog.conditions import read_conditions
from bot.catalog.entries import named, read_each
from bot.catalog.links import InsteadOf, Link, check_links
from bot.catalog.problems import Place, Problems
from bot.catalog.questions import read_questions
from bot.catalog.tree import Node, Table
from bot.catalog.whens import line_of_form, read_when
from bot.domain.sequence import THEMES, AfterAnswer, Sequence, Step

FORMAT = "1"
LONGEST_TITLE = 60

_OF_A_SEQUENCE = ("interlude", "sequence", "title", "about", "author", "reviewed", "steps")
_NEEDED_OF_A_STEP = ("key", "theme", "purpose", "evidence", "minutes", "when", "questions")
_OF_A_STEP = (*_NEEDED_OF_A_STEP, "only_if", "instead_of", "author", "reviewed")


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
    links: list[Link] = []
    steps = read_each(root, "steps", lambda node: _read_step(node, signature, links, place), lambda s: s.key, place)
    check_links(steps, links)
    return Sequence(
        name=name,
        title=fields.words(root, "title", place, longest=LONGEST_TITLE),
        about=fields.words(root, "about", place),
        steps=steps,
        source=source,
        content_hash=sha256(normalised.encode()).hexdigest(),
    )


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


def _read_step(node: Node, signature: _Signature, links: list[Link], place: Place) -> Step | None:
    table = fields.table_of(node, "step", place)
    if table is None:
        return None
    here = place.inside(named(place.say("step {name}", name="{name}"), table))
    fields.check_keys(table, _OF_A_STEP, _NEEDED_OF_A_STEP, here)
    own = _read_signature(table, signature, here)
    key, when, conditions = fields.identifier(table, "key", here), read_when(table, here), read_conditions(table, here)
    if isinstance(when, AfterAnswer):
        links.append(Link(line_of_form(table), here.inside("when"), key, "", when))
    links += [Link(one.line, here.inside("only_if"), key, "", one.condition) for one in conditions]
    other = fields.scalar(table, "instead_of", here)
    if other is not None:
        links.append(Link(other.line, here.inside("instead_of"), key, "", InsteadOf(other.text)))
    return Step(
        key=key,
        theme=fields.one_of(table, "theme", THEMES, here) or THEMES[0],
        when=when,
        questions=read_questions(table, key, links, here),
        purpose=fields.words(table, "purpose", here),
        evidence=fields.text(table, "evidence", here),
        minutes=fields.number(table, "minutes", 1, 10, here),
        author=own.author,
        reviewed=own.reviewed,
        only_if=tuple(one.condition for one in conditions),
        instead_of=other.text if other is not None else "",
    )
