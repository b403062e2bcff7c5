"""What became of everything: the bot's files against the chats and the log of calls."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crowd import Crowd
from sqlalchemy import select, text
from stage import SENDS

from bot.db.engine import Database
from bot.db.tables import AnswerPart, Base, Delivery, Inbound

REMARK = "(sent again in case it did not arrive)"
SOON = 120  # seconds: a fate is settled
CHECK = "check"  # under the two messages of a self-check, which no row knows of
ENDED = ("cancelled", "expired", "failed")
FOUND = ("not modified", "message to edit not found", "can't be edited")  # what a probe is told
Chats = Mapping[int, tuple[int, dict[str, Any]]]  # the bot's messages by id: whose chat, and what it says


@dataclass
class Account:
    """One line of the table, and what stands behind it."""

    answers: int | None = None
    answers_lost: int | None = None
    answers_doubled: int | None = None
    due: int | None = None
    lost: int | None = None
    doubled: int | None = None
    said_so: int | None = None
    ended: Counter[str] = field(default_factory=Counter)
    probes: int | None = None
    integrity: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def is_broken(self) -> bool:
        return any((self.answers_lost, self.answers_doubled, self.lost, self.doubled)) or self.integrity not in ("", "ok")


async def account(crowd: Crowd) -> Account:
    """After everything has come to rest."""
    found = Account()
    database = Database(crowd.database_url)
    try:
        async with database.read() as db:
            messages = list(await db.scalars(select(Delivery).where(Delivery.target_id.is_(None))))
            first = select(AnswerPart.chat_id, AnswerPart.message_id).where(AnswerPart.version == 1)
            parts = Counter((chat, message) for chat, message in await db.execute(first))
            waiting = list(await db.scalars(select(Inbound.update_id).where(Inbound.state != "done")))
            found.integrity = await _integrity(db, is_sqlite=database.is_sqlite)
    finally:
        await database.close()
    _answers(crowd, parts, waiting, found)
    await _messages(crowd, messages, found)
    return found


def _answers(crowd: Crowd, parts: Counter[tuple[int, int]], waiting: list[int], found: Account) -> None:
    times = {one.token: parts[one.person, one.message_id] for one in crowd.said}
    lost = [token for token, kept in times.items() if not kept]
    found.answers, found.answers_lost = len(times), len(lost)
    found.answers_doubled = sum(kept > 1 for kept in times.values())
    if lost or waiting:
        found.notes.append(f"answers lost: {lost[:5]}; updates not handled: {waiting[:5]}")


async def _messages(crowd: Crowd, messages: list[Delivery], found: Account) -> None:
    there, gone = await _in_chats(crowd)
    now = await crowd.telegram.now()
    lost = [row for row in messages if row.state == "sent" and row.message_id not in {*there, *gone}]
    lost += [row for row in messages if row.state in ENDED and row.reason is None]
    lost += [row for row in messages if row.state in ("pending", "sending", "unknown") and row.due_at < now]
    found.due, found.lost = len(messages), len(lost)
    for row in lost[:10]:
        end = f"{row.state} {row.reason} at attempt {row.attempt}"
        found.notes.append(f"lost: {row.kind} due {row.due_at:%m-%d %H:%M:%S}, {end}")
    found.ended = Counter(f"{row.state}: {row.reason}" for row in messages if row.state in ENDED)
    _doubles(crowd, messages, there, found)
    rows = {row.id: row for row in messages}
    for row_id, seconds in crowd.recoveries:
        if seconds > SOON and (row := rows.get(row_id)) is not None:
            end = f"{row.state} {row.reason or ''} at attempt {row.attempt} as {row.message_id}, above {row.watermark}"
            found.notes.append(f"slow: {seconds:.0f} s, {row.kind} to {row.chat_id}, {end}, {row.lease_until:%d %H:%M:%S}")
    edits = [call for call in crowd.telegram.calls if call["method"].startswith("editMessage") and not call["ok"]]
    found.probes = sum(any(one in (call["description"] or "") for one in FOUND) for call in edits)


async def _in_chats(crowd: Crowd) -> tuple[Chats, set[int]]:
    """The bot's messages, and those it took back."""
    there: dict[int, tuple[int, dict[str, Any]]] = {}
    for person in (crowd.admin, crowd.coach, *crowd.leaders):
        for message in await crowd.telegram.chat(person):
            if message["from"] == "bot":
                there[message["message_id"]] = (person, message)
    deleted = [call for call in crowd.telegram.calls if call["method"] == "deleteMessage" and call["ok"]]
    return there, {int(call["params"]["message_id"]) for call in deleted}


def _doubles(crowd: Crowd, messages: list[Delivery], there: Chats, found: Account) -> None:
    """Buttons name their row. A message without any that no row knows either is one whose row was given up as unknown,
    or a double."""
    took_effect: dict[str, list[str]] = defaultdict(list)
    for call in crowd.telegram.calls:
        nonce = _nonce(call["params"])
        if call["method"] in SENDS and call["ok"] and nonce not in (None, CHECK):
            took_effect[nonce].append(str(call["params"].get("text") or call["params"].get("caption") or ""))
    repeats = [said for texts in took_effect.values() for said in texts[1:]]
    rows = {row.nonce: row for row in messages}
    for nonce, texts in took_effect.items():
        if len(texts) > 1 and REMARK not in texts[1] and (row := rows.get(nonce)) is not None:
            ids = [number for number, (person, message) in there.items()
                   if person == row.chat_id and message["text"] == texts[0]][-3:]  # fmt: skip
            found.notes.append(f"twice: {row.kind}, attempt {row.attempt}, lease until {row.lease_until}, above"
                               f" {row.watermark}, sent {row.sent_at} as {row.message_id}; there: {ids}")  # fmt: skip
    plain = [(person, message["text"]) for number, (person, message) in there.items()
             if not message["buttons"] and person != crowd.admin and number not in {row.message_id for row in messages}
             and not any(message["text"] in texts for texts in took_effect.values())]  # fmt: skip
    given_up = Counter(row.chat_id for row in messages if row.state in ENDED and row.nonce is None)
    for person, said in plain:
        if given_up[person] and REMARK not in said:
            given_up[person] -= 1  # it did arrive, and nobody knows
        else:
            repeats.append(said)
    doubled = [said for said in repeats if REMARK not in said]
    found.doubled, found.said_so = len(doubled), len(repeats) - len(doubled)
    found.notes += [f"doubled: {said[:60]!r}" for said in doubled[:10]]


def _nonce(params: dict[str, Any]) -> str | None:
    markup = params.get("reply_markup")
    markup = json.loads(markup) if isinstance(markup, str) else markup or {}
    data = [button.get("callback_data") for row in markup.get("inline_keyboard", []) for button in row]
    return next((one.partition(":")[0] for one in data if one), None)


async def _integrity(db: Any, *, is_sqlite: bool) -> str:
    if is_sqlite:
        said = [row[0] for row in await db.execute(text("PRAGMA integrity_check"))]
        broken = list(await db.execute(text("PRAGMA foreign_key_check")))
        return "ok" if said == ["ok"] and not broken else f"{said[:2]} {broken[:2]}"
    for table in Base.metadata.sorted_tables:  # every row can be read
        list(await db.execute(select(table)))
    return "ok"
