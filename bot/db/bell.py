"""What one process tells the others: PostgreSQL's LISTEN and NOTIFY, on a connection of its own."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_CHANNEL = "interlude"


class Bell:
    """`hear` is called with each word that another process rings; never with our own."""

    def __init__(self, engine: AsyncEngine, hear: Callable[[str], None]) -> None:
        self._engine = engine
        self._hear = hear
        self._raw: Any = None
        self._to_ring: set[str] = set()
        self._has_rung = asyncio.Event()

    def ring(self, word: str) -> None:
        """Tell the others, soon. Nothing relies on it: they look by themselves every half minute."""
        self._to_ring.add(word)
        self._has_rung.set()

    async def listen(self, on_listening: Callable[[], None]) -> None:
        """Until the connection is lost, which raises."""
        async with self._engine.connect() as connection:
            lost = asyncio.Event()
            raw = await self._listen(connection, lost)
            on_listening()
            try:
                await self._ring_on(raw, lost)
            finally:
                with contextlib.suppress(Exception):
                    await connection.invalidate()  # it goes back to no pool: it listens
        raise ConnectionError("nothing is heard of the other processes")

    async def _listen(self, connection: AsyncConnection, lost: asyncio.Event) -> Any:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        own = raw.get_server_pid()

        def heard(_connection: Any, pid: int, _channel: str, word: str) -> None:
            if pid != own:
                self._hear(word)

        def ended(_connection: Any) -> None:
            lost.set()
            self._has_rung.set()

        raw.add_termination_listener(ended)
        await raw.add_listener(_CHANNEL, heard)
        return raw

    async def _ring_on(self, raw: Any, lost: asyncio.Event) -> None:
        while not lost.is_set():
            await self._has_rung.wait()
            self._has_rung.clear()
            words, self._to_ring = self._to_ring, set()
            for word in words:
                await raw.execute("SELECT pg_notify($1, $2)", _CHANNEL, word)
