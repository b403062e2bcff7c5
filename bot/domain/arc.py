"""Which occurrences of a sequence fall due for one enrolment: its steps around joining and the sessions.

Nothing is remembered here. Whoever asks passes the facts as they are now (zone, hours, sessions, what was
served), so a moved session or another time zone needs no repair: what is not yet served falls due elsewhere.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, takewhile
from uuid import UUID

from bot.domain.hours import Hours, end_of_next_work_day, is_work_day, last_allowed, next_allowed, next_work_day
from bot.domain.schedule import first_instant, local, to_instant
from bot.domain.sequence import AroundSession, BetweenSessions, OnDay, Step, Weekly

_DAY = timedelta(days=1)
# Quiet hours and holidays carry a step at most this far; beyond it an occurrence is certainly over.
_LOOK_BACK = timedelta(days=35)
_MOMENT = timedelta.resolution


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
class _Facts:
    joined: datetime
    meetings: tuple[Meeting, ...]  # those the enrolment counts, in order: the first is number 1
    hours: Hours
    served: Collection[tuple[str, str]]
    after: datetime  # occurrences that were over by then are left out


def upcoming(
    steps: Sequence[Step],
    joined: datetime,
    meetings: Collection[Meeting],
    hours: Hours,
    served: Collection[tuple[str, str]],
    *,
    after: datetime,
    before: datetime,
) -> list[Due]:
    """The occurrences due by `before` (inclusive), neither served nor over by `after`, earliest first.

    A planner passes `before=now` and as `after` any instant by which everything due had been planned, such as
    its last round. An occurrence that fell due earlier but is still alive is found too: a session that was
    booked late or moved forwards has steps whose `due_at` lies in the past, and whether they are still asked
    is the caller's lateness policy (`until`, and how late a prompt may be).

    `served` holds `(step, anchor)` of every occurrence there is, in whatever state. Sessions come in any
    order. At the same instant, steps keep the order of the sequence.
    """
    facts = _facts(joined, meetings, hours, served, after)
    found: list[Due] = []
    for step in steps:
        found += takewhile(lambda due: due.due_at <= before, _occurrences(step, facts))
    return sorted(found, key=lambda due: due.due_at)


def next_due(
    steps: Sequence[Step],
    joined: datetime,
    meetings: Collection[Meeting],
    hours: Hours,
    served: Collection[tuple[str, str]],
    *,
    after: datetime,
) -> Due | None:
    """The first occurrence due later than `after` that is not served; None when nothing more is to come."""
    facts = _facts(joined, meetings, hours, served, after)
    firsts = (next((due for due in _occurrences(step, facts) if due.due_at > after), None) for step in steps)
    return min((due for due in firsts if due), key=lambda due: due.due_at, default=None)


def _facts(
    joined: datetime,
    meetings: Collection[Meeting],
    hours: Hours,
    served: Collection[tuple[str, str]],
    after: datetime,
) -> _Facts:
    counted = (meeting for meeting in meetings if meeting.ends_at > joined)
    ordered = sorted(counted, key=lambda meeting: (meeting.starts_at, meeting.ends_at, meeting.id))
    return _Facts(joined, tuple(ordered), hours, served, max(after, joined - _MOMENT))


def _occurrences(step: Step, facts: _Facts) -> Iterator[Due]:
    """What of a step is neither served nor over, `due_at` never falling; endless for an open-ended one."""
    if _happens_once(step) and any(key == step.key for key, _ in facts.served):
        return
    for due in _dues(step, facts):
        if (step.key, due.anchor) not in facts.served and max(due.due_at, due.until) > facts.after:
            yield due


def _dues(step: Step, facts: _Facts) -> Iterator[Due]:
    match step.when:
        case OnDay() as when:
            return _on_day(step.key, when, facts)
        case Weekly() as when:
            return _weekly(step.key, when, facts)
        case AroundSession(before=True) as when:
            return _before_sessions(step.key, when, facts)
        case AroundSession() as when:
            return _after_sessions(step.key, when, facts)
        case when:
            return _between_sessions(step.key, when, facts)


def _happens_once(step: Step) -> bool:
    """Whether a step is asked at most once, whatever it hangs on.

    A cancelled session makes the next one the first, and a flight over the date line moves "day 3" to another
    date: neither is a reason to ask again.
    """
    match step.when:
        case OnDay():
            return True
        case Weekly():
            return False
        case when:
            return when.first == when.last


def _on_day(key: str, when: OnDay, facts: _Facts) -> Iterator[Due]:
    day = _joined_on(facts) + when.day * _DAY
    if due := _on_date(key, day, when.at or facts.hours.usual, facts):
        yield due


def _weekly(key: str, when: Weekly, facts: _Facts) -> Iterator[Due]:
    anchors = _weekly_days(when, facts)
    day = next(anchors, None)
    while day is not None:
        following = next(anchors, None)
        if due := _on_date(key, day, when.at or facts.hours.usual, facts, following):
            yield due
        day = following


def _weekly_days(when: Weekly, facts: _Facts) -> Iterator[date]:
    """The local dates of a weekly step, from where they can still matter, in order."""
    joined_on = _joined_on(facts)
    first = joined_on + (when.from_week - 1) * 7 * _DAY
    past = None if when.until_week is None else joined_on + when.until_week * 7 * _DAY
    day = max(first, local(facts.after, facts.hours.zone).date() - _LOOK_BACK)
    while when.days and (past is None or day < past):
        if day.weekday() in when.days:
            yield day
        day += _DAY


def _on_date(key: str, day: date, at: time, facts: _Facts, following: date | None = None) -> Due | None:
    """The occurrence of a local date; none if that moment was before joining or the zone skipped the date."""
    nominal = to_instant(day, at, facts.hours.zone)
    if nominal is None or nominal < facts.joined:
        return None
    due_at = next_allowed(nominal, facts.hours)
    until = end_of_next_work_day(due_at, facts.hours)
    if following and (next_nominal := to_instant(following, at, facts.hours.zone)):
        until = min(until, next_nominal)
    return Due(key, day.isoformat(), due_at, until)


def _before_sessions(key: str, when: AroundSession, facts: _Facts) -> Iterator[Due]:
    for meeting in _numbered(facts.meetings, when):
        if meeting.starts_at <= facts.after:
            continue
        nominal = _shifted(meeting.starts_at, when, -1, facts.hours.zone)
        if nominal is None:
            continue
        due_at = last_allowed(min(nominal, meeting.starts_at), facts.hours)
        if due_at >= facts.joined:
            yield Due(key, str(meeting.id), due_at, meeting.starts_at.astimezone(UTC))


def _after_sessions(key: str, when: AroundSession, facts: _Facts) -> Iterator[Due]:
    for meeting in sorted(_numbered(facts.meetings, when), key=lambda meeting: meeting.ends_at):
        nominal = _shifted(meeting.ends_at, when, 1, facts.hours.zone)
        following = next((other for other in facts.meetings if other.starts_at >= meeting.ends_at), None)
        if nominal is None or (following and _long_over(max(nominal, following.starts_at), facts)):
            continue
        due_at = next_allowed(max(nominal, meeting.ends_at), facts.hours)
        until = following.starts_at if following else end_of_next_work_day(due_at, facts.hours)
        yield Due(key, str(meeting.id), due_at, until.astimezone(UTC))


def _between_sessions(key: str, when: BetweenSessions, facts: _Facts) -> Iterator[Due]:
    for number, (earlier, later) in enumerate(pairwise(facts.meetings), start=1):
        if not _in_range(number, when) or later.starts_at <= earlier.ends_at:
            continue
        if _long_over(later.starts_at, facts):
            continue
        middle = earlier.ends_at + (later.starts_at - earlier.ends_at) / 2
        due_at = _late_afternoon(middle, facts.hours)
        if not earlier.ends_at < due_at < later.starts_at:  # a short gap: its very middle
            due_at = next_allowed(middle, facts.hours)
        yield Due(key, str(earlier.id), due_at, later.starts_at.astimezone(UTC))


def _late_afternoon(instant: datetime, hours: Hours) -> datetime:
    """A step with no time of its own: the usual hour of that local day, or on the next one that is worked."""
    day = local(instant, hours.zone).date()
    if not is_work_day(day, hours):
        day = next_work_day(day, hours)
    return next_allowed(first_instant(datetime.combine(day, hours.usual), hours.zone), hours)


def _long_over(end: datetime, facts: _Facts) -> bool:
    """Whether something that ends here is certainly over, so that its quiet hours need not be worked out."""
    return end + _LOOK_BACK <= facts.after


def _numbered(meetings: Sequence[Meeting], when: AroundSession) -> Iterator[Meeting]:
    return (meeting for number, meeting in enumerate(meetings, start=1) if _in_range(number, when))


def _in_range(number: int, when: AroundSession | BetweenSessions) -> bool:
    return number >= when.first and (when.last is None or number <= when.last)


def _shifted(instant: datetime, when: AroundSession, sign: int, zone: str) -> datetime | None:
    """The step's own moment around a session, before quiet hours are looked at; None on a skipped date.

    Hours are elapsed ones; days are of the calendar and keep the wall time, or take `at`.
    """
    if not when.days and when.at is None:
        return instant.astimezone(UTC) + sign * timedelta(hours=when.hours)
    wall = local(instant, zone)
    return to_instant(wall.date() + sign * when.days * _DAY, when.at or wall.time(), zone)


def _joined_on(facts: _Facts) -> date:
    return local(facts.joined, facts.hours.zone).date()
