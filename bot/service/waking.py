"""What wakes the parts of a running bot, in this process and in others, and what they do when something fails."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from bot.db.bell import Bell
from bot.log import get_logger
from bot.work.practice import Practice

log = get_logger(__name__)

_FORGET = "forget"
_RETRY = 1.0


class Bells:
    """`stored`: an update waits to be handled. `mail`: something may be sent. `due`: something may be planned.

    `here` says of each whether this process is the one that does it; if not, the others are told.
    """

    def __init__(self) -> None:
        self.stored = asyncio.Event()
        self.mail = asyncio.Event()
        self.due = asyncio.Event()
        self.here: dict[str, Callable[[], bool]] = {}
        self._others: Bell | None = None

    def ring(self, name: str) -> None:
        self._hear(name)
        if self._others is not None and not self.here.get(name, bool)():
            self._others.ring(name)

    def ring_all(self) -> None:
        for bell in (self.stored, self.mail, self.due):
            bell.set()

    def _hear(self, name: str) -> None:
        bells = {"stored": self.stored, "mail": self.mail, "due": self.due}
        if name in bells:
            bells[name].set()

    async def listen(self, practice: Practice) -> None:
        """Hear what other processes ring, and what they erase; until cancelled. While nothing can be heard, we look."""

        def heard(word: str) -> None:
            practice.vault.forget() if word == _FORGET else self._hear(word)

        def listening() -> None:
            practice.vault.forget()  # whatever was rung before is not known
            self.ring_all()

        others = self._others = Bell(practice.database.engine, heard)
        practice.vault.on_drop = lambda: others.ring(_FORGET)
        while True:
            try:
                await others.listen(listening)
            except Exception as error:  # noqa: BLE001
                log.warning("not listening", error=type(error).__name__, seconds=_RETRY)
            self.ring_all()
            await asyncio.sleep(_RETRY)


async def unless(stop: asyncio.Event, awaited: Coroutine[Any, Any, None]) -> None:
    """Wait for it, or for being told to stop."""
    both = {asyncio.ensure_future(awaited), asyncio.ensure_future(stop.wait())}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in both:
            one.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*both, return_exceptions=True)


async def stumbled(kind: str, error: Exception) -> None:
    """Nothing stops the bot: a database that is away comes back, and what failed is tried again."""
    log.error("stumbled", kind=kind, error=type(error).__name__, exc_info=error)
    await asyncio.sleep(1)
