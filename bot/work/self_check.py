"""Whether a search for lost messages can be relied on: tried on two silent messages to an administrator, which go again.

Once a day, and only when something is to be searched for; nothing is assumed of a server that answers oddly.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Marker, Person
from bot.domain.delivery import NotSent, Sent, is_answered
from bot.domain.searching import Method, Trace
from bot.i18n import Say
from bot.log import get_logger
from bot.work.post import Outgoing, Post, Sender, ask, mark
from bot.work.practice import Practice

log = get_logger(__name__)

CHECKED, _LEFT = "self-check", "self-check-left"
GUARD: dict[str, Any] = {"caption": "·"}  # asked of a text, it is refused and changes nothing
_GOOD_FOR, _BAD_FOR = timedelta(days=1), timedelta(hours=1)
_ADMINS = 3  # the first of them may have blocked the bot
_DENSE = 100  # other chats may have been written to between the two


async def last(db: AsyncSession) -> tuple[str, datetime] | None:
    """What the last check found (`guarded`, `plain`, or `off: ` and why) and when; None before the first."""
    found = await db.get(Marker, CHECKED)
    return (found.value, found.at) if found is not None else None


async def known(db: AsyncSession, now: datetime) -> Method | None:
    """What a search can rely on; None when that is to be found out (again)."""
    found = await db.get(Marker, CHECKED)
    if found is None:
        return None
    method = Method(found.value.partition(":")[0])
    return method if now < found.at + (_BAD_FOR if method == Method.off else _GOOD_FOR) else None


async def method(practice: Practice, sender: Sender, post: Post, now: datetime) -> Method | None:
    """The same, found out where needed; None when the network did not let us."""
    async with post.searches.checking:  # of two searches only one tries
        async with practice.database.read() as db:
            if (before := await known(db, now)) is not None:
                return before
            if post.searches.checks is not None and now < post.searches.checks.again_at:
                return None
            reachable = select(Person).where(Person.is_admin, Person.state == "active", Person.chat_id.is_not(None))
            admins = list(await db.scalars(reachable.order_by(Person.id).limit(_ADMINS)))
        found = None if admins else "off: there is no administrator"
        for admin in admins:
            found = found or await _try(practice, sender, post, admin, now)
        if found is None:
            post.searches.check_later(now)
            return None
        post.searches.checks = None
        async with practice.database.write() as db:
            await mark(db, CHECKED, found, now)
    log.info("self-check", state=found.replace(" ", "-"))
    return Method(found.partition(":")[0])


async def _try(practice: Practice, sender: Sender, post: Post, admin: Person, now: datetime) -> str | None:
    """Two messages whose ids follow each other; an edit that changes nothing is refused; what is gone is not found."""
    assert admin.chat_id is not None
    chat, ours = admin.chat_id, now + timedelta(microseconds=1)  # nobody else's instant
    await _take_away_what_is_left(practice, sender, post, now)
    said_before = await _say_aside(practice, admin, ours)
    payloads, ids = _messages(Say(admin.language)), list[int]()
    for payload in payloads:
        if (sent := await _send(practice, sender, post, chat, payload, now)) is not None:
            ids.append(sent)
            await _note(practice, chat, ids, now)
    edit = {name: value for name, value in payloads[-1].items() if name != "disable_notification"}
    same = await ask(sender, post, "editMessageText", chat, ids[-1], edit, now) if ids else Trace.unclear
    guard = await ask(sender, post, "editMessageCaption", chat, ids[-1], GUARD, now) if ids else Trace.unclear
    for message_id in ids:
        await ask(sender, post, "deleteMessage", chat, message_id, {}, now)
    gone = [await ask(sender, post, "editMessageText", chat, message_id, edit, now) for message_id in ids]
    if gone == [Trace.absent, Trace.absent]:
        await _note(practice, chat, [], now)
        await _say_aside(practice, admin, said_before, instead_of=ours)
    if len(ids) < len(payloads) or Trace.unclear in (same, guard, *gone):
        return None
    if not 0 < ids[1] - ids[0] <= _DENSE:
        return "off: the ids of messages do not follow each other"
    if same != Trace.same or gone != [Trace.absent, Trace.absent]:
        return "off: edits are not answered as expected"
    return Method.guarded if guard == Trace.ours else Method.plain


async def _take_away_what_is_left(practice: Practice, sender: Sender, post: Post, now: datetime) -> None:
    """Of a check that was cut off, or whose deletion did not get through."""
    async with practice.database.read() as db:
        left = await db.get(Marker, _LEFT)
    chat, _, ids = left.value.partition(":") if left is not None else ("", "", "")
    for message_id in filter(None, ids.split(",")):
        await ask(sender, post, "deleteMessage", int(chat), int(message_id), {}, now)


async def _note(practice: Practice, chat_id: int, ids: Sequence[int], now: datetime) -> None:
    """What there is to be taken away, for whoever comes after us."""
    async with practice.database.write() as db:
        await mark(db, _LEFT, f"{chat_id}:{','.join(map(str, ids))}", now)


async def _send(
    practice: Practice, sender: Sender, post: Post, chat_id: int, payload: dict[str, Any], now: datetime
) -> int | None:
    outcome = await sender.send(Outgoing(uuid4(), uuid4(), chat_id, 1, "sendMessage", payload))
    post.searches.called(now, is_answered=is_answered(outcome))
    if isinstance(outcome, NotSent):
        post.hold(outcome, now)
    if not isinstance(outcome, Sent):
        return None
    practice.known_message_id = max(practice.known_message_id, outcome.message_id)
    return outcome.message_id


def _messages(say: Say) -> list[dict[str, Any]]:
    text = say("A check that messages arrive once. It goes again by itself.")
    quiet = {"text": text, "disable_notification": True, "link_preview_options": {"is_disabled": True}}
    keyboard = {"inline_keyboard": [[{"text": "·", "callback_data": "check:0"}]]}
    return [quiet, quiet | {"entities": [{"type": "bold", "offset": 0, "length": 1}], "reply_markup": keyboard}]


async def _say_aside(
    practice: Practice, admin: Person, at: datetime | None, instead_of: datetime | None = None
) -> datetime | None:
    """Written down before anything goes: messages that no row knows of may be in this chat. Taken back only if nothing
    else was said there meanwhile. What was written there before."""
    async with practice.database.write() as db:
        person = await db.get_one(Person, admin.id, with_for_update=True)
        before = person.aside_at
        if instead_of is None or person.aside_at == instead_of:
            person.aside_at = at
    return before
