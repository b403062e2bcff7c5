"""The postman's side of the outbox: claim (durably), send, confirm; recover what was in flight when we died."""

import asyncio
import json
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import outbox
from bot.db.tables import AskedQuestion, Delivery, Person
from bot.domain.delivery import Kind, NotSent, Outcome, Rejected, Sent, State, Unknown, backoff
from bot.domain.hours import is_quiet, next_allowed
from bot.domain.text import units
from bot.errors import UnreadableError
from bot.failpoints import during, reach
from bot.i18n import Say
from bot.log import get_logger
from bot.skew import MOST
from bot.work import leases, outgoing, reconciling, recordings, untold
from bot.work.post import Ended, Outgoing, Post, Search, Sender, end, mark
from bot.work.practice import Practice, hours_of

__all__ = ["Outgoing", "Post", "Sender", "mark"]

log = get_logger(__name__)

_PAUSES = (0.2, 1.0, 3.0, 6.0, 12.0)
_STILL_OURS = (State.sending, State.unknown)  # unknown to others: we know now
_IN_HOURS = (Kind.prompt, Kind.reminder, Kind.brief, Kind.digest, Kind.notice, Kind.note)
_DELETABLE = timedelta(hours=47)  # Telegram lets go of what is younger than 48


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
    if isinstance(claimed, Search):
        await reconciling.search(practice, sender, post, claimed, time)
        return
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
    found = await claim_some(practice, post, now, lanes, 1)
    return found if found is None else next(iter(found), True)


async def claim_some(
    practice: Practice, post: Post, now: datetime, lanes: tuple[int, ...], most: int
) -> list[Outgoing] | None:
    """The oldest due rows of these lanes, of as many chats, taken in one commit. Some may turn out not to be for now.
    None when there were none."""
    if post.held_until is not None and now < post.held_until:
        return None
    if abs(practice.vitals.skew or 0) > MOST:  # whoever writes is answered; whether anything else is due, nobody knows
        lanes = tuple(lane for lane in lanes if lane == 0)
    if 1 in lanes and (search := await reconciling.next_search(practice, post, now)):
        return [search] if isinstance(search, Search) else []
    async with practice.database.write("claim") as db:
        if not await leases.is_ours(db, post.right):
            return None
        rows: list[Delivery] = []
        for lane in lanes:
            if len(rows) < most:
                but = {*post.searching, *(row.chat_id for row in rows)}
                rows += await outbox.oldest_due(db, now, lane, but, most - len(rows))
        if not rows:
            return None
        if most > 1:  # read at once what each of them needs
            owners = {row.person_id for row in rows}
            people = list(await db.scalars(select(Person).where(Person.id.in_(owners))))  # noqa: F841  # held by the session
            await practice.vault.prepare(owners, "shared")
        return [taken for row in rows if (taken := await _take(practice, db, row, now)) is not None]


async def _take(practice: Practice, db: AsyncSession, row: Delivery, now: datetime) -> Outgoing | None:
    """Claimed, if it is still to be sent, and now."""
    if row.state != State.pending:  # withdrawn with one before it
        return None
    if row.payload is None:  # it was withdrawn while it was on its way, and did not arrive
        await end(practice, db, row, State.cancelled, untold.WITHDRAWN, now)
        return None
    person = await db.get_one(Person, row.person_id)
    if await _is_not_for_now(practice, db, row, person, now):
        return None
    token = uuid4()
    try:
        found = await _outgoing(practice, db, row, token)
    except (UnreadableError, ValueError, KeyError):  # its keys are gone; the others must not wait behind it
        await end(practice, db, row, State.failed, outbox.UNREADABLE, now)
        return None
    if found is None:
        await end(practice, db, row, State.cancelled, "no longer shared", now)
        return None
    outbox.claim(row, now, token, practice.known_message_id)
    return found


async def _is_not_for_now(
    practice: Practice, db: AsyncSession, row: Delivery, person: Person, now: datetime
) -> bool:
    """What is checked once more before every send: too late, gone, paused, quiet."""
    is_away = person.state == "unreachable" and row.lane != 0
    if row.expires_at is not None and now >= row.expires_at:
        await end(practice, db, row, *((State.failed, "unreachable") if is_away else (State.expired, "too late")), now)
    elif person.state in ("erased", "left") or row.chat_id != person.chat_id:
        why = person.state if person.state in ("erased", "left") else "moved"
        await end(practice, db, row, State.cancelled, why, now)
    elif is_away:
        _hold(row, now)
    elif row.kind in (Kind.prompt, Kind.reminder) and row.lane != 0 and person.paused_until is not None:
        await end(practice, db, row, State.cancelled, "paused", now)
    elif row.kind == Kind.note and person.paused_until is not None and person.paused_until > now:
        row.due_at, row.reason = person.paused_until, outbox.PAUSED
    elif row.kind == Kind.reminder and not await _is_still_open(db, row):
        await end(practice, db, row, State.cancelled, "not needed", now)
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


async def _outgoing(practice: Practice, db: AsyncSession, row: Delivery, token: UUID) -> Outgoing | None:
    """What is to be sent; None when it holds what its reader may not have any more."""
    box = await practice.vault.box(row.person_id, "shared")
    payload = json.loads(box.open("delivery.payload", row.id, row.payload or b""))
    if row.reason == outbox.REPEATED:
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
    """Write down what became of it. While one commit is under way, others gather for the next."""
    mine = Ended(sent, outcome)
    post.ended.append(mine)
    async with post.writing:
        if not mine.is_over:
            together, post.ended = post.ended, []
            try:
                await _write_down(practice, post, together, now)
            except BaseException:  # told to stop: the others' are still to be written
                post.ended = [*(one for one in together if not one.is_over and one is not mine), *post.ended]
                raise
    if mine.error is not None:
        raise mine.error


async def _write_down(practice: Practice, post: Post, together: Sequence[Ended], now: datetime) -> None:
    """All of them, or else each by itself: what is wrong with one does not concern the others."""
    try:
        async with practice.database.write("confirm") as db:
            for one in together:
                await _become(practice, db, post, one.sent, one.outcome, now)
    except Exception as error:  # noqa: BLE001  # whoever carried it decides
        if len(together) > 1:
            for one in together:
                await _write_down(practice, post, [one], now)
            return
        together[0].error = error
    for one in together:
        one.is_over = True


async def _become(
    practice: Practice, db: AsyncSession, post: Post, sent: Outgoing, outcome: Outcome, now: datetime
) -> None:
    """A lease lost meanwhile does not lose the message id."""
    match outcome:
        case Sent():
            await _confirm_sent(practice, db, sent, outcome, now)
        case NotSent():
            await _put_back(db, post, sent, outcome, now)
        case Rejected():
            await _reject(practice, db, sent, outcome, now)
        case Unknown():
            lost = {"state": State.unknown, "lease_until": now, "reason": _reason(outcome)}  # the call is over
            await db.execute(outbox.held(sent.id, sent.token).values(lost))


def _reason(outcome: Unknown) -> Any:
    """A copy that says so stays one."""
    return case((Delivery.reason == outbox.REPEATED, outbox.REPEATED), else_=outcome.reason)


async def _confirm_sent(practice: Practice, db: AsyncSession, sent: Outgoing, outcome: Sent, now: datetime) -> None:
    practice.known_message_id = max(practice.known_message_id, outcome.message_id)
    if await outbox.was_sent(db, sent.id, sent.token, outcome.message_id, outcome.at):
        return
    row = await db.get(Delivery, sent.id, with_for_update=True)
    if row is None or (row.state == State.cancelled and row.reason == "erased"):
        return
    if row.state == State.sent and row.message_id != outcome.message_id and row.target_id is None:
        await _found_twice(practice, db, row, outcome.message_id, now)  # somebody else took it for lost
        return
    row.state, row.message_id, row.sent_at = State.sent, outcome.message_id, outcome.at
    row.payload = row.lease_token = None


async def _put_back(db: AsyncSession, post: Post, sent: Outgoing, outcome: NotSent, now: datetime) -> None:
    row = await db.get_one(Delivery, sent.id)
    if row.lease_token != sent.token or row.state not in _STILL_OURS:
        return
    pause = backoff(row.attempt, random.random())  # noqa: S311  # jitter, not a secret
    again = now + pause if outcome.after is None else now + timedelta(seconds=outcome.after)
    if outcome.everyone:
        post.held_until = max(post.held_until or again, again)
    row.state, row.due_at, row.lease_token = State.pending, again, None
    row.reason = row.reason if row.reason == outbox.REPEATED else outcome.reason


async def _reject(
    practice: Practice, db: AsyncSession, sent: Outgoing, outcome: Rejected, now: datetime
) -> None:
    row = await db.get_one(Delivery, sent.id)
    if row.lease_token != sent.token or row.state not in _STILL_OURS:
        return
    if outcome.unreachable and row.lane != 0:
        _hold(row, now)
    else:
        await end(practice, db, row, State.failed, outcome.reason, now)
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


async def seen(practice: Practice, db: AsyncSession, row: Delivery, message_id: int, now: datetime) -> None:
    """A tap proves that a message of unknown fate arrived, or that both it and its copy did."""
    if row.target_id is not None or row.message_id == message_id:
        return
    is_copied = row.reason == outbox.REPEATED
    if row.message_id is None and (row.state in (State.unknown, State.sending) or row.reason == outbox.LOST or is_copied):
        reconciling.arrived(row, message_id)
    elif row.state == State.sent and is_copied:
        await _found_twice(practice, db, row, message_id, now, tapped=message_id)


async def _found_twice(
    practice: Practice, db: AsyncSession, row: Delivery, other_id: int, now: datetime, tapped: int | None = None
) -> None:
    """A message is in the chat twice. The later one goes, unless somebody has acted upon it or it is too old."""
    assert row.message_id is not None
    first, later = sorted((row.message_id, other_id))
    has_acted = await outbox.was_edited(db, row) if row.message_id == later else tapped == later
    if has_acted or row.sent_at is None or now - row.sent_at > _DELETABLE:
        row.message_id = later if has_acted else row.message_id
        return
    row.message_id = first
    await outgoing.delete(practice, db, row, later, now)
