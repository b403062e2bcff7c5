"""The composition root: settings become a practice, a bot and their loops; start and stop in order.

`Service` runs against the real time: a poller, a receiver, postmen, and APScheduler, which only ever says "look now".
`follow` runs the same pieces one after the other, on a clock that a rehearsal moves.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.chat import menus
from bot.chat.application import Receiver
from bot.chat.pacing import Pacer
from bot.chat.poller import Poller
from bot.chat.sender import TelegramSender
from bot.chat.telegram_bot import RawBot, bot_name, make_bot
from bot.clock import Clock, FollowedClock, SystemClock
from bot.log import get_logger
from bot.settings import Settings
from bot.work import deliver, ticks
from bot.work.inviting import link
from bot.work.opening import Lock, admin_link, close_practice, open_practice
from bot.work.practice import Practice

log = get_logger(__name__)

_POSTMEN = 24
_REPLY_POSTMEN = 6
_DRAIN = 25.0
_LOOK_EVERY = 30
_LULL = timedelta(seconds=4)
_POLL_TRIES = 20


@contextlib.asynccontextmanager
async def opened(settings: Settings, clock: Clock) -> AsyncIterator[Practice]:
    """A practice ready for use; on SQLite nobody else may use the same folder meanwhile."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)  # keys and heartbeat live there in any case
    lock = Lock(settings.data_dir) if settings.database_url.startswith("sqlite") else None
    try:
        assert settings.keys_file is not None
        practice = await open_practice(
            database_url=settings.database_url, keystore_url=settings.keystore_url, keys_file=settings.keys_file,
            prompts_dir=settings.prompts_dir, name=settings.practice_name, now=clock.now(), is_alone=lock is not None,
        )  # fmt: skip
        try:
            yield practice
        finally:
            await close_practice(practice)
    finally:
        if lock is not None:
            lock.release()


async def run(settings: Settings) -> None:
    """`interlude run`, until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run_until(settings, stop)


async def run_until(
    settings: Settings, stop: asyncio.Event, on_open: Callable[[Practice], None] = lambda _practice: None
) -> None:
    clock: Clock = SystemClock()
    if settings.clock_url is not None:
        clock = FollowedClock(settings.clock_url, f"interlude-{os.getpid()}-{id(stop)}")
        await clock.attach()
    assert settings.bot_token is not None
    async with opened(settings, clock) as practice:
        practice.lull = _LULL if settings.clock_url is None else practice.lull
        on_open(practice)
        bot = make_bot(settings.bot_token, settings.bot_api_url)
        service = Service(practice, bot, clock, settings.data_dir, paced=settings.clock_url is None)
        await service.start()
        log.info("running", state="following" if isinstance(clock, FollowedClock) else "running")
        try:
            if isinstance(clock, FollowedClock):
                await service.follow(clock, stop)
            else:
                await service.serve(stop)
        finally:
            await service.stop()


class Service:
    """The pieces of one running bot."""

    def __init__(self, practice: Practice, bot: RawBot, clock: Clock, data_dir: Path, *, paced: bool = True) -> None:
        self._practice = practice
        self._bot = bot
        self._clock = clock
        self._heartbeat = data_dir / "heartbeat"
        self._sender = TelegramSender(bot, Pacer() if paced else None)
        self._post = deliver.Post()
        self._receiver = Receiver(bot, practice, clock)
        self._stored = asyncio.Event()
        self._mail = asyncio.Event()
        self._poller = Poller(bot, practice, clock, self._stored.set)
        self._agenda: ticks.Agenda | None = None
        self._scheduler: Any = None

    async def start(self) -> None:
        self._practice.bot_name = await bot_name(self._bot)  # says in a sentence what is wrong with token or network
        await self._receiver.start()

    async def stop(self) -> None:
        await self._receiver.stop()
        await self._bot.shutdown()

    # one after the other, on a clock that is moved

    async def follow(self, clock: FollowedClock, stop: asyncio.Event) -> None:
        await menus.offer_to_all(self._bot)
        stopped = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                try:
                    await self.settle()
                except Exception as error:  # noqa: BLE001  # as when running in real time: it is tried again
                    await self._stumbled("settling", error)
                    continue
                waiting = asyncio.ensure_future(clock.wait(self._next()))
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
                await asyncio.wait_for(clock.leave(), 2)

    async def settle(self) -> None:
        """Do everything there is to do at this moment."""
        busy = True
        while busy:
            busy = await self._poll()
            while await self._receiver.receive_one():
                busy = True
            await self._receiver.finish()
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

    # side by side, in real time

    async def serve(self, stop: asyncio.Event) -> None:
        """Poll, receive, deliver and look at what is due until told to stop; then let go of nothing half done."""
        self._stored.set()  # what was stored before a crash is waiting
        receiving = asyncio.create_task(self._receive(stop))
        delivering = asyncio.create_task(self._deliver(stop))
        polling = asyncio.create_task(self._poller.run())
        scheduling = asyncio.create_task(self._schedule())
        await stop.wait()
        polling.cancel()
        scheduling.cancel()
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
        self._stored.set()
        self._mail.set()
        await asyncio.wait({receiving, delivering}, timeout=_DRAIN)
        for task in (receiving, delivering):
            task.cancel()
        await asyncio.gather(polling, scheduling, receiving, delivering, return_exceptions=True)

    async def _receive(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._stored.wait()
            self._stored.clear()
            try:
                while await self._receiver.receive_one():
                    self._mail.set()
                await self.look()
            except Exception as error:  # noqa: BLE001  # a database that is away comes back
                await self._stumbled("receiving", error)
                self._stored.set()

    async def _deliver(self, stop: asyncio.Event) -> None:
        """Hand what is due to the postmen, one message after the other; then let them finish."""
        out: set[asyncio.Task[None]] = set()
        try:
            while not stop.is_set():
                self._mail.clear()
                try:
                    if not await self._hand_out(out):
                        await self._set_alarm()  # what was put back is due again in a moment
                        await self._mail.wait()
                except Exception as error:  # noqa: BLE001
                    await self._stumbled("delivering", error)
            await asyncio.gather(*out)
        finally:
            for task in out:
                task.cancel()

    async def _hand_out(self, out: set[asyncio.Task[None]]) -> bool:
        """One message to one postman; the last of them are kept for replies. False when there is nothing, or nobody."""
        lanes = (0, 1) if len(out) < _POSTMEN else (0,)
        if len(out) >= _POSTMEN + _REPLY_POSTMEN:
            return False
        claimed = await deliver.claim_one(self._practice, self._post, self._clock.now(), lanes)
        if isinstance(claimed, deliver.Outgoing):
            task = asyncio.create_task(self._carry(claimed))
            out.add(task)
            task.add_done_callback(out.discard)
        return claimed is not None

    async def _carry(self, claimed: deliver.Outgoing) -> None:
        try:
            await deliver.carry(self._practice, self._sender, self._post, claimed, self._clock.now)
        except Exception as error:  # noqa: BLE001  # its lease runs out, and its fate is settled then
            await self._stumbled("carrying", error)
        finally:
            self._mail.set()  # the chat is free for the next one

    async def _stumbled(self, kind: str, error: Exception) -> None:
        log.error("stumbled", kind=kind, error=type(error).__name__, exc_info=error)
        await asyncio.sleep(1)

    async def _schedule(self) -> None:
        """APScheduler wakes us at the earliest due row, and every half minute whatever happens."""
        await asyncio.sleep(0)  # the first poll goes out before this import
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        options = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=options)
        self._scheduler.add_job(self.look, "interval", seconds=_LOOK_EVERY, id="look")
        self._scheduler.start()
        await menus.offer_to_all(self._bot)
        await self.look()

    async def look(self) -> None:
        """Plan what is due, wake the postmen, and have ourselves woken at the next due instant."""
        try:
            now = self._clock.now()
            self._practice.looked_at = now
            agenda = await ticks.look(self._practice, self._post)
            if agenda.asks_for_a_tick(now):
                await ticks.tick(self._practice, now, agenda)
            await ticks.settle_outbox(self._practice, now)
            self._mail.set()
            self._beat()
            await self._set_alarm()
        except Exception as error:  # noqa: BLE001
            await self._stumbled("looking", error)

    async def _set_alarm(self) -> None:
        """Have ourselves woken at the next due instant, if it comes before the next regular look."""
        following = (await ticks.look(self._practice, self._post)).next_at
        if following is not None and self._scheduler is not None:
            now = self._clock.now()
            at = max(following, now + timedelta(milliseconds=200))
            if at < now + timedelta(seconds=_LOOK_EVERY):
                self._scheduler.add_job(self.look, "date", run_date=at, id="wake", replace_existing=True)

    def _beat(self) -> None:
        with contextlib.suppress(OSError):
            self._heartbeat.touch()


async def make_admin_link(settings: Settings) -> str:
    """The deep link for the first administrator; a running bot does not have to be stopped for it."""
    assert settings.keys_file is not None
    assert settings.bot_token is not None
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = await time_of(settings)
    practice = await open_practice(
        database_url=settings.database_url, keystore_url=settings.keystore_url, keys_file=settings.keys_file,
        prompts_dir=settings.prompts_dir, name=settings.practice_name, now=now,
    )  # fmt: skip
    bot = make_bot(settings.bot_token, settings.bot_api_url)
    try:
        return link(await bot_name(bot), await admin_link(practice, now))
    finally:
        await bot.shutdown()
        await close_practice(practice)


async def time_of(settings: Settings) -> datetime:
    """Now, on the clock that this deployment lives by."""
    if settings.clock_url is None:
        return SystemClock().now()
    clock = FollowedClock(settings.clock_url, "reader")
    await clock.attach()
    return clock.now()


def healthy(data_dir: Path, within_seconds: float = 120) -> bool:
    """Whether a running bot has looked at what is due lately; the container's health check."""
    try:
        age = datetime.now(UTC).timestamp() - (data_dir / "heartbeat").stat().st_mtime
    except OSError:
        return False
    return age < within_seconds

