"""A prompt that waits: moved by the leader, or reminded of once in the coach's name."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments, outbox
from bot.db.tables import AskedQuestion, Delivery, Engagement, Occurrence, Person
from bot.domain import later
from bot.domain.delivery import Kind, Why
from bot.domain.hours import is_quiet, next_allowed, same_time_next_work_day, work_hours_later
from bot.domain.schedule import local
from bot.domain.text import Button, Message, message, plain
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import asking, content, outgoing
from bot.work.practice import Practice, Turn, hours_of, name_of

JUST_ACTIVE = timedelta(minutes=30)
REMIND_AFTER = timedelta(hours=4)  # of the leader's own hours
_REPEATED = 3  # moved as often: perhaps another hour suits better
_SUGGESTED = ("09:30", "12:30", "16:00", "18:30")


async def offer(turn: Turn, question_id: str) -> Message:
    """The question with the moments it can be moved to."""
    posed = await _open(turn, question_id)
    moments = await _choices(turn, posed)
    rows = [[Button(_label(key, at, turn), ("q.snooze", posed.row.id, key, at.isoformat()))] for key, at in moments]
    rows.append([Button(turn.say("Back"), ("q.back", posed.row.id))])
    return await asking.show(turn.practice, turn.db, turn.me, posed, turn.now, rows=rows)


async def _choices(turn: Turn, posed: content.Posed) -> list[tuple[str, datetime]]:
    """A question that belongs before a session is not put off beyond its beginning."""
    found = later.choices(turn.now, hours_of(turn.me))
    return [(key, at) for key, at in found if not await _is_too_late(turn, posed, at)]


async def _is_too_late(turn: Turn, posed: content.Posed, at: datetime) -> bool:
    return at >= posed.occurrence.until and await enrolments.session_at(turn.db, posed.occurrence.anchor) is not None


def _label(key: str, at: datetime, turn: Turn) -> str:
    say, wall = turn.say, local(at, turn.me.zone)
    time = say.clock(wall.time())
    if key == later.HOUR:
        return say("In an hour · {time}", time=time)
    if key == later.EVENING:
        return say("This evening · {time}", time=time)
    if wall.date() == local(turn.now, turn.me.zone).date() + timedelta(days=1):
        return say("Tomorrow morning · {time}", time=time)
    return say("{day} · {time}", day=say.weekday(wall.weekday()).capitalize(), time=time)


async def back(turn: Turn, question_id: str) -> Message:
    posed = await _open(turn, question_id)
    return await asking.show(turn.practice, turn.db, turn.me, posed, turn.now)


async def snooze(turn: Turn, question_id: str, key: str, shown: str = "") -> Message:
    """Move this one prompt and nothing else, to the moment the button says. It can still be answered before it comes
    again. `shown`: not in the buttons of messages from before it was."""
    posed = await _open(turn, question_id)
    at = datetime.fromisoformat(shown) if shown else dict(await _choices(turn, posed)).get(key)
    if at is None or at <= turn.now or is_quiet(at, hours_of(turn.me)) or await _is_too_late(turn, posed, at):
        raise RefusedError(turn.say("That moment is no longer possible. Please choose another one."))
    occurrence = posed.occurrence
    occurrence.snoozed_until = occurrence.look_at = at
    occurrence.closes_at = await closing(turn.db, turn.me, occurrence, at)
    await forget_reminders(turn.db, occurrence.id)
    turn.me.snoozes += 1
    if turn.me.snoozes >= _REPEATED and not turn.me.was_asked_hours:
        await _suggest_another_hour(turn)
    when = turn.say.moment(at, turn.me.zone)
    note = turn.say("It comes again on {when}. Until then you can answer by its buttons, or by replying to it.", when=when)
    return await asking.show(turn.practice, turn.db, turn.me, posed, turn.now, note=note)


async def closing(db: AsyncSession, leader: Person, occurrence: Occurrence, asked_at: datetime) -> datetime:
    """When a prompt asked at this instant closes: the same time on the next work day, or when the session begins that
    it belongs before."""
    closes_at = same_time_next_work_day(asked_at, hours_of(leader))
    session = await enrolments.session_at(db, occurrence.anchor)
    return closes_at if session is None else max(min(closes_at, occurrence.until), asked_at + JUST_ACTIVE)


async def _open(turn: Turn, question_id: str) -> content.Posed:
    posed = await asking.own(turn, question_id)
    if posed.row.state != "open" or posed.occurrence.state != "asked":
        raise RefusedError(turn.say("This question is closed. You can still answer it in your own words."))
    return posed


async def _suggest_another_hour(turn: Turn) -> None:
    """Asked once: questions that are moved every time come at the wrong hour."""
    say, turn.me.was_asked_hours = turn.say, True
    usual = f"{turn.me.usual_at:%H:%M}"
    buttons = [Button(at, ("when.usual", at)) for at in _SUGGESTED if at != usual]
    rows = [buttons, [Button(say("Leave it as it is"), ("when.usual", usual))]]
    text = say("Several questions have come at a bad moment. Would another hour suit you better?")
    await turn.reply(message(plain(text), buttons=rows))


async def show_again(practice: Practice, db: AsyncSession, leader: Person, occurrence: Occurrence, now: datetime) -> None:
    """The moment a prompt was moved to has come: it is shown once more, at the end of the chat."""
    hours = hours_of(leader)
    if is_quiet(now, hours):  # a holiday, or other hours than when it was moved
        occurrence.snoozed_until = occurrence.look_at = next_allowed(now, hours)
        occurrence.closes_at = await closing(db, leader, occurrence, occurrence.look_at)
        return
    occurrence.snoozed_until, occurrence.look_at = None, occurrence.closes_at
    query = select(AskedQuestion).where(AskedQuestion.occurrence_id == occurrence.id, AskedQuestion.state == "open")
    row = (await db.scalars(query.limit(1))).one_or_none()
    if row is None or leader.state != "active":
        return
    posed = await content.posed(practice, db, row.id)
    shown_before = await outgoing.shown_by(db, row.id)
    times = await db.scalar(select(func.count()).where(Delivery.question_id == row.id, Delivery.kind == Kind.prompt)) or 0
    again = await asking.show(practice, db, leader, posed, now)
    key = f"question:{occurrence.id}:{row.key}:again:{times}"
    await outgoing.send(
        practice, db, leader, Kind.prompt, again, key=key, now=now, expires_at=occurrence.closes_at, question_id=row.id
    )
    if shown_before is not None:
        say = Say(leader.language)
        moved = await asking.show(practice, db, leader, posed, now, answered=say("asked again below"))
        await outgoing.edit(practice, db, shown_before, moved, key=f"moved:{key}", now=now)


async def remind(
    practice: Practice, db: AsyncSession, leader: Person, engagement: Engagement | None, posed: content.Posed, now: datetime
) -> None:
    """One reminder after four of the leader's working hours, signed by the coach; an answer cancels it."""
    occurrence, hours, say = posed.occurrence, hours_of(leader), Say(leader.language)
    due_at = work_hours_later(now, hours, REMIND_AFTER)
    if engagement is None or occurrence.closes_at is None or due_at >= occurrence.closes_at:
        return
    coach = await name_of(practice, await db.get_one(Person, engagement.coach_id))
    text = say("This question is still open, if you have two minutes. It is fine to skip it.\n{coach}", coach=coach)
    await outgoing.send(
        practice, db, leader, Kind.reminder, message(plain(text)), key=reminder_key(occurrence.id), now=now,
        due_at=due_at, question_id=posed.row.id,
    )  # fmt: skip


async def forget_reminders(db: AsyncSession, occurrence_id: UUID) -> None:
    await outbox.cancel(db, Why.not_needed, Delivery.dedupe_key == reminder_key(occurrence_id))


def reminder_key(occurrence_id: UUID) -> str:
    return f"reminder:{occurrence_id}"
