"""Sessions, hours, clocks and sequences change while something is planned, waits or is open: it goes along."""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from house import House, Phone
from people import Town, times
from test_lost_messages import fault
from test_own_questions import MONDAY, asks, nothing_else_is_asked

DAILY, BEFORE, AFTER, BETWEEN = "What happened today", "What is the session for", "What do you keep", "half-way"
REMINDER = "This question is still open"


async def digests(coach: Phone) -> list[str]:
    """When digests came by themselves."""
    sent = [m for m in await coach.chat() if m["from"] == "bot" and "week to" in m["text"]]
    return [m["date"][:16] for m in sent]


def occurrences(town: Town, step: str) -> list[tuple[str, str | None, str]]:
    return town.rows("SELECT state, reason, due_at FROM occurrence WHERE step = ? ORDER BY due_at", step)


# --- sessions that move or go while their question is open

async def test_open_question_closes_when_its_session_was_moved_earlier(town: Town) -> None:
    """Decision 37: what belongs before a session closes when the session begins."""
    await town.bob.send("/session Carla Tue 6 Oct 14:30")
    await town.until("2026-10-05 13:45")  # asked at 14:30 local
    assert await times(town.carla, BEFORE) == ["2026-10-05T13:30"]
    await town.bob.send("/session Carla move Tue 6 Oct 9:00")
    await town.until("2026-10-06 09:05")  # 10:05 local; the session was 9:00-10:00
    await town.until("2026-10-06 09:30")
    states = [state for state, *_ in occurrences(town, "before")]
    assert states == ["missed"], states


async def test_no_reminder_in_the_session_that_was_moved_earlier(town: Town) -> None:
    """Decision 37: in the session itself nobody is reminded."""
    await town.bob.send("/session Carla Tue 6 Oct 14:30")
    await town.until("2026-10-05 13:45")
    await town.bob.send("/session Carla move Mon 5 Oct 17:45")
    await town.until("2026-10-05 19:00")
    assert await times(town.carla, REMINDER) == []  # it comes at 18:30, in the session


async def test_no_reminder_after_the_session_was_cancelled(town: Town) -> None:
    """'cancelled: it [everything unsent that hangs on it] is cancelled'."""
    await town.bob.send("/session Carla Tue 6 Oct 14:30")
    await town.until("2026-10-05 13:45")
    await town.bob.send("/session Carla cancel")
    await town.until("2026-10-06 19:00")
    assert await times(town.carla, REMINDER) == []


async def test_a_question_put_off_does_not_come_back_after_its_session_was_cancelled(town: Town) -> None:
    await town.bob.send("/session Carla Tue 6 Oct 14:30")
    await town.until("2026-10-05 13:45")
    await town.carla.tap("Later")
    await town.carla.tap("Tomorrow morning · 08:00")
    await town.bob.send("/session Carla cancel")
    await town.until("2026-10-06 19:00")
    assert await times(town.carla, BEFORE) == ["2026-10-05T13:30"]


async def test_a_question_put_off_does_not_come_back_after_its_session_was_held(town: Town) -> None:
    await town.bob.send("/session Carla Tue 6 Oct 14:30")
    await town.until("2026-10-05 13:45")
    await town.carla.tap("Later")
    await town.carla.tap("Tomorrow morning · 08:00")
    await town.bob.send("/session Carla move Mon 5 Oct 16:00")
    await town.until("2026-10-06 19:00")
    asked = [at for at in await times(town.carla, BEFORE) if at > "2026-10-05T15"]
    assert asked == []


async def test_a_question_put_off_beyond_its_session_can_not_be_chosen_after_a_move(town: Town) -> None:
    await town.bob.send("/session Carla Tue 6 Oct 14:30")
    await town.until("2026-10-05 13:45")
    await town.bob.send("/session Carla move Mon 5 Oct 17:45")
    shown = await town.carla.find(BEFORE)
    await town.carla.tap("Later", shown["message_id"])
    buttons = await town.carla.buttons()
    shown = await town.carla.find(BEFORE)
    labels = [b["text"] for row in shown["buttons"] for b in row]
    assert not any("Tomorrow" in label for label in labels), (labels, buttons)


async def test_a_paused_question_moves_with_its_session_to_after_the_pause(town: Town) -> None:
    """'Session moved: everything unsent that hangs on it moves.'"""
    await town.bob.send("/session Carla Wed 7 Oct 10:00")
    await town.carla.send("/pause a week")
    await town.until("2026-10-06 12:00")
    await town.bob.send("/session Carla move Wed 21 Oct 10:00")
    await town.until("2026-10-21 08:00")
    assert await times(town.carla, BEFORE) == ["2026-10-20T09:00"], occurrences(town, "before")


# --- digests

async def test_digest_is_not_lost_when_hours_change_between_its_day_and_the_next_hours(town: Town) -> None:
    await town.alice.send("/when Tue-Fri 9:00-18:00")
    await town.until("2026-10-13 06:30")  # Tuesday 7:30: Monday's digest comes at nine
    await town.alice.send("/when Tue-Fri 9:00-17:00")
    await town.until("2026-10-13 20:00")
    assert await digests(town.alice) == ["2026-10-13T08:00"]


async def test_a_digest_that_waited_for_other_hours_is_back_on_its_day_when_they_allow_it(town: Town) -> None:
    await town.alice.send("/when Tue-Fri 9:00-18:00")
    await town.until("2026-10-09 12:00")
    await town.alice.send("/when Mon-Fri 9:00-18:00")
    await town.until("2026-10-13 20:00")
    assert await digests(town.alice) == ["2026-10-12T08:00"]


async def test_digest_is_not_skipped_by_a_flight_east(town: Town) -> None:
    """'a date already served is not served again (flying west) nor skipped (flying east)'."""
    await town.alice.send("/timezone New York")
    await town.until("2026-10-19 09:00")  # Monday, five in New York, eleven in Paris
    before = len(await digests(town.alice))
    await town.alice.send("/timezone Paris")
    await town.until("2026-10-23 20:00")
    assert [at[:10] for at in (await digests(town.alice))[before:]] == ["2026-10-19"]


async def test_digest_is_not_repeated_by_a_flight_west(town: Town) -> None:
    await town.until("2026-10-19 08:00")
    assert (await digests(town.alice))[-1] == "2026-10-19T07:30"
    before = len(await digests(town.alice))
    await town.ben.send("one thing")
    await town.alice.send("/timezone New York")  # four in the morning of the same Monday
    await town.until("2026-10-23 20:00")
    assert (await digests(town.alice))[before:] == []


# --- later

async def test_tomorrow_morning_chosen_around_midnight_is_that_morning(town: Town) -> None:
    await town.until("2026-10-05 22:58")  # 23:58 in London
    await town.ben.tap("Later")
    await town.until("2026-10-05 23:02")
    await town.ben.tap("Tomorrow morning · 08:00")
    await town.until("2026-10-06 12:00")
    assert (await times(town.ben, DAILY))[1:] == ["2026-10-06T07:00"]


# --- a house with a library of its own

@dataclass
class Place:
    house: House
    olga: Phone
    alice: Phone
    anna: Phone

    async def until(self, text: str) -> None:
        await self.house.until(datetime.fromisoformat(text + "+00:00"))


STEP = """
  - key: {key}
    theme: team
    purpose: {{en: "For tests.", fr: "Pour les tests."}}
    evidence: "None."
    minutes: 1
    when: {when}
    questions:
"""
QUESTION = """      - key: {key}
        kind: text
        ask: {{en: "{ask}?", fr: "{ask} ?"}}
"""


def library(folder: Path, name: str, *steps: tuple[str, str, tuple[str, ...]]) -> str:
    folder.mkdir(exist_ok=True)
    text = f"""interlude: 1
sequence: {name}
title: {{en: "{name.title()}", fr: "{name.title()}"}}
about: {{en: "For tests.", fr: "Pour les tests."}}
author: "Interlude"
reviewed: 2026-11-01

steps:"""
    for key, when, questions in steps:
        text += STEP.format(key=key, when=when)
        text += "".join(QUESTION.format(key=ask.lower(), ask=ask) for ask in questions)
    (folder / f"{name}.yaml").write_text(text)
    return text


@asynccontextmanager
async def place(tmp_path: Path, keys_file: Path, folder: Path, *follows: str) -> AsyncIterator[Place]:
    url = f"sqlite:///{tmp_path / 'data' / 'interlude.db'}"
    async with House.open(tmp_path, url, keys_file, INTERLUDE_PROMPTS_DIR=str(folder)) as house:
        olga = await house.admin()
        alice = await house.coach("Alice", olga)
        yield Place(house, olga, alice, await house.leader("Anna", alice, follows=follows))


async def test_the_question_before_the_second_session_comes_though_one_in_a_pause_was_cancelled(
    tmp_path: Path, keys_file: Path
) -> None:
    """As in first-six-weeks: before_session 24h, sessions: 2. It was never put to Anna, so nothing is asked twice."""
    prompts = tmp_path / "prompts"
    library(prompts, "weeks", ("first", "{before_session: 24h, sessions: 1}", ("Wanted",)),
            ("second", "{before_session: 24h, sessions: 2}", ("Aimed",)))
    async with place(tmp_path, keys_file, prompts, "weeks") as p:
        await p.alice.send("/session Anna Tue 6 Oct 14:00")
        await p.alice.send("/session Anna Wed 14 Oct 10:00")
        await p.until("2026-10-06 15:00")
        await p.anna.send("/pause a week")  # until Tuesday 13
        await p.alice.send("/session Anna Fri 9 Oct 10:00")  # meanwhile, before the pause is heard of
        await p.until("2026-10-08 12:00")
        await p.alice.send("/session Anna cancel")
        await p.until("2026-10-14 12:00")
        assert await times(p.anna, "Aimed") == ["2026-10-13T09:00"]


async def test_the_question_before_the_first_session_comes_though_the_first_one_was_cancelled_unasked(
    tmp_path: Path, keys_file: Path
) -> None:
    prompts = tmp_path / "prompts"
    library(prompts, "weeks", ("first", "{before_session: 24h, sessions: 1}", ("Wanted",)))
    async with place(tmp_path, keys_file, prompts, "weeks") as p:
        await p.alice.send("/session Anna Wed 7 Oct 10:00")
        await p.anna.send("/pause until 8 Oct")
        await p.until("2026-10-06 12:00")
        await p.alice.send("/session Anna cancel")
        await p.alice.send("/session Anna Wed 14 Oct 10:00")
        await p.until("2026-10-14 12:00")
        assert await times(p.anna, "Wanted") == ["2026-10-13T09:00"]


async def test_the_question_before_the_first_session_comes_though_its_turn_was_taken_by_another(
    tmp_path: Path, keys_file: Path
) -> None:
    """It waited behind an open question, its session was cancelled; nobody ever saw it."""
    prompts = tmp_path / "prompts"
    library(prompts, "weeks", ("first", "{before_session: 24h, sessions: 1}", ("Wanted",)),
            ("day", "{day: 0, at: 10:30}", ("Opened",)))
    async with place(tmp_path, keys_file, prompts, "weeks") as p:
        await p.alice.send("/session Anna Tue 6 Oct 11:00")
        await p.until("2026-10-05 12:00")
        assert await times(p.anna, "Opened")
        assert not await times(p.anna, "Wanted")
        await p.alice.send("/session Anna cancel")
        await p.alice.send("/session Anna Wed 14 Oct 10:00")
        await p.until("2026-10-14 12:00")
        assert await times(p.anna, "Wanted") == ["2026-10-13T09:00"]



async def test_questions_in_another_order_are_not_asked_twice_in_one_step(tmp_path: Path, keys_file: Path) -> None:
    """'Move a running enrolment to the version in force; steps that were asked are not asked again.'"""
    prompts = tmp_path / "prompts"
    library(prompts, "weeks", ("day", "{weekly: [mon], at: 17:30}", ("One", "Two")))
    other = library(tmp_path / "other", "weeks", ("day", "{weekly: [mon], at: 17:30}", ("Two", "One")))
    async with place(tmp_path, keys_file, prompts, "weeks") as p:
        await p.until("2026-10-05 16:31")
        await p.anna.send("my first answer")
        assert await times(p.anna, "Two?")
        await p.olga.send_file("weeks.yaml", other.encode())
        await p.olga.tap("Publish")
        await p.olga.send("/enrol Anna")
        await p.olga.tap("move Weeks to version 2")
        await p.anna.send("my second answer")
        await p.until("2026-10-05 16:45")
        assert not any("our fault" in text for text in await p.anna.received()), (await p.anna.received())[-3:]
        assert len(await times(p.anna, "One?")) == 1


@pytest.mark.parametrize(
    ("moment", "from_then_on"),
    [
        ("When I meet the board on Tuesday at two", "2026-10-13T22:00"),
        ("When I next write to the board, on Tuesday", "2026-10-14T00:30"),  # half past five in the afternoon there
    ],
)
async def test_a_plan_is_asked_about_after_its_moment_where_the_leader_is(
    tmp_path: Path, keys_file: Path, moment: str, from_then_on: str
) -> None:
    """Plans are 'followed up at the cue': its day and time are those of the leader's own clock."""
    kinds = Path(__file__).parent / "kinds_library"
    async with place(tmp_path, keys_file, kinds, "kinds") as p:
        await p.until("2026-10-08 16:31")
        for words in (moment, "I will say what I saw first", "If he cuts me off, I say: one moment"):
            await p.anna.send(words)
        await p.anna.tap("That's it")
        await p.until("2026-10-12 12:00")
        await p.anna.send("/timezone Los Angeles")
        await p.until("2026-10-14 12:00")
        [asked] = await times(p.anna, "Did you get to it")
        assert from_then_on <= asked < "2026-10-14T01:00"


async def test_after_a_reason_nothing_that_falls_due_later_that_day_is_asked(tmp_path: Path, keys_file: Path) -> None:
    """Decision 21: 'A reason ends that prompt as skipped, and the day's asking with it.'"""
    prompts = tmp_path / "prompts"
    library(prompts, "weeks", ("noon", "{weekly: [mon, tue, wed, thu, fri], at: 12:00}", ("Midday",)),
            ("four", "{day: 2, at: 16:00}", ("Teatime",)))
    async with place(tmp_path, keys_file, prompts, "weeks") as p:
        await p.until("2026-10-07 11:05")  # Wednesday: two went by
        await p.anna.tap("Too busy")
        await p.until("2026-10-07 19:00")
        assert await times(p.anna, "Teatime") == []


async def test_what_a_reason_put_off_until_tomorrow_is_not_asked_today_because_something_else_falls_due(
    tmp_path: Path, keys_file: Path
) -> None:
    prompts = tmp_path / "prompts"
    library(prompts, "weeks", ("noon", "{weekly: [mon, tue, wed, thu, fri], at: 12:00}", ("Midday",)),
            ("one", "{day: 2, at: 12:30}", ("Lunch",)), ("four", "{day: 2, at: 16:00}", ("Teatime",)))
    async with place(tmp_path, keys_file, prompts, "weeks") as p:
        await p.until("2026-10-07 12:00")  # Wednesday: two went by; lunch waits
        await p.anna.tap("Too busy")
        await p.until("2026-10-07 19:00")
        assert await times(p.anna, "Lunch") == []


async def test_a_coachs_own_question_is_not_lost_silently_with_its_session(tmp_path: Path, keys_file: Path) -> None:
    """It waits behind another one when its session is cancelled: the coach hears of it, or it comes with the next one."""
    prompts = tmp_path / "prompts"
    library(prompts, "weeks", ("day", "{day: 0, at: 10:30}", ("Opened",)))
    async with place(tmp_path, keys_file, prompts, "weeks") as p:
        await p.alice.send("/session Anna Mon 5 Oct 17:00")
        await p.alice.send("/ask Anna 5h before the session: Which numbers do you bring?")
        await p.alice.tap("Ask it")
        await p.until("2026-10-05 11:30")  # due at twelve, behind the one of half past ten
        before = len(await p.alice.received())
        await p.alice.send("/session Anna cancel")
        await p.alice.send("/session Anna Wed 14 Oct 10:00")
        await p.until("2026-10-14 12:00")
        asked = await times(p.anna, "Which numbers")
        told = [text for text in (await p.alice.received())[before:] if "Which numbers" in text]
        assert asked or told, (await p.alice.received())[before:]


async def test_a_coach_who_changes_the_emphasis_makes_no_wednesday_question_come_on_a_thursday(
    tmp_path: Path, keys_file: Path
) -> None:
    """Decision 55: 'More or less of a theme changes how often, never on which days.'"""
    prompts = tmp_path / "prompts"
    library(prompts, "weeks", ("fortnight", "{weekly: [wed], every: 2, at: 17:30}", ("Fortnight",)))
    async with place(tmp_path, keys_file, prompts, "weeks") as p:
        await p.until("2026-10-15 09:00")  # Thursday of the second week, which has no turn
        before = await times(p.anna, "Fortnight")
        await p.alice.send("/focus Anna team")
        await p.until("2026-10-15 18:00")
        assert before == ["2026-10-07T16:30"]
        assert await times(p.anna, "Fortnight") == before


async def test_a_coach_who_wants_less_again_as_planned_makes_no_monday_question_come_on_a_tuesday(
    tmp_path: Path, keys_file: Path
) -> None:
    prompts = tmp_path / "prompts"
    library(prompts, "weeks", ("mondays", "{weekly: [mon], at: 17:30}", ("Monday",)))
    async with place(tmp_path, keys_file, prompts, "weeks") as p:
        await p.alice.send("/focus Anna less team")
        await p.until("2026-10-13 09:00")  # Tuesday after the Monday that was left out
        before = await times(p.anna, "Monday?")
        await p.alice.send("/focus Anna team as planned")
        await p.until("2026-10-13 18:00")
        assert before == ["2026-10-05T16:30"]
        assert await times(p.anna, "Monday?") == before, await p.alice.last()


async def briefs(coach: Phone) -> list[str]:
    """The briefs that came by themselves, as text."""
    return [m["text"] for m in await coach.chat() if m["from"] == "bot" and "Everything until" in m["text"]]





async def test_what_came_after_one_session_is_not_asked_after_the_next_one_that_was_moved_earlier(
    tmp_path: Path, keys_file: Path
) -> None:
    """'Past its own end (... the next session ...) it is not asked.'"""
    prompts = tmp_path / "prompts"
    library(prompts, "weeks", ("open", "{day: 0, at: 14:30}", ("Opened",)), ("after", "{after_session: 2h}", ("Learned",)))
    async with place(tmp_path, keys_file, prompts, "weeks") as p:
        await p.alice.send("/session Anna Mon 5 Oct 13:00")
        await p.alice.send("/session Anna Wed 7 Oct 10:00")
        await p.until("2026-10-05 16:00")  # two hours after the first one another question is open
        await p.alice.send("/session Anna move Tue 6 Oct 9:00")
        await p.until("2026-10-06 10:00")  # eleven: the second session has been held
        await p.anna.send("at last")
        await p.until("2026-10-06 10:30")
        assert await times(p.anna, "Learned?") == []


async def test_what_came_after_one_session_is_still_asked_when_the_next_one_was_moved_away(
    tmp_path: Path, keys_file: Path
) -> None:
    prompts = tmp_path / "prompts"
    library(prompts, "weeks", ("open", "{day: 0, at: 14:30}", ("Opened",)), ("after", "{after_session: 2h}", ("Learned",)))
    async with place(tmp_path, keys_file, prompts, "weeks") as p:
        await p.alice.send("/session Anna Mon 5 Oct 13:00")
        await p.alice.send("/session Anna Tue 6 Oct 10:00")
        await p.until("2026-10-05 16:00")
        await p.alice.send("/session Anna move Wed 14 Oct 10:00")
        await p.until("2026-10-06 10:00")  # eleven
        await p.anna.send("at last")
        await p.until("2026-10-06 18:00")
        assert len(await times(p.anna, "Learned?")) == 1


async def test_a_pause_ends_on_its_day_where_the_leader_is(tmp_path: Path, keys_file: Path) -> None:
    """'Paused until Monday 12 October': on Monday there are questions again."""
    prompts = tmp_path / "prompts"
    library(prompts, "weeks", ("day", "{weekly: [mon, tue], at: 8:30}", ("Morning",)))
    async with place(tmp_path, keys_file, prompts, "weeks") as p:
        await p.anna.send("/pause until 12 Oct")
        await p.until("2026-10-10 12:00")
        await p.anna.send("/timezone Sydney")
        await p.until("2026-10-12 08:00")
        assert await times(p.anna, "Morning") == ["2026-10-11T21:30"]


async def test_a_plan_of_the_former_coach_keeps_no_question_of_the_new_one_from_being_asked(
    tmp_path: Path, keys_file: Path
) -> None:
    kinds = tmp_path / "prompts"
    shutil.copytree(Path(__file__).parent / "kinds_library", kinds)
    library(kinds, "extra", ("a", "{weekly: [fri], at: 15:30}", ("Early",)), ("b", "{weekly: [fri], at: 17:00}", ("Late",)))
    async with place(tmp_path, keys_file, kinds, "kinds") as p:
        bob = await p.house.coach("Bob", p.olga)
        await p.olga.send("/enrol Anna extra")
        await p.until("2026-10-08 16:31")
        await p.anna.send("When I meet the board tomorrow at three")
        await p.anna.send("I will say what I saw first")
        await p.anna.send("If he cuts me off, I say: one moment")
        await p.anna.tap("That's it")
        await p.until("2026-10-09 16:40")  # 15:30 asked; 16:00 the plan waits; 17:00, 17:30 wait
        await p.olga.send("/hand Anna to Bob")
        await p.olga.tap("Hand over")
        await p.until("2026-10-09 16:45")
        shown = await p.anna.find("Early?")
        await p.anna.tap("Skip", shown["message_id"])
        await p.until("2026-10-09 17:30")
        assert bob
        assert await times(p.anna, "Late") or await times(p.anna, "What was light"), await p.anna.received()


def _looked_at(folder: Path) -> str:
    """When the plan is to be asked about."""
    db = sqlite3.connect(folder / "data" / "interlude.db")
    try:
        return str(db.execute("SELECT look_at FROM plan").fetchone()[0])
    finally:
        db.close()


async def _plan_before_the_session(p: Place) -> None:
    await p.until("2026-10-08 16:31")
    await p.anna.send("When I feel unsure in the corridor")
    await p.anna.send("I will say what I saw first")
    await p.anna.send("If he cuts me off, I say: one moment")
    await p.anna.tap("That's it")
    await p.anna.tap("Before my next session")



async def test_a_plan_for_before_the_next_session_is_asked_about_before_it_begins(
    tmp_path: Path, keys_file: Path
) -> None:
    kinds = Path(__file__).parent / "kinds_library"
    async with place(tmp_path, keys_file, kinds, "kinds") as p:
        await p.anna.send("/when 9:00-19:00")
        await p.alice.send("/session Anna Mon 12 Oct 9:00")
        await _plan_before_the_session(p)
        assert _looked_at(tmp_path) < "2026-10-12 08:00"


# --- shown again, seen, held back


async def test_a_question_that_was_shown_again_stays_open_when_its_session_moves(town: Town) -> None:
    """Put off twice; the session moves an hour after it was shown for the third time."""
    await town.bob.send("/session Carla Tue 6 Oct 16:30")
    await town.until("2026-10-05 15:45")
    await town.bob.send("/session Carla move Thu 8 Oct 16:30")
    await town.carla.tap("Later")
    await town.carla.tap("Tomorrow morning · 08:00")
    await town.until("2026-10-06 08:30")
    await town.carla.tap("Later")
    await town.carla.tap("Tomorrow morning · 08:00")
    await town.until("2026-10-07 09:00")
    assert len(await times(town.carla, BEFORE)) == 3
    await town.bob.send("/session Carla move Fri 9 Oct 16:30")
    await town.until("2026-10-07 15:00")

    assert occurrences(town, "before")[0][0] == "asked"


async def test_what_is_shown_again_and_does_not_arrive_comes_though_its_session_moves_meanwhile(town: Town) -> None:
    await fault(town, "500_before")
    await town.alice.send("/privacy")
    await town.house.advance(minutes=2)
    await town.bob.send("/session Carla Tue 6 Oct 16:30")
    await town.until("2026-10-05 15:45")
    await town.carla.tap("Later")
    await town.carla.tap("Tomorrow morning · 08:00")
    await town.until("2026-10-06 06:59")
    await fault(town, "500_before")
    await town.until("2026-10-06 07:00")
    await town.bob.send("/session Carla move Fri 9 Oct 16:30")
    await town.until("2026-10-06 07:10")

    assert len(await times(town.carla, BEFORE)) == 2


async def test_an_own_question_whose_session_is_off_waits_for_the_next_one_and_can_be_taken_back(town: Town) -> None:
    await nothing_else_is_asked(town)
    await town.until(MONDAY)
    await town.alice.send("/session Anna Thu 14:00")
    await asks(town, "Anna Thu 11:30 Another one?")
    await asks(town, "Anna 2h before the session: What about the rota?")
    shown = await town.alice.find("Your question goes to")
    await town.until("2026-10-08 11:10")
    await town.alice.send("/session Anna cancel")
    await town.house.advance(minutes=5)
    await town.alice.send("/ask Anna")
    listed = await town.alice.last()
    await town.alice.tap("Take it back", shown["message_id"])

    assert "What about the rota?" in listed
    assert town.rows("SELECT count(*) FROM enrolment WHERE own IS NOT NULL AND state = 'active'") == [(1,)]


async def test_an_own_question_that_was_seen_when_its_session_is_cancelled_has_come_to_its_end(town: Town) -> None:
    await nothing_else_is_asked(town)
    await town.until(MONDAY)
    await town.alice.send("/session Anna Thu 14:00")
    await asks(town, "Anna 2h before the session: What about the rota?")
    await town.until("2026-10-08 11:10")
    assert await times(town.anna, "What about the rota?")
    await town.alice.send("/session Anna cancel")
    await town.alice.send("/session Anna Fri 9 Oct 14:00")
    await town.until("2026-10-12 09:00")

    assert town.rows("SELECT state FROM enrolment WHERE own IS NOT NULL AND state <> 'draft'") == [("ended",)]


async def test_after_a_pause_a_session_that_moves_by_an_hour_makes_up_for_nothing(town: Town) -> None:
    """"Questions start again from now.\""""
    await town.bob.send("/session Carla Wed 7 Oct 10:00")
    await town.carla.send("/pause")
    await town.carla.tap("until I come back")
    await town.until("2026-10-06 12:00")
    await town.carla.send("/resume")
    await town.bob.send("/session Carla move Wed 7 Oct 11:00")
    await town.until("2026-10-07 12:00")

    assert await times(town.carla, BEFORE) == []


async def test_a_flight_over_the_date_line_brings_no_second_digest(town: Town) -> None:
    await town.alice.send("/timezone Auckland")
    await town.until("2026-10-13 20:00")  # Wednesday nine there; Monday's has been
    before = await digests(town.alice)
    await town.alice.send("/timezone Honolulu")
    await town.until("2026-10-16 20:00")

    assert before
    assert await digests(town.alice) == before


async def test_a_reason_tapped_the_next_morning_ends_that_days_asking(tmp_path: Path, keys_file: Path) -> None:
    prompts = tmp_path / "prompts"
    library(prompts, "weeks", ("noon", "{weekly: [mon, tue, wed], at: 17:30}", ("Midday",)),
            ("four", "{day: 3, at: 16:00}", ("Teatime",)))  # fmt: skip
    async with place(tmp_path, keys_file, prompts, "weeks") as p:
        await p.until("2026-10-08 08:00")  # Thursday nine: Wednesday's, the third, is open
        await p.anna.tap("Too busy")
        await p.until("2026-10-08 18:00")

        assert await times(p.anna, "Teatime") == []


async def test_a_coach_is_told_the_truth_when_a_reason_kept_their_question_back(tmp_path: Path, keys_file: Path) -> None:
    prompts = tmp_path / "prompts"
    library(prompts, "weeks", ("noon", "{weekly: [mon, tue, wed], at: 12:00}", ("Midday",)))
    async with place(tmp_path, keys_file, prompts, "weeks") as p:
        await p.until("2026-10-07 11:05")
        await p.alice.send("/session Anna Wed 7 Oct 17:00")
        await p.alice.send("/ask Anna 2h before the session: Which numbers do you bring?")
        await p.alice.tap("Ask it")
        await p.anna.tap("Too busy")
        await p.until("2026-10-08 08:00")

        assert not any("another question was open all that time" in text for text in await p.alice.received())


@pytest.mark.parametrize(("state", "reason"), [("failed", "refused"), ("expired", "too late")])
async def test_what_waits_for_a_plan_whose_question_never_arrived_is_asked(
    tmp_path: Path, keys_file: Path, state: str, reason: str
) -> None:
    kinds = tmp_path / "prompts"
    shutil.copytree(Path(__file__).parent / "kinds_library", kinds)
    library(kinds, "extra", ("a", "{weekly: [mon], at: 10:00}", ("Early",)))
    async with place(tmp_path, keys_file, kinds, "kinds") as p:
        await p.olga.send("/enrol Anna extra")
        await p.until("2026-10-08 16:31")
        await p.anna.send("When I meet the board tomorrow at three")
        await p.anna.send("I will say what I saw first")
        await p.anna.send("If he cuts me off, I say: one moment")
        await p.anna.tap("That's it")
        await p.until("2026-10-09 15:10")
        assert await times(p.anna, "Did you get to it")
        with sqlite3.connect(tmp_path / "data" / "interlude.db") as db:
            about_a_plan = "kind = 'prompt' AND question_id IS NULL AND answer_id IS NOT NULL"
            db.execute(f"UPDATE delivery SET state = ?, reason = ? WHERE {about_a_plan}", (state, reason))
        await p.until("2026-10-12 15:10")

        again = len(await times(p.anna, "Did you get to it")) > 1
        [(others,)] = db.execute("SELECT count(*) FROM occurrence WHERE state = 'asked'").fetchall()
        db.close()
        assert again or others
