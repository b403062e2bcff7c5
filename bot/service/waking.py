"""What wakes the parts of a running bot, and what they do when something fails."""

import asyncio

from bot.log import get_logger

log = get_logger(__name__)


class Bells:
    """`stored`: an update waits to be handled. `mail`: something may be sent. `due`: something may be planned."""

    def __init__(self) -> None:
        self.stored = asyncio.Event()
        self.mail = asyncio.Event()
        self.due = asyncio.Event()

    def ring_all(self) -> None:
        for bell in (self.stored, self.mail, self.due):
            bell.set()


async def stumbled(kind: str, error: Exception) -> None:
    """Nothing stops the bot: a database that is away comes back, and what failed is tried again."""
    log.error("stumbled", kind=kind, error=type(error).__name__, exc_info=error)
    await asyncio.sleep(1)
