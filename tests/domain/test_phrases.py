"""What coaches and leaders type, in both languages, and what they are told when it cannot be read."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.appointments import SessionRequest, Shift, parse_session, parse_shift
from bot.domain.orders import Order, parse_order
from bot.domain.phrases import (
    Misread,
    parse_date,
    parse_number,
    parse_time,
    parse_weekday_time,
    parse_yes_no,
    split_command,
)
from bot.i18n import Say

NOW = datetime(2026, 11, 11, 11)  # a Wednesday
TODAY = NOW.date()


class English(Say):
    """Speaks English whatever the language, so that the tests do not wait for translations."""

    def __call__(self, text: str, /, **values: object) -> str:
        return text.format(**values) if values else text


SAY = English("en")


def request(text: str, now: datetime = NOW) -> SessionRequest:
    found = parse_session(text, now, SAY)
    assert isinstance(found, SessionRequest), found
    return found


def misread(text: str, now: datetime = NOW) -> str:
    found = parse_session(text, now, SAY)
    assert isinstance(found, Misread), found
    return found.sentence


@pytest.mark.parametrize(
    ("text", "start", "every", "count", "minutes"),
    [
        ("Jack Thu 10:00", "2026-11-12T10:00", None, 1, 60),
        ("Jack Thu 10:00 weekly x6", "2026-11-12T10:00", 7, 6, 60),
        ("Jack 12 Nov 14h", "2026-11-12T14:00", None, 1, 60),
        ("Jack 2026-11-12 14:30 90min", "2026-11-12T14:30", None, 1, 90),
        ("Jack tomorrow 9am", "2026-11-12T09:00", None, 1, 60),
        ("Jack jeu 10h", "2026-11-12T10:00", None, 1, 60),
        ("Jack jeudi 10h30 chaque semaine x6", "2026-11-12T10:30", 7, 6, 60),
        ("Jack demain à 9h", "2026-11-12T09:00", None, 1, 60),
        ("Jack après-demain 9h", "2026-11-13T09:00", None, 1, 60),
        ("Jack aujourd’hui 17 h 30", "2026-11-11T17:30", None, 1, 60),
        ("Jack 12/11 14:00", "2026-11-12T14:00", None, 1, 60),
        ("Jack 12/11/26 14:00", "2026-11-12T14:00", None, 1, 60),
        ("Jack 12.11.2026 14.00", "2026-11-12T14:00", None, 1, 60),
        ("Jack Thu 10:00 fortnightly x3", "2026-11-12T10:00", 14, 3, 60),
        ("Jack lundi 8h toutes les deux semaines x3", "2026-11-16T08:00", 14, 3, 60),
        ("Jack lundi 8h une semaine sur deux 3 fois", "2026-11-16T08:00", 14, 3, 60),
        ("Jack weekly 6x Monday at 8.30 pm", "2026-11-16T20:30", 7, 6, 60),
        ("Jack, Thursday, 10 am, every three weeks, 4 times, for 45 minutes", "2026-11-12T10:00", 21, 4, 45),
        ("Jack every 4 weeks ×2 le mardi 10h", "2026-11-17T10:00", 28, 2, 60),
        ("Jack Thu 12 Nov 10:00", "2026-11-12T10:00", None, 1, 60),
        ("Jack November 12th, 2026 10:00", "2026-11-12T10:00", None, 1, 60),
        ("Jack 1er décembre 10h", "2026-12-01T10:00", None, 1, 60),
        ("Jack 14h 12 nov 30 min", "2026-11-12T14:00", None, 1, 30),
        ("Jack Thu 14h 30 min", "2026-11-12T14:00", None, 1, 30),
        ("Jack 12 Jan 10:00", "2027-01-12T10:00", None, 1, 60),  # the next one
        ("Jack mar 10h", "2026-11-17T10:00", None, 1, 60),  # mardi
        ("Jack 12 mar 10h", "2027-03-12T10:00", None, 1, 60),  # March, mars
        ("Jack thu NOON", "2026-11-12T12:00", None, 1, 60),
        ("Jack Thu 12am", "2026-11-12T00:00", None, 1, 60),
        ("Jack Thu 12pm", "2026-11-12T12:00", None, 1, 60),
        ("Jack Thu 10:00 x1", "2026-11-12T10:00", None, 1, 60),
        ("Jack demain matin 9h", "2026-11-12T09:00", None, 1, 60),
        ("Jack tomorrow morning 9", "2026-11-12T09:00", None, 1, 60),
        ("Jack tonight 6pm", "2026-11-11T18:00", None, 1, 60),
        ("Jack tomorrow at 9 o’clock", "2026-11-12T09:00", None, 1, 60),
        ("Jack ce soir à 6h", "2026-11-11T18:00", None, 1, 60),
        ("Jack jeudi après-midi 3h", "2026-11-12T15:00", None, 1, 60),
        ("Jack tomorrow 9 in the morning", "2026-11-12T09:00", None, 1, 60),
        ("Jack le 12 novembre à 8h30 du soir", "2026-11-12T20:30", None, 1, 60),
        ("Jack jeudi en huit 10h", "2026-11-19T10:00", None, 1, 60),
        ("Jack Thursday week 10:00", "2026-11-19T10:00", None, 1, 60),
        ("Jack mercredi en huit 12h", "2026-11-18T12:00", None, 1, 60),  # today's week, whatever the time
        ("Jack jeudi en quinze 9h", "2026-11-26T09:00", None, 1, 60),
        ("Jack mercredi prochain à 18h", "2026-11-18T18:00", None, 1, 60),  # said on a Wednesday
        ("Jack next Wed 18:00", "2026-11-18T18:00", None, 1, 60),
        ("Jack next Wed 9:00", "2026-11-18T09:00", None, 1, 60),
        ("Jack this Wed 18:00", "2026-11-11T18:00", None, 1, 60),
        ("Jack jeudi prochain 10h", "2026-11-12T10:00", None, 1, 60),
        ("Jack next Thursday 10:00", "2026-11-12T10:00", None, 1, 60),
        ("Jack Mon next week 10:00", "2026-11-16T10:00", None, 1, 60),
        ("Jack jeudi de la semaine prochaine 10h", "2026-11-19T10:00", None, 1, 60),
        ("Jack jeudi 10h 1h30", "2026-11-12T10:00", None, 1, 90),
        ("Jack Thu 10:00 1h30 weekly x6", "2026-11-12T10:00", 7, 6, 90),
        ("Jack jeudi 10h pendant 1 h 30 min", "2026-11-12T10:00", None, 1, 90),
        ("Jack for 1.5 hours Thu 10:00", "2026-11-12T10:00", None, 1, 90),
        ("Jack Thu 10:00 for an hour and a half", "2026-11-12T10:00", None, 1, 90),
        ("Jack jeudi 10h une heure et demie", "2026-11-12T10:00", None, 1, 90),
        ("Jack Thu 14:30 2h", "2026-11-12T14:30", None, 1, 120),
    ],
)
def test_sessions_are_read_as_they_are_typed(
    text: str, start: str, every: int | None, count: int, minutes: int
) -> None:
    assert request(text) == SessionRequest("Jack", datetime.fromisoformat(start), every, count, minutes)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jack Brown Thu 10:00", "Jack Brown"),
        ("Jean-Pierre de La Tour jeu 10h", "Jean-Pierre de La Tour"),
        ("Élodie demain 9h", "Élodie"),
        ("Sam Thu 10:00", "Sam"),  # not a Saturday
        ("Jan 12 Nov 14h", "Jan"),  # not January
        ("Thu Thu 10:00", "Thu"),
        ("🦊 Thu 10:00", "🦊"),
    ],
)
def test_what_comes_first_is_the_name(text: str, name: str) -> None:
    assert request(text).name == name


def test_a_weekday_is_today_if_its_time_is_still_to_come() -> None:
    assert request("Jack Wed 11:01").start == datetime(2026, 11, 11, 11, 1)
    assert request("Jack Wed 11:00").start == datetime(2026, 11, 18, 11)
    assert request("Jack today 11:01").start == datetime(2026, 11, 11, 11, 1)


def test_a_leap_day_is_looked_for_in_the_next_year_too() -> None:
    assert request("Jack 29 Feb 10:00", datetime(2027, 9, 1)).start == datetime(2028, 2, 29, 10)
    assert "is not a date" in misread("Jack 29 Feb 10:00", datetime(2025, 9, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "who, which day and what time"),
        ("x" * 201, "who, which day and what time"),
        ("Jack", "do not see the time"),
        ("Jack Thu", "do not see the time"),
        ("Jack 10:00", "do not see the day"),
        ("Thu 10:00", "begin with the name"),
        ("demain 10h", "begin with the name"),
        ("Jack 25:00", "“25:00” is not a time of day"),
        ("Jack Thu 10:60", "“10:60” is not a time of day"),
        ("Jack Thu 13pm", "“13pm” is not a time of day"),
        ("Jack Thu 0am", "“0am” is not a time of day"),
        ("Jack 31 Feb 10:00", "“31 feb” is not a date"),
        ("Jack 31/02 10:00", "“31/02” is not a date"),
        ("Jack 0000-01-01 10:00", "is not a date"),
        ("Jack Fri 12 Nov 10:00", "Thursday 12 November 2026 is not that day of the week"),
        ("Jack 10 Nov 10:00", "Tuesday 10 November 2026, 10:00 has passed"),
        ("Jack today 11:00", "has passed"),
        ("Jack 2020-01-01 10:00", "has passed"),
        ("Jack 2035-01-01 10:00", "too far away"),
        ("Jack Thu 10:00 weekly x0", "between 1 and 52"),
        ("Jack Thu 10:00 weekly x60", "between 1 and 52"),
        ("Jack Thu 10:00 weekly", "How many sessions?"),
        ("Jack Thu 10:00 x6", "How often?"),
        ("Jack Thu 10:00 every 13 weeks x2", "1 to 12 weeks"),
        ("Jack Thu 10:00 every 0 weeks x2", "1 to 12 weeks"),
        ("Jack Thu 10:00 5min", "10 to 480 minutes"),
        ("Jack Thu 10:00 900 min", "10 to 480 minutes"),
        ("Jack Thu 10", "did not understand “10”"),
        ("Jack Thu 10:00 please", "did not understand “please”"),
        ("Jack Thu 8h 9h", "did not understand “9h”"),  # from eight to nine, or nine hours: nobody knows
        ("Jack tomorrow 9", "did not understand “9”"),
        ("Jack tonight 30", "“30” is not a time of day"),
        ("Jack Thu 10:00 Fri 11:00", "did not understand “Fri 11:00”"),
        ("Jack Thu 10:00 <b>{name}</b>", "did not understand “<b>{name}</b>”"),
    ],
)
def test_what_cannot_be_read_is_said_with_an_example(text: str, said: str) -> None:
    sentence = misread(text)

    assert said in sentence
    assert sentence.endswith("For example: Jack Thu 10:00 weekly x6")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8pm", time(20)),
        ("8:30", time(8, 30)),
        (" 8.30 P.M. ", time(20, 30)),
        ("22h", time(22)),
        ("17h30", time(17, 30)),
        ("17 h 30", time(17, 30)),
        ("0:00", time(0)),
        ("midi", time(12)),
        ("noon", time(12)),
        ("9 heures", time(9)),
        ("24:00", None),
        ("25h", None),
        ("8:60", None),
        ("8", None),
        ("", None),
        ("8pm today", None),
        ("22h-7h", None),
        ("٨:٣٠", None),
    ],
)
def test_times_of_day(text: str, expected: time | None) -> None:
    assert parse_time(text) == expected


@pytest.mark.parametrize(
    ("text", "following", "last"),
    [
        ("1 Sep 2026", "2026-09-01", "2026-09-01"),
        ("1 sept", "2027-09-01", "2026-09-01"),
        ("11/11", "2026-11-11", "2026-11-11"),
        ("12/11", "2026-11-12", "2025-11-12"),
        ("29 février", "2028-02-29", "2024-02-29"),
        ("2026-02-30", None, None),
        ("31 Feb", None, None),
        ("Sept. 2026", "2026-09-01", "2026-09-01"),
        ("today", "2026-11-11", "2026-11-11"),
        ("demain", "2026-11-12", None),
        ("hier", None, "2026-11-10"),
        ("September", None, None),
        ("", None, None),
    ],
)
def test_dates_look_ahead_or_back(text: str, following: str | None, last: str | None) -> None:
    expected = [date.fromisoformat(day) if day else None for day in (following, last)]

    assert [parse_date(text, TODAY), parse_date(text, TODAY, past=True)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon 8:30", (0, time(8, 30))),
        ("lundi à 8h30", (0, time(8, 30))),
        ("Sunday, at 6pm", (6, time(18))),
        ("dim. 18h", (6, time(18))),
        ("Mon", None),
        ("8:30", None),
        ("Mon 25:00", None),
        ("Monday morning", None),
    ],
)
def test_a_weekday_with_a_time(text: str, expected: tuple[int, time] | None) -> None:
    assert parse_weekday_time(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((str(n), n) for n in range(11)),
        ("sept", 7),
        ("Seven.", 7),
        ("zéro", 0),
        ("dix !", 10),
        ("7/10", 7),
        ("7 / 10", 7),
        ("7 sur 10", 7),
        ("7 out of 10", 7),
        ("7️⃣", 7),
        ("🔟", 10),
        ("11", None),
        ("-1", None),
        ("7.5", None),
        ("7/5", None),
        ("maybe 7", None),
        ("maybe", None),
        ("", None),
        ("٧", None),
    ],
)
def test_numbers_from_nought_to_ten(text: str, expected: int | None) -> None:
    assert parse_number(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((yes, True) for yes in ("Yes", "oui !", "👍", "ok")),
        *((no, False) for no in ("NON.", "nope", "👎", "n")),
        *((words, None) for words in ("not really", "yes but no", "")),
    ],
)
def test_yes_and_no(text: str, expected: bool | None) -> None:
    assert parse_yes_no(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/session Jack Thu", ("session", "Jack Thu")),
        ("/Session@Interlude_bot  Jack\nThu ", ("session", "Jack\nThu")),
        ("/brief", ("brief", "")),
        ("/brief@", None),
        ("brief", None),
        ("/ brief", None),
        ("/a-b", None),
        ("", None),
    ],
)
def test_a_command_and_what_follows_it(text: str, expected: tuple[str, str] | None) -> None:
    assert split_command(text) == expected


# --- whatever is typed ---

PIECES = """
    Jack Sam Thu jeu mar. 10:00 25:00 14h 9am 12 Nov 31 Feb 12/11 99/99 2026-11-12 9999-12-31 0000-01-01 weekly
    chaque semaine x6 x0 x60 every two weeks 90min - à le demain today noon 00 h 30
"""
pieces = st.sampled_from(PIECES.split())
typed = st.one_of(
    st.text(max_size=250), st.lists(pieces, max_size=12).map(" ".join), st.text("0123456789:/.hx -", max_size=20)
)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2037, 1, 1))


@settings(max_examples=400, deadline=None)
@given(typed, moments, st.sampled_from(["en", "fr"]))
def test_any_text_gives_sessions_to_come_or_a_sentence(text: str, now: datetime, language: str) -> None:
    found = parse_session(text, now, English(language))

    if isinstance(found, Misread):
        assert found.sentence
    else:
        assert now < found.start <= now + timedelta(days=730)
        assert 1 <= found.count <= 52
        assert 10 <= found.minutes <= 480
        assert found.name
        assert (found.every_days is None) is (found.count == 1) or found.every_days


@settings(max_examples=300, deadline=None)
@given(typed, moments, st.booleans())
def test_any_text_is_something_or_nothing(text: str, now: datetime, past: bool) -> None:
    parse_time(text)
    parse_date(text, now.date(), past=past)
    parse_weekday_time(text)
    assert parse_number(text) in (None, *range(11))
    assert parse_yes_no(text) in (None, True, False)
    split_command(text)


@settings(max_examples=200, deadline=None)
@given(moments, st.integers(0, 6), st.times())
def test_a_weekday_is_within_the_next_seven_days(now: datetime, weekday: int, at: time) -> None:
    day = ["Mon", "mar", "Wed", "jeudi", "Fri", "samedi", "dim."][weekday]

    start = request(f"Jack {day} {at:%H:%M}", now).start

    assert timedelta(0) < start - now <= timedelta(days=7)
    assert start.weekday() == weekday


# orders about a session


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("Jack", Order("show", "Jack", "")),
        ("Jack Brown", Order("show", "Jack Brown", "")),
        ("Jack Thu 10:00", Order("plan", "", "Jack Thu 10:00")),
        ("Jack move Fri 14:00", Order("move", "Jack", "Fri 14:00")),
        ("Jack Brown MOVE to Fri 14:00", Order("move", "Jack Brown", "to Fri 14:00")),
        ("move Jack Brown to Fri 14:00", Order("move", "Jack Brown", "to Fri 14:00")),
        ("Jack déplacer au ven 14h", Order("move", "Jack", "au ven 14h")),
        ("Jack reporter", Order("move", "Jack", "")),
        ("Jack cancel", Order("cancel", "Jack", "")),
        ("Jack cancel it.", Order("cancel", "Jack", "")),
        ("cancel Jack", Order("cancel", "Jack", "")),
        ("annuler Jack Brown", Order("cancel", "Jack Brown", "")),
        ("Jack la séance est annulée", Order("cancel", "Jack", "")),
        ("Jack cancel 12 Nov", Order("cancel", "Jack", "12 Nov")),
        ("Jack done", Order("done", "Jack", "")),
        ("Jack is done!", Order("done", "Jack", "")),
        ("Jack terminée", Order("done", "Jack", "")),
        ("Anna Held Thu 10:00", Order("plan", "", "Anna Held Thu 10:00")),
        ("Anna Held move Fri", Order("move", "Anna Held", "Fri")),
        ("Jack open-ended", Order("open", "Jack", "")),
        ("Jack puis sans fin fixée", Order("open", "Jack", "")),
        ("Jack Thu 10:00 weekly x6 then open-ended", Order("plan", "", "Jack Thu 10:00 weekly x6 then open-ended")),
        ("cancel", Order("show", "cancel", "")),
        ("", Order("plan", "", "")),
    ],
)
def test_an_order_stands_before_or_behind_the_name(text: str, order: Order) -> None:
    assert parse_order(text) == order


@given(st.text(max_size=60))
def test_any_words_are_some_order(text: str) -> None:
    order = parse_order(text)

    assert order.what in {"show", "plan", "move", "cancel", "done", "open"}


@pytest.mark.parametrize(
    ("text", "shift"),
    [
        ("Fri 14:00", Shift(datetime(2026, 11, 13, 14), None)),
        ("to Fri 14:00", Shift(datetime(2026, 11, 13, 14), None)),
        ("au ven 14h", Shift(datetime(2026, 11, 13, 14), None)),
        ("tomorrow", Shift(datetime(2026, 11, 12, 10), None)),  # at its own time
        ("15h30", Shift(datetime(2026, 11, 19, 15, 30), None)),  # on its own day
        ("45 min", Shift(datetime(2026, 11, 19, 10), 45)),
        ("Fri 14:00 90min", Shift(datetime(2026, 11, 13, 14), 90)),
    ],
)
def test_a_session_moves_to_what_is_named_and_keeps_the_rest(text: str, shift: Shift) -> None:
    assert parse_shift(text, datetime(2026, 11, 19, 10), NOW, SAY) == shift


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "I do not see the new day or time."),
        ("to", "I do not see the new day or time."),
        ("whenever", "I did not understand “whenever”."),
        ("Jack Fri", "I did not understand “Jack Fri”."),
        ("Fri 14:00 weekly", "I did not understand “Fri 14:00 weekly”."),
        ("then open-ended", "I did not understand “then open-ended”."),
        ("1 Nov 2026 10:00", "Sunday 1 November 2026, 10:00 has passed. Please give a later one."),
        ("Fri 25:00", "“25:00” is not a time of day."),
    ],
)
def test_what_is_no_new_time_is_said_to_be_none(text: str, why: str) -> None:
    assert parse_shift(text, datetime(2026, 11, 19, 10), NOW, SAY) == Misread(f"{why} For example: Fri 14:00")


@pytest.mark.parametrize(
    "text",
    ["Jack Thu 10:00 weekly x6 then open-ended", "Jack Thu 10:00 weekly x6, then open ended",
     "Jack Thu 10:00 weekly open-ended", "Jack jeu 10h hebdo x6 puis sans fin fixée", "Jack jeu 10h hebdo x6 sans fin"],
)  # fmt: skip
def test_sessions_may_go_on_without_an_agreed_end(text: str) -> None:
    assert request(text) == SessionRequest("Jack", datetime(2026, 11, 12, 10), 7, 6, is_open_ended=True)
