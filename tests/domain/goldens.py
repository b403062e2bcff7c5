"""Texts kept as files, so that a change of any of them is seen in a review.

When a change is meant, write them anew with `GOLDEN=write pytest tests/domain` and look at the difference.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from bot.domain.text import Entity, Message

FOLDER = Path(__file__).parent / "golden"
_MARKS = {"bold": ("*", "*"), "italic": ("_", "_"), "blockquote": ("│ ", ""), "expandable_blockquote": ("┃ ", "")}


def assert_golden(name: str, made: Sequence[Message]) -> None:
    """The messages read as the file says."""
    path, text = FOLDER / f"{name}.txt", "\n═══\n".join(map(readable, made)) + "\n"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text(), f"{path.name} says something else; if it should, GOLDEN=write writes it anew"


def readable(made: Message) -> str:
    """The text with its styles visible: *bold*, _italic_, quotes behind a bar, those that fold behind a thick one."""
    raw, pieces, at = made.text.encode("utf-16-le"), [], 0
    for entity in made.entities:
        pieces += [_cut(raw, at, entity.offset), _styled(raw, entity)]
        at = entity.offset + entity.length
    return "".join([*pieces, _cut(raw, at, len(raw) // 2)])


def _cut(raw: bytes, start: int, end: int) -> str:
    return raw[2 * start : 2 * end].decode("utf-16-le")


def _styled(raw: bytes, entity: Entity) -> str:
    before, after = _MARKS[entity.type]
    words = _cut(raw, entity.offset, entity.offset + entity.length)
    lines = [before + line + after for line in words.split("\n")] if "quote" in entity.type else None
    return "\n".join(lines) if lines else before + words + after
