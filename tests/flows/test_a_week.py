"""One coaching week, lived by everybody."""

from house import House


async def test_a_question_comes_at_half_past_five_and_its_answer_reaches_the_brief_and_the_digest(house: House) -> None:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    anna = await house.leader("Anna", alice, follows=("pulse",))
    await alice.send("/session Anna Thu 10:00")

    await house.advance(days=2, hours=9)  # Wednesday 18:00
    asked = await anna.find("how light has work felt")
    toast = await anna.tap("4", asked["message_id"])
    kept = await anna.last()
    await house.advance(days=1)

    assert asked["date"] == "2026-10-07T16:30:00+00:00" or asked["date"].startswith("2026-10-06T16:30")
    assert toast["answered"] is not False
    assert kept == "Kept. Alice reads it before your session on Thursday 8 October."
    brief = await alice.find("Anna · Thursday 8 October, 10:00")
    assert "lightness: 4" in brief["text"]


async def test_words_are_an_answer_in_several_bubbles_and_an_edit_changes_them(house: House) -> None:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    anna = await house.leader("Anna", alice, follows=("first-six-weeks",))
    await alice.send("/session Anna Thu 10:00")
    await house.advance(days=4)  # Friday morning; the first session was on Thursday
    asked = await anna.find("Which one moment")

    first = await anna.send("I said no to a client")
    await anna.send("and nothing broke", reply_to=asked["message_id"])
    await anna.edit(first, "I said no to our biggest client")
    await alice.send("/brief Anna")
    brief = await alice.last()

    assert "I said no to our biggest client\nand nothing broke" in brief
    assert "I said no to a client" not in brief
