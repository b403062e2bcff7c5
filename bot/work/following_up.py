"""Plans come back after their moment: asked about once, in the leader's own words, and closed when nobody answers."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments, people
from bot.db import plans as plan_rows
from bot.db.tables import Answer, Delivery, Engagement, Person, Plan
from bot.domain import cues, plans
from bot.domain.delivery import Kind, State, Why
from bot.domain.hours import next_allowed, same_time_next_work_day
from bot.domain.schedule import local
from bot.domain.sequence import Sharing
from bot.domain.text import Button, Message, Rows, italic, message, plain, quote
from bot.i18n import Say
from bot.work import asking, content, later, outgoing, plan, stuck
from bot.work.practice import Practice, hours_of, name_of

_DAY, _A_WHILE = timedelta(days=1), timedelta(days=14)


async def follow_up_one(practice: Practice, now: datetime) -> bool:
    """Look at the plan whose turn it is: one left half-made, one to ask about, one nobody answered."""
    async with practice.database.write() as db:
        found = await plan_rows.oldest_due(db, now)
        if found is None:
            return False
        async with stuck.watched(db, found, "look_at"):
            await _follow_up(practice, db, found, now)
    return True


async def _follow_up(practice: Practice, db: AsyncSession, found: Plan, now: datetime) -> None:
    leader = await db.get_one(Person, found.leader_id)
    if found.state == "drafting":
        await _finish(practice, db, found, leader, now)
    elif found.state in ("open", "due"):
        await _ask_if_possible(practice, db, found, leader, now)
    else:
        await _close(practice, db, found, leader, now)


async def _finish(practice: Practice, db: AsyncSession, found: Plan, leader: Person, now: datetime) -> None:
    """Never said "that's it": a plan all the same if it has a cue and an action, else words that are kept."""
    answer = await db.get_one(Answer, found.answer_id)
    opened = await content.opened(practice, db, answer)
    if not opened.words and plans.missing(opened.fields, without_obstacle=True) is not None:
        found.state, found.look_at = "dropped", None
    else:
        found.state, found.look_at = "open", cues.follow_up_at(found.cue_at, now, hours_of(leader))


async def _ask_if_possible(practice: Practice, db: AsyncSession, found: Plan, leader: Person, now: datetime) -> None:
    """Only in the leader's hours, never in a pause, one open question at a time."""
    engagement = await people.engagement_of(db, leader.id)
    answer = await db.get_one(Answer, found.answer_id)
    is_over = engagement is None or answer.engagement_id != engagement.id  # nobody would read how it went
    if leader.state not in ("active", "unreachable") or engagement is None or is_over:
        found.state, found.look_at = "dropped", None
        await db.flush()
        await plan.ask_next(practice, db, leader, now)  # what has waited for it need not wait for anything else
        return
    allowed, open_prompt = next_allowed(now, hours_of(leader)), await enrolments.open_occurrence(db, leader.id)
    if leader.paused_until is not None or leader.state == "unreachable":
        found.state, tomorrow = "due", min(leader.paused_until or now + _DAY, now + _DAY)  # woken when they are back
        found.look_at = max(next_allowed(tomorrow, hours_of(leader)), now + timedelta(minutes=1))
    elif allowed > now:
        found.look_at = allowed
    elif open_prompt is not None:
        found.state, found.look_at = "due", max(open_prompt.closes_at or now, now) + _DAY  # woken when that one ends
    elif await plan_rows.is_asked(db, leader.id):
        found.state, found.look_at = "due", now + _DAY
    else:
        await _ask(practice, db, found, leader, engagement, now)


async def _ask(
    practice: Practice, db: AsyncSession, found: Plan, leader: Person, engagement: Engagement, now: datetime
) -> None:
    found.state, found.asked_at, found.outcome_id = "asked", now, None
    found.closes_at = found.look_at = same_time_next_work_day(now, hours_of(leader))
    answer = await db.get_one(Answer, found.answer_id)
    say = Say(leader.language)
    coach = await name_of(practice, await db.get_one(Person, engagement.coach_id))
    reader = say("Only you see your answer.")
    if answer.sharing != Sharing.private:
        reader = await asking.when_read(db, engagement, coach, answer.sharing, leader, say, now)
    shown = await question(practice, db, found, leader, reader=reader)
    await outgoing.send(
        practice, db, leader, Kind.prompt, shown, key=f"plan:{found.id}:{now:%Y%m%dT%H%M%S}", now=now,
        expires_at=found.closes_at, answer_id=answer.id,
    )  # fmt: skip


async def question(
    practice: Practice, db: AsyncSession, found: Plan, leader: Person, *, reader: str = "", answered: str = ""
) -> Message:
    """The plan in the leader's own words and whether they got to it; or, below it, what was answered."""
    say = Say(leader.language)
    answer = await db.get_one(Answer, found.answer_id)
    opened = await content.opened(practice, db, answer)
    words = cues.without_moment(opened.words) if opened.is_moved else opened.words
    planned = "\n".join(opened.planned(say)) or plans.quoted(words)
    asked = plain(say("Did you get to it?"))
    if found.cue_at is not None:
        cue = opened.fields.get("cue") or opened.words
        is_a_day = cues.is_a_day(found.cue_at, cue, hours_of(leader), is_moved=opened.is_moved)
        day = say.day(local(found.cue_at, leader.zone).date())
        when = day if is_a_day else say.moment(found.cue_at, leader.zone)
        asked = plain(say("It was to be {when}. Did you get to it?", when=when))
    head = plain(say("Your plan was:"))
    if answered:
        return message(head, quote(planned), plain("→ " + answered))
    return message(head, quote(planned), asked, italic(reader), buttons=_buttons(found, say))


def _buttons(found: Plan, say: Say) -> Rows:
    outcomes = [Button(plans.outcome_name(one, say), ("plan.outcome", found.id, one)) for one in plans.OUTCOMES]
    return [
        outcomes,
        [Button(say("Later"), ("plan.again", found.id)), Button(say("Let it go"), ("plan.drop", found.id))],
    ]


async def _ask_again(
    practice: Practice, db: AsyncSession, found: Plan, leader: Person, asked: Delivery, now: datetime
) -> None:
    """It did not reach them, as far as anybody knows: that is no silence of theirs."""
    if asked.state in (State.pending, State.sending, State.unknown):
        found.look_at = now + later.JUST_ACTIVE  # it may still
        return
    is_fresh = now - (found.cue_at or found.made_at) < _A_WHILE
    found.state, found.look_at = "open", None
    await db.flush()
    if is_fresh and asked.reason in (Why.too_late, Why.lost):
        await _ask_if_possible(practice, db, found, leader, now)
        await db.flush()
    await plan.ask_next(practice, db, leader, now)  # what has waited for it


async def _close(practice: Practice, db: AsyncSession, found: Plan, leader: Person, now: datetime) -> None:
    """A day has gone by without a word, or the talk about it has ended: whatever waits may be asked."""
    if found.state == "asked":
        seen = leader.last_seen_at
        if seen <= now < seen + later.JUST_ACTIVE:
            found.look_at = seen + later.JUST_ACTIVE
            return
        shown = await plan_rows.shown(db, found)
        if shown is not None and shown.state != State.sent:
            await _ask_again(practice, db, found, leader, shown, now)
            return
        found.state = "missed"
    found.look_at = None
    await db.flush()
    await plan.ask_next(practice, db, leader, now)
