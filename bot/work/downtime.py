"""Who was away for long tells people what may be missing: Telegram keeps messages for a day and taps for 150 seconds.

When updates last came through is written down every quarter of an hour; it is the fetching that counts, not the process.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Delivery, Marker, Person
from bot.domain.delivery import Kind
from bot.domain.text import Message, message, plain
from bot.errors import UnreadableError
from bot.i18n import Say
from bot.log import get_logger
from bot.skew import MOST
from bot.work import outgoing
from bot.work.deliver import mark
from bot.work.practice import Practice

log = get_logger(__name__)

SEEN = "seen"
RESTORED = "restored"
"""The value of the marker after a restore: what was acknowledged since then is gone, however short it was."""

LONG = timedelta(hours=23)
_EVERY = timedelta(minutes=15)
_BATCH = 100


@dataclass
class Presence:
    """Called after every fetch that worked. `jumps`: a rehearsal's clock moves by days while nobody is away."""

    practice: Practice
    jumps: bool = False
    _noted: datetime | None = None

    async def seen(self, now: datetime) -> None:
        if self._noted is not None and timedelta(0) <= now - self._noted < _EVERY:
            return
        if abs(self.practice.vitals.skew or 0) > MOST:  # how long it was nobody knows
            return
        was_here = self.jumps and self._noted is not None
        async with self.practice.database.read() as db:
            last = await db.get(Marker, SEEN)
        if last is not None and not was_here and (last.value == RESTORED or now - last.at >= LONG):
            await _tell_everybody(self.practice, last, now)
        async with self.practice.database.write() as db:
            await mark(db, SEEN, "fetched", now)
        self._noted = now


async def _tell_everybody(practice: Practice, last: Marker, now: datetime) -> None:
    """In batches, as people's answers wait for the writer; begun anew after a crash, nobody is told twice."""
    log.warning("was away", seconds=int((now - last.at).total_seconds()))
    after = UUID(int=0)
    while True:
        async with practice.database.write() as db:
            query = select(Person).where(Person.id > after, Person.chat_id.is_not(None), _concerns(last, now))
            people = list(await db.scalars(query.order_by(Person.id).limit(_BATCH)))
            for person in people:
                await _tell(practice, db, person, last, now)
        if len(people) < _BATCH:
            return
        after = people[-1].id


def _concerns(last: Marker, now: datetime) -> ColumnElement[bool]:
    """Of a restore everybody hears: they may have been told that their words are kept. Who cannot be reached now hears it
    when they are back."""
    if last.value == RESTORED:
        return Person.state.in_(["active", "unreachable"])
    return and_(Person.state == "active", or_(Person.paused_until.is_(None), Person.paused_until <= now))


async def _tell(practice: Practice, db: AsyncSession, person: Person, last: Marker, now: datetime) -> None:
    key = f"away:{last.at:%Y%m%dT%H%M%S}:{person.id}"
    if await db.scalar(select(Delivery.id).where(Delivery.dedupe_key == key)) is not None:
        return
    told = _text(Say(person.language), last, now, person.zone)
    try:
        kind = Kind.notice if person.state == "active" else Kind.news
        await outgoing.send(practice, db, person, kind, told, key=key, now=now)
    except UnreadableError:  # without keys nothing can be sealed for them; the others are told all the same
        log.warning("not told", id=person.id)


def _text(say: Say, last: Marker, now: datetime, zone: str) -> Message:
    since, until = say.moment(last.at, zone), say.moment(now, zone)
    if last.value == RESTORED:
        text = say(
            "Something broke here, and I had to go back to how things stood on {since}. What you wrote, tapped or changed "
            "after that is gone on my side: answers, sessions, pauses, who reads what. Please look, and do again what "
            "matters to you. I am sorry.",
            since=since,
        )
    else:
        text = say(
            "I was away from {since} to {until}. What you wrote or tapped in that time may not have reached me: if "
            "something is missing, please send it again. The buttons in this chat still work.",
            since=since, until=until,
        )  # fmt: skip
    return message(plain(text))
