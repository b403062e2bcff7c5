"""What was promised: a leader's plans that their coach may read, and what became of them."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db.tables import Answer, Engagement, Person, Plan
from bot.domain.brief import Promised
from bot.domain.schedule import local
from bot.domain.sequence import Sharing
from bot.domain.spans import ENDLESS
from bot.work.hearing import opened_for
from bot.work.practice import Practice

_WAITING = ("open", "due", "asked")


async def since(
    practice: Practice, db: AsyncSession, engagement: Engagement, coach: Person, after: datetime | None, until: datetime
) -> tuple[Promised, ...]:
    """The plans made, or told how they went, in `(after, until]`, and those that still wait; oldest first."""
    found = await _plans(db, engagement.id, after, until)
    outcomes = {outcome.id for _, _, outcome in found if outcome is not None}
    answers = {one.id: one for _, *both in found for one in both if one is not None}
    opened = await opened_for(practice, db, [*answers.values()], coach, without_plans=outcomes)
    said = {one.id: one for one in opened}
    leader = await db.get_one(Person, engagement.leader_id)
    return tuple(
        Promised(said[answer.id], plan.state, _asked_on(plan, leader, coach.zone), said[outcome.id] if outcome else None)
        for plan, answer, outcome in found
    )


async def _plans(
    db: AsyncSession, engagement_id: UUID, after: datetime | None, until: datetime
) -> Sequence[tuple[Plan, Answer, Answer | None]]:
    """Plans shared in words with what was said about how they went, where that is shared in words as well."""
    outcome = aliased(Answer)
    query = (
        select(Plan, Answer, outcome)
        .join(Answer, Answer.id == Plan.answer_id)
        .outerjoin(outcome, (outcome.id == Plan.outcome_id) & (outcome.sharing == Sharing.words))
        .where(Answer.engagement_id == engagement_id, Answer.sharing == Sharing.words, Answer.given_at <= until)
        .where(Plan.state != "drafting")
        .order_by(Answer.given_at, Answer.id)
    )
    if after is not None:
        is_new = or_(Answer.shared_at > after, outcome.shared_at > after, Plan.asked_at > after)
        query = query.where(or_(is_new, Plan.state.in_(_WAITING)))
    return [(plan, answer, told) for plan, answer, told in await db.execute(query)]


def _asked_on(plan: Plan, leader: Person, zone: str) -> date | None:
    """The day on which it was asked about, or will be: never in a pause, and none that nobody knows, as while another
    question is open or the leader cannot be reached."""
    at = plan.asked_at if plan.state in ("asked", "missed") else plan.look_at
    if plan.state == "open" and leader.paused_until is not None and at is not None:
        at = max(at, leader.paused_until)
    is_unknown = plan.state == "due" or (plan.state == "open" and leader.state == "unreachable")
    return None if at is None or at >= ENDLESS or is_unknown else local(at, zone).date()
