"""What a calendar file would change in a coach's sessions, all of it together: nothing is written here."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import calendars
from bot.db.tables import Session
from bot.domain.calendars import Difference, Event, File, Known, Place, clashing, difference
from bot.work.addresses import Led


@dataclass(frozen=True)
class Change:
    """What changes for one leader by one event.

    `refused`: there is another session at that time. `taken_over`: sessions another event lets go in the same file.
    """

    leader: Led
    uid: str
    difference: Difference
    refused: tuple[Event, ...] = ()
    taken_over: frozenset[UUID] = frozenset()


async def known_sessions(db: AsyncSession, led: Sequence[Led], uids: Sequence[str]) -> list[Session]:
    """The coach's sessions that were taken from these events, and those that are planned."""
    query = select(Session).where(
        Session.engagement_id.in_([one.engagement.id for one in led]),
        or_(Session.state == "planned", Session.calendar_uid.in_(uids)),
    )
    rows = await db.scalars(query.order_by(Session.state == "planned", Session.made_at, Session.id))
    return list(rows)  # of several for one slot the last one counts: the one that is planned


def uid_of(session: Session) -> str:
    """The event a session is known by: its calendar's, or our own."""
    return session.calendar_uid or calendars.uid_hash(calendars.own_uid(session.id))


def changes(
    file: File, whose: dict[str, UUID | None], led: Sequence[Led], sessions: Sequence[Session], now: datetime
) -> list[Change]:  # fmt: skip
    """For every event of which the leader is known, in the order of the leaders."""
    by_id = {one.engagement.id: one for one in led}
    made = []
    for series in file.series:
        leader = by_id.get(engagement_id) if (engagement_id := whose.get(series.uid)) else None
        if leader is None:
            continue
        theirs = [session for session in sessions if session.engagement_id == leader.engagement.id]
        known = [_known(session) for session in theirs if uid_of(session) == series.uid]
        others = [_known(one) for one in theirs if uid_of(one) != series.uid]
        made.append(Change(leader, series.uid, difference(series, known, others, now)))
    order = [one.engagement.id for one in led]
    made.sort(key=lambda change: order.index(change.leader.engagement.id))
    return _without_clashes(_handed_on(made), sessions)


def _handed_on(made: list[Change]) -> list[Change]:
    """A meeting that ends in one event and goes on in another, as when Outlook splits a series, is neither lost nor new."""
    found = {one.id for change in made for one, _ in change.difference.linked if one.uid != change.uid}
    dropped = {one.id for change in made for one in change.difference.cancelled}
    moved = {one.id for change in made for one, _ in change.difference.moved}
    return [_after(change, found & dropped, found & moved) for change in made]


def _after(change: Change, kept: set[UUID], moved: set[UUID]) -> Change:
    found = change.difference
    vacated = [event for one, event in found.linked if one.uid != change.uid and one.id in moved]
    left = replace(
        found,
        new=tuple(sorted([*found.new, *vacated], key=lambda event: event.starts_at)),
        cancelled=tuple(one for one in found.cancelled if one.id not in kept),
        linked=tuple(pair for pair in found.linked if pair[1] not in vacated),
    )
    return replace(change, difference=left, taken_over=frozenset(one.id for one, _ in left.linked if one.id in kept))


def _known(session: Session) -> Known:
    slot = session.calendar_slot or session.starts_at.isoformat()
    return Known(
        session.id, uid_of(session), slot, session.starts_at, session.ends_at, session.state, session.revision,
        session.revised_at,
    )  # fmt: skip


def _without_clashes(made: list[Change], sessions: Sequence[Session]) -> list[Change]:
    """A coach is with one leader at a time, seen at the end of all changes together."""
    leaving = {one.id for change in made for one in change.difference.cancelled}
    leaving |= {one.id for change in made for one, _ in change.difference.moved}
    fixed = [(one.starts_at, one.ends_at) for one in sessions if one.state == "planned" and one.id not in leaving]
    asked = [
        (event, Place((event.starts_at, event.ends_at), (one.starts_at, one.ends_at)))
        for change in made for one, event in change.difference.moved
    ]  # fmt: skip
    asked += [(event, Place((event.starts_at, event.ends_at))) for change in made for event in change.difference.new]
    refused = [asked[number][0] for number in sorted(clashing(fixed, [place for _, place in asked]))]
    return [_but(change, refused) for change in made]


def _but(change: Change, refused: list[Event]) -> Change:
    found = change.difference
    mine = [
        event for event in (*(event for _, event in found.moved), *found.new) if any(event is one for one in refused)
    ]
    if not mine:
        return change
    left = replace(
        found,
        new=tuple(event for event in found.new if not any(event is one for one in mine)),
        moved=tuple(pair for pair in found.moved if not any(pair[1] is one for one in mine)),
    )
    return replace(change, difference=left, refused=tuple(mine))


def mark_of(made: Sequence[Change]) -> str:
    """The same for the same changes: what is done is what was shown."""
    said = [
        (str(change.leader.engagement.id), change.uid,
         [(event.slot, event.starts_at.isoformat(), event.ends_at.isoformat()) for event in change.difference.new],
         [(str(one.id), event.starts_at.isoformat(), event.ends_at.isoformat()) for one, event in change.difference.moved],
         [str(one.id) for one in change.difference.cancelled])
        for change in made
    ]  # fmt: skip
    return hashlib.sha256(repr(said).encode()).hexdigest()
