"""Why a prompt goes unanswered, as a leader can say with one tap."""

from collections.abc import Callable

from bot.domain.text import Button
from bot.i18n import Say

REASONS: dict[str, Callable[[Say], str]] = {
    "busy": lambda say: say("Too busy"),
    "irrelevant": lambda say: say("Not relevant"),
    "personal": lambda say: say("Too personal"),
    "room": lambda say: say("Rather in the room"),
}


def buttons(say: Say, question_id: str) -> list[list[Button]]:
    made = [Button(label(say), ("q.why", question_id, reason)) for reason, label in REASONS.items()]
    return [made[:2], made[2:]]
