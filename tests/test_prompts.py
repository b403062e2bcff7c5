"""The library that ships: usable, short, in both languages; the stories fit it and the guide is true."""

import re
from datetime import time
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot import catalog
from bot.catalog.advice import LONGEST_TEXT
from bot.catalog.conditions import CONDITIONS
from bot.catalog.paths import most_asked
from bot.catalog.rhythm import falls_on
from bot.catalog.whens import FORMS
from bot.domain.sequence import (
    MEASURES,
    AfterAnswer,
    AroundSession,
    AtRandom,
    BetweenSessions,
    Kind,
    Monthly,
    OnDay,
    Question,
    Sequence,
    Step,
    Weekly,
    WithoutSession,
)

ROOT = Path(__file__).parent.parent
LIBRARY = catalog.load(ROOT / "prompts").sequences
STORIES = sorted((ROOT / "bot" / "rehearsal" / "stories").glob("*.yaml"))
REQUIRED = ("first-six-weeks", "pulse", "peers", "open-ended")
STEPS = [(sequence, step) for sequence in LIBRARY.values() for step in sequence.steps]
QUESTIONS = [(sequence, step, question) for sequence, step in STEPS for question in step.questions]
# What people follow in the rehearsal; the sums must stay bearable.
TOGETHER = [("first-six-weeks", "pulse"), ("peers", "pulse"), ("first-six-weeks", "pulse", "open-ended")]


def named(value: object) -> str:
    return getattr(value, "name", None) or getattr(value, "key", "")


def texts(sequence: Sequence) -> list[tuple[str, str]]:
    """Every text a leader reads, in English and French."""
    found = [question.ask for step in sequence.steps for question in step.questions]
    found += [
        label
        for step in sequence.steps
        for question in step.questions
        for label in (question.low, question.high)
        if label
    ]
    found += [option.label for step in sequence.steps for question in step.questions for option in question.options]
    return [(text["en"], text["fr"]) for text in found]


def test_the_four_required_sequences_hold_at_least_thirty_steps():
    assert set(REQUIRED) <= set(LIBRARY)
    assert sum(len(LIBRARY[name].steps) for name in REQUIRED) >= 30


@pytest.mark.parametrize("sequence", LIBRARY.values(), ids=named)
def test_nothing_that_ships_is_warned_of(sequence):
    assert catalog.warnings(sequence) == []


@pytest.mark.parametrize(("sequence", "step", "question"), QUESTIONS, ids=named)
def test_a_question_is_short_and_its_languages_differ(sequence, step, question):
    assert question.ask["en"] != question.ask["fr"]
    assert all(len(text) <= LONGEST_TEXT for text in question.ask.values())
    assert question.ask["en"].count("{coach}") == question.ask["fr"].count("{coach}")


@pytest.mark.parametrize(("sequence", "step"), STEPS, ids=named)
def test_a_step_asks_at_most_three_questions_and_says_what_it_rests_on(sequence, step):
    assert 1 <= most_asked(step, sequence) <= 3
    assert step.evidence
    assert all(step.purpose.values())


@pytest.mark.parametrize(("sequence", "step"), STEPS, ids=named)
def test_nobody_is_asked_at_the_weekend_or_outside_the_day(sequence: Sequence, step: Step):
    match step.when:
        case Weekly(days=days, at=at):
            assert set(days) <= {0, 1, 2, 3, 4}
            assert at is None or 8 <= at.hour < 19
        case AtRandom(days=days, start=start, end=end):
            assert set(days) <= {0, 1, 2, 3, 4}
            assert time(8) <= start < end <= time(19)
        case OnDay(at=at) | Monthly(at=at) | WithoutSession(at=at) | AfterAnswer(at=at):
            assert at is None or 8 <= at.hour < 19
        case AroundSession() | BetweenSessions():
            assert falls_on(step, sequence)


@pytest.mark.parametrize("names", TOGETHER, ids="+".join)
def test_what_runs_together_stays_within_five_prompts_a_week(names):
    assert catalog.together((LIBRARY[name], 0) for name in names) == []


def test_questions_about_sureness_are_labelled_as_our_own():
    for _, step, question in QUESTIONS:
        if question.kind is Kind.scale:
            assert "not a validated scale" in step.evidence, (step.key, question.key)


def test_the_same_measure_is_asked_in_the_same_words_within_a_sequence():
    """Numbers in different words could not be drawn as one line. Months may be named at a checkpoint."""
    asked: dict[tuple[str, str], set[str]] = {}
    for sequence, _, question in QUESTIONS:
        if question.measure:
            words = re.sub(r"^\w+ months on: ", "", question.ask["en"], flags=re.IGNORECASE)
            asked.setdefault((sequence.name, question.measure), set()).add(words)

    assert all(len(words) == 1 for words in asked.values()), asked
    assert {measure for _, measure in asked} <= set(MEASURES)


@pytest.mark.parametrize("sequence", LIBRARY.values(), ids=named)
def test_french_keeps_its_punctuation_on_the_line(sequence):
    """On a phone a plain space would let a question mark begin a line by itself."""
    for _, french in texts(sequence):
        assert not re.search(r"[^\u00a0\u202f][?!;:»]", french.replace("0-10", "")), french
        assert not re.search(r"«[^\u00a0\u202f]", french), french


@pytest.mark.parametrize("sequence", LIBRARY.values(), ids=named)
def test_no_text_asks_why_praises_or_advises(sequence):
    english = "why|well done|great job|you should|try to|streak"
    french = "pourquoi|bravo|félicitations|vous devriez|il faut que"
    for pair in texts(sequence):
        for text in pair:
            assert not re.search(rf"\b({english}|{french})\b", text, re.IGNORECASE), text


@pytest.mark.parametrize("sequence", LIBRARY.values(), ids=named)
def test_french_says_vous(sequence):
    for _, french in texts(sequence):
        assert not re.search(r"\b(tu|toi|ton|tes|te)\b", french, re.IGNORECASE), french


def story(file: Path) -> dict:
    return YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))


def question_at(path: str) -> Question:
    sequence, step, question = path.split("/")
    return LIBRARY[sequence].step(step).question(question)


def fits(question: Question, answer: object) -> bool:
    """Whether a leader could give this answer; None is a question left unanswered."""
    keys = {option.key for option in question.options}
    match question.kind, answer:
        case (_, None):
            return True
        case (Kind.scale, int()):
            return 0 <= answer <= 10
        case (Kind.choice, str()):
            return answer in keys
        case (Kind.choices, list()):
            return bool(answer) and set(answer) <= keys
        case (Kind.yes_no, str()):
            return answer in ("yes", "no")
        case (Kind.text, str()):
            return bool(answer.strip()) and len(answer) <= 1000
    return False


def test_everybody_in_the_rehearsal_has_a_story():
    assert [story(file)["person"] for file in STORIES] == ["Aisha", "Jack", "Jerome", "Mark", "Priya", "Tom"]


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_every_answer_of_a_story_fits_its_question(file):
    for path, answers in story(file)["answers"].items():
        for answer in answers:
            assert fits(question_at(path), answer), (path, answer)


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_a_story_answers_all_of_each_sequence_it_follows(file):
    answers = story(file)["answers"]
    followed = {path.split("/")[0] for path in answers}

    expected = {
        f"{name}/{step.key}/{question.key}"
        for name in followed
        for step in LIBRARY[name].steps
        for question in step.questions
    }

    assert set(answers) == expected


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_what_nobody_asked_for_has_a_day_and_an_hour(file):
    for moment in story(file)["unasked"]:
        assert moment["day"] >= 0
        assert re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", moment["at"])
        assert moment["text"].strip()


def test_jack_dips_in_weeks_three_and_four_and_recovers():
    answers = story(ROOT / "bot" / "rehearsal" / "stories" / "jack.yaml")["answers"]
    lightness = answers["pulse/lightness/lightness"]

    assert max(lightness[2:4]) < min(lightness[:2])
    assert lightness[5] >= lightness[0]


GUIDE = (ROOT / "prompts" / "README.md").read_text(encoding="utf-8")


def blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


def example() -> str:
    [found] = [block for block in blocks() if "interlude: 1" in block]
    return found


def lines_of(key: str) -> list[str]:
    """The examples of one key, without what is said about them."""
    [found] = [block for block in blocks() if block.startswith(f"{key}:")]
    return [line.split("#")[0].strip() for line in found.strip().splitlines()]


def test_the_example_of_the_guide_can_be_used():
    sequence = catalog.parse(example().encode(), "first-weeks.yaml")

    assert catalog.warnings(sequence) == []
    assert {question.kind for step in sequence.steps for question in step.questions} == set(Kind)


def test_the_guide_shows_every_form_of_when_and_each_can_be_used():
    shown = lines_of("when")

    for line in shown:
        catalog.parse(example().replace("when: {weekly: [mon], every: 2}", line).encode(), "first-weeks.yaml")

    for form, (_, companions) in FORMS.items():
        lines = [line for line in shown if f"{form}:" in line]
        assert lines, form
        for companion in companions:
            assert any(f"{companion}:" in line for line in lines), (form, companion)


def test_the_guide_shows_every_condition_and_each_can_be_used():
    shown = lines_of("only_if")

    for line in shown:
        source = example().replace('only_if: {tag: "focus: own-work"}', line)
        assert catalog.parse(source.encode(), "first-weeks.yaml").step("own-hours").only_if

    for condition, (_, companions) in CONDITIONS.items():
        lines = [line for line in shown if f"{condition}:" in line]
        assert lines, condition
        for companion in companions:
            assert any(f"{companion}:" in line for line in lines), (condition, companion)


def test_the_guide_states_the_limits():
    from bot.catalog import LARGEST, conditions, questions, spans, steps, whens

    limits = GUIDE[GUIDE.index("## Limits") :]
    for limit in (
        LARGEST // 1024, questions.FEWEST_OPTIONS, questions.LONGEST_LABEL, questions.MOST_OPTIONS, steps.LONGEST_TITLE,
        whens.LAST_DAY, whens.LONGEST_FALLBACK, spans.LAST_SESSION, spans.LAST_WEEK, spans.MOST_DAYS, spans.MOST_HOURS,
        spans.MOST_WORK_DAYS, spans.MOST_WEEKS, spans.MOST_APART, LONGEST_TEXT, "1,000",
        f"{conditions.LARGEST_AMOUNT:,}", conditions.MOST_FALLEN, conditions.LAST_MONTH, conditions.LONGEST_TAG,
    ):  # fmt: skip
        assert re.search(rf"\b{limit}(h|d|wd|min)?\b", limits), limit
