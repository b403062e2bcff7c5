"""Webhook delivery: each queue in order, a failed update again after a doubling pause."""

import asyncio
import contextlib
import json
import urllib.error
import urllib.request
from typing import Any

from bot.rehearsal.store import Row
from bot.rehearsal.updates import drop_updates, expire_updates
from bot.rehearsal.world import World

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 64.0
REPLY_S = 30


class Webhook:
    """Delivers waiting updates to the bot's address, if it has set one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._busy: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until the rehearsal closes: one worker per queue that has something."""
        while not self.world.closing.is_set():
            if self.world.store.recall("webhook"):
                self._start_workers()
            await self.world.updates.next(1.0)
        for worker in self._busy.values():
            worker.cancel()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def _start_workers(self) -> None:
        expire_updates(self.world)
        for row in self.world.store.all("SELECT DISTINCT queue FROM waiting_update"):
            queue = row["queue"]
            worker = self._busy.get(queue)
            if worker is None or worker.done():
                self._busy[queue] = asyncio.create_task(self._drain(queue))

    async def _drain(self, queue: str) -> None:
        pause = FIRST_PAUSE_S
        while (webhook := self.world.store.recall("webhook")) and (row := self._oldest(queue)):
            problem = await asyncio.to_thread(_deliver, webhook, row)
            if self.world.closing.is_set():
                return
            if problem is None:
                pause = FIRST_PAUSE_S
                drop_updates(self.world, "update_id = ?", row["update_id"])
                continue
            self._note(problem)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.world.closing.wait(), pause)
                return
            pause = min(pause * 2, LONGEST_PAUSE_S)

    def _oldest(self, queue: str) -> Row | None:
        expire_updates(self.world)
        oldest = "SELECT * FROM waiting_update WHERE queue = ? ORDER BY update_id LIMIT 1"
        return self.world.store.one(oldest, queue)

    def _note(self, problem: str) -> None:
        webhook: dict[str, Any] | None = self.world.store.recall("webhook")
        if webhook:
            noted = {"last_error_date": self.world.seconds(), "last_error_message": problem}
            self.world.store.keep("webhook", webhook | noted)


def _deliver(webhook: dict[str, Any], row: Row) -> str | None:
    """POST one update; None when the bot took it, else what went wrong as Telegram words it."""
    body = json.dumps({"update_id": row["update_id"], row["kind"]: json.loads(row["body"])}).encode()
    headers = {"Content-Type": "application/json"}
    if webhook["secret"]:
        headers["X-Telegram-Bot-Api-Secret-Token"] = webhook["secret"]
    request = urllib.request.Request(webhook["url"], body, headers)  # noqa: S310 - set_webhook allows loopback http only
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=REPLY_S) as reply:
            return None if 200 <= reply.status < 300 else f"Wrong response from the webhook: {reply.status}"
    except urllib.error.HTTPError as error:
        with error:
            return f"Wrong response from the webhook: {error.code} {error.reason}"
    except OSError as error:
        return "Connection refused" if "refused" in str(error) else "Read timeout expired"
