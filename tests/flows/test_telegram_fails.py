"""Telegram fails in every way it can; nothing is lost, and nothing that can be checked is sent twice."""

import contextlib
import logging
import sqlite3

import pytest
from house import House, Phone


@pytest.fixture
async def people(house: House) -> tuple[Phone, Phone]:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    return alice, await house.leader("Anna", alice, follows=("pulse",))


def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()


async def fault(house: House, kind: str, calls: int = 1, method: str = "sendMessage", **more: int) -> None:
    await house.post("faults", {"method": method, "kind": kind, "calls": calls, **more})


@pytest.mark.parametrize("kind", ["500_after", "reset_before"])
async def test_a_prompt_of_unknown_fate_is_in_the_chat_once_and_says_nothing_of_it(
    house: House, people: tuple[Phone, Phone], kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    _, anna = people
    await fault(house, kind)

    await house.advance(days=2)

    [prompt] = [text for text in await anna.received() if "how light has work felt" in text]
    assert "(sent again" not in prompt
    quiet(caplog)


async def test_where_nothing_can_be_found_out_a_prompt_comes_again_once_and_says_so_and_goes_when_both_are_there(
    house: House, people: tuple[Phone, Phone], caplog: pytest.LogCaptureFixture
) -> None:
    _, anna = people
    await house.advance(days=1)
    await fault(house, "500_after")
    olga = next(person["id"] for person in await house.get("people") if person["name"] == "Olga")
    await house.post(f"people/{olga}/block", {})  # nobody to try it on
    await house.advance(hours=9)

    first, second = [m for m in await anna.chat() if "how light has work felt" in m["text"]]
    assert "(sent again in case it did not arrive)" not in first["text"]
    assert "(sent again in case it did not arrive)" in second["text"]

    await anna.tap("7", first["message_id"])
    left = [m for m in await anna.chat() if "how light has work felt" in m["text"]]
    assert [m["message_id"] for m in left] == [first["message_id"]]
    assert "Kept." in await anna.last()
    quiet(caplog)


async def test_a_tap_on_a_prompt_of_unknown_fate_proves_that_it_arrived(
    house: House, people: tuple[Phone, Phone], caplog: pytest.LogCaptureFixture
) -> None:
    _, anna = people
    await house.advance(days=1)
    await fault(house, "500_after")
    await house.advance(hours=8, minutes=31)
    prompt = await anna.find("how light has work felt")

    await anna.tap("7", prompt["message_id"])  # within half a minute, before anybody looks for it
    await house.advance(hours=2)

    assert sum("how light has work felt" in text for text in await anna.received()) == 1
    assert "Kept." in await anna.last()
    quiet(caplog)


async def test_a_reply_to_a_prompt_of_unknown_fate_proves_that_it_arrived_and_answers_it(
    house: House, people: tuple[Phone, Phone], caplog: pytest.LogCaptureFixture
) -> None:
    _, anna = people
    await house.advance(days=1)
    await fault(house, "400", calls=1000, method="editMessageCaption")  # it cannot be looked for
    await fault(house, "500_after")
    await house.advance(hours=8, minutes=31)
    prompt = await anna.find("how light has work felt")

    await anna.send("7", reply_to=prompt["message_id"])
    await house.advance(hours=2)

    assert sum("how light has work felt" in text for text in await anna.received()) == 1
    with contextlib.closing(sqlite3.connect(house.settings.data_dir / "interlude.db")) as db:
        assert db.execute("SELECT state FROM delivery WHERE message_id = ?", [prompt["message_id"]]).fetchone() == ("sent",)
    assert "Kept." in await anna.last()
    quiet(caplog)


async def test_a_429_holds_everything_for_as_long_as_telegram_says(
    house: House, people: tuple[Phone, Phone]
) -> None:
    alice, anna = people
    await fault(house, "429", retry_after=40)

    await anna.send("/help")
    during = await anna.last()
    await alice.send("/help")
    others = await alice.last()
    await house.advance(seconds=41)

    assert "What you can do here" not in during
    assert "What you can do here" not in others
    assert "What you can do here" in await anna.last()
    assert "What you can do here" in await alice.last()


async def test_of_two_changes_of_a_message_that_wait_only_the_newer_goes_out(
    house: House, people: tuple[Phone, Phone]
) -> None:
    alice, _ = people
    await alice.send("/when")
    card = (await alice.find("When I may write to you"))["message_id"]
    await fault(house, "429", method="editMessageText", retry_after=40)

    await alice.tap("Mon", card)
    await alice.tap("Sat", card)
    await house.advance(seconds=41)

    sent = [call["params"]["text"] for call in await house.calls("editMessageText") if call["ok"]]
    sent = [text for text in sent if text.startswith("When I may write")]
    assert len(sent) == 1
    assert "Tuesday to Saturday" in sent[0]


async def test_a_blocked_leader_is_unreachable_and_comes_back(house: House, people: tuple[Phone, Phone]) -> None:
    alice, anna = people
    await anna.block()
    await house.advance(days=3)
    await alice.send("/leaders")
    away = await alice.last()

    await anna.unblock()
    await alice.send("/leaders")
    back = await alice.last()
    await house.advance(days=5)

    assert "cannot be reached" in away
    assert "cannot be reached" not in back
    assert any("0 = " in text for text in await anna.received())


async def test_a_refused_token_holds_all_sending_and_loses_nothing(
    house: House, people: tuple[Phone, Phone], caplog: pytest.LogCaptureFixture
) -> None:
    _, anna = people
    await fault(house, "401", calls=3)

    await anna.send("/help")
    await house.advance(seconds=13)
    before = await anna.last()
    await house.advance(seconds=1)

    assert "What you can do here" not in before  # 2, 4 and 8 seconds
    assert "What you can do here" in await anna.last()
    assert not [record for record in caplog.records if record.levelno >= logging.CRITICAL]


async def test_one_odd_refusal_of_the_token_at_the_start_ends_nothing(house: House, people: tuple[Phone, Phone]) -> None:
    """Whoever supervises does not start again what ends for wrong settings."""
    alice, _ = people
    await house.stop_bot()
    await fault(house, "401", method="getMe")
    await house.start_bot()
    await alice.send("/help")

    assert "What you can do here" in await alice.last()


async def test_after_a_quiet_week_telegrams_numbers_begin_anew_and_no_word_is_missed(
    house: House, people: tuple[Phone, Phone]
) -> None:
    alice, _ = people
    await house.advance(days=8)

    for number in range(3):
        await alice.send(f"/help {number}")

    assert sum("What you can do here" in text for text in await alice.received()) == 3


@pytest.mark.parametrize("kind", ["502_html", "403_html", "404_html", "409", "401", "bad_json", "reset_after"])
async def test_a_failing_poll_loses_no_answer(house: House, people: tuple[Phone, Phone], kind: str) -> None:
    _, anna = people
    await fault(house, kind, calls=3, method="getUpdates")

    await anna.send("on my mind today")
    await house.advance(seconds=5)

    assert "Kept" in await anna.last()
