"""What was put to leaders as their coach may know it, what became of it, and since when nothing comes from somebody."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import weekly
from bot.db.tables import Occurrence
from bot.domain.digest import SILENT_AFTER
from bot.work import given_away
from bot.work.practice import Practice

_WITHIN = timedelta(weeks=9)

Pauses = tuple[tuple[datetime, datetime], ...]


async def put(
    practice: Practice, db: AsyncSession, ids: Sequence[UUID], after: datetime | None, now: datetime
) -> list[weekly.Put]:
    """Nothing of it gives away an answer that is not shared in words. A coach's own question hangs on none."""
    prompts = await weekly.put_since(db, ids, after, now)
    known = await given_away.told(practice, db, [pair for pair in prompts if pair[1].own is None])
    return [
        weekly.Put(enrolment.engagement_id, _became(one, known.get(one.id)), one.asked_at, one.reason)
        for one, enrolment in prompts
        if enrolment.own is not None or one.id in known
    ]


def _became(prompt: Occurrence, told: given_away.Told | None) -> str:
    """Of several questions at one moment the first answer is one: numbers beside "answered 0" would be odd."""
    if told is None:
        return prompt.state
    return "answered" if told.is_begun and told.state in ("asked", "missed") else told.state


async def over(
    practice: Practice, db: AsyncSession, ids: Sequence[UUID], now: datetime
) -> dict[UUID, list[weekly.Put]]:
    """Of those from whom nothing came lately: what was put before this week, too."""
    found: dict[UUID, list[weekly.Put]] = defaultdict(list)
    for one in await put(practice, db, ids, now - _WITHIN, now) if ids else []:
        found[one.engagement_id].append(one)
    return found


def is_quiet(answered_at: datetime | None, now: datetime) -> bool:
    return answered_at is None or now - answered_at > SILENT_AFTER


def since(
    answered_at: datetime | None, prompts: Sequence[weekly.Put], paused: Pauses, now: datetime
) -> tuple[datetime | None, int]:
    """Since when nothing comes, and how many questions have gone by since. A skip is a sign of life, and so is a pause,
    whose days do not count."""
    ends = [end for _, end in paused if end <= now]
    skips = [one.asked_at for one in prompts if one.state == "skipped" and one.asked_at is not None]
    last = max(filter(None, (answered_at, *ends, *skips)), default=None)
    missed = [one.asked_at for one in prompts if one.state == "missed" and one.asked_at is not None]
    return last, sum(last is None or at > last for at in missed)


def pauses(events: Sequence[tuple[datetime, str]], until: datetime | None) -> Pauses:
    """From and until, from what the audit says; the one that lasts ends when it is said to end."""
    found, since = [], None
    for at, action in events:
        if action == "paused":
            since = since or at
        elif since is not None:
            found.append((since, at))
            since = None
    if since is not None and until is not None:
        found.append((since, until))
    return tuple(found)
