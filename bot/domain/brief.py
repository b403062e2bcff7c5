"""What a coach reads: a brief before one session, a digest over all leaders; values first, then blocks of text.

The same values give the same text. Words stand as they were written, in the leader's own order.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from bot.domain.measures import Standing
from bot.domain.schedule import local, to_instant
from bot.domain.text import Block, Span, bold, plain, quote
from bot.i18n import Say


@dataclass(frozen=True)
class Spoken:
    """A voice message: which recording, how long, and whether it is somebody else's, passed on."""

    id: UUID
    seconds: int
    is_forwarded: bool = False


@dataclass(frozen=True)
class Said:
    """One shared answer: on which local day, to which question (none if unasked), the tapped value, the words: one's
    own, forwarded ones, and what was spoken."""

    day: date
    theme: str
    question: str | None
    value: str
    words: str
    is_measure: bool = False
    forwarded: str = ""
    voices: tuple[Spoken, ...] = ()
    id: UUID | None = None
    is_pinned: bool = False  # it stands among what they bring already

    @property
    def refs(self) -> tuple[UUID, ...]:
        return () if self.id is None else (self.id,)

    @property
    def is_only_a_number(self) -> bool:
        """A measure without more to it: it stands among the ratings already."""
        return self.is_measure and not (self.words or self.forwarded or self.voices)


@dataclass(frozen=True)
class Heard:
    """What came from one leader in a span of time. `private` is a number and nothing else."""

    said: tuple[Said, ...] = ()
    topics: tuple[str, ...] = ()
    private: int = 0
    standings: tuple[Standing, ...] = ()
    asked: int = 0
    answered: int = 0
    open: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.said or self.topics or self.private or self.asked)


@dataclass(frozen=True)
class Brought:
    """One point a leader brings to the session: with its words where they are shared, else its theme, else only that
    there is one. `is_prompt`: a question they would rather talk about."""

    said: Said | None = None
    theme: str | None = None
    is_prompt: bool = False


@dataclass(frozen=True)
class Brief:
    """`starts_at`: aware; None when no session is planned. `more`: sessions planned after this one."""

    leader: str
    zone: str
    starts_at: datetime | None
    more: int
    since: datetime | None
    cut_at: datetime
    organisation: str
    role: str
    heard: Heard
    last_answered_at: datetime | None
    brought: tuple[Brought, ...] = ()


@dataclass(frozen=True)
class LeaderWeek:
    """One leader in a digest."""

    name: str
    heard: Heard
    last_answered_at: datetime | None
    next_session: datetime | None
    is_unreachable: bool
    is_paused: bool


@dataclass(frozen=True)
class WeeklyDigest:
    zone: str
    cut_at: datetime
    leaders: tuple[LeaderWeek, ...]

    @property
    def is_empty(self) -> bool:
        """Nothing to say: nobody was asked, nobody said anything, nobody is out of reach."""
        return all(week.heard.is_empty and not week.is_unreachable for week in self.leaders)


def brief_blocks(brief: Brief, say: Say, names: dict[str, str]) -> list[Block]:
    """`names`: what the themes and measures are called in the reader's language."""
    return [
        *_heading(brief, say),
        *_brought(brief.brought, say, names),
        *heard_blocks(brief.heard, say, names, by_theme=True),
        *_silence(brief.heard, brief.last_answered_at, brief.zone, say),
        _span_of(brief, say),
    ]


def _heading(brief: Brief, say: Say) -> list[Block]:
    when = say.moment(brief.starts_at, brief.zone) if brief.starts_at else say("no session planned")
    lines = [Span(f"{brief.leader} · {when}", "bold")]
    about = " · ".join(filter(None, (brief.role, brief.organisation)))
    if about:
        lines.append(Span("\n" + about))
    if brief.starts_at and brief.more:
        more = say.plural("{n} more session is planned after it.", "{n} more sessions are planned after it.", brief.more)
        lines.append(Span("\n" + more))
    return [Block(tuple(lines))]


def _brought(points: tuple[Brought, ...], say: Say, names: dict[str, str]) -> list[Block]:
    """What they bring to the session, in their own order."""
    if not points:
        return []
    lines = [_point(point, say, names) for point in points]
    return [bold(say("What they bring")), *(plain(f"{n}. ") + line for n, line in enumerate(lines, start=1))]


def _point(point: Brought, say: Say, names: dict[str, str]) -> Block:
    if point.said is not None:
        return _quoted(point.said, say)
    if point.theme is None:
        return plain(say("A point of their own, without words."))
    theme = names.get(point.theme, point.theme)
    if point.is_prompt:
        return plain(say("A question they would rather talk about: {theme}.", theme=theme))
    return plain(say("Only the topic: {theme}.", theme=theme))


def _span_of(brief: Brief, say: Say) -> Block:
    cut = say.moment(brief.cut_at, brief.zone)
    if brief.since is None:
        return Block((Span(say("Everything until {cut}.", cut=cut), "italic"),))
    since = say.moment(brief.since, brief.zone)
    return Block((Span(say("From {since} until {cut}.", since=since, cut=cut), "italic"),))


def heard_blocks(heard: Heard, say: Say, names: dict[str, str], *, by_theme: bool) -> list[Block]:
    """How much there was, the measures, then the words: what matters in two minutes comes first."""
    return [
        *_counts(heard, say, names),
        *_measures(heard, say, names),
        *(_grouped(heard.said, say, names) if by_theme else _in_order(heard.said, say)),
    ]


def _measures(heard: Heard, say: Say, names: dict[str, str]) -> list[Block]:
    if not heard.standings:
        return []
    lines = "\n".join(_standing(standing, say, names) for standing in heard.standings)
    refs = tuple(ref for one in heard.said if one.is_only_a_number for ref in one.refs)
    return [Block((Span(say("Their own ratings, 0 to 10"), "bold"), Span("\n" + lines)), refs)]


def _standing(standing: Standing, say: Say, names: dict[str, str]) -> str:
    name = names.get(standing.measure, standing.measure)
    before = ", ".join(str(value) for value in standing.recent)
    if standing.usual is not None:
        usual = say.number(standing.usual)
        return say(
            "{name}: {latest} (usually {usual}; before: {before})",
            name=name, latest=standing.latest, usual=usual, before=before,
        )  # fmt: skip
    if before:
        return say("{name}: {latest} (before: {before})", name=name, latest=standing.latest, before=before)
    return say("{name}: {latest}", name=name, latest=standing.latest)


def _grouped(said: tuple[Said, ...], say: Say, names: dict[str, str]) -> list[Block]:
    """By theme, in the order in which the leader first spoke of each."""
    themes: dict[str, list[Said]] = {}
    for one in said:
        if not (one.is_only_a_number or one.is_pinned):
            themes.setdefault(one.theme, []).append(one)
    blocks: list[Block] = []
    for theme, those in themes.items():
        blocks.append(bold(_capital(names.get(theme, theme))))
        blocks += [_quoted(one, say) for one in those]
    return blocks


def _in_order(said: tuple[Said, ...], say: Say) -> list[Block]:
    return [_quoted(one, say) for one in said if not (one.is_only_a_number or one.is_pinned)]


def _quoted(one: Said, say: Say) -> Block:
    about = " · ".join(filter(None, (say.short_day(one.day), one.question)))
    head = Block((Span(about + "\n", "italic"),), one.refs)
    said = "\n".join(filter(None, (one.value, one.words, *(_voice(voice, say) for voice in one.voices))))
    if not one.forwarded:
        return head + quote(said or "–")
    own = quote(said) + plain("\n") if said else Block(())
    return head + own + Block((Span(say("Forwarded:") + "\n", "italic"),)) + quote(one.forwarded)


def _voice(voice: Spoken, say: Say) -> str:
    if voice.is_forwarded:
        return say("🎤 forwarded voice, {length}", length=length_of(voice.seconds))
    return say("🎤 voice, {length}", length=length_of(voice.seconds))


def length_of(seconds: int) -> str:
    """`0:42`"""
    return f"{seconds // 60}:{seconds % 60:02}"


def _counts(heard: Heard, say: Say, names: dict[str, str]) -> list[Block]:
    lines = []
    if heard.topics:
        topics = [names.get(theme, theme) for theme in dict.fromkeys(heard.topics)]
        lines.append(say("Shared as a topic, without words: {topics}.", topics=say.list(topics)))
    if heard.private:
        lines.append(
            say.plural("{n} answer is kept private.", "{n} answers are kept private.", heard.private)
        )
    if heard.asked:
        lines.append(say("Asked {asked}, answered {answered}.", asked=heard.asked, answered=heard.answered))
        if heard.open:
            lines[-1] += " " + say.plural("{n} is still open.", "{n} are still open.", heard.open)
    return [plain("\n".join(lines))] if lines else []


def _silence(heard: Heard, last: datetime | None, zone: str, say: Say) -> list[Block]:
    if heard.said or heard.topics or heard.private:
        return []
    if last is None:
        return [plain(say("Nothing has been answered yet."))]
    return [plain(say("Nothing since {day}.", day=say.day(local(last, zone).date())))]


def digest_blocks(digest: WeeklyDigest, say: Say, names: dict[str, str]) -> list[Block]:
    head = say("Your leaders, week to {day}", day=say.day(local(digest.cut_at, digest.zone).date()))
    blocks = [bold(head), *_attention(digest, say)]
    for week in digest.leaders:
        blocks += _week(week, digest, say, names)
    return blocks


def _attention(digest: WeeklyDigest, say: Say) -> list[Block]:
    """Who cannot be reached, who has been silent for a week, who has no next session."""
    lines = []
    for week in digest.leaders:
        if week.is_unreachable:
            lines.append(say("{name} cannot be reached: the bot is blocked or the account is gone.", name=week.name))
        elif _is_silent(week, digest.cut_at):
            lines.append(_silent_since(week, digest.zone, say))
        if week.next_session is None:
            lines.append(say("{name} has no next session.", name=week.name))
    if not lines:
        return []
    return [Block((Span(say("Needs attention"), "bold"), Span("\n" + "\n".join(lines))))]


def _is_silent(week: LeaderWeek, now: datetime) -> bool:
    if week.is_paused or not week.heard.asked:
        return False
    if week.last_answered_at is None:
        return week.heard.asked > week.heard.open  # Friday's question is open until Monday evening
    return now - week.last_answered_at > timedelta(days=7)


def _silent_since(week: LeaderWeek, zone: str, say: Say) -> str:
    if week.last_answered_at is None:
        return say("{name} has not answered yet.", name=week.name)
    day = say.day(local(week.last_answered_at, zone).date())
    return say("{name} has been silent since {day}.", name=week.name, day=day)


def _week(week: LeaderWeek, digest: WeeklyDigest, say: Say, names: dict[str, str]) -> list[Block]:
    head = Block((Span("── " + week.name, "bold"),))
    if week.next_session is not None:  # that there is none is said above
        head += Block((Span(" · " + say.moment(week.next_session, digest.zone)),))
    if week.is_paused:
        head += Block((Span(" · " + say("paused")),))
    return [head, *heard_blocks(week.heard, say, names, by_theme=False)]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def next_digest(after: datetime, day: int, at: time, zone: str) -> datetime:
    """The coach's next weekday and hour, strictly after `after`; UTC."""
    today = local(after, zone).date()
    for ahead in range(15):
        candidate = today + timedelta(days=ahead)
        if candidate.weekday() == day and (instant := to_instant(candidate, at, zone)) and instant > after:
            return instant
    raise AssertionError("a week has every weekday")
