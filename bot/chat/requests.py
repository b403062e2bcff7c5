"""HTTP for python-telegram-bot over aiohttp: the library's own transport takes ten times the processor per message.

Nothing is tried twice and no redirection is followed: whether a message has left is for `sender.py` to judge, by the
`__cause__` of what is raised here. No message of an exception carries the address, which holds the token.
"""

import json
import ssl
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import aiohttp
import certifi
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
"""What says that a request was not sent: no connection, or none free in time."""

_CONNECT, _POOL, _READ = 5.0, 10.0, 30.0
_TOTAL = 45.0  # below the lease of a message, so that nobody else takes what this one still sends
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": BaseRequest.USER_AGENT}
_SHOWS = ("send", "edit", "delete", "answer")
_BARE = {"User-Agent": BaseRequest.USER_AGENT}


class AiohttpRequest(BaseRequest):
    """At most `connections` at once. A proxy in somebody's environment is not asked: it would carry answers elsewhere."""

    def __init__(self, connections: int, read_timeout: float = _READ) -> None:
        self._connections = connections
        self._read_timeout = read_timeout
        self._session: aiohttp.ClientSession | None = None
        self.heard: Callable[[str], None] = lambda _date: None  # is told what time it is at Telegram's
        self.held: Callable[[float], None] = lambda _seconds: None  # is told for how long nobody is to call

    @property
    def read_timeout(self) -> float:
        return self._read_timeout

    async def initialize(self) -> None:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections, ssl=_certificates())
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=jar, trust_env=False)

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002  # within the total
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        await self.initialize()
        assert self._session is not None
        read = float(read_timeout) if isinstance(read_timeout, int | float) else self._read_timeout
        body, headers = _body(request_data)
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=_budget(read), allow_redirects=False
            ) as response:
                if response.ok and (date := response.headers.get("Date")):
                    self.heard(date)
                said = await response.read()
                if 400 <= response.status < 500:
                    self._heed(url.rpartition("/")[2], response.status, said)
                return response.status, said
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(type(error).__name__) from error

    def _heed(self, method: str, status: int, said: bytes) -> None:
        """A refusal ends a message, or a person's being reachable: it has to be Telegram's own, not that of a proxy, a
        firewall or a captive portal. A 429 of anything that shows in a chat concerns all that do; menus and names have
        limits of their own, of hours."""
        try:
            told = json.loads(said)
            told["ok"]
            if status == HTTPStatus.TOO_MANY_REQUESTS and method.startswith(_SHOWS):
                self.held(float(told["parameters"]["retry_after"]))
        except (ValueError, TypeError, KeyError):
            raise NetworkError(f"{status}, but not from Telegram") from None


def _body(data: RequestData | None) -> tuple[bytes | aiohttp.FormData | None, dict[str, str]]:
    if data is None:
        return None, _BARE
    if not data.contains_files:
        return urlencode(data.json_parameters).encode(), _FORM
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form, _BARE


@cache
def _budget(read: float) -> aiohttp.ClientTimeout:
    """Waiting for a free connection and making one share a budget of their own; writing has what reading leaves."""
    total = max(_TOTAL, _POOL + _CONNECT + read)
    return aiohttp.ClientTimeout(total=total, connect=_POOL + _CONNECT, sock_connect=_CONNECT, sock_read=read)


@cache
def _certificates() -> ssl.SSLContext:
    """Read once. The same on every machine, whatever its own store holds."""
    return ssl.create_default_context(cafile=certifi.where())
