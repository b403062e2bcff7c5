"""The further ways to fall due, lived: after an answer, after a silence, only if, every other week, monthly, at random,
and while no session is booked."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from house import House, Phone, assert_calm
from people import times

from bot.db.engine import Database
from bot.db.tables import Occurrence

LIBRARY = Path(__file__).parent / "arc_library"
SURE, HELPED, EASY = "How sure are you this week", "What has helped", "What made it easy"
AFTER, SILENT, DIP, SECOND = "What will hold today", "Was it a quiet week", "What used to carry", "second month asked"
FORTNIGHT, MONTH, FALLBACK = "How was the fortnight", "What stays of the month", "What goes on without"
LIGHT, NOON = "What is light just now", "Whom did you eat with"


@dataclass
class Place:
    """Alice has a leader or two; Monday 5 October 2026, nine in London."""

    house: House
    olga: Phone
    alice: Phone
    anna: Phone

    async def until(self, text: str) -> None:
        await self.house.until(datetime.fromisoformat(text + "+00:00"))

    async def states(self, step: str) -> list[tuple[str, str | None]]:
        """What became of a step, in the order in which it fell due."""
        from sqlalchemy import select

        database = Database(self.house.settings.database_url)
        try:
            async with database.read() as db:
                query = select(Occurrence.state, Occurrence.reason).where(Occurrence.step == step)
                return [(state, why) for state, why in await db.execute(query.order_by(Occurrence.due_at, Occurrence.id))]
        finally:
            await database.close()


async def enter(house: House, *follows: str) -> Place:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    return Place(house, olga, alice, await house.leader("Anna", alice, follows=follows))


@pytest.fixture
async def house(
    tmp_path: Path, keys_file: Path, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[House]:
    url = f"sqlite:///{tmp_path / 'data' / 'interlude.db'}"
    async with House.open(tmp_path, url, keys_file, INTERLUDE_PROMPTS_DIR=str(LIBRARY)) as house:
        yield house
    assert_calm(caplog)


@pytest.fixture
async def house_on(
    tmp_path: Path, keys_file: Path, database_url: str, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[House]:
    """On each database in turn."""
    async with House.open(tmp_path, database_url, keys_file, INTERLUDE_PROMPTS_DIR=str(LIBRARY)) as house:
        yield house
    assert_calm(caplog)


async def test_answers_and_silences_are_followed_and_questions_come_only_if(house_on: House) -> None:
    place = await enter(house_on, "echoes")
    anna = place.anna

    await place.until("2026-10-06 16:31")
    await anna.tap("7")  # neither low nor high: nothing more is asked
    await place.until("2026-10-13 16:31")
    await anna.tap("8")
    easy = await times(anna, EASY)
    await anna.send("the team was in good spirits")
    await place.until("2026-10-20 16:31")
    await anna.tap("7")
    assert await times(anna, AFTER) == await times(anna, DIP) == await times(anna, HELPED) == []

    await place.until("2026-10-27 17:31")
    await anna.tap("3")
    helped = await times(anna, HELPED)
    await anna.send("a walk with a colleague")
    await place.until("2026-10-28 09:01")
    await anna.send("the stand-up at ten")
    await place.until("2026-10-30 09:01")
    await anna.send("saying what I see")

    await place.until("2026-11-05 12:31")  # Tuesday's question is left unanswered until Wednesday at half past five
    await anna.tap("Yes")
    await place.until("2026-11-09 09:01")

    assert (easy, helped) == (["2026-10-13T16:31"], ["2026-10-27T17:31"])
    assert await times(anna, EASY) == easy
    assert await times(anna, SURE) == ["2026-10-06T16:30", "2026-10-13T16:30", "2026-10-20T16:30", "2026-10-27T17:30",
                                       "2026-11-03T17:30"]  # fmt: skip
    assert await times(anna, AFTER) == ["2026-10-28T09:00"]
    assert await times(anna, DIP) == ["2026-10-30T09:00", "2026-11-06T09:00"]
    assert await times(anna, SILENT) == ["2026-11-05T12:30"]
    not_asked = ("not_asked", "condition")
    assert await place.states("morning-after") == [not_asked, not_asked, not_asked, ("answered", None)]
    assert await place.states("dip") == [not_asked, not_asked, not_asked, ("answered", None), ("missed", None)]
    assert await place.states("pulse") == [("answered", None)] * 4 + [("missed", None)]
    assert await place.states("silent") == [("answered", None)]
    assert not await times(anna, SECOND)


async def test_what_is_asked_because_of_an_answer_for_annas_eyes_only_is_for_her_eyes_only(house: House) -> None:
    place = await enter(house, "echoes")
    anna = place.anna
    await place.until("2026-10-06 16:31")
    await anna.tap("3")
    rated = await anna.find("Kept.")
    await anna.tap("Only me", rated["message_id"])
    await anna.send("the heron by the canal")
    await place.until("2026-10-07 08:01")
    told = (await anna.find(AFTER))["text"]
    await anna.send("the kingfisher too")
    await place.alice.send("/brief Anna")
    read = "\n".join(await place.alice.received())

    assert "Only you see your answer." in told
    assert "heron" not in read
    assert "kingfisher" not in read
    assert "What will hold" not in read


async def test_what_is_asked_because_of_a_shared_answer_is_shared(house: House) -> None:
    place = await enter(house, "echoes")
    await place.until("2026-10-06 16:31")
    await place.anna.tap("3")
    await place.anna.send("the heron by the canal")
    await place.alice.send("/brief Anna")

    assert "the heron by the canal" in "\n".join(await place.alice.received())


async def test_an_answer_that_breaks_a_silence_takes_back_what_waits_because_of_it(house: House) -> None:
    place = await enter(house, "echoes", "noon")
    anna = place.anna
    await place.until("2026-10-05 11:01")
    await anna.send("with Ben")
    await place.until("2026-10-06 11:01")
    await anna.send("with Ben again")
    await place.until("2026-10-08 11:31")  # missed on Wednesday at half past five, when Wednesday's noon could be asked
    before = await place.states("silent")
    await anna.tap("7", (await anna.find(SURE))["message_id"])
    after = await place.states("silent")
    await anna.send("alone, at my desk")
    await place.until("2026-10-08 18:00")

    assert (before, after) == ([("waiting", None)], [("cancelled", "no reason any more")])
    assert await place.states("pulse") == [("answered", "late")]
    assert not await times(anna, SILENT)


async def test_every_other_week_at_the_end_of_the_month_and_while_no_session_is_booked(house_on: House) -> None:
    place = await enter(house_on, "rhythms")
    anna = place.anna
    for moment in ("2026-10-07 16:40", "2026-10-19 16:40", "2026-10-21 16:40"):
        await place.until(moment)
        await anna.send("quite well")
    await place.until("2026-11-02 17:40")  # since eight in the morning the month's question is open
    waiting = await place.states("fallback")
    await place.alice.send("/session Anna Thu 12 Nov 10:00")
    await place.until("2026-11-27 20:00")
    for moment in ("2026-11-27 20:01", "2026-12-01 20:00"):
        await anna.send("well enough")
        await place.until(moment)

    assert await times(anna, FORTNIGHT) == ["2026-10-07T16:30", "2026-10-21T16:30", "2026-11-04T17:30"]
    assert (await times(anna, MONTH))[:2] == ["2026-11-02T08:00", "2026-11-30T09:00"]  # the 31st is a Saturday
    assert waiting == [("answered", None), ("waiting", None)]
    assert (await place.states("fallback"))[1] == ("cancelled", "no reason any more")
    assert await times(anna, FALLBACK) == ["2026-10-19T16:30", "2026-11-26T17:30"]  # 14 days after the session


async def test_chance_asks_once_a_day_at_times_of_their_own_and_keeps_away_from_noon(house: House) -> None:
    place = await enter(house, "chance", "noon")
    anna, ben = place.anna, await house.leader("Ben", place.alice, follows=("chance",))
    for day in range(5, 17):
        for hour in ("10:59", "11:05", "16:05"):
            await place.until(f"2026-10-{day:02} {hour}")
            await anna.send(f"word {day} {hour}")
            await ben.send(f"words {day} {hour}")

    annas, bens = await times(anna, LIGHT), await times(ben, LIGHT)
    days = [moment[:10] for moment in annas]

    work_days = [day for day in range(6, 17) if day not in (10, 11)]
    assert [day for day in days if day > "2026-10-05"] == [f"2026-10-{day:02}" for day in work_days]
    assert [moment[:10] for moment in bens if moment[:10] > "2026-10-05"] == [f"2026-10-{day:02}" for day in work_days]
    assert annas != bens
    assert len({moment[11:] for moment in annas}) > 5
    assert all("08:00" <= moment[11:] < "16:00" for moment in annas + bens)
    for moment in annas:
        noon = datetime.fromisoformat(moment[:10] + "T11:00")
        assert abs(datetime.fromisoformat(moment) - noon) >= timedelta(hours=2)
    assert [moment[11:] for moment in await times(anna, NOON)] == ["11:00"] * (len(work_days) + 1)


async def test_the_second_month_since_promotion_is_asked_about_in_the_second_month(house: House) -> None:
    place = await enter(house, "echoes")
    await place.alice.send("/leaders")
    await place.alice.tap("Anna")
    await place.alice.tap("Promoted on")
    await place.alice.send("17 Sep 2026")

    await place.until("2026-11-27 20:00")

    assert await times(place.anna, SECOND) == [f"2026-{day}T{hour}:00" for day, hour in (
        ("10-22", "08"), ("10-29", "09"), ("11-05", "09"), ("11-12", "09"))]  # fmt: skip


async def test_of_two_questions_on_one_monday_only_the_one_that_takes_the_others_place_is_asked(house: House) -> None:
    place = await enter(house, "places")
    ben = await house.leader("Ben", place.alice, follows=("places",))
    await place.alice.send("/leader Anna")
    await place.alice.tap("Promoted on")
    await place.alice.send("1 Oct 2026")
    await place.until("2026-10-06 16:00")
    await place.anna.send("/next")
    ahead = await place.anna.last()
    await place.until("2026-10-12 20:00")

    async def asked(phone: Phone, words: str) -> list[str]:
        return [at[5:10] for at in await times(phone, words) if at[11:] == "16:30"]  # without /next

    assert ahead.count("Monday 12 October") == 1
    assert await asked(place.anna, "since your promotion") == ["10-12"]
    assert await asked(place.anna, "How was your own work") == ["10-05"]
    assert await asked(ben, "since your promotion") == []
    assert await asked(ben, "How was your own work") == ["10-05", "10-12"]
    assert (await place.states("count")).count(("not_asked", "condition")) == 1


async def test_a_day_that_a_flight_east_has_cut_short_is_asked_in_the_morning_and_one_west_is_not_asked_twice(
    house: House,
) -> None:
    anna = (place := await enter(house, "noon")).anna
    await place.until("2026-10-05 11:01")
    await anna.send("in London")
    await place.until("2026-10-06 10:30")
    await anna.send("/timezone Tokyo")  # where it is half past seven in the evening: noon has passed unasked
    await place.until("2026-10-06 23:30")
    await anna.send("over the Pole")
    await place.until("2026-10-07 03:01")
    await anna.send("in Tokyo")
    await place.until("2026-10-07 12:00")
    await anna.send("/timezone New York")  # where it is eight in the morning of the same day
    await place.until("2026-10-08 16:01")

    asked = await times(anna, NOON)

    assert asked == ["2026-10-05T11:00", "2026-10-06T23:00", "2026-10-07T03:00", "2026-10-08T16:00"]
    assert await place.states("noon") == [("answered", None)] * 3 + [("asked", None)]
