"""Words taken back while a message with them still waits to go out: it is withdrawn, and written again without them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Answer, Delivery, Disclosure, Engagement
from bot.domain.delivery import Kind, State, Why
from bot.work import outgoing, undelivered, untold
from bot.work.practice import Practice

_GONE = (State.sent, State.sending, State.unknown)
_UNSENT = (State.pending, State.sending, State.unknown)


async def take_back(practice: Practice, db: AsyncSession, answer: Answer, now: datetime) -> None:
    """Withdraw what waits, whether it quotes this answer or only counts it, draws it or names its topic. What is on its
    way, or there, cannot be called back; that is said to the leader."""
    await withdraw_about(practice, db, answer.leader_id, now)
    told = select(Disclosure.delivery_id).where(Disclosure.answer_id == answer.id)
    holding = list(await db.scalars(select(Delivery).where(Delivery.id.in_(told))))
    for delivery in holding:
        if delivery.state == State.pending:
            _cancel(delivery)
    if not any(delivery.state in _GONE for delivery in holding):
        answer.sent_to_coach_at = None


async def withdraw_about(practice: Practice, db: AsyncSession, leader_id: UUID, now: datetime) -> None:
    """A brief, an agenda or a digest that waits may hold anything of a leader's: it is written again, as it may be now.
    What a coach has asked to see, they can ask for again. A recording holds nothing but itself."""
    query = select(Delivery.dedupe_key).where(
        Delivery.kind == Kind.brief, Delivery.about_id == leader_id, Delivery.state.in_(_UNSENT),
        Delivery.method != "sendVoice",
    )  # fmt: skip
    for brief in {":".join(key.split(":")[:3]) for key in await db.scalars(query)}:
        await _withdraw_brief(db, brief, now)
    coaches = list(await db.scalars(select(Engagement.coach_id).where(Engagement.leader_id == leader_id).distinct()))
    await _withdraw_shown(practice, db, coaches, leader_id, now)
    await withdraw_digests(db, coaches, Why.not_shared, now)


async def _withdraw_shown(
    practice: Practice, db: AsyncSession, coach_ids: Sequence[UUID], leader_id: UUID, now: datetime
) -> None:
    """What was opened by its reader and waits: of this leader, or of several, as `/digest` is."""
    query = select(Delivery).where(
        Delivery.person_id.in_(coach_ids), or_(Delivery.about_id == leader_id, Delivery.about_id.is_(None)),
        Delivery.state.in_(_UNSENT), Delivery.method != "sendVoice",
        Delivery.dedupe_key.endswith(outgoing.SHOWN, autoescape=True),
    )  # fmt: skip
    for row in await db.scalars(query.order_by(Delivery.id).with_for_update()):
        row.payload = None
        if row.state == State.pending:
            row.state, row.reason = State.cancelled, Why.withdrawn
            await untold.end(db, row, now)
            await undelivered.tell(practice, db, row, now)


async def _withdraw_brief(db: AsyncSession, key: str, now: datetime) -> None:
    """All of it, also what of it has gone out: what comes in its place is whole. What is on its way right now may still
    arrive; it is not sent a second time, and is written again only when it did not arrive."""
    parts = list(await db.scalars(select(Delivery).where(Delivery.dedupe_key.startswith(f"{key}:", autoescape=True))))
    is_waiting = any(part.state == State.pending and part.method != "sendVoice" for part in parts)
    for part in parts:
        _cancel(part)
        if part.state in _UNSENT:
            part.payload = None
        if ":back:" not in part.dedupe_key:
            part.dedupe_key = f"{part.dedupe_key}:back:{part.id}"  # its place is free for what is written again
    await db.flush()
    if is_waiting:
        await untold.write_brief_again(db, key, now)


def _cancel(part: Delivery) -> None:
    if part.state == State.pending:
        part.state, part.reason, part.payload = State.cancelled, Why.not_shared, None


async def withdraw_digests(db: AsyncSession, coach_ids: Sequence[UUID], reason: Why, now: datetime) -> None:
    """A digest on its way may hold a leader's words among others': it is written again, without them."""
    unsent = Delivery.state.in_(_UNSENT)
    query = select(Delivery).where(Delivery.kind == Kind.digest, Delivery.person_id.in_(coach_ids), unsent)
    found = {UUID(part.dedupe_key.split(":")[1]): part.person_id for part in await db.scalars(query)}
    for digest_id, coach_id in found.items():
        await untold.withdraw(db, digest_id, coach_id, reason, now)
