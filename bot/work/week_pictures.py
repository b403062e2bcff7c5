"""The digest's pictures: the last eight weeks of every leader who rated something, and the same in words below."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.measures import RULE, Reading
from bot.domain.schedule import local
from bot.domain.text import CAPTION_LIMIT, Message, message, plain, units
from bot.i18n import Say
from bot.work.outgoing import Attachment
from bot.work.weekly import DRAWN, Drawable

if TYPE_CHECKING:
    from bot.pictures import weeks as pictured

_NEEDED = 2

Picture = tuple[Message, Attachment]


def draw(leaders: Sequence[Drawable], zone: str, now: datetime, say: Say, names: dict[str, str]) -> list[Picture]:
    """As many as can be read on a phone; none while nobody has rated anything twice."""
    if not any(len(readings) >= _NEEDED for one in leaders for readings in one.series.values()):
        return []
    from bot.pictures import weeks as pictured

    drawn = [one for one in leaders if one.series]
    panels = {one.name + str(n): _panel(one, zone, now, say, names) for n, one in enumerate(drawn)}
    first, last = _wall(now - DRAWN, zone), _wall(now, zone)
    span = say("From {first} to {last}", first=say.date_only(first.date()), last=say.date_only(last.date()))
    found: list[Picture] = []
    shown = 0
    for page in pictured.pages([*panels.values()]):
        chart = pictured.Weeks(say("Your leaders’ own ratings, 0 to 10"), span, page, first, last)
        on_it = drawn[shown : shown + len(page)]
        shown += len(page)
        others = [one.name for one in leaders if not one.series] if shown == len(drawn) else []
        lines = [] if found else [say("Their own ratings over eight weeks, with sessions and pauses.")]
        lines += [say("{name}: {ratings}", name=one.name, ratings=_latest(one, zone, now, say, names)) for one in on_it]
        if others:
            lines.append(say("Without a rating in this time: {names}.", names=say.list([*others])))
        found.append((_caption(lines, on_it), Attachment("photo", "weeks.png", pictured.draw(chart, say))))
    return found


def _panel(one: Drawable, zone: str, now: datetime, say: Say, names: dict[str, str]) -> "pictured.Panel":
    from bot.pictures import weeks as pictured

    falls = {change.measure: "fall" if change.is_fall else "rise" for change in one.changes}
    rows = tuple(
        pictured.Row(
            names.get(measure, measure),
            tuple((_wall(reading.at, zone), float(reading.value)) for reading in readings),
            usual=one.usual.get(measure),
            change=falls.get(measure, ""),
            is_old=_is_old(readings, now),
        )
        for measure, readings in one.series.items()
    )
    return pictured.Panel(
        one.name, rows, note=say("paused") if one.is_paused else "",
        sessions=tuple(_wall(at, zone) for at in one.sessions),
        pauses=tuple((_wall(start, zone), _wall(end, zone)) for start, end in one.pauses),
    )  # fmt: skip


def _is_old(readings: Sequence[Reading], now: datetime) -> bool:
    """Whether the latest value says no more where somebody stands."""
    return readings[-1].at < now - RULE.fresh


def _caption(lines: list[str], drawn: Sequence[Drawable]) -> Message:
    """Who cannot see the picture reads the latest values; as many lines as there is room for."""
    while units("\n".join(lines)) > CAPTION_LIMIT:
        lines.pop()
    refs = tuple(ref for one in drawn for ref in one.refs)
    return replace(message(plain("\n".join(lines))), protected=True, refs=refs)


def _latest(one: Drawable, zone: str, now: datetime, say: Say, names: dict[str, str]) -> str:
    fall, rise = say("a marked fall"), say("a marked rise")
    marked = {change.measure: fall if change.is_fall else rise for change in one.changes}
    parts = []
    for measure, readings in one.series.items():
        value = f"{names.get(measure, measure)} {readings[-1].value}"
        if _is_old(readings, now):
            value += f" ({say.short_day(local(readings[-1].at, zone).date())})"
        parts.append(f"{value} ({marked[measure]})" if measure in marked else value)
    return " · ".join(parts)


def _wall(instant: datetime, zone: str) -> datetime:
    """On the coach's own clock; a pause without an end has none there either."""
    return instant.replace(tzinfo=None) if instant.year > 9000 else local(instant, zone).replace(tzinfo=None)
