"""Reading single values of a file: each function gives a value of the right type, or notes a problem.

After a problem the value is a stand-in that keeps reading going; the whole file is refused in the end.
"""

import re
from collections.abc import Iterable
from datetime import date, time

from bot.catalog.problems import Place
from bot.catalog.tree import Listing, Node, Refused, Scalar, Table
from bot.domain.sequence import Words
from bot.i18n import LANGUAGES

LONGEST_KEY = 32
_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_NUMBER = re.compile(r"-?[0-9]{1,6}")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_NOT_WORDS = re.compile(r"true|false|[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.IGNORECASE)
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BRACED = re.compile(r"\{[^{}]*\}|[{}]")


def is_empty(node: Node) -> bool:
    """Whether nothing was written: `ask:`, `ask: ~`, `ask: ""`."""
    if not isinstance(node, Scalar):
        return False
    return not node.text.strip() or (not node.quoted and node.text in ("~", "null", "Null", "NULL"))


def check_keys(table: Table, known: Iterable[str], required: Iterable[str], place: Place) -> None:
    """Complain of keys we do not know and of those that are missing."""
    known = list(known)
    for key, node in table.entries.items():
        if key not in known:
            place.problem(
                node.line,
                place.say("“{key}” is not known here; ", key=_short(key)) + place.did_you_mean(key, known),
            )
    for key in required:
        if key not in table.entries:
            place.problem(table.line, place.say("“{key}” is missing; add it.", key=key))


def table_of(node: Node, what: str, place: Place) -> Table | None:
    """The group of keys a node must be, `what` naming it in the sentence."""
    if isinstance(node, Table):
        return node
    if not isinstance(node, Refused):
        place.problem(node.line, place.say("“{what}” must be a group of “key: value” lines.", what=what))
    return None


def listing(table: Table, key: str, place: Place) -> list[Node]:
    node = table.entries.get(key)
    if isinstance(node, Listing):
        if not node.items:
            place.problem(node.line, place.say("“{key}” is empty; add at least one.", key=key))
        return node.items
    if node is not None and not isinstance(node, Refused):
        place.problem(node.line, place.say("“{key}” must be a list, each entry beginning with “- ”.", key=key))
    return []


def scalar(table: Table, key: str, place: Place) -> Scalar | None:
    """The single value under a key; a missing key is `check_keys`' affair."""
    node = table.entries.get(key)
    if node is None or isinstance(node, Refused):
        return None
    if not isinstance(node, Scalar):
        place.problem(node.line, place.say("“{key}” must be a single value, not a list or a group.", key=key))
        return None
    if is_empty(node):
        place.problem(node.line, place.say("“{key}” is empty; write something or remove the line.", key=key))
        return None
    return node


def text(table: Table, key: str, place: Place, *, longest: int = 1000, filled: tuple[str, ...] = ()) -> str:
    """A text of at most `longest` characters; of placeholders it may hold those named in `filled`."""
    node = scalar(table, key, place)
    if node is None:
        return ""
    return _checked_text(node, key, place, longest, filled)


def _checked_text(node: Scalar, key: str, place: Place, longest: int, filled: tuple[str, ...]) -> str:
    say, found = place.say, node.text.strip()
    if not node.quoted and _NOT_WORDS.fullmatch(found):
        place.problem(
            node.line,
            say(
                "“{key}” must be words, not {found}; put it in quotes if it is meant so.",
                key=key,
                found=_short(found),
            ),
        )
    if _UNSENDABLE.search(found):
        place.problem(node.line, say("“{key}” holds a sign that cannot be sent; remove it.", key=key))
    if len(found) > longest:
        place.problem(
            node.line,
            say(
                "“{key}” has {n} characters; shorten it to {longest} at most.",
                key=key,
                n=len(found),
                longest=longest,
            ),
        )
    strange = [braced for braced in _BRACED.findall(found) if braced.strip("{}") not in filled or len(braced) < 3]
    if strange and filled:
        place.problem(
            node.line,
            say(
                "“{key}” holds {braced}, which is not filled in; only {{coach}} is.",
                key=key,
                braced=_short(strange[0]),
            ),
        )
    elif strange:
        place.problem(
            node.line,
            say(
                "“{key}” holds {braced}, and nothing is filled in here; remove the braces.",
                key=key,
                braced=_short(strange[0]),
            ),
        )
    return found


def words(table: Table, key: str, place: Place, *, longest: int = 1000, filled: tuple[str, ...] = ()) -> Words:
    """One text in every language."""
    node = table.entries.get(key)
    if node is None or isinstance(node, Refused):
        return {}
    if not isinstance(node, Table):
        place.problem(
            node.line,
            place.say("“{key}” must be in both languages; write it as “en: ...” and “fr: ...”.", key=key),
        )
        return {}
    inside = place.inside(place.say("“{key}”", key=key))
    _refuse_strange_languages(node, inside)
    return {language: text(node, language, inside, longest=longest, filled=filled) for language in LANGUAGES}


def _refuse_strange_languages(node: Table, place: Place) -> None:
    for language in LANGUAGES:
        if language not in node.entries:
            sentence = {
                "en": place.say("the English text is missing; add “en: ...”."),
                "fr": place.say("the French text is missing; add “fr: ...”."),
            }[language]
            place.problem(node.line, sentence)
    for language, strange in node.entries.items():
        if language not in LANGUAGES:
            place.problem(
                strange.line,
                place.say(
                    "“{key}” is not a language (en, fr); if it belongs to a text, put the text in quotes.",
                    key=_short(language),
                ),
            )


def identifier(table: Table, key: str, place: Place) -> str:
    """A key of the author's own: lower-case words joined by hyphens."""
    node = scalar(table, key, place)
    if node is None:
        return ""
    if len(node.text) > LONGEST_KEY or not _KEY.fullmatch(node.text):
        place.problem(
            node.line,
            place.say(
                "“{key}: {found}” must be lower-case words with hyphens (“one-try”), {n} signs at most.",
                key=key,
                found=_short(node.text),
                n=LONGEST_KEY,
            ),
        )
    return node.text


def one_of(table: Table, key: str, known: Iterable[str], place: Place) -> str | None:
    node = scalar(table, key, place)
    if node is None:
        return None
    known = list(known)
    if node.text in known:
        return node.text
    place.problem(
        node.line,
        place.say("“{key}: {found}” is not known; ", key=key, found=_short(node.text))
        + place.did_you_mean(node.text, known),
    )
    return None


def number(table: Table, key: str, least: int, most: int, place: Place) -> int:
    """A whole number; `least` when there is none."""
    node = scalar(table, key, place)
    if node is None:
        return least
    if not node.quoted and _NUMBER.fullmatch(node.text) and least <= int(node.text) <= most:
        return int(node.text)
    place.problem(
        node.line,
        place.say(
            "“{key}” must be a whole number from {least} to {most}, not “{found}”.",
            key=key,
            least=least,
            most=most,
            found=_short(node.text),
        ),
    )
    return least


def clock(table: Table, key: str, place: Place) -> time | None:
    """A time of day; None when none is written."""
    node = scalar(table, key, place)
    if node is None:
        return None
    found = _CLOCK.fullmatch(node.text.strip())
    if found:
        return time(int(found[1]), int(found[2]))
    place.problem(
        node.line,
        place.say("“{key}: {found}” is not a time of day; write it like 17:30.", key=key, found=_short(node.text)),
    )
    return None


def day(table: Table, key: str, place: Place) -> str:
    """A date, as it is written."""
    node = scalar(table, key, place)
    if node is None:
        return ""
    try:
        return date.fromisoformat(node.text).isoformat()
    except ValueError:
        place.problem(
            node.line,
            place.say("“{key}: {found}” is not a date; write it like 2026-11-01.", key=key, found=_short(node.text)),
        )
        return ""


def shown(node: Node) -> str:
    """What was written, short enough for a sentence."""
    return _short(node.text) if isinstance(node, Scalar) else "..."


def _short(found: str) -> str:
    found = _UNSENDABLE.sub("?", " ".join(found.split()))
    return found if len(found) <= 40 else found[:39] + "…"
