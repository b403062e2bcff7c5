"""The planning part: APScheduler says "look now", at the earliest due row and every half minute whatever happens."""

import asyncio
import contextlib
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.service.waking import Bells, stumbled
from bot.work import deliver, ticks
from bot.work.practice import Practice

_LOOK_EVERY = 30
_SOONEST = timedelta(milliseconds=200)


class Looking:
    def __init__(self, practice: Practice, post: deliver.Post, clock: Clock, bells: Bells, heartbeat: Path) -> None:
        self._practice = practice
        self._post = post
        self._clock = clock
        self._bells = bells
        self._heartbeat = heartbeat
        self._scheduler: Any = None

    async def run(self) -> None:
        """Look whenever the bell for it rings, until cancelled."""
        await asyncio.sleep(0)  # the first poll goes out before this import
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        options = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=options)
        self._scheduler.add_job(self._bells.due.set, "interval", seconds=_LOOK_EVERY, id="look")
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
            if agenda.asks_for_a_tick(now):
                await ticks.tick(self._practice, now, agenda)
            await ticks.settle_outbox(self._practice, now)
            self._bells.mail.set()
            self._beat()
            await self.set_alarm()
        except Exception as error:  # noqa: BLE001
            await stumbled("looking", error)

    async def set_alarm(self) -> None:
        """Have ourselves woken at the next due instant, if it comes before the next regular look."""
        following = (await ticks.look(self._practice, self._post)).next_at
        if following is not None and self._scheduler is not None:
            now = self._clock.now()
            at = max(following, now + _SOONEST)
            if at < now + timedelta(seconds=_LOOK_EVERY):
                self._scheduler.add_job(self._bells.due.set, "date", run_date=at, id="wake", replace_existing=True)

    def _beat(self) -> None:
        with contextlib.suppress(OSError):
            self._heartbeat.touch()
