"""Sessions: planned by text or by buttons in the coach's zone, moved, cancelled; both sides see them in their own."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from bot.db import enrolments, outbox, people
from bot.db.tables import Delivery, Engagement, Person, Session
from bot.db.types import new_id
from bot.domain import phrases
from bot.domain.delivery import Kind
from bot.domain.hours import Hours, last_allowed
from bot.domain.schedule import local, to_instant
from bot.domain.text import Button, bold, message, plain
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import expecting, outgoing, plan
from bot.work.leaders import find_leader
from bot.work.practice import Practice, Turn, hours_of, name_of

_SHOWN = 10
_SOON = timedelta(hours=24)
_HOURS = range(8, 19)


async def session(turn: Turn, text: str) -> None:
    """`/session Jack Thu 10:00 weekly x6`; without words, by buttons."""
    if not text.strip():
        await _choose_leader(turn)
        return
    asked = _read(turn, text)
    engagement, leader = await find_leader(turn, asked.name)
    await _plan_sessions(turn, engagement, leader, asked)


def _read(turn: Turn, text: str) -> phrases.SessionRequest:
    asked = phrases.parse_session(text, local(turn.now, turn.me.zone).replace(tzinfo=None), turn.say)
    if isinstance(asked, phrases.Misread):
        raise RefusedError(asked.sentence)
    return asked


async def _plan_sessions(
    turn: Turn, engagement: Engagement, leader: Person, asked: phrases.SessionRequest
) -> None:
    made = []
    for number in range(asked.count):
        start = asked.start + timedelta(days=(asked.every_days or 0) * number)
        starts_at = to_instant(start.date(), start.time(), turn.me.zone)
        if starts_at is not None:
            made.append(await _add(turn, engagement, starts_at, asked.minutes))
    await enrolments.replan(turn.db, engagement.id, turn.now)
    turn.audit("planned sessions", engagement.id)
    await _confirm(turn, leader, made)
    await _tell_leader(turn, leader, made)


async def _add(turn: Turn, engagement: Engagement, starts_at: datetime, minutes: int) -> Session:
    ends_at = starts_at + timedelta(minutes=minutes)
    await _refuse_clash(turn, starts_at, ends_at)
    made = Session(
        id=new_id(), engagement_id=engagement.id, starts_at=starts_at, ends_at=ends_at, made_at=turn.now,
        brief_due_at=brief_due(starts_at, turn.me, turn.now),
    )  # fmt: skip
    turn.db.add(made)
    await turn.db.flush()
    return made


async def _refuse_clash(turn: Turn, starts_at: datetime, ends_at: datetime, but: Session | None = None) -> None:
    """A coach is with one leader at a time."""
    for engagement, _ in await people.led_by(turn.db, turn.me.id):
        for other in await enrolments.sessions_of(turn.db, engagement.id):
            if other is not but and starts_at < other.ends_at and other.starts_at < ends_at:
                when = turn.say.moment(other.starts_at, turn.me.zone)
                raise RefusedError(turn.say("There is a session already on {when}. /sessions lists them.", when=when))


def brief_due(starts_at: datetime, coach: Person, now: datetime) -> datetime:
    """Before the session by the coach's own lead, moved earlier into the coach's hours, not into the past."""
    hours: Hours = hours_of(coach)
    return max(last_allowed(starts_at - timedelta(minutes=coach.brief_minutes), hours), now)


async def _confirm(turn: Turn, leader: Person, made: list[Session]) -> None:
    say, name = turn.say, await name_of(turn.practice, leader)
    lines = [say.moment(session.starts_at, turn.me.zone) for session in made]
    head = say.plural("{n} session with {name}:", "{n} sessions with {name}:", len(made), name=name)
    text = "\n".join([head, *lines])
    if turn.me.zone != leader.zone:
        there = say.clock(local(made[0].starts_at, leader.zone).time())
        text += "\n" + say("For {name} that is {time} ({zone}).", name=name, time=there, zone=leader.zone)
    await turn.reply(message(plain(text)))


async def _tell_leader(turn: Turn, leader: Person, made: list[Session]) -> None:
    say = Say(leader.language)
    coach = await name_of(turn.practice, turn.me)
    when = say.moment(made[0].starts_at, leader.zone)
    text = (
        say("{coach} has planned your session: {when}.", coach=coach, when=when)
        if len(made) == 1
        else say.plural(
            "{coach} has planned {n} session with you; the first is on {when}.",
            "{coach} has planned {n} sessions with you; the first is on {when}.", len(made), coach=coach, when=when,
        )
    )  # fmt: skip
    await _notify(turn, leader, text, f"sessions:{turn.update_id}", made[0].starts_at)


async def _notify(turn: Turn, leader: Person, text: str, key: str, concerns: datetime) -> None:
    """News about a session waits for the leader's hours, unless what it concerns is within a day."""
    if leader.chat_id is None or leader.state != "active":
        return
    kind = Kind.reply if concerns - turn.now < _SOON else Kind.notice
    await outgoing.send(turn.practice, turn.db, leader, kind, message(plain(text)), key=key, now=turn.now)


async def _choose_leader(turn: Turn) -> None:
    rows = [
        [Button(await name_of(turn.practice, person), ("session.day", engagement.id))]
        for engagement, person in await people.led_by(turn.db, turn.me.id)
    ]
    if not rows:
        raise RefusedError(turn.say("You have no leaders yet. /invite Jack brings in the first."))
    await turn.reply(message(plain(turn.say("A session with whom?")), buttons=rows))


async def _led(turn: Turn, engagement_id: str) -> tuple[Engagement, Person]:
    found = await people.engagement_for(turn.db, UUID(engagement_id), turn.me.id)
    if found is None:
        raise RefusedError(turn.say("There is nobody of that name."))
    return found


async def choose_day(turn: Turn, engagement_id: str) -> None:
    """The next fourteen days that the coach works."""
    await _led(turn, engagement_id)
    today = local(turn.now, turn.me.zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(15)]
    work = [day for day in days if str(day.weekday()) in turn.me.work_days]
    buttons = [Button(turn.say.short_day(day), ("session.time", engagement_id, day.isoformat())) for day in work]
    await turn.reply(message(plain(turn.say("On which day?")), buttons=_in_rows(buttons, 2)))


async def choose_time(turn: Turn, engagement_id: str, day: str) -> None:
    await _led(turn, engagement_id)
    now, on = local(turn.now, turn.me.zone).replace(tzinfo=None), date.fromisoformat(day)
    hours = [hour for hour in _HOURS if datetime.combine(on, time(hour)) > now]
    if not hours:
        raise RefusedError(turn.say("That moment has passed. Please choose a later one."))
    buttons = [Button(f"{hour}:00", ("session.often", engagement_id, day, f"{hour:02}:00")) for hour in hours]
    await turn.reply(message(plain(turn.say("At what time?")), buttons=_in_rows(buttons, 4)))


async def choose_often(turn: Turn, engagement_id: str, day: str, at: str) -> None:
    await _led(turn, engagement_id)
    say = turn.say
    choices = [(say("once"), 0, 1), (say("weekly, six times"), 7, 6), (say("fortnightly, six times"), 14, 6)]
    rows = [[Button(label, ("session.make", engagement_id, day, at, every, n))] for label, every, n in choices]
    await turn.reply(message(plain(say("How often?")), buttons=rows))


async def make(turn: Turn, engagement_id: str, day: str, at: str, every: str, count: str) -> None:
    engagement, leader = await _led(turn, engagement_id)
    start = datetime.combine(date.fromisoformat(day), time.fromisoformat(at))
    if start <= local(turn.now, turn.me.zone).replace(tzinfo=None):
        raise RefusedError(turn.say("That moment has passed. Please choose a later one."))
    name = await name_of(turn.practice, leader)
    await _plan_sessions(
        turn, engagement, leader, phrases.SessionRequest(name, start, int(every) or None, int(count), 60)
    )


def _in_rows(buttons: list[Button], width: int) -> list[list[Button]]:
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]


async def sessions(turn: Turn, _text: str) -> None:
    """The coach's planned sessions, each with its buttons; a leader's own, without."""
    if turn.me.is_coach:
        await _coach_sessions(turn)
    else:
        await _leader_sessions(turn)


async def _coach_sessions(turn: Turn) -> None:
    planned: list[tuple[datetime, str, UUID]] = []
    for engagement, person in await people.led_by(turn.db, turn.me.id):
        name = await name_of(turn.practice, person)
        those = await enrolments.sessions_of(turn.db, engagement.id)
        planned += [(s.starts_at, name, s.id) for s in those if s.state == "planned" and s.ends_at > turn.now]
    say = turn.say
    if not planned:
        raise RefusedError(say("No sessions are planned. /session Jack Thu 10:00 plans one."))
    planned.sort()
    lines, rows = [], []
    for starts_at, name, session_id in planned[:_SHOWN]:
        local_start = local(starts_at, turn.me.zone)
        lines.append(f"{say.moment(starts_at, turn.me.zone)} · {name}")
        label = f"{name}, {say.short_day(local_start.date())}"
        rows.append([Button(label, ("session.open", session_id))])
    if len(planned) > _SHOWN:
        more = len(planned) - _SHOWN
        lines.append(say.plural("and {n} later one", "and {n} later ones", more))
    await turn.reply(message(bold(say("Planned sessions")), plain("\n".join(lines)), buttons=rows))


async def _leader_sessions(turn: Turn) -> None:
    say = turn.say
    engagement = await people.engagement_of(turn.db, turn.me.id)
    found = await enrolments.sessions_of(turn.db, engagement.id) if engagement else []
    lines = [say.moment(s.starts_at, turn.me.zone) for s in found if s.state == "planned" and s.ends_at > turn.now]
    if not lines:
        raise RefusedError(say("No session is planned at the moment."))
    await turn.reply(message(bold(say("Planned sessions")), plain("\n".join(lines[:_SHOWN]))))


async def _own(turn: Turn, session_id: str) -> tuple[Session, Engagement, Person]:
    """A planned session of this coach; anything else looks as if it did not exist."""
    session = await turn.db.get(Session, UUID(session_id))
    pair = await people.engagement_for(turn.db, session.engagement_id, turn.me.id) if session else None
    if session is None or pair is None or session.state != "planned":
        raise RefusedError(turn.say("This session is no longer planned. /sessions lists those that are."))
    return session, *pair


async def open_session(turn: Turn, session_id: str) -> None:
    session, _, leader = await _own(turn, session_id)
    say, name = turn.say, await name_of(turn.practice, leader)
    text = f"{name} · {say.moment(session.starts_at, turn.me.zone)}"
    day, week = timedelta(days=1), timedelta(days=7)
    moves = [(say("a day earlier"), -day), (say("a day later"), day), (say("a week later"), week)]
    rows = [[Button(label, ("session.shift", session.id, shift.days))] for label, shift in moves]
    rows.append([Button(say("another time"), ("session.retime", session.id))])
    rows.append([Button(say("cancel it"), ("session.cancel", session.id))])
    await turn.reply(message(plain(text), buttons=rows))


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
    asked = _read(turn, f"x {text}")
    moved = to_instant(asked.start.date(), asked.start.time(), turn.me.zone)
    await _move(turn, session, leader, moved)


async def _move(turn: Turn, session: Session, leader: Person, to: datetime | None) -> None:
    if to is None or to <= turn.now:
        raise RefusedError(turn.say("That moment has passed. Please choose a later one."))
    length = session.ends_at - session.starts_at
    await _refuse_clash(turn, to, to + length, but=session)
    before, session.starts_at, session.ends_at = session.starts_at, to, to + length
    due = brief_due(to, turn.me, turn.now)
    if session.brief_cut_at is None or due > turn.now:  # moved away from a brief that has gone out: another one comes
        session.brief_due_at, session.brief_cut_at = due, None
    await plan.withdraw_for_session(turn.db, session, turn.now, cancelled=False)
    turn.audit("moved a session", session.id)
    say = turn.say
    await turn.reply(message(plain(say("The session is now on {when}.", when=say.moment(to, turn.me.zone)))))
    theirs = Say(leader.language)
    when, coach = theirs.moment(to, leader.zone), await name_of(turn.practice, turn.me)
    text = theirs("{coach} has moved your session to {when}.", coach=coach, when=when)
    await _notify(turn, leader, text, f"moved:{turn.update_id}", min(before, to))


async def ask_cancel(turn: Turn, session_id: str) -> None:
    session, _, leader = await _own(turn, session_id)
    say, name = turn.say, await name_of(turn.practice, leader)
    when = say.moment(session.starts_at, turn.me.zone)
    await turn.reply(
        message(
            plain(say("Cancel the session with {name} on {when}?", name=name, when=when)),
            buttons=[[Button(say("Yes, cancel it"), ("session.drop", session.id))]],
        )
    )


async def drop(turn: Turn, session_id: str) -> None:
    """Cancelled: what hangs on it and has not gone out goes too."""
    session, _, leader = await _own(turn, session_id)
    session.state, session.brief_due_at = "cancelled", None
    await outbox.cancel(
        turn.db, "session cancelled", Delivery.dedupe_key.startswith(f"brief:{session.id}:", autoescape=True)
    )
    await plan.withdraw_for_session(turn.db, session, turn.now, cancelled=True)
    turn.audit("cancelled a session", session.id)
    await turn.reply(message(plain(turn.say("The session is cancelled."))))
    say = Say(leader.language)
    when, coach = say.moment(session.starts_at, leader.zone), await name_of(turn.practice, turn.me)
    text = say("{coach} has cancelled your session on {when}.", coach=coach, when=when)
    await _notify(turn, leader, text, f"cancelled:{turn.update_id}", session.starts_at)


async def next_session_of(practice: Practice, name: str, now: datetime) -> datetime | None:
    """When the leader of that name has the next session; for a rehearsal's clock."""
    async with practice.database.read() as db:
        for engagement, person in await people.all_led(db):
            if await name_of(practice, person) == name:
                session = await enrolments.next_session(db, engagement.id, now)
                return session.starts_at if session else None
    return None
