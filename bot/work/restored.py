"""Since a restore messages of ours are in chats that no row knows of any more: nothing is looked for among them."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import outbox
from bot.db.tables import Marker

MARKER = "restored-at"
_LATELY = timedelta(days=1)


async def hides(db: AsyncSession, low: int, now: datetime) -> bool:
    """Whether what was sent above this id may be one of them: an edit that should prove a message would change another.
    The first message that was sent since the restore has a higher id than all of them."""
    marker = await db.get(Marker, MARKER)
    if marker is None or now - marker.at > _LATELY:
        return False
    first = await outbox.first_id_since(db, marker.at)
    return first is None or low < first
