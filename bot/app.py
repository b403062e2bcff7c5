"""The composition root: settings become a practice, a bot and its parts; start and stop in order."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.chat.telegram_bot import bot_name, make_bot
from bot.clock import Clock, FollowedClock, SystemClock
from bot.db.snapshots import file_of
from bot.errors import ConfigurationError
from bot.log import get_logger
from bot.service.parts import ALL, Part
from bot.service.running import Service
from bot.settings import Settings
from bot.work.inviting import link
from bot.work.opening import Lock, admin_link, close_practice, open_practice
from bot.work.practice import Practice

log = get_logger(__name__)

_LULL = timedelta(seconds=4)


@contextlib.asynccontextmanager
async def opened(settings: Settings, clock: Clock) -> AsyncIterator[Practice]:
    """A practice ready for use; on SQLite nobody else may use the same folder meanwhile."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)  # keys and heartbeat live there in any case
    file = file_of(settings.database_url)
    with Lock.of_all(settings.data_dir, file):
        assert settings.keys_file is not None
        practice = await open_practice(
            database_url=settings.database_url, keystore_url=settings.keystore_url, keys_file=settings.keys_file,
            prompts_dir=settings.prompts_dir, name=settings.practice_name, now=clock.now(), is_alone=file is not None,
        )  # fmt: skip
        try:
            yield practice
        finally:
            await close_practice(practice)


async def run(settings: Settings, parts: Collection[Part] = ALL) -> None:
    """`interlude run`, until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run_until(settings, stop, parts=parts)


async def run_until(
    settings: Settings, stop: asyncio.Event, on_open: Callable[[Practice], None] = lambda _practice: None,
    *, parts: Collection[Part] = ALL,
) -> None:  # fmt: skip
    clock: Clock = SystemClock()
    if settings.clock_url is not None:
        if frozenset(parts) != ALL or settings.webhook_url is not None:
            raise ConfigurationError(
                ["INTERLUDE_CLOCK_URL: a rehearsal is followed by one process, with all parts and by polling."]
            )
        clock = FollowedClock(settings.clock_url, f"interlude-{os.getpid()}-{id(stop)}")
        await clock.attach()
    assert settings.bot_token is not None
    async with opened(settings, clock) as practice:
        practice.lull = _LULL if settings.clock_url is None else practice.lull
        on_open(practice)
        bot = make_bot(settings.bot_token, settings.bot_api_url)
        service = Service(practice, bot, clock, settings, parts)
        try:
            await service.start()
            log.info("running", state="following" if isinstance(clock, FollowedClock) else "running")
            if isinstance(clock, FollowedClock):
                await service.follow(clock, stop)
            else:
                await service.serve(stop)
        finally:
            await service.stop()


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

