"""The rehearsal API: people and their phones, the clock, the files, the log of calls, faults and limits."""

import functools
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.rehearsal import faults, groups, phones
from bot.rehearsal.account import commands_on_phone, profile_text
from bot.rehearsal.botapi import METHODS, call_log
from bot.rehearsal.connections import Connections, until_broken
from bot.rehearsal.errors import UnplayableError
from bot.rehearsal.files import find_file
from bot.rehearsal.messages import as_seen, messages_of
from bot.rehearsal.people import add_person, as_bot_user, describe, everybody, the_person
from bot.rehearsal.player import Player
from bot.rehearsal.stage import Timekeeper
from bot.rehearsal.world import World

ANSWER_S = 5.0      # how long a tap waits for its answer when nobody follows the clock
MAX_BODY = 80 * 1024 * 1024
INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
Handler = Callable[[Request], Awaitable[Response]]
NextSession = Callable[[str], Awaitable[datetime | None]]


def plainly(handler: Handler) -> Handler:
    """Errors as one sentence with the right status, never a traceback."""

    @functools.wraps(handler)
    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except UnplayableError as problem:
            return JSONResponse({"error": problem.sentence}, problem.status)

    return handle


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object of a request; an empty body is an empty object."""
    if int(request.headers.get("content-length") or 0) > MAX_BODY:
        raise UnplayableError(413, "The request is larger than 80 MB.")
    try:
        given = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        raise UnplayableError(400, "The request is not valid JSON.") from None
    if not isinstance(given, dict):
        raise UnplayableError(400, "The request is not a JSON object.")
    return given


def read_instant(value: object) -> datetime:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        raise UnplayableError(400, f"{value!r} is not a time such as 2026-11-02T09:00:00+00:00.") from None
    try:
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise UnplayableError(400, f"{value!r} is out of range.") from None


def read_seconds(value: object) -> timedelta:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 3.2e9:
        raise UnplayableError(400, "The number of seconds is not a number from 0 up.")
    return timedelta(seconds=value)


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
        person = "/rehearsal/people/{person:int}"
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
            ("GET", "/rehearsal/people", self.people),
            ("POST", "/rehearsal/people", self.add_person),
            ("GET", f"{person}/chat", self.chat),
            ("GET", f"{person}/phone", self.phone),
            ("POST", f"{person}/send", self.send),
            ("POST", f"{person}/tap", self.tap),
            ("POST", f"{person}/edit", self.edit),
            ("POST", f"{person}/block", self.block),
            ("POST", f"{person}/unblock", self.unblock),
            ("POST", f"{person}/group", self.add_group),
            ("GET", "/rehearsal/groups/{group:int}/chat", self.group_chat),
            ("POST", "/rehearsal/groups/{group:int}/send", self.group_send),
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

    # ---- phones ----

    async def people(self, _: Request) -> Response:
        return JSONResponse([describe(person) for person in everybody(self.world)])

    async def add_person(self, request: Request) -> Response:
        given = await read_object(request)
        about = (given.get(field) for field in ("name", "language", "zone", "roles"))
        person = add_person(self.world, *about)
        return JSONResponse(describe(person))

    def _person(self, request: Request) -> int:
        return int(the_person(self.world, request.path_params["person"])["id"])

    async def chat(self, request: Request) -> Response:
        rows = messages_of(self.world, self._person(request))
        return JSONResponse([as_seen(self.world, row) for row in rows])

    async def phone(self, request: Request) -> Response:
        """What surrounds the chat on a phone: its owner, the bot's menu, the keyboard it asked for."""
        person = the_person(self.world, request.path_params["person"])
        return JSONResponse({
            **describe(person),
            "commands": commands_on_phone(self.world, person["id"], person["language"]),
            "keyboard": json.loads(person["keyboard"]) if person["keyboard"] else None,
            "bot": as_bot_user(self.world),
            "description": profile_text(self.world, "description", person["language"]),
        })  # fmt: skip

    async def send(self, request: Request) -> Response:
        sent = phones.send(self.world, self._person(request), await read_object(request))
        settled = await self._settle()
        return JSONResponse({"message_id": sent[-1], "message_ids": sent, "settled": settled})

    async def tap(self, request: Request) -> Response:
        given = await read_object(request)
        query, instead = phones.press(self.world, self._person(request), given)
        if query is None:
            await self._settle()
            return JSONResponse(instead)
        if self.keeper.followers:
            await self._settle()
        elif given.get("wait") is not False:
            await self._answered(query)
        return JSONResponse(phones.answer_to(self.world, query) or {"answered": False})

    async def _answered(self, query: str) -> None:
        until = time.monotonic() + ANSWER_S
        while phones.answer_to(self.world, query) is None and time.monotonic() < until:
            await self.world.answers.next(until - time.monotonic())

    async def edit(self, request: Request) -> Response:
        given = await read_object(request)
        phones.edit(self.world, self._person(request), given.get("message_id"), given.get("text"))
        return JSONResponse({"ok": True, "settled": await self._settle()})

    async def block(self, request: Request) -> Response:
        phones.block(self.world, self._person(request), blocked=True)
        return JSONResponse({"ok": True, "settled": await self._settle()})

    async def unblock(self, request: Request) -> Response:
        phones.block(self.world, self._person(request), blocked=False)
        return JSONResponse({"ok": True, "settled": await self._settle()})

    async def _settle(self) -> bool:
        """Whether the bot has dealt with it; without followers nobody can say."""
        if not self.keeper.followers:
            return False
        return await self.keeper.settled()

    # ---- groups ----

    async def add_group(self, request: Request) -> Response:
        given = await read_object(request)
        title = str(given.get("title") or "A group")[:128]
        chat_id = groups.add_bot_to_group(self.world, self._person(request), title)
        return JSONResponse({"chat_id": chat_id, "title": title, "settled": await self._settle()})

    async def group_chat(self, request: Request) -> Response:
        group = self._group(request)
        row = self.world.store.one("SELECT * FROM crowd WHERE id = ?", group)
        if row is None:
            raise UnplayableError(404, f"There is no group with the id {group} in this rehearsal.")
        seen = [as_seen(self.world, message) for message in messages_of(self.world, group)]
        return JSONResponse({"title": row["title"], "bot_is_member": bool(row["member"]), "messages": seen})

    def _group(self, request: Request) -> int:
        return -abs(int(request.path_params["group"]))

    async def group_send(self, request: Request) -> Response:
        given = await read_object(request)
        if not isinstance(given.get("person"), int) or not isinstance(given.get("text"), str):
            raise UnplayableError(400, "A message in a group needs a person (id) and a text.")
        sent = groups.say_in_group(self.world, self._group(request), given["person"], given["text"])
        return JSONResponse({"message_id": sent, "settled": await self._settle()})

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
        if not since.isdecimal():
            raise UnplayableError(400, "since is the number of the last call seen.")
        return JSONResponse(call_log(self.world, int(since)))

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
