"""What coaches type to plan sessions and to move them, in either language."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.domain.phrases import (
    DATE,
    DAY,
    HOUR,
    MONTH,
    NOW_ON,
    PART_OF_DAY,
    TODAY,
    Misread,
    calendar_day,
    clock_of,
    is_after_noon,
    parse_time,
    year_of,
)
from bot.domain.words import DAYS, NUMBERS, alternatives, folded
from bot.i18n import Say

MOST_SESSIONS = 52
USUAL_SESSIONS = 6
_LONGEST = 200  # characters; what is longer is not an order for sessions
_SHORTEST, _LENGTHIEST = 10, 480  # minutes of a session
_FARTHEST = timedelta(days=730)
_FAR_AHEAD = timedelta(days=270)  # "12 Nov" on the 13th means yesterday, not in a year

_EVERY = (
    r"(?P<weekly>weekly|hebdo(?:madaire)?|(?:every|each) week|chaque semaine|toutes les semaines|(?:une fois )?par semaine"
    rf"|(?:every|each|chaque|tous les)(?= (?:{DAY})s?(?: |$)))"
    r"|(?P<fortnightly>fortnightly|biweekly|every (?:other|second) week|une semaine sur deux|every fortnight"
    r"|tous les (?:15|quinze) jours)"
    r"|(?:every|toutes les) (?P<n>[0-9]{1,2}|two|deux|three|trois|four|quatre) (?:weeks|semaines)"
)
_OPEN = (
    r"(?:(?:and|et) )?(?:(?:then|after that|puis|ensuite|apres) )?"
    r"(?:open[- ]?ended|ongoing|sans (?:fin|terme|limite)(?: fixee?)?)"
)
# "tomorrow morning 9": beside a part of the day a number alone is an hour, unless it is more with what follows
_ALONE = (
    r"(?: (?:at |a |@ ?)?(?P<{name}>[0-9]{{1,2}})"
    r"(?! (?:h|hrs?|hours?|heures?|[ap]\.?m\.?|x|×|times|fois|m|mn|mins?|minutes?)(?: |$)))?"
)
_ON = rf"(?: (?:in the |au |dans l)?(?P<part>{PART_OF_DAY}){_ALONE.format(name='bare')})?"
_NEAR = rf"(?:(?P<near>{alternatives(TODAY)}){_ON}|(?P<now>{alternatives(NOW_ON)}){_ALONE.format(name='alone_now')})"
_WEEKDAY = (
    rf"(?:(?:on|this|le|ce) |(?P<coming>next ))?(?P<day>{DAY})(?:(?<=[a-z]{{5}})s)?\.?(?P<prochain> prochain)?"
    rf"(?P<week> week| en huit)?(?P<fortnight> en quinze)?(?P<next> next week| (?:de )?la semaine prochaine)?{_ON}"
)
_OF = rf" (?:in the |at |du |de l)(?P<of>{PART_OF_DAY})"
_TIME = rf"(?:(?:at|a|@) ?)?(?:{HOUR})(?:{_OF})?"
_LENGTH = (
    r"(?P<hours>[1-4])(?P<tenths>[.,]5)? ?(?:h|hrs?|hours?|heures?)"
    rf"(?:(?P<half> and a half| et demie)| ?(?P<rest>[0-5][0-9])(?! (?:{MONTH}))(?: ?(?:m|mn|mins?|minutes?))?)?\.?"
    r"|(?:an hour|une heure)(?P<half1> and a half| et demie)?"
)
_PARTS = {  # compiled by `re` when the first appointment is read: a thirtieth of a start
    kind: rf"(?:{pattern})(?= |$)"
    for kind, pattern in {
        "date": rf"(?:(?:on|the|le) )?(?:{DATE}){_ON}",
        "near": _NEAR,
        "weekday": _WEEKDAY,
        "every": _EVERY,
        "open": _OPEN,
        "count": r"(?:x|×|\*) ?(?P<x>[0-9]{1,4})|(?P<times>[0-9]{1,4}|six) ?(?:x|×|times|fois)",
        "minutes": r"(?:(?:for|pendant) )?(?P<minutes>[0-9]{1,4}) ?(?:m|mn|min|mins|minutes?)\.?",
        "length": rf"(?:for|pendant|durant) (?:{_LENGTH})",
        "hour": rf"(?:(?:at|a|@) ?)?(?P<spoken>[0-9]{{1,2}})(?: ?oclock|{_OF})",
        "time": _TIME,
        "filler": r"(?:at|on|to|a|au|le|the|and|et|pour|for|-|–)",
    }.items()
}
_LASTS = rf"(?:{_LENGTH})(?= |$)"
_DAY_AND_TIME = {"near": rf"{_NEAR} {_TIME}", "weekday": rf"{_WEEKDAY} {_TIME}"}
_Found = dict[str, re.Match[str]]


@dataclass(frozen=True)
class SessionRequest:
    """Sessions to plan: `count` of them from `start` (naive, the coach's wall clock), `every_days` apart.

    `is_open_ended`: after these it goes on without an agreed end.
    """

    name: str
    start: datetime
    every_days: int | None
    count: int
    minutes: int = 60
    is_open_ended: bool = False


@dataclass(frozen=True)
class Shift:
    """Another time for a session (naive, the coach's wall clock), perhaps another length."""

    start: datetime
    minutes: int | None


class _WrongError(Exception):
    """Carries the sentence out of the reading."""


def parse_session(text: str, now: datetime, say: Say) -> SessionRequest | Misread:
    """`Jack Thu 10:00 weekly x6`, `Jack Brown 12 Nov 14h 90min`, `Jack demain 9h`; `now` is naive, local.

    A weekday is the next such day, today if the time is still to come; 12/11 is the twelfth of November.
    """
    words = [word.strip(",;") or word for word in text.split()]
    try:
        if not words or len(text) > _LONGEST:
            raise _WrongError(say("Please write who, which day and what time."))
        name, found = _read(words, say)
        at = _time_of(found, say)
        start = _ahead(datetime.combine(_day_of(found, at, now, say), at), now, say)
        every, count = _rhythm_of(found, say)
        return SessionRequest(name, start, every, count, _minutes_of(found, say), "open" in found)
    except _WrongError as wrong:
        example = say("For example: {example}", example=say("Jack Thu 10:00 weekly x6"))
        return Misread(f"{wrong} {example}")


def parse_shift(text: str, start: datetime, now: datetime, say: Say) -> Shift | Misread:
    """`Fri 14:00`, `demain`, `15h`, `Fri 14:00 90min` for a session that began at `start`; both naive, local.

    Without a time it stays the same, without a day it is the same day.
    """
    words = [word.strip(",;") or word for word in text.split()]
    try:
        if not words or len(text) > _LONGEST:
            raise _WrongError(say("I do not see the new day or time."))
        name, found = _read([".", *words], say)
        if name != "." or found.keys() & {"every", "count", "open"}:
            raise _WrongError(say("I did not understand “{words}”.", words=" ".join(words)[:40]))
        at = _time_of(found, say) if "time" in found else start.time()
        has_day = bool(found.keys() & {"date", "near", "weekday"})
        day = _day_of(found, at, now, say) if has_day else start.date()
        if not has_day and not found.keys() & {"time", "minutes"}:
            raise _WrongError(say("I do not see the new day or time."))
        minutes = _minutes_of(found, say) if "minutes" in found else None
        return Shift(_ahead(datetime.combine(day, at), now, say), minutes)
    except _WrongError as wrong:
        return Misread(f"{wrong} {say('For example: {example}', example=say('Fri 14:00'))}")


def _read(words: list[str], say: Say) -> tuple[str, _Found]:
    """The name, and the parts that follow it. The first word is always a name: Sam is also a Saturday."""
    forms = [folded(word).replace(" ", "") or word for word in words]
    start = next((n for n in range(1, len(forms)) if _part(forms, n)[1]), len(forms))
    position, found = start, _Found()
    while position < len(forms):
        kind, match = _part(forms, position)
        if kind in ("time", "") and "time" in found and (
            lasts := re.match(_LASTS, " ".join(forms[position:]), re.ASCII)
        ):
            kind, match = "length", lasts  # 10:00 1h30
        if kind == "length":
            kind = "minutes"
        if match is None or (kind in found and kind != "filler"):
            said = " ".join(words[position:])[:40]
            raise _WrongError(say("I did not understand “{words}”.", words=said))
        found[kind] = match
        position += match[0].count(" ") + 1
    if not found.keys() & {"date", "near", "weekday"} and _part(forms, 0)[0] in ("date", "near", "weekday"):
        raise _WrongError(say("Please begin with the name of the leader."))
    return " ".join(words[:start]), found


def _part(forms: list[str], position: int) -> tuple[str, re.Match[str] | None]:
    rest = " ".join(forms[position:])
    for kind, pattern in _PARTS.items():
        if match := re.match(pattern, rest, re.ASCII):
            return kind, match
    return "", None


def begins_a_part(forms: list[str], position: int) -> bool:
    """Whether a day, a time or anything else that is no name begins at this word; the words are folded."""
    return _part(forms, position)[1] is not None


def is_open_ended(text: str) -> bool:
    """Whether these folded words say no more than that it goes on without an agreed end."""
    return re.fullmatch(_OPEN, text, re.ASCII) is not None


def _time_of(found: _Found, say: Say) -> time:
    alone = _said(found, "bare", "alone_now", "spoken")
    if "time" not in found and not alone:
        raise _WrongError(say("I do not see the time."))
    at = clock_of(found["time"]) if "time" in found else parse_time(f"{alone}:00")
    if at is None:
        raise _WrongError(say("“{words}” is not a time of day.", words=found["time"][0] if "time" in found else alone))
    return _in_its_part(at, found)


def _in_its_part(at: time, found: _Found) -> time:
    """Tonight at six is 18:00."""
    is_later = is_after_noon(_said(found, "part", "now", "of")) and not _said(found, "half", "alone")
    return at.replace(hour=at.hour + 12) if is_later and 0 < at.hour < 12 else at


def _said(found: _Found, *names: str) -> str:
    """What was typed for the first of these, wherever it stands."""
    groups = [match.groupdict() for match in found.values()]
    return next((group[name] for group in groups for name in names if group.get(name)), "")


def _day_of(found: _Found, at: time, now: datetime, say: Say) -> date:
    weekday = DAYS[found["weekday"]["day"]] if "weekday" in found else None
    if "near" in found:
        return now.date() + timedelta(days=TODAY.get(found["near"]["near"], 0))
    if "date" in found:
        day = _date_of(found["date"], now.date(), say)
        if weekday not in (None, day.weekday()):
            raise _WrongError(say("{day} is not that day of the week.", day=f"{say.day(day)} {day.year}"))
        return day
    if weekday is None:
        raise _WrongError(say("I do not see the day."))
    return _weekday(found["weekday"], at, now)


def _weekday(found: re.Match[str], at: time, now: datetime) -> date:
    """The next such day; with "week" or "en huit" the one after it, of next week whichever that is. "Next Monday" said
    on a Monday is in a week."""
    weekday = DAYS[found["day"]]
    day = now.date() + timedelta(days=(weekday - now.weekday()) % 7)
    if found["next"]:
        return now.date() + timedelta(days=weekday - now.weekday() + 7)
    if found["week"] or found["fortnight"]:
        return day + timedelta(days=7 if found["week"] else 14)
    if day == now.date() and (found["coming"] or found["prochain"]):
        return day + timedelta(days=7)
    return day if datetime.combine(day, at) > now else day + timedelta(days=7)


def _date_of(found: re.Match[str], today: date, say: Say) -> date:
    day = calendar_day(found, today.year)
    if year_of(found) is None and (day is None or day < today):
        following = calendar_day(found, today.year + 1)
        day = following if following and (day is None or following - today < _FAR_AHEAD) else day
    if day is None:
        raise _WrongError(say("“{words}” is not a date.", words=found[0]))
    return day


def _ahead(start: datetime, now: datetime, say: Say) -> datetime:
    if start <= now:
        raise _WrongError(say("{moment} has passed. Please give a later one.", moment=_moment(start, say)))
    if start > now + _FARTHEST:
        raise _WrongError(say("{moment} is too far away. Please check the year.", moment=_moment(start, say)))
    return start


def _rhythm_of(found: _Found, say: Say) -> tuple[int | None, int]:
    """Days between the sessions, and how many there are."""
    count = int((found["count"]["x"] or found["count"]["times"]).replace("six", "6")) if "count" in found else None
    if count is not None and not 1 <= count <= MOST_SESSIONS:
        raise _WrongError(say("Please plan between 1 and {n} sessions at a time.", n=MOST_SESSIONS))
    if "every" not in found:
        if count not in (None, 1):
            raise _WrongError(say("How often? Please write weekly or fortnightly."))
        return None, 1
    if count is None and "open" in found:
        count = USUAL_SESSIONS
    if count is None:
        raise _WrongError(say("How many sessions? Please write their number, such as x6."))
    every = found["every"]
    number = every["n"] or ("1" if every["weekly"] else "2")
    weeks = int(number) if number.isdigit() else NUMBERS[number]
    if not 1 <= weeks <= 12:
        raise _WrongError(say("Sessions can be 1 to 12 weeks apart."))
    return 7 * weeks, count


def _minutes_of(found: _Found, say: Say) -> int:
    minutes = _length(found["minutes"].groupdict()) if "minutes" in found else 60
    if not _SHORTEST <= minutes <= _LENGTHIEST:
        raise _WrongError(say("A session lasts {a} to {b} minutes.", a=_SHORTEST, b=_LENGTHIEST))
    return minutes


def _length(said: dict[str, str | None]) -> int:
    """`90min`, `1h30`, `1.5 h`, `une heure et demie`."""
    if said.get("minutes"):
        return int(said["minutes"] or 0)
    is_half = said["tenths"] or said["half"] or said["half1"]
    return 60 * int(said["hours"] or 1) + (30 if is_half else int(said["rest"] or 0))


def parse_moment(text: str, now: datetime) -> datetime | None:
    """`ce soir 18h`, `tomorrow morning at 9:00`, `jeudi en huit à 9h`: a day in words and a time, nothing else."""
    words = " ".join(folded(text.replace(",", " ")).split())
    for kind, pattern in _DAY_AND_TIME.items():
        if match := re.fullmatch(pattern, words, re.ASCII):
            found: _Found = {kind: match}
            at = clock_of(match)
            at = _in_its_part(at, found) if at is not None else None
            return datetime.combine(_day_of(found, at, now, Say()), at) if at is not None else None
    return None


def _moment(start: datetime, say: Say) -> str:
    return say("{day}, {time}", day=f"{say.day(start.date())} {start.year}", time=say.clock(start.time()))
