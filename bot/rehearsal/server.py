"""The rehearsal's server: emulated Bot API, rehearsal API and the page with the phones, on loopback."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.rehearsal.api import NextSession, RehearsalApi
from bot.rehearsal.botapi import BotApi
from bot.rehearsal.connections import Connections
from bot.rehearsal.guard import LoopbackOnly
from bot.rehearsal.page import Page
from bot.rehearsal.people import seat_cast
from bot.rehearsal.phone_api import PhoneApi
from bot.rehearsal.player import Player
from bot.rehearsal.stage import Timekeeper
from bot.rehearsal.store import Store
from bot.rehearsal.stories import ScriptedQuestion
from bot.rehearsal.webhook import Webhook
from bot.rehearsal.world import Call, World


class _Server(uvicorn.Server):
    """A server inside somebody else's process: signals are the host's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Stage:
    """An emulated Telegram; `url` is for `INTERLUDE_BOT_API_URL` and `INTERLUDE_CLOCK_URL`.

    `path` is its SQLite file; what is in there goes on exactly where it stopped. `port` 0 picks a free one.
    `cast` hands out the phones of the demo in a new file. `start` is the clock's first reading (or now).
    `next_session` tells when the named leader's next session begins, for the button on the page.
    `questions` are what the leaders' stories can answer. `observer` sees every Bot API call.
    """

    def __init__(
        self,
        path: Path,
        port: int = 0,
        *,
        cast: bool = True,
        start: datetime | None = None,
        next_session: NextSession | None = None,
        questions: Iterable[ScriptedQuestion] = (),
        observer: Callable[[Call], None] | None = None,
    ) -> None:
        self.path = path
        self.port = port
        self.world = World(Store(path), start, observer)
        if cast:
            seat_cast(self.world)
        self.keeper = Timekeeper(self.world)
        self.connections = Connections()
        self.next_session = next_session
        self.player = Player(self.world, self.keeper, questions)
        self.bot_api = BotApi(self.world, self.connections, self.keeper)
        self._server: _Server | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def app(self) -> Starlette:
        handlers = {HTTPException: _no_such_thing, Exception: _broken}
        return Starlette(
            routes=list(self._routes()), middleware=[Middleware(LoopbackOnly)], exception_handlers=handlers
        )

    def _routes(self) -> Sequence[BaseRoute]:
        api = RehearsalApi(self.world, self.keeper, self.connections, self.player, self.next_session)
        return [
            Route("/bot{token}/{method}", self.bot_api.call, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self.bot_api.download, methods=["GET"]),
            *api.routes(),
            *PhoneApi(self.world, self.keeper).routes(),
            *Page(self.world, knows_sessions=self.next_session is not None).routes(),
        ]

    async def start(self) -> None:
        """Listen; when this returns, `url` answers."""
        listener = _listen(self.port)
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            self.app(),
            http=self.connections.protocol(),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            # Replies of the Bot API carry the emulated clock's Date instead.
            date_header=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )
        self._server = _Server(config)
        self._tasks.append(asyncio.create_task(self._server.serve(sockets=[listener])))
        self._tasks.append(asyncio.create_task(Webhook(self.world).run()))
        while not self._server.started:
            if self._tasks[0].done():
                await self._tasks[0]
                raise RuntimeError("the rehearsal's server stopped while starting")
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Let go of everybody who waits, close the connections and the file."""
        self.world.close()
        if self._server:
            self._server.should_exit = True
        await asyncio.gather(*self._tasks)
        self._tasks.clear()
        self.world.store.close()

    async def __aenter__(self) -> "Stage":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def wait(self) -> None:
        """Serve until stopped."""
        await asyncio.gather(*self._tasks)


async def _no_such_thing(request: Request, problem: Exception) -> Response:
    status = problem.status_code if isinstance(problem, HTTPException) else 404
    return JSONResponse({"error": f"There is nothing to {request.method} at {request.url.path}."}, status)


async def _broken(_: Request, __: Exception) -> Response:
    return JSONResponse({"error": "The rehearsal itself made a mistake; its process has logged it."}, 500)


def _listen(port: int) -> socket.socket:
    # Named TCP, or asyncio does not switch Nagle's algorithm off and every reply takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


async def serve(path: Path, port: int, *, cast: bool = False, on_ready: Callable[[Stage], None] | None = None) -> None:
    """Run the emulator alone until cancelled (`interlude emulate`)."""
    stage = Stage(path, port, cast=cast)
    await stage.start()
    try:
        if on_ready:
            on_ready(stage)
        await stage.wait()
    finally:
        await stage.stop()
