"""The bot was away for more than a day: who is active hears what may be missing, once, and in their own hours."""

from people import Town, times

AWAY = "I was away from"


async def test_after_a_day_away_ben_hears_once_what_may_be_missing(town: Town) -> None:
    await town.anna.send("/pause")
    await town.anna.tap("until I come back")
    await town.house.stop_bot()
    await town.until("2026-10-05 20:00")
    await town.house.start_bot()
    await town.until("2026-10-06 12:00")
    assert await times(town.ben, AWAY) == []
    await town.house.stop_bot()
    await town.until("2026-10-07 20:00")  # in the evening, when nobody is to be disturbed

    await town.house.start_bot()
    await town.until("2026-10-09 20:00")
    await town.house.stop_bot()
    await town.until("2026-10-09 21:00")
    await town.house.start_bot()
    await town.until("2026-10-12 12:00")

    assert await times(town.ben, AWAY) == ["2026-10-08T07:00"]
    assert "Tuesday 6 October" in (await town.ben.find(AWAY))["text"]
    assert await times(town.alice, AWAY) == ["2026-10-08T07:00"]
    assert await times(town.anna, AWAY) == []
