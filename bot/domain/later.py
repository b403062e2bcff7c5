"""Where a prompt may be moved to when somebody says "later": in an hour, this evening, tomorrow morning."""

from datetime import datetime, time, timedelta

from bot.domain.hours import Hours, is_quiet, next_work_day
from bot.domain.schedule import first_instant, local

HOUR, EVENING, MORNING = "hour", "evening", "morning"
_LATEST_EVENING = time(20)
_APART = timedelta(minutes=30)


def choices(now: datetime, hours: Hours) -> list[tuple[str, datetime]]:
    """The moments there are room for in the person's own hours, at least half an hour apart, in order.

    The evening is eight o'clock, or half an hour before their day ends; the morning is that of their next work day.
    """
    today = local(now, hours.zone).date()
    opens = datetime.combine(next_work_day(today, hours), hours.start)
    wanted = [
        (HOUR, now + timedelta(hours=1)),
        (EVENING, first_instant(datetime.combine(today, _evening(hours)), hours.zone)),
        (MORNING, first_instant(opens, hours.zone)),
    ]
    found: list[tuple[str, datetime]] = []
    for key, at in wanted:
        if at - now >= _APART and not is_quiet(at, hours) and all(at - other >= _APART for _, other in found):
            found.append((key, at))
    return found


def _evening(hours: Hours) -> time:
    latest = (hours.end.hour * 60 + hours.end.minute - 30) % 1440
    if hours.end <= hours.start or latest >= _LATEST_EVENING.hour * 60:
        return _LATEST_EVENING
    return time(latest // 60, latest % 60)
