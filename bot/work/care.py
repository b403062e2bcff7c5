"""Where to turn when it cannot wait. Always answers, for anyone, also when the database is down; nothing is stored."""

from dataclasses import dataclass

from bot.domain.text import Block, Message, bold, message, plain
from bot.i18n import Say


@dataclass(frozen=True)
class Line:
    """One number. `source` and `verified_on` say where it is published and when somebody last looked."""

    country: str
    number: str
    what: str
    source: str
    verified_on: str


LINES = (
    Line("GB", "999", "emergency", "nhs.uk, where to get urgent help for mental health", "2026-11-21"),
    Line("GB", "111, option 2", "crisis", "nhs.uk, where to get urgent help for mental health", "2026-11-21"),
    Line("GB", "116 123", "Samaritans", "samaritans.org, contact a Samaritan", "2026-11-21"),
    Line("GB", "text SHOUT to 85258", "Shout", "giveusashout.org, get help", "2026-11-21"),
    Line("FR", "15 / 112", "emergency", "sante.fr, urgences", "2026-11-21"),
    Line("FR", "3114", "suicide", "3114.fr", "2026-11-21"),
    Line("FR", "09 72 39 40 50", "SOS Amitié", "sos-amitie.com", "2026-11-21"),
)
ELSEWHERE = "findahelpline.com"


def urgent_message(say: Say) -> Message:
    """The same for everybody, needing nothing: no person, no database."""
    blocks: list[Block] = [
        plain(say("I'm a bot and nobody is reading this right now. These people are there, day and night:")),
        _country(say, "GB", say("United Kingdom")),
        _country(say, "FR", say("France")),
        plain(say("Anywhere else: {site}", site=ELSEWHERE)),
    ]
    if say.language == "fr":
        blocks[1], blocks[2] = blocks[2], blocks[1]
    return message(*blocks)


def _country(say: Say, code: str, name: str) -> Block:
    lines = [
        say("{what}: {number}", what=_what(say, line.what), number=_number(say, line.number))
        for line in LINES
        if line.country == code
    ]
    return bold(name) + plain("\n" + "\n".join(lines))


def _what(say: Say, what: str) -> str:
    return {
        "emergency": say("In danger now"),
        "crisis": say("NHS mental health crisis line"),
        "suicide": say("Suicide prevention line"),
    }.get(what, what)


def _number(say: Say, number: str) -> str:
    return say("text SHOUT to 85258") if number.startswith("text") else number
