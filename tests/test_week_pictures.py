"""The picture of several leaders' weeks: readable on a phone, and without colours; what is marked is where it was."""

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from bot.i18n import Say
from bot.pictures.paper import INKS
from bot.pictures.weeks import TALLEST, Panel, Row, Weeks, draw, pages

LAST = datetime(2026, 11, 16, 8, 30)
FIRST = LAST - timedelta(weeks=8)
PHONE_TALLEST = 2560  # what is taller reaches a phone smaller than it was drawn
MEASURES = ("confidence", "boundaries", "team", "peers", "own work", "lightness")


def row(name: str = "team", *values: int, **more: object) -> Row:
    points = tuple((FIRST + timedelta(weeks=n, days=4), float(value)) for n, value in enumerate(values or (6, 7, 6)))
    return Row(name, points, **more)


def panel(name: str = "Jack", rows: int = 3, **more: object) -> Panel:
    return Panel(name, tuple(row(measure) for measure in MEASURES[:rows]), **more)


def drawn(*panels: Panel, language: str = "en") -> Image.Image:
    made = draw(Weeks("Your leaders", "eight weeks", panels, FIRST, LAST), Say(language))
    return Image.open(BytesIO(made)).convert("RGB")


def colours(image: Image.Image) -> set[tuple[int, ...]]:
    return {colour for _, colour in image.getcolors(1 << 20) or []}


@pytest.mark.parametrize("leaders", [1, 2, 4, 5, 9, 40])
@pytest.mark.parametrize("rows", [1, 3, 6])
def test_every_leader_has_one_panel_and_no_picture_is_too_tall_for_a_phone(leaders: int, rows: int) -> None:
    panels = [panel(f"Leader {n}", rows) for n in range(leaders)]

    split = pages(panels)

    assert [one for page in split for one in page] == panels
    for page in split:
        image = drawn(*page)
        assert image.width == 780
        assert image.height <= TALLEST <= PHONE_TALLEST


def test_several_pictures_hold_about_as_many_leaders_each() -> None:
    split = pages([panel(f"Leader {n}", 6) for n in range(5)])

    assert [len(page) for page in split] == [3, 2]
    assert all(drawn(*page).height <= TALLEST for page in split)


def test_a_marked_change_is_in_another_ink_with_squares_and_an_arrow_and_nothing_else_is() -> None:
    usual, marked = drawn(panel()), drawn(Panel("Jack", (row("team", 7, 7, 3, change="fall"),)))

    assert INKS[2] not in colours(usual)
    assert INKS[2] in colours(marked)


def test_a_fall_points_down_and_a_rise_up() -> None:
    def widths(change: str) -> tuple[int, int]:
        """Of the arrow: how wide at its upper and at its lower end."""
        image = drawn(Panel("Jack", (row("team", 5, 5, 5, change=change),)))
        inked = [
            [x for x in range(728, 760) if image.getpixel((x, y)) == INKS[2]] for y in range(100, 260)
        ]
        rows = [len(line) for line in inked if line]
        return rows[0], rows[-1]

    fall, rise = widths("fall"), widths("rise")

    assert fall[0] > fall[1]
    assert rise[0] < rise[1]


def test_a_value_that_is_long_past_is_grey_and_not_bold() -> None:
    def darkest(**more: object) -> int:
        image = drawn(Panel("Jack", (row("team", 7, 7, 7, **more),)))
        return min(sum(image.getpixel((x, y))) for x in range(700, 724) for y in range(150, 230))

    assert darkest() < darkest(is_old=True)


def test_a_pause_is_a_grey_band_where_it_was_and_one_without_an_end_lasts_to_the_edge() -> None:
    def bands(*pauses: tuple[datetime, datetime]) -> list[int]:
        plain, paused = drawn(panel()), drawn(panel(pauses=pauses))
        y = 160  # between the lines of the first row
        return [x for x in range(200, 700) if plain.getpixel((x, y)) != paused.getpixel((x, y))]

    middle = bands((FIRST + timedelta(weeks=3), FIRST + timedelta(weeks=5)))
    endless = bands((FIRST + timedelta(weeks=6), datetime(9999, 1, 1)))
    before = bands((FIRST - timedelta(weeks=6), FIRST - timedelta(weeks=5)))

    assert 300 < min(middle) < max(middle) < 600
    assert max(endless) > 640
    assert not before


def test_what_is_marked_is_named_below_and_only_that() -> None:
    bare = drawn(panel())
    session = drawn(panel(sessions=(FIRST + timedelta(days=9),)))
    elsewhere = drawn(panel(sessions=(FIRST - timedelta(days=9),)))

    assert session.height > bare.height
    assert elsewhere.height == bare.height


def test_odd_names_and_values_do_no_harm() -> None:
    odd = Panel("x" * 300, (Row("Ж" * 90, ()), row("سارة 🦊", 0, 10, 10, usual=10.0)), note="n" * 300)

    assert drawn(odd, odd, odd, odd, odd, language="fr").width == 780
