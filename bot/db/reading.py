"""Queries about answers: what was asked and answered, for its leader and for that leader's coach."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Answer, AnswerPart, AskedQuestion, Delivery, Enrolment, Occurrence
from bot.domain.delivery import Kind
from bot.domain.matching import Asked, LastAnswer
from bot.domain.sequence import Sharing


class Rated(NamedTuple):
    """An answer with a value, and which question of which step gave it."""

    answer: Answer
    question: str
    step: str
    enrolment_id: UUID


async def asked_lately(db: AsyncSession, leader_id: UUID, *, before: int, limit: int = 20) -> list[Asked]:
    """The leader's newest questions above the message `before`, newest last, with the date Telegram gave them.

    Dates are whole seconds: only message ids say what was there first when a long text arrives in parts. A question
    that was put off waits for its moment: plain words are not meant for it, a reply or its buttons are.
    """
    query = (
        select(
            AskedQuestion.id, AskedQuestion.state, func.max(Delivery.sent_at), AskedQuestion.asked_at, Answer.id,
            Occurrence.snoozed_until,
        )
        .join(Occurrence, Occurrence.id == AskedQuestion.occurrence_id)
        .join(
            Delivery,
            (Delivery.question_id == AskedQuestion.id)
            & Delivery.kind.in_([Kind.prompt, Kind.reminder])  # asked again counts as asked
            & Delivery.target_id.is_(None),
        )
        .outerjoin(Answer, Answer.question_id == AskedQuestion.id)
        .where(AskedQuestion.leader_id == leader_id, Delivery.state.in_(["sent", "sending", "unknown"]))
        .where(or_(Delivery.message_id.is_(None), Delivery.message_id < before))
        .group_by(AskedQuestion.id, AskedQuestion.state, AskedQuestion.asked_at, Answer.id, Occurrence.snoozed_until)
        .order_by(AskedQuestion.id.desc())
        .limit(limit)
    )
    rows = await db.execute(query)
    found = [
        Asked(key, sent or planned, state == "open" and moved_to is None, answer)
        for key, state, sent, planned, answer, moved_to in rows
    ]
    return found[::-1]


async def last_answer(db: AsyncSession, leader_id: UUID) -> LastAnswer | None:
    """The answer or moment whose latest bubble is the newest, if it may still get another."""
    query = select(Answer).where(Answer.leader_id == leader_id).order_by(Answer.last_bubble_at.desc(), Answer.id.desc())
    found = (await db.scalars(query.limit(1))).one_or_none()
    if found is None or found.is_complete:
        return None
    is_captured = found.question_id is None and found.kind != "moment"
    return LastAnswer(found.id, found.question_id, found.last_bubble_at, is_captured)


async def answer_to(db: AsyncSession, question_id: UUID) -> Answer | None:
    return (await db.scalars(select(Answer).where(Answer.question_id == question_id))).one_or_none()


async def latest_part(db: AsyncSession, chat_id: int, message_id: int) -> AnswerPart | None:
    """The newest version of a bubble."""
    query = select(AnswerPart).where(AnswerPart.chat_id == chat_id, AnswerPart.message_id == message_id)
    return (await db.scalars(query.order_by(AnswerPart.version.desc()).limit(1))).one_or_none()


async def answers_between(
    db: AsyncSession, engagement_id: UUID, after: datetime | None, until: datetime
) -> list[Answer]:
    """The answers of an engagement given, or opened up, in `(after, until]`, oldest first, whatever their sharing."""
    query = select(Answer).where(Answer.engagement_id == engagement_id, Answer.given_at <= until)
    if after is not None:
        query = query.where(Answer.shared_at > after)
    return list(await db.scalars(query.order_by(Answer.given_at, Answer.id)))


async def newest_known(db: AsyncSession, engagement_ids: Collection[UUID], most: int) -> list[Answer]:
    """The newest answers of each engagement of which its coach may know: not what is kept unasked."""
    number = func.row_number().over(
        partition_by=Answer.engagement_id, order_by=(Answer.given_at.desc(), Answer.id.desc())
    )
    known = or_(Answer.question_id.is_not(None), Answer.sharing != Sharing.private)
    numbered = (
        select(Answer.id, number.label("number")).where(Answer.engagement_id.in_(engagement_ids), known).subquery()
    )
    query = select(Answer).join(numbered, numbered.c.id == Answer.id).where(numbered.c.number <= most)
    return list(await db.scalars(query))


async def given_to(
    db: AsyncSession, engagement_ids: Collection[UUID], sequence: str, step: str, question: str
) -> dict[UUID, list[tuple[datetime, str]]]:
    """When each answered a question of a sequence, in whichever version of it, and the level of each, newest first."""
    query = (
        select(Enrolment.engagement_id, Answer.given_at, Answer.sharing)
        .join(AskedQuestion, AskedQuestion.id == Answer.question_id)
        .join(Occurrence, Occurrence.id == AskedQuestion.occurrence_id)
        .join(Enrolment, Enrolment.id == Occurrence.enrolment_id)
        .where(Enrolment.engagement_id.in_(engagement_ids), Enrolment.sequence == sequence)
        .where(Occurrence.step == step, AskedQuestion.key == question)
    )
    return await _by_engagement(db, query)


async def given_of(
    db: AsyncSession, engagement_ids: Collection[UUID], measure: str
) -> dict[UUID, list[tuple[datetime, str]]]:
    """When each said something with a value on a theme, and the level of each, newest first."""
    query = select(Answer.engagement_id, Answer.given_at, Answer.sharing)
    query = query.where(Answer.engagement_id.in_(engagement_ids), Answer.theme == measure, Answer.value.is_not(None))
    return await _by_engagement(db, query)


async def _by_engagement(
    db: AsyncSession, query: Select[UUID, datetime, str]
) -> dict[UUID, list[tuple[datetime, str]]]:
    found = defaultdict(list)
    for engagement_id, at, level in await db.execute(query.order_by(Answer.given_at.desc(), Answer.id.desc())):
        found[engagement_id].append((at, level))
    return found


async def levels(db: AsyncSession, leader_ids: Collection[UUID], until: datetime) -> set[tuple[object, ...]]:
    """How many answers leaders have of each level: another set as soon as one was opened up, taken back or moved."""
    query = select(Answer.engagement_id, Answer.sharing, func.count(), func.max(Answer.shared_at)).where(
        Answer.leader_id.in_(leader_ids), Answer.given_at <= until
    )
    return {tuple(row) for row in await db.execute(query.group_by(Answer.engagement_id, Answer.sharing))}


async def every_word_of(
    db: AsyncSession, leader_id: UUID, *, but_not: str
) -> Sequence[Row[UUID, str, bytes | None, UUID, bytes, int, int]]:
    """All a leader ever said, sealed: a row for each version of each bubble, oldest version first, newest answer first.

    `but_not` is a field whose bubbles are left out. Columns, not objects: there may be ten thousand.
    """
    query = (
        select(
            Answer.id.label("answer_id"), Answer.sharing, Answer.value, AnswerPart.id.label("part_id"),
            AnswerPart.content, AnswerPart.chat_id, AnswerPart.message_id,
        )
        .outerjoin(
            AnswerPart,
            (AnswerPart.answer_id == Answer.id) & or_(AnswerPart.field.is_(None), AnswerPart.field != but_not),
        )
        .where(Answer.leader_id == leader_id)
        .order_by(Answer.given_at.desc(), Answer.id.desc(), AnswerPart.message_id, AnswerPart.version)
    )  # fmt: skip
    return (await db.execute(query)).all()


async def rated(db: AsyncSession, leader_id: UUID, measures: Sequence[str], since: datetime) -> list[Rated]:
    """A leader's answers on these themes that have a value, oldest first, with the question each is an answer to."""
    query = (
        select(Answer, AskedQuestion.key, Occurrence.step, Occurrence.enrolment_id)
        .join(AskedQuestion, AskedQuestion.id == Answer.question_id)
        .join(Occurrence, Occurrence.id == AskedQuestion.occurrence_id)
        .where(Answer.leader_id == leader_id, Answer.theme.in_(measures), Answer.value.is_not(None))
        .where(Answer.given_at >= since)
        .order_by(Answer.given_at, Answer.id)
    )
    return [Rated(*row) for row in await db.execute(query)]
