"""Whom a leader writes about, by alias: remembered for the next time, sealed under the leader's private key."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Alias, Person
from bot.db.types import new_id
from bot.domain import aliases
from bot.domain.text import Button, message, plain
from bot.errors import RefusedError
from bot.work.practice import Practice, Turn

_CONTENT = "alias.content"
_MOST_OFFERED = 6
_FORGOTTEN = timedelta(days=180)


async def buttons(
    practice: Practice, db: AsyncSession, leader: Person, action: tuple[Any, ...], now: datetime
) -> list[list[Button]]:
    """The aliases used last, two in a row; one that has not been used for half a year is offered no more."""
    known = [(row, alias) for row, alias in await _known(practice, db, leader.id) if now - row.used_at < _FORGOTTEN]
    made = [Button(alias.label, (*action, row.id)) for row, alias in known[:_MOST_OFFERED]]
    return [made[place : place + 2] for place in range(0, len(made), 2)]


async def chosen(turn: Turn, alias_id: str) -> dict[str, str]:
    """What an answer keeps of a tapped alias."""
    row = await turn.db.get(Alias, UUID(alias_id))
    if row is None or row.leader_id != turn.me.id:
        raise RefusedError(turn.say("This button is no longer in use."))
    row.used_at = turn.now
    box = await turn.practice.vault.box(turn.me.id, "private")
    return _kept(row, aliases.Alias(**json.loads(box.open(_CONTENT, row.id, row.content))))


async def named(turn: Turn, text: str, before: str = "") -> dict[str, str] | None:
    """What an answer keeps of a typed alias, a new one or one already known; None for what is no alias.

    `before` is what the message said until it was edited: then the alias made of it is renamed.
    """
    known = await _known(turn.practice, turn.db, turn.me.id)
    read = aliases.read_alias(text, [alias.emoji for _, alias in known])
    if read is None:
        return None
    row, alias = next(((row, one) for row, one in known if aliases.same(one.name, read.name)), (None, read))
    if row is None and before and (earlier := aliases.read_alias(before, ())) is not None:
        row, alias = next(
            ((old, aliases.Alias(one.emoji, read.name)) for old, one in known if aliases.same(one.name, earlier.name)),
            (None, read),
        )
        if row is not None and (fitting := aliases.animal_in(read.name)) not in ("", *(a.emoji for _, a in known)):
            alias = aliases.Alias(fitting, read.name)
    if row is None:
        row = Alias(id=new_id(), leader_id=turn.me.id, content=b"", used_at=turn.now)
        turn.db.add(row)
    box = await turn.practice.vault.box(turn.me.id, "private")
    row.content = box.seal(_CONTENT, row.id, json.dumps({"emoji": alias.emoji, "name": alias.name}))
    row.used_at = turn.now
    if aliases.looks_like_a_name(alias.name):
        await turn.reply(message(plain(_gently(turn))))
    return _kept(row, alias)


def check(turn: Turn, text: str) -> None:
    """Refuse what is neither an alias nor a story: it would be offered as a button from now on."""
    if aliases.is_mistyped(text):
        raise RefusedError(turn.say("That does not look like an alias. A short word is enough, such as “Fox”."))


def _gently(turn: Turn) -> str:
    return turn.say("That looks like a full name. An alias is safer for everyone; editing your message changes it.")


def _kept(row: Alias, alias: aliases.Alias) -> dict[str, str]:
    return {"alias": str(row.id), "label": alias.label}


async def _known(practice: Practice, db: AsyncSession, leader_id: UUID) -> list[tuple[Alias, aliases.Alias]]:
    """A leader's aliases, the one used last first."""
    box = await practice.vault.box(leader_id, "private")
    query = select(Alias).where(Alias.leader_id == leader_id).order_by(Alias.used_at.desc(), Alias.id.desc())
    rows = list(await db.scalars(query))
    return [(row, aliases.Alias(**json.loads(box.open(_CONTENT, row.id, row.content)))) for row in rows]
