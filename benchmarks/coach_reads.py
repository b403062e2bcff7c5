"""A coach with forty leaders and a year of answers: the brief and the digest, read, opened, drawn and queued; beside the
same reading done answer by answer through the ORM. Each in a process of its own: milliseconds by the clock and of the
processor, and memory at its highest."""

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import people
from bot.db.tables import (
    Answer,
    AnswerPart,
    AskedQuestion,
    Delivery,
    Digest,
    Disclosure,
    Engagement,
    Enrolment,
    Evidence,
    Note,
    Occurrence,
    Person,
    SequenceVersion,
    Session,
)
from bot.db.types import new_id
from bot.domain.measures import Reading, standing
from bot.i18n import Say
from bot.vault import Box, KeyRing
from bot.work import blockers, briefing, content, digests, gathering, notes, recordings, weekly
from bot.work.opening import close_practice, open_practice
from bot.work.practice import Practice, name_of, scope_of

NOW = datetime(2026, 11, 16, 8, 30, tzinfo=UTC)  # a Monday
WEEKS, COACH, PROMPTS = 52, UUID(int=1), Path(__file__).parent.parent / "prompts"
LIMIT_MS, LIMIT_MB = 1000.0, 20.0
WORDS = (
    "In the Monday meeting I said what I would not take on, and nobody minded; the rota stays as it is. Tom asked twice "
    "and left it at that. What helped was that I had written the sentence down before. {n}"
)
TIMES = (  # day of the week, sequence, step, and the questions with a number or with words
    (4, "pulse", "fortnightly", ("confidence", "boundaries", "team")),
    (1, "pulse", "lightness-later", ("lightness",)),
    (3, "confidence", "", ("",)),
)
Rows = list[dict[str, Any]]
Run = Callable[[Practice], Awaitable[None]]


# A year


@dataclass
class Year:
    """The rows of one leader."""

    leader: UUID
    engagement: UUID
    boxes: dict[str, Box]
    chance: random.Random
    has_numbers: bool
    rows: dict[type, Rows] = field(default_factory=dict)

    def add(self, table: type, **values: Any) -> UUID:
        key = new_id()
        self.rows.setdefault(table, []).append({"id": key, **values})
        return key

    def ask(self, enrolment: UUID, step: str, keys: Sequence[str], at: datetime, theme: str) -> None:
        """A prompt with its message; four in five are answered."""
        answered = self.chance.random() < 0.8
        state = "answered" if answered else "missed"
        occurrence = self.add(
            Occurrence, enrolment_id=enrolment, leader_id=self.leader, step=step, anchor=f"{at:%Y-%m-%d}", due_at=at,
            until=at + timedelta(days=1), state=state, asked_at=at, closes_at=at + timedelta(days=1),
        )  # fmt: skip
        for key in keys:
            question = self.add(
                AskedQuestion, occurrence_id=occurrence, leader_id=self.leader, key=key, asked_at=at,
                state="answered" if answered else "closed",
            )  # fmt: skip
            if answered:
                is_number = theme != "confidence" or key == "confidence"
                self.answer(at + timedelta(hours=1), key if is_number else theme, question, is_number=is_number)
        self.add(
            Delivery, person_id=self.leader, chat_id=2, lane=1, kind="prompt", method="sendMessage", state="sent",
            dedupe_key=f"{occurrence}", due_at=at, sent_at=at, actions=[],
        )  # fmt: skip

    def answer(self, at: datetime, theme: str, question: UUID | None, *, is_number: bool) -> None:
        """Seven of ten are shared in words."""
        sharing = self.chance.choices(("words", "topic", "private"), (7, 1, 2))[0]
        key, box = new_id(), self.boxes[scope_of(sharing)]
        value = json.dumps({"number": self.chance.randrange(4, 10)}) if is_number else None
        self.rows.setdefault(Answer, []).append({
            "id": key, "leader_id": self.leader, "engagement_id": self.engagement, "question_id": question,
            "kind": "answer" if question else "moment", "theme": theme, "sharing": sharing, "given_at": at,
            "value": value and box.seal(content.VALUE, key, value), "shared_at": at, "last_bubble_at": at,
        })  # fmt: skip
        if not is_number:
            part = new_id()
            self.rows.setdefault(AnswerPart, []).append({
                "id": part, "answer_id": key, "chat_id": self.leader.int % 2**60, "at": at, "version": 1,
                "message_id": len(self.rows[Answer]), "content": box.seal(content.PART, part, WORDS.format(n=key)),
            })  # fmt: skip

    def live(self, enrolments: dict[str, UUID], words: tuple[str, str]) -> None:
        for week in range(WEEKS):
            monday = NOW.replace(hour=16) - timedelta(weeks=WEEKS - week)
            for day, sequence, step, keys in TIMES:
                at = monday + timedelta(days=day)
                if sequence == "pulse" and self.has_numbers:
                    self.ask(enrolments[sequence], step, keys, at, sequence)
                elif sequence != "pulse":
                    self.ask(enrolments[sequence], words[0], [words[1]], at, sequence)
            if week % 2:
                self.answer(monday + timedelta(days=2), "moment", None, is_number=False)
            else:
                self.meet(monday + timedelta(days=2, hours=-6), "held")
        self.meet(NOW + timedelta(days=2), "planned")

    def meet(self, at: datetime, state: str) -> None:
        cut = at - timedelta(hours=2) if state == "held" else None
        self.add(
            Session, engagement_id=self.engagement, starts_at=at, ends_at=at + timedelta(hours=1), state=state,
            brief_cut_at=cut, made_at=at, revision=0,
        )  # fmt: skip


async def fill(practice: Practice, leaders: int) -> None:
    """The last leader has never given a number."""
    await practice.vault.make(COACH, "shared")
    async with practice.database.write() as db:
        box = await practice.vault.box(COACH, "shared")
        db.add(_person(COACH, "Alice", box, is_coach=True, next_digest_at=NOW))
        await db.flush()
        db.add(Digest(id=UUID(int=1), coach_id=COACH, due_at=NOW - timedelta(weeks=1), cut_at=NOW - timedelta(weeks=1)))
        await db.flush()
        query = select(SequenceVersion).where(SequenceVersion.name.in_(["pulse", "confidence"]))
        versions = list(await db.scalars(query))
        for n in range(leaders):
            await _fill_one(practice, db, n, versions, has_numbers=n < leaders - 1)
        covered = update(Answer).where(Answer.given_at <= NOW - timedelta(weeks=1))
        await db.execute(covered.values(digest_id=UUID(int=1)))


async def _fill_one(
    practice: Practice, db: AsyncSession, n: int, versions: list[SequenceVersion], *, has_numbers: bool
) -> None:
    leader, engagement = UUID(int=100 + n), UUID(int=100 + n)
    await practice.vault.make(leader, "shared", "private")
    boxes = {scope: await practice.vault.box(leader, scope) for scope in ("shared", "private")}
    db.add(_person(leader, f"Leader {n}", boxes["shared"], is_leader=True))
    await db.flush()
    began = NOW - timedelta(weeks=WEEKS)
    row = Engagement(id=engagement, leader_id=leader, coach_id=COACH, started_at=began)
    row.promoted_on = (NOW - timedelta(days=80)).date() if n % 2 else None
    db.add(row)
    await db.flush()
    enrolments = {}
    for version in versions:
        one = Enrolment(
            id=new_id(), engagement_id=engagement, leader_id=leader, sequence_version_id=version.id,
            sequence=version.name, joined_at=began,
        )  # fmt: skip
        db.add(one)
        enrolments[version.name] = one.id
    await db.flush()
    year = Year(leader, engagement, boxes, random.Random(n), has_numbers)
    year.live(enrolments, _question_in_words(practice))
    for table in (Occurrence, AskedQuestion, Answer, AnswerPart, Delivery, Session):
        if rows := year.rows.get(table):
            await db.execute(insert(table), rows)
    await _think(practice, db, row, year)


async def _think(practice: Practice, db: AsyncSession, engagement: Engagement, year: Year) -> None:
    """A hypothesis with words for it and against it, and a note."""
    held = await blockers.write_down(practice, db, engagement, "Wants everybody to like him.", ["liked"], NOW)
    shared = [row["id"] for row in year.rows[Answer] if row["sharing"] == "words" and row["value"] is None]
    for number, answer_id in enumerate(shared[-6:]):
        db.add(Evidence(id=new_id(), blocker_id=held.id, answer_id=answer_id, is_for=bool(number % 2), made_at=NOW))
    note = Note(
        id=new_id(), engagement_id=engagement.id, leader_id=year.leader, coach_id=COACH, kind="own", made_at=NOW
    )
    note.content = year.boxes["shared"].seal(notes.CONTENT, note.id, "Ask about the Monday meeting.")
    db.add(note)
    await db.flush()


def _person(key: UUID, name: str, box: Box, **more: Any) -> Person:
    made = Person(id=key, language="en", joined_at=NOW, last_seen_at=NOW, chat_id=key.int, telegram_id=key.int, **more)
    made.name = box.seal("person.name", key, name)
    return made


def _question_in_words(practice: Practice) -> tuple[str, str]:
    """A step and its question that is answered in words."""
    steps = practice.catalog.sequences["confidence"].steps
    return next((step.key, one.key) for step in steps for one in step.questions if one.kind == "text")


# What is measured


async def _pair(db: AsyncSession, which: int) -> tuple[Engagement, Person]:
    led = await people.led_by(db, COACH)
    return led[which]


async def read_brief(practice: Practice) -> None:
    async with practice.database.read() as db:
        engagement, leader = await _pair(db, 0)
        made = await gathering.gather(practice, db, engagement, leader, await db.get_one(Person, COACH), None, NOW)
        assert made.brief.ratings
        assert made.series


async def read_digest(practice: Practice) -> None:
    async with practice.database.read() as db:
        week = await weekly.read(practice, db, await db.get_one(Person, COACH), NOW)
        assert any(one.heard.said for one in week.digest.leaders)


async def whole_brief(practice: Practice) -> None:
    assert await briefing.brief_one(practice, NOW)


async def whole_digest(practice: Practice) -> None:
    assert await digests.digest_one(practice, NOW)


async def orm_brief(practice: Practice) -> None:
    """As anybody would write it first: all of a leader's answers, then for each what is needed of it."""
    async with practice.database.read() as db:
        engagement, leader = await _pair(db, 0)
        await _read_through(practice, db, engagement, leader, NOW - timedelta(weeks=2))


async def orm_digest(practice: Practice) -> None:
    async with practice.database.read() as db:
        for engagement, leader in await people.led_by(db, COACH):
            await _read_through(practice, db, engagement, leader, NOW - timedelta(weeks=1))


async def _read_through(
    practice: Practice, db: AsyncSession, engagement: Engagement, leader: Person, since: datetime
) -> None:
    """The words since then with their questions, and where each measure stands."""
    say, said = Say("en"), []
    series: dict[str, list[Reading]] = {}
    query = select(Answer).where(Answer.engagement_id == engagement.id, Answer.sharing == "words")
    for answer in await db.scalars(query.order_by(Answer.given_at)):
        parts = (await content.parts_of(db, [answer.id]))[answer.id]
        await recordings.of_answers(db, [answer.id])
        opened = await content.open_answer(practice, answer, parts)
        posed = await content.posed(practice, db, answer.question_id) if answer.question_id else None
        if opened.number is not None:
            series.setdefault(answer.theme, []).append(Reading(answer.given_at, opened.number))
        if answer.given_at > since:
            said.append(
                (await name_of(practice, leader), content.in_words(opened, posed.question if posed else None, say))
            )
    list(await db.scalars(select(Occurrence).where(Occurrence.leader_id == leader.id)))
    list(await db.scalars(select(Session).where(Session.engagement_id == engagement.id)))
    assert all(standing(measure, readings) for measure, readings in series.items())


RUNS: dict[str, tuple[str, Run]] = {
    "brief-orm": ("brief: through the ORM, read only", orm_brief),
    "brief-read": ("  ours, read and opened only", read_brief),
    "brief-plain": ("  whole, of a leader without numbers", whole_brief),
    "brief": ("  whole: read, drawn, written, queued", whole_brief),
    "digest-orm": ("digest: through the ORM, read only", orm_digest),
    "digest-read": ("  ours, read and opened only", read_digest),
    "digest": ("  whole: read, drawn, written, queued", whole_digest),
}
DRAWN = ("brief", "digest")


async def make_due(practice: Practice, which: int) -> None:
    """As if neither the brief of that leader nor the digest had been written yet."""
    async with practice.database.write() as db:
        engagement, _ = await _pair(db, which)
        gone = select(Delivery.id).where(Delivery.kind.in_(["brief", "digest"]))
        await db.execute(delete(Disclosure).where(Disclosure.delivery_id.in_(gone)))
        await db.execute(delete(Delivery).where(Delivery.kind.in_(["brief", "digest"])))
        await db.execute(update(Answer).where(Answer.given_at > NOW - timedelta(weeks=1)).values(digest_id=None))
        await db.execute(delete(Digest).where(Digest.cut_at == NOW))
        await db.execute(update(Person).where(Person.id == COACH).values(next_digest_at=NOW))
        await db.execute(update(Session).values(brief_due_at=None))
        due = update(Session).where(Session.engagement_id == engagement.id, Session.state == "planned")
        await db.execute(due.values(brief_due_at=NOW, brief_cut_at=None))


async def measure(folder: Path, name: str, rounds: int) -> list[float]:
    """Milliseconds by the clock the first time and then, those of the processor then, and MB. The picture library comes
    with the first picture and not before."""
    practice = await opened(folder)
    _, run = RUNS[name]
    Say("en").number(0.5), Say("en").short_day(NOW.date())
    taken, before = [], _highest()
    for _ in range(rounds + 1):
        await make_due(practice, -1 if name == "brief-plain" else 0)
        began, worked = time.perf_counter(), time.process_time()
        await run(practice)
        taken.append(((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000))
    await close_practice(practice)
    clock, processor = zip(*taken, strict=True)
    return [clock[0], statistics.median(clock[1:]), statistics.median(processor[1:]), _highest() - before]


async def alone(folder: Path, name: str, rounds: int) -> None:
    """In a process of its own."""
    found = await measure(folder, name, rounds)
    assert (name in DRAWN) == ("PIL" in sys.modules)
    print(json.dumps(found))


def _highest() -> float:
    """The most memory this process ever had, in MB (Linux)."""
    return next(int(line.split()[1]) for line in Path("/proc/self/status").open() if line.startswith("VmHWM")) / 1024


async def opened(folder: Path) -> Practice:
    return await open_practice(
        database_url=f"sqlite:///{folder / 'a.db'}", keystore_url=f"sqlite:///{folder / 'k.db'}",
        keys_file=folder / "keys", prompts_dir=PROMPTS, name="A", now=NOW,
    )  # fmt: skip


async def prepare(folder: Path, leaders: int) -> None:
    (folder / "keys").write_text(KeyRing.new_line() + "\n")
    practice = await opened(folder)
    await fill(practice, leaders)
    await close_practice(practice)


def row(name: str, found: Sequence[float]) -> None:
    print(f"{RUNS[name][0]:40}" + "".join(f"{each:10.1f}" for each in found), flush=True)


def small(folder: Path) -> None:
    """For a test, all in this process: what draws nothing comes first."""
    asyncio.run(prepare(folder, 3))
    for name in sorted(RUNS, key=DRAWN.__contains__):
        row(name, asyncio.run(measure(folder, name, 1)))
        assert (name in DRAWN) == ("PIL" in sys.modules)


def large(folder: Path) -> None:
    asyncio.run(prepare(folder, 40))
    for name in RUNS:
        order = [sys.executable, __file__, "--run", str(folder), name, "5"]
        said = subprocess.run(order, check=True, stdout=subprocess.PIPE, text=True).stdout
        row(name, json.loads(said.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true", help="three leaders, for a test")
    parser.add_argument("--run", nargs=3, metavar=("FOLDER", "NAME", "ROUNDS"), help="one line of the table")
    given = parser.parse_args()
    if given.run:
        asyncio.run(alone(Path(given.run[0]), given.run[1], int(given.run[2])))
        return
    print(f"{'':40}{'first, ms':>10}{'then, ms':>10}{'CPU, ms':>10}{'MB more':>10}")
    print(f"{'limit':40}{LIMIT_MS:10.0f}{LIMIT_MS:10.0f}{'':10}{LIMIT_MB:10.0f}")
    with tempfile.TemporaryDirectory() as place:
        (small if given.small else large)(Path(place))


if __name__ == "__main__":
    main()
