"""What a coach reads of the months in which own work tends to fall: the numbers before and since, then the words."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot import catalog
from bot.domain.checkpoint import Checkpoint, blocks, checkpoint_steps, parted
from bot.domain.heard import Said
from bot.domain.measures import Reading
from bot.domain.text import message
from bot.i18n import Say

PROMOTED = date(2026, 9, 10)
PROMPTS = Path(__file__).parents[2] / "prompts"
HEAD = "Three months since the promotion\nOne's own work often falls three to four months after a promotion."


def weeks(*values: int) -> tuple[Reading, ...]:
    return tuple(Reading(datetime(2026, 10, 12, 16, tzinfo=UTC) + timedelta(weeks=n), v) for n, v in enumerate(values))


def read(checkpoint: Checkpoint) -> str:
    return message(*blocks(checkpoint, Say("en"), {"own-work": "Own work"})).text


def test_three_months_have_passed_on_their_day_where_the_coach_is() -> None:
    midnight = datetime(2026, 12, 9, 23, 30, tzinfo=UTC)  # half past eight in the morning of the tenth in Tokyo

    assert parted(PROMOTED, [Reading(midnight, 5)], "Europe/London") == ((Reading(midnight, 5),), ())
    assert parted(PROMOTED, [Reading(midnight, 5)], "Asia/Tokyo") == ((), (Reading(midnight, 5),))


def test_the_steps_of_the_checkpoint_are_those_that_ask_in_these_months_and_what_hangs_on_them() -> None:
    sequences = catalog.load(PROMPTS).sequences

    assert checkpoint_steps(sequences["own-work"]) == {"month-3", "month-3-tap", "month-4"}
    assert all(not checkpoint_steps(sequences[name]) for name in sequences if name != "own-work")


def test_the_numbers_stand_before_and_since() -> None:
    found = parted(PROMOTED, weeks(7, 7, 6, 6, 5, 5, 5, 5, 5, 4, 4), "Europe/London")

    assert read(Checkpoint(4, PROMOTED, *found)) == (
        HEAD + "\nOwn work, 0 to 10: 6, 5, 5, 5, 5, 5 in the first three months, 4, 4 since then"
    )


def test_numbers_on_one_side_only_say_so() -> None:
    assert read(Checkpoint(4, PROMOTED, weeks(7))).endswith("7 in the first three months; none since then")
    assert read(Checkpoint(4, PROMOTED, (), weeks(4))).endswith("4 since three months have passed; none from before")


def test_words_stand_as_they_were_written_with_question_and_day() -> None:
    said = Said(date(2026, 11, 16), "own-work", "What protected it", "", "A shut door, until ten.")

    assert read(Checkpoint(4, PROMOTED, said=(said,))) == (
        HEAD + "\n\nMon 16 Nov · What protected it\nA shut door, until ten."
    )


def test_where_nothing_is_shared_nothing_says_that_there_is_something() -> None:
    assert read(Checkpoint(4, PROMOTED)) == HEAD


def test_a_month_later_it_says_so() -> None:
    assert read(Checkpoint(5, PROMOTED)).startswith("Four months since the promotion\n")
