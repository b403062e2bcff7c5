"""What a leader says: by tap, in words, in several bubbles, as an edit, as a reply, or unasked. Nothing is lost."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update

from bot.db import outbox, reading
from bot.db import plans as plan_rows
from bot.db.tables import Answer, AskedQuestion, Engagement
from bot.domain import matching, phrases
from bot.domain.delivery import Kind
from bot.domain.moments import MOMENTS
from bot.domain.sequence import Kind as QuestionKind
from bot.domain.sequence import Sharing
from bot.domain.text import message, plain
from bot.i18n import Say
from bot.work import (
    asking,
    closing,
    content,
    drafting,
    expecting,
    knowing,
    later,
    moments,
    outgoing,
    plan,
    plans,
    replying,
    values,
)
from bot.work.content import Bubble, Posed
from bot.work.practice import Turn, box_of
from bot.work.sharing import acknowledgement

_FRESH = timedelta(hours=1)
_WITHOUT_ANSWER = ("missed", "skipped", "not_asked", "expired")  # how it ended before the words came after all


async def words(turn: Turn, text: str) -> None:
    """Words of a leader: they answer a question, continue an answer, or are kept as a moment."""
    engagement = await asking.engagement_of(turn)
    if await reading.latest_part(turn.db, turn.chat_id, turn.message_id) is not None:
        return  # the same message once more
    bubble = content.bubble_of(turn, text)
    if (note := await replying.replied_to(turn)) is not None:
        await replying.answer_note(turn, note, bubble)
        return
    asked, last = await expecting.asked_lately(turn), await reading.last_answer(turn.db, turn.me.id)
    replied_to = await _replied_to(turn, asked)
    unmeant: UUID | None = None
    found: matching.Match = matching.match(turn.at, replied_to, asked, last)
    if isinstance(found, matching.Answers) and replied_to is None and await _lacks_number(turn, found.question_id, bubble):
        unmeant = found.question_id
        found = matching.beside_the_open(turn.at, asked, last)
    match found:
        case matching.Answers(question_id):
            if not await plans.take_words(turn, question_id, bubble):
                await _answer_in_words(turn, engagement, question_id, bubble)
        case matching.Continues(answer_id):
            await _continue(turn, answer_id, bubble)
        case matching.Unasked():
            await _keep_moment(turn, engagement, bubble, unmeant)


async def _lacks_number(turn: Turn, question_id: UUID, bubble: Bubble) -> bool:
    """Whether 0 to 10 is asked for and these words, which nobody said are its answer, give no number: what somebody
    writes by themselves stays theirs."""
    if await turn.db.get(AskedQuestion, question_id) is None:
        return False  # a plan, or a part of one
    question = (await content.posed(turn.practice, turn.db, question_id)).question
    if question.kind != QuestionKind.scale:
        return False
    is_number = values.typed_value(question, bubble.text) is not None or phrases.is_off_the_scale(bubble.text)
    return bubble.is_forwarded or not is_number


async def complete_last(turn: Turn) -> None:
    """A command came in between: what is written after it is no further bubble of the answer before it."""
    await turn.db.execute(
        update(Answer)
        .where(Answer.leader_id == turn.me.id, Answer.last_bubble_at >= turn.now - matching.BUBBLE)
        .values(is_complete=True)
    )


async def words_for(turn: Turn, question_id: str, text: str) -> None:
    """The words after "in my own words" on a question that is closed by now."""
    bubble = content.bubble_of(turn, text)
    await _answer_in_words(turn, await asking.engagement_of(turn), UUID(question_id), bubble)


async def _replied_to(turn: Turn, asked: list[matching.Asked]) -> matching.Asked | None:
    """The question a reply names: its own message, or the acknowledgement of its answer."""
    if turn.replied_to is None:
        return None
    delivery = await outbox.by_message(turn.db, turn.chat_id, turn.replied_to)
    if delivery is None or delivery.person_id != turn.me.id:
        return None
    if delivery.question_id is not None:
        known = next((question for question in asked if question.id == delivery.question_id), None)
        answered = await reading.answer_to(turn.db, delivery.question_id)
        at = delivery.sent_at or turn.now
        return known or matching.Asked(delivery.question_id, at, False, answered.id if answered else None)
    if delivery.answer_id is not None and delivery.kind == Kind.prompt:  # about a plan
        planned = await plan_rows.of_answer(turn.db, delivery.answer_id)
        return matching.Asked(planned.id, turn.at, False, planned.outcome_id) if planned else None
    if delivery.answer_id is not None:
        return matching.Asked(UUID(int=0), turn.at, False, delivery.answer_id)
    return None


async def _answer_in_words(turn: Turn, engagement: Engagement, question_id: UUID, bubble: Bubble) -> None:
    posed = await content.posed(turn.practice, turn.db, question_id)
    if posed.question.kind == QuestionKind.plan and await reading.answer_to(turn.db, question_id) is None:
        await drafting.begin(turn, engagement, posed, bubble)
        return
    if not bubble.is_forwarded:
        values.check(turn, posed.question, bubble.text)
    value = None if bubble.is_forwarded else await values.read(turn, posed.question, bubble.text)
    await record(turn, engagement, posed, value, bubble)


async def _continue(turn: Turn, answer_id: UUID, bubble: Bubble) -> None:
    """A further bubble: one answer, one acknowledgement, so nothing more is said. The first words that join what was only
    tapped are no further ones: who reads them is said. Words added later, by replying to an old question or once the coach
    was told of it, are news: they are acknowledged and come in the next brief and digest."""
    answer = await turn.db.get_one(Answer, answer_id)
    if await drafting.continues(turn, answer, bubble):
        return
    is_told = answer.digest_id is not None or answer.sent_to_coach_at is not None
    is_news = is_told or bubble.at - answer.last_bubble_at > matching.BUBBLE
    was_tapped = answer.kind == "answer" and answer.value is not None
    is_first = was_tapped and not (await content.parts_of(turn.db, [answer.id]))[answer.id]
    await content.put_bubble(turn.practice, turn.db, answer, bubble)
    answer.last_bubble_at = max(answer.last_bubble_at, bubble.at)
    await outbox.hold_back(turn.db, turn.me.id, turn.now, turn.practice.lull)
    if not bubble.is_forwarded:
        await _reread_value(turn, answer, bubble.text)
    await moments.show_words(turn, answer)
    if answer.kind in MOMENTS and answer.sharing != Sharing.private:
        answer.is_complete = True  # the line it asked for: whatever follows is not for others to read yet
    if is_news:
        answer.shared_at, answer.digest_id = turn.now, None
    if is_news or (is_first and answer.sharing != Sharing.private):
        await turn.reply(await acknowledgement(turn, answer), answer_id=answer.id)


async def _reread_value(turn: Turn, answer: Answer, text: str, before: str = "") -> None:
    """Words that say what a button says change the value; when those that said it are changed, it goes with them."""
    if answer.question_id is None:
        return
    posed = await content.posed(turn.practice, turn.db, answer.question_id)
    if posed.question.kind == QuestionKind.scale and before:
        said = values.typed_value(posed.question, before)
        before = before if said == await content.value_of(turn.practice, answer) else ""  # it was tapped, or said elsewhere
    if not before and answer.value is not None and not values.is_correction(posed.question, text, turn.say):
        return
    values.check(turn, posed.question, text)
    value = await values.read(turn, posed.question, text, before)
    if value is not None or values.typed_value(posed.question, before) is not None:
        await content.put_value(turn.practice, answer, value)
        await show_answered(turn, posed, value)


async def _keep_moment(turn: Turn, engagement: Engagement, bubble: Bubble, unmeant: UUID | None = None) -> None:
    """`unmeant`: the question that is open all the while, and that one tap makes these words answer."""
    answer = await content.keep(turn, engagement, "moment", "moment")
    await content.put_bubble(turn.practice, turn.db, answer, bubble)
    await turn.reply(await acknowledgement(turn, answer, unmeant=unmeant), answer_id=answer.id)


async def record(
    turn: Turn, engagement: Engagement, posed: Posed, value: dict[str, Any] | None, bubble: Bubble | None
) -> None:
    """Store an answer to a question, acknowledge it, and go on with the step."""
    if (known := await reading.answer_to(turn.db, posed.row.id)) is not None:
        if bubble is not None:
            await _continue(turn, known.id, bubble)
        else:
            await _change_value(turn, posed, value)
        return
    sharing = await asking.sharing_of(turn.practice, turn.db, posed, turn.me)
    theme = posed.question.measure or posed.step.theme
    answer = await content.keep(turn, engagement, "answer", theme, sharing, question_id=posed.row.id)
    await content.put_value(turn.practice, answer, value)
    if bubble is not None:
        await content.put_bubble(turn.practice, turn.db, answer, bubble)
    await show_answered(turn, posed, value)
    more = posed.row.state == "open" and await asking.following(turn.practice, turn.db, posed, turn.now) is not None
    await turn.reply(await acknowledgement(turn, answer, more=more), answer_id=answer.id)
    await go_on(turn, posed, "answered", lull=turn.practice.lull if bubble else timedelta(0))


async def _change_value(turn: Turn, posed: Posed, value: dict[str, Any] | None) -> None:
    """Another tap on a question that has its answer: the newer one counts."""
    answer = await reading.answer_to(turn.db, posed.row.id)
    assert answer is not None
    if value is not None:
        await content.put_value(turn.practice, answer, value)
        await show_answered(turn, posed, value)


async def show_answered(turn: Turn, posed: Posed, value: dict[str, Any] | None) -> None:
    """The question keeps its place in the chat, now with what was chosen and without buttons."""
    delivery = await outgoing.shown_by(turn.db, posed.row.id)
    if delivery is None:
        return
    said = values.spoken(value, posed.question, turn.say)
    shown = await asking.show(turn.practice, turn.db, turn.me, posed, turn.now, answered=said)
    await outgoing.edit(turn.practice, turn.db, delivery, shown, key=f"answered:{turn.update_id}", now=turn.now)


async def go_on(
    turn: Turn, posed: Posed, state: str, *, lull: timedelta = timedelta(0), goes_on: bool = True
) -> None:
    """This question is done: the next one of its step, or the next step that has been waiting, unless enough was asked."""
    was_open = posed.row.state == "open"
    posed.row.state = state
    occurrence = posed.occurrence
    await expecting.forget_answer(turn, posed.row.id)
    await knowing.replan_hanging(turn.practice, turn.db, occurrence, turn.now)
    await later.forget_reminders(turn.db, occurrence.id)
    if not was_open:
        if state == "answered" and occurrence.state in _WITHOUT_ANSWER:
            closing.settle(occurrence, "answered", "late")
        return
    if occurrence.snoozed_until is not None:  # answered before it came again: the conversation goes on now
        occurrence.snoozed_until, occurrence.look_at = None, occurrence.closes_at
    if await asking.ask_following(turn.practice, turn.db, turn.me, posed, turn.now, lull=lull):
        return
    if occurrence.state == "asked":
        closing.settle(occurrence, await _end_of(turn, posed))
    await turn.db.flush()
    if goes_on:
        await plan.ask_next(turn.practice, turn.db, turn.me, turn.now)
    else:
        await plan.rest(turn.db, turn.me, turn.now)


async def _end_of(turn: Turn, posed: Posed) -> str:
    states = await closing.question_states(turn.db, posed.occurrence.id)
    return "answered" if "answered" in states or posed.row.state == "answered" else "skipped"


async def leave_out(turn: Turn, posed: Posed, instead: str, *, goes_on: bool = True) -> None:
    """The question ends without an answer; its message says `instead`."""
    delivery = await outgoing.shown_by(turn.db, posed.row.id)
    if delivery is not None:
        shown = await asking.show(turn.practice, turn.db, turn.me, posed, turn.now, answered=instead)
        await outgoing.edit(turn.practice, turn.db, delivery, shown, key=f"skip:{turn.update_id}", now=turn.now)
    await go_on(turn, posed, "skipped", goes_on=goes_on)


async def edited(turn: Turn, text: str) -> None:
    """An edited message is a new version of its bubble. Of what was not kept, a typing mistake in a command or what was
    refused, an edit is not read: that is said while it is fresh."""
    part = await reading.latest_part(turn.db, turn.chat_id, turn.message_id)
    if part is None:
        if text and turn.begun_at is not None and turn.at - turn.begun_at < _FRESH:  # without words: a place on the move
            await turn.reply(message(plain(turn.say("I do not read changes to that message. Please send it anew."))))
        return
    answer = await turn.db.get_one(Answer, part.answer_id)
    if answer.leader_id != turn.me.id:
        return
    before = (await box_of(turn.practice, answer)).open(content.PART, part.id, part.content)
    if (command := phrases.split_command(text)) and answer.kind in {*MOMENTS, "moment"}:
        text = command[1]  # /win or /agenda and a line, corrected
    bubble = Bubble(turn.chat_id, turn.message_id, text, turn.at, part.is_forwarded, field=part.field)
    await content.put_bubble(turn.practice, turn.db, answer, bubble, part.version + 1)
    await moments.show_words(turn, answer)
    await _reread_value(turn, answer, text, before)
    await turn.reply(message(plain(_edit_kept(turn.say, answer))))


def _edit_kept(say: Say, answer: Answer) -> str:
    if answer.sent_to_coach_at is not None and answer.sharing == Sharing.words:
        return say("Changed. Your coach has already been sent the earlier words; from now on the new ones are shown.")
    return say("Changed.")
