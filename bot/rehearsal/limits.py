"""Telegram's pace, when it is asked for: 30 messages a second in all, one a second in a chat."""

from collections import deque

from bot.rehearsal.errors import RefusedError
from bot.rehearsal.params import Params
from bot.rehearsal.world import World

ALL_PER_SECOND = 30
PACED = frozenset({"sendMessage", "sendPhoto", "sendDocument", "sendVoice", "sendAudio", "sendVideo",
                   "copyMessage", "forwardMessage"})  # fmt: skip


class Pace:
    """When messages went out, on the emulated clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._all: deque[float] = deque()
        self._chats: dict[str, float] = {}

    def check(self, method: str, params: Params) -> None:
        """Refuse what comes too fast; count what does not."""
        if method not in PACED or not self.world.store.recall("limits", False):
            return
        now, chat = self.world.now().timestamp(), params.text("chat_id")
        while self._all and not now - 1 < self._all[0] <= now:
            self._all.popleft()
        last = self._chats.get(chat)
        if len(self._all) >= ALL_PER_SECOND or (last is not None and 0 <= now - last < 1):
            raise too_many(1)
        self._all.append(now)
        self._chats[chat] = now


def too_many(retry_after: int) -> RefusedError:
    return RefusedError(429, f"Too Many Requests: retry after {retry_after}", retry_after)
