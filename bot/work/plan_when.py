"""When a plan's moment comes: a tap, or a day and a time in words."""

from datetime import datetime

from sqlalchemy import select

from bot.db import enrolments
from bot.db.tables import Answer, Plan
from bot.domain import cues
from bot.domain.schedule import first_instant, local
from bot.domain.text import Button, Message, message, plain
from bot.errors import RefusedError
from bot.work import content, expecting
from bot.work.practice import Turn, hours_of

_LONGEST_TIME = 6  # words


def is_no_time(text: str) -> bool:
    """Longer than a day and a time are: somebody is telling us more, and it is not lost."""
    return len(text.split()) > _LONGEST_TIME


async def set_moment(turn: Turn, draft: Plan, answer: Answer, at: datetime | None) -> None:
    """The plan's moment; the words that say another one are not quoted beside it."""
    draft.cue_at, hours = at, hours_of(turn.me)
    opened = await content.opened(turn.practice, turn.db, answer)
    made_at = local(draft.made_at, hours.zone).replace(tzinfo=None)
    named = cues.find_cue(opened.fields.get("cue", "") or opened.words, made_at)
    is_moved = named is not None and cues.instant_of(named, hours) != at
    await content.put_value(turn.practice, answer, {"no_obstacle": opened.no_obstacle, "moved": is_moved})


async def ask(turn: Turn, draft: Plan, *, unread: bool = False) -> None:
    await turn.reply(await choices(turn, draft, unread=unread), answer_id=draft.answer_id)


async def choices(turn: Turn, draft: Plan, *, unread: bool = False) -> Message:
    """When the plan's moment comes: a tap, or the next words. `unread`: words in which there was no moment."""
    say = turn.say
    await expecting.expect(turn, "plan.time", {"plan": str(draft.id)})
    offered = [Button(label, ("plan.when", draft.id, key)) for key, label in (await labels(turn, draft)).items()]
    rows = [offered[:2], *([button] for button in offered[2:])]
    asked = say("When will that be? A tap, or a day and a time in words.")
    if unread:
        asked = say("I do not see when that is, or it has passed. For example: Friday at 10:00.")
    return message(plain(asked), buttons=rows)


async def labels(turn: Turn, draft: Plan) -> dict[str, str]:
    """The moments that a tap can choose."""
    say = turn.say
    answer = await turn.db.get_one(Answer, draft.answer_id)
    session = await enrolments.next_session(turn.db, answer.engagement_id, turn.now)
    named = {
        "today": say("Today"),
        "tomorrow": say("Tomorrow"),
        "week": say("This week"),
        "session": say("Before my next session") if session else "",
        "none": say("No fixed time"),
    }
    return {key: label for key, label in named.items() if label}


async def move_with(turn: Turn, zone_before: str) -> None:
    """Whoever is elsewhere means the same day and time there."""
    kept = select(Plan).where(Plan.leader_id == turn.me.id, Plan.state == "open", Plan.cue_at > turn.now)
    for one in await turn.db.scalars(kept):
        assert one.cue_at is not None
        one.cue_at = first_instant(local(one.cue_at, zone_before).replace(tzinfo=None), turn.me.zone)
        one.look_at = cues.follow_up_at(one.cue_at, turn.now, hours_of(turn.me))


async def choose(turn: Turn, draft: Plan, choice: str) -> None:
    """Set the plan's moment to what was tapped."""
    if choice not in cues.WHENS:
        raise RefusedError(turn.say("This button is no longer in use."))
    answer = await turn.db.get_one(Answer, draft.answer_id)
    session = await enrolments.next_session(turn.db, answer.engagement_id, turn.now)
    starts_at = session.starts_at if session else None
    await set_moment(turn, draft, answer, cues.chosen_instant(choice, turn.now, hours_of(turn.me), starts_at))
