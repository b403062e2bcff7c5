"""The postman's desk, with a line in Telegram's place."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from house import MONDAY, Phone

from bot.clock import SteppedClock
from bot.db.tables import Delivery, Person
from bot.db.types import new_id
from bot.domain.delivery import Kind, Outcome, Sent, Unknown
from bot.domain.searching import Trace
from bot.domain.text import message, plain
from bot.work import deliver, joining, outgoing, ticks
from bot.work.post import Outgoing, Post
from bot.work.practice import Practice, Turn, by_telegram

NINE = MONDAY + timedelta(hours=2)
LOST = Unknown("no clear answer")


class Line:
    """In Telegram's place: what becomes of each call. Nothing that is looked for can be found out."""

    def __init__(self, becomes: Callable[[Outgoing], Outcome | None] = lambda _: None) -> None:
        self._becomes = becomes
        self.sent: list[Outgoing] = []

    async def send(self, call: Outgoing) -> Outcome:
        self.sent.append(call)
        return self._becomes(call) or Sent(9_000_000 + len(self.sent), NINE)

    async def touch(self, *_: object) -> Trace:
        return Trace.unclear

    async def unfetched(self) -> int:
        return 0


class Desk:
    """The postman's desk on a clock that stands."""

    def __init__(self, practice: Practice, clock: SteppedClock) -> None:
        self.practice, self.clock, self.post, self.keys = practice, clock, Post(), iter(range(1000))

    async def queue(self, phone: Phone, kind: Kind = Kind.reply, text: str = "words") -> UUID:
        async with self.practice.database.write() as db:
            person = await by_telegram(db, phone.id)
            assert person is not None
            key, words = f"k{next(self.keys)}", message(plain(text))
            return (await outgoing.send(self.practice, db, person, kind, words, key=key, now=self.clock.now())).id

    async def moves_to(self, chat_id: int, phone: Phone) -> None:
        """They come back with another account."""
        async with self.practice.database.write() as db:
            known = await by_telegram(db, phone.id)
            assert known is not None
            new = Person(id=new_id(), telegram_id=chat_id, chat_id=chat_id, language="en", joined_at=NINE, last_seen_at=NINE)
            new.state = "joining"
            db.add(new)
            await db.flush()
            turn = Turn(self.practice, self.clock.now(), 1, chat_id, chat_id, None, person=new, transaction=db)
            await joining._move_account(turn, known.id)

    async def state(self, row_id: UUID) -> str:
        async with self.practice.database.read() as db:
            return (await db.get_one(Delivery, row_id)).state

    async def carry(self, line: Line) -> None:
        """Whatever can go now."""
        await ticks.look(self.practice, self.post)
        await ticks.settle_outbox(self.practice, self.clock.now())
        while await deliver.deliver_one(self.practice, line, self.post, self.clock.now):
            pass

    async def until_it_went(self, row_id: UUID, line: Line, step: timedelta, most: timedelta) -> timedelta:
        """How long it took."""
        began = self.clock.now()
        while self.clock.now() - began <= most:
            await self.carry(line)
            if await self.state(row_id) == "sent":
                break
            self.clock.move(self.clock.now() + step)
        return self.clock.now() - began
