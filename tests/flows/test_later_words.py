"""Words that come later, by replying to an old question, are news and not lost."""

from house import House


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
