"""Words and the question that was open when they came: taken out of it they are a moment, and the question waits again;
a moment that was meant as its answer becomes that."""

from uuid import UUID

from sqlalchemy import select

from bot.db import enrolments, reading
from bot.db import plans as plan_rows
from bot.db.tables import Answer, AskedQuestion, Delivery
from bot.domain.delivery import Kind, State
from bot.domain.sequence import Kind as QuestionKind
from bot.domain.sequence import Sharing
from bot.errors import RefusedError
from bot.work import answer, asking, closing, content, outgoing
from bot.work.practice import Turn
from bot.work.sharing import acknowledgement
from bot.work.taking_back import take_back


async def take_out(turn: Turn, answer_id: str, pressed: Delivery) -> str:
    """The words stay, for the leader's own eyes; what was sent to the coach meanwhile stays in their chat."""
    words = await turn.db.get(Answer, UUID(answer_id))
    if words is None or words.leader_id != turn.me.id or words.question_id is None or words.value is not None:
        raise RefusedError(turn.say("This button is no longer in use."))
    if await plan_rows.of_answer(turn.db, words.id) is not None:
        raise RefusedError(turn.say("This plan is kept already."))
    posed = await content.posed(turn.practice, turn.db, words.question_id)
    words.question_id, words.kind, words.theme = None, "moment", "moment"
    await content.reseal(turn.practice, turn.db, words, Sharing.private)
    await take_back(turn.practice, turn.db, words, turn.now)
    turn.audit("taken out of a question", words.id)
    await turn.db.flush()
    await _put_back(turn, posed)
    unmeant = posed.row.id if posed.question.kind == QuestionKind.scale else None
    await outgoing.replace(turn, pressed, await acknowledgement(turn, words, again=True, unmeant=unmeant), "apart")
    return turn.say("Kept for you, apart from the question.")


async def put_in(turn: Turn, answer_id: str, question_id: str, pressed: Delivery) -> str:
    """A moment becomes the answer to the question, as open as that asks its answers to be."""
    moment = await turn.db.get(Answer, UUID(answer_id))
    if moment is None or moment.leader_id != turn.me.id or moment.kind != "moment" or moment.question_id is not None:
        raise RefusedError(turn.say("This button is no longer in use."))
    posed, engagement = await asking.own(turn, question_id), await asking.engagement_of(turn)
    if await reading.answer_to(turn.db, posed.row.id) is not None:
        raise RefusedError(turn.say("That question has its answer. Reply to it, and your words are added."))
    moment.question_id, moment.kind, moment.engagement_id = posed.row.id, "answer", engagement.id
    moment.theme = posed.question.measure or posed.step.theme
    if moment.sharing == Sharing.private:
        await content.reseal(
            turn.practice, turn.db, moment, await asking.sharing_of(turn.practice, turn.db, posed, turn.me)
        )
    moment.shared_at, moment.digest_id, moment.is_complete = turn.now, None, False
    turn.audit("made the answer to a question", moment.id)
    await turn.db.flush()
    await answer.show_answered(turn, posed, None)
    await outgoing.replace(turn, pressed, await acknowledgement(turn, moment, again=True), "meant")
    await answer.go_on(turn, posed, "answered")
    return turn.say("Kept as your answer.")


async def _is_asked_else(turn: Turn, posed: content.Posed) -> bool:
    """Whether it has gone on: to another prompt, to the next question of this one, or to how a plan went."""
    other = await enrolments.open_occurrence(turn.db, turn.me.id)
    if other not in (None, posed.occurrence) or await plan_rows.is_asked(turn.db, turn.me.id):
        return True
    later = (AskedQuestion.occurrence_id == posed.occurrence.id, AskedQuestion.id > posed.row.id)
    return await turn.db.scalar(select(AskedQuestion.id).where(*later).limit(1)) is not None


async def _put_back(turn: Turn, posed: content.Posed) -> None:
    """The question is open again while it may be; else it has gone by without an answer."""
    occurrence, now = posed.occurrence, turn.now
    is_in_time = occurrence.closes_at is not None and now < occurrence.closes_at
    is_alive = is_in_time and turn.me.paused_until is None and not await _is_asked_else(turn, posed)
    posed.row.state = "open" if is_alive else "closed"
    if is_alive:
        occurrence.state, occurrence.reason, occurrence.look_at = "asked", None, occurrence.closes_at
    elif occurrence.state == "answered" and "answered" not in await closing.question_states(turn.db, occurrence.id):
        closing.settle(occurrence, "skipped")
    delivery = await outgoing.shown_by(turn.db, posed.row.id)
    if delivery is not None and delivery.kind == Kind.prompt:
        shown = await asking.show(
            turn.practice, turn.db, turn.me, posed, now, answered=None if is_alive else ""
        )
        if is_alive and delivery.state == State.failed:  # nobody waited any more to see whether it arrived
            again = await outgoing.send(
                turn.practice, turn.db, turn.me, Kind.prompt, shown, key=f"question:again:{turn.update_id}", now=now,
                expires_at=occurrence.closes_at, question_id=posed.row.id,
            )  # fmt: skip
            again.is_copy = True
        else:
            await outgoing.edit(turn.practice, turn.db, delivery, shown, key=f"again:{turn.update_id}", now=now)
