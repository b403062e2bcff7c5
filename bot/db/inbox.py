"""Raw updates: stored once by `update_id`, handled in order, wiped when done."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Inbound

_inbound = Inbound.metadata.tables[Inbound.__tablename__]
_OLDEST = (
    select(Inbound)
    .where(Inbound.state == "waiting")
    .where(or_(Inbound.chat_id.is_(None), Inbound.chat_id.not_in(bindparam("but", expanding=True))))
    .order_by(Inbound.update_id)
    .limit(1)
    .with_for_update(skip_locked=True)
)


async def insert(db: AsyncSession, rows: Sequence[dict[str, Any]]) -> int:
    """Store raw updates, in one statement past the ORM; those that are already there are left alone. How many were new."""
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    new = dialect.insert(_inbound).on_conflict_do_nothing().returning(_inbound.c.update_id)
    return len((await (await db.connection()).execute(new, rows)).all())


async def oldest_waiting(db: AsyncSession, but: Collection[int] = ()) -> Inbound | None:
    """The next update to handle. Update ids order the updates of one chat; `but`, the chats of which one is still being
    handled, keeps that order."""
    return (await db.scalars(_OLDEST, {"but": [*but]})).one_or_none()


async def waits(db: AsyncSession, chat_id: int) -> bool:
    """Whether anything somebody wrote or tapped in this chat has not been handled."""
    query = select(Inbound.id).where(Inbound.state == "waiting", Inbound.chat_id == chat_id)
    return (await db.scalars(query.limit(1))).one_or_none() is not None


async def finish(db: AsyncSession, update_id: int, *, keep_chat: bool = True) -> bool:
    """Done: the raw body is wiped; of a stranger nothing stays but the number. False if it was done already."""
    values: dict[str, Any] = {"state": "done", "body": None}
    if not keep_chat:
        values |= {"chat_id": None, "callback_query_id": None}
    waiting = update(Inbound).where(Inbound.update_id == update_id, Inbound.state == "waiting")
    return (await db.execute(waiting.values(values).returning(Inbound.id))).one_or_none() is not None


async def highest_message_id(db: AsyncSession) -> int:
    """The highest message id in what has come in, to whichever process; what is asked once in a while needs no index."""
    return await db.scalar(select(func.max(Inbound.message_id))) or 0


async def ids_of_people(db: AsyncSession, above: int) -> set[int]:
    """The ids of messages that people have written. What they tapped on is ours."""
    query = select(Inbound.message_id).where(Inbound.message_id > above, Inbound.callback_query_id.is_(None))
    return set(await db.scalars(query))


async def count_attempt(db: AsyncSession, update_id: int) -> int:
    """How often this update has been tried now; 0 for one that somebody has handled meanwhile."""
    query = (
        update(Inbound)
        .where(Inbound.update_id == update_id, Inbound.state == "waiting")
        .values(attempt=Inbound.attempt + 1)
        .returning(Inbound.attempt)
    )
    return (await db.execute(query)).scalar_one_or_none() or 0


async def quarantine(db: AsyncSession, update_id: int) -> None:
    waiting = update(Inbound).where(Inbound.update_id == update_id, Inbound.state == "waiting")
    await db.execute(waiting.values(state="quarantined"))


async def forget(db: AsyncSession, chat_id: int) -> None:
    """Somebody was erased: of what they have sent nothing is kept but the numbers, of what was set aside neither."""
    theirs = update(Inbound).where(Inbound.chat_id == chat_id, Inbound.state != "waiting")
    await db.execute(theirs.values(state="done", body=None, chat_id=None, callback_query_id=None))


async def counts(db: AsyncSession) -> dict[str, int]:
    query = select(Inbound.state, func.count()).where(Inbound.state != "done").group_by(Inbound.state)
    return {row[0]: row[1] for row in await db.execute(query)}


async def wipe_older(db: AsyncSession, before: datetime, quarantine_days: int = 30) -> None:
    """Retention: numbers of handled updates after two weeks, quarantined bodies after thirty days."""
    await db.execute(
        delete(Inbound).where(Inbound.state == "done", Inbound.received_at < before - timedelta(days=14))
    )
    await db.execute(
        delete(Inbound).where(
            Inbound.state == "quarantined", Inbound.received_at < before - timedelta(days=quarantine_days)
        )
    )
