"""What a coach wants more or less of: which steps come first, and how often those come that repeat.

Dates and sessions stay what they are. A step that comes half as often skips every other one of its own turns, so nothing is
asked twice when the coach changes their mind.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import cache

from bot.domain.sequence import (
    THEMES,
    AroundSession,
    AtRandom,
    BetweenSessions,
    Monthly,
    Step,
    Weekly,
    When,
    WithoutSession,
)
from bot.domain.words import folded

WEIGHED = tuple(theme for theme in THEMES if theme != "session")
"""What can come more or less often. What belongs to the sessions themselves comes with them."""
MORE, LESS, PLANNED = "more", "less", "planned"
LEVELS = (PLANNED, MORE, LESS)

_CALLED = {
    "confidence": "confidence, self confidence, confiance, confiance en soi, assurance",
    "boundaries": "boundaries, boundary, limits, limites, frontières",
    "team": "team, équipe",
    "peers": "peers, colleagues, pairs, collègues, homologues",
    "own-work": "own work, own production, production, propre travail, propre production, travail propre, "
    "production personnelle, travail personnel",
    "lightness": "lightness, légèreté",
    "session": "session, séance",
    "pulse": "pulse, pouls, barometre",
}
_ARTICLES = frozenset(
    ["the", "a", "le", "la", "les", "l", "un", "une", "de", "du", "des", "d", "her", "his", "their", "my", "your", "son",
     "sa", "ses", "leur", "leurs", "mon", "ma", "mes"]
)  # fmt: skip
_SAID = {
    MORE: ("more", "more of", "plus", "plus de"),
    LESS: ("less", "less of", "moins", "moins de"),
    PLANNED: ("as planned", "planned", "normal", "comme prevu", "prevu"),
}


def weighed(steps: Iterable[Step], more: Collection[str], less: Collection[str]) -> tuple[Step, ...]:
    """The steps as often as they come with this emphasis, in their order."""
    return tuple(
        replace(step, when=_oftener(step.when)) if step.theme in more
        else replace(step, when=_rarer(step.when)) if step.theme in less
        else step
        for step in steps
    )  # fmt: skip


def rank(theme: str, more: Collection[str], less: Collection[str]) -> int:
    """Of several that wait, the lowest goes first."""
    return 0 if theme in more else 2 if theme in less else 1


def level_of(theme: str, more: Collection[str], less: Collection[str]) -> str:
    return MORE if theme in more else LESS if theme in less else PLANNED


def after(level: str) -> str:
    """The next one, around in a circle."""
    return LEVELS[(LEVELS.index(level) + 1) % len(LEVELS)]


def read(text: str) -> tuple[str, str] | None:
    """The level and the theme of "less pulse", "boundaries" or "équipe moins"; None when none that is weighed is named."""
    words = " ".join(folded(text.replace("’", "'").replace("'", " ")).split())
    for level, forms in _SAID.items():
        for form in forms:
            rest = words.removeprefix(form + " ") if words.startswith(form + " ") else words.removesuffix(" " + form)
            if rest != words and (theme := theme_of(rest)) in WEIGHED:
                return level, theme
    theme = theme_of(words)
    return (MORE, theme) if theme in WEIGHED else None


def theme_of(text: str) -> str | None:
    """A theme by any of its names in either language, with or without article, accents and plural."""
    return _themes().get(_bare(text))


@cache
def _themes() -> dict[str, str]:
    return {_bare(name): theme for theme, names in _CALLED.items() for name in (theme, *names.split(", "))}


def _bare(text: str) -> str:
    words = folded(re.sub("['’-]", " ", text)).split()
    return " ".join(word.rstrip("s") for word in words if word not in _ARTICLES)


def _oftener(when: When) -> When:
    """Twice as often, where its rhythm has room for it."""
    match when:
        case Weekly(every=every) | AtRandom(every=every) if every % 2 == 0:
            return replace(when, every=every // 2)
        case WithoutSession(days=days) if days > 1:
            return replace(when, days=(days + 1) // 2)
        case _:
            return when


def _rarer(when: When) -> When:
    """Half as often, if it repeats without an end."""
    match when:
        case Weekly(every=every) | AtRandom(every=every):
            return replace(when, every=every * 2)
        case WithoutSession(days=days):
            return replace(when, days=days * 2)
        case Monthly(every=every):
            return replace(when, every=every * 2)
        case AroundSession(last=None) | BetweenSessions(last=None):
            return replace(when, every=when.every * 2)
        case _:
            return when
