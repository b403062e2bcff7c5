"""What cannot be done now is put off by a quarter of an hour, alone: the other rows of its duty go on.

If a row raises, its transaction is gone and with it everything the row caused, and the few rows that were done in the
same one; what is left is to move its due column, and to do the others again. When it fell due first stays written down,
for whoever reckons from it.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import is_away
from bot.db.tables import Marker
from bot.work.practice import Practice

_LATER = timedelta(minutes=15)
_PREFIX = "stuck:"
_FORGOTTEN = timedelta(days=1)


class StuckError(Exception):
    """A row that cannot be done; its cause says why. `due` is when it fell due."""

    def __init__(self, table: Any, row_id: UUID, column: str, due: datetime) -> None:
        super().__init__(f"{table.__tablename__} {row_id}")
        self.table, self.row_id, self.column, self.due = table, row_id, column, due

    @property
    def marker(self) -> str:
        return _marker(self.table, self.row_id)


async def markers(db: AsyncSession, rows: Sequence[Any]) -> dict[str, Marker]:
    """Of those among rows of one table that were put off before."""
    names = [_marker(type(row), row.id) for row in rows]
    return {marker.name: marker for marker in await db.scalars(select(Marker).where(Marker.name.in_(names)))}


@asynccontextmanager
async def watched(
    db: AsyncSession, row: Any, column: str, known: Mapping[str, Marker] | None = None
) -> AsyncIterator[datetime]:
    """Do one row that is due by `column`; what it raises is laid at its door. Yields when it fell due first. `known`: the
    markers of the rows that are done together with it."""
    table, row_id, due = type(row), row.id, getattr(row, column)
    put_off_before = await markers(db, [row]) if known is None else known
    marker = put_off_before.get(_marker(table, row_id))
    first = datetime.fromisoformat(marker.value) if marker is not None else due
    try:
        yield first
        if marker is not None:
            await db.delete(marker)
        await db.flush()
    except Exception as error:
        if is_away(error):
            raise
        raise StuckError(table, row_id, column, first) from error


@contextmanager
def blamed(row: Any, column: str) -> Iterator[None]:
    """The same while a row that is due by `column` is only read: what is raised is laid at its door."""
    table, row_id, due = type(row), row.id, getattr(row, column)
    try:
        yield
    except Exception as error:
        if is_away(error):
            raise
        raise StuckError(table, row_id, column, due) from error


def _marker(table: Any, row_id: UUID) -> str:
    return f"{_PREFIX}{table.__tablename__}:{row_id.hex}"


async def put_off(practice: Practice, stuck: StuckError, now: datetime) -> None:
    """It is looked at again in a quarter of an hour."""
    again = now + _LATER
    async with practice.database.write() as db:
        column = getattr(stuck.table, stuck.column)
        still_due = (stuck.table.id == stuck.row_id, column <= now)  # not what was ended, answered or moved meanwhile
        await db.execute(update(stuck.table).where(*still_due).values({stuck.column: again}))
        marker = await db.get(Marker, stuck.marker)
        if marker is None:
            db.add(Marker(name=stuck.marker, value=stuck.due.isoformat(), at=again))
        else:
            marker.at = again


async def count(db: AsyncSession, now: datetime) -> int:
    """How many rows are put off because they fail."""
    query = select(func.count()).where(Marker.name.startswith(_PREFIX), Marker.at >= now - _LATER)
    return await db.scalar(query) or 0


async def forget_old(db: AsyncSession, now: datetime) -> None:
    """Rows that are gone, or that somebody has set right, leave their markers behind."""
    await db.execute(delete(Marker).where(Marker.name.startswith(_PREFIX), Marker.at < now - _FORGOTTEN))
