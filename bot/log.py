"""Logs of ids and states only: nothing a person wrote, no token and no key can get in, whoever logs.

`get_logger(__name__).info("prompt sent", delivery_id=7, state="sent")`: the event is a fixed phrase, all else
goes into allowed keys, and text values are single words (a state, a reason), never sentences. What other
libraries log is reduced to their own fixed phrase, and an exception to its type and where it happened.
"""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from json import dumps
from pathlib import Path
from types import TracebackType
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

from bot.errors import InterludeError, RefusedError

# structlog imports rich where it finds it, for tracebacks that we never show: two thirds of its import time.
_rich_is_loaded = "rich" in sys.modules
if not _rich_is_loaded:
    cast("dict[str, object]", sys.modules)["rich"] = None  # how Python is told not to find a module
import structlog  # noqa: E402
from structlog.stdlib import BoundLogger, ProcessorFormatter  # noqa: E402
from structlog.typing import EventDict, WrappedLogger  # noqa: E402

if not _rich_is_loaded:
    del sys.modules["rich"]

_KEYS = """
    address anchor at attempt command count error event exc_info exit_code from_state id kind lane language
    method ms port reason role seconds sequence signal state status step to_state version
"""
KEYS = frozenset(_KEYS.split())
KEY_ENDINGS = ("_id", "_ids", "_at", "_count", "_seconds", "_version")
_WORD = re.compile(r"[\w.:/+@#%=,\[\]<>-]{1,120}")
_TOKEN = re.compile(r"[0-9]{5,16}(:|%3A)[A-Za-z0-9_-]{20,}", re.IGNORECASE)
_VALUE = re.compile(r"[^\w .,/-]")  # where the fixed words of a phrase end
_REDACTED = "[redacted]"
_LONGEST_EVENT = 80
_OURS = str(Path(__file__).parent.parent)
_PLAIN = (bool, int, float, type(None), UUID, datetime, date, time, timedelta)


def get_logger(name: str) -> BoundLogger:
    """The logger of one of our modules; safe before `configure` too."""
    logger: BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def configure(*, json: bool, level: str | int = "INFO", secrets: Iterable[str] = ()) -> None:
    """Send our records of `level` and up, and warnings of all others, to standard error, one line each.

    `secrets` (token, keys, passwords) are blotted out wherever they appear. May be called again. Exceptions
    that nobody catches are logged as well instead of printed, for their messages may hold content.
    """
    handler = _Handler()
    handler.setFormatter(formatter(json=json, secrets=secrets))
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("bot").setLevel(level)
    sys.excepthook = _crashed
    threading.excepthook = lambda args: _crashed(args.exc_type, args.exc_value, args.exc_traceback)


def formatter(*, json: bool, secrets: Iterable[str] = ()) -> logging.Formatter:
    """What stands between a record and the outside: only known keys and single words pass, no secret does."""
    return _Formatter(json, _Blotter(secrets))


class _Handler(logging.StreamHandler[Any]):
    """Writes to whatever standard error is just then; never shows a record that could not be formatted."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.addFilter(lambda record: record.levelno >= logging.WARNING or _is_ours(record))

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        sys.stderr.write(f"a record of {record.name} could not be written\n")


class _Blotter:
    """Blots out secrets, in every notation they may have been given on their way into a text."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets for form in (secret, quote(secret, safe=""), dumps(secret)[1:-1])}
        ordered = sorted((form for form in forms if len(form) > 3), key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, text: str) -> str:
        if self._secrets:
            text = self._secrets.sub(_REDACTED, text)
        return _TOKEN.sub(_REDACTED, text)


class _Formatter(logging.Formatter):
    """Renders our own records as they are, those of other libraries by their fixed phrase."""

    def __init__(self, json: bool, blot: _Blotter) -> None:
        super().__init__()
        self._render = structlog.processors.JSONRenderer(ensure_ascii=False) if json else _line
        self._blot = blot

    def format(self, record: logging.LogRecord) -> str:
        message: Any = record.msg
        ours = isinstance(message, dict) and hasattr(record, "_logger")  # as structlog hands it over
        event: dict[str, Any] = dict(message) if ours else _of_a_library(record)
        event["level"] = record.levelname.lower()
        event["logger"] = record.name
        event["timestamp"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return self._blot(str(self._render(None, "", event)))


def _wire() -> None:
    """Our own records take this way from the start, so that none is ever printed unfiltered."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            _only_what_is_allowed,
            _safe_exception,
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=BoundLogger,
        cache_logger_on_first_use=True,
    )


def _only_what_is_allowed(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Keeps allowed keys with plain values; what falls away is counted, so that its absence is seen."""
    event.pop("positional_args", None)
    kept: EventDict = {}
    for key, value in event.items():
        if key in KEYS or key.endswith(KEY_ENDINGS):
            kept[key] = value if key == "exc_info" else _plain(value)
    kept["event"] = str(event.get("event", ""))[:_LONGEST_EVENT]
    if dropped := len(event) - len(kept):
        kept["dropped"] = dropped
    return kept


def _plain(value: object) -> object:
    """A value that cannot be a sentence: numbers, ids, times, single words, errors by their type."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, BaseException):
        return _named(value)
    if isinstance(value, bool | int | float | None):
        return value
    if isinstance(value, _PLAIN):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in list(value)[:20]]
    if isinstance(value, str) and _WORD.fullmatch(value):
        return value
    return "(text)" if isinstance(value, str) else f"({type(value).__name__})"


def _safe_exception(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given is True else None
    if isinstance(given, tuple):
        error = given[1]
    if error is not None:
        event.update(_described(error))
    return event


def _of_a_library(record: logging.LogRecord) -> dict[str, Any]:
    error = record.exc_info[1] if record.exc_info else None
    return {"event": _phrase(record)} | (_described(error) if error else {})


def _phrase(record: logging.LogRecord) -> str:
    """The fixed part of what a library says: a template with its numbers, else the words before any value.

    asyncio and others put the text together beforehand, and what they hold stands in quotes, in brackets or
    on later lines.
    """
    if not isinstance(record.msg, str):
        return f"({type(record.msg).__name__})"
    first_line = (record.msg.splitlines() or [""])[0][:_LONGEST_EVENT]
    if not isinstance(record.args, tuple) or not record.args:
        return _VALUE.split(first_line, maxsplit=1)[0].strip()
    try:
        return first_line % tuple(arg if isinstance(arg, int | float) else "…" for arg in record.args)
    except (TypeError, ValueError):
        return first_line


def _described(error: BaseException) -> dict[str, object]:
    """An exception and what caused it: types and places, no messages but our own, no values."""
    names, seen = [], set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        names.append(_named(cause))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return {"error": " < ".join(names), "where": _places(error.__traceback__)}


def _named(error: BaseException) -> str:
    """The type; with the message where it is one of ours, which never carries content."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(error, BaseExceptionGroup):
        return f"{name}[{', '.join(map(_named, error.exceptions))}]"
    if isinstance(error, InterludeError) and not isinstance(error, RefusedError):  # refusals quote the person
        return f"{name}: {error}"
    return name


def _places(trace: TracebackType | None) -> str:
    """`bot/work/answer.py:42 receive_one < ...`, the innermost first; at most twelve."""
    frames = [(frame.f_code, line) for frame, line in traceback.walk_tb(trace)]
    return " < ".join(f"{_short(code.co_filename)}:{line} {code.co_name}" for code, line in frames[:-13:-1])


def _short(file: str) -> str:
    return file.partition("site-packages/")[2] or file.removeprefix(f"{_OURS}/")


def _line(_logger: WrappedLogger, _name: str, event: Mapping[str, Any]) -> str:
    """One readable line: time, level, event, the rest as `key=value`."""
    rest = {key: value for key, value in event.items() if key not in ("timestamp", "level", "event")}
    pairs = " ".join(f"{key}={dumps(value, default=str, ensure_ascii=False)}" for key, value in rest.items())
    return f"{event['timestamp']} {event['level']:<8} {' '.join(str(event['event']).split())}  {pairs}"


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name == "bot" or record.name.startswith("bot.")


def _crashed(kind: type[BaseException], error: BaseException | None, _: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        logging.getLogger("bot").critical("stopped by an error nobody caught", exc_info=error)


_wire()
