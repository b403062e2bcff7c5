"""What a leader follows, held for a while or swapped for something else: by their coach, or by an administrator."""

from datetime import timedelta

from sqlalchemy import select

from bot import catalog
from bot.db import enrolments
from bot.db.tables import Enrolment, Occurrence, SequenceVersion
from bot.domain.silences import HELD
from bot.domain.text import Button, Message, bold, message, plain
from bot.errors import RefusedError
from bot.work import admin, leaving_out, sequences
from bot.work.practice import Turn, name_of

_INSTANT = timedelta.resolution


async def pause(turn: Turn, enrolment_id: str) -> None:
    """Nothing more of it until it goes on; what waits is left out, what is open stays open."""
    enrolment, leader = await admin.running(turn, enrolment_id)
    if enrolment.state != "active":
        raise RefusedError(turn.say("This is paused already."))
    enrolment.state, enrolment.next_due_at = "paused", None
    waiting = select(Occurrence).where(Occurrence.enrolment_id == enrolment.id, Occurrence.state == "waiting")
    for occurrence in await turn.db.scalars(waiting):
        occurrence.state, occurrence.reason, occurrence.look_at = "not_asked", HELD, None
    await enrolments.wake(turn.db, leader.id, turn.now)  # what waited behind it
    turn.audit(f"paused {enrolment.sequence}"[:64], enrolment.engagement_id)
    say, title = turn.say, await sequences.title_of(turn.practice, turn.db, enrolment, turn.say)
    text = say("Paused: {sequence}. Nothing of it is asked until it goes on.", sequence=title)
    rows = [[Button(say("go on with {name}", name=title), ("enrol.resume", enrolment.id))]]
    await turn.reply(message(plain(text), buttons=rows))


async def resume(turn: Turn, enrolment_id: str) -> None:
    """It goes on from now; what fell due in between is not made up for."""
    enrolment, leader = await admin.running(turn, enrolment_id)
    if enrolment.state != "paused":
        raise RefusedError(turn.say("This is not paused."))
    await leaving_out.leave_out(turn.practice, turn.db, enrolment, leader, turn.now)
    enrolment.state, enrolment.next_due_at = "active", turn.now
    turn.audit(f"resumed {enrolment.sequence}"[:64], enrolment.engagement_id)
    title = await sequences.title_of(turn.practice, turn.db, enrolment, turn.say)
    text = turn.say("{sequence} goes on from now. What fell due in between is not asked any more.", sequence=title)
    await turn.reply(message(plain(text)))


async def choose(turn: Turn, enrolment_id: str) -> None:
    """For what it is swapped."""
    enrolment, leader = await admin.running(turn, enrolment_id)
    say = turn.say
    follows = {one.sequence for one in await sequences.followed_by(turn.db, enrolment.engagement_id)}
    rows = [
        [Button(sequences.parsed(turn.practice, version).title[say.language], ("enrol.into", enrolment.id, version.name))]
        for version in await sequences.in_force(turn.db)
        if version.name not in follows
    ]
    if not rows:
        raise RefusedError(say("There is no sequence left to swap it for."))
    title, name = await sequences.title_of(turn.practice, turn.db, enrolment, say), await name_of(turn.practice, leader)
    rows.append([Button(say("Leave it"), ("enrol.who", enrolment.engagement_id))])
    text = say("What shall {name} follow instead of {sequence}?", name=name, sequence=title)
    await turn.reply(message(plain(text), buttons=rows))


async def preview(turn: Turn, enrolment_id: str, sequence: str) -> Message:
    """What ends, what begins, and what everything comes to then."""
    enrolment, leader = await admin.running(turn, enrolment_id)
    version = await _new(turn, enrolment, sequence)
    say, name = turn.say, await name_of(turn.practice, leader)
    old = await sequences.title_of(turn.practice, turn.db, enrolment, say)
    new = sequences.parsed(turn.practice, version)
    lines = [
        say("{sequence} ends: nothing more of it is asked. What was answered stays.", sequence=old),
        say("{sequence} begins at once, from its first step.", sequence=new.title[say.language]),
    ]
    head = bold(say("Swap {old} for {new} for {name}?", old=old, new=new.title[say.language], name=name))
    followed = [
        (await sequences.of_enrolment(turn.practice, turn.db, one), (turn.now - one.joined_at).days)
        for one in await sequences.followed_by(turn.db, enrolment.engagement_id)
        if one.id != enrolment.id and one.state == "active"
    ]
    heavy = sequences.heavy_block(say, catalog.together([*followed, (new, 0)], say))
    rows = [
        [Button(say("Swap"), ("enrol.swap", enrolment.id, sequence))],
        [Button(say("Leave it"), ("enrol.who", enrolment.engagement_id))],
    ]
    return message(head, plain("\n".join(f"• {line}" for line in lines)), *heavy, buttons=rows)


async def _new(turn: Turn, enrolment: Enrolment, sequence: str) -> SequenceVersion:
    """The sequence to begin, unless it is gone or followed already."""
    version = await sequences.version_in_force(turn.db, sequence)
    follows = {one.sequence for one in await sequences.followed_by(turn.db, enrolment.engagement_id)}
    if version is None or sequence in follows:
        raise RefusedError(turn.say("This has changed meanwhile. Please begin again: /enrol"))
    return version


async def swap(turn: Turn, enrolment_id: str, sequence: str) -> Message:
    """One ends and the other begins, in one go."""
    enrolment, leader = await admin.running(turn, enrolment_id)
    version = await _new(turn, enrolment, sequence)
    engagement, _ = await admin.allowed(turn, str(enrolment.engagement_id))
    say, old = turn.say, await sequences.title_of(turn.practice, turn.db, enrolment, turn.say)
    await sequences.end(turn.db, enrolment)
    await enrolments.wake(turn.db, leader.id, turn.now)
    await sequences.enrol(turn.db, engagement, sequence, turn.now)
    turn.audit(f"swapped {enrolment.sequence} for {sequence}"[:64], engagement.id)
    new = sequences.parsed(turn.practice, version).title[say.language]
    name = await name_of(turn.practice, leader)
    return message(plain(say("{name} follows {new} from now on instead of {old}.", name=name, new=new, old=old)))
