"""Whom a leader writes about: an alias and an animal, so that nobody needs to be named."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from bot.domain.words import folded

ANIMALS = (
    *("🦊", "🐻", "🦉", "🐺", "🐝", "🦁", "🐙", "🦔", "🐢", "🦅"),
    *("🐬", "🦌", "🐼", "🦋", "🐿", "🦩", "🐧", "🦚", "🐘", "🐳"),
)
LONGEST = 40
_MOST_WORDS = 3
_JOINERS = "\u200d\ufe0f\u20e3"


@dataclass(frozen=True)
class Alias:
    emoji: str
    name: str

    @property
    def label(self) -> str:
        return f"{self.emoji} {self.name}".strip()


def read_alias(text: str, used: Collection[str]) -> Alias | None:
    """`Fox`, `🦊`, `the fox 🦊`; with an emoji of its own or one not used yet. None for what is no alias but a story."""
    line = " ".join(text.split())
    if not line or len(line) > LONGEST or "\n" in text.strip() or len(line.split()) > _MOST_WORDS:
        return None
    emoji = "".join(sign for sign in line if _is_emoji(sign))
    name = "".join(sign for sign in line if not _is_emoji(sign)).strip(" .,;:!?\"“”«»'")
    if not emoji and not any(sign.isalnum() for sign in name):
        return None
    return Alias(emoji or free_animal(used), " ".join(name.split()))


def same(one: str, other: str) -> bool:
    """Whether two names are the same to the person who types them."""
    return folded(one) == folded(other)


def looks_like_a_name(name: str) -> bool:
    """Two capitalised words, such as a first and a last name: better left out."""
    words = name.split()
    return len(words) >= 2 and all(re.match(r"[^\W\d_]", word) and word[0].isupper() for word in words)


def free_animal(used: Collection[str]) -> str:
    return next((animal for animal in ANIMALS if animal not in used), ANIMALS[len(used) % len(ANIMALS)])


def _is_emoji(sign: str) -> bool:
    return unicodedata.category(sign) in ("So", "Sk") or sign in _JOINERS
