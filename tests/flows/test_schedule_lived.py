"""The schedule, lived: local time over a change of the clocks, one prompt at a time, moved sessions, a long sleep."""

import re

from house import Phone
from people import Town, times

DAILY, BEFORE, AFTER, BETWEEN = "What happened today", "What is the session for", "What do you keep", "half-way"


async def briefs(coach: Phone, head: str) -> list[str]:
    """When briefs came that begin like this."""
    found = [m for m in await coach.chat() if m["text"].startswith(head) and "Everything until" in m["text"]]
    return [message["date"][:16] for message in found]


async def enrol(town: Town, name: str, sequence: str) -> None:
    await town.olga.send(f"/enrol {name} {sequence}")


async def test_questions_keep_half_past_five_over_the_end_of_summer_time_in_london_and_in_paris(town: Town) -> None:
    await town.until("2026-10-20 08:00")
    await enrol(town, "Carla", "daily")
    await town.carla.send("/timezone Paris")
    await town.until("2026-10-27 20:00")

    ben = (await times(town.ben, DAILY))[-6:]
    carla = await times(town.carla, DAILY)

    assert ben == ["2026-10-20T16:30", "2026-10-21T16:30", "2026-10-22T16:30", "2026-10-23T16:30",
                   "2026-10-26T17:30", "2026-10-27T17:30"]  # fmt: skip
    assert carla == ["2026-10-20T15:30", "2026-10-21T15:30", "2026-10-22T15:30", "2026-10-23T15:30",
                     "2026-10-26T16:30", "2026-10-27T16:30"]  # fmt: skip


async def test_steps_around_sessions_come_at_their_own_moments_over_the_change_of_the_clocks(town: Town) -> None:
    await town.bob.send("/session Carla Fri 23 Oct 10:00 weekly x2")

    await town.until("2026-11-03 20:00")

    assert await times(town.carla, BEFORE) == ["2026-10-22T09:00", "2026-10-29T10:00"]
    assert await times(town.carla, AFTER) == ["2026-10-23T12:00", "2026-10-30T13:00"]
    (between,) = await times(town.carla, BETWEEN)
    assert "2026-10-23" < between < "2026-10-29"
    assert between[11:] in ("16:30", "17:30")


async def test_one_question_is_open_at_a_time_and_the_next_comes_when_it_is_answered(town: Town) -> None:
    await town.bob.send("/session Carla Tue 6 Oct 14:30")  # "before" comes on Monday at half past two
    await enrol(town, "Carla", "daily")

    await town.until("2026-10-05 16:45")
    before, daily = await times(town.carla, BEFORE), await times(town.carla, DAILY)
    opened = town.rows("SELECT max(n) FROM (SELECT count(*) n FROM occurrence WHERE state = 'asked' GROUP BY leader_id)")
    await town.carla.send("first things first")

    assert before == ["2026-10-05T13:30"]
    assert daily == []
    assert opened == [(1,)]
    assert await times(town.carla, DAILY) == ["2026-10-05T16:45"]


async def test_a_question_is_missed_after_the_same_time_on_the_next_work_day(town: Town) -> None:
    await town.until("2026-10-09 16:31")
    await town.until("2026-10-12 16:29")
    over_the_weekend = _states(town, "2026-10-09")
    await town.until("2026-10-12 16:31")

    assert over_the_weekend == {"asked"}
    assert _states(town, "2026-10-09") == {"missed"}


async def test_a_question_under_discussion_is_not_closed_within_half_an_hour_of_a_sign_of_life(town: Town) -> None:
    await town.until("2026-10-05 16:31")
    await town.until("2026-10-06 16:20")
    await town.ben.send("/help")
    await town.until("2026-10-06 16:35")
    kept_open = _states(town, "2026-10-05")
    await town.until("2026-10-06 16:51")

    assert kept_open == {"asked"}
    assert _states(town, "2026-10-05") == {"missed"}


async def test_bank_holidays_are_quiet_in_their_own_country_and_keep_a_question_open(town: Town) -> None:
    await enrol(town, "Carla", "daily")
    await town.carla.send("/timezone Paris")
    await town.house.stop_bot()
    await town.until("2026-12-23 20:00")
    await town.house.start_bot()
    await town.settled()
    await town.until("2026-12-28 20:00")  # Monday; Boxing Day is made up for in London, not in Paris
    open_over_christmas = _states(town, "2026-12-24")
    await town.until("2026-12-29 20:00")

    assert open_over_christmas == {"asked", "missed"}
    assert _states(town, "2026-12-24") == {"missed"}
    assert (await times(town.ben, DAILY))[-2:] == ["2026-12-24T17:30", "2026-12-29T17:30"]
    assert (await times(town.carla, DAILY))[-3:] == ["2026-12-24T16:30", "2026-12-28T16:30", "2026-12-29T16:30"]


def _states(town: Town, anchor: str) -> set[str]:
    """What became of the question of one day, for whoever was asked."""
    return {state for (state,) in town.rows("SELECT state FROM occurrence WHERE step = 'day' AND anchor = ?", anchor)}


async def test_a_session_moved_by_a_day_moves_its_steps_and_asks_none_twice(town: Town) -> None:
    await town.bob.send("/session Carla Thu 15 Oct 10:00")
    await town.bob.send("/sessions")
    await town.bob.tap("Carla, Thu 15 Oct")
    await town.bob.tap("a day earlier")
    told = await town.carla.last()
    await town.until("2026-10-13 09:30")  # Tuesday: 24 hours before Wednesday
    first = await times(town.carla, BEFORE)
    await town.bob.send("/sessions")
    await town.bob.tap("Carla, Wed 14 Oct")
    await town.bob.tap("a week later")
    await town.until("2026-10-23 20:00")

    assert "has moved your session to Wednesday 14 October" in told
    assert first == ["2026-10-13T09:00"]
    assert await times(town.carla, BEFORE) == first
    assert await times(town.carla, AFTER) == ["2026-10-21T12:00"]
    assert await briefs(town.bob, "Carla · Wednesday 21 October, 10:00") == ["2026-10-21T07:00"]


async def test_a_session_moved_after_its_brief_gets_another_brief(town: Town) -> None:
    await town.bob.send("/session Carla Wed 7 Oct 10:00")
    await town.until("2026-10-07 07:30")
    first = await briefs(town.bob, "Carla · Wednesday 7 October, 10:00")
    await town.bob.send("/sessions")
    await town.bob.tap("Carla, Wed 7 Oct")
    await town.bob.tap("a week later")

    await town.until("2026-10-14 08:30")

    assert first == ["2026-10-07T07:00"]
    assert await briefs(town.bob, "Carla · Wednesday 14 October, 10:00") == ["2026-10-14T07:00"]


async def test_a_step_that_found_no_room_is_asked_when_its_session_moves_away(town: Town) -> None:
    await town.until("2026-10-09 19:00")  # Friday evening, out of hours
    await town.bob.send("/session Carla Mon 12 Oct 08:00")  # 24 hours before is a Sunday, then Friday: gone by
    await town.until("2026-10-10 12:00")
    await town.bob.send("/sessions")
    await town.bob.tap("Carla, Mon 12 Oct")
    await town.bob.tap("a week later")

    await town.until("2026-10-19 12:00")

    assert len(await times(town.carla, BEFORE)) == 1


async def test_a_cancelled_session_takes_its_steps_and_its_brief_with_it(town: Town) -> None:
    await town.bob.send("/session Carla Thu 8 Oct 10:00")
    await town.bob.send("/sessions")
    await town.bob.tap("Carla, Thu 8 Oct")
    await town.bob.tap("cancel it")
    await town.bob.tap("Yes, cancel it")
    told = await town.carla.last()

    await town.until("2026-10-12 20:00")

    assert told == "Bob has cancelled your session on Thursday 8 October, 10:00."
    assert not await times(town.carla, BEFORE)
    assert not await times(town.carla, AFTER)
    assert not await briefs(town.bob, "Carla")


async def test_after_three_days_of_sleep_one_question_comes_and_the_others_are_expired(town: Town) -> None:
    await town.until("2026-10-05 16:31")
    await town.ben.send("before the sleep")
    await town.house.stop_bot()
    await town.until("2026-10-08 17:00")
    await town.house.start_bot()
    await town.settled()

    ben = await times(town.ben, DAILY)
    heard = [m["text"] for m in await town.anna.chat() if m["from"] == "bot" and m["date"] > "2026-10-05T12"]
    states = dict(town.rows("SELECT anchor, state FROM occurrence WHERE step = 'day' ORDER BY anchor"))
    await town.alice.send("/brief Ben")

    assert len(ben) == 2
    assert [text.startswith("I was away from") for text in heard] == [True, False]  # and one question
    assert states == {
        "2026-10-05": "answered", "2026-10-06": "expired", "2026-10-07": "expired", "2026-10-08": "asked",
    }  # fmt: skip
    assert "Asked 2, answered 1" in re.sub(r"\s+", " ", await town.alice.last())


async def test_a_sleep_that_ends_at_night_wakes_nobody(town: Town) -> None:
    await town.house.stop_bot()
    await town.until("2026-10-06 02:00")
    await town.house.start_bot()
    await town.settled()
    at_night = await times(town.ben, DAILY)
    await town.until("2026-10-06 20:00")

    assert at_night == []
    assert (await times(town.ben, DAILY))[-1] == "2026-10-06T16:30"
    assert all("07:00" <= moment[11:] < "18:00" for moment in await times(town.ben, DAILY))


async def test_words_written_while_the_bot_slept_answer_what_was_open_then(town: Town) -> None:
    await town.until("2026-10-05 16:31")
    await town.house.stop_bot()
    await town.until("2026-10-05 18:00")
    await town.ben.send("written at seven in the evening")
    await town.until("2026-10-06 17:00")  # by now it would have counted as missed
    await town.house.start_bot()
    await town.settled()

    await town.alice.send("/brief Ben")

    assert "written at seven in the evening" in await town.alice.last()
    assert _states(town, "2026-10-05") == {"answered"}


async def test_a_flight_changes_when_questions_come_and_a_day_is_neither_asked_twice_nor_skipped(town: Town) -> None:
    await town.until("2026-10-06 17:00")  # Ben was asked at half past five in London
    await town.ben.send("/timezone New York")  # where it is one o'clock of the same day
    await town.until("2026-10-07 21:31")
    await town.ben.send("from New York")
    await town.until("2026-10-08 02:00")
    west = await times(town.ben, DAILY)
    await town.ben.send("/timezone Tokyo")  # where it is eleven in the morning of Thursday
    await town.until("2026-10-09 10:00")

    assert west == ["2026-10-05T16:30", "2026-10-06T16:30", "2026-10-07T21:30"]
    assert (await times(town.ben, DAILY))[3:] == ["2026-10-08T08:30", "2026-10-09T08:30"]


async def test_a_question_the_bot_slept_through_does_not_come_the_next_morning(town: Town) -> None:
    await town.until("2026-10-05 16:00")
    await town.house.stop_bot()
    await town.until("2026-10-05 20:00")
    await town.house.start_bot()
    await town.settled()

    await town.until("2026-10-06 16:31")

    assert await times(town.ben, DAILY) == ["2026-10-06T16:30"]
    assert _states(town, "2026-10-05") == {"expired"}
