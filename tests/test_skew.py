"""A clock that is wrong is noticed, and one that only seems so is not."""

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
