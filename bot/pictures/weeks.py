"""The weeks of several leaders as PNG: a small panel for each, a row for each of their own measures.

A row runs from 0 to 10. What is marked is told by shape, place and words as well as by colour: a change has squares and
an arrow, a session a triangle below and a line through the panel, a pause a grey band.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from bot.i18n import Say
from bot.pictures import WIDTH, Point, runs_of, time_ticks
from bot.pictures.paper import AXIS, FULL, GREY, GRID, Paper, fitted, width_of

TALLEST = 1560  # what is taller is shrunk by Telegram until its words are too small
_MARGIN, _GUTTER = 32, 40
_HEAD, _FOOT, _AXIS = 106, 20, 34
_NAME, _BELOW = 42, 46
_SIGN, _APART, _LINE = {"session": 32, "pause": 32, "usual": 44, "change": 36}, 26, 36
_AROUND = _HEAD + _AXIS + 2 * _LINE + _FOOT
_HIGH = 10
_MOST_IN_ONE_COLUMN = 4


@dataclass(frozen=True)
class Row:
    """One measure: its values, oldest first, the usual one, and whether its end is a marked `fall` or `rise`.

    `is_old`: its latest value says no more where the leader stands now.
    """

    name: str
    points: tuple[Point, ...]
    usual: float | None = None
    change: str = ""
    is_old: bool = False


@dataclass(frozen=True)
class Panel:
    """One leader. `note` stands at the right of the name; pauses are from and until."""

    name: str
    rows: tuple[Row, ...]
    note: str = ""
    sessions: tuple[datetime, ...] = ()
    pauses: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True)
class Weeks:
    """Panels over one span of time, in the coach's own wall clock (naive)."""

    title: str
    subtitle: str
    panels: tuple[Panel, ...]
    first: datetime
    last: datetime


@dataclass(frozen=True)
class _Look:
    """How wide a column is and how tall a row. In one column words stand beside a line; in two there is room above it."""

    columns: int
    row: int
    above: int
    label: int
    value: int

    @property
    def width(self) -> float:
        return (WIDTH - 2 * _MARGIN - (self.columns - 1) * _GUTTER) / self.columns

    def left(self, column: int) -> float:
        return _MARGIN + column * (self.width + _GUTTER)

    def plot(self, column: int) -> tuple[float, float]:
        """From where to where the lines go: between the name of a measure and its latest value."""
        return self.left(column) + self.label, self.left(column) + self.width - self.value

    def height(self, panel: Panel) -> int:
        return _NAME + self.row * len(panel.rows) + _BELOW


_WIDE, _NARROW = _Look(1, 82, 0, 190, 66), _Look(2, 96, 30, 0, 0)


def pages(panels: Sequence[Panel]) -> list[tuple[Panel, ...]]:
    """The panels of each picture, in their order: as many as can still be read on a phone."""
    for n in range(1, len(panels)):
        split = _evenly(panels, n)
        if all(_tall(page) <= TALLEST for page in split):
            return split
    return [(panel,) for panel in panels]


def _evenly(panels: Sequence[Panel], n: int) -> list[tuple[Panel, ...]]:
    """In `n` parts, the first ones larger by one where it does not go evenly: nobody is left alone."""
    edges = [-(-len(panels) * number // n) for number in range(n + 1)]
    return [tuple(panels[start:end]) for start, end in pairwise(edges)]


def _tall(panels: Sequence[Panel]) -> int:
    look = _look(panels)
    return _AROUND + sum(max(look.height(panel) for panel in row) for row in _in_rows(panels, look))


def draw(weeks: Weeks, say: Say) -> bytes:
    """The picture, 780 pixels wide, opaque: the same on a light and on a dark screen."""
    look = _look(weeks.panels)
    rows = _in_rows(weeks.panels, look)
    heights = [max(look.height(panel) for panel in row) for row in rows]
    marks = _legend(weeks, say)
    paper = Paper(WIDTH, _HEAD + sum(heights) + _AXIS + _LINE * len(marks) + _FOOT)
    paper.text((_MARGIN, 50), fitted(weeks.title, 34, WIDTH - 2 * _MARGIN, bold=True), 34, bold=True)
    paper.text((_MARGIN, 84), fitted(weeks.subtitle, 24, WIDTH - 2 * _MARGIN), 24, shade=GREY)
    top = float(_HEAD)
    for row, height in zip(rows, heights, strict=True):
        for column, panel in enumerate(row):
            _Drawn(paper, weeks, look, column, say).panel(panel, top)
        top += height
    for column in range(min(look.columns, len(weeks.panels))):
        _Drawn(paper, weeks, look, column, say).axis(top + 14)
    for number, line in enumerate(marks):
        _draw_legend(paper, line, top + _AXIS + 30 + number * _LINE)
    return paper.png()


def _look(panels: Sequence[Panel]) -> _Look:
    height = sum(map(_WIDE.height, panels)) + _AROUND
    return _WIDE if len(panels) <= _MOST_IN_ONE_COLUMN and height <= TALLEST else _NARROW


def _in_rows(panels: Sequence[Panel], look: _Look) -> list[Sequence[Panel]]:
    return [panels[at : at + look.columns] for at in range(0, len(panels), look.columns)]


@dataclass(frozen=True)
class _Drawn:
    """One column of the paper."""

    paper: Paper
    weeks: Weeks
    look: _Look
    column: int
    say: Say

    def panel(self, panel: Panel, top: float) -> None:
        left, right = self.look.left(self.column), self.look.left(self.column) + self.look.width
        note = fitted(panel.note, 22, self.look.width / 2)
        room = self.look.width - (width_of(note, 22) + 20 if note else 0)
        self.paper.text((left, top + 26), fitted(panel.name, 26, room, bold=True), 26, bold=True)
        self.paper.text((right, top + 26), note, 22, shade=GREY, anchor="rs")
        roof, floor = top + _NAME, top + _NAME + self.look.row * len(panel.rows)
        for number, row in enumerate(panel.rows):
            at = roof + self.look.row * number
            self._time(panel, at + self.look.above + 4, at + self.look.row - 4)
            self._row(row, at)
        self.paper.triangles([(self._x(at), floor + 4) for at in _sessions(panel, self.weeks)], 13)

    def _time(self, panel: Panel, roof: float, floor: float) -> None:
        """What belongs to every row: pauses, and a line for each session."""
        for start, end in _pauses(panel, self.weeks):
            left, right = self._x(start), self._x(end)
            self.paper.box((left, roof), (max(right, left + 4), floor), GRID)
        for at in _sessions(panel, self.weeks):
            self.paper.line((self._x(at), roof), (self._x(at), floor), AXIS)

    def _row(self, row: Row, top: float) -> None:
        left, right = self.look.plot(self.column)
        roof, floor = top + self.look.above + 9, top + self.look.row - 9
        high, ink = floor - roof, 2 if row.change else 1
        for value in (0, _HIGH):
            self.paper.line((left, floor - high * value / _HIGH), (right, floor - high * value / _HIGH), GRID)
        if row.usual is not None:
            self.paper.dashes(left, right, floor - high * row.usual / _HIGH, GREY)
        spots = [[(self._x(at), floor - high * value / _HIGH) for at, value in run] for run in runs_of(row.points)]
        if spots:
            self.paper.curve(spots, ink, dot=5.5)
        self._words(row, ink, top + 22 if self.look.above else (roof + floor) / 2 + 9)

    def _words(self, row: Row, ink: int, y: float) -> None:
        """What is measured, and its latest value, with an arrow where that is a marked change."""
        left, right = self.look.left(self.column), self.look.left(self.column) + self.look.width
        room = self.look.label - 12 if self.look.label else self.look.width - 70
        self.paper.label((left, y), fitted(row.name, 22, room), 22, shade=GREY)
        if row.points:
            value, shade = self.say.number(row.points[-1][1]), GREY if row.is_old else FULL
            self.paper.label((right - 26, y), value, 26, bold=not row.is_old, shade=shade, anchor="rs")
        if row.change:
            self.paper.arrow((right - 10, y - 9), 16, is_down=row.change == "fall", ink=ink)

    def axis(self, y: float) -> None:
        """The dates below a column: as many as there is room for."""
        room = int((self.look.plot(self.column)[1] - self.look.plot(self.column)[0]) // 90)
        ticks = time_ticks(self.weeks.first, self.weeks.last, self.say)
        for at, words in ticks[:: -(-len(ticks) // max(room, 1)) or 1]:
            self.paper.label((self._x(at), y), words, 22, shade=GREY, anchor="ms")

    def _x(self, at: datetime) -> float:
        left, right = self.look.plot(self.column)
        span = max(self.weeks.last - self.weeks.first, timedelta(days=7))
        return left + 10 + (right - left - 20) * ((at - self.weeks.first) / span)


def _legend(weeks: Weeks, say: Say) -> list[list[tuple[str, str]]]:
    """What the marks are, only those that are there, as many in a line as fit."""
    panels = weeks.panels
    found = []
    if any(_sessions(panel, weeks) for panel in panels):
        found.append(("session", say("session")))
    if any(_pauses(panel, weeks) for panel in panels):
        found.append(("pause", say("pause")))
    if any(row.usual is not None for panel in panels for row in panel.rows):
        found.append(("usual", say("their usual value")))
    if any(row.change for panel in panels for row in panel.rows):
        found.append(("change", say("a marked change")))
    lines: list[list[tuple[str, str]]] = []
    for mark in found:
        if not lines or sum(_room(one) for one in (*lines[-1], mark)) > WIDTH - 2 * _MARGIN + _APART:
            lines.append([])
        lines[-1].append(mark)
    return lines


def _room(mark: tuple[str, str]) -> float:
    return _SIGN[mark[0]] + width_of(mark[1], 22) + _APART


def _sessions(panel: Panel, weeks: Weeks) -> list[datetime]:
    return [at for at in panel.sessions if weeks.first <= at <= weeks.last]


def _pauses(panel: Panel, weeks: Weeks) -> list[tuple[datetime, datetime]]:
    """Those in this time, and of them as much as is in it."""
    return [
        (max(start, weeks.first), min(end, weeks.last))
        for start, end in panel.pauses if start < weeks.last and end > weeks.first
    ]  # fmt: skip


def _draw_legend(paper: Paper, line: list[tuple[str, str]], y: float) -> None:
    x = float(_MARGIN)
    for mark, words in line:
        if mark == "session":
            paper.triangles([(x + 9, y - 14)], 15)
        elif mark == "pause":
            paper.box((x, y - 18), (x + 22, y + 2), GRID)
        elif mark == "usual":
            paper.dashes(x - 2, x + 34, y - 7, GREY)
        else:
            paper.curve([[(x + 2, y - 14), (x + 22, y - 2)]], 2, dot=5.5)
        paper.label((x + _SIGN[mark], y), words, 22, shade=GREY)
        x += _room((mark, words))
