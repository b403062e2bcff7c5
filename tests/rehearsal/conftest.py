"""An emulated Telegram per test, refereed."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from rehearsal_wire import Wire, staged


@pytest.fixture
async def wire(tmp_path: Path) -> AsyncIterator[Wire]:
    async with staged(tmp_path / "rehearsal.db") as wire:
        yield wire


@pytest.fixture
def open_stage(tmp_path: Path) -> Callable[..., Any]:
    """Open the same file again, or with options."""
    return lambda **options: staged(tmp_path / "rehearsal.db", **options)
