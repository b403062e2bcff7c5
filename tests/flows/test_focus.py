"""Alice wants more of one theme and less of another; what is asked of Anna and Ben follows."""

from people import Town, times

ASKED = "What happened today"


async def hear(town: Town, text: str) -> str:
    await town.alice.send(text)
    return await town.alice.last()


async def test_less_of_a_theme_comes_half_as_often_and_next_says_so(town: Town) -> None:
    await town.until("2026-10-12 08:00")
    told = await hear(town, "/focus Ben less team")
    await town.ben.send("/next")
    coming = await town.ben.last()
    await town.until("2026-10-20 12:00")
    asked = await times(town.ben, ASKED)

    assert told == "Less of “team” for Ben: where it repeats, it comes half as often; what comes once comes as planned."
    assert "Monday 19 October, 17:30: What happened today? (every 2 weeks, on Monday, Tuesday" in coming
    assert "Tuesday 13 October" not in coming
    asked_on = [at[8:10] for at in asked if at.endswith("16:30")]  # besides, /next has shown it
    assert asked_on == ["05", "06", "07", "08", "09", "19"]


async def test_what_is_in_focus_is_asked_first_when_two_fall_due(town: Town) -> None:
    await town.alice.send("/enrol Anna daily")
    told = await hear(town, "/focus Anna team")
    await town.until("2026-10-06 16:31")
    first = await town.anna.last()
    await town.alice.send("/focus Anna team as planned")
    again = await town.alice.last()

    assert told.startswith("More of “team” for Anna: it goes first when several questions wait,")
    assert ASKED in first
    assert again == "“team” comes as planned again for Anna."


async def test_the_buttons_go_around_and_the_card_says_what_is_set(town: Town) -> None:
    await town.alice.send("/focus Anna")
    await town.alice.tap("pulse")
    await town.alice.tap("▲ pulse")
    await town.alice.tap("peers")
    shown = await town.alice.buttons()
    card = await hear(town, "/leader Anna")
    await town.alice.send("/focus Anna")
    await town.alice.tap("▼ pulse")
    after = await town.alice.buttons()

    assert shown == ["confidence", "boundaries", "team", "▲ peers", "own work", "lightness", "▼ pulse"]
    assert "Focus: peers" in card
    assert "Less often: pulse" in card
    assert after[-1] == "pulse"


async def test_what_is_not_a_theme_or_not_hers_is_refused(town: Town) -> None:
    wrong = await hear(town, "/focus Anna billing")
    other = await hear(town, "/focus Carla team")

    assert wrong.startswith("Please name one of these, with “less” in front if you like: confidence, boundaries")
    assert other == "There is no leader of that name. Yours are: Anna and Ben."
