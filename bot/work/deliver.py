"""The postman's side of the outbox: claim (durably), send, confirm; recover what was in flight when we died."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import outbox
from bot.db.tables import AskedQuestion, Delivery, Person
from bot.domain.delivery import Kind, State, Why
from bot.domain.hours import is_quiet, next_allowed
from bot.domain.text import MOST_CAPTION, MOST_TEXT, units
from bot.errors import DataError, UnreadableError
from bot.failpoints import during, reach
from bot.i18n import Say
from bot.log import get_logger
from bot.skew import MOST
from bot.work import confirming, leases, outgoing, reconciling, recordings, stuck
from bot.work.post import Outgoing, Post, Search, Sender, can_be_kept, end, is_asked, keep_back, mark
from bot.work.practice import Practice, hours_of

__all__ = ["Outgoing", "Post", "Sender", "mark"]

log = get_logger(__name__)

_PAUSES = (0.2, 1.0, 3.0, 6.0, 12.0)
_IN_HOURS = (Kind.prompt, Kind.reminder, Kind.brief, Kind.digest, Kind.notice, Kind.note)


async def deliver_one(practice: Practice, sender: Sender, post: Post, time: Callable[[], datetime]) -> bool:
    """Claim and send one message, replies first. False when there was nothing to do."""
    claimed = await claim_one(practice, post, time, (0, 1))
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
            await confirming.confirm(practice, post, claimed, outcome, time())
        except Exception as error:  # noqa: BLE001
            log.warning("not confirmed yet", id=claimed.id, error=error, seconds=pause)
            await asyncio.sleep(pause)
        else:
            return
    await confirming.confirm(practice, post, claimed, outcome, time())


async def claim_one(
    practice: Practice, post: Post, time: Callable[[], datetime], lanes: tuple[int, ...]
) -> Outgoing | bool | None:
    """The oldest due row of these lanes, taken; True when it turned out not to be for now; None when there was none."""
    found = await claim_some(practice, post, time, lanes, 1)
    return found if found is None else next(iter(found), True)


async def claim_some(
    practice: Practice, post: Post, time: Callable[[], datetime], lanes: tuple[int, ...], most: int
) -> list[Outgoing] | None:
    """The oldest due rows of these lanes, of as many chats, taken in one commit. Some may turn out not to be for now, or
    to be put off because they cannot be read. None when there were none."""
    try:
        return await _claim_some(practice, post, time, lanes, most)
    except stuck.StuckError as failed:
        log.error("put off", kind="sending", id=failed.row_id, error=failed.__cause__, exc_info=failed.__cause__)
        await stuck.put_off(practice, failed, time())
        return []


async def _claim_some(
    practice: Practice, post: Post, time: Callable[[], datetime], lanes: tuple[int, ...], most: int
) -> list[Outgoing] | None:
    now = time()
    if post.is_held(now):
        return None
    if abs(practice.vitals.skew or 0) > MOST:  # whoever writes is answered; whether anything else is due, nobody knows
        lanes = tuple(lane for lane in lanes if lane == 0)
    if 1 in lanes and (search := await reconciling.next_search(practice, post, now)):
        return [search] if isinstance(search, Search) else []
    async with practice.database.write("claim") as db:
        now = time()  # whoever had the turn before us may have had it for long: the lease begins now
        if not await leases.is_ours(db, post.right):
            return None
        rows: list[Delivery] = []
        for lane in lanes:
            if len(rows) < most:
                but = {*post.searches.chats, *(row.chat_id for row in rows)}
                rows += await outbox.oldest_due(db, now, lane, but, most - len(rows))
        if not rows:
            return None
        if most > 1:  # read at once what each of them needs
            owners = {row.person_id for row in rows}
            people = list(await db.scalars(select(Person).where(Person.id.in_(owners))))  # noqa: F841  # held by the session
            with suppress(DataError):  # each asks for its own, then, and that one is to blame
                await practice.vault.prepare(owners, "shared")
        return await _take_all(practice, db, rows, now)


async def _take_all(practice: Practice, db: AsyncSession, rows: Sequence[Delivery], now: datetime) -> list[Outgoing]:
    claimed = list[Outgoing]()
    for row in rows:
        with stuck.blamed(row, "due_at"):
            taken = await _take(practice, db, row, now)
        if taken is not None:
            claimed.append(taken)
    return claimed


async def _take(practice: Practice, db: AsyncSession, row: Delivery, now: datetime) -> Outgoing | None:
    """Claimed, if it is still to be sent, and now."""
    if row.state != State.pending:  # withdrawn with one before it
        return None
    if row.payload is None:  # it was withdrawn while it was on its way, and did not arrive, or nobody knows
        ending = (State.failed, Why.lost) if row.is_copy else (State.cancelled, Why.withdrawn)
        await end(practice, db, row, *ending, now)
        return None
    person = await db.get_one(Person, row.person_id)
    if await _is_not_for_now(practice, db, row, person, now):
        return None
    token = uuid4()
    try:
        found = await _outgoing(practice, db, row, token)
    except (UnreadableError, ValueError, KeyError):  # its keys are gone; the others must not wait behind it
        await end(practice, db, row, State.failed, Why.unreadable, now)
        return None
    if found is None:
        await end(practice, db, row, State.cancelled, Why.not_shared, now)
        return None
    outbox.claim(row, now, token, practice.known_message_id)
    return found


async def _is_not_for_now(
    practice: Practice, db: AsyncSession, row: Delivery, person: Person, now: datetime
) -> bool:
    """What is checked once more before every send: too late, gone, overtaken, paused, quiet."""
    if (ending := await _ending(db, row, person, now)) is not None:
        await end(practice, db, row, *ending, now)
    elif row.chat_id != person.chat_id and person.chat_id is not None:
        row.chat_id = person.chat_id  # it was on its way to another account, and did not arrive
    elif person.state == "unreachable" and can_be_kept(row):
        keep_back(row, now)
    elif row.kind == Kind.note and person.paused_until is not None and person.paused_until > now:
        row.due_at, row.reason = person.paused_until, Why.paused
    elif row.lane != 0 and row.kind in _IN_HOURS and is_quiet(now, hours_of(person)):
        later = next_allowed(now, hours_of(person))
        if row.kind == Kind.brief and row.expires_at is not None and later >= row.expires_at:
            return False  # the session starts before the coach's next hours: now or never
        if row.kind in (Kind.notice, Kind.digest) and row.expires_at is not None:  # Friday evening is news on Monday
            row.expires_at += later - row.due_at
        row.due_at, row.reason = later, Why.quiet
    else:
        return False
    return True


async def _ending(db: AsyncSession, row: Delivery, person: Person, now: datetime) -> tuple[State, Why] | None:
    """What it ends with, if it is not to be sent any more."""
    is_away = person.state == "unreachable" and can_be_kept(row)
    if row.expires_at is not None and now >= row.expires_at:
        return (State.failed, Why.unreachable) if is_away else (State.expired, Why.too_late)
    if person.state in ("erased", "left"):
        return State.cancelled, Why(person.state)
    if row.chat_id != person.chat_id and (row.target_id is not None or person.chat_id is None):
        return State.cancelled, Why.moved
    if row.target_id is not None and row.attempt and await outbox.is_overtaken(db, row):
        return State.cancelled, Why.overtaken
    is_question = row.kind in (Kind.prompt, Kind.reminder) and not is_away
    return await _ending_of_question(db, row, person) if is_question else None


async def _ending_of_question(db: AsyncSession, row: Delivery, person: Person) -> tuple[State, Why] | None:
    was_under_way = row.attempt > 0  # then, nobody could withdraw it
    if person.paused_until is not None and (row.lane != 0 or was_under_way):
        return State.cancelled, Why.paused
    is_wanted = await _is_still_open(db, row) if row.kind == Kind.reminder else not was_under_way or await is_asked(db, row)
    return None if is_wanted else (State.cancelled, Why.not_needed)


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
    if row.is_copy:
        person = await db.get_one(Person, row.person_id)
        say = Say(person.language)
        again = "\n\n" + say("(sent again in case it did not arrive)")
        said, most = ("text", MOST_TEXT) if "text" in payload else ("caption", MOST_CAPTION)
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


async def take_over(practice: Practice, now: datetime) -> None:
    """Another process sent until now, and does so no more: of what it had under way nobody knows whether it arrived."""
    async with practice.database.write() as db:
        await outbox.lapse(db, now, all_of_them=True)
        practice.known_message_id = max(practice.known_message_id, await outbox.highest_message_id(db))


async def recover(practice: Practice, now: datetime) -> int:
    """Sends whose lease ran out become unknown. How many."""
    async with practice.database.write() as db:
        return await outbox.lapse(db, now)
