"""Amounts with a unit, as people type them: `12,500`, `12 500`, `12.5`, `3 1/2`, `7h30`, `about 12 placements`."""

import re

from bot.domain.words import NUMBERS, folded

MOST = 1_000_000_000
_LONGEST, _MOST_WORDS = 60, 5  # beyond that it is a story with a number in it, not an amount
_VULGAR = {"¼": " 1/4", "½": " 1/2", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3"}
_NONE = {"none", "nothing", "nil", "zero", "aucun", "aucune", "rien"}
_ARTICLES = {"one", "un", "une"}
_ABOUT = {"about", "around", "roughly", "approximately", "approx", "environ", "env", "a", "peu", "pres", "ca", "circa"}
_AMOUNT = re.compile(
    r"(?P<sign>(?:(?<=\s)|^)[-−] ?)?(?:"
    r"(?:(?P<whole>[0-9]{1,6}) +)?(?P<over>[1-9])/(?P<under>[2-9])(?![0-9/])"
    r"|(?P<hours>[0-9]{1,3}) ?h ?(?P<minutes>[0-5][0-9])(?![0-9])"
    r"|(?P<grouped>[1-9][0-9]{0,2}(?P<by>[ .,])[0-9]{3}(?:(?P=by)[0-9]{3})*)(?P<cents>[.,][0-9]{1,2})?(?![0-9])"
    r"|(?P<plain>[0-9]*[.,]?[0-9]+)"
    r")(?P<thousand> ?k(?![a-z]))?(?P<million> ?(?:m|mn|bn)(?![a-z]))?",
    re.ASCII,
)


def parse_amount(text: str) -> float | None:
    """The one number that a short text says; None when it says none, several, or one beyond a billion.

    A comma or a dot before exactly three digits groups thousands; before any others it is the decimal point.
    """
    found = _find(text)
    return found[0] if found else None


def says_only(text: str, unit: str) -> bool:
    """Whether the text holds nothing but an amount, be it "about", with or without its unit."""
    found = _find(text)
    return found is not None and set(_words(found[1])) - _ABOUT <= set(_words(folded(unit)))


def _find(text: str) -> tuple[float, str] | None:
    """The amount, and what else was written."""
    if len(text) > _LONGEST:
        return None
    for sign, written in _VULGAR.items():
        text = text.replace(sign, written)
    wanted = " ".join(folded(text).split())
    matches = list(_AMOUNT.finditer(wanted))
    if not matches:
        return _in_letters(wanted)
    match, rest = matches[0], _AMOUNT.sub(" ", wanted)
    if len(matches) > 1 or len(_words(rest)) > _MOST_WORDS:
        return None
    amount = _value(match)
    return None if amount is None or abs(amount) > MOST else (_tidy(amount), rest)


def _in_letters(wanted: str) -> tuple[float, str] | None:
    words = _words(wanted)
    if len(words) == 1 and words[0] in _NONE:
        return 0, ""
    named = [word for word in words if word in NUMBERS]
    is_article = len(words) > 2 and set(named) <= _ARTICLES
    if len(named) != 1 or is_article or len(words) - 1 > _MOST_WORDS or "half" in words or "demi" in words:
        return None
    return NUMBERS[named[0]], " ".join(word for word in words if word != named[0])


def _value(match: re.Match[str]) -> float | None:
    if match["million"]:
        return None  # minutes or millions: nobody knows
    if match["over"]:
        amount = int(match["whole"] or 0) + int(match["over"]) / int(match["under"])
    elif match["hours"]:
        amount = int(match["hours"]) + int(match["minutes"]) / 60
    elif match["grouped"]:
        whole = match["grouped"].replace(match["by"], "")
        amount = float(whole + (match["cents"] or "").replace(",", "."))
    else:
        amount = float(match["plain"].replace(",", "."))
    return amount * (1000 if match["thousand"] else 1) * (-1 if match["sign"] else 1)


def _tidy(amount: float) -> float:
    rounded = round(amount, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text)
