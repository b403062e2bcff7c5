"""Why something is asked just then, as its leader reads it."""

from bot.domain.sequence import Kind, Question, Step, Weekly
from bot.domain.why import why_in_words
from bot.i18n import Say


def why(when: Weekly) -> str:
    words = {"en": "", "fr": ""}
    step = Step("step", "team", when, (Question("one", Kind.text, words),), words, "", 1, "", "")
    return why_in_words(step, None, Say("en"))


def test_what_is_asked_in_one_week_only_is_not_said_to_come_every_week() -> None:
    assert why(Weekly((2,), from_week=17, until_week=17)) == "in week 17 since these questions began"
    assert why(Weekly((2,), from_week=9, until_week=17)) == "every Wednesday"
