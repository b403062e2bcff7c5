"""Steps that hang on sessions: before one, after one, and in between two."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from bot.domain.facts import DAY, LOOK_BACK, Due, Facts, Meeting
from bot.domain.hours import (
    Hours,
    end_of_next_work_day,
    is_work_day,
    last_allowed,
    next_allowed,
    next_work_day,
    previous_work_day,
)
from bot.domain.schedule import first_instant, local, to_instant
from bot.domain.sequence import AroundSession, BetweenSessions


def before_sessions(key: str, when: AroundSession, facts: Facts) -> list[Due]:
    """Sorted anew: with working days, Saturday's session can have its step later than Monday's."""
    found = []
    for meeting in _numbered(facts, when):
        if meeting.starts_at <= facts.after:
            continue
        nominal = _shifted(meeting.starts_at, when, -1, facts.hours)
        if nominal is None:
            continue
        due_at = last_allowed(min(nominal, meeting.starts_at), facts.hours)
        if due_at >= facts.joined:
            found.append(Due(key, str(meeting.id), due_at, meeting.starts_at.astimezone(UTC)))
    return sorted(found, key=lambda due: due.due_at)


def after_sessions(key: str, when: AroundSession, facts: Facts) -> list[Due]:
    found = []
    for meeting in _numbered(facts, when):
        nominal = _shifted(meeting.ends_at, when, 1, facts.hours)
        following = next((other for other in facts.meetings if other.starts_at >= meeting.ends_at), None)
        if nominal is None or (following and _long_over(max(nominal, following.starts_at), facts)):
            continue
        due_at = next_allowed(max(nominal, meeting.ends_at), facts.hours)
        until = following.starts_at if following else end_of_next_work_day(due_at, facts.hours)
        found.append(Due(key, str(meeting.id), due_at, until.astimezone(UTC)))
    return sorted(found, key=lambda due: due.due_at)


def between_sessions(key: str, when: BetweenSessions, facts: Facts) -> Iterator[Due]:
    for number, (earlier, later) in enumerate(pairwise(facts.meetings), start=facts.first_number):
        if not is_in_range(number, when) or later.starts_at <= earlier.ends_at:
            continue
        if _long_over(later.starts_at, facts):
            continue
        within = earlier.ends_at + (later.starts_at - earlier.ends_at) * when.percent / 100
        due_at = _usual_hour(within, facts.hours)
        if not earlier.ends_at < due_at < later.starts_at:  # a short gap: the very instant
            due_at = next_allowed(within, facts.hours)
        yield Due(key, str(earlier.id), due_at, later.starts_at.astimezone(UTC))


def is_in_range(number: int, when: AroundSession | BetweenSessions) -> bool:
    is_its_turn = (number - when.first) % when.every == 0
    return is_its_turn and number >= when.first and (when.last is None or number <= when.last)


def _usual_hour(instant: datetime, hours: Hours) -> datetime:
    """A step with no time of its own: the usual hour of that local day, or on the next one that is worked."""
    day = local(instant, hours.zone).date()
    if not is_work_day(day, hours):
        day = next_work_day(day, hours)
    return next_allowed(first_instant(datetime.combine(day, hours.usual), hours.zone), hours)


def _long_over(end: datetime, facts: Facts) -> bool:
    """Whether something that ends here is certainly over, so that its quiet hours need not be worked out."""
    return end + LOOK_BACK <= facts.after


def _numbered(facts: Facts, when: AroundSession) -> Iterator[Meeting]:
    meetings = enumerate(facts.meetings, start=facts.first_number)
    return (meeting for number, meeting in meetings if is_in_range(number, when))


def _shifted(instant: datetime, when: AroundSession, sign: int, hours: Hours) -> datetime | None:
    """The step's own moment around a session, before quiet hours are looked at; None on a skipped date.

    Hours are elapsed ones; days, of the calendar or worked, keep the wall time, or take `at`.
    """
    if not when.days and not when.work_days and when.at is None:
        return instant.astimezone(UTC) + sign * timedelta(hours=when.hours, minutes=when.minutes)
    wall = local(instant, hours.zone)
    day = _work_days_on(wall.date() + sign * when.days * DAY, sign * when.work_days, hours)
    return to_instant(day, when.at or wall.time(), hours.zone)


def _work_days_on(day: date, amount: int, hours: Hours) -> date:
    step = next_work_day if amount > 0 else previous_work_day
    for _ in range(abs(amount)):
        day = step(day, hours)
    return day
