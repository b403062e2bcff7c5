"""Puts a step's questions to the leader, one message each, saying who reads the answer and when."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments, people
from bot.db.tables import AskedQuestion, Engagement, Enrolment, Occurrence, Person
from bot.db.types import new_id
from bot.domain import reasons
from bot.domain.delivery import POLICIES, Kind
from bot.domain.own_questions import STEP as OWN
from bot.domain.schedule import local
from bot.domain.sequence import Kind as QuestionKind
from bot.domain.sequence import Question, Sharing
from bot.domain.text import Block, Button, Message, Rows, Span, bold, italic, message, plain
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import aliases, content, knowing, outgoing, sequences
from bot.work.practice import Practice, Turn, name_of

_SCALE_ROWS = (range(6), range(6, 11))


async def own(turn: Turn, question_id: str) -> content.Posed:
    """A question that was put to the person who writes; anybody else's looks as if it did not exist."""
    row = await turn.db.get(AskedQuestion, UUID(question_id))
    if row is None or row.leader_id != turn.me.id:
        raise RefusedError(turn.say("This button is no longer in use."))
    return await content.posed(turn.practice, turn.db, row.id)


async def engagement_of(turn: Turn) -> Engagement:
    """The coaching in which the person who writes is asked; without one there is nothing to keep an answer for."""
    engagement = await people.engagement_of(turn.db, turn.me.id)
    if engagement is None and await people.was_led(turn.db, turn.me.id):
        raise RefusedError(turn.say("Your coaching here has ended; nothing more is kept. /journal shows what you wrote."))
    if engagement is None:
        raise RefusedError(turn.say("There is nobody to share it with yet: your coach's invitation comes first."))
    return engagement


async def first_question(practice: Practice, db: AsyncSession, occurrence: Occurrence, now: datetime) -> Question | None:
    """A step's first question whose conditions hold; after two misses one that a tap answers and that stands alone."""
    enrolment = await db.get_one(Enrolment, occurrence.enrolment_id)
    step = (await sequences.of_enrolment(practice, db, enrolment)).step(occurrence.step)
    alone = [q for q in step.questions if q.is_tapped and not q.only_if and (q is step.questions[0] or q.measure)]
    if occurrence.is_short and alone:  # a later question may lean on the one before it; a measure never does
        return alone[0]
    return await knowing.first_that_holds(practice, db, occurrence, step.questions, now)


async def ask_first(
    practice: Practice, db: AsyncSession, leader: Person, engagement: Engagement | None, occurrence: Occurrence,
    first: Question, now: datetime,
) -> content.Posed:  # fmt: skip
    late = POLICIES[Kind.prompt].late
    assert late is not None
    expires = min(max(occurrence.due_at, now) + late, occurrence.until)
    return await _ask(practice, db, leader, engagement, occurrence, first, now, expires)


async def following(practice: Practice, db: AsyncSession, posed: content.Posed, now: datetime) -> Question | None:
    """The next question of the step whose conditions hold; the others are left out for good. One that was asked already,
    in the order of an earlier version, is not asked again."""
    asked = set(await db.scalars(select(AskedQuestion.key).where(AskedQuestion.occurrence_id == posed.occurrence.id)))
    to_follow = [question for question in posed.to_follow if question.key not in asked]
    return await knowing.first_that_holds(practice, db, posed.occurrence, to_follow, now)


async def ask_following(
    practice: Practice, db: AsyncSession, leader: Person, posed: content.Posed, now: datetime,
    *, lull: timedelta = timedelta(0),
) -> bool:  # fmt: skip
    """Ask the step's next question, after a lull in which the answer before it may go on; False if there was none."""
    question = await following(practice, db, posed, now)
    if question is None:
        return False
    engagement = await people.engagement_of(db, leader.id)
    await _ask(practice, db, leader, engagement, posed.occurrence, question, now, None, lull)
    return True


async def _ask(
    practice: Practice, db: AsyncSession, leader: Person, engagement: Engagement | None, occurrence: Occurrence,
    question: Question, now: datetime, expires: datetime | None, lull: timedelta = timedelta(0),
) -> content.Posed:  # fmt: skip
    row = AskedQuestion(
        id=new_id(), occurrence_id=occurrence.id, leader_id=leader.id, key=question.key, state="open", asked_at=now
    )
    db.add(row)
    await db.flush()
    posed = await content.posed(practice, db, row.id)
    shown = await _shown(practice, db, leader, engagement, posed, now)
    key = f"question:{occurrence.id}:{question.key}"
    delivery = await outgoing.send(
        practice, db, leader, Kind.prompt, shown, key=key, now=now, expires_at=expires, question_id=row.id
    )
    if expires is None:  # the next question of a conversation under way goes ahead of the others
        delivery.lane = POLICIES[Kind.reply].lane
        delivery.due_at = now + lull
    return posed


async def show(
    practice: Practice, db: AsyncSession, leader: Person, posed: content.Posed, now: datetime,
    *, answered: str | None = None, chosen: tuple[str, ...] = (), note: str = "", rows: Rows | None = None,
) -> Message:  # fmt: skip
    """The question as the leader sees it: with its buttons (or others), or with what was answered and without them."""
    engagement = await people.engagement_of(db, leader.id)
    return await _shown(
        practice, db, leader, engagement, posed, now, answered=answered, chosen=chosen, note=note, rows=rows
    )


async def _shown(
    practice: Practice, db: AsyncSession, leader: Person, engagement: Engagement | None, posed: content.Posed,
    now: datetime, *, answered: str | None = None, chosen: tuple[str, ...] = (), note: str = "", rows: Rows | None = None,
) -> Message:  # fmt: skip
    say = Say(leader.language)
    coach = await db.get(Person, engagement.coach_id) if engagement else None
    coach_name = await name_of(practice, coach) if coach else practice.name
    asked = question_block(posed.question, say, coach_name)
    if posed.step.key == OWN:  # no step of a file is called so
        asked = bold(say("{coach} asks", coach=coach_name) + "\n") + asked
    if answered is not None:
        return message(asked, plain("→ " + answered)) if answered else message(asked)
    sharing = await sharing_of(practice, db, posed, leader)
    notes = _how(posed.question, say) if rows is None else []
    notes += [note or await _who_reads(db, engagement, coach_name, sharing, leader, say, now)]
    if rows is None:
        rows = keyboard(posed.question, str(posed.row.id), say, chosen)
        if posed.question.kind == QuestionKind.alias:
            rows = [*await aliases.buttons(practice, db, leader, ("q.alias", str(posed.row.id)), now), *rows]
        if posed.occurrence.is_short:
            notes.append(say("If now is not the moment for it, one tap says why."))
            rows = [*rows, *reasons.buttons(say, str(posed.row.id))]
    return message(asked, italic("\n".join(notes)), buttons=rows)


async def sharing_of(practice: Practice, db: AsyncSession, posed: content.Posed, leader: Person) -> Sharing:
    """The question's own level, or the leader's own default or that of the answers it is asked because of, where
    those are closer."""
    behind = await knowing.sharing_behind(practice, db, posed)
    return min(posed.question.sharing, Sharing(leader.default_sharing), behind, key=list(Sharing).index)


def question_block(question: Question, say: Say, coach: str) -> Block:
    text = question.ask[say.language].replace("{coach}", coach)
    ends = ""
    if question.low and question.high:
        ends = f"\n0 = {question.low[say.language]} · 10 = {question.high[say.language]}"
    return Block((Span(text), Span(ends))) if ends else plain(text)


def _how(question: Question, say: Say) -> list[str]:
    """How to answer what has no buttons of its own."""
    if question.kind == QuestionKind.number and question.unit:
        return [say("A number is enough ({unit}).", unit=question.unit[say.language])]
    if question.kind == QuestionKind.alias:
        return [say("An alias, an animal for instance, rather than a name.")]
    return [say("Part by part. First the moment: “When …”")] if question.kind == QuestionKind.plan else []


async def _who_reads(
    db: AsyncSession, engagement: Engagement | None, coach: str, sharing: str, leader: Person, say: Say, now: datetime
) -> str:
    if sharing == Sharing.private or engagement is None:
        return say("Only you see your answer.")
    return await when_read(db, engagement, coach, sharing, leader, say, now)


async def when_read(
    db: AsyncSession, engagement: Engagement, coach: str, sharing: str, leader: Person, say: Say, now: datetime
) -> str:
    """Who reads an answer and when, as a sentence."""
    if sharing == Sharing.topic:
        return say("{coach} sees only its topic.", coach=coach)
    day = await read_before(db, engagement, leader, now)
    if day is None:
        return say("{coach} reads it in the weekly digest.", coach=coach)
    return say("{coach} reads it before your session on {day}.", coach=coach, day=say.day(day))


async def read_before(db: AsyncSession, engagement: Engagement, leader: Person, now: datetime) -> date | None:
    """The day of the session before which the coach reads what is said now; None when the weekly digest comes first."""
    planned = [s for s in await enrolments.sessions_of(db, engagement.id) if s.state == "planned" and s.starts_at > now]
    session = next((s for s in planned if s.brief_cut_at is None), None)  # a brief that has gone out holds no more
    return local(session.starts_at, leader.zone).date() if session else None


def keyboard(question: Question, row: str, say: Say, chosen: tuple[str, ...] = ()) -> list[list[Button]]:
    """The buttons of a question: its answers, then own words, later and skip."""
    rows = _answers(question, row, say, chosen)
    own_words = [Button(say("In my own words"), ("q.words", row))]
    return [*rows, own_words, [Button(say("Later"), ("q.later", row)), Button(say("Skip"), ("q.skip", row))]]


def _answers(question: Question, row: str, say: Say, chosen: tuple[str, ...]) -> list[list[Button]]:
    if question.kind == QuestionKind.scale:
        return [[Button(str(n), ("q.number", row, n)) for n in numbers] for numbers in _SCALE_ROWS]
    if question.kind == QuestionKind.yes_no:
        return [[Button(say("Yes"), ("q.yes", row, 1)), Button(say("No"), ("q.yes", row, 0))]]
    if question.kind == QuestionKind.choice:
        return [[Button(option.label[say.language], ("q.choice", row, option.key))] for option in question.options]
    if question.kind == QuestionKind.choices:
        ticks = [
            [Button(("✓ " if o.key in chosen else "") + o.label[say.language], ("q.tick", row, o.key))]
            for o in question.options
        ]
        return [*ticks, [Button(say("Done"), ("q.done", row))]]
    return []
