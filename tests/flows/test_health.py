"""How a running bot says that it is well, or what is wrong; and what ends one that stands still."""

import asyncio
import contextlib
import re
import socket
import sqlite3
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
from house import House

from bot import app
from bot.clock import SteppedClock
from bot.operating.health import examine
from bot.operating.watchdog import Watchdog
from bot.work.vitals import FETCH, LOOK, SEND, Vitals

NOW = datetime(2026, 10, 5, 8, tzinfo=UTC)


def _make_newer(file: Path) -> None:
    """In a thread of its own: the bot in this one may be about to end its own write."""
    with contextlib.closing(sqlite3.connect(file)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()


async def test_a_bot_in_service_says_how_it_is_and_nothing_about_anybody(house: House) -> None:
    olga = await house.admin("Olga-Ottoline")
    await house.stop_bot()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = house.settings.model_copy(update={"clock_url": None, "health_port": port})
    stop = asyncio.Event()
    running = asyncio.create_task(app.run_until(settings, stop))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        while True:
            try:
                well = await http.get("/health")
            except httpx.ConnectError:
                assert not running.done()
            else:
                if all(well.json()["rounds"].values()):
                    break
                await olga.send("/help")  # the first fetch ends
            await asyncio.sleep(0.1)
        metrics = (await http.get("/metrics")).text
        await asyncio.to_thread(_make_newer, settings.data_dir / "interlude.db")
        ill = await http.get("/health")
    stop.set()
    await asyncio.wait_for(running, 15)

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
