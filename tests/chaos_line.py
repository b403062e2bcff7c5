"""The bot and the emulated Telegram in one thread, on a loop whose waits cost nothing, with a switch that cuts the power.

Nothing of ours is replaced: the real poller, receiver, ticks and postman on a real SQLite file, the real emulator behind
its own HTTP application. A cut falls between two things that last: before a commit, before a call of the Bot API takes
effect, or after it and before its reply is read. From then on nothing of that process reaches file or wire any more.
"""

import asyncio
import re
import selectors
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from referee import Referee
from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData
from wire import sqlite_at_once

from bot.chat.poller import Poller
from bot.chat.receiver import Receiver
from bot.chat.sender import TelegramSender
from bot.chat.telegram_bot import RawBot, bot_name
from bot.clock import FollowedClock
from bot.db.engine import make_engine
from bot.errors import InterludeError
from bot.i18n import Say
from bot.rehearsal import phones
from bot.rehearsal.botapi import METHODS
from bot.rehearsal.faults import clear_faults, order_fault
from bot.rehearsal.people import add_person
from bot.rehearsal.server import Stage
from bot.rehearsal.store import Row
from bot.rehearsal.updates import expire_updates
from bot.rehearsal.world import Call, World
from bot.service.following import Following
from bot.work import deliver
from bot.work.opening import admin_link, close_practice, open_practice
from bot.work.practice import Practice

TOKEN = "123456789:" + "histories" * 4
SENDS = ("sendMessage", "sendPhoto", "sendDocument", "sendVoice")


class CutError(BaseException):
    """The power is gone: nothing that handles errors may handle this."""


class Power:
    """Counts what lasts (commits, and both ends of every call), and goes out when it is told to."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.is_out = False

    def cut_after(self, events: int) -> None:
        self.left = events

    def restore(self) -> None:
        self.left, self.is_out = None, False

    @contextmanager
    def spared(self) -> Iterator[None]:
        """What a witness reads does not count."""
        left, self.left = self.left, None
        yield
        self.left = left

    def check(self, *_: object, **__: object) -> None:
        if self.is_out:
            raise CutError

    def use(self, *_: object, **__: object) -> None:
        self.check()
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.is_out = True
                raise CutError

    @contextmanager
    def on_databases(self) -> Iterator[None]:
        event.listen(Engine, "commit", self.use)
        event.listen(Engine, "before_cursor_execute", self.check)
        try:
            with sqlite_at_once():
                yield
        finally:
            event.remove(Engine, "before_cursor_execute", self.check)
            event.remove(Engine, "commit", self.use)


class _Selector(selectors.SelectSelector):
    """Never waits; says how long it would have."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> Any:
        found = super().select(0)
        if not found and timeout:
            self.skipped += timeout
        return found


_ENGINES: dict[str, AsyncEngine] = {}
ON_CONNECTING = ["PRAGMA synchronous=OFF"]
"""What SQLite is told after the bot's own settings. Nobody pulls the machine's plug: what is committed is in the file."""


@contextmanager
def engines_kept() -> Iterator[None]:
    """A life ends with its connections; what SQLAlchemy has worked out about statements is kept for the next one, which
    would spend most of its time on it. For folders of one name, one after the other."""

    def make(url: str, **how: Any) -> AsyncEngine:
        if url not in _ENGINES:
            _ENGINES[url] = make_engine(url, **how)
            event.listen(_ENGINES[url].sync_engine, "connect", _tell)
        return _ENGINES[url]

    with patch("bot.db.engine.make_engine", make), patch("bot.db.keystore.make_engine", make):
        yield


def _tell(connection: Any, _record: object) -> None:
    for statement in ON_CONNECTING:
        connection.execute(statement)


class QuickLoop(asyncio.SelectorEventLoop):
    """Sleeps and time-outs pass at once, and threads' work is done on the spot: nothing here waits for anything else."""

    def __init__(self) -> None:
        self._quick = _Selector()
        super().__init__(self._quick)
        self.set_exception_handler(lambda _loop, _context: None)  # tasks that a cut has left behind

    def time(self) -> float:
        return super().time() + self._quick.skipped

    def run_in_executor(self, _executor: Any, function: Callable[..., Any], *args: Any) -> Any:
        done = self.create_future()
        try:
            done.set_result(function(*args))
        except Exception as error:  # noqa: BLE001 - whoever waits for it is told
            done.set_exception(error)
        return done


class _BrokenError(Exception):
    """The connection ends without a reply."""


class Wire(BaseRequest):
    """The Bot API's requests, handed to the emulator's application without a socket."""

    def __init__(self, stage: Stage, power: Power) -> None:
        self._power = power
        stage.bot_api._break = self._break  # without a socket there is no connection that could be reset
        transport = httpx.ASGITransport(stage.app())
        self._client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", trust_env=False)

    async def _break(self, _request: Request, fault: Row) -> Response:
        raise _BrokenError(fault["kind"])

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    @property
    def read_timeout(self) -> float | None:
        return 5

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **more: Any
    ) -> tuple[int, bytes]:
        self._power.use()
        given = request_data.json_parameters if request_data else {}
        files = request_data.multipart_data if request_data else None
        try:
            reply = await self._client.request(method, url, data=given, files=files)
        except _BrokenError as broken:
            self._power.use()
            raise TimedOut if str(broken).startswith("timeout") else NetworkError("the connection was reset") from None
        self._power.use()
        return reply.status_code, reply.content


class WorldClock(FollowedClock):
    """The emulated Telegram's, at hand."""

    def __init__(self, world: World) -> None:
        super().__init__("", "histories")
        self._world = world

    def now(self) -> datetime:
        return self._world.now()

    def monotonic(self) -> float:
        return self._world.now().timestamp()


@dataclass(frozen=True)
class Sent:
    """One message that came to be in a chat, whatever the bot was told of it."""

    at: datetime
    chat: int
    id: int
    text: str
    nonce: str | None
    method: str


class Line:
    """One deployment through all its lives, and the phones."""

    def __init__(self, folder: Path, keys_file: Path, prompts: Path, start: datetime) -> None:
        self.folder, self._keys_file, self._prompts = folder, keys_file, prompts
        self.power, self.referee = Power(), Referee()
        self.sent: list[Sent] = []
        self.lives = 0
        self.stage = Stage(folder / "telegram.db", cast=False, start=start, observer=self._observe)
        self.world = self.stage.world
        self.world.store.run("PRAGMA synchronous=OFF")
        self.world.clock.stand()
        self._wire, self._clock = Wire(self.stage, self.power), WorldClock(self.world)
        self.practice: Practice | None = None
        self._life: Following | None = None

    def _observe(self, call: Call) -> None:
        self.referee(call)
        if call.ok and call.method in SENDS:
            keyboard = call.params.get("reply_markup") or {}
            keyboard = keyboard if isinstance(keyboard, dict) else {}
            data = [button.get("callback_data", "") for row in keyboard.get("inline_keyboard", []) for button in row]
            nonce = next((one.partition(":")[0] for one in data if one), None)
            text = call.params.get("text") or call.params.get("caption") or ""
            chat = int(call.params["chat_id"])
            self.sent.append(Sent(call.at, chat, call.result["message_id"], text, nonce, call.method))

    # its lives

    @property
    def is_running(self) -> bool:
        return self._life is not None

    async def start(self) -> None:
        """As a supervisor does: again and again until it runs."""
        for _ in range(200):
            try:
                await self._open()
            except CutError:
                await self._drop()
            except InterludeError:  # Telegram does not answer: the process ends with a sentence
                await self._drop()
            else:
                return
        raise AssertionError("it does not start")

    async def start_once(self) -> None:
        """One life, however long the power lasts; nobody starts it again."""
        try:
            await self._open()
            assert self._life is not None
            await self._life.settle()
            self.power.check()
        except CutError:
            await self._drop()
        else:
            await self.stop()

    async def _open(self) -> None:
        self.lives += 1
        database, keystore = (f"sqlite:///{self.folder / name}" for name in ("interlude.db", "keys.db"))
        self.practice = await open_practice(
            database_url=database, keystore_url=keystore, keys_file=self._keys_file, prompts_dir=self._prompts,
            name="A practice", now=self._clock.now(), is_alone=True,
        )  # fmt: skip
        bot = RawBot(TOKEN, base_url="http://127.0.0.1/bot", request=self._wire, get_updates_request=self._wire)
        self.practice.bot_name = await bot_name(bot)
        receiver = Receiver(bot, self.practice, self._clock)
        await receiver.start()
        poller = Poller(bot, self.practice, self._clock, lambda: None)
        sender, post = TelegramSender(bot), deliver.Post()
        self._life = Following(self.practice, self._clock, poller, receiver, sender, post)
        self._receiver = receiver

    async def stop(self) -> None:
        """In order, as on SIGTERM."""
        if self._life is not None:
            try:
                await self._receiver.stop()
                assert self.practice is not None
                await close_practice(self.practice)
            except CutError:
                await self._drop()
        self._life = self.practice = None

    async def _drop(self) -> None:
        """It is dead: what it still had in hand never happens."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self.power.restore()
        if self.practice is not None:
            await close_practice(self.practice)
        self._life = self.practice = None

    async def settle(self) -> bool:
        """Do everything there is to do at this moment. True if the power went out meanwhile, and it was started again."""
        if self._life is None:
            return False
        try:
            await self._life.settle()
            self.power.check()
        except CutError:
            await self._drop()
        else:
            return False
        await self.start()
        await self.settle()
        return True

    # time

    async def until(self, instant: datetime) -> bool:
        """Walk from one due instant to the next."""
        cut = False
        while self._life is not None and (due := self._life._next()) is not None and due < instant:
            cut |= await self.jump(due)
        return await self.jump(instant) or cut

    async def jump(self, instant: datetime) -> bool:
        """What lies between is not seen: the machine was suspended, or somebody has set its clock."""
        self.world.clock.set(instant)
        expire_updates(self.world)
        return await self.settle()

    # people

    def person(self, name: str, language: str = "en") -> int:
        return int(add_person(self.world, name, language, None, None)["id"])

    def say(self, person: int, text: str, **more: Any) -> int:
        return phones.send(self.world, person, {"text": text, **more})[-1]

    def press(self, person: int, message_id: int, data: str) -> None:
        phones.press(self.world, person, {"message_id": message_id, "data": data})

    def buttons(self, person: int) -> list[tuple[int, str, str]]:
        """What can be pressed in a chat, newest message first: message, label, data."""
        rows = self.world.store.all(
            "SELECT message_id, markup FROM message WHERE chat_id = ? AND sender = 0 AND deleted = 0"
            " AND markup IS NOT NULL ORDER BY message_id DESC", person,
        )  # fmt: skip
        return [
            (row["message_id"], button["text"], button["callback_data"])
            for row in rows for line in _keyboard(row["markup"]) for button in line if "callback_data" in button
        ]

    def tap(self, person: int, label: str) -> None:
        for message_id, text, data in self.buttons(person):
            if text.removeprefix("✓ ") == label:
                self.press(person, message_id, data)
                return
        raise AssertionError(f"no button {label!r} but {self.buttons(person)}")

    def fault(self, method: str, kind: str, calls: int = 1) -> None:
        order_fault(self.world, {"method": method, "kind": kind, "calls": calls}, METHODS)

    def no_faults(self) -> None:
        clear_faults(self.world)

    # everybody has joined

    async def join_all(self, followed: dict[str, str]) -> dict[str, int]:
        """Olga invites Alice and Bob; `followed` are their leaders: Alice's but for the last, each with one sequence."""
        ids = {name: self.person(name) for name in ("Olga", "Alice", "Bob", *followed)}
        assert self.practice is not None
        await self._agree(ids["Olga"], await admin_link(self.practice, self.world.now()))
        for name in ("Alice", "Bob"):
            await self._do(self.say, ids["Olga"], f"/invite {name}")
            await self._do(self.tap, ids["Olga"], "as a coach")
            await self._agree(ids[name], self._link(ids["Olga"]))
        for name, title in followed.items():
            coach = ids["Bob" if name == list(followed)[-1] else "Alice"]
            await self._do(self.say, coach, f"/invite {name}")
            await self._do(self.tap, coach, title)
            await self._do(self.tap, coach, "Make the link")
            await self._agree(ids[name], self._link(coach))
        return ids

    async def _do(self, act: Callable[..., object], *args: object) -> None:
        act(*args)
        await self.settle()

    async def _agree(self, person: int, token: str) -> None:
        say = Say("en")
        await self._do(self.say, person, f"/start {token}")
        for label in ("Who reads what?", "I agree", "United Kingdom"):
            await self._do(self.tap, person, say(label))

    def _link(self, person: int) -> str:
        texts = [sent.text for sent in self.sent if sent.chat == person]
        return next(found[1] for text in reversed(texts) if (found := re.search(r"start=(\S+)", text)))


def _keyboard(markup: str) -> list[list[dict[str, str]]]:
    import json

    return list(json.loads(markup).get("inline_keyboard", []))

