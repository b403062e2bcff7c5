"""One look at everything that is due. The scheduler calls it when a row falls due; a rehearsal at every step."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, select

from bot.db import enrolments, outbox, people
from bot.db import plans as plan_rows
from bot.db.engine import Instant
from bot.log import get_logger
from bot.skew import MOST
from bot.work import briefing, deliver, digests, following_up, going_on, meetings, plan, stuck, upkeep
from bot.work.practice import Practice

log = get_logger(__name__)

Duty = Callable[[Practice, datetime], Awaitable[int]]
"""Does one row that is due, or a few, and says how many."""
_A_FEW = 20

_DUTIES: tuple[Duty, ...] = (
    meetings.hold_one,
    plan.resume_one,
    plan.plan_few,
    plan.look_few,
    following_up.follow_up_one,
    briefing.brief_one,
    briefing.agenda_one,
    digests.digest_one,
    going_on.look_one,
)
"""In the order in which they are done; `_due_instants` says when each has something to do."""


def _due_instants() -> list[Instant]:
    planned, looked, briefed, agenda, ended = enrolments.due_instants()
    digested, paused, going = people.due_instants()
    return [ended, paused, planned, looked, plan_rows.due_instant(), briefed, agenda, digested, going]


@cache  # run at every step: to put it together takes longer
def _planned() -> Select[Any]:
    return select(*_due_instants())


@cache
def _everything() -> Select[Any]:
    return select(*_due_instants(), *outbox.due_instants(), outbox.unknown_instant(), upkeep.last_sweep())


@dataclass(frozen=True)
class Agenda:
    """The next instants at which something is to be planned (for each duty), sent, or swept up; None when there is
    nothing."""

    duties: tuple[datetime | None, ...]
    send_at: datetime | None
    sweep_at: datetime | None

    def asks_for_a_tick(self, now: datetime) -> bool:
        return any(at is not None and at <= now for at in (*self.duties, self.sweep_at))

    def asks_for_the_postman(self, now: datetime) -> bool:
        return self.send_at is not None and self.send_at <= now

    def due(self, now: datetime) -> list[Duty]:
        return [duty for duty, at in zip(_DUTIES, self.duties, strict=True) if at is not None and at <= now]

    @property
    def next_at(self) -> datetime | None:
        """When to wake up. The nightly round is not worth it: it is done with whatever falls due after it."""
        return self.next_for(plans=True, sends=True)

    def next_for(self, *, plans: bool, sends: bool) -> datetime | None:
        """The same for a process that does one of both: what others do must not keep it awake."""
        return min(filter(None, (*(self.duties if plans else ()), self.send_at if sends else None)), default=None)


async def look(practice: Practice, post: deliver.Post) -> Agenda:
    """One statement over the indexes; an idle bot writes nothing."""
    async with practice.database.read() as db:
        *instants, unknown_since, swept_at = (await db.execute(_everything())).one()
    post.searches.look_for(unknown_since)
    planned, queued = instants[: len(_DUTIES)], instants[len(_DUTIES) :]
    send_at = min(filter(None, (*queued, post.searches.at)), default=None)
    if send_at is not None and post.held_until is not None:
        send_at = max(send_at, post.held_until)
    return Agenda(tuple(planned), send_at, upkeep.next_sweep(swept_at))


async def tick(
    practice: Practice, now: datetime, agenda: Agenda, going_on: Callable[[], None] = lambda: None
) -> bool:
    """Do everything that is due at `now`, and what falls due by it. Whether there was anything. `going_on` is called now
    and then meanwhile: with thousands due, what is written already can be sent.

    Only duties with something due are called: each call is a transaction that would hold up the receiver for nothing.
    """
    if abs(practice.vitals.skew or 0) > MOST:  # what is due nobody knows, and what is planned or missed stays so
        return False
    done, due = False, agenda.due(now)
    while due:
        worked = [await _do_all(practice, duty, now, going_on) for duty in due]
        if not any(worked):  # another process has them
            break
        done, due = True, await _now_due(practice, now)
    if agenda.sweep_at is not None and agenda.sweep_at <= now:
        done |= await _do_all(practice, upkeep.sweep_one, now, going_on)
    return done


async def _now_due(practice: Practice, now: datetime) -> list[Duty]:
    async with practice.database.read() as db:
        instants = (await db.execute(_planned())).one()
    return Agenda(tuple(instants), None, None).due(now)


async def _do_all(practice: Practice, duty: Duty, now: datetime, going_on: Callable[[], None]) -> bool:
    done = told = 0
    try:
        while few := await _do_few(practice, duty, now):
            done += few
            if done - told >= _A_FEW:
                going_on()
                told = done
    except Exception as error:  # one row that cannot be done must not hold up the other duties
        log.error("duty failed", kind=duty.__name__, error=type(error).__name__, exc_info=error)
    return done > 0


async def _do_few(practice: Practice, duty: Duty, now: datetime) -> int:
    """A row of a duty, or a few. One that fails is put off alone; those that were done with it are done again."""
    try:
        return await duty(practice, now)
    except stuck.StuckError as failed:
        log.error("put off", kind=duty.__name__, id=failed.row_id, error=failed.__cause__, exc_info=failed.__cause__)
        await stuck.put_off(practice, failed, now)
    return 1


async def settle_outbox(practice: Practice, now: datetime) -> bool:
    """Leases that ran out: what became of those messages is then for the postman to find out."""
    return await deliver.recover(practice, now) > 0
