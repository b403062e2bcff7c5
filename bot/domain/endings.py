"""Why a message was not sent, as an administrator reads it. Every reason that a delivery can end with is here."""

from collections.abc import Callable

from bot.domain.delivery import State
from bot.i18n import Say

_SENTENCES: dict[tuple[str, ...], Callable[[Say], str]] = {
    ("too late", "late"): lambda say: say("its time was over: the service was down, or Telegram did not answer"),
    ("unreachable", "blocked"): lambda say: say("its reader had blocked the bot"),
    ("chat not found",): lambda say: say("its reader’s account is gone"),
    ("refused",): lambda say: say("Telegram refused it"),
    ("message gone",): lambda say: say("the message to be changed is no longer there"),
    ("unreadable",): lambda say: say("it no longer opens: its keys are gone"),
    ("unknown",): lambda say: say("nobody knows whether it arrived"),
    ("by hand",): lambda say: say("cancelled from the command line"),
    ("erased",): lambda say: say("what it held was deleted for good"),
    ("left", "moved"): lambda say: say("its reader has left, or writes from another account"),
    ("paused",): lambda say: say("its reader takes a break"),
    ("withdrawn", "no longer shared"): lambda say: say("what it held is no longer shared"),
    ("taken back",): lambda say: say("its author took it back"),
    ("overtaken",): lambda say: say("a newer message says it"),
    ("answered", "not needed"): lambda say: say("nobody was waiting for it any more"),
    ("session planned", "session moved", "session cancelled", "session held"): lambda say: say(
        "its session was planned, moved, held or cancelled"
    ),
    ("coaching ended", "ended"): lambda say: say("the coaching, or the sequence, had ended"),
}
KNOWN = {reason: said for reasons, said in _SENTENCES.items() for reason in reasons}


def sentence(reason: str | None, say: Say) -> str:
    """What a reason means; one that nobody foresaw is said as it is written."""
    return KNOWN[reason](say) if reason in KNOWN else reason or "–"


def is_fault(state: str) -> bool:
    """Whether something went wrong, and was not simply called off."""
    return state in (State.failed, State.expired)
