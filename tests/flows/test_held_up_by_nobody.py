"""One message that cannot be handled holds up nobody else."""

import sqlite3
from contextlib import closing

import pytest
from people import Town, times

from bot.rehearsal import botapi
from bot.rehearsal.errors import RefusedError
from bot.rehearsal.params import Params
from bot.rehearsal.world import World

HELP, POISON = "What you can do here", "zzpoison"


def spoil(town: Town, what: str) -> None:
    """As after an older keys file was put back, or after a row was written by hand."""
    [(ben,)] = town.rows("SELECT id FROM person WHERE telegram_id = ?", town.ben.id)
    file, statement = {
        "key": ("keys.db", "UPDATE data_key SET kid = 'k00000000' WHERE owner = ?"),
        "zone": ("interlude.db", "UPDATE person SET zone = 'US/Nowhere' WHERE id = ?"),
    }[what]
    with closing(sqlite3.connect(town.folder / file)) as db, db:
        db.execute(statement, (ben,))


@pytest.mark.parametrize("what", ["key", "zone"])
async def test_a_row_that_cannot_be_sent_is_put_off_alone(
    town: Town, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    await town.until("2026-10-05 16:31")  # Ben has been asked, and is to be reminded of it
    await town.house.stop_bot()
    spoil(town, what)
    await town.house.start_bot()

    await town.until("2026-10-06 12:00")
    await town.anna.send("/help")
    held = town.rows("SELECT state, attempt FROM delivery WHERE kind = 'reminder'")
    put_off = [record for record in caplog.records if "put off" in record.getMessage()]
    caplog.clear()

    assert HELP in (await town.anna.received())[-1]
    assert put_off
    assert {state for state, _ in held} <= {"pending", "expired", "cancelled"}


async def test_a_message_that_telegram_never_takes_is_tried_less_and_less_and_the_chat_goes_on(
    town: Town, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, tries = botapi.SYNC_METHODS["sendMessage"], list[str]()

    def fails(world: World, params: Params) -> object:
        if POISON in (params.text("text") or ""):
            tries.append(POISON)
            raise RefusedError(500, "Internal Server Error")
        return sent(world, params)

    monkeypatch.setitem(botapi.SYNC_METHODS, "sendMessage", fails)
    await town.until("2026-10-05 16:31")
    await town.ben.send("a heron on the roof")
    await town.alice.send("/brief Ben")
    await town.alice.send(f"{POISON} words", reply_to=(await town.alice.find("heron"))["message_id"])
    before = len(await town.house.calls())

    await town.until("2026-10-06 16:31")

    assert 8 < len(tries) < 110
    assert len(await town.house.calls()) - before < 2_000
    assert len(await times(town.ben, "What happened today")) == 2
    caplog.clear()


async def test_a_tap_that_cannot_be_handled_is_answered_all_the_same(
    town: Town, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise RuntimeError

    await town.until("2026-10-05 16:31")
    monkeypatch.setattr("bot.work.press.press", fails)
    before = len(await town.house.calls("answerCallbackQuery"))

    await town.ben.tap((await town.ben.buttons())[0])
    await town.house.advance(seconds=1)
    caplog.clear()

    answered = (await town.house.calls("answerCallbackQuery"))[before:]
    assert [call["params"].get("text", "")[:24] for call in answered] == ["That did not go through,"]
