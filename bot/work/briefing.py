"""Briefs: rows become what was heard, that becomes text, and the text goes out like any other message."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments, people, reading
from bot.db.tables import Answer, AnswerPart, Delivery, Engagement, Enrolment, Person, Pin, Session
from bot.domain import moments
from bot.domain.brief import (
    Brief,
    Brought,
    Heard,
    Said,
    Spoken,
    brief_blocks,
)
from bot.domain.delivery import Kind
from bot.domain.measures import Reading, Standing, standing
from bot.domain.schedule import local
from bot.domain.sequence import MEASURES, Sharing
from bot.domain.text import Block, Message, message, messages, plain
from bot.errors import RefusedError
from bot.i18n import Say
from bot.vault import Box
from bot.work import content, disclosing, outgoing, pins, recordings, stuck
from bot.work.leaders import find_leader, theme_name
from bot.work.outgoing import Attachment
from bot.work.practice import Practice, Turn, name_of


def names(say: Say) -> dict[str, str]:
    """Themes and measures in the reader's language."""
    return {theme: theme_name(say, theme) for theme in (*MEASURES, "session", "pulse", "moment")}


async def brief(turn: Turn, text: str) -> None:
    """`/brief Jack`, at any time."""
    if not text.strip():
        raise RefusedError(turn.say("Please add the name: /brief Jack"))
    engagement, leader = await find_leader(turn, text)
    await _show(turn, engagement, leader)


async def show(turn: Turn, engagement_id: str) -> None:
    found = await people.engagement_for(turn.db, UUID(engagement_id), turn.me.id)
    if found is None:
        raise RefusedError(turn.say("There is nobody of that name."))
    await _show(turn, *found)


async def _show(turn: Turn, engagement: Engagement, leader: Person) -> None:
    session = await enrolments.next_session(turn.db, engagement.id, turn.now)
    made = await _compose(turn.practice, turn.db, engagement, leader, turn.me, session, turn.now)
    turn.audit("read a brief", leader.id)
    for part in in_messages(brief_blocks(made, turn.say, names(turn.say))):
        await disclosing.note(turn.db, await turn.reply(part, about=leader.id), part, "opened")
    for part, voice in voices(made.leader, _all_said(made), turn.say):
        sent = await turn.reply(part, about=leader.id, attachment=voice)
        await disclosing.note(turn.db, sent, part, "opened")


def _all_said(made: Brief) -> list[Said]:
    """What they bring may be older than what was heard."""
    heard = [said for said in made.heard.said if not said.is_pinned]
    return [*(point.said for point in made.brought if point.said is not None), *heard]


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


async def brief_one(practice: Practice, now: datetime) -> bool:
    """Write the brief of the session whose turn it is."""
    async with practice.database.write() as db:
        query = select(Session).where(Session.brief_due_at <= now, Session.state == "planned")
        session = (
            await db.scalars(query.order_by(Session.brief_due_at).limit(1).with_for_update(skip_locked=True))
        ).one_or_none()
        if session is None:
            return False
        async with stuck.watched(db, session, "brief_due_at"):
            session.brief_due_at = None
            if now < session.starts_at:
                await _send_brief(practice, db, session, now)
    return True


async def _send_brief(practice: Practice, db: AsyncSession, session: Session, now: datetime) -> None:
    engagement = await db.get_one(Engagement, session.engagement_id)
    leader = await db.get_one(Person, engagement.leader_id)
    coach = await db.get_one(Person, engagement.coach_id)
    if engagement.state != "active" or coach.chat_id is None:
        return
    key = f"brief:{session.id}:{session.starts_at:%Y%m%dT%H%M}"  # a session that moves may have one for each time
    if await db.scalar(select(Delivery.id).where(Delivery.dedupe_key == f"{key}:0")) is not None:
        return  # moved away and back: the brief for this time has gone out
    made = await _compose(practice, db, engagement, leader, coach, session, now)
    session.brief_cut_at = now
    say = Say(coach.language)
    for number, part in enumerate(in_messages(brief_blocks(made, say, names(say)))):
        sent = await outgoing.send(
            practice, db, coach, Kind.brief, part, key=f"{key}:{number}", now=now,
            expires_at=session.starts_at, about=leader.id,
        )  # fmt: skip
        await disclosing.note(db, sent, part, "brief")
    for number, (part, voice) in enumerate(voices(made.leader, _all_said(made), say)):
        sent = await outgoing.send(
            practice, db, coach, Kind.brief, part, key=f"{key}:voice:{number}", now=now,
            expires_at=session.starts_at, about=leader.id, attachment=voice,
        )  # fmt: skip
        await disclosing.note(db, sent, part, "brief")


async def _compose(
    practice: Practice, db: AsyncSession, engagement: Engagement, leader: Person, coach: Person,
    session: Session | None, now: datetime,
) -> Brief:  # fmt: skip
    sessions = await enrolments.sessions_of(db, engagement.id)
    since = max((s.brief_cut_at for s in sessions if s.brief_cut_at and s.starts_at <= now), default=None)
    answers = await reading.answers_between(db, engagement.id, since, now)
    heard = await hear(practice, db, engagement, coach, answers, since or engagement.started_at, now)
    brought = [await _bring(practice, db, pin, coach, now) for pin in await pins.on_agenda(db, engagement.id)]
    pinned = {point.said.id for point in brought if point.said is not None}
    heard = replace(heard, said=tuple(replace(said, is_pinned=said.id in pinned) for said in heard.said))
    box = await practice.vault.box(leader.id, "shared")
    return Brief(
        leader=await name_of(practice, leader),
        zone=coach.zone,
        starts_at=session.starts_at if session else None,
        more=sum(1 for s in sessions if session and s.state == "planned" and s.starts_at > session.starts_at),
        since=since,
        cut_at=now,
        organisation=_opened(box, "organisation", engagement),
        role=_opened(box, "role", engagement),
        heard=heard,
        last_answered_at=await reading.last_answered_at(db, engagement.id),
        brought=tuple(brought),
    )


async def _bring(practice: Practice, db: AsyncSession, pin: Pin, coach: Person, now: datetime) -> Brought:
    """A point of the leader's agenda, as far as its sharing allows: bringing it opens nothing."""
    if pin.answer_id is None:
        return Brought(theme=(await pins.step_of(practice, db, pin)).theme, is_prompt=True)
    answer = await db.get_one(Answer, pin.answer_id)
    if answer.sharing == Sharing.words:
        [said] = await _opened_for(practice, db, [answer], coach, now)
        return Brought(said)
    return Brought(theme=answer.theme if answer.sharing == Sharing.topic else None)


def _opened(box: Box, field: str, engagement: Engagement) -> str:
    value: bytes | None = getattr(engagement, field)
    return box.open(f"engagement.{field}", engagement.id, value) if value else ""


async def hear(
    practice: Practice, db: AsyncSession, engagement: Engagement, coach: Person, answers: list[Answer],
    after: datetime, now: datetime,
) -> Heard:  # fmt: skip
    """Only what is shared is opened."""
    shared = [answer for answer in answers if answer.sharing == Sharing.words]
    said = await _opened_for(practice, db, shared, coach, now)
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


async def _opened_for(
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
