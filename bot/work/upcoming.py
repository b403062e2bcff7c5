"""`/next`: what comes when, and why: the session, what is open or waits, and the questions of the next two weeks."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from bot.db import enrolments, people
from bot.db.tables import Engagement, Enrolment, Occurrence, Plan
from bot.domain import arc
from bot.domain.conditions import month_since
from bot.domain.own_questions import STEP as OWN
from bot.domain.schedule import local
from bot.domain.sequence import AtRandom, MonthsSincePromotion, Step
from bot.domain.spans import ENDLESS
from bot.domain.text import Block, Span, bold, italic, messages, plain
from bot.domain.why import why_in_words
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import entries, knowing, sequences
from bot.work.practice import Turn

AHEAD = timedelta(days=14)
_MOST = 6  # of one sequence
_LABEL = 90
_INSTANT = timedelta.resolution


@dataclass(frozen=True)
class _Coming:
    """An occurrence that lies ahead."""

    step: Step
    due_at: datetime
    anchor: str


async def next_(turn: Turn, _text: str) -> None:
    engagement = await people.engagement_of(turn.db, turn.me.id)
    if engagement is None:
        raise RefusedError(turn.say("Nothing is planned for you at the moment."))
    blocks = [
        bold(turn.say("What comes next")),
        await _session(turn, engagement),
        *_pause(turn),
        *await _under_way(turn),
    ]
    planned = [block for enrolment in await sequences.active_of(turn.db, engagement.id)
               for block in await _of_sequence(turn, enrolment)]  # fmt: skip
    blocks += [*planned, *await _plans(turn)]
    if planned:
        blocks.append(italic(turn.say("One question at a time: what falls due while another is open waits for it.")))
    elif turn.me.paused_until is None:
        blocks.append(plain(turn.say("No question is due in the next two weeks.")))
    for part in messages(blocks):
        await turn.reply(part)


async def _session(turn: Turn, engagement: Engagement) -> Block:
    session = await enrolments.next_session(turn.db, engagement.id, turn.now)
    if session is None:
        return plain(turn.say("No session is planned."))
    return plain(turn.say("Your next session: {moment}", moment=turn.say.moment(session.starts_at, turn.me.zone)))


def _pause(turn: Turn) -> list[Block]:
    until = turn.me.paused_until
    if until is None:
        return []
    if until == ENDLESS:
        return [plain(turn.say("Paused until you say /resume: no questions till then."))]
    day = turn.say.day(local(until, turn.me.zone).date())
    return [plain(turn.say("Paused until {day}: no questions till then. /resume ends it earlier.", day=day))]


async def _under_way(turn: Turn) -> list[Block]:
    """What is open, moved to later, or waits for its turn."""
    say, zone = turn.say, turn.me.zone
    query = select(Occurrence).where(Occurrence.leader_id == turn.me.id, Occurrence.state.in_(["asked", "waiting"]))
    lines = []
    for occurrence in await turn.db.scalars(query.order_by(Occurrence.due_at, Occurrence.id)):
        enrolment = await turn.db.get_one(Enrolment, occurrence.enrolment_id)
        sequence = await sequences.of_enrolment(turn.practice, turn.db, enrolment)
        label = _label(sequence.step(occurrence.step), say, was_asked=occurrence.asked_at is not None)
        if occurrence.snoozed_until is not None:
            back = say.moment(occurrence.snoozed_until, zone)
            lines.append(say("{label} (comes back {moment})", label=label, moment=back))
        elif occurrence.state == "asked" and occurrence.closes_at is not None:
            lines.append(say("{label} (open until {moment})", label=label, moment=say.moment(occurrence.closes_at, zone)))
        elif occurrence.until > turn.now:
            lines.append(say("{label} (waits for its turn)", label=label))
    return [_headed(say("Now"), lines)] if lines else []


async def _of_sequence(turn: Turn, enrolment: Enrolment) -> list[Block]:
    say = turn.say
    sequence = await sequences.of_enrolment(turn.practice, turn.db, enrolment)
    coming = await _coming(turn, enrolment)
    if not coming:
        return []
    days = {
        str(session.id): local(session.starts_at, turn.me.zone).date()
        for session in await enrolments.sessions_of(turn.db, enrolment.engagement_id)
    }
    lines = [_line(turn, one, days.get(one.anchor)) for one in coming[:_MOST]]
    if len(coming) > _MOST:
        lines.append(say("and {n} more within two weeks", n=len(coming) - _MOST))
    return [_headed(sequence.title[say.language], lines)]


async def _coming(turn: Turn, enrolment: Enrolment) -> list[_Coming]:
    """What lies ahead of an enrolment, as far as can be known: no more than was planned by now, nothing in a pause."""
    facts = await knowing.facts_of(turn.practice, turn.db, enrolment, turn.me, turn.now)
    dues = arc.upcoming(*facts, after=turn.now - _INSTANT, before=turn.now + AHEAD)
    free_from = turn.me.paused_until or turn.now
    promoted_on = (await turn.db.get_one(Engagement, enrolment.engagement_id)).promoted_on
    steps = {step.key: step for step in facts[0]}  # as often as they come for this leader
    coming = [
        _Coming(steps[due.step], due.due_at, due.anchor)
        for due in dues
        if due.due_at < due.until and due.due_at >= free_from
        and _is_its_month(steps[due.step], due.due_at, promoted_on, turn.me.zone)
    ]
    taken = {(one.step.instead_of, local(one.due_at, turn.me.zone).date()) for one in coming}
    return [one for one in coming if (one.step.key, local(one.due_at, turn.me.zone).date()) not in taken]


def _is_its_month(step: Step, due_at: datetime, promoted_on: date | None, zone: str) -> bool:
    """A checkpoint some months after the promotion is shown in its month only; other conditions nobody can know yet."""
    months = [condition for condition in step.only_if if isinstance(condition, MonthsSincePromotion)]
    on = local(due_at, zone).date()
    return all(condition.first <= month_since(promoted_on, on) <= condition.last for condition in months)


def _line(turn: Turn, one: _Coming, session_on: date | None) -> str:
    say = turn.say
    why = why_in_words(one.step, session_on, say)
    if isinstance(one.step.when, AtRandom):  # known only by the day
        moment = say("about {day}", day=say.day(local(one.due_at, turn.me.zone).date()))
    else:
        moment = say.moment(one.due_at, turn.me.zone)
    return say("{moment}: {label} ({why})", moment=moment, label=_label(one.step, say), why=why)


def _label(step: Step, say: Say, *, was_asked: bool = False) -> str:
    """What it is about; a question of the coach's own may still be taken back, so its words come with it."""
    if step.key == OWN and not was_asked:
        return say("a question")
    question = step.questions[0]
    text = (question.short or question.ask)[say.language].replace("{coach}", say("your coach"))
    return entries.clipped(text, _LABEL)


async def _plans(turn: Turn) -> list[Block]:
    """Plans that will be asked about at their cue."""
    query = select(Plan).where(Plan.leader_id == turn.me.id, Plan.state.in_(["open", "due"]), Plan.look_at.is_not(None))
    say, zone = turn.say, turn.me.zone
    lines = [
        say("waits for its turn") if plan.state == "due" or plan.look_at is None else say.moment(plan.look_at, zone)
        for plan in await turn.db.scalars(query.order_by(Plan.look_at))
    ]
    return [_headed(say("How a plan went"), lines[:_MOST])] if lines else []


def _headed(title: str, lines: list[str]) -> Block:
    return Block((Span(title, "bold"), *(Span(f"\n• {line}") for line in lines)))
