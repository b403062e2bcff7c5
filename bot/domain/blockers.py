"""A coach's hypotheses about what holds a leader back: few words, the tags that select steps, and what speaks for them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from bot.domain.words import folded

MOST, MOST_TAGS = 8, 8
LONGEST, LONGEST_TAG = 200, 30
_SHOWN = 44


@dataclass(frozen=True)
class Hypothesis:
    """`speaks_for` and `speaks_against`: the answers whose words were chosen, oldest first; only such as the coach may
    read today."""

    id: UUID
    text: str
    tags: tuple[str, ...] = ()
    speaks_for: tuple[UUID, ...] = ()
    speaks_against: tuple[UUID, ...] = ()


def split_tags(text: str) -> tuple[str, tuple[str, ...]]:
    """`Says yes to everybody #pleasing #own-work`: the words, and the tags behind them."""
    tags = [found.replace("_", " ").strip() for found in re.findall(r"(?:^|\s)#(\S+)", text)]
    words = " ".join(re.sub(r"(?:^|\s)#\S+", " ", text).split())
    return words, distinct(tags)


def split_list(text: str) -> tuple[str, ...]:
    """`pleasing others, own work first; perfection`: one tag each; a dash alone says none."""
    parts = (" ".join(part.split()) for part in re.split(r"[,;\n]", text))
    return distinct(part for part in parts if part.strip("-–—"))


def clipped(text: str) -> str:
    """As it stands on a button or in a list of several."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1].rstrip() + "…"


def distinct(tags: Iterable[str]) -> tuple[str, ...]:
    """Each tag once, as it was first written."""
    found: dict[str, str] = {}
    for tag in tags:
        if tag:
            found.setdefault(folded(tag), tag)
    return tuple(found.values())
