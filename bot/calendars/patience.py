"""How long a recurrence may be followed: a rule can ask for a 30th of February until the year 9999."""

from dataclasses import dataclass
from typing import Any

_A_RULE, _A_FILE = 15_000, 500_000  # days looked at: forty years of one, and of all together


class TooLongError(Exception):
    """Followed long enough."""


@dataclass
class Patience:
    """How many days may still be looked at, for all rules of a file together."""

    left: int = _A_FILE

    def follow(self, rule: Any) -> None:
        """Count the days that this rule looks at. It asks for the month of each; asking is what counts."""
        rule._bymonth = _Counted(self, rule._bymonth)


class _Counted:
    """The months a rule allows."""

    def __init__(self, patience: Patience, months: tuple[int, ...] | None) -> None:
        self._patience = patience
        self._months = months
        self._left = _A_RULE

    def __bool__(self) -> bool:
        return True

    def __contains__(self, month: int) -> bool:
        self._left -= 1
        self._patience.left -= 1
        if self._left < 0 or self._patience.left < 0:
            raise TooLongError
        return self._months is None or month in self._months
