"""What is said otherwise than in typed words: by voice, under a picture, passed on. And what cannot be kept."""

from datetime import timedelta

from sqlalchemy import select

from bot.db import outbox, reading
from bot.db.tables import Delivery
from bot.domain.delivery import Kind, Why
from bot.domain.text import message, plain
from bot.work import answer, outgoing, replying, words
from bot.work.practice import Turn

_REST_OF_ALBUM = timedelta(seconds=2)


async def spoke(turn: Turn, caption: str) -> None:
    """A voice message answers as words do; `turn.recorded` holds it."""
    await words.said(turn, caption, is_typed=False)


async def passed_on(turn: Turn, text: str) -> None:
    """Forwarded words are kept as an answer; whose they are is not."""
    await words.said(turn, text, is_typed=False)


async def captioned(turn: Turn, caption: str) -> None:
    """The words under a picture or a file are the answer; that only they are kept is said once for an album."""
    await words.said(turn, caption, is_typed=False)
    if turn.album is not None:
        await outbox.cancel(turn.db, Why.answered, Delivery.dedupe_key == _album_key(turn, "unreadable"))
        if await _was_said(turn, _album_key(turn, "words")):
            return
    text = message(plain(turn.say("Only the words under it are kept, not the file itself.")))
    if turn.album is None:
        await turn.reply(text)
    else:
        await outgoing.send(
            turn.practice, turn.db, turn.me, Kind.reply, text, key=_album_key(turn, "words"), now=turn.now
        )


async def unreadable(turn: Turn) -> None:
    """Stickers, contacts, pictures: a friendly sentence, nothing stored. Of an album it waits for a caption to come."""
    text = turn.say("I can only keep words and voice messages here. Would you put it in a sentence?")
    if not turn.me.is_leader:  # a voice is kept as an answer, and nothing else of theirs is one
        text = turn.say("From you I can only take what is typed; this was not kept. Would you put it in a sentence?")
    if turn.album is None:
        await turn.reply(message(plain(text)))
        return
    key = _album_key(turn, "unreadable")
    if await _was_said(turn, key) or await _was_said(turn, _album_key(turn, "words")):
        return
    await outgoing.send(
        turn.practice, turn.db, turn.me, Kind.reply, message(plain(text)), key=key, now=turn.now,
        due_at=turn.now + _REST_OF_ALBUM,
    )  # fmt: skip


def _album_key(turn: Turn, what: str) -> str:
    return f"album:{turn.me.id}:{turn.album}:{what}"


async def _was_said(turn: Turn, key: str) -> bool:
    return await turn.db.scalar(select(Delivery.id).where(Delivery.dedupe_key == key)) is not None


async def corrected(turn: Turn, text: str, *, is_caption: bool) -> None:
    """An edit. Words put under a picture afterwards are words all the same."""
    if is_caption and text and await reading.latest_part(turn.db, turn.chat_id, turn.message_id) is None:
        if turn.me.is_leader:
            await captioned(turn, text)
        return
    if not (turn.me.is_coach and await replying.corrected(turn, text)):
        await answer.edited(turn, text)
