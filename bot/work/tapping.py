"""The buttons below a question: one answer or several, skipped, or said in one's own words."""

import json
from typing import Any

from bot.db import reading
from bot.db.tables import Delivery
from bot.domain.sequence import Kind as QuestionKind
from bot.work import aliases, answer, asking, drafting, expecting, outgoing
from bot.work.content import Posed
from bot.work.practice import Turn

_TICKED = "asked_question.chosen"


async def tap(turn: Turn, question_id: str, value: dict[str, Any]) -> str | None:
    """A tapped number, choice, yes or no."""
    posed = await asking.own(turn, question_id)
    await answer.record(turn, await asking.engagement_of(turn), posed, value, None)
    return None


async def choose_alias(turn: Turn, question_id: str, alias_id: str) -> None:
    """A tapped alias."""
    await tap(turn, question_id, dict(await aliases.chosen(turn, alias_id)))


async def tick(turn: Turn, question_id: str, option: str, pressed: Delivery) -> None:
    """Several choices: tick or untick one; nothing is stored as an answer until "Done"."""
    posed = await asking.own(turn, question_id)
    chosen = await _ticked(turn, posed)
    chosen = [key for key in chosen if key != option] if option in chosen else [*chosen, option]
    box = await turn.practice.vault.box(turn.me.id, "private")
    posed.row.chosen = box.seal(_TICKED, posed.row.id, json.dumps(chosen))
    shown = await asking.show(turn.practice, turn.db, turn.me, posed, turn.now, chosen=tuple(chosen))
    target = await outgoing.shown_by(turn.db, posed.row.id) or pressed
    await outgoing.edit(turn.practice, turn.db, target, shown, key=f"tick:{turn.update_id}", now=turn.now)


async def _ticked(turn: Turn, posed: Posed) -> list[str]:
    if posed.row.chosen is None:
        return []
    box = await turn.practice.vault.box(turn.me.id, "private")
    return list(json.loads(box.open(_TICKED, posed.row.id, posed.row.chosen)))


async def done(turn: Turn, question_id: str) -> str | None:
    posed = await asking.own(turn, question_id)
    chosen = await _ticked(turn, posed)
    if not chosen:
        return turn.say("Tick at least one, or skip.")
    order = [option.key for option in posed.question.options]
    value = {"choices": sorted(chosen, key=order.index)}
    await answer.record(turn, await asking.engagement_of(turn), posed, value, None)
    return None


async def skip(turn: Turn, question_id: str) -> str | None:
    posed = await asking.own(turn, question_id)
    if await reading.answer_to(turn.db, posed.row.id) is not None:
        return turn.say("Your answer is kept.")
    await answer.leave_out(turn, posed, turn.say("skipped"))
    return turn.say("All right, skipped.")


async def own_words(turn: Turn, question_id: str) -> str:
    posed = await asking.own(turn, question_id)
    await answer.complete_last(turn)
    if posed.question.kind == QuestionKind.plan:
        await drafting.own_words(turn, posed)
    elif posed.question.kind == QuestionKind.scale or posed.row.state != "open" or posed.occurrence.snoozed_until:
        await expecting.expect(turn, "answer", {"question": question_id})
    else:  # whatever else was asked for
        await expecting.forget(turn)
    return turn.say("Just write it here, in your own words.")
