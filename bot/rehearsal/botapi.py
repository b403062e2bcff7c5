"""The emulated Bot API: read a call, let faults and limits have their way, perform it, log it, answer."""

import asyncio
import json
import re
from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.rehearsal import account, editing, receiving, sending
from bot.rehearsal.connections import Connections, until_broken
from bot.rehearsal.errors import RefusedError
from bot.rehearsal.faults import PAGE, PAGES, REFUSALS, WITHOUT_EFFECT, take_fault
from bot.rehearsal.files import file_at
from bot.rehearsal.limits import Pace, too_many
from bot.rehearsal.params import Params, read_params
from bot.rehearsal.people import bot_id
from bot.rehearsal.receiving import NEW_WEBHOOK, Poller
from bot.rehearsal.stage import Timekeeper
from bot.rehearsal.world import Call, World

Fault = Mapping[str, Any]
TOKEN = re.compile(r"([1-9]\d{0,15}):[A-Za-z0-9_-]{30,64}")
SYNC_METHODS = sending.METHODS | editing.METHODS | account.METHODS | receiving.METHODS
METHODS = frozenset(SYNC_METHODS) | {"getUpdates"}
_BY_LOWER = {name.lower(): name for name in METHODS}
KEPT_CALLS = 50_000
HALF_A_REPLY = '{"ok":true,"result":{"message_id":'


class BotApi:
    """The endpoints under /bot<token>/ and /file/bot<token>/."""

    def __init__(self, world: World, connections: Connections, keeper: Timekeeper) -> None:
        self.world = world
        self.connections = connections
        self.keeper = keeper
        self.poller = Poller(world)
        connections.when_bot_gone = keeper.suspect
        self.pace = Pace(world)

    async def call(self, request: Request) -> Response:
        """One call of one method."""
        self.connections.carry_bot(request)
        self.keeper.unsuspect()
        refusal = self._check_token(request.path_params["token"])
        method = _BY_LOWER.get(request.path_params["method"].lower())
        if refusal or method is None:
            return self._refused(refusal or RefusedError(404, "Not Found"))
        try:
            params = await read_params(request)
        except RefusedError as refused:
            self._log(method, {}, None, refused, None)
            return self._refused(refused)
        fault = take_fault(self.world, method)
        if fault and fault["kind"] in WITHOUT_EFFECT:
            return await self._fail(request, method, params, fault)
        try:
            result = await self._perform(request, method, params, fault)
        except RefusedError as refused:
            self._log(method, params.for_log(), None, refused, None)
            return self._refused(refused)
        if fault:
            return await self._spoil(request, fault)
        return self._reply(200, {"ok": True, "result": result})

    async def download(self, request: Request) -> Response:
        refusal = self._check_token(request.path_params["token"])
        row = None if refusal else file_at(self.world, request.path_params["path"])
        if row is None:
            return self._refused(refusal or RefusedError(404, "Not Found"))
        return Response(row["body"], media_type="application/octet-stream", headers=self._date())

    def _check_token(self, token: str) -> RefusedError | None:
        """Any well-formed token is this bot's; the number in it is the bot's id from then on."""
        match = TOKEN.fullmatch(token)
        if match is None:
            shaped = re.fullmatch(r"\d+:.+", token)
            return RefusedError(401, "Unauthorized") if shaped else RefusedError(404, "Not Found")
        if int(match.group(1)) != bot_id(self.world):
            self.world.store.keep("bot_id", int(match.group(1)))
        return None

    async def _perform(self, request: Request, method: str, params: Params, fault: Fault | None) -> Any:
        if method == "getUpdates":
            result = await self.poller.get_updates(params, lambda: until_broken(request))
            self._log(method, params.for_log(), result, None, fault)
            return result
        if method == "setWebhook" and params.text("url"):
            self.poller.end(NEW_WEBHOOK)
        with self.world.store.transaction():
            self.pace.check(method, params)
            result = SYNC_METHODS[method](self.world, params)
            self._log(method, params.for_log(), result, None, fault)
        return result

    # ---- faults ----

    async def _fail(self, request: Request, method: str, params: Params, fault: Fault) -> Response:
        """A fault without effect."""
        kind = fault["kind"]
        code, text = (REFUSALS | PAGES).get(kind, (0, kind))
        refused = too_many(fault["retry_after"]) if kind == "429" else RefusedError(code, text)
        self._log(method, params.for_log(), None, refused, fault)
        if kind in PAGES:
            page = PAGE.format(code=code, text=text)
            return PlainTextResponse(page, code, media_type="text/html", headers=self._date())
        if refused.code:
            return self._refused(refused)
        return await self._break(request, fault)

    async def _spoil(self, request: Request, fault: Fault) -> Response:
        """A fault after the effect."""
        if fault["kind"] == "500_after":
            return self._refused(RefusedError(500, "Internal Server Error"))
        if fault["kind"] == "bad_json":
            return Response(HALF_A_REPLY, media_type="application/json", headers=self._date())
        return await self._break(request, fault)

    async def _break(self, request: Request, fault: Fault) -> Response:
        if fault["kind"].startswith("timeout"):
            held = asyncio.ensure_future(until_broken(request))
            closing = asyncio.ensure_future(self.world.closing.wait())
            await asyncio.wait({held, closing}, timeout=fault["hold_s"], return_when=asyncio.FIRST_COMPLETED)
            held.cancel()
            closing.cancel()
        self.connections.reset(request)
        return Response(status_code=500)  # nobody is left to read it

    # ---- replies ----

    def _refused(self, refused: RefusedError) -> Response:
        body: dict[str, Any] = {"ok": False, "error_code": refused.code, "description": refused.description}
        headers = {}
        if refused.retry_after is not None:
            body["parameters"] = {"retry_after": refused.retry_after}
            headers["Retry-After"] = str(refused.retry_after)
        return self._reply(refused.code, body, headers)

    def _reply(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
        return JSONResponse(body, status, headers=self._date() | (headers or {}))

    def _date(self) -> dict[str, str]:
        return {"Date": format_datetime(self.world.now(), usegmt=True)}

    def _log(
        self,
        method: str,
        params: dict[str, Any],
        result: Any,
        refused: RefusedError | None,
        fault: Fault | None,
    ) -> None:
        """Write the call down (the token never) and show it to the observer and the pages."""
        status = refused.code if refused else {"500_after": 500}.get(fault["kind"] if fault else "", 200)
        code = refused.code or None if refused else None
        number = self.world.store.insert(
            "INSERT INTO call (at, method, params, ok, error_code, description, status, fault)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            self.world.now().isoformat(), method, json.dumps(params), refused is None, code,
            refused.description if refused else None, status, fault["kind"] if fault else None,
        )  # fmt: skip
        if number % 1000 == 0:
            self.world.store.run("DELETE FROM call WHERE n <= ?", number - KEPT_CALLS)
        if self.world.observer:
            seen = Call(number, self.world.now(), method, params, refused is None, code,
                        refused.description if refused else None, status, result,
                        fault["kind"] if fault else None)  # fmt: skip
            self.world.observer(seen)
        self.world.tell("call", n=number)


def call_log(world: World, since: int, limit: int = -1) -> list[dict[str, Any]]:
    """The calls after number `since`, all of them unless limited."""
    rows = world.store.all("SELECT * FROM call WHERE n > ? ORDER BY n LIMIT ?", since, limit)
    return [dict(row) | {"ok": bool(row["ok"]), "params": json.loads(row["params"])} for row in rows]
