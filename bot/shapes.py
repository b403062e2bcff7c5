"""What a well-formed token, URL and folder look like. Each check returns its value or says what is wrong.

The sentences of the ValueErrors follow the name of a setting ("INTERLUDE_BOT_TOKEN is ...") and never hold
the value.
"""

import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

_TOKEN = re.compile(r"[0-9]{5,16}:[A-Za-z0-9_-]{30,64}")
# How the tokens begin that Telegram's own documentation prints.
_PRINTED_TOKENS = ("123456:ABC-DEF", "110201543:AAHdqTcv", "4839574812:AAFD39kk")


def token(value: str) -> str:
    """A bot token that @BotFather may have given: digits, a colon, about 35 letters."""
    if value.startswith(_PRINTED_TOKENS):
        raise ValueError("is the example from a documentation: use the token that @BotFather gave you")
    if not _TOKEN.fullmatch(value):
        raise ValueError(
            "is not a bot token: @BotFather gives it as digits, a colon and 35 letters or digits"
        )
    return value


def holds_token(text: str) -> bool:
    """Whether something that looks like a token is anywhere in a text."""
    return _TOKEN.search(text) is not None


def web_root(value: str) -> str:
    """The root of an HTTP server, without a slash at its end."""
    parts = _split(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", value):
        raise ValueError("is not a URL such as http://127.0.0.1:8081")
    if parts.query or parts.fragment:
        raise ValueError("is to be the root of a server, without anything behind ? or #")
    if "/bot" in parts.path:
        raise ValueError("is to be the root of the server: /bot<token>/ is appended to it")
    return value.rstrip("/")


def webhook(value: str) -> str:
    """Where Telegram can deliver to: https at one of its ports, or this machine in a rehearsal."""
    parts = _split(value)
    is_here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    if not is_here and (parts.scheme != "https" or not parts.hostname or re.search(r"\s", value)):
        raise ValueError("is to begin with https://: Telegram delivers to nothing else")
    if not is_here and (parts.port or 443) not in (443, 80, 88, 8443):
        raise ValueError("names a port that Telegram does not deliver to: 443, 80, 88 or 8443")
    if parts.query or parts.fragment or not parts.path.strip("/"):
        raise ValueError("is to end in a path of its own, such as https://bot.example.org/telegram")
    return value


def hook_secret(value: str) -> str:
    """A secret as Telegram takes it."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", value):
        raise ValueError("is to be 16 to 256 letters, digits, _ or -")
    return value


def database_url(value: str) -> str:
    """`sqlite:///path` or `postgresql://user:password@host/database`, without a driver."""
    parts = _split(value)
    if parts.scheme == "sqlite":
        if not value.startswith("sqlite:///") or not value.removeprefix("sqlite:///").strip("/"):
            raise ValueError("names no file: write sqlite:///path (sqlite:////path when it is absolute)")
        if ":memory:" in value:
            raise ValueError("would forget everything when the program stops: name a file")
    elif parts.scheme == "postgresql":
        if not parts.path.strip("/"):
            raise ValueError("names no database: write postgresql://user:password@host/database")
    else:
        raise ValueError("is to begin with sqlite:/// or postgresql:// (without a driver: that is ours)")
    return value


def expanded(value: str | Path) -> Path:
    """With the home folder in place of `~`; unchanged where there is no such home."""
    try:
        return Path(value).expanduser()
    except RuntimeError:
        return Path(value)


def folder(value: Path) -> Path:
    """A folder, or a path where one can be made."""
    if "\0" in str(value):
        raise ValueError("is no usable path")
    if value.exists() and not value.is_dir():
        raise ValueError("is no folder")
    return value


def existing(value: Path) -> Path:
    """A folder that is there."""
    if not value.is_dir():
        raise ValueError("names a folder that does not exist")
    return value


def one_line(value: str) -> str:
    """Text without line breaks or control characters."""
    if not value.isprintable():
        raise ValueError("is to be one line of text")
    return value


def _split(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError("is not a URL: look at its host and port") from None
    return parts
