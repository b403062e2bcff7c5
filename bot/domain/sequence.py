"""What a sequence is: steps that fall due, each asking one to three questions. Frozen values, no behaviour of time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum

THEMES = ("confidence", "boundaries", "team", "peers", "own-work", "lightness", "session", "pulse")
MEASURES = ("confidence", "boundaries", "team", "peers", "own-work", "lightness")

Words = Mapping[str, str]
"""One text in every language: `{"en": ..., "fr": ...}`."""


class Kind(StrEnum):
    """How a question is answered."""

    text = "text"
    scale = "scale"  # 0-10
    choice = "choice"
    choices = "choices"
    yes_no = "yes_no"


class Sharing(StrEnum):
    """Who reads an answer: `private` own eyes, `topic` the coach sees the theme, `words` the coach reads it."""

    private = "private"
    topic = "topic"
    words = "words"


@dataclass(frozen=True)
class Option:
    key: str
    label: Words


@dataclass(frozen=True)
class Question:
    key: str
    kind: Kind
    ask: Words
    options: tuple[Option, ...] = ()
    measure: str | None = None
    low: Words | None = None
    high: Words | None = None
    sharing: Sharing = Sharing.words


@dataclass(frozen=True)
class OnDay:
    """On day N after joining (the day of joining is day 0), at a local time."""

    day: int
    at: time


@dataclass(frozen=True)
class Weekly:
    """On these weekdays (Monday is 0) at a local time, in weeks `from_week..until_week` since joining (the first is 1)."""

    days: tuple[int, ...]
    at: time
    from_week: int = 1
    until_week: int | None = None


@dataclass(frozen=True)
class AroundSession:
    """`hours` elapsed or `days` of the calendar before or after a session; with `at`, at that local time of the day.

    `first..last` are the ordinal numbers of the sessions it hangs on; the first session is 1.
    """

    before: bool
    hours: int = 0
    days: int = 0
    at: time | None = None
    first: int = 1
    last: int | None = None


@dataclass(frozen=True)
class BetweenSessions:
    """At the middle between two sessions; it hangs on the earlier one, whose number is in `first..last`."""

    first: int = 1
    last: int | None = None


When = OnDay | Weekly | AroundSession | BetweenSessions


@dataclass(frozen=True)
class Step:
    key: str
    theme: str
    when: When
    questions: tuple[Question, ...]
    purpose: Words
    evidence: str
    minutes: int
    author: str
    reviewed: str

    def question(self, key: str) -> Question:
        return next(q for q in self.questions if q.key == key)


@dataclass(frozen=True)
class Sequence:
    """One file of `prompts/`. `source` is its exact text; `content_hash` (SHA-256, hex) names the version."""

    name: str
    title: Words
    about: Words
    steps: tuple[Step, ...]
    source: str = field(repr=False)
    content_hash: str

    def step(self, key: str) -> Step:
        return next(s for s in self.steps if s.key == key)
