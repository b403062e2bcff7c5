"""What came from a leader in a span of time: values first, then blocks of text, the same for briefs and digests.

The same values give the same text. Words stand as they were written, in the leader's own order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from bot.domain.measures import Standing
from bot.domain.text import Block, Span, bold, plain, quote
from bot.i18n import Say


@dataclass(frozen=True)
class Spoken:
    """A voice message: which recording, how long, and whether it is somebody else's, passed on."""

    id: UUID
    seconds: int
    is_forwarded: bool = False


@dataclass(frozen=True)
class Said:
    """One shared answer: on which local day, to which question (none if unasked), the tapped value, the words: one's
    own, forwarded ones, and what was spoken."""

    day: date
    theme: str
    question: str | None
    value: str
    words: str
    is_measure: bool = False
    forwarded: str = ""
    voices: tuple[Spoken, ...] = ()
    id: UUID | None = None
    is_pinned: bool = False  # it stands among what they bring already
    kind: str = "answer"  # as in the table of answers

    @property
    def refs(self) -> tuple[UUID, ...]:
        return () if self.id is None else (self.id,)

    @property
    def is_only_a_number(self) -> bool:
        """A measure without more to it: it stands among the ratings already."""
        return self.is_measure and not (self.words or self.forwarded or self.voices)


def as_rating(one: Said, say: Say) -> Said:
    """Away from the other ratings a bare number does not say what it is."""
    return replace(one, value=rated_in_words(one.value, say)) if one.is_only_a_number else one


def rated_in_words(value: str, say: Say) -> str:
    return say("{value} on a scale from 0 to 10", value=value)


@dataclass(frozen=True)
class Heard:
    """What came from one leader in a span of time. `private` is a number and nothing else."""

    said: tuple[Said, ...] = ()
    topics: tuple[str, ...] = ()
    private: int = 0
    standings: tuple[Standing, ...] = ()
    asked: int = 0
    answered: int = 0
    open: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.said or self.topics or self.private or self.asked)


def heard_blocks(heard: Heard, say: Say, names: dict[str, str], *, by_theme: bool) -> list[Block]:
    """How much there was, the measures, then the words: what matters in two minutes comes first."""
    return [
        *_counts(heard, say, names),
        *_measures(heard, say, names),
        *(by_themes(heard.said, say, names) if by_theme else _in_order(heard.said, say)),
    ]


def _measures(heard: Heard, say: Say, names: dict[str, str]) -> list[Block]:
    if not heard.standings:
        return []
    lines = "\n".join(stands(standing, say, names) for standing in heard.standings)
    refs = tuple(ref for one in heard.said if one.is_only_a_number for ref in one.refs)
    return [Block((Span(say("Their own ratings, 0 to 10"), "bold"), Span("\n" + lines)), refs)]


def stands(standing: Standing, say: Say, names: dict[str, str]) -> str:
    """`confidence: 4 (usually 6.5; before: 7, 6, 6)`"""
    name = names.get(standing.measure, standing.measure)
    before = ", ".join(str(value) for value in standing.recent)
    if standing.usual is not None:
        usual = say.number(standing.usual)
        return say(
            "{name}: {latest} (usually {usual}; before: {before})",
            name=name, latest=standing.latest, usual=usual, before=before,
        )  # fmt: skip
    if before:
        return say("{name}: {latest} (before: {before})", name=name, latest=standing.latest, before=before)
    return say("{name}: {latest}", name=name, latest=standing.latest)


def by_themes(said: Sequence[Said], say: Say, names: dict[str, str]) -> list[Block]:
    """By theme, in the order in which the leader first spoke of each."""
    themes: dict[str, list[Said]] = {}
    for one in said:
        if not (one.is_only_a_number or one.is_pinned):
            themes.setdefault(one.theme, []).append(one)
    blocks: list[Block] = []
    for theme, those in themes.items():
        blocks.append(bold(capital(names.get(theme, theme))))
        blocks += [quoted(one, say) for one in those]
    return blocks


def _in_order(said: tuple[Said, ...], say: Say) -> list[Block]:
    return [quoted(one, say) for one in said if not (one.is_only_a_number or one.is_pinned)]


def quoted(one: Said, say: Say) -> Block:
    about = " · ".join(filter(None, (say.short_day(one.day), one.question)))
    head = Block((Span(about + "\n", "italic"),), one.refs)
    said = "\n".join(filter(None, (one.value, one.words, *(_voice(voice, say) for voice in one.voices))))
    if not one.forwarded:
        return head + quote(said or "–")
    own = quote(said) + plain("\n") if said else Block(())
    return head + own + Block((Span(say("Forwarded:") + "\n", "italic"),)) + quote(one.forwarded)


def _voice(voice: Spoken, say: Say) -> str:
    if voice.is_forwarded:
        return say("🎤 forwarded voice, {length}", length=length_of(voice.seconds))
    return say("🎤 voice, {length}", length=length_of(voice.seconds))


def length_of(seconds: int) -> str:
    """`0:42`"""
    return f"{seconds // 60}:{seconds % 60:02}"


def _counts(heard: Heard, say: Say, names: dict[str, str]) -> list[Block]:
    lines = [topics_line(heard, say, names), private_line(heard, say), asked_line(heard, say)]
    return [plain("\n".join(filter(None, lines)))] if any(lines) else []


def topics_line(heard: Heard, say: Say, names: dict[str, str]) -> str:
    """What was shared without words, each theme once; empty when there is none, as in the next two."""
    topics = [names.get(theme, theme) for theme in dict.fromkeys(heard.topics)]
    return say("Shared as a topic, without words: {topics}.", topics=say.list(topics)) if topics else ""


def private_line(heard: Heard, say: Say) -> str:
    if not heard.private:
        return ""
    return say.plural("{n} answer is kept private.", "{n} answers are kept private.", heard.private)


def asked_line(heard: Heard, say: Say) -> str:
    if not heard.asked:
        return ""
    line = say("Asked {asked}, answered {answered}.", asked=heard.asked, answered=heard.answered)
    if heard.open:
        line += " " + say.plural("{n} is still open.", "{n} are still open.", heard.open)
    return line


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
