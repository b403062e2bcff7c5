"""Our own long poll: fetch raw, commit, and only then tell Telegram by the next offset that it has arrived."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.chat import emergency
from bot.chat.telegram_bot import FETCH_LIMIT, RawBot, seconds_of
from bot.clock import Clock, SteppedClock
from bot.log import get_logger
from bot.work import receive
from bot.work.downtime import Presence
from bot.work.practice import Practice
from bot.work.vitals import FETCH

log = get_logger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_LONG = timedelta(hours=1)


class Poller:
    """Starts at offset 0 whenever it starts, and after each silence: what is stored already is recognised by its id."""

    def __init__(self, bot: RawBot, practice: Practice, clock: Clock, on_stored: Callable[[], None]) -> None:
        self._bot = bot
        self._practice = practice
        self._clock = clock
        self._on_stored = on_stored
        self._offset = 0
        self._fetched_at: datetime | None = None
        self._pause = _FIRST_PAUSE
        self._answered: set[int] = set()
        self._presence = Presence(practice, jumps=isinstance(clock, SteppedClock))

    async def poll_once(self, wait: int) -> int:
        """Fetch and store one batch; how many updates it held. Nothing is acknowledged that is not on disk."""
        if self._fetched_at is None or abs(self._clock.now() - self._fetched_at) > _LONG:
            self._offset = 0  # this machine slept, or another process fetched
        try:
            updates = await self._bot.fetch(self._offset, wait)
        except Conflict as conflict:
            if "webhook is active" not in str(conflict):
                raise
            log.warning("webhook deleted, as INTERLUDE_WEBHOOK_URL is not set, and what waits is kept")
            await self._bot.call("deleteWebhook", drop_pending_updates=False)
            return 0
        if updates:
            try:
                await receive.store(self._practice, updates, self._clock.now())
            except Exception:
                new = [update for update in updates if update["update_id"] not in self._answered]
                self._answered |= {update["update_id"] for update in updates}  # they come again until they are stored
                await emergency.answer_urgent(self._bot, new)
                raise
            self._answered.clear()
            self._offset = max(update["update_id"] for update in updates) + 1
            self._on_stored()
        else:  # all that came has been acknowledged, and after a quiet week ids go on from any number, also a lower one
            self._offset = 0
        self._fetched_at = self._clock.now()
        if len(updates) < FETCH_LIMIT:
            self._practice.drained_at = self._clock.now()
        self._practice.vitals.done(FETCH, self._clock.now())
        await self._presence.seen(self._clock.now())
        return len(updates)

    async def run(self) -> None:
        """Until cancelled. A failure is waited out; it never stops the bot."""
        while True:
            try:
                await self.poll_once(wait=30)
                self._pause = _FIRST_PAUSE
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001  # whatever it was, the updates are still at Telegram
                await self._wait(self._after(error))

    async def _wait(self, seconds: float) -> None:
        """Telegram may ask for a long one; nobody is to think that we stand still."""
        while seconds > 0:
            self._practice.vitals.failed(FETCH)
            await asyncio.sleep(min(seconds, _LONGEST_PAUSE))
            seconds -= _LONGEST_PAUSE

    def _after(self, error: Exception) -> float:
        reason = type(error).__name__
        if isinstance(error, Conflict):
            reason = "another-process-polls-with-this-token"
        elif isinstance(error, InvalidToken):
            reason = "the-token-is-refused"
        if isinstance(error, TelegramError) and not isinstance(error, RetryAfter):
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        pause = seconds_of(error) if isinstance(error, RetryAfter) else self._pause
        log.warning("polling failed", reason=reason, seconds=pause)
        return pause
