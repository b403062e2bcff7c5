"""The sending part: one task of one process claims, several postmen carry."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.service.holding import Held
from bot.service.waking import Bells, stumbled, unless
from bot.work import deliver
from bot.work.practice import Practice

_POSTMEN = 24
_REPLY_POSTMEN = 6


class Sending:
    """`set_alarm` has us woken when the next message falls due."""

    def __init__(
        self, practice: Practice, sender: deliver.Sender, post: deliver.Post, clock: Clock, held: Held, bells: Bells,
        set_alarm: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._practice = practice
        self._sender = sender
        self._post = post
        self._clock = clock
        self._held = held
        self._bells = bells
        self._set_alarm = set_alarm
        self._out: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Hand what is due to the postmen, one message after the other; then let them finish."""
        try:
            while not stop.is_set():
                if not self._held.is_ours():
                    await unless(stop, self._held.gained())
                    continue
                self._bells.mail.clear()
                try:
                    if len(self._out) >= _POSTMEN + _REPLY_POSTMEN:
                        await self._bells.mail.wait()  # nobody is free
                    elif not await self._hand_out():
                        await self._set_alarm()  # what was put back is due again in a moment
                        await self._bells.mail.wait()
                except Exception as error:  # noqa: BLE001
                    await stumbled("delivering", error)
            await asyncio.gather(*self._out)
        finally:
            for task in self._out:
                task.cancel()

    async def _hand_out(self) -> bool:
        """One message to one postman; the last of them are kept for replies. False when there is nothing."""
        lanes = (0, 1) if len(self._out) < _POSTMEN else (0,)
        claimed = await deliver.claim_one(self._practice, self._post, self._clock.now(), lanes)
        if isinstance(claimed, deliver.Outgoing):
            task = asyncio.create_task(self._carry(claimed))
            self._out.add(task)
            task.add_done_callback(self._out.discard)
        return claimed is not None

    async def _carry(self, claimed: deliver.Outgoing) -> None:
        try:
            await deliver.carry(self._practice, self._sender, self._post, claimed, self._clock.now)
        except Exception as error:  # noqa: BLE001  # its lease runs out, and its fate is settled then
            await stumbled("carrying", error)
        finally:
            self._bells.mail.set()  # the chat is free for the next one
