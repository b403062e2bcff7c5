"""People who go on answering, and a clock that goes on, while the bot is killed under them."""

import asyncio
import contextlib
import random
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from lives import REPOSITORY
from sqlalchemy import select
from stage import TOKEN, Telegram, UnwillingError

from bot.db.engine import Database
from bot.db.tables import Delivery
from bot.i18n import Say
from bot.vault import KeyRing

LIBRARY = """interlude: 1
sequence: {key}
title: {{en: "{title}", fr: "{title}"}}
about: {{en: "For a rehearsal.", fr: "Pour une répétition."}}
author: "Interlude"
reviewed: 2026-11-01
steps:
  - key: day
    theme: team
    purpose: {{en: "For a rehearsal.", fr: "Pour une répétition."}}
    evidence: "None."
    minutes: 1
    when: {{weekly: [mon, tue, wed, thu, fri], at: {at}}}
    questions:
      - key: day
        kind: text
        ask: {{en: "{ask}", fr: "{ask}"}}
"""
SEQUENCES = (("morning", "Mornings", "09:30", "What is ahead?"), ("evening", "Evenings", "17:30", "What happened today?"))
WORKERS, UNHEARD = 2, 4.0  # who writes at once; seconds until somebody tries again who has had no answer
_FINE, _COARSE = timedelta(seconds=15), timedelta(hours=2)


@dataclass
class Said:
    token: str
    person: int
    message_id: int


@dataclass
class Crowd:
    """One practice and everybody in it."""

    telegram: Telegram
    folder: Path
    database_url: str
    chance: random.Random
    admin: int = 0
    coach: int = 0
    leaders: list[int] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    recoveries: list[tuple[Any, float]] = field(default_factory=list)
    """Whose, and how many emulated seconds of somebody's life from a lease's end on."""

    undisturbed: list[float] = field(default_factory=list)  # the same of those open at the last kill, from then on
    _open: dict[Any, datetime] = field(default_factory=dict)
    _deaths: list[tuple[datetime, datetime]] = field(default_factory=list)  # from when until when nobody ran
    _is_over: bool = False
    _last_kill: datetime | None = None
    _number: int = 0

    def environment(self, failpoints: str = "") -> dict[str, str]:
        given = {
            "INTERLUDE_BOT_TOKEN": TOKEN,
            "INTERLUDE_BOT_API_URL": self.telegram.url,
            "INTERLUDE_CLOCK_URL": self.telegram.url,
            "INTERLUDE_DATA_DIR": str(self.folder / "data"),
            "INTERLUDE_DATABASE_URL": self.database_url,
            "INTERLUDE_KEYS_FILE": str(self.folder / "interlude.keys"),
            "INTERLUDE_PROMPTS_DIR": str(self.folder / "prompts"),
        }
        return given | ({"INTERLUDE_FAILPOINTS": failpoints} if failpoints else {})

    def prepare(self) -> None:
        """Keys and sequences."""
        (self.folder / "data").mkdir(parents=True)
        (self.folder / "prompts").mkdir()
        (self.folder / "interlude.keys").write_text(KeyRing.new_line() + "\n")
        for key, title, at, ask in SEQUENCES:
            text = LIBRARY.format(key=key, title=title, at=at, ask=ask)
            (self.folder / "prompts" / f"{key}.yaml").write_text(text)

    async def join(self, leaders: int) -> None:
        """While a bot runs that nobody kills yet."""
        now = await self.telegram.now()
        monday = now.replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=7 - now.weekday())
        await self.telegram.post("clock", to=monday.isoformat())
        self.admin = await self.telegram.person("Olga")
        await self._agree(self.admin, await self._admin_link())
        self.coach = await self.telegram.person("Alice")
        await self.telegram.say(self.admin, "/invite Alice")
        await self.telegram.tap(self.admin, "as a coach")
        await self._agree(self.coach, await self._link(self.admin))
        for number in range(leaders):
            leader = await self.telegram.person(f"Leader{number}")
            await self.telegram.say(self.coach, f"/invite Leader{number}")
            for _, title, _, _ in SEQUENCES:
                await self.telegram.tap(self.coach, title)
            await self.telegram.tap(self.coach, "Make the link")
            await self._agree(leader, await self._link(self.coach))
            self.leaders.append(leader)

    async def _admin_link(self) -> str:
        def ask() -> str:
            return subprocess.run(
                [sys.executable, "-m", "bot.cli", "admin", "link"], check=True, capture_output=True, text=True, timeout=60,
                env=self.environment() | {"PYTHONPATH": str(REPOSITORY)},
            ).stdout  # fmt: skip

        return (await asyncio.to_thread(ask)).strip().rpartition("=")[2]

    async def _link(self, person: int) -> str:
        texts = [message["text"] for message in await self.telegram.chat(person) if message["from"] == "bot"]
        return next(found[1] for text in reversed(texts) if (found := re.search(r"start=(\S+)", text)))

    async def _agree(self, person: int, token: str) -> None:
        say = Say("en")
        await self.telegram.say(person, f"/start {token}")
        for label in ("Who reads what?", "I agree", "United Kingdom"):
            await self.telegram.tap(person, say(label))

    # while it is killed

    async def live(self, meanwhile: Coroutine[Any, Any, None]) -> None:
        """People and clock go on until `meanwhile` is over."""
        acts: list[Callable[[], Awaitable[None]]] = [self._speak] * WORKERS
        tasks = [asyncio.create_task(self._again_and_again(act)) for act in (*acts, self._walk)]
        try:
            await meanwhile
        finally:
            self._is_over = True
            await asyncio.wait(tasks, timeout=90)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _again_and_again(self, act: Callable[[], Awaitable[None]]) -> None:
        while not self._is_over:
            with contextlib.suppress(UnwillingError, httpx.TransportError):
                await act()
            await asyncio.sleep(self.chance.random() * (0.05 if self.telegram.is_heard else UNHEARD))

    async def _speak(self) -> None:
        """Somebody writes, mostly words; now and then a reply, a command, a correction, a tap."""
        leader, what = self.chance.choice(self.leaders), self.chance.random()
        if what < 0.1:
            await self.telegram.say(leader, self.chance.choice(("/help", "/next", "/read")))
        elif what < 0.2 and (mine := [one for one in self.said if one.person == leader]):
            text = f"rather {mine[-1].token}, on second thoughts, all in all"
            await self.telegram.post(f"people/{leader}/edit", message_id=mine[-1].message_id, text=text)
        elif what < 0.25:
            await self.telegram.tap(leader, "Skip")
        elif what < 0.28:
            await self.telegram.say(self.coach, self.chance.choice(("/leaders", "/digest", "/sessions")))
        else:
            await self._answer(leader, is_reply=what > 0.8)

    async def _answer(self, leader: int, *, is_reply: bool) -> None:
        more: dict[str, Any] = {}
        if is_reply:
            sent = [message for message in await self.telegram.chat(leader) if message["from"] == "bot"]
            more = {"reply_to": self.chance.choice(sent[-4:])["message_id"]}
        self._number += 1
        token = f"w{self._number:06}x"
        message_id = await self.telegram.say(leader, f"what stays with me is {token} and how it went today", **more)
        self.said.append(Said(token, leader, message_id))

    async def _walk(self) -> None:
        """In small steps while somebody's fate is unknown, else to whatever comes next; not while nobody runs, for what
        lies for a day is forgotten by Telegram itself."""
        is_open = await self.observe()
        state = await self.telegram.get("state")
        if not state["followers"]:
            return
        now, due = datetime.fromisoformat(state["now"]), state["next_due"]
        step = _FINE if is_open else _COARSE
        if due and not is_open:
            step = min(step, max(datetime.fromisoformat(due) - now, timedelta(seconds=1)))
        await self.telegram.post("clock", advance_s=step.total_seconds())

    async def observe(self) -> bool:
        """Whose fate is open; how long it took those that have been settled since."""
        database = Database(self.database_url)
        try:
            async with database.read() as db:
                query = select(Delivery.id, Delivery.lease_until).where(Delivery.state.in_(["sending", "unknown"]))
                found = {row[0]: row[1] for row in await db.execute(query)}
        finally:
            await database.close()
        now = await self.telegram.now()
        for key in [key for key in self._open if key not in found]:
            self._note(key, self._open.pop(key), now)
        self._open |= found
        return bool(found)

    def is_back(self, died: datetime, now: datetime) -> None:
        """The clock finishes its step without whoever has died: of up to two hours nobody could make any use."""
        self._deaths.append((died, now))

    async def leave_alone(self) -> None:
        """Nobody will be killed any more."""
        self._last_kill = await self.telegram.now()

    def _note(self, key: Any, lease_until: datetime, now: datetime) -> None:
        if self._last_kill is None:
            dead = (min(now, back) - max(lease_until, died) for died, back in self._deaths if back > lease_until)
            lived = now - lease_until - sum(dead, timedelta(0))
            self.recoveries.append((key, max(lived.total_seconds(), 0)))
        else:
            self.undisturbed.append(max((now - max(lease_until, self._last_kill)).total_seconds(), 0))
