"""The text of a YAML file as a tree of nodes that know their lines; everything clever in YAML is refused.

The tree is built from the parser's events rather than composed by it: composing recurses, and stops at the
first duplicate or alias. Reading stops at the first nesting that is too deep, so that a bomb costs nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.catalog.problems import Problems

DEEPEST = 12
"""Levels of nesting; a sequence needs 8 (the label of an option of a question of a step)."""

MOST_EVENTS = 20_000
"""Ten times our longest sequence: one that is longer keeps the bot from answering while it is read."""


@dataclass
class Scalar:
    """A word or text. `line` is the line of its key, where it has one."""

    text: str
    line: int
    quoted: bool = False


@dataclass
class Listing:
    line: int
    items: list["Node"] = field(default_factory=list)


@dataclass
class Table:
    line: int
    entries: dict[str, "Node"] = field(default_factory=dict)


@dataclass
class Refused:
    """Something already complained about (an alias, say): nobody need complain again."""

    line: int


Node = Scalar | Listing | Table | Refused


def grow(text: str, problems: Problems) -> Node | None:
    """The tree of a file's single document; None when it is empty or cannot be read to its end."""
    builder = _Builder(problems)
    for count, event in enumerate(_events(text, problems)):
        if count > MOST_EVENTS:
            line = event.start_mark.line + 1
            problems.add(line, problems.say("this file holds more entries than a sequence can; split it in two."))
            break
        if not builder.take(event):
            break
    return builder.root if builder.complete else None


def _events(text: str, problems: Problems) -> Iterator[Any]:
    # Imported here: it costs start-up time.
    import yaml

    try:
        yield from yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # in C, where it was built
    except yaml.MarkedYAMLError as error:
        # What is never closed is missed at the end of the file only; to be mended where it was opened.
        reason = str(error.problem)
        unclosed = error.context_mark is not None and "end" in reason and "stream" in reason
        mark = error.context_mark if unclosed else error.problem_mark or error.context_mark
        _complain(mark.line + 1 if mark else 1, reason, problems)
    except Exception:  # noqa: BLE001 - on malformed escapes the parser leaks ValueError and others without a line
        _complain(1, "", problems)


def _complain(line: int, jargon: str, problems: Problems) -> None:
    """The parser's reason as a sentence an author can act upon."""
    say = problems.say
    sentence = say("this cannot be read; look for a missing quote or bracket, or a wrong indentation.")
    if "mapping values" in jargon:
        sentence = say("a colon where none can be; put the text in quotes, or correct the indentation.")
    elif "end of stream" in jargon or "<stream end>" in jargon:
        sentence = say("a quote or bracket opened here is never closed; close it.")
    elif "cannot start any token" in jargon:
        sentence = say("a text cannot begin with this sign; put the text in quotes.")
    elif "escape" in jargon or "hexdecimal" in jargon:
        sentence = say("a backslash in double quotes needs a second one; double it, or use single quotes.")
    elif "expected ':'" in jargon:
        sentence = say("a line without a colon; write “key: value”, or indent it under the text above.")
    elif "<block end>" in jargon or "expected key" in jargon or "'-' indicator" in jargon:
        sentence = say("this line does not fit what is above it; check the indentation and the quotes.")
    # A tab already reported on that line is the cause, and once is enough.
    if not problems.on(line):
        problems.add(line, sentence)


class _Builder:
    """Grows the tree event by event, with a stack of what is still open instead of recursion."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.say = problems.say
        self.root: Node | None = None
        self._open: list[Listing | Table] = []
        self._keys: list[Scalar | Refused | None] = []  # for each open one: the key that waits for its value
        self._documents = 0
        self.complete = False

    def take(self, event: Any) -> bool:
        """Whether reading can go on after this event."""
        line = event.start_mark.line + 1
        match type(event).__name__:
            case "DocumentStartEvent":
                return self._begin_document(event, line)
            case "DocumentEndEvent":
                self.complete = True
            case "AliasEvent":
                self._refuse(line, self.say("“*{name}” repeats another place; write the text out.", name=event.anchor))
                self._place(Refused(line))
            case "ScalarEvent":
                self._refuse_decoration(event, line)
                self._place(Scalar(event.value, line, quoted=bool(event.style)))
            case "SequenceStartEvent" | "MappingStartEvent" as kind:
                self._refuse_decoration(event, line)
                return self._begin(Listing(line) if kind.startswith("Sequence") else Table(line))
            case "SequenceEndEvent" | "MappingEndEvent":
                self._open.pop()
                self._keys.pop()
        return True

    def _refuse(self, line: int, sentence: str) -> None:
        self.problems.add(line, sentence)

    def _begin_document(self, event: Any, line: int) -> bool:
        self._documents += 1
        if self._documents > 1:
            self._refuse(line, self.say("a second document begins with “---”; one file holds one sequence."))
        if event.version or event.tags:
            self._refuse(line, self.say("a line that begins with “%” has no use here; remove it."))
            return False
        return self._documents == 1

    def _refuse_decoration(self, event: Any, line: int) -> None:
        if event.anchor:
            self._refuse(line, self.say("“&{name}” has no use here; remove it.", name=event.anchor))
        if event.tag:
            self._refuse(line, self.say("“{tag}” has no use here; remove it, or put it in quotes.", tag=event.tag))

    def _begin(self, node: Listing | Table) -> bool:
        if len(self._open) >= DEEPEST:
            self._refuse(
                node.line,
                self.say("this is nested too deeply; a sequence needs {n} levels at most.", n=DEEPEST),
            )
            return False
        self._place(node)
        self._open.append(node)
        self._keys.append(None)
        return True

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Listing):
            parent.items.append(node)
            return
        key, self._keys[-1] = self._keys[-1], None
        if key is None:
            self._keys[-1] = self._as_key(node)
        else:
            self._enter(parent, key, node)

    def _as_key(self, node: Node) -> Scalar | Refused:
        if isinstance(node, Scalar):
            return node
        if not isinstance(node, Refused):
            self._refuse(node.line, self.say("a key must be a single word, not a list or a group."))
        return Refused(node.line)

    def _enter(self, table: Table, key: Scalar | Refused, value: Node) -> None:
        if isinstance(key, Refused):
            return
        if not key.text.strip():
            self._refuse(key.line, self.say("a key is empty; write a word before the colon."))
        elif key.text == "<<" and not key.quoted:
            self._refuse(key.line, self.say("“<<” borrows from another place; write the lines out."))
        elif key.text in table.entries:
            first = table.entries[key.text].line
            self._refuse(
                key.line,
                self.say(
                    "“{key}” is written twice, first on line {first}; keep one of them.",
                    key=key.text,
                    first=first,
                ),
            )
        else:
            value.line = key.line  # a problem with a value is shown where its key stands
            table.entries[key.text] = value
