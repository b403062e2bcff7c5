"""When a step falls due, and what it is asked under, in plain words for whoever decides on a sequence."""

from collections.abc import Sequence
from datetime import time

from bot.domain.sequence import (
    AfterAnswer,
    AnswerIs,
    AroundSession,
    AtRandom,
    BetweenSessions,
    Condition,
    HasFallen,
    HasTag,
    Monthly,
    MonthsSincePromotion,
    Once,
    OnDay,
    Weekly,
    When,
    WithoutSession,
)
from bot.i18n import Say


def due_in_words(when: When, say: Say) -> str:
    """`2 hours after sessions 1 to 6`, `every Friday at 17:30`."""
    match when:
        case Once():
            return say("once")
        case OnDay():
            return _on_day(when, say)
        case Weekly():
            return _weekly(when, say)
        case Monthly():
            return _monthly(when, say)
        case AtRandom():
            return _at_random(when, say)
        case AroundSession():
            return _around(when, say)
        case BetweenSessions():
            return _between(when, say)
        case WithoutSession(days=days, at=at):
            time = _hour(at, say)
            return say.plural(
                "every {n} day while no session is booked, at {time}",
                "every {n} days while no session is booked, at {time}",
                days,
                time=time,
            )
        case AfterAnswer():
            return _after_answer(when, say)


def _hour(at: time | None, say: Say) -> str:
    return say("the usual hour") if at is None else say.clock(at)


def _on_day(when: OnDay, say: Say) -> str:
    time = _hour(when.at, say)
    if when.day == 0:
        return say("on the day of joining, at {time}", time=time)
    return say.plural("{n} day after joining, at {time}", "{n} days after joining, at {time}", when.day, time=time)


def _weekly(when: Weekly, say: Say) -> str:
    named = {"days": _days(when, say), "time": _hour(when.at, say), "n": when.every, "first": when.from_week}
    if when.until_week == when.from_week:
        return say("on {days} of week {first} at {time}", **named)
    if when.every > 1:
        return _within(when, say("every {n} weeks on {days} at {time}", **named), say)
    return _within(when, say("every {days} at {time}", **named), say)


def _at_random(when: AtRandom, say: Say) -> str:
    named = {
        "days": _days(when, say), "start": say.clock(when.start), "end": say.clock(when.end), "n": when.every,
        "first": when.from_week,
    }  # fmt: skip
    if when.until_week == when.from_week:
        return say("on {days} of week {first}, some time from {start} to {end}", **named)
    if when.every > 1:
        return _within(when, say("every {n} weeks on {days}, some time from {start} to {end}", **named), say)
    return _within(when, say("every {days}, some time from {start} to {end}", **named), say)


def _days(when: Weekly | AtRandom, say: Say) -> str:
    return say.list([say.weekday(day) for day in when.days])


def _monthly(when: Monthly, say: Say) -> str:
    time = _hour(when.at, say)
    if when.day == 31:
        return _within(when, say("on the last day of each month at {time}", time=time), say)
    return _within(when, say("on day {day} of each month at {time}", day=when.day, time=time), say)


def _within(when: Weekly | AtRandom | Monthly, rhythm: str, say: Say) -> str:
    """The weeks in which a rhythm holds."""
    if when.until_week is not None:
        return say("{rhythm}, in weeks {first} to {last}", rhythm=rhythm, first=when.from_week, last=when.until_week)
    if when.from_week > 1:
        return say("{rhythm}, from week {first} on", rhythm=rhythm, first=when.from_week)
    return rhythm


def _around(when: AroundSession, say: Say) -> str:
    away, sessions = _away(when, say), _sessions(when, say)
    if when.at is None:
        text = say("{away} before {sessions}") if when.before else say("{away} after {sessions}")
        return text.format(away=away, sessions=sessions)
    text = say("{away} before {sessions}, at {time}") if when.before else say("{away} after {sessions}, at {time}")
    return text.format(away=away, sessions=sessions, time=say.clock(when.at))


def _away(when: AroundSession | AfterAnswer, say: Say) -> str:
    if isinstance(when, AroundSession) and when.work_days:
        return say.plural("{n} working day", "{n} working days", when.work_days)
    if when.days:
        return say.plural("{n} day", "{n} days", when.days)
    return say.plural("{n} hour", "{n} hours", when.hours)


def _between(when: BetweenSessions, say: Say) -> str:
    sessions = _sessions(when, say)
    if when.percent == 50:
        return say("half-way to the next session, after {sessions}", sessions=sessions)
    way = say.percent(when.percent)
    return say("{way} of the way to the next session, after {sessions}", way=way, sessions=sessions)


def _sessions(when: AroundSession | BetweenSessions, say: Say) -> str:
    if when.last == when.first:
        return say("session {first}", first=when.first)
    if when.last is not None:
        return say("sessions {first} to {last}", first=when.first, last=when.last)
    if when.first > 1:
        return say("every session from number {first} on", first=when.first)
    return say("every session")


def _after_answer(when: AfterAnswer, say: Say) -> str:
    what = f"{when.step}.{when.question}" if when.question else when.step
    named = {"away": _away(when, say), "what": what}
    if when.at is None:
        if when.silence:
            return say("{away} after “{what}” closed unanswered", **named)
        return say("{away} after an answer to “{what}”", **named)
    if when.silence:
        return say("{away} after “{what}” closed unanswered, at {time}", time=say.clock(when.at), **named)
    return say("{away} after an answer to “{what}”, at {time}", time=say.clock(when.at), **named)


def conditions_in_words(conditions: Sequence[Condition], say: Say) -> str:
    """`the answer to “sure” is below 4 and “team” has fallen by 2 or more`; they must not be empty."""
    return say.list([_condition(condition, say) for condition in conditions])


def _condition(condition: Condition, say: Say) -> str:
    match condition:
        case AnswerIs():
            return _answer_is(condition, say)
        case HasFallen(measure=measure, by=by):
            return say("“{measure}” is at least {n} below what is usual", measure=measure, n=by)
        case HasTag(kind=kind, tag=tag):
            return say("the card says “{tag}”", tag=f"{kind}: {tag}")
        case MonthsSincePromotion(first=first, last=last) if first == last:
            return say("it is month {first} since promotion", first=first)
        case MonthsSincePromotion(first=first, last=last):
            return say("it is month {first} to {last} since promotion", first=first, last=last)


def _answer_is(condition: AnswerIs, say: Say) -> str:
    question = f"{condition.step}.{condition.question}" if condition.step else condition.question
    if condition.below is not None:
        return say("the answer to “{question}” is below {n}", question=question, n=condition.below)
    if condition.above is not None:
        return say("the answer to “{question}” is above {n}", question=question, n=condition.above)
    options = " / ".join(condition.one_of)
    return say("the answer to “{question}” is “{options}”", question=question, options=options)
