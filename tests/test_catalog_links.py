"""What a step or a question hangs on: read, and refused where it does not exist, cannot hold or never comes."""

from datetime import time as clock

import pytest

from bot import catalog
from bot.catalog import CatalogError
from bot.domain.sequence import (
    AfterAnswer,
    AnswerIs,
    HasFallen,
    HasTag,
    Kind,
    MonthsSincePromotion,
    Sequence,
    Sharing,
)

HEAD = """\
interlude: 1
sequence: linked
title: {en: Good days, fr: Les bons jours}
about: {en: What went well., fr: Ce qui a marché.}
author: Anna
reviewed: 2026-11-01
steps:
"""
SURE = "kind: scale"
FELT = "kind: choice, options: [{key: well, label: {en: Well, fr: Bien}}, {key: less, label: {en: Less, fr: Moins}}]"
EATS = FELT.replace("choice", "choices")
MET = "kind: yes_no"
SPENT = "kind: number, unit: {en: hours, fr: heures}"
TOLD = "kind: text"


def step(key: str, *questions: str, when: str = "{day: 1}", only_if: str = "", instead_of: str = "") -> str:
    """A step; a question is `key, rest of its line`."""
    lines = [
        f"  - key: {key}",
        "    theme: team",
        "    purpose: {en: To begin., fr: Pour commencer.}",
        "    evidence: None.",
        "    minutes: 2",
        f"    when: {when}",
        *([f"    only_if: {only_if}"] if only_if else []),
        *([f"    instead_of: {instead_of}"] if instead_of else []),
        "    questions:",
    ]
    asks = f"ask: {{en: 'Here, {key}?', fr: 'Ici, {key} ?'}}"
    lines += [f"      - {{key: {question}, {asks}}}" for question in questions or ("told, " + TOLD,)]
    return "\n".join(lines) + "\n"


def read(*steps: str) -> Sequence:
    return catalog.parse((HEAD + "".join(steps)).encode(), "linked.yaml")


def problems(*steps: str) -> list[str]:
    with pytest.raises(CatalogError) as refused:
        read(*steps)
    return [line.removeprefix("linked.yaml:") for line in refused.value.problems]


ALL = ("sure, " + SURE, "felt, " + FELT, "eats, " + EATS, "met, " + MET, "spent, " + SPENT, "told, " + TOLD)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("{after_answer: first, delay: 2h}", AfterAnswer("first", hours=2)),
        ("{after_answer: first.sure, delay: 1d, at: 9:00}", AfterAnswer("first", "sure", days=1, at=clock(9))),
        ("{after_silence: first, delay: 1d}", AfterAnswer("first", silence=True, days=1)),
    ],
)
def test_a_step_may_come_after_an_answer_or_a_silence(when, expected):
    assert read(step("first", *ALL), step("then", when=when)).step("then").when == expected


@pytest.mark.parametrize(
    ("only_if", "expected"),
    [
        ("{answer: first.sure, below: 4}", (AnswerIs("first", "sure", below=4),)),
        ("{answer: first.sure, above: 7}", (AnswerIs("first", "sure", above=7),)),
        ("{answer: first.spent, below: 1000}", (AnswerIs("first", "spent", below=1000),)),
        ("{answer: first.felt, one_of: [less, well]}", (AnswerIs("first", "felt", one_of=("less", "well")),)),
        ("{answer: first.eats, one_of: [less]}", (AnswerIs("first", "eats", one_of=("less",)),)),
        ("{answer: first.met, is: yes}", (AnswerIs("first", "met", one_of=("yes",)),)),
        ("{fallen: own-work, by: 2}", (HasFallen("own-work", 2),)),
        ('{tag: "role: director"}', (HasTag("role", "director"),)),
        ('{tag: "focus: own-work"}', (HasTag("focus", "own-work"),)),
        ("{tag: 'blocker: pleasing others'}", (HasTag("blocker", "pleasing others"),)),
        ("{months_since_promotion: 3-4}", (MonthsSincePromotion(3, 4),)),
        ("{months_since_promotion: 3}", (MonthsSincePromotion(3, 3),)),
        ("[{answer: first.met, is: no}, {fallen: team, by: 1}]",
         (AnswerIs("first", "met", one_of=("no",)), HasFallen("team", 1))),
    ],
)  # fmt: skip
def test_a_step_may_hang_on_what_is_known(only_if, expected):
    assert read(step("first", *ALL), step("then", only_if=only_if)).step("then").only_if == expected


def test_a_step_may_take_the_place_of_another_unless_that_would_show_an_answer():
    assert read(step("first", *ALL), step("then", instead_of="first")).step("then").instead_of == "first"
    for more, said in (
        ({"instead_of": "frist"}, "instead_of: there is no step “frist”; did you mean “first”?"),
        ({"instead_of": "then"}, "instead_of: a step cannot take its own place; name another one."),
        ({"instead_of": "first", "only_if": "{answer: first.met, is: yes}"},
         "instead_of: a step that hangs on answers cannot take another one’s place."),
        ({"instead_of": "first", "when": "{after_answer: first, delay: 1d}"},
         "instead_of: a step that hangs on answers cannot take another one’s place."),
    ):  # fmt: skip
        [problem] = problems(step("first", *ALL), step("then", **more))
        assert problem.endswith(said)


def test_a_question_may_hang_on_an_earlier_one_of_its_step():
    questions = read(step("first", *ALL, f"low, {TOLD}, only_if: {{answer: sure, below: 4}}")).step("first").questions

    assert questions[-1].only_if == (AnswerIs("", "sure", below=4),)


def test_a_question_may_hang_on_another_step():
    read_ = read(step("first", *ALL), step("then", f"low, {TOLD}, only_if: {{answer: first.met, is: yes}}"))

    assert read_.step("then").question("low").only_if == (AnswerIs("first", "met", one_of=("yes",)),)


def test_an_amount_has_a_unit_and_starts_as_private():
    found = read(step("first", "spent, " + SPENT, f"open, sharing: words, {SPENT}", "told, " + TOLD)).step("first")

    assert found.question("spent").unit == {"en": "hours", "fr": "heures"}
    assert [question.sharing for question in found.questions] == [Sharing.private, Sharing.words, Sharing.words]


@pytest.mark.parametrize("kind", ["plan", "alias"])
def test_plans_and_aliases_are_kinds_of_questions(kind):
    assert read(step("first", f"one, kind: {kind}")).step("first").question("one").kind is Kind(kind)


def test_a_question_has_a_short_name():
    found = read(step("first", f"one, short: {{en: The moment, fr: Le moment}}, {TOLD}"))

    assert found.step("first").question("one").short == {"en": "The moment", "fr": "Le moment"}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("one, kind: number", "“unit” is missing; add it."),
        ("one, unit: {en: hours, fr: heures}, kind: text",
         "“unit” does not go with “kind: text”; remove it, or make it “kind: number”."),
        ("one, measure: team, kind: number, unit: {en: hours, fr: heures}",
         "“measure” does not go with “kind: number”; remove it, or make it “kind: scale”."),
        ("one, kind: plan, options: [{key: a, label: {en: A, fr: À}}, {key: b, label: {en: B, fr: Bé}}]",
         "“options” does not go with “kind: plan”; remove it, or make it “kind: choice”."),
        (f"one, short: {{en: {'x' * 41}, fr: Ici}}, kind: text",
         "“short”: “en” has 41 characters; shorten it to 40 at most."),
        ("one, short: {en: The moment}, kind: text", "“short”: the French text is missing; add “fr: ...”."),
    ],
)  # fmt: skip
def test_what_does_not_go_with_a_kind_is_explained(question, expected):
    assert any(line.endswith(expected) for line in problems(step("first", question)))


@pytest.mark.parametrize(
    ("only_if", "expected"),
    [
        ("yes", "a condition must be a group of “key: value” pairs."),
        ("{}", "this does not say what must hold; add one of: answer, fallen, tag, months_since_promotion."),
        ("{anser: first.met, is: yes}", "“anser” is not known here; did you mean “answer”?"),
        ("{answer: first.met, fallen: team, by: 1}", "answer, fallen exclude each other; keep one."),
        ("{answer: first.met, is: yes, by: 1}", "“by” does not go with “answer”; remove it."),
        ("{answer: first.met}", "“answer” goes with exactly one of: below, above, one_of, is."),
        ("{answer: first.sure, below: 4, above: 2}", "“answer” goes with exactly one of: below, above, one_of, is."),
        ("{answer: a.b.c, below: 4}", "“answer: a.b.c” must be “question” or “step.question”."),
        ("{answer: .sure, below: 4}", "“answer: .sure” must be “question” or “step.question”."),
        ("{answer: first., below: 4}", "“answer: first.” must be “question” or “step.question”."),
        ("{answer: first.sure, below: four}", "“below” must be a whole number from 0 to 999999, not “four”."),
        ("{answer: first.met, is: maybe}", "“is: maybe” is not known; write one of: yes, no."),
        ("{answer: firts.sure, below: 4}", "there is no step “firts”; did you mean “first”?"),
        ("{answer: first.shure, below: 4}", "step “first” has no question “shure”; did you mean “sure”?"),
        ("{answer: sure, below: 4}",
         "a step’s own condition names a step as well; write “answer: step.sure”."),
        ("{answer: first.sure, below: 0}", "“below: 0” can never hold on a scale from 0 to 10; write 1 to 10."),
        ("{answer: first.sure, below: 11}", "“below: 11” always holds on a scale from 0 to 10; write 1 to 10."),
        ("{answer: first.sure, above: 10}", "“above: 10” can never hold on a scale from 0 to 10; write 0 to 9."),
        ("{answer: first.felt, one_of: [lees]}", "“lees” is not offered by “felt”; did you mean “less”?"),
        ("{answer: first.felt, below: 4}", "“felt” is of “kind: choice”; it goes with “one_of”."),
        ("{answer: first.sure, one_of: [less]}", "“sure” is of “kind: scale”; it goes with “below” or “above”."),
        ("{answer: first.met, below: 4}", "“met” is of “kind: yes_no”; it goes with “is: yes” or “is: no”."),
        ("{answer: first.told, is: yes}",
         "“told” is of “kind: text”; no condition can look at such an answer."),
        ("{answer: first.told, below: 3}",
         "“told” is of “kind: text”; no condition can look at such an answer."),
        ("[{answer: first.sure, below: 4}, {answer: first.sure, above: 3}]",
         "this and the condition on line 22 can never both hold; keep one."),
        ("[{answer: first.felt, one_of: [less]}, {answer: first.felt, one_of: [well]}]",
         "this and the condition on line 22 can never both hold; keep one."),
        ("[{answer: first.met, is: yes}, {answer: first.met, is: no}]",
         "this and the condition on line 22 can never both hold; keep one."),
        ("[{months_since_promotion: 1-2}, {months_since_promotion: 3}]",
         "this and the condition on line 22 can never both hold; keep one."),
        ("{fallen: team}", "“by” is missing; add it."),
        ("{fallen: courage, by: 2}", ("“fallen: courage” is not known; "
                                     "write one of: confidence, boundaries, team, peers, own-work, lightness.")),
        ("{fallen: team, by: 11}", "“by” must be a whole number from 1 to 10, not “11”."),
        ("{tag: director}", ("“tag: director” must be “role: ...”, “focus: ...” or “blocker: ...”, "
                             "up to 30 signs, in quotes.")),
        ('{tag: "rank: director"}', ("“tag: rank: director” must be “role: ...”, “focus: ...” or “blocker: ...”, "
                                    "up to 30 signs, in quotes.")),
        ('{tag: "focus: teams"}', "“focus: teams” cannot be in focus; did you mean “team”?"),
        ('{tag: "focus: pulse"}', ("“focus: pulse” cannot be in focus; "
                                  "write one of: confidence, boundaries, team, peers, own-work, lightness.")),
        ("{months_since_promotion: 4-3}",
         "“months_since_promotion: 4-3” must be a month (3) or a span (3-4), up to 120; the first is 1."),
        ("{months_since_promotion: 0}",
         "“months_since_promotion: 0” must be a month (3) or a span (3-4), up to 120; the first is 1."),
    ],
)  # fmt: skip
def test_a_condition_that_cannot_be_is_explained(only_if, expected):
    found = problems(step("first", *ALL), step("then", only_if=only_if))

    line = (HEAD + step("first", *ALL)).count("\n") + 7
    assert found == [f"{line}: step then, only_if: {expected.replace('line 22', f'line {line}')}"]


def test_an_empty_list_of_conditions_is_explained():
    assert problems(step("then", only_if="[]")) == ["14: step then: “only_if” is empty; add at least one."]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("{answer: last, is: yes}", "“last” is not asked before this; put it further up."),
        ("{answer: smell, is: yes}", "no question “smell” is asked before this one; "),
        ("{answer: first.met, is: yes}", "this is the step’s own question; write “answer: met”."),
    ],
)
def test_a_question_hangs_on_what_came_before_it(condition, expected):
    found = problems(step("first", "met, " + MET, f"low, {TOLD}, only_if: {condition}", "last, " + MET))

    assert len(found) == 1
    assert f"step first, question low, only_if: {expected}" in found[0]


def test_the_first_question_hangs_on_nothing_of_its_step():
    [found] = problems(step("first", f"low, {TOLD}, only_if: {{answer: met, is: yes}}"))

    assert found.endswith("this is the step’s first question; nothing has been answered before it.")


def test_what_comes_after_an_unknown_step_is_refused():
    [found] = problems(step("first"), step("then", when="{after_answer: frist, delay: 1d}"))

    assert found == "21: step then, when: there is no step “frist”; did you mean “first”?"


def test_what_comes_after_an_unknown_question_is_refused():
    [found] = problems(step("first"), step("then", when="{after_answer: first.tld, delay: 1d}"))

    assert found.endswith("step “first” has no question “tld”; did you mean “told”?")


def test_steps_that_wait_for_each_other_are_refused_with_their_path():
    found = problems(
        step("a", when="{after_silence: b, delay: 1d}"),
        step("b", when="{after_answer: a, delay: 1d}"),
        step("c", when="{after_answer: b, delay: 1d}"),
        step("d"),
    )

    assert found == [
        ("13: step a, when: this never falls due, because it waits for itself: a -> b -> a; "
         "let one of them hang on something else."),
        "29: step c, when: this never falls due, because what it waits for never does: c -> b -> a -> b.",
    ]  # fmt: skip


def test_a_step_that_waits_for_its_own_answer_is_refused():
    [found] = problems(step("a", "sure, " + SURE, only_if="{answer: a.sure, below: 4}"))

    assert found.startswith("14: step a, only_if: this never falls due, because it waits for itself: a -> a; ")


def test_conditions_make_circles_too():
    found = problems(
        step("a", "sure, " + SURE, only_if="{answer: b.sure, below: 4}"),
        step("b", "sure, " + SURE, when="{after_answer: a, delay: 1d}"),
    )

    assert len(found) == 1
    assert "a -> b -> a" in found[0]


def test_a_long_chain_of_steps_is_no_circle():
    chain = [step("s0"), *(step(f"s{n}", when=f"{{after_answer: s{n - 1}, delay: 1d}}") for n in range(1, 200))]

    assert len(read(*reversed(chain)).steps) == 200


# what is advised


def test_questions_that_exclude_each_other_are_not_added_up():
    after = [f"{key}, {TOLD}, only_if: {{answer: sure, {test}}}" for key, test in
             [("low", "below: 4"), ("high", "above: 6"), ("top", "above: 8")]]  # fmt: skip

    assert catalog.warnings(read(step("first", "sure, " + SURE, "met, " + MET, *after[:2]))) == []
    touching = [after[0], after[1].replace("above: 6", "above: 3")]
    assert catalog.warnings(read(step("first", "sure, " + SURE, "met, " + MET, *touching))) == []
    assert catalog.warnings(read(step("first", "sure, " + SURE, "met, " + MET, *after))) == [
        "Step first asks 4 questions; more than 3 are answered less."
    ]


def test_what_hangs_on_a_question_that_is_not_asked_is_not_asked():
    chain = [
        "met, " + MET,
        f"spent, {SPENT}, only_if: {{answer: met, is: yes}}",
        f"much, {TOLD}, only_if: {{answer: spent, above: 10}}",
        f"else, {TOLD}, only_if: {{answer: met, is: no}}",
        f"other, {TOLD}, only_if: {{answer: met, is: no}}",
        "told, " + TOLD,
    ]

    assert catalog.warnings(read(step("first", *chain))) == [
        "Step first asks 4 questions; more than 3 are answered less."
    ]
    assert catalog.warnings(read(step("first", *chain[:-1]))) == []


def test_what_comes_after_answers_makes_weeks_full_and_what_comes_after_silence_instead():
    asked = step("asked", when="{weekly: [mon, tue, wed]}")
    answered = step("answered", when="{after_answer: asked, delay: 1d}")
    missed = step("missed", when="{after_silence: asked, delay: 1h}")
    sentence = "With a session every week 6 prompts fall in week 1; more than 5 is too much."

    assert catalog.warnings(read(asked, missed)) == [sentence]
    assert catalog.warnings(read(asked, answered, missed)) == [sentence]


@pytest.mark.parametrize(
    ("when", "full"),
    [
        ("{weekly: [mon, tue, wed, thu, fri, sat], every: 2}", True),
        ("{weekly: [mon, tue, wed, thu, fri], every: 2}", False),
        ("{random: [mon, tue, wed, thu, fri, sat], between: [9:00, 10:00]}", True),
        ("{without_session: 1d}", False),
        ("{monthly: 5}", False),
    ],
)
def test_full_weeks_are_counted_in_every_form(when, full):
    assert bool(catalog.warnings(read(step("first", when=when)))) is full


def test_what_several_sequences_come_to_depends_on_when_they_began():
    thrice = read(step("first", when="{weekly: [mon, tue, wed], from_week: 1, until_week: 2}"))

    assert catalog.together([(thrice, 0)]) == []
    assert catalog.together([(thrice, 0), (thrice, 0)]) == [
        "With a session every week 6 prompts fall in week 1; more than 5 is too much."
    ]
    assert catalog.together([(thrice, 14), (thrice, 0)]) == []


def test_everything_is_said_in_french_as_well():
    from bot.i18n import Say

    with pytest.raises(CatalogError):
        catalog.parse((HEAD + step("a", only_if="{fallen: team}")).encode(), "linked.yaml", Say("fr"))
