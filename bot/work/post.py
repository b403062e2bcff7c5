"""What the postman carries, what all postmen of a process share, and how a message ends that was not sent."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import plans
from bot.db.tables import AskedQuestion, Delivery, Marker
from bot.domain.delivery import POLICIES, Kind, NotSent, Outcome, State, Why
from bot.domain.searching import Trace
from bot.failpoints import during, reach
from bot.work import closing, undelivered, untold
from bot.work.leases import Right
from bot.work.practice import Practice
from bot.work.searches import Searches

_TRIES = 6


@dataclass(frozen=True)
class Outgoing:
    """One call to make: what the sender needs and nothing else."""

    id: UUID
    token: UUID
    chat_id: int
    lane: int
    method: str
    payload: dict[str, Any] = field(repr=False)
    message_id: int | None = None
    file: tuple[str, str, bytes] | None = field(default=None, repr=False)  # the field it goes into, its name, its bytes


@dataclass
class Ended:
    """A call that is over, and what became of it."""

    sent: Outgoing
    outcome: Outcome
    is_over: bool = False
    error: Exception | None = None  # why it could not be written down


@dataclass(frozen=True)
class Search(Outgoing):
    """No message to send but messages to look for, in a chat where the fate of some is unknown."""


class Sender(Protocol):
    async def send(self, outgoing: Outgoing) -> Outcome: ...

    async def touch(self, method: str, chat_id: int, message_id: int, payload: dict[str, Any]) -> Trace | NotSent:
        """An edit that is meant to be refused: what the refusal says."""

    async def unfetched(self) -> int | None:
        """How many updates wait at Telegram; None when it does not say."""


@dataclass
class Post:
    """What all postmen of this process share: until when Telegram has asked everybody to wait, and what is looked for."""

    held_until: datetime | None = None
    held_for: timedelta = timedelta(0)  # as Telegram said it
    right: Right | None = None  # to send at all; None where there is only one process
    searches: Searches = field(default_factory=Searches)
    ended: list[Ended] = field(default_factory=list)  # calls whose end has not been written down
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def clock_was_set(self, by: timedelta, now: datetime) -> None:
        """A pause is as long as it was, whether it began before or after."""
        if self.held_until is not None:
            self.held_until = min(self.held_until + by, now + self.held_for)
        self.searches.clock_was_set()

    def is_held(self, now: datetime) -> bool:
        return self.held_until is not None and now < self.held_until

    def hold(self, outcome: NotSent, now: datetime) -> None:
        """Telegram's own word about when to go on."""
        if outcome.everyone and outcome.after is not None:
            self.hold_until(now + timedelta(seconds=outcome.after), now)

    def hold_until(self, again: datetime, now: datetime) -> None:
        if self.held_until is None or again > self.held_until:
            self.held_until, self.held_for = again, again - now


async def ask(
    sender: Sender, post: Post, method: str, chat_id: int, message_id: int, payload: dict[str, Any], now: datetime
) -> Trace:
    """One edit that is meant to be refused. None is made while Telegram holds us; an odd answer counts if it is the only
    one there is."""
    traces = set[Trace]()
    for _ in range(_TRIES):
        if post.is_held(now):
            break
        reach("probe.before")
        with during("probe.middle"):
            trace = await sender.touch(method, chat_id, message_id, payload)
        reach("probe.after")
        post.searches.called(now, is_answered=trace != Trace.unclear, is_search=True)
        if isinstance(trace, NotSent):
            post.hold(trace, now)
            trace = Trace.unclear
        if trace not in (Trace.odd, Trace.unclear):
            return trace
        traces.add(trace)
    return Trace.odd if traces == {Trace.odd} else Trace.unclear


async def end(practice: Practice, db: AsyncSession, row: Delivery, state: State, reason: Why, now: datetime) -> None:
    """A message will not be sent (any more): whatever hangs on it learns so."""
    row.state, row.reason, row.payload = state, reason, None
    if row.question_id is not None and row.kind == Kind.prompt:
        ended = "not_asked" if state == State.cancelled else "expired"
        await closing.expire_question(db, row.question_id, ended, reason, now)
    await untold.end(db, row, now)
    await undelivered.tell(practice, db, row, now)


async def is_asked(db: AsyncSession, prompt: Delivery) -> bool:
    """Whether its question, or its plan, still waits for an answer: it may have had one, or be over, meanwhile."""
    if prompt.question_id is not None:
        return (await db.get_one(AskedQuestion, prompt.question_id)).state == "open"
    if prompt.answer_id is not None:
        found = await plans.of_answer(db, prompt.answer_id)
        return found is not None and found.state == "asked"
    return True


def can_be_kept(row: Delivery) -> bool:
    """Whether it waits until its reader can be reached again: not what answers something they have just written."""
    return row.lane != POLICIES[Kind.reply].lane or row.kind == Kind.news


def keep_back(row: Delivery, now: datetime) -> None:
    """Nobody is there to read it: it waits until they are back (`outbox.release`), or until it is too late."""
    row.state, row.reason, row.attempt, row.lease_token = State.pending, Why.unreachable, 0, None
    row.due_at = row.expires_at or now + timedelta(days=1)


async def mark(db: AsyncSession, name: str, value: str, now: datetime) -> None:
    marker = await db.get(Marker, name)
    if marker is None:
        db.add(Marker(name=name, value=value, at=now))
    else:
        marker.value, marker.at = value, now
