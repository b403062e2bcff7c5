"""Planning sessions: by words in the coach's zone or by buttons; both sides see them in their own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from bot.db import enrolments, people
from bot.db.tables import Engagement, Person, Session
from bot.domain import appointments
from bot.domain.hours import holiday_name
from bot.domain.phrases import Misread
from bot.domain.schedule import local, to_instant
from bot.domain.text import Block, Button, message, plain
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import choosing, expecting, meetings, telling
from bot.work.practice import Turn, name_of

_HOURS = range(8, 19)
_AHEAD = 15  # days to choose from


@dataclass(frozen=True)
class Series:
    """Sessions to plan, and whether it goes on without an agreed end after them."""

    instants: list[datetime]
    minutes: int = 60
    is_open_ended: bool = False


async def book(
    turn: Turn, engagement: Engagement, leader: Person, series: Series, *, may_be_second: bool = False
) -> None:
    """Plan them all or none, show them to the coach, tell the leader. A second one on a day is asked about first."""
    if not may_be_second and (other := await _same_day(turn, engagement, series)) is not None:
        await _ask_which(turn, engagement, leader, other, series)
        return
    made = [await meetings.add(turn, engagement, at, series.minutes) for at in series.instants]
    if not made:
        raise RefusedError(turn.say("There is no such day in your time zone. Please choose another."))
    if len(made) > 1:
        total = len(await enrolments.sessions_of(turn.db, engagement.id))
        engagement.agreed_sessions = max(engagement.agreed_sessions, total)
    if series.is_open_ended:
        engagement.agreed_sessions, engagement.is_open_ended = len(made), True
    say, name = turn.say, await name_of(turn.practice, leader)
    head = say.plural("{n} session with {name}:", "{n} sessions with {name}:", len(made), name=name)
    blocks = [plain("\n".join([head, *_moments(say, turn.me, made)]))]
    blocks += there(say, turn.me, leader, name, made)
    blocks += on_holidays(say, turn.me, leader, name, [session.starts_at for session in made])
    if series.is_open_ended:
        blocks.append(plain(say("After that it goes on without an agreed end.")))
    await turn.reply(message(*blocks), about=leader.id)
    await telling.tell(turn, leader, planned=made)


async def _same_day(turn: Turn, engagement: Engagement, series: Series) -> Session | None:
    """The session that is planned with this leader on the day of a single new one, unless the two clash anyway."""
    if len(series.instants) != 1 or series.is_open_ended:
        return None
    [at], zone = series.instants, turn.me.zone
    if at <= turn.now or await meetings.clash_of(turn, at, at + timedelta(minutes=series.minutes)) is not None:
        return None
    planned = [one for one in await enrolments.sessions_of(turn.db, engagement.id) if one.starts_at > turn.now]
    return next((one for one in planned if local(one.starts_at, zone).date() == local(at, zone).date()), None)


async def _ask_which(turn: Turn, engagement: Engagement, leader: Person, other: Session, series: Series) -> None:
    """Most often the time was meant to be another one."""
    say, [at], zone = turn.say, series.instants, turn.me.zone
    name, then = await name_of(turn.practice, leader), say.moment(other.starts_at, zone)
    clock = say.clock(local(at, zone).time())
    text = say("A session with {name} is planned on that day already: {when}. Move it to {time}, or plan both?",
               name=name, when=then, time=clock)  # fmt: skip
    minutes = series.minutes if series.minutes != Series.minutes else 0  # nobody said: its own length stays
    rows = [
        [Button(say("Move it to {time}", time=clock), ("session.instead", other.id, at.isoformat(), minutes)),
         Button(say("Plan both"), ("session.both", engagement.id, at.isoformat(), series.minutes))],
        [Button(say("Leave it"), ("session.open", other.id))],
    ]  # fmt: skip
    await turn.reply(message(plain(text), buttons=rows), about=leader.id)


async def both(turn: Turn, engagement_id: str, start: str, minutes: str) -> None:
    """A second session on the same day."""
    engagement, leader = await led(turn, engagement_id)
    await book(turn, engagement, leader, Series([datetime.fromisoformat(start)], int(minutes)), may_be_second=True)


def _moments(say: Say, me: Person, made: list[Session]) -> list[str]:
    return [say.moment(session.starts_at, me.zone) for session in made]


def there(say: Say, me: Person, leader: Person, name: str, made: list[Session]) -> list[Block]:
    """The time on the leader's clock, where it is another: once, or for each day on which it differs from the first."""
    clocks = [(local(s.starts_at, me.zone), local(s.starts_at, leader.zone)) for s in made]
    theirs = [there for _, there in clocks]
    if all(here.replace(tzinfo=None) == there.replace(tzinfo=None) for here, there in clocks):
        return []
    if len({at.time() for at in theirs}) == 1:
        text = say("For {name} that is {time} ({zone}).", name=name, time=say.clock(theirs[0].time()), zone=leader.zone)
        return [plain(text)]
    head = say("For {name} ({zone}) that is:", name=name, zone=leader.zone)
    return [plain("\n".join([head, *_moments(say, leader, made)]))]


def on_holidays(say: Say, me: Person, leader: Person, name: str, starts: Iterable[datetime]) -> list[Block]:
    """Which of them fall on a public holiday, the coach's or the leader's; they are planned all the same."""
    lines = []
    for at in starts:
        here, there = ((local(at, one.zone).date(), _holiday(one, at, say)) for one in (me, leader))
        if here[1] and here == there:
            lines.append(say("{day} is a public holiday: {holiday}.", day=say.day(here[0]), holiday=here[1]))
            continue
        if here[1]:
            text = say("{day} is a public holiday where you are: {holiday}.", day=say.day(here[0]), holiday=here[1])
            lines.append(text)
        if there[1]:
            text = say("{day} is a public holiday where {name} is: {holiday}.",
                       day=say.day(there[0]), name=name, holiday=there[1])  # fmt: skip
            lines.append(text)
    return [plain("\n".join(dict.fromkeys(lines)))] if lines else []


def _holiday(person: Person, at: datetime, say: Say) -> str | None:
    day = local(at, person.zone).date()
    return holiday_name(person.country, person.subdivision, day, say.language)


async def by_words(turn: Turn, text: str, engagement: Engagement, leader: Person) -> None:
    """`Thu 10:00 weekly x6 then open-ended` for this leader."""
    asked = read(turn, f". {text}")
    if asked.name != ".":
        said = asked.name.removeprefix(". ")[:40]
        raise RefusedError(turn.say("I did not understand “{words}”.", words=said))
    await book(turn, engagement, leader, as_series(turn, asked))


def read(turn: Turn, text: str) -> appointments.SessionRequest:
    """What is to be planned, in the coach's own time."""
    asked = appointments.parse_session(text, local(turn.now, turn.me.zone).replace(tzinfo=None), turn.say)
    if isinstance(asked, Misread):
        raise RefusedError(asked.sentence)
    return asked


def as_series(turn: Turn, asked: appointments.SessionRequest) -> Series:
    starts = [asked.start + timedelta(days=(asked.every_days or 0) * number) for number in range(asked.count)]
    instants = [to_instant(start.date(), start.time(), turn.me.zone) for start in starts]
    return Series([at for at in instants if at is not None], asked.minutes, asked.is_open_ended)


async def led(turn: Turn, engagement_id: str) -> tuple[Engagement, Person]:
    """One of the coach's own; anybody else's looks as if there were nobody."""
    found = await people.engagement_for(turn.db, UUID(engagement_id), turn.me.id)
    if found is None:
        raise RefusedError(turn.say("There is nobody of that name."))
    return found


async def choose_leader(turn: Turn) -> None:
    say = turn.say
    hint = say("In words: /session Jack Thu 10:00 weekly x6 · /session Jack move Fri 14:00 · /session Jack cancel")
    await choosing.own_leader(turn, "session.day", plain(say("A session with whom?")), plain(hint))


async def choose_day(turn: Turn, engagement_id: str) -> None:
    """The next fourteen days that the coach works, or any other in words."""
    await led(turn, engagement_id)
    today = local(turn.now, turn.me.zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(_AHEAD)]
    work = [day for day in days if str(day.weekday()) in turn.me.work_days]
    buttons = [Button(turn.say.short_day(day), ("session.time", engagement_id, day.isoformat())) for day in work]
    rows = [*in_rows(buttons, 2), [Button(turn.say("another day or time"), ("session.ask", engagement_id))]]
    await turn.reply(message(plain(turn.say("On which day?")), buttons=rows))


async def choose_time(turn: Turn, engagement_id: str, day: str) -> None:
    """The whole hours of that day at which the coach is not with somebody else."""
    await led(turn, engagement_id)
    on, zone = date.fromisoformat(day), turn.me.zone
    hours = []
    for hour in _HOURS:
        at = to_instant(on, time(hour), zone)
        if at is not None and at > turn.now and await meetings.clash_of(turn, at, at + timedelta(hours=1)) is None:
            hours.append(hour)
    if not hours:
        raise RefusedError(turn.say("There is no hour left on that day. Please choose another."))
    buttons = [Button(f"{hour}:00", ("session.often", engagement_id, day, f"{hour:02}:00")) for hour in hours]
    rows = [*in_rows(buttons, 4), [Button(turn.say("another time"), ("session.ask", engagement_id))]]
    await turn.reply(message(plain(turn.say("At what time?")), buttons=rows))


async def choose_often(turn: Turn, engagement_id: str, day: str, at: str) -> None:
    await led(turn, engagement_id)
    say = turn.say
    choices = [
        (say("once"), (0, 1)), (say("weekly, six times"), (7, 6)),
        (say("weekly, six times, then open-ended"), (7, 6, "open")), (say("fortnightly, six times"), (14, 6)),
    ]  # fmt: skip
    rows = [[Button(label, ("session.make", engagement_id, day, at, *how))] for label, how in choices]
    await turn.reply(message(plain(say("How often?")), buttons=rows))


async def make(turn: Turn, engagement_id: str, day: str, at: str, every: str, count: str, then: str = "") -> None:
    engagement, leader = await led(turn, engagement_id)
    start = datetime.combine(date.fromisoformat(day), time.fromisoformat(at))
    asked = appointments.SessionRequest("", start, int(every) or None, int(count), is_open_ended=then == "open")
    await book(turn, engagement, leader, as_series(turn, asked))


async def ask_words(turn: Turn, engagement_id: str) -> None:
    """A day or time that no button has."""
    await led(turn, engagement_id)
    await expecting.expect(turn, "session.words", {"engagement": engagement_id})
    example = turn.say("Thu 10:30 weekly x6")
    text = turn.say("Which day and time? For example: {example}", example=example)
    await turn.reply(message(plain(text), placeholder=example))


async def take_words(turn: Turn, text: str, engagement_id: str) -> None:
    """The words after "another day or time"."""
    await by_words(turn, text, *await led(turn, engagement_id))
    await expecting.forget(turn)


def in_rows(buttons: list[Button], width: int) -> list[list[Button]]:
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]
