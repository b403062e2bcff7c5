"""What Alice reads: her leaders' words in their own order, numbers against their own past, and nothing that is not hers."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.brief import Brief, Brought, Rating
from bot.domain.brief_words import agenda_blocks, brief_blocks
from bot.domain.heard import Heard, Said
from bot.domain.measures import Reading, Standing, change, standing
from bot.domain.spans import ENDLESS
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


def read(made: Brief, say: Say = EN) -> str:
    return "\n\n".join(part.text for part in messages(brief_blocks(made, say, NAMES)))


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


def test_whoever_pauses_or_cannot_be_reached_is_said_to_do_so_at_the_head_of_a_brief_and_of_an_agenda() -> None:
    brought = (Brought(theme="team"),)
    back = datetime(2026, 10, 22, 7, 0, tzinfo=UTC)
    paused = brief(Heard(), paused_until=back, brought=brought)
    blocked = brief(Heard(), is_unreachable=True, brought=brought)
    head, first = (messages(agenda_blocks(made, EN, NAMES))[0] for made in (paused, blocked))

    assert read(paused).split("\n")[2] == "They have paused; questions start again on Thursday 22 October."
    assert head.text.split("\n")[1] == "They have paused; questions start again on Thursday 22 October."
    assert first.text.split("\n")[1] == "They cannot be reached here at the moment, so nothing is asked."
    assert "They have paused, without an end." in read(brief(Heard(), paused_until=ENDLESS))


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


def test_a_number_they_bring_says_what_it_is_and_a_question_only_what_it_is_about() -> None:
    number = Said(MON, "boundaries", "Saying no", "3", "", is_measure=True)
    points = (Brought(number), Brought(theme="session", is_prompt=True), Brought(theme="team", is_prompt=True))

    text = read(brief(Heard(), brought=points))

    assert "1. Mon 5 Oct · Saying no\n3 on a scale from 0 to 10" in text
    assert "2. A question they would rather talk about.\n" in text
    assert "3. A question they would rather talk about: team." in text


def test_a_marked_change_that_was_told_before_has_its_day() -> None:
    values = tuple(Reading(NOW - timedelta(weeks=n), v) for n, v in zip(range(7, 1, -1), (7, 7, 7, 7, 3, 3), strict=True))
    marked, stands = change("team", values, NOW), standing("team", values)
    assert marked is not None
    assert stands is not None

    text = read(brief(Heard(), ratings=(Rating(stands, date(2026, 9, 24), is_new=False, change=marked),)))

    assert "(usually 7), on Thu 24 Sep" in text


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
