"""What has to be known of a leader to say what falls due and whether it is asked; nothing is opened that no step needs."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments
from bot.db.tables import Answer, AskedQuestion, Engagement, Enrolment, Occurrence, Person, Plan
from bot.domain import arc
from bot.domain.conditions import Given, Known, holds
from bot.domain.emphasis import weighed
from bot.domain.hours import Hours
from bot.domain.measures import BASELINE_OF, Reading
from bot.domain.schedule import local
from bot.domain.sequence import AfterAnswer, AnswerIs, AtRandom, Condition, HasFallen, HasTag, Question, Sharing, Step
from bot.work import blockers, content, given_away, sequences
from bot.work.practice import Practice, hours_of

ROLE = "engagement.role"
_YESTERDAY, _A_WEEK = timedelta(days=1), timedelta(days=8)

ArcFacts = tuple[
    tuple[Step, ...], datetime, list[arc.Meeting], Hours, set[tuple[str, str]], arc.Surroundings
]
"""What `arc.upcoming` and `arc.next_due` are given: `arc.upcoming(*facts, after=..., before=...)`."""


async def facts_of(
    practice: Practice, db: AsyncSession, enrolment: Enrolment, leader: Person, now: datetime
) -> ArcFacts:
    """Everything about an enrolment that bears on what falls due for it."""
    steps = await _steps(practice, db, enrolment)
    meetings = await _meetings(db, enrolment)
    served = await enrolments.served(db, enrolment.id)
    around = await _surroundings(practice, db, enrolment, leader, steps, now)
    return steps, enrolment.joined_at, meetings, hours_of(leader), served, around


async def _steps(practice: Practice, db: AsyncSession, enrolment: Enrolment) -> tuple[Step, ...]:
    """The steps of its sequence, as often as the coach wants them."""
    steps = (await sequences.of_enrolment(practice, db, enrolment)).steps
    engagement = await db.get_one(Engagement, enrolment.engagement_id)
    return weighed(steps, engagement.focus, engagement.lowered)


async def _meetings(db: AsyncSession, enrolment: Enrolment) -> list[arc.Meeting]:
    """The sessions of the coaching, those with an earlier coach included: what goes along keeps its count."""
    found, engagement_id = [], enrolment.engagement_id
    while True:
        found += await enrolments.sessions_of(db, engagement_id)
        previous_id = (await db.get_one(Engagement, engagement_id)).previous_id
        if previous_id is None:
            return [arc.Meeting(session.id, session.starts_at, session.ends_at) for session in found]
        engagement_id = previous_id


async def _surroundings(
    practice: Practice, db: AsyncSession, enrolment: Enrolment, leader: Person, steps: Sequence[Step], now: datetime
) -> arc.Surroundings:
    hanging = {step.when.step for step in steps if isinstance(step.when, AfterAnswer)}
    triggers = await _triggers(db, enrolment.id, hanging) if hanging else []
    if not any(isinstance(step.when, AtRandom) for step in steps):
        return arc.Surroundings(triggers=triggers)
    taken = [*await _asked_lately(db, leader.id, now), *await _due_elsewhere(practice, db, enrolment, leader, now)]
    return arc.Surroundings(f"{leader.id}|{enrolment.sequence}", taken, triggers)


async def _triggers(db: AsyncSession, enrolment_id: UUID, steps: Collection[str]) -> list[arc.Trigger]:
    """The answers and silences that something hangs on. When they were given is plain; what they say stays sealed."""
    ours = (Occurrence.enrolment_id == enrolment_id, Occurrence.step.in_(steps))
    answered = (
        select(Occurrence.step, Occurrence.id, Answer.given_at, AskedQuestion.key)
        .join(AskedQuestion, AskedQuestion.occurrence_id == Occurrence.id)
        .join(Answer, Answer.question_id == AskedQuestion.id)
        .where(*ours)
    )
    missed = select(Occurrence.step, Occurrence.id, Occurrence.closes_at).where(*ours, Occurrence.state == "missed")
    found = [arc.Trigger(step, str(key), at, question) for step, key, at, question in await db.execute(answered)]
    found += [arc.Trigger(step, str(key), at, is_silence=True) for step, key, at in await db.execute(missed) if at]
    return found


async def _asked_lately(db: AsyncSession, leader_id: UUID, now: datetime) -> list[datetime]:
    """When the leader was asked something since yesterday, or is about to be."""
    query = select(Occurrence.due_at, Occurrence.asked_at).where(
        Occurrence.leader_id == leader_id,
        or_(Occurrence.asked_at > now - _YESTERDAY, Occurrence.state == "waiting"),
    )
    plans = select(Plan.look_at).where(Plan.leader_id == leader_id, Plan.state == "open")
    cues = [cue for cue in await db.scalars(plans) if cue is not None]
    return [*(asked_at or due_at for due_at, asked_at in await db.execute(query)), *cues]


async def _due_elsewhere(
    practice: Practice, db: AsyncSession, enrolment: Enrolment, leader: Person, now: datetime
) -> list[datetime]:
    """When the leader's other sequences will ask something within a week, as far as no chance is in it."""
    found = []
    for other in await sequences.active_of(db, enrolment.engagement_id):
        if other.id == enrolment.id:
            continue
        steps = [
            step for step in await _steps(practice, db, other)
            if not isinstance(step.when, AtRandom)
        ]  # fmt: skip
        facts = (steps, other.joined_at, await _meetings(db, other), hours_of(leader), ())
        dues = arc.upcoming(*facts, after=now - _YESTERDAY, before=now + _A_WEEK)
        found += [due.due_at for due in dues if due.due_at < due.until]
        if other.next_due_at is not None and other.next_due_at > now:
            found.append(other.next_due_at)
    return found


async def is_so(
    practice: Practice, db: AsyncSession, enrolment: Enrolment, conditions: Collection[Condition], on: date
) -> bool:
    """Whether what a step asks for holds on a local date."""
    return not conditions or holds(conditions, await _known(practice, db, enrolment, conditions, on))


async def first_that_holds(
    practice: Practice, db: AsyncSession, occurrence: Occurrence, questions: Iterable[Question], now: datetime
) -> Question | None:
    """The first question whose conditions hold, this occurrence's own answers included."""
    own: dict[str, Given] | None = None
    for question in questions:
        if not question.only_if:
            return question
        if own is None:
            own = await _own_answers(practice, db, occurrence.id)
        enrolment = await db.get_one(Enrolment, occurrence.enrolment_id)
        leader = await db.get_one(Person, occurrence.leader_id)
        today = local(now, leader.zone).date()
        if holds(question.only_if, await _known(practice, db, enrolment, question.only_if, today), own):
            return question
    return None


async def replan_hanging(practice: Practice, db: AsyncSession, occurrence: Occurrence, now: datetime) -> None:
    """It was answered, or missed: have the planner look again if any step of its sequence hangs on that."""
    enrolment = await db.get_one(Enrolment, occurrence.enrolment_id)
    steps = (await sequences.of_enrolment(practice, db, enrolment)).steps
    if any(isinstance(step.when, AfterAnswer) and step.when.step == occurrence.step for step in steps):
        await enrolments.replan_one(db, enrolment.id, now)


async def _known(
    practice: Practice, db: AsyncSession, enrolment: Enrolment, conditions: Collection[Condition], on: date
) -> Known:
    """Only what these conditions look at is read and opened."""
    wanted = {(c.step, c.question) for c in conditions if isinstance(c, AnswerIs) and c.step}
    measures = {c.measure for c in conditions if isinstance(c, HasFallen)}
    kinds = {c.kind for c in conditions if isinstance(c, HasTag)}
    engagement = await db.get_one(Engagement, enrolment.engagement_id)
    return Known(
        today=on,
        answers={pair: await _latest(practice, db, enrolment, *pair) for pair in wanted},
        readings={measure: await _readings(practice, db, engagement, measure) for measure in measures},
        role=await _opened(practice, engagement, ROLE, engagement.role if "role" in kinds else None),
        focus=tuple(engagement.focus),
        blockers=await blockers.tags_of(practice, db, engagement) if "blocker" in kinds else (),
        promoted_on=engagement.promoted_on,
    )


async def _opened(practice: Practice, engagement: Engagement, place: str, value: bytes | None) -> str:
    if value is None:
        return ""
    return (await practice.vault.box(engagement.leader_id, "shared")).open(place, engagement.id, value)


async def sharing_behind(practice: Practice, db: AsyncSession, posed: content.Posed) -> Sharing:
    """How open a question may start: no more than the answers because of which it is asked, for it gives them away."""
    found = [await _behind(practice, db, posed.occurrence, one) for one in (*posed.step.only_if, *posed.question.only_if)]
    levels = [Sharing(answer.sharing) for answer in found if answer is not None]
    if isinstance(posed.step.when, AfterAnswer):
        levels.append(await given_away.level_after(practice, db, posed.occurrence, posed.step.when))
    return min(levels, key=list(Sharing).index, default=Sharing.words)


async def _behind(practice: Practice, db: AsyncSession, occurrence: Occurrence, condition: Condition) -> Answer | None:
    """The answer a condition looks at."""
    enrolment = await db.get_one(Enrolment, occurrence.enrolment_id)
    match condition:
        case AnswerIs(step="", question=question):
            return (await _answers_of(db, occurrence.id)).get(question)
        case AnswerIs(step=step, question=question):
            return await _newest(db, enrolment, step, question)
        case HasFallen(measure=measure):
            engagement = await db.get_one(Engagement, enrolment.engagement_id)
            rated = await _rated(practice, db, engagement, measure, 1)
            return rated[0][0] if rated else None
        case _:
            return None


async def _latest(practice: Practice, db: AsyncSession, enrolment: Enrolment, step: str, question: str) -> Given:
    answer = await _newest(db, enrolment, step, question)
    return Given() if answer is None else await _given(practice, answer)


async def _newest(db: AsyncSession, enrolment: Enrolment, step: str, question: str) -> Answer | None:
    """The newest answer to a question of this sequence, in whichever version of it."""
    query = (
        select(Answer)
        .join(AskedQuestion, AskedQuestion.id == Answer.question_id)
        .join(Occurrence, Occurrence.id == AskedQuestion.occurrence_id)
        .join(Enrolment, Enrolment.id == Occurrence.enrolment_id)
        .where(Enrolment.engagement_id == enrolment.engagement_id, Enrolment.sequence == enrolment.sequence)
        .where(Occurrence.step == step, AskedQuestion.key == question)
        .order_by(Answer.given_at.desc(), Answer.id.desc())
    )
    return (await db.scalars(query.limit(1))).one_or_none()


async def _own_answers(practice: Practice, db: AsyncSession, occurrence_id: UUID) -> dict[str, Given]:
    return {key: await _given(practice, answer) for key, answer in (await _answers_of(db, occurrence_id)).items()}


async def _answers_of(db: AsyncSession, occurrence_id: UUID) -> dict[str, Answer]:
    query = (
        select(AskedQuestion.key, Answer)
        .join(Answer, Answer.question_id == AskedQuestion.id)
        .where(AskedQuestion.occurrence_id == occurrence_id)
    )
    return {row[0]: row[1] for row in await db.execute(query)}


async def _given(practice: Practice, answer: Answer) -> Given:
    """An answer's value; its words are not opened."""
    opened = await content.open_answer(practice, answer, [])
    yes = () if opened.yes is None else ("yes" if opened.yes else "no",)
    return Given(opened.amount if opened.number is None else opened.number, (*opened.choices, *yes))


async def _readings(practice: Practice, db: AsyncSession, engagement: Engagement, measure: str) -> list[Reading]:
    """As many of the newest values of a measure as its usual value is made of, and the latest."""
    rated = await _rated(practice, db, engagement, measure, BASELINE_OF + 1)
    return [Reading(answer.given_at, number) for answer, number in rated]


async def _rated(
    practice: Practice, db: AsyncSession, engagement: Engagement, measure: str, most: int
) -> list[tuple[Answer, int]]:
    """The newest answers with a value of a measure, newest first."""
    query = (
        select(Answer)
        .where(Answer.engagement_id == engagement.id, Answer.theme == measure, Answer.value.is_not(None))
        .where(Answer.kind == "answer", Answer.question_id.is_not(None))
        .order_by(Answer.given_at.desc(), Answer.id.desc())
    )
    found: list[tuple[Answer, int]] = []
    for answer in await db.scalars(query):
        assert answer.question_id is not None
        number = (await content.open_answer(practice, answer, [])).number
        if number is not None and (await content.posed(practice, db, answer.question_id)).question.measure == measure:
            found.append((answer, number))
        if len(found) == most:
            break
    return found
