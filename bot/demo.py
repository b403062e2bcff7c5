"""The demo: an emulated Telegram and the real bot in one process, and an opening scene in which everybody joins."""

import asyncio
import contextlib
import re
import secrets
import shutil
import signal
import webbrowser
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot import app, catalog, settings
from bot.errors import ConfigurationError, InterludeError
from bot.i18n import Say
from bot.rehearsal.server import Stage
from bot.vault import KeyRing
from bot.work.opening import migrate
from bot.work.practice import Practice
from bot.work.sessions import next_session_of

OPENING = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
"""A Monday morning in London, three weeks before the clocks go back."""

Announce = Callable[[str], None]


async def emulate(folder: Path, port: int, *, cast: bool, announce: Announce) -> None:
    """`interlude emulate`, until SIGTERM or SIGINT."""
    folder.mkdir(parents=True, exist_ok=True)
    stage = Stage(folder / "telegram.db", port, cast=cast, questions=catalog_questions(_prompts()))
    await _listen(stage, port)
    try:
        announce(f"Emulated Telegram at {stage.url} (Bot API, phones and clock). Ctrl+C stops it.")
        await _until_told()
    finally:
        await stage.stop()


async def run(folder: Path, port: int, *, fresh: bool, open_browser: bool, announce: Announce) -> None:
    """`interlude demo`, until SIGTERM or SIGINT."""
    async with performance(folder, port, fresh=fresh, announce=announce) as stage:
        announce(f"Interlude's demo is at {stage.url}  (Ctrl+C stops it; it goes on where it was next time)")
        if open_browser and _has_display():
            webbrowser.open(stage.url)
        await _until_told()


@contextlib.asynccontextmanager
async def performance(
    folder: Path, port: int, *, fresh: bool = False, announce: Announce = lambda _text: None
) -> AsyncIterator[Stage]:
    """The stage with the bot on it, the opening scene played."""
    if fresh and (folder / "telegram.db").exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    loaded = prepare(folder)
    if (folder / "opened").exists():
        await migrate(loaded.database_url)  # it may have been begun with an earlier version
    practices: list[Practice] = []

    async def next_session(name: str) -> datetime | None:
        return await next_session_of(practices[0], name, stage.world.now()) if practices else None

    stage = Stage(
        folder / "telegram.db", port, cast=True, start=OPENING, questions=catalog_questions(loaded.prompts_dir),
        next_session=next_session,
    )  # fmt: skip
    await _listen(stage, port)
    stop = asyncio.Event()
    loaded = loaded.model_copy(update={"bot_api_url": stage.url, "clock_url": stage.url})
    playing = asyncio.create_task(app.run_until(loaded, stop, practices.append))
    try:
        await _first_of(playing, _open(loaded, folder, stage, announce))
        yield stage
    finally:
        stop.set()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.gather(playing, return_exceptions=True), 30)
        await stage.stop()


async def _open(loaded: settings.Settings, folder: Path, stage: Stage, announce: Announce) -> None:
    while not stage.keeper.followers:  # noqa: ASYNC110  # the bot makes its database, then follows the clock
        await asyncio.sleep(0.05)
    done = folder / "opened"
    if not done.exists():
        announce("Setting the scene: everybody joins, sessions are planned ...")
        await Scene(stage.url).play(await app.make_admin_link(loaded))
        done.touch()


async def _first_of(playing: "asyncio.Task[None]", work: Any) -> None:
    """Wait for the work, unless the bot itself fails first."""
    task = asyncio.ensure_future(work)
    await asyncio.wait({playing, task}, return_when=asyncio.FIRST_COMPLETED)
    if playing.done():
        task.cancel()
        playing.result()
    await task


def prepare(folder: Path) -> settings.Settings:
    """Settings of a demo in this folder; its token and keys are made once."""
    token, keys = folder / "token", folder / "interlude.keys"
    if not token.exists():
        token.write_text(f"{secrets.randbelow(9 * 10**8) + 10**8}:{secrets.token_hex(18)}")
    if not keys.exists():
        keys.write_text(KeyRing.new_line() + "\n", "ascii")
    return settings.load(
        {
            "INTERLUDE_BOT_TOKEN": token.read_text(),
            "INTERLUDE_KEYS_FILE": str(keys),
            "INTERLUDE_DATA_DIR": str(folder / "data"),
            "INTERLUDE_PROMPTS_DIR": str(_prompts()),
            "INTERLUDE_PRACTICE_NAME": "Steve & Claire",
        }
    )


def _prompts() -> Path:
    return settings.load(need_token=False, need_keys=False).prompts_dir


def catalog_questions(folder: Path) -> list[Any]:
    """What the stage needs to recognise a question on a phone, for the leaders who answer by themselves."""
    from bot.rehearsal.player import ScriptedQuestion

    return [
        ScriptedQuestion(
            f"{sequence.name}/{step.key}/{question.key}",
            dict(question.ask),
            question.kind.value,
            {option.key: dict(option.label) for option in question.options},
        )
        for sequence in catalog.load(folder).sequences.values()
        for step in sequence.steps
        for question in step.questions
    ]


async def _listen(stage: Stage, port: int) -> None:
    try:
        await stage.start()
    except OSError as error:
        raise ConfigurationError(
            [f"Port {port} on 127.0.0.1 cannot be used ({error.strerror}). Choose another: --port, or INTERLUDE_DEMO_PORT."]
        ) from None


def _has_display() -> bool:
    import os
    import sys

    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


async def _until_told() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


class Scene:
    """Plays the opening through the phones, as the people would."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._ids: dict[str, int] = {}

    async def play(self, admin_link: str) -> None:
        import httpx

        async with httpx.AsyncClient(base_url=self._url, timeout=60, trust_env=False) as self._http:
            state = (await self._http.get("/rehearsal/state")).json()
            self._ids = {person["name"]: person["id"] for person in state["people"]}
            await self.join("Olga", admin_link)
            for coach, language in (("Steve", "en"), ("Claire", "fr")):
                await self.join(coach, await self._invite_coach(coach), language)
            for leader in ("Jack", "Priya", "Tom", "Aisha"):
                await self.join(leader, await self.invite("Steve", leader))
            await self.join("Mark", await self.invite("Steve", "Mark", toggle=("open-ended",)))
            jerome = await self.invite("Claire", "Jerome", "fr", toggle=("first-six-weeks", "peers"))
            await self.join("Jerome", jerome, "fr")
            await self._plan_sessions()

    async def _plan_sessions(self) -> None:
        for leader, when in (("Jack", "Thu 10:00"), ("Priya", "Thu 14:00"), ("Tom", "Wed 11:00"), ("Aisha", "Wed 15:00"),
                             ("Mark", "Tue 16:00")):  # fmt: skip
            await self.send("Steve", f"/session {leader} {when} weekly x6")
        await self.send("Claire", "/session Jerome jeu 14h chaque semaine x6")

    async def join(self, name: str, link: str, language: str = "en") -> None:
        say = Say(language)
        await self.send(name, "/start " + link.rpartition("=")[2])
        await self.tap(name, say("Who reads what?"))
        await self.tap(name, say("I agree"))
        await self.tap(name, "France" if language == "fr" else "United Kingdom")

    async def _invite_coach(self, name: str) -> str:
        await self.send("Olga", f"/invite {name}")
        await self.tap("Olga", Say("en")("as a coach"))
        return await self._link("Olga")

    async def invite(self, coach: str, name: str, language: str = "en", toggle: tuple[str, ...] = ()) -> str:
        await self.send(coach, f"/invite {name}")
        titles = {s.name: s.title[language] for s in catalog.load(_prompts()).sequences.values()}
        for sequence in toggle:
            await self.tap(coach, titles[sequence])
        await self.tap(coach, Say(language)("Make the link"))
        return await self._link(coach)

    async def _link(self, name: str) -> str:
        for message in reversed(await self.chat(name)):
            if found := re.search(r"https://t\.me/\S+", message["text"] or ""):
                return found[0]
        raise InterludeError(f"{name} was given no link.")

    async def send(self, name: str, text: str) -> None:
        await self._post(name, "send", {"text": text})

    async def tap(self, name: str, label: str) -> None:
        """Press the newest button with this label, ticked or not."""
        for message in reversed(await self.chat(name)):
            for button in (button for row in message["buttons"] or [] for button in row):
                if button["text"].removeprefix("✓ ") == label:
                    await self._post(name, "tap", {"message_id": message["message_id"], "data": button["data"]})
                    return
        raise InterludeError(f"{name} sees no button called {label}.")

    async def chat(self, name: str) -> list[dict[str, Any]]:
        reply = await self._http.get(f"/rehearsal/people/{self._ids[name]}/chat")
        messages: list[dict[str, Any]] = reply.json()
        return messages

    async def _post(self, name: str, what: str, body: dict[str, Any]) -> None:
        reply = await self._http.post(f"/rehearsal/people/{self._ids[name]}/{what}", json=body)
        reply.raise_for_status()
