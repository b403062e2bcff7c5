"""A coach's reply to words of a leader: a note in the leader's own hours, and what the leader says to it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import outbox, people
from bot.db.tables import Answer, Delivery, Engagement, Note, Person
from bot.domain.delivery import Kind, State, Why
from bot.domain.hours import next_allowed
from bot.domain.schedule import local
from bot.domain.sequence import Sharing
from bot.domain.spans import ENDLESS
from bot.domain.text import Block, Button, Message, Rows, bold, italic, message, plain, quote, units
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import content, entries, expecting, notes, outgoing, parts
from bot.work.practice import Practice, Turn, hours_of, name_of
from bot.work.sharing import acknowledgement

HOLD = timedelta(minutes=2)  # time to see a slip, or to add a line
_EXCERPT = 400


async def write(turn: Turn, answer: Answer, text: str) -> None:
    """The coach's words about an answer are on their way to its leader."""
    engagement, leader = await _led(turn, answer.engagement_id)
    note = await notes.keep(turn, engagement, notes.REPLY, text, answer_id=answer.id)
    await send(turn, note, leader)


async def send(turn: Turn, note: Note, leader: Person) -> None:
    if leader.chat_id is None:
        raise RefusedError(turn.say("This leader cannot be written to any more."))
    due_at = await _post(turn, note, leader)
    turn.audit("replied", note.answer_id)
    await expecting.expect(turn, "said.more", {"note": str(note.id), "message": str(turn.message_id)})
    await turn.reply(await _on_its_way(turn, note, leader, due_at), about=leader.id)


async def _post(turn: Turn, note: Note, leader: Person) -> datetime:
    """In the leader's hours, after a pause, and never before its coach had a moment to think again."""
    earliest, is_paused = turn.now + HOLD, leader.paused_until is not None and leader.paused_until > turn.now
    if is_paused:
        earliest = max(earliest, leader.paused_until or earliest)
    due_at = earliest if earliest >= ENDLESS else next_allowed(earliest, hours_of(leader))
    shown = await _for_leader(turn.practice, turn.db, note, leader, await name_of(turn.practice, turn.me), due_at)
    key = f"note:{note.id}:{turn.update_id}"
    sent = await outgoing.send(
        turn.practice, turn.db, leader, Kind.note, shown, key=key, now=turn.now, due_at=due_at
    )
    if is_paused:
        sent.reason = Why.paused
    await turn.db.flush()
    note.delivery_id = sent.id
    return due_at


async def _for_leader(
    practice: Practice, db: AsyncSession, note: Note, leader: Person, coach: str, due_at: datetime
) -> Message:
    """As it is read: a weekday alone must still mean that day when it arrives."""
    say = Say(leader.language)
    assert note.answer_id is not None
    answer = await db.get_one(Answer, note.answer_id)
    day = local(answer.given_at, leader.zone).date()
    is_near = due_at < ENDLESS and leader.state != "unreachable" and 0 <= (local(due_at, leader.zone).date() - day).days < 7
    named = say.weekday(day.weekday()) if is_near else say.day(day)
    head = bold(say("A note from {coach} on what you wrote on {day}", coach=coach, day=named))
    foot = say("To answer, tap the button or reply to this message. Then you see who reads it, as always.")
    reply = Button(say("Reply to {coach}", coach=coach), ("note.reply", note.id))
    to = await _asked(practice, db, answer, say, coach)
    return message(
        head, *to, quote(await _theirs(practice, db, answer, say)), plain(await notes.opened(practice, note)), italic(foot),
        buttons=[[reply]],
    )  # fmt: skip


async def _asked(practice: Practice, db: AsyncSession, answer: Answer, say: Say, coach: str) -> list[Block]:
    """What a tapped value answered: "7" alone says nothing the next day."""
    question = await entries.question_of(practice, db, answer)
    held = await content.open_answer(practice, answer, (await content.parts_of(db, [answer.id]))[answer.id])
    if question is None or not content.in_words(held, question, say):
        return []
    return [plain(entries.label_of(answer, question, say, coach))]


async def _theirs(practice: Practice, db: AsyncSession, answer: Answer, say: Say) -> str:
    """The leader's own words, as they stand today."""
    held = await content.open_answer(practice, answer, (await content.parts_of(db, [answer.id]))[answer.id])
    question = await entries.question_of(practice, db, answer)
    value = content.in_words(held, question, say)
    words = content.beside(held.words, value, held, question, say)
    return entries.clipped("\n".join(filter(None, (value, words))) or "🎤", _EXCERPT)


async def _on_its_way(turn: Turn, note: Note, leader: Person, due_at: datetime) -> Message:
    name = await name_of(turn.practice, leader)
    return message(plain(_when(turn, name, leader, due_at)), buttons=_ways_back(turn.say, note))


def _ways_back(say: Say, note: Note) -> Rows:
    return [[Button(say("Take it back"), ("said.back", note.id)), Button(say("Only a note for me"), ("said.own", note.id))]]


def _when(turn: Turn, name: str, leader: Person, due_at: datetime) -> str:
    say, when = turn.say, turn.say.moment(due_at, turn.me.zone)
    if due_at >= ENDLESS:
        return say("{name} has paused. Your note waits, and goes as soon as {name} is back.", name=name)
    if leader.paused_until is not None:
        return say("{name} has paused. Your note waits, and goes on {when}.", name=name, when=when)
    if leader.state == "unreachable":
        return say("{name} cannot be reached at the moment. Your note goes as soon as that changes.", name=name)
    if due_at <= turn.now + HOLD:
        return say("Your note goes to {name} in two minutes.", name=name)
    return say("Your note goes to {name} on {when}, within {name}’s hours.", name=name, when=when)


async def _led(turn: Turn, engagement_id: UUID) -> tuple[Engagement, Person]:
    found = await people.engagement_for(turn.db, engagement_id, turn.me.id)
    if found is None:
        raise RefusedError(turn.say("This button is no longer in use."))
    return found


async def _unsent(turn: Turn, note: Note) -> bool:
    """Whether nobody can have seen it yet; nor can anybody until this is committed."""
    delivery = await turn.db.get(Delivery, note.delivery_id, with_for_update=True) if note.delivery_id else None
    return delivery is not None and delivery.state == State.pending and not delivery.is_copy


async def _withdraw(turn: Turn, note: Note) -> None:
    if note.kind != notes.REPLY:
        raise RefusedError(turn.say("This button is no longer in use."))
    if not await _unsent(turn, note):
        raise RefusedError(turn.say("It has gone already."))
    await outbox.cancel(turn.db, Why.taken_back, Delivery.id == note.delivery_id)
    await expecting.forget(turn)


async def take_back(turn: Turn, note_id: str) -> Message:
    """Nothing goes; the words stay in the coach's chat, so that nothing is lost."""
    note = await notes.mine(turn, note_id)
    await _withdraw(turn, note)
    words = await notes.opened(turn.practice, note)
    await turn.db.delete(note)
    turn.audit("took a reply back", note.answer_id)
    return message(plain(turn.say("Taken back. Nothing has been sent. Your words were:")), quote(words))


async def make_own(turn: Turn, note_id: str) -> Message:
    """Not for the leader after all: it becomes a note of the coach's own."""
    note = await notes.mine(turn, note_id)
    await _withdraw(turn, note)
    note.kind, note.delivery_id = notes.OWN, None
    turn.audit("kept a reply as a note", note.answer_id)
    _, leader = await _led(turn, note.engagement_id)
    return await notes.kept_message(turn, note, leader)


async def add(turn: Turn, note_id: str, text: str) -> bool:
    """A further line written right after it; False when it is too late, or meant otherwise."""
    note = await turn.db.get(Note, UUID(note_id))
    if note is None or note.coach_id != turn.me.id or note.kind != notes.REPLY:
        return False
    found = await people.engagement_for(turn.db, note.engagement_id, turn.me.id)
    waited = await expecting.expected(turn)
    is_at_once = waited is not None and turn.at < expecting.begun_at(waited) + HOLD
    if found is None or not is_at_once or not await _unsent(turn, note):
        return False
    words = f"{await notes.opened(turn.practice, note)}\n{text.strip()}"
    if units(words) > parts.LONGEST:
        raise RefusedError(
            turn.say("This is too long for one note. Please keep it under {n} characters.", n=parts.LONGEST)
        )
    await notes.write(turn.practice, note, words)
    await outbox.cancel(turn.db, Why.overtaken, Delivery.id == note.delivery_id)
    await _post(turn, note, found[1])
    await expecting.expect(turn, "said.more", {"note": note_id})
    name = await name_of(turn.practice, found[1])
    text = turn.say("Added: it is part of your note to {name}, which has not gone yet.", name=name)
    await turn.reply(message(plain(text), buttons=_ways_back(turn.say, note)))
    return True


async def corrected(turn: Turn, text: str) -> bool:
    """The message a note was made of, corrected right after it; False when it is another one."""
    waited = await expecting.expected(turn)
    if waited is None or waited.what != "said.more" or waited.context.get("message") != str(turn.message_id):
        return False
    note = await notes.mine(turn, waited.context["note"])
    if not await _unsent(turn, note) or not text.strip() or units(text) > parts.LONGEST:
        raise RefusedError(turn.say("Your note stays as it was written first."))
    _, leader = await _led(turn, note.engagement_id)
    await notes.write(turn.practice, note, text.strip())
    await outbox.cancel(turn.db, Why.overtaken, Delivery.id == note.delivery_id)
    await _post(turn, note, leader)
    await turn.reply(message(plain(turn.say("Changed."))))
    return True


# the leader's side


async def note_in(db: AsyncSession, delivery_id: UUID) -> Note | None:
    """The coach's note that a message brought."""
    return (await db.scalars(select(Note).where(Note.delivery_id == delivery_id))).one_or_none()


async def replied_to(turn: Turn) -> Note | None:
    """The coach's note that the leader replies to."""
    if turn.replied_to is None:
        return None
    delivery = await outbox.by_message(turn.db, turn.chat_id, turn.replied_to)
    note = await note_in(turn.db, delivery.id) if delivery is not None and delivery.person_id == turn.me.id else None
    return note if note is not None and note.leader_id == turn.me.id else None


async def ask_reply(turn: Turn, note_id: str) -> str:
    note = await turn.db.get(Note, UUID(note_id))
    if note is None or note.leader_id != turn.me.id or note.kind != notes.REPLY:
        raise RefusedError(turn.say("This button is no longer in use."))
    await expecting.expect(turn, "note.answer", {"note": note_id})
    return turn.say("Just write it here, in your own words.")


async def take_reply(turn: Turn, context: dict[str, str], text: str) -> None:
    """The words after the button under a note."""
    from bot.work import answer

    note = await turn.db.get(Note, UUID(context["note"]))
    await expecting.forget(turn)
    if note is None or note.leader_id != turn.me.id:  # whoever wrote it has left with all of it; the words stay
        await answer.words(turn, text)
        return
    await answer_note(turn, note, content.bubble_of(turn, text))


async def answer_note(turn: Turn, note: Note, bubble: content.Bubble) -> None:
    """An answer like any other, with the leader's own default for who reads it."""
    engagement = await turn.db.get_one(Engagement, note.engagement_id)
    about = await turn.db.get(Answer, note.answer_id) if note.answer_id else None
    theme = about.theme if about is not None else "session"
    sharing = Sharing(turn.me.default_sharing) if engagement.state == "active" else Sharing.private
    given = await content.keep(turn, engagement, "reply", theme, sharing)
    await content.put_bubble(turn.practice, turn.db, given, bubble)
    await turn.reply(await acknowledgement(turn, given), answer_id=given.id)
