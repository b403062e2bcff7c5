"""How the parts of a running process get on: counted where they work, read by health, metrics and the watchdog."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LOOK, FETCH, SEND = "look", "fetch", "send"
_OUTAGE = timedelta(seconds=30)


@dataclass
class Rounds:
    """A part goes round: it looks, fetches, hands out. `at`: when a round last ended well."""

    done: int = 0
    failed: int = 0
    at: datetime | None = None

    @property
    def ended(self) -> int:
        """Whether a part gets round at all shows in failures as well: a database that is away is no reason to die."""
        return self.done + self.failed


@dataclass(frozen=True)
class Unheard:
    """Calls that Telegram did not take, one after the other: since when, the latest, and why."""

    since: datetime
    latest: datetime
    reason: str


@dataclass
class Vitals:
    """`expected`: the parts that are this process's right now. `skew`: seconds by which our clock is ahead of Telegram's."""

    rounds: dict[str, Rounds] = field(default_factory=lambda: defaultdict(Rounds))
    expected: dict[str, Callable[[], bool]] = field(default_factory=dict)
    skew: float | None = None
    unheard: Unheard | None = None
    undelivered: str | None = None  # why the webhook brings nothing, in Telegram's words
    _ours: dict[str, datetime] = field(default_factory=dict)

    def expect(self, now: datetime, parts: dict[str, Callable[[], bool]]) -> None:
        """From now on; a first round may take a while."""
        self.expected = parts
        self._ours = {part: now for part, is_ours in parts.items() if is_ours()}

    def ours(self, now: datetime) -> dict[str, datetime]:
        """The parts that are this process's, and since when: one that was just taken over has done nothing yet."""
        ours = {part for part, is_ours in self.expected.items() if is_ours()}
        self._ours = {part: self._ours.get(part, now) for part in self.expected if part in ours}
        return self._ours

    def done(self, part: str, now: datetime) -> None:
        rounds = self.rounds[part]
        rounds.done, rounds.at = rounds.done + 1, now

    def failed(self, part: str) -> None:
        self.rounds[part].failed += 1

    def was_not_sent(self, now: datetime, reason: str) -> None:
        """A message that is put back is due later, and nobody would see for how long it has been due."""
        self.unheard = Unheard(self.unheard.since if self.unheard else now, now, reason)

    def got_through(self) -> bool:
        """Whether nothing had for a while."""
        was_away = self.unheard is not None and self.unheard.latest - self.unheard.since >= _OUTAGE
        self.unheard = None
        return was_away
