"""What each leader answers, week by week: `stories/<name>.yaml`, read and checked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any

import yaml

from bot.rehearsal import planned

FOLDER = Path(__file__).parent / "stories"
FIELDS = {"person", "language", "answers", "unasked"}


@dataclass(frozen=True)
class ScriptedQuestion:
    """A question as the catalog knows it, so that it can be recognised on a phone.

    `key` is sequence/step/question; `kind` is text, scale, choice, choices, yes_no, number, plan or alias; `options`
    maps an option's key to its label in every language.
    """

    key: str
    text_by_language: Mapping[str, str]
    kind: str
    options: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Unasked:
    """Something said without being asked, on a day counted from the first message, at the person's local time."""

    day: int
    at: time
    text: str


@dataclass(frozen=True)
class Story:
    """One person's answers: per question, what is said the 1st, 2nd, 3rd time; None is silence."""

    person: str
    language: str
    answers: Mapping[str, tuple[Any, ...]]
    unasked: tuple[Unasked, ...]


class StoryError(Exception):
    """Stories that cannot be played; one sentence per problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_stories(folder: Path = FOLDER, questions: Iterable[ScriptedQuestion] = ()) -> dict[str, Story]:
    """All stories by person; every problem of every file at once."""
    known = {question.key: question for question in questions}
    stories: dict[str, Story] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            given = yaml.safe_load(path.read_text("utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            problems.append(f"{path.name}: not readable as YAML ({str(error).splitlines()[0]}).")
            continue
        found, story = _read(given, known)
        problems += [f"{path.name}: {problem}" for problem in found]
        if story:
            stories[story.person] = story
    if problems:
        raise StoryError(problems)
    return stories


def _read(given: Any, known: Mapping[str, ScriptedQuestion]) -> tuple[list[str], Story | None]:
    if not isinstance(given, dict) or not isinstance(given.get("person"), str):
        return ["a story says whose it is (person: Name)."], None
    problems = [f"{field!r} is not a part of a story." for field in given if field not in FIELDS]
    answers = given.get("answers") or {}
    if not isinstance(answers, dict):
        return [*problems, "answers is a list of questions with what is said each time."], None
    kept: dict[str, tuple[Any, ...]] = {}
    for key, said in answers.items():
        if not isinstance(said, list):
            problems.append(f"{key}: what is said is a list, one entry per time it is asked.")
            continue
        kept[str(key)] = tuple(said)
        problems += [f"{key}: {problem}" for problem in _check_answers(said, known.get(str(key)), known)]
    unasked, more = _read_unasked(given.get("unasked") or [])
    story = Story(given["person"], str(given.get("language", "en")), kept, unasked)
    return problems + more, story


def _check_answers(
    said: list[Any], question: ScriptedQuestion | None, known: Mapping[str, ScriptedQuestion]
) -> list[str]:
    if question is None:
        return ["no sequence asks this question."] if known else []
    wrong = (one for one in said if one is not None)
    return [f"{one!r} does not answer a question of kind {question.kind}." for one in wrong if not _fits(one, question)]


def _fits(said: Any, question: ScriptedQuestion) -> bool:
    if question.kind == "scale":
        return isinstance(said, int) and not isinstance(said, bool) and 0 <= said <= 10
    if question.kind == "choice":
        return said in question.options
    if question.kind == "choices":
        return isinstance(said, list) and all(one in question.options for one in said)
    if question.kind == "yes_no":
        return said in ("yes", "no")
    if question.kind == "number":
        return isinstance(said, int | float | str) and not isinstance(said, bool)
    return planned.fits(said) if question.kind == "plan" else isinstance(said, str)


def _read_unasked(given: Any) -> tuple[tuple[Unasked, ...], list[str]]:
    if not isinstance(given, list):
        return (), ["unasked is a list of {day, at, text}."]
    read: list[Unasked] = []
    problems = []
    for entry in given:
        try:
            read.append(Unasked(int(entry["day"]), time.fromisoformat(entry["at"]), str(entry["text"])))
        except (KeyError, TypeError, ValueError):
            problems.append(f'unasked: {entry!r} is not {{day, at: "HH:MM", text}}.')
    return tuple(read), problems
