"""What makes sense right now, and the commands of one's roles in a few lines; also their order in the menu."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.db import enrolments, people
from bot.db.tables import Person, Pin
from bot.domain.schedule import local
from bot.domain.spans import ENDLESS
from bot.domain.text import Block, Span, bold, message, plain
from bot.i18n import Say
from bot.work import stuck
from bot.work.practice import Turn, name_of

_COACHING = ("brief", "digest", "words", "leaders", "leader", "session", "note", "ask", "blocker", "focus", "invite")
_ANSWERING = ("win", "wobble", "boundary", "peer", "agenda")
_LOOKING = ("next", "journal", "progress", "read", "sessions", "calendar")
_RUNNING = ("sequences", "enrol", "hand", "reload", "status")
_SETTING = ("pause", "resume", "when", "sharing", "timezone", "language")
_OWNING = ("privacy", "export", "delete")
_IN_ORDER = (*_COACHING, *_ANSWERING, *_LOOKING, *_RUNNING, *_SETTING, *_OWNING, "help")
Run = Callable[[Turn, str], Awaitable[None]]


@dataclass(frozen=True)
class Command:
    """`/name`: who may use it, what it does, and one line about it in the reader's language."""

    name: str
    roles: frozenset[str]
    run: Run
    about: Callable[[Say], str]


def for_menu(commands: Sequence[Command], roles: frozenset[str]) -> list[Command]:
    """A person's commands, the most used first."""
    mine = [command for command in commands if command.roles & roles]
    place = {name: number for number, name in enumerate(_IN_ORDER)}
    return sorted(mine, key=lambda command: place.get(command.name, place["help"]))


async def show(turn: Turn, commands: Sequence[Command], roles: frozenset[str]) -> None:
    say = turn.say
    useless = "pause" if turn.me.paused_until is not None else "resume"
    names = [command.name for command in for_menu(commands, roles) if command.name != useless]
    await turn.reply(
        message(
            bold(say("What you can do here")),
            *await right_now(turn),
            *_lines(names, say),
            plain(_hint(say, roles)),
            plain(say("The menu beside the text field says what each command does. When something cannot wait: /urgent")),
        )
    )


def _lines(names: list[str], say: Say) -> list[Block]:
    """A heading and its commands; one that is in no group stands with the settings."""
    groups = [
        (say("My leaders"), _COACHING),
        (say("Answer and note"), _ANSWERING),
        (say("Look back and ahead"), _LOOKING),
        (say("How it runs"), _RUNNING),
        (say("My settings"), (*_SETTING, *(name for name in names if name not in _IN_ORDER))),
        (say("My data"), _OWNING),
    ]
    blocks = []
    for heading, members in groups:
        if mine := [f"/{name}" for name in names if name in members]:
            blocks.append(Block((Span(heading, "bold"), Span("\n" + "  ".join(mine)))))
    return blocks


def _hint(say: Say, roles: frozenset[str]) -> str:
    if "leader" in roles:
        return say(
            "Questions are answered by a tap, in words or by voice. Anything else you write here is kept for you, and "
            "shared only if you say so."
        )
    if "coach" in roles:
        return say("Your leaders' words reach you before each session and once a week.")
    return say("A sequence file sent here is checked before anything changes.")


async def right_now(turn: Turn) -> list[Block]:
    """What there is to do at this moment, by role; nothing of what anybody said."""
    lines: list[str] = []
    if turn.me.is_leader:
        lines += await _for_leader(turn)
    if turn.me.is_coach:
        lines += await _for_coach(turn)
    if turn.me.is_admin:
        lines += await _for_admin(turn)
    return [plain("\n".join(lines))] if lines else []


async def _for_leader(turn: Turn) -> list[str]:
    say, me = turn.say, turn.me
    engagement = await people.engagement_of(turn.db, me.id)
    if engagement is None:
        return [say("Nobody coaches you here at the moment; what you wrote stays yours.")]
    lines = []
    if await enrolments.open_occurrence(turn.db, me.id) is not None:
        lines.append(say("A question is waiting for you, a little further up in this chat."))
    if me.paused_until == ENDLESS:
        lines.append(say("Questions are paused; /resume starts them again."))
    elif me.paused_until is not None:
        day = say.day(local(me.paused_until, me.zone).date())
        lines.append(say("Questions are paused until {day}; /resume starts them earlier.", day=day))
    session = await enrolments.next_session(turn.db, engagement.id, turn.now)
    if session is None:
        coach = await name_of(turn.practice, await turn.db.get_one(Person, engagement.coach_id))
        lines.append(say("No session is planned at the moment; {coach} plans them.", coach=coach))
    else:
        lines.append(say("Your next session is on {moment}.", moment=say.moment(session.starts_at, me.zone)))
    pins = select(func.count()).where(Pin.engagement_id == engagement.id, Pin.cleared_at.is_(None))
    if brought := await turn.db.scalar(pins):
        lines.append(say.plural("{n} point is on your agenda: /agenda", "{n} points are on your agenda: /agenda", brought))
    return lines


async def _for_coach(turn: Turn) -> list[str]:
    say = turn.say
    led = await people.led_by(turn.db, turn.me.id)
    if not led:
        return [say("You have no leaders here yet: /invite Jack brings in the first.")]
    planned = [(await enrolments.next_session(turn.db, engagement.id, turn.now), leader) for engagement, leader in led]
    coming = [(session.starts_at, leader) for session, leader in planned if session is not None]
    lines = []
    if coming:
        starts_at, leader = min(coming, key=lambda pair: pair[0])
        name, moment = await name_of(turn.practice, leader), say.moment(starts_at, turn.me.zone)
        lines.append(say("Your next session is with {name}, on {moment}: /brief {name}", name=name, moment=moment))
    if without := len(led) - len(coming):
        lines.append(
            say.plural(
                "{n} leader has no session planned: /session", "{n} leaders have no session planned: /session", without
            )
        )
    return lines


async def _for_admin(turn: Turn) -> list[str]:
    say = turn.say
    lines = []
    if not await people.coaches(turn.db):
        lines.append(say("There is no coach here yet: /invite Jack brings in the first."))
    if failing := await stuck.count(turn.db, turn.now):
        lines.append(say.plural("{n} thing keeps failing: /status", "{n} things keep failing: /status", failing))
    return lines
