"""What cannot be done is put off alone: the others are asked, briefed and told as if nothing had happened."""

import sqlite3

import pytest
from people import Town, times

MONDAY = "2026-10-05 16:31"


def change(town: Town, statement: str, *values: object) -> None:
    db = sqlite3.connect(town.folder / "interlude.db", timeout=30)
    try:
        with db:
            db.execute(statement, values)
    finally:
        db.close()


def lose_keys(town: Town, name: str) -> None:
    """As after restoring a key store that is older than the person."""
    [(owner,)] = town.rows("SELECT id FROM person WHERE telegram_id = ?", getattr(town, name).id)
    db = sqlite3.connect(town.folder / "keys.db", timeout=30)
    try:
        with db:
            for (table,) in list(db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")):
                columns = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
                if "owner" in columns:
                    db.execute(f"DELETE FROM {table} WHERE replace(owner, '-', '') = ?", (owner.replace("-", ""),))
    finally:
        db.close()


async def status(town: Town) -> str:
    await town.olga.send("/status")
    return await town.olga.last()


async def test_a_sequence_that_no_longer_parses_holds_up_nobody_else_and_is_made_up_for(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await town.house.stop_bot()
    [(source,)] = town.rows("SELECT source FROM sequence_version WHERE name = 'daily'")
    change(town, "UPDATE sequence_version SET source = 'no: sequence', content_hash = 'x' WHERE name = 'daily'")
    await town.house.start_bot()
    await town.until("2026-10-05 16:40")
    during = await times(town.ben, "What happened today")
    await town.until("2026-10-05 16:58")
    shown = await status(town)
    await town.until("2026-10-06 16:40")
    others = await times(town.anna, "How sure are you")
    waits = town.rows("SELECT count(*) FROM marker WHERE name LIKE 'stuck:%'")
    change(town, "UPDATE sequence_version SET source = ? WHERE content_hash = 'x'", source)
    await town.until("2026-10-06 17:10")
    bens = town.rows(
        "SELECT o.state FROM occurrence o JOIN enrolment e ON e.id = o.enrolment_id WHERE e.sequence = 'daily'"
        " ORDER BY o.due_at"
    )
    caplog.clear()

    assert during == []
    assert "Failing, tried again every quarter of an hour: 1" in shown
    assert others == ["2026-10-06T16:30"]
    assert waits == [(1,)]
    assert len(await times(town.ben, "What happened today")) == 1  # Tuesday's; Monday's is too late, and says so
    assert bens == [("expired",), ("asked",)]
    assert "Failing, tried again every quarter of an hour: 0" in await status(town)


async def test_an_engagement_that_cannot_be_read_is_put_off_alone_by_whoever_shares_its_transaction(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """Several leaders fall due at once: what is read for all of them must not fail for all of them."""
    await town.house.stop_bot()
    of_anna = "leader_id IN (SELECT id FROM person WHERE telegram_id = ?)"
    change(town, f"UPDATE engagement SET focus = 'not json' WHERE {of_anna}", town.anna.id)
    change(town, "UPDATE enrolment SET next_due_at = '2026-10-05 16:30:00.000000' WHERE next_due_at IS NOT NULL")
    await town.house.start_bot()
    await town.until("2026-10-05 16:40")
    blamed = town.rows(f"SELECT count(*) FROM marker WHERE name IN (SELECT 'stuck:enrolment:' || replace(id, '-', '')"
                       f" FROM enrolment WHERE {of_anna})", town.anna.id)  # fmt: skip
    put_off = town.rows("SELECT count(*) FROM marker WHERE name LIKE 'stuck:%'")
    asked = await times(town.ben, "What happened today")
    caplog.clear()
    await town.house.stop_bot()
    change(town, "UPDATE engagement SET focus = '[]'")
    await town.house.start_bot()

    assert blamed == put_off == [(1,)]
    assert asked == ["2026-10-05T16:30"]


async def test_a_leader_whose_keys_are_gone_costs_nobody_else_a_question_or_a_digest(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await town.until(MONDAY)
    await town.ben.send("lost with the keys")
    await town.house.stop_bot()
    lose_keys(town, "ben")
    await town.house.start_bot()
    await town.until("2026-10-06 16:40")
    asked = await times(town.anna, "How sure are you")
    await town.anna.tap("7")
    await town.until("2026-10-12 07:45")
    digest = await town.alice.find("Your leaders, week to")
    failed = [record for record in caplog.records if record.levelname == "ERROR"]
    caplog.clear()

    assert asked == ["2026-10-06T16:30"]
    assert "Anna" in digest["text"]
    assert "confidence: 7" in digest["text"]
    assert "lost with the keys" not in digest["text"]
    assert failed
    assert not any("lost with" in record.getMessage() for record in failed)


async def test_a_brief_that_cannot_be_written_does_not_hold_up_the_other_coachs(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await town.alice.send("/session Ben Tue 10:00")
    await town.bob.send("/session Carla Tue 10:00")
    await town.house.stop_bot()
    lose_keys(town, "ben")
    await town.house.start_bot()
    await town.until("2026-10-06 08:00")
    carlas = await town.bob.last()
    caplog.clear()

    assert "Carla · Tuesday 6 October, 10:00" in carlas
    assert not [text for text in await town.alice.received() if "Ben · Tuesday" in text]


async def test_a_session_that_cannot_be_marked_as_held_holds_up_no_other_and_has_ended_when_it_did(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await town.bob.send("/session Carla Tue 10:00")
    await town.alice.send("/session Anna Tue 10:30")
    await town.until("2026-10-06 09:40")
    [(zone,)] = town.rows("SELECT zone FROM person WHERE telegram_id = ?", town.bob.id)
    change(town, "UPDATE person SET zone = 'Nowhere/Land' WHERE telegram_id = ?", town.bob.id)
    await town.until("2026-10-06 10:50")
    during = town.rows("SELECT substr(starts_at, 12, 5), state FROM session ORDER BY starts_at")
    change(town, "UPDATE person SET zone = ? WHERE telegram_id = ?", zone, town.bob.id)
    await town.until("2026-10-06 11:10")
    after = town.rows("SELECT substr(ends_at, 12, 5), state FROM session ORDER BY starts_at")
    caplog.clear()

    assert during == [("09:00", "planned"), ("09:30", "held")]
    assert after == [("10:00", "held"), ("10:30", "held")]


async def test_one_failing_row_among_a_hundred_costs_one_row(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    await town.house.stop_bot()
    [(version,)] = town.rows("SELECT id FROM sequence_version WHERE name = 'everyday'")
    columns = [row[1] for row in town.rows("PRAGMA table_info(sequence_version)")]
    broken = "f" * 31 + "0"
    taken = ", ".join({"id": "?", "number": "99", "source": "'broken'", "content_hash": "'x'"}.get(c, c) for c in columns)
    insert = f"INSERT INTO sequence_version ({', '.join(columns)}) SELECT {taken} FROM sequence_version WHERE id = ?"
    change(town, insert, broken, version)
    columns = [row[1] for row in town.rows("PRAGMA table_info(enrolment)")]
    for number in range(100):
        given = {"id": f"'{number:032x}'", "sequence": f"'s{number}'"}
        if number == 50:
            given["sequence_version_id"] = f"'{broken}'"
        taken = ", ".join(given.get(c, c) for c in columns)
        change(
            town, f"INSERT INTO enrolment ({', '.join(columns)}) SELECT {taken} FROM enrolment"
            " WHERE sequence = 'everyday' LIMIT 1",
        )  # fmt: skip
    change(town, "UPDATE enrolment SET next_due_at = joined_at")
    await town.house.start_bot()
    await town.house.advance(seconds=1)
    stuck = town.rows("SELECT name FROM marker WHERE name LIKE 'stuck:%'")
    planned = town.rows(
        "SELECT count(*) FROM enrolment WHERE next_due_at > joined_at AND sequence_version_id != ?", broken
    )
    caplog.clear()

    assert stuck == [(f"stuck:enrolment:{50:032x}",)]
    assert planned == [(99 + 2,)]  # Anna's and Ben's own besides; nothing is due for Carla without a session
