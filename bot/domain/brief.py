"""What a coach reads before one session with one leader; values first, then blocks of text."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.heard import Heard, Said, heard_blocks, quoted
from bot.domain.schedule import local
from bot.domain.text import Block, Span, bold, plain
from bot.i18n import Say


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
        return quoted(point.said, say)
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


def _silence(heard: Heard, last: datetime | None, zone: str, say: Say) -> list[Block]:
    if heard.said or heard.topics or heard.private:
        return []
    if last is None:
        return [plain(say("Nothing has been answered yet."))]
    return [plain(say("Nothing since {day}.", day=say.day(local(last, zone).date())))]
