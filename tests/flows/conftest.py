"""A house in which everybody has joined already: made once, copied for each story, on a library of short sequences."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from desks import NINE, Desk
from house import House, Phone, assert_calm
from people import Town
from wire import sqlite_at_once

from bot import app
from bot.clock import SteppedClock
from bot.vault import KeyRing

SHORT_LIBRARY = Path(__file__).parent / "short_library"


@dataclass(frozen=True)
class Template:
    """A folder to copy, and whose phones are in it."""

    folder: Path
    keys_file: Path
    ids: dict[str, int]


async def _join(folder: Path, keys_file: Path, database_url: str) -> dict[str, int]:
    more = {"INTERLUDE_PROMPTS_DIR": str(SHORT_LIBRARY)}
    async with House.open(folder, database_url, keys_file, **more) as house:
        return {name: phone.id for name, phone in (await everybody(house)).items()}


async def everybody(house: House) -> dict[str, Phone]:
    """Alice coaches Anna and Ben, Bob coaches Carla, Olga is admin; Zoe is a stranger."""
    olga = await house.admin()
    alice, bob = await house.coach("Alice", olga), await house.coach("Bob", olga)
    return {
        "olga": olga, "alice": alice, "bob": bob,
        "anna": await house.leader("Anna", alice, follows=("everyday",)),
        "ben": await house.leader("Ben", alice, follows=("daily",)),
        "carla": await house.leader("Carla", bob, follows=("around",)),
        "zoe": await house.phone("Zoe"),
    }  # fmt: skip


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    folder = tmp_path_factory.mktemp("joined")
    keys_file = tmp_path_factory.mktemp("keys") / "interlude.keys"
    keys_file.write_text(KeyRing.new_line() + "\n")
    ids = asyncio.run(_join(folder, keys_file, f"sqlite:///{folder / 'data' / 'interlude.db'}"))
    return Template(folder, keys_file, ids)


@pytest.fixture
async def town(template: Template, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Town]:
    """Monday 5 October 2026, nine in London; everybody has joined and nothing has been asked."""
    folder = tmp_path / "town"
    shutil.copytree(template.folder, folder)
    url = f"sqlite:///{folder / 'data' / 'interlude.db'}"
    opened = House.open(folder, url, template.keys_file, INTERLUDE_PROMPTS_DIR=str(SHORT_LIBRARY))
    with sqlite_at_once():
        async with opened as house:
            phones = {name: Phone(house, number, name.title()) for name, number in template.ids.items()}
            yield Town(house=house, folder=folder / "data", keys_file=template.keys_file, **phones)
    assert_calm(caplog)


@pytest.fixture
async def town_on(
    tmp_path: Path, keys_file: Path, database_url: str, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Town]:
    """The same on each database in turn; slower, as everybody joins anew."""
    more = {"INTERLUDE_PROMPTS_DIR": str(SHORT_LIBRARY)}
    async with House.open(tmp_path, database_url, keys_file, **more) as house:
        yield Town(house=house, folder=tmp_path / "data", keys_file=keys_file, **await everybody(house))
    assert_calm(caplog)


@pytest.fixture
async def desk(town: Town) -> AsyncIterator[Desk]:
    await town.house.stop_bot()
    clock = SteppedClock(NINE)
    async with app.opened(town.house.settings, clock) as practice:
        yield Desk(practice, clock)
