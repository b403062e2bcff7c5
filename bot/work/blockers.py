"""`/blocker Jack ...`: what a coach believes holds a leader back, what speaks for it and against it."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Answer, Blocker, Engagement, Evidence
from bot.db.types import new_id
from bot.domain.blockers import Hypothesis, distinct
from bot.domain.sequence import Sharing
from bot.work.practice import Practice

CONTENT, TAGS = "blocker.content", "engagement.tags"


async def of(practice: Practice, db: AsyncSession, engagement: Engagement) -> list[Hypothesis]:
    """The open hypotheses about a leader, oldest first, with the answers that speak for and against them."""
    rows = await open_rows(db, engagement)
    if not rows and engagement.tags is None:
        return []
    box = await practice.vault.box(engagement.leader_id, "shared")
    found = [_one_tag(engagement, tag) for tag in await _older(practice, engagement)]
    evidence = await _evidence(db, [row.id for row in rows])
    for row in rows:
        told: dict[str, Any] = json.loads(box.open(CONTENT, row.id, row.content))
        words_for, words_against = evidence[row.id]
        found.append(Hypothesis(row.id, told["text"], tuple(told["tags"]), tuple(words_for), tuple(words_against)))
    return found


async def tags_of(practice: Practice, db: AsyncSession, engagement: Engagement) -> list[str]:
    """The tags of all open hypotheses: what steps may ask for."""
    return list(distinct(tag for one in await of(practice, db, engagement) for tag in one.tags))


async def open_rows(db: AsyncSession, engagement: Engagement) -> list[Blocker]:
    query = select(Blocker).where(Blocker.engagement_id == engagement.id, Blocker.state == "open")
    return list(await db.scalars(query.order_by(Blocker.made_at, Blocker.id)))


async def write_down(
    practice: Practice, db: AsyncSession, engagement: Engagement, text: str, tags: Iterable[str], now: datetime
) -> Blocker:
    """A new hypothesis, sealed like everything about the leader."""
    row = Blocker(id=new_id(), engagement_id=engagement.id, leader_id=engagement.leader_id, content=b"", made_at=now)
    await rewrite(practice, row, text, tags)
    db.add(row)
    await db.flush()
    return row


async def rewrite(practice: Practice, row: Blocker, text: str, tags: Iterable[str]) -> None:
    box = await practice.vault.box(row.leader_id, "shared")
    told = json.dumps({"text": text, "tags": list(tags)}, ensure_ascii=False)
    row.content = box.seal(CONTENT, row.id, told)


async def adopt(practice: Practice, db: AsyncSession, engagement: Engagement, now: datetime) -> None:
    """Hypotheses from before there were rows for them become rows, a tag each."""
    for tag in await _older(practice, engagement):
        await write_down(practice, db, engagement, tag, (tag,), now)
    engagement.tags = None


async def weigh(db: AsyncSession, row: Blocker, answer: Answer, *, is_for: bool, now: datetime) -> None:
    """An answer speaks for it, or against it; said twice, it does not any more."""
    query = select(Evidence).where(Evidence.blocker_id == row.id, Evidence.answer_id == answer.id)
    known = (await db.scalars(query)).one_or_none()
    if known is None:
        db.add(Evidence(id=new_id(), blocker_id=row.id, answer_id=answer.id, is_for=is_for, made_at=now))
    elif known.is_for == is_for:
        await db.delete(known)
    else:
        known.is_for, known.made_at = is_for, now
    await db.flush()


async def _evidence(db: AsyncSession, blocker_ids: list[UUID]) -> dict[UUID, tuple[list[UUID], list[UUID]]]:
    """By hypothesis, the answers for it and against it; one whose words were taken back speaks no longer."""
    found: dict[UUID, tuple[list[UUID], list[UUID]]] = {blocker_id: ([], []) for blocker_id in blocker_ids}
    query = (
        select(Evidence)
        .join(Answer, Answer.id == Evidence.answer_id)
        .join(Blocker, (Blocker.id == Evidence.blocker_id) & (Blocker.engagement_id == Answer.engagement_id))
        .where(Evidence.blocker_id.in_(blocker_ids), Answer.sharing == Sharing.words)
        .order_by(Answer.given_at, Answer.id)
    )
    for row in await db.scalars(query):
        found[row.blocker_id][0 if row.is_for else 1].append(row.answer_id)
    return found


async def _older(practice: Practice, engagement: Engagement) -> list[str]:
    """Hypotheses from before there were rows for them; a read must not write, so they become rows when one is changed."""
    if engagement.tags is None:
        return []
    box = await practice.vault.box(engagement.leader_id, "shared")
    return list(json.loads(box.open(TAGS, engagement.id, engagement.tags)))


def _one_tag(engagement: Engagement, tag: str) -> Hypothesis:
    return Hypothesis(engagement.id, tag, (tag,))
