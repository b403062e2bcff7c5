"""What was asked and not answered, and what the schedule had to do with it: facts about its hours, never about a person."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.hours import Hours, is_quiet, is_work_day
from bot.domain.schedule import local
from bot.domain.text import Block, Span, bold, plain
from bot.i18n import Say

_SHOWN, _REASONS = 6, 2
_CROWDED = 4  # so many within a week: one more than there should be
_WEEK, _LONG, _SHORT = timedelta(days=7), timedelta(hours=1), timedelta(hours=12)
_NEAR_THE_END = timedelta(hours=1)
_PUT = ("asked", "answered", "missed", "skipped")
HELD = "held"  # its sequence was paused by the coach
_CROWDED_OUT = ("no room", "another was open")
_DESIGNED = ("condition", "ended", HELD)  # nobody was meant to be asked


@dataclass(frozen=True)
class Prompt:
    """A step that fell due, with the short label of what it asks; `asked_at` is None when it never was.

    `may_tell`: why it waited could give away an answer that is not shared in words.
    """

    label: str
    due_at: datetime
    asked_at: datetime | None
    closes_at: datetime | None
    state: str
    reason: str | None = None
    may_tell: bool = False

    @property
    def was_paused(self) -> bool:
        """A pause began while it was open."""
        return self.state == "not_asked" and self.reason == "paused" and self.asked_at is not None

    @property
    def is_silent(self) -> bool:
        """It was put to the leader, and nothing has been said to it."""
        return self.was_put and self.state != "answered"

    def came_after(self, instant: datetime) -> bool:
        was_open = self.state == "missed" and self.closes_at is not None and self.closes_at > instant
        return was_open or (self.asked_at or self.due_at) > instant

    @property
    def was_put(self) -> bool:
        """It reached the leader."""
        return self.asked_at is not None and (self.state in _PUT or self.was_paused)


@dataclass(frozen=True)
class Silences:
    """The prompts of a span, oldest first, with the leader's own hours and the days of sessions on their calendar."""

    prompts: tuple[Prompt, ...]
    hours: Hours
    session_days: frozenset[date] = frozenset()
    since: datetime | None = None  # what is older only says how crowded the days were

    @property
    def new(self) -> list[Prompt]:
        """Those of the span, and those that were open when it began and have gone by."""
        return [one for one in self.prompts if self.since is None or one.came_after(self.since)]


def blocks(silences: Silences, zone: str, say: Say, counted: str) -> list[Block]:
    """Each prompt without an answer, by its day in the reader's `zone`; then how many were never asked, and why.

    `counted`: the line that says how many were asked and answered.
    """
    silent = [prompt for prompt in silences.new if prompt.is_silent]
    lines = [_line(prompt, silences, zone, say) for prompt in silent[-_SHOWN:]]
    if earlier := len(silent) - len(lines):
        lines.insert(0, plain("\n" + say.plural("{n} earlier one", "{n} earlier ones", earlier)))
    lines += [plain("\n" + sentence) for sentence in _never_asked(silences.new, say)]
    if not lines:
        return [plain(counted)] if counted else []
    head = bold(say("Asked and not answered") if silent else say("What was asked"))
    return [sum(lines, head + plain("\n" + counted) if counted else head)]


def _line(prompt: Prompt, silences: Silences, zone: str, say: Say) -> Block:
    assert prompt.asked_at is not None
    head = f"{say.short_day(local(prompt.asked_at, zone).date())} · {prompt.label}"
    why = " ".join(reasons(prompt, silences, say))
    return plain("\n• " + head) + (Block((Span("\n" + why, "italic"),)) if why else Block(()))


def reasons(prompt: Prompt, silences: Silences, say: Say) -> list[str]:
    """What became of a prompt, and up to two facts about when it came."""
    if prompt.state == "asked":
        return [say("It is still open.")]
    outcome = [say("They skipped it.")] if prompt.state == "skipped" else []
    facts = (_pause, _wait, _short, _session, _crowd, _end_of_day, _days_off)
    found = (fact(prompt, silences, say) for fact in facts)
    return [*outcome, *[sentence for sentence in found if sentence][:_REASONS]]


def _pause(prompt: Prompt, _: Silences, say: Say) -> str:
    return say("A pause began while it was open.") if prompt.was_paused else ""


def _wait(prompt: Prompt, _: Silences, say: Say) -> str:
    assert prompt.asked_at is not None
    waited = prompt.asked_at - prompt.due_at
    if prompt.may_tell or waited < _LONG:
        return ""
    hours = round(waited / _LONG)
    return say.plural("It came {n} hour later than planned.", "It came {n} hours later than planned.", hours)


def _short(prompt: Prompt, _: Silences, say: Say) -> str:
    """Before a session, say, or late on the day before it."""
    assert prompt.asked_at is not None
    if prompt.state != "missed" or prompt.closes_at is None or prompt.closes_at - prompt.asked_at >= _SHORT:
        return ""
    hours = max(round((prompt.closes_at - prompt.asked_at) / _LONG), 1)
    return say.plural("It was open for {n} hour only.", "It was open for {n} hours only.", hours)


def _session(prompt: Prompt, silences: Silences, say: Say) -> str:
    return say("It came on the day of a session.") if _day(prompt, silences) in silences.session_days else ""


def _crowd(prompt: Prompt, silences: Silences, say: Say) -> str:
    at = prompt.asked_at
    assert at is not None
    lately = [one for one in silences.prompts if one.was_put and one.asked_at and at - _WEEK < one.asked_at <= at]
    return say("With it, {n} questions had come within seven days.", n=len(lately)) if len(lately) >= _CROWDED else ""


def _end_of_day(prompt: Prompt, silences: Silences, say: Say) -> str:
    assert prompt.asked_at is not None
    if not is_quiet(prompt.asked_at + _NEAR_THE_END, silences.hours):
        return ""
    at = say.clock(local(prompt.asked_at, silences.hours.zone).time())
    return say("It came at {time}, near the end of their day.", time=at)


def _days_off(prompt: Prompt, silences: Silences, say: Say) -> str:
    tomorrow = _day(prompt, silences) + timedelta(days=1)
    return "" if is_work_day(tomorrow, silences.hours) else say("It came just before days off.")


def _day(prompt: Prompt, silences: Silences) -> date:
    assert prompt.asked_at is not None
    return local(prompt.asked_at, silences.hours.zone).date()


_Plural = Callable[[Say, int], str]
_NEVER: dict[str, _Plural] = {
    "paused": lambda say, n: say.plural(
        "{n} question was left out: there was a pause.", "{n} questions were left out: there was a pause.", n
    ),
    "no room": lambda say, n: say.plural(
        "{n} question found no room in their hours.", "{n} questions found no room in their hours.", n
    ),
    "another was open": lambda say, n: say.plural(
        "{n} question was not asked: another one was open.", "{n} questions were not asked: another one was open.", n
    ),
    "unreachable": lambda say, n: say.plural(
        "{n} question was not asked: they could not be reached.",
        "{n} questions were not asked: they could not be reached.", n,
    ),
    "": lambda say, n: say.plural(
        "{n} question could not go out in time.", "{n} questions could not go out in time.", n
    ),
}  # fmt: skip


def _never_asked(prompts: Sequence[Prompt], say: Say) -> list[str]:
    """How many never reached the leader, for each reason; not those that were not meant to."""
    kinds = Counter(
        _why_never(prompt)
        for prompt in prompts
        if prompt.state in ("not_asked", "expired") and not prompt.was_paused and prompt.reason not in _DESIGNED
    )
    return [sentence(say, kinds[kind]) for kind, sentence in _NEVER.items() if kinds[kind]]


def _why_never(prompt: Prompt) -> str:
    is_named = prompt.reason == "unreachable" or (prompt.state != "expired" and prompt.reason in _NEVER)
    if not is_named or (prompt.may_tell and prompt.reason in _CROWDED_OUT):
        return ""
    return prompt.reason or ""
