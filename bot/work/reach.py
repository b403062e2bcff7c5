"""When a person may be written to: `/when`, and `/pause` for a while; what is planned is reckoned anew."""

from datetime import datetime, time, timedelta

from sqlalchemy import select, update

from bot.db import enrolments, outbox, plans
from bot.db.tables import Answer, AskedQuestion, Delivery, Engagement, Occurrence, Session
from bot.domain import spans
from bot.domain.delivery import Kind, Why
from bot.domain.phrases import Misread
from bot.domain.schedule import local, to_instant
from bot.domain.text import Button, Message, bold, italic, message, plain
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work.practice import Turn

_HALF_HOUR = 30
_CHOICES = {"start": range(6, 13), "end": range(15, 23)}
_USUAL = ((8, 30), (9, 30), (12, 30), (13, 30), (16, 0), (17, 30), (18, 30), (20, 0))


async def when(turn: Turn, text: str) -> None:
    """`/when`, or `/when Mon-Thu 9:00-18:00 at 12:30`."""
    if not text.strip():
        await turn.reply(card(turn))
        return
    asked = spans.parse_hours(text, turn.say)
    if isinstance(asked, Misread):
        raise RefusedError(asked.sentence)
    start, end = asked.start or turn.me.window_start, asked.end or turn.me.window_end
    if asked.start is not None and time(0) < end <= start:  # 22h-7h: at night, or anything but the night?
        await turn.reply(_which(turn.say, start, end))
        return
    days = turn.me.work_days if asked.days is None else "".join(map(str, sorted(asked.days)))
    await _settle(turn, days, start, end, asked.usual or turn.me.usual_at)
    await turn.reply(card(turn))


def card(turn: Turn) -> Message:
    """The hours as they are, with buttons that change them."""
    say, me = turn.say, turn.me
    days = frozenset(int(day) for day in me.work_days)
    start, end, usual = (say.clock(at) for at in (me.window_start, me.window_end, me.usual_at))
    span = say("{days}, {start} to {end} ({zone})", days=_in_words(days, say), start=start, end=end, zone=me.zone)
    lines = [span[:1].upper() + span[1:]]
    if me.country:
        lines.append(say("Public holidays where you are stay free; /timezone sets where that is."))
    if me.is_leader:
        lines.append(say("Questions with no time of their own come at {time}.", time=usual))
    names = [("✓ " if day in days else "") + say.weekday(day)[:3].capitalize() for day in range(7)]
    toggles = [Button(name, ("when.day", day)) for day, name in enumerate(names)]
    times = [Button(say("From {time}", time=start), ("when.ask", "start")),
             Button(say("To {time}", time=end), ("when.ask", "end"))]  # fmt: skip
    rows = [toggles[:4], toggles[4:], times]
    if me.is_leader:
        rows.append([Button(say("Questions at {time}", time=usual), ("when.ask", "usual"))])
    hint = italic(say("Or write it: {example}", example=say("/when Mon-Thu 9:00-18:00")))
    return message(bold(say("When I may write to you")), plain("\n".join(lines)), hint, buttons=rows)


def _in_words(days: frozenset[int], say: Say) -> str:
    """`Monday to Friday`, or each by its name."""
    if len(days) == 7:
        return say("every day")
    first, last = min(days), max(days)
    if last - first > 1 and len(days) == last - first + 1:
        return say("{first} to {last}", first=say.weekday(first), last=say.weekday(last))
    return say.list([say.weekday(day) for day in sorted(days)])


async def toggle_day(turn: Turn, day: str) -> Message | str:
    days = set(turn.me.work_days) ^ {day}
    if not days:
        return turn.say("One day has to stay. /pause stops questions for a while.")
    await _settle(turn, "".join(sorted(days)), turn.me.window_start, turn.me.window_end, turn.me.usual_at)
    return card(turn)


async def ask_time(turn: Turn, what: str) -> Message:
    """The times to choose from, those already ruled out left away."""
    say, me = turn.say, turn.me
    if what == "usual":
        times = [time(*at) for at in _USUAL if _is_inside(time(*at), me.window_start, me.window_end)]
    else:
        other = me.window_end if what == "start" else me.window_start
        times = [time(hour) for hour in _CHOICES[what]]
        if me.window_start < me.window_end:
            times = [at for at in times if (at < other if what == "start" else at > other)]
    buttons = [Button(say.clock(at), ("when.set", what, f"{at:%H:%M}")) for at in times]
    rows = [buttons[row : row + 4] for row in range(0, len(buttons), 4)]
    question = {"start": say("From when?"), "end": say("Until when?"), "usual": say("At what time?")}[what]
    hint = italic(say("Or write it: {example}", example=say("/when Mon-Thu 9:00-18:00")))
    return message(plain(question), hint, buttons=rows)


async def set_time(turn: Turn, what: str, value: str) -> Message:
    me, at = turn.me, time.fromisoformat(value)
    times = {"start": me.window_start, "end": me.window_end, "usual": me.usual_at} | {what: at}
    if times["start"] == times["end"]:
        raise RefusedError(turn.say("Please leave at least an hour in which I may write."))
    await _settle(turn, me.work_days, times["start"], times["end"], times["usual"])
    return card(turn)


async def set_usual(turn: Turn, value: str) -> Message:
    """The answer to whether another hour would suit better."""
    me = turn.me
    if value != f"{me.usual_at:%H:%M}":
        await _settle(turn, me.work_days, me.window_start, me.window_end, time.fromisoformat(value))
    time_ = turn.say.clock(me.usual_at)
    return message(plain(turn.say("Questions with no time of their own come at {time}. /when changes it.", time=time_)))


def _which(say: Say, start: time, end: time) -> Message:
    from_, to = say.clock(start), say.clock(end)
    rows = [
        [Button(say("Between {start} and {end}", start=to, end=from_), ("when.span", f"{end:%H:%M}", f"{start:%H:%M}"))],
        [Button(say("At night, {start} to {end}", start=from_, end=to), ("when.span", f"{start:%H:%M}", f"{end:%H:%M}"))],
    ]
    return message(plain(say("When may I write?")), buttons=rows)


async def set_span(turn: Turn, start: str, end: str) -> Message:
    await _settle(turn, turn.me.work_days, time.fromisoformat(start), time.fromisoformat(end), turn.me.usual_at)
    return card(turn)


async def _settle(turn: Turn, days: str, start: time, end: time, usual: time) -> None:
    """Take over the hours. The usual hour stays inside the window: half an hour before its end at the latest."""
    me = turn.me
    me.work_days, me.window_start, me.window_end = days, start, end
    if not _is_inside(usual, start, end):
        before_end = (end.hour * 60 + end.minute - _HALF_HOUR) % 1440
        usual = time(before_end // 60, before_end % 60)
    me.usual_at = usual
    turn.audit("set hours", me.id)
    await reckon_anew(turn)


def _is_inside(at: time, start: time, end: time) -> bool:
    return start <= at < end if start < end else at >= start or at < end


async def reckon_anew(turn: Turn) -> None:
    """The person's hours, days or zone have changed: what is not yet sent falls due elsewhere."""
    me, now = turn.me, turn.now
    if me.is_leader:
        await enrolments.replan_leader(turn.db, me.id, now)
        await enrolments.wake(turn.db, me.id, now)
    if me.is_coach:
        from bot.work.digests import move_digest  # that asks joining, which asks places, which asks here
        from bot.work.meetings import plan_brief

        move_digest(me, now)
        own = select(Engagement.id).where(Engagement.coach_id == me.id, Engagement.state == "active")
        planned = select(Session).where(Session.engagement_id.in_(own), Session.state == "planned")
        for session in await turn.db.scalars(planned.where(Session.brief_due_at > now)):
            plan_brief(session, me, now)


async def pause(turn: Turn, text: str) -> None:
    """`/pause`, `/pause a week`, `/pause until 12 Dec`. Nothing asked during a pause counts as missed."""
    if not turn.me.is_leader:
        raise RefusedError(turn.say("Only leaders are asked questions, so there is nothing to pause."))
    say = turn.say
    if text.strip():
        day = spans.parse_pause(text, local(turn.now, turn.me.zone).date(), say)
        if isinstance(day, Misread):
            raise RefusedError(day.sentence)
        await _pause_until(turn, to_instant(day, time(0), turn.me.zone) or turn.now + timedelta(days=1))
        return
    choices = [(say("a week"), "7"), (say("two weeks"), "14"), (say("until I come back"), "0")]
    rows = [[Button(label, ("pause", days))] for label, days in choices]
    ask = say("No questions for how long? Nothing will count as missed.")
    hint = italic(say("Or write it: {example}", example=say("/pause until 12 Dec")))
    await turn.reply(message(plain(ask), hint, buttons=rows))


async def set_pause(turn: Turn, days: str) -> None:
    until = spans.ENDLESS
    if int(days):
        day = local(turn.now, turn.me.zone).date() + timedelta(days=int(days))
        until = to_instant(day, time(0), turn.me.zone) or turn.now + timedelta(days=int(days))
    await _pause_until(turn, until)


async def _pause_until(turn: Turn, until: datetime) -> None:
    say, me = turn.say, turn.me
    me.paused_until = until
    await outbox.cancel(
        turn.db, Why.paused, Delivery.person_id == me.id, Delivery.kind.in_([Kind.prompt, Kind.reminder])
    )
    own = select(AskedQuestion.occurrence_id).join(Answer, Answer.question_id == AskedQuestion.id)
    await turn.db.execute(  # something of it was answered: the rest is left out
        update(Occurrence)
        .where(Occurrence.leader_id == me.id, Occurrence.state == "asked")
        .where(Occurrence.id.in_(own.where(AskedQuestion.leader_id == me.id)))
        .values(state="answered", look_at=None, snoozed_until=None)
    )
    await turn.db.execute(
        update(Occurrence)
        .where(Occurrence.leader_id == me.id, Occurrence.state.in_(["waiting", "asked"]))
        .values(state="not_asked", reason="paused", look_at=None, snoozed_until=None)
    )
    await turn.db.execute(  # words written later are nobody's answer to what was open before the pause
        update(AskedQuestion)
        .where(AskedQuestion.leader_id == me.id, AskedQuestion.state == "open")
        .values(state="closed")
    )
    await plans.pause(turn.db, me.id)
    await outbox.end_pause(turn.db, me.id, turn.now)  # the one before it
    turn.audit("paused", me.id)
    if until == spans.ENDLESS:
        await turn.reply(message(plain(say("Paused. /resume when you are ready."))))
        return
    when = say.day(local(until, me.zone).date())
    await turn.reply(message(plain(say("Paused until {day}. /resume ends it earlier.", day=when))))


async def resume(turn: Turn, _text: str) -> None:
    if turn.me.paused_until is None:
        raise RefusedError(turn.say("Nothing is paused."))
    turn.me.paused_until = None
    await outbox.end_pause(turn.db, turn.me.id, turn.now)
    turn.audit("resumed", turn.me.id)
    await turn.reply(message(plain(turn.say("You are back. Questions start again from now."))))
