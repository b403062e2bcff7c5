"""A sheet to draw on: text, lines and dots in a few inks, smooth edges, small and fast to write as PNG.

One byte a pixel: each ink has a ramp of 64 shades from paper to full strength, so blending two shades of an ink is a shade
of it. What is drawn as a shape is drawn four times as large and shrunk.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Spot = tuple[float, float]

FULL, GREY, AXIS, GRID = 63, 48, 26, 12  # shades of the first ink: text, lesser text, lines
_SHADES = 64
_FINE = 4
_FOLDER = Path(__file__).parent
_PAPER = (255, 255, 255)
# the ink of text, then Okabe and Ito's colours, darkened until each stands out from the paper by 4.5 to 1
INKS = ((27, 39, 51), (0, 95, 158), (168, 74, 0))
_STRONG = [[shade * (FULL) // 255 for shade in range(256)], [255 if shade else 0 for shade in range(256)]]


class Paper:
    """A sheet of a size in pixels; the origin is the upper left corner."""

    def __init__(self, width: int, height: int) -> None:
        self._image = Image.new("L", (width, height), 0)
        self._draw = ImageDraw.Draw(self._image)

    def text(self, at: Spot, words: str, size: int, *, bold: bool = False, shade: int = FULL, anchor: str = "ls") -> None:
        """`anchor` is Pillow's: `ls` left on the line, `ms` in its middle, `rs` to its right."""
        self._draw.text(at, words, font=_font(size, bold), fill=shade, anchor=anchor)

    def label(self, at: Spot, words: str, size: int, *, bold: bool = False, shade: int = FULL, anchor: str = "ls") -> None:
        """Words that stand on many pictures, such as measures, numbers and dates: kept in memory, so never a name."""
        image, (left, top) = _written(words, size, bold, anchor)
        self._image.paste(shade, (round(at[0]) + left, round(at[1]) + top), image)

    def line(self, start: Spot, end: Spot, shade: int) -> None:
        self._draw.line((*start, *end), fill=shade, width=2)

    def box(self, corner: Spot, opposite: Spot, shade: int) -> None:
        self._draw.rectangle((*corner, *opposite), fill=shade)

    def dashes(self, left: float, right: float, y: float, shade: int) -> None:
        """A level line of short strokes."""
        for x in range(int(left) + 2, int(right) - 4, 12):
            self._draw.line((x, y, x + 5, y), fill=shade, width=2)

    def arrow(self, middle: Spot, size: float, *, is_down: bool, ink: int) -> None:
        """A filled triangle that points up or down."""
        (x, y), far = middle, (-size / 2 if is_down else size / 2)
        sheet = _Fine([middle], margin=size)
        sheet.polygon([(x, y - far), (x + size * 0.6, y + far), (x - size * 0.6, y + far)])
        self._lay(sheet, ink)

    def triangles(self, tops: Sequence[Spot], size: float) -> None:
        """Small filled ones in the ink of text; the spots are their upper corners."""
        if not tops:
            return
        sheet = _Fine(tops, margin=size * 2)
        for x, y in tops:
            sheet.polygon([(x, y), (x + size * 0.6, y + size), (x - size * 0.6, y + size)])
        self._lay(sheet, 0)

    def curve(self, runs: Sequence[Sequence[Spot]], ink: int, *, dot: float) -> None:
        """Each run as a line with dots, round for the first ink and square for the second."""
        sheet = _Fine([spot for run in runs for spot in run], margin=dot * 2)
        for run in runs:
            sheet.path(run, 4)
        for spot in (spot for run in runs for spot in run):
            sheet.dot(spot, dot + 1.5, is_square=ink == 2, is_hole=True)
            sheet.dot(spot, dot, is_square=ink == 2)
        self._lay(sheet, ink)

    def _lay(self, sheet: "_Fine", ink: int) -> None:
        mask, corner = sheet.shrunk()
        shades = mask.point([ink * _SHADES + shade for shade in _STRONG[0]])
        self._image.paste(shades, corner, mask.point(_STRONG[1]))

    def png(self) -> bytes:
        self._image.putpalette([part for ink in INKS for shade in range(_SHADES) for part in _mixed(ink, shade)])
        out = BytesIO()
        self._image.save(out, "PNG", compress_level=3)
        return out.getvalue()


class _Fine:
    """A part of the paper, four times as large."""

    def __init__(self, spots: Sequence[Spot], margin: float) -> None:
        lefts, tops = [x for x, _ in spots], [y for _, y in spots]
        self._left, self._top = int(min(lefts) - margin), int(min(tops) - margin)
        size = (int(max(lefts) + margin) - self._left + 1, int(max(tops) + margin) - self._top + 1)
        self._image = Image.new("L", (size[0] * _FINE, size[1] * _FINE), 0)
        self._draw = ImageDraw.Draw(self._image)

    def _at(self, spot: Spot) -> Spot:
        return (spot[0] - self._left) * _FINE, (spot[1] - self._top) * _FINE

    def path(self, run: Sequence[Spot], width: int) -> None:
        if len(run) > 1:
            self._draw.line([self._at(spot) for spot in run], fill=255, width=width * _FINE, joint="curve")

    def polygon(self, corners: Sequence[Spot]) -> None:
        self._draw.polygon([self._at(corner) for corner in corners], fill=255)

    def dot(self, spot: Spot, radius: float, *, is_square: bool, is_hole: bool = False) -> None:
        x, y = self._at(spot)
        far = radius * _FINE
        draw = self._draw.rectangle if is_square else self._draw.ellipse
        draw((x - far, y - far, x + far, y + far), fill=0 if is_hole else 255)

    def shrunk(self) -> tuple[Image.Image, tuple[int, int]]:
        return self._image.reduce(_FINE), (self._left, self._top)


def fitted(words: str, size: int, room: float, *, bold: bool = False) -> str:
    """The words, cut with an ellipsis where they would be wider than there is room."""
    font = _font(size, bold)
    if font.getlength(words) <= room:
        return words
    while words and font.getlength(words + "…") > room:
        words = words[:-1].rstrip()
    return words + "…"


def width_of(words: str, size: int, *, bold: bool = False) -> float:
    return float(_font(size, bold).getlength(words))


@lru_cache(maxsize=256)
def _written(words: str, size: int, bold: bool, anchor: str) -> tuple[Image.Image, tuple[int, int]]:
    """Words by themselves, and where their corner is, seen from where they stand."""
    font = _font(size, bold)
    left, top, right, bottom = (int(edge) for edge in font.getbbox(words, anchor=anchor))
    image = Image.new("L", (max(right - left, 1), max(bottom - top, 1)), 0)
    ImageDraw.Draw(image).text((-left, -top), words, font=font, fill=255, anchor=anchor)
    return image, (left, top)


def _mixed(ink: tuple[int, int, int], shade: int) -> list[int]:
    return [paper + (full - paper) * shade // FULL for paper, full in zip(_PAPER, ink, strict=True)]


@cache
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    name = "NotoSans-SemiBold.ttf" if bold else "NotoSans-Regular.ttf"
    return ImageFont.truetype(_FOLDER / name, size, layout_engine=ImageFont.Layout.BASIC)
