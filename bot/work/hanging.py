"""What hangs on a session when that is moved or cancelled: what was not seen goes with it, what was asked ends in time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments, outbox
from bot.db.tables import AskedQuestion, Delivery, Enrolment, Occurrence, Person, Session
from bot.domain import arc
from bot.domain.delivery import Kind, State, Why
from bot.domain.sequence import AroundSession, Step
from bot.work import closing, knowing, later
from bot.work.practice import Practice

_ALIVE = ("waiting", "asked")
_NEVER_PUT = ("not_asked", "expired")
_WAS_LEFT_OUT = and_(Occurrence.state == "not_asked", Occurrence.reason == "paused", Occurrence.asked_at.is_(None))


async def withdraw(db: AsyncSession, session: Session, now: datetime, *, cancelled: bool) -> None:
    """What hangs on a session and has not gone out is cancelled with it, or planned anew when it moves. What was asked
    before a session that is off is over."""
    for occurrence in await db.scalars(select(Occurrence).where(Occurrence.anchor == str(session.id))):
        if await _is_unseen(db, occurrence):
            await _withdraw(db, occurrence, now, cancelled=cancelled)
        elif occurrence.state == "asked":
            if cancelled or not await closing.is_known(db, occurrence):
                await _take_back_under_way(db, occurrence)
            if cancelled:
                await closing.close(db, occurrence, "cancelled", Why.session_cancelled)
                await enrolments.wake(db, occurrence.leader_id, now)
    await enrolments.replan(db, session.engagement_id, now)


async def _is_unseen(db: AsyncSession, occurrence: Occurrence) -> bool:
    """Whether nothing of it has gone out, and may still: what found no time finds some on another day."""
    if occurrence.state not in (*_ALIVE, *_NEVER_PUT) or (occurrence.reason == "paused" and occurrence.asked_at is not None):
        return False
    gone = (
        select(Delivery.id)
        .join(AskedQuestion, AskedQuestion.id == Delivery.question_id)
        .where(AskedQuestion.occurrence_id == occurrence.id, Delivery.state.not_in([State.pending, State.expired]))
    )
    return (await db.scalars(gone.limit(1))).one_or_none() is None


async def _withdraw(db: AsyncSession, occurrence: Occurrence, now: datetime, *, cancelled: bool) -> None:
    await enrolments.wake(db, occurrence.leader_id, now)
    if cancelled:
        closing.settle(occurrence, "cancelled", Why.session_cancelled)
        occurrence.asked_at = None
        await closing.cancel_questions(db, occurrence, Why.session_cancelled)
    elif occurrence.reason != "paused":  # its turn was in a pause: only another one, still to come, is none (`reckon_ends`)
        await closing.forget(db, occurrence)


async def _take_back_under_way(db: AsyncSession, occurrence: Occurrence) -> None:
    """It may arrive, but does not go a second time; a move plans it anew then (`closing.expire_question`)."""
    questions = select(AskedQuestion.id).where(AskedQuestion.occurrence_id == occurrence.id)
    under_way = Delivery.state.in_([State.sending, State.unknown])
    await db.execute(update(Delivery).where(Delivery.question_id.in_(questions), under_way).values(payload=None))


async def reckon_ends(practice: Practice, db: AsyncSession, engagement_id: UUID, now: datetime) -> None:
    """Sessions of a coaching have changed: until when what waits or is open may be asked and answered."""
    await db.flush()
    query = (
        select(Occurrence, Enrolment)
        .join(Enrolment, Enrolment.id == Occurrence.enrolment_id)
        .where(Enrolment.engagement_id == engagement_id, or_(Occurrence.state.in_(_ALIVE), _WAS_LEFT_OUT))
    )
    known: dict[UUID, knowing.ArcFacts] = {}
    for occurrence, enrolment in (await db.execute(query)).all():
        leader = await db.get_one(Person, enrolment.leader_id)
        if enrolment.id not in known:
            known[enrolment.id] = await knowing.facts_of(practice, db, enrolment, leader, now)
        steps, joined_at, sessions, hours, *_ = known[enrolment.id]
        step = next((one for one in steps if one.key == occurrence.step), None)
        if step is None:
            continue
        due = arc.around_sessions(step, joined_at, sessions, hours).get(occurrence.anchor)
        if occurrence.state not in _ALIVE:
            if due is not None and due.due_at > now:
                await closing.forget(db, occurrence)
            continue
        until = _start_of_its_session(step, occurrence, sessions) or (due.until if due is not None else None)
        if until is not None and until != occurrence.until:
            occurrence.until = until
            await _end_in_time(db, occurrence, leader, now)


def _start_of_its_session(step: Step, occurrence: Occurrence, sessions: list[arc.Meeting]) -> datetime | None:
    """Where it belongs before one."""
    if not (isinstance(step.when, AroundSession) and step.when.before):
        return None
    return next((one.starts_at for one in sessions if str(one.id) == occurrence.anchor), None)


async def _end_in_time(db: AsyncSession, occurrence: Occurrence, leader: Person, now: datetime) -> None:
    if occurrence.state == "waiting":
        occurrence.look_at = now
        return
    assert occurrence.asked_at is not None
    if occurrence.snoozed_until is not None and occurrence.snoozed_until >= occurrence.until:
        occurrence.snoozed_until = None
    shown_at = occurrence.snoozed_until or max(occurrence.asked_at, await _last_shown(db, occurrence) or occurrence.asked_at)
    occurrence.closes_at = await later.closing(db, leader, occurrence, shown_at)
    occurrence.look_at = occurrence.snoozed_until or occurrence.closes_at
    reminder = Delivery.dedupe_key == later.reminder_key(occurrence.id)
    await outbox.cancel(db, Why.not_needed, reminder, Delivery.due_at >= occurrence.closes_at)


async def _last_shown(db: AsyncSession, occurrence: Occurrence) -> datetime | None:
    """When its question stood at the end of the chat last: it may have been put off, and shown again."""
    shown = (
        select(func.max(Delivery.due_at))
        .join(AskedQuestion, AskedQuestion.id == Delivery.question_id)
        .where(AskedQuestion.occurrence_id == occurrence.id, Delivery.kind == Kind.prompt, Delivery.target_id.is_(None))
    )
    return await db.scalar(shown)
