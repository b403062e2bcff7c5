"""When a coach's own question is asked: a moment, or so long before or after a session; and how that is said."""

from dataclasses import replace
from datetime import datetime

from bot.db import enrolments
from bot.db.tables import Engagement, Person, Session
from bot.domain.hours import last_allowed, next_allowed
from bot.domain.own_questions import OwnQuestion, Timing
from bot.domain.schedule import first_instant
from bot.domain.spans import ENDLESS
from bot.errors import RefusedError
from bot.work.practice import Turn, hours_of, name_of


async def timed(
    turn: Turn, engagement: Engagement, leader: Person, own: OwnQuestion, timing: Timing
) -> OwnQuestion:
    """The moment as it is kept: an instant, or so long before or after the session; what cannot be is refused."""
    own = own.timed(replace(timing, at=first_instant(timing.at, turn.me.zone) if timing.at else None))
    if not timing.is_around:
        return own
    session = await _session(turn, engagement, own)
    if session is None:
        name = await name_of(turn.practice, leader)
        raise RefusedError(turn.say("No session with {name} is planned. /session plans one.", name=name))
    if _around(own, session, leader) <= turn.now:
        when = turn.say.moment(session.starts_at, turn.me.zone)
        raise RefusedError(
            turn.say("That moment has passed: the session is on {when}. Without it, your question goes now.", when=when)
        )
    return own


async def _session(turn: Turn, engagement: Engagement, own: OwnQuestion) -> Session | None:
    """The session a question hangs on: the next one; after one, also the one that is under way."""
    planned = [s for s in await enrolments.sessions_of(turn.db, engagement.id) if s.state == "planned"]
    return next((s for s in planned if (s.starts_at if own.is_before else s.ends_at) > turn.now), None)


def _around(own: OwnQuestion, session: Session, leader: Person) -> datetime:
    """Roughly when: the planner reckons anew when the session moves."""
    away, hours = own.timing.away, hours_of(leader)
    if own.is_before:
        return last_allowed(session.starts_at - away, hours)
    return next_allowed(session.ends_at + away, hours)


async def when(turn: Turn, engagement: Engagement, leader: Person, own: OwnQuestion) -> str:
    """When it will be asked, on the coach's clock, for the preview and the list."""
    say, name = turn.say, await name_of(turn.practice, leader)
    if own.is_before is not None:
        session = await _session(turn, engagement, own)
        if session is None:
            return say("with the next session, once it is planned")
        moment = say.moment(_around(own, session, leader), turn.me.zone)
        return say("before the session: {moment}", moment=moment) if own.is_before else (
            say("after the session: {moment}", moment=moment)
        )
    wanted = own.at or turn.now
    free_from = leader.paused_until if leader.paused_until is not None and leader.paused_until >= wanted else None
    if free_from is not None and free_from >= ENDLESS:
        return say("not while {name} pauses", name=name)
    at = next_allowed(max(wanted, turn.now, free_from or wanted), hours_of(leader))
    moment = say.moment(at, turn.me.zone)
    if free_from is not None:
        return say("{moment}, when {name} is back from a pause", moment=moment, name=name)
    if at <= turn.now and await enrolments.open_occurrence(turn.db, leader.id) is not None:
        return say("now, after the question that is open")
    if at <= turn.now:
        return say("now")
    return moment if at == own.at else say("{moment}, in {name}’s next hours", moment=moment, name=name)


def free_instant(turn: Turn, leader: Person, at: datetime | None, name: str) -> datetime:
    """The wanted instant, now at the earliest, and not within a pause."""
    wanted = max(at or turn.now, turn.now)
    if leader.paused_until is None or leader.paused_until <= wanted:
        return wanted
    if leader.paused_until >= ENDLESS:
        raise RefusedError(
            turn.say("{name} has paused without an end, and a question would not arrive. A note waits.", name=name)
        )
    return leader.paused_until


async def counted_from(turn: Turn, engagement: Engagement, own: OwnQuestion) -> datetime:
    """Sessions are counted from here: "before the session" is not the one that is under way."""
    under_way = [
        s.ends_at for s in await enrolments.sessions_of(turn.db, engagement.id) if s.starts_at <= turn.now < s.ends_at
    ]
    return max([turn.now, *under_way]) if own.is_before else turn.now
