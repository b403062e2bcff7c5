"""What may be better in a sequence that can be used: long texts, many questions, too full a week."""

from collections import Counter
from collections.abc import Iterable, Iterator

from bot.catalog.paths import most_asked
from bot.catalog.rhythm import by_week, days_of
from bot.domain.sequence import Question, Sequence, Step
from bot.i18n import Say

LONGEST_TEXT = 240
MOST_QUESTIONS = 3
MOST_A_DAY, MOST_A_WEEK = 3, 5


def warnings(sequence: Sequence, say: Say) -> list[str]:
    """A sentence for each thing an author may want to change."""
    found = [warning for step in sequence.steps for warning in _of_a_step(step, sequence, say)]
    return found + _of_the_rhythm(days_of(sequence), say)


def together(followed: Iterable[tuple[Sequence, int]], say: Say) -> list[str]:
    """What several sequences of one leader come to: each with the days since it was joined (0: today)."""
    days: Counter[int] = Counter()
    for sequence, ago in followed:
        days.update(days_of(sequence, -ago))
    return _of_the_rhythm(days, say)


def _of_a_step(step: Step, sequence: Sequence, say: Say) -> Iterator[str]:
    asked = most_asked(step, sequence)
    if asked > MOST_QUESTIONS:
        yield say(
            "Step {step} asks {n} questions; more than {most} are answered less.",
            step=step.key,
            n=asked,
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


def _of_the_rhythm(days: Counter[int], say: Say) -> list[str]:
    """Too much on one day or in one week."""
    weeks = by_week(days)
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
