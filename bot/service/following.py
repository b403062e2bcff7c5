"""The same parts one after the other, on a clock that a rehearsal moves."""

import asyncio
import contextlib
from datetime import datetime, timedelta

from bot.chat.poller import Poller
from bot.chat.receiver import Receiver
from bot.clock import FollowedClock
from bot.log import get_logger
from bot.service.waking import stumbled
from bot.work import deliver, ticks
from bot.work.practice import Practice

log = get_logger(__name__)

_POLL_TRIES = 20


class Following:
    def __init__(
        self, practice: Practice, clock: FollowedClock, poller: Poller, receiver: Receiver, sender: deliver.Sender,
        post: deliver.Post,
    ) -> None:  # fmt: skip
        self._practice = practice
        self._clock = clock
        self._poller = poller
        self._receiver = receiver
        self._sender = sender
        self._post = post
        self._agenda: ticks.Agenda | None = None

    async def run(self, stop: asyncio.Event) -> None:
        stopped = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                try:
                    await self.settle()
                except Exception as error:  # noqa: BLE001  # as when running in real time: it is tried again
                    await stumbled("settling", error)
                    continue
                waiting = asyncio.ensure_future(self._clock.wait(self._next()))
                await asyncio.wait({waiting, stopped}, return_when=asyncio.FIRST_COMPLETED)
                if not waiting.done():
                    waiting.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await waiting
                else:
                    waiting.result()
        finally:
            stopped.cancel()
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self._clock.leave(), 2)

    async def settle(self) -> None:
        """Do everything there is to do at this moment."""
        busy = True
        while busy:
            busy = await self._poll()
            while await self._receiver.receive_one():
                busy = True
            busy |= await self._receiver.finish()
            busy |= await self._do_what_is_due()

    async def _poll(self) -> bool:
        for _ in range(_POLL_TRIES):
            try:
                return await self._poller.poll_once(wait=0) > 0
            except Exception as error:  # noqa: BLE001  # as in `Poller.run`: the updates are still at Telegram
                log.warning("polling failed", reason=type(error).__name__)
                await asyncio.sleep(0.1)
        return False

    async def _do_what_is_due(self) -> bool:
        now = self._clock.now()
        self._practice.looked_at = now
        self._agenda = await ticks.look(self._practice, self._post)
        done = False
        if self._agenda.asks_for_a_tick(now):
            done = await ticks.tick(self._practice, now, self._agenda)
        if done or self._agenda.asks_for_the_postman(now):
            done |= await ticks.settle_outbox(self._practice, now)
            while await deliver.deliver_one(self._practice, self._sender, self._post, self._clock.now):
                done = True
        return done

    def _next(self) -> datetime | None:
        found = self._agenda.next_at if self._agenda else None
        return None if found is None else max(found, self._clock.now() + timedelta(seconds=1))
