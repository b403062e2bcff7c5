"""What of the time with an earlier coach goes along to the next: the leader's word, and until it is said nothing does."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db import people
from bot.db.tables import Answer, Audit, Engagement, Person, Pin
from bot.domain.sequence import Sharing
from bot.domain.text import Block, Button, Message, message, plain
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work.practice import Turn, name_of
from bot.work.taking_back import take_back, withdraw_about

WORDS, RATINGS, NOTHING = "words", "ratings", "nothing"
_CHOICES = (WORDS, RATINGS, NOTHING)
_OPEN = (Sharing.words, Sharing.topic)


async def ask(turn: Turn, engagement: Engagement, head: Block, say: Say) -> Message:
    """The news of another coach, with the question if there is a past to decide about."""
    if not await _has_past(turn.db, engagement):
        return message(head)
    coach = await _coach(turn, engagement)
    question = say("What of the time before may {coach} see? Until you choose, nothing.", coach=coach)
    return message(head, plain(question), buttons=_rows(engagement, say))


async def offer(turn: Turn) -> None:
    """Whoever joins again, or somebody else, is asked as well."""
    engagement = await people.engagement_of(turn.db, turn.me.id)
    if engagement is not None and engagement.carried is None and await _has_past(turn.db, engagement):
        await turn.reply(await _stands(turn, engagement))


def _rows(engagement: Engagement, say: Say) -> list[list[Button]]:
    labels = {
        WORDS: say("All I have shared"), RATINGS: say("Only my ratings"), NOTHING: say("Nothing"),
    }  # fmt: skip
    return [
        [Button(("✓ " if what == engagement.carried else "") + labels[what], ("along.set", engagement.id, what))]
        for what in _CHOICES
    ]


async def _has_past(db: AsyncSession, engagement: Engagement) -> bool:
    """Whether the leader has ever shared anything with an earlier coach."""
    if engagement.previous_id is None:
        return False
    shared = select(Answer.id).where(Answer.leader_id == engagement.leader_id, Answer.sharing.in_(_OPEN))
    return await db.scalar(shared.where(Answer.given_at <= engagement.started_at).limit(1)) is not None


async def _coach(turn: Turn, engagement: Engagement) -> str:
    return await name_of(turn.practice, await turn.db.get_one(Person, engagement.coach_id))


async def _mine(turn: Turn, engagement_id: str) -> Engagement:
    engagement = await people.engagement_of(turn.db, turn.me.id)
    if engagement is None or engagement.id != UUID(engagement_id) or engagement.previous_id is None:
        raise RefusedError(turn.say("This button is no longer in use."))
    return engagement


async def choose(turn: Turn, engagement_id: str) -> None:
    """From `/privacy`: how it stands, and the choices."""
    engagement = await _mine(turn, engagement_id)
    await turn.reply(await _stands(turn, engagement))


async def decide(turn: Turn, engagement_id: str, what: str) -> Message:
    """What goes along from now on. Less is possible too: then later views obey, and what was opened stays where it is."""
    engagement = await _mine(turn, engagement_id)
    if what not in _CHOICES:
        raise RefusedError(turn.say("This button is no longer in use."))
    if what != engagement.carried:
        if engagement.carried == WORDS:
            await _bring_back(turn, engagement)
        await withdraw_about(turn.practice, turn.db, turn.me.id, turn.now)
        engagement.carried = what
        if what == WORDS:
            await _take_along(turn.db, engagement)
        turn.audit(f"let go along: {what}", engagement.id)
    return await _stands(turn, engagement)


async def _take_along(db: AsyncSession, engagement: Engagement) -> None:
    """Everything shared, in words or as a topic, as it is shared. Ratings alone stay where they are: only the numbers of
    an earlier engagement are read (`readings`), never the words that stand beside one."""
    past = update(Answer).where(
        Answer.leader_id == engagement.leader_id, Answer.engagement_id != engagement.id, Answer.sharing.in_(_OPEN)
    )
    await db.execute(past.values(engagement_id=engagement.id))
    await _bring_along(db, engagement)


async def _bring_along(db: AsyncSession, engagement: Engagement) -> None:
    """What was on the agenda until the coach changed, as far as it goes along and is not brought anew."""
    along = select(Answer.id).where(Answer.engagement_id == engagement.id)
    anew = aliased(Pin)
    there = select(anew.answer_id).where(anew.cleared_at.is_(None), anew.answer_id.is_not(None))
    goes = or_(Pin.answer_id.is_(None), and_(Pin.answer_id.in_(along), Pin.answer_id.not_in(there)))
    until = update(Pin).where(Pin.engagement_id == engagement.previous_id, Pin.cleared_at == engagement.started_at)
    await db.execute(until.where(goes).values(engagement_id=engagement.id, cleared_at=None))


async def _bring_back(turn: Turn, engagement: Engagement) -> None:
    """What went along and was not opened up anew since; what waits to be sent with it goes no further."""
    query = select(Answer).where(Answer.engagement_id == engagement.id, Answer.shared_at <= engagement.started_at)
    for answer in list(await turn.db.scalars(query)):
        assert engagement.previous_id is not None
        answer.engagement_id = engagement.previous_id
        await take_back(turn.practice, turn.db, answer, turn.now)
    brought = update(Pin).where(Pin.engagement_id == engagement.id, Pin.made_at <= engagement.started_at)
    off = {"engagement_id": engagement.previous_id, "cleared_at": engagement.started_at}
    await turn.db.execute(brought.where(Pin.cleared_at.is_(None)).values(off))
    await turn.db.flush()


async def _stands(turn: Turn, engagement: Engagement) -> Message:
    say, coach = turn.say, await _coach(turn, engagement)
    lines = [sentence(engagement, coach, say)]
    if engagement.carried is not None:
        text = say("You can choose again at any time. What {coach} has opened by then stays in their chat.", coach=coach)
        lines.append(text)
    return message(*[plain(line) for line in lines], buttons=_rows(engagement, say))


def sentence(engagement: Engagement, coach: str, say: Say) -> str:
    """How it stands."""
    if engagement.carried == WORDS:
        return say(
            "{coach} can read all you had shared before, as you shared it. Each answer can still be taken back: /journal",
            coach=coach,
        )
    if engagement.carried == RATINGS:
        return say("Of the time before, {coach} sees your ratings as numbers, and no words.", coach=coach)
    if engagement.carried == NOTHING:
        return say("Of the time before, {coach} sees nothing.", coach=coach)
    return say("You have not chosen yet what of the time before {coach} may see. Until you do, nothing.", coach=coach)


async def since(db: AsyncSession, engagement: Engagement) -> datetime | None:
    """When what goes along was decided on."""
    query = select(func.max(Audit.at)).where(
        Audit.subject_id == engagement.id, Audit.action == f"let go along: {engagement.carried}"
    )
    return await db.scalar(query)


async def how_many(db: AsyncSession, engagement: Engagement) -> int:
    """The answers in words that came along with a leader."""
    if engagement.carried != WORDS:
        return 0
    query = select(func.count()).where(
        Answer.engagement_id == engagement.id, Answer.sharing == Sharing.words, Answer.shared_at <= engagement.started_at
    )
    return await db.scalar(query) or 0
