"""The arc of a sequence: which steps fall due for Jack, around joining and around his sessions."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from arcs import JOINED, LONDON, NONE, THURSDAYS, at, booked, dues, ends, meeting, shown, step
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.arc import Due, next_due, upcoming
from bot.domain.hours import Hours, is_quiet
from bot.domain.schedule import to_instant, zone_names
from bot.domain.sequence import AroundSession, BetweenSessions, OnDay, Weekly, When

# --- on a day, and weekly ---


@pytest.mark.parametrize(
    ("day", "at_time", "due_at", "until"),
    [
        (0, "17:30", "2026-10-05T17:30", "2026-10-06T19:00"),
        (1, "08:00", "2026-10-06T08:00", "2026-10-07T19:00"),
        (1, "07:00", "2026-10-06T08:00", "2026-10-07T19:00"),
        (4, "20:00", "2026-10-12T08:00", "2026-10-13T19:00"),  # Friday evening moves to Monday
        (5, "12:00", "2026-10-12T08:00", "2026-10-13T19:00"),  # Saturday too
        (21, "17:30", "2026-10-26T17:30", "2026-10-27T19:00"),  # behind the change of the clocks
        (81, "10:00", "2026-12-29T08:00", "2026-12-30T19:00"),  # Christmas Day, weekend, Boxing Day observed
    ],
)
def test_day_n_is_counted_from_the_day_of_joining(day: int, at_time: str, due_at: str, until: str) -> None:
    found = dues(OnDay(day, time.fromisoformat(at_time)))

    assert (shown(found), ends(found)) == ([due_at], [until])
    assert found[0].anchor == (date(2026, 10, 5) + timedelta(days=day)).isoformat()


def test_nothing_is_due_before_joining() -> None:
    assert dues(OnDay(0, time(9, 29))) == []
    assert shown(dues(OnDay(0, time(9, 30)))) == ["2026-10-05T09:30"]
    assert shown(dues(Weekly((0,), time(8), until_week=2))) == ["2026-10-12T08:00"]
    assert dues(AroundSession(before=True, days=3, at=time(9), first=1, last=1)) == []


def test_a_weekly_step_runs_from_week_to_week() -> None:
    found = dues(Weekly((1, 4), time(8, 30), from_week=3, until_week=4))

    assert shown(found) == ["2026-10-20T08:30", "2026-10-23T08:30", "2026-10-27T08:30", "2026-10-30T08:30"]
    assert ends(found) == ["2026-10-21T19:00", "2026-10-26T19:00", "2026-10-28T19:00", "2026-11-02T19:00"]
    assert [due.anchor for due in found] == ["2026-10-20", "2026-10-23", "2026-10-27", "2026-10-30"]


def test_weeks_begin_on_the_weekday_of_joining() -> None:
    wednesday = at("2026-10-07T09:00")

    found = dues(Weekly((1, 2), time(10), until_week=1), joined=wednesday)

    assert [due.anchor for due in found] == ["2026-10-07", "2026-10-13"]


def test_a_weekly_occurrence_ends_no_later_than_the_next_one_begins() -> None:
    found = dues(Weekly((0, 1, 2, 3, 4), time(17, 30), until_week=1))

    assert ends(found)[:4] == ["2026-10-06T17:30", "2026-10-07T17:30", "2026-10-08T17:30", "2026-10-09T17:30"]
    assert ends(found)[4] == "2026-10-12T19:00"


def test_a_weekend_prompt_gives_way_to_the_next_one_it_would_collide_with() -> None:
    saturday, sunday = dues(Weekly((5, 6), time(10), until_week=1))

    assert saturday.due_at == sunday.due_at == at("2026-10-12T08:00")
    assert saturday.until < saturday.due_at  # not asked
    assert sunday.until == at("2026-10-13T19:00")


def test_an_open_ended_weekly_step_is_found_years_later_without_counting_up_to_it() -> None:
    steps = [step(Weekly((0,), time(8, 30)))]

    due = next_due(steps, JOINED, [], LONDON, NONE, after=at("2036-01-01T00:00"))

    assert due == Due("step", "2036-01-07", at("2036-01-07T08:30"), at("2036-01-08T19:00"))


def test_a_weekly_step_without_days_never_falls_due() -> None:
    assert dues(Weekly((), time(8))) == []


def test_a_date_the_zone_skipped_has_no_occurrence() -> None:
    apia = Hours("Pacific/Apia", work_days=frozenset(range(7)))
    joined = at("2011-12-26T09:00", "Pacific/Apia")

    found = dues(Weekly(tuple(range(7)), time(10), until_week=1), joined=joined, hours=apia)

    assert [due.anchor for due in found] == [f"2011-12-{day}" for day in (26, 27, 28, 29, 31)] + ["2012-01-01"]
    assert found[3].until == to_instant(date(2011, 12, 31), time(19), "Pacific/Apia")
    assert dues(OnDay(4, time(10)), joined=joined, hours=apia) == []


# --- around sessions ---


def test_24_hours_before_a_session_are_elapsed_hours() -> None:
    monday = [meeting("2026-10-26T10:00")]  # the clocks went back in the night before
    every_day = replace(LONDON, work_days=frozenset(range(7)))

    found = dues(AroundSession(before=True, hours=24), meetings=monday, hours=every_day)

    assert shown(found) == ["2026-10-25T10:00"]
    on_sunday = [meeting("2026-10-25T10:00")]
    found = dues(AroundSession(before=True, hours=24), meetings=on_sunday, hours=every_day)
    assert shown(found) == ["2026-10-24T11:00"]
    assert ends(found) == ["2026-10-25T10:00"]


def test_the_day_before_at_six_stays_at_six() -> None:
    found = dues(AroundSession(before=True, days=1, at=time(18)))

    assert [wall[-5:] for wall in shown(found)] == ["18:00"] * 6
    assert shown(found)[3] == "2026-10-28T18:00"
    assert [due.until for due in found] == [meeting.starts_at for meeting in THURSDAYS]
    assert [due.anchor for due in found] == [str(meeting.id) for meeting in THURSDAYS]


def test_days_without_a_time_keep_the_time_of_the_session() -> None:
    before = dues(AroundSession(before=True, days=2, first=4, last=4))
    after = dues(AroundSession(before=False, days=4, first=3, last=3))

    assert shown(before) == ["2026-10-27T10:00"]
    assert shown(after) == ["2026-10-26T11:00"]  # from the end; the clocks changed in between


def test_a_step_before_a_session_moves_earlier_out_of_quiet_hours() -> None:
    sessions = [meeting("2026-10-13T08:30", 1), meeting("2026-10-19T10:00", 2)]

    found = dues(AroundSession(before=True, hours=12), meetings=sessions)

    assert shown(found) == ["2026-10-12T18:59", "2026-10-16T18:59"]


def test_a_step_after_a_session_moves_later_out_of_quiet_hours() -> None:
    sessions = [meeting("2026-10-09T17:00", 1), meeting("2026-10-16T17:00", 2)]

    found = dues(AroundSession(before=False, hours=3), meetings=sessions)

    assert shown(found) == ["2026-10-12T08:00", "2026-10-19T08:00"]
    assert ends(found) == ["2026-10-16T17:00", "2026-10-20T19:00"]  # the next session; else the next work day


def test_after_counts_from_the_end() -> None:
    long = [meeting("2026-10-08T10:00", minutes=150)]

    assert shown(dues(AroundSession(before=False, hours=2), meetings=long)) == ["2026-10-08T14:30"]
    assert shown(dues(AroundSession(before=False), meetings=long)) == ["2026-10-08T12:30"]
    assert shown(dues(AroundSession(before=False, at=time(17)), meetings=long)) == ["2026-10-08T17:00"]


def test_a_step_that_would_come_after_the_next_session_is_not_asked() -> None:
    sessions = [meeting("2026-10-08T10:00", 1), meeting("2026-10-09T10:00", 2)]

    first, _ = dues(AroundSession(before=False, days=3, at=time(12)), meetings=sessions)

    assert first.due_at > first.until == sessions[1].starts_at


def test_sessions_are_numbered_from_the_first_that_ends_after_joining() -> None:
    sessions = [meeting("2026-09-24T10:00", 8), meeting("2026-10-05T09:00", 9), *THURSDAYS]

    found = dues(AroundSession(before=False, hours=1, first=1, last=2), meetings=sessions)

    assert [due.anchor for due in found] == [str(UUID(int=9)), str(UUID(int=1))]


def test_the_order_in_which_sessions_are_given_does_not_matter() -> None:
    when = AroundSession(before=True, hours=2, first=2, last=3)

    assert dues(when, meetings=THURSDAYS[::-1]) == dues(when)
    assert shown(dues(when)) == ["2026-10-15T08:00", "2026-10-22T08:00"]


def test_the_middle_between_two_sessions() -> None:
    found = dues(BetweenSessions(first=2, last=4))

    # (Thursday 11:00 .. Thursday 10:00) / 2 is Sunday night; half past five on the next day that is worked
    assert shown(found) == ["2026-10-19T17:30", "2026-10-26T17:30", "2026-11-02T17:30"]
    assert [due.anchor for due in found] == [str(UUID(int=n)) for n in (2, 3, 4)]
    assert [due.until for due in found] == [meeting.starts_at for meeting in THURSDAYS[2:5]]


def test_the_middle_is_half_past_five_on_its_day_or_itself_in_a_short_gap() -> None:
    sessions = [meeting("2026-10-06T10:00", 1, minutes=45), meeting("2026-10-08T12:29", 2)]

    assert shown(dues(BetweenSessions(), meetings=sessions)) == ["2026-10-07T17:30"]

    sessions = [meeting("2026-10-08T09:00", 1), meeting("2026-10-08T16:00", 2)]

    assert shown(dues(BetweenSessions(), meetings=sessions)) == ["2026-10-08T13:00"]


def test_there_is_no_middle_without_a_gap() -> None:
    sessions = [meeting("2026-10-08T10:00", 1), meeting("2026-10-08T10:30", 2)]

    assert dues(BetweenSessions(), meetings=sessions) == []
    assert dues(BetweenSessions(), meetings=sessions[:1]) == []


def test_a_step_after_a_session_never_comes_before_its_end_nor_one_before_it_after_its_start() -> None:
    evening = [meeting("2026-10-08T16:30", 1, minutes=90)]

    assert shown(dues(AroundSession(before=False, at=time(17)), meetings=evening)) == ["2026-10-08T18:00"]
    before = dues(AroundSession(before=True, at=time(17)), meetings=evening)
    assert before[0].due_at == before[0].until == evening[0].starts_at  # it has no time left: not asked


def test_a_session_step_on_a_date_the_zone_skipped_has_no_occurrence() -> None:
    apia = Hours("Pacific/Apia", work_days=frozenset(range(7)))
    joined = at("2011-12-26T09:00", "Pacific/Apia")
    sessions = [
        meeting("2011-12-29T10:00", 1, zone="Pacific/Apia"),
        meeting("2011-12-31T10:00", 2, zone="Pacific/Apia"),
    ]

    found = dues(
        AroundSession(before=False, days=1, at=time(9)),
        AroundSession(before=True, days=1, at=time(18)),
        joined=joined,
        meetings=sessions,
        hours=apia,
    )

    assert [(due.step, due.anchor[-1]) for due in found] == [("step-2", "1"), ("step-1", "2")]


# --- served, moved, cancelled, travelling ---


def test_what_was_served_is_not_served_again_when_its_session_moves() -> None:
    when = AroundSession(before=True, days=1, at=time(18))
    served = {("step", str(UUID(int=1)))}
    moved = [replace(m, starts_at=m.starts_at + timedelta(days=1), ends_at=m.ends_at + timedelta(days=1))
             for m in THURSDAYS]  # fmt: skip

    found = dues(when, meetings=moved, served=served)

    assert shown(found)[:2] == ["2026-10-15T18:00", "2026-10-22T18:00"]


def test_a_step_of_one_session_alone_is_asked_once_even_if_another_becomes_the_first() -> None:
    served = {("step-1", str(UUID(int=1))), ("step-2", str(UUID(int=1)))}
    without_the_first = THURSDAYS[1:]

    found = dues(
        AroundSession(before=True, hours=2, first=1, last=1),
        BetweenSessions(first=1, last=1),
        AroundSession(before=True, hours=2, first=1, last=2),
        meetings=without_the_first,
        served=served,
    )

    assert [due.step for due in found] == ["step-3", "step-3"]


def test_a_session_booked_late_is_due_in_the_past() -> None:
    now = at("2026-10-07T15:00")

    found = dues(AroundSession(before=True, hours=48), meetings=THURSDAYS[:1], after=now, before=now)

    assert shown(found) == ["2026-10-06T10:00"]
    assert found[0].until == THURSDAYS[0].starts_at


def test_what_was_over_by_then_is_left_out() -> None:
    when = AroundSession(before=True, hours=48)

    assert len(dues(when, after=THURSDAYS[0].starts_at)) == 5
    assert len(dues(when, after=THURSDAYS[0].starts_at - timedelta(seconds=1))) == 6
    assert len(dues(AroundSession(before=False, hours=1), after=THURSDAYS[1].starts_at)) == 5


def test_a_weekly_occurrence_of_days_ago_that_is_still_alive_is_found() -> None:
    found = dues(Weekly((4,), time(17, 30), until_week=2), after=at("2026-10-18T12:00"))

    assert [due.anchor for due in found] == ["2026-10-16"]  # Friday's, until Monday evening


def test_jack_flies_east_and_no_date_is_skipped() -> None:
    steps = [step(Weekly(tuple(range(5)), time(8)))]
    tokyo = Hours("Asia/Tokyo")
    served = {("step", f"2026-10-{day:02}") for day in (6, 7)}
    landed = at("2026-10-08T10:00", "Asia/Tokyo")  # two in the morning in London: Thursday was not yet asked

    found = upcoming(steps, JOINED, [], tokyo, served, after=at("2026-10-07T23:00"), before=landed)

    assert [due.anchor for due in found] == ["2026-10-08"]


def test_jack_flies_west_and_no_date_is_asked_twice() -> None:
    steps = [step(Weekly(tuple(range(5)), time(8)))]
    honolulu = Hours("Pacific/Honolulu")
    served = {("step", f"2026-10-{day:02}") for day in (6, 7, 8)}
    landed = at("2026-10-07T20:00", "Pacific/Honolulu")

    following = next_due(steps, JOINED, [], honolulu, served, after=landed)

    assert following is not None
    assert following.anchor == "2026-10-09"


def test_a_day_step_is_not_asked_again_when_the_date_of_joining_looks_different() -> None:
    joined = at("2026-10-05T23:30")
    served = {("step", "2026-10-08")}

    found = dues(OnDay(3, time(9)), joined=joined, hours=Hours("Asia/Tokyo"), served=served)

    assert found == []


def test_an_occurrence_moved_beyond_its_own_end_is_found_when_it_falls_due() -> None:
    sessions = [meeting("2026-10-09T16:00", 1), meeting("2026-10-10T10:00", 2)]  # the second on a Saturday

    found = dues(BetweenSessions(), meetings=sessions, after=at("2026-10-11T12:00"))

    assert shown(found) == ["2026-10-12T08:00"]
    assert found[0].until < found[0].due_at


def test_sessions_long_past_cost_nothing_and_give_nothing() -> None:
    later = at("2027-03-01T00:00")

    assert dues(BetweenSessions(), AroundSession(before=False, hours=1), after=later) == []


# --- asking for the next ---


def test_the_next_one_due_is_the_earliest_of_all_steps() -> None:
    steps = [
        step(AroundSession(before=True, hours=24), "prepare"),
        step(Weekly((4,), time(16)), "pulse"),
        step(OnDay(2, time(9)), "welcome"),
    ]
    asked = []
    now = JOINED
    while (due := next_due(steps, JOINED, THURSDAYS, LONDON, NONE, after=now)) and len(asked) < 5:
        asked.append((due.step, shown([due])[0]))
        now = due.due_at

    assert asked == [
        ("welcome", "2026-10-07T09:00"),
        ("prepare", "2026-10-07T10:00"),
        ("pulse", "2026-10-09T16:00"),
        ("prepare", "2026-10-14T10:00"),
        ("pulse", "2026-10-16T16:00"),
    ]


def test_after_the_last_there_is_nothing_more() -> None:
    steps = [step(AroundSession(before=True, hours=24))]

    assert next_due(steps, JOINED, THURSDAYS, LONDON, NONE, after=THURSDAYS[-1].starts_at) is None
    assert next_due([], JOINED, THURSDAYS, LONDON, NONE, after=JOINED) is None


def test_steps_of_the_same_instant_keep_the_order_of_the_sequence() -> None:
    found = dues(OnDay(5, time(9)), OnDay(6, time(9)), OnDay(5, time(10)))

    assert [due.step for due in found] == ["step-1", "step-2", "step-3"]


# --- properties ---

minutes = st.times().map(lambda t: t.replace(second=0, microsecond=0))
ranges = st.tuples(st.integers(1, 4), st.none() | st.integers(1, 6))
whens: st.SearchStrategy[When] = st.one_of(
    st.builds(OnDay, st.integers(0, 60), minutes),
    st.builds(
        lambda days, t, span: Weekly(tuple(days), t, *span),
        st.sets(st.integers(0, 6), min_size=1),
        minutes,
        st.tuples(st.integers(1, 4), st.none() | st.integers(1, 12)),
    ),
    st.builds(
        lambda before, hours, span: AroundSession(before, hours=hours, first=span[0], last=span[1]),
        st.booleans(),
        st.integers(0, 120),
        ranges,
    ),
    st.builds(
        lambda before, days, t, span: AroundSession(before, days=days, at=t, first=span[0], last=span[1]),
        st.booleans(),
        st.integers(1, 5),
        st.none() | minutes,
        ranges,
    ),
    st.builds(lambda span: BetweenSessions(50, *span), ranges),
)
people = st.builds(
    Hours,
    st.sampled_from(sorted(zone_names())),
    work_days=st.frozensets(st.integers(0, 6), min_size=1),
    country=st.sampled_from([None, "GB", "FR"]),
)
joinings = st.datetimes(datetime(2024, 1, 1), datetime(2036, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))
gaps = st.lists(st.integers(1, 30 * 24), max_size=6)


@settings(max_examples=150, deadline=None)
@given(st.lists(whens, min_size=1, max_size=3), people, joinings, gaps)
def test_nothing_falls_due_in_quiet_hours_before_joining_or_twice(
    whens: list[When], hours: Hours, joined: datetime, gaps: list[int]
) -> None:
    steps = [step(when, str(n)) for n, when in enumerate(whens)]

    found = upcoming(steps, joined, booked(joined, gaps), hours, NONE, after=joined, before=joined + timedelta(days=60))

    assert not any(is_quiet(due.due_at, hours) for due in found)
    assert all(joined <= due.due_at <= joined + timedelta(days=60) for due in found)
    assert len({(due.step, due.anchor) for due in found}) == len(found)
    assert all(a.due_at <= b.due_at for a, b in pairwise(found))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(whens, min_size=1, max_size=3),
    people,
    joinings,
    gaps,
    st.lists(st.integers(1, 15 * 24 * 60), min_size=4, max_size=12),
)
def test_irregular_rounds_find_the_same_occurrences_as_one_look_at_the_end(
    whens: list[When], hours: Hours, joined: datetime, gaps: list[int], rounds: list[int]
) -> None:
    steps, sessions = [step(when, str(n)) for n, when in enumerate(whens)], booked(joined, gaps)
    served: dict[tuple[str, str], Due] = {}
    last_round = now = joined
    for pause in rounds:
        now = last_round + timedelta(minutes=pause)
        for due in upcoming(steps, joined, sessions, hours, served, after=last_round, before=now):
            served[due.step, due.anchor] = due
        last_round = now

    at_the_end = upcoming(steps, joined, sessions, hours, NONE, after=joined, before=now)

    assert {(due.step, due.anchor): due for due in at_the_end} == served


@settings(max_examples=80, deadline=None)
@given(st.lists(whens, min_size=1, max_size=3), people, joinings, gaps)
def test_waking_at_each_next_due_finds_everything(
    whens: list[When], hours: Hours, joined: datetime, gaps: list[int]
) -> None:
    steps, sessions = [step(when, str(n)) for n, when in enumerate(whens)], booked(joined, gaps)
    horizon = joined + timedelta(days=40)
    expected = upcoming(steps, joined, sessions, hours, NONE, after=joined, before=horizon)

    found, now = [due for due in expected if due.due_at == joined], joined
    while due := next_due(steps, joined, sessions, hours, NONE, after=now):
        if due.due_at > horizon:
            break
        found += [other for other in expected if other.due_at == due.due_at]
        now = due.due_at

    assert found == expected
