"""Briefs: what a coach reads before a session, sent when it is due, a day before in short, and at any time."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments, people
from bot.db.tables import Answer, Delivery, Engagement, Person, Session
from bot.domain.brief import Brief, agenda_blocks, closing, opening, rated
from bot.domain.delivery import Kind
from bot.domain.sequence import Sharing
from bot.domain.text import Message, message
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import acting, curves, disclosing, leading, outgoing, stuck
from bot.work.gathering import Gathered, gather, gather_agenda
from bot.work.hearing import in_messages, names, voices
from bot.work.leaders import find_leader
from bot.work.outgoing import Attachment
from bot.work.practice import Practice, Turn

Part = tuple[Message, Attachment | None]
"""A message of a brief, and the picture or the voice that it is the caption of."""

_LOOKS = 3


async def brief(turn: Turn, text: str) -> None:
    """`/brief Jack`, at any time; `/brief` alone offers the leaders; `/brief before 24h 2h` says when it comes by itself."""
    if await leading.take(turn, text):
        return
    engagement, leader = await find_leader(turn, text)
    await _show(turn, engagement.id, leader.id)


async def show(turn: Turn, engagement_id: str) -> None:
    found = await people.engagement_for(turn.db, UUID(engagement_id), turn.me.id)
    if found is None:
        raise RefusedError(turn.say("There is nobody of that name."))
    engagement, leader = found
    await _show(turn, engagement.id, leader.id)


async def _show(turn: Turn, engagement_id: UUID, leader_id: UUID) -> None:
    """Read, opened and drawn beforehand; anew if something of it is no longer shared by then."""
    for attempt in range(_LOOKS):
        parts = await turn.beforehand(_look, engagement_id, attempt)
        if await _is_still_shared(turn.db, parts):
            break
    else:
        raise RefusedError(turn.say("The answers are changing just now. Please ask again in a minute."))
    turn.audit("read a brief", leader_id)
    for part, attachment in parts:
        sent = await turn.reply(part, about=leader_id, attachment=attachment)
        await disclosing.note(turn.db, sent, part, "opened")


async def _look(turn: Turn, engagement_id: UUID, _attempt: int) -> list[Part]:
    found = await people.engagement_for(turn.db, engagement_id, turn.me.id)
    if found is None:
        raise RefusedError(turn.say("There is nobody of that name."))
    session = await enrolments.next_session(turn.db, engagement_id, turn.now)
    return parts_of(await gather(turn.practice, turn.db, *found, turn.me, session, turn.now), turn.say)


async def _is_still_shared(db: AsyncSession, parts: Iterable[Part]) -> bool:
    refs = {ref for part, _ in parts for ref in part.refs}
    query = select(func.count()).where(Answer.id.in_(refs), Answer.sharing == Sharing.words)
    return (await db.scalar(query)) == len(refs)


def parts_of(gathered: Gathered, say: Say) -> list[Part]:
    """Its messages in order: words, the ratings as a picture if there is one to draw, the rest, then what was spoken."""
    made, called, drawn = gathered.brief, names(say), curves.picture(gathered, say)
    first, ratings, rest = opening(made, say, called), rated(made, say, called), closing(made, say, called)
    if drawn is None:
        written = _alone(in_messages([*first, *ratings, *rest]))
    else:
        before, after = in_messages(first), in_messages(rest)
        written = [*_alone(before), (replace(message(*ratings), protected=True), drawn), *_alone(after)]
    spoken = voices(made.leader, made.every_said, say)
    return [(acting.answerable(part, say), attachment) for part, attachment in [*written, *spoken]]


def _agenda_parts(made: Brief, say: Say) -> list[Part]:
    return _alone([acting.answerable(part, say) for part in in_messages(agenda_blocks(made, say, names(say)))])


def _alone(written: Iterable[Message]) -> list[Part]:
    return [(part, None) for part in written]


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
            session.brief_due_at = session.agenda_due_at = None  # the brief has what they bring
            if now < session.starts_at:
                await _send_brief(practice, db, session, now)
    return True


async def agenda_one(practice: Practice, now: datetime) -> bool:
    """A day before a session: what its leader brings and what was promised, if there is something."""
    async with practice.database.write() as db:
        query = select(Session).where(Session.agenda_due_at <= now, Session.state == "planned")
        session = (
            await db.scalars(query.order_by(Session.agenda_due_at).limit(1).with_for_update(skip_locked=True))
        ).one_or_none()
        if session is None:
            return False
        async with stuck.watched(db, session, "agenda_due_at"):
            session.agenda_due_at = None
            if session.brief_due_at is not None and now < session.brief_due_at:
                await _send_agenda(practice, db, session, now)
    return True


async def _read_by(db: AsyncSession, session: Session) -> tuple[Engagement, Person, Person] | None:
    """Whose session it is and who reads about it; None when there is nobody to write to."""
    engagement = await db.get_one(Engagement, session.engagement_id)
    coach = await db.get_one(Person, engagement.coach_id)
    if engagement.state != "active" or coach.chat_id is None:
        return None
    return engagement, await db.get_one(Person, engagement.leader_id), coach


async def _send_brief(practice: Practice, db: AsyncSession, session: Session, now: datetime) -> None:
    found, key = await _read_by(db, session), _key("brief", session)
    if found is None or await _has_gone(db, key):
        return
    _, leader, coach = found
    made = await gather(practice, db, *found, session, now)
    session.brief_cut_at = now
    await _send(practice, db, leader, coach, parts_of(made, Say(coach.language)), key, now, session.starts_at)


async def _send_agenda(practice: Practice, db: AsyncSession, session: Session, now: datetime) -> None:
    found, key = await _read_by(db, session), _key("agenda", session)
    if found is None or await _has_gone(db, key):
        return
    _, leader, coach = found
    parts = _agenda_parts(await gather_agenda(practice, db, *found, session, now), Say(coach.language))
    await _send(practice, db, leader, coach, parts, key, now, session.brief_due_at or session.starts_at)


def _key(kind: str, session: Session) -> str:
    """A session that moves may have one for each time."""
    return f"{kind}:{session.id}:{session.starts_at:%Y%m%dT%H%M}"


async def _has_gone(db: AsyncSession, key: str) -> bool:
    """Moved away and back: what was due for this time has gone out."""
    return await db.scalar(select(Delivery.id).where(Delivery.dedupe_key == f"{key}:0")) is not None


async def _send(
    practice: Practice, db: AsyncSession, leader: Person, coach: Person, parts: Sequence[Part], key: str, now: datetime,
    expires_at: datetime,
) -> None:  # fmt: skip
    for number, (part, attachment) in enumerate(parts):
        sent = await outgoing.send(
            practice, db, coach, Kind.brief, part, key=f"{key}:{number}", now=now, expires_at=expires_at,
            about=leader.id, attachment=attachment,
        )  # fmt: skip
        await disclosing.note(db, sent, part, "brief")
