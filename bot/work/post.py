"""What the postman carries, what all postmen of a process share, and how a message ends that was not sent."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import outbox
from bot.db.tables import Delivery, Marker
from bot.domain.delivery import RECONCILE_AFTER, Kind, NotSent, Outcome, State
from bot.domain.searching import Trace
from bot.failpoints import during, reach
from bot.work import plan, undelivered, untold
from bot.work.leases import Right
from bot.work.practice import Practice

_TRIES = 6
_SEARCH_AGAIN = tuple(timedelta(seconds=pause) for pause in (4, 8, 18, 30))  # the third ends with a reply's patience
_CHECK_AGAIN = tuple(timedelta(seconds=pause) for pause in (15, 30, 60))


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


@dataclass(frozen=True)
class Vain:
    """What told nothing, a search or a self-check: how often in a row, and when to try again."""

    times: int
    again_at: datetime

    @classmethod
    def after(cls, before: "Vain | None", pauses: Sequence[timedelta], now: datetime) -> "Vain":
        times = before.times + 1 if before is not None else 1
        return cls(times, now + pauses[min(times, len(pauses)) - 1])


@dataclass
class Post:
    """What all postmen of this process share: until when Telegram has asked everybody to wait, and what is looked for.

    `search_at`: when the next look for a message of unknown fate is due; None when there is none.
    """

    held_until: datetime | None = None
    held_for: timedelta = timedelta(0)  # as Telegram said it
    right: Right | None = None  # to send at all; None where there is only one process
    search_at: datetime | None = None
    began: datetime | None = None  # the first look for one, by this process
    inherited: set[UUID] = field(default_factory=set)  # what an earlier process had looked for in vain by then
    searching: set[int] = field(default_factory=set)  # chats being searched: nothing is sent there meanwhile
    vain: dict[int, Vain] = field(default_factory=dict)  # chats that were searched in vain
    checking: asyncio.Lock = field(default_factory=asyncio.Lock)
    checks: Vain | None = None  # self-checks in vain: each shows in somebody's chat
    ended: list[Ended] = field(default_factory=list)  # calls whose end has not been written down
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def look_for(self, unknown_since: datetime | None) -> None:
        """The earliest lease of a message of unknown fate; a search that was in vain is not repeated at once."""
        if unknown_since is None:
            self.search_at = None
        else:
            self.search_at = max(unknown_since + RECONCILE_AFTER, self.search_at or unknown_since)

    def clock_was_set(self, by: timedelta, now: datetime) -> None:
        """A pause is as long as it was, whether it began before or after; whatever is looked for is looked for again."""
        if self.held_until is not None:
            self.held_until = min(self.held_until + by, now + self.held_for)
        self.search_at, self.began, self.vain = None, None, {}

    def check_later(self, now: datetime) -> None:
        self.checks = Vain.after(self.checks, _CHECK_AGAIN, now)

    def search_later(self, chat_id: int, now: datetime) -> None:
        """Most often one call has failed, and the next search finds it; somebody who is cut off is asked less often."""
        self.vain[chat_id] = vain = Vain.after(self.vain.get(chat_id), _SEARCH_AGAIN, now)
        self.search_at = min(self.search_at or now, vain.again_at)

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
        if post.held_until is not None and now < post.held_until:
            break
        reach("probe.before")
        with during("probe.middle"):
            trace = await sender.touch(method, chat_id, message_id, payload)
        reach("probe.after")
        if isinstance(trace, NotSent):
            post.hold(trace, now)
            trace = Trace.unclear
        if trace not in (Trace.odd, Trace.unclear):
            return trace
        traces.add(trace)
    return Trace.odd if traces == {Trace.odd} else Trace.unclear


async def end(practice: Practice, db: AsyncSession, row: Delivery, state: State, reason: str, now: datetime) -> None:
    """A message will not be sent (any more): whatever hangs on it learns so."""
    row.state, row.reason, row.payload = state, reason, None
    if row.question_id is not None and row.kind == Kind.prompt:
        ended = "not_asked" if state == State.cancelled else "expired"
        await plan.expire_question(db, row.question_id, ended, reason, now)
    await untold.end(db, row, now)
    await undelivered.tell(practice, db, row, now)


def keep_back(row: Delivery, now: datetime) -> None:
    """Nobody is there to read it: it waits until they are back (`outbox.release`), or until it is too late."""
    row.state, row.reason, row.attempt, row.lease_token = State.pending, outbox.HELD, 0, None
    row.due_at = row.expires_at or now + timedelta(days=1)


async def mark(db: AsyncSession, name: str, value: str, now: datetime) -> None:
    marker = await db.get(Marker, name)
    if marker is None:
        db.add(Marker(name=name, value=value, at=now))
    else:
        marker.value, marker.at = value, now
