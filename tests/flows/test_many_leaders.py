"""A coach with more leaders than Telegram has buttons for one message."""

import sqlite3
from typing import Any

import pytest
from house import Phone
from people import Town
from test_calendars import calendar, weekly

MANY = 230


def coached_many_times(town: Town) -> None:
    """As if Anna were as many leaders of hers."""
    db = sqlite3.connect(town.folder / "interlude.db", timeout=30)
    try:
        with db:
            columns = [row[1] for row in db.execute("PRAGMA table_info(engagement)")]
            [(anna,)] = db.execute(
                "SELECT e.id FROM engagement e JOIN person p ON p.id = e.leader_id WHERE p.telegram_id = ?",
                (town.anna.id,),
            )
            for number in range(MANY):
                taken = ", ".join(f"'{number:032x}'" if column == "id" else column for column in columns)
                insert = f"INSERT INTO engagement ({', '.join(columns)}) SELECT {taken} FROM engagement WHERE id = ?"
                db.execute(insert, (anna,))
    finally:
        db.close()


async def buttons_after(phone: Phone, text: str) -> list[list[str]]:
    """The labels under each message that this brings."""
    before = max(message["message_id"] for message in await phone.chat())
    await phone.send(text)
    return [labels(m) for m in await phone.chat() if m["from"] == "bot" and m["message_id"] > before]


def labels(message: dict[str, Any]) -> list[str]:
    return [button["text"] for row in message["buttons"] or [] for button in row]


@pytest.mark.parametrize("command", ["/note", "/ask", "/blocker", "/focus", "/session", "/brief", "/enrol", "/leaders"])
async def test_every_leader_can_be_chosen(town: Town, command: str) -> None:
    coached_many_times(town)

    shown = await buttons_after(town.alice, command)

    assert sum(map(len, shown)) == MANY + 2
    assert max(map(len, shown)) <= 100
    assert len(shown) == (10 if command == "/leaders" else 3)


async def test_an_administrator_can_hand_over_every_leader(town: Town) -> None:
    coached_many_times(town)

    shown = await buttons_after(town.olga, "/hand")

    assert [len(under) for under in shown] == [100, 100, MANY + 3 - 200]


async def test_whose_session_it_is_can_be_said_of_every_leader_and_that_it_is_none_under_the_first(town: Town) -> None:
    coached_many_times(town)
    before = max(message["message_id"] for message in await town.alice.chat())

    await town.alice.send_file("mine.ics", calendar(weekly()))

    shown = [m for m in await town.alice.chat() if m["from"] == "bot" and m["message_id"] > before]
    assert sum(len(labels(m)) for m in shown) == MANY + 2 + 1
    assert (len(labels(shown[0])), labels(shown[0])[-1]) == (99, "Not a session")
    assert shown[1]["text"] == "Anna – Anna"
    await town.alice.tap_data(shown[-1]["message_id"], shown[-1]["buttons"][0][0]["data"])
    assert (await town.alice.last()).startswith("What this file changes")
