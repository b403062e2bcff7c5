"""What a digest or a brief would have told and did not, because it never arrived or was withdrawn: the next one tells it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Answer, Delivery, Digest, Disclosure, Person, Session
from bot.domain.delivery import Kind, State, Why

_TEXT, _VOICE = "sendMessage", "sendVoice"  # a picture counts nothing: the next digest draws those weeks again
_ALIVE = (State.pending, State.sending, State.unknown, State.sent)
MOVED = ":moved:"
"""In the key of a brief whose session has another time by now."""


async def end(db: AsyncSession, row: Delivery, now: datetime) -> None:
    """A message of a digest or brief will not arrive."""
    await db.flush()
    if row.kind == Kind.digest:
        is_news = await tell_again(db, UUID(row.dedupe_key.split(":")[1]))
        if is_news and row.reason == Why.withdrawn:  # the others' words in it need not wait for a week
            await _write_now(db, row.person_id, now)
    elif row.kind == Kind.brief:
        if MOVED in row.dedupe_key:  # another one comes before the session's new time
            await _unsend(db, await _held(db, row))
            return
        await _brief(db, row)
        if row.reason == Why.withdrawn:
            await write_brief_again(db, row.dedupe_key, now)
    elif row.kind in (Kind.reply, Kind.edit) and row.reason != State.unknown:
        await _unsend(db, await _held(db, row))


async def withdraw(db: AsyncSession, digest_id: UUID, coach_id: UUID, reason: Why, now: datetime) -> None:
    """What has not gone out of a digest, to be written again. What is on its way right now may arrive: until that is
    known it counts as told, and it is not sent a second time."""
    for part in await _parts(db, digest_id):
        if part.method == _VOICE:
            continue
        if part.state == State.pending:
            _cancel(part, reason)
        elif part.state in (State.sending, State.unknown):
            part.payload = None
    await db.flush()
    if await tell_again(db, digest_id):
        await _write_now(db, coach_id, now)


async def write_brief_again(db: AsyncSession, key: str, now: datetime) -> None:
    """`key`: that of one of its messages."""
    what, session_id, *_ = key.split(":")
    again = {"agenda_due_at": now} if what == "agenda" else {"brief_due_at": now, "brief_cut_at": None}
    await db.execute(update(Session).where(Session.id == UUID(session_id), Session.state == "planned").values(again))


async def _write_now(db: AsyncSession, coach_id: UUID, now: datetime) -> None:
    coach = update(Person).where(Person.id == coach_id, Person.is_coach, Person.state == "active")
    await db.execute(coach.values(next_digest_at=now))


async def tell_again(db: AsyncSession, digest_id: UUID) -> bool:
    """Free for the next digest what no message of this one has told or may still tell. Whether there is anything."""
    parts = await _parts(db, digest_id)
    texts = [part for part in parts if part.method == _TEXT]
    if not any(part.state in _ALIVE for part in texts):
        untold = list(await db.scalars(select(Answer.id).where(Answer.digest_id == digest_id)))
        await _free(db, untold, parts)
        await db.execute(delete(Digest).where(Digest.id == digest_id))
        return True
    if all(part.state in _ALIVE for part in texts):
        return False
    untold = await _untold(db, digest_id, texts)
    await _free(db, untold, parts)
    return bool(untold)


async def _parts(db: AsyncSession, digest_id: UUID) -> list[Delivery]:
    """Its messages in order."""
    query = select(Delivery).where(Delivery.dedupe_key.startswith(f"digest:{digest_id}:", autoescape=True))
    return sorted(await db.scalars(query), key=lambda part: int(part.dedupe_key.split(":")[2]))


async def _untold(db: AsyncSession, digest_id: UUID, texts: Sequence[Delivery]) -> list[UUID]:
    """Of a digest that arrived in part: what is quoted in a lost text alone; what is only counted goes with its leader."""
    lost = {part.id for part in texts if part.state not in _ALIVE}
    query = select(Answer.id, Answer.engagement_id).where(Answer.digest_id == digest_id)
    answers = {row[0]: row[1] for row in await db.execute(query)}
    quoted: dict[UUID, set[UUID]] = {}
    query = select(Disclosure.answer_id, Disclosure.delivery_id)
    for key, part_id in await db.execute(query.where(Disclosure.delivery_id.in_([part.id for part in texts]))):
        quoted.setdefault(key, set()).add(part_id)
    about = {part.id: _named(part) for part in texts}
    for key, part_ids in quoted.items():
        for part_id in part_ids & about.keys() if key in answers else ():
            about[part_id].add(answers[key])
    about[texts[-1].id] |= set(answers.values()) - set().union(*about.values())  # a coaching that ended has no button
    return [
        key for key, engagement_id in answers.items()
        if (quoted.get(key) or {part_id for part_id, those in about.items() if engagement_id in those}) <= lost
    ]  # fmt: skip


def _named(part: Delivery) -> set[UUID]:
    """The engagements whose buttons stand under a message."""
    return {UUID(action[1]) for action in part.actions if action[0] == "brief.show"}


async def _free(db: AsyncSession, untold: Collection[UUID], parts: Iterable[Delivery]) -> None:
    """They count as told nowhere; a recording of theirs does not come by itself."""
    told = select(Disclosure.delivery_id).where(Disclosure.answer_id.in_(untold))
    holding = set(await db.scalars(told))
    for part in parts:
        if part.method == _VOICE and part.state == State.pending and part.id in holding:
            _cancel(part, Why.withdrawn)
    await db.flush()
    await db.execute(update(Answer).where(Answer.id.in_(untold)).values(digest_id=None))
    await _unsend(db, untold)


async def _unsend(db: AsyncSession, answer_ids: Collection[UUID]) -> None:
    """That words went to the coach is said only of those that did, or may have."""
    went = select(Disclosure.id).join(Delivery, Delivery.id == Disclosure.delivery_id).where(
        Disclosure.answer_id == Answer.id, Delivery.state.in_(_ALIVE)
    )
    nowhere = update(Answer).where(Answer.id.in_(answer_ids), ~went.exists())
    await db.execute(nowhere.values(sent_to_coach_at=None), execution_options={"synchronize_session": "fetch"})


async def _brief(db: AsyncSession, row: Delivery) -> None:
    """The next brief begins where this one did, unless all of its text arrived."""
    await _unsend(db, await _held(db, row))
    what, session_id, *_ = row.dedupe_key.split(":")
    if what == "brief" and row.method == _TEXT:
        await db.execute(update(Session).where(Session.id == UUID(session_id)).values(brief_cut_at=None))


async def _held(db: AsyncSession, row: Delivery) -> list[UUID]:
    """The answers whose words a message holds."""
    return list(await db.scalars(select(Disclosure.answer_id).where(Disclosure.delivery_id == row.id)))


def _cancel(part: Delivery, reason: Why) -> None:
    part.state, part.reason, part.payload, part.lease_token = State.cancelled, reason, None, None
