"""Reading what the rehearsal API is told, and answering errors in one sentence."""

import functools
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.rehearsal.errors import UnplayableError

MAX_BODY = 80 * 1024 * 1024
Handler = Callable[[Request], Awaitable[Response]]


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
