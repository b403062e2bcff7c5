"""The sending part: one task of one process claims, several postmen carry."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.service.holding import Held
from bot.service.waking import Bells, stumbled, unless
from bot.work import deliver
from bot.work.practice import Practice
from bot.work.vitals import SEND

_POSTMEN = 24
_REPLY_POSTMEN = 6
_TOGETHER = 8  # so many are free before the next are handed out: one commit for all of them


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
                    is_free = len(self._out) < _POSTMEN + _REPLY_POSTMEN
                    has_more = await self._hand_out()
                    if is_free:
                        self._practice.vitals.done(SEND, self._clock.now())
                    if not has_more:
                        if self._is_open():
                            await self._set_alarm()  # what was put back is due again in a moment
                        await self._bells.mail.wait()
                except Exception as error:  # noqa: BLE001
                    self._practice.vitals.failed(SEND)
                    await stumbled("delivering", error)
            await asyncio.gather(*self._out)
        finally:
            for task in self._out:
                task.cancel()

    def _is_open(self) -> bool:
        """Whether enough postmen are free for what is not a reply."""
        return len(self._out) <= _POSTMEN - _TOGETHER

    async def _hand_out(self) -> bool:
        """A message to each postman who is free; the last of them are kept for replies. False when there is nothing."""
        lanes, postmen = ((0, 1), _POSTMEN) if self._is_open() else ((0,), _POSTMEN + _REPLY_POSTMEN)
        if len(self._out) >= postmen:
            return False
        claimed = await deliver.claim_some(
            self._practice, self._post, self._clock.now, lanes, postmen - len(self._out)
        )
        for one in claimed or ():
            task = asyncio.create_task(self._carry(one))
            self._out.add(task)
            task.add_done_callback(self._back)
        return claimed is not None

    def _back(self, task: asyncio.Task[None]) -> None:
        """A chat is free for its next message. A reply that waits for that has to wait for its second anyway."""
        self._out.discard(task)
        if self._is_open():
            self._bells.mail.set()

    async def _carry(self, claimed: deliver.Outgoing) -> None:
        try:
            await deliver.carry(self._practice, self._sender, self._post, claimed, self._clock.now)
        except Exception as error:  # noqa: BLE001  # its lease runs out, and its fate is settled then
            await stumbled("carrying", error)
