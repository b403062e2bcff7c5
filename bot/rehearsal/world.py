"""What all parts of the emulator share: the file, the clock, and who is told of a change."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.rehearsal.store import Store

# Real Telegram: 24 h for messages; a tap is of no use for longer than its button shows the spinner.
UPDATE_LIFE_S = 24 * 3600
TAP_LIFE_S = 150


@dataclass(frozen=True)
class Call:
    """One call of the Bot API, as an observer sees it."""

    n: int
    at: datetime
    method: str
    params: dict[str, Any]
    ok: bool
    error_code: int | None
    description: str | None
    status: int
    result: Any
    fault: str | None = None


class Pulse:
    """Wakes whoever waits for "something has changed"."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def beat(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    def next(self, within: float) -> Coroutine[Any, Any, bool]:
        """Whether a beat comes within that many real seconds, counted from this call and not from the await."""
        return self._beaten(self._event, within)

    async def _beaten(self, event: asyncio.Event, within: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                return await event.wait()
        return False


class Clock:
    """Runs with real time until somebody takes it in hand; from then on it stands unless moved."""

    def __init__(self, store: Store, start: datetime | None) -> None:
        self._store = store
        if store.recall("clock") is None:
            at = (start or datetime.now(UTC)).astimezone(UTC)
            self._write(at, standing=False)
        kept = store.recall("clock")
        self._at = datetime.fromisoformat(kept["at"])
        self._real = datetime.fromisoformat(kept["real"])
        self.standing = bool(kept["standing"])

    def now(self) -> datetime:
        return self._at if self.standing else self._at + (datetime.now(UTC) - self._real)

    def stand(self) -> None:
        if not self.standing:
            self.set(self.now())

    def set(self, at: datetime) -> None:
        self._write(at.astimezone(UTC), standing=True)
        self._at, self.standing = at.astimezone(UTC), True

    def _write(self, at: datetime, *, standing: bool) -> None:
        real = datetime.now(UTC)
        self._store.keep("clock", {"at": at.isoformat(), "real": real.isoformat(), "standing": standing})


class World:
    """The emulated Telegram in one place; modules are functions over it."""

    def __init__(self, store: Store, start: datetime | None, observer: Callable[[Call], None] | None) -> None:
        self.store = store
        self.clock = Clock(store, start)
        self.observer = observer
        self.updates = Pulse()  # an update was put, confirmed or dropped
        self.turns = Pulse()  # a follower has reason to look again, or has come back
        self.answers = Pulse()  # a tap was answered
        self.closing = asyncio.Event()
        self.turn = 0
        self._listeners: set[asyncio.Queue[dict[str, Any]]] = set()

    def now(self) -> datetime:
        return self.clock.now()

    def seconds(self) -> int:
        """Telegram's dates: whole seconds."""
        return int(self.now().timestamp())

    def new_turn(self) -> None:
        """Every follower counts as busy until it has looked again."""
        self.turn += 1
        self.turns.beat()

    def tell(self, kind: str, **facts: Any) -> None:
        """Tell the pages what to fetch again."""
        for queue in self._listeners:
            queue.put_nowait({"kind": kind, **facts})

    @contextlib.contextmanager
    def listening(self) -> Any:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    def close(self) -> None:
        self.closing.set()
        for pulse in (self.updates, self.turns, self.answers):
            pulse.beat()
        self.tell("closing")
