"""Whether this machine's clock can be relied on: beside Telegram's, and beside time that only goes forward."""

import asyncio
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from bot.clock import Clock
from bot.log import get_logger

log = get_logger(__name__)

MOST = 60.0
_JUMP, _EVERY = 30.0, 30.0
_APART, _ALIKE = 10.0, 5.0


class ClockGuard:
    """`heard` is told the `Date` of Telegram's replies, `look` is called every now and then; `tell` learns by how many
    seconds this clock is ahead.

    Two replies some seconds apart must agree: one that waited in a frozen process, or a clock that stands, says nothing.
    """

    def __init__(self, clock: Clock, tell: Callable[[float], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._heard: tuple[float, float] | None = None
        self._looked: tuple[float, float] | None = None
        self._is_off = False

    def heard(self, date: str) -> None:
        elapsed = self._clock.monotonic()
        if self._heard is not None and elapsed - self._heard[0] < _APART:
            return
        try:
            skew = (self._clock.now() - parsedate_to_datetime(date)).total_seconds()
        except (ValueError, TypeError):
            return
        before, self._heard = self._heard, (elapsed, skew)
        if before is None or abs(skew - before[1]) > _ALIKE:
            return
        self._tell(skew)
        if self._is_off != (abs(skew) > MOST):
            self._is_off = not self._is_off
            log.error("clock is wrong" if self._is_off else "clock is right again", seconds=round(skew))

    async def run(self) -> None:
        """Look every half minute, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(_EVERY)

    def look(self) -> None:
        """A clock that was set, or a machine that slept."""
        wall, elapsed = self._clock.now().timestamp(), self._clock.monotonic()
        before, self._looked = self._looked, (wall, elapsed)
        if before is not None and abs(jump := (wall - before[0]) - (elapsed - before[1])) > _JUMP:
            log.warning("clock has jumped", seconds=round(jump))
