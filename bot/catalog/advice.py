"""What may be better in a sequence that can be used: long texts, many questions, too full a week."""

from collections import Counter
from collections.abc import Iterator

from bot.domain.sequence import AroundSession, BetweenSessions, OnDay, Question, Sequence, Step, Weekly, When
from bot.i18n import Say

LONGEST_TEXT = 240
MOST_QUESTIONS = 3
MOST_A_DAY, MOST_A_WEEK = 3, 5

_WEEKS = 26
_SESSION_DAY, _SESSION_HOUR = 2, 10  # for counting: joined on a Monday, sessions on Wednesdays at ten


def warnings(sequence: Sequence, say: Say) -> list[str]:
    """A sentence for each thing an author may want to change."""
    found = [warning for step in sequence.steps for warning in _of_a_step(step, say)]
    return found + _of_the_rhythm(sequence, say)


def _of_a_step(step: Step, say: Say) -> Iterator[str]:
    if len(step.questions) > MOST_QUESTIONS:
        yield say(
            "Step {step} asks {n} questions; more than {most} are answered less.",
            step=step.key,
            n=len(step.questions),
            most=MOST_QUESTIONS,
        )
    for question in step.questions:
        yield from _of_a_text(step, question, say)


def _of_a_text(step: Step, question: Question, say: Say) -> Iterator[str]:
    named = {"en": say("English"), "fr": say("French")}
    for language, text in question.ask.items():
        if len(text) > LONGEST_TEXT:
            yield say(
                "Step {step}, question {question}: the {language} text has {n} characters, "
                "up to {most} read well on a phone.",
                step=step.key,
                question=question.key,
                language=named[language],
                n=len(text),
                most=LONGEST_TEXT,
            )


def _of_the_rhythm(sequence: Sequence, say: Say) -> list[str]:
    """Too much on one day or in one week, were there a session every week."""
    days = Counter(day for step in sequence.steps for day in falls_on(step.when))
    weeks = Counter(day // 7 for day in days.elements())
    found = []
    if days and max(days.values()) > MOST_A_DAY:
        fullest = max(days, key=lambda day: (days[day], -day))
        found.append(
            say(
                "With a session every week {n} prompts fall on day {day}; more than {most} is too much.",
                n=days[fullest],
                day=fullest,
                most=MOST_A_DAY,
            )
        )
    if weeks and max(weeks.values()) > MOST_A_WEEK:
        fullest = max(weeks, key=lambda week: (weeks[week], -week))
        found.append(
            say(
                "With a session every week {n} prompts fall in week {week}; more than {most} is too much.",
                n=weeks[fullest],
                week=fullest + 1,
                most=MOST_A_WEEK,
            )
        )
    return found


def falls_on(when: When) -> list[int]:
    """The days since joining on which it falls due in half a year of weekly sessions."""
    match when:
        case OnDay(day=day):
            found = [day]
        case Weekly(days=days, from_week=first, until_week=last):
            found = [7 * (week - 1) + day for week in range(first, (last or _WEEKS) + 1) for day in days]
        case AroundSession(before=before, hours=hours, days=days, first=first, last=last):
            hours, days = (-hours, -days) if before else (hours, days)
            away = days + (_SESSION_HOUR + hours) // 24
            found = [session + away for session in _sessions(first, last)]
        case BetweenSessions(first=first, last=last):
            found = [session + 3 for session in _sessions(first, last)]
    return [day for day in found if 0 <= day < 7 * _WEEKS]


def _sessions(first: int, last: int | None) -> Iterator[int]:
    """The day of each of these sessions."""
    for ordinal in range(first, min(last or _WEEKS, _WEEKS) + 1):
        yield 7 * (ordinal - 1) + _SESSION_DAY
