"""How a running bot says that it is well, or what is wrong; and what ends one that stands still."""

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
from house import TOKEN, House, free_port
from sqlalchemy import select

from bot import app
from bot.chat.sender import TelegramSender
from bot.chat.telegram_bot import make_bot
from bot.chat.webhook import Webhook
from bot.clock import SteppedClock, SystemClock
from bot.db.keystore import DatabaseKeyStore
from bot.db.tables import Marker
from bot.operating.health import examine
from bot.operating.watchdog import Watchdog
from bot.service.running import Service
from bot.work import receive
from bot.work.deliver import deliver_one
from bot.work.post import Post
from bot.work.practice import Practice
from bot.work.vitals import FETCH, LOOK, SEND, Vitals

NOW = datetime(2026, 10, 5, 8, tzinfo=UTC)


def _make_newer(file: Path) -> None:
    """In a thread of its own: the bot in this one may be about to end its own write."""
    with contextlib.closing(sqlite3.connect(file)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()


@contextlib.asynccontextmanager
async def watched(house: House, telegrams_clock: datetime) -> AsyncIterator[httpx.AsyncClient]:
    """In service; everybody can ask how it is."""
    await house.stop_bot()
    house.stage.world.clock.set(telegrams_clock)
    port = free_port()
    settings = house.settings.model_copy(update={"clock_url": None, "health_port": port})
    stop = asyncio.Event()
    running = asyncio.create_task(app.run_until(settings, stop))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        yield http
    stop.set()
    await asyncio.wait_for(running, 15)


async def told(http: httpx.AsyncClient) -> httpx.Response:
    """As soon as somebody answers."""
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(httpx.ConnectError):
                return await http.get("/health")
            await asyncio.sleep(0.05)


async def test_a_clock_that_is_wrong_from_the_start_is_known_with_the_first_reply(house: House) -> None:
    """Nothing is sent hours too early before a second reply confirms it."""
    async with watched(house, datetime.now(UTC) - timedelta(hours=3)) as http:
        problems = (await told(http)).json()["problems"]

    assert [problem[:16] for problem in problems] == ["The clock is 108"]


async def test_a_bot_in_service_says_how_it_is_and_nothing_about_anybody(house: House) -> None:
    olga = await house.admin("Olga-Ottoline")
    async with watched(house, datetime.now(UTC)) as http:
        while not all((well := await told(http)).json()["rounds"].values()):
            await olga.send("/help")  # the first fetch ends
            await asyncio.sleep(0.1)
        metrics = (await http.get("/metrics")).text
        await asyncio.to_thread(_make_newer, house.settings.data_dir / "interlude.db")
        ill = await http.get("/health")

    assert (well.status_code, well.json()["status"], well.json()["problems"]) == (200, "ok", [])
    assert set(well.json()["rounds"]) == {LOOK, FETCH, SEND}
    assert (ill.status_code, ill.json()["problems"]) == (503, ["The schema is newer."])
    shown = dict(re.findall(r"^(interlude_\S+) (\S+)$", metrics, re.MULTILINE))
    assert shown["interlude_healthy"] == shown["interlude_database_up"] == "1.0"
    assert float(shown['interlude_rounds_total{part="fetch",result="done"}']) >= 1
    assert "interlude_oldest_due_seconds" in shown
    assert not {"Olga", str(olga.id)} & set(re.findall(r"\w+", metrics + well.text))


def test_a_part_that_stands_still_for_ten_minutes_ends_the_process_and_a_failing_one_does_not() -> None:
    vitals, ended = Vitals(), []
    is_ours = {FETCH: True, LOOK: True}
    vitals.expect(NOW, {FETCH: lambda: is_ours[FETCH], LOOK: lambda: is_ours[LOOK]})
    dog = Watchdog(vitals, lambda: ended.append(True))

    for _ in range(100):  # the database is away: it looks, and fails
        vitals.failed(LOOK)
        vitals.done(FETCH, NOW)
        dog.look()
    is_ours[FETCH] = False  # another process fetches
    for _ in range(100):
        vitals.failed(LOOK)
        dog.look()
    assert not ended
    is_ours[FETCH] = True
    for _ in range(39):
        vitals.done(LOOK, NOW)
        dog.look()
    assert not ended
    dog.look()

    assert ended


async def test_who_has_just_taken_over_is_given_time_for_a_first_round(house: House) -> None:
    """A long poll lasts half a minute: whoever stood by for an hour must not be ended for it."""
    await house.stop_bot()
    async with app.opened(house.settings, SteppedClock(NOW)) as practice:
        is_ours = {FETCH: False, LOOK: True}
        practice.vitals.expect(NOW, {part: partial(is_ours.get, part) for part in is_ours})
        told = []
        for minute, ours in ((61, True), (63, True), (65, True), (66, False)):
            is_ours[FETCH] = ours
            now = NOW + timedelta(minutes=minute)
            practice.vitals.done(LOOK, now)
            told.append((await examine(practice, now)).problems)

    assert told == [[], [], ["This process has fetched no updates for 240 s."], []]


async def test_a_clock_that_is_set_back_does_not_make_it_wait_for_the_past(house: House) -> None:
    """The scheduler's next look, and a pause that Telegram asked for, were instants twenty minutes ahead of now."""
    await house.stop_bot()
    settings = house.settings.model_copy(update={"clock_url": None})
    clock = SystemClock()
    async with app.opened(settings, clock) as practice:
        service = Service(practice, make_bot(TOKEN, house.stage.url), clock, settings)
        looking = asyncio.create_task(service._looking.run())
        while service._looking._scheduler is None or service._bells.due.is_set():
            await asyncio.sleep(0.01)
        scheduler, ahead = service._looking._scheduler, datetime.now(UTC) + timedelta(minutes=20)
        scheduler.modify_job("look", next_run_time=ahead)
        service._post.held_until = ahead
        service._bells.mail.clear()

        service._guard._jumped(-1200.0)

        assert scheduler.get_job("look").next_run_time < datetime.now(UTC) + timedelta(minutes=1)
        assert service._post.held_until < datetime.now(UTC) + timedelta(minutes=1)
        assert service._bells.mail.is_set()
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await service.stop()


async def test_a_token_that_stays_refused_shows_however_often_its_message_is_put_back(house: House) -> None:
    """With a webhook nothing is fetched, and what is put back is never due for long."""
    olga = await house.admin()
    await house.post("faults", {"method": "sendMessage", "kind": "401", "calls": 1000})
    await olga.send("/help")
    await house.stop_bot()
    clock, post, bot = SteppedClock(await house.now()), Post(), make_bot(TOKEN, house.stage.url)
    told = []
    async with app.opened(house.settings, clock) as practice:
        for minutes in (1, 2, 5):
            clock.move(clock.now() + timedelta(minutes=minutes))
            await deliver_one(practice, TelegramSender(bot), post, clock.now)
            told.append((await examine(practice, clock.now())).problems)
        stale = (await examine(practice, clock.now() + timedelta(hours=1))).problems  # nothing has been tried since
        await house.delete("faults")
        clock.move(clock.now() + timedelta(minutes=2))
        await deliver_one(practice, TelegramSender(bot), post, clock.now)
        told.append((await examine(practice, clock.now())).problems)
    await asyncio.gather(*(request.shutdown() for request in bot._request))

    assert told == [[], [], ["Telegram has taken no message for 420 s: unauthorised."], []]
    assert stale == ["A message has been due for 3598 s."]


async def test_updates_that_nobody_handles_and_a_webhook_that_brings_nothing_show(house: House) -> None:
    await house.stop_bot()
    clock = SteppedClock(NOW)
    async with app.opened(house.settings, clock) as practice:
        await receive.store(practice, [{"update_id": 1}], NOW)
        clock.move(NOW + timedelta(minutes=20))
        waiting = (await examine(practice, clock.now())).problems
        info = {
            "url": "https://x/h", "pending_update_count": 5, "last_error_message": "SSL error",
            "last_error_date": int(clock.now().timestamp()),
        }  # fmt: skip
        hook = Webhook(_Answering(info), practice, clock, path="/h", secret="s", on_stored=lambda: None)
        await _soon(hook)
        undelivered = (await examine(practice, clock.now())).problems
        noted = await _noted(practice)
        info["pending_update_count"] = 0
        await _soon(hook)
        well = (await examine(practice, clock.now())).problems
        present = await _noted(practice)

    assert waiting == well == ["An update has been waiting to be handled for 1200 s."]
    assert undelivered == [*waiting, "Telegram cannot deliver updates: SSL error."]
    assert (noted == clock.now(), present) == (False, clock.now())  # whoever was not reached hears of it afterwards


class _Answering:
    """A bot whose every call has this for a result."""

    def __init__(self, result: object) -> None:
        self._result = result

    async def call(self, _method: str, **_parameters: object) -> object:
        return self._result


async def _soon(hook: Webhook) -> None:
    keeping = asyncio.create_task(hook.keep_set("https://x/h"))
    await asyncio.sleep(0.3)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)


async def _noted(practice: Practice) -> datetime | None:
    async with practice.database.read() as db:
        return await db.scalar(select(Marker.at).where(Marker.name == "seen"))


async def test_a_key_store_that_is_away_is_not_well(house: House) -> None:
    await house.stop_bot()
    async with app.opened(house.settings, SteppedClock(NOW)) as practice:
        well = (await examine(practice, NOW)).problems
        store = practice.vault._store
        assert isinstance(store, DatabaseKeyStore)
        await store.engine.dispose()
        (house.settings.data_dir / "keys.db").unlink()
        ill = (await examine(practice, NOW)).problems

    assert (well, ill) == ([], ["The key store does not answer."])
