"""What a coach reads once a week over all leaders; values first, then blocks of text."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.domain.heard import Heard, heard_blocks
from bot.domain.schedule import local, to_instant
from bot.domain.text import Block, Span, bold
from bot.i18n import Say


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


def next_digest(after: datetime, day: int, at: time, zone: str) -> datetime:
    """The coach's next weekday and hour, strictly after `after`; UTC."""
    today = local(after, zone).date()
    for ahead in range(15):
        candidate = today + timedelta(days=ahead)
        if candidate.weekday() == day and (instant := to_instant(candidate, at, zone)) and instant > after:
            return instant
    raise AssertionError("a week has every weekday")
