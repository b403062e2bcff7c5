"""The words of two languages for days, months, numbers, yes and no, as people type them on a phone."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import filterfalse


def _numbered(lines: str, first: int = 0) -> dict[str, int]:
    """One line for each number, from `first` on, with every word for it."""
    rows = enumerate(lines.strip().splitlines(), start=first)
    return {word: number for number, row in rows for word in row.split()}


DAYS = _numbered("""
    mon monday lun lundi
    tue tues tuesday mar mardi
    wed weds wednesday mer mercredi
    thu thur thurs thursday jeu jeudi
    fri friday ven vendredi
    sat saturday sam samedi
    sun sunday dim dimanche
""")
MONTHS = _numbered(
    """
    jan january janvier janv
    feb february fevrier fev fevr
    mar march mars
    apr april avril avr
    may mai
    jun june juin
    jul july juillet juil
    aug august aout
    sep sept september septembre
    oct october octobre
    nov november novembre
    dec december decembre
    """,
    first=1,
)
NUMBERS = _numbered("""
    zero nil
    one un une
    two deux
    three trois
    four quatre
    five cinq
    six
    seven sept
    eight huit
    nine neuf
    ten dix 🔟
""")
BEYOND_TEN = frozenset(["eleven", "onze", "twelve", "douze", "fifteen", "quinze", "twenty", "vingt", "hundred", "cent"])
YES = frozenset(["yes", "y", "yeah", "yep", "yup", "sure", "ok", "okay", "oui", "o", "ouais", "si", "👍", "✅", "✔"])
NO = frozenset(["no", "n", "nope", "nah", "non", "👎", "❌"])


def folded(text: str) -> str:
    """Without case, accents, apostrophes and what makes a digit an emoji."""
    letters = unicodedata.normalize("NFKD", re.sub("['’\ufe0f\u20e3]", "", text)).casefold()
    return letters if letters.isascii() else "".join(filterfalse(unicodedata.combining, letters))


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of these words, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
