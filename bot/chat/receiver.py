"""Gives the handlers one stored update after the other."""

import asyncio
from collections.abc import Callable

from telegram import Update

from bot.chat import emergency, menus, strangers, turns
from bot.chat.application import TURN, make_application
from bot.chat.aside import ASIDE, Aside
from bot.chat.telegram_bot import RawBot
from bot.clock import Clock
from bot.domain.text import message as one_message
from bot.domain.text import plain
from bot.i18n import Say, nearest_language
from bot.log import get_logger
from bot.work import receive
from bot.work.handling import whom
from bot.work.practice import Practice

log = get_logger(__name__)

_EXCUSED = 5
_FETCHERS, _MOMENT = 4, 0.5  # so many files at once; seconds until the others go on without one
_PAUSE = 1.0  # seconds until what could not be handled has its turn again


class DatabaseAwayError(Exception):
    """An update could not be handled, and it is not to blame: it keeps its turn."""


class NotYetError(Exception):
    """`/urgent` did not get through: it keeps its turn, however often."""


class Receiver:
    """Handles stored updates in order; one that fails three times is set aside alone. While a file is being fetched, or
    `/urgent` does not get through, only its own chat waits. `on_fetched` is told when that chat may go on."""

    def __init__(
        self, bot: RawBot, practice: Practice, clock: Clock, on_fetched: Callable[[], None] = lambda: None
    ) -> None:
        self._bot = bot
        self._practice = practice
        self._clock = clock
        self._application = make_application(bot)
        self._courtesy = strangers.Courtesy()
        self._aside = Aside()
        self._on_fetched = on_fetched
        self._fetching: dict[int, asyncio.Task[None]] = {}  # by chat
        self._fetchers = asyncio.Semaphore(_FETCHERS)
        self._excused: dict[int, int] = {}  # how often, by update

    async def start(self) -> None:
        await self._application.initialize()

    async def stop(self) -> None:
        """What is being fetched keeps its turn."""
        for task in [*self._fetching.values()]:
            task.cancel()
        await asyncio.gather(*self._fetching.values(), return_exceptions=True)
        await self._aside.stop()
        await self._application.shutdown()

    async def finish(self) -> bool:
        """Wait for what is done beside the updates; it is never waited for while there are more of them. Whether there may
        be more now."""
        was_fetching = bool(self._fetching)
        if was_fetching:
            await asyncio.wait({*self._fetching.values()})
        await self._aside.finish()
        return was_fetching

    async def receive_one(self) -> bool:
        """Handle the oldest waiting update of a chat that is not being fetched for. False when there is none."""
        waiting = await receive.next_waiting(self._practice, self._fetching)
        if waiting is None:
            return False
        if waiting.chat_id is not None and (waiting.has_file or waiting.is_urgent):
            await self._fetch(waiting, waiting.chat_id)
        else:
            await self._see_to(waiting)
        return True

    async def _fetch(self, waiting: receive.Waiting, chat_id: int) -> None:
        """Mostly it is a moment; where it is not, the others go on."""
        moment = 0 if waiting.has_file and self._fetchers.locked() else _MOMENT
        task = asyncio.create_task(self._see_to_file(waiting) if waiting.has_file else self._see_to(waiting))
        try:
            await asyncio.wait({task}, timeout=moment)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if task.done():
            task.result()
            return
        self._fetching[chat_id] = task
        task.add_done_callback(lambda ended: self._fetched(chat_id, ended))

    def _fetched(self, chat_id: int, ended: asyncio.Task[None]) -> None:
        del self._fetching[chat_id]
        if ended.cancelled():
            return
        if (error := ended.exception()) is None:
            self._on_fetched()
        else:
            log.warning("not handled yet", error=error)
            asyncio.get_running_loop().call_later(_PAUSE, self._on_fetched)

    async def _see_to_file(self, waiting: receive.Waiting) -> None:
        async with self._fetchers:
            await self._see_to(waiting)

    async def _see_to(self, waiting: receive.Waiting) -> None:
        try:
            is_done = await self._handle(waiting)
        except NotYetError:
            raise
        except DatabaseAwayError as error:
            if receive.is_surely_away(error.__cause__) or self._excuse(waiting.update_id):
                raise
            is_done = False
        except Exception as error:  # a poisonous update must not stop the others
            if receive.is_surely_away(error):
                raise
            log.error("update not understood", update_id=waiting.update_id, error=type(error).__name__)
            is_done = False
        if not is_done:
            if not await receive.failed(self._practice, waiting.update_id, self._clock.now()):
                return
            log.error("update set aside", update_id=waiting.update_id)
            await self._apologise(waiting)
        self._excused.pop(waiting.update_id, None)

    def _excuse(self, update_id: int) -> bool:
        """Whether it was the database once more, and not after all the update."""
        self._excused[update_id] = times = self._excused.get(update_id, 0) + 1
        return times <= _EXCUSED

    async def _handle(self, waiting: receive.Waiting) -> bool:
        update = Update.de_json(waiting.raw, self._bot)
        turn = turns.turn_of(self._practice, update, waiting, self._clock.now())
        if turn is None:
            await receive.dismiss(self._practice, waiting.update_id, keep_chat=False)
            return True
        await whom(self._practice, turn)
        if turn.chat_id > 0:  # a supergroup numbers its messages apart
            self._practice.known_message_id = max(self._practice.known_message_id, turn.message_id)
        token = TURN.set(turn)
        strangers.COURTESY.set(self._courtesy)
        ASIDE.set(self._aside)
        try:
            await self._application.process_update(update)
        finally:
            TURN.reset(token)
        if not turn.is_done and turn.problem is not None and receive.is_away(turn.problem):
            raise DatabaseAwayError from turn.problem
        if not turn.is_done and turn.problem is None and waiting.is_urgent:
            raise NotYetError
        return turn.is_done

    async def _apologise(self, waiting: receive.Waiting) -> None:
        if pressed := waiting.raw.get("callback_query"):
            say = Say(nearest_language(pressed.get("from", {}).get("language_code")))
            toast = say("That did not go through, and it is our fault. Please try again in a while.")
            menus.answer_press(self._bot, str(pressed.get("id")), toast, self._aside)
            return
        sender = waiting.raw.get("message") or waiting.raw.get("edited_message") or {}
        if chat := sender.get("chat", {}).get("id"):
            say = Say(nearest_language(sender.get("from", {}).get("language_code")))
            text = say("That did not go through, and it is our fault. Please try again in a while.")
            self._aside.do(emergency.send_directly(self._bot, chat, one_message(plain(text))))
