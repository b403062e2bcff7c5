"""Deleting everything when something gets in between: a crash after the keys are gone, a weekend before the coach reads."""

import contextlib
import sqlite3
from datetime import UTC, datetime

import pytest
from house import House
from people import Town

from bot.db import inbox

LEFT = "Anna has left Interlude and deleted everything here."


async def test_an_erasure_cut_off_after_the_keys_went_is_finished(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    finish, failures = inbox.finish, []

    async def fail_once(*arguments: object, **more: bool) -> bool:
        if not failures:
            failures.append(1)
            raise OSError("the disk is full")
        return await finish(*arguments, **more)

    await town.anna.send("/delete")
    monkeypatch.setattr(inbox, "finish", fail_once)
    await town.anna.send("delete")
    await town.alice.send("/leaders")
    await town.ben.send("/help")

    assert failures
    assert any("Everything of yours has been deleted" in text for text in await town.anna.received())
    assert "Ben" in await town.alice.last()
    assert "Anna" not in await town.alice.last()
    assert town.rows("SELECT count(*) FROM person WHERE state = 'erased'") == [(1,)]
    caplog.clear()


async def test_what_was_set_aside_goes_with_whoever_wrote_it(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    await town.anna.send("a word")
    update_id = town.rows("SELECT max(update_id) FROM inbound")[0][0]
    database = sqlite3.connect(town.folder / "interlude.db")
    with contextlib.closing(database), database:
        database.execute("UPDATE inbound SET state = 'quarantined', body = 'sealed' WHERE update_id = ?", (update_id,))
    await town.ben.send("a word")
    await town.anna.send("/delete")
    await town.anna.send("delete")

    left = town.rows("SELECT state, body, chat_id FROM inbound WHERE update_id = ?", update_id)
    assert left == [("done", None, None)]
    assert not town.rows("SELECT 1 FROM inbound WHERE chat_id = ? AND update_id <= ?", town.anna.id, update_id)
    assert town.rows("SELECT 1 FROM inbound WHERE chat_id = ?", town.ben.id)
    caplog.clear()


async def test_news_of_a_friday_night_reaches_the_coach_on_monday(town: Town) -> None:
    await town.until("2026-10-09 21:00")
    await town.anna.send("/delete")
    await town.anna.send("delete")
    assert LEFT not in await town.alice.received()

    await town.until("2026-10-12 07:30")

    assert LEFT in await town.alice.received()


async def test_a_digest_on_its_way_is_written_again_without_who_was_erased(house: House) -> None:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    anna = await house.leader("Anna", alice, follows=("pulse",))
    ben = await house.leader("Ben", alice, follows=("pulse",))
    for phone, words in ((anna, "annas-words-here"), (ben, "bens-words-here")):
        await phone.send(words)
        await phone.tap("Share with Alice")
    await house.until(datetime(2026, 10, 12, 7, 29, tzinfo=UTC))
    await house.post("faults", {"method": "sendMessage", "kind": "429", "calls": 1, "retry_after": 600})
    await house.advance(minutes=2)  # the digest is written, and held back

    await anna.send("/delete")
    await anna.send("delete")
    await house.advance(minutes=30)

    received = "\n".join(await alice.received())
    assert "annas-words-here" not in received
    assert received.count("bens-words-here") == 1


async def test_a_digest_alice_has_just_asked_for_does_not_bring_erased_words_later(house: House) -> None:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    anna = await house.leader("Anna", alice, follows=("pulse",))
    await anna.send("annas-words-here")
    await anna.tap("Share with Alice")
    await house.post("faults", {"method": "sendMessage", "kind": "429", "calls": 1, "retry_after": 600})
    await alice.send("/digest")

    await anna.send("/delete")
    await anna.send("delete")
    await house.advance(minutes=30)

    assert "annas-words-here" not in "\n".join(await alice.received())
