"""Making an if-then plan: a cue, an action, an obstacle, each kept as it is written; said back once, then settled."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, update

from bot.db import plans as plan_rows
from bot.db import reading
from bot.db.tables import Answer, AnswerPart, Engagement, Plan
from bot.db.types import new_id
from bot.domain import cues, phrases, plans
from bot.domain.hours import same_time_next_work_day
from bot.domain.schedule import local
from bot.domain.text import Block, Button, Message, message, plain, quote
from bot.errors import RefusedError
from bot.work import asking, content, expecting, later, outgoing, plan, plan_when
from bot.work.content import Bubble, Posed
from bot.work.practice import Turn, hours_of
from bot.work.sharing import acknowledgement

_FINISHED_LATER = timedelta(minutes=45)  # beyond the end of its question, which may be put off for half an hour


async def begin(turn: Turn, engagement: Engagement, posed: Posed, bubble: Bubble) -> None:
    """The first words for a question that asks for a plan: its cue."""
    sharing = await asking.sharing_of(turn.practice, turn.db, posed, turn.me)
    answer = await content.keep(turn, engagement, "answer", posed.step.theme, sharing, question_id=posed.row.id)
    await later.forget_reminders(turn.db, posed.occurrence.id)
    await go_on(turn, await _draft(turn, answer), answer, bubble)


async def _draft(turn: Turn, answer: Answer) -> Plan:
    made = Plan(
        id=new_id(), leader_id=turn.me.id, answer_id=answer.id, state="drafting", made_at=turn.now,
        look_at=same_time_next_work_day(turn.now, hours_of(turn.me)) + _FINISHED_LATER,
    )  # fmt: skip
    turn.db.add(made)
    await turn.db.flush()
    return made


async def continues(turn: Turn, answer: Answer, bubble: Bubble) -> bool:
    """Take words as the next part of a plan that is being made; False if this is none."""
    draft = await plan_rows.of_answer(turn.db, answer.id)
    if draft is None or draft.state != "drafting":
        return False
    await go_on(turn, draft, answer, bubble)
    return True


async def go_on(turn: Turn, draft: Plan, answer: Answer, bubble: Bubble) -> None:
    """Keep the words as the part that is missing, then ask for the next one or say the plan back."""
    answer.last_bubble_at = turn.at
    opened = await content.opened(turn.practice, turn.db, answer)
    part = plans.missing(opened.fields, without_obstacle=opened.no_obstacle)
    if not bubble.text.strip():  # spoken: it stays one piece
        await _keep(turn, answer, bubble, None)
        await settle(turn, draft, answer)
        return
    if part is None:
        await _at_the_end(turn, draft, answer, bubble, opened.no_obstacle)
        return
    await _keep(turn, answer, bubble, part)
    await _next(turn, draft, answer)


async def _keep(turn: Turn, answer: Answer, bubble: Bubble, part: str | None) -> None:
    kept = Bubble(
        bubble.chat_id, bubble.message_id, bubble.text, bubble.at, bubble.is_forwarded, bubble.recorded, part
    )
    await content.put_bubble(turn.practice, turn.db, answer, kept)
    await turn.db.flush()


async def _next(turn: Turn, draft: Plan, answer: Answer) -> None:
    opened = await content.opened(turn.practice, turn.db, answer)
    part = plans.missing(opened.fields, without_obstacle=opened.no_obstacle)
    if part is None:
        await _say_back(turn, draft, answer)
        return
    say = turn.say
    rows = [[Button(say("Leave it out"), ("plan.skip", draft.id))]] if part == "obstacle" else []
    asked = {
        "cue": say("When will it be? “When …”"),
        "action": say("And then, what will you do or say? “I will …”"),
        "obstacle": say("What could get in the way, and what then? “If …, I …”"),
    }[part]
    await turn.reply(message(plain(asked), buttons=rows), answer_id=answer.id)


async def _say_back(turn: Turn, draft: Plan, answer: Answer) -> None:
    """The plan in the leader's own words, read once more, and when its moment comes as far as they said."""
    opened = await content.opened(turn.practice, turn.db, answer)
    hours = hours_of(turn.me)
    cue = cues.find_cue(opened.fields.get("cue", ""), local(turn.now, hours.zone).replace(tzinfo=None))
    draft.cue_at = cues.instant_of(cue, hours) if cue else None
    await turn.reply(await _whole(turn, draft, answer), answer_id=answer.id)


async def _whole(turn: Turn, draft: Plan, answer: Answer) -> Message:
    say = turn.say
    opened = await content.opened(turn.practice, turn.db, answer)
    buttons = [Button(say("That's it"), ("plan.keep", draft.id)), Button(say("Change"), ("plan.change", draft.id))]
    rows = [buttons]
    notes: list[Block] = []
    if draft.cue_at is not None:
        notes = [plain(_when_asked(turn, draft))]
        rows.append([Button(say("Another time"), ("plan.time", draft.id))])
    return message(plain(say("Your plan, to read once more:")), in_lines(turn, opened), *notes, buttons=rows)


def in_lines(turn: Turn, opened: content.Content) -> Block:
    """A plan as it stands: its parts, or the words as they are."""
    return quote("\n".join(opened.planned(turn.say)) or plans.quoted(opened.words) or "–")


def _when_asked(turn: Turn, draft: Plan) -> str:
    at = cues.follow_up_at(draft.cue_at, turn.now, hours_of(turn.me))
    return turn.say("I will ask how it went: {when}.", when=turn.say.moment(at, turn.me.zone))


async def _at_the_end(turn: Turn, draft: Plan, answer: Answer, bubble: Bubble, no_obstacle: bool) -> None:
    """Typed below the plan that was said back: yes, a time, or something to add."""
    hours = hours_of(turn.me)
    agrees = phrases.parse_yes_no(bubble.text)
    if agrees is not None:
        await (_keep_it(turn, draft, answer) if agrees else _offer_parts(turn, draft))
        return
    cue = cues.find_cue(bubble.text, local(turn.now, hours.zone).replace(tzinfo=None))
    is_more = plan_when.is_no_time(bubble.text)
    if cue is not None and not is_more:
        await plan_when.set_moment(turn, draft, answer, cues.instant_of(cue, hours))
        await settle(turn, draft, answer)
        return
    if not is_more and cues.looks_like_a_time(bubble.text):
        await plan_when.ask(turn, draft, unread=True)
        return
    await _keep(turn, answer, bubble, plans.PARTS[1 if no_obstacle else 2])
    if cue is not None and draft.cue_at is None:
        draft.cue_at = cues.instant_of(cue, hours)
    await turn.reply(await _whole(turn, draft, answer), answer_id=answer.id)


async def own(turn: Turn, plan_id: str) -> Plan:
    """A plan of the person who writes; anybody else's looks as if it did not exist."""
    found = await turn.db.get(Plan, UUID(plan_id))
    if found is None or found.leader_id != turn.me.id:
        raise RefusedError(turn.say("This button is no longer in use."))
    return found


async def _draft_of(turn: Turn, plan_id: str) -> tuple[Plan, Answer]:
    draft = await own(turn, plan_id)
    if draft.state in ("open", "due"):
        raise RefusedError(turn.say("This plan is kept already."))
    if draft.state != "drafting":
        raise RefusedError(turn.say("This button is no longer in use."))
    return draft, await turn.db.get_one(Answer, draft.answer_id)


async def skip_obstacle(turn: Turn, plan_id: str) -> Message:
    draft, answer = await _draft_of(turn, plan_id)
    await content.put_value(turn.practice, answer, {"no_obstacle": True})
    answer.last_bubble_at = turn.now
    await _next(turn, draft, answer)
    return message(plain(turn.say("All right, without it.")))


async def keep_it(turn: Turn, plan_id: str) -> Message | None:
    """"That's it": settled, once it is known when to ask."""
    draft, answer = await _draft_of(turn, plan_id)
    await _keep_it(turn, draft, answer)
    return None


async def _keep_it(turn: Turn, draft: Plan, answer: Answer) -> None:
    if draft.cue_at is None:
        await plan_when.ask(turn, draft)
    else:
        await settle(turn, draft, answer)


async def ask_time(turn: Turn, plan_id: str) -> None:
    draft, _ = await _draft_of(turn, plan_id)
    await plan_when.ask(turn, draft)


async def _offer_parts(turn: Turn, draft: Plan) -> None:
    await turn.reply(_which_part(turn, draft), answer_id=draft.answer_id)


async def change(turn: Turn, plan_id: str) -> Message:
    draft, _ = await _draft_of(turn, plan_id)
    return _which_part(turn, draft)


def _which_part(turn: Turn, draft: Plan) -> Message:
    say = turn.say
    labels = {"cue": say("When …"), "action": say("I will …"), "obstacle": say("If …")}
    rows = [[Button(labels[part], ("plan.part", draft.id, part)) for part in plans.PARTS]]
    rows.append([Button(say("Back"), ("plan.back", draft.id))])
    return message(plain(say("Which part?")), buttons=rows)


async def back(turn: Turn, plan_id: str) -> Message:
    """No part is to change: the plan as it was said back."""
    draft, answer = await _draft_of(turn, plan_id)
    await expecting.forget(turn)
    return await _whole(turn, draft, answer)


async def change_part(turn: Turn, plan_id: str, part: str) -> str:
    draft, _ = await _draft_of(turn, plan_id)
    if part not in plans.PARTS:
        raise RefusedError(turn.say("This button is no longer in use."))
    await expecting.expect(turn, "plan.part", {"plan": str(draft.id), "part": part})
    return turn.say("Write it again, as it should be.")


async def rewrite(turn: Turn, context: dict[str, str], text: str) -> None:
    """A part written anew: what stood there before is kept and no longer part of the plan."""
    from bot.work import answer as answers

    await expecting.forget(turn)
    draft = await own(turn, context["plan"])
    if draft.state != "drafting":  # settled by a tap meanwhile: these words are no part of it, and not lost either
        await answers.words(turn, text)
        return
    answer = await turn.db.get_one(Answer, draft.answer_id)
    await _set_aside(turn, AnswerPart.answer_id == answer.id, AnswerPart.field == context["part"])
    await _keep(turn, answer, content.bubble_of(turn, text), context["part"])
    answer.last_bubble_at = turn.at
    await _next(turn, draft, answer)


async def _set_aside(turn: Turn, *which: ColumnElement[bool]) -> None:
    """Words that were said anew stay with the leader and are no part of the plan any more."""
    old = update(AnswerPart).where(*which).values(field=plans.EARLIER)
    await turn.db.execute(old.execution_options(synchronize_session="fetch"))


async def own_words(turn: Turn, posed: Posed) -> None:
    """After "in my own words" on a plan: what comes next is kept whole."""
    known = await reading.answer_to(turn.db, posed.row.id)
    if known is not None and (draft := await plan_rows.of_answer(turn.db, known.id)) and draft.state != "drafting":
        raise RefusedError(turn.say("This plan is kept already."))
    await expecting.expect(turn, "plan.words", {"question": str(posed.row.id)})


async def whole(turn: Turn, context: dict[str, str], text: str) -> None:
    """A plan in one piece, kept as it is; the parts there were so far are no part of it."""
    from bot.work import answer as answers

    await expecting.forget(turn)
    posed = await asking.own(turn, context["question"])
    answer = await reading.answer_to(turn.db, posed.row.id)
    if answer is None:
        engagement = await asking.engagement_of(turn)
        sharing = await asking.sharing_of(turn.practice, turn.db, posed, turn.me)
        answer = await content.keep(turn, engagement, "answer", posed.step.theme, sharing, question_id=posed.row.id)
    draft = await plan_rows.of_answer(turn.db, answer.id) or await _draft(turn, answer)
    if draft.state != "drafting":  # settled by a tap meanwhile
        await answers.words(turn, text)
        return
    await _set_aside(turn, AnswerPart.answer_id == answer.id)
    await _keep(turn, answer, content.bubble_of(turn, text), None)
    hours = hours_of(turn.me)
    cue = cues.find_cue(text, local(turn.now, hours.zone).replace(tzinfo=None))
    draft.cue_at = cues.instant_of(cue, hours) if cue else None
    await settle(turn, draft, answer)


async def begin_new(turn: Turn, context: dict[str, str], text: str) -> None:
    """The first words of the next plan, after one that was followed up: its theme and its readers are the same."""
    await expecting.forget(turn)
    before = await own(turn, context["plan"])
    earlier = await turn.db.get_one(Answer, before.answer_id)
    if before.state in plan_rows.OVER:  # one that was kept for another day comes on that day
        before.look_at = turn.now + _FINISHED_LATER
    answer = await content.keep(turn, await asking.engagement_of(turn), "plan", earlier.theme, earlier.sharing)
    await go_on(turn, await _draft(turn, answer), answer, content.bubble_of(turn, text))


async def settle(turn: Turn, draft: Plan, answer: Answer) -> None:
    """The plan stands: it is asked about after its moment, and the conversation goes on."""
    from bot.work import answer as answers

    draft.state = "open"
    draft.look_at = cues.follow_up_at(draft.cue_at, turn.now, hours_of(turn.me))
    answer.last_bubble_at = turn.at
    await turn.db.flush()
    posed = await content.posed(turn.practice, turn.db, answer.question_id) if answer.question_id else None
    await turn.reply(await acknowledgement(turn, answer), answer_id=answer.id)
    if posed is None:
        await plan_rows.end_talk(turn.db, turn.me.id)
        await plan.ask_next(turn.practice, turn.db, turn.me, turn.now)
        return
    delivery = await outgoing.shown_by(turn.db, posed.row.id)
    if delivery is not None:
        shown = await asking.show(turn.practice, turn.db, turn.me, posed, turn.now, answered="")
        await outgoing.edit(turn.practice, turn.db, delivery, shown, key=f"answered:{turn.update_id}", now=turn.now)
    await answers.go_on(turn, posed, "answered")
