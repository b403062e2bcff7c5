"""Every way a file of prompts can be broken, with the line and the sentence its author reads."""

import re
import subprocess
import sys
import time
from datetime import time as clock
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import catalog
from bot.catalog import CatalogError
from bot.domain.sequence import (
    AroundSession,
    AtRandom,
    BetweenSessions,
    Kind,
    Monthly,
    OnDay,
    Sharing,
    Weekly,
    WithoutSession,
)
from bot.errors import ConfigurationError

GOOD = """\
interlude: 1
sequence: good
title: {en: Good days, fr: Les bons jours}
about: {en: What went well., fr: Ce qui a marché.}
author: Anna
reviewed: 2026-11-01
steps:
  - key: first
    theme: confidence
    purpose: {en: To begin., fr: Pour commencer.}
    evidence: "DeRue 2012"
    minutes: 2
    when: {after_session: 2h, sessions: 1-6}
    questions:
      - key: moment
        kind: text
        ask: {en: "What did you do, {coach} asks?", fr: "{coach} demande ce que vous avez fait."}
      - key: sure
        kind: scale
        measure: confidence
        ask: {en: How sure are you?, fr: À quel point ?}
        low: {en: not at all, fr: pas du tout}
        high: {en: entirely, fr: tout à fait}
        sharing: private
      - key: what
        kind: choice
        options:
          - {key: yes, label: {en: yes, fr: oui}}
          - {key: no, label: {en: no, fr: non}}
        ask: {en: Which one?, fr: Lequel ?}
"""


NOTHING = (
    "this does not say what the step hangs on; add one of: after_answer, after_session, after_silence, before_session, "
    "between_sessions, day, monthly, random, weekly, without_session."
)
DISTANCES = "must be hours (1h to 336h), days (1d to 60d) or working days (1wd to 20wd)."


def problems(source: str | bytes, filename: str = "good.yaml") -> list[str]:
    with pytest.raises(CatalogError) as refused:
        catalog.parse(source if isinstance(source, bytes) else source.encode(), filename)
    return list(refused.value.problems)


def broken(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def with_when(when: str) -> str:
    return broken("when: {after_session: 2h, sessions: 1-6}", f"when: {when}")


def test_a_good_file_becomes_a_sequence():
    sequence = catalog.parse(GOOD.encode(), "good.yaml")

    step = sequence.step("first")
    assert (sequence.name, sequence.title["fr"]) == ("good", "Les bons jours")
    assert (step.author, step.reviewed, step.minutes) == ("Anna", "2026-11-01", 2)
    assert step.when == AroundSession(before=False, hours=2, first=1, last=6)
    assert step.question("sure").measure == "confidence"
    assert step.question("sure").high == {"en": "entirely", "fr": "tout à fait"}
    assert step.question("sure").sharing is Sharing.private
    assert step.question("what").kind is Kind.choice


def test_no_is_a_word_and_so_is_yes():
    sequence = catalog.parse(GOOD.encode(), "good.yaml")

    options = sequence.step("first").question("what").options
    assert [(option.key, option.label["en"]) for option in options] == [("yes", "yes"), ("no", "no")]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("{day: 3, at: 10:30}", OnDay(3, clock(10, 30))),
        ('{day: 0, at: "9:05"}', OnDay(0, clock(9, 5))),
        ("{day: 1}", OnDay(1)),
        ("{weekly: [thu, mon]}", Weekly((0, 3))),
        ("{weekly: [sun], at: 18:00, from_week: 2, until_week: 2}", Weekly((6,), clock(18), 2, 2)),
        ("{before_session: 24h, sessions: 2-6}", AroundSession(before=True, hours=24, first=2, last=6)),
        ("{before_session: 1d, at: 18:00}", AroundSession(before=True, days=1, at=clock(18))),
        ("{after_session: 60d}", AroundSession(before=False, days=60)),
        ("{after_session: 336h, sessions: 7-}", AroundSession(before=False, hours=336, first=7)),
        ("{between_sessions: middle}", BetweenSessions()),
        ("{between_sessions: middle, sessions: 3}", BetweenSessions(50, 3, 3)),
        ("{between_sessions: 1/3, sessions: 1-5}", BetweenSessions(33, 1, 5)),
        ("{between_sessions: 2/3}", BetweenSessions(67)),
        ("{between_sessions: 40%}", BetweenSessions(40)),
        ("{weekly: [mon], every: 2, at: 17:30, from_week: 1, until_week: 12}", Weekly((0,), clock(17, 30), 1, 12, 2)),
        ("{weekly: [mon], every: 2 weeks}", Weekly((0,), every=2)),
        ("{monthly: 31, at: 9:00, from_week: 2, until_week: 40}", Monthly(31, clock(9), 2, 40)),
        ("{monthly: 1}", Monthly(1)),
        ("{random: [mon, thu], between: [9:00, 17:00], apart: 2h, every: 3, from_week: 2, until_week: 9}",
         AtRandom((0, 3), clock(9), clock(17), 120, 2, 9, 3)),
        ("{random: [tue], between: [8:30, 12:00], apart: 90min}", AtRandom((1,), clock(8, 30), clock(12), 90)),
        ("{random: [tue], between: [8:30, 12:00]}", AtRandom((1,), clock(8, 30), clock(12), 60)),
        ("{after_session: 2wd, at: 9:00}", AroundSession(before=False, work_days=2, at=clock(9))),
        ("{before_session: 1wd, sessions: 7-}", AroundSession(before=True, work_days=1, first=7)),
        ("{without_session: 14d, at: 17:30}", WithoutSession(14, clock(17, 30))),
    ],
)  # fmt: skip
def test_every_form_of_when_is_read(when, expected):
    sequence = catalog.parse(with_when(when).encode(), "good.yaml")

    assert sequence.step("first").when == expected


def test_a_step_may_have_its_own_author_and_the_file_none():
    own = GOOD.replace("author: Anna\nreviewed: 2026-11-01\n", "").replace(
        "    minutes: 2\n", "    minutes: 2\n    author: Ben\n    reviewed: 2026-12-24\n"
    )

    step = catalog.parse(own.encode(), "good.yaml").step("first")

    assert (step.author, step.reviewed) == ("Ben", "2026-12-24")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_version_is_the_same_whatever_ends_the_lines(newline):
    source = GOOD.replace("\n", newline)

    sequence = catalog.parse(source.encode(), "good.yaml")

    assert sequence.content_hash == catalog.parse(GOOD.encode(), "good.yaml").content_hash
    assert sequence.source == source


def test_the_version_changes_with_the_text():
    changed = catalog.parse(broken("Which one?", "Which?").encode(), "good.yaml")

    assert changed.content_hash != catalog.parse(GOOD.encode(), "good.yaml").content_hash


def test_a_byte_order_mark_is_no_problem():
    sequence = catalog.parse(b"\xef\xbb\xbf" + GOOD.encode(), "good.yaml")

    assert sequence.content_hash == catalog.parse(GOOD.encode(), "good.yaml").content_hash


def test_a_catalog_error_is_an_error_of_configuration():
    assert issubclass(CatalogError, ConfigurationError)
    assert CatalogError.exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("interlude: 1", "interlude: 2", "1: “interlude: 2” is not known; write one of: 1."),
        ("interlude: 1\n", "", "1: “interlude” is missing; add it."),
        (
            "sequence: good",
            "sequence: better",
            "2: the sequence is called “better” and the file “good.yaml”; give both the same name.",
        ),
        (
            "sequence: good",
            "sequence: Good_Days",
            "2: “sequence: Good_Days” must be lower-case words with hyphens (“one-try”), 32 signs at most.",
        ),
        ("title: {en: Good days, ", "title: {", "3: “title”: the English text is missing; add “en: ...”."),
        (", fr: Les bons jours", "", "3: “title”: the French text is missing; add “fr: ...”."),
        ("fr: Les bons jours", "fr: ''", "3: “title”: “fr” is empty; write something or remove the line."),
        ("fr: Les bons jours", "fr: ~", "3: “title”: “fr” is empty; write something or remove the line."),
        (
            "{en: What went well., fr: Ce qui a marché.}",
            "What went well.",
            "4: “about” must be in both languages; write it as “en: ...” and “fr: ...”.",
        ),
        (
            "en: Good days",
            "en: 12",
            "3: “title”: “en” must be words, not 12; put it in quotes if it is meant so.",
        ),
        (
            "en: Good days",
            "en: true",
            "3: “title”: “en” must be words, not true; put it in quotes if it is meant so.",
        ),
        (
            "en: Good days",
            "en: " + "x" * 61,
            "3: “title”: “en” has 61 characters; shorten it to 60 at most.",
        ),
        (
            "en: Good days,",
            "en: Good, days,",
            "3: “title”: “days” is not a language (en, fr); if it belongs to a text, put the text in quotes.",
        ),
        ("author: Anna\n", "", "1: “author” is missing; add it."),
        ("reviewed: 2026-11-01\n", "", "1: “reviewed” is missing; add it."),
        (
            "reviewed: 2026-11-01",
            "reviewed: 1 November",
            "6: “reviewed: 1 November” is not a date; write it like 2026-11-01.",
        ),
        ("author: Anna", "auther: Anna", "5: “auther” is not known here; did you mean “author”?"),
        ("steps:\n", "steps: []\nrest:\n", "7: “steps” is empty; add at least one."),
        ("  - key: first", "  - first\n  - key: first", "8: “step” must be a group of “key: value” lines."),
        ("  - key: first", "  - keys: first", "8: step ?: “key” is missing; add it."),
        (
            "theme: confidence",
            "theme: confidance",
            "9: step first: “theme: confidance” is not known; did you mean “confidence”?",
        ),
        (
            "theme: confidence",
            "theme: [team]",
            "9: step first: “theme” must be a single value, not a list or a group.",
        ),
        ("    minutes: 2\n", "", "8: step first: “minutes” is missing; add it."),
        (
            "minutes: 2",
            "minutes: two",
            "12: step first: “minutes” must be a whole number from 1 to 10, not “two”.",
        ),
        (
            "minutes: 2",
            "minutes: 11",
            "12: step first: “minutes” must be a whole number from 1 to 10, not “11”.",
        ),
        (
            "minutes: 2",
            "minutes: 1.5",
            "12: step first: “minutes” must be a whole number from 1 to 10, not “1.5”.",
        ),
        (
            "minutes: 2",
            "minutes: '2'",
            "12: step first: “minutes” must be a whole number from 1 to 10, not “2”.",
        ),
        (
            "minutes: 2",
            "minuets: 2",
            "12: step first: “minuets” is not known here; did you mean “minutes”?",
        ),
        (
            "kind: text",
            "kind: txt",
            "16: step first, question moment: “kind: txt” is not known; did you mean “text”?",
        ),
        (
            "kind: text",
            "kind: yes-no",
            "16: step first, question moment: “kind: yes-no” is not known; did you mean “yes_no”?",
        ),
        (
            "kind: text",
            "kind: xylophone",
            (
                "16: step first, question moment: “kind: xylophone” is not known; "
                "write one of: text, scale, choice, choices, yes_no, number, plan, alias."
            ),
        ),
        (
            "What did you do, {coach} asks?",
            "Hello {name}",
            ("17: step first, question moment, “ask”: “en” holds {name}, which is not filled in; only {coach} is."),
        ),
        (
            "What did you do, {coach} asks?",
            "Hello {",
            "17: step first, question moment, “ask”: “en” holds {, which is not filled in; only {coach} is.",
        ),
        (
            "What did you do, {coach} asks?",
            "{}",
            "17: step first, question moment, “ask”: “en” holds {}, which is not filled in; only {coach} is.",
        ),
        (
            "What did you do, {coach} asks?",
            "x" * 1001,
            "17: step first, question moment, “ask”: “en” has 1001 characters; shorten it to 1000 at most.",
        ),
        (
            "What did you do, {coach} asks?",
            "ring\\a",
            "17: step first, question moment, “ask”: “en” holds a sign that cannot be sent; remove it.",
        ),
        (
            "What did you do, {coach} asks?",
            "half a sign: \\ud83d",
            "17: a backslash in double quotes needs a second one; double it, or use single quotes.",
        ),
        (
            "en: not at all",
            "en: 'not {coach}'",
            (
                "22: step first, question sure, “low”: “en” holds {coach}, and nothing is filled in here; "
                "remove the braces."
            ),
        ),
        (
            "en: not at all",
            "en: " + "no " * 14,
            "22: step first, question sure, “low”: “en” has 41 characters; shorten it to 40 at most.",
        ),
        (
            "measure: confidence",
            "measure: courage",
            (
                "20: step first, question sure: “measure: courage” is not known; write one of: "
                "confidence, boundaries, team, peers, own-work, lightness."
            ),
        ),
        (
            "sharing: private",
            "sharing: privat",
            "24: step first, question sure: “sharing: privat” is not known; did you mean “private”?",
        ),
        (
            "- key: sure",
            "- key: moment",
            ("18: step first: the key “moment” is used twice in “questions”, first on line 15; rename one of them."),
        ),
        (
            "{key: no, label: {en: no",
            "{key: yes, label: {en: no",
            (
                "29: step first, question what: the key “yes” is used twice in “options”, first on line 28; "
                "rename one of them."
            ),
        ),
        (
            "          - {key: no, label: {en: no, fr: non}}\n",
            "",
            "27: step first, question what: “options” has 1 entries; give 2 to 8.",
        ),
        (
            "          - {key: no, label: {en: no, fr: non}}\n",
            "          - no\n",
            "29: step first, question what: “option” must be a group of “key: value” lines.",
        ),
        (
            "label: {en: yes, ",
            "label: {",
            "28: step first, question what, option yes, “label”: the English text is missing; add “en: ...”.",
        ),
        (
            "kind: scale",
            "kind: text",
            (
                "20: step first, question sure: “measure” does not go with “kind: text”; remove it, "
                "or make it “kind: scale”."
            ),
        ),
        (
            "kind: text",
            "kind: choices",
            "15: step first, question moment: “options” is missing; add it.",
        ),
    ],
)
def test_what_is_wrong_with_a_value_is_said_with_its_line(old, new, expected):
    found = problems(broken(old, new))

    assert f"good.yaml:{expected}" in found


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("{}", NOTHING),
        ("{at: 10:30}", NOTHING),
        ("{weekley: [mon]}", "“weekley” is not known here; did you mean “weekly”?"),
        ("{day: 1, weekly: [mon]}", "day, weekly exclude each other; keep one."),
        ("{day: 1, sessions: 3}", "“sessions” does not go with “day”; remove it."),
        ("{between_sessions: middle, at: 10:30}", "“at” does not go with “between_sessions”; remove it."),
        ("{day: 1, att: 10:30}", "“att” is not known here; did you mean “at”?"),
        ("{day: three}", "“day” must be a whole number from 0 to 730, not “three”."),
        ("{day: -1}", "“day” must be a whole number from 0 to 730, not “-1”."),
        ("{day: 1, at: 25:00}", "“at: 25:00” is not a time of day; write it like 17:30."),
        ("{day: 1, at: 5 pm}", "“at: 5 pm” is not a time of day; write it like 17:30."),
        ("{weekly: thu}", "“weekly” must be a list; write it in brackets: [thu]."),
        ("{weekly: []}", "“weekly” is empty; add at least one."),
        ("{weekly: [thursday]}", "“thursday” is not a day of the week; did you mean “thu”?"),
        ("{weekly: [Wednesday]}", "“Wednesday” is not a day of the week; did you mean “wed”?"),
        ("{weekly: [jeudi]}", ("“jeudi” is not a day of the week; "
                              "write one of: mon, tue, wed, thu, fri, sat, sun.")),
        ("{weekly: [mon, mon]}", "“mon” is named twice; keep one."),
        ("{weekly: [mon], from_week: 4, until_week: 3}",
         "“until_week: 3” comes before “from_week: 4”; swap them."),
        ("{weekly: [mon], from_week: 0}", "“from_week” must be a whole number from 1 to 104, not “0”."),
        ("{after_session: 2}", "“after_session: 2” " + DISTANCES),
        ("{after_session: 0h}", "“after_session: 0h” " + DISTANCES),
        ("{after_session: 337h}", "“after_session: 337h” " + DISTANCES),
        ("{before_session: 61d}", "“before_session: 61d” " + DISTANCES),
        ("{after_session: 21wd}", "“after_session: 21wd” " + DISTANCES),
        ("{before_session: 3h, at: 10:30}",
         "“at” goes with days, not with hours; write “before_session: 1d”, or remove “at”."),
        *(
            (f"{{between_sessions: {wrong}}}", (f"“between_sessions: {wrong}” is no part of the gap; write middle, "
                                               "a fraction like 1/3 or a percentage like 40%."))
            for wrong in ("midle", "3/1", "1/0", "0%", "100%", "40", "1/1")
        ),
        ("{weekly: [mon], every: 0}", "“every: 0” must be a number of weeks, from 1 to 26."),
        ("{weekly: [mon], every: fortnight}", "“every: fortnight” must be a number of weeks, from 1 to 26."),
        ("{day: 1, every: 2}", "“every” does not go with “day”; remove it."),
        ("{monthly: 32}", "“monthly” must be a whole number from 1 to 31, not “32”."),
        ("{monthly: last}", "“monthly” must be a whole number from 1 to 31, not “last”."),
        ("{random: [mon]}", "“between” is missing; add it."),
        ("{random: [mon], between: morning}",
         "“between” must be two times of day in brackets; write it like [9:00, 17:00]."),
        ("{random: [mon], between: [9:00]}",
         "“between” must be two times of day in brackets; write it like [9:00, 17:00]."),
        ("{random: [mon], between: [9:00, 5pm]}", "“between: 5pm” is not a time of day; write it like 17:30."),
        ("{random: [mon], between: [17:00, 9:00]}", "“between: [17:00, 09:00]” ends before it begins; swap them."),
        ("{random: mon, between: [9:00, 17:00]}", "“random” must be a list; write it in brackets: [mon]."),
        ("{random: [mon], between: [9:00, 17:00], apart: 2d}",
         "“apart: 2d” must be hours (0h to 4h) or minutes (0min to 240min)."),
        ("{without_session: 14h}", "“without_session: 14h” must be days (1d to 90d)."),
        ("{without_session: 91d}", "“without_session: 91d” must be days (1d to 90d)."),
        ("{after_answer: other}", "“delay” is missing; add it."),
        ("{after_answer: other, delay: 2wd}", "“delay: 2wd” must be hours (1h to 336h) or days (1d to 60d)."),
        ("{after_answer: other, delay: 2h, at: 9:00}",
         "“at” goes with days, not with hours; write “delay: 1d”, or remove “at”."),
        ("{after_silence: other.one, delay: 2h}",
         "“after_silence: other.one” must name a step, not a question; silence is a whole step’s."),
        *(
            (f"{{after_session: 2h, sessions: {wrong}}}",
             f"“sessions: {wrong}” must be a number (3), a span (1-6) or 7- for all from the seventh on.")
            for wrong in ("0", "6-1", "-3", "all", "501", "1-9999")
        ),
    ],
)  # fmt: skip
def test_a_when_that_cannot_be_is_explained(when, expected):
    assert f"good.yaml:13: step first, when: {expected}" in problems(with_when(when))
    assert all(line.startswith("good.yaml:13: step first, when: ") for line in problems(with_when(when)))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    questions:\n", "    questions: one\n    rest:\n",
         "14: step first: “questions” must be a list, each entry beginning with “- ”."),
        ("      - key: moment\n", "      - moment\n      - key: moment\n",
         "15: step first: “question” must be a group of “key: value” lines."),
        ("after_session: 2h, ", "after_session: , ",
         "13: step first, when: “after_session” is empty; write something or remove the line."),
        ("title: {en: Good days, fr: Les bons jours}", "title: *words",
         "3: “*words” repeats another place; write the text out."),
        ("      - key: moment\n", "      - *moment\n      - key: moment\n",
         "15: “*moment” repeats another place; write the text out."),
        ("steps:\n", "steps: *all\nrest:\n", "7: “*all” repeats another place; write the text out."),
        ("when: {after_session: 2h, sessions: 1-6}", "when: *usual",
         "13: “*usual” repeats another place; write the text out."),
        ("{key: no, label: {en: no, fr: non}}", "{label: {en: no, fr: non}}",
         "29: step first, question what, option ?: “key” is missing; add it."),
        ("author: Anna", "author: Anna\n'': Ben", "6: a key is empty; write a word before the colon."),
    ],
)  # fmt: skip
def test_what_is_missing_or_misplaced_is_explained(old, new, expected):
    assert f"good.yaml:{expected}" in problems(broken(old, new))


def test_a_when_must_be_a_group():
    assert problems(with_when("friday")) == ["good.yaml:13: step first: “when” must be a group of “key: value” lines."]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("author: Anna", "author: &who Anna", "5: “&who” has no use here; remove it."),
        ("author: Anna", "author: *who", "5: “*who” repeats another place; write the text out."),
        ("author: Anna", "<<: {author: Anna}", "5: “<<” borrows from another place; write the lines out."),
        ("author: Anna", "author: !!str Anna",
         "5: “tag:yaml.org,2002:str” has no use here; remove it, or put it in quotes."),
        ("author: Anna", "author: !python/object:os.system Anna",
         "5: “!python/object:os.system” has no use here; remove it, or put it in quotes."),
        ("author: Anna", "author: Anna\nauthor: Ben",
         "6: “author” is written twice, first on line 5; keep one of them."),
        ("author: Anna", "author: Anna\n[a]: Ben", "6: a key must be a single word, not a list or a group."),
        ("author: Anna", "author:\tAnna", "5: a tab; write spaces instead."),
        ("    minutes: 2", "\tminutes: 2", "12: a tab; write spaces instead."),
        ("author: Anna", "author: Anna\x07", "5: a control character that cannot be seen; remove it."),
        ("steps:", "---\nsteps:", "7: a second document begins with “---”; one file holds one sequence."),
        ("interlude: 1", "%YAML 1.1\n---\ninterlude: 1",
         "1: a line that begins with “%” has no use here; remove it."),
        ("author: Anna", "author: Anna: Ben",
         "5: a colon where none can be; put the text in quotes, or correct the indentation."),
        ("author: Anna", "author: @anna", "5: a text cannot begin with this sign; put the text in quotes."),
        ("author: Anna", 'author: "\\Anna"',
         "5: a backslash in double quotes needs a second one; double it, or use single quotes."),
        ("author: Anna", "author: 'Anna's'",
         "5: this line does not fit what is above it; check the indentation and the quotes."),
        ("author: Anna", "author: Anna\nwho",
         "7: a line without a colon; write “key: value”, or indent it under the text above."),
        ("en: Which one?, fr: Lequel ?}", 'en: "Which one?, fr: Lequel ?}',
         "30: a quote or bracket opened here is never closed; close it."),
        ("author: Anna", 'author: "\\UFFFFFFFF"',
         "5: a backslash in double quotes needs a second one; double it, or use single quotes."),
    ],
)  # fmt: skip
def test_everything_clever_or_broken_in_yaml_is_refused(old, new, expected):
    assert f"good.yaml:{expected}" in problems(broken(old, new))


def test_an_alias_is_complained_of_once():
    assert problems(broken("en: Which one?", "en: *one")) == [
        "good.yaml:30: “*one” repeats another place; write the text out."
    ]


def test_a_billion_laughs_are_refused_at_once():
    bomb = "a: &a [lol]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + other] * 9)}]\n"
        for other, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    started = time.process_time()

    found = problems(bomb)

    assert "good.yaml:1: “&a” has no use here; remove it." in found
    assert "good.yaml:2: “*a” repeats another place; write the text out." in found
    assert time.process_time() - started < 2


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[a,"])
def test_deep_nesting_is_refused_quickly(opening):
    bomb = opening * (200_000 // len(opening))
    started = time.process_time()

    found = problems(bomb)

    assert "good.yaml:1: this is nested too deeply; a sequence needs 12 levels at most." in found
    assert time.process_time() - started < 3


def test_endless_entries_are_refused_quickly():
    started = time.process_time()

    found = problems(GOOD + "  - a:\n" * 35_000)

    assert found[-1].endswith(": this file holds more entries than a sequence can; split it in two.")
    assert time.process_time() - started < 3


def test_a_file_that_is_not_utf8_says_where():
    source = GOOD.replace("Ce qui a marché.", "X").encode() + "  # à revoir\n".encode("latin-1")

    assert problems(source) == [
        "good.yaml:31: byte 5 of this line is not UTF-8; save the file with the encoding UTF-8."
    ]


def test_a_file_that_is_too_big_is_not_read():
    assert problems(b"x" * (256 * 1024 + 1)) == [
        "good.yaml:1: this file has 257 KiB; a sequence has 256 at most. Split it in two."
    ]


@pytest.mark.parametrize("source", ["", "\n\n", "# nothing yet\n", "---\n", "- a\n", "a text\n", "~"])
def test_an_empty_file_says_how_to_begin(source):
    assert problems(source) == [
        "good.yaml:1: this file holds no sequence; begin with “interlude: 1” and “sequence: good”."
    ]


def test_all_problems_of_a_file_come_in_the_order_of_its_lines():
    source = (
        GOOD.replace("minutes: 2", "minutes: two")
        .replace(", fr: Les bons jours", "")
        .replace("kind: scale", "kind: scales")
        .replace("after_session: 2h", "after_session: soon")
    )

    assert [line.split(": ")[0] for line in problems(source)] == [
        "good.yaml:3",
        "good.yaml:12",
        "good.yaml:13",
        "good.yaml:19",
    ]


def test_a_hopeless_file_is_cut_short():
    found = problems("a:\t1\n" * 150)

    assert len(found) == 101
    assert re.fullmatch(r"good\.yaml:\d+: and \d+ more problems\.", found[-1])


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path):
    (tmp_path / "good.yaml").write_text(broken("minutes: 2", "minutes: two"), encoding="utf-8")
    (tmp_path / "awful.yaml").write_text("- nothing\n", encoding="utf-8")
    (tmp_path / "late.yml").write_text(GOOD, encoding="utf-8")

    with pytest.raises(CatalogError) as refused:
        catalog.load(tmp_path)

    assert refused.value.problems == (
        "late.yml:1: this would not be read; name it “late.yaml”.",
        "awful.yaml:1: this file holds no sequence; begin with “interlude: 1” and “sequence: awful”.",
        "good.yaml:12: step first: “minutes” must be a whole number from 1 to 10, not “two”.",
    )
    assert str(refused.value).count("\n") == 2


def test_a_directory_without_prompts_is_a_problem(tmp_path: Path):
    with pytest.raises(CatalogError, match=r"there is no \.yaml file here"):
        catalog.load(tmp_path)


def test_what_cannot_be_opened_is_a_problem(tmp_path: Path):
    (tmp_path / "folder.yaml").mkdir()

    with pytest.raises(CatalogError, match=r"folder\.yaml:1: this cannot be opened \(Is a directory\); check it\."):
        catalog.load(tmp_path)


def test_a_catalog_cannot_be_changed(tmp_path: Path):
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")

    sequences = catalog.load(tmp_path).sequences

    assert list(sequences) == ["good"]
    with pytest.raises(TypeError):
        sequences["other"] = sequences["good"]


def test_a_good_sequence_has_no_warnings():
    assert catalog.warnings(catalog.parse(GOOD.encode(), "good.yaml")) == []


def test_long_texts_many_questions_and_full_weeks_are_warned_of():
    extra = "".join(f"      - {{key: more-{n}, kind: yes_no, ask: {{en: And?, fr: 'Et {n} ?'}}}}\n" for n in (1, 2))
    source = with_when("{weekly: [mon, tue, wed, thu, fri, sat]}").replace("Which one?", "which " * 50) + extra

    found = catalog.warnings(catalog.parse(source.encode(), "good.yaml"))

    assert found == [
        "Step first asks 5 questions; more than 3 are answered less.",
        "Step first, question what: the English text has 299 characters, up to 240 read well on a phone.",
        "With a session every week 6 prompts fall in week 1; more than 5 is too much.",
    ]


def test_a_full_day_is_warned_of():
    steps = GOOD[GOOD.index("  - key: first") :]
    source = GOOD + "".join(steps.replace("key: first", f"key: {name}") for name in ("second", "third", "fourth"))

    found = catalog.warnings(catalog.parse(source.encode(), "good.yaml"))

    assert found == ["With a session every week 4 prompts fall on day 2; more than 3 is too much."]


def test_importing_the_catalog_is_cheap():
    code = "import sys, bot.catalog; print([m for m in sys.modules if m.startswith(('yaml', 'pydantic'))])"

    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"


@settings(max_examples=300, deadline=2000)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace"))))
def test_arbitrary_bytes_raise_nothing_but_a_catalog_error(source):
    with pytest.raises(CatalogError):
        catalog.parse(source, "good.yaml")


@settings(max_examples=300, deadline=2000)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(data):
    """Pieces of YAML's own signs put anywhere into a good file reach deeper than noise does."""
    piece = data.draw(st.text(alphabet="[]{}&*!|>%@`'\"#,:-?~\\ \n\t01aé\ud800\x00", max_size=12))
    start = data.draw(st.integers(0, len(GOOD)))
    source = GOOD[:start] + piece + GOOD[start + data.draw(st.integers(0, 30)) :]

    try:
        sequence = catalog.parse(source.encode("utf-8", "surrogatepass"), "good.yaml")
    except CatalogError as refused:
        problems = refused.problems
    else:
        problems = ()
        assert sequence.name == "good"
    assert all(line.startswith("good.yaml:") for line in problems)
