"""`/read`: when each answer went to the coach, in which message. That one was read is nothing a bot can know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import people
from bot.db.tables import Answer, Delivery, Disclosure, Person
from bot.db.types import new_id
from bot.domain.delivery import State
from bot.domain.sequence import Sharing
from bot.domain.text import Block, Button, Message, Span, bold, message, plain
from bot.i18n import Say
from bot.work import entries, going_along
from bot.work.practice import Turn, name_of

PAGE = 8
_MOST_LINES = 4
_ON_ITS_WAY = (State.pending, State.sending, State.unknown)


async def note(db: AsyncSession, delivery: Delivery, shown: Message, how: str) -> None:
    """Write down whose words a message holds, and that they go to the coach. Whether it arrived is on its delivery."""
    if shown.refs:
        await db.flush()
        db.add_all(Disclosure(id=new_id(), answer_id=ref, delivery_id=delivery.id, how=how) for ref in shown.refs)
        first = update(Answer).where(Answer.id.in_(shown.refs), Answer.sent_to_coach_at.is_(None))
        await db.execute(first.values(sent_to_coach_at=delivery.due_at))


@dataclass(frozen=True)
class _Told:
    """One message with an answer's words in it."""

    how: str
    state: str
    at: datetime | None
    coach: str
    read_at: datetime | None = None


async def read(turn: Turn, _text: str) -> None:
    """`/read`: the newest answers first."""
    await turn.reply(await _page(turn, 0))


async def page(turn: Turn, offset: str) -> Message:
    return await _page(turn, max(int(offset), 0))


async def _page(turn: Turn, offset: int) -> Message:
    say, mine = turn.say, Answer.leader_id == turn.me.id
    count = await turn.db.scalar(select(func.count()).select_from(Answer).where(mine)) or 0
    if not count:
        return message(plain(say("You have not answered anything yet, so nothing has gone to anybody.")))
    offset = min(offset, count - 1) // PAGE * PAGE
    query = select(Answer).where(mine).order_by(Answer.given_at.desc(), Answer.id.desc())
    answers = list(await turn.db.scalars(query.offset(offset).limit(PAGE)))
    told = await _told(turn, [answer.id for answer in answers])
    blocks = [
        _block(turn, entry, told[entry.answer.id]) for entry in await entries.opened(turn, answers)
    ]
    foot = plain(say("Whether a message was read is nothing a bot can see."))
    head = bold(say("What has gone to your coach"))
    return message(head, *await _along(turn), *blocks, foot, buttons=_nav(say, offset, count))


async def _along(turn: Turn) -> list[Block]:
    """What went along to the coach of today, and when."""
    engagement = await people.engagement_of(turn.db, turn.me.id)
    if engagement is None or engagement.carried not in (going_along.WORDS, going_along.RATINGS):
        return []
    at = await going_along.since(turn.db, engagement)
    moment = turn.say.moment(at or engagement.started_at, turn.me.zone)
    coach = await name_of(turn.practice, await turn.db.get_one(Person, engagement.coach_id))
    if engagement.carried == going_along.WORDS:
        return [plain(turn.say("All you had shared by then went along to {coach}: {moment}", coach=coach, moment=moment))]
    return [plain(turn.say("Your ratings of before went along to {coach}: {moment}", coach=coach, moment=moment))]


def _nav(say: Say, offset: int, count: int) -> list[list[Button]]:
    newer = [Button(say("← Newer"), ("read.page", offset - PAGE))] if offset else []
    older = [Button(say("Older →"), ("read.page", offset + PAGE))] if offset + PAGE < count else []
    return [[*newer, *older]] if newer or older else []


async def _told(turn: Turn, answer_ids: Sequence[UUID]) -> dict[UUID, list[_Told]]:
    query = (
        select(Disclosure.answer_id, Disclosure.how, Delivery.state, Delivery.sent_at, Person, Delivery.read_at)
        .join(Delivery, Delivery.id == Disclosure.delivery_id)
        .join(Person, Person.id == Delivery.person_id)
        .where(Disclosure.answer_id.in_(answer_ids))
        .order_by(Delivery.due_at, Delivery.id)
    )
    found: dict[UUID, list[_Told]] = {answer_id: [] for answer_id in answer_ids}
    for answer_id, how, state, sent_at, person, read_at in await turn.db.execute(query):
        coach = await name_of(turn.practice, person) if person.name is not None else turn.say("your coach")
        found[answer_id].append(_Told(how, state, sent_at, coach, read_at))
    return found


def _block(turn: Turn, entry: entries.Entry, told: list[_Told]) -> Block:
    """A message that failed is told of only while no other has taken its place."""
    under_way = [one for one in told if one.state in (State.sent, *_ON_ITS_WAY)]
    lines = list(dict.fromkeys(line for one in under_way or told for line in _lines(turn, one)))
    lines = lines or [_not_sent(turn.say, entry.answer)]
    if len(lines) > _MOST_LINES:  # a coach may open a brief ten times
        lines = [lines[0], "…", *lines[2 - _MOST_LINES :]]
    head = Span(f"{entry.day} · {entry.label}", "bold")
    return Block((head, *(Span("\n" + line) for line in lines)))


def _lines(turn: Turn, one: _Told) -> list[str]:
    """What became of one message, and when its reader marked it as read."""
    if one.read_at is None:
        return [_line(turn, one)]
    moment = turn.say.moment(one.read_at, turn.me.zone)
    return [_line(turn, one), turn.say("Marked as read by {coach}: {moment}", coach=one.coach, moment=moment)]


def _line(turn: Turn, one: _Told) -> str:
    """What became of one message: sent, on its way, or never sent."""
    say = turn.say
    if one.state == State.sent and one.at is not None:
        moment = say.moment(one.at, turn.me.zone)
        return {
            "brief": say("Sent to {coach} in a brief: {moment}", coach=one.coach, moment=moment),
            "digest": say("Sent to {coach} in a digest: {moment}", coach=one.coach, moment=moment),
            "opened": say("Opened by {coach}: {moment}", coach=one.coach, moment=moment),
        }[one.how]
    if one.state == State.pending:
        return say("Waiting to be sent to {coach}", coach=one.coach)
    if one.state in _ON_ITS_WAY:
        return say("On its way to {coach}", coach=one.coach)
    return say("Not sent: the message to {coach} did not go out", coach=one.coach)


def _not_sent(say: Say, answer: Answer) -> str:
    if answer.sharing == Sharing.private:
        return say("Not sent: only you can read it")
    if answer.sharing == Sharing.topic:
        return say("Words not sent: only the topic is shared")
    return say("Not sent yet")
