"""What may become of a message: its states, how each kind is treated when it is late or its fate unknown, and backoff."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LEASE = timedelta(seconds=60)
RECONCILE_AFTER = timedelta(seconds=30)
LET_GO_AFTER = timedelta(seconds=60)
"""From the end of a lease: so long a reply waits for the fate of a message before it."""

GIVE_UP_KNOWING = timedelta(minutes=10)
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 900.0


class State(StrEnum):
    """`pending -> sending -> sent | pending | unknown | failed`; `unknown -> sent | pending | failed`;
    `pending -> cancelled | expired`."""

    pending = "pending"
    sending = "sending"
    sent = "sent"
    unknown = "unknown"
    failed = "failed"
    cancelled = "cancelled"
    expired = "expired"


class Why(StrEnum):
    """Why a message waits, or has ended, as its row says: the first five only of one that waits, the next two of both."""

    restored = "restored"
    unclear = "not found out"
    no_answer = "no answer"
    no_connection = "no connection"
    quiet = "quiet hours"
    paused = "paused"
    unreachable = "unreachable"
    too_late = "too late"
    blocked = "blocked"
    chat_gone = "chat not found"
    refused = "refused"
    message_gone = "message gone"
    unreadable = "unreadable"
    lost = "unknown"
    by_hand = "by hand"
    erased = "erased"
    left = "left"
    moved = "moved"
    withdrawn = "withdrawn"
    not_shared = "no longer shared"
    taken_back = "taken back"
    overtaken = "overtaken"
    answered = "answered"
    not_needed = "not needed"
    session_planned = "session planned"
    session_moved = "session moved"
    session_cancelled = "session cancelled"
    session_held = "session held"
    coaching_ended = "coaching ended"
    sequence_ended = "ended"


class Kind(StrEnum):
    reply = "reply"
    edit = "edit"
    prompt = "prompt"
    reminder = "reminder"
    brief = "brief"
    digest = "digest"
    notice = "notice"
    note = "note"
    news = "news"


@dataclass(frozen=True)
class Policy:
    """`late`: how long after its time it is still worth sending. `repeat`: whether to send again when nobody can tell
    whether it arrived."""

    lane: int
    late: timedelta | None
    repeat: bool
    why: str


POLICIES = {
    Kind.reply: Policy(0, timedelta(hours=24), False, "an acknowledgement that may have arrived is not worth a double"),
    Kind.edit: Policy(0, timedelta(hours=24), True, "the same edit twice changes nothing"),
    Kind.prompt: Policy(1, timedelta(hours=6), True, "a question about this morning is odd tomorrow"),
    Kind.reminder: Policy(1, timedelta(hours=3), False, "a late reminder is a nuisance"),
    Kind.brief: Policy(1, None, True, "useful until the session starts; it carries its own end"),
    Kind.digest: Policy(1, timedelta(hours=24), True, "Monday's digest is still good on Monday evening"),
    Kind.note: Policy(1, None, True, "a coach's words wait for their leader's hours and the end of a pause, however long"),
    Kind.news: Policy(0, None, True, "who reads one's words, or that a session of today is off: at any hour, however late"),
    Kind.notice: Policy(1, timedelta(hours=24), True, "news about a session or a person stays news for a day"),
}


@dataclass(frozen=True)
class Sent:
    message_id: int
    at: datetime


@dataclass(frozen=True)
class NotSent:
    """Certainly not sent. `after` seconds are Telegram's own word; `everyone` then waits, not only this message."""

    reason: str
    after: float | None = None
    everyone: bool = False


@dataclass(frozen=True)
class Rejected:
    """Will never be sent. `unreachable`: the person cannot be written to any more."""

    reason: Why
    unreachable: bool = False


@dataclass(frozen=True)
class Unknown:
    """Nobody can tell whether it was sent."""

    reason: str


Outcome = Sent | NotSent | Rejected | Unknown


def is_answered(outcome: Outcome) -> bool:
    """Whether Telegram itself has said something, if not what was hoped for."""
    return isinstance(outcome, Sent | Rejected) or (isinstance(outcome, NotSent) and outcome.after is not None)


def backoff(attempt: int, jitter: float) -> timedelta:
    """How long to wait after the n-th attempt (from 1): 1 s doubling to 15 min, spread by `jitter` (0..1)."""
    pause = min(_FIRST_PAUSE * 2 ** min(attempt - 1, 12), _LONGEST_PAUSE)
    return timedelta(seconds=pause * (0.75 + 0.5 * jitter))


def expires_at(kind: Kind, due_at: datetime) -> datetime | None:
    late = POLICIES[kind].late
    return due_at + late if late is not None else None
