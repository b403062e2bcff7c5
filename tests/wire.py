"""A Telegram that is only a wire: requests are answered at once and remembered, updates are put in by hand.

For stories of a year, where the emulated Telegram would be asked tens of thousands of times. Nothing of ours is replaced.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import Engine, event
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from telegram.request import BaseRequest, RequestData

from bot.chat.receiver import Receiver
from bot.chat.sender import TelegramSender
from bot.chat.telegram_bot import RawBot
from bot.clock import SteppedClock
from bot.work import deliver, receive, ticks
from bot.work.opening import close_practice, open_practice
from bot.work.practice import Practice


class _AtOnce:
    """Where a connection's thread would wait for its work."""

    def put_nowait(self, job: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, work = job
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - whoever waits for it is told
            if future is not None:
                future.set_exception(error)
        else:
            if future is not None:
                future.set_result(result)


async def _connect_here(*args: Any, **more: Any) -> aiosqlite.Connection:
    connection = aiosqlite.connect(*args, **more)
    connection._tx = _AtOnce()
    return await connection._connect()


def _without_thread(dialect: Any, _record: Any, _args: Any, how: dict[str, Any]) -> None:
    if dialect.name == "sqlite":
        how["async_creator_fn"] = _connect_here


@contextmanager
def sqlite_at_once() -> Iterator[None]:
    """SQLite answers in the thread that asks: a year asks 800,000 times, and the way to the driver's thread and back
    costs more than the answer. Only for stories in which one thing happens at a time."""
    event.listen(Engine, "do_connect", _without_thread)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", _without_thread)


def wait_for_no_disk(connection: Any, record: Any, _proxy: object) -> None:
    """SQLite, told so when a connection is first taken; see `power_stays_on`."""
    if record.info.setdefault("waits", isinstance(connection, AsyncAdapt_aiosqlite_connection)):
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.close()
        record.info["waits"] = False


@dataclass
class Seen:
    """A message of the bot as it stands in a chat."""

    id: int
    at: datetime
    text: str
    buttons: list[list[tuple[str, str]]] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        return [label for row in self.buttons for label, _ in row]


class Wire(BaseRequest):
    """Every chat's messages by id, in the order in which they came."""

    def __init__(self, clock: SteppedClock) -> None:
        self._clock = clock
        self.chats: dict[int, dict[int, Seen]] = defaultdict(dict)
        self.blocked: set[int] = set()
        self.next_id = 1
        self.fresh: list[tuple[int, Seen]] = []  # what came since somebody looked, by chat

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    @property
    def read_timeout(self) -> float | None:
        return 5

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **more: Any
    ) -> tuple[int, bytes]:
        name, given = url.rpartition("/")[2], dict(request_data.parameters) if request_data else {}
        if int(given.get("chat_id", 0)) in self.blocked:
            refusal = {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
            return 403, json.dumps(refusal).encode()
        return 200, json.dumps({"ok": True, "result": self._result(name, given)}).encode()

    def _result(self, name: str, given: dict[str, Any]) -> Any:
        if name == "getMe":
            return {"id": 1, "is_bot": True, "first_name": "Interlude", "username": "year_bot"}
        if name.startswith("send"):
            self.next_id += 1
            result = self._put(self.next_id, given)
            self.fresh.append((int(given["chat_id"]), self.chats[int(given["chat_id"])][self.next_id]))
            return result
        if name.startswith("edit"):
            return self._put(int(given["message_id"]), given)
        return True

    def _put(self, message_id: int, given: dict[str, Any]) -> dict[str, Any]:
        chat, now = int(given["chat_id"]), self._clock.now()
        markup = given.get("reply_markup") or {}
        rows = [[(b["text"], b.get("callback_data", "")) for b in row] for row in markup.get("inline_keyboard", [])]
        text = given.get("text") or given.get("caption") or ""
        before = self.chats[chat].get(message_id)
        self.chats[chat][message_id] = Seen(message_id, before.at if before else now, text, rows)
        date = int(now.timestamp())
        return {"message_id": message_id, "date": date, "chat": {"id": chat, "type": "private"}, "text": text or "-"}


class Line:
    """The bot at one end of the wire, people at the other, and a clock that is moved by hand."""

    def __init__(self, practice: Practice, clock: SteppedClock) -> None:
        self.practice, self.clock, self.wire = practice, clock, Wire(clock)
        bot = RawBot("1:year", request=self.wire, get_updates_request=self.wire)
        self._bot = bot
        self._receiver = Receiver(bot, practice, clock)
        self._sender, self._post = TelegramSender(bot), deliver.Post()
        self._updates = 0
        self.next_at: datetime | None = None

    @classmethod
    async def open(cls, folder: Path, keys_file: Path, prompts: Path, start: datetime) -> "Line":
        clock = SteppedClock(start)
        practice = await open_practice(
            database_url=f"sqlite:///{folder / 'interlude.db'}", keystore_url=f"sqlite:///{folder / 'keys.db'}",
            keys_file=keys_file, prompts_dir=prompts, name="A year", now=start, is_alone=True,
        )  # fmt: skip
        line = cls(practice, clock)
        await line._bot.initialize()
        practice.bot_name = line._bot.username
        await line._receiver.start()
        return line

    async def close(self) -> None:
        await self._receiver.stop()
        await close_practice(self.practice)

    async def say(self, person: int, text: str, language: str = "en") -> None:
        """A person writes."""
        self.wire.next_id += 1
        commands = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}] if text[:1] == "/" else []
        body = self._message(person, self.wire.next_id, language) | {"text": text, "entities": commands}
        await self._put("message", body)

    async def press(self, person: int, message_id: int, data: str, language: str = "en") -> None:
        """A person taps."""
        self._updates += 1
        body = {
            "id": str(self._updates), "from": self._user(person, language), "chat_instance": "1", "data": data,
            "message": self._message(person, message_id, language),
        }  # fmt: skip
        await self._put("callback_query", body)

    async def tap(self, person: int, label: str, language: str = "en") -> None:
        """The newest button of that name."""
        for seen in reversed(self.wire.chats[person].values()):
            for text, data in (button for row in seen.buttons for button in row):
                if text.removeprefix("✓ ") == label:
                    await self.press(person, seen.id, data, language)
                    return
        raise AssertionError(f"no button {label!r}: {[s.text for s in self.wire.chats[person].values()][-3:]}")

    async def membership(self, person: int, status: str) -> None:
        """A person blocks the bot (`kicked`), or comes back (`member`)."""
        bot, change = {"id": 1, "is_bot": True, "first_name": "Interlude"}, {"chat": {"id": person, "type": "private"}}
        (self.wire.blocked.add if status == "kicked" else self.wire.blocked.discard)(person)
        member = {"user": bot, "until_date": 0} if status == "kicked" else {"user": bot}
        body = change | {
            "from": self._user(person, "en"), "date": int(self.clock.now().timestamp()),
            "old_chat_member": {"user": bot, "status": "member"}, "new_chat_member": member | {"status": status},
        }  # fmt: skip
        await self._put("my_chat_member", body)

    @staticmethod
    def _user(person: int, language: str) -> dict[str, Any]:
        return {"id": person, "is_bot": False, "first_name": f"P{person}", "language_code": language}

    def _message(self, person: int, message_id: int, language: str) -> dict[str, Any]:
        chat = {"id": person, "type": "private", "first_name": f"P{person}"}
        date = int(self.clock.now().timestamp())
        return {"message_id": message_id, "from": self._user(person, language), "chat": chat, "date": date}

    async def _put(self, kind: str, body: dict[str, Any]) -> None:
        self._updates += 1
        await receive.store(self.practice, [{"update_id": self._updates, kind: body}], self.clock.now())
        await self.settle()

    async def settle(self) -> None:
        """Do everything there is to do at this moment, in the order in which a followed clock does it."""
        now, busy = self.clock.now(), True
        self.practice.looked_at = now
        while busy:
            busy = False
            while await self._receiver.receive_one():
                busy = True
            agenda = await ticks.look(self.practice, self._post)
            if agenda.asks_for_a_tick(now):
                busy |= await ticks.tick(self.practice, now, agenda)
            if busy or agenda.asks_for_the_postman(now):
                busy |= await ticks.settle_outbox(self.practice, now)
                while await deliver.deliver_one(self.practice, self._sender, self._post, self.clock.now):
                    busy = True
        self.next_at = agenda.next_at  # nothing has been done since that look

    async def until(self, instant: datetime) -> None:
        """Walk from one due instant to the next."""
        while self.next_at is not None and self.next_at <= instant:
            self.clock.move(max(self.next_at, self.clock.now()))
            await self.settle()
            await asyncio.sleep(0)
        self.clock.move(instant)
        await self.settle()
