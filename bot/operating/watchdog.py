"""A thread that sees whether the parts get round. One that does not is ended with the process: the supervisor starts anew.

It watches progress, not flags, and counts its own looks, not the clock: after a machine has slept, nobody is late. Failing
is progress: while the network or the database is away a new process would do no better, and could not answer `/urgent`.
"""

import faulthandler
import os
import sys
import threading
from collections.abc import Callable

from bot.log import get_logger
from bot.work.vitals import Vitals

log = get_logger(__name__)

EXIT_CODE = 70
_EVERY = 15.0
_PATIENCE = 40  # looks: ten minutes, longer than any wait that a part may have


def give_up() -> None:
    """Where everything stood, without any value, and then out: what is half done is settled by whoever starts next."""
    faulthandler.dump_traceback(sys.__stderr__ or 2)
    os._exit(EXIT_CODE)


class Watchdog(threading.Thread):
    def __init__(self, vitals: Vitals, end: Callable[[], None] = give_up) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._vitals = vitals
        self._end = end
        self._seen: dict[str, int] = {}
        self._misses: dict[str, int] = {}
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(_EVERY):
            self.look()

    def stop(self) -> None:
        self._stopped.set()

    def look(self) -> None:
        for part, is_ours in list(self._vitals.expected.items()):
            ended = self._vitals.rounds[part].ended
            stands_still = is_ours() and self._seen.get(part) == ended
            self._misses[part] = self._misses.get(part, 0) + 1 if stands_still else 0
            self._seen[part] = ended
            if self._misses[part] >= _PATIENCE:
                log.critical("a part stands still; ending the process", kind=part, seconds=int(_EVERY * _PATIENCE))
                self._end()
                return
