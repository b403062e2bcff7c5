"""A sequence that is begun once a coaching has had sessions already."""

from pathlib import Path

from arcs import LONDON, NONE, at, meeting

from bot import catalog
from bot.domain.arc import upcoming

LIBRARY = catalog.load(Path(__file__).parents[2] / "prompts").sequences
DAYS = ["10-08", "10-15", "10-22", "10-29", "11-05", "11-12", "11-19", "11-26"]
SESSIONS = [meeting(f"2026-{day}T10:00", n) for n, day in enumerate(DAYS, start=1)]


def asked(sequence: str, begun: str) -> list[tuple[str, int]]:
    """The steps that come until the end of November, each with the number of the session it hangs on."""
    steps, joined = LIBRARY[sequence].steps, at(begun)
    found = upcoming(steps, joined, SESSIONS, LONDON, NONE, after=joined, before=at("2026-12-01T12:00"))
    numbers = {str(session.id): session.id.int for session in SESSIONS}
    return [(due.step, numbers[due.anchor]) for due in found if due.anchor in numbers]


def test_going_on_begun_after_the_sixth_session_asks_around_the_seventh_and_nothing_of_before() -> None:
    """So it is offered: with the sixth session over. "From the seventh on" means the coaching's seventh."""
    after_six = asked("open-ended", "2026-11-12T11:30")

    assert after_six == [("prepare", 7), ("capture", 7), ("prepare", 8), ("capture", 8)]
    assert asked("open-ended", "2026-10-05T09:00") == after_six
    assert asked("open-ended", "2026-11-19T15:00") == [("prepare", 8), ("capture", 8)]


def test_a_sequence_that_speaks_of_a_first_session_counts_from_its_own_beginning() -> None:
    """Peers, begun after the sixth session, asks of the next ones what it would have asked of the first."""
    assert asked("peers", "2026-11-12T11:30")[:2] == [("capture-early", 7), ("facts", 7)]
    assert {step for step, _ in asked("first-six-weeks", "2026-11-12T11:30")} >= {"capture-1"}
