"""What every use-case is given: the database, the keys, the sequences, and one update's turn."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.catalog import Catalog
from bot.db import enrolments, inbox, outbox
from bot.db.engine import Database
from bot.db.tables import Audit, Delivery, Person
from bot.domain.hours import Hours
from bot.domain.sequence import Sequence
from bot.domain.text import Message
from bot.errors import DataError, RefusedError
from bot.i18n import Say
from bot.vault import Vault
from bot.work.vitals import Vitals

if TYPE_CHECKING:
    from bot.work.outgoing import Attachment

P = ParamSpec("P")
T = TypeVar("T")
_MOST_LOOKS = 8


class _NotReadYetError(Exception):
    """What a use-case needs to have read before it may write anything."""

    def __init__(self, key: tuple[object, ...], look: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self.key, self.look = key, look


@dataclass
class Practice:
    """One deployment. `known_message_id` is the highest Telegram message id this process has seen; `drained_at` when it
    last found that no update waits at Telegram.

    `lull`: how long the next question waits after words, which may go on in another bubble; none on a clock that stands.
    """

    database: Database
    vault: Vault
    catalog: Catalog
    name: str
    bot_name: str = ""
    load_catalog: Callable[[], Catalog] | None = None
    known_message_id: int = 0
    looked_at: datetime | None = None
    drained_at: datetime | None = None
    vitals: Vitals = field(default_factory=Vitals)
    lull: timedelta = timedelta(0)
    parsed: dict[UUID, Sequence] = field(default_factory=dict)


@dataclass(frozen=True)
class Recorded:
    """A voice message as it was handed over."""

    body: bytes = field(repr=False)
    mime: str
    seconds: int


@dataclass
class Turn:
    """One update being handled: who wrote, when, and the transaction its effects are committed in."""

    practice: Practice
    now: datetime
    update_id: int
    chat_id: int
    telegram_id: int
    language_code: str | None
    first_name: str = ""
    message_id: int = 0
    sent_at: datetime | None = None
    replied_to: int | None = None
    replied_text: str | None = field(default=None, repr=False)  # what it reads, if it is the bot's
    quoted: str | None = field(default=None, repr=False)  # the part of that message that was marked
    is_press: bool = False
    is_forwarded: bool = False
    is_long: bool = False  # so long that it may be one of several parts
    album: str | None = None  # the media group this message is one of
    recorded: "Recorded | None" = None
    person: Person | None = None
    is_done: bool = False
    problem: BaseException | None = None  # what handling it raised
    has_new_language: bool = False
    replies: int = 0
    _db: AsyncSession | None = None
    _read: dict[tuple[object, ...], Any] = field(default_factory=dict, repr=False)

    @property
    def db(self) -> AsyncSession:
        assert self._db is not None, "a turn has a transaction only while it is taken"
        return self._db

    @property
    def me(self) -> Person:
        assert self.person is not None
        return self.person

    @property
    def say(self) -> Say:
        from bot.i18n import nearest_language

        return Say(self.person.language if self.person else nearest_language(self.language_code))

    @property
    def at(self) -> datetime:
        """The message's own date, which is when the person wrote, not when we got to it."""
        return self.sent_at or self.now

    async def beforehand(
        self, look: Callable[Concatenate["Turn", P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What `look` finds by reading, opening or drawing a lot. Nobody is kept from writing meanwhile: the transaction
        is given back, `look` has one that only reads, and then the use-case begins again and finds it here.

        The arguments are ids and words: a row is another object the second time.
        """
        key = (look, *args, *kwargs.values())
        if key not in self._read:
            raise _NotReadYetError(key, lambda: look(self, *args, **kwargs))
        found: T = self._read[key]
        return found

    async def reply(
        self, message: Message, *, answer_id: UUID | None = None, about: UUID | None = None,
        attachment: "Attachment | None" = None,
    ) -> Delivery:  # fmt: skip
        """Answer the person who wrote, in the lane ahead of prompts."""
        from bot.domain.delivery import Kind
        from bot.work import outgoing

        self.replies += 1
        key = f"update:{self.update_id}:{self.replies}"
        return await outgoing.send(
            self.practice, self.db, self.me, Kind.reply, message, key=key, now=self.now, answer_id=answer_id, about=about,
            attachment=attachment,
        )  # fmt: skip

    def audit(self, action: str, subject: UUID | None) -> None:
        self.db.add(Audit(at=self.now, actor_id=self.me.id, action=action, subject_id=subject))


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
            except _NotReadYetError as needed:
                assert len(turn._read) < _MOST_LOOKS, "what is looked up is told by other arguments each time"
                turn._read[needed.key] = await _look(turn, needed.look)
    except RefusedError as refused:
        await _commit(turn, _refuse, str(refused))
        raise


async def _look(turn: Turn, look: Callable[[], Awaitable[object]]) -> object:
    async with turn.practice.database.read() as db:
        turn._db = db
        try:
            turn.person = await by_telegram(db, turn.telegram_id)
            return await look()
        finally:
            turn._db = None


async def _commit(
    turn: Turn, do: Callable[Concatenate[Turn, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    from bot.work import parts

    turn.replies = 0
    async with turn.practice.database.write("answer") as db:
        turn._db = db
        try:
            turn.person = await by_telegram(db, turn.telegram_id, is_held=True)
            if turn.person is not None:
                turn.person.last_seen_at = max(turn.person.last_seen_at, turn.now)
                if turn.person.state == "unreachable":  # whoever writes can be written to
                    turn.person.state = "active"
                    await outbox.release(db, turn.person.id, turn.now)
                    await enrolments.wake(db, turn.person.id, turn.now)
            if turn.replied_text is not None:
                await _prove(turn)
            result = await do(turn, *args, **kwargs)
            if turn.is_long and turn.person is not None:
                await parts.begun(turn, is_refused=do is _refuse)
            if not await inbox.finish(db, turn.update_id, keep_chat=turn.person is not None):
                raise DataError("This update was handled already, by another process or in a commit nobody confirmed.")
        finally:
            turn._db = None
    turn.is_done = True
    return result


async def _prove(turn: Turn) -> None:
    from bot.work import reconciling

    await reconciling.prove(turn)


async def _refuse(turn: Turn, sentence: str) -> None:
    from bot.domain.text import message, plain

    if turn.person is not None and not turn.is_press:  # a press is answered by a toast
        await turn.reply(message(plain(sentence)))


async def by_telegram(db: AsyncSession, telegram_id: int, *, is_held: bool = False) -> Person | None:
    """`is_held`: of two presses of one person that come at once, the second sees what the first has done."""
    query = select(Person).where(Person.telegram_id == telegram_id, Person.state != "erased")
    return (await db.scalars(query.with_for_update() if is_held else query)).one_or_none()


def hours_of(person: Person) -> Hours:
    """When this person may be reached."""
    return Hours(
        zone=person.zone,
        start=person.window_start,
        end=person.window_end,
        work_days=frozenset(int(day) for day in person.work_days),
        country=person.country,
        subdivision=person.subdivision,
        usual=person.usual_at,
    )


async def name_of(practice: Practice, person: Person) -> str:
    """The name a person goes by."""
    if person.name is None:
        return "-"
    box = await practice.vault.box(person.id, "shared")
    return box.open("person.name", person.id, person.name)
