"""Alice's sessions as she lives them: planned, moved, cancelled and done in words and by taps, in both languages."""

from people import Town, times
from test_coaching import hear, in_paris, sessions


async def test_moved_by_words_the_next_session_keeps_its_time_unless_another_is_named(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00 weekly x3")

    to_friday = await hear(town.alice, "/session Anna move Fri")
    to_two = await hear(town.alice, "/session anna move 14:00 90min")
    french = await hear(town.alice, "/session Anna déplacer au jeu 9h30")
    told = await town.anna.last()

    assert to_friday == [
        ("The session with Anna is now on Friday 9 October, 10:00. It was on Thursday 8 October, 10:00.\n\n"
        "2 other sessions stay as planned.")
    ]
    assert to_two[0].startswith(
        "The session with Anna is now on Friday 9 October, 14:00. It was on Friday 9 October, 10:00. It takes 90 minutes."
    )
    assert french[0].startswith("The session with Anna is now on Thursday 8 October, 09:30.")
    assert told == "Alice has moved your session to Thursday 8 October, 09:30."
    assert await sessions(town) == ["2026-10-08 08:30", "2026-10-15 09:00", "2026-10-22 09:00"]
    [ends] = town.rows("SELECT ends_at FROM session ORDER BY starts_at LIMIT 1")
    assert ends[0][:16] == "2026-10-08 10:00"  # still ninety minutes


async def test_the_next_session_is_cancelled_by_words_before_or_behind_the_name(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00 weekly x3")

    first = await hear(town.alice, "/session Anna cancel")
    second = await hear(town.alice, "/session annuler Anna")
    wrong = await hear(town.alice, "/session Anna cancel 22 Oct")

    assert first == ["The session with Anna on Thursday 8 October, 10:00 is cancelled.\n\n2 other sessions stay as planned."]
    assert second[0].startswith("The session with Anna on Thursday 15 October, 10:00 is cancelled.")
    assert wrong[0].startswith("I did not understand “22 Oct”.")
    assert await sessions(town) == ["2026-10-22 09:00"]
    assert await town.anna.last() == "Alice has cancelled your session on Thursday 15 October, 10:00."


async def test_a_session_is_done_once_it_has_begun_and_what_comes_after_it_counts_from_then(town: Town) -> None:
    await town.bob.send("/session Carla Thu 10:00")
    before = await hear(town.bob, "/session Carla done")
    await town.until("2026-10-08 09:31")
    await town.bob.send("/session Carla")
    offered = await town.bob.buttons()

    during = await hear(town.bob, "/session Carla terminée")
    again = await hear(town.bob, "/session Carla done")
    await town.until("2026-10-08 14:00")

    assert before == ["That session begins on Thursday 8 October, 10:00. Once it has begun it can be done."]
    assert "it is done" in offered
    assert during == ["The session with Carla on Thursday 8 October, 10:00 counts as held."]
    assert again == ["The session with Carla on Thursday 8 October, 10:00 counts as held already."]
    assert town.rows("SELECT state, substr(ends_at, 1, 16) FROM session") == [("held", "2026-10-08 09:31")]
    [asked] = town.rows("SELECT substr(due_at, 1, 16) FROM occurrence WHERE step = 'after'")
    assert asked == ("2026-10-08 11:31",)


async def test_a_session_that_was_held_earlier_on_its_day_is_done_after_a_question(town: Town) -> None:
    await town.bob.send("/session Carla Thu 15:00")
    await town.bob.send("/session Carla 15 Oct 15:00")
    await town.until("2026-10-08 10:30")

    asked = await hear(town.bob, "/session Carla done")
    still = town.rows("SELECT DISTINCT state FROM session")
    toast = await town.bob.tap("Yes, it is done")
    told = await town.bob.last()
    twice = await town.bob.tap("Yes, it is done")
    again = await hear(town.bob, "/session Carla done")
    await town.until("2026-10-08 15:00")

    assert asked == ["The session with Carla begins today at 15:00. Has it taken place already?"]
    assert still == [("planned",)]
    assert not toast.get("text")
    assert twice.get("text") == "This session is no longer planned. /sessions lists those that are."
    assert told == (
        "The session with Carla on Thursday 8 October, 15:00 counts as held.\n\n"
        "The next one is on Thursday 15 October, 15:00."
    )
    assert again[0].startswith("The session with Carla on Thursday 8 October, 10:30 counts as held already.")
    query = "SELECT state, substr(starts_at, 1, 16), substr(ends_at, 1, 16) FROM session ORDER BY starts_at"
    assert town.rows(query)[0] == ("held", "2026-10-08 09:30", "2026-10-08 10:30")
    [asked_after] = town.rows("SELECT substr(due_at, 1, 16) FROM occurrence WHERE step = 'after'")
    assert asked_after == ("2026-10-08 12:30",)
    assert await times(town.bob, "Before your session with Carla") == []


async def test_a_second_session_on_a_day_is_asked_about_first_and_most_often_it_is_the_same_at_another_time(
    town: Town,
) -> None:
    await town.alice.send("/session Anna Thu 10:00 90min")
    before = len(await town.anna.received())
    [asked] = await hear(town.alice, "/session Anna Thu 16:00")
    offered, untold = await town.alice.buttons(), len(await town.anna.received())
    await town.alice.tap("Move it to 16:00")
    moved, told = await town.alice.last(), await town.anna.last()
    await hear(town.alice, "/session Anna Thu 10:00")
    await town.alice.tap("Plan both")

    assert asked == (
        "A session with Anna is planned on that day already: Thursday 8 October, 10:00. Move it to 16:00, or plan both?"
    )
    assert offered == ["Move it to 16:00", "Plan both", "Leave it"]
    assert untold == before
    assert moved.startswith("The session with Anna is now on Thursday 8 October, 16:00.")
    assert told == "Alice has moved your session to Thursday 8 October, 16:00."
    assert await sessions(town) == ["2026-10-08 09:00", "2026-10-08 15:00"]
    ends = town.rows("SELECT ends_at FROM session ORDER BY starts_at")
    assert [at[:16] for (at,) in ends] == ["2026-10-08 10:00", "2026-10-08 16:30"]  # its own length stays


async def test_before_the_second_session_of_a_day_both_are_named(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00 30min")
    await town.alice.send("/session Anna Thu 15:00")
    await town.alice.tap("Plan both")
    await town.alice.send("/session Ben Fri 15:00")
    await town.alice.send("/sessions")
    listed = await town.alice.buttons()
    await town.until("2026-10-08 10:30")

    [asked] = await hear(town.alice, "/session Anna done")

    assert listed == ["Anna, Thu 8 Oct, 10:00", "Anna, Thu 8 Oct, 15:00", "Ben, Fri 9 Oct"]
    assert asked == (
        "The session with Anna on Thursday 8 October, 10:00 counts as held already.\n\n"
        "The session with Anna begins today at 15:00. Has it taken place already?"
    )


async def test_a_day_beside_an_order_is_named_and_so_are_words_behind_a_leaders_name(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00 weekly x3")

    cancel = await hear(town.alice, "/session Anna 15 Oct cancel")
    done = await hear(town.alice, "/session Anna 15 Oct done")
    soon = await hear(town.alice, "/session Anna in 2 hours")
    words = await hear(town.alice, "/words Anna 🙂")
    other = await hear(town.alice, "/words Carla 🙂")

    assert cancel == [
        "I did not understand “15 Oct”. /session Anna cancel takes the next one; /sessions has buttons for each."
    ]
    assert done == ["I did not understand “15 Oct”. /session Anna done is about the one that is on or comes next."]
    assert soon == ["After Anna, I did not understand “in 2 hours”."]
    assert words == ["After Anna, I did not understand “🙂”."]
    assert other == ["There is no leader of that name. Yours are: Anna and Ben."]
    assert len(await sessions(town)) == 3


async def test_a_session_on_a_holiday_is_planned_and_the_holiday_named(town: Town) -> None:
    await town.alice.send("/timezone London")
    await town.anna.send("/timezone Paris")

    both = await hear(town.alice, "/session Anna 25 Dec 10:00")
    alices = await hear(town.alice, "/session Anna move 28 Dec")
    series = await hear(town.alice, "/session Anna 4 Nov 10:00 weekly x2")
    plain = await hear(town.alice, "/session Ben 4 Nov 15:00")

    assert "Friday 25 December is a public holiday" in both[0]
    assert both[0].endswith("Friday 25 December is a public holiday: Christmas Day.")
    assert "Monday 28 December is a public holiday where you are: Boxing Day (observed)." in alices[0]
    assert series[0].endswith("Wednesday 11 November is a public holiday where Anna is: Armistice Day.")
    assert "holiday" not in plain[0]
    assert len(await sessions(town)) == 4


async def test_a_session_to_which_nobody_came_is_cancelled_while_it_is_on(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")
    await town.until("2026-10-08 09:20")

    heard = await hear(town.alice, "/session Anna cancel")
    await town.until("2026-10-08 10:30")

    assert heard == ["The session with Anna on Thursday 8 October, 10:00 is cancelled."]
    assert town.rows("SELECT state FROM session") == [("cancelled",)]


async def test_orders_for_nobody_for_nothing_and_for_another_coachs_leader_are_refused_alike(town: Town) -> None:
    await town.bob.send("/session Carla Thu 10:00")
    orders = ["move Fri 9:00", "cancel", "done", "open-ended", ""]

    nobody = {(await hear(town.alice, f"/session Zed {order}"))[-1] for order in orders}
    carla = {(await hear(town.alice, f"/session Carla {order}"))[-1] for order in orders}
    nothing = {(await hear(town.alice, f"/session Anna {order}"))[-1] for order in orders[:3]}

    assert nobody == carla == {"There is no leader of that name. Yours are: Anna and Ben."}
    assert nothing == {"No session with Anna is planned."}
    assert await sessions(town) == ["2026-10-08 09:00"]


async def test_what_cannot_be_a_new_time_is_refused_and_the_session_stays(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")
    await town.alice.send("/session Ben Fri 10:00")

    clash = await hear(town.alice, "/session Anna move Fri 10:30")
    gone = await hear(town.alice, "/session Anna move 1 Oct 2026")
    vague = await hear(town.alice, "/session Anna move whenever")
    series = await hear(town.alice, "/session Anna move Fri 9:00 weekly x6")

    assert clash == ["There is a session already on Friday 9 October, 10:00. /sessions lists them."]
    assert gone[0].startswith("Thursday 1 October 2026, 10:00 has passed.")
    assert vague[0] == "I did not understand “whenever”. For example: Fri 14:00"
    assert series[0].startswith("I did not understand “Fri 9:00 weekly x6”.")
    assert await sessions(town) == ["2026-10-08 09:00", "2026-10-09 09:00"]


async def test_anna_in_new_york_hears_her_own_hour_and_alice_where_the_clocks_part(town: Town) -> None:
    await in_paris(town.alice)
    await town.anna.send("/timezone New York")

    heard = await hear(town.alice, "/session Anna 21 Oct 16:00 weekly x2")  # summer time ends between the two

    assert heard == [
        ("2 sessions with Anna:\nWednesday 21 October, 16:00\nWednesday 28 October, 16:00\n\n"
        "For Anna (America/New_York) that is:\nWednesday 21 October, 10:00\nWednesday 28 October, 11:00")
    ]
    await town.until("2026-10-05 12:01")  # eight in the morning in New York
    assert await town.anna.last() == (
        "Alice has planned 2 sessions with you; the first is on Wednesday 21 October, 10:00."
    )


async def test_any_day_and_time_can_be_typed_where_no_button_has_it(town: Town) -> None:
    await town.alice.send("/session")
    await town.alice.tap("Anna")
    await town.alice.tap("another day or time")

    wrong = await hear(town.alice, "Anna Thu 10:30")
    heard = await hear(town.alice, "2 Dec 10:30 fortnightly x2, 45min")

    assert wrong[0].startswith("I did not understand “Anna”.")
    assert heard == ["2 sessions with Anna:\nWednesday 2 December, 10:30\nWednesday 16 December, 10:30"]


async def test_hours_at_which_alice_is_with_ben_are_not_offered_for_anna(town: Town) -> None:
    await town.alice.send("/session Ben Thu 10:30")
    await town.alice.send("/session Anna")  # none is planned: the days at once
    await town.alice.tap("Thu 8 Oct")

    assert await town.alice.buttons() == ["8:00", "9:00", *(f"{hour}:00" for hour in range(12, 19)), "another time"]


async def test_a_long_list_is_turned_page_by_page_and_can_be_one_leaders(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00 weekly x9")
    await town.alice.send("/session Ben Fri 10:00 weekly x3")

    first = await hear(town.alice, "/sessions")
    await town.alice.tap("later ones")
    later = (await town.alice.find("Planned sessions"))["text"]
    await town.alice.tap("earlier ones")
    earlier = (await town.alice.find("Planned sessions"))["text"]
    of_ben = await hear(town.alice, "/sessions Ben")

    assert first[0].count(" · ") == 10
    assert first[0].endswith("and 2 later ones")
    assert later == "Planned sessions\n\nThursday 26 November, 10:00 · Anna\nThursday 3 December, 10:00 · Anna"
    assert earlier == first[0]
    assert of_ben[0].count("· Ben") == 3
    assert "Anna" not in of_ben[0]


async def test_what_they_bring_is_looked_at_a_day_ahead_in_alices_hours_and_not_when_it_is_too_late(town: Town) -> None:
    query = "SELECT substr(starts_at, 1, 16), substr(agenda_due_at, 1, 16), substr(brief_due_at, 1, 16) FROM session"
    await town.alice.send("/session Anna Mon 12 Oct 9:00")
    await town.alice.send("/session Ben tomorrow 8:30")

    due = town.rows(query + " ORDER BY starts_at")
    await town.alice.send("/session Anna move 16:00")
    moved = town.rows(query + " ORDER BY starts_at DESC LIMIT 1")

    assert due == [
        ("2026-10-06 07:30", None, "2026-10-05 17:59"),  # a day before has passed
        ("2026-10-12 08:00", "2026-10-09 17:59", "2026-10-12 07:00"),  # on Friday evening, and when her Monday begins
    ]
    assert moved == [("2026-10-12 15:00", "2026-10-09 17:59", "2026-10-12 13:00")]


async def test_a_nudge_comes_in_the_next_hour_of_work_when_no_next_session_is_planned_and_its_button_plans_one(
    town: Town,
) -> None:
    await town.alice.send("/session Anna Thu 17:30")
    await town.until("2026-10-09 12:00")

    nudges = await times(town.alice, "No next session with Anna")
    text = (await town.alice.find("No next session with Anna"))["text"]
    await town.alice.tap("Thu 15 Oct, 17:30")
    planned = await town.alice.last()
    await town.until("2026-10-14 12:00")

    assert nudges == ["2026-10-09T07:30"]  # half an hour on Thursday, half an hour on Friday
    assert text == "No next session with Anna is planned. The last one was on Thursday 8 October, 17:30."
    assert planned == "1 session with Anna:\nThursday 15 October, 17:30"
    assert await times(town.alice, "No next session with Anna") == nudges  # once


async def test_no_nudge_comes_when_the_next_session_was_planned_meanwhile(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")
    await town.until("2026-10-08 10:30")  # it is over
    await town.alice.send("/session Anna 15 Oct 10:00")

    await town.until("2026-10-14 12:00")

    assert not await times(town.alice, "No next session with Anna")


async def test_a_nudge_follows_a_cancelled_session_and_three_work_days_without_a_first_one(town: Town) -> None:
    await town.bob.send("/session Carla Thu 10:00")
    await town.bob.send("/session Carla cancel")

    await town.until("2026-10-09 12:00")

    assert await times(town.bob, "No session with Carla is planned yet.") == ["2026-10-05T09:00"]
    assert await times(town.alice, "No session with Anna is planned yet.") == ["2026-10-08T08:00"]
