"""A whole brief as Alice reads it, in both languages: what comes first, in which words, and nothing that is not hers."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from goldens import assert_golden

from bot.domain.brief import Brief, Brought, Held, Noted, Promised, Rating
from bot.domain.brief_words import agenda_blocks, brief_blocks
from bot.domain.checkpoint import Checkpoint
from bot.domain.heard import Heard, Said, Spoken
from bot.domain.hours import Hours
from bot.domain.measures import Reading, change, standing
from bot.domain.silences import Prompt, Silences
from bot.domain.text import Message, messages
from bot.i18n import Say
from bot.work.hearing import names

NOW = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)  # Thursday
SINCE = datetime(2026, 11, 12, 8, 0, tzinfo=UTC)
LANGUAGES = pytest.mark.parametrize("say", [Say("en"), Say("fr")], ids=["en", "fr"])
HOURS = Hours("Europe/London", time(8), time(19), country="GB")

WIN = {"en": "I spoke up · I had prepared", "fr": "J’ai pris la parole · Je m’étais préparé"}
ASKED = {
    "moment": {"en": "One moment this week", "fr": "Un moment de la semaine"},
    "line": {"en": "A line that was tested", "fr": "Une limite mise à l’épreuve"},
    "light": {"en": "How light", "fr": "Légèreté"},
    "promise": {"en": "An if-then plan", "fr": "Un plan si… alors"},
    "outcome": {"en": "How a plan went", "fr": "La suite d’un plan"},
    "did": {"en": "Partly", "fr": "En partie"},
    "win": {"en": "A win", "fr": "Une réussite"},
    "reply": {"en": "In reply to your note", "fr": "En réponse à votre mot"},
    "dip": {"en": "What changed in own work", "fr": "Ce qui a changé"},
}


def day(number: int) -> date:
    return date(2026, 11, number)


def at(number: int, hour: int = 17, minute: int = 30) -> datetime:
    return datetime(2026, 11, number, hour, minute, tzinfo=UTC)


def key(number: int) -> UUID:
    return UUID(int=number)


def weekly(*values: int) -> list[Reading]:
    first = at(17) - timedelta(weeks=len(values) - 1)
    return [Reading(first + timedelta(weeks=number), value) for number, value in enumerate(values)]


def rating(measure: str, *values: int, is_new: bool = True) -> Rating:
    readings, known = weekly(*values), standing(measure, weekly(*values))
    assert known is not None
    return Rating(known, day(17 if is_new else 10), is_new, change(measure, readings, NOW))


def whole(say: Say) -> Brief:
    """Jack's third session, with something in every place."""
    asked = {name: words[say.language] for name, words in ASKED.items()}
    pub = Said(day(13), "team", asked["moment"], "", "I went to the pub and left after one. Nobody minded.", id=key(1))
    line = Said(
        day(16), "boundaries", asked["line"], "", "Sam rang at nine at night. " + "I let it ring and it was odd. " * 12,
        voices=(Spoken(key(20), 42),), id=key(2),
    )  # fmt: skip
    light = Said(day(17), "lightness", asked["light"], "4", "the quarter is closing", is_measure=True, id=key(3))
    number = Said(day(17), "own-work", asked["light"], "4", "", is_measure=True, id=key(4))
    plan = Said(day(12), "team", asked["promise"], "When Sam jokes,\nI will joke back.", "", id=key(5), kind="answer")
    outcome = Said(day(14), "team", asked["outcome"], asked["did"], "once, then I froze", id=key(6), kind="outcome")
    win = Said(day(13), "team", asked["win"], WIN[say.language], "The pelican", id=key(7), kind="win")
    reply = Said(day(15), "team", asked["reply"], "", "Yes, that is it.", id=key(8), kind="reply")
    dip = Said(day(16), "own-work", asked["dip"], "", "I answer everybody first and bill last.", id=key(9))
    told = Said(day(2), "team", asked["moment"], "", "They laughed and then went quiet.", id=key(10))
    return Brief(
        leader="Jack", zone="Europe/London", starts_at=NOW + timedelta(hours=2), more=3, since=SINCE, cut_at=NOW,
        organisation="Northgate", role="Team lead", last_answered_at=at(17), number=3, agreed=6,
        heard=Heard((replace(pub, is_pinned=True), line, light, number, outcome, win, reply, dip), ("peers",), 2,
                    asked=6, answered=2, open=1),
        brought=(Brought(replace(pub, is_pinned=True)), Brought(theme="peers"), Brought()),
        promised=(Promised(plan, "told", day(14), outcome),
                  Promised(replace(plan, id=key(11), day=day(16)), "open", day(23))),
        ratings=(rating("team", 6, 7, is_new=False), rating("own-work", 7, 7, 7, 8, 7, 4, 4),
                 rating("lightness", 6, 6, 7, 6, 4)),
        checkpoint=Checkpoint(4, date(2026, 9, 1), tuple(weekly(7, 7, 7)), tuple(weekly(4, 4)), (dip,), at(16)),
        silences=Silences(_prompts(asked), HOURS, frozenset({day(12)}), SINCE),
        hypotheses=(Held("Thinks that a leader may not joke", (told, pub), (win,)), Held("Pleases everybody")),
        notes=(Noted(day(12), "Ask about the drinks on Thursday."),),
    )  # fmt: skip


def _prompts(asked: dict[str, str]) -> tuple[Prompt, ...]:
    def prompt(number: int, state: str, label: str, hour: int = 17, **more: object) -> Prompt:
        return Prompt(asked[label], at(number, hour), at(number, hour), at(number, hour) + timedelta(days=1), state, **more)

    return (
        prompt(11, "answered", "moment"),  # before the span: it only says how crowded the days were
        prompt(12, "missed", "line", 12),
        prompt(13, "missed", "light", 18),
        prompt(14, "answered", "moment"),
        prompt(16, "skipped", "promise"),
        prompt(18, "asked", "moment"),
        Prompt(asked["moment"], at(17), None, None, "not_asked", "another was open"),
        Prompt(asked["moment"], at(17), None, None, "not_asked", "condition"),
        Prompt(asked["moment"], at(18), None, None, "expired", "late"),
    )


def read(brief: Brief, say: Say) -> list[Message]:
    return messages(brief_blocks(brief, say, names(say)), protected=True)


@LANGUAGES
def test_a_whole_brief(say: Say) -> None:
    assert_golden(f"brief_whole.{say.language}", read(whole(say), say))


@LANGUAGES
def test_what_jack_brings_a_day_ahead(say: Say) -> None:
    shown = messages(agenda_blocks(whole(say), say, names(say)), protected=True)

    assert_golden(f"brief_a_day_ahead.{say.language}", shown)


@LANGUAGES
def test_a_brief_in_which_there_is_hardly_anything(say: Say) -> None:
    brief = Brief(
        leader="Jack", zone="Europe/London", starts_at=NOW + timedelta(hours=2), more=0, since=None, cut_at=NOW,
        organisation="", role="", heard=Heard(asked=1, open=1), last_answered_at=None, number=1, agreed=6,
        silences=Silences((Prompt("Q", at(18), at(18), at(19), "asked"),), HOURS),
    )  # fmt: skip

    assert_golden(f"brief_bare.{say.language}", read(brief, say))


def test_the_same_values_give_the_same_text() -> None:
    say = Say("en")

    assert read(whole(say), say) == read(whole(say), say)


def test_with_nothing_brought_and_nothing_promised_there_is_no_message_a_day_ahead() -> None:
    say = Say("en")

    assert agenda_blocks(replace(whole(say), brought=(), promised=()), say, names(say)) == []


def test_every_answer_is_quoted_once_outside_of_the_hypotheses_and_every_quote_can_be_answered() -> None:
    say = Say("en")
    brief = replace(whole(say), hypotheses=())
    blocks = brief_blocks(brief, say, names(say))
    refs = [ref for block in blocks for ref in block.refs]

    assert sorted(refs) == sorted({ref for said in brief.every_said for ref in said.refs})
