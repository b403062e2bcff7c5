"""A text of a coach's that is too long for one message comes in several: what is said to the first holds for them all."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Delivery, Marker
from bot.domain.matching import AT_ONCE, TOGETHER
from bot.errors import RefusedError
from bot.work.practice import Turn

LONGEST = 2500  # a coach's note
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
    what, _, number = first.value.partition(" ")
    if turn.at > first.at + AT_ONCE and await _has_heard(turn, number):
        return False
    if what == _TAKEN:
        turn.is_long = True  # there may be a third part
        raise RefusedError(
            turn.say(
                "That was longer than one message, and only its first part was taken. Please keep it under {n} characters.",
                n=LONGEST,
            )
        )  # fmt: skip
    first.at, turn.is_long = turn.at, False
    return True


async def _has_heard(turn: Turn, number: str) -> bool:
    """Whether what was said to the first part stood in their chat before these words, so that they may be about it."""
    query = select(Delivery.message_id).where(Delivery.dedupe_key == f"update:{number}:1")
    message_id = await turn.db.scalar(query)
    return message_id is not None and message_id < turn.message_id


async def _remember(turn: Turn, what: str) -> None:
    first, value = await turn.db.get(Marker, _name(turn)), f"{what} {turn.update_id}"
    if first is None:
        turn.db.add(Marker(name=_name(turn), value=value, at=turn.at))
    else:
        first.value, first.at = value, turn.at


async def forget(db: AsyncSession, person_id: UUID) -> None:
    await db.execute(delete(Marker).where(Marker.name == f"{_LONG}{person_id}"))


async def forget_old(db: AsyncSession, now: datetime) -> None:
    await db.execute(delete(Marker).where(Marker.name.startswith(_LONG), Marker.at < now - TOGETHER))


def _name(turn: Turn) -> str:
    return f"{_LONG}{turn.me.id}"
