"""Steps that hang on a local date: a day after joining, weekdays, days of the month, days without a session."""

import calendar
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time

from bot.domain.facts import DAY, Due, Facts
from bot.domain.hours import end_of_next_work_day, next_allowed
from bot.domain.schedule import local, to_instant
from bot.domain.sequence import AtRandom, Monthly, OnDay, Weekly, WithoutSession


def once(key: str, at: datetime, facts: Facts) -> Iterator[Due]:
    due_at = next_allowed(at, facts.hours)
    yield Due(key, "once", due_at, end_of_next_work_day(due_at, facts.hours))


def on_day(key: str, when: OnDay, facts: Facts) -> Iterator[Due]:
    day = facts.joined_on + when.day * DAY
    if due := _on_date(key, day, when.at or facts.hours.usual, facts):
        yield due


def weekly(key: str, when: Weekly, facts: Facts) -> Iterator[Due]:
    return _on_dates(key, days_of_weeks(key, when, facts), when.at, facts)


def monthly(key: str, when: Monthly, facts: Facts) -> Iterator[Due]:
    return _on_dates(key, _days_of_months(when, facts), when.at, facts)


def without_session(key: str, when: WithoutSession, facts: Facts) -> Iterator[Due]:
    return _on_dates(key, _days_without(key, when, facts), when.at, facts)


def days_of_weeks(key: str, when: Weekly | AtRandom, facts: Facts) -> Iterator[date]:
    """The local dates of a weekly step, from where they can still matter, in order.

    Whoever flies over the date line may seem to have joined on another day, and so be in another week. Where only
    every n-th week counts, a weekday that was served fewer than n weeks ago is passed over.
    """
    first, past = _span(when, facts)
    day = max(first, facts.oldest)
    while when.days and (past is None or day < past):
        is_its_week = (day - first).days // 7 % when.every == 0
        too_soon = any(facts.was_served(key, day - weeks * 7 * DAY) for weeks in range(1, when.every))
        if day.weekday() in when.days and is_its_week and not too_soon:
            yield day
        day += DAY


def _days_of_months(when: Monthly, facts: Facts) -> Iterator[date]:
    first, past = _span(when, facts)
    month = max(first, facts.oldest).replace(day=1)
    while past is None or month < past:
        last = calendar.monthrange(month.year, month.month)[1]
        day = month.replace(day=min(when.day, last))
        is_its_month = ((day.year - first.year) * 12 + day.month - first.month) % when.every == 0
        if first <= day and (past is None or day < past) and is_its_month:
            yield day
        month = month.replace(day=last) + DAY


def _span(when: Weekly | Monthly | AtRandom, facts: Facts) -> tuple[date, date | None]:
    """The first date of `from_week`, and the first one after `until_week`."""
    first = facts.joined_on + (when.from_week - 1) * 7 * DAY
    return first, None if when.until_week is None else facts.joined_on + when.until_week * 7 * DAY


def _days_without(key: str, when: WithoutSession, facts: Facts) -> Iterator[date]:
    """Every n-th day after the last session there is, be it held or booked, or after joining.

    A flight can make that session's date another one; the date next to one that was served is the same turn.
    """
    ended = max((meeting.ends_at for meeting in facts.meetings), default=facts.joined)
    day = local(ended, facts.hours.zone).date() + when.days * DAY
    day += max(0, -((day - facts.oldest).days // when.days)) * when.days * DAY
    while True:
        is_same_turn = when.days > 1 and (facts.was_served(key, day - DAY) or facts.was_served(key, day + DAY))
        if not is_same_turn:
            yield day
        day += when.days * DAY


def _on_dates(key: str, days: Iterable[date], at: time | None, facts: Facts) -> Iterator[Due]:
    """One occurrence a date, over when the next one begins."""
    coming = iter(days)
    day = next(coming, None)
    while day is not None:
        following = next(coming, None)
        if due := _on_date(key, day, at or facts.hours.usual, facts, following):
            yield due
        day = following


def _on_date(key: str, day: date, at: time, facts: Facts, following: date | None = None) -> Due | None:
    """The occurrence of a local date; none if that moment was before joining or the zone skipped the date."""
    nominal = to_instant(day, at, facts.hours.zone)
    if nominal is None or nominal < facts.joined:
        return None
    due_at = next_allowed(nominal, facts.hours)
    until = end_of_next_work_day(due_at, facts.hours)
    if following and (next_nominal := to_instant(following, at, facts.hours.zone)):
        until = min(until, next_nominal)
    return Due(key, day.isoformat(), due_at, until)

