"""What came from a leader, opened for their coach: only what is shared."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import reading
from bot.db.tables import Answer, AnswerPart, Engagement, Enrolment, Person
from bot.domain import moments
from bot.domain.heard import Heard, Said, Spoken
from bot.domain.measures import Reading, Standing, standing
from bot.domain.schedule import local
from bot.domain.sequence import MEASURES, Sharing
from bot.domain.text import Block, Message, message, messages, plain
from bot.i18n import Say
from bot.work import content, recordings
from bot.work.leaders import theme_name
from bot.work.outgoing import Attachment
from bot.work.practice import Practice, name_of


def names(say: Say) -> dict[str, str]:
    """Themes and measures in the reader's language."""
    return {theme: theme_name(say, theme) for theme in (*MEASURES, "session", "pulse", "moment")}


async def hear(
    practice: Practice, db: AsyncSession, engagement: Engagement, coach: Person, answers: list[Answer],
    after: datetime, now: datetime,
) -> Heard:  # fmt: skip
    """Only what is shared is opened."""
    shared = [answer for answer in answers if answer.sharing == Sharing.words]
    said = await opened_for(practice, db, shared, coach, now)
    enrolment_ids = list(await db.scalars(select(Enrolment.id).where(Enrolment.engagement_id == engagement.id)))
    counts = await reading.asked_counts(db, engagement.leader_id, enrolment_ids, after, now)
    return Heard(
        said=tuple(said),
        topics=tuple(answer.theme for answer in answers if answer.sharing == Sharing.topic),
        private=sum(answer.sharing == Sharing.private and answer.kind == "answer" for answer in answers),
        standings=tuple(await _standings(practice, db, engagement, now, {a.theme for a in shared})),
        asked=sum(counts.values()),
        answered=counts.get("answered", 0),
        open=counts.get("asked", 0),
    )


async def opened_for(
    practice: Practice, db: AsyncSession, shared: Sequence[Answer], coach: Person, now: datetime
) -> list[Said]:
    """The words of shared answers, which are marked as sent to the coach."""
    parts = await content.parts_of(db, [answer.id for answer in shared])
    spoken = await recordings.of_answers(db, [answer.id for answer in shared])
    said = []
    for answer in shared:
        one = await _said(practice, db, answer, parts[answer.id], coach, spoken[answer.id])
        said.append(replace(one, id=answer.id))
        answer.sent_to_coach_at = answer.sent_to_coach_at or now
    return said


async def _said(
    practice: Practice, db: AsyncSession, answer: Answer, parts: list[AnswerPart], coach: Person,
    voices: Sequence[recordings.Voice],
) -> Said:  # fmt: skip
    say = Say(coach.language)
    opened = await content.open_answer(practice, answer, parts)
    day = local(answer.given_at, coach.zone).date()
    spoken = tuple(Spoken(voice.id, voice.seconds, voice.is_forwarded) for voice in voices)
    if answer.question_id is None:
        title, value = moments.title(answer.kind, say) or None, content.in_words(opened, None, say)
        if answer.kind == "outcome":
            value = "\n".join([*await content.planned(practice, db, answer, say), value])
        return Said(day, answer.theme, title, value, opened.own, forwarded=opened.forwarded, voices=spoken)
    posed = await content.posed(practice, db, answer.question_id)
    label = posed.question.short or posed.question.ask
    asked = label[say.language].replace("{coach}", await name_of(practice, coach))
    value = content.in_words(opened, posed.question, say)
    words = content.beside(opened.own, value, opened, posed.question, say)
    is_measure = posed.question.measure is not None
    return Said(day, answer.theme, asked, value, words, is_measure, opened.forwarded, spoken)


async def _standings(
    practice: Practice, db: AsyncSession, engagement: Engagement, now: datetime, themes: set[str]
) -> list[Standing]:
    """Where each measure of this span stands against the leader's own past."""
    wanted = [measure for measure in MEASURES if measure in themes]
    query = select(Answer).where(
        Answer.engagement_id == engagement.id, Answer.theme.in_(wanted), Answer.value.is_not(None),
        Answer.sharing == Sharing.words, Answer.given_at <= now,
    )  # fmt: skip
    readings: dict[str, list[Reading]] = {measure: [] for measure in wanted}
    for answer in await db.scalars(query.order_by(Answer.given_at, Answer.id)):
        number = (await content.open_answer(practice, answer, [])).number
        if number is not None and answer.question_id is not None:
            posed = await content.posed(practice, db, answer.question_id)
            if posed.question.measure == answer.theme:
                readings[answer.theme].append(Reading(answer.given_at, number))
    return [found for measure in wanted if (found := standing(measure, readings[measure])) is not None]


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
