"""Leaving and coming back: by the same link, with a new one, after a block; nobody is told what concerns another."""

from house import Phone
from people import Town, times

HERE = "You are here already. /help shows what you can do."


def token(link: str) -> str:
    return "/start " + link.rpartition("=")[2]


async def join(phone: Phone, link: str) -> None:
    await phone.send(token(link))
    await phone.tap("Who reads what?")
    await phone.tap("I agree")
    await phone.tap("United Kingdom")


async def newcomer(town: Town) -> tuple[Phone, str]:
    dora = await town.house.phone("Dora")
    link = await town.house.leader_link("Dora", town.alice, ("daily",))
    await join(dora, link)
    return dora, link


async def test_dora_blocks_and_comes_back_by_her_own_used_link(town: Town) -> None:
    dora, link = await newcomer(town)
    await dora.block()
    await town.until("2026-10-06 12:00")
    gone = town.rows("SELECT count(*) FROM person WHERE state = 'unreachable'")
    await dora.unblock()
    await dora.send(token(link))
    greeted = await dora.last()
    await town.until("2026-10-06 16:31")

    assert gone == [(1,)]
    assert greeted.startswith(HERE)
    assert "Alice plans them" in greeted
    assert await times(dora, "What happened today") == ["2026-10-06T16:30"]
    assert town.rows("SELECT count(*) FROM engagement") == [(4,)]


async def test_the_link_again_says_what_is_open_now(town: Town) -> None:
    dora, link = await newcomer(town)
    await town.until("2026-10-05 16:31")
    await dora.send(token(link))
    open_now = await dora.last()
    await dora.send("the sales meeting")
    await dora.send("/start")
    afterwards = await dora.last()

    assert "A question is waiting for you" in open_now
    assert "A question is waiting for you" not in afterwards


async def test_dora_deletes_everything_and_starts_anew_with_a_new_link(town: Town) -> None:
    dora, link = await newcomer(town)
    await town.until("2026-10-05 16:31")
    await dora.send("gone for good, narwhal")
    await dora.send("/delete")
    await dora.send("delete")
    await dora.send(token(link))
    by_old_link = await dora.last()
    await join(dora, await town.house.leader_link("Dora", town.alice, ("daily",)))
    await town.until("2026-10-06 16:31")
    await dora.send("a new beginning")
    await town.alice.send("/brief Dora")
    read = await town.alice.last()

    assert "used or has expired" in by_old_link
    assert len(await times(dora, "What happened today")) == 2
    assert "a new beginning" in read
    assert "narwhal" not in read


async def test_somebody_elses_used_link_tells_nothing_about_them(town: Town) -> None:
    _, link = await newcomer(town)
    await town.zoe.send(token(link))
    stranger = await town.zoe.last()
    await town.carla.send(token(link))
    carla = await town.carla.last()

    assert "Dora" not in stranger + carla
    assert "Alice" not in stranger + carla
    assert carla.startswith(HERE)


async def test_an_expired_link_that_nobody_used_is_called_expired(town: Town) -> None:
    link = await town.house.leader_link("Finn", town.alice, ("daily",))
    await town.house.advance(days=8)
    await town.ben.send(token(link))

    assert (await town.ben.last()).startswith("This invitation has expired. You are here already")


async def test_a_question_that_met_a_block_goes_out_when_ben_is_back_in_time(town: Town) -> None:
    await town.house.post("faults", {"method": "sendMessage", "kind": "403"})
    await town.until("2026-10-05 16:45")  # Telegram says blocked; nothing else did
    held = town.rows("SELECT state, reason FROM delivery WHERE kind = 'prompt'")
    await town.until("2026-10-05 17:15")
    await town.ben.send("/help")  # any sign of life
    await town.until("2026-10-05 17:20")

    assert held == [("pending", "unreachable")]
    assert await times(town.ben, "What happened today") == ["2026-10-05T17:15"]


async def test_a_question_that_met_a_block_is_never_missed_and_comes_no_more_when_ben_is_back_too_late(
    town: Town,
) -> None:
    await town.ben.send("/start")
    await town.house.post("faults", {"method": "sendMessage", "kind": "403"})
    await town.until("2026-10-06 08:00")
    await town.alice.send("/leaders")
    gone = await town.alice.last()
    await town.ben.block()
    await town.ben.unblock()
    await town.until("2026-10-06 16:31")

    assert "cannot be reached" in gone
    assert town.rows("SELECT state FROM occurrence ORDER BY due_at")[0] == ("expired",)
    assert await times(town.ben, "What happened today") == ["2026-10-06T16:30"]


async def test_what_waited_behind_a_question_that_met_a_block_comes_when_ben_is_back(town: Town) -> None:
    await town.alice.send("/enrol Ben everyday")
    await town.until("2026-10-05 16:31")
    await town.ben.send("quiet")
    await town.until("2026-10-06 16:29")
    await town.house.post("faults", {"method": "sendMessage", "kind": "403", "calls": 2})  # Anna's and Ben's
    await town.until("2026-10-07 07:30")  # the one that met the block is too late by now
    await town.ben.send("/help")
    await town.until("2026-10-07 07:35")

    bens = "leader_id = (SELECT leader_id FROM occurrence WHERE step = 'day' LIMIT 1)"
    tuesdays = town.rows(f"SELECT state FROM occurrence WHERE {bens} AND due_at LIKE '2026-10-06%' ORDER BY state")
    assert tuesdays == [("asked",), ("expired",)]


async def test_a_brief_that_met_a_block_reaches_alice_when_she_is_back_before_the_session(town: Town) -> None:
    await town.until("2026-10-05 16:31")
    await town.ben.send("read me before we meet")
    await town.alice.send("/session Ben Tue 12:00")
    await town.alice.block()
    await town.until("2026-10-06 10:00")
    none = [text for text in await town.alice.received() if "read me before we meet" in text]
    await town.alice.unblock()

    assert none == []
    assert "read me before we meet" in await town.alice.last()


async def test_the_digest_says_who_cannot_be_reached(town: Town) -> None:
    await town.ben.block()
    await town.until("2026-10-12 07:45")
    digest = await town.alice.find("Your leaders, week to")

    assert "Ben cannot be reached: the bot is blocked or the account is gone." in digest["text"]


async def test_a_coach_who_left_the_chat_and_an_admin_are_greeted_by_what_waits_for_them(town: Town) -> None:
    await town.alice.send("/start")
    await town.olga.send("/start")

    assert "2 leaders have no session planned" in await town.alice.last()
    assert (await town.olga.last()).startswith(HERE)
