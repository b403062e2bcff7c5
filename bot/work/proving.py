"""What people do shows that a message of unknown fate arrived: they reply to it."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import outbox
from bot.db.tables import Delivery
from bot.domain.searching import is_within
from bot.work import restored, settling, worded
from bot.work.practice import Practice, Turn
from bot.work.reconciling import bounds, suspected_since


async def prove(turn: Turn) -> None:
    """A reply to a message that no row knows of: if it can be one of unknown fate only, that one arrived."""
    if turn.replied_to is None or await outbox.by_message(turn.db, turn.chat_id, turn.replied_to) is not None:
        return
    lost = await outbox.on_its_way(turn.db, turn.chat_id)
    alike = [row for row in lost if await _reads(turn.practice, row, turn.replied_text or "")]
    if not alike:
        return
    low = min(row.watermark or 0 for row in alike)
    if await restored.hides(turn.db, low):
        return
    since = await suspected_since(turn.db, low, min(row.lease_until or turn.now for row in alike))
    ended = await outbox.ended_unknown(turn.db, turn.chat_id, since, [row.id for row in alike])
    withdrawn = [row for row in lost if row.payload is None]  # on its way
    fit = [row for row in (*alike, *ended, *withdrawn) if await _may_be(turn.db, row, turn.replied_to)]
    if len(fit) == 1 and fit[0] in alike:
        settling.arrived(fit[0], turn.replied_to)


async def _reads(practice: Practice, row: Delivery, text: str) -> bool:
    reads = await worded.edit_of(practice, row) or {}
    said = str(reads.get("text") or reads.get("caption") or "").strip()
    return said != "" and said == text.strip()


async def _may_be(db: AsyncSession, row: Delivery, message_id: int) -> bool:
    if row.is_copy or row.lease_until is None:  # of its first copy nothing is known
        return True
    return is_within(await bounds(db, row.watermark or 0, row.lease_until), message_id)
