"""The words about a calendar file: whose sessions are these, what would change, and what is left out and why."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from bot.db.tables import Person
from bot.domain.calendars import Event, File, Known, Series
from bot.domain.text import Block, Button, Message, bold, choices, plain
from bot.i18n import Say
from bot.work import booking
from bot.work.addresses import Led
from bot.work.timetable import Change

_SHOWN = 8  # of one kind for one leader
_GUESTS = 4


def question(series: Series, led: Sequence[Led], key: tuple[object, int], zone: str, say: Say) -> list[Message]:
    """Whose session is this? Whoever is named in it comes first."""
    first, further = series.events[0], len(series.events) - 1
    lines = [say("“{title}”", title=series.summary or "–"), say.moment(first.starts_at, zone)]
    if further:
        lines[-1] += " " + say.plural("and {n} more", "and {n} more", further)
    guests = [guest.address for guest in series.guests if not guest.is_organizer][:_GUESTS]
    if guests:
        lines.append(say.list(guests))
    named = sorted(led, key=lambda one: not series.mentions(one.name))
    buttons = [Button(one.name, ("calendar.whose", *key, one.engagement.id)) for one in named]
    rows = [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
    none = [Button(say("Not a session"), ("calendar.nobody", *key))]
    return choices(bold(say("Whose session is this?")), plain("\n".join(lines)), buttons=rows, last=none)


def preview(made: Sequence[Change], file: File, me: Person, say: Say) -> list[Block]:
    """What would change, leader by leader, what falls on a public holiday, and what is left out."""
    zone = me.zone
    blocks: list[Block] = [bold(say("What this file changes"))]
    seen: list[Led] = []
    for change in made:
        if change.leader not in seen:
            seen.append(change.leader)
    for leader in seen:
        lines = _of_leader([change for change in made if change.leader is leader], zone, say)
        if lines:
            blocks.append(bold(leader.name) + plain("\n" + "\n".join(lines)))
    for leader in seen:
        starts = _starts([change for change in made if change.leader is leader])
        blocks += booking.on_holidays(say, me, leader.person, leader.name, starts)
    apart = [*_clashes(made, zone, say), *_older(made, zone, say), *reasons(file, say)]
    if apart:
        blocks.append(bold(say("Left out")) + plain("\n" + "\n".join(apart)))
    return blocks


def _of_leader(made: list[Change], zone: str, say: Say) -> list[str]:
    found = [change.difference for change in made]
    new = sorted(event.starts_at for one in found for event in one.new)
    gone = sorted(session.starts_at for one in found for session in one.cancelled)
    moves = sorted(
        ((session, event) for one in found for session, event in one.moved), key=lambda pair: pair[0].starts_at
    )
    lines = _some([say("New: {when}", when=say.moment(at, zone)) for at in new], say)
    lines += _some([_move(session.starts_at, event, zone, say) for session, event in moves], say)
    lines += _some([say("Cancelled: {when}", when=say.moment(at, zone)) for at in gone], say)
    same = sum(len(one.linked) for one in found)
    if same:
        lines.append(say.plural("{n} stays as it is.", "{n} stay as they are.", same))
    return lines


def _starts(made: Iterable[Change]) -> list[datetime]:
    """When what is new or moved begins."""
    found = [change.difference for change in made]
    return sorted(event.starts_at for one in found for event in (*one.new, *(event for _, event in one.moved)))


def _move(before: datetime, event: Event, zone: str, say: Say) -> str:
    was, now = say.moment(before, zone), say.moment(event.starts_at, zone)
    if was == now:
        minutes = int((event.ends_at - event.starts_at).total_seconds()) // 60
        return say("Now {n} minutes: {when}", n=minutes, when=now)
    return say("Moved: {before} → {after}", before=was, after=now)


def _some(lines: list[str], say: Say) -> list[str]:
    if len(lines) <= _SHOWN + 1:
        return lines
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], say.plural("and {n} later one", "and {n} later ones", more)]


def _clashes(made: Iterable[Change], zone: str, say: Say) -> list[str]:
    lines = [
        say("{when} with {name}: you have another session then.", when=say.moment(event.starts_at, zone),
            name=change.leader.name)
        for change in made for event in change.refused
    ]  # fmt: skip
    return _some(lines, say)


def _older(made: Iterable[Change], zone: str, say: Say) -> list[str]:
    lines = [
        say("{when} with {name} was cancelled here, and stays so.", **_named(one, change, zone, say))
        if one.state == "cancelled"
        else say("{when} with {name} was changed after this file was made, and stays as it is here.",
                 **_named(one, change, zone, say))
        for change in made for one in change.difference.older
    ]  # fmt: skip
    return _some(lines, say)


def _named(one: Known, change: Change, zone: str, say: Say) -> dict[str, str]:
    return {"when": say.moment(one.starts_at, zone), "name": change.leader.name}


def reasons(file: File, say: Say) -> list[str]:
    """Why meetings of a file are no sessions, each reason with how many."""
    left = file.left_out
    zones = say.list([say("“{title}”", title=zone) for zone in file.zones])
    said: dict[str, Callable[[int], str]] = {
        "others": lambda n: say.plural("{n} names none of your leaders.", "{n} name none of your leaders.", n),
        "past": lambda n: say.plural("{n} is in the past.", "{n} are in the past.", n),
        "all_day": lambda n: say.plural("{n} lasts all day.", "{n} last all day.", n),
        "long": lambda n: say.plural("{n} takes more than eight hours.", "{n} take more than eight hours.", n),
        "zone": lambda n: say.plural(
            "{n} is in a time zone nobody knows: {zones}.", "{n} are in time zones nobody knows: {zones}.", n, zones=zones
        ),
        "intricate": lambda n: say.plural(
            "{n} repeats more often than daily.", "{n} repeat more often than daily.", n
        ),
        "unreadable": lambda n: say.plural(
            "{n} has dates or a rule that cannot be read.", "{n} have dates or a rule that cannot be read.", n
        ),
        "replies": lambda n: say.plural(
            "{n} is an answer to an invitation.", "{n} are answers to an invitation.", n
        ),
    }  # fmt: skip
    return [words(left[reason]) for reason, words in said.items() if left.get(reason)]
