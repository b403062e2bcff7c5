"""Named places at which a test may have the process die, fail or freeze. Nothing is armed without the setting."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_COMMITS = ("receive", "answer", "plan", "claim", "confirm", "reconcile", "migrate")
# before the first statement; after the last and not committed; after the commit
_WHERE = ("before", "inside", "committed")

NAMES = frozenset(
    [f"{commit}.{where}" for commit in _COMMITS for where in _WHERE]
    + ["send.before", "send.middle", "send.after", "probe.before", "probe.middle", "probe.after"]
    + ["erase.before", "erase.inside", "erase.keys", "backup.before", "backup.inside", "backup.after"]
    + ["restore.before", "restore.inside", "restore.after"]
)
ACTIONS = ("kill", "raise", "hang")
_KILLED = 9


class FailpointError(Exception):
    """What `raise` raises: a failure nobody foresaw."""


@dataclass
class _Armed:
    action: str
    left: int  # so many times it is reached until it acts, once


_armed: dict[str, _Armed] = {}


def problems(spec: str) -> list[str]:
    """What is wrong with `name=action@n,...`; a line for each."""
    found = []
    for part in _parts(spec):
        name, _, what = part.partition("=")
        action, at, times = what.partition("@")
        if name not in NAMES:
            found.append(f"{name[:40]!a} is no failpoint: see docs/rehearsal.md.")
        elif action not in ACTIONS or (at and not (times.isdecimal() and int(times) > 0)):
            found.append(f"{part[:60]!a} is not name=action or name=action@n: the actions are {', '.join(ACTIONS)}.")
    return found


def arm(spec: str) -> None:
    """From now on: `claim.committed=kill@3,send.middle=hang`. An empty one disarms all."""
    _armed.clear()
    for part in _parts(spec):
        name, _, what = part.partition("=")
        action, _, times = what.partition("@")
        _armed[name] = _Armed(action, int(times or 1))


def _parts(spec: str) -> list[str]:
    return [part.strip() for part in spec.split(",") if part.strip()]


def reach(name: str) -> None:
    """This place is reached."""
    if _armed:
        _hit(name)


@contextmanager
def during(name: str, seconds: float = 0.003) -> Iterator[None]:
    """Reached while what is in the block waits for somebody else, as a call does that is half done."""
    if name not in _armed:
        yield
        return
    import asyncio

    timer = asyncio.get_running_loop().call_later(seconds, _hit, name)
    try:
        yield
    finally:
        timer.cancel()


def _hit(name: str) -> None:
    armed = _armed.get(name)
    if armed is None:
        return
    armed.left -= 1
    if armed.left:
        return
    del _armed[name]
    if armed.action == "kill":
        os.kill(os.getpid(), _KILLED)
    elif armed.action == "raise":
        raise FailpointError(name)
    while True:  # hang: the whole process, as SIGSTOP would have it
        time.sleep(60)
