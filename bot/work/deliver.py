"""The postman's side of the outbox: claim (durably), send, confirm; recover what was in flight when we died."""

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import outbox
from bot.db.tables import AskedQuestion, Delivery, Marker, Person
from bot.domain.delivery import (
    GIVE_UP_KNOWING,
    POLICIES,
    RECONCILE_AFTER,
    Kind,
    NotSent,
    Outcome,
    Rejected,
    Sent,
    State,
    Unknown,
    backoff,
)
from bot.domain.hours import is_quiet, next_allowed
from bot.domain.text import units
from bot.errors import UnreadableError
from bot.failpoints import during, reach
from bot.i18n import Say
from bot.log import get_logger
from bot.work import leases, outgoing, plan, recordings, undelivered, untold
from bot.work.practice import Practice, hours_of

log = get_logger(__name__)

LOST = "unknown"
_PAUSES = (0.2, 1.0, 3.0, 6.0, 12.0)
_IN_HOURS = (Kind.prompt, Kind.reminder, Kind.brief, Kind.digest, Kind.notice, Kind.note)


@dataclass(frozen=True)
class Outgoing:
    """One call to make: what the sender needs and nothing else."""

    id: UUID
    token: UUID
    chat_id: int
    lane: int
    method: str
    payload: dict[str, Any] = field(repr=False)
    message_id: int | None = None
    file: tuple[str, str, bytes] | None = field(default=None, repr=False)  # the field it goes into, its name, its bytes


class Sender(Protocol):
    async def send(self, outgoing: Outgoing) -> Outcome: ...


@dataclass
class Post:
    """What all postmen of this process share: until when Telegram has asked everybody to wait."""

    held_until: datetime | None = None
    right: leases.Right | None = None  # to send at all; None where there is only one process


async def deliver_one(practice: Practice, sender: Sender, post: Post, time: Callable[[], datetime]) -> bool:
    """Claim and send one message, replies first. False when there was nothing to do."""
    claimed = await claim_one(practice, post, time(), (0, 1))
    if isinstance(claimed, Outgoing):
        await carry(practice, sender, post, claimed, time)
    return claimed is not None


async def carry(
    practice: Practice, sender: Sender, post: Post, claimed: Outgoing, time: Callable[[], datetime]
) -> None:
    """Send what was claimed and write down what became of it, which only this process knows: a database that is away
    is waited for, within the lease."""
    reach("send.before")
    with during("send.middle"):
        outcome = await sender.send(claimed)
    reach("send.after")
    for pause in _PAUSES:
        try:
            await confirm(practice, post, claimed, outcome, time())
        except Exception as error:  # noqa: BLE001
            log.warning("not confirmed yet", id=claimed.id, error=error, seconds=pause)
            await asyncio.sleep(pause)
        else:
            return
    await confirm(practice, post, claimed, outcome, time())


async def claim_one(
    practice: Practice, post: Post, now: datetime, lanes: tuple[int, ...]
) -> Outgoing | bool | None:
    """The oldest due row of these lanes, taken; True when it turned out not to be for now; None when there was none."""
    if post.held_until is not None and now < post.held_until:
        return None
    async with practice.database.write("claim") as db:
        if not await leases.is_ours(db, post.right):
            return None
        for lane in lanes:
            if (row := await outbox.oldest_due(db, now, lane)) is not None:
                break
        else:
            return None
        if row.payload is None:  # it was withdrawn while it was on its way, and did not arrive
            await _end(practice, db, row, State.cancelled, untold.WITHDRAWN, now)
            return True
        person = await db.get_one(Person, row.person_id)
        if await _is_not_for_now(practice, db, row, person, now):
            return True
        token = uuid4()
        try:
            found = await _outgoing(practice, db, row, token)
        except (UnreadableError, ValueError, KeyError):  # its keys are gone; the others must not wait behind it
            await _end(practice, db, row, State.failed, "unreadable", now)
            return True
        if found is None:
            await _end(practice, db, row, State.cancelled, "no longer shared", now)
            return True
        outbox.claim(row, now, token, practice.known_message_id)
        return found


async def _is_not_for_now(
    practice: Practice, db: AsyncSession, row: Delivery, person: Person, now: datetime
) -> bool:
    """What is checked once more before every send: too late, gone, paused, quiet."""
    is_away = person.state == "unreachable" and row.lane != 0
    if row.expires_at is not None and now >= row.expires_at:
        await _end(practice, db, row, *((State.failed, "unreachable") if is_away else (State.expired, "too late")), now)
    elif person.state in ("erased", "left") or row.chat_id != person.chat_id:
        await _end(practice, db, row, State.cancelled, person.state, now)
    elif is_away:
        _hold(row, now)
    elif row.kind in (Kind.prompt, Kind.reminder) and row.lane != 0 and person.paused_until is not None:
        await _end(practice, db, row, State.cancelled, "paused", now)
    elif row.kind == Kind.note and person.paused_until is not None and person.paused_until > now:
        row.due_at, row.reason = person.paused_until, outbox.PAUSED
    elif row.kind == Kind.reminder and not await _is_still_open(db, row):
        await _end(practice, db, row, State.cancelled, "not needed", now)
    elif row.lane != 0 and row.kind in _IN_HOURS and is_quiet(now, hours_of(person)):
        later = next_allowed(now, hours_of(person))
        if row.kind == Kind.brief and row.expires_at is not None and later >= row.expires_at:
            return False  # the session starts before the coach's next hours: now or never
        if row.kind in (Kind.notice, Kind.digest) and row.expires_at is not None:  # Friday evening is news on Monday
            row.expires_at += later - row.due_at
        row.due_at = later
    else:
        return False
    return True


def _hold(row: Delivery, now: datetime) -> None:
    """Nobody is there to read it: it waits until they are back (`outbox.release`), or until it is too late."""
    row.state, row.reason, row.attempt, row.lease_token = State.pending, outbox.HELD, 0, None
    row.due_at = row.expires_at or now + timedelta(days=1)


async def _is_still_open(db: AsyncSession, reminder: Delivery) -> bool:
    """Whether the question somebody is to be reminded of arrived and still waits for its answer."""
    assert reminder.question_id is not None
    question = await db.get_one(AskedQuestion, reminder.question_id)
    prompt = await outgoing.shown_by(db, question.id)
    return question.state == "open" and prompt is not None and prompt.state == State.sent


async def _end(
    practice: Practice, db: AsyncSession, row: Delivery, state: State, reason: str, now: datetime
) -> None:
    row.state, row.reason, row.payload = state, reason, None
    if row.question_id is not None and row.kind == Kind.prompt:
        ended = "not_asked" if state == State.cancelled else "expired"
        await plan.expire_question(db, row.question_id, ended, reason, now)
    await untold.end(db, row, now)
    await undelivered.tell(practice, db, row, now)


async def _outgoing(practice: Practice, db: AsyncSession, row: Delivery, token: UUID) -> Outgoing | None:
    """What is to be sent; None when it holds what its reader may not have any more."""
    box = await practice.vault.box(row.person_id, "shared")
    payload = json.loads(box.open("delivery.payload", row.id, row.payload or b""))
    if row.reason == "repeated":
        person = await db.get_one(Person, row.person_id)
        say = Say(person.language)
        again = "\n\n" + say("(sent again in case it did not arrive)")
        said, most = ("text", 4096) if "text" in payload else ("caption", 1024)
        if units(payload[said] + again) <= most:
            payload[said] += again
    if row.kind == Kind.reminder and row.question_id is not None and (
        prompt := await outgoing.shown_by(db, row.question_id)
    ):  # it quotes the question it reminds of
        payload["reply_parameters"] = {"message_id": prompt.message_id, "allow_sending_without_reply": True}
    file = payload.pop("_file", None)
    attached = None
    if file is not None:
        if (body := await recordings.file_for(practice, db, row, file)) is None:
            return None
        attached = (file["field"], file["name"], body)
    return Outgoing(row.id, token, row.chat_id, row.lane, row.method, payload, row.message_id, attached)


async def confirm(practice: Practice, post: Post, sent: Outgoing, outcome: Outcome, now: datetime) -> None:
    """Write down what became of it. A lease lost meanwhile does not lose the message id."""
    async with practice.database.write("confirm") as db:
        match outcome:
            case Sent():
                await _confirm_sent(practice, db, sent, outcome)
            case NotSent():
                await _put_back(db, post, sent, outcome, now)
            case Rejected():
                await _reject(practice, db, sent, outcome, now)
            case Unknown():
                await db.execute(outbox.held(sent.id, sent.token).values(state=State.unknown, reason=outcome.reason))


async def _confirm_sent(practice: Practice, db: AsyncSession, sent: Outgoing, outcome: Sent) -> None:
    practice.known_message_id = max(practice.known_message_id, outcome.message_id)
    await db.execute(
        update(Delivery)
        .where(Delivery.id == sent.id)
        .values(state=State.sent, message_id=outcome.message_id, sent_at=outcome.at, payload=None, lease_token=None)
    )


async def _put_back(db: AsyncSession, post: Post, sent: Outgoing, outcome: NotSent, now: datetime) -> None:
    row = await db.get_one(Delivery, sent.id)
    if row.lease_token != sent.token or row.state != State.sending:
        return
    pause = backoff(row.attempt, random.random())  # noqa: S311  # jitter, not a secret
    again = now + pause if outcome.after is None else now + timedelta(seconds=outcome.after)
    if outcome.everyone:
        post.held_until = max(post.held_until or again, again)
    row.state, row.reason, row.due_at, row.lease_token = State.pending, outcome.reason, again, None


async def _reject(
    practice: Practice, db: AsyncSession, sent: Outgoing, outcome: Rejected, now: datetime
) -> None:
    row = await db.get_one(Delivery, sent.id)
    if row.lease_token != sent.token or row.state != State.sending:
        return
    if outcome.unreachable and row.lane != 0:
        _hold(row, now)
    else:
        await _end(practice, db, row, State.failed, outcome.reason, now)
    if outcome.unreachable:
        person = await db.get_one(Person, row.person_id)
        if person.state == "active":
            person.state = "unreachable"


async def take_over(practice: Practice, now: datetime) -> None:
    """Another process sent until now, and does so no more: of what it had under way nobody knows whether it arrived."""
    async with practice.database.write() as db:
        await outbox.lapse(db, now, all_of_them=True)
        practice.known_message_id = max(practice.known_message_id, await outbox.highest_message_id(db))


async def recover(practice: Practice, now: datetime) -> int:
    """Sends whose lease ran out become unknown. How many."""
    async with practice.database.write() as db:
        return await outbox.lapse(db, now)


async def reconcile_one(practice: Practice, now: datetime) -> bool:
    """Settle a send of unknown fate: by evidence, else after ten minutes by what its kind bears."""
    async with practice.database.write("reconcile") as db:
        row = await outbox.unknown_since(db, now - RECONCILE_AFTER)
        if row is None or row.lease_until is None:
            return False
        if row.question_id is not None and row.kind == Kind.prompt:
            question = await db.get_one(AskedQuestion, row.question_id)
            if question.state != "open":  # answered, skipped or closed: it is not asked again
                row.state, row.reason, row.payload = State.failed, LOST, None
                return True
        if now < row.lease_until + GIVE_UP_KNOWING:
            return False
        if POLICIES[Kind(row.kind)].repeat:
            row.state, row.due_at, row.lease_token = State.pending, now, None
            row.reason = None if row.kind == Kind.edit else "repeated"
        else:
            await _end(practice, db, row, State.failed, LOST, now)
    return True


def seen(row: Delivery, message_id: int, at: datetime) -> None:
    """A tap or a reply proves that a message of unknown fate arrived."""
    is_open = row.state in (State.unknown, State.sending) or row.reason == LOST
    if is_open and row.message_id is None and row.target_id is None:
        row.state, row.message_id, row.payload = State.sent, message_id, None
        row.sent_at = row.sent_at or at
        row.lease_token = None


async def mark(db: AsyncSession, name: str, value: str, now: datetime) -> None:
    marker = await db.get(Marker, name)
    if marker is None:
        db.add(Marker(name=name, value=value, at=now))
    else:
        marker.value, marker.at = value, now
