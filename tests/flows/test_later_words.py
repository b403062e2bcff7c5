"""Words that come later, by replying to an old question, are news and not lost."""

from house import House
from people import Town


async def test_words_added_by_reply_days_later_are_acknowledged_and_reach_the_next_brief(house: House) -> None:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    anna = await house.leader("Anna", alice, follows=("first-six-weeks",))
    await alice.send("/session Anna Thu 10:00 weekly x2")
    await house.advance(days=3, hours=9, minutes=30)  # Thursday evening, after the first session
    asked = await anna.find("Which one moment")
    await anna.send("He paused.")
    await house.advance(days=7)  # past the second brief

    await anna.send("One more thing: he paused before he asked.", reply_to=asked["message_id"])
    told = await anna.last()
    await alice.send("/brief Anna")
    brief = await alice.last()

    assert told.startswith(("Kept.", "Noted.", "Thank you."))
    assert "One more thing: he paused before he asked." in brief


async def test_a_coach_does_not_become_their_own_leader(house: House) -> None:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    link = await house.leader_link("Zoe", alice, ("pulse",))

    await alice.send("/start " + link.rpartition("=")[2])

    assert "it would make you your own leader" in await alice.last()
    await alice.send("/leaders")
    assert "You have no leaders yet" in await alice.last()


async def test_what_is_written_after_sharing_a_thought_is_a_new_one_and_annas_own(town: Town) -> None:
    await town.until("2026-10-05 10:00")
    await town.anna.send("A short thought")
    await town.anna.tap("Share with Alice")
    await town.house.advance(minutes=5)
    await town.anna.send("And between us: I am looking elsewhere")
    told = await town.anna.last()
    await town.alice.send("/brief Anna")
    brief = "\n".join(await town.alice.received())

    assert told.startswith(("Kept, for your eyes only.", "Noted. Nobody else reads it.", "It stays with you alone."))
    assert "A short thought" in brief
    assert "looking elsewhere" not in brief


async def test_one_line_goes_to_a_win_that_was_shared_and_the_next_is_annas_own(town: Town) -> None:
    await town.until("2026-10-05 10:00")
    await town.anna.send("/win")
    for label in ("I spoke up", "I had prepared"):
        await town.anna.tap(label)
    await town.anna.tap("Share with Alice")
    await town.anna.send("In the Monday meeting")
    await town.anna.send("My stomach hurt all morning")
    await town.alice.send("/brief Anna")
    brief = "\n".join(await town.alice.received())

    assert "In the Monday meeting" in brief
    assert "stomach" not in brief


async def test_a_second_bubble_after_the_digest_is_acknowledged_and_in_the_next_one(town: Town) -> None:
    await town.until("2026-10-12 07:28")
    await town.ben.send("Something on Monday", reply_to=(await town.ben.find("What happened today?"))["message_id"])
    await town.until("2026-10-12 07:33")
    await town.ben.send("and a line more")
    told = await town.ben.last()
    first = "\n".join(await town.alice.received())
    await town.until("2026-10-19 07:45")
    later = "\n".join(await town.alice.received())[len(first) :]

    assert "Something on Monday" in first
    assert told.startswith(("Kept.", "Noted.", "Thank you."))
    assert "and a line more" in later
