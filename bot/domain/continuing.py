"""How an engagement goes on: when to see whether a next session is planned, and what to ask its coach if none is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.hours import Hours, next_allowed, same_time_next_work_day, work_hours_later
from bot.domain.schedule import local, to_instant

SOON = timedelta(hours=1)  # of the coach's own time: the next one is often planned before parting
DAYS_TO_BEGIN = 3
"""Work days of the coach's between joining and the question whether a first session is planned."""
WITHOUT = timedelta(weeks=2)
"""So long an open-ended engagement may be without a session."""
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Course:
    """Where an engagement stands: sessions held, how many were agreed, whether one is planned."""

    held: int
    agreed: int
    is_open_ended: bool
    has_next: bool


def question(course: Course) -> str | None:
    """What the coach is asked: how to go on after the agreed sessions, whether to plan a next one, or nothing."""
    if course.has_next:
        return None
    return "how" if course.held >= course.agreed and not course.is_open_ended else "next"


def look_at(now: datetime, hours: Hours, *, is_open_ended: bool) -> datetime:
    """When to see whether a next session is planned, after one was held or cancelled; in the coach's hours."""
    return next_allowed(now + WITHOUT, hours) if is_open_ended else work_hours_later(now, hours, SOON)


def look_after_joining(now: datetime, hours: Hours) -> datetime:
    """When to see whether the first session is planned."""
    at = now
    for _ in range(DAYS_TO_BEGIN):
        at = same_time_next_work_day(at, hours)
    return next_allowed(at, hours)


def same_time(last: datetime, zone: str, now: datetime, count: int) -> list[datetime]:
    """The next `count` instants at the weekday and time of `last` on the coach's clock, a week apart."""
    wall, found, week = local(last, zone), list[datetime](), 0
    while len(found) < count:
        week += 1
        at = to_instant(wall.date() + week * _WEEK, wall.time(), zone)
        if at is not None and at > now:
            found.append(at)
    return found
