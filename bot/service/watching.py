"""The watchdog and, where a port is set, the server of health and metrics; both for as long as the parts run."""

import asyncio
import contextlib
from collections.abc import Iterator

from bot.clock import Clock
from bot.operating.health import Status, examine, make_app
from bot.operating.watchdog import Watchdog
from bot.service.web import listener
from bot.settings import Settings
from bot.work.practice import Practice


class Watching:
    def __init__(self, practice: Practice, clock: Clock, settings: Settings) -> None:
        self._practice = practice
        self._clock = clock
        self._settings = settings

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        watchdog = Watchdog(self._practice.vitals)
        watchdog.start()
        try:
            if self._settings.health_port is None:
                await stop.wait()
            else:
                await self._serve(self._settings.health_port, stop)
        finally:
            watchdog.stop()

    async def _serve(self, port: int, stop: asyncio.Event) -> None:
        import uvicorn  # only where somebody looks

        class Server(uvicorn.Server):
            @contextlib.contextmanager
            def capture_signals(self) -> Iterator[None]:
                yield  # they are the host's business

        app = make_app(self._examined, self._practice)
        config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None, access_log=False, server_header=False)
        server = Server(config)
        with listener(self._settings.health_host, port, "INTERLUDE_HEALTH_PORT") as listening:
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            try:
                await stop.wait()
            finally:
                server.should_exit = True
                await serving

    async def _examined(self) -> Status:
        return await examine(self._practice, self._clock.now())
