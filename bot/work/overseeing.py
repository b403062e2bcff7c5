"""The outbox for whoever looks after the machine: ids, kinds, states and reasons; no name and no word of anybody's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Database
from bot.db.tables import Delivery, Inbound, Person
from bot.domain.delivery import POLICIES, Kind, State, Why
from bot.errors import RefusedError
from bot.work.post import end
from bot.work.practice import Practice

LATELY = timedelta(days=7)
_UNFINISHED = (State.pending, State.sending, State.unknown)
_SHOWN = 12
_SHORTEST = 4


@dataclass(frozen=True)
class Row:
    """One message of the outbox. Its id, and its person's, by their last twelve letters: the first ones are the time."""

    id: str
    kind: str
    state: str
    reason: str
    due_at: datetime
    attempt: int
    person: str
    role: str


@dataclass(frozen=True)
class Waiting:
    """How the outbox stands. `oldest_due`: since when the message that waits longest should have gone out; `oldest_update`:
    when the one that waits longest to be handled came."""

    deliveries: dict[str, int]
    updates: dict[str, int]
    held_back: int
    oldest_due: datetime | None
    overdue: float
    oldest_update: datetime | None = None


async def waiting(database: Database, now: datetime) -> Waiting:
    """Unfinished messages, what failed or expired since yesterday, and updates that wait or were set aside: by index."""
    ended = and_(Delivery.state.in_([State.failed, State.expired]), Delivery.due_at >= now - timedelta(days=1))
    lanes = Delivery.lane.in_([policy.lane for policy in POLICIES.values()])
    states = select(Delivery.state, func.count()).where(or_(Delivery.state.in_(_UNFINISHED), ended), lanes)
    updates = select(Inbound.state, func.count()).where(Inbound.state.in_(["waiting", "quarantined"]))
    late = select(func.min(Delivery.due_at)).where(Delivery.state == State.pending, lanes, Delivery.due_at <= now)
    held = select(func.count()).where(Delivery.state == State.pending, Delivery.reason == Why.restored)
    first = select(func.min(Inbound.received_at)).where(Inbound.state == "waiting")
    async with database.read() as db:
        counted = {row[0]: row[1] for row in await db.execute(states.group_by(Delivery.state))}
        came = {row[0]: row[1] for row in await db.execute(updates.group_by(Inbound.state))}
        oldest = await db.scalar(late)
        overdue = (now - oldest).total_seconds() if oldest is not None else 0.0
        return Waiting(counted, came, await db.scalar(held) or 0, oldest, overdue, await db.scalar(first))


async def listed(practice: Practice, now: datetime, limit: int) -> tuple[list[Row], int]:
    """What waits, nobody knows of, or failed of late: the oldest first, and how many there are."""
    ended = and_(Delivery.state.in_([State.failed, State.expired]), Delivery.due_at > now - LATELY)
    wanted = or_(Delivery.state.in_(_UNFINISHED), ended)
    query = select(Delivery, Person).join(Person, Person.id == Delivery.person_id).where(wanted)
    async with practice.database.read() as db:
        total = await db.scalar(select(func.count()).select_from(Delivery).where(wanted)) or 0
        found = (await db.execute(query.order_by(Delivery.due_at, Delivery.id).limit(limit))).all()
        return [_row(delivery, person) for delivery, person in found], total


def _row(delivery: Delivery, person: Person) -> Row:
    roles = {"admin": person.is_admin, "coach": person.is_coach, "leader": person.is_leader}
    role = "+".join(name for name, is_one in roles.items() if is_one) or person.state
    why = ", ".join(filter(None, (delivery.reason, "sent again" if delivery.is_copy else None)))
    return Row(
        short(delivery.id), delivery.kind, delivery.state, why, delivery.due_at, delivery.attempt, short(person.id), role,
    )  # fmt: skip


def short(row_id: UUID) -> str:
    return row_id.hex[-_SHOWN:]


async def retry(practice: Practice, ending: str, now: datetime) -> Row:
    """Let it go out now: one that waits, was held back, or whose fate nobody knows, which then says that it repeats."""
    async with practice.database.write() as db:
        row = await _find(db, ending, now)
        if row.state not in (State.pending, State.unknown):
            raise RefusedError(_why_not(row))
        if row.expires_at is not None and row.expires_at <= now:
            raise RefusedError(f"{ending} is too late: it was of use until {row.expires_at:%Y-%m-%d %H:%M} UTC.")
        may_be_there = row.state == State.unknown or row.reason == Why.restored
        row.is_copy = row.is_copy or (may_be_there and row.kind != Kind.edit)
        row.state, row.due_at, row.attempt, row.lease_token, row.reason = State.pending, now, 0, None, None
        return _row(row, await db.get_one(Person, row.person_id))


async def cancel(practice: Practice, ending: str, now: datetime) -> Row:
    """It does not go out (again); what hangs on it learns so, as with any message that is not sent."""
    async with practice.database.write() as db:
        row = await _find(db, ending, now)
        if row.state not in (State.pending, State.unknown):
            raise RefusedError(_why_not(row))
        state = State.cancelled if row.state == State.pending else State.failed
        await end(practice, db, row, state, Why.by_hand, now)
        return _row(row, await db.get_one(Person, row.person_id))


async def _find(db: AsyncSession, ending: str, now: datetime) -> Delivery:
    wanted = ending.replace("-", "").casefold()
    if len(wanted) < _SHORTEST or not all(letter in "0123456789abcdef" for letter in wanted):
        raise RefusedError(f"{ending!a} is no id: `interlude outbox list` shows them; four letters of the end will do.")
    lately = and_(Delivery.state != State.sent, Delivery.due_at > now - LATELY)
    of_late = await db.scalars(select(Delivery.id).where(or_(Delivery.state.in_(_UNFINISHED), lately)))
    found = [row_id for row_id in of_late if row_id.hex.endswith(wanted)]
    if len(found) != 1:
        raise RefusedError(f"{'Several messages have' if found else 'No message has'} an id that ends with {ending}.")
    return (await db.scalars(select(Delivery).where(Delivery.id == found[0]).with_for_update())).one()


def _why_not(row: Delivery) -> str:
    if row.state == State.sending:
        return f"{short(row.id)} is on its way right now. Look again in a minute."
    return f"{short(row.id)} is {row.state} ({row.reason or 'done'}): its text is gone, so nothing can be done with it."
