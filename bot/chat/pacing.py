"""Pacing that is safe by construction: a slot is free again one second after the response of the call that used it.

Whatever the jitter, no rolling second then holds more than thirty calls. Replies go first; one chat gets one message a
second. Only `retry_after` knows better, and that is the outbox's business.
"""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

PER_SECOND = 30
_PER_CHAT = 1.0
_REMEMBERED = 5000


class Pacer:
    def __init__(self, per_second: int = PER_SECOND, clock: Callable[[], float] = monotonic) -> None:
        self._free = per_second
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._clock = clock
        self._next_in_chat: dict[int, float] = {}

    @asynccontextmanager
    async def slot(self, lane: int, chat_id: int) -> AsyncIterator[None]:
        await self._chat_turn(chat_id)
        await self._acquire(lane)
        try:
            yield
        finally:
            self._next_in_chat[chat_id] = max(self._next_in_chat.get(chat_id, 0.0), self._clock() + _PER_CHAT)
            asyncio.get_running_loop().call_later(1.0, self._release)

    async def _chat_turn(self, chat_id: int) -> None:
        now = self._clock()
        at = max(self._next_in_chat.get(chat_id, now), now)
        self._next_in_chat[chat_id] = at + _PER_CHAT
        if len(self._next_in_chat) > _REMEMBERED:
            self._next_in_chat = {chat: until for chat, until in self._next_in_chat.items() if until > now}
        if at > now:
            await asyncio.sleep(at - now)

    async def _acquire(self, lane: int) -> None:
        if self._free and not self._queue:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (lane, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release()
            raise

    def _release(self) -> None:
        while self._queue:
            *_, turn = heapq.heappop(self._queue)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
