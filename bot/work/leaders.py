"""A coach's leaders: the list, and a card for each whose buttons set what the coach knows of the engagement."""

import re
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from bot.db import enrolments, people
from bot.db.tables import Engagement, Person
from bot.domain import names, phrases
from bot.domain.blockers import clipped
from bot.domain.schedule import local
from bot.domain.text import Button, Message, bold, message, plain
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import blockers, expecting, sequences
from bot.work.practice import Turn, name_of

_FIELD_LIMIT = 80
_NAME_WORDS = 5
_LISTED = 25  # in one message: so many of the longest names, with their next sessions, fit into it
_ANOTHER = re.compile(r"\s(/(?:note|ask|blocker|focus))(?=\s)", re.IGNORECASE)
_PLANNED_BY = ("role", "promoted_on")  # what the conditions of a step may look at


async def find_leader(turn: Turn, name: str) -> tuple[Engagement, Person]:
    """One of the coach's own leaders by name or its beginning; another coach's leader is nobody here."""
    led = await people.led_by(turn.db, turn.me.id)
    known = [await name_of(turn.practice, person) for _, person in led]
    found = names.meant(name, known)
    if len(found) == 1:
        return led[found[0]]
    _refuse_several(turn, [known[i] for i in found])
    if not led:
        raise RefusedError(turn.say("You have no leaders yet. /invite Jack brings in the first."))
    _refuse_what_follows(turn, name, known)
    raise RefusedError(turn.say("There is no leader of that name. Yours are: {known}.", known=turn.say.list(known)))


def _refuse_several(turn: Turn, alike: list[str]) -> None:
    if alike:
        raise RefusedError(turn.say("More than one leader is called that: {known}.", known=turn.say.list(alike)))


def _refuse_what_follows(turn: Turn, text: str, known: list[str]) -> None:
    """`Jack in 2 hours`: the name is right, and it is the words behind it that nothing can be done with."""
    words = text.split()
    for count in range(min(len(words) - 1, _NAME_WORDS), 0, -1):
        for i in names.named_by(" ".join(words[:count]).rstrip(":,"), known, form=names.loose):
            rest = " ".join(words[count:])[:40]
            raise RefusedError(turn.say("After {name}, I did not understand “{words}”.", name=known[i], words=rest))


def _refuse_two_orders(turn: Turn, text: str) -> None:
    """`a /note Tom b`: Telegram hands over both as one; what is meant for Tom must not end up with somebody else."""
    if found := _ANOTHER.search(text):
        raise RefusedError(
            turn.say("There is a second {command} in this message, so nothing was done. Please send each by itself.",
                     command=found[1])
        )  # fmt: skip


async def find_leader_in(turn: Turn, text: str) -> tuple[Engagement, Person, str]:
    """`Jack Brown it went well`: whose name the text begins with, and what follows it."""
    words = list(re.finditer(r"\S+", text))
    if not words:
        raise RefusedError(turn.say("Please begin with the leader’s name."))
    _refuse_two_orders(turn, text)
    known = [await name_of(turn.practice, person) for _, person in await people.led_by(turn.db, turn.me.id)]
    first = words[0][0].rstrip(":,")
    for form in (names.bare, names.loose):
        for count in range(min(len(words), _NAME_WORDS), 1, -1):
            wanted = " ".join(word[0] for word in words[:count]).rstrip(":,")
            if found := names.named_by(wanted, known, form=form):
                if form is names.loose:  # "Jo Marie ..." with a Jo and a Jo-Marie: nobody can know whose words these are
                    _refuse_several(turn, _if_others([known[i] for i in found], known, first))
                return *await find_leader(turn, wanted), text[words[count - 1].end() :].strip()
    return *await find_leader(turn, first), text[words[0].end() :].strip()


def _if_others(found: list[str], known: list[str], first: str) -> list[str]:
    """Those of this name together with who is called by its first word alone, if there is anybody."""
    others = [name for name in known if names.bare(name) == names.bare(first)]
    return [*others, *found] if others else []


async def not_led(turn: Turn, engagement_id: UUID) -> RefusedError:
    """Why a button of an older message opens nothing: one's own coaching has ended, or there is nobody one may know."""
    say, known = turn.say, await turn.db.get(Engagement, engagement_id)
    if known is None or known.coach_id != turn.me.id or known.ended_at is None:
        return RefusedError(say("There is nobody of that name."))
    day = say.day(local(known.ended_at, turn.me.zone).date())
    return RefusedError(say("This coaching ended on {day}. What you have received stays in this chat.", day=day))


async def leaders(turn: Turn, _text: str) -> None:
    led = await people.led_by(turn.db, turn.me.id)
    if not led:
        raise RefusedError(turn.say("You have no leaders yet. /invite Jack brings in the first."))
    for start in range(0, len(led), _LISTED):
        await turn.reply(await _listed(turn, led[start : start + _LISTED]))


async def _listed(turn: Turn, led: Sequence[tuple[Engagement, Person]]) -> Message:
    say, lines, rows = turn.say, [], []
    for engagement, person in led:
        name = await name_of(turn.practice, person)
        session = await enrolments.next_session(turn.db, engagement.id, turn.now)
        when = say.moment(session.starts_at, turn.me.zone) if session else say("no session planned")
        lines.append(f"{name} · {when}{_state(say, person)}")
        rows.append([Button(name, ("leader.card", engagement.id))])
    return message(bold(say("Your leaders")), plain("\n".join(lines)), buttons=rows)


def _state(say: Say, person: Person) -> str:
    if person.state == "unreachable":
        return " · " + say("cannot be reached")
    return " · " + say("paused") if person.paused_until else ""


async def leader(turn: Turn, text: str) -> None:
    """`/leader Jack`: the card."""
    if not text.strip():
        await leaders(turn, "")
        return
    await _show_card(turn, *await find_leader(turn, text))


async def _led(turn: Turn, engagement_id: str) -> tuple[Engagement, Person]:
    found = await people.engagement_for(turn.db, UUID(engagement_id), turn.me.id)
    if found is None:
        raise RefusedError(turn.say("There is nobody of that name."))
    return found


async def card(turn: Turn, engagement_id: str) -> None:
    await _show_card(turn, *await _led(turn, engagement_id))


async def _show_card(turn: Turn, engagement: Engagement, person: Person) -> None:
    await turn.reply(await _card(turn, engagement, person), about=person.id)


async def _card(turn: Turn, engagement: Engagement, person: Person) -> Message:
    say, name = turn.say, await name_of(turn.practice, person)
    box = await turn.practice.vault.box(person.id, "shared")
    unset = say("not set")
    sealed = {"organisation": engagement.organisation, "role": engagement.role}
    known = {k: box.open(f"engagement.{k}", engagement.id, v) if v else unset for k, v in sealed.items()}
    promoted = say.day(engagement.promoted_on) + f" {engagement.promoted_on.year}" if engagement.promoted_on else unset
    session = await enrolments.next_session(turn.db, engagement.id, turn.now)
    active = await sequences.followed_by(turn.db, engagement.id)
    follows = [await sequences.called(turn.practice, turn.db, enrolment, say) for enrolment in active]
    supposed = [clipped(one.text) for one in await blockers.of(turn.practice, turn.db, engagement)]
    lowered = [theme_name(say, theme) for theme in engagement.lowered]
    lines = [
        say("Organisation: {value}", value=known["organisation"]),
        say("Role: {value}", value=known["role"]),
        say("Promoted on: {value}", value=promoted),
        say("Focus: {value}", value=", ".join(theme_name(say, t) for t in engagement.focus) or unset),
        *([say("Less often: {value}", value=", ".join(lowered))] if lowered else []),
        say("Hypotheses: {value}", value=", ".join(supposed) or unset),
        say("Next session: {value}", value=say.moment(session.starts_at, turn.me.zone) if session else unset),
        say("Follows: {value}", value=", ".join(follows) or "–"),
        say("Time zone: {value}", value=person.zone),
    ]
    rows = [
        [Button(say("Organisation"), ("leader.ask", engagement.id, "organisation")),
         Button(say("Role"), ("leader.ask", engagement.id, "role"))],
        [Button(say("Promoted on"), ("leader.ask", engagement.id, "promoted_on")),
         Button(say("Focus"), ("leader.focus", engagement.id))],
        [Button(say("Hypotheses"), ("blocker.list", engagement.id)),
         Button(say("Session"), ("session.day", engagement.id))],
        [Button(say("Brief"), ("brief.show", engagement.id)),
         Button(say("Sequences"), ("enrol.who", engagement.id))],
        [Button(say("Close the coaching"), ("go.ask_close", engagement.id))],
    ]  # fmt: skip
    return message(bold(name + _state(say, person)), plain("\n".join(lines)), buttons=rows)


def theme_name(say: Say, theme: str) -> str:
    """A theme in a person's language."""
    return {
        "confidence": say("confidence"),
        "boundaries": say("boundaries"),
        "team": say("team"),
        "peers": say("peers"),
        "own-work": say("own work"),
        "lightness": say("lightness"),
        "session": say("the session"),
        "pulse": say("pulse"),
        "moment": say("written unasked"),
    }.get(theme, theme)


async def ask_field(turn: Turn, engagement_id: str, field: str) -> None:
    """Ask for the words of one field of the card."""
    await _led(turn, engagement_id)
    say = turn.say
    prompts = {
        "organisation": say("Which organisation?"),
        "role": say("Which role?"),
        "promoted_on": say("Promoted on which date? For example: 1 Sep 2026"),
    }
    if field not in prompts:
        raise RefusedError(say("This button is no longer in use."))
    await expecting.expect(turn, "leader.field", {"engagement": engagement_id, "field": field})
    await turn.reply(message(plain(prompts[field]), placeholder=prompts[field][:64]))


async def set_field(turn: Turn, text: str, engagement_id: str, field: str) -> None:
    engagement, person = await _led(turn, engagement_id)
    if field == "promoted_on":
        engagement.promoted_on = _date(turn, _short(turn, text))
    else:
        box = await turn.practice.vault.box(person.id, "shared")
        setattr(engagement, field, box.seal(f"engagement.{field}", engagement.id, _short(turn, text)))
    await expecting.forget(turn)
    turn.audit(f"set {field}", engagement.id)
    if field in _PLANNED_BY:
        await enrolments.replan(turn.db, engagement.id, turn.now)
    await _show_card(turn, engagement, person)


def _short(turn: Turn, text: str) -> str:
    words = " ".join(text.split())
    if not words or len(words) > _FIELD_LIMIT:
        raise RefusedError(turn.say("Please keep it under {n} characters.", n=_FIELD_LIMIT))
    return words


def _date(turn: Turn, words: str) -> date:
    found = phrases.parse_date(words, local(turn.now, turn.me.zone).date(), past=True)
    if found is None:
        raise RefusedError(turn.say("That is not a date. For example: 1 Sep 2026"))
    return found
