"""The edge towards Telegram.

python-telegram-bot imports httpx for a transport that is not used here (`requests.py` has ours): a quarter of a second at
every start. Until somebody does use it, a name stands in its place.
"""

import sys
from types import ModuleType
from typing import Any


class _NotNeeded:
    """What annotations name while the library is being imported."""


class _NotYet(ModuleType):
    """httpx, as soon as anything of it is used."""

    is_importing = True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.is_importing:
            return _NotNeeded
        import httpx

        return getattr(httpx, name)


if "httpx" not in sys.modules and "telegram" not in sys.modules:
    _instead = _NotYet("httpx")
    sys.modules["httpx"] = _instead
    try:
        import telegram.ext  # noqa: F401
    finally:
        _instead.is_importing = False
        del sys.modules["httpx"]
