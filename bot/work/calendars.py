"""A calendar file of a coach's: whose sessions it holds, what it would change, and doing all of that or nothing."""

import asyncio
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter

from bot import calendars as files
from bot.db.tables import CalendarFile, Session
from bot.db.types import new_id
from bot.domain.calendars import Event, File, Series
from bot.domain.text import Button, Message, message, messages, plain
from bot.errors import RefusedError
from bot.work import addresses, calendar_words, meetings, telling, timetable
from bot.work.addresses import Led
from bot.work.practice import Turn
from bot.work.timetable import Change

_PLACE = "calendar_file.content"
_ASKED = 5  # events without a leader's name: more than that are not asked about one by one
_MOST = 1000  # sessions: a coach's year has fewer


@dataclass(frozen=True)
class Waiting:
    """What a file says, whose its events are as far as that is known, and the mark of what the coach was shown."""

    file: File
    whose: dict[str, UUID | None]
    shown: str = ""


async def read_file(turn: Turn, source: bytes) -> File:
    """What a file says. It may be long and odd, so that it is read beside everything else, before anything is written."""
    say = turn.say
    try:
        return await asyncio.to_thread(files.read, source, turn.me.zone, turn.now)
    except files.TooManyError:
        raise RefusedError(
            say("This file has more than 2,000 events to come. Please export only the calendar your sessions are in.")
        ) from None
    except files.NotACalendarError as error:
        if error.is_cut:
            raise RefusedError(say("This calendar file breaks off in the middle. Please export it again.")) from None
        raise RefusedError(
            say("This is not a calendar file, although it is called one. Nothing was changed.")
        ) from None


async def received(turn: Turn, file: File) -> None:
    """Match its events to leaders; what is not plain is asked, then the coach sees what would change."""
    led = await addresses.led_by(turn)
    if not led:
        raise RefusedError(turn.say("You have no leaders yet. /invite Jack brings in the first."))
    whose = await _matched(turn, file, led)
    asked = _worth_asking(file, whose, led)
    kept = tuple(one for one in file.series if one.uid in whose or one in asked)
    others = sum(1 for one in file.series if one not in kept and _has_meetings(one))
    waiting = Waiting(replace(file, series=kept, left_out=file.left_out | {"others": others}), whose)
    if not kept:
        raise RefusedError(_nothing_in(turn, replace(waiting.file, series=file.series)))
    if sum(len(one.events) for one in kept) > _MOST:
        raise RefusedError(turn.say("These would be more than {n} sessions. Nothing was changed.", n=_MOST))
    row = CalendarFile(id=new_id(), coach_id=turn.me.id, made_at=turn.now, content=b"")
    turn.db.add(row)
    await _go_on(turn, row, waiting, led)


async def _matched(turn: Turn, file: File, led: list[Led]) -> dict[str, UUID | None]:
    """By the event's own name where sessions were taken from it before, else by an address that is known."""
    sessions = await timetable.known_sessions(turn.db, led, [series.uid for series in file.series])
    whose: dict[str, UUID | None] = {timetable.uid_of(one): one.engagement_id for one in sessions}
    found = {series.uid: whose[series.uid] for series in file.series if series.uid in whose}
    for series in file.series:
        leader = addresses.called(series, led)
        if series.uid not in found and leader is not None and _has_meetings(series):
            found[series.uid] = leader.engagement.id
    return found


def _worth_asking(file: File, whose: dict[str, UUID | None], led: list[Led]) -> list[Series]:
    """Who is in an event that names nobody's leader is asked when there are few of them; a dentist has no guests."""
    open_ones = [one for one in file.series if one.uid not in whose and _has_meetings(one)]
    named = [one for one in open_ones if any(one.mentions(leader.name) for leader in led)]
    with_guests = [one for one in open_ones if one.guests and one not in named]
    asked = named + (with_guests if len(_alike(with_guests)) <= _ASKED else [])
    if not asked and not whose and len(_alike(open_ones)) <= _ASKED:
        return open_ones
    return asked


def _has_meetings(series: Series) -> bool:
    return any(not event.is_cancelled for event in series.events)


def _alike(several: list[Series]) -> set[tuple[str, frozenset[str]]]:
    return {_looks(series) for series in several}


def _looks(series: Series) -> tuple[str, frozenset[str]]:
    """Single events of the same title with the same people are one question."""
    return series.summary, frozenset(guest.address for guest in series.guests)


def _nothing_in(turn: Turn, file: File) -> str:
    reasons = calendar_words.reasons(file, turn.say)
    if any(not _has_meetings(series) for series in file.series):
        return turn.say("What this file cancels is not one of your sessions. Nothing was changed.")
    head = turn.say("There is no session to come in this file. Nothing was changed.")
    return "\n".join([head, *reasons])


async def _go_on(turn: Turn, row: CalendarFile, waiting: Waiting, led: list[Led]) -> None:
    """Ask the next question, or show what comes of it all."""
    for number, series in enumerate(waiting.file.series):
        if series.uid not in waiting.whose:
            await _keep(turn, row, waiting)
            for part in calendar_words.question(series, led, (row.id, number), turn.me.zone, turn.say):
                await turn.reply(part)
            return
    await _show(turn, row, waiting, led)


async def _keep(turn: Turn, row: CalendarFile, waiting: Waiting) -> None:
    box = await turn.practice.vault.box(turn.me.id, "shared")
    row.content = box.seal_bytes(_PLACE, row.id, TypeAdapter(Waiting).dump_json(waiting))


async def _mine(turn: Turn, file_id: str) -> tuple[CalendarFile, Waiting]:
    row = await turn.db.get(CalendarFile, UUID(file_id))
    if row is None or row.coach_id != turn.me.id:
        raise RefusedError(turn.say("This file is no longer waiting. Send it again to go on."))
    box = await turn.practice.vault.box(turn.me.id, "shared")
    return row, TypeAdapter(Waiting).validate_json(box.open_bytes(_PLACE, row.id, row.content))


async def whose(turn: Turn, file_id: str, number: str, engagement_id: str) -> Message:
    """The coach has said whose session it is; how the calendar calls that leader is remembered."""
    row, waiting = await _mine(turn, file_id)
    led = await addresses.led_by(turn)
    leader = next((one for one in led if str(one.engagement.id) == engagement_id), None)
    if leader is None:
        raise RefusedError(turn.say("There is nobody of that name."))
    series = waiting.file.series[int(number)]
    if series.uid in waiting.whose:
        raise RefusedError(turn.say("You have said whose session this is."))
    await addresses.learn(turn, series, leader, led)
    decided = _decided(waiting, series, leader.engagement.id)
    for one in decided.file.series:
        if one.uid not in decided.whose and (called := addresses.called(one, led)) is not None:
            decided.whose[one.uid] = called.engagement.id
    await _go_on(turn, row, decided, led)
    return message(plain(turn.say("“{title}”: with {name}", title=series.summary or "–", name=leader.name)))


async def nobody(turn: Turn, file_id: str, number: str) -> Message:
    """It is none of the sessions."""
    row, waiting = await _mine(turn, file_id)
    series = waiting.file.series[int(number)]
    if series.uid in waiting.whose:
        raise RefusedError(turn.say("You have said whose session this is."))
    await _go_on(turn, row, _decided(waiting, series, None), await addresses.led_by(turn))
    return message(plain(turn.say("“{title}” is not a session.", title=series.summary or "–")))


def _decided(waiting: Waiting, series: Series, engagement_id: UUID | None) -> Waiting:
    open_ones = [one for one in waiting.file.series if one.uid not in waiting.whose]
    alike = {one.uid: engagement_id for one in open_ones if _looks(one) == _looks(series)}
    return replace(waiting, whose=waiting.whose | alike)


async def _changes(turn: Turn, waiting: Waiting, led: list[Led]) -> tuple[list[Change], dict[UUID, Session]]:
    sessions = await timetable.known_sessions(turn.db, led, [series.uid for series in waiting.file.series])
    return timetable.changes(waiting.file, waiting.whose, led, sessions, turn.now), {one.id: one for one in sessions}


async def _show(turn: Turn, row: CalendarFile, waiting: Waiting, led: list[Led]) -> None:
    """What would change, with the choice; or that nothing would."""
    say = turn.say
    made, by_id = await _changes(turn, waiting, led)
    blocks = calendar_words.preview(made, waiting.file, turn.me, say)
    if all(change.difference.is_empty for change in made):
        _link(made, by_id)
        await turn.db.delete(row)
        for part in messages([plain(say("This file changes nothing.")), *blocks[1:]]):
            await turn.reply(part)
        return
    await _keep(turn, row, replace(waiting, shown=timetable.mark_of(made)))
    buttons = [[Button(say("Do it"), ("calendar.do", row.id)), Button(say("Leave it"), ("calendar.leave", row.id))]]
    for part in messages(blocks, buttons=buttons):
        await turn.reply(part)


async def leave(turn: Turn, file_id: str) -> Message:
    row, _ = await _mine(turn, file_id)
    await turn.db.delete(row)
    return message(plain(turn.say("Nothing was changed.")))


async def do(turn: Turn, file_id: str) -> None:
    """All that was shown, in one go; if it would be something else by now, that is shown first."""
    row, waiting = await _mine(turn, file_id)
    led = await addresses.led_by(turn)
    made, by_id = await _changes(turn, waiting, led)
    if timetable.mark_of(made) != waiting.shown:
        await turn.reply(message(plain(turn.say("Something has changed since. This is how it looks now."))))
        await _show(turn, row, waiting, led)
        return
    _link(made, by_id)
    for leader in led:
        await _do_for(turn, leader, [change for change in made if change.leader is leader], by_id)
    turn.audit("took sessions from a calendar", row.id)
    await turn.db.delete(row)
    await turn.reply(message(plain(_done(turn, made))))


async def _do_for(turn: Turn, leader: Led, made: list[Change], by_id: dict[UUID, Session]) -> None:
    """One leader's part, of which they hear once."""
    cancelled, moved, planned = [], [], []
    for change in made:
        for one in change.difference.cancelled:
            await meetings.cancel(turn, by_id[one.id])
            cancelled.append(by_id[one.id])
        for one, event in change.difference.moved:
            session, before = by_id[one.id], by_id[one.id].starts_at
            await meetings.move(turn, session, event.starts_at, _minutes(event), may_clash=True)
            _known_by(session, change.uid, event)
            moved.append(telling.Moved(session, before))
        for event in change.difference.new:
            session = await meetings.add(turn, leader.engagement, event.starts_at, _minutes(event), may_clash=True)
            _known_by(session, change.uid, event)
            planned.append(session)
    await telling.tell(turn, leader.person, planned=planned, moved=moved, cancelled=cancelled)


def _link(made: list[Change], by_id: dict[UUID, Session]) -> None:
    """A session that stays as it is goes by its event from now on, if it has none yet: the next file finds it."""
    for change in made:
        for one, event in change.difference.linked:
            session, before = by_id[one.id], by_id[one.id].revised_at
            if session.calendar_uid not in (None, change.uid) and session.id not in change.taken_over:
                continue
            _known_by(session, change.uid, event)
            session.revised_at = max((at for at in (before, event.stamp) if at is not None), default=None)


def _known_by(session: Session, uid: str, event: Event) -> None:
    is_ours = session.calendar_uid is None and timetable.uid_of(session) == uid
    if not is_ours:
        session.calendar_uid, session.calendar_slot = uid, event.slot
    session.revision = max(session.revision, event.revision)
    session.revised_at = event.stamp


def _minutes(event: Event) -> int:
    return max(int((event.ends_at - event.starts_at).total_seconds()) // 60, 1)


def _done(turn: Turn, made: list[Change]) -> str:
    say, found = turn.say, [change.difference for change in made]
    new, moved = sum(len(one.new) for one in found), sum(len(one.moved) for one in found)
    gone = sum(len(one.cancelled) for one in found)
    lines = [
        say.plural("{n} session is planned.", "{n} sessions are planned.", new) if new else "",
        say.plural("{n} session is moved.", "{n} sessions are moved.", moved) if moved else "",
        say.plural("{n} session is cancelled.", "{n} sessions are cancelled.", gone) if gone else "",
        say("Whoever it concerns is told."),
    ]
    return "\n".join(line for line in lines if line)
