"""`/ask Jack ...`: one question of the coach's own, shown to them first, asked like any other."""

import re
from dataclasses import replace
from uuid import UUID

from sqlalchemy import update

from bot.db import people
from bot.db.tables import Engagement, Enrolment, Occurrence, Person
from bot.domain.names import loose
from bot.domain.own_questions import OwnQuestion, Timing, read, unread_moment, with_options
from bot.domain.phrases import Misread
from bot.domain.schedule import local
from bot.domain.sequence import Kind
from bot.domain.text import Block, Button, Message, Span, bold, italic, message, plain, quote
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import choosing, expecting, own_questions, posing_when
from bot.work.leaders import find_leader_in, theme_name
from bot.work.practice import Turn, name_of

_MOST_WAITING = 5
_LONGEST_UNIT = 40
_AND = re.compile(r"(?:and\b|et\b|&|,|\+)\s*", re.IGNORECASE)


async def ask(turn: Turn, text: str) -> None:
    """`/ask Jack Fri 9:00 ...`; `/ask Jack` shows what still waits, `/ask` asks whom."""
    if not text.strip():
        await choosing.own_leader(turn, "ask.leader", plain(turn.say("A question to whom?")))
        return
    engagement, leader, words = await find_leader_in(turn, text)
    await _refuse_several(turn, words)
    if words:
        await _draft(turn, engagement, leader, words)
    else:
        await _show_waiting(turn, engagement, leader)


async def _refuse_several(turn: Turn, words: str) -> None:
    """`and Tom How ...`: a question to two would go to one of them, with the other's name in it."""
    if (found := _AND.match(words)) is None:
        return
    behind = loose(words[found.end() :])
    names = [loose(await name_of(turn.practice, person)) for _, person in await people.led_by(turn.db, turn.me.id)]
    if any(behind.startswith(name) and not behind[len(name) :][:1].isalnum() for name in names):
        raise RefusedError(turn.say("A question goes to one leader at a time. Please write /ask once for each."))


async def _led(turn: Turn, engagement_id: str | UUID) -> tuple[Engagement, Person]:
    found = await people.engagement_for(turn.db, UUID(str(engagement_id)), turn.me.id)
    if found is None:
        raise RefusedError(turn.say("There is nobody of that name."))
    return found


async def _mine(turn: Turn, enrolment_id: str, state: str) -> tuple[Enrolment, Engagement, Person]:
    """A question of one's own to a leader of one's own."""
    row = await turn.db.get(Enrolment, UUID(enrolment_id))
    found = await people.engagement_for(turn.db, row.engagement_id, turn.me.id) if row is not None else None
    if row is None or row.own is None or found is None or row.state != state:
        raise RefusedError(turn.say("This button is no longer in use."))
    return row, *found


async def choose(turn: Turn, engagement_id: str) -> None:
    await _show_waiting(turn, *await _led(turn, engagement_id))


async def _show_waiting(turn: Turn, engagement: Engagement, leader: Person) -> None:
    """What has been asked off and is not settled, with a way back while it can be had."""
    say, name = turn.say, await name_of(turn.practice, leader)
    new = [Button(say("A new question"), ("ask.new", engagement.id))]
    blocks: list[Block] = []
    backs: list[Button] = []
    for number, row in enumerate(await own_questions.waiting(turn.db, engagement), start=1):
        own = await own_questions.opened(turn.practice, row)
        occurrence = await own_questions.occurrence_of(turn.db, row)
        is_asked = occurrence is not None and occurrence.state == "asked"
        when = say("asked, not answered yet") if is_asked else await posing_when.when(turn, engagement, leader, own)
        blocks.append(Block((Span(f"{number}. {own.ask}"), Span("\n" + when, "italic"))))
        if not is_asked:
            backs.append(Button(say("Take back {n}", n=number), ("ask.back", row.id)))
    if not blocks:
        text = say("No question of yours waits for {name}. For example:", name=name)
        example = say("/ask {name} Fri 9:00 How did it go with the rota?", name=name)
        await turn.reply(message(plain(text), plain(example), buttons=[new]), about=leader.id)
        return
    head = bold(say("Your questions to {name}", name=name))
    rows = [*([backs] if backs else []), new]
    await turn.reply(message(head, *blocks, buttons=rows), about=leader.id)


async def new(turn: Turn, engagement_id: str) -> None:
    _, leader = await _led(turn, engagement_id)
    say, name = turn.say, await name_of(turn.practice, leader)
    await expecting.expect(turn, "ask.words", {"engagement": engagement_id})
    head = plain(say("What would you like to ask {name}?", name=name))
    hint = italic(say("A day and time in front, or “2h before the session:”, says when; without it, now."))
    await turn.reply(message(head, hint, placeholder=say("Fri 9:00 How did it go?")), about=leader.id)


async def take_words(turn: Turn, context: dict[str, str], text: str) -> None:
    engagement, leader = await _led(turn, context["engagement"])
    await _draft(turn, engagement, leader, text)
    await expecting.forget(turn)


async def _draft(turn: Turn, engagement: Engagement, leader: Person, text: str) -> None:
    timing, own = _read(turn, text)
    own = await posing_when.timed(turn, engagement, leader, own, timing or Timing())
    if len(await own_questions.waiting(turn.db, engagement)) >= _MOST_WAITING:
        name = await name_of(turn.practice, leader)
        raise RefusedError(
            turn.say("{n} questions of yours wait for {name} already. /ask {name} shows them.", n=_MOST_WAITING, name=name)
        )
    row = await own_questions.draft(turn.practice, turn.db, engagement, own, turn.now)
    await turn.reply(await _preview(turn, row, engagement, leader), about=leader.id)


def _read(turn: Turn, text: str) -> tuple[Timing | None, OwnQuestion]:
    found = read(text, local(turn.now, turn.me.zone).replace(tzinfo=None), turn.say)
    if isinstance(found, Misread):
        raise RefusedError(found.sentence)
    return found


def _kind_names(say: Say) -> dict[Kind, str]:
    return {
        Kind.text: say("Words"), Kind.scale: say("0 to 10"), Kind.yes_no: say("Yes or no"), Kind.choice: say("One of…"),
        Kind.choices: say("Several of…"), Kind.number: say("An amount"), Kind.plan: say("An if-then plan"),
        Kind.alias: say("A person, by alias"),
    }  # fmt: skip


async def _preview(turn: Turn, row: Enrolment, engagement: Engagement, leader: Person) -> Message:
    """The question as it will be asked; nothing goes before [Ask it]."""
    say, name = turn.say, await name_of(turn.practice, leader)
    own = await own_questions.opened(turn.practice, row)
    lines = [say("When: {when}", when=await posing_when.when(turn, engagement, leader, own))]
    if words := unread_moment(own):
        example = say("tomorrow 9:00: How did it go?")
        lines.append(say("“{words}” is part of the question. If it is to say when, write a time and a colon: {example}",
                         words=words, example=example))  # fmt: skip
    if own.theme != "session":
        lines.append(say("Theme: {theme}", theme=theme_name(say, own.theme)))
    if own.kind in (Kind.choice, Kind.choices):
        lines.append(say("Choices: {choices}", choices=" · ".join(own.options) or "–"))
    if own.kind == Kind.number:
        lines.append(say("An amount starts as {name}’s own; {name} decides whether you see it.", name=name))
    kinds = [
        Button(("✓ " if kind == own.kind else "") + label, ("ask.kind", row.id, kind))
        for kind, label in _kind_names(say).items()
    ]
    rows = [kinds[start : start + 2] for start in range(0, len(kinds), 2)]
    go = [Button(say("Ask it"), ("ask.send", row.id))] if own.lacks is None else []
    rows += [[*go, Button(say("Change"), ("ask.change", row.id)), Button(say("Leave it"), ("ask.drop", row.id))]]
    head = bold(say("Your question to {name}", name=name))
    how = italic(say("Answered by:"))
    return message(head, quote(own.ask), plain("\n".join(lines)), how, buttons=rows)


async def set_kind(turn: Turn, enrolment_id: str, kind: str) -> Message:
    """How it is answered; choices and units are written."""
    row, engagement, leader = await _mine(turn, enrolment_id, own_questions.DRAFT)
    own = replace(await own_questions.opened(turn.practice, row), kind=Kind(kind))
    await own_questions.write(turn.practice, row, own)
    say = turn.say
    if own.kind in (Kind.choice, Kind.choices) and not own.options:
        await expecting.expect(turn, "ask.options", {"enrolment": enrolment_id})
        await turn.reply(message(plain(say("Write the choices, one per line.")), placeholder=say("One per line")))
    elif own.lacks == "unit":
        await expecting.expect(turn, "ask.unit", {"enrolment": enrolment_id})
        text = say("An amount of what? For example: hours")
        await turn.reply(message(plain(text), placeholder=say("hours")))
    else:
        await expecting.forget(turn)
    return await _preview(turn, row, engagement, leader)


async def take_options(turn: Turn, context: dict[str, str], text: str) -> None:
    row, engagement, leader = await _mine(turn, context["enrolment"], own_questions.DRAFT)
    found = with_options(await own_questions.opened(turn.practice, row), text, turn.say)
    if isinstance(found, Misread):
        raise RefusedError(found.sentence)
    await own_questions.write(turn.practice, row, found)
    await expecting.forget(turn)
    await turn.reply(await _preview(turn, row, engagement, leader), about=leader.id)


async def take_unit(turn: Turn, context: dict[str, str], text: str) -> None:
    row, engagement, leader = await _mine(turn, context["enrolment"], own_questions.DRAFT)
    unit = " ".join(text.split())
    if not unit or len(unit) > _LONGEST_UNIT:
        raise RefusedError(turn.say("Please keep it under {n} characters.", n=_LONGEST_UNIT))
    own = replace(await own_questions.opened(turn.practice, row), unit=unit)
    await own_questions.write(turn.practice, row, own)
    await expecting.forget(turn)
    await turn.reply(await _preview(turn, row, engagement, leader), about=leader.id)


async def ask_change(turn: Turn, enrolment_id: str) -> None:
    _, _, leader = await _mine(turn, enrolment_id, own_questions.DRAFT)
    await expecting.expect(turn, "ask.change", {"enrolment": enrolment_id})
    text = turn.say("Write it again, with a day and time in front if the moment changes too.")
    await turn.reply(message(plain(text), placeholder=turn.say("Your question")), about=leader.id)


async def take_change(turn: Turn, context: dict[str, str], text: str) -> None:
    """Other words; the moment and the kind stay, unless they are written anew."""
    row, engagement, leader = await _mine(turn, context["enrolment"], own_questions.DRAFT)
    before = await own_questions.opened(turn.practice, row)
    timing, own = _read(turn, text)
    if timing is not None:
        own = await posing_when.timed(turn, engagement, leader, own, timing)
    else:
        own = own.timed(before.timing)
    if own.kind == Kind.text:
        own = replace(own, kind=before.kind, options=before.options, unit=before.unit)
    await own_questions.write(turn.practice, row, own)
    await expecting.forget(turn)
    await turn.reply(await _preview(turn, row, engagement, leader), about=leader.id)


async def send(turn: Turn, enrolment_id: str) -> Message:
    """It is the planner's from here on: quiet hours, one open question at a time, one reminder."""
    row, engagement, leader = await _mine(turn, enrolment_id, own_questions.DRAFT)
    say, name = turn.say, await name_of(turn.practice, leader)
    own = await own_questions.opened(turn.practice, row)
    if own.lacks is not None:
        raise RefusedError(say("Something is still missing: see above."))
    row.joined_at, timing = turn.now, own.timing
    if timing.is_around:
        await posing_when.timed(turn, engagement, leader, own, timing)
        row.joined_at = await posing_when.counted_from(turn, engagement, own)
    else:
        own = replace(own, at=posing_when.free_instant(turn, leader, own.at, name))
        await own_questions.write(turn.practice, row, own)
    row.state, row.next_due_at = "active", turn.now
    turn.audit("asked a question", engagement.id)
    await turn.db.flush()
    when = await posing_when.when(turn, engagement, leader, own)
    text = say("Your question goes to {name}: {when}.", name=name, when=when)
    back = [Button(say("Take it back"), ("ask.back", row.id))]
    return message(plain(text), quote(own.ask), buttons=[back])


async def drop(turn: Turn, enrolment_id: str) -> Message:
    row, _, _ = await _mine(turn, enrolment_id, own_questions.DRAFT)
    own = await own_questions.opened(turn.practice, row)
    await turn.db.delete(row)
    await expecting.forget(turn)
    return message(plain(turn.say("Left as it is; nothing is asked.")), quote(own.ask))


async def take_back(turn: Turn, enrolment_id: str) -> Message:
    """A question that nobody has seen yet is not asked."""
    row, _, leader = await _mine(turn, enrolment_id, "active")
    occurrence = await own_questions.occurrence_of(turn.db, row)
    if occurrence is not None and occurrence.state != "waiting":
        raise RefusedError(turn.say("It has been asked already."))
    row.state, row.next_due_at = "ended", None
    await turn.db.execute(
        update(Occurrence)
        .where(Occurrence.enrolment_id == row.id, Occurrence.state == "waiting")
        .values(state="cancelled", reason="taken back", look_at=None)
    )
    turn.audit("took a question back", row.engagement_id)
    own = await own_questions.opened(turn.practice, row)
    name = await name_of(turn.practice, leader)
    return message(plain(turn.say("Taken back. {name} is not asked.", name=name)), quote(own.ask))
