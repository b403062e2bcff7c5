"""What has to be known of an enrolment to say what falls due for it, and what a falling due is."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from bot.domain.hours import Hours
from bot.domain.schedule import local
from bot.domain.sequence import Step

DAY = timedelta(days=1)
MOMENT = timedelta.resolution
# Quiet hours and holidays carry a step at most this far; beyond it an occurrence is certainly over.
LOOK_BACK = timedelta(days=35)


@dataclass(frozen=True)
class Meeting:
    """A session of the engagement that is not cancelled; instants aware."""

    id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Due:
    """An occurrence: asked from `due_at` (already out of quiet), *not asked* once `until` has passed; UTC.

    `due_at >= until` is possible (it moved beyond its own end): such an occurrence exists, and is not asked.
    """

    step: str
    anchor: str
    due_at: datetime
    until: datetime


@dataclass(frozen=True)
class Trigger:
    """A question of an occurrence was answered `at`; or, as silence, the whole occurrence was missed."""

    step: str
    occurrence: str
    at: datetime
    question: str = ""
    is_silence: bool = False


@dataclass(frozen=True)
class Surroundings:
    """What else bears on when steps fall due. Only sequences whose steps look at it need it filled in.

    `seed` names the leader: what is drawn is fixed by it. `taken` are the instants at which the leader is asked
    something that is not of this sequence, or was. `triggers` are what steps after an answer or a silence hang on.
    """

    seed: str = ""
    taken: Collection[datetime] = ()
    triggers: Collection[Trigger] = ()


@dataclass(frozen=True)
class Facts:
    """Everything together, for one enrolment."""

    steps: tuple[Step, ...]
    joined: datetime
    meetings: tuple[Meeting, ...]  # those the enrolment lives to see, in order
    hours: Hours
    served: Collection[tuple[str, str]]
    after: datetime  # occurrences that were over by then are left out
    around: Surroundings = field(default_factory=Surroundings)
    first_number: int = 1  # of the first of these meetings

    @property
    def joined_on(self) -> date:
        return local(self.joined, self.hours.zone).date()

    @property
    def oldest(self) -> date:
        """The first local date that can still matter."""
        return local(self.after, self.hours.zone).date() - LOOK_BACK

    def was_served(self, step: str, day: date) -> bool:
        return (step, day.isoformat()) in self.served
