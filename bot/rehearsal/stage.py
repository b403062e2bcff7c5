"""The stage: a clock that stands, and the processes that follow it, each given its turn at every step."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.rehearsal.connections import Broken
from bot.rehearsal.errors import UnplayableError
from bot.rehearsal.updates import expire_updates, waiting_updates
from bot.rehearsal.world import World

FOLLOW_S = 20.0  # a follower's long poll, real seconds
PATIENCE_S = 60.0  # how long the clock waits for a busy follower, real seconds
FORGET_S = 62.0  # after how long without a sign of life a busy follower is given up
GRACE_S = 4.0  # how long a busy follower may be silent once its process seems to have died
SETTLE_S = 20.0  # how long a phone's request waits for the bot to be done
NUDGES = 20  # how often a follower may say "I have something to do now" and then do nothing

Step = Callable[[], Awaitable[datetime | None]]


@dataclass
class Follower:
    """A process that takes its time from here; idle while it waits in a call and nothing is new for it."""

    name: str
    next_due: datetime | None = None
    calls: int = 0  # calls waiting at this moment (a retried one may overlap)
    seen: int = -1  # the last turn it was told of
    heard: float = 0.0  # monotonic time of its last sign of life
    keeps_connection: bool = False
    lost: float | None = None  # monotonic time at which its promised connection broke


class Timekeeper:
    """Who follows the clock, and the one way to move it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.followers: dict[str, Follower] = {}
        self._moving = asyncio.Lock()
        self._idle_turn = -1  # the last turn after which everything had been idle

    # ---- following ----

    async def follow(
        self, name: str, next_due: datetime | None, broken: Broken, *, keeps_connection: bool = False
    ) -> datetime:
        """The follower is idle until something is new; from the answer until its next call it is busy."""
        follower = self.followers.setdefault(name, Follower(name))
        follower.keeps_connection, follower.lost = keeps_connection, None
        follower.next_due, follower.calls = next_due, follower.calls + 1
        self.world.clock.stand()
        if follower.seen < 0:
            # A newcomer has seen everything, except that updates may be waiting for it.
            follower.seen = self.world.turn - (1 if waiting_updates(self.world) else 0)
        self.world.turns.beat()
        self.world.tell("clock")
        gone = asyncio.create_task(broken())
        try:
            await self._something_new(follower, gone)
        finally:
            gone.cancel()
            follower.calls -= 1
            follower.heard = time.monotonic()
            if gone.done() and not gone.cancelled() and not follower.calls:
                self.forget(name)
            follower.seen = self.world.turn
            self.world.turns.beat()
        return self.world.now()

    async def _something_new(self, follower: Follower, gone: "asyncio.Task[Any]") -> None:
        until = time.monotonic() + FOLLOW_S
        while follower.seen >= self.world.turn and (left := until - time.monotonic()) > 0:
            beat: asyncio.Task[Any] = asyncio.create_task(self.world.turns.next(left))
            await asyncio.wait({beat, gone}, return_when=asyncio.FIRST_COMPLETED)
            beat.cancel()
            if gone.done() or self.world.closing.is_set():
                return

    def forget(self, name: str) -> None:
        if self.followers.pop(name, None):
            self.world.turns.beat()
            self.world.tell("clock")

    def connection_lost(self, names: set[str]) -> None:
        """The connections of these followers are gone; whoever promised to keep theirs is probably dead."""
        for name in names:
            follower = self.followers.get(name)
            if follower and follower.keeps_connection:
                follower.lost = time.monotonic()

    def suspect(self) -> None:
        """The bot's last connection is gone, as when its process dies: who is busy must show up soon."""
        for follower in self.followers.values():
            if not follower.calls:
                follower.lost = time.monotonic()

    def unsuspect(self) -> None:
        """The bot calls: it lives."""
        for follower in self.followers.values():
            follower.lost = None

    def _forget_the_silent(self) -> None:
        now = time.monotonic()
        for follower in list(self.followers.values()):
            lost = follower.lost is not None and now - follower.lost > GRACE_S
            if not follower.calls and (lost or now - follower.heard > FORGET_S):
                self.forget(follower.name)

    def is_idle(self) -> bool:
        """Nobody has anything to do at this instant (trivially so without followers)."""
        self._forget_the_silent()
        if not self.followers:
            return True
        waiting = all(one.calls and one.seen >= self.world.turn for one in self.followers.values())
        idle = waiting and not waiting_updates(self.world)
        if idle:
            self._idle_turn = self.world.turn
        return idle

    def next_due(self) -> datetime | None:
        return min((one.next_due for one in self.followers.values() if one.next_due), default=None)

    async def settled(self, within: float = SETTLE_S) -> bool:
        """Wait until everything put so far has been dealt with, even if the clock moves on meanwhile."""
        turn, until = self.world.turn, time.monotonic() + within
        while not self.is_idle() and self._idle_turn < turn:
            left = until - time.monotonic()
            if left <= 0 or self.world.closing.is_set():
                return False
            await self.world.turns.next(min(left, 0.5))
        return True

    # ---- moving ----

    @contextlib.asynccontextmanager
    async def moving(self) -> AsyncIterator[None]:
        """One mover at a time."""
        async with self._moving:
            self.world.clock.stand()
            yield

    async def move(self, target: datetime, *, force: bool = False) -> None:
        """Move to the target through every due instant in order; return when nothing is left to do there."""
        async with self.moving():
            if target < self.world.now():
                if not force:
                    now = self.world.now().isoformat()
                    raise UnplayableError(400, f"The clock stands at {now} and does not go back.")
                self._set(target)
            await self.walk(target)

    async def walk(
        self, target: datetime, step: Step | None = None, enough: Callable[[], bool] = lambda: False
    ) -> None:
        """Inside `moving`: go to the target. `step` acts at each stop and may ask for an earlier next one."""
        nudges = 0
        while True:
            await self._wait_until_idle()
            wanted = await step() if step else None
            if step and not self.is_idle():
                continue
            now, due = self.world.now(), self.next_due()
            if due and due <= now:
                nudges = self._nudge(nudges)
                continue
            if now >= target or enough():
                return
            nudges = 0
            self._set(min(instant for instant in (due, wanted, target) if instant and instant > now))

    def _nudge(self, nudges: int) -> int:
        if nudges >= NUDGES:
            raise UnplayableError(504, "The bot keeps saying that something is due now and does not do it.")
        self.world.new_turn()
        return nudges + 1

    def _set(self, instant: datetime) -> None:
        self.world.clock.set(instant)
        expire_updates(self.world)
        self.world.new_turn()
        self.world.tell("clock")

    async def _wait_until_idle(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while not self.is_idle():
            left = until - time.monotonic()
            if left <= 0:
                raise UnplayableError(504, "The bot did not become idle within 60 seconds.")
            if self.world.closing.is_set():
                raise UnplayableError(503, "The rehearsal is closing.")
            await self.world.turns.next(min(left, 0.5))

    async def advance(self, by: timedelta) -> None:
        """Move on from wherever the clock stands when it is this mover's turn."""
        async with self.moving():
            await self.walk(self.world.now() + by)
