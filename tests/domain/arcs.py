"""Hand-made calendars for the arc: Jack, his sessions, and everything that falls due for him."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from bot.domain.arc import Due, Meeting, Surroundings, upcoming
from bot.domain.hours import Hours
from bot.domain.schedule import local, to_instant
from bot.domain.sequence import Step, When

LONDON = Hours("Europe/London", country="GB", subdivision="ENG")
FAR = datetime(2030, 1, 1, tzinfo=UTC)
NONE: frozenset[tuple[str, str]] = frozenset()


def step(when: When, key: str = "step") -> Step:
    words = {"en": "", "fr": ""}
    return Step(key, "confidence", when, (), words, "", 1, "", "")


def at(text: str, zone: str = "Europe/London") -> datetime:
    moment = datetime.fromisoformat(text)
    instant = to_instant(moment.date(), moment.time(), zone)
    assert instant is not None
    return instant


def meeting(text: str, number: int = 1, zone: str = "Europe/London", minutes: int = 60) -> Meeting:
    starts_at = at(text, zone)
    return Meeting(UUID(int=number), starts_at, starts_at + timedelta(minutes=minutes))


# Thursdays at ten, six weeks, across the end of summer time (25 October 2026)
THURSDAYS = [meeting(f"2026-{month}-{day:02}T10:00", n) for n, (month, day) in enumerate(
    [(10, 8), (10, 15), (10, 22), (10, 29), (11, 5), (11, 12)], start=1)]  # fmt: skip
JOINED = at("2026-10-05T09:30")  # a Monday


def dues(*whens: When, around: str = "", taken: Collection[datetime] = (), **changed: Any) -> list[Due]:
    """Everything that ever falls due for these steps (until 2030)."""
    facts: dict[str, Any] = {"joined": JOINED, "meetings": THURSDAYS, "hours": LONDON, "served": NONE}
    facts |= {"after": changed.get("joined", JOINED), "before": FAR} | changed
    steps = [step(when, f"step-{n}" if len(whens) > 1 else "step") for n, when in enumerate(whens, start=1)]
    return upcoming(steps, **facts, surroundings=Surroundings(around, taken))


def shown(found: list[Due], zone: str = "Europe/London") -> list[str]:
    return [local(due.due_at, zone).strftime("%Y-%m-%dT%H:%M") for due in found]


def ends(found: list[Due], zone: str = "Europe/London") -> list[str]:
    return [local(due.until, zone).strftime("%Y-%m-%dT%H:%M") for due in found]


def booked(joined: datetime, hours_between: list[int]) -> list[Meeting]:
    sessions, starts_at = [], joined - timedelta(days=3)
    for number, gap in enumerate(hours_between, start=1):
        starts_at += timedelta(hours=gap)
        sessions.append(Meeting(UUID(int=number), starts_at, starts_at + timedelta(hours=1)))
    return sessions
