"""How calendars call a coach's leaders: learnt from the coach's own answers, sealed with each leader's shared key."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.db import people
from bot.db.tables import Engagement, Person
from bot.domain.calendars import Series, address_of
from bot.work.practice import Practice, Turn, name_of

_PLACE = "engagement.addresses"
_MOST = 5


@dataclass
class Led:
    """One of the coach's leaders, by name and by the addresses that are known."""

    engagement: Engagement
    person: Person
    name: str
    addresses: list[str]


async def led_by(turn: Turn) -> list[Led]:
    """Everybody this coach works with."""
    return [
        Led(engagement, person, await name_of(turn.practice, person), await _opened(turn.practice, engagement))
        for engagement, person in await people.led_by(turn.db, turn.me.id)
    ]


async def _opened(practice: Practice, engagement: Engagement) -> list[str]:
    if engagement.addresses is None:
        return []
    box = await practice.vault.box(engagement.leader_id, "shared")
    return list(json.loads(box.open(_PLACE, engagement.id, engagement.addresses)))


def called(series: Series, led: Sequence[Led]) -> Led | None:
    """The one leader whose address an event names."""
    named = {guest.address for guest in series.guests}
    found = [one for one in led if named & set(one.addresses)]
    return found[0] if len(found) == 1 else None


async def learn(turn: Turn, series: Series, leader: Led, led: Sequence[Led]) -> None:
    """Keep the address by which this event calls its leader. One that was taken for two people's is nobody's."""
    address = address_of(series, leader.name)
    named = {guest.address for guest in series.guests}
    for other in led:
        if other is not leader and named & set(other.addresses):
            await _keep(turn.practice, other, [one for one in other.addresses if one not in named])
            address = address if address_of(series, other.name) is None else None
    if address is not None and address not in leader.addresses:
        await _keep(turn.practice, leader, [*leader.addresses, address][-_MOST:])


async def _keep(practice: Practice, leader: Led, addresses: list[str]) -> None:
    leader.addresses = addresses
    box = await practice.vault.box(leader.engagement.leader_id, "shared")
    sealed = box.seal(_PLACE, leader.engagement.id, json.dumps(addresses))
    leader.engagement.addresses = sealed if addresses else None
