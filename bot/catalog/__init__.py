"""The sequences of `prompts/`: YAML files become a frozen catalog, or every problem is told at once.

A problem is one line, `file:line: what, where, what to do`. Nothing heavy is imported until a file is read.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePath
from types import MappingProxyType

from bot.catalog import advice
from bot.catalog.problems import CatalogError, Place, Problems
from bot.catalog.steps import read_sequence
from bot.catalog.tree import Table, grow
from bot.domain.sequence import Sequence
from bot.i18n import Say

__all__ = ["Catalog", "CatalogError", "load", "parse", "together", "warnings"]

LARGEST = 256 * 1024
_UNPRINTABLE = re.compile(r"[^\t\x85\x20-\x7e\xa0-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_ENGLISH = Say("en")


@dataclass(frozen=True)
class Catalog:
    """Every sequence by its name."""

    sequences: Mapping[str, Sequence]


def load(directory: Path, say: Say = _ENGLISH) -> Catalog:
    """Every `*.yaml` of a directory; raises CatalogError with all problems of all files."""
    files = sorted(directory.glob("*.yaml"))
    problems = _problems_of_directory(directory, files, say)
    sequences: dict[str, Sequence] = {}
    for file in files:
        try:
            sequences[file.stem] = parse(file.read_bytes(), file.name, say)
        except CatalogError as error:
            problems += error.problems
        except OSError as error:
            reason = error.strerror or type(error).__name__
            what = say("this cannot be opened ({reason}); check it.", reason=reason)
            problems.append(f"{file.name}:1: {what}")
    if problems:
        raise CatalogError(problems)
    return Catalog(MappingProxyType(sequences))


def _problems_of_directory(directory: Path, files: list[Path], say: Say) -> list[str]:
    misnamed = sorted(directory.glob("*.yml"))
    found = []
    for file in misnamed:
        what = say("this would not be read; name it “{stem}.yaml”.", stem=file.stem)
        found.append(f"{file.name}:1: {what}")
    if not files and not misnamed:
        what = say("there is no .yaml file here; point to the directory of the prompts.")
        found.append(f"{directory}: {what}")
    return found


def parse(source: bytes, filename: str, say: Say = _ENGLISH) -> Sequence:
    """One file, from the directory or sent to the bot; raises CatalogError with all its problems."""
    return _parse(source, filename, say)


@lru_cache(maxsize=64)
def _parse(source: bytes, filename: str, say: Say) -> Sequence:
    """What is read is frozen, and several places ask for it: the same text is read once."""
    name = PurePath(filename).name
    problems = Problems(name, say)
    text = _decode(source, problems)
    if text is None:
        raise problems.refuse()
    normalised = text.removeprefix("\N{BYTE ORDER MARK}").replace("\r\n", "\n").replace("\r", "\n")
    _refuse_tabs(normalised, problems)
    root = None if _unprintable(normalised, problems) else grow(normalised, problems)
    sequence = None
    if isinstance(root, Table):
        sequence = read_sequence(root, PurePath(name).stem, text, normalised, Place(problems))
    elif not problems.found:
        problems.add(
            1,
            say(
                "this file holds no sequence; begin with “interlude: 1” and “sequence: {stem}”.",
                stem=PurePath(name).stem,
            ),
        )
    if sequence is None or problems.found:
        raise problems.refuse()
    return sequence


def warnings(sequence: Sequence, say: Say = _ENGLISH) -> list[str]:
    """What an author may want to change in a sequence that can be used."""
    return advice.warnings(sequence, say)


def together(followed: Iterable[tuple[Sequence, int]], say: Say = _ENGLISH) -> list[str]:
    """What the sequences one leader follows come to, each with the days since it was joined (0: it starts today)."""
    return advice.together(followed, say)


def _decode(source: bytes, problems: Problems) -> str | None:
    say = problems.say
    if len(source) > LARGEST:
        problems.add(
            1,
            say(
                "this file has {n} KiB; a sequence has {most} at most. Split it in two.",
                n=-(-len(source) // 1024),
                most=LARGEST // 1024,
            ),
        )
        return None
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        before = source[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        line, column = before.count(b"\n") + 1, error.start - source.rfind(b"\n", 0, error.start)
        problems.add(
            line,
            say(
                "byte {column} of this line is not UTF-8; save the file with the encoding UTF-8.",
                column=column,
            ),
        )
        return None


def _refuse_tabs(text: str, problems: Problems) -> None:
    for line, content in enumerate(text.split("\n"), start=1):
        if "\t" in content:
            problems.add(line, problems.say("a tab; write spaces instead."))


def _unprintable(text: str, problems: Problems) -> bool:
    """Whether there are signs YAML does not allow; the parser would stop at the first without its line."""
    found = [line for line, content in enumerate(text.split("\n"), start=1) if _UNPRINTABLE.search(content)]
    for line in found:
        problems.add(line, problems.say("a control character that cannot be seen; remove it."))
    return bool(found)
