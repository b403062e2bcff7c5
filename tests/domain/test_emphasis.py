"""More or less of a theme: how often what repeats comes, and that nothing is asked twice when a coach changes their mind."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest

from bot.domain import arc, emphasis
from bot.domain.hours import Hours
from bot.domain.sequence import (
    AfterAnswer,
    AroundSession,
    AtRandom,
    BetweenSessions,
    Monthly,
    OnDay,
    Step,
    Weekly,
    When,
    WithoutSession,
)
from bot.i18n import LANGUAGES, Say
from bot.work.leaders import theme_name

JOINED = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)  # a Monday
EVERYDAY = frozenset(range(7))
HOURS = Hours(
    zone="Europe/London", start=time(8), end=time(19), work_days=EVERYDAY, country=None, subdivision=None, usual=time(17, 30)
)


def step(when: When, theme: str = "team") -> Step:
    return Step("a", theme, when, (), {}, "", 1, "", "")


def dates(when: When, weeks: int = 12, meetings: list[arc.Meeting] | None = None, less: str = "") -> list[str]:
    steps = emphasis.weighed([step(when)], (), {less})
    before = JOINED + timedelta(weeks=weeks)
    found = arc.upcoming(steps, JOINED, meetings or [], HOURS, set(), after=JOINED, before=before)
    return [due.due_at.date().isoformat() for due in found]


def sessions(count: int) -> list[arc.Meeting]:
    starts = [JOINED + timedelta(days=7 * n + 2) for n in range(count)]
    return [arc.Meeting(UUID(int=n), at, at + timedelta(hours=1)) for n, at in enumerate(starts, start=1)]


OPEN_ENDED = [
    Weekly((0,)),
    Weekly((0, 3), every=2),
    AtRandom((1,), time(10), time(16)),
    WithoutSession(7),
    Monthly(15),
]


@pytest.mark.parametrize("when", OPEN_ENDED, ids=lambda when: type(when).__name__)
def test_less_is_half_as_often_and_on_days_it_had_before(when: When) -> None:
    planned, less = dates(when, 48), dates(when, 48, less="team")

    assert abs(len(planned) / 2 - len(less)) <= 1
    assert set(less) <= set(planned)


def test_less_around_sessions_is_every_second_session_when_it_has_no_end() -> None:
    after, between = AroundSession(before=False, hours=2), BetweenSessions()

    assert len(dates(after, meetings=sessions(6))) == 6
    assert len(dates(after, meetings=sessions(6), less="team")) == 3
    assert len(dates(between, meetings=sessions(6), less="team")) == 3


@pytest.mark.parametrize(
    "when",
    [
        OnDay(3), AroundSession(before=True, hours=24, first=2, last=2), AroundSession(before=False, hours=2, last=4),
        BetweenSessions(last=3), AfterAnswer("b", days=1),
    ],
    ids=str,
)  # fmt: skip
def test_what_comes_once_or_has_an_end_is_left_alone(when: When) -> None:
    [less] = emphasis.weighed([step(when)], (), ("team",))
    [more] = emphasis.weighed([step(when)], ("team",), ())

    assert less.when == more.when == when


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (Weekly((0,), every=2), Weekly((0,))),
        (Weekly((0,), every=4), Weekly((0,), every=2)),
        (AtRandom((0,), time(9), time(10), every=2), AtRandom((0,), time(9), time(10))),
        (WithoutSession(14), WithoutSession(7)),
        (WithoutSession(7), WithoutSession(4)),
        (Weekly((0,), every=3), Weekly((0,), every=3)),
        (Weekly((0,)), Weekly((0,))),
        (Monthly(1), Monthly(1)),
    ],
    ids=str,
)
def test_more_is_twice_as_often_where_there_is_room(when: When, expected: When) -> None:
    [found] = emphasis.weighed([step(when)], ("team",), ())

    assert found.when == expected


def test_another_theme_is_not_touched() -> None:
    [found] = emphasis.weighed([step(Weekly((0,)), "peers")], ("team",), ("boundaries",))

    assert found.when == Weekly((0,))


@pytest.mark.parametrize("when", OPEN_ENDED, ids=lambda when: type(when).__name__)
def test_nothing_is_asked_twice_when_a_coach_changes_their_mind_each_week(when: When) -> None:
    served: set[tuple[str, str]] = set()
    last = JOINED
    for week in range(1, 30):
        more, less = ({"team"}, set()) if week % 3 == 1 else (set(), {"team"}) if week % 3 == 2 else (set(), set())
        now = JOINED + timedelta(weeks=week)
        found = arc.upcoming(emphasis.weighed([step(when)], more, less), JOINED, [], HOURS, served, after=last, before=now)
        asked = [(due.step, due.anchor) for due in found]
        assert not served & set(asked)
        assert len(asked) == len(set(asked))
        served |= set(asked)
        last = now
    assert served


def test_what_is_in_focus_goes_first_and_what_is_lowered_last() -> None:
    order = sorted(["pulse", "team", "peers"], key=lambda theme: emphasis.rank(theme, ["peers"], ["pulse"]))

    assert order == ["peers", "team", "pulse"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("boundaries", ("more", "boundaries")),
        ("more own work", ("more", "own-work")),
        ("less pulse", ("less", "pulse")),
        ("PULSE less", ("less", "pulse")),
        ("moins limites", ("less", "boundaries")),
        ("plus  limites", ("more", "boundaries")),
        ("boundaries as planned", ("planned", "boundaries")),
        ("comme prévu pulse", ("planned", "pulse")),
        ("production", ("more", "own-work")),
        ("moins d’équipes", ("less", "team")),
        ("la légereté", ("more", "lightness")),
        ("limite moins", ("less", "boundaries")),
        ("ses pairs", ("more", "peers")),
        ("less own-work", ("less", "own-work")),
        ("session", None),
        ("less", None),
        ("less of everything", None),
        ("", None),
    ],
)
def test_a_theme_is_named_with_what_is_wanted_of_it(text: str, expected: tuple[str, str] | None) -> None:
    assert emphasis.read(text) == expected


def test_what_a_theme_is_called_on_its_button_names_it() -> None:
    called = {theme_name(Say(code), theme): theme for code in LANGUAGES for theme in emphasis.WEIGHED}

    assert {name: emphasis.read(name) for name in called} == {name: ("more", theme) for name, theme in called.items()}


def test_tapping_goes_around_in_a_circle() -> None:
    assert [emphasis.after(level) for level in ("planned", "more", "less")] == ["more", "less", "planned"]
