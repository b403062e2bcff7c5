"""`/progress`: a leader's ratings drawn for the leader alone, with the same in words."""

import sqlite3
from datetime import timedelta

from house import MONDAY, House, Phone
from people import Town

from bot.i18n import Say


async def _rated(phone: Phone, house: House, values: list[int]) -> None:
    """A rating each Friday, as the pulse asks for them."""
    for week, value in enumerate(values):
        await house.until(MONDAY + timedelta(weeks=week, days=4, hours=9))
        while {"10", Say(phone.language)("Skip")} <= set(await phone.buttons()):
            await phone.tap(str(value))


async def test_anna_sees_her_ratings_as_a_picture_that_the_caption_says_in_words(house: House) -> None:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    anna = await house.leader("Anna", alice, follows=("pulse",))
    await alice.send("/session Anna Thu 10:00 weekly x6")
    await _rated(anna, house, [4, 6])
    await anna.send("/progress")

    message = (await anna.chat())[-1]

    assert message["media"]["kind"] == "photo"
    assert message["text"].startswith("Your own ratings, 0 to 10, with your sessions marked. Only you are shown this.\n")
    assert "Confidence: 4 on 9 Oct, now 6; lowest 4, highest 6" in message["text"]
    [call] = await house.calls("sendPhoto")
    assert call["ok"]
    assert call["params"]["photo"]["file"] == "progress.png"


async def test_with_one_rating_there_is_nothing_to_draw_yet(town: Town) -> None:
    await town.until("2026-10-06 16:31")
    await town.anna.tap("4")
    await town.anna.send("/progress")

    assert await town.anna.last() == "There is one rating so far. With the second there is something to draw."
    assert await town.house.calls("sendPhoto") == []


async def test_the_picture_is_gone_from_the_outbox_once_it_was_sent_and_is_in_nobody_elses_chat(house: House) -> None:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    anna = await house.leader("Anna", alice, "fr", follows=("pulse",))
    await _rated(anna, house, [3, 9])
    await anna.send("/progress")
    photo = (await anna.chat())[-1]

    db = sqlite3.connect(house.settings.data_dir / "interlude.db")
    rows = list(db.execute("SELECT state, payload FROM delivery WHERE method = 'sendPhoto'"))
    db.close()
    assert rows == [("sent", None)]
    assert photo["media"]["kind"] == "photo"
    assert not [m for phone in (alice, olga) for m in await phone.chat() if m["media"]]
