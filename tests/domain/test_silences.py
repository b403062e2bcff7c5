"""Why Ben said nothing, as far as the schedule knows: facts about hours and days, never about Ben."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.domain.hours import Hours
from bot.domain.silences import Prompt, Silences, blocks, reasons
from bot.i18n import Say

EN = Say("en")
HOURS = Hours("Europe/London", time(8), time(19))
TUESDAY = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def prompt(at: datetime = TUESDAY, state: str = "missed", reason: str | None = None, **more: datetime) -> Prompt:
    known = {"due_at": at, "asked_at": at, "closes_at": at + DAY}
    return Prompt("Q", state=state, reason=reason, **{**known, **more})


def why(one: Prompt, *others: Prompt, days: frozenset[date] = frozenset()) -> str:
    return " ".join(reasons(one, Silences((*others, one), HOURS, days), EN))


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (prompt(), ""),
        (prompt(state="skipped"), "They skipped it."),
        (prompt(state="asked"), "It is still open."),
        (prompt(state="not_asked", reason="paused"), "A pause began while it was open."),
        (prompt(due_at=TUESDAY - timedelta(hours=3)), "It came 3 hours later than planned."),
        (prompt(closes_at=TUESDAY + timedelta(hours=2)), "It was open for 2 hours only."),
        (prompt(TUESDAY + timedelta(hours=6)), "It came at 18:00, near the end of their day."),
        (prompt(TUESDAY + 3 * DAY), "It came just before days off."),
    ],
)
def test_each_fact_is_one_sentence(one: Prompt, told: str) -> None:
    assert why(one) == told


def test_the_day_of_a_session_is_that_on_bens_calendar() -> None:
    assert why(prompt(), days=frozenset({date(2026, 11, 17)})) == "It came on the day of a session."
    assert why(prompt(), days=frozenset({date(2026, 11, 16)})) == ""


def test_the_fourth_question_within_a_week_is_one_too_many() -> None:
    three = [prompt(TUESDAY - n * DAY, "answered") for n in (6, 4, 1)]

    assert why(prompt(), *three) == "With it, 4 questions had come within seven days."
    assert why(prompt(), *three[1:], prompt(TUESDAY - 7 * DAY, "answered")) == ""


def test_what_was_not_meant_to_be_asked_is_not_told() -> None:
    never = [Prompt("Q", TUESDAY, None, None, "not_asked", reason) for reason in ("condition", "no room", "paused")]
    silences = Silences((*never, Prompt("Q", TUESDAY, None, None, "cancelled", "session cancelled")), HOURS)

    [block] = blocks(silences, "Europe/London", EN, "")

    assert "".join(span.text for span in block.spans) == (
        "What was asked\n1 question was left out: there was a pause.\n1 question found no room in their hours."
    )


def test_what_was_open_at_the_last_cut_and_went_by_is_told_now_and_what_was_told_is_not_told_again() -> None:
    cut = TUESDAY + timedelta(hours=1)
    before = (prompt(), prompt(TUESDAY - 2 * DAY), prompt(state="skipped"), prompt(state="answered"))

    assert Silences(before, HOURS, since=cut).new == [before[0]]


def test_many_silences_are_counted_rather_than_listed() -> None:
    many = Silences(tuple(prompt(TUESDAY - n * 8 * DAY) for n in range(8, 0, -1)), HOURS)

    text = "".join(span.text for span in blocks(many, "Europe/London", EN, "")[0].spans)

    assert text.startswith("Asked and not answered\n2 earlier ones\n• Wed 30 Sep")
    assert text.count("•") == 6
