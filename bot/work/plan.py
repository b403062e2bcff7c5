"""What falls due: occurrences, prompts that close, pauses that end. Each duty does a few rows in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments, people, plans
from bot.db.engine import is_away
from bot.db.tables import Audit, Base, Engagement, Enrolment, Occurrence, Person
from bot.db.types import new_id
from bot.domain import arc
from bot.domain.delivery import POLICIES, Kind
from bot.domain.hours import next_allowed, same_time_next_work_day
from bot.domain.schedule import local
from bot.domain.sequence import AfterAnswer, Step, WithoutSession
from bot.work import asking, closing, focusing, knowing, later, own_questions, standing_in, stuck
from bot.work.practice import Practice, hours_of

_BACKLOG = timedelta(minutes=15)
_MISSES = 2  # so many in a row, and the next prompt is a single tap
_BACKLOGGED, _NEWS, _BLOCKED = "backlog", "news", "unreachable"
_LET_GO = {_BACKLOGGED: ("expired", "late"), _NEWS: ("not_asked", "no room"), _BLOCKED: ("not_asked", "unreachable")}
_INSTANT = timedelta.resolution
_AT_ONCE = 4  # leaders in one transaction: whoever answers meanwhile waits for it


async def plan_few(practice: Practice, now: datetime) -> int:
    """Take the enrolments that have been due longest, write down their occurrences, and when to look again."""
    async with practice.database.write("plan") as db:
        found = await enrolments.due(db, now, _AT_ONCE)
        known = await stuck.markers(db, found) if found else {}
        held = await _around(db, [one.id for one in found])
        for enrolment in found:
            async with stuck.watched(db, enrolment, "next_due_at", known) as first_due:
                enrolment.next_due_at = first_due
                await _plan(practice, db, enrolment, await db.get_one(Person, enrolment.leader_id), now)
        del held
    return len(found)


async def _around(db: AsyncSession, enrolment_ids: Sequence[UUID]) -> Sequence[Base]:
    """What their planning will ask for. Where one cannot be read, each asks for its own, and that one is to blame."""
    try:
        return await enrolments.around(db, enrolment_ids) if enrolment_ids else []
    except Exception as error:
        if is_away(error):
            raise
        return []


async def _plan(practice: Practice, db: AsyncSession, enrolment: Enrolment, leader: Person, now: datetime) -> None:
    steps, joined_at, meetings, hours, served, around = await knowing.facts_of(practice, db, enrolment, leader, now)
    facts = (steps, joined_at, meetings, hours, served, around)
    assert enrolment.next_due_at is not None
    for due in arc.upcoming(*facts, after=enrolment.next_due_at - _INSTANT, before=now):
        occurrence = _occurrence(enrolment, leader, due, now)
        only_if = next(step.only_if for step in steps if step.key == due.step)
        today = local(due.due_at, leader.zone).date()
        if occurrence.state == "waiting" and not await knowing.is_so(practice, db, enrolment, only_if, today):
            closing.settle(occurrence, "not_asked", "condition")
        if occurrence.state == "waiting":
            for one in await standing_in.left_out(db, enrolment, steps, occurrence, leader.zone):
                closing.settle(one, "not_asked", "condition")
        db.add(occurrence)
        served.add((due.step, due.anchor))
    await _let_go(db, enrolment, steps, meetings, around)
    following = arc.next_due(*facts, after=now)
    enrolment.next_due_at = following.due_at if following else None
    if enrolment.own is not None:
        await own_questions.look_after(practice, db, enrolment, now)
    await db.flush()


async def _let_go(
    db: AsyncSession, enrolment: Enrolment, steps: Sequence[Step], meetings: list[arc.Meeting], around: arc.Surroundings
) -> None:
    """What waits to be asked and has lost its reason: a session was booked after all, the silence was broken."""
    could_go = {step.key: step for step in steps if isinstance(step.when, WithoutSession | AfterAnswer)}
    if not could_go:
        return
    for occurrence in await enrolments.waiting_occurrences(db, enrolment.leader_id):
        step = could_go.get(occurrence.step) if occurrence.enrolment_id == enrolment.id else None
        if step is not None and arc.has_gone(step, occurrence.anchor, occurrence.due_at, meetings, around):
            closing.settle(occurrence, "cancelled", "no reason any more")


def _occurrence(enrolment: Enrolment, leader: Person, due: arc.Due, now: datetime) -> Occurrence:
    """Waiting to be asked, or the reason why it is not. Asking comes after all planning: of a backlog the newest wins."""
    assert enrolment.next_due_at is not None
    is_news = due.due_at < enrolment.next_due_at  # nobody could have known sooner: a session, the hours, an answer
    reason = _why_not(leader, due, now, is_news=is_news)
    state = "waiting" if reason is None else "expired" if reason == "late" else "not_asked"
    if state == "waiting" and (now - due.due_at > _BACKLOG or leader.state == "unreachable"):
        reason = _NEWS if is_news else _BLOCKED if leader.state == "unreachable" else _BACKLOGGED
    return Occurrence(
        id=new_id(), enrolment_id=enrolment.id, leader_id=leader.id, step=due.step, anchor=due.anchor,
        due_at=due.due_at, until=due.until, state=state, reason=reason,
        look_at=due.due_at if state == "waiting" else None,
    )  # fmt: skip


def _why_not(leader: Person, due: arc.Due, now: datetime, *, is_news: bool) -> str | None:
    """Why an occurrence that has fallen due is not asked; None if it is. What is news is late only at its own end."""
    if leader.paused_until is not None and due.due_at < leader.paused_until:
        return "paused"
    if leader.state not in ("active", "unreachable"):  # whoever blocked the bot may be back within the hour
        return leader.state
    if due.due_at >= due.until:
        return "no room"  # quiet hours moved it beyond its own end
    if is_news:
        return "no room" if now >= due.until else None
    late = POLICIES[Kind.prompt].late
    if now >= due.until or (late and now > due.due_at + late):
        return "late"
    return None


async def ask_next(practice: Practice, db: AsyncSession, leader: Person, now: datetime) -> None:
    """Put the next waiting step to the leader, one open prompt at a time; of a backlog only the newest."""
    if leader.state != "active" or await enrolments.open_occurrence(db, leader.id) is not None:
        return
    if await plans.come_first(db, leader.id, now):
        return
    engagement = await people.engagement_of(db, leader.id)
    chosen = await _first_of_those_waiting(practice, db, leader, engagement, now)
    if chosen is None:
        return
    allowed = next_allowed(now, hours_of(leader))
    if allowed >= chosen.until:
        closing.settle(chosen, "not_asked", "no room")
    elif chosen.reason in (_BACKLOGGED, _BLOCKED) and (
        allowed - chosen.due_at > (POLICIES[Kind.prompt].late or allowed - now)
    ):
        closing.settle(chosen, *_LET_GO[chosen.reason])  # we were down, or blocked, and their next hours are too far away
    elif allowed > now:
        chosen.look_at = allowed
    else:
        last = await enrolments.last_put(db, leader.id, _MISSES)
        if last and _was_enough(last[0], leader, now):
            await rest(db, leader, now)
            return
        chosen.is_short = [one.state for one in last] == ["missed"] * _MISSES
        first = await asking.first_question(practice, db, chosen, now)
        if first is None:
            closing.settle(chosen, "not_asked", "condition")
            await ask_next(practice, db, leader, now)
            return
        chosen.state, chosen.reason, chosen.asked_at = "asked", None, now
        chosen.closes_at = chosen.look_at = await later.closing(db, leader, chosen, now)
        posed = await asking.ask_first(practice, db, leader, engagement, chosen, first, now)
        if not chosen.is_short:  # who has let two go by is not reminded of the third
            await later.remind(practice, db, leader, engagement, posed, now)


async def _first_of_those_waiting(
    practice: Practice, db: AsyncSession, leader: Person, engagement: Engagement | None, now: datetime
) -> Occurrence | None:
    waiting = [o for o in await enrolments.waiting_occurrences(db, leader.id) if o.due_at <= now < o.until]
    for older in [o for o in waiting if o.reason in _LET_GO][:-1]:
        closing.settle(older, *_LET_GO[older.reason or ""])
    left = await focusing.in_order(practice, db, engagement, [o for o in waiting if o.state == "waiting"])
    return next(iter(left), None)


def _was_enough(last: Occurrence, leader: Person, now: datetime) -> bool:
    """Whether a tap has said today why nothing is answered: that ends the day's asking."""
    if last.state != "skipped" or last.said_why is None or last.closes_at is None:
        return False
    return local(last.closes_at, leader.zone).date() == local(now, leader.zone).date()


async def rest(db: AsyncSession, leader: Person, now: datetime) -> None:
    """Enough for today: what waits is looked at again a work day later, and what is over by then is not asked."""
    tomorrow = same_time_next_work_day(now, hours_of(leader))
    waiting = (Occurrence.leader_id == leader.id, Occurrence.state == "waiting")
    await db.execute(update(Occurrence).where(*waiting, Occurrence.until > tomorrow).values(look_at=tomorrow))
    over = update(Occurrence).where(*waiting, Occurrence.until <= tomorrow)
    await db.execute(over.values(state="not_asked", reason="no room", look_at=None))


async def look_few(practice: Practice, now: datetime) -> int:
    """Look at occurrences again: one that waited too long is not asked, one that stayed open too long is missed."""
    async with practice.database.write("plan") as db:
        found = await enrolments.to_look_at(db, now, _AT_ONCE)
        known = await stuck.markers(db, found) if found else {}
        held = await _around(db, [one.enrolment_id for one in found])
        for occurrence in found:
            async with stuck.watched(db, occurrence, "look_at", known):
                await _look(practice, db, occurrence, now)
        del held
    return len(found)


async def _look(practice: Practice, db: AsyncSession, occurrence: Occurrence, now: datetime) -> None:
    leader = await db.get_one(Person, occurrence.leader_id)
    if occurrence.state == "asked" and occurrence.snoozed_until is not None:
        await later.show_again(practice, db, leader, occurrence, now)
    elif occurrence.state == "asked":
        await _close(db, occurrence, leader, now)
        if occurrence.state != "asked":
            await knowing.replan_hanging(practice, db, occurrence, now)
    elif now >= occurrence.until:
        reason = "another was open" if leader.state == "active" else leader.state
        closing.settle(occurrence, "not_asked", _BLOCKED if occurrence.reason == _BLOCKED else reason)
    else:
        occurrence.look_at = occurrence.until  # unless its turn comes earlier, now or when another one ends
    await db.flush()
    await ask_next(practice, db, leader, now)


async def _close(db: AsyncSession, occurrence: Occurrence, leader: Person, now: datetime) -> None:
    """Never within half an hour of the leader's last sign of life: they may be typing."""
    if now - leader.last_seen_at < later.JUST_ACTIVE and leader.last_seen_at <= now:
        occurrence.look_at = occurrence.closes_at = leader.last_seen_at + later.JUST_ACTIVE
    else:
        await closing.close(db, occurrence, "missed")


async def resume_one(practice: Practice, now: datetime) -> bool:
    """A pause that has run its time is over."""
    async with practice.database.write() as db:
        query = select(Person).where(Person.paused_until <= now).limit(1).with_for_update(skip_locked=True)
        person = (await db.scalars(query)).one_or_none()
        if person is None:
            return False
        person.paused_until = None
        db.add(Audit(at=now, actor_id=None, action="resumed", subject_id=person.id))
    return True
