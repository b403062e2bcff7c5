"""The demo goes on where it stopped."""

from pathlib import Path

from bot import demo
from bot.db import schema
from bot.db.engine import Database


async def test_a_demo_of_an_earlier_version_goes_on(tmp_path: Path) -> None:
    loaded = demo.prepare(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "opened").touch()  # the opening scene has been played
    database = Database(loaded.database_url)
    await schema.upgrade_to(database.engine, "0005")
    before = await schema.state_of(database.engine)

    async with demo.performance(tmp_path, 0):
        after = await schema.state_of(database.engine)
    await database.close()

    assert (before, after) == ("older", "current")
