"""When a plan's moment comes: the day and time in a leader's own words, or the one they tapped."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.domain import phrases
from bot.domain.hours import Hours, is_work_day, last_allowed, next_allowed, next_work_day
from bot.domain.schedule import first_instant, local
from bot.domain.words import DAYS, MONTHS, NUMBERS, alternatives, folded

AFTERWARDS = timedelta(hours=1)  # how long after its moment a plan is asked about
_WORK_DAYS_WITHOUT = 2
_AFTERNOON = 8  # "at two" is 14:00, "at eight" is 08:00
_DAY = timedelta(days=1)
_LONG_NAMES = [name for name in DAYS if name.endswith(("day", "di")) or name == "dimanche"]
_NEAR = {
    "the day after tomorrow": 2, "apres-demain": 2, "apres demain": 2, "tomorrow": 1, "demain": 1, "today": 0,
    "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "aujourdhui": 0, "ce matin": 0,
    "cet apres-midi": 0, "cet apres midi": 0, "ce soir": 0,
}  # fmt: skip
_MONTH = alternatives(name for name in MONTHS if len(name) > 3 or name in ("may", "mai"))
_FINDS_DATE = re.compile(
    rf"\b[0-9]{{1,2}}(?:st|nd|rd|th|er)? (?:of )?(?:{_MONTH})\b(?:,? [0-9]{{4}}\b)?|\b[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{4}}\b"
)
_FINDS_NEAR = re.compile(rf"\b({alternatives(_NEAR)})\b")
_FINDS_DAY = re.compile(rf"\b({alternatives(_LONG_NAMES)})s?\b")
_FINDS_TIME = re.compile(
    r"(?<![:\d])\b([0-9]{1,2}[:.][0-9]{2}(?: ?[ap]\.?m\b)?|[0-9]{1,2} ?h(?:eures?\b|rs?\b)?(?: ?[0-9]{2}\b)?"
    r"|[0-9]{1,2} ?[ap]m\b|noon|(?<!apres[- ])midi)(?![\w:])"
)
_FINDS_HOUR = re.compile(
    rf"(?:\bat|@|\bvers|\baround) ?([0-9]{{1,2}}|{alternatives(NUMBERS)})(?: ?oclock| ?heures?)?(?![\w:.])"
)

_NO_TIME = re.compile(r"[0-9]{1,2}\W*(?:[0-9]{1,2}|h(?:eures?)?|[ap]\.?m\.?|oclock)?\W*(?:[0-9]{1,2})?|[0-9]{3,4}")
_BEFORE_A_MOMENT = frozenset(["at", "on", "by", "around", "@", "a", "le", "la", "ce", "vers", "pour", "dès", "des"])


@dataclass(frozen=True)
class Cue:
    """A local day, and a time if there was one."""

    day: date
    at: time | None


def find_cue(text: str, now: datetime) -> Cue | None:
    """The moment named in free words: `my one-to-one tomorrow at two`, `jeudi à 14h`; None when there is none.

    `now` is naive, local. Short names of days are words of other kinds too ("mon équipe") and are not read.
    """
    words = " ".join(folded(re.sub(r"\b[àÀ] ", "@ ", text)).split())
    at = _time_in(words)
    day = _day_in(words, now, at)
    if day is None and at is None:
        return None
    if day is None:
        day = now.date() if at and datetime.combine(now.date(), at) > now else now.date() + _DAY
    is_past = day < now.date() or (at is not None and datetime.combine(day, at) <= now)
    return None if is_past else Cue(day, at)


def _day_in(words: str, now: datetime, at: time | None) -> date | None:
    if found := _FINDS_DATE.search(words):
        return phrases.parse_date(found[0], now.date())
    if found := _FINDS_NEAR.search(words):
        return now.date() + _NEAR[found[1]] * _DAY
    if not (found := _FINDS_DAY.search(words)):
        return None
    day = now.date() + (DAYS[found[1]] - now.weekday()) % 7 * _DAY
    return day + 7 * _DAY if at and datetime.combine(day, at) <= now else day


def _time_in(words: str) -> time | None:
    for found in _FINDS_TIME.finditer(words):
        if (at := phrases.parse_time(found[1])) is not None:
            return at
    found_hour = _FINDS_HOUR.search(words)
    if found_hour is None:
        return None
    hour = int(found_hour[1]) if found_hour[1].isdigit() else NUMBERS[found_hour[1]]
    hour += 12 if 0 < hour < _AFTERNOON else 0
    return time(hour) if 0 < hour < 24 else None


def looks_like_a_time(text: str) -> bool:
    """Whether somebody has typed a time and nothing else, possible or not: `25:00`, `à 26h`."""
    words = [word for word in folded(text).split() if word not in _BEFORE_A_MOMENT]
    return _NO_TIME.fullmatch(" ".join(words)) is not None


def without_moment(text: str) -> str:
    """The words without the day and the time that are in them: another moment was chosen since."""
    words = text.split()
    read = [folded(re.sub("^[àÀ]$", "@", word)) for word in words]
    line = " ".join(read)
    patterns = (_FINDS_DATE, _FINDS_NEAR, _FINDS_DAY, _FINDS_TIME, _FINDS_HOUR)
    spans = [found.span() for pattern in patterns for found in pattern.finditer(line)]
    gone, start = set[int](), 0
    for number, word in enumerate(read):
        if any(start < end and first < start + len(word) for first, end in spans):
            gone.add(number)
        start += len(word) + 1
    for number in reversed(range(len(words) - 1)):
        if number + 1 in gone and read[number] in _BEFORE_A_MOMENT:
            gone.add(number)
    return " ".join(word for number, word in enumerate(words) if number not in gone).strip(" ,;:–-")


def instant_of(cue: Cue, hours: Hours) -> datetime:
    """The instant of a cue; of a day without a time, so that it is asked about at the usual hour."""
    if cue.at is not None:
        return first_instant(datetime.combine(cue.day, cue.at), hours.zone)
    return first_instant(datetime.combine(cue.day, hours.usual), hours.zone) - AFTERWARDS


def is_a_day(at: datetime, words: str, hours: Hours, *, is_moved: bool) -> bool:
    """Whether a cue's instant stands for a day only: nobody has named its hour."""
    has_hour = not is_moved and _time_in(" ".join(folded(re.sub(r"\b[àÀ] ", "@ ", words)).split())) is not None
    return not has_hour and at == instant_of(Cue(local(at, hours.zone).date(), None), hours)


WHENS = ("today", "tomorrow", "week", "session", "none")


def chosen_instant(choice: str, now: datetime, hours: Hours, session: datetime | None) -> datetime | None:
    """The instant behind a button; None for "no fixed time", and for a session when none is planned."""
    today = local(now, hours.zone).date()
    if choice == "today":
        return max(instant_of(Cue(today, None), hours), now + 2 * AFTERWARDS)
    if choice == "tomorrow":
        return instant_of(Cue(today + _DAY, None), hours)
    if choice == "week":
        friday = max(today, today + (4 - today.weekday()) * _DAY)
        while friday > today and not is_work_day(friday, hours):
            friday -= _DAY
        return instant_of(Cue(friday if friday > today else next_work_day(today, hours), None), hours)
    if choice == "session" and session is not None:
        return last_allowed(max(now + AFTERWARDS, session - 2 * AFTERWARDS), hours) - AFTERWARDS  # asked about before it
    return None


def follow_up_at(cue_at: datetime | None, now: datetime, hours: Hours) -> datetime:
    """When to ask how a plan went: an hour after its moment; without one, two work days later."""
    if cue_at is not None:
        return next_allowed(max(cue_at + AFTERWARDS, now), hours)
    day = local(now, hours.zone).date()
    for _ in range(_WORK_DAYS_WITHOUT):
        day = next_work_day(day, hours)
    return next_allowed(first_instant(datetime.combine(day, hours.usual), hours.zone), hours)
