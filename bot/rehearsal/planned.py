"""How a leader in a story makes an if-then plan on the phone, and says later how it went."""

from typing import TYPE_CHECKING, Any

from bot.i18n import Say
from bot.rehearsal.messages import BOT, as_seen, messages_of
from bot.rehearsal.store import Row

if TYPE_CHECKING:
    from bot.rehearsal.player import Actor, Player

OUTCOMES = ("did", "partly", "not-yet")
FIELDS = {"cue", "action", "obstacle", "outcome", "words"}


def fits(said: Any) -> bool:
    """A plan in one piece, or `{cue, action, obstacle, outcome, words}` of which cue and action must be there."""
    if isinstance(said, str):
        return True
    is_whole = isinstance(said, dict) and {"cue", "action"} <= said.keys() <= FIELDS
    return is_whole and all(isinstance(part, str) for part in said.values()) and said.get("outcome", "did") in OUTCOMES


async def make(player: "Player", actor: "Actor", message: int, answer: Any) -> None:
    """Part by part, as the bot asks for them, then kept; or in one piece."""
    say = Say(actor.story.language)
    if isinstance(answer, str):
        await player.tap(actor, message, [say("In my own words")])
        await player.write(actor, message, answer)
        return
    for part in ("cue", "action", "obstacle"):
        if part in answer:
            await player.write(actor, message, answer[part])
    if "obstacle" not in answer:
        await _tap_newest(player, actor, say("Leave it out"))
    await _tap_newest(player, actor, say("That's it"))
    await _tap_newest(player, actor, say("No fixed time"))
    if "outcome" in answer:
        actor.state.setdefault("outcomes", []).append({key: answer[key] for key in ("outcome", "words") if key in answer})


def notice(player: "Player", actor: "Actor", row: Row) -> dict[str, Any] | None:
    """What the story says to a message that asks how a plan went; None if it is none, or nothing is to be said."""
    say = Say(actor.story.language)
    shown = {button["text"] for button in player.buttons(actor, row["message_id"])}
    if not actor.state.get("outcomes") or not {say("I did it"), say("Partly"), say("Not yet")} <= shown:
        return None
    told: dict[str, Any] = actor.state["outcomes"].pop(0)
    return told


async def tell(player: "Player", actor: "Actor", message: int, told: dict[str, Any]) -> None:
    say = Say(actor.story.language)
    labels = {"did": say("I did it"), "partly": say("Partly"), "not-yet": say("Not yet")}
    await player.tap(actor, message, [labels[told["outcome"]]])
    if "words" in told:
        await player.write(actor, message, told["words"])
    await _tap_newest(player, actor, say("That's all") if told["outcome"] == "did" else say("Let it go"))


async def _tap_newest(player: "Player", actor: "Actor", label: str) -> None:
    """The newest message with this button; nothing happens when there is none any more."""
    for row in reversed(list(messages_of(player.world, actor.id))):
        shown = as_seen(player.world, row)
        if row["sender"] == BOT and any(button["text"] == label for line in shown["buttons"] or [] for button in line):
            await player.tap(actor, row["message_id"], [label])
            return
