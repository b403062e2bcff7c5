"""The rehearsal API around the phones: the clock, stories, files, the log of calls, faults and limits."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.rehearsal import faults
from bot.rehearsal.botapi import METHODS, call_log
from bot.rehearsal.connections import Connections, until_broken
from bot.rehearsal.errors import UnplayableError
from bot.rehearsal.files import find_file
from bot.rehearsal.orders import Handler, plainly, read_instant, read_object, read_seconds
from bot.rehearsal.people import describe, everybody
from bot.rehearsal.player import Player
from bot.rehearsal.stage import Timekeeper
from bot.rehearsal.world import World

INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
NextSession = Callable[[str], Awaitable[datetime | None]]


class RehearsalApi:
    """Handlers over one world; `routes()` lists them all."""

    def __init__(
        self,
        world: World,
        keeper: Timekeeper,
        connections: Connections,
        player: Player,
        next_session: NextSession | None,
    ) -> None:
        self.world = world
        self.keeper = keeper
        self.connections = connections
        self.player = player
        self.next_session = next_session

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/rehearsal/state", self.state),
            ("GET", "/rehearsal/clock", self.clock),
            ("POST", "/rehearsal/clock", self.move_clock),
            ("POST", "/rehearsal/clock/follow", self.follow),
            ("POST", "/rehearsal/clock/leave", self.leave),
            ("GET", "/rehearsal/clock/session", self.next_session_of),
            ("GET", "/rehearsal/play", self.stories),
            ("POST", "/rehearsal/play", self.play),
            ("DELETE", "/rehearsal/play", self.stop_playing),
            ("GET", "/rehearsal/files/{file_id}", self.file),
            ("GET", "/rehearsal/calls", self.calls),
            ("GET", "/rehearsal/faults", self.faults),
            ("POST", "/rehearsal/faults", self.order_fault),
            ("DELETE", "/rehearsal/faults", self.clear_faults),
            ("GET", "/rehearsal/limits", self.limits),
            ("POST", "/rehearsal/limits", self.set_limits),
        ]
        return [Route(path, plainly(handler), methods=[method]) for method, path, handler in table]

    # ---- state and clock ----

    async def state(self, _: Request) -> Response:
        due = self.keeper.next_due()
        return JSONResponse({
            "now": self.world.now().isoformat(),
            "people": [describe(person) for person in everybody(self.world)],
            "idle": self.keeper.is_idle(),
            "followers": len(self.keeper.followers),
            "following": sorted(self.keeper.followers),
            "next_due": due.isoformat() if due else None,
            "standing": self.world.clock.standing,
        })  # fmt: skip

    async def clock(self, _: Request) -> Response:
        return self._now()

    def _now(self) -> Response:
        return JSONResponse({"now": self.world.now().isoformat()})

    async def move_clock(self, request: Request) -> Response:
        given = await read_object(request)
        if ("to" in given) == ("advance_s" in given):
            raise UnplayableError(400, 'Say either {"advance_s": seconds} or {"to": time}.')
        if "to" in given:
            await self.keeper.move(read_instant(given["to"]), force=given.get("force") is True)
        else:
            await self.keeper.advance(read_seconds(given["advance_s"]))
        return self._now()

    async def follow(self, request: Request) -> Response:
        given = await read_object(request)
        name = self._follower(given)
        due = given.get("next_due")
        keeps = given.get("keeps_connection") is True
        self.connections.when_lost(request, lambda: self.keeper.connection_lost({name}))
        instant = None if due is None else read_instant(due)
        now = await self.keeper.follow(name, instant, lambda: until_broken(request), keeps_connection=keeps)
        return JSONResponse({"now": now.isoformat()})

    async def leave(self, request: Request) -> Response:
        self.keeper.forget(self._follower(await read_object(request)))
        return self._now()

    def _follower(self, given: dict[str, Any]) -> str:
        name = given.get("follower")
        if not isinstance(name, str) or not 1 <= len(name) <= 200:
            raise UnplayableError(400, "A follower gives itself a name of 1 to 200 characters.")
        return name

    # ---- sessions and stories ----

    async def next_session_of(self, request: Request) -> Response:
        """When the named leader's next session begins, if somebody here can tell."""
        at = await self.next_session(request.query_params.get("name", "")) if self.next_session else None
        return JSONResponse({"at": at.isoformat() if at else None})

    async def stories(self, _: Request) -> Response:
        told = self.player.stories()
        people = [person["id"] for person in everybody(self.world) if person["name"] in told]
        return JSONResponse({"people": people, "playing": self.player.playing})

    async def play(self, request: Request) -> Response:
        given = await read_object(request)
        people = given.get("people")
        if people is not None and not (isinstance(people, list) and all(isinstance(one, int) for one in people)):
            raise UnplayableError(400, "people is a list of ids, or null for everybody with a story.")
        if ("until" in given) == ("span_s" in given):
            raise UnplayableError(400, 'Say either {"span_s": seconds} or {"until": time}.')
        span = read_seconds(given["span_s"]) if "span_s" in given else None
        until = self.world.now() + span if span else read_instant(given.get("until", self.world.now().isoformat()))
        answers = await self.player.play(people, until)
        return JSONResponse({"now": self.world.now().isoformat(), "answers": answers})

    async def stop_playing(self, _: Request) -> Response:
        self.player.stop()
        return JSONResponse({"ok": True})

    # ---- files, calls, faults, limits ----

    async def file(self, request: Request) -> Response:
        row = find_file(self.world, request.path_params["file_id"])
        if row is None:
            raise UnplayableError(404, "There is no such file in this rehearsal.")
        shown = row["mime"] if row["mime"] in INLINE_TYPES else "application/octet-stream"
        policy = "default-src 'none'; sandbox"
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": policy}
        if shown not in INLINE_TYPES:
            headers["Content-Disposition"] = "attachment"
        return Response(row["body"], media_type=shown, headers=headers)

    async def calls(self, request: Request) -> Response:
        since = request.query_params.get("since", "0")
        limit = request.query_params.get("limit", "-1")
        if not since.isdecimal() or not limit.removeprefix("-").isdecimal():
            raise UnplayableError(400, "since is the number of the last call seen, limit how many are wanted.")
        return JSONResponse(call_log(self.world, int(since), int(limit)))

    async def faults(self, _: Request) -> Response:
        return JSONResponse({"ordered": faults.ordered_faults(self.world), "kinds": faults.KINDS})

    async def order_fault(self, request: Request) -> Response:
        return JSONResponse(faults.order_fault(self.world, await read_object(request), METHODS))

    async def clear_faults(self, _: Request) -> Response:
        faults.clear_faults(self.world)
        return JSONResponse({"ok": True})

    async def limits(self, _: Request) -> Response:
        return JSONResponse({"enforce": bool(self.world.store.recall("limits", False))})

    async def set_limits(self, request: Request) -> Response:
        enforce = (await read_object(request)).get("enforce")
        if not isinstance(enforce, bool):
            raise UnplayableError(400, 'Say {"enforce": true} or {"enforce": false}.')
        self.world.store.keep("limits", enforce)
        return JSONResponse({"enforce": enforce})
