"""Who reads an answer: said when it is kept, and changed at any time by the buttons below that line."""

from uuid import UUID

from sqlalchemy import select

from bot.db import people
from bot.db import plans as plan_rows
from bot.db.tables import Answer, Delivery, Disclosure, Engagement, Person
from bot.domain.delivery import State
from bot.domain.moments import MOMENTS
from bot.domain.sequence import Sharing
from bot.domain.text import Block, Button, Message, italic, message, plain, quote
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import asking, content, outgoing, pins
from bot.work.practice import Turn, name_of
from bot.work.taking_back import take_back

_OPENNESS = (Sharing.private, Sharing.topic, Sharing.words)


async def share(turn: Turn, answer_id: str, level: str, pressed: Delivery) -> str:
    """Change who reads an answer. Later views obey at once; what was sent stays in the coach's chat."""
    answer = await turn.db.get(Answer, UUID(answer_id))
    if answer is None or answer.leader_id != turn.me.id:
        raise RefusedError(turn.say("This button is no longer in use."))
    is_anew = await _open_to_next(turn, answer) if level != Sharing.private else False
    if is_anew or _OPENNESS.index(level) > _OPENNESS.index(answer.sharing):  # news: the next brief and digest have it
        answer.shared_at, answer.digest_id = turn.now, None
        answer.is_complete = not await _waits_for_a_line(turn, answer)  # what is written next is new, and nobody's yet
    await content.reseal(turn.practice, turn.db, answer, Sharing(level))
    if level != Sharing.words:
        await take_back(turn.practice, turn.db, answer, turn.now)
    turn.audit(f"sharing {level}", answer.id)
    await outgoing.replace(turn, pressed, await acknowledgement(turn, answer, again=True), "share")
    say = turn.say
    return {"words": say("Shared."), "topic": say("Only the topic is shared."), "private": say("Only you see this.")}[level]


async def _open_to_next(turn: Turn, answer: Answer) -> bool:
    """An answer from the time with an earlier coach that is shared again: from now on with the one of today."""
    own = await turn.db.get_one(Engagement, answer.engagement_id)
    today = await people.engagement_of(turn.db, turn.me.id)
    if own.state == "active" or today is None:
        return False
    answer.engagement_id = today.id
    return True


async def _waits_for_a_line(turn: Turn, answer: Answer) -> bool:
    """A moment that is nothing but taps still asks for a line below it, whoever reads it."""
    return answer.kind in MOMENTS and not (await content.opened(turn.practice, turn.db, answer)).words


async def acknowledgement(
    turn: Turn, answer: Answer, *, more: bool = False, again: bool = False, unmeant: UUID | None = None
) -> Message:
    """One short line: who reads it and when; its buttons change that. With `more` to come the question has just said so.

    Never the same sentence twice in a row; `again` changes a line that stands already. `unmeant`: a question from 0 to 10
    that the words may be meant for.
    """
    say = turn.say
    engagement = await turn.db.get_one(Engagement, answer.engagement_id)
    is_past = engagement.state != "active"
    today = (await people.engagement_of(turn.db, turn.me.id) if is_past else None) or engagement
    coach = await name_of(turn.practice, await turn.db.get_one(Person, today.coach_id))
    number = turn.me.acknowledged - again
    turn.me.acknowledged = number + 1
    day = await asking.read_before(turn.db, engagement, turn.me, turn.now)
    sentences = _kept(say, answer.sharing, coach, say.day(day) if day else None, more=more)
    text = sentences[number % len(sentences)]
    is_unread = is_past and answer.sharing != Sharing.private
    if is_unread:
        text = say("It was shared with an earlier coach. Nobody reads it here now.")
    elif answer.sent_to_coach_at is not None and answer.sharing != Sharing.words:
        text += " " + say("{coach} already has your words; that message stays in their chat.",
                          coach=await _who_has(turn, answer) or coach)  # fmt: skip
    labels = {
        Sharing.words: say("Share with {coach}", coach=coach),
        Sharing.topic: say("Only the topic"),
        Sharing.private: say("Only me"),
    }
    offered = [Button(labels[level], ("share", answer.id, level)) for level in labels
               if level != answer.sharing or (is_unread and today is not engagement)]  # fmt: skip
    is_pinned = answer.id in await pins.pinned_ids(turn.db, turn.me.id)
    bring = Button(say("✓ On your agenda") if is_pinned else say("Bring to the session"), ("pin", answer.id))
    last = [bring]
    is_plan = await plan_rows.of_answer(turn.db, answer.id) is not None
    if answer.question_id is not None and answer.value is None and not is_plan:  # words, as the question was open
        last.append(Button(say("Not an answer"), ("answer.apart", answer.id)))
    before, after = await content.around(turn.practice, turn.db, answer, say)
    if answer.question_id is not None and answer.value is None:
        before = [*await _may_be_unseen(turn, answer.question_id, coach), *before]
    rows = [offered, last]
    if unmeant is not None:
        aside = say("The question asks for a number from 0 to 10. If these words are your answer to it, one tap says so.")
        after = [*after, italic(aside)]
        rows.append([Button(say("This is my answer"), ("answer.meant", answer.id, unmeant))])
    return message(*before, plain(text), *after, buttons=rows)


async def _may_be_unseen(turn: Turn, question_id: UUID, coach: str) -> list[Block]:
    """The question that was answered, if nobody knows that it arrived: perhaps the words were not meant for it."""
    delivery = await outgoing.shown_by(turn.db, question_id)
    if delivery is None or delivery.state not in (State.sending, State.unknown, State.failed):
        return []
    posed = await content.posed(turn.practice, turn.db, question_id)
    say = turn.say
    head = italic(say("This question had just been asked, and may not have reached you:"))
    return [head, quote(posed.question.ask[say.language].replace("{coach}", coach))]


async def _who_has(turn: Turn, answer: Answer) -> str:
    """To whom its words went: the coach of today, or one before."""
    query = (
        select(Person)
        .join(Delivery, Delivery.person_id == Person.id)
        .join(Disclosure, Disclosure.delivery_id == Delivery.id)
        .where(Disclosure.answer_id == answer.id, Delivery.state == State.sent, Person.name.is_not(None))
    )
    return turn.say.list([await name_of(turn.practice, person) for person in set(await turn.db.scalars(query))])


def _kept(say: Say, level: str, coach: str, day: str | None, *, more: bool) -> tuple[str, ...]:
    """What an acknowledgement can say: that it is kept, who reads it, when. It thanks; it never praises."""
    if level == Sharing.private:
        return (say("Kept, for your eyes only."), say("Noted. Nobody else reads it."), say("It stays with you alone."))
    if more:
        return (say("Kept."), say("Noted."), say("Thank you."))
    if level == Sharing.topic:
        return (
            say("Kept. {coach} sees only its topic.", coach=coach),
            say("Noted. Only the topic reaches {coach}.", coach=coach),
            say("Thank you. {coach} learns what it is about, not what you said.", coach=coach),
        )
    if day is None:
        return (
            say("Kept. {coach} reads it in the weekly digest.", coach=coach),
            say("Noted. It goes into {coach}’s next weekly digest.", coach=coach),
            say("Thank you. The weekly digest brings it to {coach}.", coach=coach),
        )
    return (
        say("Kept. {coach} reads it before your session on {day}.", coach=coach, day=day),
        say("Noted. {coach} has it in time for {day}.", coach=coach, day=day),
        say("Thank you. It reaches {coach} before your session on {day}.", coach=coach, day=day),
    )


async def sharing(turn: Turn, text: str) -> None:
    """`/sharing`, or `/sharing private`: who reads answers, unless something else is said for one of them."""
    level = text.strip().casefold()
    await turn.reply(await (set_default(turn, level) if level in _OPENNESS else _default(turn)))


async def ask_default(turn: Turn) -> Message:
    return await _default(turn)


async def _default(turn: Turn) -> Message:
    say = turn.say
    engagement = await people.engagement_of(turn.db, turn.me.id)
    coach = await turn.db.get(Person, engagement.coach_id) if engagement else None
    name = await name_of(turn.practice, coach) if coach else turn.practice.name
    labels = {
        Sharing.words: say("{coach} reads my words", coach=name),
        Sharing.topic: say("{coach} sees only the topic", coach=name),
        Sharing.private: say("Only me"),
    }
    rows = [
        [Button(("✓ " if level == turn.me.default_sharing else "") + label, ("sharing.default", level))]
        for level, label in labels.items()
    ]
    question = say("Who reads your answers from now on? Each answer can still be changed by itself.")
    aside = say("What you write unasked and figures of your own work stay with you in any case, unless you share them.")
    return message(plain(question), italic(aside), buttons=rows)


async def set_default(turn: Turn, level: str) -> Message:
    if level not in _OPENNESS:
        raise RefusedError(turn.say("This button is no longer in use."))
    turn.me.default_sharing = level
    turn.audit(f"default sharing {level}", turn.me.id)
    return await _default(turn)
