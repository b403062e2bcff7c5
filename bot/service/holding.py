"""Holding a lease: it is renewed every three seconds, and a holder that could not do so in time knows it by itself."""

import asyncio
import contextlib
import os
import secrets
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, Protocol

from bot.log import get_logger
from bot.work import leases
from bot.work.practice import Practice

log = get_logger(__name__)

_SPAN = 7.0
_RENEW_EVERY = 3.0
_TRY_EVERY = 1.0
_MARGIN = 1.0  # a holder lets go a little before the others may take it
_PATIENCE = 2.5


def elapsed() -> float:
    """Seconds that also pass while the machine sleeps, where the system counts them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Held(Protocol):
    """A right that only one process has."""

    fence: leases.Fence | None

    def is_ours(self) -> bool: ...

    def is_kept(self) -> bool:
        """Ours, or nobody's that we know of: the database that would say so is away."""
        ...

    async def gained(self) -> None:
        """Returns as soon as it is ours."""
        ...

    async def run(self) -> None: ...

    async def give_back(self) -> None: ...


class Sole:
    """There is only one process: everything is ours."""

    fence: leases.Fence | None = None

    def is_ours(self) -> bool:
        return True

    def is_kept(self) -> bool:
        return self.is_ours()

    async def gained(self) -> None: ...

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def give_back(self) -> None: ...


class Nobodys(Sole):
    """Not a thing this process does."""

    def is_ours(self) -> bool:
        return False

    async def gained(self) -> None:
        await asyncio.Event().wait()


class Lease:
    """`on_gained` is done before it counts as ours."""

    def __init__(self, practice: Practice, name: str, on_gained: Callable[[], Awaitable[object]] | None = None) -> None:
        self._practice = practice
        self._name = name
        self._on_gained = on_gained
        self._holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._until = 0.0
        self._gained = asyncio.Event()
        self.fence: leases.Fence | None = None

    def is_ours(self) -> bool:
        """By our own clock: whoever was frozen finds out without asking anybody."""
        return self.fence is not None and elapsed() < self._until

    def is_kept(self) -> bool:
        return self.fence is not None

    async def gained(self) -> None:
        while not self.is_ours():
            self._gained.clear()
            await self._gained.wait()

    async def run(self) -> None:
        """Take it, hold it, take it again; until cancelled."""
        while True:
            pause = _RENEW_EVERY
            try:
                async with asyncio.timeout(_PATIENCE):
                    await (self._take() if self.fence is None else self._renew(self.fence))
            except Exception as error:  # noqa: BLE001  # without the database nothing can be claimed either
                log.warning("lease not renewed", kind=self._name.partition(":")[0], error=type(error).__name__)
                pause = _TRY_EVERY  # there is time for another try before it runs out
            await asyncio.sleep(pause if self.is_ours() else _TRY_EVERY)

    async def _take(self) -> None:
        begun = elapsed()
        fence = await leases.take(self._practice, self._name, self._holder, timedelta(seconds=_SPAN))
        if fence is None:
            return
        try:
            if self._on_gained is not None:
                await self._on_gained()
        except BaseException:
            await leases.give_back(self._practice, fence)
            raise
        self.fence = fence
        self._is_ours_since(begun)
        log.info("lease taken", kind=self._name.partition(":")[0], version=fence.number)

    async def _renew(self, fence: leases.Fence) -> None:
        begun = elapsed()
        if await leases.renew(self._practice, fence, timedelta(seconds=_SPAN)):
            self._is_ours_since(begun)
            return
        self.fence = None
        log.warning("lease lost", kind=self._name.partition(":")[0], version=fence.number)

    def _is_ours_since(self, begun: float) -> None:
        self._until = begun + _SPAN - _MARGIN
        self._gained.set()

    async def give_back(self) -> None:
        """At the end, so that another takes over at once."""
        fence, self.fence = self.fence, None
        if fence is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(_PATIENCE):
                    await leases.give_back(self._practice, fence)


async def while_kept(held: Held, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do it once it is ours and until it is somebody else's, again and again; until cancelled. It must do no harm that two
    do it for a moment."""
    while True:
        await held.gained()
        task = asyncio.create_task(work())
        try:
            while held.is_kept() and not task.done():
                await asyncio.wait({task}, timeout=None if held.fence is None else _TRY_EVERY)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
