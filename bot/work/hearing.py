"""What came from a leader, opened for their coach: only what is shared."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Answer, AskedQuestion, Enrolment, Occurrence, Person
from bot.domain import moments
from bot.domain.heard import Said, Spoken, rated_in_words
from bot.domain.schedule import local
from bot.domain.sequence import MEASURES, Question
from bot.domain.sequence import Sequence as Prompts
from bot.domain.text import Block, Message, message, messages, plain
from bot.i18n import Say
from bot.work import content, recordings, sequences
from bot.work.leaders import theme_name
from bot.work.outgoing import Attachment
from bot.work.practice import Practice, name_of


def names(say: Say) -> dict[str, str]:
    """Themes and measures in the reader's language."""
    return {theme: theme_name(say, theme) for theme in (*MEASURES, "session", "pulse", "moment")}


async def opened_for(
    practice: Practice, db: AsyncSession, shared: Sequence[Answer], coach: Person, without_plans: Collection[UUID] = ()
) -> list[Said]:
    """The words of shared answers, all of which their coach may read. An outcome is told with its plan, unless that
    stands beside it."""
    parts = await content.parts_of(db, [answer.id for answer in shared])
    spoken = await recordings.of_answers(db, [answer.id for answer in shared])
    asked = await _asked(practice, db, [answer.question_id for answer in shared if answer.question_id])
    coach_name, say = await name_of(practice, coach), Say(coach.language)
    said = []
    for answer in shared:
        opened = await content.open_answer(practice, answer, parts[answer.id])
        voices = tuple(Spoken(voice.id, voice.seconds, voice.is_forwarded) for voice in spoken[answer.id])
        question = asked[answer.question_id] if answer.question_id else None
        one = _said(answer, opened, question, coach.zone, say, coach_name)
        if answer.kind == "outcome" and answer.id not in without_plans:
            value = "\n".join([*await content.planned(practice, db, answer, say), one.value])
            one = replace(one, value=value)
        one = replace(one, voices=voices)
        is_bare = opened.number is not None and one.value == str(opened.number) and not one.is_only_a_number
        said.append(replace(one, value=rated_in_words(one.value, say)) if is_bare else one)
    return said


def _said(
    answer: Answer, opened: content.Content, question: Question | None, zone: str, say: Say, coach: str
) -> Said:
    day, value = local(answer.given_at, zone).date(), content.in_words(opened, question, say)
    if question is None:
        asked, words = title(answer.kind, say) or None, opened.own
    else:
        asked = label(question, say, coach)
        words = content.beside(opened.own, value, opened, question, say)
    is_measure = question is not None and question.measure == answer.theme
    return Said(
        day, answer.theme, asked, value, words, is_measure, opened.forwarded, id=answer.id, kind=answer.kind
    )


def title(kind: str, say: Say) -> str:
    """What an answer that no question asked for is called."""
    return say("In reply to your note") if kind == "reply" else moments.title(kind, say)


def label(question: Question, say: Say, coach: str) -> str:
    """A question by its short label, or by itself."""
    return (question.short or question.ask)[say.language].replace("{coach}", coach)


async def _asked(practice: Practice, db: AsyncSession, question_ids: Sequence[UUID]) -> dict[UUID, Question]:
    """The questions as they were asked: one query, and each sequence is opened once."""
    query = (
        select(AskedQuestion.id, AskedQuestion.key, Occurrence.step, Enrolment)
        .join(Occurrence, Occurrence.id == AskedQuestion.occurrence_id)
        .join(Enrolment, Enrolment.id == Occurrence.enrolment_id)
        .where(AskedQuestion.id.in_(question_ids))
    )
    opened: dict[UUID, Prompts] = {}
    found: dict[UUID, Question] = {}
    for question_id, key, step, enrolment in await db.execute(query):
        if enrolment.id not in opened:
            opened[enrolment.id] = await sequences.of_enrolment(practice, db, enrolment)
        found[question_id] = opened[enrolment.id].step(step).question(key)
    return found


def voices(name: str, all_said: Iterable[Said], say: Say) -> list[tuple[Message, Attachment]]:
    """What was spoken, each as a message of its own: whose it is and from which day."""
    return [
        (
            replace(message(plain(_caption(name, said, voice, say))), protected=True, refs=said.refs),
            Attachment("voice", "voice.ogg", recording_id=voice.id, seconds=voice.seconds),
        )
        for said in all_said
        for voice in said.voices
    ]


def _caption(name: str, said: Said, voice: Spoken, say: Say) -> str:
    day = say.short_day(said.day)
    if voice.is_forwarded:  # not the leader's own voice
        return say("Forwarded by {name}, {day}", name=name, day=day)
    return say("{name}, {day}", name=name, day=day)


def in_messages(blocks: list[Block]) -> list[Message]:
    return messages(blocks, protected=True)
