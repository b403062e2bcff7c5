"""Who is meant by a typed name: case, accents and the apostrophe a phone puts in by itself do not matter, nor does a
hyphen where only one person can be meant."""

import re
from collections.abc import Callable, Sequence

from bot.domain.words import folded


def spelt(name: str) -> str:
    """As it is typed, but for case and spaces."""
    return " ".join(name.split()).casefold()


def bare(name: str) -> str:
    """Without accents and apostrophes as well."""
    return " ".join(folded(name).split())


def loose(name: str) -> str:
    """With a space for each hyphen."""
    return " ".join(re.sub(r"[-‐‑–]", " ", bare(name)).split())


_FORMS: tuple[Callable[[str], str], ...] = (spelt, bare, loose)


def meant(wanted: str, names: Sequence[str], *, only_whole: bool = False) -> list[int]:
    """The places of those who can be meant: by the whole name, else by its beginning; the closest spelling decides."""
    if not bare(wanted):
        return []
    for whole in (True,) if only_whole else (True, False):
        for form in _FORMS:
            typed, known = form(wanted), [form(name) for name in names]
            found = [i for i, name in enumerate(known) if name == typed or (not whole and name.startswith(typed))]
            if found:
                return found
    return []


def named_by(words: str, names: Sequence[str], *, form: Callable[[str], str] = bare) -> list[int]:
    """The places of those whose name this is, or whose name begins with these whole words."""
    typed = form(words)
    known = [form(name) for name in names]
    return [i for i, name in enumerate(known) if typed and (name == typed or name.startswith(typed + " "))]


def alike(one: str, other: str) -> bool:
    """Whether two would take these for the same name."""
    return loose(one) == loose(other)
