"""What a leader brings to the session: pinned, ordered, cleared; and what the coach sees of it."""

from people import Town


async def agenda(town: Town) -> str:
    await town.anna.send("/agenda")
    return await town.anna.last()


async def _anna_is_asked_twice(town: Town) -> None:
    """A rating on Tuesday, and a choice on Wednesday."""
    await town.alice.send("/session Anna Fri 10:00")
    await town.until("2026-10-06 16:31")
    await town.anna.tap("4")
    await town.until("2026-10-07 16:31")
    await town.anna.tap("Over coffee")


async def test_anna_brings_an_answer_with_one_tap_and_leaves_it_out_with_another(town: Town) -> None:
    await _anna_is_asked_twice(town)
    await town.anna.tap("Bring to the session")
    pinned = await town.anna.buttons()
    brought = await agenda(town)
    await town.anna.tap("On your agenda")
    after = await agenda(town)

    assert "✓ On your agenda" in pinned
    assert brought.startswith("For your session on Friday 9 October\n\n1. Over coffee\nWed 7 Oct · Where did you talk?")
    assert "Nothing yet." in after


async def test_a_number_on_the_agenda_says_what_it_is(town: Town) -> None:
    await town.until("2026-10-06 16:31")
    await town.anna.tap("4")
    await town.anna.tap("Bring to the session")

    assert _points(await agenda(town)) == ["1. 4 on a scale from 0 to 10"]


async def test_points_are_reordered_taken_off_and_cleared(town: Town) -> None:
    await town.anna.send("/agenda the new rota")
    await town.anna.send("/agenda my holiday")
    await town.anna.send("/agenda Tuesday's meeting")
    first = await town.anna.last()
    await town.anna.tap("↑ 3")
    moved = await town.anna.last()
    await town.anna.tap("✕ 1")
    fewer = await town.anna.last()
    await town.anna.tap("Take everything off")
    asked = await town.anna.last()
    await town.anna.tap("Back")
    kept = await town.anna.last()
    await town.anna.tap("Take everything off")
    await town.anna.tap("Take everything off")
    cleared = await town.anna.last()

    assert _points(first) == ["1. the new rota", "2. my holiday", "3. Tuesday's meeting"]
    assert _points(moved) == ["1. the new rota", "2. Tuesday's meeting", "3. my holiday"]
    assert _points(fewer) == ["1. Tuesday's meeting", "2. my holiday"]
    assert asked == "Take every point off your agenda? What you wrote is kept in your journal."
    assert kept == fewer
    assert "Nothing yet." in cleared
    assert town.rows("SELECT count(*) FROM answer") == [(3,)]


def _points(shown: str) -> list[str]:
    return [line for line in shown.splitlines() if line[:1].isdigit()]


async def test_the_coach_sees_only_what_is_shared_of_what_anna_brings_and_in_her_order(town: Town) -> None:
    await _anna_is_asked_twice(town)
    await town.anna.tap("Bring to the session")  # shared in words
    await town.anna.send("/agenda about my pay, wombat")
    await town.until("2026-10-08 16:31")
    await town.anna.tap("Budget")
    await town.anna.tap("Done")
    await town.anna.tap("Only the topic")
    await town.anna.tap("Bring to the session")
    await town.anna.send("/agenda")
    await town.anna.tap("↑ 3")
    await town.until("2026-10-09 07:05")

    brief = await town.alice.find("What they bring")

    start = brief["text"].index("What they bring")
    assert brief["text"][start:].startswith(
        "What they bring\n\n"
        "1. Wed 7 Oct · Where did you talk?\nOver coffee\n\n"
        "2. Only the topic: peers.\n\n"
        "3. A point of their own, without words."
    )
    assert brief["text"].count("Over coffee") == 1
    assert "wombat" not in "".join(await town.alice.received())


async def test_what_was_brought_is_off_the_agenda_once_the_session_was_held_not_when_it_was_cancelled(town: Town) -> None:
    await town.alice.send("/session Anna Wed 10:00")
    await town.alice.send("/session Anna Fri 10:00")
    await town.anna.send("/agenda the new rota")
    await town.alice.send("/session")
    await town.until("2026-10-06 12:00")
    await _cancel(town, "Anna, Wed 7 Oct")
    cancelled = await agenda(town)
    await town.until("2026-10-09 09:30")  # in the session
    during = await agenda(town)
    await town.anna.send("/agenda what came up just now")
    await town.until("2026-10-09 10:05")
    held = await agenda(town)

    assert _points(cancelled) == ["1. the new rota"]
    assert cancelled.startswith("For your session on Friday 9 October")
    assert _points(during) == ["1. the new rota"]
    assert _points(held) == ["1. what came up just now"]


async def _cancel(town: Town, label: str) -> None:
    await town.alice.send("/sessions")
    await town.alice.tap(label)
    await town.alice.tap("cancel it")
    await town.alice.tap("Yes, cancel it")


async def test_a_point_that_is_edited_keeps_its_place_without_the_command(town: Town) -> None:
    written = await town.anna.send("/agenda the new rotta")
    await town.anna.edit(written, "/agenda the new rota")

    assert _points(await agenda(town)) == ["1. the new rota"]


async def test_what_comes_after_a_point_is_no_part_of_it(town: Town) -> None:
    await town.anna.send("/agenda the new rota")
    await town.anna.send("and something else")

    assert _points(await agenda(town)) == ["1. the new rota"]


async def test_an_agenda_has_room_for_twelve_points_of_a_thousand_characters(town: Town) -> None:
    for number in range(1, 13):
        await town.anna.send(f"/agenda point {number}, <b>bold</b> 🦊 " + "و" * 900)
    shown = await town.anna.last()
    await town.anna.send("/agenda one more")
    refused = await town.anna.last()
    await town.anna.send("/agenda " + "x" * 1001)
    too_long = await town.anna.last()

    assert len(shown.encode("utf-16-le")) // 2 <= 4096
    assert "12. point 12, <b>bold</b> 🦊" in shown
    assert refused == "There are 12 points on your agenda already. Take one off first: /agenda"
    assert too_long.startswith("A point has room for 1000 characters.")
    assert len(_points(await agenda(town))) == 12


async def test_ben_can_neither_move_nor_take_off_what_anna_brings(town: Town) -> None:
    from test_own_views import act_as

    await town.anna.send("/agenda the new rota")
    await town.ben.send("/agenda mine")
    ((pin,),) = town.rows("SELECT id FROM pin ORDER BY made_at, id LIMIT 1")
    ((answer,),) = town.rows("SELECT id FROM answer ORDER BY given_at, id LIMIT 1")
    invented = "00000000-0000-4000-8000-000000000000"
    before = town.rows("SELECT * FROM pin"), town.rows("SELECT * FROM answer")

    for action in (["agenda.move", "{}", "1"], ["agenda.off", "{}"], ["pin", "{}"]):
        guessed = [await act_as(town, town.ben, [part.format(key) for part in action]) for key in (pin, answer, invented)]
        assert len(set(guessed)) == 1, action
        assert guessed[0] in (
            "That is no longer on your agenda. /agenda shows what is.", "This button is no longer in use."
        )  # fmt: skip

    assert (town.rows("SELECT * FROM pin"), town.rows("SELECT * FROM answer")) == before
    assert "rota" not in "".join(await town.ben.received())
