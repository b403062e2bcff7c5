"""Deleting everything when something gets in between: a crash after the keys are gone, a weekend before the coach reads."""

import pytest
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
        return await finish(*arguments, **more)  # type: ignore[arg-type]

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


async def test_news_of_a_friday_night_reaches_the_coach_on_monday(town: Town) -> None:
    await town.until("2026-10-09 21:00")
    await town.anna.send("/delete")
    await town.anna.send("delete")
    assert LEFT not in await town.alice.received()

    await town.until("2026-10-12 07:30")

    assert LEFT in await town.alice.received()
