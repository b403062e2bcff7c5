"""Whatever fails: each shared answer is counted in exactly one digest that arrived, or in none if it was taken back."""

from typing import Any

import pytest
from house import Phone
from people import Town
from test_digest import FIRST, SECOND, close, hear

Bubble = dict[str, Any]


async def digests(phone: Phone) -> list[str]:
    """Each weekly digest that arrived."""
    return [m["text"] for m in await phone.chat() if m["from"] == "bot" and "week to" in m["text"]]


async def hold_back(town: Town, seconds: int, at: str = "2026-10-12 07:29") -> None:
    """Telegram asks to wait from a minute before the digest is due until well after it."""
    await town.until(at)
    await town.house.post(
        "faults", {"method": "sendMessage", "kind": "429", "calls": 1, "retry_after": seconds}
    )


async def message_with(phone: Phone, label: str) -> int:
    """The newest message with that button."""
    found = [m for m in await phone.chat() if any(label in b["text"] for row in m["buttons"] or [] for b in row)]
    return int(found[-1]["message_id"])


async def bens_words(town: Town, words: str = "a long day with the heron") -> int:
    """What Ben answers on Monday, and the message he can change its sharing by."""
    await town.until("2026-10-05 16:40")
    await town.ben.send(words)
    return await message_with(town.ben, "Only me")


# written again


async def test_a_digest_written_again_still_tells_of_the_whole_week(town: Town) -> None:
    kept = await bens_words(town)
    await hold_back(town, 600)
    await town.until("2026-10-12 07:32")
    await town.ben.tap("Only me", kept)
    await town.until("2026-10-12 09:00")

    [monday] = await digests(town.alice)
    assert "heron" not in monday
    of_ben = monday.split("── Ben")[1].split("Next week")[0]
    assert "1 answer is kept private." in of_ben
    assert "Asked 5, answered 1." in of_ben


async def test_a_digest_written_again_without_anna_still_tells_of_bens_week(town: Town) -> None:
    await bens_words(town)
    await town.until("2026-10-06 16:40")
    await town.anna.tap("7")
    await hold_back(town, 600)
    await town.until("2026-10-12 07:32")
    await town.anna.send("/delete")
    await town.anna.send("delete")
    await town.until("2026-10-12 09:00")
    await town.until(SECOND)

    first, second = await digests(town.alice)
    assert "── Anna" not in first + second
    assert "a long day with the heron" in first
    assert "Asked 5, answered 1." in first
    assert "heron" not in second


@pytest.mark.parametrize("has_arrived", [True, False])
async def test_of_a_digest_on_its_way_only_what_did_not_arrive_is_told_again(town: Town, has_arrived: bool) -> None:
    """Two messages: of the first nobody knows whether it arrived, the second waits when Ben takes back what is in it,
    at the very instant at which the digest fell due."""
    kept = await bens_words(town, "heron " * 400)
    await town.until("2026-10-06 16:40")
    await town.ben.send("the otter")
    await town.until("2026-10-07 16:31")
    await town.anna.send("kowari " + "and so on " * 300)
    await town.until("2026-10-12 07:29")
    kind = "500_after" if has_arrived else "500_before"
    await town.house.post("faults", {"method": "sendMessage", "kind": kind, "calls": 1})
    await town.until("2026-10-12 07:30")
    states = town.rows("SELECT state FROM delivery WHERE kind = 'digest' ORDER BY dedupe_key")
    await town.ben.tap("Only me", kept)
    if has_arrived:
        await town.alice.tap("Brief: Anna", (await town.alice.find("── Anna"))["message_id"])
    await town.until(SECOND)
    told = "\n".join(m["text"] for m in await town.alice.chat() if "── " in m["text"])

    assert states == [("unknown",), ("pending",)]
    assert told.count("kowari") == 1
    assert told.count("the otter") == 1
    assert "heron" not in told


# it does not arrive


async def test_what_could_not_be_told_while_alice_was_away_is_in_her_next_digest(town: Town) -> None:
    await bens_words(town)
    await town.until("2026-10-12 07:29")
    await town.alice.block()
    await town.until("2026-10-14 12:00")
    told = await hear(town.ben, "/read")
    await town.alice.unblock()
    await town.alice.send("/help")
    await town.until(SECOND)
    await town.until("2026-10-26 09:00")

    second, third = await digests(town.alice)
    assert "Not sent" in told[0]
    assert "a long day with the heron" in second
    assert "heron" not in third
    of_ben = second.split("── Ben")[1].split("Next week")[0]
    assert "Asked 10, answered 1." in of_ben


async def test_what_telegram_refused_once_is_in_the_next_digest_with_the_whole_time(town: Town) -> None:
    await bens_words(town)
    await town.until("2026-10-12 07:29")
    await town.house.post("faults", {"method": "sendMessage", "kind": "403", "calls": 1})
    await town.until("2026-10-12 08:00")
    covered = town.rows("SELECT count(*) FROM answer WHERE digest_id IS NOT NULL")
    await town.until("2026-10-14 12:00")
    await town.alice.send("/help")
    await town.until(SECOND)
    await town.until("2026-10-26 09:00")

    second, third = await digests(town.alice)
    assert covered == [(1,)]
    assert "a long day with the heron" in second
    assert "heron" not in third
    assert "Asked 10, answered 1." in second.split("── Ben")[1].split("Next week")[0]


async def test_words_taken_back_after_a_digest_failed_are_in_none_and_nothing_is_said_to_stay(town: Town) -> None:
    kept = await bens_words(town)
    await town.until("2026-10-12 07:29")
    await town.alice.block()
    await town.until("2026-10-14 12:00")
    await town.ben.tap("Only me", kept)
    line = next(m["text"] for m in await town.ben.chat() if m["message_id"] == kept)
    await town.alice.unblock()
    await town.alice.send("/help")
    await town.until(SECOND)

    assert "stays in their chat" not in line
    assert "heron" not in "\n".join(await digests(town.alice))


async def test_a_digest_put_off_on_friday_evening_is_there_on_monday(town: Town) -> None:
    await town.alice.send("/digest Fri 18:50")
    await bens_words(town)
    await hold_back(town, 1800, "2026-10-09 17:49")
    await town.until("2026-10-12 12:00")

    [monday] = await digests(town.alice)
    assert "a long day with the heron" in monday


async def test_the_next_brief_begins_where_one_did_that_never_arrived(town: Town) -> None:
    await bens_words(town)
    await town.alice.send("/session Ben Wed 12:00")
    await town.until("2026-10-06 09:00")
    await town.alice.block()
    await town.until("2026-10-07 14:00")
    await town.alice.unblock()
    brief = "\n".join(await hear(town.alice, "/brief Ben"))

    assert town.rows("SELECT count(*) FROM delivery WHERE kind = 'brief' AND state = 'failed'") != [(0,)]
    assert "a long day with the heron" in brief


# after the end


async def test_what_ben_opens_after_his_coaching_was_closed_reaches_alice_in_no_digest(town: Town) -> None:
    kept = await bens_words(town)
    await town.ben.tap("Only me", kept)
    await town.until("2026-10-06 16:40")
    await town.ben.send("shared in time")
    await town.until("2026-10-09 12:00")
    await close(town, "Ben")
    await town.ben.tap("Share with Alice", kept)
    await town.ben.send("what he writes for himself afterwards")
    await town.until(FIRST)

    [monday] = await digests(town.alice)
    of_ben = monday.split("── Ben")[1].split("Next week")[0]
    assert "shared in time" in of_ben
    assert "heron" not in of_ben
    assert "private" not in of_ben


async def begin_again(town: Town) -> None:
    """Ben follows another invitation of Alice's."""
    await town.alice.send("/invite Ben")
    await town.alice.tap("Make the link")
    await town.ben.send("/start " + (await town.alice.link()).rpartition("=")[2])
    await town.ben.tap("Who reads what?")
    await town.ben.tap("I agree")


async def test_what_ben_shared_is_told_once_although_he_begins_again_with_alice_before_monday(town: Town) -> None:
    await bens_words(town)
    await town.until("2026-10-08 12:00")
    await close(town, "Ben")
    await begin_again(town)
    await town.ben.tap("All I have shared")
    await town.until(SECOND)

    assert "\n".join(await digests(town.alice)).count("a long day with the heron") == 1


async def test_what_ben_lets_not_go_along_when_he_begins_again_is_in_no_digest(town: Town) -> None:
    await bens_words(town)
    await town.until("2026-10-08 12:00")
    await close(town, "Ben")
    await begin_again(town)
    await town.ben.tap("Nothing")
    await town.until(SECOND)

    assert "heron" not in "\n".join(await digests(town.alice))


async def test_what_went_along_to_bob_is_no_last_word_when_he_closes_the_coaching(town: Town) -> None:
    await bens_words(town)
    await town.until("2026-10-06 12:00")
    await town.olga.send("/hand Ben to Bob")
    await town.olga.tap("Hand over")
    await town.ben.tap("All I have shared")
    await town.until("2026-10-07 12:00")
    await town.bob.send("/leader Ben")
    await town.bob.tap("Close the coaching")
    await town.bob.tap("Yes, close it")
    await town.until(SECOND)

    assert "── Ben" not in "\n".join(await digests(town.bob))
