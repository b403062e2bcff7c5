"""An independent referee: aiogram's typed methods, made strict, over every request and every reply.

Give `Referee()` to a `Stage` as its observer and call `assert_fair()` at the end; or check single calls with
`check_request(method, params)` and `check_reply(method, result)`, which return a list of sentences.
"""

import json
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

MAX = {"text": 4096, "caption": 1024, "callback_query_text": 200, "input_field_placeholder": 64, "description": 512,
       "short_description": 120, "name": 64}  # fmt: skip
ACTIONS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
           "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay")  # fmt: skip
# Types of aiogram that are younger or older than what the schema says are told apart here, with the reason.
DEPRECATED = {"disable_web_page_preview", "reply_to_message_id", "allow_sending_without_reply"}


@cache
def _methods() -> Any:
    """Seconds to import: not for runs that need no referee, nor for the process that hands out the tests."""
    from aiogram import methods

    return methods


def check_request(method: str, params: dict[str, Any]) -> list[str]:
    """What is wrong with a request as the bot sent it: unknown or missing fields, types, lengths, keyboards."""
    kind = getattr(_methods(), method[0].upper() + method[1:], None)
    if kind is None:
        return [f"{method}: there is no such method"]
    sent = {name: _as_file(value) for name, value in params.items()}
    problems = [f"{method}: {problem}" for problem in _misfits(kind, sent, scalars_spelled=True)]
    problems += [f"{method}: {name} is deprecated" for name in sent if name in DEPRECATED]
    problems += [f"{method}: {problem}" for problem in _lengths(method, sent)]
    markup = sent.get("reply_markup")
    if isinstance(markup, dict):
        problems += [f"{method}: {problem}" for problem in _keyboard(markup)]
    return problems


def check_reply(method: str, result: Any) -> list[str]:
    """What is wrong with the result of a call: a field Telegram does not have, one missing, a wrong type."""
    kind = getattr(_methods(), method[0].upper() + method[1:], None)
    if kind is None:
        return [f"{method}: there is no such method"]
    return [f"{method} replied: {problem}" for problem in _misfits(kind.__returning__, result)]


class Referee:
    """An observer of calls that keeps every violation. Requests Telegram refused are the refusal's business."""

    def __init__(self) -> None:
        _methods()  # before anybody's clock is running
        self.calls = 0
        self.violations: list[str] = []

    def __call__(self, call: Any) -> None:
        self.calls += 1
        if not call.ok:
            return
        self.violations += check_request(call.method, call.params)
        self.violations += check_reply(call.method, call.result)

    def assert_fair(self) -> None:
        assert not self.violations, "\n".join(self.violations)


def _as_file(value: Any) -> Any:
    return "attach://file" if isinstance(value, dict) and set(value) == {"file", "size"} else value


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)  # a message refers to most of Telegram's types: 15 ms each time


def _misfits(kind: Any, given: Any, *, scalars_spelled: bool = False) -> list[str]:
    """Validate, then compare with what was understood: a difference is a field or type Telegram does not know."""
    adapter = _adapter(kind)
    try:
        understood = adapter.validate_python(given)
    except ValidationError as error:
        return [f"{'.'.join(map(str, issue['loc']))}: {issue['msg']}" for issue in error.errors()]
    problems = [f"{path} is not a field of Telegram's" for path in _extras(understood, "")]
    dumped = adapter.dump_python(understood, mode="json", by_alias=True, exclude_unset=True, warnings=False)
    return problems + list(_differences(given, dumped, "", scalars_spelled=scalars_spelled))


def _extras(value: Any, path: str) -> list[str]:
    if isinstance(value, BaseModel):
        found = [f"{path}{name}" for name in (value.model_extra or {})]
        for name in value.model_fields_set:
            if name in type(value).model_fields:
                found += _extras(getattr(value, name), f"{path}{name}.")
        return found
    if isinstance(value, list | tuple):
        return [extra for at, item in enumerate(value) for extra in _extras(item, f"{path}{at}.")]
    return []


def _differences(given: Any, understood: Any, path: str, *, scalars_spelled: bool) -> list[str]:
    if isinstance(given, dict) and isinstance(understood, dict):
        return [difference for name, value in given.items() if name in understood
                for difference in _differences(value, understood[name], f"{path}{name}.",
                                               scalars_spelled=scalars_spelled and path == "")]  # fmt: skip
    if isinstance(given, list) and isinstance(understood, list):
        return [difference for at, pair in enumerate(zip(given, understood, strict=True))
                for difference in _differences(*pair, f"{path}{at}.", scalars_spelled=False)]  # fmt: skip
    top = path.count(".") == 1
    if scalars_spelled or (top and isinstance(given, str)):
        return []  # in a form every scalar is spelled as a string
    same = given == understood and isinstance(given, bool) == isinstance(understood, bool)
    return [] if same else [f"{path.rstrip('.')} is {json.dumps(given)}, understood as {json.dumps(understood)}"]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _lengths(method: str, sent: dict[str, Any]) -> list[str]:
    problems = []
    for name, value in sent.items():
        limit = MAX["callback_query_text"] if (method, name) == ("answerCallbackQuery", "text") else MAX.get(name)
        plain = sent.get("parse_mode") in (None, "")
        if limit and isinstance(value, str) and plain and _units(value.strip()) > limit:
            problems.append(f"{name} is longer than {limit}")
    if method in ("sendMessage", "editMessageText") and not str(sent.get("text", "")).strip():
        problems.append("text is empty")
    if method == "setMyCommands":
        problems += _commands(sent.get("commands") or [])
    return problems


def _commands(commands: list[Any]) -> list[str]:
    problems = ["more than 100 commands"] if len(commands) > 100 else []
    for command in commands:
        if not 1 <= len(command.get("command", "")) <= 32 or command["command"] != command["command"].lower():
            problems.append(f"command {command.get('command')!r} is not 1-32 lower-case characters")
        if not 1 <= len(command.get("description", "")) <= 256:
            problems.append(f"the description of {command.get('command')!r} is not 1-256 characters")
    return problems


def _keyboard(markup: dict[str, Any]) -> list[str]:
    problems = []
    buttons = [button for row in markup.get("inline_keyboard", []) for button in row]
    for button in buttons:
        actions = [action for action in ACTIONS if action in button]
        if len(actions) != 1:
            problems.append(f"button {button.get('text')!r} has {len(actions)} actions")
        if not str(button.get("text", "")).strip():
            problems.append("a button has no text")
        data = button.get("callback_data")
        if data is not None and not 1 <= len(str(data).encode()) <= 64:
            problems.append(f"callback_data of {button.get('text')!r} is not 1-64 bytes")
    if len(buttons) > 100:
        problems.append("more than 100 buttons")
    placeholder = markup.get("input_field_placeholder")
    if placeholder is not None and not 1 <= len(placeholder) <= MAX["input_field_placeholder"]:
        problems.append("input_field_placeholder is not 1-64 characters")
    return problems


__all__ = ["Referee", "check_reply", "check_request"]
