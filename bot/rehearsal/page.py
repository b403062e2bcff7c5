"""The page with the phones: rendered here, kept alive by server-sent events, nothing from elsewhere."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.rehearsal.people import BOT_USERNAME, bot_name, describe, everybody
from bot.rehearsal.world import World

HERE = Path(__file__).parent
GATHER_S = 0.06  # events are collected this long, so that a fast-moving clock does not flood the page
COLOURS = 7
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Page:
    """`/`, its static files and its stream of events."""

    def __init__(self, world: World, *, knows_sessions: bool) -> None:
        self.world = world
        self.knows_sessions = knows_sessions
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(), undefined=StrictUndefined
        )

    def routes(self) -> Iterable[BaseRoute]:
        return [
            Route("/", self.show, methods=["GET"]),
            Route("/rehearsal/events", self.events, methods=["GET"]),
            Mount("/static", _Static(directory=HERE / "static")),
        ]

    async def show(self, _: Request) -> Response:
        people = [describe(person) | {"colour": number % COLOURS, "initial": person["name"][:1].upper()}
                  for number, person in enumerate(everybody(self.world))]  # fmt: skip
        page = self._templates.get_template("page.html").render(
            people=people, bot=bot_name(self.world), username=BOT_USERNAME, knows_sessions=self.knows_sessions
        )
        return HTMLResponse(page, headers=HEADERS)

    async def events(self, _: Request) -> Response:
        return EventSourceResponse(self._stream(), ping=20)

    async def _stream(self) -> AsyncIterator[dict[str, Any]]:
        """What has changed, each thing once per gathering."""
        with self.world.listening() as queue:
            yield {"data": json.dumps([{"kind": "hello"}])}
            while not self.world.closing.is_set():
                news = [await queue.get()]
                await asyncio.sleep(GATHER_S)
                while not queue.empty():
                    news.append(queue.get_nowait())
                unique = {json.dumps(one) for one in news}
                yield {"data": json.dumps([json.loads(one) for one in sorted(unique)])}


class _Static(StaticFiles):
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-cache"
        return response
