"""Each leader against their own past: a robust baseline, honest about missing weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

BASELINE_OF = 8
BASELINE_NEEDS = 3


@dataclass(frozen=True)
class Reading:
    at: datetime
    value: int


@dataclass(frozen=True)
class Standing:
    """The latest value of a measure, those before it (oldest first) and the person's own usual value, if there is one."""

    measure: str
    latest: int
    recent: tuple[int, ...]
    usual: float | None


def standing(measure: str, readings: Sequence[Reading]) -> Standing | None:
    """`usual` is the median of up to eight readings before the latest; with fewer than three there is none."""
    if not readings:
        return None
    values = [reading.value for reading in sorted(readings, key=lambda reading: reading.at)]
    before = values[:-1][-BASELINE_OF:]
    usual = float(median(before)) if len(before) >= BASELINE_NEEDS else None
    return Standing(measure, values[-1], tuple(values[-4:-1]), usual)
