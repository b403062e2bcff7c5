"""What the next words of a person mean, when the bot has asked for something other than an answer."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from bot.db.tables import Expecting
from bot.work.practice import Turn

_PATIENCE = timedelta(minutes=30)


async def expect(turn: Turn, what: str, context: dict[str, Any]) -> None:
    await forget(turn)
    turn.db.add(Expecting(person_id=turn.me.id, what=what, context=context, until=turn.now + _PATIENCE))


async def expected(turn: Turn) -> Expecting | None:
    """What is waited for, if the person has not taken too long."""
    found = await turn.db.get(Expecting, turn.me.id)
    return found if found is not None and turn.at < found.until else None


async def forget(turn: Turn) -> None:
    await turn.db.execute(delete(Expecting).where(Expecting.person_id == turn.me.id))
