"""Who reads an answer: said when it is kept, and changed at any time by the buttons below that line."""

from uuid import UUID

from bot.db.tables import Answer, Delivery, Engagement, Person
from bot.domain.sequence import Sharing
from bot.domain.text import Button, Message, message, plain
from bot.errors import RefusedError
from bot.work import asking, content, outgoing
from bot.work.practice import Turn, name_of

_OPENNESS = (Sharing.private, Sharing.topic, Sharing.words)


async def share(turn: Turn, answer_id: str, level: str, pressed: Delivery) -> str:
    """Change who reads an answer. Later views obey at once; what was sent stays in the coach's chat."""
    answer = await turn.db.get(Answer, UUID(answer_id))
    if answer is None or answer.leader_id != turn.me.id:
        raise RefusedError(turn.say("This button is no longer in use."))
    if _OPENNESS.index(level) > _OPENNESS.index(answer.sharing):  # news for the coach: the next brief and digest have it
        answer.shared_at, answer.digest_id = turn.now, None
    await content.reseal(turn.practice, turn.db, answer, Sharing(level))
    turn.audit(f"sharing {level}", answer.id)
    target = pressed if pressed.target_id is None else await turn.db.get_one(Delivery, pressed.target_id)
    shown = await acknowledgement(turn, answer)
    await outgoing.edit(turn.practice, turn.db, target, shown, key=f"share:{turn.update_id}", now=turn.now)
    say = turn.say
    return {"words": say("Shared."), "topic": say("Only the topic is shared."), "private": say("Only you see this.")}[level]


async def acknowledgement(turn: Turn, answer: Answer, *, more: bool = False) -> Message:
    """One short line: who reads it and when; its buttons change that. With `more` to come the question has just said so."""
    say = turn.say
    engagement = await turn.db.get_one(Engagement, answer.engagement_id)
    coach = await name_of(turn.practice, await turn.db.get_one(Person, engagement.coach_id))
    if answer.sharing == Sharing.private:
        text = say("Kept, for your eyes only.")
    elif more:
        text = say("Kept.")
    else:
        read = await asking.when_read(turn.db, engagement, coach, answer.sharing, turn.me, say, turn.now)
        text = say("Kept. {read}", read=read)
    if answer.sent_to_coach_at is not None and answer.sharing != Sharing.words:
        text += " " + say("{coach} already has your words; that message stays in their chat.", coach=coach)
    labels = {
        Sharing.words: say("Share with {coach}", coach=coach),
        Sharing.topic: say("Only the topic"),
        Sharing.private: say("Only me"),
    }
    offered = [Button(labels[level], ("share", answer.id, level)) for level in labels if level != answer.sharing]
    return message(plain(text), buttons=[offered])
