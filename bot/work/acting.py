"""What a coach does about a leader's words: replies to them, takes them as evidence, writes a note of their own."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from bot.db import outbox, people
from bot.db.tables import Answer, Delivery, Disclosure, Engagement, Note, Person
from bot.domain.heard import Said, as_rating, quoted
from bot.domain.sequence import Sharing
from bot.domain.text import Button, Message, bold, italic, message, plain, quote
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import blockers, disclosing, entries, expecting, hearing, notes, outgoing, replying
from bot.work.practice import Turn, name_of

_PAGE, _LABEL = 10, 46


def answerable(message: Message, say: Say) -> Message:
    """The same message with a button to act on the words it holds; unchanged when it holds none."""
    if not message.refs:
        return message
    row = [Button(say("Reply or note…"), ("said.pick",))]
    return message.with_buttons([*message.buttons, row])


async def pick(turn: Turn, pressed: Delivery) -> None:
    """The button under a brief or digest: the card of its answer, or which of its answers is meant."""
    original = await outgoing.original(turn.db, pressed)
    held = await _held(turn, original)
    if not held:
        raise RefusedError(_withdrawn(turn.say))
    if len(held) == 1:
        await card(turn, str(held[0].id))
    else:
        await turn.reply(await _choice(turn, original, held, 0))


async def page(turn: Turn, delivery_id: str, offset: str) -> Message:
    delivery = await turn.db.get(Delivery, UUID(delivery_id))
    held = await _held(turn, delivery) if delivery is not None and delivery.person_id == turn.me.id else []
    if delivery is None or not held:
        raise RefusedError(_withdrawn(turn.say))
    return await _choice(turn, delivery, held, max(int(offset), 0))


def _withdrawn(say: Say) -> str:
    return say("These words are not shared with you any more.")


async def _held(turn: Turn, delivery: Delivery) -> list[Answer]:
    """The answers whose words a message of this coach's holds, in its order, as far as they may be read today."""
    led = [engagement.id for engagement, _ in await people.led_by(turn.db, turn.me.id)]
    query = (
        select(Answer)
        .join(Disclosure, Disclosure.answer_id == Answer.id)
        .where(Disclosure.delivery_id == delivery.id, Answer.engagement_id.in_(led), Answer.sharing == Sharing.words)
        .order_by(Disclosure.id)
    )
    return list(dict.fromkeys(await turn.db.scalars(query)))


async def _choice(turn: Turn, delivery: Delivery, held: list[Answer], offset: int) -> Message:
    offset = min(offset, len(held) - 1) // _PAGE * _PAGE
    labelled = await _labelled(turn, held)
    rows = [[Button(label, ("said.card", answer.id))] for answer, label in labelled[offset:][:_PAGE]]
    newer = [Button("←", ("said.page", delivery.id, offset - _PAGE))] if offset else []
    older = [Button("→", ("said.page", delivery.id, offset + _PAGE))] if offset + _PAGE < len(held) else []
    nav = [[*newer, *older]] if newer or older else []
    asked = message(plain(turn.say("Which words?")), buttons=[*rows, *nav])
    return replace(asked, protected=True)  # a label may be how they begin


async def _labelled(turn: Turn, held: Sequence[Answer]) -> list[tuple[Answer, str]]:
    """Day and question of each answer; whose it is if there are several leaders, how it begins where two are alike.
    Words come before numbers alone."""
    said = await hearing.opened_for(turn.practice, turn.db, held, turn.me)
    names = {answer.leader_id: await _name(turn, answer.leader_id) for answer in held}
    heads = []
    for answer, one in zip(held, said, strict=True):
        whose = [names[answer.leader_id]] if len(names) > 1 else []
        title = [one.question] if one.question else []
        heads.append(" · ".join([*whose, turn.say.short_day(one.day), *title]))
    labels = [
        entries.clipped(head if one.question and heads.count(head) == 1 else f"{head} · {_beginning(one, turn.say)}", _LABEL)
        for head, one in zip(heads, said, strict=True)
    ]
    found = sorted(zip(said, held, labels, strict=True), key=lambda each: each[0].is_only_a_number)
    return [(answer, label) for _, answer, label in found]


def _beginning(one: Said, say: Say) -> str:
    words = " ".join((one.words or one.value or one.forwarded).split())
    return say("“{title}”", title=words) if words else "🎤"


async def _name(turn: Turn, person_id: UUID) -> str:
    return await name_of(turn.practice, await turn.db.get_one(Person, person_id))


async def readable(turn: Turn, answer_id: str) -> tuple[Answer, Engagement, Person]:
    """An answer of one's own leader, shared in words today; anything else looks as if it did not exist."""
    answer = await turn.db.get(Answer, UUID(answer_id))
    found = await people.engagement_for(turn.db, answer.engagement_id, turn.me.id) if answer is not None else None
    if answer is None or found is None:
        raise RefusedError(turn.say("This button is no longer in use."))
    if answer.sharing != Sharing.words:
        raise RefusedError(_withdrawn(turn.say))
    return answer, *found


async def card(turn: Turn, answer_id: str) -> None:
    """One answer with all that can be done about it."""
    answer, engagement, leader = await readable(turn, answer_id)
    say, name = turn.say, await name_of(turn.practice, leader)
    [said] = await hearing.opened_for(turn.practice, turn.db, [answer], turn.me)
    marks = await _marks(turn, engagement, answer)
    rows = [
        [Button(say("Reply to {name}", name=name), ("said.reply", answer.id))],
        [Button(say("Speaks for…"), ("said.weigh", answer.id, 1)),
         Button(say("Speaks against…"), ("said.weigh", answer.id, 0))],
        [Button(say("Note for me"), ("said.note", answer.id))],
    ]  # fmt: skip
    blocks = [bold(name), quoted(as_rating(said, say), say), *([italic("\n".join(marks))] if marks else [])]
    [shown, *more] = hearing.in_messages(blocks)
    for part in [shown, *more]:
        is_last = part is (more[-1] if more else shown)
        sent = await turn.reply(part.with_buttons(rows) if is_last else part, about=leader.id)
        await disclosing.note(turn.db, sent, part, "opened")
    turn.audit("read an answer", answer.id)


async def _marks(turn: Turn, engagement: Engagement, answer: Answer) -> list[str]:
    lines = []
    for one in await blockers.of(turn.practice, turn.db, engagement):
        if answer.id in one.speaks_for:
            lines.append(turn.say("Speaks for: {hypothesis}", hypothesis=one.text))
        elif answer.id in one.speaks_against:
            lines.append(turn.say("Speaks against: {hypothesis}", hypothesis=one.text))
    return lines


async def ask_reply(turn: Turn, answer_id: str) -> None:
    _, _, leader = await readable(turn, answer_id)
    say, name = turn.say, await name_of(turn.practice, leader)
    await expecting.expect(turn, "said.reply", {"answer": answer_id})
    text = say("Write to {name}. It goes as a note from you, within {name}’s hours.", name=name)
    await turn.reply(message(plain(text), placeholder=say("To {name}", name=name)), about=leader.id)


async def take_reply(turn: Turn, context: dict[str, str], text: str) -> None:
    answer, _, _ = await readable(turn, context["answer"])
    await expecting.forget(turn)
    await replying.write(turn, answer, text)


async def ask_note(turn: Turn, answer_id: str) -> None:
    _, engagement, leader = await readable(turn, answer_id)
    say = turn.say
    await expecting.expect(turn, "note.own", {"engagement": str(engagement.id), "answer": answer_id})
    text = say("Write your note about {name}. Only you see it.", name=await name_of(turn.practice, leader))
    await turn.reply(message(plain(text), placeholder=say("Your note")), about=leader.id)


# a swipe to the side: the coach replies to a brief, a digest or a card as to a person


async def took_reply(turn: Turn, text: str, *, is_typed: bool) -> bool:
    """Whether these words of a coach reply to a message that holds words of leaders; if so, they are on their way."""
    if turn.replied_to is None:
        return False
    delivery = await outbox.by_message(turn.db, turn.chat_id, turn.replied_to)
    if delivery is None or delivery.person_id != turn.me.id:
        return False
    holds = select(Disclosure.id).where(Disclosure.delivery_id == delivery.id)
    if await turn.db.scalar(holds.limit(1)) is None:
        return False
    if not is_typed:
        raise RefusedError(turn.say("Please type it: a note to a leader is passed on in written words only."))
    held = await _held(turn, delivery)
    if not held:
        raise RefusedError(_withdrawn(turn.say))
    meant = await _quoted(turn, held)
    if len(meant) == 1:
        await replying.write(turn, meant[0], text)
    else:
        await _ask_which(turn, meant or held, text)
    return True


async def offered_note(turn: Turn, text: str) -> bool:
    """A reply to a message about a leader that quotes nothing, such as a picture: at least it can be a note."""
    delivery = await outbox.by_message(turn.db, turn.chat_id, turn.replied_to) if turn.replied_to is not None else None
    if delivery is None or delivery.person_id != turn.me.id or delivery.about_id is None:
        return False
    led = await people.led_by(turn.db, turn.me.id)
    found = next((engagement for engagement, leader in led if leader.id == delivery.about_id), None)
    if found is None:
        return False
    note = await notes.keep(turn, found, notes.DRAFT, text)
    say, name = turn.say, await _name(turn, delivery.about_id)
    rows = [[Button(say("Note for me"), ("said.keep", note.id))], [Button(say("Leave it"), ("said.drop", note.id))]]
    asked = say("That message quotes no words of {name}’s to reply to. Shall yours be a note for you?", name=name)
    await turn.reply(message(plain(asked), buttons=rows), about=delivery.about_id)
    return True


async def keep(turn: Turn, note_id: str) -> Message:
    """The words become a note of the coach's own."""
    note = await _draft(turn, note_id)
    note.kind = notes.OWN
    turn.audit("wrote a note", note.engagement_id)
    return await notes.kept_message(turn, note, await turn.db.get_one(Person, note.leader_id))


async def _quoted(turn: Turn, held: list[Answer]) -> list[Answer]:
    """The answers that hold what was marked before swiping; all of them when nothing was."""
    wanted = " ".join((turn.quoted or "").split())
    if not wanted:
        return held
    said = await hearing.opened_for(turn.practice, turn.db, held, turn.me)
    return [answer for answer, one in zip(held, said, strict=True) if wanted in _all_of(one, turn.say)]


def _all_of(one: Said, say: Say) -> str:
    return " ".join("".join(span.text for span in quoted(one, say).spans).split())


async def _ask_which(turn: Turn, held: list[Answer], text: str) -> None:
    """The words are kept meanwhile, with the key of the first leader they can be meant for."""
    found = await people.engagement_for(turn.db, held[0].engagement_id, turn.me.id)
    assert found is not None, "only what one's own leaders said is held"
    note = await notes.keep(turn, found[0], notes.DRAFT, text)
    labelled = await _labelled(turn, held)
    rows = [[Button(label, ("said.meant", note.id, answer.id))] for answer, label in labelled[: 3 * _PAGE]]
    rows.append([Button(turn.say("None of them"), ("said.drop", note.id))])
    text_ = turn.say("Your words are kept. Which of these are they about?")
    await turn.reply(replace(message(plain(text_), buttons=rows), protected=True))


async def _draft(turn: Turn, note_id: str) -> Note:
    note = await notes.mine(turn, note_id)
    if note.kind != notes.DRAFT:
        raise RefusedError(turn.say("This button is no longer in use."))
    return note


async def meant(turn: Turn, note_id: str, answer_id: str) -> Message:
    """Which answer the words that are kept are about: they go now."""
    note = await _draft(turn, note_id)
    answer, _, leader = await readable(turn, answer_id)
    words = await notes.opened(turn.practice, note)
    await turn.db.delete(note)
    await replying.write(turn, answer, words)
    return message(plain(turn.say("For {name}.", name=await name_of(turn.practice, leader))))


async def drop(turn: Turn, note_id: str) -> Message:
    note = await _draft(turn, note_id)
    words = await notes.opened(turn.practice, note)
    await turn.db.delete(note)
    return message(plain(turn.say("Nothing has been sent. Your words were:")), quote(words))
