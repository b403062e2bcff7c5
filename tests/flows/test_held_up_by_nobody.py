"""One message that cannot be handled holds up nobody else."""

import sqlite3
from contextlib import closing

import pytest
from people import Town

HELP = "What you can do here"


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
