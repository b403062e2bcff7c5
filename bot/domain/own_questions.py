"""A coach's own question: what is typed after `/ask Jack`, when it is to be asked, and the sequence of one step it makes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain import emphasis
from bot.domain.appointments import parse_moment
from bot.domain.phrases import Misread, parse_date, parse_time, parse_weekday_time
from bot.domain.sequence import AroundSession, Kind, Once, Option, Question, Sequence, Sharing, Step
from bot.domain.words import DAYS, MONTHS, alternatives, folded
from bot.i18n import LANGUAGES, Say

NAME, STEP, QUESTION = "ask", "own question", "own"  # no key in a file has a space
LONGEST, LONGEST_OPTION = 300, 40
FEWEST_OPTIONS, MOST_OPTIONS = 2, 8
KINDS = (Kind.text, Kind.scale, Kind.yes_no, Kind.choice, Kind.choices, Kind.number, Kind.plan, Kind.alias)
_FARTHEST = timedelta(days=366)
_LABEL = 90  # a longer question is quoted by its beginning
_MOST_WORDS = 7  # of a date and a time

_AROUND = re.compile(
    r"(?:(?P<n>\d{1,3})\s?(?P<unit>h|hrs?|hours?|heures?|mn|mins?|minutes?|d|days?|j|jours?)\s"
    r"|(?P<eve>the day\s|la veille\s))?"
    r"(?P<side>before|after|avant|apr[eè]s|de)"
    r"(?P<session>(?:\s(?:the|our|your|her|his|next|la|notre|votre|sa|prochaine))*\s(?:session|s[eé]ance))?(?=[\s:,.–-]|$)",
    re.IGNORECASE,
)  # fmt: skip
_SOON = re.compile(r"(?:in|dans)\s(?P<n>\d{1,3})\s?(?P<unit>min|minutes?|h|hours?|heures?)\s*[:,]", re.IGNORECASE)
_NOW = re.compile(r"(?:now|maintenant|tout de suite)\s*[:,]", re.IGNORECASE)
_AT = re.compile(r"(?:at|on|à|a|le|the)\s", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}(?:[:h]\d{2})[:,;]?", re.IGNORECASE)
_GONE = frozenset(["yesterday", "hier"])
_BULLET = re.compile(r"\s*(?:[-–—•*]|\d{1,2}[.)])\s+(?P<label>\S.*)")
_RATED = re.compile(r"\b0 ?(?:-|–|to|à) ?10\b")
_BEGINS = re.compile(
    r"(?:(?:in|dans) (?:\d{1,3}|an?|une?|two|deux) ?(?:min(?:ute)?s?|hours?|heures?|hrs?|h|days?|jours?|j|weeks?|semaines?)"
    r"|la veille(?: de la s[eé]ance)?|the day before(?: the session)?|tonight|ce (?:soir|matin)|cet apr[eè]s.midi"
    r"|this (?:morning|afternoon|evening)|(?:(?:apr[eè]s-)?demain|tomorrow|aujourd['’]hui|today)"
    r"(?: (?:matin|apr[eè]s.midi|soir|morning|afternoon|evening))?"
    rf"|(?:(?:on|le|next) )?(?:{alternatives(day for day in DAYS if len(day) > 4)})(?: prochain)?)(?![\w'’-])",
    re.IGNORECASE,
)  # fmt: skip
_TAG = re.compile(r"(?:^|\s)#(\S+)")


@dataclass(frozen=True)
class Timing:
    """When to ask: at once (nothing set), at a local time of the coach's, or around the next session."""

    at: datetime | None = None  # naive, the coach's wall clock
    is_before: bool | None = None
    hours: int = 0
    days: int = 0
    minutes: int = 0

    @property
    def is_around(self) -> bool:
        return self.is_before is not None

    @property
    def away(self) -> timedelta:
        """From the session."""
        return timedelta(days=self.days, hours=self.hours, minutes=self.minutes)


@dataclass(frozen=True)
class OwnQuestion:
    """What is asked and how it is answered; `at` (an instant) or the session says when."""

    ask: str
    kind: Kind = Kind.text
    options: tuple[str, ...] = ()
    unit: str = ""
    theme: str = "session"
    at: datetime | None = None
    is_before: bool | None = None
    hours: int = 0
    days: int = 0
    minutes: int = 0

    @property
    def timing(self) -> Timing:
        return Timing(self.at, self.is_before, self.hours, self.days, self.minutes)

    def timed(self, timing: Timing) -> "OwnQuestion":
        """The same question at this moment."""
        return replace(
            self, at=timing.at, is_before=timing.is_before, hours=timing.hours, days=timing.days, minutes=timing.minutes
        )

    @property
    def lacks(self) -> str | None:
        """What has to be written before it can be asked: options, unit, or nothing more."""
        if self.kind in (Kind.choice, Kind.choices) and not self.options:
            return "options"
        return "unit" if self.kind == Kind.number and not self.unit else None

    def kept(self) -> dict[str, Any]:
        """Ready to be sealed."""
        return {
            "ask": self.ask, "kind": self.kind, "options": self.options, "unit": self.unit, "theme": self.theme,
            "at": self.at.isoformat() if self.at else None, "before": self.is_before, "hours": self.hours,
            "days": self.days, "minutes": self.minutes,
        }  # fmt: skip

    @classmethod
    def opened(cls, kept: Mapping[str, Any]) -> "OwnQuestion":
        at = datetime.fromisoformat(kept["at"]) if kept["at"] else None
        return cls(
            kept["ask"], Kind(kept["kind"]), tuple(kept["options"]), kept["unit"], kept["theme"], at, kept["before"],
            kept["hours"], kept["days"], kept.get("minutes", 0),
        )  # fmt: skip


def read(text: str, now: datetime, say: Say) -> tuple[Timing | None, OwnQuestion] | Misread:
    """`Fri 9:00 How did it go?`, `2h before the session: ...`, or just the question; `now` is naive, local.

    No timing: none was written. Lines with a dash in front are the choices; `#boundaries` names the theme.
    """
    timing, rest = _timing(text.strip(), now)
    if timing is None and (misread := _mistimed(rest, say)) is not None:
        return misread
    theme, rest = _theme(rest)
    lines = rest.strip().splitlines()
    options = tuple(found["label"].strip() for line in lines if (found := _BULLET.fullmatch(line)))
    ask = "\n".join(line for line in lines if not _BULLET.fullmatch(line)).strip() if len(options) > 1 else rest.strip()
    if not ask:
        return Misread(say("Please add the question: /ask Jack Fri 9:00 How did it go with the rota?"))
    if len(ask) > LONGEST:
        return Misread(say("This is long for a phone. Please keep a question under {n} characters.", n=LONGEST))
    if timing is not None and timing.at is not None:
        day = f"{say.day(timing.at.date())} {timing.at.year}"
        moment = say("{day}, {time}", day=day, time=say.clock(timing.at.time()))
        if timing.at <= now:
            return Misread(say("{moment} has passed. Please give a later one.", moment=moment))
        if timing.at > now + _FARTHEST:
            return Misread(say("{moment} is too far away. Please check the year.", moment=moment))
    question = OwnQuestion(ask, Kind.scale if _RATED.search(ask) else Kind.text, theme=theme)
    if len(options) > 1:
        checked = with_options(replace(question, kind=Kind.choice), "\n".join(options), say)
        return checked if isinstance(checked, Misread) else (timing, checked)
    return timing, question


def unread_moment(own: OwnQuestion) -> str:
    """The words at the beginning of a question to be asked at once that may have been meant to say when."""
    found = _BEGINS.match(own.ask) if own.at is None and own.is_before is None else None
    return found[0] if found else ""


def with_options(question: OwnQuestion, text: str, say: Say) -> OwnQuestion | Misread:
    """The choices, one per line."""
    labels: dict[str, str] = {}
    for line in text.splitlines():
        found = _BULLET.fullmatch(line)
        if label := " ".join((found["label"] if found else line).split()):
            labels.setdefault(folded(label), label)
    if not FEWEST_OPTIONS <= len(labels) <= MOST_OPTIONS:
        return Misread(say("Please write {a} to {b} choices, one per line.", a=FEWEST_OPTIONS, b=MOST_OPTIONS))
    long = next((label for label in labels.values() if len(label) > LONGEST_OPTION), None)
    if long is not None:
        return Misread(
            say("“{label}” does not fit on a button. Please keep each under {n} characters.",
                label=f"{long[:LONGEST_OPTION]}…", n=LONGEST_OPTION)
        )  # fmt: skip
    return replace(question, options=tuple(labels.values()))


def sequence_of(own: OwnQuestion) -> Sequence:
    """The question as a sequence of one step, so that everything else treats it like any other."""
    title = {code: Say(code)("From your coach") for code in LANGUAGES}
    nothing = dict.fromkeys(LANGUAGES, "")
    short = own.ask if len(own.ask) <= _LABEL else own.ask[: _LABEL - 1].rstrip() + "…"
    question = Question(
        key=QUESTION, kind=own.kind, ask=dict.fromkeys(LANGUAGES, own.ask), short=dict.fromkeys(LANGUAGES, short),
        options=tuple(Option(f"o{n}", dict.fromkeys(LANGUAGES, label)) for n, label in enumerate(own.options, start=1)),
        unit=dict.fromkeys(LANGUAGES, own.unit) if own.unit else None,
        sharing=Sharing.private if own.kind == Kind.number else Sharing.words,  # as everywhere: amounts start closed
    )  # fmt: skip
    step = Step(STEP, own.theme, _when(own), (question,), nothing, "", 2, "", "")
    return Sequence(NAME, title, nothing, (step,), "", "")


def _when(own: OwnQuestion) -> Once | AroundSession:
    if own.is_before is None:
        assert own.at is not None, "it is written down when it is sent off"
        return Once(own.at)
    return AroundSession(own.is_before, hours=own.hours, days=own.days, minutes=own.minutes, first=1, last=1)


def _theme(text: str) -> tuple[str, str]:
    """A theme written as a tag, in either language, and the words without it."""
    for found in _TAG.finditer(text):
        if theme := emphasis.theme_of(re.sub(r"[_-]", " ", found[1].rstrip(".,;:!?"))):
            return theme, (text[: found.start()] + text[found.end() :]).strip()
    return "session", text


def _timing(text: str, now: datetime) -> tuple[Timing | None, str]:
    if found := _AROUND.match(text):
        side = found["side"].casefold()
        is_told = text[found.end() :].lstrip().startswith(":")  # "After the session with Tom, ..." is no timing
        is_plain = sum(map(bool, (found["n"], found["session"], is_told))) >= 2  # "30 min before: ..."
        if is_plain and (side == "de") == bool(found["eve"] and found["eve"].casefold().startswith("la veille")):
            return _around(found, side), _rest(text, found.end())
    if found := _SOON.match(text):
        minutes = int(found["n"]) * (1 if found["unit"].casefold().startswith("min") else 60)
        return Timing(at=now + timedelta(minutes=minutes)), _rest(text, found.end())
    if found := _NOW.match(text):
        return Timing(), _rest(text, found.end())
    return _clock(text, now)


def _around(found: re.Match[str], side: str) -> Timing:
    is_before = side in ("before", "avant", "de")
    if found["eve"]:
        return Timing(is_before=is_before, days=1)
    amount = int(found["n"] or (2 if is_before else 1))
    match (found["unit"] or "h")[0].casefold():
        case "d" | "j":
            return Timing(is_before=is_before, days=amount)
        case "m":
            return Timing(is_before=is_before, minutes=amount)
    return Timing(is_before=is_before, hours=amount)


def _clock(text: str, now: datetime) -> tuple[Timing | None, str]:
    """A day and a time, or a time, at the beginning; the longest that can be read as one."""
    words = list(re.finditer(r"\S+", text.splitlines()[0] if text else ""))
    for count in range(min(_MOST_WORDS, len(words)), 0, -1):
        end = words[count - 1].end()
        if (at := _moment(text[:end].rstrip(":,;"), now)) is not None:
            return Timing(at=at), _rest(text, end)
    return None, text


def _mistimed(text: str, say: Say) -> Misread | None:
    """`Fri 25:00 How ...?`, `32 Oct 9:00 ...`, `yesterday 9:00 ...`: meant as a moment, and none that can be kept."""
    words = (text.splitlines() or [""])[0].split()
    place = next((n for n, word in enumerate(words[:_MOST_WORDS]) if _CLOCK.fullmatch(word)), None)
    if place is None or not all(_is_of_a_date(word) for word in words[:place]):
        return None
    clock, written = words[place].rstrip(":,;"), " ".join(words[: place + 1]).rstrip(":,;")
    if parse_time(clock) is None:
        return Misread(say("“{words}” is not a time of day.", words=clock))
    if folded(words[0]).strip(".,") in _GONE:
        return Misread(say("{moment} has passed. Please give a later one.", moment=f"“{written}”"))
    return Misread(say("“{words}” is not a date.", words=" ".join(words[:place])))


def _is_of_a_date(word: str) -> bool:
    form = folded(word).strip(".,")
    return form in DAYS or form in MONTHS or form in _GONE or re.fullmatch(r"[\d/.-]+(?:st|nd|rd|th|er)?", form) is not None


def _moment(text: str, now: datetime) -> datetime | None:
    """Never a day alone: "Mon" is French for "my"."""
    text = _AT.sub("", " ".join(text.split()), count=1) if _AT.match(text) else " ".join(text.split())
    if (weekly := parse_weekday_time(text)) is not None and "prochain" not in folded(text):
        day = now.date() + timedelta(days=(weekly[0] - now.weekday()) % 7)
        at = datetime.combine(day, weekly[1])
        return at if at > now else at + timedelta(days=7)
    if (clock := parse_time(text)) is not None and re.search(r"\D", text):
        at = datetime.combine(now.date(), clock)
        return at if at > now else at + timedelta(days=1)
    return _dated(text, now) or parse_moment(text, now)


def _dated(text: str, now: datetime) -> datetime | None:
    words = text.split()
    if words and folded(words[0]).strip(".,") in DAYS and len(words) > 2:  # Fri 16 Oct 9:00
        words = words[1:]
    for cut in range(len(words) - 1, 0, -1):
        tail = words[cut + 1 :] if words[cut].casefold() in ("at", "à", "a") else words[cut:]
        day, clock = parse_date(" ".join(words[:cut]), now.date()), parse_time(" ".join(tail))
        if day is not None and clock is not None:
            return datetime.combine(day, clock)
    return None


def _rest(text: str, start: int) -> str:
    return text[start:].lstrip(" \t\u00a0\u202f:,;–-")  # French has a no-break space before a colon
