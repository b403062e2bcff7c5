"""How an engagement ends, be it closed or passed on: what was on its way to the coach about this leader goes no further."""

from uuid import UUID

from sqlalchemy import or_, select, update

from bot.db import enrolments
from bot.db.tables import Answer, Delivery, Disclosure, Engagement, Enrolment, Session
from bot.domain.delivery import Kind, State
from bot.work import meetings, pins, plan, sequences
from bot.work.practice import Turn
from bot.work.taking_back import withdraw_digests

_WHY = "coaching ended"


async def end(turn: Turn, engagement: Engagement, *, is_passed_on: bool = False) -> list[Session]:
    """End it with all that hangs on it; the sessions that do not take place. What the leader follows, and brings to a
    session, goes on with the next coach if there is one."""
    engagement.state, engagement.ended_at, engagement.look_at = "ended", turn.now, None
    gone = await planned_of(turn, engagement.id)
    for session in gone:
        await meetings.cancel(turn, session)
    await _withdraw(turn, engagement)
    await _end_own_questions(turn, engagement)
    if not is_passed_on:
        await sequences.end_all(turn.db, engagement.id)
        await plan.end_open(turn.db, engagement.leader_id)
        await pins.clear(turn.db, engagement.id, turn.now)
    await turn.db.flush()
    return gone


async def planned_of(turn: Turn, engagement_id: UUID) -> list[Session]:
    """The sessions that are still to come."""
    return [one for one in await enrolments.sessions_of(turn.db, engagement_id) if one.state == "planned"]


async def _withdraw(turn: Turn, engagement: Engagement) -> None:
    """Whatever would tell the coach of this leader and has not gone out. A digest is written again, without them."""
    told = select(Disclosure.delivery_id).join(Answer, Answer.id == Disclosure.answer_id)
    is_about_them = or_(
        Delivery.about_id == engagement.leader_id,
        Delivery.id.in_(told.where(Answer.leader_id == engagement.leader_id)),
        Delivery.dedupe_key.startswith(meetings.nudge_key(engagement.id), autoescape=True),
    )
    await withdraw_digests(turn.db, [engagement.coach_id], _WHY, turn.now)
    await turn.db.execute(
        update(Delivery)
        .where(Delivery.person_id == engagement.coach_id, Delivery.kind != Kind.digest, is_about_them)
        .where(Delivery.state.in_([State.pending, State.unknown]))
        .values(state=State.cancelled, reason=_WHY, payload=None, lease_token=None)
    )


async def _end_own_questions(turn: Turn, engagement: Engagement) -> None:
    """What a coach asks in words of their own is between the two; nobody else takes it over."""
    query = select(Enrolment).where(
        Enrolment.engagement_id == engagement.id, Enrolment.own.is_not(None), Enrolment.state != "ended"
    )
    own = list(await turn.db.scalars(query))
    open_ = await enrolments.open_occurrence(turn.db, engagement.leader_id)
    for enrolment in own:
        await sequences.end(turn.db, enrolment)
    if open_ is not None and open_.enrolment_id in {enrolment.id for enrolment in own}:
        await plan.end_open(turn.db, engagement.leader_id)
