"""Brought back from a backup: nothing goes out twice, nobody who was erased comes back, and people hear what is missing."""

from collections import Counter
from typing import Any

import pytest
from people import Town

from bot import failpoints
from bot.errors import AlreadyRunningError, DataError
from bot.operating.backup import back_up, keys_file_of
from bot.operating.restore import drill, restore

LOST = "I had to go back to how things stood on"


async def test_after_a_restore_nothing_is_looked_for_among_messages_that_no_row_knows(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """They are ours, and an edit that is to prove where the lost one is would change one of them."""
    house, file = town.house, town.folder.parent / "monday.backup"
    await house.post("faults", {"method": "sendMessage", "kind": "500_before", "calls": 1})
    await town.anna.send("/help")
    await house.advance(minutes=2)  # today's self-check is done
    await back_up(house.settings, file, await house.now())
    everybody = (town.anna, town.ben, town.carla, town.alice, town.bob, town.olga)
    for phone in everybody:
        await phone.send("/privacy")
    before = {phone.name: [(m["message_id"], m["text"]) for m in await phone.chat()] for phone in everybody}
    await house.stop_bot()
    (town.folder / "interlude.db").rename(town.folder.parent / "broken.db")
    await restore(house.settings, file, None, await house.now())
    await house.post("faults", {"method": "sendMessage", "kind": "500_before", "calls": 1})

    await house.start_bot()
    await house.advance(minutes=15)

    for phone in everybody:
        now = [(m["message_id"], m["text"]) for m in await phone.chat()]
        assert now[: len(before[phone.name])] == before[phone.name], phone.name
        assert sum(LOST in text for _, text in now) == 1, phone.name
    caplog.clear()


async def test_after_a_restore_nothing_goes_out_twice_and_anna_stays_erased(town: Town) -> None:
    house, file = town.house, town.folder.parent / "tuesday.backup"
    for phone, words in ((town.anna, "annas-words-of-monday"), (town.ben, "bens-words-of-monday")):
        await phone.send(words)
        await phone.tap("Share with Alice")
    await town.bob.send("/session Carla Tue 19:30")
    await town.until("2026-10-06 06:00")
    await back_up(house.settings, file, await house.now())
    rehearsed = await drill(house.settings, file, None, await house.now())
    await town.until("2026-10-06 16:40")
    await town.ben.send("bens-words-of-tuesday")
    await town.anna.send("/delete")
    await town.anna.send("delete")
    with pytest.raises(AlreadyRunningError):
        await restore(house.settings, file, None, await house.now())
    await house.stop_bot()
    with pytest.raises(DataError, match="There is a practice"):
        await restore(house.settings, file, None, await house.now())
    (town.folder / "interlude.db").rename(town.folder.parent / "broken.db")
    stray = town.folder / "interlude.db-wal"
    stray.touch()
    with pytest.raises(DataError, match="Move it away as well"):
        await restore(house.settings, file, None, await house.now())
    stray.unlink()
    before = sorted(path.name for path in town.folder.iterdir())
    for spoil in (lambda whole: whole[:-100], lambda whole: whole[:5000] + b"x" + whole[5001:]):
        spoilt = file.with_name("spoilt.backup")
        spoilt.write_bytes(spoil(file.read_bytes()))
        with pytest.raises(DataError, match="damaged or was cut off"):
            await restore(house.settings, spoilt, keys_file_of(file), await house.now())
        assert sorted(path.name for path in town.folder.iterdir()) == before

    done = await restore(house.settings, file, None, await house.now())
    await house.start_bot()
    held = town.rows("SELECT kind FROM delivery WHERE reason = 'restored' ORDER BY kind")
    await town.until("2026-10-12 10:00")

    for phone in (town.ben, town.carla, town.alice, town.bob, town.olga, town.anna):
        doubled = {text: n for text, n in Counter(_by_day(await phone.chat())).items() if n > 1}
        assert not doubled, phone.name
    assert rehearsed is not None
    assert (rehearsed.held, rehearsed.erased, done.erased, done.is_store_kept) == (0, 0, 1, True)
    assert [sum(LOST in text for text in await phone.received()) for phone in (town.ben, town.alice, town.anna)] == [1, 1, 0]
    assert (await town.alice.last()).count("bens-words-of-monday") == 1
    assert "annas-words" not in "".join([*await town.alice.received(), *town.in_files("annas-words")])
    assert town.rows("SELECT count(*) FROM person WHERE state = 'erased'") == [(1,)]
    assert {("prompt",), ("brief",)} <= set(held)


async def test_a_restore_cut_off_half_way_is_begun_anew_and_a_coach_erased_since_does_not_come_back(town: Town) -> None:
    house, file, newest = town.house, town.folder.parent / "all.backup", town.folder.parent / "newest.backup"
    await town.ben.send("bens-words-of-monday")
    await town.ben.tap("Share with Alice")
    await town.bob.send("/session Carla Tue 19:30")
    await back_up(house.settings, file, await house.now())
    await town.olga.send("/hand Carla to Alice")
    await town.olga.tap("Hand over")
    await town.bob.send("/delete")
    await town.bob.send("delete")
    await back_up(house.settings, newest, await house.now())
    await house.stop_bot()
    town.folder.rename(town.folder.parent / "burnt")
    failpoints.arm("restore.inside=raise")

    with pytest.raises(failpoints.FailpointError):
        await restore(house.settings, file, keys_file_of(newest), await house.now())
    between = {path.name for path in town.folder.glob("*.db")}
    done = await restore(house.settings, file, None, await house.now())
    await house.start_bot()
    await town.until("2026-10-08 10:00")
    await town.alice.send("/words Ben")

    assert between == {"keys.db"}  # without the answers' database, whose place is taken last
    assert (done.is_store_kept, done.erased) == (True, 1)
    assert town.rows("SELECT state FROM engagement WHERE state = 'ended'") == [("ended",)]
    assert sum(LOST in text for text in await town.carla.received()) == 1
    for secret in (b"bens-words", town.keys_file.read_bytes().split(b":")[1].strip()):
        assert not any(secret in path.read_bytes() for path in (file, keys_file_of(file), newest, keys_file_of(newest)))
    assert "bens-words-of-monday" in await town.alice.last()
    assert not list(town.folder.glob(".*"))


def _by_day(chat: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(m["date"][:10], m["text"]) for m in chat if m["from"] == "bot"]
