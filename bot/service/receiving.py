"""The receiving part: updates that are stored are handled in their order."""

import asyncio

from bot.chat.application import Receiver
from bot.service.waking import Bells, stumbled


class Receiving:
    def __init__(self, receiver: Receiver, bells: Bells) -> None:
        self._receiver = receiver
        self._bells = bells

    async def run(self, stop: asyncio.Event) -> None:
        self._bells.stored.set()  # what was stored before a crash is waiting
        while not stop.is_set():
            await self._bells.stored.wait()
            self._bells.stored.clear()
            try:
                while not stop.is_set() and await self._receiver.receive_one():
                    self._bells.mail.set()
                self._bells.due.set()
            except Exception as error:  # noqa: BLE001  # a database that is away comes back
                await stumbled("receiving", error)
                self._bells.stored.set()
