"""What every use-case is given: the database, the keys, the sequences, and one update's turn."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.catalog import Catalog
from bot.db.engine import Database
from bot.db.tables import Answer, Audit, Delivery, Person
from bot.domain.hours import Hours
from bot.domain.sequence import Sequence, Sharing
from bot.domain.text import Message
from bot.i18n import Say
from bot.vault import Box, Vault
from bot.work.vitals import Vitals

if TYPE_CHECKING:
    from bot.work.outgoing import Attachment

P = ParamSpec("P")
T = TypeVar("T")


class NotReadYetError(Exception):
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
    sent_at: datetime | None = None  # or edited
    begun_at: datetime | None = None  # when it was first written
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
    transaction: AsyncSession | None = field(default=None, repr=False)  # while it is taken
    found: dict[tuple[object, ...], Any] = field(default_factory=dict, repr=False)  # beforehand

    @property
    def db(self) -> AsyncSession:
        assert self.transaction is not None, "a turn has a transaction only while it is taken"
        return self.transaction

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
        if key not in self.found:
            raise NotReadYetError(key, lambda: look(self, *args, **kwargs))
        found: T = self.found[key]
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


def scope_of(sharing: str) -> str:
    """Only words that the coach may read are under the shared key."""
    return "shared" if sharing == Sharing.words else "private"


async def box_of(practice: Practice, answer: Answer) -> Box:
    """What the words of an answer are sealed and opened with."""
    return await practice.vault.box(answer.leader_id, scope_of(answer.sharing))
