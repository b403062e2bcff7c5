"""Everything a leader shared in words, page by page: of one digest, or of all the time (`/words Jack`)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from bot.db import people
from bot.db.tables import Answer, Engagement
from bot.db.weekly import is_news
from bot.domain.heard import quoted
from bot.domain.sequence import Sharing
from bot.domain.text import Block, Button, Message, Span, messages, plain
from bot.errors import RefusedError
from bot.work import acting, choosing, disclosing
from bot.work.digests import NEW
from bot.work.hearing import opened_for, voices
from bot.work.leaders import find_leader, not_led
from bot.work.outgoing import Attachment
from bot.work.practice import Turn, name_of

PAGE = 8
EVER = "ever"
_LOOKS = 3


@dataclass(frozen=True)
class _Page:
    leader_id: UUID
    parts: tuple[tuple[Message, Attachment | None], ...]


async def words(turn: Turn, text: str) -> None:
    """`/words Jack`: the newest first; `/words` asks whose."""
    if not text.strip():
        await choosing.own_leader(turn, "words.page", plain(turn.say("Whose words?")), more=(EVER, 0))
        return
    engagement, _ = await find_leader(turn, text)
    await page(turn, str(engagement.id), EVER, "0")


async def page(turn: Turn, engagement_id: str, which: str, offset: str) -> None:
    """Each page is a message of its own, so that every quoted answer can be replied to."""
    for attempt in range(_LOOKS):
        found = await turn.beforehand(_read, engagement_id, which, max(int(offset), 0), attempt)
        if await _is_still_so(turn, engagement_id, found):
            break
    else:
        raise RefusedError(turn.say("The answers are changing just now. Please ask again in a minute."))
    turn.audit("read words", found.leader_id)
    for part, voice in found.parts:
        sent = await turn.reply(part, about=found.leader_id, attachment=voice)
        await disclosing.note(turn.db, sent, part, "opened")


async def _is_still_so(turn: Turn, engagement_id: str, found: _Page) -> bool:
    """Whether they still are this coach's to read, all of them: neither taken back nor handed over meanwhile."""
    if await people.engagement_for(turn.db, UUID(engagement_id), turn.me.id) is None:
        raise await not_led(turn, UUID(engagement_id))
    refs = {ref for part, _ in found.parts for ref in part.refs}
    query = select(func.count()).where(
        Answer.id.in_(refs), Answer.sharing == Sharing.words, Answer.engagement_id == UUID(engagement_id)
    )
    return (await turn.db.scalar(query)) == len(refs)


async def _read(turn: Turn, engagement_id: str, which: str, offset: int, _attempt: int) -> _Page:
    say = turn.say
    found = await people.engagement_for(turn.db, UUID(engagement_id), turn.me.id)
    if found is None:
        raise await not_led(turn, UUID(engagement_id))
    name = await name_of(turn.practice, found[1])
    query = _which(UUID(engagement_id), which, turn.now)
    count = await turn.db.scalar(select(func.count()).select_from(query.subquery())) or 0
    answers = list(await turn.db.scalars(query.offset(offset).limit(PAGE)))
    if not answers:
        raise RefusedError(say("{name} shares no words here now.", name=name))
    said = await opened_for(turn.practice, turn.db, answers, turn.me)
    where = say("{first} to {last} of {n}", first=offset + 1, last=offset + len(said), n=count)
    head = Block((Span(say("{name}, in their own words", name=name), "bold"), Span(" · " + where)))
    more = [[Button(say("More →"), ("words.page", engagement_id, which, offset + PAGE))]] if offset + PAGE < count else []
    texts = messages([head, *(quoted(one, say) for one in said)], protected=True)
    parts = [(acting.answerable(part, say), None) for part in texts]
    parts[-1] = (parts[-1][0].with_buttons([*parts[-1][0].buttons, *more]), None)
    spoken = [(acting.answerable(part, say), voice) for part, voice in voices(name, said, say)]
    return _Page(found[1].id, (*parts, *spoken))


def _which(engagement_id: UUID, which: str, now: datetime) -> Select[Answer]:
    """What is shared in words now: of all the time the newest first, of a digest as it was told."""
    query = select(Answer).where(
        Answer.engagement_id == engagement_id, Answer.sharing == Sharing.words, Answer.given_at <= now
    )
    if which == EVER:
        return query.order_by(Answer.given_at.desc(), Answer.id.desc())
    if which == NEW:
        query = query.join(Engagement, Engagement.id == Answer.engagement_id).where(is_news())
    of_it = Answer.digest_id.is_(None) if which == NEW else Answer.digest_id == UUID(which)
    return query.where(of_it).order_by(Answer.given_at, Answer.id)
