"""`parse_mode=HTML` as Telegram reads it, with its errors and their byte offsets."""

import re
from typing import Any

from bot.rehearsal.entities import Entity, check_entities, cut, in_order, units
from bot.rehearsal.errors import RefusedError, bad

_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d{1,8})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
_NAME = re.compile(r"[^\s/>]*")
_ATTRIBUTE = re.compile(r"\s*([^\s=/>]+)\s*(?:=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+)))?")
_KINDS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
          "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
          "span": "spoiler", "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
          "tg-emoji": "custom_emoji"}  # fmt: skip


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Text and entities of a piece of Telegram HTML."""
    return _Html(source).parse()


class _Html:
    def __init__(self, source: str) -> None:
        self.source = source
        self.text = ""
        self.entities: list[Entity] = []
        self.open: list[tuple[str, int, dict[str, str]]] = []

    def parse(self) -> tuple[str, list[Entity]]:
        at = 0
        while at < len(self.source):
            if self.source[at] == "<":
                at = self._end_tag(at) if self.source[at + 1 : at + 2] == "/" else self._start_tag(at)
            else:
                at = self._characters(at)
        if self.open:
            raise _unparsable(f'Can\'t find end tag corresponding to start tag "{self.open[-1][0]}"')
        return self.text, in_order(self.entities)

    def _characters(self, at: int) -> int:
        reference = _REFERENCE.match(self.source, at)
        if reference:
            self.text += _decoded(reference)
            return reference.end()
        self.text += self.source[at]
        return at + 1

    def _start_tag(self, at: int) -> int:
        match = _NAME.match(self.source, at + 1)
        name = match.group().lower() if match else ""
        if not name or name not in _KINDS:
            end = self.source.find(">", at)
            if end < 0 and not name:
                raise _unparsable(f"Unclosed start tag at byte offset {self._bytes(at)}")
            raise _unparsable(f'Unsupported start tag "{name}" at byte offset {self._bytes(at)}')
        end, attributes = self._attributes(at, at + 1 + len(name))
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {self._bytes(at)}')
        self.open.append((name, units(self.text), attributes))
        return end

    def _attributes(self, start: int, at: int) -> tuple[int, dict[str, str]]:
        attributes: dict[str, str] = {}
        while True:
            while self.source[at : at + 1].isspace() or self.source[at : at + 1] == "/":
                at += 1
            if at >= len(self.source):
                raise _unparsable(f"Unclosed start tag at byte offset {self._bytes(start)}")
            if self.source[at] == ">":
                return at + 1, attributes
            match = _ATTRIBUTE.match(self.source, at)
            if match is None or match.end() == at:
                raise _unparsable(f"Unclosed start tag at byte offset {self._bytes(start)}")
            value = next((value for value in match.groups()[1:] if value is not None), "")
            attributes[match.group(1).lower()] = _REFERENCE.sub(_decoded, value)
            at = match.end()

    def _end_tag(self, at: int) -> int:
        end = self.source.find(">", at)
        if end < 0:
            raise _unparsable(f"Unclosed end tag at byte offset {self._bytes(at)}")
        name = self.source[at + 2 : end].strip().lower()
        if not self.open:
            raise _unparsable(f"Unexpected end tag at byte offset {self._bytes(at)}")
        expected, offset, attributes = self.open.pop()
        if name and name != expected:
            raise _unparsable(f"Unmatched end tag at byte offset {self._bytes(at)},"
                              f' expected "</{expected}>", found "</{name}>"')  # fmt: skip
        self._close(expected, offset, attributes)
        return end + 1

    def _close(self, name: str, offset: int, attributes: dict[str, str]) -> None:
        length = units(self.text) - offset
        if not length:
            return
        kind = _KINDS[name]
        extra: dict[str, Any] = {}
        if kind == "blockquote" and "expandable" in attributes:
            kind = "expandable_blockquote"
        if kind == "text_link":
            extra["url"] = attributes.get("href") or cut(self.text, offset, length)
        if kind == "custom_emoji":
            extra["custom_emoji_id"] = attributes.get("emoji-id", "")
        self.entities.append({"type": kind, "offset": offset, "length": length, **extra})

    def _bytes(self, at: int) -> int:
        return len(self.source[:at].encode())


def _decoded(reference: re.Match[str]) -> str:
    decimal, hexadecimal, name = reference.groups()
    if name:
        return _NAMED[name]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else reference.group()


def _unparsable(why: str) -> RefusedError:
    return bad(f"can't parse entities: {why}")


def formatted(text: str, parse_mode: str, given: Any) -> tuple[str, list[Entity]]:
    """Text and checked entities from the three ways a call may mark its text."""
    mode = parse_mode.lower()
    if mode not in ("", "html"):
        if mode in ("markdown", "markdownv2"):
            raise bad("parse_mode Markdown is not part of the rehearsal; use HTML or entities")
        raise bad("unsupported parse_mode")
    if mode == "html":
        text, found = parse_html(text)
        # Valid HTML nests by itself; what remains to check are links and quotes inside quotes.
        return text, check_entities(text, [entity for entity in found if not _dead_link(entity)])
    return text, check_entities(text, given)


def _dead_link(entity: Entity) -> bool:
    if entity["type"] != "text_link":
        return False
    try:
        check_entities("x" * (entity["offset"] + entity["length"]), [entity])
    except RefusedError:
        return True
    return False
