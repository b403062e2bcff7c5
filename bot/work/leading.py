"""`/brief` without a name: whose; and how long before a session a coach reads by themselves."""

from sqlalchemy import select

from bot.db import enrolments, people
from bot.db.tables import Engagement, Session
from bot.domain.leads import in_hours, names_leads, parse_leads
from bot.domain.schedule import local
from bot.domain.text import Button, choices, message, plain
from bot.errors import RefusedError
from bot.work import meetings
from bot.work.practice import Turn, name_of


async def take(turn: Turn, text: str) -> bool:
    """What `/brief` says besides a name; False when it is one."""
    if not text.strip():
        await _offer(turn)
    elif names_leads(text):
        await _set(turn, text)
    else:
        return False
    return True


async def _offer(turn: Turn) -> None:
    """The leaders, whoever has the next session first."""
    say = turn.say
    found = []
    for engagement, leader in await people.led_by(turn.db, turn.me.id):
        session = await enrolments.next_session(turn.db, engagement.id, turn.now)
        found.append((session.starts_at if session else None, await name_of(turn.practice, leader), engagement.id))
    if not found:
        raise RefusedError(say("You have no leaders yet. /invite Jack brings in the first."))
    found.sort(key=lambda one: (one[0] is None, one[0] or turn.now, one[1]))
    rows = []
    for starts_at, name, engagement_id in found:
        day = say.short_day(local(starts_at, turn.me.zone).date()) if starts_at else ""
        rows.append([Button(f"{name} · {day}" if day else name, ("brief.show", engagement_id))])
    for part in choices(plain(say("Whose brief?")), plain(_when(turn)), buttons=rows):
        await turn.reply(part)


def _when(turn: Turn) -> str:
    """How long before a session it comes."""
    say, me = turn.say, turn.me
    if me.agenda_minutes <= me.brief_minutes:
        return say(
            "It comes {brief} before each session. Another time, for example: /brief before 24h 2h",
            brief=in_hours(me.brief_minutes),
        )  # fmt: skip
    return say(
        "It comes {brief} before each session; {agenda} before, what they bring and what was promised. Another time, for "
        "example: /brief before 24h 2h",
        brief=in_hours(me.brief_minutes), agenda=in_hours(me.agenda_minutes),
    )  # fmt: skip


async def _set(turn: Turn, text: str) -> None:
    """`/brief before 3h`, `/brief avant 24h 2h`; what is planned and has not gone out is planned anew."""
    say, me = turn.say, turn.me
    if len(text.split()) > 1:
        asked = parse_leads(text)
        if asked is None:
            raise RefusedError(
                say("Please give one or two lengths between 15 minutes and 7 days: /brief before 24h 2h")
            )
        me.brief_minutes = asked.brief
        if asked.agenda is not None:
            me.agenda_minutes = asked.agenda
        query = (
            select(Session)
            .join(Engagement, Engagement.id == Session.engagement_id)
            .where(Engagement.coach_id == me.id, Session.state == "planned", Session.starts_at > turn.now)
            .where(Session.brief_due_at.is_not(None))
        )
        for session in await turn.db.scalars(query):
            meetings.plan_brief(session, me, turn.now)
        turn.audit("set when briefs come", me.id)
    await turn.reply(message(plain(_when(turn))))
