"""Alice's own calendar: a file from it plans, moves and cancels sessions, and hers go back into it."""

from pathlib import Path

from house import Phone
from people import Town

FILES = Path(__file__).parent.parent / "calendars"


async def hear_file(phone: Phone, name: str, content: bytes | None = None) -> str:
    """What a phone hears after sending a calendar file."""
    before = len(await phone.received())
    await phone.send_file(name, content if content is not None else (FILES / name).read_bytes())
    return "\n".join((await phone.received())[before:])


async def hear(phone: Phone, text: str) -> str:
    before = len(await phone.received())
    await phone.send(text)
    return "\n".join((await phone.received())[before:])


async def tap(phone: Phone, label: str) -> str:
    before = len(await phone.received())
    toast = await phone.tap(label)
    return "\n".join((await phone.received())[before:]) or str(toast)


def sessions(town: Town) -> list[tuple[str, str]]:
    """When each session starts, in UTC, and how it stands."""
    rows = town.rows("SELECT starts_at, state FROM session ORDER BY starts_at, made_at")
    return [(start[5:16], state) for start, state in rows]


def event(uid: str, start: str, *more: str, end: str | None = None) -> str:
    lines = [f"UID:{uid}", f"DTSTART:{start}", *([f"DTEND:{end}"] if end else []), *more]
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def calendar(*events: str, method: str = "PUBLISH") -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", *events, "END:VCALENDAR", ""]).encode()


def weekly(*more: str, start: str = "20261008T090000Z", count: int = 4) -> str:
    return event("weekly@a", start, f"RRULE:FREQ=WEEKLY;COUNT={count}", "SUMMARY:Anna", *more)


async def imported(town: Town, content: bytes, leader: str = "Anna") -> None:
    """Alice has said whose it is and had it done."""
    await hear_file(town.alice, "mine.ics", content)
    await town.alice.tap(leader)
    await town.alice.tap("Do it")


# in


async def test_an_invitation_plans_a_session_and_its_update_and_cancellation_follow(town: Town) -> None:
    asked = await hear_file(town.alice, "google-invitation.ics")
    assert "Whose session is this?" in asked
    assert "“Coaching: Anna”\nThursday 8 October, 10:00\nanna.berg@recruit.example" in asked
    assert await town.alice.buttons() == ["Anna", "Ben", "Not a session"]

    shown = await tap(town.alice, "Anna")
    assert "Anna\nNew: Thursday 8 October, 10:00" in shown
    assert sessions(town) == []
    await town.alice.tap("Do it")
    assert sessions(town) == [("10-08 09:00", "planned")]
    assert await town.anna.last() == "Alice has planned your session: Thursday 8 October, 10:00."

    await town.until("2026-10-06 08:00")
    shown = await hear_file(town.alice, "google-invitation-moved.ics")
    assert "Moved: Thursday 8 October, 10:00 → Friday 9 October, 14:00" in shown
    await town.alice.tap("Do it")
    assert sessions(town) == [("10-09 13:00", "planned")]
    assert town.rows("SELECT ends_at FROM session")[0][0][11:16] == "14:15"
    assert "moved your session to Friday 9 October, 14:00" in await town.anna.last()

    await town.until("2026-10-07 08:00")
    shown = await hear_file(town.alice, "google-invitation-cancelled.ics")
    assert "Cancelled: Friday 9 October, 14:00" in shown
    await town.alice.tap("Do it")
    assert sessions(town) == [("10-09 13:00", "cancelled")]
    assert "cancelled your session on Friday 9 October, 14:00" in await town.anna.last()


async def test_a_whole_calendar_brings_the_sessions_and_says_what_it_leaves_out(town: Town) -> None:
    await hear_file(town.alice, "google-export.ics")
    shown = await tap(town.alice, "Anna")

    assert shown.splitlines() == [
        "What this file changes", "",
        "Anna", "New: Thursday 8 October, 10:00", "New: Friday 16 October, 14:30", "New: Thursday 22 October, 10:00",
        "New: Thursday 5 November, 10:00", "New: Thursday 12 November, 10:00", "",
        "Left out", "1 names none of your leaders.", "1 is in the past.", "1 lasts all day.",
    ]  # fmt: skip
    done = await tap(town.alice, "Do it")
    assert done == "5 sessions are planned.\nWhoever it concerns is told."
    assert len([text for text in await town.anna.received() if "planned" in text]) == 1


async def test_the_rest_of_a_series_moves_when_google_has_split_it(town: Town) -> None:
    await hear_file(town.alice, "google-export.ics")
    await town.alice.tap("Anna")
    await town.alice.tap("Do it")
    await town.until("2026-10-06 08:00")

    shown = await hear_file(town.alice, "google-this-and-following.ics")

    assert "Moved: Friday 16 October, 14:30 → Thursday 15 October, 10:00" in shown
    assert "Moved: Thursday 22 October, 10:00 → Friday 23 October, 16:00" in shown
    assert "New: Friday 13 November, 16:00" in shown
    assert "Cancelled" not in shown
    await town.alice.tap("Do it")
    assert [start for start, _ in sessions(town)] == [
        "10-08 09:00", "10-15 09:00", "10-23 15:00", "10-30 16:00", "11-06 16:00", "11-13 16:00",
    ]  # fmt: skip


async def test_an_address_is_asked_about_once(town: Town) -> None:
    await hear_file(town.alice, "google-invitation.ics")
    await town.alice.tap("Anna")
    await town.alice.tap("Do it")

    shown = await hear_file(town.alice, "outlook-invitation.ics")

    assert "Whose session" not in shown
    assert "Anna\nNew: Thursday 22 October, 10:00\nNew: Thursday 19 November, 10:00\n1 stays as it is." in shown
    assert town.in_files("anna.berg@recruit.example") == []
    await town.alice.tap("Do it")
    facts = town.rows("SELECT count(*) FROM session WHERE state = 'planned'")
    assert facts == [(3,)]


async def test_alices_own_address_is_nobodys(town: Town) -> None:
    """Ben invites Alice; her address is in Anna's events too."""
    mine = "ATTENDEE;CN=Alice:mailto:alice@stonecoaching.example"
    bens = event("b@b", "20261009T090000Z", "SUMMARY:1:1", "ORGANIZER;CN=Ben:mailto:ben@recruit.example", mine)
    await imported(town, calendar(bens), "Ben")

    asked = await hear_file(town.alice, "google-invitation.ics")

    assert "Whose session is this?" in asked


async def test_the_same_file_again_changes_nothing(town: Town) -> None:
    await imported(town, calendar(weekly()))

    assert (
        await hear_file(town.alice, "mine.ics", calendar(weekly()))
        == "This file changes nothing.\n\nAnna\n4 stay as they are."
    )
    assert len(sessions(town)) == 4
    assert town.counts()["calendar_file"] == 0


async def test_a_session_planned_by_hand_is_the_one_in_the_calendar(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")

    await hear_file(town.alice, "mine.ics", calendar(weekly()))
    shown = await tap(town.alice, "Anna")
    assert "1 stays as it is." in shown
    await town.alice.tap("Do it")

    assert len(sessions(town)) == 4
    moved = calendar(weekly("SEQUENCE:1", start="20261008T110000Z"))
    assert "Moved: Thursday 8 October, 10:00 → Thursday 8 October, 12:00" in await hear_file(
        town.alice, "mine.ics", moved
    )


async def test_a_whole_series_moved_by_a_week_into_its_own_places(town: Town) -> None:
    await imported(town, calendar(weekly()))

    shown = await hear_file(town.alice, "mine.ics", calendar(weekly("SEQUENCE:1", start="20261015T090000Z")))

    assert "Cancelled: Thursday 8 October, 10:00" in shown
    assert "New: Thursday 5 November, 09:00" in shown  # it is written in UTC
    assert "3 stay as they are." in shown


async def test_a_series_that_outlook_has_split_goes_on(town: Town) -> None:
    await imported(town, calendar(weekly()))
    ended = weekly("SEQUENCE:1").replace("COUNT=4", "UNTIL=20261015T235959Z")
    going_on = weekly(start="20261022T090000Z", count=2).replace("weekly@a", "another@a")

    shown = await hear_file(town.alice, "mine.ics", calendar(ended, going_on))
    assert "Whose session is this?" in shown
    assert "Anna\n4 stay as they are." in await tap(town.alice, "Anna")

    moved = calendar(going_on.replace("20261022", "20261023"))
    shown = await hear_file(town.alice, "mine.ics", moved)
    assert "Moved: Thursday 22 October, 10:00 → Friday 23 October, 10:00" in shown
    assert "New" not in shown


async def test_two_that_change_places_do_not_stand_in_each_others_way(town: Town) -> None:
    first, second = event("1@a", "20261008T090000Z", "SUMMARY:Anna"), event("2@a", "20261009T090000Z", "SUMMARY:Anna")
    await imported(town, calendar(first, second))

    swapped = (first.replace("20261008", "20261009"), second.replace("20261009", "20261008"))
    shown = await hear_file(town.alice, "mine.ics", calendar(*swapped))
    await town.alice.tap("Do it")

    assert "Left out" not in shown
    assert sessions(town) == [("10-08 09:00", "planned"), ("10-09 09:00", "planned")]
    told = await town.anna.last()
    assert told.startswith("Alice has changed your sessions.")


async def test_an_older_file_than_what_is_known_is_left(town: Town) -> None:
    await imported(town, calendar(weekly("DTSTAMP:20261003T080000Z", count=1)))
    await town.alice.send("/session Anna move Fri 14:00")
    assert sessions(town) == [("10-09 13:00", "planned")]

    shown = await hear_file(town.alice, "mine.ics", calendar(weekly("DTSTAMP:20261004T080000Z", count=1)))

    assert "Friday 9 October, 14:00 with Anna was changed after this file was made, and stays as it is here." in shown
    assert sessions(town) == [("10-09 13:00", "planned")]
    newer = calendar(weekly("DTSTAMP:20261005T235900Z", "SEQUENCE:1", count=1))
    assert "Moved: Friday 9 October, 14:00 → Thursday 8 October, 10:00" in await hear_file(
        town.alice, "mine.ics", newer
    )


async def test_a_file_that_says_it_was_made_in_the_future_makes_no_later_one_an_older_one(town: Town) -> None:
    await imported(town, calendar(weekly("DTSTAMP:20990101T000000Z", count=1)))
    await town.house.advance(hours=1)

    later = calendar(weekly("DTSTAMP:20261005T093000Z", start="20261009T090000Z", count=1))

    assert "Moved: Thursday 8 October, 10:00 → Friday 9 October, 10:00" in await hear_file(
        town.alice, "mine.ics", later
    )


async def test_what_was_cancelled_here_does_not_come_back_with_the_next_export(town: Town) -> None:
    await imported(town, calendar(weekly("DTSTAMP:20261003T080000Z", count=1)))
    await town.alice.send("/session Anna cancel")
    assert sessions(town) == [("10-08 09:00", "cancelled")]

    shown = await hear_file(town.alice, "mine.ics", calendar(weekly("DTSTAMP:20261003T080000Z", count=1)))

    assert shown == (
        "This file changes nothing.\n\nLeft out\nThursday 8 October, 10:00 with Anna was cancelled here, and stays so."
    )
    assert sessions(town) == [("10-08 09:00", "cancelled")]


async def test_a_clash_with_another_leader_is_left_out_and_said(town: Town) -> None:
    await town.alice.send("/session Ben Thu 15 Oct 10:30")

    await hear_file(town.alice, "mine.ics", calendar(weekly()))
    shown = await tap(town.alice, "Anna")
    assert "Thursday 15 October, 10:00 with Anna: you have another session then." in shown
    await town.alice.tap("Do it")

    assert [start for start, _ in sessions(town)] == ["10-08 09:00", "10-15 09:30", "10-22 09:00", "10-29 09:00"]


async def test_a_public_holiday_is_named_before_anything_is_planned(town: Town) -> None:
    await town.alice.send("/timezone London")
    await town.anna.send("/timezone Paris")

    one = event("one@a", "20261111T100000Z", "SUMMARY:Anna")
    await hear_file(town.alice, "mine.ics", calendar(weekly(start="20261218T100000Z"), one))
    shown = await tap(town.alice, "Anna")

    assert shown.split("\n\n")[-1].splitlines() == [
        "Wednesday 11 November is a public holiday where Anna is: Armistice Day.",
        "Friday 25 December is a public holiday: Christmas Day.",
        "Friday 1 January is a public holiday: New Year's Day.",
    ]
    assert sessions(town) == []


async def test_what_is_done_is_what_was_shown(town: Town) -> None:
    await hear_file(town.alice, "mine.ics", calendar(weekly()))
    await town.alice.tap("Anna")
    await town.alice.send("/session Ben Thu 15 Oct 10:30")

    shown = await tap(town.alice, "Do it")

    assert shown.startswith("Something has changed since. This is how it looks now.")
    assert "you have another session then" in shown
    assert len(sessions(town)) == 1
    await town.alice.tap("Do it")
    assert len(sessions(town)) == 4


async def test_leave_it_leaves_everything_and_keeps_nothing(town: Town) -> None:
    await hear_file(town.alice, "mine.ics", calendar(weekly()))
    await town.alice.tap("Anna")
    await town.alice.tap("Leave it")

    assert (sessions(town), town.counts()["calendar_file"]) == ([], 0)
    assert await town.alice.last() == "Nothing was changed."


async def test_a_file_waits_sealed_and_not_for_ever(town: Town) -> None:
    await hear_file(town.alice, "google-export.ics")
    assert town.in_files("Coaching 1:1") == []
    assert town.counts()["calendar_file"] == 1

    await town.house.advance(days=32)

    assert town.counts()["calendar_file"] == 0
    assert "no longer waiting" in str(await town.alice.tap("Anna"))


async def test_many_events_of_other_people_are_not_asked_about(town: Town) -> None:
    others = [event(f"{n}@x", "20261012T090000Z", f"SUMMARY:Meeting {n}") for n in range(30)]

    shown = await hear_file(town.alice, "mine.ics", calendar(weekly(), *others))

    assert "“Anna”" in shown
    assert "30 name none of your leaders." in await tap(town.alice, "Anna")


async def test_six_single_events_of_one_title_are_one_question(town: Town) -> None:
    singles = [event(f"{n}@a", f"202610{8 + n:02}T090000Z", "SUMMARY:Coaching") for n in range(6)]

    await hear_file(town.alice, "mine.ics", calendar(*singles))
    shown = await tap(town.alice, "Ben")

    assert shown.count("New:") == 6


async def test_one_recurrence_is_cancelled_in_outlook(town: Town) -> None:
    await hear_file(town.alice, "outlook-invitation.ics")
    await town.alice.tap("Anna")
    await town.alice.tap("Do it")
    await town.until("2026-10-06 08:00")

    shown = await hear_file(town.alice, "outlook-one-cancelled.ics")
    await town.alice.tap("Do it")

    assert "Cancelled: Thursday 22 October, 10:00" in shown
    assert sessions(town) == [("10-08 09:00", "planned"), ("10-22 09:00", "cancelled"), ("11-19 10:00", "planned")]


NOTHING = "There is no session to come in this file. Nothing was changed."
UNUSABLE = [
    (b"hello", "This is not a calendar file, although it is called one. Nothing was changed."),
    (calendar(weekly())[:-40], "This calendar file breaks off in the middle. Please export it again."),
    (calendar(), NOTHING),
    ((FILES / "google-invitation-cancelled.ics").read_bytes(), "What this file cancels is not one of your sessions."),
    (calendar(weekly("RRULE:FREQ=SECONDLY")), f"{NOTHING}\n1 repeats more often than daily."),
    (calendar(event("a@a", "20260908T090000Z")), f"{NOTHING}\n1 is in the past."),
    (calendar(event("a@a", "20261008T090000Z"), method="REPLY"), f"{NOTHING}\n1 is an answer to an invitation."),
    (
        calendar(*(event(f"{n}@a", "20261008T090000Z") for n in range(2001))),
        "This file has more than 2,000 events to come.",
    ),
    (b"x" * (4 * 1024 * 1024 + 1), "The file is larger than 4 MB."),
]


async def test_what_cannot_be_used_gets_one_clear_sentence(town: Town) -> None:
    for content, sentence in UNUSABLE:
        assert (await hear_file(town.alice, "mine.ics", content)).startswith(sentence)

    assert (sessions(town), town.counts()["calendar_file"]) == ([], 0)


async def test_a_file_whose_size_nobody_told_is_measured_once_it_is_here(town: Town) -> None:
    large = calendar(weekly(f"DESCRIPTION:{'x' * 4 * 1024 * 1024}"))
    before = len(await town.alice.received())

    await town.send_unmeasured(town.alice, "mine.ics", large)

    [refused] = (await town.alice.received())[before:]
    assert refused.startswith("The file is larger than 4 MB.")


async def test_bob_can_do_nothing_with_alices_file(town: Town) -> None:
    await hear_file(town.alice, "mine.ics", calendar(weekly()))
    waiting = await town.alice.find("Whose session is this?")
    bobs = (await town.bob.chat())[-1]["message_id"]

    toasts = [str(await town.bob.tap_data(bobs, b["data"])) for row in waiting["buttons"] for b in row]

    assert all("no longer in use" in toast for toast in toasts)
    asked = await hear_file(town.bob, "mine.ics", calendar(weekly()))
    assert await town.bob.buttons() == ["Carla", "Not a session"]
    assert "Ben" not in asked


async def test_a_file_of_annas_is_not_taken(town: Town) -> None:
    await hear_file(town.anna, "mine.ics", calendar(weekly()))

    assert town.counts()["calendar_file"] == 0


# out


async def exported(phone: Phone, text: str = "/calendar") -> list[str]:
    """The lines of the calendar file a phone is given."""
    await phone.send(text)
    media = next(m["media"] for m in reversed(await phone.chat()) if m.get("media"))
    assert media["name"] == "interlude-2026-10-05.ics"
    reply = await phone.house._http.get(f"/rehearsal/files/{media['file_id']}")
    return reply.text.splitlines()


def of(lines: list[str], *names: str) -> list[str]:
    return [line for line in lines if line.startswith(names)]


async def test_alice_puts_her_sessions_into_her_calendar_and_anna_hers(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00 weekly x2")
    await town.alice.send("/session Ben Fri 10:00")

    everybodys, bens = await exported(town.alice), await exported(town.alice, "/calendar Ben")
    annas = await exported(town.anna)

    assert of(everybodys, "DTSTART", "SUMMARY") == [
        "SUMMARY:Coaching: Anna", "DTSTART:20261008T090000Z", "SUMMARY:Coaching: Ben", "DTSTART:20261009T090000Z",
        "SUMMARY:Coaching: Anna", "DTSTART:20261015T090000Z",
    ]  # fmt: skip
    assert of(bens, "SUMMARY") == ["SUMMARY:Coaching: Ben"]
    assert of(annas, "SUMMARY") == ["SUMMARY:Coaching with Alice"] * 2
    assert of(annas, "UID") == [of(everybodys, "UID")[n] for n in (0, 2)]
    assert await hear(town.bob, "/calendar") == "No sessions are planned. /session Jack Thu 10:00 plans one."


async def test_a_session_moved_here_moves_in_the_calendar_with_the_next_file(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")
    before = await exported(town.alice)
    await town.house.advance(hours=1)
    await town.alice.send("/session Anna move Fri 14:00")
    after = await exported(town.alice)

    assert of(after, "UID") == of(before, "UID")
    assert (of(before, "SEQUENCE"), of(after, "SEQUENCE")) == (["SEQUENCE:0"], ["SEQUENCE:1"])
    assert of(after, "DTSTART") == ["DTSTART:20261009T130000Z"]
    shown = await hear_file(town.alice, "old.ics", "\r\n".join([*before, ""]).encode())
    assert "was changed after this file was made, and stays as it is here" in shown


async def test_our_own_file_comes_back_from_the_calendar_with_another_time(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")
    lines = await exported(town.alice)
    await town.house.advance(hours=1)
    text = "\r\n".join([*lines, ""]).replace("20261008T", "20261009T").replace("SEQUENCE:0", "SEQUENCE:1")

    shown = await hear_file(town.alice, "back.ics", text.encode())
    await town.alice.tap("Do it")

    assert "Anna\nMoved: Thursday 8 October, 10:00 → Friday 9 October, 10:00" in shown
    assert sessions(town) == [("10-09 09:00", "planned")]
    assert of(await exported(town.alice), "UID") == of(lines, "UID")


async def test_what_came_from_the_calendar_does_not_go_back_twice(town: Town) -> None:
    await imported(town, calendar(weekly()))
    assert await hear(town.alice, "/calendar") == "4 sessions came from your calendar and are in it already."
    await town.alice.send("/session Ben Fri 10:00")

    lines = await exported(town.alice)

    assert of(lines, "SUMMARY") == ["SUMMARY:Coaching: Ben"]
    assert "4 sessions came from your calendar" in await town.alice.last()
    assert len(of(await exported(town.anna), "UID")) == 4
