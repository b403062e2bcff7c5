"""Charts: what is drawn where, readable on a phone and without colours; and what they cost."""

import subprocess
import sys
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.i18n import Say
from bot.pictures import Chart, Line, Panel, draw, runs_of, time_ticks
from bot.pictures.paper import INKS

START = datetime(2026, 1, 5, 17, 30)
REPOSITORY = Path(__file__).parent.parent


def chart(weeks: int, panels: int = 1, *, lines: int = 1, without: range = range(0), marks: bool = True) -> Chart:
    """A rating a week, but not in the weeks `without`."""
    points = tuple((START + timedelta(weeks=n), float(n % 11)) for n in range(weeks) if n not in without)
    drawn = Line(points, "confidence"), Line(tuple((at, 10 - value) for at, value in points), "peers")
    sessions = tuple(START + timedelta(weeks=n, days=2) for n in range(weeks)) if marks else ()
    made = tuple(Panel(f"Panel {n}", drawn[:lines], "now 7", sessions) for n in range(panels))
    return Chart("Ratings", "a year", made, START, START + timedelta(weeks=weeks), "session")


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("RGB")


@pytest.mark.parametrize("weeks", [2, 8, 26, 52])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_chart_of_any_length_is_an_opaque_picture_as_wide_as_two_phones(weeks: int, language: str) -> None:
    png = draw(chart(weeks, panels=6), Say(language))

    image = Image.open(BytesIO(png))

    assert image.format == "PNG"
    assert "transparency" not in image.info
    assert image.mode == "P"
    assert image.width == 780
    assert image.width + image.height < 10_000  # what Telegram takes as a photo
    assert image.height < 20 * image.width
    assert len(png) < 200_000


def test_every_ink_stands_out_from_the_paper_and_from_the_others_without_colour() -> None:
    def luminance(ink: tuple[int, int, int]) -> float:
        linear = [(part / 255 / 12.92) if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in ink]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert all(1.05 / (luminance(ink) + 0.05) >= 4.5 for ink in INKS)


def test_the_line_is_where_its_values_are_and_broken_over_weeks_nobody_knows() -> None:
    whole, broken = opened(draw(chart(26), Say("en"))), opened(draw(chart(26, without=range(8, 16)), Say("en")))
    middle = 66 + 14 + (742 - 66 - 28) * 12 // 26  # the twelfth week
    blue = [INKS[1]]

    def ink_at(image: Image.Image, x: int) -> int:
        return sum(image.getpixel((x, y)) in blue for y in range(160, 330))

    assert ink_at(whole, middle) > 0
    assert ink_at(broken, middle) == 0


def test_two_lines_of_a_panel_differ_in_shape_as_well_and_are_named() -> None:
    one, two = opened(draw(chart(8), Say("en"))), opened(draw(chart(8, lines=2), Say("en")))
    colours = {colour for _, colour in two.getcolors(1 << 20) or []}

    assert INKS[1] in colours
    assert INKS[2] in colours
    assert two.height > one.height


def test_sessions_are_named_only_where_there_are_any() -> None:
    assert opened(draw(chart(8), Say("en"))).height > opened(draw(chart(8, marks=False), Say("en"))).height


@pytest.mark.parametrize("days", [0, 1, 6, 7, 30, 75, 76, 200, 400, 2000, 20_000])
def test_the_time_axis_never_has_more_than_seven_dates(days: int) -> None:
    ticks = time_ticks(START, START + timedelta(days=days), Say("fr"))

    assert len(ticks) <= 7
    assert all(START <= at <= START + timedelta(days=days) for at, _ in ticks)


def test_the_dates_of_a_few_weeks_are_mondays_and_of_months_their_first() -> None:
    weeks = time_ticks(datetime(2026, 10, 7), datetime(2026, 11, 1), Say("en"))
    months = time_ticks(datetime(2026, 10, 7), datetime(2027, 3, 7), Say("fr"))

    assert [text for _, text in weeks] == ["12 Oct", "19 Oct", "26 Oct"]
    assert [text for _, text in months] == ["nov.", "déc.", "janv.", "févr.", "mars"]


def test_a_line_is_cut_where_more_than_three_weeks_and_twice_its_rhythm_is_empty() -> None:
    def lengths(*days: int) -> list[int]:
        return [len(run) for run in runs_of([(START + timedelta(days=day), 5.0) for day in days])]

    assert lengths(0, 7, 14, 36, 59, 66) == [4, 2]  # weekly: 22 days are bridged, 23 are not
    assert lengths(0, 30, 61, 91, 152, 244) == [5, 1]  # monthly: one month is bridged, two are not
    assert lengths(0, 50) == [2]
    assert lengths(0) == [1]
    assert lengths() == []


def test_odd_values_and_names_do_no_harm() -> None:
    flat = Panel("x" * 300, (Line(((START, 5.0),)),), "n" * 300, low=5, high=5)
    strange = Panel("<b>&\"' Жанна Ελένη سارة 🦊", (Line(()),), marks=(START - timedelta(days=9),))

    png = draw(Chart("<svg>" * 90, "\n" , (flat, strange), START, START, "s"), Say("en"))

    assert opened(png).width == 780


def test_nothing_of_it_is_loaded_when_the_bot_starts() -> None:
    code = "import sys, bot.app; sys.exit('PIL' in sys.modules or 'bot.pictures' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode == 0


@pytest.mark.parametrize(("name", "row"), [("chart", "one panel, 26 weeks"), ("search", "searching 500 answers")])
def test_what_it_costs_is_measured(name: str, row: str) -> None:
    order = [sys.executable, f"benchmarks/{name}.py", "--small"]

    said = subprocess.run(order, cwd=REPOSITORY, check=True, capture_output=True, text=True)

    assert row in said.stdout
