"""A coach's own question on its way: sealed in its enrolment, opened as a sequence of one step, over when it is settled."""

import json
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Engagement, Enrolment, Occurrence, Person
from bot.db.types import new_id
from bot.domain.delivery import Kind, Why
from bot.domain.own_questions import NAME, OwnQuestion, sequence_of
from bot.domain.sequence import Sequence
from bot.domain.text import message, plain, quote
from bot.i18n import Say
from bot.work import outgoing
from bot.work.practice import Practice, name_of

SEALED, DRAFT = "enrolment.own", "draft"
_AGAIN = timedelta(hours=4)  # how often a question that was asked is looked at, until it is settled


async def sequence(practice: Practice, enrolment: Enrolment) -> Sequence:
    """What the planner and everybody else see of it."""
    return sequence_of(await opened(practice, enrolment))


async def opened(practice: Practice, enrolment: Enrolment) -> OwnQuestion:
    assert enrolment.own is not None
    box = await practice.vault.box(enrolment.leader_id, "shared")
    return OwnQuestion.opened(json.loads(box.open(SEALED, enrolment.id, enrolment.own)))


async def draft(
    practice: Practice, db: AsyncSession, engagement: Engagement, own: OwnQuestion, now: datetime
) -> Enrolment:
    """Written down, and not asked before its coach says so."""
    made = Enrolment(
        id=new_id(), engagement_id=engagement.id, leader_id=engagement.leader_id, sequence=NAME, state=DRAFT, joined_at=now
    )
    db.add(made)
    await write(practice, made, own)
    await db.flush()
    return made


async def write(practice: Practice, enrolment: Enrolment, own: OwnQuestion) -> None:
    box = await practice.vault.box(enrolment.leader_id, "shared")
    enrolment.own = box.seal(SEALED, enrolment.id, json.dumps(own.kept(), ensure_ascii=False))


async def waiting(db: AsyncSession, engagement: Engagement) -> list[Enrolment]:
    """The coach's questions that have not come to their end."""
    query = select(Enrolment).where(
        Enrolment.engagement_id == engagement.id, Enrolment.own.is_not(None), Enrolment.state == "active"
    )
    found = []
    for enrolment in await db.scalars(query.order_by(Enrolment.id)):
        occurrence = await occurrence_of(db, enrolment)
        if occurrence is None or occurrence.state in ("waiting", "asked"):
            found.append(enrolment)
    return found


async def occurrence_of(db: AsyncSession, enrolment: Enrolment) -> Occurrence | None:
    """None before it falls due, and when its session was cancelled before it was: then it comes before the next one."""
    query = select(Occurrence).where(Occurrence.enrolment_id == enrolment.id).order_by(Occurrence.id.desc())
    found = (await db.scalars(query.limit(1))).one_or_none()
    if found is not None and found.asked_at is None and found.reason == Why.session_cancelled:
        return None
    return found


async def look_after(practice: Practice, db: AsyncSession, enrolment: Enrolment, now: datetime) -> None:
    """After planning: it is over once its occurrence is; its coach is told when it was never asked."""
    await db.flush()
    occurrence = await occurrence_of(db, enrolment)
    if occurrence is None:
        return
    if occurrence.state in ("waiting", "asked"):  # it may still move with its session, or be put off
        enrolment.next_due_at = max(occurrence.closes_at or occurrence.until, now + _AGAIN)
        return
    enrolment.state, enrolment.next_due_at = "ended", None
    if occurrence.asked_at is None and occurrence.state in ("not_asked", "expired"):
        await _tell(practice, db, enrolment, occurrence, now)


async def _tell(practice: Practice, db: AsyncSession, enrolment: Enrolment, occurrence: Occurrence, now: datetime) -> None:
    engagement = await db.get_one(Engagement, enrolment.engagement_id)
    coach, leader = await db.get_one(Person, engagement.coach_id), await db.get_one(Person, enrolment.leader_id)
    if engagement.state != "active" or coach.chat_id is None or coach.state != "active":
        return
    say, name = Say(coach.language), await name_of(practice, leader)
    head = plain(say("Your question to {name} was not asked: {why}.", name=name, why=_why(occurrence, say)))
    foot = plain(say("/ask {name} asks it again.", name=name))
    told = message(head, quote((await opened(practice, enrolment)).ask), foot)
    await outgoing.send(
        practice, db, coach, Kind.notice, told, key=f"own:{occurrence.id}", now=now, about=leader.id
    )


def _why(occurrence: Occurrence, say: Say) -> str:
    return {
        "paused": say("questions were paused"),
        "unreachable": say("the bot was blocked at that time"),
        "another was open": say("another question was open all that time"),
        "no room": say("there was no time left within the hours before it would have been over"),
    }.get(occurrence.reason or "", say("the service was down, and then it was too late"))
