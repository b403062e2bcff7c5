"""A year of forty leaders, each with habits of their own: one seed, one history.

Two practices of twenty leaders, so that two cores share the work. The bot is the real one, with a real database; only
the wire is fake, and the clock moves from one due instant to the next.
"""

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from wire import Line, Seen, sqlite_at_once

from bot.db.tables import Answer, Delivery, Enrolment, Inbound, Occurrence, Person, Plan, Session
from bot.domain import arc
from bot.domain.hours import is_quiet
from bot.i18n import Say
from bot.work import sequences
from bot.work.opening import admin_link
from bot.work.practice import hours_of

LIBRARY = Path(__file__).parent / "year_library"
START = datetime(2026, 1, 5, 8, tzinfo=UTC)  # a Monday; both changes of the clocks and two sets of holidays lie ahead
END = START + timedelta(days=364)
ASLEEP, AWAKE = datetime(2026, 6, 30, 9, tzinfo=UTC), datetime(2026, 7, 3, 9, tzinfo=UTC)  # over the month's end
OLGA, ALICE, BOB = 1, 2, 3
LEADERS = 20
SLOTS = [(day, hour) for hour in (9, 11, 14, 16) for day in ("Mon", "Tue", "Wed", "Thu", "Fri")]
OVER = {"answered", "skipped", "missed", "not_asked", "expired", "cancelled"}
HABITS = ("diligent", "diligent", "forgetful", "silent", "skipper", "mover", "traveller", "pausing", "blocker", "curious")
CITIES = ("Tokyo", "New York", "London")
CURIOUS = ("/journal", "/next", "/agenda", "/progress", "/read", "/win", "/wobble", "/when", "/help", "/sharing",
           "a thought", "25:00")  # fmt: skip


@dataclass
class Leader:
    """One person: how they answer, and what the year held against the rules."""

    number: int
    id: int
    name: str
    language: str
    habit: str
    chance: random.Random
    wakes: list[tuple[datetime, int]] = field(default_factory=list)

    @property
    def say(self) -> Say:
        return Say(self.language)


class Year:
    """The people at their phones: what each does next, and the checks after every step."""

    def __init__(self, line: Line, seed: int) -> None:
        self.line = line
        self.chance = random.Random(seed)
        self.leaders: list[Leader] = []
        self.checked = START
        self.asked = 0

    async def join(self) -> None:
        line = self.line
        token = await admin_link(line.practice, START)
        await self._agree(OLGA, token, "en")
        for coach, name in ((ALICE, "Alice"), (BOB, "Bob")):
            await line.say(OLGA, f"/invite {name}")
            await line.tap(OLGA, "as a coach")
            await self._agree(coach, self._link(OLGA), "en")
        for number in range(LEADERS):
            await self._join_leader(number)

    async def _join_leader(self, number: int) -> None:
        line, coach = self.line, (ALICE, BOB)[number % 2]
        leader = Leader(
            number, 100 + number, f"Leader{chr(65 + number)}", "fr" if number % 3 == 0 else "en",
            HABITS[number % len(HABITS)], random.Random(self.chance.random()),
        )  # fmt: skip
        self.leaders.append(leader)
        await line.say(coach, f"/invite {leader.name}")
        for title in ("Meetings", "Rounds"):
            if f"✓ {title}" not in self._newest(coach).labels:
                await line.tap(coach, title)
        await line.tap(coach, "Make the link")
        await self._agree(leader.id, self._link(coach), leader.language)
        day, hour = SLOTS[number // 2]
        await line.say(coach, f"/session {leader.name} {day} {hour}:00 weekly x6")

    async def _agree(self, person: int, token: str, language: str) -> None:
        say = Say(language)
        await self.line.say(person, f"/start {token}", language)
        await self.line.tap(person, say("Who reads what?"), language)
        await self.line.tap(person, say("I agree"), language)
        await self.line.tap(person, "France" if language == "fr" else "United Kingdom", language)

    def _newest(self, person: int) -> Seen:
        return list(self.line.wire.chats[person].values())[-1]

    def _link(self, person: int) -> str:
        for seen in reversed(self.line.wire.chats[person].values()):
            if found := re.search(r"start=(\S+)", seen.text):
                return found[1]
        raise AssertionError("no link")

    # the walk

    async def live(self) -> None:
        """From one instant at which somebody has something to do to the next, for a year."""
        line, asleep = self.line, False
        while line.clock.now() < END:
            wakes = [leader.wakes[0][0] for leader in self.leaders if leader.wakes]
            following = min([*wakes, *filter(None, [line.next_at]), self._next_event(), END])
            if ASLEEP <= following < AWAKE:  # the machine is suspended
                asleep, following = True, AWAKE
                for leader in self.leaders:
                    leader.wakes = [wake for wake in leader.wakes if wake[0] >= AWAKE]
            line.clock.move(max(following, line.clock.now()))
            await line.settle()
            for leader in self.leaders:
                while leader.wakes and leader.wakes[0][0] <= line.clock.now():
                    await self._act(leader, leader.wakes.pop(0)[1])
            await self._happen()
            await self._check()
            self._notice()
        assert asleep

    def _next_event(self) -> datetime:
        """What the coaches and travellers do: every Monday at seven."""
        now = self.line.clock.now()
        days = (7 - now.weekday()) % 7 or (7 if now.time() >= datetime(1, 1, 1, 7).time() else 0)
        return datetime(now.year, now.month, now.day, 7, tzinfo=UTC) + timedelta(days=days)

    async def _happen(self) -> None:
        now = self.line.clock.now()
        if now.weekday() != 0 or now.hour != 7 or now.minute:
            return
        week = (now - START).days // 7
        for leader in self.leaders:
            coach = (ALICE, BOB)[leader.number % 2]
            day, hour = SLOTS[leader.number // 2]
            if week == 6:
                await self.line.say(coach, f"/session {leader.name} {day} {hour}:00 fortnightly x6")
            if week in (3, 9) and leader.number % 4 == 0:  # moved to the next day, or cancelled
                await self._change_session(coach, leader, cancel=week == 9)
            await self._habits(leader, week)

    async def _change_session(self, coach: int, leader: Leader, *, cancel: bool) -> None:
        await self.line.say(coach, "/sessions")
        for label in self._newest(coach).labels:
            if label.startswith(leader.name + ","):
                await self.line.tap(coach, label)
                await self.line.tap(coach, "cancel it" if cancel else "another time")
                if cancel:
                    await self.line.tap(coach, "Yes, cancel it")
                else:
                    day = (self.line.clock.now() + timedelta(days=3)).strftime("%d %b")
                    await self.line.say(coach, f"{day} 18:00")
                return

    async def _habits(self, leader: Leader, week: int) -> None:
        line, say = self.line, leader.say
        if leader.habit == "traveller" and week % 9 == 4:
            await line.say(leader.id, f"/timezone {CITIES[week // 9 % 3]}", leader.language)
        elif leader.habit == "pausing" and week % 13 == 5:
            await line.say(leader.id, "/pause 3 days" if leader.language == "en" else "/pause 3 jours", leader.language)
        elif leader.habit == "blocker" and week in (20, 30):
            await line.membership(leader.id, "kicked" if week == 20 else "member")
        elif leader.habit == "mover" and week == 15:
            await line.say(leader.id, "/when 9-18", leader.language)
        elif leader.habit == "curious" and week % 4 == 1 and leader.id not in line.wire.blocked:
            await line.say(leader.id, leader.chance.choice(CURIOUS), leader.language)
            buttons = [button for row in self._newest(leader.id).buttons for button in row if button[1]]
            if buttons and say("Back") not in self._newest(leader.id).labels:
                _, data = leader.chance.choice(buttons)
                await line.press(leader.id, self._newest(leader.id).id, data, leader.language)

    def _notice(self) -> None:
        """New questions in each chat, and when their reader gets to them."""
        now, by_chat = self.line.clock.now(), {leader.id: leader for leader in self.leaders}
        for chat, seen in self.line.wire.fresh:
            leader = by_chat.get(chat)
            if leader is not None and leader.habit != "silent" and leader.say("Skip") in seen.labels:
                delay = timedelta(minutes=leader.chance.choice((1, 5, 20, 45, 90, 700)))
                leader.wakes = sorted([*leader.wakes, (now + delay, seen.id)])
        self.line.wire.fresh.clear()

    async def _act(self, leader: Leader, message_id: int) -> None:
        """Answer a question in one's own way; it may have lost its buttons by now."""
        seen, say, chance = self.line.wire.chats[leader.id][message_id], leader.say, leader.chance
        if leader.id in self.line.wire.blocked or say("Skip") not in seen.labels:
            return
        if leader.habit == "forgetful" and chance.random() < 0.5:
            return
        buttons = [button for row in seen.buttons for button in row]
        own = [label for label, _ in buttons].index(say("In my own words"))
        if leader.habit == "skipper" and chance.random() < 0.5:
            chosen = dict(buttons)[say("Skip")]
        elif leader.habit == "mover" and chance.random() < 0.5:
            await self.line.press(leader.id, seen.id, dict(buttons)[say("Later")], leader.language)
            again = [b for row in seen.buttons for b in row] or self._buttons_of(leader, seen.id)
            chosen = chance.choice(self._buttons_of(leader, seen.id) or again)[1]
        elif own:
            chosen = chance.choice(buttons[:own])[1]
        else:
            words = chance.choice(("Better than last week", "7", "12", "A long day"))
            await self.line.say(leader.id, words, leader.language)
            return
        await self.line.press(leader.id, seen.id, chosen, leader.language)
        if (done := say("Done")) in self.line.wire.chats[leader.id][seen.id].labels:
            data = dict(b for row in self.line.wire.chats[leader.id][seen.id].buttons for b in row)[done]
            await self.line.press(leader.id, seen.id, data, leader.language)

    def _buttons_of(self, leader: Leader, message_id: int) -> list[tuple[str, str]]:
        return [button for row in self.line.wire.chats[leader.id][message_id].buttons for button in row]

    # the rules, after every step

    async def _check(self) -> None:
        """Only where something was sent: it is what the rules are about."""
        if not self.line.wire.fresh:
            return
        now = self.line.clock.now()
        async with self.line.practice.database.read() as db:
            crowded = select(Occurrence.leader_id).where(Occurrence.state == "asked").group_by(Occurrence.leader_id)
            assert not list(await db.scalars(crowded.having(func.count() > 1))), "two prompts open at once"
            both = select(Plan.id).where(Plan.state == "asked").join(
                Occurrence, (Occurrence.leader_id == Plan.leader_id) & (Occurrence.state == "asked")
            )
            assert not list(await db.scalars(both)), "a plan and a prompt open at once"
            sent = select(Delivery, Person).join(Person, Person.id == Delivery.person_id).where(
                Delivery.sent_at > self.checked, Delivery.kind.in_(["prompt", "reminder"]), Delivery.lane == 1
            )
            for delivery, person in list(await db.execute(sent)):
                assert not is_quiet(delivery.sent_at, hours_of(person)), (person.zone, delivery.sent_at)
                assert person.paused_until is None
                self.asked += 1
        self.checked = now

    async def account(self) -> dict[str, int]:
        """At the end of the year everything that fell due has come to an end that is written down."""
        practice, now = self.line.practice, self.line.clock.now()
        async with practice.database.read() as db:
            await self._nothing_was_forgotten(db, now)
            counts: dict[str, int] = {}
            for occurrence in await db.scalars(select(Occurrence)):
                counts[occurrence.state] = counts.get(occurrence.state, 0) + 1
                long_over = occurrence.due_at < now - timedelta(days=7)
                assert occurrence.state in OVER or not long_over, (occurrence.state, occurrence.due_at)
                assert occurrence.reason or occurrence.state not in ("not_asked", "expired", "cancelled")
            once = select(Delivery.dedupe_key).where(Delivery.kind == "prompt", Delivery.state == "sent")
            keys = [key for key in await db.scalars(once) if ":again:" not in key]
            assert len(keys) == len(set(keys))
            unsettled = select(Delivery.id).where(Delivery.state.in_(["pending", "sending", "unknown"]))
            assert not list(await db.scalars(unsettled.where(Delivery.due_at < now - timedelta(days=4))))
            assert not list(await db.scalars(select(Inbound.update_id).where(Inbound.state != "done")))
            held = select(func.count()).select_from(Session).where(Session.state == "held")
            assert (await db.scalar(held) or 0) > 100
            counts["answers"] = await db.scalar(select(func.count()).select_from(Answer)) or 0
        return counts

    async def _nothing_was_forgotten(self, db: Any, now: datetime) -> None:
        """What the calendar says fell due, reckoned once more from the end, is there."""
        for enrolment in list(await db.scalars(select(Enrolment))):
            person = await db.get_one(Person, enrolment.leader_id)
            sequence = await sequences.of_enrolment(self.line.practice, db, enrolment)
            hours, until = hours_of(person), now - timedelta(days=2)
            found: dict[tuple[str, UUID], date] = {}
            for row in await db.scalars(select(Occurrence).where(Occurrence.enrolment_id == enrolment.id)):
                found[row.step, row.id] = row.due_at.date()
            for step in sequence.steps:
                if step.key not in ("fourth-week", "month-end"):
                    continue
                calendar = arc.upcoming([step], enrolment.joined_at, [], hours, (), after=enrolment.joined_at, before=until)
                there = [day for (key, _), day in found.items() if key == step.key and day <= until.date()]
                assert len(there) == len(calendar), (step.key, there, [due.anchor for due in calendar])


async def _live(seed: int, tmp_path: Path, keys_file: Path) -> tuple[Year, dict[str, int]]:
    line = await Line.open(tmp_path, keys_file, LIBRARY, START)
    try:
        year = Year(line, seed)
        await year.join()
        await year.live()
        return year, await year.account()
    finally:
        await line.close()


async def live_a_year(seed: int, tmp_path: Path, keys_file: Path) -> None:
    """Twenty leaders, from their invitations to the end of the year."""
    with sqlite_at_once():
        year, counts = await _live(seed, tmp_path, keys_file)

    assert {"answered", "skipped", "missed", "not_asked", "expired"} <= counts.keys()
    assert counts["answered"] > 100
    assert year.asked > 400
