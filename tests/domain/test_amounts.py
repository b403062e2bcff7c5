"""Amounts as people type them on a phone, in two languages, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.amounts import parse_amount, says_only


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", 12), ("12.5", 12.5), ("12,5", 12.5), ("0", 0), ("-3", -3), ("1.25", 1.25),
        ("12,500", 12500), ("12 500", 12500), ("12.500", 12500), ("12\u202f500", 12500), ("12\u00a0500", 12500),
        ("12'500", 12500), ("1,234,567.89", 1234567.89), ("1.234.567,89", 1234567.89), ("0.500", 0.5),
        ("£12,500", 12500), ("12 500 €", 12500), ("$3.50", 3.5), ("80%", 80), ("12k", 12000), ("12.5 k", 12500),
        ("3 1/2", 3.5), ("3½", 3.5), ("½", 0.5), ("7h30", 7.5), ("7 h 30", 7.5), ("12h", 12),
        ("12 placements", 12), ("about 12", 12), ("environ 12 placements", 12), ("it was 12 this month", 12),
        ("three", 3), ("trois placements", 3), ("one placement", 1), ("dix", 10),
        ("none", 0), ("rien", 0), ("aucun", 0), ("  12  ", 12), ("１２", 12),
    ],
)  # fmt: skip
def test_an_amount_is_found(text: str, amount: float) -> None:
    assert parse_amount(text) == amount


@pytest.mark.parametrize(
    "text",
    [
        "", "abc", "no idea", "12 of 20", "between 4 and 5", "12-15", "12:30", "12.5.2026", "2026-11-12", "1e5",
        "12m", "5 mn",
        "1/0", "two or three", "one more thing to say", "99999999999999", "٣", "\U0001f600", "NaN", "inf",
        "two and a half", "12 placements although I had hoped for so much more than that", "7 " * 40, "9" * 10_000,
    ],
)  # fmt: skip
def test_what_is_no_amount_stays_words(text: str) -> None:
    assert parse_amount(text) is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading(text: str) -> None:
    found = parse_amount(text)
    assert found is None or abs(found) <= 1_000_000_000


@given(st.integers(min_value=0, max_value=999_999_999))
def test_thousands_are_grouped_either_way(number: int) -> None:
    grouped = f"{number:,}"
    assert parse_amount(grouped) == parse_amount(grouped.replace(",", " ")) == number


def test_an_amount_with_its_unit_says_nothing_else() -> None:
    assert says_only("12", "placements")
    assert says_only("12 Placements", "placements")
    assert not says_only("3 fell through", "placements")
    assert not says_only("none of it", "placements")
