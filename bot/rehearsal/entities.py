"""Text as Telegram counts and marks it: UTF-16 units, entity lists, and what is detected by itself."""

import re
from typing import Any
from urllib.parse import urlsplit

from bot.rehearsal.errors import bad

Entity = dict[str, Any]

PLAIN = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote",
                   "expandable_blockquote", "text_link", "text_mention", "custom_emoji"})  # fmt: skip
DETECTED = frozenset({"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number",
                      "bank_card_number", "media_timestamp", "date_time"})  # fmt: skip
QUOTES = frozenset({"blockquote", "expandable_blockquote"})
CODE = frozenset({"code", "pre"})

_DOMAIN = r"(?:[a-z0-9-]+\.)+(?:com|org|net|io|me|uk|fr|de|eu|dev|app|info|edu|gov)\b"
_TAIL = r"[^\s<>\"“”«»]"
_AUTOMATIC = (
    ("url", re.compile(rf"https?://{_TAIL}+|(?<![\w@.-]){_DOMAIN}(?:[/?#]{_TAIL}*)?", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d_])\w{1,256}")),
)  # fmt: skip


def units(text: str) -> int:
    """Length in UTF-16 code units, the only length Telegram knows."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, offset: int, length: int) -> str:
    """The part of a text an entity covers."""
    return text.encode("utf-16-le")[offset * 2 : (offset + length) * 2].decode("utf-16-le", "ignore")


def split_as_client(text: str, limit: int = 4096) -> list[str]:
    """What a phone sends for a long text: several messages, cut at a line or word where there is one."""
    parts = []
    while units(text) > limit:
        head = cut(text, 0, limit)
        at = max(head.rfind("\n"), head.rfind(" "))
        at = at if at > len(head) // 2 else len(head)
        parts.append(text[:at].strip())
        text = text[at:].strip()
    return [part for part in (*parts, text) if part]


def detect(text: str, taken: list[Entity]) -> list[Entity]:
    """Add the entities every client sees by itself: links, commands, mentions."""
    found = list(taken)
    for kind, pattern in _AUTOMATIC:
        for match in pattern.finditer(text):
            piece = match.group().rstrip(".,;:!?)'\"") if kind == "url" else match.group()
            offset, length = units(text[: match.start()]), units(piece)
            if not any(_meets(offset, length, other) for other in found if _excludes(other)):
                found.append({"type": kind, "offset": offset, "length": length})
    return in_order(found)


def _excludes(entity: Entity) -> bool:
    return entity["type"] in DETECTED | CODE | {"text_link", "text_mention"}


def _meets(offset: int, length: int, other: Entity) -> bool:
    return bool(offset < other["offset"] + other["length"] and other["offset"] < offset + length)


def in_order(entities: list[Entity]) -> list[Entity]:
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def check_entities(text: str, given: Any) -> list[Entity]:
    """An `entities` list as sent: each one inside the text, well formed, and legally nested."""
    if given is None:
        return []
    if not isinstance(given, list):
        raise bad("expected an Array of MessageEntity")
    end = units(text)
    entities = [_check_entity(entity, end) for entity in given]
    _check_nesting(entities)
    return [entity for entity in entities if entity["length"] and entity["type"] in PLAIN]


def _check_entity(entity: Any, end: int) -> Entity:
    if not isinstance(entity, dict):
        raise bad("can't parse MessageEntity: expected an Object")
    for field, kind in (("type", str), ("offset", int), ("length", int)):
        if field not in entity:
            raise bad(f"can't parse MessageEntity: Can't find field \"{field}\"")
        if not isinstance(entity[field], kind) or isinstance(entity[field], bool):
            name = "String" if kind is str else "Number"
            raise bad(f'can\'t parse MessageEntity: Field "{field}" must be of type {name}')
    if entity["type"] not in PLAIN | DETECTED:
        raise bad("can't parse MessageEntity: Unsupported type specified")
    offset, length = entity["offset"], entity["length"]
    if offset < 0:
        raise bad(f"receive an entity with incorrect offset {offset}")
    if length < 0:
        raise bad(f"receive an entity with incorrect length {length}")
    if offset > end:
        raise bad(f"entity begins after the end of the text at UTF-16 offset {offset}")
    if offset + length > end:
        raise bad(f"entity beginning at UTF-16 offset {offset} ends after the end of the text"
                  f" at UTF-16 offset {offset + length}")  # fmt: skip
    return _check_details(entity)


def _check_details(entity: Entity) -> Entity:
    kept = {"type": entity["type"], "offset": entity["offset"], "length": entity["length"]}
    need = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}.get(entity["type"])
    if need and need not in entity:
        raise bad(f"can't parse MessageEntity: Can't find field \"{need}\"")
    if entity["type"] == "text_link":
        kept["url"] = check_url(str(entity["url"]), "entity URL")
    elif need:
        kept[need] = entity[need]
    if entity["type"] == "pre" and entity.get("language"):
        kept["language"] = entity["language"]
    return kept


def _check_nesting(entities: list[Entity]) -> None:
    """Stricter than the real server, which silently drops what it dislikes: a lost mark is our fault."""
    placed = in_order([entity for entity in entities if entity["length"]])
    for at, one in enumerate(placed):
        for other in placed[at + 1 :]:
            if other["offset"] >= one["offset"] + one["length"]:
                break
            crosses = other["offset"] + other["length"] > one["offset"] + one["length"]
            both_quotes = {one["type"], other["type"]} <= QUOTES
            if crosses or both_quotes or (CODE & {one["type"], other["type"]} and not QUOTES & {one["type"]}):
                raise bad(f"can't parse entities: {other['type']} at UTF-16 offset {other['offset']}"
                          f" can't be combined with {one['type']}")  # fmt: skip


def check_url(url: str, what: str) -> str:
    """A link a button or an entity may carry."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    problem = None
    if not url:
        problem = "URL host is empty"
    elif parts.scheme not in ("http", "https", "tg", "ton"):
        problem = "Unsupported URL protocol"
    elif parts.scheme in ("http", "https") and "." not in (parts.hostname or "").replace("localhost", "."):
        problem = "Wrong HTTP URL"
    if problem:
        raise bad(f"{what} '{url}' is invalid: {problem}")
    return url if "://" in url else f"http://{url}/"
