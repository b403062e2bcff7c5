"""The planning part: APScheduler says "look now", at the earliest due row and every half minute whatever happens."""

import asyncio
import contextlib
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.service.holding import Held
from bot.service.waking import Bells, stumbled
from bot.work import deliver, ticks
from bot.work.practice import Practice
from bot.work.vitals import LOOK

_LOOK_EVERY = 30
_SOONEST = timedelta(milliseconds=200)
_OVERDUE = timedelta(seconds=1)  # somebody is at it: whoever ends with it rings


class Looking:
    """`plans`: whether this process does what falls due; settling what became of messages is the sender's."""

    def __init__(
        self, practice: Practice, post: deliver.Post, clock: Clock, sends: Held, bells: Bells, heartbeat: Path,
        *, plans: bool,
    ) -> None:  # fmt: skip
        self._practice = practice
        self._post = post
        self._clock = clock
        self._sends = sends
        self._plans = plans
        self._bells = bells
        self._heartbeat = heartbeat
        self._scheduler: Any = None

    async def run(self) -> None:
        """Look whenever the bell for it rings, until cancelled."""
        await asyncio.sleep(0)  # the first poll goes out before this import
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        options = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=options)
        self._scheduler.add_job(self._bells.ring_all, "interval", seconds=_LOOK_EVERY, id="look")
        self._scheduler.start()
        self._bells.due.set()
        try:
            while True:
                await self._bells.due.wait()
                self._bells.due.clear()
                await self._look()
        finally:
            self._scheduler.shutdown(wait=False)

    async def _look(self) -> None:
        """Plan what is due, wake the postmen, and have ourselves woken at the next due instant."""
        try:
            now = self._clock.now()
            self._practice.looked_at = now
            agenda = await ticks.look(self._practice, self._post)
            if self._plans and agenda.asks_for_a_tick(now):
                await ticks.tick(self._practice, now, agenda, self._going_on)
                self._bells.ring("mail")
            if self._sends.is_ours():
                await ticks.settle_outbox(self._practice, now)
                self._bells.mail.set()
            self._beat()
            await self.set_alarm()
            self._practice.vitals.done(LOOK, now)
        except Exception as error:  # noqa: BLE001
            self._practice.vitals.failed(LOOK)
            await stumbled("looking", error)

    def clock_was_set(self) -> None:
        """The scheduler waits for an instant, which is far away when the clock has been set back."""
        if self._scheduler is not None:
            self._scheduler.reschedule_job("look", trigger="interval", seconds=_LOOK_EVERY)
        self._bells.ring_all()

    def _going_on(self) -> None:
        """There is a lot to do: what is done goes out, and whoever watches us sees that we are at it."""
        self._bells.ring("mail")
        self._beat()
        self._practice.vitals.done(LOOK, self._clock.now())

    async def set_alarm(self) -> None:
        """Have ourselves woken at the next due instant, if it comes before the next regular look."""
        agenda = await ticks.look(self._practice, self._post)
        following = agenda.next_for(plans=self._plans, sends=self._sends.is_ours())
        if following is not None and self._scheduler is not None:
            now = self._clock.now()
            at = max(following, now + _SOONEST) if following > now else now + _OVERDUE
            if at < now + timedelta(seconds=_LOOK_EVERY):
                self._scheduler.add_job(self._bells.due.set, "date", run_date=at, id="wake", replace_existing=True)

    def _beat(self) -> None:
        with contextlib.suppress(OSError):
            self._heartbeat.touch()
