"""What Alice reads on Monday: whom to think of first, everybody in a few lines, and nothing that is not hers."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from goldens import assert_golden
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.checkpoint import Checkpoint
from bot.domain.digest import LeaderWeek, Unsent, WeeklyDigest, best, digest_blocks, digest_sections, next_digest
from bot.domain.heard import Heard, Said, Spoken
from bot.domain.measures import Change, Reading, change, standing
from bot.domain.schedule import local, zone_names
from bot.domain.text import MOST_ENTITIES, messages
from bot.i18n import Say
from bot.work.hearing import names

NOW = datetime(2026, 11, 16, 8, 30, tzinfo=UTC)  # Monday
MON, TUE, WED, FRI = date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 13)
EN = Say("en")
LANGUAGES = pytest.mark.parametrize("say", [Say("en"), Say("fr")], ids=["en", "fr"])


def week(name: str, heard: Heard = Heard(), **changes: object) -> LeaderWeek:  # noqa: B008  # frozen
    known: dict[str, object] = {
        "last_answered_at": NOW, "next_session": NOW + timedelta(days=3), "is_unreachable": False, "is_paused": False,
    }  # fmt: skip
    return LeaderWeek(name=name, heard=heard, **{**known, **changes})


def said(words: str, day: date = MON, *, number: int = 0, value: str = "", **more: object) -> Said:
    return Said(day, "team", "Q?", value, words, id=UUID(int=number) if number else None, **more)


def read(*weeks: LeaderWeek, say: Say = EN) -> str:
    made = messages(digest_blocks(WeeklyDigest("Europe/London", NOW, weeks), say, names(say)))
    return "\n\n".join(part.text for part in made)


def weekly(*values: int) -> list[Reading]:
    first = datetime(2026, 11, 13, 17, 30, tzinfo=UTC) - timedelta(weeks=len(values) - 1)
    return [Reading(first + timedelta(weeks=number), value) for number, value in enumerate(values)]


# the best of their own words


def test_what_a_leader_brings_to_the_session_is_quoted_before_anything_longer() -> None:
    brought = said("the rota", number=1, is_pinned=True)

    assert best([said("a long story about the rota", number=2), brought, said("", number=3, value="Over coffee")]) is brought


def test_else_the_longest_of_their_own_words_is_quoted_and_of_equals_the_later() -> None:
    tapped = said("", number=1, value="Between the desks, over coffee, and at lunch")
    forwarded = said("ab", number=2, forwarded="somebody else's words are as long as they like")
    first, second = said("abcd", number=3), said("wxyz", TUE, number=4)

    assert best([tapped, forwarded, first, second]) is second
    assert best([tapped, forwarded]) is forwarded
    assert best([tapped]) is tapped


def test_a_voice_stands_for_words_where_there_are_none_and_a_bare_number_never_does() -> None:
    spoken = said("", number=1, voices=(Spoken(UUID(int=9), 30),))
    passed_on = said("", number=2, voices=(Spoken(UUID(int=8), 90, is_forwarded=True),))
    number = said("", number=3, value="7", is_measure=True)

    assert best([passed_on, spoken, number]) is spoken
    assert best([number]) is None
    assert best([]) is None


@given(st.lists(st.tuples(st.text(max_size=12), st.booleans()), min_size=1, max_size=6))
def test_the_words_are_never_rewritten_whatever_they_are(written: list[tuple[str, bool]]) -> None:
    heard = Heard(said=tuple(said(text, number=n + 1, is_pinned=pin) for n, (text, pin) in enumerate(written)))
    chosen = best(heard.said)
    assert chosen is not None

    [made] = messages(digest_blocks(WeeklyDigest("Europe/London", NOW, (week("Anna", heard),)), EN, names(EN)))

    assert chosen.words in made.text
    assert chosen.id in made.refs
    assert week("Anna", heard).rest == len(written) - 1


def test_only_the_answers_that_are_shown_are_told_as_shown() -> None:
    number = said("", FRI, number=4, value="7", is_measure=True)
    known = standing("team", weekly(6, 7))
    assert known is not None
    heard = Heard((said("short", number=1), said("the longest of them", number=2), number), standings=(known,))

    [_, anna, _] = digest_sections(WeeklyDigest("Europe/London", NOW, (week("Anna", heard),)), EN, names(EN))

    assert {ref.int for block in anna.blocks for ref in block.refs} == {2, 4}
    assert anna.week is not None
    assert anna.week.rest == 1
    assert anna.week.has_more


# needs attention


def test_silent_and_unreachable_leaders_and_missing_sessions_come_first_by_name() -> None:
    text = read(
        week("Anna", Heard(asked=2, answered=2)),
        week("Ben", Heard(asked=2), last_answered_at=NOW - timedelta(days=8), unanswered=2),
        week("Cleo", is_unreachable=True, next_session=None),
        week("Dan", Heard(asked=2), last_answered_at=None, next_session=None, unanswered=2),
        week("Eve", next_session=None, session_may_wait=True),
    )
    attention = text[text.index("Needs attention") : text.index("Anna ·")]

    assert attention.split("\n")[1:-2] == [
        "Ben has been silent for 8 days, since Sunday 8 November.",
        "Cleo cannot be reached: the bot is blocked or the account is gone.",
        "Dan has not answered yet.",
        "Cleo and Dan have no next session.",
    ]


def test_the_worst_fall_comes_first_and_a_rise_stands_in_the_leaders_own_lines() -> None:
    def marked(measure: str, *values: int) -> Change:
        found = change(measure, weekly(*values), NOW)
        assert found is not None
        return found

    rise, fall = marked("boundaries", 2, 3, 2, 5, 5), marked("team", 7, 7, 7, 5, 5)
    now = standing("boundaries", weekly(2, 3, 2, 5, 5)), standing("team", weekly(7, 7, 7, 5, 5))
    heard = Heard((said("", value="5", is_measure=True),), standings=tuple(filter(None, now)))

    text = read(
        week("Anna", is_unreachable=True), week("Mia", heard, changes=(rise, fall)),
        week("Jack", changes=(marked("own-work", 8, 8, 7, 4, 3),)),
    )  # fmt: skip

    assert text.split("Needs attention\n")[1].splitlines()[:3] == [
        "Jack · own work: 8, 8, 7 → 4, 3 over three weeks (usually 8)",
        "Mia · team: 7, 7, 7 → 5, 5 over three weeks (usually 7)",
        "Anna cannot be reached: the bot is blocked or the account is gone.",
    ]
    assert text.split("── Mia")[1].splitlines()[1:3] == [
        "team: 5 (usually 7)", "boundaries: 2, 3, 2 → 5, 5 over three weeks (usually 2)",
    ]  # fmt: skip


def test_until_it_is_known_what_is_usual_a_rating_stands_beside_those_before_it() -> None:
    now = standing("team", weekly(6, 5, 3))
    assert now is not None

    text = read(week("Jack", Heard((said("", value="3", is_measure=True),), standings=(now,))))

    assert "team: 3 (before: 6, 5)" in text


def test_one_question_that_went_by_and_the_days_of_a_pause_are_no_silence() -> None:
    long_ago, back = NOW - timedelta(days=17), NOW - timedelta(days=3)

    assert "silent" not in read(week("Ben", Heard(asked=2), last_answered_at=long_ago, unanswered=1))
    assert "silent" not in read(
        week("Ben", Heard(asked=2), last_answered_at=long_ago, quiet_since=back, unanswered=2)
    )
    assert "Ben has been silent for 9 days, since Saturday 7 November." in read(
        week("Ben", Heard(asked=2), last_answered_at=long_ago, quiet_since=NOW - timedelta(days=9), unanswered=2)
    )


def test_a_marked_fall_is_told_in_one_sentence_with_its_numbers() -> None:
    marked = change("own-work", weekly(7, 7, 7, 6, 4, 4), NOW)
    assert marked is not None

    assert "Jack · own work: 7, 7, 6 → 4, 4 over three weeks (usually 7)" in read(week("Jack", changes=(marked,)))


def test_what_could_not_be_sent_is_said_with_the_reason() -> None:
    text = read(week("Jack", unsent=(Unsent(True, 2, "down"), Unsent(False, 1, "refused"))))

    assert "2 questions did not reach Jack: the service was down at its time." in text
    assert "1 message did not reach Jack: Telegram refused it." in text


def test_a_pause_is_no_silence() -> None:
    until = NOW + timedelta(days=2)
    text = read(week("Ben", Heard(asked=2), last_answered_at=None, unanswered=2, is_paused=True, paused_until=until))

    assert "has not answered" not in text
    assert "paused until Wednesday 18 November" in text
    assert "Wednesday 18 November: Ben is back from a pause" in text


def test_a_question_that_is_still_open_is_no_silence() -> None:
    """Asked on Friday at half past five, it stays open until Monday at half past five; the digest comes before."""
    assert "has not answered" not in read(week("Ben", Heard(asked=1, open=1), last_answered_at=None))


# the rest of it


def test_what_went_by_is_a_fact_about_the_schedule_on_the_leaders_own_clock() -> None:
    heard = Heard(asked=3, answered=1, open=1)
    text = read(week("Jerome", heard, missed=(datetime(2026, 11, 10, 16, 30, tzinfo=UTC),), zone="Europe/Paris"))

    assert "Asked 3, answered 1. 1 is still open. Went by unanswered: Tue 10 Nov 17:30." in text


def test_next_week_is_seven_days_in_order_and_a_session_at_the_very_cut_is_not_in_it() -> None:
    at = [NOW, NOW + timedelta(days=6), NOW + timedelta(days=8)]
    text = read(week("Anna", sessions=(at[0], at[2])), week("Ben", sessions=(at[1], NOW + timedelta(hours=2))))

    assert text.split("Next week\n")[1] == "Monday 16 November, 10:30: Ben\nSunday 22 November, 08:30: Ben"


def test_a_digest_with_nothing_to_say_is_empty() -> None:
    assert WeeklyDigest("Europe/London", NOW, ()).is_empty
    assert WeeklyDigest("Europe/London", NOW, (week("Anna"), week("Ben", is_paused=True))).is_empty


def test_a_pause_that_ended_this_morning_explains_the_quiet_week() -> None:
    text = read(week("Ben", Heard(), back_at=NOW))

    assert f"was paused until {NOW:%A} {NOW.day} {NOW:%B}" in text
    assert "Nothing was asked" in text


@pytest.mark.parametrize(
    "leader",
    [
        week("Anna", Heard(asked=1)),
        week("Anna", Heard(said=(said("yes"),))),
        week("Anna", Heard(topics=("peers",))),
        week("Anna", Heard(private=1)),
        week("Anna", is_unreachable=True),
        week("Anna", unsent=(Unsent(True, 1, "down"),)),
    ],
)
def test_anything_to_say_makes_a_digest(leader: LeaderWeek) -> None:
    assert not WeeklyDigest("Europe/London", NOW, (week("Ben"), leader)).is_empty


@LANGUAGES
def test_a_whole_digest_reads_as_it_should(say: Say) -> None:
    assert_golden(f"digest_whole.{say.language}", messages(digest_blocks(whole(), say, names(say)), protected=True))


@LANGUAGES
def test_a_quiet_week_reads_as_it_should(say: Say) -> None:
    quiet = WeeklyDigest("Europe/London", NOW, (week("Tom"), week("Mia", Heard(asked=2, answered=1, private=1, open=1))))

    assert_golden(f"digest_quiet.{say.language}", messages(digest_blocks(quiet, say, names(say)), protected=True))


def whole() -> WeeklyDigest:
    """Four leaders with something in every place."""
    falling, steady = weekly(7, 7, 7, 6, 4, 4), weekly(6, 6, 7, 6)
    marked, fallen, usual = change("own-work", falling, NOW), standing("own-work", falling), standing("team", steady)
    assert marked
    assert fallen
    assert usual
    pub = said("I went to the pub and left after one. Nobody minded.", WED, number=1)
    numbers = tuple(
        replace(said("", FRI, number=n, value=value, is_measure=True), theme=theme)
        for n, value, theme in ((2, "4", "own-work"), (3, "6", "team"))
    )
    dip = replace(said("I answer everybody first and bill last.", TUE, number=4), theme="own-work")
    jack = week(
        "Jack",
        Heard((dip, pub, said("Fine.", number=5), *numbers), ("peers",), 2, (fallen, usual), asked=4, answered=3),
        changes=(marked,), missed=(datetime(2026, 11, 12, 17, 30, tzinfo=UTC),), sessions=(NOW + timedelta(days=3),),
        checkpoint=Checkpoint(4, date(2026, 8, 10), tuple(weekly(7, 7)), tuple(weekly(4, 4)), (dip,), NOW),
    )  # fmt: skip
    priya = week(
        "Priya", Heard((said("Sam rang at nine. " + "I let it ring, which was odd. " * 11, number=6),), asked=2, answered=2),
        next_session=NOW + timedelta(hours=26), sessions=(NOW + timedelta(hours=26),),
    )  # fmt: skip
    tom = week(
        "Tom", Heard(asked=3), next_session=None, last_answered_at=NOW - timedelta(days=12), unanswered=3,
        unsent=(Unsent(True, 1, "down"), Unsent(False, 1, "lost")),
        missed=tuple(datetime(2026, 11, day, 17, 30, tzinfo=UTC) for day in (10, 11, 12)),
    )  # fmt: skip
    mia = week("Mia", is_paused=True, paused_until=NOW + timedelta(days=4), next_session=NOW + timedelta(days=9))
    return WeeklyDigest("Europe/London", NOW, (jack, priya, tom, mia, week("Zoë", is_unreachable=True)))


# when it comes

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


def test_all_the_last_words_of_a_coaching_are_quoted_however_many_there_are() -> None:
    """Telegram leaves entities after the hundredth of a message out, without a word."""
    many = tuple(said(f"heron {number}.", number=number) for number in range(1, 121))
    ended = week("Ben", Heard(said=many), ended_at=NOW - timedelta(days=1))

    made = messages(digest_blocks(WeeklyDigest("Europe/London", NOW, (ended,)), EN, names(EN)))

    quoted = [entity for part in made for entity in part.entities if entity.type == "blockquote"]
    assert len(quoted) == len(many)
    assert all(len(part.entities) <= MOST_ENTITIES for part in made)
