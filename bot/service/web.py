"""The web part: the webhook's server, on loopback unless told otherwise."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from bot.chat.telegram_bot import RawBot
from bot.clock import Clock
from bot.errors import ConfigurationError
from bot.log import get_logger
from bot.settings import Settings
from bot.work.practice import Practice

log = get_logger(__name__)

_LAST_REQUESTS = 10


class Web:
    def __init__(
        self, bot: RawBot, practice: Practice, clock: Clock, settings: Settings, on_stored: Callable[[], None]
    ) -> None:
        self._bot = bot
        self._practice = practice
        self._clock = clock
        self._settings = settings
        self._on_stored = on_stored

    async def run(self, stop: asyncio.Event) -> None:
        """Listen, and only then ask Telegram to deliver; at the end, requests that are under way are answered."""
        import uvicorn  # where updates are polled nobody needs it

        from bot.chat.webhook import Webhook, secret_of

        class Server(uvicorn.Server):
            @contextlib.contextmanager
            def capture_signals(self) -> Iterator[None]:
                yield  # they are the host's business

        settings = self._settings
        assert settings.webhook_url is not None
        assert settings.bot_token is not None
        secret = settings.webhook_secret or secret_of(settings.bot_token)
        webhook = Webhook(
            self._bot, self._practice, self._clock, path=urlsplit(settings.webhook_url).path, secret=secret,
            on_stored=self._on_stored,
        )  # fmt: skip
        server = Server(
            uvicorn.Config(
                webhook.app(), ws="none", lifespan="off", log_config=None, access_log=False, server_header=False,
                proxy_headers=False, timeout_graceful_shutdown=_LAST_REQUESTS,
            )
        )
        with listener(settings.webhook_host, settings.webhook_port, "INTERLUDE_WEBHOOK_PORT") as listening:
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            setting = asyncio.create_task(webhook.keep_set(settings.webhook_url))
            stopped = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
                server.should_exit = True
                await serving
            finally:
                for task in (setting, stopped, serving):
                    task.cancel()
                await asyncio.gather(setting, stopped, serving, return_exceptions=True)


def listener(host: str, port: int, setting: str) -> socket.socket:
    """A socket that listens; says in a sentence why it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, or asyncio does not switch Nagle's algorithm off.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise ConfigurationError([f"{setting}: nothing can listen at {host}:{port} ({error.strerror})."]) from None
    made.setblocking(False)
    return made
