"""Whether this machine's clock can be relied on: beside Telegram's, and beside time that only goes forward."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime

from bot.clock import Clock
from bot.log import get_logger

log = get_logger(__name__)

MOST = 60.0
_JUMP, _EVERY = 30.0, 30.0
_APART, _ALIKE, _SILENT = 10.0, 5.0, 300.0


class ClockGuard:
    """`heard` is told the `Date` of Telegram's replies; `tell` learns by how many seconds this clock is ahead, `jumped` by
    how many it was set.

    Two replies some seconds apart must agree: one that waited in a frozen process, or a clock that stands, says nothing.
    With `ask`, which has Telegram reply, a first one that is far off counts until a second one tells, and a second one is
    asked for.
    """

    def __init__(
        self, clock: Clock, tell: Callable[[float], None], jumped: Callable[[float], None] = lambda _seconds: None,
        ask: Callable[[], Awaitable[object]] | None = None,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._tell = tell
        self._jumped = jumped
        self._ask = ask
        self._heard: tuple[float, float] | None = None
        self._looked: tuple[float, float] | None = None
        self._is_off = False
        self._is_sure = False

    def heard(self, date: str) -> None:
        elapsed = self._clock.monotonic()
        if self._heard is not None and elapsed - self._heard[0] < _APART:
            return
        try:
            skew = (self._clock.now() - parsedate_to_datetime(date)).total_seconds()
        except (ValueError, TypeError):
            return
        before, self._heard = self._heard, (elapsed, skew)
        if before is None and self._ask is not None and abs(skew) > MOST:
            self._tell(skew)
        self._is_sure = before is not None and abs(skew - before[1]) <= _ALIKE
        if not self._is_sure:
            return
        self._tell(skew)
        if self._is_off != (abs(skew) > MOST):
            self._is_off = not self._is_off
            log.error("clock is wrong" if self._is_off else "clock is right again", seconds=round(skew))

    async def run(self) -> None:
        """Look every half minute, until cancelled."""
        while True:
            self.look()
            if self._ask is not None and self._is_to_be_asked():
                with contextlib.suppress(Exception):  # another reply will tell
                    await self._ask()
            await asyncio.sleep(_EVERY)

    def _is_to_be_asked(self) -> bool:
        """Nobody has said for long what time it is, or it is to be seen whether this clock is really wrong, or still."""
        if self._heard is None or not self._is_sure:
            return True
        elapsed, skew = self._heard
        return self._clock.monotonic() - elapsed > _SILENT or abs(skew) > MOST

    def look(self) -> None:
        """A clock that was set, or a machine that slept."""
        wall, elapsed = self._clock.now().timestamp(), self._clock.monotonic()
        before, self._looked = self._looked, (wall, elapsed)
        if before is not None and abs(jump := (wall - before[0]) - (elapsed - before[1])) > _JUMP:
            log.warning("clock has jumped", seconds=round(jump))
            self._jumped(jump)
