"""Inviting: a name, a role, for a leader the sequences that start; then a link that works once, for seven days."""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot import catalog
from bot.db import people
from bot.db.tables import Invite, Person
from bot.db.types import new_id
from bot.domain.names import alike
from bot.domain.text import Button, Message, message, plain
from bot.errors import RefusedError
from bot.vault import PRACTICE
from bot.work import sequences
from bot.work.joining import INVITE_LASTS, token_hash
from bot.work.practice import Practice, Turn, name_of

DEFAULT_SEQUENCES = ("first-six-weeks", "pulse")
NAME_LIMIT = 60


async def invite(turn: Turn, name: str) -> None:
    """`/invite Jack`: a coach invites a leader; an admin says first as what."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_LIMIT:
        raise RefusedError(turn.say("Please add the first name: /invite Jack"))
    draft = await _draft(turn, name)
    if turn.me.is_admin:
        await _ask_role(turn, draft, name)
        return
    draft.role, draft.coach_id = "leader-draft", turn.me.id
    await _ask_known_or_new(turn, draft, name)


async def _draft(turn: Turn, name: str) -> Invite:
    draft = Invite(
        id=new_id(), token_hash=token_hash(secrets.token_urlsafe(24)), role="draft", inviter_id=turn.me.id,
        sequences=[], made_at=turn.now, expires_at=turn.now + INVITE_LASTS,
    )  # fmt: skip
    box = await turn.practice.vault.box(PRACTICE, "practice")
    draft.name = box.seal("invite.name", draft.id, name)
    turn.db.add(draft)
    await turn.db.flush()
    return draft


async def _ask_role(turn: Turn, draft: Invite, name: str) -> None:
    say = turn.say
    rows = [[Button(say("as a coach"), ("invite.role", draft.id, "coach"))]]
    for coach in await people.coaches(turn.db):
        label = say("as a leader of {coach}", coach=await name_of(turn.practice, coach))
        rows.append([Button(label, ("invite.leader", draft.id, coach.id))])
    rows.append([Button(say("as an administrator"), ("invite.role", draft.id, "admin"))])
    await turn.reply(message(plain(say("What will {name} be here?", name=name)), buttons=rows))


async def _own_draft(turn: Turn, draft_id: str) -> Invite:
    draft = await turn.db.get(Invite, UUID(draft_id))
    if draft is None or draft.inviter_id != turn.me.id or not draft.role.endswith("draft"):
        raise RefusedError(turn.say("This link has been made already. /invite makes another."))
    return draft


async def choose_role(turn: Turn, draft_id: str, role: str) -> None:
    """An admin invites a coach or another admin."""
    draft = await _own_draft(turn, draft_id)
    if not turn.me.is_admin or role not in ("coach", "admin"):
        raise RefusedError(turn.say("Only an administrator can do this."))
    draft.role = role
    await _hand_over_link(turn, draft)


async def choose_leader(turn: Turn, draft_id: str, coach_id: str) -> None:
    """An admin invites a leader for one of the coaches."""
    draft = await _own_draft(turn, draft_id)
    coach = await turn.db.get(Person, UUID(coach_id))
    if not turn.me.is_admin or coach is None or not coach.is_coach:
        raise RefusedError(turn.say("Only an administrator can do this."))
    draft.role, draft.coach_id = "leader-draft", coach.id
    await _ask_known_or_new(turn, draft, await _name(turn, draft))


async def _ask_known_or_new(turn: Turn, draft: Invite, name: str) -> None:
    """A name the coach already works with: somebody new, or the same person on another account?"""
    assert draft.coach_id is not None
    namesake = await _namesake(turn.practice, turn.db, draft.coach_id, name)
    if namesake is None:
        await _ask_sequences(turn, draft, name)
        return
    say = turn.say
    await turn.reply(
        message(
            plain(say("{name} is already here. Who is the new link for?", name=name)),
            buttons=[
                [Button(say("{name}, on another account", name=name), ("invite.move", draft.id, namesake.id))],
                [Button(say("somebody else called {name}", name=name), ("invite.new", draft.id))],
            ],
        )
    )


async def _namesake(practice: Practice, db: AsyncSession, coach_id: UUID, name: str) -> Person | None:
    for _, person in await people.led_by(db, coach_id):
        if alike(await name_of(practice, person), name):
            return person
    return None


async def move(turn: Turn, draft_id: str, person_id: str) -> None:
    """The link moves a leader to another account; what they follow stays."""
    draft = await _own_draft(turn, draft_id)
    assert draft.coach_id is not None
    led = {person.id for _, person in await people.led_by(turn.db, draft.coach_id)}
    if UUID(person_id) not in led:
        raise RefusedError(turn.say("There is nobody of that name."))
    draft.role, draft.person_id = "leader", UUID(person_id)
    await _hand_over_link(turn, draft)


async def newcomer(turn: Turn, draft_id: str) -> None:
    draft = await _own_draft(turn, draft_id)
    await _ask_sequences(turn, draft, await _name(turn, draft))


async def _ask_sequences(turn: Turn, draft: Invite, name: str) -> None:
    available = {version.name for version in await sequences.in_force(turn.db)}
    draft.sequences = [sequence for sequence in DEFAULT_SEQUENCES if sequence in available]
    await turn.reply(await _sequence_choice(turn, draft, name))


async def toggle(turn: Turn, draft_id: str, sequence: str) -> Message:
    """Tick or untick a sequence; the message with the new ticks."""
    draft = await _own_draft(turn, draft_id)
    chosen = list(draft.sequences)
    draft.sequences = [s for s in chosen if s != sequence] if sequence in chosen else [*chosen, sequence]
    return await _sequence_choice(turn, draft, await _name(turn, draft))


async def _sequence_choice(turn: Turn, draft: Invite, name: str) -> Message:
    say, rows, chosen = turn.say, [], []
    for version in await sequences.in_force(turn.db):
        sequence = sequences.parsed(turn.practice, version)
        chosen += [sequence] if version.name in draft.sequences else []
        mark = "✓ " if version.name in draft.sequences else ""
        rows.append([Button(mark + sequence.title[say.language], ("invite.toggle", draft.id, version.name))])
    rows.append([Button(say("Make the link"), ("invite.make", draft.id))])
    heavy = catalog.together([(sequence, 0) for sequence in chosen], say)
    asked = plain(say("Which sequences start when {name} joins?", name=name))
    return message(asked, *sequences.heavy_block(say, heavy), buttons=rows)


async def make(turn: Turn, draft_id: str) -> None:
    draft = await _own_draft(turn, draft_id)
    if draft.coach_id is None:
        raise RefusedError(turn.say("This link has been made already. /invite makes another."))
    draft.role = "leader"
    await _hand_over_link(turn, draft)


async def _name(turn: Turn, draft: Invite) -> str:
    box = await turn.practice.vault.box(PRACTICE, "practice")
    return box.open("invite.name", draft.id, draft.name or b"")


async def _hand_over_link(turn: Turn, draft: Invite) -> None:
    token = secrets.token_urlsafe(24)  # 192 bits; only its hash is kept
    draft.token_hash, draft.expires_at = token_hash(token), turn.now + INVITE_LASTS
    turn.audit(f"invited a {draft.role}", draft.id)
    say = turn.say
    until = say.moment(draft.expires_at, turn.me.zone)
    name = await _name(turn, draft)
    forward = say("Forward the next message to {name}. The link works once, until {until}.", name=name, until=until)
    await turn.reply(message(plain(forward)))
    hello = say("Hello {name}, here is your link to Interlude:", name=name)
    await turn.reply(message(plain(hello), plain(link(turn.practice.bot_name, token))))


def link(bot_name: str, token: str) -> str:
    return f"https://t.me/{bot_name}?start={token}"


async def first_admin(db: AsyncSession, now: datetime) -> str:
    """A token for the first admin, printed by `interlude admin link`."""
    token = secrets.token_urlsafe(24)
    db.add(
        Invite(
            id=new_id(), token_hash=token_hash(token), role="admin", sequences=[], made_at=now,
            expires_at=now + INVITE_LASTS,
        )
    )  # fmt: skip
    return token

