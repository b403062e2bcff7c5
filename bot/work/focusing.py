"""`/focus Jack boundaries`: what comes more often for a leader, and what less."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments, people
from bot.db.tables import Engagement, Enrolment, Occurrence, Person
from bot.domain import emphasis
from bot.domain.emphasis import LESS, MORE, WEIGHED
from bot.domain.text import Button, Message, message, plain
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import choosing, leaving_out, sequences
from bot.work.leaders import find_leader_in, theme_name
from bot.work.practice import Practice, Turn, name_of

_MARKS = {MORE: "▲ ", LESS: "▼ ", emphasis.PLANNED: ""}


async def in_order(
    practice: Practice, db: AsyncSession, engagement: Engagement | None, waiting: list[Occurrence]
) -> list[Occurrence]:
    """What waits to be asked: the coach's own question, then what is in focus; else as it fell due."""
    if engagement is None or len(waiting) < 2:
        return waiting
    places = {}
    for one in waiting:
        enrolment = await db.get_one(Enrolment, one.enrolment_id)
        theme = (await sequences.of_enrolment(practice, db, enrolment)).step(one.step).theme
        places[one.id] = (enrolment.own is None, emphasis.rank(theme, engagement.focus, engagement.lowered))
    return sorted(waiting, key=lambda one: places[one.id])


async def focus(turn: Turn, text: str) -> None:
    """`/focus Jack boundaries`, `/focus Jack less pulse`; `/focus Jack` shows it, `/focus` asks for whom."""
    if not text.strip():
        await choosing.own_leader(turn, "leader.focus", plain(turn.say("More or less of what, for whom?")))
        return
    engagement, leader, words = await find_leader_in(turn, text)
    if not words:
        await turn.reply(await _shown(turn, engagement, leader), about=leader.id)
        return
    found = emphasis.read(words)
    if found is None:
        names = turn.say.list([theme_name(turn.say, theme) for theme in WEIGHED])
        raise RefusedError(turn.say("Please name one of these, with “less” in front if you like: {names}.", names=names))
    level, theme = found
    await _set(turn, engagement, theme, level)
    name = await name_of(turn.practice, leader)
    await turn.reply(message(plain(_meaning(turn.say, theme, level, name))), about=leader.id)


async def _led(turn: Turn, engagement_id: str) -> tuple[Engagement, Person]:
    found = await people.engagement_for(turn.db, UUID(engagement_id), turn.me.id)
    if found is None:
        raise RefusedError(turn.say("There is nobody of that name."))
    return found


async def show(turn: Turn, engagement_id: str) -> None:
    engagement, leader = await _led(turn, engagement_id)
    await turn.reply(await _shown(turn, engagement, leader), about=leader.id)


async def _shown(turn: Turn, engagement: Engagement, leader: Person) -> Message:
    say, name = turn.say, await name_of(turn.practice, leader)
    rows = [
        [Button(_MARKS[_level(engagement, theme)] + theme_name(say, theme), ("leader.toggle", engagement.id, theme))]
        for theme in WEIGHED
    ]
    head = plain(say("What comes more often for {name} (▲), and what less (▼)? A tap changes it.", name=name))
    note = plain(
        say(
            "▲ goes first when several questions wait, and comes about twice as often where it repeats every few weeks or "
            "days. ▼ comes half as often. What comes once comes as planned."
        )
    )
    return message(head, note, buttons=rows)


def _level(engagement: Engagement, theme: str) -> str:
    return emphasis.level_of(theme, engagement.focus, engagement.lowered)


async def toggle(turn: Turn, engagement_id: str, theme: str) -> Message:
    """As planned, more, less, and around again."""
    engagement, leader = await _led(turn, engagement_id)
    if theme not in WEIGHED:
        raise RefusedError(turn.say("This button is no longer in use."))
    await _set(turn, engagement, theme, emphasis.after(_level(engagement, theme)))
    return await _shown(turn, engagement, leader)


async def _set(turn: Turn, engagement: Engagement, theme: str, level: str) -> None:
    engagement.focus = [t for t in engagement.focus if t != theme] + [theme] * (level == MORE)
    engagement.lowered = [t for t in engagement.lowered if t != theme] + [theme] * (level == LESS)
    leader = await turn.db.get_one(Person, engagement.leader_id)
    for enrolment in await sequences.active_of(turn.db, engagement.id):
        if enrolment.next_due_at is None or enrolment.next_due_at > turn.now:  # how often, never on which days
            await leaving_out.leave_out(turn.practice, turn.db, enrolment, leader, turn.now)
    await enrolments.replan(turn.db, engagement.id, turn.now)
    turn.audit(f"set focus {level}", engagement.id)


def _meaning(say: Say, theme: str, level: str, name: str) -> str:
    """What it comes to, in one sentence."""
    called = theme_name(say, theme)
    if level == MORE:
        return say(
            "More of “{theme}” for {name}: it goes first when several questions wait, and comes about twice as often where "
            "it repeats every few weeks or days.", theme=called, name=name,
        )  # fmt: skip
    if level == LESS:
        return say(
            "Less of “{theme}” for {name}: where it repeats, it comes half as often; what comes once comes as planned.",
            theme=called, name=name,
        )  # fmt: skip
    return say("“{theme}” comes as planned again for {name}.", theme=called, name=name)
