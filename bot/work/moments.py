"""Moments captured unasked: kept at the first tap, made more exact by the next; nothing is lost by stopping."""

from uuid import UUID

from sqlalchemy import select

from bot.db import reading
from bot.db.tables import Answer, Delivery
from bot.domain import moments, plans
from bot.domain.delivery import Kind
from bot.domain.text import Button, Message, bold, italic, message, plain, quote
from bot.errors import RefusedError
from bot.work import asking, content, expecting, outgoing
from bot.work.practice import Turn
from bot.work.sharing import acknowledgement

_SHORT = 18  # characters of a label that leaves room for another in its row


async def win(turn: Turn, text: str) -> None:
    """`/win`, `/win closed the deal`: words after the command are kept at once."""
    await _begin(turn, "win", text)


async def wobble(turn: Turn, text: str) -> None:
    await _begin(turn, "wobble", text)


async def boundary(turn: Turn, text: str) -> None:
    await _begin(turn, "boundary", text)


async def _begin(turn: Turn, kind: str, text: str) -> None:
    await asking.engagement_of(turn)
    answer = await _write(turn, None, kind, text.strip()) if text.strip() else None
    shown = await turn.reply(_ask(turn, kind, ()), answer_id=answer.id if answer else None)
    await _expect(turn, kind, shown)


async def _expect(turn: Turn, kind: str, shown: Delivery) -> None:
    """Until the last tap all words are the moment's own: it is private, and an open question may not be."""
    await expecting.expect(turn, "moment", {"moment": kind, "message": str(shown.id)})


def begun_with(delivery: Delivery) -> dict[str, str] | None:
    """What words are for that reply to this message, if a moment begins with it."""
    first = delivery.actions[0] if delivery.actions else [""]
    return {"moment": first[1], "message": str(delivery.id)} if first[0] == "moment" else None


async def write(turn: Turn, context: dict[str, str], text: str) -> None:
    """Words before the taps, or between them."""
    from bot.work import answer as answers

    if turn.replied_to is None and await expecting.is_overtaken(turn):
        await expecting.forget(turn)
        await answers.words(turn, text)
        return
    if await reading.latest_part(turn.db, turn.chat_id, turn.message_id) is not None:
        return
    shown = await turn.db.get_one(Delivery, UUID(context["message"]))
    answer = await _write(turn, await answer_behind(turn, shown), context["moment"], text)
    shown.answer_id = answer.id
    await _expect(turn, context["moment"], shown)
    await turn.db.flush()
    await show_words(turn, answer)


async def _write(turn: Turn, answer: Answer | None, kind: str, text: str) -> Answer:
    if answer is None:
        answer = await content.keep(turn, await asking.engagement_of(turn), kind, moments.MOMENTS[kind].theme)
        await content.put_value(turn.practice, answer, {"moment": kind, "taps": []})
    await content.put_bubble(turn.practice, turn.db, answer, content.bubble_of(turn, text))
    answer.last_bubble_at, answer.is_complete = turn.at, False
    return answer


def _ask(turn: Turn, kind: str, taps: tuple[str, ...], words: str = "") -> Message:
    """The next tap, below what has been tapped and written."""
    say, moment = turn.say, moments.MOMENTS[kind]
    tap = moment.taps[len(taps)]
    rows: list[list[Button]] = []
    for one in tap.choices:
        label = one.label(say)
        button = Button(label, ("moment", kind, len(taps), one.key))
        if rows and len(rows[-1]) == 1 and max(len(label), len(rows[-1][0].text)) <= _SHORT:
            rows[-1].append(button)
        else:
            rows.append([button])
    said = moments.tapped(kind, taps, say)
    head = bold(moment.title(say)) + plain("\n" + said) if said else bold(moment.title(say))
    said_so_far = [quote(plans.quoted(words))] if words else []
    notes = [] if taps else [italic(say("Only you see it, unless you share it."))]
    return message(head, *said_so_far, plain(tap.ask(say)), *notes, buttons=rows)


async def tap(turn: Turn, kind: str, number: str, key: str, pressed: Delivery) -> Message:
    """One tap: the first keeps the moment, another one on an old screen corrects it."""
    place = int(number)
    if moments.choice(kind, place, key) is None:
        raise RefusedError(turn.say("This button is no longer in use."))
    shown = await outgoing.original(turn.db, pressed)
    answer = await answer_behind(turn, shown)
    if answer is None:
        answer = await content.keep(turn, await asking.engagement_of(turn), kind, moments.MOMENTS[kind].theme)
        shown.answer_id = answer.id
    known = await content.opened(turn.practice, turn.db, answer)
    taps = (*known.taps[:place], key)
    answer.theme, answer.last_bubble_at, answer.is_complete = moments.theme_of(kind, taps), turn.now, False
    await content.put_value(turn.practice, answer, {"moment": kind, "taps": list(taps)})
    if len(taps) < len(moments.MOMENTS[kind].taps):
        await _expect(turn, kind, shown)
        return _ask(turn, kind, taps, known.words)
    await expecting.forget(turn)
    return await acknowledgement(turn, answer)


async def answer_behind(turn: Turn, shown: Delivery) -> Answer | None:
    """What was kept with this message so far, if anything."""
    if shown.answer_id is None:
        return None
    answer = await turn.db.get(Answer, shown.answer_id)
    if answer is None or answer.leader_id != turn.me.id:
        raise RefusedError(turn.say("This button is no longer in use."))
    return answer


async def show_words(turn: Turn, answer: Answer) -> None:
    """The line that was added shows in the moment's own message, which needs no answer of its own."""
    if answer.kind not in moments.MOMENTS:
        return
    query = select(Delivery).where(Delivery.answer_id == answer.id, Delivery.kind == Kind.reply)
    shown = (await turn.db.scalars(query.order_by(Delivery.id).limit(1))).one_or_none()
    if shown is None:
        return
    opened = await content.opened(turn.practice, turn.db, answer)
    if len(opened.taps) < len(moments.MOMENTS[answer.kind].taps):
        again = _ask(turn, answer.kind, opened.taps, opened.words)
    else:
        again = await acknowledgement(turn, answer, again=True)
    await outgoing.edit(turn.practice, turn.db, shown, again, key=f"line:{turn.update_id}", now=turn.now)

