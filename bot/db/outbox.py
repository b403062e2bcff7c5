"""The outbox: claim the oldest due row, write down what became of it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Exists,
    Select,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db.engine import Instant
from bot.db.tables import Delivery
from bot.domain.delivery import LEASE, LET_GO_AFTER, POLICIES, Kind, State, Why

_AT_ONCE = 50
_PATIENCE = 8  # tries: a quarter of an hour, and more where each has to be looked for
_row = Delivery.metadata.tables[Delivery.__tablename__]


async def oldest_due(
    db: AsyncSession, now: datetime, lane: int, but: Collection[int] = (), most: int = 1
) -> list[Delivery]:
    """The oldest due rows of a lane whose chats have nothing on their way, one of each chat: one in flight per chat keeps
    the order. `but`: chats that have to wait."""
    first: dict[int, Delivery] = {}
    given = {"now": now, "let_go": now - LET_GO_AFTER, "of": lane, "but": [*but], "most": most}
    for row in await db.scalars(_oldest_due(), given):
        first.setdefault(row.chat_id, row)
    return list(first.values())


@cache
def _oldest_due() -> Select[Delivery]:
    """Run for every message: to put it together takes longer."""
    return (
        select(Delivery)
        .where(Delivery.state == State.pending, Delivery.lane == bindparam("of"), Delivery.due_at <= bindparam("now"))
        .where(~_chat_is_busy(bindparam("let_go")), Delivery.chat_id.not_in(bindparam("but", expanding=True)))
        .where(or_(Delivery.attempt > 0, ~_failed_earlier()))
        .order_by(Delivery.due_at, Delivery.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )


def _chat_is_busy(let_go: BindParameter[datetime] | None = None) -> Exists:
    """Something is on its way to this chat, or nobody knows whether it arrived: of two such messages nobody could tell
    which is there. A reply waits only while it may be found out, and not for one whose lease ended before `let_go`."""
    other = aliased(Delivery)
    may_be_found = and_(func.coalesce(other.reason, "") != Why.unclear, ~other.is_copy)
    if let_go is not None:
        may_be_found = and_(may_be_found, other.lease_until > let_go)
    lost = and_(other.state == State.unknown, other.target_id.is_(None), or_(Delivery.lane > 0, may_be_found))
    return exists().where(other.chat_id == Delivery.chat_id, or_(other.state == State.sending, lost))


@cache
def _failed_earlier() -> Exists:
    """An earlier message of this chat waits for another try: what was written after it comes after it. One that Telegram
    was given again and again, and never took, is not waited for any more; whoever put it back wrote down no reason, and of
    an edit that there was no answer. Nor is one that waits for the hours or the end of a pause of its reader."""
    other = aliased(Delivery)
    return exists().where(
        other.chat_id == Delivery.chat_id,
        other.lane == Delivery.lane,
        other.state == State.pending,
        other.attempt > 0,
        or_(other.attempt <= _PATIENCE, func.coalesce(other.reason, Why.no_answer) != Why.no_answer),
        func.coalesce(other.reason, Why.no_answer).not_in([Why.quiet, Why.paused]),
        other.id < Delivery.id,
    )


def claim(delivery: Delivery, now: datetime, token: UUID, watermark: int) -> None:
    delivery.state = State.sending
    delivery.attempt += 1
    delivery.lease_token = token
    delivery.lease_until = now + LEASE
    delivery.watermark = watermark


def held(delivery_id: UUID, token: UUID) -> Update:
    """An update of a row that is still ours; nothing matches once the lease was lost."""
    return update(Delivery).where(
        Delivery.id == delivery_id, Delivery.lease_token == token, Delivery.state == State.sending
    )


async def was_sent(db: AsyncSession, delivery_id: UUID, token: UUID, message_id: int, at: datetime) -> bool:
    """Write down that it was sent; False when it is not ours any more. One statement past the ORM: nearly all end so."""
    ours = (_row.c.id == delivery_id, _row.c.lease_token == token, _row.c.state == State.sending)
    sent = {"state": State.sent, "message_id": message_id, "sent_at": at, "payload": None, "lease_token": None}
    return (await (await db.connection()).execute(update(_row).where(*ours).values(sent))).rowcount == 1


async def raise_watermark(db: AsyncSession, delivery_id: UUID, token: UUID | None, message_id: int) -> None:
    """The message this lease sent is not at this id, nor at any below."""
    mine = (Delivery.id == delivery_id, Delivery.lease_token == token, Delivery.state == State.unknown)
    await db.execute(update(Delivery).where(*mine, Delivery.watermark < message_id).values(watermark=message_id))


async def lapse(db: AsyncSession, now: datetime, *, all_of_them: bool = False, is_dead: bool = False) -> int:
    """Sends whose lease has run out: nobody knows what became of them. How many there were. `is_dead`: whoever had claimed
    them sends no more, so that the lease has not to be waited for."""
    latest = now if is_dead else now + LEASE  # the clock may have been ahead when it was claimed
    query = (
        update(Delivery)
        .where(Delivery.state == State.sending, true() if all_of_them or is_dead else Delivery.lease_until <= now)
        .values(state=State.unknown, lease_until=case((Delivery.lease_until > latest, latest), else_=Delivery.lease_until))
        .returning(Delivery.id)
    )
    return len((await db.execute(query)).all())


async def unknown_by(db: AsyncSession, before: datetime, but: Collection[int] = ()) -> list[Delivery]:
    """The rows of unknown fate whose lease ended by `before`, oldest first, of other chats than `but`."""
    query = (
        select(Delivery)
        .where(Delivery.state == State.unknown, Delivery.lease_until <= before, Delivery.chat_id.not_in(but))
        .order_by(Delivery.lease_until, Delivery.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return list(await db.scalars(query))


async def on_its_way(db: AsyncSession, chat_id: int) -> list[Delivery]:
    """What has been sent to a chat and not been confirmed, in the order in which it was sent; edits aside."""
    query = select(Delivery).where(Delivery.chat_id == chat_id, Delivery.state.in_([State.sending, State.unknown]))
    return list(await db.scalars(query.where(Delivery.target_id.is_(None)).order_by(Delivery.lease_until, Delivery.id)))


async def ended_unknown(db: AsyncSession, chat_id: int, since: datetime, but: Sequence[UUID]) -> list[Delivery]:
    """Rows that have ended, or were sent twice, and may have a message in this chat that they know nothing of."""
    was_given_up = Delivery.reason.in_([Why.lost, Why.by_hand, Why.unreadable])
    is_open = or_(Delivery.state.in_([State.cancelled, State.expired]), was_given_up)
    ended = and_(Delivery.message_id.is_(None), is_open)
    query = select(Delivery).where(
        Delivery.chat_id == chat_id, Delivery.target_id.is_(None), Delivery.id.not_in(but), Delivery.lease_until >= since,
        or_(ended, Delivery.is_copy),
    )  # fmt: skip
    return list(await db.scalars(query))


async def known_ids(db: AsyncSession, chat_id: int, above: int, since: datetime) -> set[int]:
    """The ids of messages that rows stand for: all of this chat, and those of others that were due since."""
    here = select(Delivery.message_id).where(Delivery.chat_id == chat_id, Delivery.message_id > above)
    there = select(Delivery.message_id).where(*_sent_since(since), Delivery.message_id > above)
    return {*await db.scalars(here), *await db.scalars(there)}


async def first_id_after(db: AsyncSession, above: int, instant: datetime) -> int | None:
    """The lowest known id of a message that was claimed later than `instant`: by our own clock, as leases are, for
    Telegram's may be another one. Of what was sent twice the id may be that of the first copy, the lease of the second."""
    query = select(func.min(Delivery.message_id)).where(
        Delivery.state == State.sent, Delivery.lease_until > instant + LEASE, Delivery.message_id > above,
        Delivery.target_id.is_(None), Delivery.attempt <= 1, ~Delivery.is_copy,
    )  # fmt: skip
    return await db.scalar(query)


async def claimed_by(db: AsyncSession, message_id: int, latest: datetime) -> datetime | None:
    """When the latest message up to this id was claimed, or earlier: whatever was over by then has a lower one. None where
    there is none, or where its clock was ahead: it cannot have been claimed after `latest`."""
    query = select(Delivery.lease_until).where(  # by the index of ids: as few conditions as will do
        Delivery.message_id <= message_id, Delivery.target_id.is_(None), Delivery.attempt <= 1, ~Delivery.is_copy
    )
    lease_until = await db.scalar(query.order_by(Delivery.message_id.desc()).limit(1))
    return None if lease_until is None or lease_until - LEASE > latest else lease_until - LEASE


async def first_id_since(db: AsyncSession, instant: datetime, before: datetime | None = None) -> int | None:
    """The lowest id of a message that was sent since: rare, and without an index."""
    query = select(func.min(Delivery.message_id)).where(
        Delivery.state == State.sent, Delivery.sent_at >= instant, Delivery.target_id.is_(None)
    )
    return await db.scalar(query if before is None else query.where(Delivery.sent_at < before))


def _sent_since(since: datetime) -> tuple[Any, ...]:
    """By the index that claims use."""
    return Delivery.state == State.sent, Delivery.lane.in_([0, 1]), Delivery.due_at > since


async def under_way(db: AsyncSession) -> int:
    """How many messages have an id that nobody knows yet, at most."""
    query = select(func.count()).where(Delivery.state.in_([State.sending, State.unknown]), Delivery.target_id.is_(None))
    return await db.scalar(query) or 0


async def was_edited(db: AsyncSession, row: Delivery) -> bool:
    """Whether anything about this message was changed after it was sent: somebody has acted upon it."""
    return (await db.scalars(select(Delivery.id).where(Delivery.target_id == row.id).limit(1))).one_or_none() is not None


async def is_overtaken(db: AsyncSession, edit: Delivery) -> bool:
    """Whether a later edit of the same message exists that was not withdrawn, and that says all that this one says."""
    whole = [] if edit.method == "deleteMessage" else ["editMessageText", "editMessageCaption"]
    says_all = or_(Delivery.method == edit.method, Delivery.method.in_(whole))
    query = select(Delivery.id).where(
        Delivery.target_id == edit.target_id, Delivery.id > edit.id, says_all,
        Delivery.state.not_in([State.cancelled, State.expired, State.failed]),
    )  # fmt: skip
    return (await db.scalars(query.limit(1))).one_or_none() is not None


def due_instants() -> list[Instant]:
    """When the outbox wants to be looked at: a due row, a lease that ends."""
    free = select(Delivery.due_at).where(~_chat_is_busy(), or_(Delivery.attempt > 0, ~_failed_earlier()))
    first = free.where(Delivery.state == State.pending).order_by(Delivery.due_at).limit(1)  # not all of them: by index
    due = [first.where(Delivery.lane == lane) for lane in sorted({policy.lane for policy in POLICIES.values()})]
    leased = select(func.min(Delivery.lease_until)).where(Delivery.state == State.sending)
    return [*(one.scalar_subquery() for one in due), leased.scalar_subquery()]


def unknown_instant() -> Instant:
    """The earliest end of the lease of a row whose fate is unknown."""
    return select(func.min(Delivery.lease_until)).where(Delivery.state == State.unknown).scalar_subquery()


async def cancel(db: AsyncSession, reason: Why, *conditions: Any) -> None:
    """Withdraw what has not been sent; its text is wiped."""
    await db.execute(
        update(Delivery)
        .where(Delivery.state == State.pending, *conditions)
        .values(state=State.cancelled, reason=reason, payload=None)
    )


async def hold_back(db: AsyncSession, person_id: UUID, now: datetime, lull: timedelta) -> None:
    """The next question of a conversation waits a little more: the answer before it goes on."""
    waits = (Delivery.state == State.pending, Delivery.kind == Kind.prompt, Delivery.lane == POLICIES[Kind.reply].lane)
    await db.execute(
        update(Delivery)
        .where(Delivery.person_id == person_id, *waits, Delivery.due_at > now)
        .values(due_at=now + lull)
    )


async def release(db: AsyncSession, person_id: UUID, now: datetime) -> None:
    """Somebody can be reached again: what was held for them and is still worth sending goes out."""
    await _go_on(db, person_id, now, Why.unreachable)


async def end_pause(db: AsyncSession, person_id: UUID, now: datetime) -> None:
    """A pause is over, or another one: what waited for its end is looked at again."""
    await _go_on(db, person_id, now, Why.paused)


async def is_back(db: AsyncSession, now: datetime) -> None:
    """Telegram takes messages again: what had not got through to it need not wait for the end of its pause."""
    waits = (Delivery.state == State.pending, Delivery.reason.in_([Why.no_connection, Why.no_answer]))
    await db.execute(update(Delivery).where(*waits, Delivery.due_at > now).values(due_at=now))


async def _go_on(db: AsyncSession, person_id: UUID, now: datetime, reason: Why) -> None:
    waits = (Delivery.person_id == person_id, Delivery.state == State.pending, Delivery.reason == reason)
    await db.execute(update(Delivery).where(*waits).values(due_at=now, reason=None))


async def by_nonce(db: AsyncSession, nonce: str) -> Delivery | None:
    return (await db.scalars(select(Delivery).where(Delivery.nonce == nonce))).one_or_none()


async def by_message(db: AsyncSession, chat_id: int, message_id: int) -> Delivery | None:
    """The delivery that became this message."""
    query = select(Delivery).where(Delivery.chat_id == chat_id, Delivery.message_id == message_id)
    return (await db.scalars(query.where(Delivery.target_id.is_(None)).limit(1))).one_or_none()


async def counts(db: AsyncSession, since: datetime) -> dict[str, int]:
    """Deliveries by state: everything unfinished, and what ended since."""
    unfinished = Delivery.state.in_([State.pending, State.sending, State.unknown])
    query = (
        select(Delivery.state, func.count())
        .where(or_(unfinished, and_(~unfinished, Delivery.due_at >= since)))
        .group_by(Delivery.state)
    )
    return {row[0]: row[1] for row in await db.execute(query)}


async def endings(db: AsyncSession, since: datetime) -> list[tuple[str, str | None, int]]:
    """What was not sent, by state and reason, the most frequent first."""
    query = (
        select(Delivery.state, Delivery.reason, func.count())
        .where(Delivery.state.in_([State.failed, State.expired, State.cancelled]), Delivery.due_at >= since)
        .group_by(Delivery.state, Delivery.reason)
        .order_by(func.count().desc(), Delivery.reason)
    )
    return [(state, reason, number) for state, reason, number in await db.execute(query)]


async def highest_message_id(db: AsyncSession) -> int:
    return await db.scalar(select(func.max(Delivery.message_id))) or 0
