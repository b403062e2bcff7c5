"""How long before a session a coach reads: `before 24h 2h`, `avant 1 jour et 90 minutes`, `before 2h only`."""

import re
from dataclasses import dataclass

from bot.domain.words import NUMBERS, alternatives, folded

_UNITS = {
    "minutes": 1, "minute": 1, "mins": 1, "min": 1, "m": 1, "hours": 60, "hour": 60, "heures": 60, "heure": 60,
    "hrs": 60, "hr": 60, "h": 60, "days": 1440, "day": 1440, "jours": 1440, "jour": 1440, "d": 1440, "j": 1440,
}  # fmt: skip
_ALONE = frozenset({"only", "alone", "seulement", "seul", "uniquement"})
_BEFORE = frozenset({"before", "avant"})
_AND = frozenset({"and", "et", ",", "before", "avant", "the", "session", "la", "seance"})
_AMOUNT = re.compile(
    rf"(?:(?P<n>[0-9]{{1,4}}) ?|(?P<word>[a-z]+) )(?P<unit>{alternatives(_UNITS)})(?![a-z])"
    r"(?: ?(?P<and>[0-9]{2})(?! ?[0-9hmdj]))?"
)
SHORTEST, LONGEST = 15, 7 * 1440


@dataclass(frozen=True)
class Leads:
    """Minutes before a session: of the brief, and of what the leader brings (None: as it was; 0: not by itself)."""

    brief: int
    agenda: int | None = None


def names_leads(text: str) -> bool:
    """Whether it is about how long before: `before 24h 2h`, and not a leader of that name."""
    words = folded(text).split()
    return bool(words) and words[0] in _BEFORE and (len(words) == 1 or _AMOUNT.search(" ".join(words[1:])) is not None)


def parse_leads(text: str) -> Leads | None:
    """One length is the brief's, of two the longer one is of what the leader brings; `2h only` leaves that out."""
    rest = " ".join(folded(text).replace(",", " , ").split())
    found = [_minutes(amount) for amount in _AMOUNT.finditer(rest)]
    left = set(_AMOUNT.sub(" ", rest).split()) - _AND
    minutes = sorted(amount for amount in found if amount is not None)
    if len(minutes) != len(found) or not 1 <= len(found) <= 2 or left - _ALONE:
        return None
    if minutes[0] < SHORTEST or minutes[-1] > LONGEST or (left and len(found) == 2):
        return None
    return Leads(minutes[0], minutes[1] if len(minutes) == 2 else 0 if left else None)


def _minutes(amount: re.Match[str]) -> int | None:
    count = int(amount["n"]) if amount["n"] else NUMBERS.get(amount["word"])
    if count is None or (amount["and"] and _UNITS[amount["unit"]] != 60):
        return None
    return count * _UNITS[amount["unit"]] + int(amount["and"] or 0)


def in_hours(minutes: int) -> str:
    """`24 h`, `90 min`, `2 h 30`: the same in both languages."""
    hours, rest = divmod(minutes, 60)
    if not hours or (rest and hours < 2):
        return f"{minutes} min"
    return f"{hours} h {rest:02}" if rest else f"{hours} h"
