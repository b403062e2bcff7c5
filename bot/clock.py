"""The clock, read once at the edge: the system's, one that is stepped by hand, and one that follows a rehearsal."""

import asyncio
import ssl
import time
from datetime import UTC, datetime
from functools import cache
from typing import Protocol


class Clock(Protocol):
    """`now()` is aware and in UTC; `monotonic()` is in seconds and only good for differences."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class SteppedClock:
    """Stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    def move(self, to: datetime) -> None:
        self._now = to.astimezone(UTC)


class FollowedClock(SteppedClock):
    """Takes its time from a rehearsal and tells it when there is nothing more to do (`docs/rehearsal.md`).

    `wait(next_due)` reports idleness and returns once the clock has moved or an update is waiting.
    """

    def __init__(self, url: str, name: str) -> None:
        super().__init__(datetime.fromtimestamp(0, UTC))
        self._url = url.rstrip("/")
        self._name = name

    async def attach(self) -> None:
        """Read the time for the first time."""
        await self._exchange("GET", "/rehearsal/clock", None)

    async def wait(self, next_due: datetime | None) -> None:
        due = next_due.isoformat() if next_due else None
        await self._exchange("POST", "/rehearsal/clock/follow", {"follower": self._name, "next_due": due})

    async def leave(self) -> None:
        await self._exchange("POST", "/rehearsal/clock/leave", {"follower": self._name})

    async def _exchange(self, method: str, path: str, body: dict[str, str | None] | None) -> None:
        import httpx  # only a rehearsal needs it here

        async with httpx.AsyncClient(timeout=60, trust_env=False, verify=_certificates()) as client:
            while True:
                try:
                    reply = await client.request(method, self._url + path, json=body)
                    reply.raise_for_status()
                except httpx.TransportError:
                    await asyncio.sleep(0.2)  # the rehearsal is restarting: time stands still meanwhile
                    continue
                break
        if "now" in (answer := reply.json()):
            self.move(datetime.fromisoformat(answer["now"]))


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: 30 ms, at every step of a rehearsal."""
    return ssl.create_default_context()
