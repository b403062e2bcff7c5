"""The webhook: an update is answered with 200 once it is on disk, and not before. What arrives together shares a commit."""

import asyncio
import contextlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from telegram.error import TelegramError

from bot.chat import emergency
from bot.chat.telegram_bot import ALLOWED_UPDATES, RawBot
from bot.clock import Clock
from bot.log import get_logger
from bot.work import receive
from bot.work.downtime import Presence
from bot.work.practice import Practice

log = get_logger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # a name
_LARGEST = 1 << 20
_AT_ONCE = 100
_PATIENCE = 20.0  # Telegram gives up after half a minute
_REMEMBERED = 1000
_CONNECTIONS = 40
_LOOK_EVERY = 300.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0


def secret_of(token: str) -> str:
    """What Telegram says with each update, where nobody has chosen it: all processes of a bot come to the same."""
    return hmac.new(token.encode(), b"interlude webhook", sha256).hexdigest()


class Webhook:
    """Takes updates at one path. `on_stored` is called after each commit."""

    def __init__(
        self, bot: RawBot, practice: Practice, clock: Clock, *, path: str, secret: str, on_stored: Callable[[], None]
    ) -> None:
        self._bot = bot
        self._practice = practice
        self._clock = clock
        self._path = path
        self._secret = secret.encode()
        self._on_stored = on_stored
        self._waiting: list[tuple[dict[str, Any], asyncio.Future[None]]] = []
        self._committing: asyncio.Task[None] | None = None
        self._answered: set[int] = set()
        self._presence = Presence(practice)

    def app(self) -> Starlette:
        return Starlette(routes=[Route(self._path, self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), self._secret):
            log.warning("delivered without the secret")
            return Response(status_code=403)
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        update = _update(body)
        if update is None:
            return Response(status_code=400)
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._store(update)
        except Exception as error:  # noqa: BLE001  # Telegram keeps it and comes again
            log.error("update not stored", update_id=update["update_id"], error=type(error).__name__)
            await self._answer_urgent(update)
            return Response(status_code=503)
        return Response(status_code=200)

    async def _store(self, update: dict[str, Any]) -> None:
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((update, stored))
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit())
        await stored

    async def _commit(self) -> None:
        """While one commit is under way, the next batch gathers."""
        while self._waiting:
            batch, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
            try:
                await receive.store(self._practice, [update for update, _ in batch], self._clock.now())
            except Exception as error:  # noqa: BLE001  # each of them says so to whoever delivered it
                _end(batch, error)
            else:
                self._on_stored()
                _end(batch, None)

    async def _answer_urgent(self, update: dict[str, Any]) -> None:
        """Once, however often it comes until it is stored."""
        if update["update_id"] not in self._answered:
            self._answered = {*list(self._answered)[-_REMEMBERED:], update["update_id"]}
            await emergency.answer_urgent(self._bot, [update])

    async def keep_set(self, url: str) -> None:
        """Have Telegram deliver here, and see now and then that it still does; until cancelled."""
        parameters = {
            "url": url, "secret_token": self._secret.decode(), "allowed_updates": ALLOWED_UPDATES,
            "max_connections": _CONNECTIONS,
        }  # fmt: skip
        pause, is_set = _FIRST_PAUSE, False
        while True:
            try:
                info = await self._bot.call("getWebhookInfo")
                if is_set and info["url"] != url:
                    log.error("somebody else has changed the webhook")
                    is_set = False
                if not is_set:
                    await self._bot.call("setWebhook", **parameters)
                    log.info("webhook set")
                is_set, pause = True, _FIRST_PAUSE
                self._practice.vitals.undelivered = why = _undelivered(info, self._clock.now())
                if why is None:
                    await self._note_presence()
                await asyncio.sleep(_LOOK_EVERY)
            except (TelegramError, KeyError, TypeError) as error:
                log.warning("webhook not set", reason=type(error).__name__, seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _note_presence(self) -> None:
        """What comes is delivered here: nobody is away."""
        try:
            await self._presence.seen(self._clock.now())
        except Exception as error:  # noqa: BLE001  # without the database nothing is stored either
            log.warning("presence not noted", error=type(error).__name__)


def _undelivered(info: dict[str, Any], now: datetime) -> str | None:
    """Why updates wait at Telegram, if it has lately tried in vain: it drops them after a day, and whoever wrote is told."""
    failed = info.get("last_error_date")
    if not failed or not info.get("pending_update_count") or now.timestamp() - failed > 3 * _LOOK_EVERY:
        return None
    return str(info.get("last_error_message") or "it does not say why")[:100]


def _end(batch: list[tuple[dict[str, Any], asyncio.Future[None]]], error: Exception | None) -> None:
    for _, stored in batch:
        if not stored.done():
            stored.set_result(None) if error is None else stored.set_exception(error)


async def _body(request: Request) -> bytes | None:
    """None when it is larger than any update."""
    with contextlib.suppress(ValueError):
        if int(request.headers.get("content-length", "0")) > _LARGEST:
            return None
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST:
            return None
    return bytes(body)


def _update(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    is_one = isinstance(found, dict) and isinstance(found.get("update_id"), int)
    return found if is_one else None
