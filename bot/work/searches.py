"""What a process knows of its searches for messages of unknown fate: when to look, where not to, and when to give up."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from bot.db.tables import Delivery
from bot.domain.delivery import GIVE_UP_KNOWING, RECONCILE_AFTER, Why
from bot.domain.searching import Method

_AGAIN = timedelta(seconds=30)
_INHERITED = timedelta(seconds=70)  # for what an earlier process had looked for in vain: time for three searches
_SEARCHERS = 4  # postmen who search at the same time; the others carry
_SEARCH_AGAIN = tuple(timedelta(seconds=pause) for pause in (4, 8, 18, 30))  # the third ends with a reply's patience
_OUTAGE, _CALLS = timedelta(minutes=1), 3  # so long, and so many calls: it is not one message that Telegram cannot do
_MOST = timedelta(hours=3)  # after which nobody waits for Telegram any more: the rest of the chat does
_CHECK_AGAIN = tuple(timedelta(seconds=pause) for pause in (15, 30, 60))


@dataclass(frozen=True)
class Vain:
    """What told nothing, a search or a self-check: how often in a row, and when to try again."""

    times: int
    again_at: datetime

    @classmethod
    def after(cls, before: "Vain | None", pauses: Sequence[timedelta], now: datetime) -> "Vain":
        times = before.times + 1 if before is not None else 1
        return cls(times, now + pauses[min(times, len(pauses)) - 1])


@dataclass
class Searches:
    """`at`: when the next look for a message of unknown fate is due; None when there is none."""

    at: datetime | None = None
    chats: set[int] = field(default_factory=set)  # being searched: nothing is sent there meanwhile
    checking: asyncio.Lock = field(default_factory=asyncio.Lock)
    checks: Vain | None = None  # self-checks in vain: each shows in somebody's chat
    _vain: dict[int, Vain] = field(default_factory=dict)  # chats that were searched in vain
    _began: datetime | None = None  # the first look, by this process
    _inherited: set[UUID] = field(default_factory=set)  # what an earlier process had looked for in vain by then
    _unanswered: list[datetime] = field(default_factory=list)  # the first calls in a row that Telegram did not answer
    _back_at: datetime | None = None  # since when it answers again, after an outage

    def look_for(self, unknown_since: datetime | None) -> None:
        """The earliest lease of a message of unknown fate; a search that was in vain is not repeated at once."""
        if unknown_since is None:
            self.at = None
        else:
            self.at = max(unknown_since + RECONCILE_AFTER, self.at or unknown_since)

    def is_due(self, now: datetime) -> bool:
        return self.at is not None and now >= self.at and len(self.chats) < _SEARCHERS

    def not_now(self, now: datetime) -> set[int]:
        """The chats that are being searched, or were just now."""
        return {*self.chats, *self._paused(now)}

    def _paused(self, now: datetime) -> dict[int, Vain]:
        return {chat: vain for chat, vain in self._vain.items() if vain.again_at > now}

    def begin(self, unknown: Sequence[Delivery], now: datetime) -> None:
        """The first look of a process: how long an earlier one has looked nobody knows."""
        if self._began is None:
            self._began, self._inherited = now, {row.id for row in unknown if row.reason == Why.unclear}

    def called(self, now: datetime, *, is_answered: bool, is_search: bool = False) -> None:
        """A call is over, and Telegram has said something, if not what was hoped for. Where only searches get no answer, it
        is there."""
        if is_answered:
            if self._is_cut_off(now):
                self._back_at = now
            self._unanswered = []
        elif self._unanswered or not is_search:
            self._unanswered = [*self._unanswered, now][:_CALLS]

    def _is_cut_off(self, now: datetime) -> bool:
        return len(self._unanswered) == _CALLS and now - self._unanswered[0] >= _OUTAGE

    def gives_up_at(self, row: Delivery, method: Method | None, now: datetime) -> datetime:
        """Until when there is hope to learn of it: while Telegram answers nothing, nobody can. An edit is never looked for:
        the same one twice changes nothing."""
        assert row.lease_until is not None
        if row.target_id is not None:
            return row.lease_until
        begun = row.lease_until if method == Method.off else max(row.lease_until, self._began or row.lease_until)
        if row.id in self._inherited:
            begun = max(row.lease_until, begun - GIVE_UP_KNOWING + _INHERITED)
        answering = now if self._is_cut_off(now) else self._back_at
        begun = max(begun, min(answering or begun, row.lease_until + _MOST))
        return begun + GIVE_UP_KNOWING

    def rest(self, others: Sequence[datetime], now: datetime) -> None:
        """Nothing is to be done now: until the next search, or the first of these instants."""
        paused = self._paused(now)
        self.at = min([now + _AGAIN, *(vain.again_at for vain in paused.values()), *(at for at in others if at > now)])
        self._vain = {chat: vain for chat, vain in self._vain.items() if chat in paused or chat in self.chats}

    def settled(self, chat_id: int, now: datetime) -> None:
        self.chats.discard(chat_id)
        self._vain.pop(chat_id, None)
        self.at = min(self.at or now, now + _AGAIN)

    def told_nothing(self, chat_id: int, now: datetime) -> None:
        """Most often one call has failed, and the next search finds it; somebody who is cut off is asked less often. The
        other chats have their turn."""
        self.chats.discard(chat_id)
        self._vain[chat_id] = vain = Vain.after(self._vain.get(chat_id), _SEARCH_AGAIN, now)
        self.at = min(self.at or now, vain.again_at)

    def check_later(self, now: datetime) -> None:
        self.checks = Vain.after(self.checks, _CHECK_AGAIN, now)

    def clock_was_set(self) -> None:
        """Whatever is looked for is looked for again."""
        self.at, self._began, self._vain = None, None, {}
        self._unanswered, self._back_at = [], None
