"""`/peer`: what happened with somebody, step by step from the facts to a question for them; kept as it is written."""

from typing import Any
from uuid import UUID

from bot.db import reading
from bot.db.tables import Answer, Delivery
from bot.domain.moments import PEER_PARTS, peer_question, title
from bot.domain.text import Button, Message, bold, italic, message, plain
from bot.errors import RefusedError
from bot.work import aliases, answer, asking, content, expecting, moments, outgoing
from bot.work.practice import Turn
from bot.work.sharing import acknowledgement

_ALIAS = "alias"


async def peer(turn: Turn, text: str) -> None:
    """`/peer`, `/peer Fox`: whom it is about comes first, and may be left out."""
    await asking.engagement_of(turn)
    if text.strip():
        await _begin(turn, text.strip())
        return
    say = turn.say
    rows = await aliases.buttons(turn.practice, turn.db, turn.me, ("peer.alias",), turn.now)
    rows.append([Button(say("Leave it out"), ("peer.next", _ALIAS))])
    shown = message(
        bold(title("peer", say)),
        plain(say("Whom is it about? Write an alias, an animal for instance, rather than a name.")),
        italic(say("Only you see it, unless you share it.")),
        buttons=rows,
    )
    delivery = await turn.reply(shown)
    await _expect(turn, _ALIAS, delivery, None)


async def _expect(turn: Turn, part: str, shown: Delivery, kept: Answer | None) -> None:
    context = {"part": part, "message": str(shown.id)}
    await expecting.expect(turn, "peer", context | ({"answer": str(kept.id)} if kept else {}))


async def _begin(turn: Turn, text: str) -> None:
    """An alias, or the facts at once by somebody in a hurry."""
    aliases.check(turn, text)
    alias = await aliases.named(turn, text)
    kept = await _keep(turn, alias)
    if alias is None:
        await _add(turn, kept, "facts", text)
    await _ask(turn, "facts", kept)


async def _keep(turn: Turn, alias: dict[str, str] | None) -> Answer:
    kept = await content.keep(turn, await asking.engagement_of(turn), "peer", "peers")
    await content.put_value(turn.practice, kept, {"moment": "peer"} | (alias or {}))
    return kept


async def _add(turn: Turn, kept: Answer, part: str, text: str) -> None:
    said = content.bubble_of(turn, text)
    bubble = content.Bubble(said.chat_id, said.message_id, text, said.at, said.is_forwarded, said.recorded, part)
    await content.put_bubble(turn.practice, turn.db, kept, bubble)
    kept.last_bubble_at = turn.at


async def _ask(turn: Turn, part: str, kept: Answer | None) -> None:
    delivery = await turn.reply(await _question(turn, part, kept), answer_id=kept.id if kept else None)
    await _expect(turn, part, delivery, kept)


async def _question(turn: Turn, part: str, kept: Answer | None) -> Message:
    say, number = turn.say, PEER_PARTS.index(part) + 1
    rows = [[Button(say("Next"), ("peer.next", part)), Button(say("Enough for now"), ("peer.stop", part))]]
    if number == len(PEER_PARTS):
        rows = [[Button(say("Done"), ("peer.stop", part))]]
    place = say("{n} of {all}", n=number, all=len(PEER_PARTS))
    head = bold(" · ".join(filter(None, (title("peer", say), await _alias_of(turn, kept), place))))
    notes = [italic(say("In as many messages as you like, then tap Next."))] if number == 1 else []
    return message(head, plain(peer_question(part, say)), *notes, buttons=rows)


async def _alias_of(turn: Turn, kept: Answer | None) -> str:
    return (await content.open_answer(turn.practice, kept, [])).alias if kept else ""


async def add(turn: Turn, context: dict[str, Any], text: str) -> None:
    """Words while a part is open."""
    if turn.replied_to is None and await expecting.is_overtaken(turn):
        await expecting.forget(turn)
        await answer.words(turn, text)
        return
    if await reading.latest_part(turn.db, turn.chat_id, turn.message_id) is not None:
        return
    if context["part"] == _ALIAS:
        await _begin(turn, text)
        return
    shown = await turn.db.get_one(Delivery, UUID(context["message"]))
    kept = await turn.db.get(Answer, UUID(context["answer"])) if "answer" in context else None
    if kept is None:
        kept = await _keep(turn, None)
        shown.answer_id = kept.id
    await _add(turn, kept, context["part"], text)
    await _expect(turn, context["part"], shown, kept)


async def choose(turn: Turn, alias_id: str, pressed: Delivery) -> Message:
    """A tapped alias; the message goes on with the facts."""
    shown = await outgoing.original(turn.db, pressed)
    if await moments.answer_behind(turn, shown) is not None:
        raise RefusedError(turn.say("This button is no longer in use."))
    kept = await _keep(turn, await aliases.chosen(turn, alias_id))
    shown.answer_id = kept.id
    await _expect(turn, "facts", shown, kept)
    return await _question(turn, "facts", kept)


async def next_(turn: Turn, part: str, pressed: Delivery) -> Message:
    """On to the next part; what was written, or nothing, stays."""
    shown = await outgoing.original(turn.db, pressed)
    kept = await moments.answer_behind(turn, shown)
    following = ("", *PEER_PARTS)[(_ALIAS, *PEER_PARTS).index(part) + 1]
    if part == _ALIAS:
        await _expect(turn, following, shown, kept)
        return await _question(turn, following, kept)
    await _ask(turn, following, kept)
    return _closed(turn, part)


def _closed(turn: Turn, part: str) -> Message:
    say = turn.say
    return message(bold(title("peer", say)), plain(peer_question(part, say)))


async def stop(turn: Turn, part: str, pressed: Delivery) -> Message:
    """Done, or enough for now: who reads it, and whether it comes to the session."""
    kept = await moments.answer_behind(turn, await outgoing.original(turn.db, pressed))
    await expecting.forget(turn)
    if kept is None:
        return message(plain(turn.say("All right. Nothing was written down.")))
    await turn.reply(await acknowledgement(turn, kept), answer_id=kept.id)
    return _closed(turn, part)
