"""Why a leader is asked something just then, in the leader's words. What the coach supposes about them is not told."""

from datetime import date

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
from bot.i18n import Say


def why_in_words(step: Step, session_on: date | None, say: Say) -> str:
    """`2 days before your session on Thursday 8 October`; with a condition, that it may be left out."""
    reason = _reason(step, session_on, say)
    is_conditional = bool(step.only_if) or all(question.only_if for question in step.questions)
    return say("{reason}, if it fits then", reason=reason) if is_conditional else reason


def _reason(step: Step, session_on: date | None, say: Say) -> str:
    match step.when:
        case Once():
            return say("at a time your coach chose")
        case AroundSession() as when:
            return _around(when, session_on, say)
        case BetweenSessions():
            return say("between two sessions")
        case OnDay(day=day):
            return say.plural("{n} day after you joined", "{n} days after you joined", day) if day else say("as you begin")
        case Weekly() as when:
            return _weekly(when, say)
        case Monthly(every=every):
            return say("once a month") if every == 1 else say("every {n} months", n=every)
        case AtRandom():
            return say("at a random time of that day")
        case WithoutSession():
            return say("while no session is booked")
        case AfterAnswer(silence=silence):
            return _after(say, is_silence=silence)


def _after(say: Say, *, is_silence: bool) -> str:
    if is_silence:
        return say("because an earlier question went unanswered")
    return say("following up on an answer of yours")


def _weekly(when: Weekly, say: Say) -> str:
    if when.until_week == when.from_week:
        return say("in week {n} since these questions began", n=when.from_week)
    days = say.list([say.weekday(day) for day in when.days])
    if when.every == 1:
        return say("every {days}", days=days)
    return say("every {n} weeks, on {days}", n=when.every, days=days)


def _around(when: AroundSession, session_on: date | None, say: Say) -> str:
    if session_on is None:
        return say("around a session")
    day = say.day(session_on)
    if when.before:
        if when.work_days:
            return say.plural(
                "{n} working day before your session on {day}", "{n} working days before your session on {day}",
                when.work_days, day=day,
            )  # fmt: skip
        if when.days:
            return say.plural(
                "{n} day before your session on {day}", "{n} days before your session on {day}", when.days, day=day
            )
        return say("before your session on {day}", day=day)
    if when.work_days:
        return say.plural(
            "{n} working day after your session on {day}", "{n} working days after your session on {day}",
            when.work_days, day=day,
        )  # fmt: skip
    if when.days:
        return say.plural(
            "{n} day after your session on {day}", "{n} days after your session on {day}", when.days, day=day
        )
    return say("after your session on {day}", day=day)
