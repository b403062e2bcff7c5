"""Pacing that is safe by construction: a slot is free again one second after the response of the call that used it.

Whatever the jitter, no rolling second then holds more than thirty calls. Replies go first, and what is scheduled starts
evenly spread, so that a slot falls free every few hundredths of a second for whoever writes meanwhile. One chat gets one
message a second. Only `retry_after` knows better: then nobody gets a turn until it is over.
"""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

PER_SECOND = 30
_PER_CHAT = 1.0
_REMEMBERED = 5000
_PATIENCE = 10.0  # with the budget of the call itself, still below the lease of what waits here
_LONGEST_TRIP = 0.2


class NoTurnError(Exception):
    """Nothing may be sent for so many seconds, or it was not one's turn for too long (0)."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


@dataclass
class _Chat:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0


class Pacer:
    def __init__(self, per_second: int = PER_SECOND, clock: Callable[[], float] = monotonic) -> None:
        self._per_second = per_second
        self._free = per_second
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._clock = clock
        self._chats: dict[int, _Chat] = {}
        self._next_start = 0.0
        self._round_trip = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._held_until = 0.0

    @asynccontextmanager
    async def slot(self, lane: int, chat_id: int | None) -> AsyncIterator[None]:
        """Without a chat for a call that shows nowhere: only the bot's own pace counts. Raises `NoTurnError`."""
        chat = _Chat() if chat_id is None else self._chats.setdefault(chat_id, _Chat())
        gives_up_at = self._clock() + _PATIENCE
        await self._chat_turn(chat, gives_up_at)
        try:
            await self._acquire(lane, gives_up_at)
            began = self._clock()
            try:
                yield
            finally:
                now = self._clock()
                chat.free_at = now + _PER_CHAT
                self._round_trip += (min(now - began, _LONGEST_TRIP) - self._round_trip) / 16
                asyncio.get_running_loop().call_later(1.0, self._release)
        finally:
            chat.turn.release()
            self._forget()

    def hold(self, seconds: float) -> None:
        """Telegram's own word: nobody gets a turn for so long, and who waits for one now is told."""
        self._held_until = max(self._held_until, self._clock() + seconds)
        waiting, self._queue = self._queue, []
        for *_, turn in waiting:
            if not turn.done():
                turn.set_exception(NoTurnError(seconds))

    async def _chat_turn(self, chat: _Chat, gives_up_at: float) -> None:
        """Its lock is ours when this returns."""
        try:
            async with asyncio.timeout(gives_up_at - self._clock()):
                await chat.turn.acquire()
        except TimeoutError:
            raise NoTurnError(0.0) from None
        try:
            if (pause := chat.free_at - self._clock()) > 0:
                await asyncio.sleep(pause)
        except BaseException:
            chat.turn.release()
            raise

    async def _acquire(self, lane: int, gives_up_at: float) -> None:
        if (pause := self._held_until - self._clock()) > 0:
            raise NoTurnError(pause)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (lane, next(self._order), turn))
        self._serve()
        try:
            async with asyncio.timeout(gives_up_at - self._clock()):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._release()
            turn.cancel()
            if isinstance(error, TimeoutError):
                raise NoTurnError(0.0) from None
            raise

    def _serve(self) -> None:
        """Give the free slots to whoever is next: a reply at once, what is scheduled when it is time to start."""
        while self._queue and self._free:
            lane, _, turn = self._queue[0]
            if not turn.done():
                if lane > 0 and (pause := self._next_start - self._clock()) > 0:
                    self._wake_in(pause)
                    return
                if lane > 0:
                    self._next_start = max(self._next_start, self._clock() - self._gap) + self._gap
                self._free -= 1
                turn.set_result(None)
            heapq.heappop(self._queue)

    @property
    def _gap(self) -> float:
        """Between two starts; a little less than the slots allow, to make up for a moment in which nothing could start."""
        return (1 + self._round_trip / 2) / self._per_second

    def _wake_in(self, seconds: float) -> None:
        if self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(seconds, self._woken)

    def _woken(self) -> None:
        self._alarm = None
        self._serve()

    def _release(self) -> None:
        self._free += 1
        self._serve()

    def _forget(self) -> None:
        if len(self._chats) > _REMEMBERED:
            now = self._clock()
            self._chats = {
                number: chat for number, chat in self._chats.items() if chat.turn.locked() or chat.free_at > now
            }
