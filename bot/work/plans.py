"""What became of a plan, as its leader says: whether they got to it, what helped, and what next."""

from datetime import timedelta
from uuid import UUID

from bot.db import plans as plan_rows
from bot.db.tables import Answer, Delivery, Engagement, Plan
from bot.domain import cues, matching, plans
from bot.domain.schedule import local
from bot.domain.text import Button, Message, message, plain
from bot.domain.words import NO, YES, folded
from bot.errors import RefusedError
from bot.work import content, drafting, expecting, following_up, later, outgoing, plan, plan_when
from bot.work.content import Bubble
from bot.work.practice import Turn, hours_of
from bot.work.sharing import acknowledgement

_LATE = timedelta(days=7)  # so long a question that was missed can still be answered by its buttons
_SAID = {
    "did": YES | {"did it", "i did it", "i did", "done", "fait", "cest fait", "je lai fait"},
    "partly": {"partly", "in part", "en partie", "a moitie", "half"},
    "not_yet": NO | {"not yet", "pas encore", "not really"},
}


async def _check(turn: Turn, found: Plan, pressed: Delivery) -> None:
    """Refuse a button below an old message: what counts is the plan's last question, and what came next to its answer."""
    below = await outgoing.original(turn.db, pressed)
    if found.outcome_id is not None and below.answer_id == found.outcome_id:
        return
    asked = await plan_rows.shown(turn.db, found)
    is_late = found.closes_at is None or turn.now > found.closes_at + _LATE
    is_missed, is_talked_about = found.state == "missed" and not is_late, found.state == "told" and found.look_at is not None
    if asked is None or asked.id != below.id or not (found.state == "asked" or is_missed or is_talked_about):
        raise RefusedError(turn.say("This button is no longer in use."))


async def take_words(turn: Turn, plan_id: UUID, bubble: Bubble) -> bool:
    """Words about a plan that was asked about; False when the id is a question's."""
    found = await turn.db.get(Plan, plan_id)
    if found is None or found.leader_id != turn.me.id:
        return False
    said = folded(bubble.text).strip(" .!")
    outcome = next((one for one, forms in _SAID.items() if said in forms), "")
    await _record(turn, found, outcome, bubble)
    return True


async def outcome(turn: Turn, plan_id: str, said: str, pressed: Delivery) -> None:
    """Did it, partly, not yet."""
    if said not in plans.OUTCOMES:
        raise RefusedError(turn.say("This button is no longer in use."))
    found = await drafting.own(turn, plan_id)
    await _check(turn, found, pressed)
    await _record(turn, found, said, None)


async def _record(turn: Turn, found: Plan, said: str, bubble: Bubble | None) -> None:
    """The outcome is an answer with the plan's theme and readers; what helped is its words."""
    answer = await turn.db.get(Answer, found.outcome_id) if found.outcome_id else None
    is_new = answer is None
    if answer is None:
        planned = await turn.db.get_one(Answer, found.answer_id)
        engagement = await turn.db.get_one(Engagement, planned.engagement_id)
        answer = await content.keep(turn, engagement, "outcome", planned.theme, planned.sharing)
        found.outcome_id = answer.id
    answer.last_bubble_at = turn.at
    if said:
        await content.put_value(turn.practice, answer, {"outcome": said})
    if bubble is not None:
        await content.put_bubble(turn.practice, turn.db, answer, bubble)
    found.state, found.look_at = "told", turn.now + matching.BUBBLE
    await turn.db.flush()
    await _show_answered(turn, found, plans.outcome_name(said, turn.say) or turn.say("in your words"))
    if is_new or said:
        await turn.reply(await _what_next(turn, found, answer, said), answer_id=answer.id)


async def _show_answered(turn: Turn, found: Plan, answered: str) -> None:
    shown = await plan_rows.shown(turn.db, found)
    if shown is not None:
        again = await following_up.question(turn.practice, turn.db, found, turn.me, answered=answered)
        await outgoing.edit(turn.practice, turn.db, shown, again, key=f"outcome:{turn.update_id}", now=turn.now)


async def _what_next(turn: Turn, found: Plan, answer: Answer, said: str) -> Message:
    """Towards what works: what helped, or what got in the way and what next; then the next plan."""
    say = turn.say
    kept = await acknowledgement(turn, answer)
    asked = {
        "did": say("What helped?"),
        "partly": say("What helped as far as you got?"),
        "not_yet": say("What got in the way, and what would make it easier?"),
    }.get(said, say("What helps with it?"))
    next_rows = [[Button(say("A new plan"), ("plan.new", found.id))]]
    if said != "did":
        next_rows.append([Button(say("Keep it for another day"), ("plan.again", found.id))])
    next_rows.append([Button(say("That's all") if said == "did" else say("Let it go"), ("plan.drop", found.id))])
    return message(plain(kept.text), plain(asked), buttons=next_rows)


async def again(turn: Turn, plan_id: str, pressed: Delivery) -> Message:
    """Later, or kept for another day: which?"""
    found = await drafting.own(turn, plan_id)
    if found.state in ("drafting", "open", "due"):
        raise RefusedError(turn.say("This button is no longer in use."))
    await _check(turn, found, pressed)
    return await plan_when.choices(turn, found)


async def when(turn: Turn, plan_id: str, choice: str, pressed: Delivery) -> Message:
    """The moment of a plan: of a new one, which is settled by it, or of one that is kept for another day."""
    found = await drafting.own(turn, plan_id)
    if found.state in ("open", "due"):
        raise RefusedError(turn.say("This plan is kept already."))
    if found.state != "drafting":
        await _check(turn, found, pressed)
    await plan_when.choose(turn, found, choice)
    await expecting.forget(turn)
    if found.state != "drafting":
        return await _kept_for(turn, found)
    answer = await turn.db.get_one(Answer, found.answer_id)
    opened = await content.opened(turn.practice, turn.db, answer)
    await drafting.settle(turn, found, answer)
    return message(drafting.in_lines(turn, opened))


async def take_time(turn: Turn, context: dict[str, str], text: str) -> None:
    """A day and a time in words, where they can be tapped as well. Without a moment in them they are not kept."""
    found = await drafting.own(turn, context["plan"])
    overtaken = turn.replied_to is None and await expecting.is_overtaken(turn, found.answer_id)
    if overtaken or found.state in ("open", "due") or plan_when.is_no_time(text):
        await expecting.forget(turn)
        await _take_more(turn, found, text, is_about_it=not overtaken)
        return
    hours = hours_of(turn.me)
    cue = cues.find_cue(text, local(turn.now, hours.zone).replace(tzinfo=None))
    labels = await plan_when.labels(turn, found)
    choice = next((key for key, label in labels.items() if folded(label) == folded(text.strip(" ."))), None)
    answer = await turn.db.get_one(Answer, found.answer_id)
    if choice is not None:
        await plan_when.choose(turn, found, choice)
    elif cue is not None:
        await plan_when.set_moment(turn, found, answer, cues.instant_of(cue, hours))
    else:
        await plan_when.ask(turn, found, unread=True)
        return
    await expecting.forget(turn)
    if found.state == "drafting":
        await drafting.settle(turn, found, answer)
    else:
        await turn.reply(await _kept_for(turn, found))


async def _take_more(turn: Turn, found: Plan, text: str, *, is_about_it: bool) -> None:
    """Words that are clearly more than a time: the plan's own while it is being made, else wherever words belong."""
    from bot.work import answer as answers

    answer = await turn.db.get_one(Answer, found.answer_id)
    if not is_about_it or not await drafting.continues(turn, answer, content.bubble_of(turn, text)):
        await answers.words(turn, text)


async def _kept_for(turn: Turn, found: Plan) -> Message:
    """A plan that is kept for another day comes back after that day's moment."""
    say = turn.say
    found.state, found.closes_at = "open", None
    found.look_at = cues.follow_up_at(found.cue_at, turn.now, hours_of(turn.me))
    await turn.db.flush()
    await plan.ask_next(turn.practice, turn.db, turn.me, turn.now)
    return message(plain(say("I will ask how it went: {when}.", when=say.moment(found.look_at, turn.me.zone))))


async def new(turn: Turn, plan_id: str, pressed: Delivery) -> None:
    """The next plan; meanwhile nothing else is asked."""
    found = await drafting.own(turn, plan_id)
    await _check(turn, found, pressed)
    if found.state in plan_rows.OVER:
        found.look_at = turn.now + later.JUST_ACTIVE
    await expecting.expect(turn, "plan.new", {"plan": str(found.id)})
    await turn.reply(message(plain(turn.say("When will it be? “When …”"))))


async def drop(turn: Turn, plan_id: str, pressed: Delivery) -> str | None:
    """Let it go; what was said about it stays."""
    found = await drafting.own(turn, plan_id)
    await _check(turn, found, pressed)
    if found.state == "asked":
        found.state = "dropped"
        await _show_answered(turn, found, turn.say("let go"))
    elif found.outcome_id is not None and pressed.answer_id == found.outcome_id:
        answer = await turn.db.get_one(Answer, found.outcome_id)
        await outgoing.replace(turn, pressed, await acknowledgement(turn, answer, again=True), "dropped")
    if found.state in plan_rows.OVER:
        found.look_at = None
        await turn.db.flush()
        await plan.ask_next(turn.practice, turn.db, turn.me, turn.now)
    return turn.say("All right.")
