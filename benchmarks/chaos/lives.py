"""Processes that are made to be killed: forked from a parent that has imported everything and done nothing else.

An import that is cut off shows nothing and costs two seconds; so a life begins where a process's own work does: its
settings, its files, its connections. `--exec` starts `interlude run` anew each time instead.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]


class Nursery:
    """The warm parent, told by lines of JSON whom to bear and whose end to wait for."""

    def __init__(self, *, cold: bool = False) -> None:
        self._cold = cold
        self._born: dict[int, subprocess.Popen[bytes]] = {}
        self._parent = subprocess.Popen(
            [sys.executable, str(Path(__file__))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=REPOSITORY, env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        )  # fmt: skip

    def bear(self, work: str, environment: dict[str, str], log: Path) -> int:
        """`work`: interlude, mark-first, send-first or stock. The new process's pid."""
        if self._cold and work == "interlude":
            return self._start(environment, log)
        return int(self._ask({"work": work, "environment": environment, "log": str(log)}))

    def _start(self, environment: dict[str, str], log: Path) -> int:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("INTERLUDE_")}
        with log.open("ab") as out:
            born = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "run"], stdout=out, stderr=out,
                env=clean | environment | {"PYTHONPATH": str(REPOSITORY)},
            )  # fmt: skip
        self._born[born.pid] = born
        return born.pid

    def is_dead(self, pid: int) -> bool:
        if pid in self._born:
            return self._born[pid].poll() is not None
        return bool(self._ask({"dead": pid}))

    def end(self, pid: int, how: int = signal.SIGKILL, within: float = 40) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        until = time.monotonic() + within
        while not self.is_dead(pid):
            if time.monotonic() > until:
                raise RuntimeError(f"process {pid} does not end")
            time.sleep(0.002)

    def _ask(self, order: dict[str, Any]) -> Any:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(json.dumps(order) + "\n")
        self._parent.stdin.flush()
        return json.loads(self._parent.stdout.readline())

    def close(self) -> None:
        for born in self._born.values():
            born.kill()
            born.wait()
        assert self._parent.stdin is not None
        self._parent.stdin.close()
        self._parent.wait()


def _warm() -> None:
    import aiosqlite  # noqa: F401
    import apscheduler.schedulers.asyncio  # noqa: F401
    import asyncpg  # noqa: F401
    import naive  # noqa: F401
    import sqlalchemy.dialects.postgresql.asyncpg
    import sqlalchemy.dialects.sqlite.aiosqlite  # noqa: F401

    import bot.app
    import bot.cli  # noqa: F401


def _parent() -> None:
    """Until nobody asks any more; then whoever is left goes too."""
    _warm()
    living: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if "dead" in order:
            pid, _ = os.waitpid(order["dead"], os.WNOHANG) if order["dead"] in living else (order["dead"], 0)
            living.discard(pid)
            answer: Any = bool(pid)
        else:
            answer = os.fork()
            if answer == 0:
                _live(order)
            living.add(answer)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in living:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _live(order: dict[str, Any]) -> None:
    """What a process of its own would do from here on."""
    code = 1
    try:
        nothing, log = os.open(os.devnull, os.O_RDONLY), os.open(order["log"], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        for number, file in enumerate((nothing, log, log)):
            os.dup2(file, number)
        random.seed()
        for name in [name for name in os.environ if name.startswith("INTERLUDE_")]:
            del os.environ[name]
        os.environ.update(order["environment"])
        if order["work"] == "interlude":
            from bot import cli

            sys.argv = ["interlude", "run"]
            cli.main()
        else:
            import naive

            naive.WORK[order["work"]]()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001  # a process of its own would print it, too
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _parent()
