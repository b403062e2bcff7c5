"""Sessions by text and by buttons: shown, moved, cancelled, marked as held; `booking` plans them."""

from datetime import datetime, timedelta
from uuid import UUID

from bot.db import enrolments, people
from bot.db.tables import Engagement, Person, Session
from bot.domain import appointments
from bot.domain.orders import Order, parse_order
from bot.domain.phrases import Misread
from bot.domain.schedule import local, to_instant
from bot.domain.text import Block, Button, Message, bold, message, plain
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import booking, expecting, going_on, meetings, telling
from bot.work.leaders import find_leader
from bot.work.practice import Practice, Turn, name_of

_SHOWN = 10
Found = tuple[Session, Engagement, Person]


async def session(turn: Turn, text: str) -> None:
    """`/session Jack Thu 10:00 weekly x6`, `/session Jack move Fri 14:00`; without words, by buttons."""
    if not text.strip():
        await booking.choose_leader(turn)
        return
    order = parse_order(text)
    if order.what == "plan":
        asked = booking.read(turn, text)
        await booking.book(turn, *await find_leader(turn, asked.name), booking.as_series(turn, asked))
        return
    engagement, leader = await find_leader(turn, order.name)
    if order.what == "open":
        await turn.reply(await going_on.go_open_ended(turn, engagement, leader), about=leader.id)
    elif order.what == "show":
        await _show_next(turn, engagement, leader)
    elif order.what == "done":
        _refuse_rest(turn, order)
        await _done(turn, engagement, leader)
    else:
        await _change_next(turn, order, await _next_of(turn, engagement, leader))


async def _next_of(turn: Turn, engagement: Engagement, leader: Person) -> Found:
    """The session that is on or comes next: what an order by name is about."""
    found = await enrolments.current_session(turn.db, engagement.id, turn.now)
    if found is None:
        name = await name_of(turn.practice, leader)
        raise RefusedError(turn.say("No session with {name} is planned.", name=name))
    return found, engagement, leader


async def _change_next(turn: Turn, order: Order, found: Found) -> None:
    session, _, leader = found
    if order.what == "cancel":
        _refuse_rest(turn, order)
        await _cancel(turn, *found)
    elif not order.rest:
        await turn.reply(await _card(turn, *found), about=leader.id)
    else:
        await _move_by_words(turn, session, leader, order.rest)


def _refuse_rest(turn: Turn, order: Order) -> None:
    """A day beside it: by words only the next one can be meant."""
    if not order.rest:
        return
    hints = {
        "cancel": turn.say("/session {name} cancel takes the next one; /sessions has buttons for each.", name=order.name),
        "done": turn.say("/session {name} done is about the one that is on or comes next.", name=order.name),
    }
    said = turn.say("I did not understand “{words}”.", words=order.rest[:40])
    raise RefusedError(f"{said} {hints[order.what]}")


async def _show_next(turn: Turn, engagement: Engagement, leader: Person) -> None:
    if await enrolments.current_session(turn.db, engagement.id, turn.now) is None:
        await booking.choose_day(turn, str(engagement.id))
    else:
        await turn.reply(await _card(turn, *await _next_of(turn, engagement, leader)), about=leader.id)


async def sessions(turn: Turn, text: str) -> None:
    """The coach's planned sessions, each with its buttons; a leader's own, without."""
    if not turn.me.is_coach:
        await _leader_sessions(turn)
    elif text.strip():
        engagement, leader = await find_leader(turn, text)
        await turn.reply(await _listed(turn, 0, engagement.id), about=leader.id)
    else:
        await turn.reply(await _listed(turn, 0, None))


async def page(turn: Turn, offset: str, engagement_id: str = "") -> Message:
    """Earlier or later ones, in the same message."""
    return await _listed(turn, int(offset), UUID(engagement_id) if engagement_id else None)


async def _listed(turn: Turn, offset: int, engagement_id: UUID | None) -> Message:
    say, zone = turn.say, turn.me.zone
    planned = await enrolments.planned_of(turn.db, turn.me.id, turn.now)
    planned = [pair for pair in planned if engagement_id in (None, pair[0].engagement_id)]
    if not planned:
        raise RefusedError(say("No sessions are planned. /session Jack Thu 10:00 plans one."))
    shown = planned[offset : offset + _SHOWN]
    lines, days = list[str](), list[str]()
    for session, leader in shown:
        name = await name_of(turn.practice, leader)
        lines.append(f"{say.moment(session.starts_at, zone)} · {name}")
        days.append(f"{name}, {say.short_day(local(session.starts_at, zone).date())}")
    rows = [
        [Button(_apart(session, day, zone, say) if days.count(day) > 1 else day, ("session.open", session.id))]
        for (session, _), day in zip(shown, days, strict=True)
    ]
    if more := len(planned) - offset - len(shown):
        lines.append(say.plural("and {n} later one", "and {n} later ones", more))
    turns = [Button(say("earlier ones"), ("session.page", offset - _SHOWN, engagement_id or ""))] if offset else []
    turns += [Button(say("later ones"), ("session.page", offset + _SHOWN, engagement_id or ""))] if more > 0 else []
    return message(bold(say("Planned sessions")), plain("\n".join(lines)), buttons=[*rows, *([turns] if turns else [])])


def _apart(session: Session, label: str, zone: str, say: Say) -> str:
    """Two with the same leader on one day."""
    return f"{label}, {say.clock(local(session.starts_at, zone).time())}"


async def _leader_sessions(turn: Turn) -> None:
    say = turn.say
    engagement = await people.engagement_of(turn.db, turn.me.id)
    found = await enrolments.sessions_of(turn.db, engagement.id) if engagement else []
    lines = [say.moment(s.starts_at, turn.me.zone) for s in found if s.state == "planned" and s.ends_at > turn.now]
    if not lines:
        raise RefusedError(say("No session is planned at the moment."))
    if more := len(lines[_SHOWN:]):
        lines[_SHOWN:] = [say.plural("and {n} later one", "and {n} later ones", more)]
    await turn.reply(message(bold(say("Planned sessions")), plain("\n".join(lines))))


async def _own(turn: Turn, session_id: str) -> Found:
    """A planned session of this coach; anything else looks as if it did not exist."""
    session = await turn.db.get(Session, UUID(session_id))
    pair = await people.engagement_for(turn.db, session.engagement_id, turn.me.id) if session else None
    if session is None or pair is None or session.state != "planned":
        raise RefusedError(turn.say("This session is no longer planned. /sessions lists those that are."))
    return session, *pair


async def open_session(turn: Turn, session_id: str) -> None:
    found = await _own(turn, session_id)
    await turn.reply(await _card(turn, *found), about=found[2].id)


async def _card(turn: Turn, session: Session, engagement: Engagement, leader: Person) -> Message:
    """One session with everything that can be done with it now."""
    say, name = turn.say, await name_of(turn.practice, leader)
    minutes = int((session.ends_at - session.starts_at).total_seconds()) // 60
    when = say.moment(session.starts_at, turn.me.zone)
    text = say("{name} · {when}, {n} minutes", name=name, when=when, n=minutes)
    moves = [(say("a day earlier"), -1), (say("a day later"), 1), (say("a week later"), 7)]
    rows = [[Button(label, ("session.shift", session.id, days))] for label, days in moves]
    rows.append([Button(say("another time"), ("session.retime", session.id))])
    if session.starts_at <= turn.now:
        rows.append([Button(say("it is done"), ("session.done", session.id))])
    rows.append([Button(say("cancel it"), ("session.cancel", session.id))])
    rows.append([Button(say("plan another one"), ("session.day", engagement.id))])
    return message(plain(text), *booking.there(say, turn.me, leader, name, [session]), buttons=rows)


async def shift(turn: Turn, session_id: str, days: str) -> None:
    """Move by whole days; the time on the coach's clock stays."""
    session, _, leader = await _own(turn, session_id)
    start = local(session.starts_at, turn.me.zone)
    moved = to_instant(start.date() + timedelta(days=int(days)), start.time(), turn.me.zone)
    await _move(turn, session, leader, moved)


async def ask_time(turn: Turn, session_id: str) -> None:
    session, *_ = await _own(turn, session_id)
    await expecting.expect(turn, "session.time", {"session": str(session.id)})
    await turn.reply(message(plain(turn.say("When then? For example: Fri 14:00")), placeholder=turn.say("Fri 14:00")))


async def retime(turn: Turn, text: str, session_id: str) -> None:
    """The words after "another time"."""
    session, _, leader = await _own(turn, session_id)
    await _move_by_words(turn, session, leader, text)


async def instead(turn: Turn, session_id: str, start: str, minutes: str) -> None:
    """The session of that day, at the time that was asked for in place of a second one."""
    session, _, leader = await _own(turn, session_id)
    await _move(turn, session, leader, datetime.fromisoformat(start), int(minutes) or None)


async def _move_by_words(turn: Turn, session: Session, leader: Person, text: str) -> None:
    start, now = (local(at, turn.me.zone).replace(tzinfo=None) for at in (session.starts_at, turn.now))
    asked = appointments.parse_shift(text, start, now, turn.say)
    if isinstance(asked, Misread):
        raise RefusedError(asked.sentence)
    to = to_instant(asked.start.date(), asked.start.time(), turn.me.zone)
    await _move(turn, session, leader, to, asked.minutes)


async def _move(turn: Turn, session: Session, leader: Person, to: datetime | None, minutes: int | None = None) -> None:
    if to is None:
        raise RefusedError(turn.say("There is no such day in your time zone. Please choose another."))
    say, zone, name = turn.say, turn.me.zone, await name_of(turn.practice, leader)
    before = session.starts_at
    await meetings.move(turn, session, to, minutes)
    when = say.moment(to, zone)
    text = say("The session with {name} is now on {when}.", name=name, when=when)
    if before != to:
        text += " " + say("It was on {when}.", when=say.moment(before, zone))
    if minutes is not None:
        text += " " + say("It takes {n} minutes.", n=minutes)
    others = await _others(turn, session)
    notices = booking.there(say, turn.me, leader, name, [session])
    notices += booking.on_holidays(say, turn.me, leader, name, [session.starts_at])
    await turn.reply(message(plain(text), *notices, *others), about=leader.id)
    await telling.tell(turn, leader, moved=[telling.Moved(session, before)])


async def _others(turn: Turn, session: Session) -> list[Block]:
    """What an order does not touch."""
    planned = await enrolments.planned_of(turn.db, turn.me.id, turn.now)
    n = sum(1 for other, _ in planned if other.engagement_id == session.engagement_id and other.id != session.id)
    say = turn.say
    return [plain(say.plural("{n} other session stays as planned.", "{n} other sessions stay as planned.", n))] if n else []


def _ahead(turn: Turn, following: Session | None) -> list[Block]:
    if following is None:
        return []
    return [plain(turn.say("The next one is on {when}.", when=turn.say.moment(following.starts_at, turn.me.zone)))]


async def ask_cancel(turn: Turn, session_id: str) -> None:
    session, _, leader = await _own(turn, session_id)
    say, name = turn.say, await name_of(turn.practice, leader)
    when = say.moment(session.starts_at, turn.me.zone)
    await turn.reply(
        message(
            plain(say("Cancel the session with {name} on {when}?", name=name, when=when)),
            buttons=[[Button(say("Yes, cancel it"), ("session.drop", session.id))]],
        ),
        about=leader.id,
    )


async def drop(turn: Turn, session_id: str) -> None:
    """Cancelled: what hangs on it and has not gone out goes too."""
    await _cancel(turn, *await _own(turn, session_id))


async def _cancel(turn: Turn, session: Session, engagement: Engagement, leader: Person) -> None:
    await meetings.cancel(turn, session)
    say, name = turn.say, await name_of(turn.practice, leader)
    when = say.moment(session.starts_at, turn.me.zone)
    text = say("The session with {name} on {when} is cancelled.", name=name, when=when)
    rows = [[Button(say("plan another one"), ("session.day", engagement.id))]]
    await turn.reply(message(plain(text), *await _others(turn, session), buttons=rows), about=leader.id)
    await telling.tell(turn, leader, cancelled=[session])


async def _done(turn: Turn, engagement: Engagement, leader: Person) -> None:
    """By name: the session that is on, or, after a question, one that begins later today. One whose end has passed
    was marked by itself."""
    running = await enrolments.current_session(turn.db, engagement.id, turn.now)
    if running is not None and running.starts_at <= turn.now:
        await _complete(turn, running, leader)
        return
    say, name = turn.say, await name_of(turn.practice, leader)
    held = [s for s in await enrolments.sessions_of(turn.db, engagement.id) if s.state == "held"]
    is_today = running is not None and meetings.is_today(turn, running)
    known = []
    if held and not (is_today and not meetings.is_today(turn, held[-1])):
        when = say.moment(held[-1].starts_at, turn.me.zone)
        known = [plain(say("The session with {name} on {when} counts as held already.", name=name, when=when))]
    if running is not None and is_today:
        when = say.clock(local(running.starts_at, turn.me.zone).time())
        text = say("The session with {name} begins today at {when}. Has it taken place already?", name=name, when=when)
        rows = [[Button(say("Yes, it is done"), ("session.early", running.id))]]
        await turn.reply(message(*known, plain(text), buttons=rows), about=leader.id)
    elif known:
        await turn.reply(message(*known, *_ahead(turn, running)), about=leader.id)
    elif running is None:
        raise RefusedError(say("No session with {name} is planned.", name=name))
    else:
        await meetings.complete(turn, running)  # refuses, with its date


async def done(turn: Turn, session_id: str) -> None:
    session, _, leader = await _own(turn, session_id)
    await _complete(turn, session, leader)


async def early(turn: Turn, session_id: str) -> None:
    """It has taken place, earlier than planned."""
    session, _, leader = await _own(turn, session_id)
    await _complete(turn, session, leader, is_early=True)


async def _complete(turn: Turn, session: Session, leader: Person, *, is_early: bool = False) -> None:
    say, name = turn.say, await name_of(turn.practice, leader)
    when = say.moment(session.starts_at, turn.me.zone)
    await meetings.complete(turn, session, is_early=is_early)
    text = say("The session with {name} on {when} counts as held.", name=name, when=when)
    following = await enrolments.next_session(turn.db, session.engagement_id, turn.now)
    plan_next = [[Button(say("plan the next one"), ("session.day", session.engagement_id))]]
    rows = [] if following else plan_next
    await turn.reply(message(plain(text), *_ahead(turn, following), buttons=rows), about=leader.id)


async def next_session_of(practice: Practice, name: str, now: datetime) -> datetime | None:
    """When the leader of that name has the next session; for a rehearsal's clock."""
    async with practice.database.read() as db:
        for engagement, person in await people.all_led(db):
            if await name_of(practice, person) == name:
                session = await enrolments.next_session(db, engagement.id, now)
                return session.starts_at if session else None
    return None
