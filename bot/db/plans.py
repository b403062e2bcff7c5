"""Queries about if-then plans: which are being written, asked about, or wait for their turn."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Instant
from bot.db.tables import Delivery, Plan
from bot.domain.delivery import Kind
from bot.domain.matching import Asked

OVER = ("told", "dropped", "missed")
_IS_TALK = or_(Plan.state == "asked", and_(Plan.state.in_(OVER), Plan.look_at.is_not(None)))
_FIRST = select(Plan.state).where(Plan.leader_id == bindparam("leader"), or_(Plan.state == "due", _IS_TALK)).distinct()


async def of_answer(db: AsyncSession, answer_id: UUID) -> Plan | None:
    return (await db.scalars(select(Plan).where(Plan.answer_id == answer_id))).one_or_none()


async def of_outcome(db: AsyncSession, answer_id: UUID) -> Plan | None:
    """The plan an outcome was said about."""
    return (await db.scalars(select(Plan).where(Plan.outcome_id == answer_id).limit(1))).one_or_none()


async def oldest_due(db: AsyncSession, now: datetime) -> Plan | None:
    query = select(Plan).where(Plan.look_at <= now).order_by(Plan.look_at, Plan.id).limit(1)
    return (await db.scalars(query.with_for_update(skip_locked=True))).one_or_none()


async def asked_lately(db: AsyncSession, leader_id: UUID, *, before: int, limit: int = 5) -> list[Asked]:
    """The plans the leader was asked about above the message `before`, as questions that words may answer."""
    query = (
        select(Plan.id, Plan.state, Delivery.sent_at, Plan.asked_at, Plan.outcome_id)
        .join(
            Delivery,
            (Delivery.answer_id == Plan.answer_id) & (Delivery.kind == Kind.prompt) & Delivery.target_id.is_(None),
        )
        .where(Plan.leader_id == leader_id, Delivery.state.in_(["sent", "sending", "unknown"]))
        .where(or_(Delivery.message_id.is_(None), Delivery.message_id < before))
        .order_by(Delivery.id.desc())
        .limit(limit)
    )
    found: dict[UUID, Asked] = {}
    for plan_id, state, sent_at, asked_at, outcome_id in await db.execute(query):
        if at := sent_at or asked_at:
            found.setdefault(plan_id, Asked(plan_id, at, state == "asked" and outcome_id is None, outcome_id))
    return list(found.values())


async def parts_asked_lately(db: AsyncSession, leader_id: UUID, *, before: int) -> list[Asked]:
    """The plans that are being made, as the newest message above `before` that asked about them."""
    query = (
        select(Plan.id, Plan.answer_id, func.max(func.coalesce(Delivery.sent_at, Delivery.due_at)))
        .join(Delivery, Delivery.answer_id == Plan.answer_id)
        .where(Plan.leader_id == leader_id, Plan.state == "drafting")
        .where(Delivery.state.in_(["sent", "sending", "unknown"]))
        .where(or_(Delivery.message_id.is_(None), Delivery.message_id < before))
        .group_by(Plan.id, Plan.answer_id)
    )
    return [Asked(plan_id, at, True, answer_id) for plan_id, answer_id, at in await db.execute(query)]


async def come_first(db: AsyncSession, leader_id: UUID, now: datetime) -> bool:
    """Whether the leader is being asked about a plan, or is to be now: one whose moment came while another was open."""
    states = list(await db.scalars(_FIRST, {"leader": leader_id}))
    if "due" in states:
        await db.execute(update(Plan).where(Plan.leader_id == leader_id, Plan.state == "due").values(look_at=now))
    return bool(states)


async def is_asked(db: AsyncSession, leader_id: UUID) -> bool:
    """Whether a plan is being asked about, or talked about after that."""
    return await db.scalar(select(Plan.id).where(Plan.leader_id == leader_id, _IS_TALK).limit(1)) is not None


async def end_talk(db: AsyncSession, leader_id: UUID) -> None:
    """What was said about plans is said: something else may be asked."""
    over = update(Plan).where(Plan.leader_id == leader_id, Plan.state.in_(OVER), Plan.look_at.is_not(None))
    await db.execute(over.values(look_at=None))


async def pause(db: AsyncSession, leader_id: UUID) -> None:
    """A pause began: what was just being asked about is not missed, it is not asked about any more."""
    asked = update(Plan).where(Plan.leader_id == leader_id, Plan.state == "asked")
    await db.execute(asked.values(state="dropped", look_at=None))


async def shown(db: AsyncSession, plan: Plan) -> Delivery | None:
    """The message that asked about a plan, the newest if it was asked about again."""
    query = select(Delivery).where(
        Delivery.answer_id == plan.answer_id, Delivery.kind == Kind.prompt, Delivery.target_id.is_(None)
    )
    return (await db.scalars(query.order_by(Delivery.id.desc()).limit(1))).one_or_none()


def due_instant() -> Instant:
    return select(func.min(Plan.look_at)).scalar_subquery()
