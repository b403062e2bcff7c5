"""Words taken back while a message with them still waits to go out: it is withdrawn, and written again without them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Answer, Delivery, Disclosure, Person, Session
from bot.domain.delivery import Kind, State

_GONE = (State.sent, State.sending, State.unknown)
_WHY = "no longer shared"


async def take_back(db: AsyncSession, answer: Answer, now: datetime) -> None:
    """Withdraw what waits. What is on its way, or there, cannot be called back; that is said to the leader."""
    told = select(Disclosure.delivery_id).where(Disclosure.answer_id == answer.id)
    holding = list(await db.scalars(select(Delivery).where(Delivery.id.in_(told))))
    for delivery in holding:
        if delivery.state == State.pending:
            await _withdraw(db, delivery, now)
    if not any(delivery.state in _GONE for delivery in holding):
        answer.sent_to_coach_at = None


async def _withdraw(db: AsyncSession, delivery: Delivery, now: datetime) -> None:
    """All of it, to be written again; only the one part when others have gone out already."""
    whole, _, _ = delivery.dedupe_key.rpartition(":")
    if delivery.kind in (Kind.brief, Kind.digest):
        key = whole.removesuffix(":voice")
        parts = list(await db.scalars(select(Delivery).where(Delivery.dedupe_key.startswith(f"{key}:", autoescape=True))))
        if all(part.state in (State.pending, State.cancelled) for part in parts):
            for part in parts:
                _cancel(part)
            await _write_again(db, delivery, key, now)
            return
    _cancel(delivery)


def _cancel(part: Delivery) -> None:
    if part.state == State.pending:
        part.state, part.reason, part.payload = State.cancelled, _WHY, None
        part.dedupe_key = f"{part.dedupe_key}:back:{part.id}"  # its place is free for what is written again


async def withdraw_digests(db: AsyncSession, coach_ids: Sequence[UUID], reason: str, now: datetime) -> None:
    """A digest on its way may hold a leader's words among others': it is written again, without them."""
    unsent = Delivery.state.in_([State.pending, State.sending, State.unknown])
    query = select(Delivery).where(Delivery.kind == Kind.digest, Delivery.person_id.in_(coach_ids), unsent)
    for delivery in list(await db.scalars(query)):
        delivery.state, delivery.reason, delivery.payload, delivery.lease_token = State.cancelled, reason, None, None
        digest_id = UUID(delivery.dedupe_key.split(":")[1])
        await db.execute(update(Answer).where(Answer.digest_id == digest_id).values(digest_id=None))
        await db.execute(update(Person).where(Person.id == delivery.person_id).values(next_digest_at=now))


async def _write_again(db: AsyncSession, delivery: Delivery, key: str, now: datetime) -> None:
    about = UUID(key.split(":")[1])
    if delivery.kind == Kind.brief:
        again = {"agenda_due_at": now} if key.startswith("agenda:") else {"brief_due_at": now, "brief_cut_at": None}
        await db.execute(update(Session).where(Session.id == about).values(again))
        return
    await db.execute(update(Answer).where(Answer.digest_id == about).values(digest_id=None))
    await db.execute(update(Person).where(Person.id == delivery.person_id).values(next_digest_at=now))
