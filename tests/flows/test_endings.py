"""What a coaching's end, an erasure or a failure leaves behind: nothing said by the wrong person, nobody left waiting."""

import json

from people import Town, times
from test_acting import brief, notes, reply, said
from test_export import exported

THURSDAY = "2026-10-08"


async def hand_over(town: Town, name: str) -> None:
    await town.olga.send(f"/hand {name} to Bob")
    await town.olga.tap("Hand over")


async def joined(town: Town) -> None:
    """Bob invites Ben, who has read what that means, and has not agreed yet."""
    await town.bob.send("/invite Ben")
    await town.bob.tap("Make the link")
    await town.ben.send("/start " + (await town.bob.link()).rpartition("=")[2])
    await town.ben.tap("Who reads what?")


async def test_alice_hears_that_her_note_does_not_go_and_it_stays_her_own(town: Town) -> None:
    await said(town, "wobbly")
    await town.anna.send("/pause until 20 Oct")
    await reply(town, "No hurry.")
    await hand_over(town, "Anna")
    told = "\n".join(await town.alice.received())
    back = await town.alice.tap("Take it back")
    await town.until("2026-10-21 12:00")

    assert "1 note to Anna had not gone yet, and is not sent." in told
    assert back["text"] == "This button is no longer in use."
    assert await notes(town.anna) == []
    assert town.rows("SELECT kind, delivery_id FROM note") == [("own", None)]
    assert "No hurry." not in await brief(town.bob)


async def test_a_note_written_before_alice_closes_the_coaching_does_not_come_after_the_goodbye(town: Town) -> None:
    await said(town, "wobbly")
    await reply(town, "One more thing.")
    await town.alice.send("/leader Anna")
    await town.alice.tap("Close the coaching")
    await town.alice.tap("Yes, close it")
    await town.until("2026-10-08 12:00")

    assert "1 note to Anna had not gone yet, and is not sent." in await town.alice.received()
    assert await notes(town.anna) == []


async def test_alice_sees_what_became_of_her_note_and_hears_when_it_failed(town: Town) -> None:
    await said(town, "wobbly")
    await reply(town, "What kept you upright?")
    await town.alice.send("/note Anna")
    before = await town.alice.last()
    await town.house.post("faults", {"method": "sendMessage", "kind": "400", "calls": 1})
    await town.until("2026-10-07 12:00")
    told = await town.alice.find("could not be delivered")
    await town.alice.send("/note Anna")
    after = await town.alice.last()
    await reply(town, "Once more: what kept you upright?")
    await town.until("2026-10-07 12:05")
    await town.alice.send("/note Anna")
    again = await town.alice.last()

    assert "· on its way\nWhat kept you upright?" in before
    assert told["text"] == "Your note to Anna could not be delivered. The words are still here: /note Anna"
    assert "· not delivered\nWhat kept you upright?" in after
    assert "· sent\nOnce more: what kept you upright?" in again
    assert len(await notes(town.anna)) == 1


async def test_a_note_of_signs_that_telegram_counts_twice_is_refused_before_it_fails(town: Town) -> None:
    await said(town, "wobbly")
    await reply(town, "😀" * 2040)
    refused = await town.alice.last()
    await reply(town, "😀" * 1250)
    await town.house.advance(minutes=3)

    assert refused == "This is too long for one note. Please keep it under 2500 characters."
    assert len(await notes(town.anna)) == 1


async def test_a_session_under_way_has_taken_place_although_the_coaching_is_closed_in_it(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")
    await town.alice.send("/session Anna Fri 10:00")
    await town.until(f"{THURSDAY} 09:30")
    await town.alice.send("/leader Anna")
    await town.alice.tap("Close the coaching")
    asked = await town.alice.find("Close the coaching with Anna?")
    await town.alice.tap("Yes, close it")

    assert "1 planned session is cancelled." in asked["text"]
    assert town.rows("SELECT state FROM session ORDER BY starts_at") == [("held",), ("cancelled",)]


async def test_what_ben_would_bring_to_alice_goes_to_bob_with_all_he_has_shared_and_comes_back_with_it(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("potoroo for the session")
    await town.ben.tap("Bring to the session")
    await town.ben.send("/agenda only for me to know")
    await hand_over(town, "Ben")
    unasked = await brief(town.bob, "Ben")
    await town.ben.tap("All I have shared")
    along = await brief(town.bob, "Ben")
    await town.ben.tap("Nothing")
    less = await brief(town.bob, "Ben")

    assert "What they bring" not in unasked
    assert "1. " in along
    assert "potoroo for the session" in along
    assert "2. " not in along
    assert "What they bring" not in less


async def test_ben_is_told_what_bobs_invitation_ends_before_he_agrees(town: Town) -> None:
    await town.alice.send("/session Ben Thu 15:00")
    await joined(town)
    terms = await town.ben.last()
    still = town.rows("SELECT count(*) FROM engagement WHERE state = 'ended'")
    await town.ben.tap("I agree")

    assert "Alice coaches you here now. If you agree, Bob does so instead: Alice is told" in terms
    assert still == [(0,)]
    assert "1 planned session is cancelled." in await town.ben.received()


async def test_a_nudge_that_waits_does_not_name_who_was_erased_meanwhile(town: Town) -> None:
    await town.until("2026-10-08 07:55")
    await town.house.post("faults", {"method": "sendMessage", "kind": "429", "calls": 1, "retry_after": 1200})
    await town.until("2026-10-08 08:10")
    waiting = town.rows("SELECT count(*) FROM delivery WHERE dedupe_key LIKE 'next:%' AND state = 'pending'")
    await town.ben.send("/delete")
    await town.ben.send("delete")
    await town.until("2026-10-08 10:00")

    assert waiting[0][0] > 0
    assert not await times(town.alice, "No session with Ben is planned yet.")
    assert "Ben has left Interlude and deleted everything here." in await town.alice.received()


async def test_an_answer_to_alices_order_that_waits_does_not_name_who_was_erased_meanwhile(town: Town) -> None:
    await town.house.post("faults", {"method": "sendMessage", "kind": "429", "calls": 1, "retry_after": 1200})
    await town.alice.send("/session Ben Thu 15:00")
    await town.ben.send("/delete")
    await town.ben.send("delete")
    await town.house.advance(hours=1)

    assert "1 session with Ben" not in "\n".join(await town.alice.received())


async def test_what_alice_wrote_comes_with_her_export_and_goes_with_her(town: Town) -> None:
    await town.alice.send("/note Anna bilby, my own note")
    await town.alice.send("/blocker Anna wombat, my own guess")
    files = await exported(town.alice)
    theirs = await exported(town.anna)
    await hand_over(town, "Anna")
    later = await exported(town.alice)
    await hand_over(town, "Ben")
    await town.alice.send("/delete")
    await town.alice.send("delete")

    facts = json.loads(files[".json"])["written_about_leaders"]
    assert [(one["name"], one["hypotheses"], one["notes"][0]["text"]) for one in facts] == [
        ("Anna", ["wombat, my own guess"], "bilby, my own note")
    ]
    page = files[".html"].decode()
    assert "bilby, my own note" in page
    assert "wombat, my own guess" in page
    assert b"bilby" not in theirs[".json"] + theirs[".html"] + later[".json"] + later[".html"]
    assert town.rows("SELECT (SELECT count(*) FROM note), (SELECT count(*) FROM blocker)") == [(0, 0)]


async def test_alice_answers_a_question_of_her_own_right_after_she_has_sent_a_note(town: Town) -> None:
    await town.bob.send("/invite Alice")
    await town.bob.tap("Make the link")
    await town.alice.send("/start " + (await town.bob.link()).rpartition("=")[2])
    await town.alice.tap("Who reads what?")
    await town.alice.tap("I agree")
    await town.bob.send("/ask Alice Tue 17:32 What is left of today?")
    await town.bob.tap("Ask it")
    await said(town, "wobbly")
    await reply(town, "What kept you upright?")
    await town.until("2026-10-06 16:32")
    await town.alice.send("a cup of tea")
    await town.until("2026-10-06 16:40")

    assert "a cup of tea" not in "\n".join(await notes(town.anna))
    assert "a cup of tea" in await brief(town.bob, "Alice")
