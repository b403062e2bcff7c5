"""What Alice reads of everybody's numbers and checkpoints: what is shared in words, and nothing else."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.db.tables import Answer, AnswerPart, AskedQuestion, Engagement, Occurrence, Person
from bot.db.types import new_id
from bot.domain.checkpoint import Checkpoint
from bot.work import checkpoints, content, readings, sequences
from bot.work.opening import close_practice, open_practice
from bot.work.practice import Practice, box_of

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
START = NOW - timedelta(weeks=20)
PROMPTS = Path(__file__).parents[2] / "prompts"
RATED = {
    "confidence": ("pulse", "fortnightly", "confidence"),
    "team": ("pulse", "fortnightly", "team"),
    "own-work": ("own-work", "count", "sure"),
}


@dataclass
class Desk:
    """A practice whose rows are written by hand."""

    practice: Practice
    alice: Person

    async def leader(self, name: str, **more: Any) -> Engagement:
        """Somebody whom Alice coaches, who follows the pulse and own-work."""
        leader = _person(name, is_leader=True)
        await self.practice.vault.make(leader.id, "shared", "private")
        async with self.practice.database.write() as db:
            db.add(leader)
            await db.flush()
            return await self._engaged(db, leader.id, **more)

    async def again(self, earlier: Engagement, carried: str | None) -> Engagement:
        """The same leader in another engagement, with what of the earlier one goes along."""
        async with self.practice.database.write() as db:
            return await self._engaged(db, earlier.leader_id, previous_id=earlier.id, carried=carried)

    async def _engaged(self, db: Any, leader_id: Any, **more: Any) -> Engagement:
        engagement = Engagement(id=new_id(), leader_id=leader_id, coach_id=self.alice.id, started_at=START, **more)
        db.add(engagement)
        await db.flush()
        for name in ("pulse", "own-work"):
            assert await sequences.enrol(db, engagement, name, START)
        return engagement

    async def said(
        self, engagement: Engagement, sequence: str, step: str, key: str, at: datetime, *, value: dict[str, Any] | None,
        words: str = "", sharing: str = "words", theme: str = "own-work",
    ) -> None:  # fmt: skip
        """An answer to a question of a step."""
        async with self.practice.database.write() as db:
            enrolment = next(one for one in await sequences.active_of(db, engagement.id) if one.sequence == sequence)
            occurrence = Occurrence(
                id=new_id(), enrolment_id=enrolment.id, leader_id=engagement.leader_id, step=step, anchor=str(new_id()),
                due_at=at, until=at, state="answered", asked_at=at,
            )  # fmt: skip
            db.add(occurrence)
            await db.flush()
            question = AskedQuestion(
                id=new_id(), occurrence_id=occurrence.id, leader_id=engagement.leader_id, key=key, state="answered",
                asked_at=at,
            )  # fmt: skip
            db.add(question)
            await db.flush()
            answer = Answer(
                id=new_id(), leader_id=engagement.leader_id, engagement_id=engagement.id, question_id=question.id,
                kind="answer", theme=theme, sharing=sharing, given_at=at, shared_at=at, last_bubble_at=at,
            )  # fmt: skip
            box = await box_of(self.practice, answer)
            answer.value = None if value is None else box.seal(content.VALUE, answer.id, json.dumps(value))
            db.add(answer)
            await db.flush()
            if words:
                part = AnswerPart(id=new_id(), answer_id=answer.id, chat_id=1, message_id=_next(), version=1, at=at)
                part.content = box.seal(content.PART, part.id, words)
                db.add(part)

    async def rated(self, engagement: Engagement, measure: str, *values: int, sharing: str = "words") -> None:
        """A value each week, beginning twenty weeks ago."""
        for week, value in enumerate(values):
            at = START + timedelta(weeks=week)
            await self.said(engagement, *RATED[measure], at, value={"number": value}, sharing=sharing, theme=measure)

    async def read(self, *engagements: Engagement, after: datetime | None = None, until: datetime = NOW) -> list[Any]:
        """The values of each, by measure."""
        async with self.practice.database.read() as db:
            found = await readings.of_engagements(self.practice, db, engagements, after, until)
        return [
            {measure: [one.value for one in series] for measure, series in found[key.id].items()} for key in engagements
        ]

    async def checkpoint(self, engagement: Engagement, now: datetime = NOW) -> Checkpoint | None:
        async with self.practice.database.read() as db:
            return await checkpoints.of(self.practice, db, engagement, self.alice, now)


_messages = iter(range(1, 10_000))


def _next() -> int:
    return next(_messages)


def _person(name: str, **roles: bool) -> Person:
    return Person(id=new_id(), language="en", joined_at=START, last_seen_at=START, zone="Europe/London", **roles)


@pytest.fixture
async def desk(tmp_path: Path, keys_file: Path, database_url: str) -> AsyncIterator[Desk]:
    practice = await open_practice(
        database_url=database_url, keystore_url=f"sqlite:///{tmp_path / 'keys.db'}", keys_file=keys_file,
        prompts_dir=PROMPTS, name="Alice", now=START,
    )  # fmt: skip
    alice = _person("Alice", is_coach=True)
    async with practice.database.write() as db:
        db.add(alice)
    yield Desk(practice, alice)
    await close_practice(practice)


async def test_numbers_come_by_leader_and_measure_and_oldest_first(desk: Desk) -> None:
    anna, ben, carla = [await desk.leader(name) for name in ("Anna", "Ben", "Carla")]
    await desk.rated(anna, "confidence", 5, 6, 7)
    await desk.rated(anna, "team", 3)
    await desk.rated(ben, "confidence", 9)

    assert await desk.read(anna, ben, carla) == [{"confidence": [5, 6, 7], "team": [3]}, {"confidence": [9]}, {}]
    assert await desk.read(ben) == [{"confidence": [9]}]
    assert await desk.read() == []


async def test_only_what_is_shared_in_words_is_read(desk: Desk) -> None:
    anna = await desk.leader("Anna")
    await desk.rated(anna, "confidence", 5)
    await desk.rated(anna, "confidence", 2, sharing="private")
    await desk.rated(anna, "confidence", 3, sharing="topic")

    assert await desk.read(anna) == [{"confidence": [5]}]


async def test_only_the_questions_that_measure_count(desk: Desk) -> None:
    anna = await desk.leader("Anna")
    await desk.rated(anna, "own-work", 6)
    await desk.said(anna, "own-work", "count", "amount", NOW, value={"amount": 12.0})
    await desk.said(anna, "own-work", "month-3", "trend", NOW, value={"choices": ["less"]})
    await desk.said(anna, "pulse", "fortnightly", "confidence", NOW, value={"number": 1}, theme="team")

    assert await desk.read(anna) == [{"own-work": [6]}]


async def test_a_span_leaves_out_what_was_before_it_and_what_comes_after(desk: Desk) -> None:
    anna = await desk.leader("Anna")
    await desk.rated(anna, "confidence", 1, 2, 3, 4)

    assert await desk.read(anna, after=START, until=START + timedelta(weeks=2)) == [{"confidence": [2, 3]}]


async def test_of_an_earlier_engagement_counts_what_its_leader_let_go_along(desk: Desk) -> None:
    earlier = await desk.leader("Anna")
    await desk.rated(earlier, "confidence", 5)
    with_words, with_ratings, with_nothing, undecided = [
        await desk.again(earlier, carried) for carried in ("words", "ratings", "nothing", None)
    ]
    await desk.rated(with_words, "confidence", 6)

    assert await desk.read(with_words, with_nothing, undecided) == [{"confidence": [5, 6]}, {}, {}]
    assert await desk.read(with_ratings) == [{"confidence": [5]}]
    assert await desk.read(earlier) == [{"confidence": [5]}]


async def test_what_went_along_twice_is_still_there(desk: Desk) -> None:
    first = await desk.leader("Anna")
    await desk.rated(first, "team", 4)
    third = await desk.again(await desk.again(first, "ratings"), "words")
    stopped = await desk.again(await desk.again(first, "nothing"), "words")

    assert await desk.read(third, stopped) == [{"team": [4]}, {}]


async def test_a_leader_whose_keys_are_gone_does_not_hide_the_others(desk: Desk) -> None:
    anna, ben = await desk.leader("Anna"), await desk.leader("Ben")
    for engagement in (anna, ben):
        await desk.rated(engagement, "confidence", 5)
    await desk.practice.vault.drop(anna.leader_id)

    assert await desk.read(anna, ben) == [{}, {"confidence": [5]}]


async def test_many_leaders_take_no_more_queries_than_one(desk: Desk) -> None:
    several = [await desk.leader(str(n)) for n in range(4)]
    for engagement in several:
        await desk.rated(engagement, "confidence", 5, 6)
        await desk.rated(engagement, "own-work", 4)
    await desk.read(*several)  # the keys are open now, the sequences parsed
    asked: list[str] = []

    event.listen(
        desk.practice.database.engine.sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2])
    )
    await desk.read(several[0])
    for_one = len(asked)
    await desk.read(*several)

    assert len(asked) - for_one == for_one


# The checkpoint in months three and four


MONTHS = {
    None: None,
    date(2026, 11, 1): None,
    date(2026, 8, 21): None,  # three months have not passed
    date(2026, 8, 20): 4,
    date(2026, 7, 20): 5,
    date(2026, 6, 21): 5,
    date(2026, 6, 20): None,  # five have
}


async def test_the_checkpoint_is_there_once_three_and_four_months_have_passed(desk: Desk) -> None:
    anna = await desk.leader("Anna")

    found = {}
    for anna.promoted_on in MONTHS:
        made = await desk.checkpoint(anna)
        found[anna.promoted_on] = made and made.month

    assert found == MONTHS


async def test_the_checkpoint_holds_what_anna_shares_of_it(desk: Desk) -> None:
    anna = await desk.leader("Anna", promoted_on=date(2026, 8, 10))
    for day, value in ((1, 7), (8, 5), (15, 4)):
        at = NOW.replace(day=day) if day > 9 else NOW.replace(month=11, day=day)
        await desk.said(anna, *RATED["own-work"], at, value={"number": value})
    await desk.said(anna, "own-work", "month-3", "protected", NOW.replace(day=15), value=None, words="A shut door.")
    await desk.said(anna, "own-work", "month-3-tap", "trend", NOW.replace(day=17), value={"choices": ["same"]})
    await desk.said(
        anna, "own-work", "month-3", "even-so", NOW.replace(day=18), value=None, words="Secret.", sharing="private"
    )
    await desk.said(anna, "own-work", "counts", "mine", NOW.replace(day=18), value=None, words="Not of the checkpoint.")

    found = await desk.checkpoint(anna)

    assert found is not None
    assert [one.value for one in found.before] == [7, 5]
    assert [one.value for one in found.since] == [4]
    assert [(one.question, one.value, one.words) for one in found.said] == [
        ("What protected it", "", "A shut door."), ("Results since promotion", "About the same", "")]  # fmt: skip
    assert len(found.refs) == 2
    assert found.has_news(NOW.replace(day=16))
    assert not found.has_news(NOW.replace(day=17))


async def test_a_checkpoint_kept_private_is_bare(desk: Desk) -> None:
    anna = await desk.leader("Anna", promoted_on=date(2026, 8, 10))
    await desk.rated(anna, "own-work", 7, 7, 4, sharing="private")
    await desk.said(anna, "own-work", "month-3", "even-so", NOW, value=None, words="Secret.", sharing="topic")

    found = await desk.checkpoint(anna)

    assert found is not None
    assert found.is_bare
    assert not found.has_news(START)
