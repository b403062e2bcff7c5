"""The receiving part: updates that are stored are handled, each chat's in their order, by one process at a time."""

import asyncio

from bot.chat.receiver import Receiver
from bot.service.holding import Held
from bot.service.waking import Bells, stumbled, unless


class Receiving:
    def __init__(self, receiver: Receiver, held: Held, bells: Bells) -> None:
        self._receiver = receiver
        self._held = held
        self._bells = bells

    async def run(self, stop: asyncio.Event) -> None:
        self._bells.stored.set()  # what was stored before a crash is waiting
        while not stop.is_set():
            await self._bells.stored.wait()
            if not self._held.is_ours():
                await unless(stop, self._held.gained())
            self._bells.stored.clear()
            try:
                while not stop.is_set() and self._held.is_ours() and await self._receiver.receive_one():
                    self._bells.ring("mail")
                self._bells.ring("due")
            except Exception as error:  # noqa: BLE001  # a database that is away comes back
                await stumbled("receiving", error)
                self._bells.stored.set()
            if not self._held.is_ours():
                self._bells.stored.set()
