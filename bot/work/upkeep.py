"""The nightly round: what is past keeping goes. Also the facts a deployment is checked by at start."""

import os
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import inbox
from bot.db.engine import Database, Instant
from bot.db.tables import CalendarFile, Consent, Delivery, Draft, Enrolment, Expecting, Invite, Marker, Note, Person
from bot.domain.delivery import State
from bot.errors import DataError, UnreadableError
from bot.vault import PRACTICE
from bot.work import parts, restored, stuck
from bot.work.deliver import mark
from bot.work.practice import Practice

_SWEEP = "sweep"
_EVERY = timedelta(days=1)
_UNDECIDED = timedelta(days=8)
_FORGOTTEN = timedelta(days=30)  # what was begun and never sent off
_DELIVERIES_KEPT = timedelta(days=400)


async def sweep_one(practice: Practice, now: datetime) -> bool:
    """Once a day, on a day of its own count: retention by kind."""
    async with practice.database.write() as db:
        last = await db.get(Marker, _SWEEP)
        if last is not None and now < last.at + _EVERY:
            return False
        await mark(db, _SWEEP, "done", now)
        await inbox.wipe_older(db, now)
        await _sweep_invites(db, now)
        await _sweep_undecided(practice, db, now)
        await db.execute(delete(Draft).where(Draft.made_at < now - _FORGOTTEN))
        await db.execute(delete(Note).where(Note.kind == "draft", Note.made_at < now - _FORGOTTEN))
        never_asked = (Enrolment.state == "draft", Enrolment.joined_at < now - _FORGOTTEN)
        await db.execute(delete(Enrolment).where(*never_asked))
        await db.execute(delete(CalendarFile).where(CalendarFile.made_at < now - timedelta(days=30)))
        await db.execute(delete(Expecting).where(Expecting.until < now))
        await stuck.forget_old(db, now)
        await parts.forget_old(db, now)
        await restored.forget(db, now)
        finished = Delivery.state.not_in([State.pending, State.sending, State.unknown])
        await db.execute(
            update(Delivery)
            .where(finished, Delivery.due_at < now - _DELIVERIES_KEPT, Delivery.nonce.is_not(None))
            .values(nonce=None, actions=[])
        )
    return True


async def _sweep_invites(db: AsyncSession, now: datetime) -> None:
    """The name on an invite is not needed once it was used or has expired."""
    await db.execute(
        update(Invite)
        .where((Invite.used_at.is_not(None)) | (Invite.expires_at < now), Invite.name.is_not(None))
        .values(name=None)
    )


async def _sweep_undecided(practice: Practice, db: AsyncSession, now: datetime) -> None:
    """People who opened an invite and never agreed: nothing of them is kept."""
    query = select(Person).where(Person.state == "joining", Person.last_seen_at < now - _UNDECIDED)
    for person in await db.scalars(query):
        await db.execute(delete(Delivery).where(Delivery.person_id == person.id))
        await db.execute(delete(Consent).where(Consent.person_id == person.id))
        await db.execute(delete(Expecting).where(Expecting.person_id == person.id))
        await db.delete(person)
        await practice.vault.drop(person.id)


def last_sweep() -> Instant:
    """When the last round was."""
    return select(Marker.at).where(Marker.name == _SWEEP).scalar_subquery()


def next_sweep(last: datetime | None) -> datetime | None:
    return last + _EVERY if last is not None else None


async def is_in_use(database: Database) -> bool:
    """Whether keys were ever made for this database; one that was only migrated has none to miss."""
    async with database.read() as db:
        return await db.get(Marker, "keystore") is not None or (await db.scalar(select(Person.id).limit(1))) is not None


async def check_keys(practice: Practice, now: datetime, *, is_new: bool) -> None:
    """The key store must be the one this database was written with; new keys are made only with a new database."""
    async with practice.database.write() as db:
        marker = await db.get(Marker, "keystore")
        if marker is None:
            if not is_new and (await db.scalars(select(Person.id).limit(1))).one_or_none() is not None:
                raise DataError("This database does not say which key store it belongs to. It was left untouched.")
            await practice.vault.make(PRACTICE, "practice")
            proof = UUID(bytes=os.urandom(16))
            box = await practice.vault.box(PRACTICE, "practice")
            await mark(db, _SWEEP, "begun", now)
            await mark(db, "keystore", f"{proof}:{box.seal('marker.keystore', proof, 'ours').hex()}", now)
            return
        await _prove(practice, marker)


async def prove(practice: Practice) -> bool:
    """Raises if the keys are not this database's; False if it has none yet. Changes nothing."""
    async with practice.database.read() as db:
        marker = await db.get(Marker, "keystore")
    if marker is None:
        return False
    await _prove(practice, marker)
    return True


async def _prove(practice: Practice, marker: Marker) -> None:
    proof, _, sealed = marker.value.partition(":")
    try:
        box = await practice.vault.box(PRACTICE, "practice")
        box.open("marker.keystore", UUID(proof), bytes.fromhex(sealed))
    except UnreadableError:
        raise DataError(
            "The key store does not belong to this database, or is missing. Put back the one it was written with "
            "(INTERLUDE_KEYSTORE_URL); no new keys have been made."
        ) from None
