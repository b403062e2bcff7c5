"""What people type about their own hours and pauses: `Mon-Thu 9:00-18:00 at 12:30`, `until 12 Dec`, `deux semaines`."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.phrases import Misread, parse_date, parse_time
from bot.domain.words import DAYS, NUMBERS, alternatives, folded
from bot.i18n import Say

ENDLESS = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of a pause that has none."""

_LONGEST = 100  # characters
_LONGEST_PAUSE = timedelta(days=366)
_SHORTEST_WINDOW = 60  # minutes
_WORK_DAYS, _WEEKEND, _EVERY_DAY = frozenset(range(5)), frozenset((5, 6)), frozenset(range(7))
_GROUPS = {
    "weekdays": _WORK_DAYS, "work days": _WORK_DAYS, "working days": _WORK_DAYS, "jours ouvres": _WORK_DAYS,
    "en semaine": _WORK_DAYS, "week-end": _WEEKEND, "weekend": _WEEKEND, "every day": _EVERY_DAY,
    "daily": _EVERY_DAY, "tous les jours": _EVERY_DAY,
}  # fmt: skip
_DAY = alternatives(DAYS)
_UP_TO = r"-|–|—|to|until|till|through|a|au|jusqua"
_TO = rf"(?:{_UP_TO}|et|and)"
_FROM = r"(?:from|between|de|du|entre)"
_TIME = r"(?:[0-9]{1,2}(?:[:.h][0-9]{2})?(?: ?h(?:[0-9]{2})?)?(?: ?[ap]\.?m\.?)?|noon|midi|midnight|minuit)"
_RANGE = re.compile(rf"(?:{_FROM} )?(?P<start>{_TIME}) ?{_TO} ?(?P<end>{_TIME})(?![0-9:])")
_USUAL = re.compile(rf"(?:at|a|@|vers|around) ?(?P<usual>{_TIME})(?![0-9:])")
# "Tuesday and Thursday" are two days, "between Tuesday and Thursday" are three.
_RUN = re.compile(
    rf"(?:(?P<between>between|entre) |{_FROM} )?(?P<first>{_DAY})\.? ?"
    rf"(?(between)(?:and|et)|(?:{_UP_TO})) ?(?P<last>{_DAY})\.?(?![a-z])"
)
_LIST = re.compile(rf"(?:(?:on|le|les) )?(?:{_DAY})\.?(?: ?(?:,|and|et|\+|/)? ?(?:{_DAY})\.?)*(?![a-z])")
_UNITS = {
    "day": 1, "days": 1, "jour": 1, "jours": 1, "d": 1, "j": 1, "fortnight": 14, "quinzaine": 14,
    "week": 7, "weeks": 7, "semaine": 7, "semaines": 7, "w": 7, "sem": 7,
    "month": 30, "months": 30, "mois": 30,
}  # fmt: skip
_COUNTED = NUMBERS | {"a": 1, "an": 1, "quinze": 15}
_PLURAL_DAY = re.compile(rf"({_DAY})s(?![a-z])")
_AMOUNT = re.compile(rf"(?:for |pour |pendant )?(?P<n>[0-9]{{1,3}}|[a-z]+) ?(?P<unit>{alternatives(_UNITS)})")
_UNTIL = re.compile(r"(?:until|till|til|jusqua|jusquau|jusque|to|au) (?:the |le |la )?(?P<date>.+)")
_NEXT_DAY = re.compile(rf"(?:next |this |ce )?(?P<day>{_DAY})\.?(?: prochain)?")


@dataclass(frozen=True)
class HoursRequest:
    """What somebody wants to change of their hours; None where nothing was said. `end <= start` crosses midnight."""

    days: frozenset[int] | None = None
    start: time | None = None
    end: time | None = None
    usual: time | None = None


def parse_hours(text: str, say: Say) -> HoursRequest | Misread:
    """`8-19`, `Mon-Thu 9:00-18:30`, `lun, mar, jeu 8h-17h`, `at 12:30`, in any order; `9 to 5` ends in the afternoon."""
    rest = _PLURAL_DAY.sub(r"\1", " ".join(folded(text.replace("’", "'")).replace(",", " , ").split()))
    example = say("For example: {example}", example=say("/when Mon-Thu 9:00-18:00"))
    if not rest or len(rest) > _LONGEST:
        return Misread(say("Please write days and hours.") + " " + example)
    days, rest = _days(rest)
    start = end = usual = None
    if found := _RANGE.search(rest):
        times = _window(found["start"], found["end"])
        if times is None:
            return Misread(say("“{words}” are no hours of a day.", words=found[0].strip()) + " " + example)
        (start, end), rest = times, rest.replace(found[0], " ", 1)
        if (_minutes(end) - _minutes(start)) % 1440 < _SHORTEST_WINDOW:
            return Misread(say("Please leave at least an hour in which I may write.") + " " + example)
    if found := _USUAL.search(rest):
        usual, rest = _time(found["usual"]), rest.replace(found[0], " ", 1)
        if usual is None:
            return Misread(say("“{words}” is not a time of day.", words=found["usual"]) + " " + example)
    if left := " ".join(rest.replace(",", " ").split()):
        return Misread(_left_over(left, say) + " " + example)
    return HoursRequest(days, start, end, usual)


def _left_over(left: str, say: Say) -> str:
    if re.fullmatch(r"[0-9]{1,2}(?:[:.h][0-9]{0,2})?(?: ?[ap]\.?m\.?)?|noon|midi", left) is None:
        return say("I did not understand “{words}”.", words=left[:40])
    if _time(left) is None:
        return say("“{words}” is not a time of day.", words=left)
    return say("“{words}” is one time; please write from when until when.", words=left)


def _days(text: str) -> tuple[frozenset[int] | None, str]:
    """The days that are named, and the text without them."""
    for group, days in _GROUPS.items():
        if group in text:
            return days, re.sub(rf"(?:\b(?:on|the|le|les) )*{group}s?", " ", text, count=1)
    if found := _RUN.search(text):
        first, last = DAYS[found["first"]], DAYS[found["last"]]
        run = frozenset((first + ahead) % 7 for ahead in range((last - first) % 7 + 1))
        return run, text.replace(found[0], " ", 1)
    if found := _LIST.search(text):
        return frozenset(DAYS[name] for name in re.findall(rf"{_DAY}", found[0])), text.replace(found[0], " ", 1)
    return None, text


def _window(start: str, end: str) -> tuple[time, time] | None:
    opens, closes = _time(start), _time(end)
    if opens is None or closes is None:
        return None
    is_bare = start.isdigit() and end.isdigit()
    if is_bare and closes <= opens and closes.hour <= 12 and _minutes(closes) + 720 > _minutes(opens):
        closes = time((closes.hour + 12) % 24)  # nine to five
    return opens, closes


def _time(text: str) -> time | None:
    """A time of day; here a bare number is an hour, and midnight has a name."""
    if text in ("midnight", "minuit", "24", "24h", "24:00", "24h00"):
        return time(0)
    return parse_time(f"{text}:00" if text.isdigit() else text)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def parse_pause(text: str, today: date, say: Say) -> date | Misread:
    """`a week`, `3 days`, `jusqu’au 12 décembre`, `until Monday`: the date on which questions start again."""
    wanted = " ".join(folded(text.replace("’", "'")).strip(" .!").split())
    day = _after(wanted, today) or _named(wanted, today)
    example = say("For example: {example}", example=say("/pause until 12 Dec"))
    if day is None:
        return Misread(say("I do not see until when.") + " " + example)
    if day <= today:
        return Misread(say("A pause ends tomorrow at the earliest.") + " " + example)
    if day - today > _LONGEST_PAUSE:
        return Misread(say("A pause lasts a year at most; without a date it lasts until you come back.") + " " + example)
    return day


def _after(wanted: str, today: date) -> date | None:
    found = _AMOUNT.fullmatch(wanted)
    if found is None:
        return None
    amount = int(found["n"]) if found["n"].isdigit() else _COUNTED.get(found["n"])
    return None if amount is None else today + timedelta(days=amount * _UNITS[found["unit"]])


def _named(wanted: str, today: date) -> date | None:
    if until := _UNTIL.fullmatch(wanted):
        wanted = until["date"]
    if found := _NEXT_DAY.fullmatch(wanted):
        return today + timedelta(days=(DAYS[found["day"]] - today.weekday() - 1) % 7 + 1)
    return parse_date(wanted, today)
