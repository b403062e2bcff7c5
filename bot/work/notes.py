"""`/note Jack ...`: what a coach writes down about a leader, for their own eyes only."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import people
from bot.db.tables import Answer, Delivery, Engagement, Note, Person
from bot.db.types import new_id
from bot.domain.delivery import State
from bot.domain.schedule import local
from bot.domain.text import Block, Button, Message, Span, bold, italic, message, plain, units
from bot.errors import RefusedError
from bot.work import choosing, entries, expecting, parts
from bot.work.leaders import find_leader_in
from bot.work.practice import Practice, Turn, name_of

CONTENT, OWN, REPLY, DRAFT = "note.content", "own", "reply", "draft"
_PAGE = 5
_EXCERPT = 500


async def own_since(
    practice: Practice, db: AsyncSession, engagement: Engagement, after: datetime | None
) -> list[tuple[datetime, str, UUID | None]]:
    """The coach's own notes about a leader, written later than `after`, oldest first: when, the words, and the answer
    they are about."""
    query = select(Note).where(
        Note.engagement_id == engagement.id, Note.coach_id == engagement.coach_id, Note.kind == OWN
    )
    if after is not None:
        query = query.where(Note.made_at > after)
    found = await db.scalars(query.order_by(Note.made_at, Note.id))
    return [(note.made_at, await opened(practice, note), note.answer_id) for note in found]


async def opened(practice: Practice, note: Note) -> str:
    box = await practice.vault.box(note.leader_id, "shared")
    return box.open(CONTENT, note.id, note.content)


async def keep(
    turn: Turn, engagement: Engagement, kind: str, text: str, *, answer_id: UUID | None = None
) -> Note:
    """Words of the coach about a leader, sealed with that leader's key."""
    words = text.strip()
    if not words:
        raise RefusedError(turn.say("There is nothing in it yet. Please write a line."))
    if units(words) > parts.LONGEST:
        raise RefusedError(turn.say("This is too long for one note. Please keep it under {n} characters.", n=parts.LONGEST))
    note = Note(
        id=new_id(), engagement_id=engagement.id, leader_id=engagement.leader_id, coach_id=turn.me.id, kind=kind,
        answer_id=answer_id, content=b"", made_at=turn.now,
    )  # fmt: skip
    await write(turn.practice, note, words)
    turn.db.add(note)
    await turn.db.flush()
    return note


async def write(practice: Practice, note: Note, words: str) -> None:
    box = await practice.vault.box(note.leader_id, "shared")
    note.content = box.seal(CONTENT, note.id, words)


async def mine(turn: Turn, note_id: str) -> Note:
    """A note of the coach who presses, about a leader of theirs; any other looks as if it did not exist."""
    note = await turn.db.get(Note, UUID(note_id))
    if (
        note is None or note.coach_id != turn.me.id
        or await people.engagement_for(turn.db, note.engagement_id, turn.me.id) is None
    ):  # fmt: skip
        raise RefusedError(turn.say("This button is no longer in use."))
    return note


async def note(turn: Turn, text: str) -> None:
    """`/note Jack ...` writes one down, `/note Jack` shows them, `/note` asks about whom."""
    if not text.strip():
        await choosing.own_leader(turn, "note.list", plain(turn.say("A note about whom?")), more=(0,))
        return
    engagement, leader, words = await find_leader_in(turn, text)
    if words:
        await _keep(turn, engagement, leader, words)
    else:
        await turn.reply(await _list(turn, engagement, leader, 0), about=leader.id)


async def _keep(turn: Turn, engagement: Engagement, leader: Person, words: str, answer_id: UUID | None = None) -> None:
    kept = await keep(turn, engagement, OWN, words, answer_id=answer_id)
    turn.audit("wrote a note", engagement.id)
    await turn.reply(await kept_message(turn, kept, leader), about=leader.id)


async def kept_message(turn: Turn, kept: Note, leader: Person) -> Message:
    """That it is kept, for whom, and where it will be seen."""
    text = turn.say(
        "Noted, for your eyes only. It stands in your next brief on {name}.", name=await name_of(turn.practice, leader)
    )
    return message(plain(text), buttons=[[Button(turn.say("Delete it"), ("note.delete", kept.id))]])


async def take(turn: Turn, context: dict[str, str], text: str) -> None:
    """The words the bot has asked for: about a leader, or about one answer of theirs."""
    found = await people.engagement_for(turn.db, UUID(context["engagement"]), turn.me.id)
    if found is None:
        raise RefusedError(turn.say("There is nobody of that name."))
    await expecting.forget(turn)
    answer = await turn.db.get(Answer, UUID(context["answer"])) if "answer" in context else None
    about = answer.id if answer is not None and answer.engagement_id == found[0].id else None
    await _keep(turn, *found, text, about)


async def ask(turn: Turn, engagement_id: str) -> None:
    _, leader = await _led(turn, engagement_id)
    say = turn.say
    await expecting.expect(turn, "note.own", {"engagement": engagement_id})
    text = say("Write your note about {name}. Only you see it.", name=await name_of(turn.practice, leader))
    await turn.reply(message(plain(text), placeholder=say("Your note")), about=leader.id)


async def _led(turn: Turn, engagement_id: str) -> tuple[Engagement, Person]:
    found = await people.engagement_for(turn.db, UUID(engagement_id), turn.me.id)
    if found is None:
        raise RefusedError(turn.say("There is nobody of that name."))
    return found


async def list_(turn: Turn, engagement_id: str, offset: str) -> Message:
    return await _list(turn, *await _led(turn, engagement_id), max(int(offset), 0))


async def _list(turn: Turn, engagement: Engagement, leader: Person, offset: int) -> Message:
    """The coach's own notes and those sent to the leader, newest first."""
    say, name = turn.say, await name_of(turn.practice, leader)
    query = select(Note).where(
        Note.engagement_id == engagement.id, Note.coach_id == turn.me.id, Note.kind.in_([OWN, REPLY])
    )
    found = list(await turn.db.scalars(query.order_by(Note.made_at.desc(), Note.id.desc())))
    new = [Button(say("Write a note"), ("note.ask", engagement.id))]
    if not found:
        return message(plain(say("No notes about {name} yet. /note {name} … writes one.", name=name)), buttons=[new])
    offset = min(offset, len(found) - 1) // _PAGE * _PAGE
    shown = found[offset : offset + _PAGE]
    blocks = [await _block(turn, number, one) for number, one in enumerate(shown, start=offset + 1)]
    delete = [
        Button(say("Delete {n}", n=number), ("note.delete", one.id, offset))
        for number, one in enumerate(shown, start=offset + 1) if one.kind == OWN
    ]  # fmt: skip
    rows = [*([delete] if delete else []), *_nav(turn, engagement, offset, len(found)), new]
    return message(bold(say("Your notes about {name}", name=name)), *blocks, buttons=rows)


async def _block(turn: Turn, number: int, one: Note) -> Block:
    say = turn.say
    day = entries.dated(say, local(one.made_at, turn.me.zone).date(), local(turn.now, turn.me.zone).date())
    kind = await _whereabouts(turn, one)
    words = entries.clipped(await opened(turn.practice, one), _EXCERPT)
    return Block((Span(f"{number}. {day} · {kind}\n", "italic"), Span(words)))


async def _whereabouts(turn: Turn, one: Note) -> str:
    """Who has it: nobody else, or its leader, or nobody yet."""
    if one.kind == OWN:
        return turn.say("only you")
    delivery = await turn.db.get(Delivery, one.delivery_id) if one.delivery_id else None
    if delivery is None or delivery.state == State.sent:
        return turn.say("sent")
    is_over = delivery.state in (State.failed, State.expired, State.cancelled)
    return turn.say("not delivered") if is_over else turn.say("on its way")


def _nav(turn: Turn, engagement: Engagement, offset: int, count: int) -> list[list[Button]]:
    say = turn.say
    newer = [Button(say("← Newer"), ("note.list", engagement.id, offset - _PAGE))] if offset else []
    older = [Button(say("Older →"), ("note.list", engagement.id, offset + _PAGE))] if offset + _PAGE < count else []
    return [[*newer, *older]] if newer or older else []


async def delete(turn: Turn, note_id: str, offset: str | None = None) -> Message:
    """One's own note; one that was sent belongs to the leader, too, and stays. Deleted in the list, the list stays."""
    found = await mine(turn, note_id)
    if found.kind != OWN:
        raise RefusedError(turn.say("This button is no longer in use."))
    await turn.db.delete(found)
    turn.audit("deleted a note", found.engagement_id)
    if offset is not None:
        await turn.db.flush()
        return await list_(turn, str(found.engagement_id), offset)
    return message(italic(turn.say("Note deleted.")))
