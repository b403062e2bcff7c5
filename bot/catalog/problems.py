"""What is wrong with a file: every problem with its line, in plain words, collected before any is told."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.errors import ConfigurationError
from bot.i18n import Say

MOST_SHOWN = 100
"""Problems told of one file; beyond that the file is broken as a whole and more lines help nobody."""


class CatalogError(ConfigurationError):
    """Prompts that cannot be used: `problems` holds `file:line: what, where, what to do`, in order."""


@dataclass
class Problems:
    """The problems of one file."""

    filename: str
    say: Say
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, sentence: str) -> None:
        self.found.append((line, sentence))

    def on(self, line: int) -> bool:
        return any(line == other for other, _ in self.found)

    def lines(self) -> list[str]:
        ordered = sorted(self.found, key=lambda problem: problem[0])
        told = [f"{self.filename}:{line}: {sentence}" for line, sentence in ordered[:MOST_SHOWN]]
        untold = ordered[MOST_SHOWN:]
        if untold:
            more = self.say.plural("and {n} more problem.", "and {n} more problems.", len(untold))
            told.append(f"{self.filename}:{untold[0][0]}: {more}")
        return told

    def refuse(self) -> CatalogError:
        return CatalogError(self.lines())


@dataclass(frozen=True)
class Place:
    """Where in a file we are reading, for the beginning of a sentence: `step weekly, question sure`."""

    problems: Problems
    path: tuple[str, ...] = ()

    @property
    def say(self) -> Say:
        return self.problems.say

    def inside(self, what: str) -> "Place":
        return Place(self.problems, (*self.path, what))

    def problem(self, line: int, sentence: str) -> None:
        where = ", ".join(self.path)
        self.problems.add(line, f"{where}: {sentence}" if where else sentence)

    def did_you_mean(self, word: str, known: Iterable[str]) -> str:
        """The end of a sentence about a word we do not know: a guess, or all the words we do know."""
        known = list(known)
        guess = nearest(word, known)
        if guess:
            return self.say("did you mean “{guess}”?", guess=guess)
        return self.say("write one of: {known}.", known=", ".join(known))


def nearest(word: str, known: list[str]) -> str | None:
    """The known word somebody probably meant: `thursday` means `thu`."""
    from difflib import get_close_matches

    lowered = word.strip().lower().replace("_", "-")[:60]
    spelled = {other.replace("_", "-"): other for other in known}
    shortened = [other for other in spelled if len(other) >= 3 and lowered.startswith(other)]
    close = get_close_matches(lowered, spelled, n=1, cutoff=0.6) or shortened
    return spelled[close[0]] if close else None
