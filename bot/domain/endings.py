"""Why a message was not sent, as an administrator reads it. Every reason that a delivery can end with is here."""

from collections.abc import Callable

from bot.domain.delivery import State, Why
from bot.i18n import Say

_SENTENCES: dict[tuple[Why, ...], Callable[[Say], str]] = {
    (Why.too_late,): lambda say: say("its time was over: the service was down, or Telegram did not answer"),
    (Why.unreachable, Why.blocked): lambda say: say("its reader had blocked the bot"),
    (Why.chat_gone,): lambda say: say("its reader’s account is gone"),
    (Why.refused,): lambda say: say("Telegram refused it"),
    (Why.message_gone,): lambda say: say("the message to be changed is no longer there"),
    (Why.unreadable,): lambda say: say("it no longer opens: its keys are gone"),
    (Why.lost,): lambda say: say("nobody knows whether it arrived"),
    (Why.by_hand,): lambda say: say("cancelled from the command line"),
    (Why.erased,): lambda say: say("what it held was deleted for good"),
    (Why.left, Why.moved): lambda say: say("its reader has left, or writes from another account"),
    (Why.paused,): lambda say: say("its reader takes a break"),
    (Why.withdrawn, Why.not_shared): lambda say: say("what it held is no longer shared"),
    (Why.taken_back,): lambda say: say("its author took it back"),
    (Why.overtaken,): lambda say: say("a newer message says it"),
    (Why.answered, Why.not_needed): lambda say: say("nobody was waiting for it any more"),
    (Why.session_planned, Why.session_moved, Why.session_cancelled, Why.session_held): lambda say: say(
        "its session was planned, moved, held or cancelled"
    ),
    (Why.coaching_ended, Why.sequence_ended): lambda say: say("the coaching, or the sequence, had ended"),
}
KNOWN: dict[str, Callable[[Say], str]] = {reason: said for reasons, said in _SENTENCES.items() for reason in reasons}


def sentence(reason: str | None, say: Say) -> str:
    """What a reason means; one that nobody foresaw is said as it is written."""
    return KNOWN[reason](say) if reason in KNOWN else reason or "–"


def is_fault(state: str) -> bool:
    """Whether something went wrong, and was not simply called off."""
    return state in (State.failed, State.expired)
