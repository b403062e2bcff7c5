"""While somebody's writings are read through, opened or drawn, everybody else can be written for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from people import Town
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import reading
from bot.db.engine import Database
from bot.work import export, taking


@pytest.fixture
def writing(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """Each heavy piece of work by its name: whether a write was open in the task that did it."""
    writers: set[object] = set()
    seen: dict[str, bool] = {}
    write = Database.write

    @asynccontextmanager
    async def watched_write(self: Database, *what: Any) -> AsyncIterator[AsyncSession]:
        async with write(self, *what) as db:
            writers.add(asyncio.current_task())
            try:
                yield db
            finally:
                writers.discard(asyncio.current_task())

    def watch(module: Any, name: str) -> None:
        original = getattr(module, name)

        def watched(*args: Any, **kwargs: Any) -> Any:
            seen[name] = seen.get(name, False) or asyncio.current_task() in writers
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, watched)

    monkeypatch.setattr(Database, "write", watched_write)
    watch(reading, "rated")
    watch(reading, "every_word_of")
    watch(taking, "everything")
    watch(export, "page")
    return seen


async def test_a_file_a_search_and_a_picture_keep_nobody_from_writing(town: Town, writing: dict[str, bool]) -> None:
    await town.until("2026-10-06 16:31")
    await town.anna.tap("4")
    await town.anna.send("The new rota worked.")

    await town.anna.send("/journal rota")
    found = await town.anna.last()
    await town.anna.tap("Search")
    await town.anna.send("rota")
    found_again = await town.anna.last()
    await town.anna.send("/progress")  # what is drawn is drawn from what is read here
    await town.anna.send("/export")
    files = [message["media"] for message in await town.anna.chat() if message["media"]]

    assert "The new rota worked." in found
    assert found_again == found
    assert len(files) == 2
    assert writing == {"every_word_of": False, "rated": False, "everything": False, "page": False}


async def test_what_is_done_beforehand_is_done_once_and_only_one_export_is_noted(town: Town) -> None:
    await town.anna.send("/export")

    [(exports,)] = town.rows("SELECT count(*) FROM audit WHERE action = 'exported'")

    assert exports == 1
    assert len([message for message in await town.anna.chat() if message["media"]]) == 2
