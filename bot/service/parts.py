"""The parts that a process may have."""

from enum import StrEnum


class Part(StrEnum):
    """`receive`: polls (unless there is a webhook) and handles what came. `web`: takes what the webhook brings."""

    receive = "receive"
    send = "send"
    plan = "plan"
    web = "web"


ALL = frozenset(Part)
