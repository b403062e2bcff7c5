"""Where a person is: a country by tap, a city only where the country has several zones, or a typed place."""

from datetime import date, datetime, time

from bot.db import enrolments, outbox
from bot.domain import places
from bot.domain.schedule import first_instant, local
from bot.domain.spans import ENDLESS
from bot.domain.text import Button, message, plain
from bot.errors import RefusedError
from bot.work import expecting, plan_when, reach
from bot.work.practice import Turn

_WIDTH = 2


async def ask_country(turn: Turn) -> None:
    say = turn.say
    buttons = [Button(c.name, ("place.country", c.code)) for c in places.common_countries(say.language)]
    rows = [buttons[start : start + _WIDTH] for start in range(0, len(buttons), _WIDTH)]
    await expecting.expect(turn, "place", {})
    text = say("Where do you work? It gives the time of day and the public holidays. Or type a city.")
    await turn.reply(message(plain(text), buttons=rows))


async def timezone(turn: Turn, text: str) -> None:
    """`/timezone`, or `/timezone Lisbon`."""
    if text.strip():
        await find(turn, text)
    else:
        await ask_country(turn)


def _today(turn: Turn) -> date:
    return local(turn.now, turn.me.zone).date()


async def choose_country(turn: Turn, code: str) -> None:
    zones = places.zones_of(code, turn.say.language, _today(turn))
    if not zones:
        raise RefusedError(turn.say("This button is no longer in use."))
    if len(zones) == 1:
        await choose_zone(turn, code, zones[0].name)
        return
    rows = [[Button(zone.city, ("place.zone", code, zone.name))] for zone in zones]
    await turn.reply(message(plain(turn.say("Which city is nearest? Or type another.")), buttons=rows))


async def choose_zone(turn: Turn, code: str, zone: str) -> None:
    await _settle(turn, zone, code or None, places.subdivision_of(code))


async def is_no_place(turn: Turn, text: str) -> bool:
    """Too long for a city; or nothing that is one, while a question is open that it may answer."""
    if len(text) > 60 or len(text.split()) > 4:
        return True
    is_place = isinstance(places.find(text, turn.say, _today(turn)), places.Place)
    return not is_place and await enrolments.open_occurrence(turn.db, turn.me.id) is not None


async def find(turn: Turn, text: str) -> None:
    """A typed place; a typo gives three suggestions."""
    found = places.find(text, turn.say, _today(turn))
    if isinstance(found, places.Place):
        await _settle(turn, found.zone, found.country or None, found.subdivision)
        return
    await expecting.expect(turn, "place", {})
    rows = [[Button(place.label, ("place.zone", place.country, place.zone))] for place in found.suggestions]
    await turn.reply(message(plain(found.sentence), buttons=rows))


async def _settle(turn: Turn, zone: str, country: str | None, subdivision: str | None) -> None:
    """Take over a zone and its country's holidays; what is planned is reckoned anew."""
    me = turn.me
    if me.paused_until is not None and me.paused_until != ENDLESS:  # until the same day, where they are
        day = local(me.paused_until, me.zone).date()
        me.paused_until = first_instant(datetime.combine(day, time.min), zone)
        await outbox.end_pause(turn.db, me.id, turn.now)  # what waits for its end is looked at again
    zone_before, me.zone, me.country, me.subdivision = me.zone, zone, country, subdivision
    await plan_when.move_with(turn, zone_before)
    await expecting.forget(turn)
    await reach.reckon_anew(turn)
    now = turn.say.clock(local(turn.now, me.zone).time())
    text = turn.say("Thank you: it is {time} where you are ({zone}).", time=now, zone=me.zone)
    await turn.reply(message(plain(text)))
