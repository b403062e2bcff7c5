"""One look at everything that is due. The scheduler calls it when a row falls due; a rehearsal at every step."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.db import enrolments, outbox, people
from bot.db import plans as plan_rows
from bot.domain.delivery import GIVE_UP_KNOWING
from bot.log import get_logger
from bot.work import briefing, deliver, plan, plans, stuck, upkeep
from bot.work.practice import Practice

log = get_logger(__name__)

Duty = Callable[[Practice, datetime], Awaitable[bool]]

_DUTIES: tuple[Duty, ...] = (
    plan.hold_one,
    plan.resume_one,
    plan.plan_one,
    plan.look_one,
    plans.follow_up_one,
    briefing.brief_one,
    briefing.digest_one,
    upkeep.sweep_one,
)


@dataclass(frozen=True)
class Agenda:
    """The next instants at which something is to be planned, sent, or swept up; None when there is nothing."""

    plan_at: datetime | None
    send_at: datetime | None
    sweep_at: datetime | None

    def asks_for_a_tick(self, now: datetime) -> bool:
        return any(at is not None and at <= now for at in (self.plan_at, self.sweep_at))

    def asks_for_the_postman(self, now: datetime) -> bool:
        return self.send_at is not None and self.send_at <= now

    @property
    def next_at(self) -> datetime | None:
        """When to wake up. The nightly round is not worth it: it is done with whatever falls due after it."""
        return min(filter(None, (self.plan_at, self.send_at)), default=None)


async def look(practice: Practice, post: deliver.Post) -> Agenda:
    """One statement over the indexes; an idle bot writes nothing."""
    planned = [*enrolments.due_instants(), *people.due_instants(), plan_rows.due_instant()]
    queued = outbox.due_instants()
    async with practice.database.read() as db:
        found = (
            await db.execute(select(*planned, *queued, outbox.unknown_instant(), upkeep.last_sweep()))
        ).one()
    *instants, unknown_since, swept_at = found
    given_up = unknown_since + GIVE_UP_KNOWING if unknown_since else None
    send_at = min(filter(None, (*instants[len(planned) :], given_up)), default=None)
    if send_at is not None and post.held_until is not None:
        send_at = max(send_at, post.held_until)
    plan_at = min(filter(None, instants[: len(planned)]), default=None)
    return Agenda(plan_at, send_at, upkeep.next_sweep(swept_at))


async def tick(practice: Practice, now: datetime) -> bool:
    """Do everything that is due at `now`. Whether there was anything."""
    done = False
    for duty in _DUTIES:
        try:
            while await _do_one(practice, duty, now):
                done = True
        except Exception as error:  # one row that cannot be done must not hold up the other duties
            log.error("duty failed", kind=duty.__name__, error=type(error).__name__, exc_info=error)
    return done


async def _do_one(practice: Practice, duty: Duty, now: datetime) -> bool:
    """One row of a duty. One that fails is put off alone."""
    try:
        return await duty(practice, now)
    except stuck.StuckError as failed:
        log.error("put off", kind=duty.__name__, id=failed.row_id, error=failed.__cause__, exc_info=failed.__cause__)
        await stuck.put_off(practice, failed, now)
    return True


async def settle_outbox(practice: Practice, now: datetime) -> bool:
    """Leases that ran out, fates that are given up on."""
    done = await deliver.recover(practice, now) > 0
    while await deliver.reconcile_one(practice, now):
        done = True
    return done
