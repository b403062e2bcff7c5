"""The parameters of one Bot API call, read from a query, a form, JSON or multipart."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from bot.rehearsal.errors import RefusedError, bad

MAX_BODY = 50 * 1024 * 1024
# fmt: off
INTEGERS = frozenset({
    "chat_id", "from_chat_id", "message_id", "offset", "limit", "timeout", "cache_time", "duration",
    "max_connections", "user_id", "message_thread_id", "width", "height",
})
# fmt: on
FLAGS = frozenset(
    {
        "disable_notification",
        "protect_content",
        "show_alert",
        "drop_pending_updates",
        "disable_content_type_detection",
        "show_caption_above_media",
        "has_spoiler",
        "allow_paid_broadcast",
        "disable_web_page_preview",
    }
)  # fmt: skip
# fmt: off
STRUCTURES = frozenset({
    "reply_markup", "entities", "caption_entities", "reply_parameters", "link_preview_options",
    "allowed_updates", "commands", "scope", "menu_button", "message_ids",
})
# fmt: on


@dataclass(frozen=True)
class Upload:
    """A file that came with the call."""

    name: str
    mime: str | None
    body: bytes


class Params:
    """Named strings and uploads; every other type is spelled in a string, as on the real server."""

    def __init__(self, given: dict[str, str], uploads: dict[str, Upload]) -> None:
        self.given = given
        self.uploads = uploads

    def has(self, name: str) -> bool:
        return name in self.given or name in self.uploads

    def text(self, name: str) -> str:
        return self.given.get(name, "")

    def integer(self, name: str, default: int = 0, low: int | None = None, high: int | None = None) -> int:
        try:
            number = int(self.given.get(name, default))
        except ValueError:
            number = default
        if low is not None:
            number = max(low, number)
        return number if high is None else min(high, number)

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "yes", "1")

    def structure(self, name: str, what: str) -> Any:
        """A JSON-serialised parameter; None when it was not given."""
        if not self.text(name):
            return None
        try:
            return json.loads(self.text(name))
        except ValueError:
            raise bad(f"can't parse {what} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """The file sent as this parameter, directly or through `attach://`."""
        value = self.text(name)
        return self.uploads.get(value.removeprefix("attach://") if value.startswith("attach://") else name)

    def for_log(self) -> dict[str, Any]:
        """Readable parameters: numbers, flags and structures in their own types, files by name and size."""
        shown: dict[str, Any] = {name: _readable(name, value) for name, value in self.given.items()}
        attached = {f"attach://{name}": upload for name, upload in self.uploads.items()}
        for name, value in self.given.items():
            if value in attached:
                shown[name] = _described(attached.pop(value))
        return shown | {name.removeprefix("attach://"): _described(upload) for name, upload in attached.items()}


def _described(upload: Upload) -> dict[str, Any]:
    return {"file": upload.name, "size": len(upload.body)}


def _readable(name: str, value: str) -> Any:
    if name in INTEGERS and value.lstrip("-").isdecimal():
        return int(value)
    if name in FLAGS and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if name in STRUCTURES:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


async def read_params(request: Request) -> Params:
    """All parameters of a request; a body wins over the query."""
    given: dict[str, str] = dict(request.query_params.items())
    uploads: dict[str, Upload] = {}
    if int(request.headers.get("content-length") or 0) > MAX_BODY:
        raise RefusedError(413, "Request Entity Too Large")
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "application/json":
        given |= _from_json(await request.body())
    elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        await _from_form(request, given, uploads)
    for value in given.values():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise bad("strings must be encoded in UTF-8") from None
    return Params(given, uploads)


def _from_json(body: bytes) -> dict[str, str]:
    try:
        fields = json.loads(body or b"{}")
    except ValueError:
        raise bad("can't parse JSON object") from None
    if not isinstance(fields, dict):
        raise bad("expected a JSON object")
    return {name: _spelled(value) for name, value in fields.items() if value is not None}


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


async def _from_form(request: Request, given: dict[str, str], uploads: dict[str, Upload]) -> None:
    async with request.form(max_part_size=MAX_BODY) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                uploads[name] = Upload(value.filename or name, value.content_type, await value.read())
            else:
                given[name] = value
