"""Text on its way out: spans make blocks, blocks make messages that Telegram takes (4,096 UTF-16 units).

What a person wrote is only ever the text of a span; it is never read as markup. Lengths and offsets are UTF-16 units,
as Telegram counts them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

MOST_TEXT, MOST_CAPTION = 4096, 1024  # units
_REMARK = 64  # room for a line below it, should it have to be sent again
LIMIT, CAPTION_LIMIT = MOST_TEXT - _REMARK, MOST_CAPTION - _REMARK
MOST_ENTITIES = 100  # Telegram ignores those after the hundredth without a word
MOST_BUTTONS = 100  # it refuses a message with more
_LONG_QUOTE = 300


def units(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True)
class Span:
    text: str
    style: str | None = None  # a Telegram entity type: bold, italic, blockquote, expandable_blockquote


@dataclass(frozen=True)
class Block:
    """Lines that stay together where they can. `refs`: the answers whose words they hold."""

    spans: tuple[Span, ...]
    refs: tuple[UUID, ...] = ()

    def __add__(self, other: "Block") -> "Block":
        return Block(self.spans + other.spans, self.refs + other.refs)

    @property
    def length(self) -> int:
        return sum(units(span.text) for span in self.spans)

    @property
    def styled(self) -> int:
        return sum(span.style is not None for span in self.spans)


def plain(text: str) -> Block:
    return Block((Span(text),))


def bold(text: str) -> Block:
    return Block((Span(text, "bold"),))


def italic(text: str) -> Block:
    return Block((Span(text, "italic"),))


def quote(words: str) -> Block:
    """A person's own words; long ones fold."""
    return Block((Span(words, "expandable_blockquote" if units(words) > _LONG_QUOTE else "blockquote"),))


@dataclass(frozen=True)
class Button:
    """An inline button. `action` is what it does and to what: ids and keys, never content."""

    text: str
    action: tuple[Any, ...] = ()
    url: str | None = None


Rows = Sequence[Sequence[Button]]


@dataclass(frozen=True)
class Entity:
    type: str
    offset: int
    length: int


@dataclass(frozen=True)
class Message:
    text: str
    entities: tuple[Entity, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    placeholder: str | None = None  # asks for a written reply, with this hint in the field
    protected: bool = False  # may not be forwarded: briefs and digests
    refs: tuple[UUID, ...] = ()  # the answers whose words it holds

    def with_buttons(self, rows: Rows) -> "Message":
        return replace(self, buttons=tuple(tuple(row) for row in rows))


def message(*blocks: Block, buttons: Rows = (), placeholder: str | None = None) -> Message:
    """One message; blocks are separated by an empty line. The caller knows that it fits."""
    made = _join(blocks)
    return replace(made, buttons=tuple(tuple(row) for row in buttons), placeholder=placeholder)


def choices(*blocks: Block, buttons: Rows, last: Sequence[Button] = ()) -> list[Message]:
    """One message where its buttons fit; those that do not stand under further ones, each named by its first and its
    last. `last` is the way out, under the first message."""
    packed: list[list[Sequence[Button]]] = [[]]
    for row in buttons:
        if sum(map(len, packed[-1])) + len(row) + len(last) > MOST_BUTTONS:
            packed.append([])
        packed[-1].append(row)
    first, *others = packed
    further = [message(plain(f"{rows[0][0].text} – {rows[-1][-1].text}"), buttons=rows) for rows in others]
    return [message(*blocks, buttons=[*first, *([last] if last else [])]), *further]


def messages(blocks: Iterable[Block], *, buttons: Rows = (), protected: bool = False) -> list[Message]:
    """As few messages as hold the blocks, split between them; the buttons go under the last one."""
    packed: list[list[Block]] = []
    room = 0
    for block in (piece for whole in blocks for piece in _cut(whole)):
        needed = block.length + 2
        is_full = bool(packed) and sum(b.styled for b in (*packed[-1], block)) > MOST_ENTITIES
        if not packed or needed > room or is_full:
            packed.append([])
            room = LIMIT
        packed[-1].append(block)
        room -= needed
    made = [replace(_join(group), protected=protected) for group in packed]
    if made and buttons:
        made[-1] = made[-1].with_buttons(buttons)
    return made


@dataclass
class _Writing:
    text: str = ""
    length: int = 0
    entities: list[Entity] = field(default_factory=list)

    def add(self, span: Span) -> None:
        size = units(span.text)
        if span.style and size:
            self.entities.append(Entity(span.style, self.length, size))
        self.text += span.text
        self.length += size


def _join(blocks: Iterable[Block]) -> Message:
    writing = _Writing()
    refs: dict[UUID, None] = {}
    for number, block in enumerate(blocks):
        refs |= dict.fromkeys(block.refs)
        if number:
            writing.add(Span("\n\n"))
        for span in block.spans:
            writing.add(span)
    return Message(writing.text, tuple(writing.entities), refs=tuple(refs))


def _cut(block: Block) -> list[Block]:
    """A block that is too long for one message, in pieces that are not; cuts fall on white space where there is some."""
    if block.length <= LIMIT:
        return [block]
    pieces: list[Block] = []
    current: list[Span] = []
    room = LIMIT
    for span in block.spans:
        text = span.text
        while units(text) > room:
            head = _head(text, room)
            pieces.append(Block((*current, Span(head, span.style)), block.refs))
            text, current, room = text[len(head) :].lstrip(), [], LIMIT
        if text:
            current.append(Span(text, span.style))
            room -= units(text)
    return [*pieces, Block(tuple(current), block.refs)] if current else pieces


def _head(text: str, room: int) -> str:
    """The longest beginning of at most `room` units, ending at white space if that is not far."""
    size = end = 0
    for character in text:
        size += 2 if ord(character) > 0xFFFF else 1
        if size > room:
            break
        end += 1
    space = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end))
    return text[:space] if space > end - 200 and space > 0 else text[:end]
