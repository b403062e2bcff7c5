"""`/agenda`: what a leader brings to the next session, shown, ordered and cleared. It changes nothing about who reads."""

from uuid import UUID

from bot.db import enrolments
from bot.db.tables import Answer, Engagement, Pin
from bot.domain.heard import rated_in_words
from bot.domain.schedule import local
from bot.domain.text import Block, Button, Message, Span, bold, italic, message, plain, units
from bot.errors import RefusedError
from bot.work import asking, content, entries, pins, sharing
from bot.work.content import bubble_of
from bot.work.leaders import theme_name
from bot.work.practice import Turn

MOST = 12  # more than an hour holds
_LINE, _LABEL = 140, 60
_LONGEST_POINT = 1000


async def agenda(turn: Turn, text: str) -> None:
    """`/agenda` shows it; words after it are a point of one's own."""
    engagement = await asking.engagement_of(turn)
    if text.strip():
        await _add_point(turn, engagement, text.strip())
    await turn.reply(await _show(turn, engagement))


async def show(turn: Turn) -> Message:
    return await _show(turn, await asking.engagement_of(turn))


async def _add_point(turn: Turn, engagement: Engagement, text: str) -> None:
    """A point is kept like anything written unasked: for the leader's own eyes, until they open it up."""
    if units(text) > _LONGEST_POINT:
        raise RefusedError(
            turn.say("A point has room for {n} characters. Please say it shorter: /agenda the new rota", n=_LONGEST_POINT)
        )
    await _refuse_more(turn, engagement.id)
    answer = await content.keep(turn, engagement, "moment", "moment")
    answer.is_complete = True
    await content.put_bubble(turn.practice, turn.db, answer, bubble_of(turn, text))
    await pins.pin_answer(turn.db, answer, turn.now)


async def _refuse_more(turn: Turn, engagement_id: UUID) -> None:
    if len(await pins.on_agenda(turn.db, engagement_id)) >= MOST:
        raise RefusedError(
            turn.say("There are {n} points on your agenda already. Take one off first: /agenda", n=MOST)
        )


async def _show(turn: Turn, engagement: Engagement) -> Message:
    say = turn.say
    head = bold(await _title(turn, engagement))
    found = await pins.on_agenda(turn.db, engagement.id)
    if not found:
        return message(
            head,
            plain(say("Nothing yet. “Bring to the session” under an answer puts it here; so does /agenda with your words.")),
        )
    lines = [await _line(turn, number, pin) for number, pin in enumerate(found, start=1)]
    aside = italic(say("Bringing something changes nothing about who can read it."))
    rows = [_handles(number, pin, len(found)) for number, pin in enumerate(found, start=1)]
    rows.append([Button(say("Take everything off"), ("agenda.ask",))])
    return message(head, *lines, aside, buttons=rows)


async def _title(turn: Turn, engagement: Engagement) -> str:
    session = await enrolments.next_session(turn.db, engagement.id, turn.now)
    if session is None:
        return turn.say("For your next session")
    return turn.say("For your session on {day}", day=turn.say.day(local(session.starts_at, turn.me.zone).date()))


def _handles(number: int, pin: Pin, of: int) -> list[Button]:
    """Up, down and off; the ends of the list go only one way."""
    up = [Button(f"↑ {number}", ("agenda.move", pin.id, -1))] if number > 1 else []
    down = [Button(f"↓ {number}", ("agenda.move", pin.id, 1))] if number < of else []
    return [*up, *down, Button(f"✕ {number}", ("agenda.off", pin.id))]


async def _line(turn: Turn, number: int, pin: Pin) -> Block:
    say = turn.say
    if pin.answer_id is None:
        theme = theme_name(say, (await pins.step_of(turn.practice, turn.db, pin)).theme)
        return Block((Span(f"{number}. "), Span(say("To talk about: {theme}", theme=theme))))
    [entry] = await entries.opened(turn, [await turn.db.get_one(Answer, pin.answer_id)])
    lines = (" ".join(line.split()) for line in (entry.said or entry.forwarded).splitlines())
    said = " · ".join(line for line in lines if line)  # what was tapped, what was written
    said = (rated_in_words(said, say) if entry.is_rating else said) or ("🎤" if entry.seconds else "–")
    line = Block((Span(f"{number}. "), Span(entries.clipped(said, _LINE))))
    if entry.answer.question_id is None:
        return line + Block((Span(f"\n{entry.day} · {entry.reader}", "italic"),))
    about = f"\n{entry.day} · {entries.clipped(entry.label, _LABEL)} · {entry.reader}"
    return line + Block((Span(about, "italic"),))


async def move(turn: Turn, pin_id: str, by: str) -> Message:
    """One place up or down."""
    engagement = await asking.engagement_of(turn)
    found = await pins.on_agenda(turn.db, engagement.id)
    pins.swap(found, found.index(await _own(turn, found, pin_id)), int(by))
    await turn.db.flush()
    return await _show(turn, engagement)


async def off(turn: Turn, pin_id: str) -> Message:
    engagement = await asking.engagement_of(turn)
    (await _own(turn, await pins.on_agenda(turn.db, engagement.id), pin_id)).cleared_at = turn.now
    await turn.db.flush()
    return await _show(turn, engagement)


async def _own(turn: Turn, found: list[Pin], pin_id: str) -> Pin:
    """A pin of one's own agenda; another's looks as if it did not exist."""
    pin = next((pin for pin in found if str(pin.id) == pin_id), None)
    if pin is None:
        raise RefusedError(turn.say("That is no longer on your agenda. /agenda shows what is."))
    return pin


async def ask_clear(turn: Turn) -> Message:
    say = turn.say
    rows = [[Button(say("Take everything off"), ("agenda.clear",)), Button(say("Back"), ("agenda.show",))]]
    return message(plain(say("Take every point off your agenda? What you wrote is kept in your journal.")), buttons=rows)


async def clear(turn: Turn) -> Message:
    engagement = await asking.engagement_of(turn)
    await pins.clear(turn.db, engagement.id, turn.now)
    return await _show(turn, engagement)


async def own_answer(turn: Turn, answer_id: str) -> Answer:
    """An answer of one's own; another's looks as if it did not exist."""
    answer = await turn.db.get(Answer, UUID(answer_id))
    if answer is None or answer.leader_id != turn.me.id:
        raise RefusedError(turn.say("This button is no longer in use."))
    return answer


async def toggle(turn: Turn, answer: Answer) -> None:
    """Bring an answer to the session, or leave it out again."""
    if answer.id in await pins.pinned_ids(turn.db, turn.me.id):
        await pins.unpin_answer(turn.db, answer, turn.now)
    else:
        engagement = await asking.engagement_of(turn)
        if answer.engagement_id != engagement.id:
            raise RefusedError(turn.say("That was for an earlier coach, so it cannot come to your next session from here."))
        await _refuse_more(turn, engagement.id)
        await pins.pin_answer(turn.db, answer, turn.now)


async def bring(turn: Turn, answer_id: str) -> Message:
    """The button on an acknowledgement."""
    answer = await own_answer(turn, answer_id)
    await toggle(turn, answer)
    return await sharing.acknowledgement(turn, answer, again=True)
