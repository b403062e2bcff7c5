"""`/hand Jack to Alice`: an administrator gives a leader another coach; what of the past goes along is the leader's word."""

from uuid import UUID

from sqlalchemy import update

from bot.db import enrolments, people
from bot.db.tables import Engagement, Enrolment, Person
from bot.db.types import new_id
from bot.domain import continuing, names
from bot.domain.delivery import Kind
from bot.domain.handing import parse_handover
from bot.domain.schedule import local
from bot.domain.text import Block, Button, Message, bold, message, plain
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import choosing, ending, going_along, outgoing
from bot.work.admin import find
from bot.work.practice import Turn, hours_of, name_of

_CARRIED = ("organisation", "role")  # facts of the practice; what the old coach thought of is not passed on


async def pass_on(turn: Turn, old: Engagement, leader: Person, coach: Person) -> Engagement:
    """End one coaching and begin another with somebody else, so that nothing is asked twice and nothing goes along
    unasked."""
    gone = await ending.end(turn, old, is_passed_on=True)
    new = begin(turn, leader, coach)
    new.previous_id, new.promoted_on = old.id, old.promoted_on
    box = await turn.practice.vault.box(leader.id, "shared")
    for field in _CARRIED:
        if (value := getattr(old, field)) is not None:
            place = f"engagement.{field}"
            setattr(new, field, box.seal(place, new.id, box.open(place, old.id, value)))
    await turn.db.flush()
    follows = update(Enrolment).where(Enrolment.engagement_id == old.id, Enrolment.own.is_(None))
    await turn.db.execute(follows.values(engagement_id=new.id))
    await enrolments.replan(turn.db, new.id, turn.now)
    await _tell_former(turn, old, leader, coach, len(gone))
    await _tell_of_cancelled(turn, old, leader, len(gone))
    return new


async def hold(turn: Turn, coach: Person) -> None:
    """Nobody begins with a coach who leaves at the same moment."""
    await turn.db.flush()
    await turn.db.refresh(coach, with_for_update=True)
    if not coach.is_coach or coach.state == "erased":
        raise RefusedError(turn.say("That coach is not here any more."))


def begin(turn: Turn, leader: Person, coach: Person) -> Engagement:
    """A coaching that starts now."""
    engagement = Engagement(
        id=new_id(), leader_id=leader.id, coach_id=coach.id, started_at=turn.now,
        look_at=continuing.look_after_joining(turn.now, hours_of(coach)),
    )  # fmt: skip
    turn.db.add(engagement)
    return engagement


async def hand(turn: Turn, text: str) -> None:
    """`/hand Jack to Alice`, or by buttons."""
    name, coach_name = parse_handover(text)
    if not name:
        await choosing.any_leader(turn, "hand.who", plain(turn.say("Which leader gets another coach?")))
        return
    engagement, leader = await find(turn, name)
    if coach_name:
        coach = await _find_coach(turn, coach_name)
        await turn.reply(await _preview(turn, engagement, leader, coach))
    else:
        await turn.reply(await _choose_coach(turn, engagement, leader))


async def choose_coach(turn: Turn, engagement_id: str) -> Message:
    return await _choose_coach(turn, *await _led(turn, engagement_id))


async def _choose_coach(turn: Turn, engagement: Engagement, leader: Person) -> Message:
    say, name = turn.say, await name_of(turn.practice, leader)
    others = [one for one in await people.coaches(turn.db) if one.id not in (engagement.coach_id, leader.id)]
    if not others:
        raise RefusedError(say("There is no other coach here. /invite brings one in."))
    rows = [[Button(await name_of(turn.practice, one), ("hand.to", engagement.id, one.id))] for one in others]
    present = await name_of(turn.practice, await turn.db.get_one(Person, engagement.coach_id))
    text = say("{name} is coached by {coach}. Who takes over?", name=name, coach=present)
    return message(plain(text), buttons=[*rows, [Button(say("Leave it"), ("hand.leave", engagement.id))]])


async def _led(turn: Turn, engagement_id: str) -> tuple[Engagement, Person]:
    found = next((pair for pair in await people.all_led(turn.db) if pair[0].id == UUID(engagement_id)), None)
    if found is None:
        raise RefusedError(turn.say("This has changed meanwhile. Please begin again: /hand"))
    return found


async def _find_coach(turn: Turn, name: str) -> Person:
    """By name, or its beginning."""
    coaches = await people.coaches(turn.db)
    known = [await name_of(turn.practice, coach) for coach in coaches]
    found = names.meant(name, known)
    if len(found) == 1:
        return coaches[found[0]]
    there = turn.say.list([known[i] for i in found] or known)
    if found:
        raise RefusedError(turn.say("More than one coach is called that: {names}.", names=there))
    raise RefusedError(turn.say("There is no coach of that name. There are: {names}.", names=there))


async def preview(turn: Turn, engagement_id: str, coach_id: str) -> Message:
    return await _preview(turn, *await _led(turn, engagement_id), await _coach(turn, coach_id))


async def _coach(turn: Turn, coach_id: str) -> Person:
    found = next((one for one in await people.coaches(turn.db) if one.id == UUID(coach_id)), None)
    if found is None:
        raise RefusedError(turn.say("This has changed meanwhile. Please begin again: /hand"))
    return found


async def _preview(turn: Turn, engagement: Engagement, leader: Person, coach: Person) -> Message:
    """What will happen, to each of the three."""
    await _refuse_wrong(turn, engagement, leader, coach)
    say, new = turn.say, await name_of(turn.practice, coach)
    name, old = await name_of(turn.practice, leader), await _name_of_coach(turn, engagement)
    planned = len(await ending.planned_of(turn, engagement.id))
    lines = [say("{old} is told, and sees nothing more of {name} here.", old=old, name=name)]
    if planned:
        lines.append(say.plural("{n} planned session is cancelled.", "{n} planned sessions are cancelled.", planned))
    lines += [
        say("{new} reads what {name} shares from now on, and plans the first session.", new=new, name=name),
        say("{name} is told at once, and decides what of the time before goes along; until then, nothing does.", name=name),
        say("The sequences of questions go on where they are."),
    ]
    blocks: list[Block] = [bold(say("Hand {name} over from {old} to {new}?", name=name, old=old, new=new))]
    rows = [
        [Button(say("Hand over"), ("hand.do", engagement.id, coach.id))],
        [Button(say("Leave it"), ("hand.leave", engagement.id))],
    ]
    return message(*blocks, plain("\n".join(f"• {line}" for line in lines)), buttons=rows)


async def _refuse_wrong(turn: Turn, engagement: Engagement, leader: Person, coach: Person) -> None:
    say, name = turn.say, await name_of(turn.practice, leader)
    if coach.id == leader.id:
        raise RefusedError(say("{name} cannot be their own coach. Please choose another one.", name=name))
    if coach.id == engagement.coach_id:
        present = await _name_of_coach(turn, engagement)
        raise RefusedError(say("{name} is coached by {coach} already.", name=name, coach=present))


async def _name_of_coach(turn: Turn, engagement: Engagement) -> str:
    return await name_of(turn.practice, await turn.db.get_one(Person, engagement.coach_id))


async def leave(turn: Turn, _engagement_id: str) -> Message:
    return message(plain(turn.say("Nothing has changed.")))


async def do(turn: Turn, engagement_id: str, coach_id: str) -> Message:
    """All of it, or nothing."""
    old, leader = await _led(turn, engagement_id)
    coach = await _coach(turn, coach_id)
    await hold(turn, coach)
    await _refuse_wrong(turn, old, leader, coach)
    former = await _name_of_coach(turn, old)
    new = await pass_on(turn, old, leader, coach)
    turn.audit("handed over", new.id)
    await _tell_next(turn, new, leader, coach)
    await _tell_leader(turn, new, leader, coach, former)
    say, name = turn.say, await name_of(turn.practice, leader)
    text = say(
        "{name} is coached by {coach} from now on. All three are told.",
        name=name, coach=await name_of(turn.practice, coach),
    )  # fmt: skip
    return message(plain(text))


async def _tell_of_cancelled(turn: Turn, old: Engagement, leader: Person, cancelled: int) -> None:
    """Nobody shall wait for somebody who is not coming."""
    if leader.chat_id is None or not cancelled:
        return
    say = Say(leader.language)
    text = say.plural("{n} planned session is cancelled.", "{n} planned sessions are cancelled.", cancelled)
    await outgoing.send(
        turn.practice, turn.db, leader, Kind.news, message(plain(text)), key=f"handed:{old.id}:sessions", now=turn.now
    )


async def _tell_former(turn: Turn, old: Engagement, leader: Person, coach: Person, cancelled: int) -> None:
    former = await turn.db.get_one(Person, old.coach_id)
    if former.chat_id is None or former.state != "active" or former.id == turn.me.id:
        return
    say = Say(former.language)
    text = say(
        "{name} is coached by {coach} from now on. What you have received stays in this chat; nothing more comes, and "
        "your notes are not passed on.",
        name=await name_of(turn.practice, leader), coach=await name_of(turn.practice, coach),
    )  # fmt: skip
    if cancelled:
        text += "\n" + say.plural("{n} planned session is cancelled.", "{n} planned sessions are cancelled.", cancelled)
    key = f"handed:{old.id}:former"
    told = message(plain(text))
    await outgoing.send(turn.practice, turn.db, former, Kind.notice, told, key=key, now=turn.now, about=leader.id)


async def _tell_next(turn: Turn, new: Engagement, leader: Person, coach: Person) -> None:
    """Nothing of the past: a name, and a first session to plan."""
    if coach.chat_id is None:
        return
    say, name = Say(coach.language), await name_of(turn.practice, leader)
    text = say(
        "From now on you coach {name}. What {name} shares from here on reaches you; {name} decides whether anything of the "
        "time before goes along.",
        name=name,
    )  # fmt: skip
    rows = [[Button(say("Plan the first session"), ("session.day", new.id))]]
    key = f"handed:{new.id}:next"
    told = message(plain(text), buttons=rows)
    await outgoing.send(turn.practice, turn.db, coach, Kind.notice, told, key=key, now=turn.now, about=leader.id)


async def _tell_leader(turn: Turn, new: Engagement, leader: Person, coach: Person, former: str) -> None:
    """At once, whatever the hour: from this moment on somebody else reads what they share. Who has blocked the bot hears
    it when they are back."""
    if leader.chat_id is None:
        return
    say, name = Say(leader.language), await name_of(turn.practice, coach)
    day = say.day(local(turn.now, leader.zone).date())
    head = say(
        "From today, {day}, {coach} coaches you here instead of {former}. {coach} reads what you share from now on; "
        "{former} sees nothing more of you here.",
        day=day, coach=name, former=former,
    )  # fmt: skip
    told = await going_along.ask(turn, new, plain(head), say)
    key = f"handed:{new.id}:leader"
    await outgoing.send(turn.practice, turn.db, leader, Kind.news, told, key=key, now=turn.now)


async def taking_over(turn: Turn, coach_id: UUID | None) -> list[Block]:
    """What another coach's invitation means to somebody who has a coach, said before they agree."""
    before = await people.engagement_of(turn.db, turn.me.id)
    if before is None or coach_id is None or before.coach_id == coach_id:
        return []
    coach = await name_of(turn.practice, await turn.db.get_one(Person, coach_id))
    text = turn.say(
        "{former} coaches you here now. If you agree, {coach} does so instead: {former} is told and sees nothing more of "
        "you here, and the sessions planned with {former} are cancelled.",
        former=await _name_of_coach(turn, before), coach=coach,
    )  # fmt: skip
    return [plain(text)]
