"""Charts as PNG: small panels one below the other, readable on a phone, on a light or dark screen and without colours.

Import it where a picture is drawn: it loads what nothing else needs. The fonts (a part of Noto Sans) are here too, so that
a picture looks the same on every machine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from statistics import median_low

from bot.i18n import Say
from bot.pictures.paper import AXIS, GREY, GRID, Paper, Spot, fitted, width_of

Point = tuple[datetime, float]
"""When, on the person's own wall clock (naive), and how much."""

WIDTH = 780  # twice that of a phone: the smallest text, 22, is 11 there
_LEFT, _RIGHT, _MARGIN = 66, 742, 32
_HEAD, _PANEL, _PLOT, _TITLE, _LEGEND = 116, 242, 150, 54, 36
_AXIS, _MARK, _FOOT = 34, 38, 22
_CROWDED = 30
_SHORTEST, _GAP = timedelta(days=7), timedelta(days=22)
_WEEKS_NOT_MONTHS = timedelta(days=75)


@dataclass(frozen=True)
class Line:
    """Values over time, oldest first; `name` is shown when a panel has two lines. There is no look for a third."""

    points: tuple[Point, ...]
    name: str = ""


@dataclass(frozen=True)
class Panel:
    """One small chart. `note` stands at the right of its title; `marks` are moments shown below it, such as sessions."""

    title: str
    lines: tuple[Line, ...]
    note: str = ""
    marks: tuple[datetime, ...] = ()
    low: float = 0
    high: float = 10


@dataclass(frozen=True)
class Chart:
    """Panels over one span of time. `mark` says what the marks are."""

    title: str
    subtitle: str
    panels: tuple[Panel, ...]
    first: datetime
    last: datetime
    mark: str = ""


def draw(chart: Chart, say: Say) -> bytes:
    """The chart as PNG, 780 pixels wide, opaque."""
    has_marks = bool(chart.mark) and any(panel.marks for panel in chart.panels)
    heights = [_PANEL + (_LEGEND if len(panel.lines) > 1 else 0) for panel in chart.panels]
    paper = Paper(WIDTH, _HEAD + sum(heights) + _AXIS + (_MARK if has_marks else 0) + _FOOT)
    paper.text((_MARGIN, 54), fitted(chart.title, 34, WIDTH - 2 * _MARGIN, bold=True), 34, bold=True)
    paper.text((_MARGIN, 90), fitted(chart.subtitle, 24, WIDTH - 2 * _MARGIN), 24, shade=GREY)
    ticks = time_ticks(chart.first, _end(chart), say)
    top = _HEAD
    for panel, height in zip(chart.panels, heights, strict=True):
        _draw_panel(paper, panel, chart, top, [_x(at, chart) for at, _ in ticks], say)
        top += height
    for at, words in ticks:
        half = width_of(words, 22) / 2
        x = min(max(_x(at, chart), _MARGIN + half), WIDTH - 12 - half)
        paper.text((x, top + 16), words, 22, shade=GREY, anchor="ms")
    if has_marks:
        paper.triangles([(_LEFT + 8, top + _AXIS + 6)], 15)
        paper.text((_LEFT + 26, top + _AXIS + 21), chart.mark, 22, shade=GREY)
    return paper.png()


def _draw_panel(paper: Paper, panel: Panel, chart: Chart, top: int, ticks: list[float], say: Say) -> None:
    note = fitted(panel.note, 26, 360)
    room = _RIGHT - _MARGIN - width_of(note, 26) - 20
    paper.text((_MARGIN, top + 30), fitted(panel.title, 28, room, bold=True), 28, bold=True)
    paper.text((_RIGHT, top + 30), note, 26, anchor="rs")
    roof = top + _TITLE
    if len(panel.lines) > 1:
        _draw_legend(paper, panel, roof)
        roof += _LEGEND
    floor = roof + _PLOT
    for x in ticks:
        paper.line((x, roof), (x, floor), GRID)
    for value in (panel.low, (panel.low + panel.high) / 2, panel.high):
        y = _y(value, panel, floor)
        paper.line((_LEFT, y), (_RIGHT, y), AXIS if value == panel.low else GRID)
        paper.text((_LEFT - 12, y + 8), say.number(value), 22, shade=GREY, anchor="rs")
    shown = [mark for mark in panel.marks if chart.first <= mark <= _end(chart)]
    paper.triangles([(_x(mark, chart), floor + 5) for mark in shown], 15 if len(shown) <= _CROWDED else 11)
    for number, line in enumerate(panel.lines):
        _draw_line(paper, line, number + 1, chart, panel, floor)


def _draw_legend(paper: Paper, panel: Panel, y: float) -> None:
    x = float(_LEFT)
    for number, line in enumerate(panel.lines):
        name = fitted(line.name, 22, 250)
        paper.curve([[(x, y), (x + 36, y)]], number + 1, dot=6)
        paper.text((x + 52, y + 8), name, 22, shade=GREY)
        x += 52 + width_of(name, 22) + 40


def _draw_line(paper: Paper, line: Line, ink: int, chart: Chart, panel: Panel, floor: float) -> None:
    runs: list[list[Spot]] = [
        [(_x(at, chart), _y(value, panel, floor)) for at, value in run] for run in runs_of(line.points)
    ]
    if runs:
        paper.curve(runs, ink, dot=7 if len(line.points) <= _CROWDED else 4.5)


def runs_of(points: Sequence[Point]) -> list[list[Point]]:
    """The stretches between gaps: nothing is drawn across weeks that nobody knows anything about.

    A gap is more than three weeks, and more than twice the line's own rhythm: what is asked monthly is one line.
    """
    apart = [later - earlier for (earlier, _), (later, _) in pairwise(points)]
    gap = max(_GAP, 2.2 * median_low(apart)) if apart else _GAP
    runs: list[list[Point]] = []
    for point in points:
        if not runs or point[0] - runs[-1][-1][0] > gap:
            runs.append([])
        runs[-1].append(point)
    return runs


def _end(chart: Chart) -> datetime:
    return max(chart.last, chart.first + _SHORTEST)


def _x(at: datetime, chart: Chart) -> float:
    share = (at - chart.first) / (_end(chart) - chart.first)
    return _LEFT + 14 + share * (_RIGHT - _LEFT - 28)


def _y(value: float, panel: Panel, floor: float) -> float:
    return floor - _PLOT * (value - panel.low) / ((panel.high - panel.low) or 1)


def time_ticks(first: datetime, last: datetime, say: Say) -> list[tuple[datetime, str]]:
    """At most seven dates and what is written below them: Mondays of a few weeks, else the beginnings of months."""
    if last - first <= _WEEKS_NOT_MONTHS:
        mondays = [day for day in _days(first, last) if day.weekday() == 0]
        return [(_midnight(day), say.date_only(day)) for day in mondays[:: -(-len(mondays) // 7) or 1]]
    months = [day for day in _days(first, last) if day.day == 1]
    every = next(n for n in (1, 2, 3, 6, 12, 24, 60, 120) if len(months) <= 7 * n)
    return [(_midnight(day), say.short_month(day)) for day in months if (day.year * 12 + day.month - 1) % every == 0]


def _days(first: datetime, last: datetime) -> Iterator[date]:
    day = first.date() if first.time() == time(0) else first.date() + timedelta(days=1)
    while day <= last.date():
        yield day
        day += timedelta(days=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0))
