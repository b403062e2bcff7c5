"""What Alice reads: her leaders' words in their own order, numbers against their own past, and nothing that is not hers."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.brief import Brief, Rating, brief_blocks
from bot.domain.digest import LeaderWeek, WeeklyDigest, digest_blocks, next_digest
from bot.domain.heard import Heard, Said
from bot.domain.measures import Standing
from bot.domain.schedule import local, zone_names
from bot.domain.text import Message, messages, units
from bot.i18n import Say

NAMES = {"team": "team", "peers": "peers", "moment": "written unasked", "lightness": "lightness"}
NOW = datetime(2026, 10, 8, 7, 0, tzinfo=UTC)  # Thursday 08:00 in London
SESSION = NOW + timedelta(hours=2)
MON, TUE, WED = date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 7)
EN, FR = Say("en"), Say("fr")


def brief(heard: Heard, **changes: object) -> Brief:
    known: dict[str, object] = {
        "leader": "Anna", "zone": "Europe/London", "starts_at": SESSION, "more": 0, "since": None, "cut_at": NOW,
        "organisation": "", "role": "", "heard": heard, "last_answered_at": None,
    }  # fmt: skip
    return Brief(**{**known, **changes})


def week(name: str, heard: Heard = Heard(), **changes: object) -> LeaderWeek:  # noqa: B008  # frozen
    known: dict[str, object] = {
        "last_answered_at": NOW, "next_session": SESSION, "is_unreachable": False, "is_paused": False,
    }  # fmt: skip
    return LeaderWeek(name=name, heard=heard, **{**known, **changes})


def read(made: Brief, say: Say = EN) -> str:
    return "\n\n".join(part.text for part in messages(brief_blocks(made, say, NAMES)))


def read_digest(*weeks: LeaderWeek, say: Say = EN) -> str:
    digest = WeeklyDigest("Europe/London", NOW, weeks)
    return "\n\n".join(part.text for part in messages(digest_blocks(digest, say, NAMES)))


def said(words: str, day: date = MON, theme: str = "team", value: str = "", question: str | None = "Q?") -> Said:
    return Said(day, theme, question, value, words)


def quoted(made: Message) -> list[str]:
    raw = made.text.encode("utf-16-le")
    return [
        raw[2 * e.offset : 2 * (e.offset + e.length)].decode("utf-16-le") for e in made.entities if "quote" in e.type
    ]


def test_the_brief_begins_with_who_and_when_on_the_coachs_clock() -> None:
    made = brief(Heard(), zone="Europe/Paris", role="Team lead", organisation="Northgate", more=5)

    assert read(made).startswith(
        "Anna · Thursday 8 October, 11:00\nTeam lead · Northgate\nSession 1. 5 more sessions are planned after it."
    )


def test_words_stand_as_they_were_written_under_their_day_and_question() -> None:
    heard = Heard(said=(said("  I *said* no\n\nand <b>nothing</b> broke ", TUE),), asked=1, answered=1)

    [made] = messages(brief_blocks(brief(heard), EN, NAMES))

    assert quoted(made) == ["  I *said* no\n\nand <b>nothing</b> broke "]
    assert "Tue 6 Oct · Q?\n" in made.text


def test_a_brief_goes_by_theme_in_the_order_in_which_anna_came_to_them() -> None:
    heard = Heard(said=(said("p1", MON, "peers"), said("t1", TUE, "team"), said("p2", WED, "peers")))

    [made] = messages(brief_blocks(brief(heard), EN, NAMES))

    assert quoted(made) == ["p1", "p2", "t1"]
    assert made.text.index("Peers") < made.text.index("p1") < made.text.index("Team") < made.text.index("t1")


def test_a_digest_keeps_annas_own_order() -> None:
    heard = Heard(said=(said("p1", MON, "peers"), said("t1", TUE, "team"), said("p2", WED, "peers")))

    [made] = messages(digest_blocks(WeeklyDigest("Europe/London", NOW, (week("Anna", heard),)), EN, NAMES))

    assert quoted(made) == ["p1", "t1", "p2"]


def test_a_tapped_choice_and_the_words_beside_it_are_both_there() -> None:
    assert "Partly\nonly with Sam" in read(brief(Heard(said=(said("only with Sam", value="Partly"),))))


def test_a_number_without_words_stands_among_the_measures_only() -> None:
    number = Said(MON, "lightness", "How light?", "4", "", is_measure=True)
    ratings = (Rating(Standing("lightness", 4, (6, 5), None), MON),)

    text = read(brief(Heard(said=(number,)), ratings=ratings))

    assert "lightness: 4 (before: 6, 5)" in text
    assert "How light?" not in text


def test_a_number_with_words_shows_the_words() -> None:
    number = Said(MON, "lightness", "How light?", "4", "the quarter is closing", is_measure=True)

    assert "4\nthe quarter is closing" in read(brief(Heard(said=(number,))))


@pytest.mark.parametrize(("say", "usual"), [(EN, "6.5"), (FR, "6,5")])
def test_a_half_is_written_as_the_reader_writes_it(say: Say, usual: str) -> None:
    ratings = (Rating(Standing("lightness", 4, (6, 7, 6), 6.5), MON),)

    assert usual in read(brief(Heard(private=1), ratings=ratings), say)


def test_what_is_kept_private_is_a_number_and_a_topic_is_its_name_once() -> None:
    text = read(brief(Heard(topics=("peers", "team", "peers"), private=2)))

    assert "Shared as a topic, without words: peers and team." in text
    assert "2 answers are kept private." in text


def test_an_open_question_is_not_counted_as_a_silence() -> None:
    assert "Asked 3, answered 1. 1 is still open." in read(brief(Heard(asked=3, answered=1, open=1)))


def test_a_leader_who_said_nothing_is_said_to_have_said_nothing() -> None:
    never = read(brief(Heard(asked=1)))
    lately = read(brief(Heard(asked=1), last_answered_at=NOW - timedelta(days=3)))

    assert "Nothing has been answered yet." in never
    assert "Nothing since Monday 5 October." in lately


def test_a_french_brief_is_french() -> None:
    heard = Heard(said=(said("non"),), topics=("peers",), private=2, asked=3, answered=2, open=1)

    text = read(brief(heard, more=2, since=NOW - timedelta(days=7)), FR)

    assert "jeudi 8 octobre" in text
    english = ("Asked", "kept private", "still open", "Shared", "From ", "until", "more session", "Thursday")
    assert not [word for word in english if word in text]


def test_three_pages_of_words_are_split_between_answers() -> None:
    heard = Heard(said=tuple(said(f"{number} " + "word " * 300, MON) for number in range(9)))

    made = messages(brief_blocks(brief(heard), EN, NAMES), protected=True)

    assert all(units(part.text) <= 4096 and part.protected for part in made)
    assert [words.split()[0] for part in made for words in quoted(part)] == [str(number) for number in range(9)]


def test_a_digest_with_nothing_to_say_is_empty() -> None:
    assert WeeklyDigest("Europe/London", NOW, ()).is_empty
    assert WeeklyDigest("Europe/London", NOW, (week("Anna"), week("Ben", is_paused=True))).is_empty


@pytest.mark.parametrize(
    "leader",
    [
        week("Anna", Heard(asked=1)),
        week("Anna", Heard(said=(said("yes"),))),
        week("Anna", Heard(topics=("peers",))),
        week("Anna", Heard(private=1)),
        week("Anna", is_unreachable=True),
    ],
)
def test_anything_to_say_makes_a_digest(leader: LeaderWeek) -> None:
    assert not WeeklyDigest("Europe/London", NOW, (week("Ben"), leader)).is_empty


def test_silent_and_unreachable_leaders_and_missing_sessions_come_first_by_name() -> None:
    text = read_digest(
        week("Anna", Heard(asked=2, answered=2)),
        week("Ben", Heard(asked=2), last_answered_at=NOW - timedelta(days=8)),
        week("Cleo", is_unreachable=True),
        week("Dan", Heard(asked=1), last_answered_at=None, next_session=None),
    )
    attention = text[text.index("Needs attention") : text.index("Anna ·")]

    assert "Ben has been silent since Wednesday 30 September." in attention
    assert "Cleo cannot be reached" in attention
    assert "Dan has not answered yet." in attention
    assert "Dan has no next session." in attention
    assert "Anna" not in attention


def test_a_pause_is_no_silence() -> None:
    text = read_digest(week("Ben", Heard(asked=2), last_answered_at=None, is_paused=True))

    assert "has not answered" not in text
    assert "paused" in text


def test_a_question_that_is_still_open_is_no_silence() -> None:
    """Asked on Friday at half past five, it stays open until Monday at half past five; the digest comes before."""
    text = read_digest(week("Ben", Heard(asked=1, open=1), last_answered_at=None))

    assert "has not answered" not in text


ZONES = st.sampled_from(sorted(zone_names()))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))
CLOCKS = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(MOMENTS, st.integers(0, 6), CLOCKS, ZONES)
def test_the_next_digest_is_within_a_week_on_its_day(after: datetime, day: int, at: time, zone: str) -> None:
    due = next_digest(after, day, at, zone)

    assert after < due <= after + timedelta(days=8)
    assert local(due, zone).weekday() == day or local(due, zone).time() < at  # a gap may push it over midnight


@given(st.integers(0, 6), CLOCKS)
def test_a_year_of_digests_in_london_is_one_a_week_at_the_same_hour(day: int, at: time) -> None:
    found = [datetime(2026, 1, 1, tzinfo=UTC)]
    while len(found) < 53:
        found.append(next_digest(found[-1], day, at, "Europe/London"))
    dates = [local(due, "Europe/London").date() for due in found[1:]]

    assert all(later - earlier == timedelta(days=7) for earlier, later in pairwise(dates))
