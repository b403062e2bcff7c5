"""The rehearsal API of the phones and groups: what people see and do."""

import json
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.rehearsal import groups, phones
from bot.rehearsal.account import commands_on_phone, profile_text
from bot.rehearsal.errors import UnplayableError
from bot.rehearsal.messages import as_seen, messages_of
from bot.rehearsal.orders import Handler, plainly, read_object
from bot.rehearsal.people import add_person, as_bot_user, describe, everybody, the_person
from bot.rehearsal.stage import Timekeeper
from bot.rehearsal.world import World

ANSWER_S = 5.0  # how long a tap waits for its answer when nobody follows the clock


class PhoneApi:
    """Handlers over one world; `routes()` lists them all."""

    def __init__(self, world: World, keeper: Timekeeper) -> None:
        self.world = world
        self.keeper = keeper

    def routes(self) -> list[Route]:
        person = "/rehearsal/people/{person:int}"
        table: list[tuple[str, str, Handler]] = [
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
        ]
        return [Route(path, plainly(handler), methods=[method]) for method, path, handler in table]

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
        return await self.keeper.settled() and bool(self.keeper.followers)

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
