"""Three and four months after a promotion: how one's own work went before and since, in the leader's own words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from bot.domain.conditions import month_since
from bot.domain.heard import Said, quoted
from bot.domain.measures import Reading
from bot.domain.schedule import local
from bot.domain.sequence import AfterAnswer, MonthsSincePromotion
from bot.domain.sequence import Sequence as Prompts
from bot.domain.text import Block, Span
from bot.i18n import Say

MEASURE = "own-work"
FIRST_MONTH, LAST_MONTH = 4, 5  # three months have passed when the fourth begins
_SHOWN = 6


@dataclass(frozen=True)
class Checkpoint:
    """`month`: 4 or 5. `before` and `since`: own work in the first three months, and after. `said`: the new words."""

    month: int
    promoted_on: date
    before: tuple[Reading, ...] = ()
    since: tuple[Reading, ...] = ()
    said: tuple[Said, ...] = ()
    latest_at: datetime | None = None  # when the newest of all this was given

    @property
    def refs(self) -> tuple[UUID, ...]:
        """The answers whose words it shows, so that they need not stand a second time."""
        return tuple(ref for one in self.said for ref in one.refs)

    @property
    def is_bare(self) -> bool:
        """Only the month is known: nothing about own work is shared."""
        return not (self.before or self.since or self.said)

    def of_these(self, answers: Collection[UUID]) -> "Checkpoint":
        """With the words of these answers only: what was quoted once is not quoted again."""
        return replace(self, said=tuple(one for one in self.said if one.id in answers))

    def has_news(self, after: datetime) -> bool:
        """Whether anything of it was given after an instant, such as the last digest."""
        return self.latest_at is not None and self.latest_at > after


def is_due(promoted_on: date | None, today: date) -> bool:
    """Whether it is one of the months in which own work tends to fall."""
    return FIRST_MONTH <= month_since(promoted_on, today) <= LAST_MONTH


def checkpoint_steps(sequence: Prompts) -> frozenset[str]:
    """The steps of a sequence that ask about own work in these months, and those that hang on them."""
    asked_then = {
        step.key
        for step in sequence.steps
        if step.theme == MEASURE
        and any(
            isinstance(one, MonthsSincePromotion) and one.first <= LAST_MONTH and one.last >= FIRST_MONTH
            for one in step.only_if
        )
    }
    hanging = {
        step.key for step in sequence.steps if isinstance(step.when, AfterAnswer) and step.when.step in asked_then
    }
    return frozenset(asked_then | hanging)


def parted(
    promoted_on: date, readings: Sequence[Reading], zone: str
) -> tuple[tuple[Reading, ...], tuple[Reading, ...]]:
    """The values of own work in the first three months, and since."""
    is_since = [month_since(promoted_on, local(one.at, zone).date()) >= FIRST_MONTH for one in readings]
    before = tuple(one for one, since in zip(readings, is_since, strict=True) if not since)
    return before, tuple(one for one, since in zip(readings, is_since, strict=True) if since)


def blocks(checkpoint: Checkpoint, say: Say, names: dict[str, str]) -> list[Block]:
    """The month, the numbers before and since, then each of the words with its question and day."""
    head = (
        say("Three months since the promotion")
        if checkpoint.month == FIRST_MONTH
        else say("Four months since the promotion")
    )
    lines = [Span(head, "bold"), Span("\n" + say("One's own work often falls three to four months after a promotion."))]
    if numbers := _numbers(checkpoint, names.get(MEASURE, MEASURE), say):
        lines.append(Span("\n" + numbers))
    return [Block(tuple(lines)), *(quoted(one, say) for one in checkpoint.said)]


def _numbers(checkpoint: Checkpoint, name: str, say: Say) -> str:
    before, since = (
        ", ".join(str(one.value) for one in part[-_SHOWN:]) for part in (checkpoint.before, checkpoint.since)
    )
    if before and since:
        return say(
            "{name}, 0 to 10: {before} in the first three months, {since} since then",
            name=name, before=before, since=since,
        )  # fmt: skip
    if since:
        return say("{name}, 0 to 10: {since} since three months have passed; none from before", name=name, since=since)
    if before:
        return say("{name}, 0 to 10: {before} in the first three months; none since then", name=name, before=before)
    return ""
