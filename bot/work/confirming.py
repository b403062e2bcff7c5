"""What became of a message that was sent: written down, several in one commit; and a copy that came to light."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import outbox
from bot.db.tables import Delivery, Person
from bot.domain.delivery import NotSent, Outcome, Rejected, Sent, State, Unknown, Why, backoff, is_answered
from bot.work import outgoing, settling
from bot.work.post import Ended, Outgoing, Post, can_be_kept, end, keep_back
from bot.work.practice import Practice

_STILL_OURS = (State.sending, State.unknown)  # unknown to others: we know now
_DELETABLE = timedelta(hours=47)  # Telegram lets go of what is younger than 48


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
    post.searches.called(now, is_answered=is_answered(outcome))
    if isinstance(outcome, NotSent | Unknown):
        practice.vitals.was_not_sent(now, outcome.reason)
    elif practice.vitals.got_through():
        await outbox.is_back(db, now)
    match outcome:
        case Sent():
            await _confirm_sent(practice, db, sent, outcome, now)
        case NotSent():
            await _put_back(db, post, sent, outcome, now)
        case Rejected():
            await _reject(practice, db, sent, outcome, now)
        case Unknown():
            lost = {"state": State.unknown, "lease_until": now, "reason": outcome.reason}  # the call is over
            await db.execute(outbox.held(sent.id, sent.token).values(lost))


async def _confirm_sent(practice: Practice, db: AsyncSession, sent: Outgoing, outcome: Sent, now: datetime) -> None:
    practice.known_message_id = max(practice.known_message_id, outcome.message_id)
    if await outbox.was_sent(db, sent.id, sent.token, outcome.message_id, outcome.at):
        return
    row = await db.get(Delivery, sent.id, with_for_update=True)
    if row is None or (row.state == State.cancelled and row.reason == Why.erased):
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
        post.hold_until(again, now)
    row.state, row.due_at, row.lease_token, row.reason = State.pending, again, None, outcome.reason


async def _reject(
    practice: Practice, db: AsyncSession, sent: Outgoing, outcome: Rejected, now: datetime
) -> None:
    row = await db.get_one(Delivery, sent.id)
    if row.lease_token != sent.token or row.state not in _STILL_OURS:
        return
    if outcome.unreachable and can_be_kept(row):
        keep_back(row, now)
    else:
        await end(practice, db, row, State.failed, outcome.reason, now)
    if outcome.unreachable:
        person = await db.get_one(Person, row.person_id)
        if person.state == "active":
            person.state = "unreachable"


async def seen(
    practice: Practice, db: AsyncSession, row: Delivery, chat_id: int, message_id: int, now: datetime
) -> None:
    """A tap proves that a message arrived of which nobody knew it, or that both it and its copy did."""
    if row.target_id is not None or row.message_id == message_id or row.chat_id != chat_id:
        return
    is_open = row.state in (State.pending, State.sending, State.unknown) or row.reason == Why.lost or row.is_copy
    if row.message_id is None and is_open:
        settling.arrived(row, message_id)
    elif row.message_id is None:  # it was cancelled on its way; what it shows can be changed all the same
        row.message_id = message_id
    elif row.state == State.sent and row.is_copy:
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
