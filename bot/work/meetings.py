"""What happens to a session: planned, moved, cancelled, held. Who is to hear of it is told by `telling`, once for all."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments, outbox
from bot.db.tables import Delivery, Engagement, Person, Session
from bot.db.types import new_id
from bot.domain import continuing
from bot.domain.delivery import State, Why
from bot.domain.hours import last_allowed, next_allowed
from bot.domain.schedule import local
from bot.errors import RefusedError
from bot.work import hanging, pins, stuck, untold
from bot.work.practice import Practice, Turn, hours_of

_CLEARLY_EARLIER = timedelta(hours=2)  # what the leader brings is in the brief as well


async def add(
    turn: Turn, engagement: Engagement, starts_at: datetime, minutes: int, *, may_clash: bool = False
) -> Session:
    """Plan a session with one of the coach's leaders. Refused when it clashes with another one."""
    ends_at = starts_at + timedelta(minutes=minutes)
    await _refuse_past(turn, starts_at)
    if not may_clash:  # whoever changes several at once has looked at what comes of all of them
        await refuse_clash(turn, starts_at, ends_at)
    made = Session(id=new_id(), engagement_id=engagement.id, starts_at=starts_at, ends_at=ends_at, made_at=turn.now)
    plan_brief(made, turn.me, turn.now)
    turn.db.add(made)
    await turn.db.flush()
    await outbox.cancel(turn.db, Why.session_planned, Delivery.dedupe_key.startswith(nudge_key(engagement.id)))
    await enrolments.replan(turn.db, engagement.id, turn.now)
    await hanging.reckon_ends(turn.practice, turn.db, engagement.id, turn.now)
    turn.audit("planned a session", made.id)
    return made


async def move(
    turn: Turn, session: Session, to: datetime, minutes: int | None = None, *, may_clash: bool = False
) -> None:
    """Another time, or another length; what hangs on the session and has not gone out moves with it."""
    length = timedelta(minutes=minutes) if minutes is not None else session.ends_at - session.starts_at
    await _refuse_past(turn, to)
    if not may_clash:
        await refuse_clash(turn, to, to + length, but=session)
    if to != session.starts_at and await _withdraw_briefs(turn.db, session):
        session.brief_cut_at = None
    session.starts_at, session.ends_at = to, to + length
    _revise(session, turn.now)
    due = brief_due(to, turn.me, turn.now)
    if session.brief_cut_at is None or due > turn.now:  # moved away from a brief that has gone out: another one comes
        session.brief_cut_at = None
        plan_brief(session, turn.me, turn.now)
    await hanging.withdraw(turn.db, session, turn.now, cancelled=False)
    await hanging.reckon_ends(turn.practice, turn.db, session.engagement_id, turn.now)
    turn.audit("moved a session", session.id)


async def _withdraw_briefs(db: AsyncSession, session: Session) -> bool:
    """What still waits to tell of a time that is no longer. Its place is free, should the session come back to it."""
    await _take_back(db, session, Why.session_moved)
    gone = and_(Delivery.state == State.cancelled, Delivery.reason == Why.session_moved)
    under_way = Delivery.state.in_([State.sending, State.unknown])
    query = select(Delivery).where(_before(session), or_(gone, under_way), ~Delivery.dedupe_key.contains(untold.MOVED))
    found = list(await db.scalars(query.with_for_update(of=Delivery)))
    for row in found:
        row.dedupe_key = f"{row.dedupe_key}{untold.MOVED}{row.id}"
    return any(row.dedupe_key.startswith("brief:") and row.state == State.cancelled for row in found)


async def _take_back(db: AsyncSession, session: Session, reason: Why) -> None:
    """What tells the coach before a session and has not arrived. What is on its way right now may, but does not go again."""
    await outbox.cancel(db, reason, _before(session))
    under_way = Delivery.state.in_([State.sending, State.unknown])
    await db.execute(update(Delivery).where(_before(session), under_way).values(payload=None))


def _before(session: Session) -> ColumnElement[bool]:
    """Its brief, and the day before what its leader brings."""
    kinds = ("brief", "agenda")
    return or_(*(Delivery.dedupe_key.startswith(f"{kind}:{session.id}:", autoescape=True) for kind in kinds))


async def cancel(turn: Turn, session: Session) -> None:
    """It does not take place: what hangs on it and has not gone out goes too."""
    session.state, session.brief_due_at, session.agenda_due_at = "cancelled", None, None
    _revise(session, turn.now)
    await _take_back(turn.db, session, Why.session_cancelled)
    await hanging.withdraw(turn.db, session, turn.now, cancelled=True)
    await _look_on(turn.db, session.engagement_id, turn.now)
    await hanging.reckon_ends(turn.practice, turn.db, session.engagement_id, turn.now)
    turn.audit("cancelled a session", session.id)


def _revise(session: Session, now: datetime) -> None:
    """For calendars: what was changed here is newer than a file from before. An event's own count is its calendar's."""
    session.revised_at = now
    session.revision += session.calendar_uid is None


def is_today(turn: Turn, session: Session) -> bool:
    """Whether it begins on this day of the coach's."""
    return local(session.starts_at, turn.me.zone).date() == local(turn.now, turn.me.zone).date()


async def complete(turn: Turn, session: Session, *, is_early: bool = False) -> None:
    """It has taken place, and is over now. Refused before it has begun, unless it `is_early`: earlier on its day."""
    if turn.now < session.starts_at:
        if not (is_early and is_today(turn, session)):
            when = turn.say.moment(session.starts_at, turn.me.zone)
            raise RefusedError(turn.say("That session begins on {when}. Once it has begun it can be done.", when=when))
        await _bring_forward(turn, session)
    session.ends_at = min(session.ends_at, turn.now)
    await _hold(turn.db, session, turn.now)
    await enrolments.replan(turn.db, session.engagement_id, turn.now)  # what comes after it, counts from now
    await hanging.reckon_ends(turn.practice, turn.db, session.engagement_id, turn.now)
    turn.audit("held a session", session.id)


async def _bring_forward(turn: Turn, session: Session) -> None:
    """It ended just now: what was to come before its planned start is too late, and is not asked."""
    length = session.ends_at - session.starts_at
    session.starts_at, session.ends_at = turn.now - length, turn.now
    _revise(session, turn.now)
    await _take_back(turn.db, session, Why.session_held)
    await hanging.withdraw(turn.db, session, turn.now, cancelled=False)


async def hold_one(practice: Practice, now: datetime) -> bool:
    """A planned session whose end has passed was held."""
    async with practice.database.write() as db:
        query = select(Session).where(Session.state == "planned", Session.ends_at <= now).order_by(Session.ends_at)
        session = (await db.scalars(query.limit(1).with_for_update(skip_locked=True))).one_or_none()
        if session is None:
            return False
        async with stuck.watched(db, session, "ends_at") as ended:
            if ended > session.starts_at:  # what was put off seems to last longer than it did
                session.ends_at = ended
            await _hold(db, session, now)
    return True


async def _hold(db: AsyncSession, session: Session, now: datetime) -> None:
    session.state, session.brief_due_at, session.agenda_due_at = "held", None, None
    await pins.clear(db, session.engagement_id, now, made_before=session.starts_at)
    await _look_on(db, session.engagement_id, session.ends_at)


async def _look_on(db: AsyncSession, engagement_id: UUID, since: datetime) -> None:
    """See before long whether a next session is planned."""
    engagement = await db.get_one(Engagement, engagement_id)
    if engagement.state == "active":
        hours = hours_of(await db.get_one(Person, engagement.coach_id))
        engagement.look_at = continuing.look_at(since, hours, is_open_ended=engagement.is_open_ended)


def nudge_key(engagement_id: UUID) -> str:
    """How the keys of nudges to plan a next session begin."""
    return f"next:{engagement_id}:"


async def clash_of(turn: Turn, starts_at: datetime, ends_at: datetime, but: Session | None = None) -> Session | None:
    """Another session of this coach at that time."""
    found = await enrolments.sessions_between(turn.db, turn.me.id, starts_at, ends_at)
    return next((other for other in found if but is None or other.id != but.id), None)


async def refuse_clash(turn: Turn, starts_at: datetime, ends_at: datetime, but: Session | None = None) -> None:
    """A coach is with one leader at a time."""
    other = await clash_of(turn, starts_at, ends_at, but)
    if other is not None:
        when = turn.say.moment(other.starts_at, turn.me.zone)
        raise RefusedError(turn.say("There is a session already on {when}. /sessions lists them.", when=when))


async def _refuse_past(turn: Turn, starts_at: datetime) -> None:
    if starts_at <= turn.now:
        raise RefusedError(turn.say("That moment has passed. Please choose a later one."))


def plan_brief(session: Session, coach: Person, now: datetime) -> None:
    """When the coach reads before a session: the brief, and clearly earlier what the leader brings."""
    session.brief_due_at = brief_due(session.starts_at, coach, now)
    agenda = last_allowed(session.starts_at - timedelta(minutes=coach.agenda_minutes), hours_of(coach))
    is_worth_it = now < agenda <= session.brief_due_at - _CLEARLY_EARLIER
    session.agenda_due_at = agenda if is_worth_it else None


def brief_due(starts_at: datetime, coach: Person, now: datetime) -> datetime:
    """Before the session by the coach's own lead: else when their hours open, if half of the lead is left by then, else
    when they closed before; not in the past."""
    lead, hours = timedelta(minutes=coach.brief_minutes), hours_of(coach)
    opening = next_allowed(starts_at - lead, hours)
    is_early_enough = starts_at - opening >= lead / 2
    return max(opening if is_early_enough else last_allowed(starts_at - lead, hours), now)
