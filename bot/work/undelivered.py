"""What did not reach its reader and is told of: a note to a leader, and what a coach asked to see."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import people
from bot.db.tables import Delivery, Note, Person
from bot.domain.delivery import Kind, State, Why
from bot.domain.text import message, plain
from bot.errors import UnreadableError
from bot.i18n import Say
from bot.work import outgoing
from bot.work.practice import Practice, name_of


async def tell(practice: Practice, db: AsyncSession, row: Delivery, now: datetime) -> None:
    """A message has ended without having been sent."""
    if row.kind == Kind.note and row.state in (State.failed, State.expired):
        await _tell_of_note(practice, db, row, now)
    elif row.dedupe_key.endswith(outgoing.SHOWN) and row.reason == Why.withdrawn:
        await _tell_to_ask_again(practice, db, row, now)


async def _tell_to_ask_again(practice: Practice, db: AsyncSession, row: Delivery, now: datetime) -> None:
    """Once for all messages of one reply; why is not said: that something was taken back is its leader's own."""
    what, number, *_ = row.dedupe_key.split(":")
    key = f"{what}:{number}:again"
    if await db.scalar(select(Delivery.id).where(Delivery.dedupe_key == key)) is not None:
        return
    person = await db.get_one(Person, row.person_id)
    if person.chat_id is None:
        return
    say = Say(person.language)
    text = say("What was to be shown here has changed before it could be sent. Please ask again.")
    await outgoing.send(practice, db, person, Kind.reply, message(plain(text)), key=key, now=now)
    await db.flush()


async def _tell_of_note(practice: Practice, db: AsyncSession, row: Delivery, now: datetime) -> None:
    """Nothing to somebody who is no longer this leader's coach; their words are where their notes are."""
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
