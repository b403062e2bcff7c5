"""The weekly digest: over all of a coach's leaders, what no digest has covered yet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import enrolments, people, reading
from bot.db.tables import Answer, Digest, Engagement, Person
from bot.db.types import new_id
from bot.domain import phrases
from bot.domain.delivery import Kind
from bot.domain.digest import LeaderWeek, WeeklyDigest, digest_blocks, next_digest
from bot.domain.heard import Heard
from bot.domain.hours import next_allowed
from bot.domain.text import message, plain
from bot.errors import RefusedError, UnreadableError
from bot.i18n import Say
from bot.log import get_logger
from bot.work import disclosing, outgoing, stuck
from bot.work.hearing import hear, in_messages, names, voices
from bot.work.practice import Practice, Turn, hours_of, name_of

log = get_logger(__name__)


async def digest_one(practice: Practice, now: datetime) -> bool:
    """Write the digest of the coach whose hour has come; with nothing to say, nothing is sent."""
    async with practice.database.write() as db:
        query = select(Person).where(Person.next_digest_at <= now)
        coach = (
            await db.scalars(query.order_by(Person.next_digest_at).limit(1).with_for_update(skip_locked=True))
        ).one_or_none()
        if coach is None:
            return False
        assert coach.next_digest_at is not None
        due_at = coach.next_digest_at
        async with stuck.watched(db, coach, "next_digest_at"):
            plan_digest(coach, now)
            if coach.is_coach and coach.state == "active":
                await _send_digest(practice, db, coach, due_at, now)
    return True


def plan_digest(coach: Person, now: datetime) -> None:
    """When the coach's next digest is due: their own day and hour, within their own hours."""
    due_at = next_digest(now, coach.digest_day, coach.digest_at, coach.zone)
    coach.next_digest_at = next_allowed(due_at, hours_of(coach))


async def _send_digest(practice: Practice, db: AsyncSession, coach: Person, due_at: datetime, now: datetime) -> None:
    record = Digest(id=new_id(), coach_id=coach.id, due_at=due_at, cut_at=now)
    db.add(record)
    await db.flush()
    made = await _compose_digest(practice, db, coach, now, record.id)
    if made.is_empty:
        return
    say = Say(coach.language)
    for number, part in enumerate(in_messages(digest_blocks(made, say, names(say)))):
        sent = await outgoing.send(practice, db, coach, Kind.digest, part, key=f"digest:{record.id}:{number}", now=now)
        await disclosing.note(db, sent, part, "digest")
    spoken = [pair for week in made.leaders for pair in voices(week.name, week.heard.said, say)]
    for number, (part, voice) in enumerate(spoken):
        key = f"digest:{record.id}:voice:{number}"
        sent = await outgoing.send(practice, db, coach, Kind.digest, part, key=key, now=now, attachment=voice)
        await disclosing.note(db, sent, part, "digest")


async def _compose_digest(
    practice: Practice, db: AsyncSession, coach: Person, now: datetime, digest_id: UUID | None
) -> WeeklyDigest:
    """The leaders with what no digest has covered yet; with an id, it is covered from now on."""
    previous = select(Digest.cut_at).where(Digest.coach_id == coach.id, Digest.cut_at < now)
    last_cut = (await db.scalars(previous.order_by(Digest.cut_at.desc()).limit(1))).one_or_none()
    weeks = []
    for engagement, leader in await people.led_by(db, coach.id):
        after = max(last_cut or engagement.started_at, engagement.started_at)
        try:
            async with db.begin_nested():
                weeks.append(await _cover(practice, db, engagement, leader, coach, after, now, digest_id))
        except UnreadableError:  # one leader's keys are gone: the coach still hears of the others
            log.exception("left out of a digest", id=engagement.id)
    return WeeklyDigest(coach.zone, now, tuple(weeks))


async def _cover(
    practice: Practice, db: AsyncSession, engagement: Engagement, leader: Person, coach: Person, after: datetime,
    now: datetime, digest_id: UUID | None,
) -> LeaderWeek:  # fmt: skip
    """One leader's week; with an id, the digest covers it from now on."""
    query = select(Answer).where(
        Answer.engagement_id == engagement.id, Answer.digest_id.is_(None), Answer.given_at <= now
    )
    answers = list(await db.scalars(query.order_by(Answer.given_at, Answer.id)))
    heard = await hear(practice, db, engagement, coach, answers, after, now)
    week = await _week(practice, db, engagement, leader, heard, now)
    for answer in answers:
        answer.digest_id = digest_id or answer.digest_id
    return week


async def _week(
    practice: Practice, db: AsyncSession, engagement: Engagement, leader: Person, heard: Heard, now: datetime
) -> LeaderWeek:
    session = await enrolments.next_session(db, engagement.id, now)
    return LeaderWeek(
        name=await name_of(practice, leader),
        heard=heard,
        last_answered_at=await reading.last_answered_at(db, engagement.id),
        next_session=session.starts_at if session else None,
        is_unreachable=leader.state == "unreachable",
        is_paused=leader.paused_until is not None,
    )


async def digest(turn: Turn, text: str) -> None:
    """`/digest`: what has come in since the last one; `/digest Mon 8:30` sets the day and hour."""
    if text.strip():
        await _set_rhythm(turn, text)
        return
    made = await _compose_digest(turn.practice, turn.db, turn.me, turn.now, None)
    say = turn.say
    turn.audit("read a digest", turn.me.id)
    for part in in_messages(digest_blocks(made, say, names(say))):
        await disclosing.note(turn.db, await turn.reply(part), part, "opened")
    for week in made.leaders:
        for part, voice in voices(week.name, week.heard.said, say):
            await disclosing.note(turn.db, await turn.reply(part, attachment=voice), part, "opened")
    await turn.reply(message(plain(_rhythm(turn))))


def _rhythm(turn: Turn) -> str:
    say, me = turn.say, turn.me
    return say(
        "Your digest comes on {day} at {time}. Another time, for example: /digest Tue 9:00",
        day=say.weekday(me.digest_day), time=say.clock(me.digest_at),
    )  # fmt: skip


async def _set_rhythm(turn: Turn, text: str) -> None:
    found = phrases.parse_weekday_time(text)
    if found is None:
        raise RefusedError(turn.say("Please give a day and a time: /digest Mon 8:30"))
    turn.me.digest_day, turn.me.digest_at = found
    plan_digest(turn.me, turn.now)
    await turn.reply(message(plain(_rhythm(turn))))
