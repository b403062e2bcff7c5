"""What a sequence is: steps that fall due, each asking one to three questions. Frozen values, no behaviour of time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
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
    number = "number"  # an amount with a unit, such as own billing; starts private
    plan = "plan"  # if-then: cue, action, obstacle, said back once; followed up at its cue
    alias = "alias"  # a person by an alias and an emoji, never by name


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
class AnswerIs:
    """The latest answer to a question of the same sequence. Exactly one of the tests is set.

    `step` is empty for a question of the same step (then it is this occurrence's own answer that counts).
    """

    step: str
    question: str
    below: int | None = None  # numbers and scales: strictly
    above: int | None = None
    one_of: tuple[str, ...] = ()  # option keys; for yes_no "yes", "no"


@dataclass(frozen=True)
class HasFallen:
    """The latest value of a measure is at least `by` below the person's own usual value (`bot.domain.measures`)."""

    measure: str
    by: int


@dataclass(frozen=True)
class HasTag:
    """`kind` is role (a word of the leader's role), focus (a theme) or blocker (a tag the coach gave)."""

    kind: str
    tag: str


@dataclass(frozen=True)
class MonthsSincePromotion:
    """In month `first..last` since promotion; the first month is 1. Never true while the date is not known."""

    first: int
    last: int


Condition = AnswerIs | HasFallen | HasTag | MonthsSincePromotion


@dataclass(frozen=True)
class Question:
    """`short` is a label of a few words, for lists and briefs. `only_if`: all must hold, else the question is left out."""

    key: str
    kind: Kind
    ask: Words
    options: tuple[Option, ...] = ()
    measure: str | None = None
    low: Words | None = None
    high: Words | None = None
    sharing: Sharing = Sharing.words
    short: Words | None = None
    unit: Words | None = None
    only_if: tuple[Condition, ...] = ()

    @property
    def is_tapped(self) -> bool:
        """Whether one tap answers it."""
        return self.kind in (Kind.scale, Kind.choice, Kind.yes_no)


@dataclass(frozen=True)
class OnDay:
    """On day N after joining (the day of joining is day 0), at a local time; without one, at the person's usual hour."""

    day: int
    at: time | None = None


@dataclass(frozen=True)
class Weekly:
    """On these weekdays (Monday is 0), every `every` weeks, in weeks `from_week..until_week` since joining (the first
    is 1): the weeks `from_week`, `from_week + every`, ..."""

    days: tuple[int, ...]
    at: time | None = None
    from_week: int = 1
    until_week: int | None = None
    every: int = 1


@dataclass(frozen=True)
class Monthly:
    """On the `day` (1-31; the last day where a month is shorter) of each month, within weeks as in `Weekly`; of every
    `every`-th month from the first (no file says this, a coach's emphasis does)."""

    day: int
    at: time | None = None
    from_week: int = 1
    until_week: int | None = None
    every: int = 1


@dataclass(frozen=True)
class AtRandom:
    """On these weekdays at a random local time in `[start, end)`, in weeks as in `Weekly`; fixed for leader and date,
    at least `apart` minutes from other steps of the leader where there is room."""

    days: tuple[int, ...]
    start: time
    end: time
    apart: int = 60
    from_week: int = 1
    until_week: int | None = None
    every: int = 1


@dataclass(frozen=True)
class AroundSession:
    """`hours` elapsed, `days` of the calendar or `work_days` of the leader before or after a session; with `at`, at
    that local time of the day.

    `first..last` are the ordinal numbers of the sessions it hangs on; the first session since the sequence began is 1,
    or that of the whole coaching where no step of the sequence speaks of it. Of these only every
    `every`-th counts (no file says this, a coach's emphasis does).
    """

    before: bool
    hours: int = 0
    days: int = 0
    work_days: int = 0
    at: time | None = None
    first: int = 1
    last: int | None = None
    every: int = 1
    minutes: int = 0  # besides the hours; no file says this either, a coach's own question does


@dataclass(frozen=True)
class BetweenSessions:
    """At a fraction (in hundredths) of the gap between two sessions; it hangs on the earlier one, whose number is in
    `first..last`, every `every`-th. Asked at the usual hour of that day, or of the next one that is worked."""

    percent: int = 50
    first: int = 1
    last: int | None = None
    every: int = 1


@dataclass(frozen=True)
class WithoutSession:
    """`days` after the last session (after joining, if there was none), and every `days` again, while none is booked."""

    days: int
    at: time | None = None


@dataclass(frozen=True)
class AfterAnswer:
    """After an answer to `question` of `step` (any of its questions when empty), or after its silence: it was missed.
    `hours` elapsed or `days` of the calendar later, with `at` at that local time. It hangs on that occurrence."""

    step: str
    question: str = ""
    silence: bool = False
    hours: int = 0
    days: int = 0
    at: time | None = None


@dataclass(frozen=True)
class Once:
    """At one instant: a coach's own question. No file says this."""

    at: datetime


When = (
    Once | OnDay | Weekly | Monthly | AtRandom | AroundSession | BetweenSessions | WithoutSession | AfterAnswer
)


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
    only_if: tuple[Condition, ...] = ()
    instead_of: str = ""  # another step of the sequence, which is left out on a day on which both fall due

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
