"""What a leader was asked and did not answer, and what was never asked: gathered for their coach."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import AskedQuestion, Engagement, Enrolment, Occurrence, Person, Session
from bot.domain.schedule import local
from bot.domain.sequence import Sequence as Prompts
from bot.domain.silences import Prompt, Silences
from bot.i18n import Say
from bot.work import sequences
from bot.work.hearing import label
from bot.work.practice import Practice, hours_of, name_of

_A_WEEK = timedelta(days=7)  # before the span: how many came within seven days


async def silences_of(
    practice: Practice, db: AsyncSession, engagement: Engagement, leader: Person, coach: Person,
    after: datetime | None, until: datetime, sessions: Sequence[Session],
) -> Silences:  # fmt: skip
    """The prompts of a span, each with its short label in the coach's language."""
    rows = await _rows(db, engagement.id, after - _A_WEEK if after else None, until)
    unanswered = await _unanswered(db, [occurrence.id for occurrence, _ in rows if occurrence.asked_at is not None])
    say, name = Say(coach.language), await name_of(practice, coach)
    opened: dict[UUID, Prompts] = {}
    prompts = []
    for occurrence, enrolment in rows:
        if enrolment.id not in opened:
            opened[enrolment.id] = await sequences.of_enrolment(practice, db, enrolment)
        step = opened[enrolment.id].step(occurrence.step)
        question = step.question(unanswered.get(occurrence.id, step.questions[0].key))
        prompts.append(_prompt(occurrence, label(question, say, name)))
    days = frozenset(local(session.starts_at, leader.zone).date() for session in sessions)
    return Silences(tuple(prompts), hours_of(leader), days, after)


def _prompt(occurrence: Occurrence, name: str) -> Prompt:
    return Prompt(
        name, occurrence.due_at, occurrence.asked_at, occurrence.closes_at, occurrence.state, occurrence.reason
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


async def _unanswered(db: AsyncSession, occurrence_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The first question of each occurrence to which nothing was said."""
    query = select(AskedQuestion.occurrence_id, AskedQuestion.key).where(
        AskedQuestion.occurrence_id.in_(occurrence_ids), AskedQuestion.state != "answered"
    )
    found: dict[UUID, str] = {}
    for occurrence_id, key in await db.execute(query.order_by(AskedQuestion.id)):
        found.setdefault(occurrence_id, key)
    return found
