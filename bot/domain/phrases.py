"""What people type: dates, times, numbers, yes and no; English and French are always both understood."""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta

from bot.domain.words import BEYOND_TEN, DAYS, MONTHS, NO, NUMBERS, YES, alternatives, folded

DAY = alternatives(DAYS)
MONTH = alternatives(MONTHS)
# "mar" is mardi before it is March: "mar 12" is no date.
_MONTH_FIRST = alternatives(name for name in MONTHS if name != "mar")
HOUR = (
    rf"(?P<hour>[0-9]{{1,2}}) ?(?:h (?P<apart>[0-9]{{2}})(?! (?:{MONTH}|m|mn|min))"  # 17 h 30, not 17h 30 min
    r"|[:.](?P<minute>[0-9]{2})(?: ?(?P<half>[ap])\.?m\.?)?"
    r"|h(?:eures?|rs?)?(?P<min>[0-9]{2})?"
    r"|(?P<alone>[ap])\.?m\.?)"
    r"|(?P<noon>noon|midi)"
)
DATE = (
    r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})"
    r"|(?P<d2>[0-9]{1,2})/(?P<m2>[0-9]{1,2})(?:/(?P<y2>[0-9]{4}|[0-9]{2}))?"
    r"|(?P<d3>[0-9]{1,2})\.(?P<m3>[0-9]{1,2})\.(?P<y3>[0-9]{4})"
    rf"|(?P<d4>[0-9]{{1,2}})(?:st|nd|rd|th|er)? (?:of |de )?(?P<m4>{MONTH})\.?,?(?: (?P<y4>[0-9]{{4}}))?"
    rf"|(?P<m5>{_MONTH_FIRST})\.? (?P<d5>[0-9]{{1,2}})(?:st|nd|rd|th)?,?(?: (?P<y5>[0-9]{{4}}))?"
)
TODAY = {"today": 0, "aujourdhui": 0, "tomorrow": 1, "demain": 1, "apres-demain": 2, "apres demain": 2}
NOW_ON = (
    "tonight", "this morning", "this afternoon", "this evening", "ce matin", "cet apres-midi", "cet apres midi", "ce soir"
)  # fmt: skip
_MORNING = ("morning", "matin", "matinee")
_LATER = ("afternoon", "apres-midi", "apres midi", "evening", "soir", "soiree", "night")
PART_OF_DAY = alternatives([*_MORNING, *_LATER])
_PAST_DAYS = {"today": 0, "aujourdhui": 0, "yesterday": -1, "hier": -1}


@dataclass(frozen=True)
class Misread:
    """What was typed cannot be followed; the sentence says what to type instead."""

    sentence: str


def parse_time(text: str) -> time | None:
    """`8pm`, `8:30`, `22h`, `17h30`, `noon`; None for anything that is no time of day."""
    found = re.fullmatch(HOUR, " ".join(folded(text).split()), re.ASCII)
    return clock_of(found) if found else None


def parse_date(text: str, today: date, *, past: bool = False) -> date | None:
    """`12 Nov`, `12/11/2026`, `2026-11-12`, `Nov 2026`, `tomorrow`; None for anything else.

    Without a year it is the next such day or, with `past`, the last one; without a day the first of the month.
    """
    wanted = " ".join(folded(text.replace(",", " ")).split())
    near = _PAST_DAYS if past else TODAY
    if wanted in near:
        return today + timedelta(days=near[wanted])
    if month := re.fullmatch(rf"({MONTH})\.? ([1-9][0-9]{{3}})", wanted, re.ASCII):
        return date(int(month[2]), MONTHS[month[1]], 1)
    found = re.fullmatch(DATE, wanted, re.ASCII)
    if found is None:
        return None
    years = [today.year - back for back in range(5)] if past else [today.year + ahead for ahead in range(5)]
    for day in filter(None, (calendar_day(found, year) for year in years)):
        if year_of(found) is not None or (day <= today if past else day >= today):
            return day
    return None


def parse_weekday_time(text: str) -> tuple[int, time] | None:
    """`Mon 8:30`, `lundi à 8h30`: the day of the week (Monday is 0) and the time."""
    wanted = " ".join(folded(text.replace(",", " ")).split())
    found = re.fullmatch(rf"(?P<day>{DAY})\.?(?: prochain)?(?: (?:at|a))? (?:{HOUR})", wanted, re.ASCII)
    at = clock_of(found) if found else None
    return (DAYS[found["day"]], at) if found and at is not None else None


def is_after_noon(part: str) -> bool:
    """Whether these words for a part of a day mean the hours after twelve: "tonight", "in the evening", "ce soir"."""
    return part == "tonight" or part.endswith(_LATER)


def parse_number(text: str) -> int | None:
    """0 to 10, as `7`, `7/10`, `seven`, `sept`; None for anything else."""
    wanted = " ".join(folded(text).strip(" .!").split())
    found = re.fullmatch(r"(?P<n>[0-9]{1,2}|[a-z]+|🔟)(?: ?(?:/|out of|sur) ?10)?", wanted, re.ASCII)
    if found is None:
        return None
    number = int(found["n"]) if found["n"].isdigit() else NUMBERS.get(found["n"])
    return number if number is not None and number <= 10 else None


def is_off_the_scale(text: str) -> bool:
    """A number that is none of 0 to 10: `11`, `7.5`, `-2`, `eleven`, `onze`. Words that say more are words."""
    wanted = " ".join(folded(text).strip(" .!").split())
    is_number = re.fullmatch(r"[-+]?\d{1,9}(?:[.,]\d+)?(?: ?(?:/|out of|sur) ?10)?", wanted)
    return (is_number is not None or wanted in BEYOND_TEN) and parse_number(text) is None


def parse_yes_no(text: str) -> bool | None:
    """Yes or no in either language; None for anything that says more."""
    wanted = " ".join(folded(text).strip(" .!").split())
    return True if wanted in YES else False if wanted in NO else None


def split_command(text: str) -> tuple[str, str] | None:
    """`/session@Interlude_bot Jack Thu` is `("session", "Jack Thu")`; None when it is no command."""
    found = re.match(r"/([A-Za-z0-9_]{1,32})(?:@[A-Za-z0-9_]+)?(?:\s+|$)", text)
    return (found[1].lower(), text[found.end() :].strip()) if found else None


def clock_of(found: re.Match[str]) -> time | None:
    """The time of day that was matched; None when there is no such time."""
    if found["noon"]:
        return time(12)
    hour, minute = int(found["hour"]), int(found["minute"] or found["min"] or found["apart"] or 0)
    half = found["half"] or found["alone"]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def year_of(found: re.Match[str]) -> int | None:
    year = found["y"] or found["y2"] or found["y3"] or found["y4"] or found["y5"]
    return (int(year) + (2000 if len(year) == 2 else 0)) if year else None


def calendar_day(found: re.Match[str], year: int) -> date | None:
    """The date that was matched, in its own year or else in `year`; None when there is no such date."""
    month = found["m"] or found["m2"] or found["m3"] or found["m4"] or found["m5"]
    day = found["d"] or found["d2"] or found["d3"] or found["d4"] or found["d5"]
    own_year = year_of(found)
    try:
        return date(year if own_year is None else own_year, int(month) if month.isdigit() else MONTHS[month], int(day))
    except ValueError:
        return None
