"""Connections as the emulator needs them: seen to break, and reset on purpose."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

Address = tuple[str, int]
Broken = Callable[[], Coroutine[Any, Any, None]]


class Connections:
    """The open connections of one server, by the client's address."""

    def __init__(self) -> None:
        self._open: dict[Address, asyncio.Transport] = {}
        self._on_loss: dict[Address, Callable[[], None]] = {}
        self._of_bot: set[Address] = set()
        self.when_bot_gone: Callable[[], None] = lambda: None

    def protocol(self) -> type[H11Protocol]:
        """A protocol class for uvicorn that tells this object of its connections."""
        register, unregister = self._opened, self._closed

        class Watched(H11Protocol):
            def connection_made(self, transport: Any) -> None:
                super().connection_made(transport)
                register(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                unregister(self.client)
                super().connection_lost(exc)

        return Watched

    def _opened(self, transport: asyncio.Transport) -> None:
        address = transport.get_extra_info("peername")
        if address:
            self._open[tuple(address[:2])] = transport

    def _closed(self, address: Address | None) -> None:
        if address:
            self._open.pop(address, None)
            if address in self._of_bot:
                self._of_bot.discard(address)
                if not self._of_bot:
                    self.when_bot_gone()
            told = self._on_loss.pop(address, None)
            if told:
                told()

    def when_lost(self, request: Request, tell: Callable[[], None]) -> None:
        """Call `tell` once when the connection of this request ends."""
        if request.client:
            self._on_loss[(request.client.host, request.client.port)] = tell

    def carry_bot(self, request: Request) -> None:
        """Note that this connection is the bot's; `when_bot_gone` is called when the last of them ends."""
        if request.client:
            self._of_bot.add((request.client.host, request.client.port))

    def reset(self, request: Request) -> None:
        """End the connection of a request with a TCP reset, as a crashing peer does."""
        transport = self._open.get((request.client.host, request.client.port)) if request.client else None
        if transport is None:
            return
        raw = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


async def until_broken(request: Request) -> None:
    """Returns when the client has gone; the body must have been read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
