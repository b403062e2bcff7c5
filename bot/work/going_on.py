"""How an engagement goes on: a nudge when no next session is planned; after the agreed ones close, continue or open end."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments
from bot.db.tables import Engagement, Person, Session
from bot.db.weekly import NOT_NOW
from bot.domain import continuing
from bot.domain.appointments import USUAL_SESSIONS
from bot.domain.delivery import Kind
from bot.domain.hours import next_allowed
from bot.domain.schedule import local
from bot.domain.spans import ENDLESS
from bot.domain.text import Button, Message, message, plain
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import booking, ending, meetings, outgoing, sequences, stuck
from bot.work.practice import Practice, Turn, hours_of, name_of

_LIGHTER = "open-ended"  # the sequence for who goes on without an agreed end


async def look_one(practice: Practice, now: datetime) -> bool:
    """See whether an engagement whose turn it is has a next session; if not, ask its coach once."""
    async with practice.database.write() as db:
        query = select(Engagement).where(Engagement.look_at <= now).order_by(Engagement.look_at, Engagement.id)
        engagement = (await db.scalars(query.limit(1).with_for_update(skip_locked=True))).one_or_none()
        if engagement is None:
            return False
        async with stuck.watched(db, engagement, "look_at"):
            await _look(practice, db, engagement, now)
    return True


async def _look(practice: Practice, db: AsyncSession, engagement: Engagement, now: datetime) -> None:
    engagement.look_at = None
    coach = await db.get_one(Person, engagement.coach_id)
    leader = await db.get_one(Person, engagement.leader_id)
    is_over = engagement.state != "active" or leader.state == "erased"
    if is_over or coach.chat_id is None or coach.state not in ("active", "unreachable"):
        return
    allowed = next_allowed(now, hours_of(coach))
    if allowed > now:
        engagement.look_at = allowed
        return
    asked = await _question(practice, db, engagement, leader, coach, now)
    if asked is not None:
        key = f"{meetings.nudge_key(engagement.id)}{now:%Y%m%dT%H%M%S}"
        await outgoing.send(practice, db, coach, Kind.notice, asked, key=key, now=now, about=leader.id)


async def _question(
    practice: Practice, db: AsyncSession, engagement: Engagement, leader: Person, coach: Person, now: datetime
) -> Message | None:
    """What to ask the coach, as things stand."""
    sessions = await enrolments.sessions_of(db, engagement.id)
    held = [session for session in sessions if session.state == "held"]
    course = continuing.Course(
        held=len(held), agreed=engagement.agreed_sessions, is_open_ended=engagement.is_open_ended,
        has_next=any(session.state == "planned" for session in sessions),
    )  # fmt: skip
    what = continuing.question(course)
    if what is None:
        return None
    say, name = Say(coach.language), await name_of(practice, leader)
    if what == "how":
        return _how(say, name, engagement.id, len(held))
    last = held[-1] if held else None
    at = (await _next_times(db, engagement, leader, coach, last.starts_at, now, 1))[0] if last is not None else None
    return _plan_one(say, name, engagement, coach, last, at)


async def _next_times(
    db: AsyncSession, engagement: Engagement, leader: Person, coach: Person, last: datetime, now: datetime, count: int
) -> list[datetime]:
    """The same time in the weeks to come, without what was cancelled and what lies in a pause of the leader's."""
    query = select(Session.starts_at).where(Session.engagement_id == engagement.id, Session.state == "cancelled")
    cancelled, back = set(await db.scalars(query)), leader.paused_until
    if back is None or back >= ENDLESS:
        back = now
    found = continuing.same_time(last, coach.zone, max(now, back), count + len(cancelled))
    return [at for at in found if at not in cancelled][:count]


def _how(say: Say, name: str, engagement_id: UUID, held: int) -> Message:
    text = say.plural(
        "You have had {n} session with {name}, and no other is planned. How does it go on?",
        "You have had {n} sessions with {name}, and no other is planned. How does it go on?", held, name=name,
    )  # fmt: skip
    choices = [
        (say("Close"), "go.ask_close"), (say("Continue weekly"), "go.weekly"),
        (say("Open-ended"), "go.open"), (say("Not now"), "go.later"),
    ]  # fmt: skip
    return message(plain(text), buttons=[[Button(label, (action, engagement_id))] for label, action in choices])


def _plan_one(
    say: Say, name: str, engagement: Engagement, coach: Person, last: Session | None, at: datetime | None
) -> Message:
    """The nudge, with the same time next week if there was a last time."""
    rows = []
    if last is None or at is None:
        text = say("No session with {name} is planned yet.", name=name)
    else:
        text = say("No next session with {name} is planned. The last one was on {when}.",
                   name=name, when=say.moment(last.starts_at, coach.zone))  # fmt: skip
        there = local(at, coach.zone)
        make = ("session.make", engagement.id, there.date().isoformat(), f"{there:%H:%M}", 0, 1)
        label = say("{day}, {time}", day=say.short_day(there.date()), time=say.clock(there.time()))
        rows.append([Button(label, make)])
    rows.append([Button(say("Another time") if rows else say("Plan one"), ("session.day", engagement.id))])
    return message(plain(text), buttons=rows)


async def ask(turn: Turn, engagement_id: str) -> Message:
    """The question once more, for who leaves one of its answers be."""
    engagement, leader = await booking.led(turn, engagement_id)
    sessions = await enrolments.sessions_of(turn.db, engagement.id)
    held = sum(1 for session in sessions if session.state == "held")
    return _how(turn.say, await name_of(turn.practice, leader), engagement.id, held)


async def not_now(turn: Turn, engagement_id: str) -> Message:
    engagement, leader = await booking.led(turn, engagement_id)
    turn.audit(NOT_NOW, engagement.id)
    name = await name_of(turn.practice, leader)
    return message(plain(turn.say("Nothing has changed. /session {name} plans the next one when it is time.", name=name)))


async def offer_weekly(turn: Turn, engagement_id: str) -> Message:
    """Six more at the time of the last one: shown first."""
    engagement, leader = await booking.led(turn, engagement_id)
    last = await _last(turn, engagement)
    say, name, zone = turn.say, await name_of(turn.practice, leader), turn.me.zone
    instants = await _next_times(turn.db, engagement, leader, turn.me, last.starts_at, turn.now, USUAL_SESSIONS)
    free = await _free(turn, instants, last.ends_at - last.starts_at)
    if not free:
        raise RefusedError(say("You have other sessions at that time in all of these weeks. /session plans one by one."))
    head = say.plural("{n} more session with {name}:", "{n} more sessions with {name}:", len(free), name=name)
    blocks = [plain("\n".join([head, *(say.moment(at, zone) for at in free)]))]
    if taken := [say.moment(at, zone) for at in instants if at not in free]:
        blocks.append(plain("\n".join([say("Left out, as you have another session then:"), *taken])))
    blocks += booking.on_holidays(say, turn.me, leader, name, free)
    first = instants[0].isoformat()
    rows = [
        [Button(say("Plan them"), ("go.plan", engagement.id, first))],
        [Button(say("Other days or times"), ("session.day", engagement.id))],
        [Button(say("Back"), ("go.ask", engagement.id))],
    ]
    return message(*blocks, buttons=rows)


async def plan_weekly(turn: Turn, engagement_id: str, first: str) -> None:
    """As they were shown, less what has been taken meanwhile."""
    engagement, leader = await booking.led(turn, engagement_id)
    last, start = await _last(turn, engagement), datetime.fromisoformat(first)
    length = last.ends_at - last.starts_at
    following = await _next_times(turn.db, engagement, leader, turn.me, start, start, USUAL_SESSIONS - 1)
    instants = [start, *following]
    free = await _free(turn, instants, length)
    if start <= turn.now or not free:
        raise RefusedError(turn.say("These times are gone. /session plans others."))
    await booking.book(turn, engagement, leader, booking.Series(free, int(length.total_seconds()) // 60))


async def _last(turn: Turn, engagement: Engagement) -> Session:
    sessions = await enrolments.sessions_of(turn.db, engagement.id)
    if not sessions:
        raise RefusedError(turn.say("There has been no session yet. /session plans one."))
    return sessions[-1]


async def _free(turn: Turn, instants: list[datetime], length: timedelta) -> list[datetime]:
    return [at for at in instants if await meetings.clash_of(turn, at, at + length) is None]


async def open_ended(turn: Turn, engagement_id: str) -> Message:
    return await go_open_ended(turn, *await booking.led(turn, engagement_id))


async def go_open_ended(turn: Turn, engagement: Engagement, leader: Person) -> Message:
    """No agreed end: the coach hears again when two weeks have gone by without a session."""
    engagement.is_open_ended = True
    current = await enrolments.current_session(turn.db, engagement.id, turn.now)
    if current is None:
        engagement.look_at = continuing.look_at(turn.now, hours_of(turn.me), is_open_ended=True)
    turn.audit("made open-ended", engagement.id)
    say, name = turn.say, await name_of(turn.practice, leader)
    text = say("The coaching with {name} goes on without an agreed end. When two weeks pass without a session, you are "
               "asked whether to plan one.", name=name)  # fmt: skip
    rows = [] if current else [[Button(say("Plan one"), ("session.day", engagement.id))]]
    version = await sequences.version_in_force(turn.db, _LIGHTER)
    follows = {enrolment.sequence for enrolment in await sequences.followed_by(turn.db, engagement.id)}
    if version is not None and _LIGHTER not in follows:
        title = sequences.parsed(turn.practice, version).title[say.language]
        rows.append([Button(say("Start the questions of “{title}”", title=title), ("enrol.add", engagement.id, _LIGHTER))])
    return message(plain(text), buttons=rows)


async def ask_close(turn: Turn, engagement_id: str) -> Message:
    """What closing means, before it is done."""
    engagement, leader = await booking.led(turn, engagement_id)
    say, name = turn.say, await name_of(turn.practice, leader)
    planned = await ending.planned_of(turn, engagement.id)
    lines = [
        say("Close the coaching with {name}?", name=name),
        say("No more questions go to {name}, and {name} is told. What {name} has shared until now is in your next digest; "
            "nothing comes after it.", name=name),
    ]  # fmt: skip
    if planned:
        lines.append(say.plural("{n} planned session is cancelled.", "{n} planned sessions are cancelled.", len(planned)))
    rows = [
        [Button(say("Yes, close it"), ("go.close", engagement.id))],
        [Button(say("Brief"), ("brief.show", engagement.id))],
        [Button(say("Back"), ("go.ask", engagement.id))],
    ]
    return message(*[plain(line) for line in lines], buttons=rows)


async def close(turn: Turn, engagement_id: str) -> Message:
    """The engagement ends: nothing more is asked, and the leader hears it from us, kindly and once."""
    engagement, leader = await booking.led(turn, engagement_id)
    gone = await ending.end(turn, engagement)
    turn.audit("closed", engagement.id)
    name = await name_of(turn.practice, leader)
    await _say_goodbye(turn, leader, len(gone))
    return message(plain(turn.say("The coaching with {name} is closed. {name} is told.", name=name)))


async def _say_goodbye(turn: Turn, leader: Person, cancelled: int) -> None:
    if leader.chat_id is None or leader.state != "active":
        return
    say, coach = Say(leader.language), await name_of(turn.practice, turn.me)
    text = say(
        "{coach} has closed your coaching here; no more questions will come, and what you write from now on reaches "
        "nobody. What you wrote stays yours: /journal shows it, /export takes it with you, /delete removes it.", coach=coach,
    )  # fmt: skip
    if cancelled:
        text += "\n" + say.plural("{n} planned session is cancelled.", "{n} planned sessions are cancelled.", cancelled)
    key = f"closed:{turn.update_id}"
    await outgoing.send(turn.practice, turn.db, leader, Kind.notice, message(plain(text)), key=key, now=turn.now)
