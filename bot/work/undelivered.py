"""A note that did not reach its leader: its coach hears of it, and finds the words where their notes are."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import people
from bot.db.tables import Delivery, Note, Person
from bot.domain.delivery import Kind, State
from bot.domain.text import message, plain
from bot.errors import UnreadableError
from bot.i18n import Say
from bot.work import outgoing
from bot.work.practice import Practice, name_of


async def tell(practice: Practice, db: AsyncSession, row: Delivery, now: datetime) -> None:
    """Nothing for a note that was withdrawn, nor to somebody who is no longer this leader's coach."""
    if row.kind != Kind.note or row.state not in (State.failed, State.expired):
        return
    note = (await db.scalars(select(Note).where(Note.delivery_id == row.id))).one_or_none()
    found = await people.engagement_for(db, note.engagement_id, note.coach_id) if note is not None else None
    if note is None or found is None:
        return
    coach, leader = await db.get_one(Person, note.coach_id), found[1]
    try:
        name = await name_of(practice, leader)
    except UnreadableError:  # without the leader's keys nobody can read the note, either
        return
    if coach.chat_id is None:
        return
    say = Say(coach.language)
    text = say(
        "Your note to {name} could not be delivered. The words are still here: /note {name}", name=name
    )
    told = message(plain(text))
    key = f"note:{note.id}:undelivered:{row.id}"
    await outgoing.send(practice, db, coach, Kind.notice, told, key=key, now=now, about=leader.id)
