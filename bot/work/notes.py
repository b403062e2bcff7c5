"""`/note Jack ...`: what a coach writes down about a leader, for their own eyes only."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Engagement, Note
from bot.work.practice import Practice

CONTENT = "note.content"


async def own_since(
    practice: Practice, db: AsyncSession, engagement: Engagement, after: datetime | None
) -> list[tuple[datetime, str]]:
    """The coach's own notes about a leader, written later than `after`, oldest first: when, and the words."""
    query = select(Note).where(
        Note.engagement_id == engagement.id, Note.coach_id == engagement.coach_id, Note.kind == "own"
    )
    if after is not None:
        query = query.where(Note.made_at > after)
    box = await practice.vault.box(engagement.leader_id, "shared")
    found = await db.scalars(query.order_by(Note.made_at, Note.id))
    return [(note.made_at, box.open(CONTENT, note.id, note.content)) for note in found]
