"""What the next words of a person mean, when the bot has asked for something; the newest request counts."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from bot.db import plans, reading
from bot.db.tables import Expecting
from bot.domain.matching import Asked
from bot.work import parts
from bot.work.practice import Turn

_PATIENCE = timedelta(minutes=30)


async def expect(turn: Turn, what: str, context: dict[str, Any]) -> None:
    await forget(turn)
    if turn.me.is_coach:  # what comes now was asked for: it is not the rest of what came before
        await parts.forget(turn.db, turn.me.id)
    turn.db.add(Expecting(person_id=turn.me.id, what=what, context=context, until=turn.now + _PATIENCE))


async def expected(turn: Turn) -> Expecting | None:
    """What is waited for, if the person has not taken too long."""
    found = await turn.db.get(Expecting, turn.me.id)
    return found if found is not None and turn.at < found.until else None


def begun_at(waited: Expecting) -> datetime:
    """When it was asked for."""
    return waited.until - _PATIENCE


async def forget(turn: Turn) -> None:
    await turn.db.execute(delete(Expecting).where(Expecting.person_id == turn.me.id))


async def forget_answer(turn: Turn, question_id: UUID) -> None:
    """What was asked for is there: the next words are not for this question any more."""
    waited = await turn.db.get(Expecting, turn.me.id)
    if waited is not None and waited.what == "answer" and waited.context["question"] == str(question_id):
        await forget(turn)


async def asked_lately(turn: Turn) -> list[Asked]:
    """All that words of a leader may be meant for: questions, plans and parts of plans, newest last."""
    me, above = turn.me.id, turn.message_id
    questions = await reading.asked_lately(turn.db, me, before=above)
    about_plans = await plans.asked_lately(turn.db, me, before=above)
    parts = await plans.parts_asked_lately(turn.db, me, before=above)
    return sorted([*questions, *about_plans, *parts], key=lambda one: one.sent_at)


async def is_overtaken(turn: Turn, own: UUID | None = None) -> bool:
    """Whether something else was asked after what is waited for (about the answer `own`): words are for that one."""
    waited = await expected(turn)
    if waited is None:
        return True
    others = [one for one in await asked_lately(turn) if own is None or one.answer_id != own]
    return any(one.is_open and waited.until - _PATIENCE < one.sent_at <= turn.at for one in others)
