"""Briefs: what a coach reads before a session, written when it is due and at any time."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments, people, reading
from bot.db.tables import Answer, Delivery, Engagement, Person, Pin, Session
from bot.domain.brief import Brief, Brought, brief_blocks
from bot.domain.delivery import Kind
from bot.domain.heard import Said
from bot.domain.sequence import Sharing
from bot.errors import RefusedError
from bot.i18n import Say
from bot.vault import Box
from bot.work import disclosing, outgoing, pins, stuck
from bot.work.hearing import hear, in_messages, names, opened_for, voices
from bot.work.leaders import find_leader
from bot.work.practice import Practice, Turn, name_of


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
        [said] = await opened_for(practice, db, [answer], coach, now)
        return Brought(said)
    return Brought(theme=answer.theme if answer.sharing == Sharing.topic else None)


def _opened(box: Box, field: str, engagement: Engagement) -> str:
    value: bytes | None = getattr(engagement, field)
    return box.open(f"engagement.{field}", engagement.id, value) if value else ""
