"""In real time, as in service: everything side by side, nothing stepped. People join on a standing clock, which is quick."""

import asyncio
import contextlib
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from house import House, Phone, assert_calm, eventually
from sqlalchemy import func, select

from bot import app
from bot.clock import SystemClock
from bot.db.engine import Database
from bot.db.tables import Answer, Delivery, Inbound
from bot.domain.delivery import Kind, Sent
from bot.domain.text import message, plain
from bot.work import confirming, deliver, outgoing
from bot.work.practice import by_telegram

HELP, TERMS = "What you can do here", "Who reads what"


@dataclass
class Service:
    """A house whose bot has stopped following the clock and can be run as in service."""

    house: House
    folder: Path
    alice: Phone
    anna: Phone
    ben: Phone

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        settings = self.house.settings.model_copy(update={"clock_url": None})
        service = asyncio.create_task(app.run_until(settings, stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(service, 10)

    def process(self) -> subprocess.Popen[bytes]:
        """The same as a process of its own."""
        return self.house.process(self.folder / "service.log")

    def log(self) -> str:
        return (self.folder / "service.log").read_text()


@pytest.fixture
async def service(
    tmp_path: Path, keys_file: Path, database_url: str, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Service]:
    start = datetime.now(UTC).replace(microsecond=0)
    async with House.open(tmp_path, database_url, keys_file, start=start) as house:
        alice = await house.coach("Alice", await house.admin())
        anna, ben = await house.leader("Anna", alice), await house.leader("Ben", alice)
        await house.stop_bot()
        yield Service(house, tmp_path, alice, anna, ben)
    assert_calm(caplog)


async def count(phone: Phone, part: str) -> int:
    return sum(part in text for text in await phone.received())


async def test_a_day_in_service(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    """A burst from several phones, a message that Telegram puts off, a stop, and what came while it was stopped."""
    alice, anna, ben = phones = (service.alice, service.anna, service.ben)
    async with service.running():
        await asyncio.gather(*(phone.send("/help") for phone in phones for _ in range(3)))
        burst = await eventually(lambda: _all_have(phones, HELP, 3))
        await service.house.post("faults", {"method": "sendMessage", "kind": "429", "retry_after": 1})
        await ben.send("/help")
        put_off = await eventually(lambda: _all_have((ben,), HELP, 4))
        begun = time.monotonic()
    stopped = time.monotonic() - begun
    await anna.send("/help")

    async with service.running():
        await eventually(lambda: _all_have((anna,), HELP, 4))

    assert [await count(phone, HELP) for phone in (alice, anna, ben)] == [3, 4, 4]
    assert "too-many-requests" in caplog.text
    assert (burst < 12, put_off < 8, stopped < 5) == (True, True, True)  # half a minute would be the next regular look


async def _all_have(phones: tuple[Phone, ...], part: str, times: int) -> bool:
    return all([await count(phone, part) >= times for phone in phones])


async def test_a_killed_process_loses_nothing_and_its_log_holds_no_words(service: Service) -> None:
    phones = (service.alice, service.anna, service.ben)
    process = service.process()
    await eventually(_says_running(service, 1), 40)
    sending = [asyncio.create_task(phone.send("/help")) for phone in phones]
    await service.anna.send("a zanzibarian wobble")
    await asyncio.sleep(0.3)
    process.kill()
    process.wait()
    await asyncio.gather(*sending)
    process = service.process()
    try:
        await eventually(_says_running(service, 2), 40)
        await eventually(lambda: _has_answers(service), 40)
    finally:
        process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(process.wait, 10)

    assert code == 0
    assert "zanzibarian" not in service.log()


async def _has_answers(service: Service) -> bool:
    """All is handled, no reply is double; only the one that was in flight in a chat may be missing."""
    phones = (service.alice, service.anna, service.ben)
    found = {phone.name: (await count(phone, HELP), await count(phone, "Kept")) for phone in phones}
    assert all(helped <= 1 and kept <= 1 for helped, kept in found.values()), found
    return any(helped for helped, _ in found.values()) and await _is_done(service)


async def _is_done(service: Service) -> bool:
    """Everything that came in is handled, and the words are there once."""
    database = Database(service.house.settings.database_url)
    try:
        async with database.read() as db:
            waiting = await db.scalar(select(func.count()).where(Inbound.state == "waiting"))
            answers = await db.scalar(select(func.count()).select_from(Answer))
    finally:
        await database.close()
    return (waiting, answers) == (0, 1)


def _says_running(service: Service, times: int) -> Callable[[], Awaitable[bool]]:
    async def says() -> bool:
        return service.log().count('"event": "running"') == times

    return says


async def test_the_outbox_with_many_hands(service: Service) -> None:
    """Two postmen do not meet at one chat, and a message that does not open holds up nobody."""
    clock, post = SystemClock(), deliver.Post()
    async with app.opened(service.house.settings, clock) as practice:
        async with practice.database.write() as db:
            for phone in (service.anna, service.ben):
                person = await by_telegram(db, phone.id)
                assert person is not None
                for number in range(3):
                    text, key = message(plain("hello")), f"{phone.name}:{number}"
                    await outgoing.send(practice, db, person, Kind.reply, text, key=key, now=clock.now())
                if phone is service.anna:
                    await practice.vault.drop(person.id)

        claims = await asyncio.gather(*(deliver.claim_one(practice, post, clock.now, (0, 1)) for _ in range(8)))

        async with practice.database.write() as db:  # what is due nobody knows while the clock is wrong
            alice = await by_telegram(db, service.alice.id)
            assert alice is not None
            await outgoing.send(practice, db, alice, Kind.notice, message(plain("hello")), key="news", now=clock.now())
        practice.vitals.skew = -90.0
        held = await deliver.claim_one(practice, post, clock.now, (0, 1))
        practice.vitals.skew = 0.5
        let_go = await deliver.claim_one(practice, post, clock.now, (0, 1))

        [mine] = [claim for claim in claims if isinstance(claim, deliver.Outgoing)]  # taken for lost, and sent by another
        for message_id in (901, 905):
            await confirming.confirm(practice, post, mine, Sent(message_id, clock.now()), clock.now())
        async with practice.database.read() as db:
            copies = select(Delivery.message_id).where(Delivery.method == "deleteMessage")
            kept, gone = await db.scalar(select(Delivery.message_id).where(Delivery.id == mine.id)), await db.scalar(copies)

    assert [claim.chat_id for claim in claims if isinstance(claim, deliver.Outgoing)] == [service.ben.id]
    assert claims.count(True) == 3
    assert (held is None, let_go is None) == (True, False)
    assert (kept, gone) == (901, 905)
