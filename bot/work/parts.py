"""A text of a coach's that is too long for one message comes in several: what is said to the first holds for them all."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Marker
from bot.domain.matching import TOGETHER
from bot.errors import RefusedError
from bot.work.notes import LONGEST
from bot.work.practice import Turn

_REFUSED, _TAKEN = "refused", "taken"
_LONG = "long "


async def begun(turn: Turn, *, is_refused: bool) -> None:
    """A long text, which a client may have cut: more of it may follow. Of a leader's words each part is kept."""
    if turn.me.is_coach and (is_refused or not turn.me.is_leader):
        await _remember(turn, _REFUSED if is_refused else _TAKEN)


async def is_rest(turn: Turn) -> bool:
    """Whether these words are the rest of a text that was answered already: nothing more is said, unless of the first
    part something was kept. They are never taken for something of their own."""
    first = await turn.db.get(Marker, _name(turn))
    if first is None or not first.at <= turn.at <= first.at + TOGETHER:
        return False
    if first.value == _TAKEN:
        turn.is_long = True  # there may be a third part
        raise RefusedError(
            turn.say(
                "That was longer than one message, and only its first part was taken. Please keep it under {n} characters.",
                n=LONGEST,
            )
        )  # fmt: skip
    await _remember(turn, _REFUSED)
    turn.is_long = False
    return True


async def _remember(turn: Turn, what: str) -> None:
    first = await turn.db.get(Marker, _name(turn))
    if first is None:
        turn.db.add(Marker(name=_name(turn), value=what, at=turn.at))
    else:
        first.value, first.at = what, turn.at


async def forget(db: AsyncSession, person_id: UUID) -> None:
    await db.execute(delete(Marker).where(Marker.name == f"{_LONG}{person_id}"))


async def forget_old(db: AsyncSession, now: datetime) -> None:
    await db.execute(delete(Marker).where(Marker.name.startswith(_LONG), Marker.at < now - TOGETHER))


def _name(turn: Turn) -> str:
    return f"{_LONG}{turn.me.id}"
