"""Voice messages: sealed like the words of the answer they belong to, and opened only on their way to who may hear them."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Answer, AnswerPart, Delivery, Engagement, Recording
from bot.db.types import new_id
from bot.domain.sequence import Sharing
from bot.vault import Box
from bot.work.outgoing import Attachment
from bot.work.practice import Practice, Recorded, box_of

_PLACE = "recording.content"


@dataclass(frozen=True)
class Voice:
    """One recording of an answer, unopened."""

    id: UUID
    answer_id: UUID
    seconds: int
    mime: str
    at: datetime
    is_forwarded: bool

    @property
    def attachment(self) -> Attachment:
        """As a voice message on its way out; what is heard is fetched when it is sent, never copied."""
        return Attachment("voice", "voice.ogg", recording_id=self.id, seconds=self.seconds)


def put(db: AsyncSession, box: Box, part_id: UUID, recorded: Recorded) -> None:
    """Keep a recording beside its bubble."""
    row = Recording(id=new_id(), part_id=part_id, content=b"", mime=recorded.mime, seconds=recorded.seconds)
    row.content = box.seal_bytes(_PLACE, row.id, recorded.body)
    db.add(row)


async def of_answers(db: AsyncSession, answer_ids: Sequence[UUID]) -> dict[UUID, list[Voice]]:
    """The recordings of answers, in the order in which they were spoken; none of them is opened."""
    query = (
        select(
            Recording.id, AnswerPart.answer_id, Recording.seconds, Recording.mime, AnswerPart.at, AnswerPart.is_forwarded
        )
        .join(AnswerPart, AnswerPart.id == Recording.part_id)
        .where(AnswerPart.answer_id.in_(answer_ids))
        .order_by(AnswerPart.message_id)
    )
    found: dict[UUID, list[Voice]] = {answer_id: [] for answer_id in answer_ids}
    for row in await db.execute(query):
        found[row[1]].append(Voice(*row))
    return found


async def reseal(db: AsyncSession, answer_id: UUID, before: Box, after: Box) -> None:
    """The sharing level has changed: the recordings change keys with the words."""
    query = select(Recording).join(AnswerPart, AnswerPart.id == Recording.part_id)
    for row in await db.scalars(query.where(AnswerPart.answer_id == answer_id)):
        row.content = after.seal_bytes(_PLACE, row.id, before.open_bytes(_PLACE, row.id, row.content))


async def opened(practice: Practice, db: AsyncSession, recording_id: UUID) -> bytes:
    """What is heard. The caller has made sure that its reader may hear it."""
    row, answer = await _with_answer(db, recording_id)
    return (await box_of(practice, answer)).open_bytes(_PLACE, row.id, row.content)


async def _with_answer(db: AsyncSession, recording_id: UUID) -> tuple[Recording, Answer]:
    row = await db.get_one(Recording, recording_id)
    part = await db.get_one(AnswerPart, row.part_id)
    return row, await db.get_one(Answer, part.answer_id)


async def file_for(practice: Practice, db: AsyncSession, delivery: Delivery, file: dict[str, str]) -> bytes | None:
    """The bytes of an outgoing file; None for a recording that its reader may not hear (any more)."""
    if "recording" not in file:
        return base64.b64decode(file["base64"])
    recording_id = UUID(file["recording"])
    if await db.get(Recording, recording_id) is None:
        return None
    _, answer = await _with_answer(db, recording_id)
    if delivery.person_id != answer.leader_id:
        engagement = await db.get_one(Engagement, answer.engagement_id)
        if answer.sharing != Sharing.words or engagement.coach_id != delivery.person_id:
            return None
    return await opened(practice, db, recording_id)
