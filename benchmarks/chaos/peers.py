"""The others, killed as often and failed as often, at the same emulated Telegram once ours has gone."""

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from account import Account
from lives import Nursery
from stage import TOKEN, Telegram

_EACH, _ANSWERS = 40, 5  # messages and answers for each kill


async def outbox_order(nursery: Nursery, telegram: Telegram, work: str, kills: int, faults: float, seed: int) -> Account:
    """Messages that wait in an outbox, sent by a process in one of the naive orders."""
    chance, file = random.Random(seed), telegram.folder / f"{work}.db"
    anna = await telegram.person(f"Anna of {work}")
    await telegram.say(anna, "hello")
    due = [f"message {number:06}" for number in range(_EACH * kills)]
    _make(file, "CREATE TABLE outbox (id INTEGER PRIMARY KEY, text TEXT, state TEXT DEFAULT 'pending')", due)
    await telegram.spoil(faults)
    url = f"{telegram.url}/bot{TOKEN}/sendMessage"
    environment = {"OUTBOX": str(file), "CHAT": str(anna), "SEND_URL": url}
    for _ in range(kills):
        await _one_life(nursery, telegram, work, environment, chance.random() * 0.3)
    await telegram.http.delete("/rehearsal/faults")
    last = nursery.bear(work, environment, telegram.folder / "log")
    while not nursery.is_dead(last):  # noqa: ASYNC110  # another process
        await asyncio.sleep(0.05)
    arrived = Counter(m["text"] for m in await telegram.chat(anna) if m["from"] == "bot")
    refused = {row[0] for row in _read(file, "SELECT text FROM outbox WHERE state = 'refused'")}
    lost = [text for text in due if not arrived[text] and text not in refused]
    return Account(due=len(due), lost=len(lost), doubled=sum(n - 1 for n in arrived.values() if n > 1),
                   ended=Counter({"refused": len(refused)}))  # fmt: skip


async def stock_polling(nursery: Nursery, telegram: Telegram, kills: int, seed: int) -> Account:
    """python-telegram-bot's `run_polling` with an INSERT in its handler; no call fails by itself here."""
    chance, file = random.Random(seed), telegram.folder / "stock.db"
    anna = await telegram.person("Anna of stock polling")
    _make(file, "CREATE TABLE answer (update_id INTEGER, text TEXT)")
    environment = {"OUTBOX": str(file), "TOKEN": TOKEN, "API_URL": telegram.url}
    said: list[str] = []
    for number in range(kills):
        for text in (f"answer {number:04}-{n}" for n in range(_ANSWERS)):
            await telegram.say(anna, text)
            said.append(text)
        await _one_life(nursery, telegram, "stock", environment, chance.random() * 0.15)
    last = nursery.bear("stock", environment, telegram.folder / "log")
    await telegram.first_call(lambda: nursery.is_dead(last))
    await asyncio.sleep(1)
    nursery.end(last)
    kept = Counter(row[0] for row in _read(file, "SELECT text FROM answer"))
    lost = sum(not kept[text] for text in said)
    return Account(answers=len(said), answers_lost=lost, answers_doubled=sum(kept[text] > 1 for text in said))


async def _one_life(nursery: Nursery, telegram: Telegram, work: str, environment: dict[str, str], delay: float) -> None:
    pid = nursery.bear(work, environment, telegram.folder / "log")
    if await telegram.first_call(lambda: nursery.is_dead(pid)):
        await asyncio.sleep(delay)
    nursery.end(pid)


def _make(path: Path, table: str, texts: Sequence[str] = ()) -> None:
    db = sqlite3.connect(path)
    db.execute(table)
    if texts:
        db.executemany("INSERT INTO outbox (text) VALUES (?)", [(text,) for text in texts])
    db.commit()
    db.close()


def _read(path: Path, query: str) -> list[tuple[str, ...]]:
    db = sqlite3.connect(path)
    rows = db.execute(query).fetchall()
    db.close()
    return rows
