"""Calls that are no messages (menus, toasts) and words to strangers: made in the background, so that a Telegram that
hangs holds up nobody. Those for one chat are made in their order; each has its time, and then it is let go."""

import asyncio
from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any

from bot.log import get_logger

log = get_logger(__name__)

_PATIENCE = 5.0
_LAST_CHANCE = 10.0


class Aside:
    """What is under way beside the handling of updates."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: dict[int, asyncio.Task[None]] = {}

    def do(
        self, call: Coroutine[Any, Any, None], *, after: int | None = None, patience: float = _PATIENCE
    ) -> asyncio.Task[None]:
        """Make a call in the background; `after` names the chat whose earlier calls come first."""
        before = self._last.get(after) if after is not None else None
        task = asyncio.create_task(self._carry(call, before, patience))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if after is not None:
            self._last[after] = task
            task.add_done_callback(lambda done: self._forget(after, done))
        return task

    async def _carry(
        self, call: Coroutine[Any, Any, None], before: asyncio.Task[None] | None, patience: float
    ) -> None:
        if before is not None:
            await asyncio.wait({before})
        try:
            async with asyncio.timeout(patience):
                await call
        except TimeoutError:
            log.info("let go", kind="aside", seconds=patience)
        except Exception as error:  # noqa: BLE001  # nothing here is worth more than a line in the log
            log.warning("call failed", kind="aside", error=error)
        finally:
            call.close()  # if it was never begun

    def _forget(self, chat: int, done: asyncio.Task[None]) -> None:
        if self._last.get(chat) is done:
            del self._last[chat]

    async def finish(self, within: float | None = None) -> None:
        """Wait for what is under way; what takes longer than `within` is given up."""
        async with asyncio.timeout(within):
            while self._tasks:
                await asyncio.wait(set(self._tasks))

    async def stop(self) -> None:
        try:
            await self.finish(_LAST_CHANCE)
        except TimeoutError:
            for task in set(self._tasks):
                task.cancel()


ASIDE: ContextVar[Aside] = ContextVar("aside")
