"""Settles messages of unknown fate: looks for them in their chat, and where that tells nothing goes by their kind.

Nothing here can change a message of somebody else's: why, is decision 63 in docs/decisions.md.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import inbox, outbox
from bot.db.tables import Delivery, Person
from bot.domain.delivery import LEASE, LET_GO_AFTER, RECONCILE_AFTER, State, Why
from bot.domain.searching import Between, Method, Trace, arrivals, to_ask
from bot.log import get_logger
from bot.work import restored, self_check, settling, worded
from bot.work.post import Post, Search, Sender, ask
from bot.work.practice import Practice
from bot.work.searches import Searches

log = get_logger(__name__)

_NOTE_EACH = 10  # ids: so many are asked about once more at most
_SKEW = timedelta(seconds=60)
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_PROOF = frozenset({Trace.same, Trace.changed})
_LATELY = timedelta(hours=3)  # of other chats: a call too many is better than a look through all there ever was


@dataclass(frozen=True)
class _Lost:
    """The messages of unknown fate in one chat, in the order in which they were sent, and what is needed to find them."""

    chat_id: int
    rows: tuple[tuple[UUID, UUID | None], ...]  # id, lease token
    between: tuple[Between, ...]  # where each of them can be
    ended_at: datetime  # the last of their leases
    ids: tuple[int, ...]
    highest: int  # known to have been given out
    others: frozenset[str]  # how messages of ours were sent that may be among these and that no row knows of
    is_text: bool
    asks_for_reply: bool  # one of them
    edit: dict[str, Any] | None = field(repr=False)  # of a single one: what it reads, to the letter

    @property
    def is_alone(self) -> bool:
        return len(self.rows) == 1 and not self.others


async def next_search(practice: Practice, post: Post, now: datetime) -> Search | bool:
    """Settle what can be settled without a call; else the next chat to be searched. False when there is nothing."""
    if not post.searches.is_due(now):
        return False
    async with practice.database.write("reconcile") as db:
        found = await _next_search(practice, db, post.searches, now)
    if isinstance(found, Search):  # only now: a chat that was never searched would stay closed
        post.searches.chats.add(found.chat_id)
    return found


async def _next_search(practice: Practice, db: AsyncSession, searches: Searches, now: datetime) -> Search | bool:
    method = await self_check.known(db, now)
    rows = await outbox.unknown_by(db, now - RECONCILE_AFTER, searches.not_now(now))
    searches.begin(rows, now)
    ends = [searches.gives_up_at(row, method, now) for row in rows]
    for row, end in zip(rows, ends, strict=True):
        if now >= end:
            await settling.end_search(practice, db, row, now)
            return True
        if method != Method.off:
            return Search(row.id, row.lease_token or row.id, row.chat_id, row.lane, "search", {})
        row.reason = Why.unclear
    searches.rest(ends, now)
    return False


async def search(practice: Practice, sender: Sender, post: Post, found: Search, time: Callable[[], datetime]) -> None:
    """Look for the messages of unknown fate in one chat. Nothing is sent there meanwhile, and no transaction is open."""
    is_settled = False
    try:
        told, lost = await _search(practice, sender, post, found.chat_id, time)
        if told is not None and lost is not None:
            await _settle(practice, lost, told, time())
            is_settled = True
            return
        await _let_replies_go(practice, found.chat_id, time())
    finally:
        done = post.searches.settled if is_settled else post.searches.told_nothing
        done(found.chat_id, time())


async def _search(
    practice: Practice, sender: Sender, post: Post, chat_id: int, time: Callable[[], datetime]
) -> tuple[list[int | None] | None, _Lost | None]:
    """For each of them its id, or None for one that did not arrive; None for all when nothing can be said (yet)."""
    method = await self_check.method(practice, sender, post, time())
    if method is None or method == Method.off:
        return None, None
    lost = await _gather(practice, chat_id, time())
    if lost is None or not await _is_drained(practice, sender, lost):
        return None, None
    lost = await _gather(practice, chat_id, time())  # what was fetched in between is known by now
    if lost is None:
        return None, None
    if method == Method.guarded:
        return await _search_guarded(practice, sender, post, lost, time), lost
    if not lost.is_alone or lost.edit is None or lost.asks_for_reply:
        return None, lost

    async def reads_so(message_id: int) -> Trace:
        if not await _is_as_it_was(practice, lost, [message_id], time()):
            return Trace.unclear
        return _meant(lost, await _edit(sender, post, lost, message_id, time()), Trace.same)

    found = await _where(practice, lost, reads_so, _PROOF)
    return (None if found is None else arrivals(found, lost.between, crowded=False)), lost


async def _note_absent(practice: Practice, lost: _Lost, first: int) -> None:
    """None of them is at the first so many ids, nor will ever be: they were sent before. No search asks there again, not
    even that of a process after this one."""
    if first:
        async with practice.database.write() as db:
            for row_id, token in lost.rows:
                await outbox.raise_watermark(db, row_id, token, min(lost.ids[first - 1], lost.highest))


async def _search_guarded(
    practice: Practice, sender: Sender, post: Post, lost: _Lost, time: Callable[[], datetime]
) -> list[int | None] | None:
    """First where any message of ours is that no row knows of, which changes nothing; only then, what it reads."""
    if any((method == "sendMessage") != lost.is_text for method in lost.others):
        return None  # what guards texts would change a caption, and the other way round
    guard = ("editMessageCaption", self_check.GUARD) if lost.is_text else ("editMessageText", {"text": "·"})

    async def is_ours(message_id: int) -> Trace:
        trace = await ask(sender, post, guard[0], lost.chat_id, message_id, guard[1], time())
        return _meant(lost, trace, Trace.ours)

    found = await _where(practice, lost, is_ours, {Trace.ours})
    told = arrivals(found, lost.between, crowded=bool(lost.others)) if found is not None else None
    if not found or told is None:
        return told
    if lost.asks_for_reply and await sender.unfetched() != 0:
        return None  # it may be their own words: nobody can edit these, either
    if not await _is_as_it_was(practice, lost, found, time()):
        return None
    if not lost.is_alone or lost.edit is None:
        return told
    trace = await _edit(sender, post, lost, found[0], time())
    return told if _meant(lost, trace, Trace.same) in _PROOF else None


async def _is_as_it_was(practice: Practice, lost: _Lost, found: Collection[int], now: datetime) -> bool:
    """Nobody wrote meanwhile, who may have been answered, and no other message has been confirmed as one of these."""
    still = await _gather(practice, lost.chat_id, now)
    return still is not None and (still.rows, still.others) == (lost.rows, lost.others) and {*found} <= {*still.ids}


def _meant(lost: _Lost, trace: Trace, there: Trace) -> Trace:
    """What people have sent is known, and not asked about: what cannot be edited is the one that asks for a reply."""
    if trace != Trace.fixed:
        return trace
    return there if lost.asks_for_reply else Trace.absent


async def _where(
    practice: Practice, lost: _Lost, tell: Callable[[int], Awaitable[Trace]], there: Collection[Trace]
) -> list[int] | None:
    """The ids of which `tell` says that it is `there`: the first of them if there can be only one. None when of one it
    says neither that nor that nothing is."""
    found = list[int]()
    for place, message_id in enumerate(lost.ids):
        trace = await tell(message_id)
        if not found and (trace != Trace.absent or (place + 1) % _NOTE_EACH == 0):
            await _note_absent(practice, lost, place + (trace == Trace.absent))
        if trace in there:
            found.append(message_id)
        elif trace != Trace.absent:
            return None
        if found and lost.is_alone:
            break
    return found


async def _edit(sender: Sender, post: Post, lost: _Lost, message_id: int, now: datetime) -> Trace:
    """The proof: an edit to exactly what was sent is refused if that is what is there."""
    assert lost.edit is not None
    method = "editMessageText" if lost.is_text else "editMessageCaption"
    trace = await ask(sender, post, method, lost.chat_id, message_id, lost.edit, now)
    if trace == Trace.changed:
        log.error("a search changed a message", id=lost.rows[0][0])
    return trace


async def _gather(practice: Practice, chat_id: int, now: datetime) -> _Lost | None:
    """None while something is under way to this chat, or somebody's words wait to be handled."""
    async with practice.database.read() as db:
        rows = await outbox.on_its_way(db, chat_id)
        texts = {row.method == "sendMessage" for row in rows}
        if not rows or len(texts) > 1 or await inbox.waits(db, chat_id):
            return None
        if any(row.state != State.unknown or (row.lease_until or now) > now - RECONCILE_AFTER for row in rows):
            return None
        between = [await bounds(db, row.watermark or 0, row.lease_until or now) for row in rows]
        low = min(above for above, _ in between)
        if await restored.hides(db, low) or await _is_left(db, rows[0]):
            return None
        last = max(row.lease_until or now for row in rows)
        known = await outbox.known_ids(db, chat_id, low, last - _LATELY) | await inbox.ids_of_people(db, low)
        highest = max(practice.known_message_id, await inbox.highest_message_id(db), *known, low)
        ids = to_ask(low, highest, await outbox.under_way(db), known, between[-1][1])
        if ids is None:
            return None
        asks = [await worded.asks_for_reply(practice, row) for row in rows]
        return _Lost(
            chat_id, tuple((row.id, row.lease_token) for row in rows), tuple(between), last, tuple(ids), highest,
            await _others(db, rows, low), texts == {True}, any(asks),
            await worded.edit_of(practice, rows[0]) if len(rows) == 1 else None,
        )  # fmt: skip


async def _is_left(db: AsyncSession, row: Delivery) -> bool:
    """Whoever it was for has another account now: what is said to whoever has the old one is noted nowhere."""
    person = await db.get_one(Person, row.person_id)
    return person.chat_id is not None and person.chat_id != row.chat_id


async def bounds(db: AsyncSession, watermark: int, lease_until: datetime) -> Between:
    return watermark, await outbox.first_id_after(db, watermark, lease_until + _SKEW)


async def suspected_since(db: AsyncSession, low: int, lost_at: datetime) -> datetime:
    """What was said before then is not above `low`: an id that we know lies between. However long ago that is."""
    claimed_at = await outbox.claimed_by(db, low, lost_at)
    return _EVER if claimed_at is None else claimed_at - LEASE - _SKEW


async def _others(db: AsyncSession, rows: Sequence[Delivery], low: int) -> frozenset[str]:
    """What may be above `low` besides: said beside the outbox, or sent by a row that has ended without knowing its
    message."""
    since = await suspected_since(db, low, min(filter(None, (row.lease_until for row in rows))))
    person = await db.get_one(Person, rows[0].person_id)
    others = {"sendMessage"} if person.aside_at is not None and person.aside_at >= since else set()
    if len(rows) > 1:
        others |= {row.method for row in rows if row.is_copy}  # its first copy may be there, too
    for row in await outbox.ended_unknown(db, rows[0].chat_id, since, [row.id for row in rows]):
        _, before = await bounds(db, row.watermark or 0, row.lease_until or since)
        if before is None or before > low + 1:
            others.add(row.method)
    return frozenset(others)


async def _is_drained(practice: Practice, sender: Sender, lost: _Lost) -> bool:
    """Whether all that people did before is stored: only then the highest id is known, and every tap that proves it."""
    if practice.drained_at is not None and practice.drained_at >= lost.ended_at:
        return True
    return await sender.unfetched() == 0


async def _settle(practice: Practice, lost: _Lost, told: Sequence[int | None], now: datetime) -> None:
    async with practice.database.write("reconcile") as db:
        for (row_id, token), message_id in zip(lost.rows, told, strict=True):
            row = await db.get(Delivery, row_id, with_for_update=True)
            if row is None or row.state != State.unknown or row.lease_token != token or row.lease_until is None:
                continue  # settled meanwhile, by a tap
            if message_id is not None:
                settling.arrived(row, message_id)
                practice.known_message_id = max(practice.known_message_id, message_id)
            else:
                if not row.is_copy:
                    row.lease_until = None  # it is nowhere, however it goes on: no later search has to think of it
                await settling.send_again(db, row, now)
    log.info("searched", n=len(lost.rows), sent=sum(one is not None for one in told))


async def _let_replies_go(practice: Practice, chat_id: int, now: datetime) -> None:
    """What could not be found out by now is not waited for by whoever is in a conversation."""
    async with practice.database.write() as db:
        for row in await outbox.on_its_way(db, chat_id):
            is_old = row.lease_until is not None and row.lease_until + LET_GO_AFTER <= now
            if row.state == State.unknown and is_old:
                row.reason = Why.unclear
