"""A clock that is wrong is noticed, and one that only seems so is not."""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.skew import ClockGuard

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Machine:
    """Real time goes by; the clock on the wall may say something else."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.elapsed, self.ahead = 0.0, ahead
        self.skews: list[float] = []
        self.guard = ClockGuard(self, self.skews.append)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.elapsed + self.ahead)

    def monotonic(self) -> float:
        return self.elapsed

    def hear(self, after: float, date: datetime | None = None) -> None:
        self.elapsed += after
        told = date or NOON + timedelta(seconds=self.elapsed)
        self.guard.heard(format_datetime(told.replace(microsecond=0), usegmt=True))


@pytest.mark.parametrize("ahead", [0, 3600, -90])
def test_how_far_it_is_off_is_told_once_two_replies_agree(ahead: float, caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine(ahead)
    machine.hear(1)
    assert machine.skews == []
    machine.hear(15)
    assert machine.skews == [ahead]
    assert [record.levelno for record in caplog.records] == ([logging.ERROR] if ahead else [])
    machine.ahead = 0
    for _ in range(2):
        machine.hear(15)
    assert machine.skews[-1] == 0


def test_a_reply_that_waited_a_clock_that_stands_and_a_date_that_is_none_say_nothing() -> None:
    machine = Machine()
    machine.hear(1)
    machine.hear(300, date=NOON)  # the process was frozen while it lay there
    machine.hear(15)
    machine.guard.heard("half past nine")
    assert machine.skews == []

    standing = Machine()
    for _ in range(5):
        standing.hear(30, date=NOON)
    assert standing.skews == []


def test_a_jump_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine()
    for elapsed, ahead in ((0, 0), (30, 1), (60, 200), (90, 200)):
        machine.elapsed, machine.ahead = elapsed, ahead
        machine.guard.look()
    assert len(caplog.records) == 1


class Asked(Machine):
    """As in service: whoever wants to know what time it is can ask."""

    def __init__(self, ahead: float = 0.0) -> None:
        super().__init__(ahead)
        self.asked = 0
        self.jumps: list[float] = []
        self.guard = ClockGuard(self, self.skews.append, self.jumps.append, self.ask)

    async def ask(self) -> None:
        self.asked += 1
        self.hear(1)
        if self.asked == 3:
            raise asyncio.CancelledError  # enough

    async def look(self, monkeypatch: pytest.MonkeyPatch) -> int:
        """How often Telegram is asked in ten looks."""
        looks = 0

        async def sleep(seconds: float) -> None:
            nonlocal looks
            looks += 1
            self.elapsed += seconds
            if looks == 10:
                raise asyncio.CancelledError

        monkeypatch.setattr("bot.skew.asyncio.sleep", sleep)
        with contextlib.suppress(asyncio.CancelledError):
            await self.guard.run()
        return self.asked


async def test_a_first_reply_that_is_far_off_counts_until_a_second_one_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = Asked(12_600)
    wrong.hear(1)
    assert wrong.skews == [12_600]  # nothing goes out three hours early meanwhile
    assert await wrong.look(monkeypatch) == 3
    assert wrong.skews[-1] == 12_600

    frozen = Asked()
    frozen.hear(1, date=NOON - timedelta(minutes=5))
    assert frozen.skews == [301]
    await frozen.look(monkeypatch)
    assert frozen.skews[-1] == 0


async def test_whoever_hears_nothing_for_long_asks_what_time_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that only plans, or has a webhook and nothing to send."""
    planner = Asked()
    planner.hear(1)
    assert await planner.look(monkeypatch) == 2  # until it is sure
    planner.elapsed += 200
    assert await planner.look(monkeypatch) == 3


def test_whoever_waits_for_an_instant_is_told_of_a_jump() -> None:
    machine = Asked()
    for elapsed, ahead in ((0, 0), (30, -1200), (60, -1200)):
        machine.elapsed, machine.ahead = elapsed, ahead
        machine.guard.look()
    assert machine.jumps == [-1200]
