"""A leader's own answers as the leader sees them: which question, which day, what was said, who may read it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Answer, Engagement, Person
from bot.domain import moments
from bot.domain.heard import length_of
from bot.domain.schedule import local
from bot.domain.sequence import Question, Sharing
from bot.domain.text import Block, Span, quote, units
from bot.domain.words import folded
from bot.i18n import Say
from bot.work import content, pins, recordings
from bot.work.content import Content
from bot.work.practice import Practice, Turn, name_of

_EXCERPT = 220
_VOICES = 3
_LABEL = 120


@dataclass(frozen=True)
class Entry:
    """One answer, opened for its own leader."""

    answer: Answer
    day: str
    label: str
    said: str = field(repr=False)  # the value and the words, without what was passed on
    forwarded: str = field(repr=False)
    seconds: tuple[int, ...]  # how long each voice message is
    reader: str
    is_pinned: bool
    is_rating: bool = False  # a number from 0 to 10 and nothing else


async def opened(turn: Turn, answers: Sequence[Answer]) -> list[Entry]:
    """The entries of one's own answers, in the order given."""
    ids = [answer.id for answer in answers]
    parts, voices = await content.parts_of(turn.db, ids), await recordings.of_answers(turn.db, ids)
    pinned = await pins.pinned_ids(turn.db, turn.me.id)
    found = []
    for answer in answers:
        coach = await coach_of(turn, answer)
        question = await question_of(turn.practice, turn.db, answer)
        held = await content.open_answer(turn.practice, answer, parts[answer.id])
        found.append(
            Entry(
                answer=answer,
                day=day_of(turn, answer.given_at),
                label=label_of(answer, question, turn.say, coach),
                said=_said(held, question, turn.say),
                forwarded=held.forwarded,
                seconds=tuple(voice.seconds for voice in voices[answer.id]),
                reader=reader_of(answer, turn.say, coach),
                is_pinned=answer.id in pinned,
                is_rating=held.number is not None and not held.words,
            )
        )
    return found


def _said(held: Content, question: Question | None, say: Say) -> str:
    value = content.in_words(held, question, say)
    return "\n".join(filter(None, (value, content.beside(held.own, value, held, question, say))))


async def coach_of(turn: Turn, answer: Answer) -> str:
    """The coach for whom an answer was given."""
    engagement = await turn.db.get_one(Engagement, answer.engagement_id)
    return await name_of(turn.practice, await turn.db.get_one(Person, engagement.coach_id))


async def question_of(practice: Practice, db: AsyncSession, answer: Answer) -> Question | None:
    if answer.question_id is None:
        return None
    return (await content.posed(practice, db, answer.question_id)).question


def label_of(answer: Answer, question: Question | None, say: Say, coach: str) -> str:
    """The question's short label, the question itself, or what kind of moment it is."""
    if answer.kind == "reply":
        return say("In reply to {coach}’s note", coach=coach)
    if question is None:
        return moments.title(answer.kind, say) or say("Written unasked")
    return clipped((question.short or question.ask)[say.language].replace("{coach}", coach), _LABEL)


def reader_of(answer: Answer, say: Say, coach: str) -> str:
    return {
        Sharing.words: say("{coach} can read it", coach=coach),
        Sharing.topic: say("{coach} sees only the topic", coach=coach),
        Sharing.private: say("only you"),
    }[Sharing(answer.sharing)]


def day_of(turn: Turn, instant: datetime) -> str:
    """`Mon 5 Oct` on one's own calendar; with the year when it was another one."""
    return dated(turn.say, local(instant, turn.me.zone).date(), local(turn.now, turn.me.zone).date())


def dated(say: Say, day: date, today: date) -> str:
    return say.short_day(day) + (f" {day.year}" if day.year != today.year else "")


def clipped(text: str, most: int) -> str:
    """The beginning of a text, cut between words where that is possible."""
    if units(text) <= most:
        return text
    head = text[: most - 1]
    while units(head) > most - 1:
        head = head[:-1]
    space = head.rfind(" ")
    return (head[:space] if space > most // 2 else head).rstrip() + "…"


def excerpt(text: str, most: int, wanted: Collection[str]) -> str:
    """The beginning of a text; where none of the wanted words (`words.folded`) would be seen there, what is around the
    first of them."""
    shown = clipped(text, most)
    if any(term in folded(shown) for term in wanted):
        return shown
    for word in re.finditer(r"\S+", text):
        if any(term in folded(word[0]) for term in wanted):
            begins = text.rfind(" ", 0, max(word.start() - most // 4, 0)) + 1
            return "… " + clipped(text[begins:], most - 2)
    return shown


def block(
    entry: Entry, say: Say, number: int | None = None, *, whole: bool = False, wanted: Collection[str] = ()
) -> Block:
    """The day and the question, what was said, and below it who can read it; `wanted`: the words it was found by."""
    head = f"{entry.day} · {entry.label}" if number is None else f"{number}. {entry.day} · {entry.label}"
    spans = [Span(head + "\n", "bold")]
    if entry.said:
        spans += quote(entry.said if whole else excerpt(entry.said, _EXCERPT, wanted)).spans
    if entry.forwarded:
        spans.append(Span(("\n" if entry.said else "") + say("Forwarded:") + "\n", "italic"))
        spans += quote(entry.forwarded if whole else excerpt(entry.forwarded, _EXCERPT, wanted)).spans
    voices = [f"🎤 {length_of(seconds)}" for seconds in entry.seconds[:_VOICES]]
    if len(entry.seconds) > _VOICES:
        voices.append(f"+{len(entry.seconds) - _VOICES}")
    pinned = [say("on your agenda")] if entry.is_pinned else []
    if not (entry.said or entry.forwarded or voices):
        spans.append(Span("–"))
    is_quoted = bool(entry.said or entry.forwarded)
    foot = " · ".join([*voices, entry.reader, *pinned])
    spans.append(Span(("\n" if is_quoted or not voices else "") + foot, "italic"))
    return Block(tuple(spans))
