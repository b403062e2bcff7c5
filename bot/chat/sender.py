"""The only place that knows how Telegram fails, and turns it into `Sent | NotSent | Rejected | Unknown`."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from telegram import InputFile
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.chat.pacing import NoTurnError, Pacer
from bot.chat.requests import NEVER_LEFT
from bot.chat.telegram_bot import RawBot, seconds_of
from bot.domain.delivery import NotSent, Outcome, Rejected, Sent, Unknown, Why
from bot.domain.searching import Trace
from bot.log import get_logger
from bot.work.deliver import Outgoing

T = TypeVar("T")

log = get_logger(__name__)

_UNAUTHORISED, _LONGEST_PAUSE = "unauthorised", 60.0
_TRACES = {
    "message is not modified": Trace.same,
    "there is no caption in the message": Trace.ours,
    "there is no text in the message": Trace.ours,
    "message to edit not found": Trace.absent,
    "message to delete not found": Trace.absent,
    "message can't be edited": Trace.fixed,
    "message_id_invalid": Trace.absent,
}
_NO_METHOD = "method not found"
_GONE = ("chat not found", "user not found", "user is deactivated", "bot was blocked", "PEER_ID_INVALID")


class TelegramSender:
    """Sends one claimed message. The pacer, if there is one, decides when; `may_send` is asked right before the call."""

    def __init__(
        self, bot: RawBot, pacer: Pacer | None = None, may_send: Callable[[], bool] = lambda: True
    ) -> None:
        self._bot = bot
        self._pacer = pacer
        self._may_send = may_send
        self._refusals = 0  # of the token, in a row

    async def send(self, outgoing: Outgoing) -> Outcome:
        if self._pacer is None:
            return await self._call(outgoing)
        try:
            async with self._pacer.slot(outgoing.lane, outgoing.chat_id):
                outcome = await self._call(outgoing)
                if isinstance(outcome, NotSent) and outcome.everyone and outcome.after is not None:
                    self._pacer.hold(outcome.after)
                return outcome
        except NoTurnError as told:
            return NotSent("no turn", told.seconds, everyone=told.seconds > 0)

    async def _call(self, outgoing: Outgoing) -> Outcome:
        if not self._may_send():  # frozen, or cut off from the database: by now another process sends
            return NotSent("not ours any more", 0.0)
        is_edit = outgoing.message_id is not None
        parameters: dict[str, Any] = {"chat_id": outgoing.chat_id, **outgoing.payload}
        if outgoing.file is not None:
            into, name, body = outgoing.file
            parameters[into] = InputFile(body, filename=name)
        if is_edit:
            parameters["message_id"] = outgoing.message_id
        before = self._refusals
        try:
            result = await self._bot.call(outgoing.method, **parameters)
            self._refusals = 0
            if result is True and outgoing.message_id is not None:  # deleted
                return Sent(outgoing.message_id, datetime.now(UTC))
            return Sent(result["message_id"], datetime.fromtimestamp(result.get("edit_date") or result["date"], UTC))
        except (TelegramError, KeyError, TypeError) as error:
            outcome = self._patient(classify(error, is_edit=is_edit, message_id=outgoing.message_id), before)
        if not isinstance(outcome, Sent):
            log.warning("not sent", id=outgoing.id, kind=type(outcome).__name__, reason=outcome.reason.replace(" ", "-"))
        return outcome

    async def touch(self, method: str, chat_id: int, message_id: int, payload: dict[str, Any]) -> Trace | NotSent:
        """An edit that is meant to be refused. It goes at the bot's pace, not at the chat's: nothing shows there."""
        if self._pacer is None:
            return await self._touch(method, chat_id, message_id, payload)
        try:
            async with self._pacer.slot(1, None):
                trace = await self._touch(method, chat_id, message_id, payload)
                if isinstance(trace, NotSent) and trace.after is not None:
                    self._pacer.hold(trace.after)
                return trace
        except NoTurnError as told:
            return NotSent("no turn", told.seconds, everyone=told.seconds > 0)

    async def _touch(self, method: str, chat_id: int, message_id: int, payload: dict[str, Any]) -> Trace | NotSent:
        if not self._may_send():
            return Trace.unclear
        before = self._refusals
        try:
            await self._bot.call(method, chat_id=chat_id, message_id=message_id, **payload)
        except (TelegramError, KeyError, TypeError) as error:
            return self._patient(trace_of(error), before)
        return Trace.changed

    def _patient(self, said: T, before: int) -> T | NotSent:
        """One odd refusal of the token holds nobody up for long; that of one that was withdrawn comes again and again.
        `before`: how many there were when the call began, for those that come together are one."""
        if not isinstance(said, NotSent) or said.reason != _UNAUTHORISED:
            self._refusals = 0
            return said
        self._refusals = max(self._refusals, before + 1)
        return replace(said, after=min(2.0**self._refusals, _LONGEST_PAUSE))

    async def unfetched(self) -> int | None:
        try:
            found = await self._bot.call("getWebhookInfo")
            return int(found["pending_update_count"])
        except (TelegramError, KeyError, TypeError, ValueError):
            return None


def trace_of(error: Exception) -> Trace | NotSent:
    """What a refused edit says about the message it names."""
    if isinstance(error, BadRequest):
        text = error.message.lower()
        return next((trace for words, trace in _TRACES.items() if words in text), Trace.odd)
    if isinstance(error, InvalidToken) and _is_404(error):
        return Trace.odd
    outcome = classify(error)
    return outcome if isinstance(outcome, NotSent) and outcome.everyone else Trace.unclear


def classify(error: Exception, *, is_edit: bool = False, message_id: int | None = None) -> Outcome:
    """What an error says about the message. Order matters: `BadRequest` and `TimedOut` are `NetworkError`s."""
    match error:
        case RetryAfter():
            return NotSent("too many requests", seconds_of(error), everyone=True)
        case Forbidden():
            return Rejected(Why.blocked, unreachable=True)
        case InvalidToken() if _NO_METHOD in error.message.lower():
            return Rejected(Why.refused)
        case InvalidToken() if _is_404(error):
            return NotSent("not found")
        case InvalidToken():
            return NotSent(_UNAUTHORISED, _LONGEST_PAUSE, everyone=True)
        case BadRequest():
            return _bad_request(error, is_edit=is_edit, message_id=message_id)
    if _never_left(error):
        return NotSent(Why.no_connection)
    if is_edit:  # the same edit twice changes nothing
        return NotSent(Why.no_answer)
    if isinstance(error, TimedOut):
        return Unknown("no answer in time")
    return Unknown("no clear answer" if isinstance(error, NetworkError) else "answer not understood")


def _bad_request(error: BadRequest, *, is_edit: bool, message_id: int | None) -> Outcome:
    text = error.message.lower()
    if is_edit and ("not modified" in text or "to delete not found" in text) and message_id is not None:
        return Sent(message_id, datetime.now(UTC))
    if any(sign.lower() in text for sign in _GONE):
        return Rejected(Why.chat_gone, unreachable=True)
    return Rejected(Why.message_gone if "not found" in text else Why.refused)


def _is_404(error: InvalidToken) -> bool:
    """Not the token, which was good when we began, but a method that is not there, or a proxy: it concerns one call."""
    return "not found" in error.message.lower()


def _never_left(error: Exception) -> bool:
    return isinstance(error.__cause__, NEVER_LEFT)
