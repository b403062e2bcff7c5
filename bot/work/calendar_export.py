"""`/calendar`: planned sessions as a file for one's own calendar. Sent again, it changes what is there already."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from bot import calendars
from bot.db import people
from bot.db.tables import Engagement, Person, Session
from bot.domain.schedule import local
from bot.domain.text import message, plain
from bot.errors import RefusedError
from bot.work.leaders import find_leader
from bot.work.outgoing import Attachment
from bot.work.practice import Turn, name_of


async def calendar(turn: Turn, text: str) -> None:
    """The coach's sessions with everybody, or `/calendar Jack`; a leader's own."""
    if not turn.me.is_coach:
        await _leaders(turn)
        return
    led = [await find_leader(turn, text)] if text.strip() else await people.led_by(turn.db, turn.me.id)
    await _coachs(turn, led)


async def _coachs(turn: Turn, led: Sequence[tuple[Engagement, Person]]) -> None:
    """What came from a calendar is in it already, under a name only that calendar knows: it is left out."""
    say = turn.say
    names = {engagement.id: await name_of(turn.practice, person) for engagement, person in led}
    found = await _to_come(turn, list(names))
    ours = [one for one in found if one.calendar_uid is None]
    theirs = sum(1 for one in found if one.calendar_uid is not None and one.state == "planned")
    from_calendar = say.plural(
        "{n} session came from your calendar and is in it already.",
        "{n} sessions came from your calendar and are in it already.", theirs,
    )  # fmt: skip
    if not any(one.state == "planned" for one in ours):
        raise RefusedError(
            from_calendar if theirs else say("No sessions are planned. /session Jack Thu 10:00 plans one.")
        )
    entries = [_entry(one, say("Coaching: {name}", name=names[one.engagement_id])) for one in ours]
    await _hand_over(turn, entries, [from_calendar] if theirs else [])


async def _leaders(turn: Turn) -> None:
    """All of them: which of these a leader's calendar has, nobody here can know."""
    say = turn.say
    engagement = await people.engagement_of(turn.db, turn.me.id)
    found = await _to_come(turn, [engagement.id]) if engagement else []
    if engagement is None or not any(one.state == "planned" for one in found):
        raise RefusedError(say("No session is planned at the moment."))
    coach = await name_of(turn.practice, await turn.db.get_one(Person, engagement.coach_id))
    await _hand_over(turn, [_entry(one, say("Coaching with {name}", name=coach)) for one in found], [])


async def _to_come(turn: Turn, engagements: Sequence[object]) -> list[Session]:
    """Those that are planned, and those that were cancelled, so that they go from the calendar too."""
    still = or_(Session.state == "planned", Session.state == "cancelled")
    query = select(Session).where(Session.engagement_id.in_(engagements), still, Session.ends_at > turn.now)
    return list(await turn.db.scalars(query.order_by(Session.starts_at, Session.id)))


def _entry(session: Session, title: str) -> calendars.Entry:
    return calendars.Entry(
        session.id, session.starts_at, session.ends_at, title, session.revision,
        _changed_at(session), session.state == "cancelled",
    )  # fmt: skip


def _changed_at(session: Session) -> datetime:
    return session.revised_at or session.made_at


async def _hand_over(turn: Turn, entries: list[calendars.Entry], more: list[str]) -> None:
    say = turn.say
    n = sum(1 for entry in entries if not entry.is_cancelled)
    lines = [
        say.plural("{n} session for your calendar: open the file to add it.",
                   "{n} sessions for your calendar: open the file to add them.", n),
        say("After a change, /calendar gives a file that brings your calendar up to date."),
        *more,
    ]  # fmt: skip
    name = f"interlude-{local(turn.now, turn.me.zone):%Y-%m-%d}.ics"
    body = await asyncio.to_thread(calendars.write, entries, say("Coaching"))
    await turn.reply(message(plain("\n".join(lines))), attachment=Attachment("document", name, body))
