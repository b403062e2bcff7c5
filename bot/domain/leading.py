"""A number from 0 to 10 with words after it: `4, because the deal closed`, `6 – weil es ging`. Not `4 people left`.

The number opens the text and is set off from the words: by a sign, or by a word that gives the reason. Where a second
number follows at once (`4, 5 or so`, `4.5`, `1. … 2. …`) nobody knows which is meant, and the words stay words.
"""

import re

from bot.domain.words import NUMBERS, alternatives, folded

_REASON = re.compile(r"(?:because|cos|coz|cuz|but|though|although|since|parce qu\w*|car|mais|puisqu\w*|vu qu\w*)\b")
_STILL_THE_NUMBER = (
    "again", "today", "now", "this time", "this week", "at most", "at best", "at least", "id say", "i think", "i guess",
    "maybe", "perhaps", "probably", "encore", "aujourdhui", "maintenant", "cette fois", "cette semaine", "au plus",
    "au mieux", "au moins", "je dirais", "je pense", "je crois", "peut-etre", "sans doute",
)  # fmt: skip
_OR_ANOTHER = (
    "or", "ou", "to", "a", "no", "non", "well", "actually", "rather", "make it", "maybe", "perhaps", "possibly", "even",
    "plutot", "enfin", "peut-etre", "voire", "disons", "and", "et", "then", "puis",
)  # fmt: skip
_ARTICLES = ("one", "un", "une")  # "one of them" and "un peu" count nothing
_COUNTED = alternatives([word for word in NUMBERS if word not in _ARTICLES])

_NUMBER = re.compile(
    r"(?:(?P<digits>10|[0-9])(?![0-9])|(?P<letters>[a-z]+|🔟))(?P<of_ten> ?(?:/|out of|sur) ?10(?![0-9]))?"
    rf"(?: (?:{alternatives(_STILL_THE_NUMBER)})\b)?",
    re.ASCII,
)
_BREAK = re.compile(r" ?[.!…]+(?= |$)| ?\n")  # a sentence of its own
_SIGN = re.compile(r" ?[,;:]+| ?\(| -+ ?|-+ | ?[–—]+")
_SECOND = re.compile(rf"(?:(?:{alternatives(_OR_ANOTHER)})\b[ ,.]*)*[-+~(]?(?:[0-9]|(?:{_COUNTED})\b)")


def leading_number(text: str) -> int | None:
    """The number that a text opens with, before words that only explain it; None when there are none, or it counts
    something."""
    wanted = _tidy(text)
    found = _NUMBER.match(wanted)
    if found is None:
        return None
    number = NUMBERS.get(found["letters"]) if found["letters"] else int(found["digits"])
    rest = wanted[found.end() :]
    return number if number is not None and _is_set_off(found, rest) else None


def _is_set_off(number: re.Match[str], rest: str) -> bool:
    is_a_word = number["letters"] is not None and number["of_ten"] is None
    sign = _BREAK.match(rest) or _SIGN.match(rest)
    said = rest[sign.end() :].lstrip(" \n,;:.-–—(…") if sign else rest.lstrip()
    if not said or not (sign or rest[:1] == " ") or _SECOND.match(said):
        return False
    if _REASON.match(said):
        return True
    if sign is None or (is_a_word and (number[0] == "sept" or not _BREAK.match(rest))):
        return False  # "Two, Anna and Ben, left" counts; "Sept. was hard" is a month
    return not _goes_on_counting(number, rest)


def _goes_on_counting(number: re.Match[str], rest: str) -> bool:
    """`1. The rota. 2. The desks` is a list."""
    if not number["digits"] or not rest.startswith("."):
        return False
    return re.search(rf"(?:^|\s){int(number['digits']) + 1}\. ", rest) is not None


def _tidy(text: str) -> str:
    """Folded, with single spaces; a new line stays one."""
    lines = (" ".join(line.split()) for line in folded(text).replace("...", "…").splitlines())
    return re.sub(r"\n+", "\n", "\n".join(lines)).strip()
