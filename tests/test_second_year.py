"""A year of twenty leaders (see `year.py`); the first twenty are in another file, so that two cores share the work."""

from pathlib import Path

import pytest
from house import assert_calm
from year import live_a_year


async def test_a_year_of_twenty_leaders_keeps_every_rule(
    tmp_path: Path, keys_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await live_a_year(2, tmp_path, keys_file)

    assert_calm(caplog)
