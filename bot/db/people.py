"""Queries about people, engagements and invites."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Instant
from bot.db.tables import Engagement, Inbound, Invite, Person

_ENGAGEMENT = (
    select(Engagement)
    .where(Engagement.leader_id == bindparam("leader"), Engagement.state == "active")
    .order_by(Engagement.id.desc())
    .limit(1)
)


async def coaches(db: AsyncSession) -> list[Person]:
    query = select(Person).where(Person.is_coach, Person.state.in_(["active", "unreachable"])).order_by(Person.id)
    return list(await db.scalars(query))


async def engagement_of(db: AsyncSession, leader_id: UUID) -> Engagement | None:
    """The leader's active engagement."""
    return (await db.scalars(_ENGAGEMENT, {"leader": leader_id})).one_or_none()


async def was_led(db: AsyncSession, leader_id: UUID) -> bool:
    """Whether anybody has ever coached this person here."""
    return await db.scalar(select(Engagement.id).where(Engagement.leader_id == leader_id).limit(1)) is not None


async def led_by(db: AsyncSession, coach_id: UUID) -> list[tuple[Engagement, Person]]:
    """A coach's active engagements with their leaders; nobody else's."""
    query = (
        select(Engagement, Person)
        .join(Person, Person.id == Engagement.leader_id)
        .where(Engagement.coach_id == coach_id, Engagement.state == "active", Person.state != "erased")
        .order_by(Engagement.id)
    )
    return [(engagement, person) for engagement, person in await db.execute(query)]


async def all_led(db: AsyncSession) -> list[tuple[Engagement, Person]]:
    """Every active engagement, for the admin's choices: who there is, not what they say."""
    query = (
        select(Engagement, Person)
        .join(Person, Person.id == Engagement.leader_id)
        .where(Engagement.state == "active", Person.state != "erased")
        .order_by(Engagement.id)
    )
    return [(engagement, person) for engagement, person in await db.execute(query)]


async def engagement_for(db: AsyncSession, engagement_id: UUID, coach_id: UUID) -> tuple[Engagement, Person] | None:
    """One engagement, if it is this coach's and active."""
    return next((pair for pair in await led_by(db, coach_id) if pair[0].id == engagement_id), None)


async def said_aside(db: AsyncSession, update_id: int, at: datetime) -> None:
    """Whoever sent this update is told something that no row of the outbox knows of."""
    chat = select(Inbound.chat_id).where(Inbound.update_id == update_id).scalar_subquery()
    await db.execute(update(Person).where(Person.chat_id == chat).values(aside_at=at))


async def invite_by_hash(db: AsyncSession, token_hash: str) -> Invite | None:
    return (await db.scalars(select(Invite).where(Invite.token_hash == token_hash))).one_or_none()


def due_instants() -> list[Instant]:
    """The next digest, the end of a pause, and a look at how an engagement goes on."""
    return [
        select(func.min(Person.next_digest_at)).scalar_subquery(),
        select(func.min(Person.paused_until)).scalar_subquery(),
        select(func.min(Engagement.look_at)).scalar_subquery(),
    ]
