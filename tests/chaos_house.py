"""A house in which everybody has joined, made once and played in again and again, in one thread (`chaos_line.py`)."""

import shutil
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from chaos_line import Line, QuickLoop, engines_kept

from bot.vault import KeyRing

LIBRARY = Path(__file__).parent / "flows" / "short_library"
MONDAY = datetime(2026, 10, 5, 8, tzinfo=UTC)
LEADERS = {"Anna": "Everyday", "Ben": "Daily", "Carla": "Around sessions"}
SESSIONS = (("Alice", "/session Anna Fri 14:00 weekly x3"), ("Bob", "/session Carla Wed 10:00 weekly x3"))


@cache
def joined() -> tuple[Path, dict[str, int]]:
    """A folder in which everybody has joined, to be copied for each history."""
    folder = Path(tempfile.mkdtemp(prefix="interlude-histories-"))
    (folder / "interlude.keys").write_text(KeyRing.new_line() + "\n")
    with Player(folder) as player:
        ids = player.run(player.line.join_all(LEADERS))
        for coach, text in SESSIONS:
            player.line.say(ids[coach], text)
            player.run(player.line.settle())
    return folder, ids


@cache
def stage() -> Path:
    """Where every history is played, one after the other."""
    return Path(tempfile.mkdtemp(prefix="interlude-history-")) / "now"


def set_up() -> tuple[Path, dict[str, int]]:
    """As if everybody had just joined."""
    template, ids = joined()
    shutil.rmtree(stage(), ignore_errors=True)
    shutil.copytree(template, stage())
    return stage(), ids


class Player(ExitStack):
    """A loop, a line that is running, and both closed in the end."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.loop = QuickLoop()
        self.callback(self.loop.close)
        self.line = Line(folder, folder / "interlude.keys", LIBRARY, MONDAY)
        self.callback(self.line.world.store.close)
        self.enter_context(self.line.power.on_databases())
        self.enter_context(engines_kept())
        self.run(self.line.start())
        self.callback(lambda: self.run(self.line.stop()))

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)
