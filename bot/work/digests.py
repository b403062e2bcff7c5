"""The weekly digest: over all of a coach's leaders, what no digest has covered yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import weekly as weekly_rows
from bot.db.tables import Answer, Delivery, Digest, Engagement, Person
from bot.db.types import new_id
from bot.domain import phrases
from bot.domain.delivery import Kind, State
from bot.domain.digest import LeaderWeek, Section, digest_sections, next_digest
from bot.domain.hours import next_allowed
from bot.domain.schedule import first_instant, local
from bot.domain.text import LIMIT, MOST_ENTITIES, Block, Button, Message, message, messages, plain
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import acting, disclosing, outgoing, stuck, week_pictures, weekly
from bot.work.hearing import names, voices
from bot.work.outgoing import Attachment
from bot.work.practice import Practice, Turn, hours_of, name_of

NEW = "new"  # what no digest has covered yet
_LEADERS_A_MESSAGE = 8  # a longer keyboard is a wall of buttons
_TRIES = 3
_LATEST = 5  # days by which a digest may wait for its coach's hours

Part = tuple[Message, Attachment | None]


@dataclass(frozen=True)
class _Written:
    """A digest as it was read and drawn, and the messages it makes."""

    week: weekly.Week
    pictures: tuple[Part, ...]
    voices: tuple[Part, ...]


async def digest_one(practice: Practice, now: datetime) -> bool:
    """Write the digest of the coach whose hour has come; with nothing to say, nothing is sent.

    It is read and drawn before the write begins; if something was taken back meanwhile, it is read again.
    """
    found = await _read_due(practice, now)
    if found is None:
        return False
    coach_id, written = found
    async with practice.database.write() as db:
        query = select(Person).where(Person.id == coach_id, Person.next_digest_at <= now)
        coach = (await db.scalars(query.with_for_update(skip_locked=True))).one_or_none()
        if coach is None:
            return False
        assert coach.next_digest_at is not None
        due_at = coach.next_digest_at
        async with stuck.watched(db, coach, "next_digest_at"):
            if isinstance(written, Exception):
                raise written
            if written is not None and not await weekly.is_still_so(db, written.week, now):
                return True
            plan_digest(coach, now)
            if written is not None:
                await _send_digest(practice, db, coach, written, due_at, now)
    return True


async def _read_due(practice: Practice, now: datetime) -> tuple[UUID, _Written | Exception | None] | None:
    """Whose digest is due, and what is in it; what goes wrong is laid at that coach's door by the caller."""
    async with practice.database.read() as db:
        query = select(Person).where(Person.next_digest_at <= now).order_by(Person.next_digest_at)
        coach = (await db.scalars(query.limit(1))).one_or_none()
        if coach is None:
            return None
        if not (coach.is_coach and coach.state == "active"):
            return coach.id, None
        try:
            return coach.id, await _write_down(practice, db, coach, now)
        except Exception as error:  # noqa: BLE001  # raised again where it is watched
            return coach.id, error


async def _write_down(practice: Practice, db: AsyncSession, coach: Person, now: datetime) -> _Written:
    say = Say(coach.language)
    week = await weekly.read(practice, db, coach, now)
    if week.digest.is_empty:
        return _Written(week, (), ())
    pictures = week_pictures.draw(week.drawable, coach.zone, now, say, names(say))
    spoken = [pair for one in week.digest.leaders for pair in voices(one.name, one.shown, say)]
    return _Written(week, tuple(pictures), tuple(spoken))


def plan_digest(coach: Person, now: datetime) -> None:
    """When the coach's next digest is due: their own day and hour, within their own hours."""
    due_at = next_digest(now, coach.digest_day, coach.digest_at, coach.zone)
    coach.next_digest_at = next_allowed(due_at, hours_of(coach))


def move_digest(coach: Person, now: datetime) -> None:
    """The same one at other hours, or on another clock: none is left out, and none comes twice. Its date is that of the
    instant at which it was planned, or near it: it may have waited for the coach's hours, or be a flight away."""
    if coach.next_digest_at is None:
        return
    day = local(coach.next_digest_at, coach.zone).date()
    day += timedelta(days=(coach.digest_day - day.weekday() + _LATEST) % 7 - _LATEST)
    due_at = first_instant(datetime.combine(day, coach.digest_at), coach.zone)
    coach.next_digest_at = next_allowed(max(due_at, now), hours_of(coach))


async def _send_digest(
    practice: Practice, db: AsyncSession, coach: Person, written: _Written, due_at: datetime, now: datetime
) -> None:
    record = Digest(id=new_id(), coach_id=coach.id, due_at=await weekly_rows.own_instant(db, coach.id, due_at), cut_at=now)
    db.add(record)
    await db.flush()
    covered = update(Answer).where(Answer.id.in_(written.week.covered))
    await db.execute(covered.values(digest_id=record.id))
    if written.week.digest.is_empty:
        return
    for number, (part, attachment) in enumerate(_parts(written, Say(coach.language), str(record.id))):
        key = f"digest:{record.id}:{number}"
        sent = await outgoing.send(
            practice, db, coach, Kind.digest, part, key=key, now=now, attachment=attachment
        )
        await disclosing.note(db, sent, part, "digest")


def _parts(written: _Written, say: Say, digest: str) -> list[Part]:
    """The series of messages: the pictures, the text, what was spoken."""
    texts: list[Part] = [
        (part, None) for part in _texts(digest_sections(written.week.digest, say, names(say)), say, digest)
    ]
    spoken = [(acting.answerable(part, say), voice) for part, voice in written.voices]
    return [*written.pictures, *texts, *spoken]


def _texts(sections: Sequence[Section], say: Say, digest: str) -> list[Message]:
    """A leader's buttons are under the message with their words; the last has one that marks it all as read."""
    found: list[Message] = []
    for group in _grouped(sections):
        rows = [row for section in group if section.week and (row := _buttons(section.week, say, digest))]
        blocks = [block for section in group for block in section.blocks]
        made = messages(blocks, protected=True, buttons=rows)
        found += [acting.answerable(part, say) for part in made]
    if digest != NEW:
        found[-1] = found[-1].with_buttons(
            [*found[-1].buttons, [Button(say("Mark as read"), ("digest.read", digest))]]
        )
    return found


def _grouped(sections: Sequence[Section]) -> list[list[Section]]:
    """Sections that go into one message, so that nobody's are parted from their buttons."""
    groups: list[list[Section]] = []
    for section in sections:
        together = [*groups[-1], section] if groups else []
        blocks: list[Block] = [block for one in together for block in one.blocks]
        fits = sum(block.length + 2 for block in blocks) <= LIMIT and sum(b.styled for b in blocks) <= MOST_ENTITIES
        if together and fits and sum(one.week is not None for one in together) <= _LEADERS_A_MESSAGE:
            groups[-1] = together
        else:
            groups.append([section])
    return groups


def _buttons(week: LeaderWeek, say: Say, digest: str) -> list[Button]:
    if week.ended_at is not None:
        return []
    row = [Button(say("Brief: {name}", name=week.name), ("brief.show", week.engagement))]
    if week.has_more:
        row.append(Button(say("All words: {name}", name=week.name), ("words.page", week.engagement, digest, 0)))
    return row


async def digest(turn: Turn, text: str) -> None:
    """`/digest`: what has come in since the last one; `/digest Mon 8:30` sets the day and hour."""
    if text.strip():
        await _set_rhythm(turn, text)
        return
    written = await _read_now(turn)
    turn.audit("read a digest", turn.me.id)
    for part, attachment in _parts(written, turn.say, NEW):
        await disclosing.note(turn.db, await turn.reply(part, attachment=attachment), part, "opened")
    await turn.reply(message(plain(_rhythm(turn))))


async def _read_now(turn: Turn) -> _Written:
    """As it is when it goes out: what was taken back while it was read is not in it."""
    for attempt in range(_TRIES):
        written = await turn.beforehand(_look, attempt)
        if await weekly.is_still_so(turn.db, written.week, turn.now):
            return written
    raise RefusedError(turn.say("Something is changing right now. Please try again in a moment."))


async def _look(turn: Turn, _attempt: int) -> _Written:
    return await _write_down(turn.practice, turn.db, turn.me, turn.now)


async def mark_read(turn: Turn, digest_id: str, pressed: Delivery) -> str:
    """All messages of a digest at once; the button says so from then on."""
    say = turn.say
    mine = (Delivery.person_id == turn.me.id, Delivery.kind == Kind.digest)
    parts = Delivery.dedupe_key.startswith(f"digest:{UUID(digest_id)}:", autoescape=True)
    rows = list(await turn.db.scalars(select(Delivery).where(*mine, parts, Delivery.state == State.sent)))
    if not rows:
        raise RefusedError(say("This button is no longer in use."))
    before = next((row.read_at for row in rows if row.read_at is not None), None)
    if before is not None:
        return say("Marked as read already: {when}.", when=say.moment(before, turn.me.zone))
    for row in rows:
        row.read_at = turn.now
    rows_shown = await _with_mark(turn, pressed)
    await outgoing.edit_buttons(
        turn.practice, turn.db, pressed, rows_shown, key=f"read:{turn.update_id}", now=turn.now
    )
    turn.audit("marked a digest as read", UUID(digest_id))
    return say("Marked as read.")


async def _with_mark(turn: Turn, pressed: Delivery) -> list[list[Button]]:
    """The buttons under a digest once it is read. What they said is not kept; what they do says what that was."""
    say, found = turn.say, list[list[Button]]()
    for name, *arguments in pressed.actions:
        action = (name, *arguments)
        if name == "brief.show":
            found.append([Button(say("Brief: {name}", name=await _name(turn, arguments[0])), action)])
        elif name == "words.page":
            found[-1].append(Button(say("All words: {name}", name=await _name(turn, arguments[0])), action))
        elif name == "digest.read":
            found.append([Button(say("✓ Read"), action)])
        else:
            found.append([Button(say("Reply or note…"), action)])
    return found


async def _name(turn: Turn, engagement_id: str) -> str:
    """A leader's, though the coaching may have ended since; erased ones have none."""
    engagement = await turn.db.get(Engagement, UUID(engagement_id))
    leader = await turn.db.get(Person, engagement.leader_id) if engagement is not None else None
    if leader is None or leader.state == "erased":
        return "–"
    return await name_of(turn.practice, leader)


def _rhythm(turn: Turn) -> str:
    say, me = turn.say, turn.me
    due = me.next_digest_at
    wall = local(due, me.zone) if due is not None and due > turn.now else None
    if wall is not None and (wall.weekday(), wall.time()) != (me.digest_day, me.digest_at):
        return say(
            "Your digest is set for {day} at {time}. The next one comes on {when}: it keeps to your hours (/when) and "
            "to holidays. Another time, for example: /digest Tue 9:00",
            day=say.weekday(me.digest_day), time=say.clock(me.digest_at), when=say.moment(wall, me.zone),
        )  # fmt: skip
    return say(
        "Your digest comes on {day} at {time}. Another time, for example: /digest Tue 9:00",
        day=say.weekday(me.digest_day), time=say.clock(me.digest_at),
    )  # fmt: skip


async def _set_rhythm(turn: Turn, text: str) -> None:
    found = phrases.parse_weekday_time(text)
    if found is None:
        raise RefusedError(turn.say("Please give a day and a time: /digest Mon 8:30"))
    turn.me.digest_day, turn.me.digest_at = found
    plan_digest(turn.me, turn.now)
    await turn.reply(message(plain(_rhythm(turn))))
