"""Briefs: what a coach reads before a session, sent when it is due, a day before in short, and at any time."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments, people, reading
from bot.db.tables import Answer, Delivery, Engagement, Person, Session
from bot.domain.brief_words import agenda_blocks, closing, opening, rated
from bot.domain.delivery import Kind
from bot.domain.sequence import Sharing
from bot.domain.text import CAPTION_LIMIT, Message, message, units
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import acting, curves, disclosing, leading, outgoing, stuck
from bot.work.gathering import Gathered, gather, gather_agenda
from bot.work.hearing import in_messages, names, voices
from bot.work.leaders import find_leader, not_led
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
        raise await not_led(turn, UUID(engagement_id))
    engagement, leader = found
    await _show(turn, engagement.id, leader.id)


async def _show(turn: Turn, engagement_id: UUID, leader_id: UUID) -> None:
    """Read, opened and drawn beforehand; anew if something of it is no longer shared by then."""
    for attempt in range(_LOOKS):
        parts, as_read = await turn.beforehand(_look, engagement_id, leader_id, attempt)
        as_it_is = await reading.levels(turn.db, [leader_id], turn.now)
        if as_it_is == as_read and await _is_still_shared(turn.db, parts):
            break
    else:
        raise RefusedError(turn.say("The answers are changing just now. Please ask again in a minute."))
    turn.audit("read a brief", leader_id)
    for part, attachment in parts:
        sent = await turn.reply(part, about=leader_id, attachment=attachment)
        await disclosing.note(turn.db, sent, part, "opened")


async def _look(turn: Turn, engagement_id: UUID, leader_id: UUID, _attempt: int) -> tuple[list[Part], Any]:
    found = await people.engagement_for(turn.db, engagement_id, turn.me.id)
    if found is None:
        raise RefusedError(turn.say("There is nobody of that name."))
    session = await enrolments.next_session(turn.db, engagement_id, turn.now)
    as_read = await reading.levels(turn.db, [leader_id], turn.now)
    return parts_of(await gather(turn.practice, turn.db, *found, turn.me, session, turn.now), turn.say), as_read


async def _is_still_shared(db: AsyncSession, parts: Iterable[Part]) -> bool:
    refs = {ref for part, _ in parts for ref in part.refs}
    query = select(func.count()).where(Answer.id.in_(refs), Answer.sharing == Sharing.words)
    return (await db.scalar(query)) == len(refs)


def parts_of(gathered: Gathered, say: Say) -> list[Part]:
    """Its messages in order: words, the ratings as a picture if there is one to draw, the rest, then what was spoken."""
    made, called = gathered.brief, names(say)
    is_drawn_anew = any(one.is_new for one in made.ratings)  # else the last brief had the same picture
    drawn = curves.picture(gathered, say) if is_drawn_anew else None
    first, ratings, rest = opening(made, say, called), rated(made, say, called), closing(made, say, called)
    whole = in_messages([*first, *ratings, *rest])
    if drawn is None:
        written = _alone(whole)
    elif len(first) == 1 and len(whole) == 1 and units(whole[0].text) <= CAPTION_LIMIT:
        written = [(whole[0], drawn)]  # no words are new: the picture carries what there is to say
    else:
        if len(rest) == 1:  # nothing but the span of time: no message of its own
            first, rest = [*first, *rest], []
        before, after = in_messages(first), in_messages(rest)
        written = [*_alone(before), (replace(message(*ratings), protected=True), drawn), *_alone(after)]
    spoken = voices(made.leader, made.every_said, say)
    return [(acting.answerable(part, say), attachment) for part, attachment in [*written, *spoken]]


def _alone(written: Iterable[Message]) -> list[Part]:
    return [(part, None) for part in written]


async def brief_one(practice: Practice, now: datetime) -> bool:
    """Write the brief of the session whose turn it is."""
    return await _write_one(practice, "brief_due_at", _brief_of, now)


async def agenda_one(practice: Practice, now: datetime) -> bool:
    """A day before a session: what its leader brings and what was promised, if there is something."""
    return await _write_one(practice, "agenda_due_at", _agenda_of, now)


Make = Callable[[Practice, AsyncSession, Session, "_People", datetime], Awaitable[list[Part]]]


async def _write_one(practice: Practice, column: str, make: Make, now: datetime) -> bool:
    """Read, opened and drawn while others write; written down only if everything is still as it was read."""
    due = getattr(Session, column)
    async with practice.database.read() as db:
        query = select(Session).where(due <= now, Session.state == "planned").order_by(due).limit(1)
        session = (await db.scalars(query)).one_or_none()
        if session is None:
            return False
        with stuck.blamed(session, column):
            found, parts = await _read_by(db, session), list[Part]()
            if found is not None and not await _has_gone(db, session, column):
                parts = await make(practice, db, session, found, now)
        as_read = session.starts_at, await _newest(db, session, now)
    async with practice.database.write() as db:
        query = select(Session).where(Session.id == session.id, due <= now, Session.state == "planned")
        session = (await db.scalars(query.with_for_update(skip_locked=True))).one_or_none()
        if session is None:
            return False
        as_it_is = session.starts_at, await _newest(db, session, now)
        if as_it_is != as_read or not await _is_still_shared(db, parts):
            return True  # it is read anew
        async with stuck.watched(db, session, column):
            await _send(practice, db, session, column, parts, now)
    return True


async def _newest(db: AsyncSession, session: Session, now: datetime) -> Any:
    """What is another one as soon as its leader has said more, opened something up, or taken something back: an old
    number and a topic stand in a brief without being quoted."""
    query = select(func.count(Answer.id), func.max(Answer.last_bubble_at), func.max(Answer.shared_at))
    said = (await db.execute(query.where(Answer.engagement_id == session.engagement_id))).one()
    engagement = await db.get_one(Engagement, session.engagement_id)
    return tuple(said), engagement.state, engagement.carried, await reading.levels(db, [engagement.leader_id], now)


class _People(NamedTuple):
    """Whose session it is and who reads about it."""

    engagement: Engagement
    leader: Person
    coach: Person


async def _read_by(db: AsyncSession, session: Session) -> _People | None:
    """None when there is nobody to write to."""
    engagement = await db.get_one(Engagement, session.engagement_id)
    coach = await db.get_one(Person, engagement.coach_id)
    if engagement.state != "active" or coach.chat_id is None:
        return None
    return _People(engagement, await db.get_one(Person, engagement.leader_id), coach)


async def _brief_of(
    practice: Practice, db: AsyncSession, session: Session, people: _People, now: datetime
) -> list[Part]:
    if now >= session.starts_at:
        return []
    return parts_of(await gather(practice, db, *people, session, now), Say(people.coach.language))


async def _agenda_of(
    practice: Practice, db: AsyncSession, session: Session, people: _People, now: datetime
) -> list[Part]:
    """Nothing once the brief itself is due: it has all of this."""
    if session.brief_due_at is None or now >= session.brief_due_at:
        return []
    made, say = await gather_agenda(practice, db, *people, session, now), Say(people.coach.language)
    return _alone([acting.answerable(part, say) for part in in_messages(agenda_blocks(made, say, names(say)))])


def _key(column: str, session: Session) -> str:
    """A session that moves may have one for each time."""
    return f"{column.partition('_')[0]}:{session.id}:{session.starts_at:%Y%m%dT%H%M}"


async def _has_gone(db: AsyncSession, session: Session, column: str) -> bool:
    """Moved away and back: what was due for this time has gone out."""
    return await db.scalar(select(Delivery.id).where(Delivery.dedupe_key == f"{_key(column, session)}:0")) is not None


async def _send(
    practice: Practice, db: AsyncSession, session: Session, column: str, parts: Sequence[Part], now: datetime
) -> None:
    key, expires_at = _key(column, session), session.starts_at
    if column == "agenda_due_at":
        session.agenda_due_at, expires_at = None, session.brief_due_at or expires_at
    else:
        session.brief_due_at = session.agenda_due_at = None  # the brief has what they bring
        session.brief_cut_at = now if parts else session.brief_cut_at
    found = await _read_by(db, session)
    for number, (part, attachment) in enumerate(parts if found else ()):
        assert found is not None
        sent = await outgoing.send(
            practice, db, found.coach, Kind.brief, part, key=f"{key}:{number}", now=now, expires_at=expires_at,
            about=found.leader.id, attachment=attachment,
        )  # fmt: skip
        await disclosing.note(db, sent, part, "brief")
