"""What a coach reads once a week over all leaders; values first, then blocks of text.

In this order: what needs attention, each leader in a few lines with some of their own words, what comes next.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from bot.domain.checkpoint import Checkpoint
from bot.domain.checkpoint import blocks as checkpoint_blocks
from bot.domain.heard import Heard, Said, private_line, quoted, stands, topics_line
from bot.domain.measures import Change, Standing, explained
from bot.domain.schedule import local, to_instant
from bot.domain.text import Block, Span, bold, italic, plain, units
from bot.i18n import Say

SILENT_AFTER = timedelta(days=7)
_GONE_BY = 2  # one question that went by is a bad day
_AHEAD = timedelta(days=7)
_MISSED_SHOWN = 4


@dataclass(frozen=True)
class Unsent:
    """How many questions or messages did not go out, and why: down, refused, lost."""

    is_question: bool
    n: int
    why: str


@dataclass(frozen=True)
class LeaderWeek:
    """One leader in a digest. `engagement` is what buttons name; `missed`: when the questions were put that nobody
    answered; `paused_until`: as far as it is known. `quiet_since`: since when nothing comes, days of a pause left out;
    `unanswered`: how many questions have gone by since. `changes`: the marked ones that are told now."""

    name: str
    heard: Heard
    last_answered_at: datetime | None
    next_session: datetime | None
    is_unreachable: bool
    is_paused: bool
    engagement: UUID | None = None
    paused_until: datetime | None = None
    back_at: datetime | None = None  # a pause ended within this week
    changes: tuple[Change, ...] = ()
    unsent: tuple[Unsent, ...] = ()
    missed: tuple[datetime, ...] = ()
    zone: str = "Europe/London"
    sessions: tuple[datetime, ...] = ()  # those that are planned
    checkpoint: Checkpoint | None = None
    quiet_since: datetime | None = None
    unanswered: int = 0
    session_may_wait: bool = False  # their coach has said so
    ended_at: datetime | None = None  # the coaching was closed: these are the last words of it

    @property
    def shown(self) -> list[Said]:
        """What is quoted: one thing, or of the last words all, for there is nowhere else to read them."""
        if self.ended_at is not None:
            return [one for one in self.heard.said if not one.is_only_a_number and one.id not in self._beside]
        return [self.best] if self.best is not None else []

    @property
    def best(self) -> Said | None:
        """What is quoted, unless it stands beside the checkpoint already."""
        return best([one for one in self.heard.said if one.id is None or one.id not in self._beside])

    @property
    def rest(self) -> int:
        """How many shared answers are told nowhere in its lines."""
        shown = self.shown
        told = [one for one in self.heard.said if one in shown or one.is_only_a_number or one.id in self._beside]
        return len(self.heard.said) - len(told)

    @property
    def _beside(self) -> frozenset[UUID]:
        return frozenset(self.checkpoint.refs) if self.checkpoint else frozenset()

    @property
    def has_more(self) -> bool:
        """Whether there is more to read than its lines say: of several numbers only the latest stands there."""
        numbers = sum(one.is_only_a_number for one in self.heard.said)
        return self.rest > 0 or numbers > len(self.heard.standings)


@dataclass(frozen=True)
class WeeklyDigest:
    zone: str
    cut_at: datetime
    leaders: tuple[LeaderWeek, ...]

    @property
    def is_empty(self) -> bool:
        """Nothing to say: nobody was asked, nobody said anything, nobody is out of reach."""
        return all(
            week.heard.is_empty and not (week.is_unreachable or week.unsent or week.checkpoint) for week in self.leaders
        )


@dataclass(frozen=True)
class Section:
    """Blocks that belong together, with the leader they are about: their buttons go under the same message."""

    blocks: tuple[Block, ...]
    week: LeaderWeek | None = None


def best(said: Sequence[Said]) -> Said | None:
    """The words a digest quotes, by one rule: what they bring to the session, else the longest of their own words.

    Of equals the later. Where there are no words a recording stands for them, then what was tapped.
    """
    spoken = [one for one in said if not one.is_only_a_number]
    if not spoken:
        return None
    return max(enumerate(spoken), key=lambda pair: (*_weight(pair[1]), pair[0]))[1]


def _weight(one: Said) -> tuple[bool, int, int, int]:
    own_voice = sum(voice.seconds for voice in one.voices if not voice.is_forwarded)
    return one.is_pinned, units(one.words), own_voice, units(one.value)


def digest_sections(digest: WeeklyDigest, say: Say, names: dict[str, str]) -> list[Section]:
    head = say("Your leaders, week to {day}", day=say.day(local(digest.cut_at, digest.zone).date()))
    return [
        Section((bold(head), *_attention(digest, say, names))),
        *(Section(tuple(_week(week, digest, say, names)), week) for week in digest.leaders),
        Section(tuple(_ahead(digest, say))),
    ]


def digest_blocks(digest: WeeklyDigest, say: Say, names: dict[str, str]) -> list[Block]:
    """All of it, one below the other."""
    return [block for section in digest_sections(digest, say, names) for block in section.blocks]


def _attention(digest: WeeklyDigest, say: Say, names: dict[str, str]) -> list[Block]:
    """Whom to think of first, and why: the worst fall, then who is not reached, then whose session is to be planned."""
    led = [week for week in digest.leaders if week.ended_at is None]
    falls = [(change, week) for week in led for change in week.changes if change.is_fall]
    worst = sorted(falls, key=lambda pair: pair[0].size, reverse=True)
    lines = [f"{week.name} · {_explained(change, say, names)}" for change, week in worst]
    lines += [line for week in led for line in _reasons(week, digest, say)]
    if free := [week.name for week in led if week.next_session is None and not week.session_may_wait]:
        lines.append(
            say.plural(
                "{names} has no next session.", "{names} have no next session.", len(free), names=say.list(free)
            )
        )
    return [Block((Span(say("Needs attention"), "bold"), Span("\n" + "\n".join(lines))))] if lines else []


def _explained(change: Change, say: Say, names: dict[str, str]) -> str:
    return explained(change, names.get(change.measure, change.measure), say)


def _reasons(week: LeaderWeek, digest: WeeklyDigest, say: Say) -> Iterable[str]:
    if week.is_unreachable:
        yield say("{name} cannot be reached: the bot is blocked or the account is gone.", name=week.name)
    elif is_silent(week, digest.cut_at):
        yield _silent_since(week, digest, say)
    for unsent in week.unsent:
        yield _not_sent(week.name, unsent, say)


def is_silent(week: LeaderWeek, now: datetime) -> bool:
    """Whether nothing came for more than a week although there was more than one question whose time is over."""
    if week.is_paused or not week.heard.asked or week.unanswered < _GONE_BY:
        return False
    since = week.quiet_since or week.last_answered_at
    return since is None or now - since > SILENT_AFTER


def _silent_since(week: LeaderWeek, digest: WeeklyDigest, say: Say) -> str:
    if week.last_answered_at is None:
        return say("{name} has not answered yet.", name=week.name)
    last = local(week.quiet_since or week.last_answered_at, digest.zone).date()
    days = (local(digest.cut_at, digest.zone).date() - last).days
    return say(
        "{name} has been silent for {n} days, since {day}.", name=week.name, n=days, day=say.day(last)
    )


def _not_sent(name: str, unsent: Unsent, say: Say) -> str:
    why = {
        "down": say("the service was down at its time"),
        "refused": say("Telegram refused it"),
        "lost": say("nobody knows whether it arrived"),
    }[unsent.why]
    if unsent.is_question:
        return say.plural(
            "{n} question did not reach {name}: {why}.", "{n} questions did not reach {name}: {why}.", unsent.n,
            name=name, why=why,
        )  # fmt: skip
    return say.plural(
        "{n} message did not reach {name}: {why}.", "{n} messages did not reach {name}: {why}.", unsent.n,
        name=name, why=why,
    )  # fmt: skip


def _week(week: LeaderWeek, digest: WeeklyDigest, say: Say, names: dict[str, str]) -> list[Block]:
    """The name and the next session; the ratings; one thing in their own words; what else there is; what was asked."""
    head = Block((Span("── " + week.name, "bold"), Span(_when(week, digest, say))))
    lines = head + _ratings(week, say, names)
    quotes = [quoted(shown, say) for shown in week.shown]
    if len(quotes) == 1:
        lines += plain("\n") + quotes.pop()
    foot = "\n".join(filter(None, (_others(week, say, names), _asked(week, say))))
    if week.heard.is_empty and not week.is_paused:
        foot = say("Nothing was asked and nothing shared.")
    if foot:
        lines += plain("\n" + foot)
    return [lines, *quotes, *(checkpoint_blocks(week.checkpoint, say, names) if week.checkpoint else ())]


def _when(week: LeaderWeek, digest: WeeklyDigest, say: Say) -> str:
    """The next session, if there is one: that there is none is said above."""
    said = [say.moment(week.next_session, digest.zone)] if week.next_session is not None else []
    if week.ended_at is not None:
        said = [say("your coaching ended on {day}", day=_day(week.ended_at, digest, say))]
    elif week.is_paused:
        until = week.paused_until
        said.append(say("paused until {day}", day=_day(until, digest, say)) if until is not None else say("paused"))
    elif week.back_at is not None:
        said.append(say("was paused until {day}", day=_day(week.back_at, digest, say)))
    return "".join(" · " + one for one in said)


def _ratings(week: LeaderWeek, say: Say, names: dict[str, str]) -> Block:
    """The latest of each measure; a marked rise with what it rose from."""
    rises = {change.measure: change for change in week.changes if not change.is_fall}
    others = [_rating(one, say, names) for one in week.heard.standings if one.measure not in rises]
    lines = [" · ".join(others), *(_explained(change, say, names) for change in rises.values())]
    told = "\n".join(filter(None, lines))
    refs = tuple(ref for one in week.heard.said if one.is_only_a_number for ref in one.refs)
    return Block((Span("\n" + told),), refs) if told else Block(())


def _rating(standing: Standing, say: Say, names: dict[str, str]) -> str:
    """With what is usual; until that is known, with what was said before: the first weeks are when much can change."""
    if standing.usual is None:
        return stands(standing, say, names)
    name = names.get(standing.measure, standing.measure)
    if standing.usual == standing.latest:
        return say("{name}: {latest}", name=name, latest=standing.latest)
    return say("{name}: {latest} (usually {usual})", name=name, latest=standing.latest, usual=say.number(standing.usual))


def _others(week: LeaderWeek, say: Say, names: dict[str, str]) -> str:
    """What is not shown here: further words, topics, and how many private answers."""
    more = say.plural("{n} more answer is shared.", "{n} more answers are shared.", week.rest) if week.rest else ""
    return " ".join(filter(None, (more, topics_line(week.heard, say, names), private_line(week.heard, say))))


def _asked(week: LeaderWeek, say: Say) -> str:
    """A fact about the schedule: what was put, what was answered, and when those were put that went by."""
    heard = week.heard
    if not heard.asked:
        return ""
    parts = [say("Asked {asked}, answered {answered}.", asked=heard.asked, answered=heard.answered)]
    if heard.open:
        parts.append(say.plural("{n} is still open.", "{n} are still open.", heard.open))
    if week.missed:
        times = [_clock(at, week.zone, say) for at in week.missed[:_MISSED_SHOWN]]
        if len(week.missed) > _MISSED_SHOWN:
            times.append("…")
        parts.append(say("Went by unanswered: {times}.", times=", ".join(times)))
    return " ".join(parts)


def _clock(at: datetime, zone: str, say: Say) -> str:
    """`Tue 6 Oct 17:30` on the leader's own clock."""
    wall = local(at, zone)
    return f"{say.short_day(wall.date())} {say.clock(wall.time())}"


def _ahead(digest: WeeklyDigest, say: Say) -> list[Block]:
    """The sessions of the next seven days and who comes back from a pause; then by which rule words were chosen."""
    until = digest.cut_at + _AHEAD
    comes = [
        (at, say("{when}: {name}", when=say.moment(at, digest.zone), name=week.name))
        for week in digest.leaders for at in week.sessions if digest.cut_at < at <= until
    ] + [
        (week.paused_until, say("{when}: {name} is back from a pause", when=_day(week.paused_until, digest, say),
                                name=week.name))
        for week in digest.leaders
        if week.paused_until is not None and digest.cut_at < week.paused_until <= until
    ]  # fmt: skip
    lines = [line for _, line in sorted(comes)] or [say("No session is planned in the next seven days.")]
    found = [Block((Span(say("Next week"), "bold"), Span("\n" + "\n".join(lines))))]
    if any(week.best is not None for week in digest.leaders):
        rule = say("Quoted of each: what they bring to the session, else the longest of their own words.")
        found.append(italic(rule))
    return found


def _day(at: datetime, digest: WeeklyDigest, say: Say) -> str:
    return say.day(local(at, digest.zone).date())


def next_digest(after: datetime, day: int, at: time, zone: str) -> datetime:
    """The coach's next weekday and hour, strictly after `after`; UTC."""
    today = local(after, zone).date()
    for ahead in range(15):
        candidate = today + timedelta(days=ahead)
        if candidate.weekday() == day and (instant := to_instant(candidate, at, zone)) and instant > after:
            return instant
    raise AssertionError("a week has every weekday")
