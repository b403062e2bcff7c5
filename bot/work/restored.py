"""Since a restore messages of ours are in chats that no row knows of any more: nothing is looked for among them."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import outbox
from bot.db.tables import Marker

MARKER = "restored-at"
_SETTLED = timedelta(days=1)  # what was sent before then, of that the fate is known


async def hides(db: AsyncSession, low: int) -> bool:
    """Whether what was sent above this id may be one of them: an edit that should prove a message would change another.
    The first message that was sent since the restore has a higher id than all of them."""
    marker = await db.get(Marker, MARKER)
    if marker is None:
        return False
    first = await outbox.first_id_since(db, marker.at)
    return first is None or low < first


async def forget(db: AsyncSession, now: datetime) -> None:
    """Every message has a higher id by now than those that nobody knows of."""
    marker = await db.get(Marker, MARKER)
    if marker is not None and await outbox.first_id_since(db, marker.at, now - _SETTLED) is not None:
        await db.delete(marker)
