"""Which leader? One button for each, under as many messages as that takes."""

from collections.abc import Sequence
from typing import Any

from bot.db import people
from bot.db.tables import Engagement, Person
from bot.domain.text import Block, Button, choices
from bot.errors import RefusedError
from bot.work.practice import Turn, name_of


async def own_leader(turn: Turn, action: str, *asked: Block, more: tuple[Any, ...] = ()) -> None:
    """One of the coach's own; `more` is what the action takes besides the engagement."""
    led = await people.led_by(turn.db, turn.me.id)
    if not led:
        raise RefusedError(turn.say("You have no leaders yet. /invite Jack brings in the first."))
    await _offer(turn, led, action, *asked, more=more)


async def any_leader(turn: Turn, action: str, *asked: Block) -> None:
    """One of the practice's for an administrator, of one's own for a coach."""
    led = await people.all_led(turn.db) if turn.me.is_admin else await people.led_by(turn.db, turn.me.id)
    if not led:
        raise RefusedError(turn.say("There are no leaders yet. /invite brings in the first."))
    await _offer(turn, led, action, *asked)


async def _offer(
    turn: Turn, led: Sequence[tuple[Engagement, Person]], action: str, *asked: Block, more: tuple[Any, ...] = ()
) -> None:  # fmt: skip
    rows = [
        [Button(await name_of(turn.practice, person), (action, engagement.id, *more))] for engagement, person in led
    ]
    for part in choices(*asked, buttons=rows):
        await turn.reply(part)
