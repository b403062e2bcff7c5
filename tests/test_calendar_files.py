"""Calendar files as other programs write them: the right meetings at the right instants, or one clear reason."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import calendars
from bot.calendars.lines import calendars_in
from bot.domain.calendars import Event, File, Series

FILES = Path(__file__).parent / "calendars"
NOW = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)


def read(name: str, zone: str = "Europe/London", now: datetime = NOW) -> File:
    return calendars.read((FILES / name).read_bytes(), zone, now)


def from_text(*lines: str, zone: str = "Europe/London", head: tuple[str, ...] = ()) -> File:
    """One event with these lines."""
    event = ("BEGIN:VEVENT", "UID:a@b", *lines, "END:VEVENT")
    text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *head, *event, "END:VCALENDAR", ""])
    return calendars.read(text.encode(), zone, NOW)


def only(file: File) -> Series:
    assert len(file.series) == 1
    return file.series[0]


def starts(series: Series) -> list[str]:
    return [f"{event.starts_at:%d %b %H:%M}" for event in series.events]


def minutes(event: Event) -> float:
    return (event.ends_at - event.starts_at) / timedelta(minutes=1)


# what programs write


def test_a_weekly_hour_from_google_keeps_its_time_over_the_change_of_clocks_and_its_exceptions() -> None:
    file = read("google-export.ics")

    weekly = next(one for one in file.series if one.guests)
    assert starts(weekly) == ["08 Oct 09:00", "16 Oct 13:30", "22 Oct 09:00", "05 Nov 10:00", "12 Nov 10:00"]
    assert weekly.events[1].slot == "2026-10-15T09:00:00+00:00"
    assert [event.revision for event in weekly.events] == [1, 2, 1, 1, 1]
    assert [(guest.address, guest.is_organizer) for guest in weekly.guests] == [
        ("alice@stonecoaching.example", True), ("anna.berg@recruit.example", False),
    ]  # fmt: skip
    assert file.left_out == {"past": 1, "all_day": 1}


def test_a_series_that_google_has_split_is_one() -> None:
    series = only(read("google-this-and-following.ics"))

    assert starts(series) == [
        "08 Oct 09:00",
        "15 Oct 09:00",
        "23 Oct 15:00",
        "30 Oct 16:00",
        "06 Nov 16:00",
        "13 Nov 16:00",
    ]
    assert series.uid == next(one for one in read("google-export.ics").series if one.guests).uid


def test_outlook_names_zones_in_its_own_way_and_invites_rooms() -> None:
    series = only(read("outlook-invitation.ics", zone="Asia/Tokyo"))

    assert starts(series) == ["08 Oct 09:00", "22 Oct 09:00", "19 Nov 10:00"]
    assert [guest.name for guest in series.guests] == ["Alice Stone", "Berg, Anna"]


def test_a_zone_that_outlook_made_up_is_what_the_file_says_and_does_not_reach_the_next_file() -> None:
    source = (FILES / "outlook-custom-zone.ics").read_text()
    further = source.replace("+0300", "-0500").encode()

    assert starts(only(read("outlook-custom-zone.ics"))) == ["08 Oct 09:00"]
    assert starts(only(calendars.read(further, "Europe/London", NOW))) == ["08 Oct 17:00"]
    alone = source[: source.index("BEGIN:VTIMEZONE")] + source[source.index("BEGIN:VEVENT") :]
    file = calendars.read(alone.encode(), "Europe/London", NOW)
    assert (file.series, file.left_out, file.zones) == ((), {"zone": 1}, ("Customized Time Zone",))


def test_an_export_from_apple_with_one_taken_out_and_one_moved() -> None:
    series = only(read("apple-export.ics"))

    assert starts(series) == ["08 Oct 09:00", "22 Oct 09:00", "30 Oct 07:30"]
    assert series.summary == "Séance Ben – point d’étape"


def test_a_time_without_a_zone_is_the_coachs() -> None:
    assert starts(only(read("floating.ics"))) == ["08 Oct 09:00"]
    assert starts(only(read("floating.ics", zone="America/New_York"))) == ["08 Oct 14:00"]
    assert minutes(only(read("floating.ics")).events[0]) == 45


def test_a_zone_with_its_makers_name_before_it() -> None:
    series = only(from_text("DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Paris:20261008T100000"))

    assert starts(series) == ["08 Oct 08:00"]


def test_letters_of_western_windows_and_two_bytes_each() -> None:
    assert only(read("western-letters.ics")).summary == "Séance d’étape avec Ben"
    wide = (FILES / "apple-export.ics").read_bytes().decode().encode("utf-16")
    assert only(calendars.read(wide, "Europe/London", NOW)).summary == "Séance Ben – point d’étape"


def test_a_letter_cut_in_two_by_a_fold_is_whole_again() -> None:
    source = (FILES / "apple-export.ics").read_bytes().replace("SUMMARY:Sé".encode(), b"SUMMARY:S\xc3\r\n \xa9")

    assert only(calendars.read(source, "Europe/London", NOW)).summary == "Séance Ben – point d’étape"


def test_one_event_cancelled_and_one_recurrence_of_another() -> None:
    whole, one = only(read("google-invitation-cancelled.ics")), only(read("outlook-one-cancelled.ics"))

    assert (whole.is_cancelled, whole.revision) == (True, 2)
    assert (one.is_cancelled, one.is_whole) == (False, False)
    assert [(event.slot, event.is_cancelled) for event in one.events] == [("2026-10-22T09:00:00+00:00", True)]


def test_somebodys_reply_is_not_an_event() -> None:
    assert (read("google-reply.ics").series, read("google-reply.ics").left_out) == ((), {"replies": 1})


def test_from_one_recurrence_on_an_hour_later() -> None:
    file = calendars.read(
        b"""BEGIN:VCALENDAR
BEGIN:VEVENT
UID:a@b
DTSTART:20261008T090000Z
DTEND:20261008T100000Z
RRULE:FREQ=WEEKLY;COUNT=4
END:VEVENT
BEGIN:VEVENT
UID:a@b
RECURRENCE-ID;RANGE=THISANDFUTURE:20261022T090000Z
DTSTART:20261022T100000Z
DTEND:20261022T110000Z
SEQUENCE:1
END:VEVENT
END:VCALENDAR
""",
        "Europe/London", NOW,
    )  # fmt: skip

    assert starts(only(file)) == ["08 Oct 09:00", "15 Oct 09:00", "22 Oct 10:00", "29 Oct 10:00"]
    assert [event.slot[8:16] for event in only(file).events] == ["08T09:00", "15T09:00", "22T09:00", "29T09:00"]


# what is broken, or asks for too much


@pytest.mark.parametrize(
    "source", [b"", b"hello", b"\x00\xff\xfe\x81", b"%PDF-1.7 ...", b"a: 1\nb: [2]\n", b"VERSION:2"]
)
def test_what_is_no_calendar(source: bytes) -> None:
    with pytest.raises(calendars.NotACalendarError) as raised:
        calendars.read(source, "Europe/London", NOW)

    assert not raised.value.is_cut


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9, 0.99])
def test_a_file_that_breaks_off_is_not_read_by_half(part: float) -> None:
    source = (FILES / "google-export.ics").read_bytes()

    with pytest.raises(calendars.NotACalendarError) as raised:
        calendars.read(source[: int(len(source) * part)], "Europe/London", NOW)

    assert raised.value.is_cut


def test_small_damage_is_mended() -> None:
    file = from_text(
        "DTSTART:20261008T090000Z", "DTEND:20261008T080000Z", "SEQUENCE:soon", "ATTENDEE", "!!!", "SUMMARY:Anna",
        "DTSTAMP:yesterday",
    )  # fmt: skip

    assert [minutes(event) for event in only(file).events] == [60]
    assert (only(file).revision, only(file).stamp, only(file).summary) == (0, None, "Anna")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("DTSTART:soon",), "unreadable"),
        (("SUMMARY:no start",), "unreadable"),
        (("DTSTART:20261008T090000Z", "RRULE:FREQ=WEEKLY;INTERVAL=often"), "unreadable"),
        (("DTSTART:20261008T090000Z", "RRULE:often"), "intricate"),
        (("DTSTART:20261008T090000Z", "RRULE:FREQ=SECONDLY"), "intricate"),
        (("DTSTART:20261008T090000Z", "RRULE:FREQ=MINUTELY;COUNT=999999999"), "intricate"),
        (("DTSTART:20261008T090000Z", "RRULE:FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2,3;BYSECOND=1,2"), "intricate"),
        (("DTSTART:20261008T090000Z", "EXDATE:never", "RRULE:FREQ=DAILY"), "unreadable"),
        (("DTSTART:00010101T090000Z", "RRULE:FREQ=DAILY"), "unreadable"),
        (("DTSTART:20261008T090000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "unreadable"),
        (("DTSTART:20261008T090000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31"), "unreadable"),
        (("DTSTART:20261008T090000Z", "RRULE:FREQ=DAILY;BYSETPOS=7;BYDAY=MO"), "unreadable"),
        (("DTSTART:20261008T090000Z", "RRULE:FREQ=DAILY;INTERVAL=0"), "unreadable"),
        (("DTSTART;VALUE=DATE:20261008",), "all_day"),
        (("DTSTART;TZID=Nowhere/Land:20261008T090000",), "zone"),
        (("DTSTART:20261008T090000Z", "DTEND:20261009T090000Z"), "long"),
        (("DTSTART:20260908T090000Z",), "past"),
        (("DTSTART:20260908T090000Z", "RRULE:FREQ=WEEKLY;COUNT=2"), "past"),
    ],
)
def test_what_cannot_be_a_session_is_counted_by_its_reason(lines: tuple[str, ...], reason: str) -> None:
    file = from_text(*lines)

    assert [event for one in file.series for event in one.events] == []
    assert file.left_out == {reason: 1}


def test_a_zone_that_changes_its_clocks_every_second_is_not_followed() -> None:
    zone = (
        "BEGIN:VTIMEZONE", "TZID:Odd", "BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:+0000",
        "TZOFFSETTO:+0100", "RRULE:FREQ=SECONDLY", "END:STANDARD", "END:VTIMEZONE",
    )  # fmt: skip

    assert from_text("DTSTART;TZID=Odd:20261008T090000", head=zone).left_out == {"zone": 1}


def test_a_file_from_the_future_is_as_new_as_now_and_an_endless_count_of_changes_leaves_room_for_more() -> None:
    series = only(from_text("DTSTART:20261008T090000Z", "DTSTAMP:20990101T000000Z", "SEQUENCE:2147483647"))

    assert (series.stamp, series.events[0].stamp) == (NOW, NOW)
    assert (series.revision, series.events[0].revision) == (2**30, 2**30)


def clocks(rule: str, n: int = 1, name: str = "Odd") -> tuple[str, ...]:
    """A zone of n parts that is at +02:00 from 1601 on, with this rule in each."""
    part = ("BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0200", rule, "END:STANDARD")
    return ("BEGIN:VTIMEZONE", f"TZID:{name}", *part * n, "END:VTIMEZONE")


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=YEARLY;BYHOUR=0,1,2,3;BYMINUTE=0,1,2,3;BYSECOND=0,1,2,3",
        "RRULE;X-A=FREQ=YEARLY:FREQ=MINUTELY",
        "RRULE:FREQ=YEARLY;FREQ=MINUTELY",
        "RRULE:FREQ=YEARLY;INTERVAL=0",
        "RRULE:FREQ=YEARLY;BYDAY=MO",
        "RRULE:FREQ=YEARLY\r\nRRULE:FREQ=YEARLY;BYMONTH=3",
        "EXRULE:FREQ=MINUTELY",
        "RDATE:" + ",".join(["20260101T000000"] * 201),
    ],
)
def test_a_zone_whose_clocks_nobody_lives_by_is_not_followed(rule: str) -> None:
    file = from_text("DTSTART;TZID=Odd:20261008T090000", head=clocks(rule))

    assert (file.series, file.left_out, file.zones) == ((), {"zone": 1}, ("Odd",))


def test_a_zone_of_more_than_twenty_parts_is_not_followed() -> None:
    march = "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"

    twenty = from_text("DTSTART;TZID=Odd:20261008T090000", head=clocks(march, 20))
    more = from_text("DTSTART;TZID=Odd:20261008T090000", head=clocks(march, 21))

    assert starts(only(twenty)) == ["08 Oct 07:00"]
    assert (more.series, more.left_out) == ((), {"zone": 1})


def test_after_a_thousand_changes_of_clocks_in_one_file_no_further_zone_is_followed() -> None:
    head = [line for n in range(60) for line in clocks("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", 20, f"Odd {n}")]

    for zone, left_out in (("Odd 49", {}), ("Odd 50", {"zone": 1})):
        assert from_text(f"DTSTART;TZID={zone}:20261008T090000", head=tuple(head)).left_out == left_out


def test_the_rules_of_a_zone_are_kept_for_these_years_only() -> None:
    head = clocks("RRULE:FREQ=YEARLY;UNTIL=99990101T000000Z;BYMONTH=3;BYDAY=-1SU")
    source = "\r\n".join(["BEGIN:VCALENDAR", *head, "END:VCALENDAR", ""]).encode()

    [[*zone]] = calendars_in(source, "Europe/London", NOW)[0].zones

    assert zone[2:] == [
        "BEGIN:STANDARD", "DTSTART:20230101T000000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0200",
        "RRULE:FREQ=YEARLY;UNTIL=20281231T000000Z;BYMONTH=3;BYDAY=-1SU", "END:STANDARD", "END:VTIMEZONE",
    ]  # fmt: skip


def test_a_zone_with_summer_and_winter_since_1601_and_a_law_that_has_ended_is_right_on_both_sides_of_a_change() -> None:
    head = (
        "BEGIN:VTIMEZONE", "TZID:Made up", "X-LIC-LOCATION:Made up",
        "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0300", "TZOFFSETTO:+0200", "TZNAME:W",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
        "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0300", "TZNAME:S",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT",
        "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0500", "TZOFFSETTO:+0600",
        "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU;UNTIL=20101231T000000Z", "END:STANDARD", "END:VTIMEZONE",
    )  # fmt: skip

    weekly = from_text("DTSTART;TZID=Made up:20261015T090000", "RRULE:FREQ=WEEKLY;COUNT=3", head=head)

    assert starts(only(weekly)) == ["15 Oct 06:00", "22 Oct 06:00", "29 Oct 07:00"]


def test_a_series_without_an_end_is_followed_for_a_year_and_sixty_times() -> None:
    weekly = only(from_text("DTSTART:20261008T090000Z", "RRULE:FREQ=WEEKLY"))
    daily = only(from_text("DTSTART:20261008T090000Z", "RRULE:FREQ=DAILY"))

    assert (len(weekly.events), weekly.events[-1].starts_at.year) == (52, 2027)
    assert (len(daily.events), daily.whole_until) == (60, daily.events[-1].starts_at)


def test_many_rules_that_never_come_true_do_not_take_long() -> None:
    rule = "DTSTART:20261008T090000Z\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31"
    event = f"BEGIN:VEVENT\r\nUID:{{}}\r\n{rule}\r\nEND:VEVENT\r\n"
    source = "BEGIN:VCALENDAR\r\n" + "".join(event.format(n) for n in range(500)) + "END:VCALENDAR\r\n"
    began = time.process_time()

    file = calendars.read(source.encode(), "Europe/London", NOW)

    assert file.left_out == {"unreadable": 500}
    assert time.process_time() - began < 10


def test_a_calendar_of_ten_years_is_read_for_what_is_to_come() -> None:
    past = "BEGIN:VEVENT\r\nUID:{}\r\nDTSTART:2020{:02}08T090000Z\r\nDESCRIPTION:{}\r\nEND:VEVENT\r\n"
    events = "".join(past.format(n, n % 12 + 1, "x" * 200) for n in range(5000))
    come = "BEGIN:VEVENT\r\nUID:come\r\nDTSTART:20261008T090000Z\r\nEND:VEVENT\r\n"

    file = calendars.read(f"BEGIN:VCALENDAR\r\n{events}{come}END:VCALENDAR\r\n".encode(), "Europe/London", NOW)

    assert (starts(only(file)), file.left_out) == (["08 Oct 09:00"], {"past": 5000})


def test_more_events_than_anybody_has_are_refused() -> None:
    come = "BEGIN:VEVENT\r\nUID:{}\r\nDTSTART:20261008T090000Z\r\nEND:VEVENT\r\n"
    source = "BEGIN:VCALENDAR\r\n" + "".join(come.format(n) for n in range(2001)) + "END:VCALENDAR\r\n"

    with pytest.raises(calendars.TooManyError):
        calendars.read(source.encode(), "Europe/London", NOW)


# our own


def test_what_we_write_reads_as_it_was_written() -> None:
    from uuid import UUID

    entry = calendars.Entry(UUID(int=7), NOW + timedelta(days=1), NOW + timedelta(days=1, minutes=50), "Coaching: Zoë; a, b",
                            3, NOW)  # fmt: skip

    written = calendars.write([entry], "Coaching")

    series = only(calendars.read(written, "Asia/Tokyo", NOW))
    assert series.uid == calendars.uid_hash(calendars.own_uid(UUID(int=7)))
    assert (series.summary, series.revision, series.stamp) == ("Coaching: Zoë; a, b", 3, NOW)
    assert [(event.starts_at, event.ends_at) for event in series.events] == [(entry.starts_at, entry.ends_at)]


def test_a_recurrence_that_became_an_all_day_event_does_not_take_place_at_its_old_time() -> None:
    instead = ("END:VEVENT", "BEGIN:VEVENT", "UID:a@b", "RECURRENCE-ID;TZID=Europe/London:20261015T100000")
    file = from_text(
        "DTSTART;TZID=Europe/London:20261008T100000", "DTEND;TZID=Europe/London:20261008T110000",
        "RRULE:FREQ=WEEKLY;COUNT=3", "SUMMARY:Carla",
        *instead, "DTSTART;VALUE=DATE:20261015", "DTEND;VALUE=DATE:20261016", "SUMMARY:Carla (offsite)",
    )  # fmt: skip
    left = [event.starts_at.day for one in file.series for event in one.events if not event.is_cancelled]

    assert left == [8, 22]
    assert file.left_out == {"all_day": 1}
