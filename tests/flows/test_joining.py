"""Joining, lived by the newcomer and the stranger: two steps, one use, a place; and nothing kept of anybody else."""

import json

from house import Phone
from people import Town

from bot.rehearsal.messages import as_message, messages_of

STRANGER = "Hello. This is a private coaching bot"


async def open_link(phone: Phone, link: str) -> None:
    await phone.send("/start " + link.rpartition("=")[2])


async def agree(phone: Phone) -> None:
    await phone.tap("Who reads what?")
    await phone.tap("I agree")


async def link_for(name: str, by: Phone) -> str:
    await by.send(f"/invite {name}")
    await by.tap("Make the link")
    return await by.link()


async def test_dora_joins_alice_in_two_steps_and_her_consent_is_written_down(town_on: Town) -> None:
    town = town_on
    dora = await town.house.phone("Dora")
    link = await link_for("Dora", town.alice)

    await open_link(dora, link)
    first = await dora.last()
    await dora.tap("Who reads what?")
    second = await dora.last()
    nothing_yet = await town.alice.last()
    await dora.tap("I agree")
    await dora.tap("United Kingdom")
    await dora.send("/privacy")
    privacy = await dora.last()

    assert first.startswith("Hello Dora.\n\nAlice invites you to Interlude.")
    assert all(part in second for part in ("Alice reads", "not your employer", "/urgent", "encrypted", "/delete"))
    assert "has joined" not in nothing_yet
    assert (await town.alice.last()).startswith("Dora has joined. /session Dora")
    assert "You agreed to this on Monday 5 October" in privacy
    assert await dora.last() == privacy


async def test_an_invite_works_once_for_seven_days_and_only_with_its_own_token(town: Town) -> None:
    dora, eve, finn = [await town.house.phone(name) for name in ("Dora", "Eve", "Finn")]
    used = await link_for("Dora", town.alice)
    await open_link(dora, used)
    await agree(dora)
    late = await link_for("Finn", town.alice)
    people = town.counts()["person"]

    await open_link(eve, used)
    second_use = await eve.received()
    await open_link(dora, used)
    own_again = await dora.last()
    await open_link(eve, "x=" + "A" * 32)
    await open_link(eve, "x=" + used.rpartition("=")[2][:-1] + "~")
    forged = await eve.received()
    await open_link(town.anna, used)
    known = await town.anna.last()
    await town.house.advance(days=6, hours=23)
    await open_link(finn, late)
    in_time = await finn.last()
    await town.house.advance(hours=2)
    await finn.tap("Who reads what?")
    too_late = await finn.last()

    assert len(second_use) == 1
    assert "used or has expired" in second_use[0]
    assert forged == second_use  # within the hour, and nothing more to learn
    assert own_again.startswith("You are here already. /help shows what you can do.")
    assert "Alice plans them" in own_again
    assert known == own_again  # of whose link it was nothing is said
    assert "Alice invites you" in in_time
    assert too_late == in_time  # the sentence came as a toast; nothing was sent
    assert town.rows("SELECT count(*) FROM person WHERE state = 'active'") == [(people,)]


async def test_two_people_with_one_link_who_both_agree_leave_one_leader(town: Town) -> None:
    dora, eve = await town.house.phone("Dora"), await town.house.phone("Eve")
    link = await link_for("Dora", town.alice)
    for phone in (dora, eve):
        await open_link(phone, link)
        await phone.tap("Who reads what?")

    first, second = await dora.tap("I agree"), await eve.tap("I agree")

    assert not first.get("text")
    assert "used or has expired" in second["text"]
    assert town.rows("SELECT count(*) FROM engagement") == [(4,)]


async def test_who_says_no_is_told_that_nothing_changes_and_may_still_come_back(town: Town) -> None:
    dora = await town.house.phone("Dora")
    link = await link_for("Dora", town.alice)
    before = town.counts()
    await open_link(dora, link)

    told = (await dora.tap("No, thank you"))["text"]
    after = town.counts()
    await open_link(dora, link)
    await agree(dora)

    assert "That is fine" in told
    assert after == before | {"inbound": after["inbound"]}, "nothing is kept of somebody who says no"
    assert (await dora.received())[-2].startswith("Welcome.")
    assert town.counts()["engagement"] == before["engagement"] + 1


async def test_somebody_who_opened_a_link_and_writes_before_agreeing_is_told_what_to_do(town: Town) -> None:
    dora = await town.house.phone("Dora")
    await open_link(dora, await link_for("Dora", town.alice))

    await dora.send("yes please, my secret is axolotl")
    told = await dora.last()
    await dora.send("/help")
    helped = await dora.last()

    assert told.startswith(STRANGER)
    assert "invitation link" in told
    assert helped == told
    assert not town.in_files("axolotl")


async def test_anna_moves_to_another_account_and_her_history_follows(town: Town) -> None:
    await town.until("2026-10-06 16:31")
    await town.anna.tap("In my own words")
    await town.anna.send("before the move, marmoset")
    other = await town.house.phone("Anna's new phone")
    await town.alice.send("/invite anna")
    await town.alice.tap("anna, on another account")

    await open_link(other, await town.alice.link())
    await agree(other)
    await town.anna.send("hello?")
    await town.alice.send("/brief Anna")
    read = await town.alice.last()
    await town.until("2026-10-07 16:31")

    assert "marmoset" in read
    assert (await town.anna.last()).startswith(STRANGER)
    assert "Where did you talk?" in await other.last()
    assert town.rows("SELECT count(*) FROM engagement") == [(3,)]
    assert town.rows("SELECT count(*) FROM person") == [(6,)]


async def test_alice_becomes_an_administrator_too_and_keeps_her_leaders(town: Town) -> None:
    await town.olga.send("/invite Alice")
    await town.olga.tap("as an administrator")

    await open_link(town.alice, await town.olga.link())
    await agree(town.alice)
    await town.alice.tap("United Kingdom")
    await town.alice.send("/status")
    status = await town.alice.last()
    await town.alice.send("/leaders")
    leaders = await town.alice.last()

    assert "don't know that command" not in status
    assert "Anna" in leaders
    assert "Carla" not in leaders


async def test_a_place_is_a_country_a_city_of_several_or_something_typed(town: Town) -> None:
    anna = town.anna
    await anna.send("/timezone")
    await anna.tap("France")
    paris = await anna.last()
    await anna.send("/timezone")
    await anna.tap("United States")
    cities = await anna.buttons()
    await anna.tap("Chicago")
    chicago = await anna.last()
    await anna.send("/timezone")
    await anna.send("Lisbon")
    lisbon = await anna.last()
    await anna.send("/timezone Edinbrugh")
    suggested = await anna.buttons()
    await anna.tap("London")
    london = await anna.last()
    await anna.send("/timezone UTC+2")
    offset = await anna.last()
    await anna.send("/timezone Zzyzxq")
    nowhere = await anna.last()

    assert paris == "Thank you: it is 10:00 where you are (Europe/Paris)."
    assert {"New York", "Chicago", "Los Angeles"} <= set(cities)
    assert chicago == "Thank you: it is 03:00 where you are (America/Chicago)."
    assert "Europe/Lisbon" in lisbon
    assert len(suggested) <= 3
    assert "Europe/London" in london
    assert "summer time" in offset
    assert nowhere.startswith("I do not know that place.")


async def test_words_written_instead_of_a_country_are_not_lost(town: Town) -> None:
    await town.anna.send("/timezone")

    await town.anna.send("I had a rotten day, pangolin")
    await town.anna.tap("Share with Alice")
    await town.alice.send("/brief Anna")

    assert "pangolin" in await town.alice.last()


async def test_a_stranger_gets_one_sentence_an_hour_and_leaves_no_trace(town: Town) -> None:
    before = town.counts()

    sent = [await town.zoe.send(words) for words in ("hello, I am Zoe okapi", "/help", "/brief Anna", "/start okapi")]
    await town.zoe.edit(sent[0], "okapi again")
    await town.zoe.tap_data((await town.zoe.find(STRANGER))["message_id"], "okapi:0")
    within = await town.zoe.received()
    await town.house.advance(minutes=61)
    await town.zoe.send("still here, okapi")
    later = await town.zoe.received()
    after = town.counts()
    traces = town.rows("SELECT * FROM inbound WHERE body IS NOT NULL OR chat_id = ? OR chat_id IS NULL AND "
                       "callback_query_id IS NOT NULL", town.zoe.id)  # fmt: skip

    assert len(within) == 1
    assert within[0].startswith(STRANGER)
    assert len(later) == 2
    assert not traces
    assert {t for t in after if after[t] != before[t]} <= {"inbound", "marker"}
    assert not town.in_files("okapi")
    assert not town.in_files(str(town.zoe.id))


async def test_strangers_are_spoken_to_in_their_language(town: Town) -> None:
    zelie = await town.house.phone("Zélie", "fr")

    await zelie.send("bonjour")

    assert "Bonjour" in await zelie.last()


async def test_dragged_into_a_group_the_bot_says_so_and_leaves(town: Town) -> None:
    before = town.counts()

    made = await town.house.post(f"people/{town.anna.id}/group", {"title": "The team"})
    group = await town.house.get(f"groups/{-made['chat_id']}/chat")
    said = [m["text"] for m in group["messages"] if m["from"] == "bot" and m["text"]]

    assert said == ["I only work in private chats, so I am leaving. Write to me directly."]
    assert group["bot_is_member"] is False
    assert {t for t, n in town.counts().items() if n != before[t]} <= {"inbound"}


async def test_the_same_update_delivered_twice_has_one_effect(town: Town) -> None:
    await town.until("2026-10-05 16:31")
    await town.ben.send("said once")
    world = town.house.stage.world
    number = world.store.count("SELECT value FROM meta WHERE key = 'next_update'") - 1
    before = await town.ben.received()

    await town.house.stop_bot()  # it forgets its offset, and Telegram has the update still
    row = messages_of(world, town.ben.id)[-2]
    world.store.run("INSERT INTO waiting_update (update_id, kind, queue, expires, body) VALUES (?, ?, ?, ?, ?)",
                    number, "message", f"chat:{town.ben.id}", world.now().timestamp() + 9999,
                    json.dumps(as_message(world, row)))  # fmt: skip
    await town.house.start_bot()
    await town.settled()

    assert town.rows("SELECT count(*) FROM answer_part") == [(1,)]
    assert await town.ben.received() == before


async def test_a_french_newcomer_joins_in_french_and_can_switch(town: Town) -> None:
    jerome = await town.house.phone("Jérôme", "fr")
    await open_link(jerome, await link_for("Jérôme", town.alice))
    hello = await jerome.last()
    await jerome.tap((await jerome.buttons())[0])
    await jerome.tap((await jerome.buttons())[0])
    await jerome.tap("France")

    await jerome.send("/language")
    await jerome.tap("English")
    switched = await jerome.last()
    await jerome.send("/help")

    consents = town.rows("SELECT text_version, language, at, withdrawn_at FROM consent")
    assert {(version[:2], language, at[:16], gone) for version, language, at, gone in consents} == {
        ("20", "en", "2026-10-05 08:00", None), ("20", "fr", "2026-10-05 08:00", None),
    }  # fmt: skip
    assert len(consents) == 7
    assert "Bonjour Jérôme" in hello
    assert switched == "From now on in English."
    assert "What you can do here" in await jerome.last()
