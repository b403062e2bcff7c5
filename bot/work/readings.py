"""What leaders said in numbers, for their coach: one query for everybody, and only what is shared in words is opened."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Answer, AskedQuestion, Engagement, Enrolment, Occurrence, SequenceVersion
from bot.domain.measures import Reading
from bot.domain.sequence import MEASURES, Sharing
from bot.errors import UnreadableError
from bot.log import get_logger
from bot.work import content, sequences
from bot.work.practice import Practice, scope_of

log = get_logger(__name__)

Series = dict[str, list[Reading]]
"""The values of each measure, oldest first; a measure without one is left out."""


class _Row(NamedTuple):
    id: UUID
    engagement_id: UUID
    theme: str
    value: bytes
    given_at: datetime
    question: str
    step: str
    version_id: UUID

    @property
    def asked(self) -> tuple[UUID, str, str]:
        """Which question of which sequence it answers."""
        return self.version_id, self.step, self.question


async def of_engagements(
    practice: Practice, db: AsyncSession, engagements: Sequence[Engagement], after: datetime | None, until: datetime
) -> dict[UUID, Series]:
    """The shared values of each engagement given in `(after, until]`, measure by measure.

    What a leader let go along from an earlier engagement counts as their own past. A leader whose keys are gone has none.
    """
    past = await _pasts(db, engagements)
    rows = await _rows(db, [*past], after, until)
    await _parse(practice, db, {row.version_id for row in rows})
    asked = {row.asked for row in rows}
    measures = {one: practice.parsed[one[0]].step(one[1]).question(one[2]).measure for one in asked}
    by_engagement: dict[UUID, list[_Row]] = {engagement.id: [] for engagement in engagements}
    for row in rows:
        if measures[row.asked] == row.theme:  # other questions of a theme have a value, too
            by_engagement[past[row.engagement_id]].append(row)
    return {one.id: await _opened(practice, one, by_engagement[one.id]) for one in engagements}


async def _rows(
    db: AsyncSession, engagement_ids: Collection[UUID], after: datetime | None, until: datetime
) -> list[_Row]:
    """Columns, not objects: a year of forty leaders is some thousand rows."""
    query = (
        select(
            Answer.id, Answer.engagement_id, Answer.theme, Answer.value, Answer.given_at, AskedQuestion.key,
            Occurrence.step, Enrolment.sequence_version_id,
        )
        .join(AskedQuestion, AskedQuestion.id == Answer.question_id)
        .join(Occurrence, Occurrence.id == AskedQuestion.occurrence_id)
        .join(Enrolment, Enrolment.id == Occurrence.enrolment_id)
        .where(Answer.engagement_id.in_(engagement_ids), Answer.theme.in_(MEASURES), Answer.value.is_not(None))
        .where(Answer.sharing == Sharing.words, Answer.given_at <= until)
        .where(Enrolment.sequence_version_id.is_not(None))  # a coach's own question measures nothing
        .order_by(Answer.given_at, Answer.id)
    )  # fmt: skip
    if after is not None:
        query = query.where(Answer.given_at > after)
    return [_Row._make(row) for row in await db.execute(query)]


async def _pasts(db: AsyncSession, engagements: Iterable[Engagement]) -> dict[UUID, UUID]:
    """The engagements whose values count, each with the one they count for."""
    past = {engagement.id: engagement.id for engagement in engagements}
    wanted = {one.previous_id: one.id for one in engagements if one.previous_id and one.carried in ("words", "ratings")}
    while wanted:
        query = select(Engagement.id, Engagement.previous_id, Engagement.carried).where(Engagement.id.in_([*wanted]))
        further: dict[UUID, UUID] = {}
        for key, previous_id, carried in await db.execute(query):
            past[key] = wanted[key]
            if previous_id and previous_id not in past and carried in ("words", "ratings"):
                further[previous_id] = wanted[key]
        wanted = further
    return past


async def _parse(practice: Practice, db: AsyncSession, version_ids: set[UUID]) -> None:
    """Each version of a sequence is read and parsed once in a process."""
    missing = version_ids - practice.parsed.keys()
    if missing:
        for version in await db.scalars(select(SequenceVersion).where(SequenceVersion.id.in_(missing))):
            sequences.parsed(practice, version)


async def _opened(practice: Practice, engagement: Engagement, rows: Sequence[_Row]) -> Series:
    if not rows:
        return {}
    found: Series = {measure: [] for measure in MEASURES}
    try:
        box = await practice.vault.box(engagement.leader_id, scope_of(Sharing.words))
        for row in rows:
            number = json.loads(box.open(content.VALUE, row.id, row.value)).get("number")
            if number is not None:
                found[row.theme].append(Reading(row.given_at, number))
    except UnreadableError:
        log.exception("left out of the readings", id=engagement.id)
        return {}
    return {measure: series for measure, series in found.items() if series}
