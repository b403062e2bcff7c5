"""How long before a session Alice reads, as she types it."""

import pytest

from bot.domain.leads import Leads, in_hours, names_leads, parse_leads


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("before 2h", Leads(120)),
        ("before 24h 2h", Leads(120, 1440)),
        ("before 2h and 24h", Leads(120, 1440)),
        ("avant 1 jour, 90 min", Leads(90, 1440)),
        ("before 2h30", Leads(150)),
        ("avant une heure", Leads(60)),
        ("before 45 minutes only", Leads(45, 0)),
        ("avant 3 h seulement", Leads(180, 0)),
        ("before", None),
        ("before 5 min", None),
        ("before 8 days", None),
        ("before 1h 2h 3h", None),
        ("before 24h 2h only", None),
        ("before 2h or so", None),
        ("before 30 min 75", None),
    ],
)
def test_one_length_is_the_briefs_and_the_longer_of_two_is_for_what_they_bring(typed: str, read: Leads | None) -> None:
    assert parse_leads(typed) == read


@pytest.mark.parametrize(
    ("typed", "is_about"), [("before 2h", True), ("Avant", True), ("Jack", False), ("before Jack", False)]
)
def test_a_name_is_a_name(typed: str, is_about: bool) -> None:
    assert names_leads(typed) is is_about


@pytest.mark.parametrize(
    ("minutes", "shown"), [(45, "45 min"), (90, "90 min"), (120, "2 h"), (150, "2 h 30"), (1440, "24 h")]
)
def test_a_length_reads_the_same_in_both_languages(minutes: int, shown: str) -> None:
    assert in_hours(minutes) == shown
