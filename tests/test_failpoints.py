"""A process can be told where to die, in a rehearsal only."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot import failpoints, settings
from bot.errors import ConfigurationError

DIES = """
from bot import failpoints
failpoints.arm("claim.committed=kill@2")
for _ in "123":
    print(failpoints.reach("claim.committed"), flush=True)
"""


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


def test_a_place_fails_at_its_nth_time_and_once() -> None:
    failpoints.arm("claim.inside=raise@2, plan.before=raise")
    failpoints.reach("claim.inside")

    with pytest.raises(failpoints.FailpointError):
        failpoints.reach("claim.inside")

    failpoints.reach("claim.inside")
    failpoints.reach("send.before")


def test_kill_is_a_death_without_a_word() -> None:
    died = subprocess.run([sys.executable, "-c", DIES], capture_output=True, check=False)

    assert (died.returncode, died.stdout) == (-signal.SIGKILL, b"None\n")


def test_a_bot_that_people_rely_on_is_not_told_to_die() -> None:
    given = {"INTERLUDE_FAILPOINTS": "claim.inside=kill,x=kill,send.after=dance"}

    with pytest.raises(ConfigurationError) as refused:
        settings.load(given, need_token=False, need_keys=False)

    assert refused.value.problems == (
        "INTERLUDE_FAILPOINTS is for tests: it needs INTERLUDE_CLOCK_URL, the clock of a rehearsal.",
        "INTERLUDE_FAILPOINTS: 'x' is no failpoint: see docs/rehearsal.md.",
        "INTERLUDE_FAILPOINTS: 'send.after=dance' is not name=action or name=action@n: the actions are kill, raise, hang.",
    )
