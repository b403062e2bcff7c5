"""Lists of groups that have a key each: steps, questions, options."""

from collections.abc import Callable
from typing import TypeVar

from bot.catalog import fields
from bot.catalog.problems import Place
from bot.catalog.tree import Node, Table

Entry = TypeVar("Entry")


def read_each(
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


def named(pattern: str, table: Table) -> str:
    """`step weekly`: by its key, where it has one."""
    key = table.entries.get("key")
    return pattern.replace("{name}", fields.shown(key) if key is not None and not fields.is_empty(key) else "?")
