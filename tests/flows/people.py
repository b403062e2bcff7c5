"""A house with its people, and a look into the files that a thief or an operator would see."""

import asyncio
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from house import House, Phone

from bot.rehearsal.files import keep_file
from bot.rehearsal.updates import put_update


@dataclass
class Town:
    """Alice coaches Anna and Ben, Bob coaches Carla, Olga is admin; Zoe is a stranger."""

    house: House
    folder: Path
    keys_file: Path
    olga: Phone
    alice: Phone
    bob: Phone
    anna: Phone
    ben: Phone
    carla: Phone
    zoe: Phone

    async def until(self, text: str) -> None:
        """To an instant in UTC, as `2026-10-06 16:31`."""
        await self.house.until(datetime.fromisoformat(text + "+00:00"))

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the bot's own database says (SQLite)."""
        db = sqlite3.connect(self.folder / "interlude.db")
        try:
            return list(db.execute(query, values))
        finally:
            db.close()

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        tables = [name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: self.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables}

    def in_files(self, words: str) -> list[str]:
        """The files of the data folder that hold these words in plain; three letters stand in any cipher by chance."""
        assert len(words.encode()) > 3
        forms = [words.encode(encoding) for encoding in ("utf-8", "utf-16-le")]
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        return [path.name for path in files if any(form in path.read_bytes() for form in forms)]

    async def update(self, kind: str, body: dict[str, Any]) -> None:
        """An update as Telegram would never send it."""
        put_update(self.house.stage.world, kind, body, "chat:0")
        await self.settled()

    async def send_unmeasured(self, phone: Phone, name: str, content: bytes) -> None:
        """A file of which Telegram does not say how large it is."""
        world = self.house.stage.world
        kept = keep_file(world, "document", name, None, content)
        document = {"file_id": kept["file_id"], "file_unique_id": kept["unique_id"], "file_name": name}
        person = {"id": phone.id, "first_name": phone.name}
        sent = {"message_id": 9999, "date": int(world.now().timestamp()), "document": document}
        await self.update("message", sent | {"from": person | {"is_bot": False}, "chat": person | {"type": "private"}})

    async def settled(self) -> None:
        for _ in range(100):
            await asyncio.sleep(0)
            if await self.house.stage.keeper.settled():
                return
        raise AssertionError("the bot did not come to rest")


async def times(phone: Phone, part: str) -> list[str]:
    """When messages with these words came, as `2026-10-06T16:30` in UTC."""
    return [m["date"][:16] for m in await phone.chat() if m["from"] == "bot" and part in m["text"]]
