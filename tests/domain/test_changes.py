"""What an admin reads about a new version before publishing it."""

from dataclasses import replace
from datetime import time

import pytest

from bot.domain.changes import differences
from bot.domain.due_words import conditions_in_words, due_in_words
from bot.domain.sequence import (
    AfterAnswer,
    AnswerIs,
    AroundSession,
    AtRandom,
    BetweenSessions,
    HasFallen,
    HasTag,
    Kind,
    Monthly,
    MonthsSincePromotion,
    OnDay,
    Option,
    Question,
    Sequence,
    Sharing,
    Step,
    Weekly,
    WithoutSession,
)
from bot.i18n import Say

SAY = Say("en")
YES = Option("yes", {"en": "Yes, often", "fr": "Oui, souvent"})
NO = Option("no", {"en": "No", "fr": "Non"})
MOMENT = Question("moment", Kind.text, {"en": "Which moment?", "fr": "Quel moment ?"})
SURE = Question("sure", Kind.scale, {"en": "How sure?", "fr": "À quel point ?"}, measure="confidence")
WHICH = Question("which", Kind.choice, {"en": "Which?", "fr": "Lequel ?"}, options=(YES, NO))
CAPTURE = Step(
    key="capture",
    theme="session",
    when=AroundSession(before=False, hours=2, first=1, last=6),
    questions=(MOMENT, SURE, WHICH),
    purpose={"en": "To keep.", "fr": "Pour garder."},
    evidence="DeRue 2012",
    minutes=2,
    author="Anna",
    reviewed="2026-11-01",
)
PULSE = replace(CAPTURE, key="pulse", when=Weekly((3,), time(17, 30)), questions=(SURE,))
OLD = Sequence(
    name="good",
    title={"en": "Good days", "fr": "Les bons jours"},
    about={"en": "What went well.", "fr": "Ce qui a marché."},
    steps=(CAPTURE, PULSE),
    source="",
    content_hash="old",
)


def with_capture(**changes) -> Sequence:
    return replace(OLD, steps=(replace(CAPTURE, **changes), PULSE))


def with_question(question: Question) -> Sequence:
    kept = {question.key: question}
    return with_capture(questions=tuple(kept.get(other.key, other) for other in CAPTURE.questions))


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (OnDay(0, time(9)), "on the day of joining, at 09:00"),
        (OnDay(1, time(17, 30)), "1 day after joining, at 17:30"),
        (OnDay(3, time(17, 30)), "3 days after joining, at 17:30"),
        (Weekly((4,), time(17, 30)), "every Friday at 17:30"),
        (Weekly((0, 3), time(8)), "every Monday and Thursday at 08:00"),
        (Weekly((4,), time(17, 30), 7), "every Friday at 17:30, from week 7 on"),
        (Weekly((4,), time(17, 30), 1, 6), "every Friday at 17:30, in weeks 1 to 6"),
        (Weekly((2,), time(17, 30), 9, 9), "on Wednesday of week 9 at 17:30"),
        (AroundSession(before=False, hours=2, first=1, last=6), "2 hours after sessions 1 to 6"),
        (AroundSession(before=False, hours=1), "1 hour after every session"),
        (AroundSession(before=False, days=2, at=time(9)), "2 days after every session, at 09:00"),
        (AroundSession(before=True, hours=24, first=2, last=2), "24 hours before session 2"),
        (AroundSession(before=True, days=1, at=time(18), first=7),
         "1 day before every session from number 7 on, at 18:00"),
        (BetweenSessions(50, 1, 5), "half-way to the next session, after sessions 1 to 5"),
        (BetweenSessions(33), "33% of the way to the next session, after every session"),
        (OnDay(3), "3 days after joining, at the usual hour"),
        (Weekly((2,)), "every Wednesday at the usual hour"),
        (Weekly((2,), time(9), every=2), "every 2 weeks on Wednesday at 09:00"),
        (Weekly((2,), time(9), 7, 25, 2), "every 2 weeks on Wednesday at 09:00, in weeks 7 to 25"),
        (Monthly(1, time(9)), "on day 1 of each month at 09:00"),
        (Monthly(31), "on the last day of each month at the usual hour"),
        (Monthly(31, None, 5, 20), "on the last day of each month at the usual hour, in weeks 5 to 20"),
        (AtRandom((0, 3), time(9), time(17)), "every Monday and Thursday, some time from 09:00 to 17:00"),
        (AtRandom((0,), time(9), time(11), every=3, from_week=4),
         "every 3 weeks on Monday, some time from 09:00 to 11:00, from week 4 on"),
        (AtRandom((0,), time(9), time(11), 60, 4, 4), "on Monday of week 4, some time from 09:00 to 11:00"),
        (AroundSession(before=True, work_days=1, at=time(16)), "1 working day before every session, at 16:00"),
        (AroundSession(before=False, work_days=2), "2 working days after every session"),
        (WithoutSession(14, time(17, 30)), "every 14 days while no session is booked, at 17:30"),
        (AfterAnswer("first", hours=2), "2 hours after an answer to “first”"),
        (AfterAnswer("first", "sure", days=1, at=time(9)), "1 day after an answer to “first.sure”, at 09:00"),
        (AfterAnswer("first", silence=True, days=1), "1 day after “first” closed unanswered"),
        (AfterAnswer("first", silence=True, days=1, at=time(9)), "1 day after “first” closed unanswered, at 09:00"),
    ],
)  # fmt: skip
def test_when_a_step_falls_due_is_said_in_words(when, words):
    assert due_in_words(when, SAY) == words


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ((AnswerIs("first", "sure", below=4),), "the answer to “first.sure” is below 4"),
        ((AnswerIs("", "sure", above=7),), "the answer to “sure” is above 7"),
        ((AnswerIs("", "which", one_of=("yes", "no")),), "the answer to “which” is “yes / no”"),
        ((HasFallen("team", 2),), "“team” is at least 2 below what is usual"),
        ((HasTag("role", "director"), MonthsSincePromotion(3, 4)),
         "the card says “role: director” and it is month 3 to 4 since promotion"),
        ((MonthsSincePromotion(3, 3),), "it is month 3 since promotion"),
    ],
)  # fmt: skip
def test_what_a_step_is_asked_under_is_said_in_words(conditions, words):
    assert conditions_in_words(conditions, SAY) == words


def test_a_new_step_says_its_conditions():
    new = replace(OLD, steps=(CAPTURE, PULSE, replace(PULSE, key="low", only_if=(HasFallen("team", 2),))))

    assert differences(OLD, new, SAY) == [
        "New step: low, every Thursday at 17:30, only if “team” is at least 2 below what is usual."
    ]


def test_the_same_version_has_no_differences():
    assert differences(OLD, replace(OLD, content_hash="new", source="# a comment"), SAY) == []


def test_a_first_version_is_told_step_by_step():
    assert differences(None, OLD, SAY) == [
        "A new sequence with 2 steps.",
        "New step: capture, 2 hours after sessions 1 to 6.",
        "New step: pulse, every Thursday at 17:30.",
    ]


def test_new_words_are_shown_in_the_language_they_changed_in():
    english = replace(OLD, title={"en": "Better days", "fr": "Les bons jours"})
    french = replace(OLD, about={"en": "What went well.", "fr": "Ce qui va."})

    assert differences(OLD, english, SAY) == ["The title now reads: “Better days”"]
    assert differences(OLD, french, SAY) == ["The line about it now reads in French: “Ce qui va.”"]


def test_a_new_review_is_told_once_for_all_steps():
    steps = tuple(replace(step, author="Ben", reviewed="2027-01-15") for step in OLD.steps)

    assert differences(OLD, replace(OLD, steps=steps), SAY) == ["Now by Ben, reviewed on 2027-01-15."]


def test_steps_come_and_go():
    new = replace(OLD, steps=(CAPTURE, replace(PULSE, key="other", when=OnDay(3, time(17, 30)))))

    assert differences(OLD, new, SAY) == [
        "New step: other, 3 days after joining, at 17:30.",
        "Step removed: pulse.",
    ]


def test_another_order_of_steps_is_told():
    assert differences(OLD, replace(OLD, steps=(PULSE, CAPTURE)), SAY) == ["The steps come in another order."]


def test_a_step_that_moves_says_where_to_and_where_from():
    moved = replace(PULSE, when=Weekly((4,), time(17, 30)))

    assert differences(OLD, replace(OLD, steps=(CAPTURE, moved)), SAY) == [
        "Step pulse: now falls due every Friday at 17:30 (was: every Thursday at 17:30)."
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"theme": "team"}, "the theme is now “team” (was “session”)."),
        ({"minutes": 3}, "now takes 3 minutes (was 2)."),
        ({"minutes": 1}, "now takes 1 minute (was 2)."),
        ({"purpose": {"en": "To hold.", "fr": "Pour garder."}}, "the purpose now reads: “To hold.”"),
        ({"evidence": "Harkin 2016"}, "the evidence now reads: “Harkin 2016”"),
        ({"only_if": (HasFallen("team", 2),)},
         "the step is now asked only if “team” is at least 2 below what is usual."),
        ({"questions": (SURE, WHICH)}, "the question “moment” is removed."),
        ({"questions": (SURE, MOMENT, WHICH)}, "the questions come in another order."),
        ({"questions": (MOMENT, SURE, WHICH, replace(MOMENT, key="more", ask={"en": "More?", "fr": "Et ?"}))},
         "a new question “more”: “More?”"),
    ],
)  # fmt: skip
def test_what_changes_in_a_step_is_told(changes, sentence):
    assert differences(OLD, with_capture(**changes), SAY) == [f"Step capture: {sentence}"]


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        (replace(MOMENT, ask={"en": "Which one?", "fr": "Lequel ?"}),
         ["the question “moment” now reads: “Which one?”",
          "the question “moment” now reads in French: “Lequel ?”"]),
        (replace(MOMENT, kind=Kind.yes_no),
         ["the question “moment” is now answered by “yes_no” (was “text”)."]),
        (replace(MOMENT, sharing=Sharing.private),
         ["answers to the question “moment” now start as “private” (were “words”)."]),
        (replace(SURE, measure=None), ["the question “sure” now measures “-” (was “confidence”)."]),
        (replace(MOMENT, measure="team"), ["the question “moment” now measures “team” (was “-”)."]),
        (replace(SURE, low={"en": "not at all", "fr": "pas du tout"}),
         ["the label of 0 of the question “sure” now reads: “not at all”",
          "the label of 0 of the question “sure” now reads in French: “pas du tout”"]),
        (replace(SURE, high={"en": "entirely", "fr": "tout à fait"}),
         ["the label of 10 of the question “sure” now reads: “entirely”",
          "the label of 10 of the question “sure” now reads in French: “tout à fait”"]),
        (replace(MOMENT, short={"en": "The moment", "fr": "Le moment"}),
         ["the short name of the question “moment” now reads: “The moment”",
          "the short name of the question “moment” now reads in French: “Le moment”"]),
        (replace(MOMENT, kind=Kind.number, unit={"en": "hours", "fr": "heures"}),
         ["the question “moment” is now answered by “number” (was “text”).",
          "the unit of the question “moment” now reads: “hours”",
          "the unit of the question “moment” now reads in French: “heures”"]),
        (replace(WHICH, only_if=(AnswerIs("", "sure", below=4),)),
         ["the question “which” is now asked only if the answer to “sure” is below 4."]),
        (replace(WHICH, options=(YES,)), ["the question “which” loses the option “No”."]),
        (replace(WHICH, options=(NO, YES)), ["the options of the question “which” come in another order."]),
        (replace(WHICH, options=(YES, NO, Option("so-so", {"en": "So so", "fr": "Bof"}))),
         ["the question “which” has a new option: “So so”"]),
        (replace(WHICH, options=(replace(YES, label={"en": "Yes", "fr": "Oui, souvent"}), NO)),
         ["the option “yes” of the question “which” now reads: “Yes”"]),
    ],
)  # fmt: skip
def test_what_changes_in_a_question_is_told(question, sentences):
    assert differences(OLD, with_question(question), SAY) == [f"Step capture: {sentence}" for sentence in sentences]


def test_labels_that_go_are_told_in_both_languages():
    labelled = with_question(replace(SURE, low={"en": "not at all", "fr": "pas du tout"}))

    assert differences(labelled, OLD, SAY) == [
        "Step capture: the label of 0 of the question “sure” is removed in English.",
        "Step capture: the label of 0 of the question “sure” is removed in French.",
    ]


def test_a_question_that_no_longer_hangs_on_anything_is_told():
    bound = with_question(replace(WHICH, only_if=(AnswerIs("", "sure", below=4),)))

    assert differences(bound, OLD, SAY) == ["Step capture: the question “which” no longer depends on anything."]


def test_a_new_question_says_its_conditions():
    low = replace(MOMENT, key="low", only_if=(AnswerIs("", "sure", below=4),))

    assert differences(OLD, with_capture(questions=(*CAPTURE.questions, low)), SAY) == [
        "Step capture: a new question “low”: “Which moment?”",
        "Step capture: the question “low” is now asked only if the answer to “sure” is below 4.",
    ]
