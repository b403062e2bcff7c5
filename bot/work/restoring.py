"""A practice brought back from a backup: what has happened since is gone, and nothing of it is to happen twice.

Between the backup and its restore messages went out of which the backup knows nothing. So that time is lived through once
more without sending, and what comes of it is held back: somebody who knows better may let it go (`interlude outbox`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, delete, or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import people
from bot.db.engine import Database
from bot.db.tables import Delivery, Marker, Occurrence, Person
from bot.domain.delivery import Kind, State, Why
from bot.errors import DataError
from bot.vault import PRACTICE
from bot.work import deliver, ending, restored, ticks
from bot.work.downtime import RESTORED, SEEN
from bot.work.people import erase
from bot.work.practice import Practice, Turn

UNFINISHED = "restoring"
"""The marker of a database whose restore was interrupted: it does not open."""

_FOR_GOOD = timedelta(days=3650)
_STEP = timedelta(minutes=1)


@dataclass(frozen=True)
class Settled:
    """What was done to a practice after its rows were back."""

    erased: int
    held: int


async def settle(practice: Practice, erased: Collection[UUID], made_at: datetime, now: datetime) -> Settled:
    """Erase whoever was erased since; live through what came due since; let nothing of it go out by itself."""
    again = 0
    for owner in erased:
        again += await _erase_again(practice, owner, now)
    await _live_through(practice, made_at, now)
    held = await _hold_back(practice, made_at, now)
    async with practice.database.write() as db:
        await deliver.mark(db, SEEN, RESTORED, made_at)  # people are told what is missing
        await deliver.mark(db, restored.MARKER, "", now)
    return Settled(again, held)


async def _erase_again(practice: Practice, owner: UUID, now: datetime) -> bool:
    """Their keys first, as ever."""
    if owner == PRACTICE:
        return False
    await practice.vault.drop(owner)
    async with practice.database.write() as db:
        person = await db.get(Person, owner)
        if person is None or person.state == "erased":
            return False
        turn = Turn(practice, now, 0, 0, 0, None, person=person, transaction=db)
        for engagement, _leader in await people.led_by(db, owner):  # they had been handed over, which the backup forgot
            await ending.end(turn, engagement)
        await erase(db, person, now)
        turn.audit("erased", owner)
    return True


async def _live_through(practice: Practice, since: datetime, until: datetime) -> None:
    """From one due instant to the next, as they were; in one great step at the end much would be late that was not."""
    at, post = since, deliver.Post()
    while True:
        agenda = await ticks.look(practice, post)
        due = min(filter(None, agenda.duties), default=None)
        if due is None or due > until:
            return
        at = max(at, due)
        if not await ticks.tick(practice, at, agenda):
            at += _STEP  # somebody's last sign of life is waited for, or a row is put off
        if at > until:
            return


async def _hold_back(practice: Practice, since: datetime, now: datetime) -> int:
    """Whatever may have gone out is held until it is too late for it. An edit twice changes nothing."""
    unsent = Delivery.state.in_([State.pending, State.sending, State.unknown])
    was_waiting = Delivery.reason.in_([Why.unreachable, Why.paused])  # and may have been let go
    may_be_out = or_(Delivery.due_at <= now, Delivery.state != State.pending, was_waiting)
    expires = case((Delivery.expires_at <= now, now), else_=Delivery.expires_at)
    until = case((Delivery.expires_at.is_(None), now + _FOR_GOOD), else_=expires)
    async with practice.database.write() as db:
        held = await db.execute(
            update(Delivery)
            .where(unsent, may_be_out, Delivery.kind != Kind.edit)
            .values(state=State.pending, reason=Why.restored, due_at=until, attempt=0, lease_token=None, lease_until=None)
            .returning(Delivery.id)
        )
        await db.execute(  # their answers, if there were any, are gone: nobody let a question go by
            update(Occurrence)
            .where(Occurrence.state == "missed", Occurrence.closes_at > since)
            .values(state="expired", reason="late")
        )
        return len(held.all())


async def begin(db: AsyncSession, now: datetime) -> None:
    """Not to be opened before `finish`."""
    await deliver.mark(db, UNFINISHED, "begun", now)


async def finish(practice: Practice) -> None:
    async with practice.database.write() as db:
        await db.execute(delete(Marker).where(Marker.name == UNFINISHED))


async def refuse_unfinished(database: Database) -> None:
    if await is_unfinished(database):
        raise DataError("A restore of this database was interrupted. Empty it and run `interlude restore` again.")


async def is_unfinished(database: Database) -> bool:
    async with database.read() as db:
        return await db.get(Marker, UNFINISHED) is not None
