"""What a leader was asked and did not answer, and what was never asked: gathered for their coach."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Engagement, Enrolment, Occurrence, Person, Session
from bot.domain.schedule import local
from bot.domain.silences import Prompt, Silences
from bot.i18n import Say
from bot.work import given_away
from bot.work.hearing import label
from bot.work.practice import Practice, hours_of, name_of

_A_WEEK = timedelta(days=7)  # before the span: how many came within seven days
_BEFORE_IT = timedelta(days=4)  # what was put on a Friday is open until Monday


async def silences_of(
    practice: Practice, db: AsyncSession, engagement: Engagement, leader: Person, coach: Person,
    after: datetime | None, until: datetime, sessions: Sequence[Session],
) -> Silences:  # fmt: skip
    """The prompts of a span, each with its short label in the coach's language."""
    rows = await _rows(db, engagement.id, after - _A_WEEK if after else None, until)
    known = await given_away.told(practice, db, rows)
    say, name = Say(coach.language), await name_of(practice, coach)
    hiding = [occurrence for occurrence, _ in rows if occurrence.id not in known or known[occurrence.id].may_hide]
    prompts = [
        _prompt(occurrence, known[occurrence.id], label(known[occurrence.id].question, say, name), hiding)
        for occurrence, _ in rows
        if occurrence.id in known
    ]
    days = frozenset(local(session.starts_at, leader.zone).date() for session in sessions)
    return Silences(tuple(prompts), hours_of(leader), days, after)


def _prompt(occurrence: Occurrence, told: given_away.Told, name: str, hiding: Sequence[Occurrence]) -> Prompt:
    """What it waited for is not said where that may have been a question nobody may know of."""
    first, last = occurrence.due_at - _BEFORE_IT, occurrence.asked_at or occurrence.until
    may_tell = any(one is not occurrence and first <= (one.asked_at or one.due_at) <= last for one in hiding)
    return Prompt(
        name, occurrence.due_at, occurrence.asked_at, occurrence.closes_at, told.state, occurrence.reason, may_tell
    )


async def _rows(
    db: AsyncSession, engagement_id: UUID, after: datetime | None, until: datetime
) -> list[tuple[Occurrence, Enrolment]]:
    at = func.coalesce(Occurrence.asked_at, Occurrence.due_at)
    query = (
        select(Occurrence, Enrolment)
        .join(Enrolment, Enrolment.id == Occurrence.enrolment_id)
        .where(Enrolment.engagement_id == engagement_id, at <= until)
        .order_by(at, Occurrence.id)
    )
    if after is not None:
        query = query.where(at > after)
    return [(occurrence, enrolment) for occurrence, enrolment in await db.execute(query)]

