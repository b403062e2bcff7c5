"""What a leader follows: held for a while, taken up again, swapped for something else."""

from pathlib import Path

from people import Town, times

AROUND = (Path(__file__).parent / "short_library" / "around.yaml").read_text("utf-8")
ASKED = "What happened today"


async def test_a_paused_sequence_asks_nothing_and_makes_up_for_nothing(town: Town) -> None:
    await town.until("2026-10-05 16:31")
    await town.ben.send("all quiet")
    await town.until("2026-10-06 16:00")
    await town.alice.send("/enrol Ben")
    await town.alice.tap("pause Daily")
    paused = await town.alice.last()
    twice = await town.alice.tap("pause Daily")
    await town.alice.send("/enrol Ben")
    listed, offered = await town.alice.last(), await town.alice.buttons()
    await town.alice.send("/leader Ben")
    card = await town.alice.last()
    await town.ben.send("/next")
    coming = await town.ben.last()
    await town.until("2026-10-08 17:30")  # an hour after the question of that day would have come
    await town.alice.tap("go on with Daily", (await town.alice.find("Ben follows:"))["message_id"])
    on_again = await town.alice.last()
    await town.until("2026-10-09 16:31")
    asked = await times(town.ben, ASKED)

    assert paused == "Paused: Daily. Nothing of it is asked until it goes on."
    assert twice["text"] == "This is paused already."
    assert listed == "Ben follows: Daily (paused)"
    assert "go on with Daily" in offered
    assert "Follows: Daily (paused)" in card
    assert "No question is due in the next two weeks." in coming
    assert on_again == "Daily goes on from now. What fell due in between is not asked any more."
    assert [day[:10] for day in asked] == ["2026-10-05", "2026-10-09"]


async def test_what_waits_when_it_is_paused_is_left_out(town: Town) -> None:
    await town.alice.send("/enrol Anna daily")
    await town.until("2026-10-06 16:31")  # of two that fell due, one is open and one waits
    await town.alice.send("/enrol Anna")
    await town.alice.tap("pause Daily")
    await town.alice.tap("pause Everyday", (await town.alice.find("Anna follows:"))["message_id"])
    waiting = town.rows("SELECT count(*) FROM occurrence WHERE state = 'waiting'")
    asked = town.rows("SELECT count(*) FROM occurrence WHERE state = 'asked' AND leader_id = "
                      "(SELECT leader_id FROM occurrence WHERE step = 'scale')")  # fmt: skip
    await town.until("2026-10-09 16:31")

    assert waiting == [(0,)]
    assert asked == [(1,)]
    assert town.rows("SELECT count(*) FROM occurrence WHERE reason = 'held'") == [(1,)]


async def test_one_sequence_is_swapped_for_another_after_a_look(town: Town) -> None:
    await town.alice.send("/enrol Ben")
    await town.alice.tap("swap Daily for…")
    offered = await town.alice.buttons()
    await town.alice.tap("Everyday")
    preview = await town.alice.last()
    await town.alice.tap("Swap")
    swapped = await town.alice.last()
    again = await town.alice.tap("swap Daily for…", (await town.alice.find("Ben follows:"))["message_id"])
    await town.until("2026-10-06 16:31")

    assert offered == ["Around sessions", "Everyday", "Leave it"]
    assert preview.startswith(
        "Swap Daily for Everyday for Ben?\n\n"
        "• Daily ends: nothing more of it is asked. What was answered stays.\n"
        "• Everyday begins at once, from its first step."
    )
    assert swapped == "Ben follows Everyday from now on instead of Daily."
    assert again["text"] == "This has been ended already."
    assert await times(town.ben, ASKED) == []
    assert len(await times(town.ben, "How sure are you today?")) == 1


async def test_a_sequence_goes_by_its_title_too_in_either_language(town: Town) -> None:
    told = []
    for who in (town.alice, town.olga):
        for words in ("Ben Around sessions", "Ben au quotidien", "Ben everyday", "Ben Going on", "Jack Going on"):
            await who.send(f"/enrol {words}")
            told.append(await who.last())

    assert told[0].startswith("Ben follows Around sessions from now on.")
    assert told[1].startswith("Ben follows Everyday from now on.")
    assert told[2] == "Ben follows Everyday already."
    assert told[3] == "There is no sequence called Going on. /sequences lists them."
    assert told[4] == "There is no leader of that name. Yours are: Anna and Ben."
    assert told[5] == "Ben follows Around sessions already."
    assert told[9] == "There is no leader of that name. There are: Anna, Ben and Carla."


async def test_olga_may_too_and_bob_may_not(town: Town) -> None:
    await town.olga.send("/enrol Ben")
    await town.olga.tap("pause Daily")
    paused = await town.olga.last()
    await town.bob.send("/enrol Ben")

    assert paused.startswith("Paused: Daily.")
    assert await town.bob.last() == "There is no leader of that name. Yours are: Carla."


async def test_a_paused_sequence_goes_on_with_the_next_coach_as_it_was(town: Town) -> None:
    await town.alice.send("/enrol Ben")
    await town.alice.tap("pause Daily")
    await town.olga.send("/hand Ben to Bob")
    await town.olga.tap("Hand over")
    await town.bob.send("/enrol Ben")

    assert await town.bob.last() == "Ben follows: Daily (paused)"


async def test_from_the_second_session_on_means_the_coachings_second_also_with_another_coach(town: Town) -> None:
    """A sequence that goes on with a coaching counts what was there before it began, and before Bob."""
    later = AROUND.replace("sequence: around", "sequence: later").replace("Around sessions\"", "Later on\"")
    for when in ("before_session: 24h", "after_session: 2h", "between_sessions: middle"):
        later = later.replace(when, f"{when}, sessions: 2-")
    await town.olga.send_file("later.yaml", later.encode())
    await town.olga.tap("Publish")
    await town.alice.send("/session Anna Mon 12:00")
    await town.until("2026-10-05 15:00")
    await town.alice.send("/enrol Anna")
    for button in ("swap Everyday for…", "Later on", "Swap"):
        await town.alice.tap(button)
    await town.until("2026-10-05 17:30")
    before = await times(town.anna, "What do you keep of the session?")
    await town.olga.send("/hand Anna to Bob")
    await town.olga.tap("Hand over")
    await town.bob.send("/session Anna Thu 12:00")
    await town.until("2026-10-08 17:30")

    assert before == []
    assert await times(town.anna, "What do you keep of the session?") == ["2026-10-08T14:00"]
