"""What nobody knows to have arrived is looked for in its chat, and nothing else there is touched."""

import pytest
from house import Phone
from people import Town

from bot import failpoints

PRIVACY, HELP = "You agreed to this", "What you can do here"


async def fault(town: Town, kind: str, calls: int = 1, method: str = "sendMessage") -> None:
    await town.house.post("faults", {"method": method, "kind": kind, "calls": calls})


async def copies(phone: Phone, *parts: str) -> list[int]:
    texts = await phone.received()
    return [sum(part in text for text in texts) for part in parts]


async def test_replies_of_unknown_fate_are_there_once_whatever_went_wrong(town_on: Town) -> None:
    town, anna, ben = town_on, town_on.anna, town_on.ben
    calls = (await town.house.calls())[-1]["n"]
    before = len(await town.olga.chat())
    for kind in ("500_after", "reset_after", "bad_json", "500_before", "502_html", "reset_before"):
        seen = await copies(anna, PRIVACY)
        await fault(town, kind)
        await anna.send("/privacy")
        await town.house.advance(minutes=1)
        assert await copies(anna, PRIVACY) == [seen[0] + 1], kind

    checks = [call for call in await town.house.calls("deleteMessage") if call["ok"]]
    assert len(checks) == 2  # the self-check, once
    assert len(await town.olga.chat()) == before

    # a reply waits while it may be found out: what was said first comes first
    await fault(town, "500_before")
    await ben.send("/privacy")
    await ben.send("/help")
    assert await copies(ben, PRIVACY, HELP) == [0, 0]
    await town.house.advance(minutes=1)
    privacy, helped = [m["message_id"] for part in (PRIVACY, HELP) for m in await ben.chat() if part in m["text"]]
    assert privacy < helped
    assert not [call for call in await town.house.calls("editMessageText") if call["ok"] and call["n"] > calls]


async def test_what_a_check_could_not_take_away_the_next_one_does(town: Town) -> None:
    left = []
    await fault(town, "500_before", calls=12, method="deleteMessage")
    for _ in range(2):
        await fault(town, "500_before")
        await town.anna.send("/privacy")
        await town.house.advance(minutes=5)
        left += await copies(town.olga, "A check that messages arrive once")
        await town.house.advance(hours=2)

    assert left == [2, 0]


@pytest.mark.parametrize("kind", ["500_after", "500_before"])
async def test_what_asks_for_a_reply_can_be_edited_by_nobody_and_is_found_by_that(town: Town, kind: str) -> None:
    await town.alice.send("/ask Anna")
    await fault(town, kind)
    await town.alice.tap("A new question")
    await town.house.advance(minutes=5)

    assert await copies(town.alice, "What would you like to ask Anna?") == [1]


async def test_a_second_try_has_ids_of_its_own(town: Town) -> None:
    """Where the first try was not found the second may be."""
    await fault(town, "500_before")
    await town.ben.send("/privacy")
    await town.house.advance(minutes=2)  # by now it is known what a search can rely on
    await fault(town, "reset_before")
    await fault(town, "reset_after")
    await town.anna.send("/privacy")
    await town.house.advance(minutes=5)

    assert await copies(town.anna, PRIVACY) == [1]
    assert town.rows("SELECT max(attempt) FROM delivery") == [(2,)]


async def asked(town: Town, phone: Phone) -> list[int]:
    """The ids that were asked about in somebody's chat."""
    calls = [call["params"] for call in await town.house.calls("editMessageCaption")]
    return [call["message_id"] for call in calls if call["chat_id"] == phone.id]


async def test_a_search_that_was_cut_off_goes_on_where_it_was(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """Else whoever is killed again and again never comes to an end."""
    await fault(town, "500_before")
    await town.anna.send("/privacy")
    await town.house.advance(minutes=2)  # by now it is known what a search can rely on
    await fault(town, "500_before")
    await town.ben.send("/privacy")
    for _ in range(30):
        await town.anna.send("/urgent")  # no row knows of what is said then
    failpoints.arm("probe.before=raise@25")
    await town.house.advance(minutes=1)
    failpoints.arm("")
    caplog.clear()

    ids = await asked(town, town.ben)
    assert len(ids) > 30
    assert ids[24:] == sorted({*ids[20:]})  # what was asked since the last ten is asked once more, no more than that
    assert await copies(town.ben, PRIVACY) == [1]


async def test_where_no_message_can_be_yet_a_search_that_was_cut_off_does_not_creep_on(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await fault(town, "500_before")
    await town.anna.send("/privacy")
    await town.house.advance(minutes=2)
    await fault(town, "500_before")
    await town.ben.send("/privacy")
    failpoints.arm("probe.before=raise@11")  # ten are noted
    await town.house.advance(minutes=1)
    failpoints.arm("")
    caplog.clear()

    ids = await asked(town, town.ben)
    assert len(ids) > 20
    assert len({*ids}) == 11  # a few beyond the highest one known, the same ones again


async def test_which_of_two_arrived_is_told_by_what_was_sent_between_them(town: Town) -> None:
    await fault(town, "500_before")
    await town.ben.send("/privacy")
    await town.house.advance(minutes=2)  # by now it is known what a search can rely on
    await fault(town, "500_before", calls=1000, method="editMessageCaption")
    await fault(town, "500_before")
    await town.anna.send("/privacy")
    await town.house.advance(minutes=3)  # nothing can be found out: what is said now does not wait
    await town.ben.send("/help")
    await fault(town, "500_after")
    await town.anna.send("/help")
    await town.house.delete("faults")
    await town.house.advance(minutes=2)

    assert await copies(town.anna, PRIVACY, HELP) == [1, 1]
    assert town.rows("SELECT count(*) FROM delivery WHERE state IN ('unknown', 'failed')") == [(0,)]


async def test_what_was_given_up_keeps_nobody_from_finding_what_came_long_after(town: Town) -> None:
    await fault(town, "500_before", calls=1000, method="editMessageCaption")
    await fault(town, "500_before")
    await town.anna.send("/privacy")
    await town.house.advance(minutes=20)
    await town.house.delete("faults")
    await town.ben.send("/help")
    given_up = town.rows("SELECT count(*) FROM delivery WHERE state = 'failed'")
    await fault(town, "500_after")
    await town.anna.send("/help")
    await town.house.advance(minutes=2)

    assert given_up == [(1,)]
    assert await copies(town.anna, PRIVACY, HELP) == [0, 1]
    assert town.rows("SELECT count(*) FROM delivery WHERE state = 'unknown'") == [(0,)]


async def test_a_process_after_another_has_time_to_search_of_its_own(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    await fault(town, "500_before", calls=1000, method="editMessageCaption")
    await fault(town, "500_before")
    await town.anna.send("/privacy")
    await town.house.advance(minutes=5)
    await town.house.stop_bot()
    await town.house.advance(minutes=20)
    await town.house.delete("faults")
    await fault(town, "500_before", calls=6, method="editMessageCaption")  # its first search is in vain
    await town.house.start_bot()
    await town.house.advance(minutes=2)

    assert await copies(town.anna, PRIVACY) == [1]
    caplog.clear()


async def test_one_odd_answer_does_not_turn_the_search_off(town: Town) -> None:
    await fault(town, "404", method="editMessageText")
    await fault(town, "400", method="editMessageCaption")
    await fault(town, "500_after")
    await town.anna.send("/privacy")
    await town.house.advance(minutes=1)

    assert await copies(town.anna, PRIVACY) == [1]
    assert town.rows("SELECT value FROM marker WHERE name = 'self-check'") == [("guarded",)]


async def test_a_third_copy_says_so_as_the_second_did(town: Town) -> None:
    """The second was looked for and is not there; the first may be."""
    await fault(town, "500_before", calls=1000, method="editMessageCaption")  # nothing can be found out
    await town.until("2026-10-05 16:29")
    await fault(town, "500_after")
    await town.until("2026-10-05 16:40")
    await town.anna.send("/help")  # from here on the second is looked for
    await town.house.advance(seconds=15)
    await fault(town, "reset_before")
    await town.house.advance(seconds=20)  # given up, and sent again
    await town.house.delete("faults")
    await town.house.advance(hours=2)

    texts = [text for text in await town.ben.received() if "What happened today?" in text]
    assert ["sent again" in text for text in texts] == [False, True]


async def test_where_only_an_identical_edit_tells_it_is_enough_for_a_message_alone(town: Town) -> None:
    """As of a server that does not know the call which can change nothing."""
    await fault(town, "404", calls=1000, method="editMessageCaption")
    for kind in ("500_after", "500_before"):
        seen = await copies(town.anna, PRIVACY)
        await fault(town, kind)
        await town.anna.send("/privacy")
        await town.house.advance(minutes=1)
        assert await copies(town.anna, PRIVACY) == [seen[0] + 1], kind

    await town.olga.send("/status")
    assert "plain" in town.rows("SELECT value FROM marker WHERE name = 'self-check'")[0]


async def test_a_method_that_is_not_there_stops_nobody_else(town: Town) -> None:
    await fault(town, "404")
    await town.anna.send("/privacy")
    await town.ben.send("/privacy")

    assert await copies(town.ben, PRIVACY) == [1]
    assert town.rows("SELECT reason FROM delivery WHERE state = 'failed'") == [("refused",)]


async def test_a_group_numbers_its_messages_apart_and_nothing_is_lost_or_doubled_by_it(town: Town) -> None:
    group = {"id": -1001234567890, "type": "supergroup", "title": "Team"}
    sender = {"id": town.anna.id, "is_bot": False, "first_name": "Anna"}
    await town.update("message", {"message_id": 900_000, "date": 0, "chat": group, "from": sender, "text": "hello"})
    await town.until("2026-10-05 16:29")
    await fault(town, "500_after")
    await town.until("2026-10-05 17:00")

    assert await copies(town.ben, "What happened today?") == [1]
    assert town.rows("SELECT count(*) FROM delivery WHERE state = 'unknown'") == [(0,)]
    assert town.rows("SELECT max(message_id) < 900000 FROM inbound") == [(1,)]


async def test_words_beside_a_question_that_never_arrived_can_be_taken_out_and_it_comes(town: Town) -> None:
    ben = town.ben
    await town.until("2026-10-05 16:29")
    await fault(town, "reset_before")
    await town.until("2026-10-05 16:30")
    await ben.send("Rain again")
    await town.house.advance(minutes=5)
    kept = await ben.find("may not have reached you")
    await ben.tap("Not an answer", kept["message_id"])
    await town.house.advance(minutes=1)
    asked = await ben.find("What happened today?")
    await ben.send("We lost a client")

    assert "What happened today?" in kept["text"]
    assert asked["message_id"] > kept["message_id"]
    assert "Later" in [button["text"] for row in asked["buttons"] for button in row]
    assert await copies(ben, "may not have reached you", "What happened today?") == [0, 1]
    assert town.rows("SELECT kind FROM answer ORDER BY given_at") == [("moment",), ("answer",)]


async def test_what_was_said_beside_the_outbox_is_never_overwritten(town: Town) -> None:
    calls = (await town.house.calls())[-1]["n"]
    for phone, kind in ((town.anna, "500_before"), (town.ben, "500_after")):
        await fault(town, kind)
        await phone.send("/privacy")
        await phone.send("/urgent")
        said = [m for m in await phone.chat() if m["from"] == "bot"]
        await town.house.advance(minutes=20)

        assert [m for m in await phone.chat() if m["from"] == "bot"] == said

    assert not [call for call in await town.house.calls("editMessageText") if call["ok"] and call["n"] > calls]
    await town.olga.send("/status")
    assert "2 × nobody knows whether it arrived" in await town.olga.last()


@pytest.mark.parametrize(
    ("kinds", "there"),
    [
        (("500_after", "500_after"), 2),
        (("500_before", "500_after"), 1),  # which of the two it is nobody can tell: the other is let go
        (("500_after", "500_before"), 2),  # it can be the first only, and the second is sent again
    ],
)
async def test_a_reply_to_one_of_two_lost_messages_that_read_alike_proves_no_other(
    town: Town, kinds: tuple[str, str], there: int
) -> None:
    await fault(town, "500_before")
    await town.ben.send("/privacy")
    await town.house.advance(minutes=2)  # by now it is known what a search can rely on
    await fault(town, "500_before", calls=1000, method="editMessageCaption")
    for kind in kinds:
        await fault(town, kind)
        await town.anna.send("/privacy")
        await town.house.advance(minutes=2, seconds=30)  # nothing can be found out: what is said then does not wait

    last = [message for message in await town.anna.chat() if PRIVACY in message["text"]][-1]
    await town.anna.send("I did", reply_to=last["message_id"])
    await town.house.delete("faults")
    await town.house.advance(minutes=15)

    assert await copies(town.anna, PRIVACY) == [there]
    assert not town.rows("SELECT state FROM delivery WHERE state IN ('pending', 'sending', 'unknown') AND attempt > 0")


async def test_what_is_known_not_to_have_arrived_keeps_nobody_from_finding_the_next(town: Town) -> None:
    ben = town.ben
    await town.until("2026-10-05 16:29")
    await fault(town, "reset_before")
    await town.until("2026-10-05 16:30")
    await ben.send("Rain again")  # the question is answered: where it was not found it is not asked again
    await town.house.advance(minutes=5)
    assert town.rows("SELECT state FROM delivery WHERE kind = 'prompt' AND message_id IS NULL") == [("failed",)]

    await fault(town, "reset_after")
    await ben.send("/privacy")
    await town.house.advance(minutes=2)

    assert await copies(ben, PRIVACY) == [1]
    assert not town.rows("SELECT id FROM delivery WHERE state = 'unknown'")
