"""The arc's further forms against hand-made calendars: every few weeks, monthly, at random, work days, without a session,
after an answer. And what holds for all of them, whatever happens."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from arcs import JOINED, LONDON, NONE, THURSDAYS, at, booked, dues, ends, meeting, shown, step
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.arc import Due, Surroundings, Trigger, has_gone, next_due, upcoming
from bot.domain.hours import Hours, is_quiet
from bot.domain.schedule import local, zone_names
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

PARIS = Hours("Europe/Paris", country="FR")


def anchors(found: list[Due]) -> list[str]:
    return [due.anchor for due in found]


# --- every few weeks, and monthly ---


def test_every_two_weeks_counts_from_the_week_it_starts_in() -> None:
    found = dues(Weekly((0, 3), time(17, 30), from_week=2, until_week=7, every=2))

    assert anchors(found) == ["2026-10-12", "2026-10-15", "2026-10-26", "2026-10-29", "2026-11-09", "2026-11-12"]
    assert [wall[-5:] for wall in shown(found)] == ["17:30"] * 6  # on both sides of the change of the clocks


@pytest.mark.parametrize(
    ("monday", "due_at", "instant"),
    [
        ("2026-03-23", "2026-03-23T17:30", "2026-03-23T17:30+00:00"),
        ("2026-03-30", "2026-03-30T17:30", "2026-03-30T16:30+00:00"),  # forward on the 29th
        ("2026-10-26", "2026-10-26T17:30", "2026-10-26T17:30+00:00"),  # back on the 25th
        ("2027-03-29", "2027-03-30T08:00", "2027-03-30T07:00+00:00"),  # forward on the 28th; Easter Monday
        ("2027-11-01", "2027-11-01T17:30", "2027-11-01T17:30+00:00"),  # back on the 31st
        ("2026-05-04", "2026-05-05T08:00", "2026-05-05T07:00+00:00"),  # a bank holiday Monday
        ("2026-08-31", "2026-09-01T08:00", "2026-09-01T07:00+00:00"),
    ],
)
def test_a_monday_keeps_its_hour_when_the_clocks_change_and_gives_way_to_a_bank_holiday(
    monday: str, due_at: str, instant: str
) -> None:
    joined = at(f"{monday}T12:00") - timedelta(days=6)

    found = dues(Weekly((0,), time(17, 30), until_week=1), joined=joined)

    assert (anchors(found), shown(found)) == ([monday], [due_at])
    assert found[0].due_at == datetime.fromisoformat(instant)


def test_the_usual_hour_is_the_persons_own() -> None:
    early = replace(LONDON, usual=time(9, 15))

    found = dues(OnDay(1), Weekly((2,), until_week=1), Monthly(8, until_week=1), hours=early, meetings=[])

    assert shown(found) == ["2026-10-06T09:15", "2026-10-07T09:15", "2026-10-08T09:15"]
    assert shown(dues(WithoutSession(4), hours=early, meetings=[], before=at("2026-10-10T00:00"))) == ["2026-10-09T09:15"]


def test_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    found = dues(Monthly(31, time(9), until_week=31), hours=Hours("Europe/London", work_days=frozenset(range(7))))

    assert shown(found) == [
        "2026-10-31T09:00", "2026-11-30T09:00", "2026-12-31T09:00", "2027-01-31T09:00", "2027-02-28T09:00",
        "2027-03-31T09:00", "2027-04-30T09:00",
    ]  # fmt: skip


def test_a_month_keeps_to_its_weeks_and_to_french_holidays() -> None:
    joined = at("2027-04-01T09:00", "Europe/Paris")

    found = dues(Monthly(1, time(9), from_week=2), joined=joined, hours=PARIS, before=at("2027-12-01T12:00"))
    bounded = dues(Monthly(1, time(9), from_week=5, until_week=9), joined=joined, hours=PARIS)

    # 1 May is a Saturday, 1 August a Sunday, 1 November All Saints
    assert shown(found, "Europe/Paris") == [
        "2027-05-03T08:00", "2027-06-01T09:00", "2027-07-01T09:00", "2027-08-02T08:00", "2027-09-01T09:00",
        "2027-10-01T09:00", "2027-11-02T08:00", "2027-12-01T09:00",
    ]  # fmt: skip
    assert anchors(found)[0] == "2027-05-01"
    assert anchors(bounded) == ["2027-05-01", "2027-06-01"]


def test_an_open_ended_month_is_found_years_later_without_counting_up_to_it() -> None:
    due = next_due([step(Monthly(31, time(9)))], JOINED, [], LONDON, NONE, after=at("2036-02-01T00:00"))

    assert due == Due("step", "2036-02-29", at("2036-02-29T09:00"), at("2036-03-03T19:00"))


# --- working days around a session ---


@pytest.mark.parametrize(
    ("session", "work_days", "at_time", "due_at"),
    [
        ("2026-10-08T10:00", 1, None, "2026-10-07T10:00"),
        ("2026-10-12T10:00", 1, None, "2026-10-09T10:00"),  # Monday: Friday
        ("2026-10-12T10:00", 2, "16:00", "2026-10-08T16:00"),
        ("2026-10-11T10:00", 1, "16:00", "2026-10-09T16:00"),  # a Sunday session
        ("2026-05-05T10:00", 1, "16:00", "2026-05-01T16:00"),  # a bank holiday Monday is no working day
        ("2026-10-26T10:00", 1, None, "2026-10-23T10:00"),  # the same wall time over the change of the clocks
        ("2027-03-30T09:00", 2, None, "2027-03-24T09:00"),  # Easter: neither Monday nor Friday is one
    ],
)
def test_working_days_before_a_session(session: str, work_days: int, at_time: str | None, due_at: str) -> None:
    when = AroundSession(before=True, work_days=work_days, at=time.fromisoformat(at_time) if at_time else None)

    found = dues(when, joined=at("2026-01-05T09:00"), meetings=[meeting(session)])

    assert shown(found) == [due_at]


def test_working_days_after_a_session() -> None:
    thursday = [meeting("2026-12-24T10:00")]

    found = dues(AroundSession(before=False, work_days=2, at=time(9)), meetings=thursday)

    assert shown(found) == ["2026-12-30T09:00"]  # Christmas Day, a weekend, Boxing Day's substitute
    assert shown(dues(AroundSession(before=False, work_days=1), meetings=thursday)) == ["2026-12-29T11:00"]


def test_the_later_of_two_sessions_can_have_the_earlier_step() -> None:
    sessions = [meeting("2026-10-10T15:00", 1), meeting("2026-10-12T10:00", 2)]  # Saturday, Monday

    found = dues(AroundSession(before=True, work_days=1), meetings=sessions)
    soonest = dues(AroundSession(before=True, work_days=1), meetings=sessions, before=at("2026-10-09T12:00"))

    assert shown(found) == ["2026-10-09T10:00", "2026-10-09T15:00"]
    assert shown(soonest) == ["2026-10-09T10:00"]


# --- a fraction of the gap ---


def test_a_fraction_of_the_gap_between_two_sessions() -> None:
    # from Thursday 8 October 11:00 to Thursday 15 October 10:00 there are 167 hours
    found = [shown(dues(BetweenSessions(percent, 1, 1)))[0] for percent in (10, 33, 50, 80, 95)]

    assert found == ["2026-10-09T17:30", "2026-10-12T17:30", "2026-10-12T17:30", "2026-10-14T17:30", "2026-10-15T08:00"]


def test_a_fraction_of_a_short_gap_is_that_very_instant() -> None:
    sessions = [meeting("2026-10-08T09:00", 1), meeting("2026-10-08T15:00", 2)]

    assert shown(dues(BetweenSessions(40), meetings=sessions)) == ["2026-10-08T12:00"]


# --- without a session ---


def test_without_a_session_it_comes_every_n_days_after_joining() -> None:
    found = dues(WithoutSession(14, time(17, 30)), meetings=[], before=at("2026-12-31T00:00"))

    assert anchors(found) == ["2026-10-19", "2026-11-02", "2026-11-16", "2026-11-30", "2026-12-14", "2026-12-28"]
    assert shown(found)[0] == "2026-10-19T17:30"
    assert shown(found)[-1] == "2026-12-29T08:00"  # Boxing Day's substitute
    assert ends(found)[0] == "2026-10-20T19:00"


def test_without_a_session_it_counts_from_the_last_one_and_a_booked_one_holds_it_back() -> None:
    held = THURSDAYS[:1]
    later = [*held, meeting("2026-11-12T10:00", 9)]

    assert anchors(dues(WithoutSession(14), meetings=held, before=at("2026-11-30T00:00"))) == [
        "2026-10-22", "2026-11-05", "2026-11-19",
    ]  # fmt: skip
    assert anchors(dues(WithoutSession(14), meetings=later, before=at("2026-12-12T00:00"))) == ["2026-11-26", "2026-12-10"]


def test_without_a_session_a_cancelled_one_brings_it_back_and_nothing_is_made_up_for() -> None:
    now = at("2026-10-28T12:00")  # the session of November was cancelled today; last month's was the last

    found = dues(WithoutSession(14), meetings=THURSDAYS[:1], after=now, before=at("2026-11-30T00:00"))

    assert anchors(found) == ["2026-11-05", "2026-11-19"]


def test_without_a_session_it_is_found_years_later_without_counting_up_to_it() -> None:
    due = next_due([step(WithoutSession(14))], JOINED, [], LONDON, NONE, after=at("2036-01-01T00:00"))

    assert due is not None
    assert (date.fromisoformat(due.anchor) - date(2026, 10, 5)).days % 14 == 0
    assert due.anchor[:7] == "2036-01"


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Pacific/Honolulu"])
def test_without_a_session_a_flight_makes_no_second_turn_of_the_same(zone: str) -> None:
    evening = [meeting("2026-10-08T17:30")]  # ends at half past six in London: on the 9th in Tokyo
    served = {("step", "2026-10-22")}
    abroad = Hours(zone)

    found = upcoming(
        [step(WithoutSession(14))], JOINED, evening, abroad, served,
        after=at("2026-10-22T17:30"), before=at("2026-11-10T00:00"),
    )  # fmt: skip

    assert anchors(found) in (["2026-11-05"], ["2026-11-06"])


def test_what_waits_without_a_session_has_gone_when_one_is_booked() -> None:
    fallback, weekly = step(WithoutSession(14)), step(Weekly((0,)))
    due_at = at("2026-10-22T17:30")

    assert not has_gone(fallback, "2026-10-22", due_at, THURSDAYS[:1])
    assert has_gone(fallback, "2026-10-22", due_at, [*THURSDAYS[:1], meeting("2026-10-29T10:00", 2)])
    assert not has_gone(weekly, "2026-10-22", due_at, THURSDAYS)


# --- at random ---

MORNINGS = AtRandom((0, 3), time(9), time(11))


def test_chance_is_fixed_by_leader_step_and_date_and_spreads_over_the_window() -> None:
    spread = dues(AtRandom((0, 1, 2, 3, 4), time(9), time(11)), before=at("2027-10-05T00:00"), around="jack")
    again = dues(AtRandom((0, 1, 2, 3, 4), time(9), time(11)), before=at("2027-10-05T00:00"), around="jack")
    jills = dues(AtRandom((0, 1, 2, 3, 4), time(9), time(11)), before=at("2027-10-05T00:00"), around="jill")
    walls = [local(due.due_at, "Europe/London") for due in spread if due.due_at < due.until]

    assert spread == again
    assert [due.due_at for due in spread] != [due.due_at for due in jills]
    assert all(time(9) <= wall.time() < time(11) and wall.second == 0 for wall in walls)
    assert len(walls) == 253  # 261 weekdays, less eight holidays
    halves = Counter((wall.hour, wall.minute // 30) for wall in walls)
    assert set(halves) == {(9, 0), (9, 1), (10, 0), (10, 1)}
    assert all(40 <= count <= 90 for count in halves.values())
    assert anchors(spread)[:2] == ["2026-10-05", "2026-10-06"]


def test_chance_keeps_within_the_leaders_hours() -> None:
    late = replace(LONDON, start=time(10, 30), end=time(19))

    found = dues(MORNINGS, hours=late, before=at("2027-01-01T00:00"))

    assert all(wall[-5:] >= "10:30" for wall in shown(found))


def test_on_a_holiday_chance_has_no_room_and_the_day_after_is_left_alone() -> None:
    found = dues(AtRandom((0,), time(9), time(11), until_week=1), joined=at("2026-08-28T12:00"))

    assert anchors(found) == ["2026-08-31"]
    assert found[0].due_at >= found[0].until == at("2026-08-31T11:00")


def test_chance_on_the_day_of_joining_comes_after_joining() -> None:
    found = dues(AtRandom((0,), time(9), time(10), until_week=1), joined=at("2026-10-05T09:57:20"))
    too_late = dues(AtRandom((0,), time(9), time(10), until_week=1), joined=at("2026-10-05T10:00"))

    assert shown(found) in (["2026-10-05T09:58"], ["2026-10-05T09:59"])
    assert too_late == []


def test_chance_keeps_its_distance_from_other_prompts_where_there_is_room() -> None:
    wide = AtRandom((0, 1, 2, 3, 4), time(9), time(17), apart=120, until_week=30)
    alone = {due.anchor: due for due in dues(wide)}
    taken = [at(f"{day}T12:00") for day in alone]

    found = dues(wide, taken=taken)

    gaps = [abs(due.due_at - at(f"{due.anchor}T12:00")) for due in found if due.due_at < due.until]
    assert min(gaps) >= timedelta(hours=2)
    moved = [due for due in found if due.due_at != alone[due.anchor].due_at]
    assert all(abs(alone[due.anchor].due_at - at(f"{due.anchor}T12:00")) < timedelta(hours=2) for due in moved)


def test_chance_keeps_its_distance_from_steps_of_its_own_sequence() -> None:
    found = dues(
        AtRandom((3,), time(8), time(13), apart=90, until_week=6),
        AroundSession(before=True, hours=1),
        AtRandom((3,), time(8), time(13), apart=90, until_week=6),
        Weekly((3,), time(12, 30), until_week=6),
    )

    for day in [date(2026, 10, 8) + timedelta(weeks=n) for n in range(6)]:
        first, second = (
            next(due.due_at for due in found if (due.step, due.anchor) == (key, str(day))) for key in ("step-1", "step-3")
        )
        fixed = [at(f"{day}T09:00"), at(f"{day}T12:30")]
        assert min(abs(first - other) for other in fixed) >= timedelta(minutes=90)
        # from half past ten to eleven there is room for one only: the other is as far away as can be
        assert abs(first - second) > timedelta(minutes=25)


def test_without_room_chance_is_as_far_away_as_it_can_be() -> None:
    tight = AtRandom((1,), time(9), time(10), apart=120, until_week=1)

    found = dues(tight, taken=[at("2026-10-06T09:00")])

    assert "2026-10-06T09:50" <= shown(found)[0] < "2026-10-06T10:00"


def test_chance_that_was_overtaken_draws_a_later_instant_not_a_past_one() -> None:
    wide = AtRandom((1,), time(9), time(17), apart=60, until_week=1)
    drawn = dues(wide)[0].due_at
    taken, now = [drawn - timedelta(minutes=10)], drawn

    found = dues(wide, taken=taken, after=now)

    assert found[0].due_at > now


# --- after an answer, after a silence ---


def triggered(when: AfterAnswer, *triggers: Trigger, served: set[tuple[str, str]] | None = None) -> list[Due]:
    around = Surroundings(triggers=triggers)
    return upcoming(
        [step(when)], JOINED, [], LONDON, served or NONE, around, after=at("2027-01-01T00:00"), before=at("2030-01-01T00:00")
    )


@pytest.mark.parametrize(
    ("when", "due_at", "until"),
    [
        (AfterAnswer("pulse", hours=2), "2026-10-08T18:40", "2026-10-09T19:00"),
        (AfterAnswer("pulse", hours=3), "2026-10-09T08:00", "2026-10-12T19:00"),  # out of quiet hours
        (AfterAnswer("pulse", days=1), "2026-10-09T16:40", "2026-10-12T19:00"),
        (AfterAnswer("pulse", days=1, at=time(9)), "2026-10-09T09:00", "2026-10-12T19:00"),
        (AfterAnswer("pulse", days=2, at=time(9)), "2026-10-12T08:00", "2026-10-13T19:00"),  # a Saturday
        (AfterAnswer("pulse", "confidence", hours=1), "2026-10-08T17:40", "2026-10-09T19:00"),
        (AfterAnswer("pulse", at=time(18)), "2026-10-08T18:00", "2026-10-09T19:00"),
        (AfterAnswer("pulse", at=time(9)), "2026-10-08T16:40", "2026-10-09T19:00"),  # never before the answer
    ],
)
def test_after_an_answer(when: AfterAnswer, due_at: str, until: str) -> None:
    found = triggered(when, Trigger("pulse", "x", at("2026-10-08T16:40"), "confidence"))

    assert (shown(found), ends(found), anchors(found)) == ([due_at], [until], ["x"])


def test_any_question_of_the_step_will_do_and_the_first_answer_counts() -> None:
    answers = [Trigger("pulse", "x", at(f"2026-10-08T{hour}:00"), key) for hour, key in ((12, "team"), (11, "confidence"))]

    assert shown(triggered(AfterAnswer("pulse", hours=1), *answers)) == ["2026-10-08T12:00"]
    assert shown(triggered(AfterAnswer("pulse", "team", hours=1), *answers)) == ["2026-10-08T13:00"]
    assert triggered(AfterAnswer("pulse", "peers", hours=1), *answers) == []
    assert triggered(AfterAnswer("other", hours=1), *answers) == []


def test_a_silence_is_no_answer_and_an_answer_no_silence() -> None:
    answer = Trigger("pulse", "x", at("2026-10-08T11:00"), "team")
    silence = Trigger("pulse", "y", at("2026-10-09T17:30"), is_silence=True)

    assert anchors(triggered(AfterAnswer("pulse", hours=1), answer, silence)) == ["x"]
    assert anchors(triggered(AfterAnswer("pulse", silence=True, days=1), answer, silence)) == ["y"]


def test_each_answer_is_followed_once_however_late_it_became_known() -> None:
    answers = [Trigger("pulse", key, at(f"2026-10-{day}T11:00"), "team") for key, day in (("b", "15"), ("a", "08"))]

    assert anchors(triggered(AfterAnswer("pulse", days=1), *answers)) == ["a", "b"]
    assert anchors(triggered(AfterAnswer("pulse", days=1), *answers, served={("step", "a")})) == ["b"]


def test_a_silence_that_was_broken_takes_what_waits_with_it() -> None:
    after = step(AfterAnswer("pulse", silence=True, days=1))
    silence = Surroundings(triggers=[Trigger("pulse", "y", JOINED, is_silence=True)])
    answered = Surroundings(triggers=[Trigger("pulse", "y", JOINED, "team")])

    assert not has_gone(after, "y", JOINED, [], silence)
    assert has_gone(after, "y", JOINED, [], answered)
    assert not has_gone(step(AfterAnswer("pulse")), "y", JOINED, [], answered)


# --- travel ---


def lived(when: When, flights: dict[str, str], days: int = 27, joined: datetime = JOINED) -> list[tuple[str, str]]:
    """Looks every half hour while the leader flies about; `(anchor, wall time)` as each was found."""
    served: dict[tuple[str, str], str] = {}
    zone, now, last = "Europe/London", joined, joined
    coming = sorted((at(moment), to) for moment, to in flights.items())
    while now < joined + timedelta(days=days):
        now += timedelta(minutes=30)
        while coming and coming[0][0] <= now:
            zone = coming.pop(0)[1]
        for due in upcoming([step(when)], joined, [], Hours(zone), served, Surroundings("jack"), after=last, before=now):
            served[due.step, due.anchor] = local(now, zone).strftime("%Y-%m-%dT%H:%M")
        last = now
    return [(anchor, wall) for (_, anchor), wall in served.items()]


TRIPS = [
    {"2026-10-13T14:00": "Asia/Tokyo"},
    {"2026-10-13T14:00": "America/New_York"},
    {"2026-10-13T18:00": "America/New_York"},  # asked at half past five in London, landed at one of the same day
    {"2026-10-13T01:00": "Asia/Tokyo", "2026-10-15T12:00": "America/New_York", "2026-10-20T09:00": "Europe/London"},
    {"2026-10-12T09:00": "Pacific/Honolulu", "2026-10-14T22:00": "Asia/Tokyo", "2026-10-21T12:00": "Europe/London"},
    {"2026-10-09T16:00": "Pacific/Auckland", "2026-10-19T03:00": "Pacific/Honolulu"},
]


@pytest.mark.parametrize("trip", TRIPS)
def test_a_traveller_is_asked_once_on_every_date_of_theirs(trip: dict[str, str]) -> None:
    every_day = lived(Weekly((0, 1, 2, 3, 4), time(17, 30)), trip)
    expected = [JOINED.date() + timedelta(days=n) for n in range(27)]

    assert [anchor for anchor, _ in every_day] == [str(day) for day in expected if day.weekday() < 5]


@pytest.mark.parametrize("trip", TRIPS)
@pytest.mark.parametrize(
    ("when", "times"),
    [
        (Weekly((0,), time(17, 30), every=2), 2),
        (Monthly(15, time(9)), 1),
        (WithoutSession(14), 1),
        (OnDay(9, time(9)), 1),
        (AtRandom((1, 3), time(9), time(17)), 8),
    ],
)
def test_a_traveller_is_asked_neither_twice_nor_less(trip: dict[str, str], when: When, times: int) -> None:
    found = lived(when, trip)

    assert len(found) == times
    assert len({anchor for anchor, _ in found}) == times


def test_a_fortnight_stays_a_fortnight_when_the_day_of_joining_looks_like_another() -> None:
    joined = at("2026-10-05T17:00")  # on Tuesday already in Tokyo

    found = lived(Weekly((0,), time(17, 30), every=2), {"2026-10-13T14:00": "Asia/Tokyo"}, days=60, joined=joined)

    days = [date.fromisoformat(anchor) for anchor, _ in found]
    assert all((after - before).days >= 14 for before, after in pairwise(days))
    assert len(days) >= 3


# --- what holds for all of them ---

minutes = st.times().map(lambda t: t.replace(second=0, microsecond=0))
weekdays = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))
weeks = st.fixed_dictionaries({"from_week": st.integers(1, 4), "until_week": st.none() | st.integers(4, 12)})
windows = st.tuples(st.integers(0, 23 * 60), st.integers(30, 600)).map(
    lambda w: (time(*divmod(w[0], 60)), time(*divmod(min(w[0] + w[1], 24 * 60 - 1), 60)))
)
whens: st.SearchStrategy[When] = st.one_of(
    st.builds(lambda d, t, e, w: Weekly(d, t, every=e, **w), weekdays, st.none() | minutes, st.integers(1, 4), weeks),
    st.builds(lambda d, t, w: Monthly(d, t, **w), st.integers(1, 31), st.none() | minutes, weeks),
    st.builds(
        lambda d, w, a, e, s: AtRandom(d, w[0], w[1], a, every=e, **s),
        weekdays, windows, st.integers(0, 240), st.integers(1, 3), weeks,
    ),
    st.builds(
        lambda b, n, t: AroundSession(b, work_days=n, at=t), st.booleans(), st.integers(1, 5), st.none() | minutes
    ),
    st.builds(lambda p: BetweenSessions(p), st.integers(1, 99)),
    st.builds(WithoutSession, st.integers(1, 30), st.none() | minutes),
    st.builds(
        lambda h, d, t: AfterAnswer("0", hours=0 if d else h, days=d, at=t),
        st.integers(0, 72), st.integers(0, 5), st.none() | minutes,
    ),
)  # fmt: skip
people = st.builds(
    Hours,
    st.sampled_from(sorted(zone_names())),
    work_days=st.frozensets(st.integers(0, 6), min_size=1),
    country=st.sampled_from([None, "GB", "FR"]),
    usual=minutes,
)
joinings = st.datetimes(datetime(2024, 1, 1), datetime(2036, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))
gaps = st.lists(st.integers(1, 30 * 24), max_size=6)
answers = st.lists(st.integers(1, 60 * 24 * 60), max_size=4)


def given_after(joined: datetime, offsets: list[int]) -> list[Trigger]:
    return [Trigger("0", str(UUID(int=n)), joined + timedelta(minutes=m), "q") for n, m in enumerate(offsets)]


def known_at(triggers: list[Trigger], taken: list[datetime], now: datetime) -> Surroundings:
    return Surroundings("jack", taken, [trigger for trigger in triggers if trigger.at <= now])


@settings(max_examples=200, deadline=None)
@given(st.lists(whens, min_size=1, max_size=3), people, joinings, gaps, answers)
def test_nothing_falls_due_in_quiet_hours_before_joining_or_twice(
    whens: list[When], hours: Hours, joined: datetime, gaps: list[int], offsets: list[int]
) -> None:
    steps, horizon = [step(when, str(n)) for n, when in enumerate(whens)], joined + timedelta(days=60)
    around = known_at(given_after(joined, offsets), [], horizon)

    found = upcoming(steps, joined, booked(joined, gaps), hours, NONE, around, after=joined, before=horizon)

    assert not any(is_quiet(due.due_at, hours) for due in found)
    assert all(joined <= due.due_at <= horizon for due in found)
    assert len({(due.step, due.anchor) for due in found}) == len(found)
    assert all(a.due_at <= b.due_at for a, b in pairwise(found))
    for number, when in enumerate(whens):
        own = [due.due_at for due in found if due.step == str(number) and due.due_at < due.until]
        if not isinstance(when, AroundSession | BetweenSessions | AfterAnswer):
            assert all(a < b for a, b in pairwise(own))


@settings(max_examples=120, deadline=None)
@given(
    st.lists(whens, min_size=1, max_size=3), people, joinings, gaps, answers,
    st.lists(st.integers(1, 15 * 24 * 60), min_size=4, max_size=12),
)  # fmt: skip
def test_irregular_rounds_find_the_same_occurrences_as_one_look_at_the_end(
    whens: list[When], hours: Hours, joined: datetime, gaps: list[int], offsets: list[int], rounds: list[int]
) -> None:
    steps, sessions = [step(when, str(n)) for n, when in enumerate(whens)], booked(joined, gaps)
    triggers = given_after(joined, offsets)
    served: dict[tuple[str, str], Due] = {}
    last_round = now = joined
    for pause in rounds:
        now = last_round + timedelta(minutes=pause)
        around = known_at(triggers, [], now)
        for due in upcoming(steps, joined, sessions, hours, served, around, after=last_round, before=now):
            served[due.step, due.anchor] = due
        last_round = now

    at_the_end = upcoming(steps, joined, sessions, hours, NONE, known_at(triggers, [], now), after=joined, before=now)

    assert {(due.step, due.anchor): due for due in at_the_end} == served


@settings(max_examples=120, deadline=None)
@given(st.lists(whens, min_size=1, max_size=3), people, joinings, gaps, answers)
def test_waking_at_each_next_due_finds_everything(
    whens: list[When], hours: Hours, joined: datetime, gaps: list[int], offsets: list[int]
) -> None:
    steps: list[Step] = [step(when, str(n)) for n, when in enumerate(whens)]
    sessions, horizon = booked(joined, gaps), joined + timedelta(days=40)
    around = known_at(given_after(joined, offsets), [], horizon)
    expected = upcoming(steps, joined, sessions, hours, NONE, around, after=joined, before=horizon)

    found, now = [due for due in expected if due.due_at == joined], joined
    while due := next_due(steps, joined, sessions, hours, NONE, around, after=now):
        if due.due_at > horizon:
            break
        found += [other for other in expected if other.due_at == due.due_at]
        now = due.due_at

    assert found == expected
