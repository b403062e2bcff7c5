"""One running bot: its parts side by side against the real time, or one after the other in a rehearsal."""

import asyncio
from pathlib import Path

from bot.chat import menus
from bot.chat.application import Receiver
from bot.chat.pacing import Pacer
from bot.chat.poller import Poller
from bot.chat.sender import TelegramSender
from bot.chat.telegram_bot import RawBot, bot_name
from bot.clock import Clock, FollowedClock
from bot.service.following import Following
from bot.service.looking import Looking
from bot.service.receiving import Receiving
from bot.service.sending import Sending
from bot.service.waking import Bells
from bot.work import deliver
from bot.work.practice import Practice

_DRAIN = 25.0


class Service:
    """The pieces of one running bot."""

    def __init__(self, practice: Practice, bot: RawBot, clock: Clock, data_dir: Path, *, paced: bool = True) -> None:
        self._practice = practice
        self._bot = bot
        self._clock = clock
        self._sender = TelegramSender(bot, Pacer() if paced else None)
        self._post = deliver.Post()
        self._bells = Bells()
        self._receiver = Receiver(bot, practice, clock)
        self._poller = Poller(bot, practice, clock, self._bells.stored.set)
        self._looking = Looking(practice, self._post, clock, self._bells, data_dir / "heartbeat")

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
        """Poll, receive, deliver and look at what is due until told to stop; then let go of nothing half done."""
        sending = Sending(
            self._practice, self._sender, self._post, self._clock, self._bells, self._looking.set_alarm
        )
        ended_by_us = [
            asyncio.create_task(work) for work in (self._poller.run(), self._looking.run(), menus.offer_to_all(self._bot))
        ]
        drained = [asyncio.create_task(part.run(stop)) for part in (Receiving(self._receiver, self._bells), sending)]
        await stop.wait()
        for task in ended_by_us:
            task.cancel()
        self._bells.ring_all()
        await asyncio.wait(drained, timeout=_DRAIN)
        for task in drained:
            task.cancel()
        await asyncio.gather(*ended_by_us, *drained, return_exceptions=True)
