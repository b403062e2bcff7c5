"""The checkpoint three and four months after a promotion, as far as its leader shares it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Answer, AskedQuestion, Engagement, Enrolment, Occurrence, Person, SequenceVersion
from bot.domain.checkpoint import MEASURE, Checkpoint, checkpoint_steps, is_due, parted
from bot.domain.conditions import month_since
from bot.domain.measures import Reading
from bot.domain.schedule import local
from bot.domain.sequence import Sharing
from bot.work import hearing, readings, sequences
from bot.work.practice import Practice


async def of(
    practice: Practice, db: AsyncSession, engagement: Engagement, coach: Person, now: datetime,
    own_work: Sequence[Reading] | None = None,
) -> Checkpoint | None:  # fmt: skip
    """None outside of those months. `own_work`: the shared values of own work, where they have been read already."""
    promoted_on, today = engagement.promoted_on, local(now, coach.zone).date()
    if promoted_on is None or not is_due(promoted_on, today):
        return None
    if own_work is None:
        series = await readings.of_engagements(practice, db, [engagement], None, now)
        own_work = series[engagement.id].get(MEASURE, ())
    before, since = parted(promoted_on, own_work, coach.zone)
    shared = await _shared_words(practice, db, engagement, now)
    opened = await hearing.opened_for(practice, db, shared, coach) if shared else []
    said = [one for one in opened if not one.is_only_a_number]
    if not (before or since or said) and not await _is_followed(practice, db, engagement):
        return None  # nothing to say, and nothing was asked
    given = [answer.given_at for answer in shared] + [reading.at for reading in since]
    return Checkpoint(
        month_since(promoted_on, today), promoted_on, before, since, tuple(said), max(given, default=None)
    )


async def _is_followed(practice: Practice, db: AsyncSession, engagement: Engagement) -> bool:
    """Whether anything that asks about own work in these months is among the leader's sequences."""
    followed = await sequences.followed_by(db, engagement.id)
    return any([checkpoint_steps(await sequences.of_enrolment(practice, db, one)) for one in followed])


async def _shared_words(practice: Practice, db: AsyncSession, engagement: Engagement, now: datetime) -> list[Answer]:
    """What the leader answered at the checkpoints and shares in words, oldest first."""
    query = (
        select(Answer, Occurrence.step, Enrolment.sequence_version_id)
        .join(AskedQuestion, AskedQuestion.id == Answer.question_id)
        .join(Occurrence, Occurrence.id == AskedQuestion.occurrence_id)
        .join(Enrolment, Enrolment.id == Occurrence.enrolment_id)
        .where(Answer.engagement_id == engagement.id, Answer.sharing == Sharing.words, Answer.given_at <= now)
        .where(Answer.theme == MEASURE)
        .order_by(Answer.given_at, Answer.id)
    )
    found = []
    for answer, step, version_id in await db.execute(query):
        if version_id is not None and step in await _steps(practice, db, version_id):
            found.append(answer)
    return found


async def _steps(practice: Practice, db: AsyncSession, version_id: UUID) -> frozenset[str]:
    found = practice.parsed.get(version_id)
    return checkpoint_steps(found or sequences.parsed(practice, await db.get_one(SequenceVersion, version_id)))
