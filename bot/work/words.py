"""Words and files that are no command: what the bot has just asked for, an answer, or nothing it can use."""

from collections.abc import Awaitable, Callable

from bot.db.tables import Expecting
from bot.errors import RefusedError
from bot.work import (
    acting,
    answer,
    booking,
    drafting,
    expecting,
    hypotheses,
    journal,
    leaders,
    moments,
    notes,
    parts,
    peers,
    people,
    places,
    plans,
    posing,
    replying,
    sessions,
)
from bot.work.practice import Turn

# by voice or forwarded too; the rest is typed
_IN_ANY_FORM = frozenset({"answer", "moment", "peer", "plan.words", "note.answer"})
_SEARCHED = 6  # words; whoever writes more is telling us something

_PARTS: dict[str, Callable[[Turn, dict[str, str], str], Awaitable[None]]] = {
    "moment": moments.write,
    "peer": peers.add,
    "plan.words": drafting.whole,
    "plan.part": drafting.rewrite,
    "plan.new": drafting.begin_new,
    "plan.time": plans.take_time,
    "note.answer": replying.take_reply,
    "note.own": notes.take,
    "said.reply": acting.take_reply,
    "blocker.words": hypotheses.take_words,
    "blocker.tags": hypotheses.take_tags,
    "ask.words": posing.take_words,
    "ask.change": posing.take_change,
    "ask.options": posing.take_options,
    "ask.unit": posing.take_unit,
}
"""What the bot has asked for, part by part where it is something longer."""


async def said(turn: Turn, text: str, *, is_typed: bool = True) -> str | None:
    """Plain words. What was asked for comes first, unless they reply to something older. A returned text is said
    outside the transaction: to somebody who has just been erased."""
    if turn.me.is_coach and is_typed and await parts.is_rest(turn):
        return None
    if turn.me.is_coach and await acting.took_reply(turn, text, is_typed=is_typed):
        return None
    waited = await expecting.expected(turn) if turn.replied_to is None or not turn.me.is_leader else None
    if waited is None and turn.replied_to is not None:
        waited = await _asked_by_reply(turn)
    if waited is not None and waited.what == "said.more":
        is_for_question = turn.me.is_leader and await expecting.is_overtaken(turn)  # one of their own, asked since
        if is_typed and not is_for_question and await replying.add(turn, waited.context["note"], text):
            return None
        waited = None
    if waited is not None and (is_typed or waited.what in _IN_ANY_FORM):
        if waited.what in _PARTS:
            await _PARTS[waited.what](turn, dict(waited.context), text)
            return None
        return await _give(turn, waited.what, dict(waited.context), text)
    if turn.me.is_leader:
        await answer.words(turn, text)
        return None
    if is_typed and turn.me.is_coach and await acting.offered_note(turn, text):
        return None
    raise RefusedError(turn.say("/help shows what you can do here."))


async def _asked_by_reply(turn: Turn) -> Expecting | None:
    """A reply to the bot's own request counts as given to it, not as an answer to a question."""
    from bot.db import outbox

    delivery = await outbox.by_message(turn.db, turn.chat_id, turn.replied_to or 0)
    if delivery is None or delivery.question_id is not None or delivery.answer_id is not None:
        return None
    if await replying.note_in(turn.db, delivery.id) is not None:
        return None
    if (begun := moments.begun_with(delivery)) is not None and turn.me.is_leader:  # however long ago
        return Expecting(person_id=turn.me.id, what="moment", context=begun, until=turn.now)
    return await expecting.expected(turn)


async def _give(turn: Turn, what: str, context: dict[str, str], text: str) -> str | None:
    if what == "place":
        if turn.me.is_leader and await places.is_no_place(turn, text):  # somebody is already telling us something
            await answer.words(turn, text)
        else:
            await places.find(turn, text)
    elif what == "session.time":
        await sessions.retime(turn, text, context["session"])
        await expecting.forget(turn)
    elif what == "session.words":
        await booking.take_words(turn, text, context["engagement"])
    elif what == "leader.field":
        await leaders.set_field(turn, text, context["engagement"], context["field"])
    elif what == "answer":
        await expecting.forget(turn)
        await answer.words_for(turn, context["question"], text)
    elif what == "journal.search":
        await _look_for(turn, text)
    elif what == "delete":
        return await people.confirm_delete(turn, text)
    return None


async def _look_for(turn: Turn, text: str) -> None:
    if len(text.split()) > _SEARCHED:
        await answer.words(turn, text)
    else:
        await journal.search_for(turn, text)


async def unknown_command(turn: Turn) -> None:
    """What does not exist and what is not yours look the same."""
    raise RefusedError(turn.say("I don't know that command. /help shows what you can do here."))
