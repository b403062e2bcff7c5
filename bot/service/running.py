"""One running bot: its parts side by side against the real time, or one after the other in a rehearsal."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from datetime import timedelta
from typing import Any

from bot.chat import menus
from bot.chat.pacing import Pacer
from bot.chat.poller import Poller
from bot.chat.receiver import Receiver
from bot.chat.sender import TelegramSender
from bot.chat.telegram_bot import RawBot, bot_name
from bot.clock import Clock, FollowedClock
from bot.service.following import Following
from bot.service.holding import Held, Lease, Nobodys, Sole, while_kept
from bot.service.looking import Looking
from bot.service.parts import ALL, Part
from bot.service.receiving import Receiving
from bot.service.sending import Sending
from bot.service.waking import Bells
from bot.service.watching import Watching
from bot.service.web import Web
from bot.settings import Settings
from bot.skew import ClockGuard
from bot.work import deliver
from bot.work.practice import Practice
from bot.work.vitals import FETCH, LOOK, SEND

_DRAIN = 14.0  # what is said beside the outbox has ten seconds more; whoever stops us waits for half a minute at least


class Service:
    """The pieces of one running bot; `parts` are those that this process has."""

    def __init__(
        self, practice: Practice, bot: RawBot, clock: Clock, settings: Settings, parts: Collection[Part] = ALL
    ) -> None:
        self._practice = practice
        self._bot = bot
        self._clock = clock
        self._settings = settings
        self._parts = frozenset(parts)
        is_real = settings.clock_url is None
        self._guard = ClockGuard(clock, self._skewed, self._jumped, self._ask if is_real else None)
        bot.tell_time(self._guard.heard)
        self._bells = Bells()
        self._receives = self._held(Part.receive)
        self._sends = self._held(Part.send)
        self._bells.here = {
            "stored": self._receives.is_ours, "mail": self._sends.is_ours, "due": lambda: Part.plan in self._parts,
        }  # fmt: skip
        pacer = Pacer() if is_real else None
        if pacer is not None:
            bot.tell_pause(pacer.hold)
        self._sender = TelegramSender(bot, pacer, self._sends.is_ours)
        self._post = deliver.Post(right=self._sends)
        self._receiver = Receiver(bot, practice, clock, self._fetched)
        self._poller = Poller(bot, practice, clock, lambda: self._bells.ring("stored"))
        self._looking = Looking(
            practice, self._post, clock, self._sends, self._bells, settings.data_dir / "heartbeat",
            plans=Part.plan in self._parts,
        )  # fmt: skip

    def _skewed(self, seconds: float) -> None:
        self._practice.vitals.skew = seconds

    async def _ask(self) -> None:
        await self._bot.call("getMe")

    def _jumped(self, seconds: float) -> None:
        """What waits for an instant waits as long as before."""
        self._post.clock_was_set(timedelta(seconds=seconds), self._clock.now())
        self._looking.clock_was_set()

    def _fetched(self) -> None:
        """What waited behind a file may be handled, and the reply to it may be sent."""
        self._bells.ring("stored")
        self._bells.ring("mail")

    def _held(self, part: Part) -> Held:
        """Who may receive, and who may send: one process at a time. On SQLite, and in a rehearsal, there is only one."""
        if part not in self._parts:
            return Nobodys()
        if self._practice.database.is_sqlite or isinstance(self._clock, FollowedClock):
            return Sole()
        name = f"{part}:{self._bot.token.partition(':')[0]}"
        return Lease(self._practice, name, self._begin_sending if part == Part.send else self._begin_receiving)

    async def _begin_receiving(self) -> None:
        self._bells.stored.set()  # what was stored meanwhile is waiting

    async def _begin_sending(self) -> None:
        """Whoever sent before us does so no more: of what they had under way nobody knows whether it arrived."""
        await deliver.take_over(self._practice, self._clock.now())
        self._bells.mail.set()

    async def start(self) -> None:
        self._practice.bot_name = await bot_name(self._bot)  # says in a sentence what is wrong with token or network
        await self._receiver.start()

    async def stop(self) -> None:
        await self._receiver.stop()
        await self._bot.shutdown()

    async def follow(self, clock: FollowedClock, stop: asyncio.Event) -> None:
        """One after the other, on a clock that is moved."""
        await menus.offer_to_all(self._bot)
        following = Following(self._practice, clock, self._poller, self._receiver, self._sender, self._post)
        await following.run(stop)

    async def serve(self, stop: asyncio.Event) -> None:
        """All parts until told to stop; then let go of nothing half done."""
        self._practice.vitals.expect(self._clock.now(), self._rounds())
        helping = [asyncio.create_task(work) for work in self._until_stopped()]
        leases = [asyncio.create_task(held.run()) for held in (self._receives, self._sends)]
        drained = [asyncio.create_task(work) for work in self._until_drained(stop)]
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({stopped, *drained}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        for task in (*helping, stopped):
            task.cancel()
        self._bells.ring_all()
        if drained:
            await asyncio.wait(drained, timeout=_DRAIN)
        for task in (*drained, *leases):
            task.cancel()
        ended = await asyncio.gather(*drained, return_exceptions=True)
        await asyncio.gather(*helping, *leases, stopped, return_exceptions=True)
        await asyncio.gather(self._receives.give_back(), self._sends.give_back())
        for error in (one for one in ended if isinstance(one, Exception)):
            raise error

    def _rounds(self) -> dict[str, Callable[[], bool]]:
        """The rounds that are this process's right now."""
        rounds = {LOOK: lambda: True, SEND: self._sends.is_ours}
        return rounds | ({FETCH: self._receives.is_ours} if self._settings.webhook_url is None else {})

    def _until_stopped(self) -> list[Coroutine[Any, Any, None]]:
        """What can be left at any moment."""
        work: list[Coroutine[Any, Any, None]] = [self._looking.run(), self._guard.run()]
        if not self._practice.database.is_sqlite:
            work.append(self._bells.listen(self._practice))
        if Part.receive in self._parts:
            work.append(menus.offer_to_all(self._bot))
            if self._settings.webhook_url is None:
                work.append(while_kept(self._receives, self._poller.run))
        return work

    def _until_drained(self, stop: asyncio.Event) -> list[Coroutine[Any, Any, None]]:
        """What is to end by itself."""
        watching = Watching(self._practice, self._clock, self._settings)
        work: list[Coroutine[Any, Any, None]] = [watching.run(stop)]
        if Part.receive in self._parts:
            work.append(Receiving(self._receiver, self._receives, self._bells).run(stop))
        if Part.send in self._parts:
            sending = Sending(
                self._practice, self._sender, self._post, self._clock, self._sends, self._bells, self._looking.set_alarm
            )
            work.append(sending.run(stop))
        if Part.web in self._parts and self._settings.webhook_url is not None:
            web = Web(self._bot, self._practice, self._clock, self._settings, lambda: self._bells.ring("stored"))
            work.append(web.run(stop))
        return work
