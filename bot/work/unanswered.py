"""After two prompts that went by: why, with one tap. The tap ends this prompt, and nothing is held against anybody."""

from bot.db import reading
from bot.domain.reasons import REASONS
from bot.domain.text import Button, message, plain
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import answer, asking, pins
from bot.work.practice import Turn

SAID_WHY = "occurrence.said_why"

async def why(turn: Turn, question_id: str, reason: str) -> str:
    posed = await asking.own(turn, question_id)
    if reason not in REASONS:
        raise RefusedError(turn.say("This button is no longer in use."))
    say = turn.say
    if await reading.answer_to(turn.db, posed.row.id) is not None:
        return say("Your answer is kept.")
    if posed.row.state == "skipped":  # tapped twice
        return say("All right.")
    box = await turn.practice.vault.box(turn.me.id, "private")
    posed.occurrence.closes_at = turn.now
    posed.occurrence.said_why = box.seal(SAID_WHY, posed.occurrence.id, reason)
    await answer.leave_out(turn, posed, REASONS[reason](say), goes_on=False)
    if reason == "room":
        await pins.pin_occurrence(turn.db, posed.occurrence, turn.now)
    await turn.reply(message(plain(_reply(say, reason)), buttons=_offer(say, reason)))
    return say("All right.")


def _reply(say: Say, reason: str) -> str:
    return {
        "busy": say("A full week, then. Nothing is lost by leaving questions out; a pause is one tap away."),
        "irrelevant": say("All right. If other questions would fit better, tell your coach; they can change what comes."),
        "personal": say("Then it stays with you. Answers can also be for your eyes only, each one or all of them."),
        "room": say("It is on your agenda for the next session, as a topic only. /agenda shows it."),
    }[reason]


def _offer(say: Say, reason: str) -> list[list[Button]]:
    if reason == "busy":
        return [[Button(say("Pause for a week"), ("pause", "7"))]]
    if reason == "personal":
        return [[Button(say("Who reads my answers"), ("sharing.ask",))]]
    return []
