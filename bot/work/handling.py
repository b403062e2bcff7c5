"""One update: its use-case's effects, its replies and its own end commit together."""

from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

from bot.db import enrolments, inbox, outbox
from bot.domain.text import message, plain
from bot.errors import DataError, RefusedError
from bot.work import parts, proving
from bot.work.practice import NotReadYetError, Practice, Turn, by_telegram

P = ParamSpec("P")
T = TypeVar("T")
_MOST_LOOKS = 8


async def whom(practice: Practice, turn: Turn) -> None:
    """Find out who wrote."""
    async with practice.database.read() as db:
        turn.person = await by_telegram(db, turn.telegram_id)


async def take(turn: Turn, do: Callable[Concatenate[Turn, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run one use-case: its effects, its replies and the end of its update commit together.

    A refusal leaves nothing behind but its sentence.
    """
    try:
        while True:
            try:
                return await _commit(turn, do, *args, **kwargs)
            except NotReadYetError as needed:
                assert len(turn.found) < _MOST_LOOKS, "what is looked up is told by other arguments each time"
                turn.found[needed.key] = await _look(turn, needed.look)
    except RefusedError as refused:
        await _commit(turn, _refuse, str(refused))
        raise


async def _look(turn: Turn, look: Callable[[], Awaitable[object]]) -> object:
    async with turn.practice.database.read() as db:
        turn.transaction = db
        try:
            turn.person = await by_telegram(db, turn.telegram_id)
            return await look()
        finally:
            turn.transaction = None


async def _commit(
    turn: Turn, do: Callable[Concatenate[Turn, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    turn.replies = 0
    async with turn.practice.database.write("answer") as db:
        turn.transaction = db
        try:
            turn.person = await by_telegram(db, turn.telegram_id, is_held=True)
            if turn.person is not None:
                turn.person.last_seen_at = max(turn.person.last_seen_at, turn.now)
                if turn.person.state == "unreachable":  # whoever writes can be written to
                    turn.person.state = "active"
                    await outbox.release(db, turn.person.id, turn.now)
                    await enrolments.wake(db, turn.person.id, turn.now)
            if turn.replied_text is not None:
                await proving.prove(turn)
            result = await do(turn, *args, **kwargs)
            if turn.is_long and turn.person is not None:
                await parts.begun(turn, is_refused=do is _refuse)
            if not await inbox.finish(db, turn.update_id, keep_chat=turn.person is not None):
                raise DataError("This update was handled already, by another process or in a commit nobody confirmed.")
        finally:
            turn.transaction = None
    turn.is_done = True
    return result


async def _refuse(turn: Turn, sentence: str) -> None:
    if turn.person is not None and not turn.is_press:  # a press is answered by a toast
        await turn.reply(message(plain(sentence)))
