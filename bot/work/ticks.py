"""One look at everything that is due. The scheduler calls it when a row falls due; a rehearsal at every step."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.db import enrolments, people
from bot.work import briefing, deliver, plan, upkeep
from bot.work.practice import Practice

_DUTIES: tuple[Callable[[Practice, datetime], Awaitable[bool]], ...] = (
    plan.hold_one,
    plan.resume_one,
    plan.plan_one,
    plan.look_one,
    briefing.brief_one,
    briefing.digest_one,
    upkeep.sweep_one,
)


async def tick(practice: Practice, now: datetime) -> bool:
    """Do everything that is due at `now`. Whether there was anything."""
    practice.looked_at = now
    if not await _anything_due(practice, now):
        return False
    done = False
    for duty in _DUTIES:
        while await duty(practice, now):
            done = True
    return done


async def _anything_due(practice: Practice, now: datetime) -> bool:
    """One look at the indexes, so that an idle tick writes nothing."""
    async with practice.database.read() as db:
        sources = (enrolments.next_instant, people.next_instant, upkeep.next_instant)
        instants = [await source(db) for source in sources]
    return any(instant is not None and instant <= now for instant in instants)


async def settle_outbox(practice: Practice, now: datetime) -> bool:
    """Leases that ran out, fates that are given up on."""
    done = await deliver.recover(practice, now) > 0
    while await deliver.reconcile_one(practice, now):
        done = True
    return done


async def next_instant(practice: Practice, post: deliver.Post) -> datetime | None:
    """The next instant at which something is planned for somebody; None when nothing is.

    The nightly round is not worth waking for: it is done with whatever falls due after it.
    """
    async with practice.database.read() as db:
        instants = [
            await enrolments.next_instant(db),
            await people.next_instant(db),
            await deliver.next_instant(post, db),
        ]
    return min(filter(None, instants), default=None)
