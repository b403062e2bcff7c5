"""Which occurrences of a sequence fall due for one enrolment: its steps around joining, sessions and answers.

Nothing is remembered here. Whoever asks passes the facts as they are now (zone, hours, sessions, what was
served), so a moved session or another time zone needs no repair: what is not yet served falls due elsewhere.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import takewhile

from bot.domain import around, chance, dates
from bot.domain.facts import DAY, MOMENT, Due, Facts, Meeting, Surroundings, Trigger
from bot.domain.hours import Hours, end_of_next_work_day, next_allowed
from bot.domain.schedule import first_instant, local, to_instant
from bot.domain.sequence import (
    AfterAnswer,
    AroundSession,
    AtRandom,
    BetweenSessions,
    Monthly,
    Once,
    OnDay,
    Step,
    Weekly,
    WithoutSession,
)

__all__ = ["Due", "Meeting", "Surroundings", "Trigger", "around_sessions", "has_gone", "next_due", "upcoming"]

_NOTHING_ELSE = Surroundings()


def upcoming(
    steps: Sequence[Step],
    joined: datetime,
    meetings: Collection[Meeting],
    hours: Hours,
    served: Collection[tuple[str, str]],
    surroundings: Surroundings = _NOTHING_ELSE,
    *,
    after: datetime,
    before: datetime,
) -> list[Due]:
    """The occurrences due by `before` (inclusive), neither served nor over by `after`, earliest first.

    A planner passes `before=now` and as `after` any instant by which everything due had been planned, such as
    its last round. An occurrence that fell due earlier but is still alive is found too: a session that was
    booked late or moved forwards has steps whose `due_at` lies in the past, and whether they are still asked
    is the caller's lateness policy (`until`, and how late a prompt may be). What nobody could have known of
    sooner is found even when it was over by `after`: what hangs on an answer or a silence, and a window that a
    flight east closed.

    `served` holds `(step, anchor)` of every occurrence there is, in whatever state. Sessions come in any
    order. At the same instant, steps keep the order of the sequence.
    """
    facts = _facts(steps, joined, meetings, hours, served, surroundings, after)
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
    surroundings: Surroundings = _NOTHING_ELSE,
    *,
    after: datetime,
) -> Due | None:
    """The first occurrence due later than `after` that is not served; None when nothing more is to come."""
    facts = _facts(steps, joined, meetings, hours, served, surroundings, after)
    firsts = (next((due for due in _occurrences(step, facts) if due.due_at > after), None) for step in steps)
    return min((due for due in firsts if due), key=lambda due: due.due_at, default=None)


def around_sessions(
    step: Step, joined: datetime, meetings: Collection[Meeting], hours: Hours
) -> dict[str, Due]:
    """The occurrences of a step around sessions, by anchor, served or not; empty for any other step."""
    if not isinstance(step.when, AroundSession | BetweenSessions):
        return {}
    facts = _facts((step,), joined, meetings, hours, (), _NOTHING_ELSE, joined - MOMENT)
    return {due.anchor: due for due in _around(step.key, step.when, facts)}


def has_gone(
    step: Step, anchor: str, due_at: datetime, meetings: Iterable[Meeting], surroundings: Surroundings = _NOTHING_ELSE
) -> bool:
    """Whether the reason of an occurrence that has not been asked yet is no more: a session was booked after all, or
    the silence was broken."""
    match step.when:
        case WithoutSession():
            return any(meeting.ends_at > due_at for meeting in meetings)
        case AfterAnswer(silence=True):
            return not any(t.is_silence and t.occurrence == anchor for t in surroundings.triggers)
        case _:
            return False


def _facts(
    steps: Sequence[Step],
    joined: datetime,
    meetings: Collection[Meeting],
    hours: Hours,
    served: Collection[tuple[str, str]],
    surroundings: Surroundings,
    after: datetime,
) -> Facts:
    ahead = [meeting for meeting in meetings if meeting.ends_at > joined]
    ordered = sorted(ahead, key=lambda meeting: (meeting.starts_at, meeting.ends_at, meeting.id))
    first_number = len(meetings) - len(ahead) + 1 if _goes_on(steps) else 1
    since = max(after, joined - MOMENT)
    return Facts(tuple(steps), joined, tuple(ordered), hours, served, since, surroundings, first_number)


def _goes_on(steps: Iterable[Step]) -> bool:
    """Whether a sequence goes on with a coaching that has had sessions: "from the seventh on" means the coaching's
    seventh, whenever it was begun. One that speaks of a first session counts from its own beginning."""
    firsts = [step.when.first for step in steps if isinstance(step.when, AroundSession | BetweenSessions)]
    return min(firsts, default=1) > 1


def _occurrences(step: Step, facts: Facts) -> Iterator[Due]:
    """What of a step is neither served nor over, `due_at` never falling; endless for an open-ended one."""
    if _happens_once(step) and any(key == step.key for key, _ in facts.served):
        return
    is_news = isinstance(step.when, AfterAnswer)
    over_by = facts.after - DAY if isinstance(step.when, AtRandom) else facts.after
    for due in _dues(step, facts):
        is_alive = is_news or max(due.due_at, due.until) > over_by
        if is_alive and (step.key, due.anchor) not in facts.served:
            yield due


def _dues(step: Step, facts: Facts) -> Iterable[Due]:
    match step.when:
        case Once(at=at):
            return dates.once(step.key, at, facts)
        case OnDay() as when:
            return dates.on_day(step.key, when, facts)
        case Weekly() as when:
            return dates.weekly(step.key, when, facts)
        case Monthly() as when:
            return dates.monthly(step.key, when, facts)
        case WithoutSession() as when:
            return dates.without_session(step.key, when, facts)
        case AtRandom() as when:
            return chance.at_random(step.key, when, facts, lambda day: _others_on(day, step, facts))
        case AfterAnswer() as when:
            return _after_answers(step.key, when, facts)
        case when:
            return _around(step.key, when, facts)


def _around(key: str, when: AroundSession | BetweenSessions, facts: Facts) -> Iterable[Due]:
    match when:
        case BetweenSessions():
            return around.between_sessions(key, when, facts)
        case AroundSession(before=True):
            return around.before_sessions(key, when, facts)
        case _:
            return around.after_sessions(key, when, facts)


def _happens_once(step: Step) -> bool:
    """Whether a step is asked at most once, whatever it hangs on.

    A cancelled session makes the next one the first, and a flight over the date line moves "day 3" to another
    date: neither is a reason to ask again.
    """
    match step.when:
        case OnDay() | Once():
            return True
        case AroundSession() | BetweenSessions() as when:
            return when.first == when.last
        case _:
            return False


def _after_answers(key: str, when: AfterAnswer, facts: Facts) -> list[Due]:
    """One for each occurrence that was answered, at the earliest answer that counts, or missed."""
    firsts: dict[str, datetime] = {}
    for trigger in facts.around.triggers:
        is_meant = trigger.is_silence == when.silence and when.question in ("", trigger.question)
        if trigger.step == when.step and is_meant:
            firsts[trigger.occurrence] = min(trigger.at, firsts.get(trigger.occurrence, trigger.at))
    found = []
    for occurrence, at in firsts.items():
        if (nominal := _later(at, when, facts.hours.zone)) is not None:
            due_at = next_allowed(max(nominal, at), facts.hours)
            found.append(Due(key, occurrence, due_at, end_of_next_work_day(due_at, facts.hours)))
    return sorted(found, key=lambda due: due.due_at)


def _later(at: datetime, when: AfterAnswer, zone: str) -> datetime | None:
    if not when.days and when.at is None:
        return at + timedelta(hours=when.hours)
    wall = local(at, zone)
    return to_instant(wall.date() + when.days * DAY, when.at or wall.time(), zone)


def _others_on(day: date, step: Step, facts: Facts) -> Iterator[datetime]:
    """When other steps fall due on a date, served or not: those without chance, and those with chance before `step`."""
    start, end = (first_instant(datetime.combine(d, time.min), facts.hours.zone) for d in (day, day + DAY))
    place = facts.steps.index(step)
    since = replace(facts, after=start - MOMENT)
    for number, other in enumerate(facts.steps):
        if number != place and (number < place or not isinstance(other.when, AtRandom)):
            for due in takewhile(lambda due: due.due_at < end, _dues(other, since)):
                if start <= due.due_at < due.until:
                    yield due.due_at
