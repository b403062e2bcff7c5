"""What Telegram refuses in text and keyboards, in its own words."""

from typing import Any

from bot.rehearsal.entities import Entity, check_url, detect, units
from bot.rehearsal.errors import bad
from bot.rehearsal.markup import formatted
from bot.rehearsal.params import Params

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_BUTTONS = 100
# fmt: off
ACTIONS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "copy_text", "callback_game",
    "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "pay",
)
# fmt: on
STYLES = ("danger", "success", "primary")
REQUESTS = ("request_contact", "request_location", "request_poll", "request_users", "request_chat", "web_app")
FLAG_FIELDS = ("force_reply", "remove_keyboard", "selective", "one_time_keyboard", "is_persistent",
               "resize_keyboard")  # fmt: skip
KEYBOARD_FIELDS = ("resize_keyboard", "one_time_keyboard", "is_persistent", "selective",
                   "input_field_placeholder")  # fmt: skip


def message_text(params: Params) -> dict[str, Any]:
    """`text` with its entities, ready to be stored."""
    if not params.text("text"):
        raise bad("message text is empty")
    given = params.structure("entities", "entities")
    text, entities = trimmed(*formatted(params.text("text"), params.text("parse_mode"), given))
    if not text:
        raise bad("text must be non-empty")
    if units(text) > MAX_TEXT:
        raise bad("message is too long")
    return {"text": text} | marked("entities", text, entities)


def message_caption(params: Params) -> dict[str, Any]:
    """`caption` with its entities; nothing when there is none."""
    if not params.text("caption"):
        return {}
    given = params.structure("caption_entities", "caption entities")
    text, entities = trimmed(*formatted(params.text("caption"), params.text("parse_mode"), given))
    if units(text) > MAX_CAPTION:
        raise bad("message caption is too long")
    return {"caption": text} | marked("caption_entities", text, entities) if text else {}


def marked(field: str, text: str, entities: list[Entity]) -> dict[str, Any]:
    found = detect(text, entities)
    return {field: found} if found else {}


def trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Telegram cuts blank space off both ends and moves the entities along."""
    clean = "".join(" " if ord(char) < 32 and char != "\n" else char for char in text)
    start = units(clean) - units(clean.lstrip())
    clean = clean.strip()
    end = units(clean)
    moved = []
    for entity in entities:
        first = max(0, entity["offset"] - start)
        last = min(end, entity["offset"] - start + entity["length"])
        if last > first:
            moved.append({**entity, "offset": first, "length": last - first})
    return clean, moved


def reply_markup(params: Params, *, inline_only: bool = False) -> dict[str, Any] | None:
    """The keyboard of a call; None when there is none."""
    given = params.structure("reply_markup", "reply keyboard markup")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise bad("object expected as reply markup")
    for field in FLAG_FIELDS:
        if field in given and not isinstance(given[field], bool):
            raise bad(f'field "{field}" must be of type Boolean')
    if "inline_keyboard" in given:
        return _inline_keyboard(given)
    if inline_only and given:
        raise bad("inline keyboard expected")
    if "keyboard" in given:
        return _reply_keyboard(given)
    return given if given.get("remove_keyboard") or _force_reply(given) else None


def _force_reply(given: dict[str, Any]) -> bool:
    _check_placeholder(given)
    return bool(given.get("force_reply"))


def _check_placeholder(given: dict[str, Any]) -> None:
    placeholder = given.get("input_field_placeholder")
    if placeholder is not None and (not isinstance(placeholder, str) or not 1 <= len(placeholder) <= 64):
        raise bad("input field placeholder must be 1-64 characters long")


def _inline_keyboard(given: dict[str, Any]) -> dict[str, Any] | None:
    rows = _rows(given, "inline_keyboard")
    keyboard = [[_inline_button(button) for button in row] for row in rows if row]
    if sum(map(len, keyboard)) > MAX_BUTTONS:
        raise bad("reply markup is too long")
    return {"inline_keyboard": keyboard} if keyboard else None


def _rows(given: dict[str, Any], field: str) -> list[list[Any]]:
    rows = given[field]
    if not isinstance(rows, list):
        raise bad(f'field "{field}" must be of type Array')
    for row in rows:
        if not isinstance(row, list):
            raise bad(f'field "{field}" must be an Array of Arrays')
    return rows


def _inline_button(button: Any) -> dict[str, Any]:
    _check_button_text(button, "inline keyboard button")
    actions = [action for action in ACTIONS if button.get(action) not in (None, "", False)
               or (action.startswith("switch_inline") and action in button)]  # fmt: skip
    if not actions:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad("can't parse inline keyboard button: exactly one action must be specified")
    if button.get("style", STYLES[0]) not in STYLES:
        raise bad("can't parse inline keyboard button: unsupported button style specified")
    kept = {field: button[field] for field in ("text", "icon_custom_emoji_id", "style") if field in button}
    return kept | {actions[0]: _action(actions[0], button[actions[0]])}


def _action(action: str, value: Any) -> Any:
    if action in ("callback_data", "url") and not isinstance(value, str):
        raise bad(f'can\'t parse inline keyboard button: Field "{action}" must be of type String')
    if action == "callback_data" and len(value.encode()) > 64:
        raise bad("BUTTON_DATA_INVALID")
    if action == "url":
        return check_url(value, "inline keyboard button URL")
    if action in ("pay", "callback_game"):
        raise bad("BUTTON_TYPE_INVALID")
    inner = value if isinstance(value, dict) else {}
    if action == "copy_text" and not 1 <= len(str(inner.get("text", ""))) <= 256:
        raise bad("BUTTON_COPY_TEXT_INVALID")
    if action == "web_app" and not str(inner.get("url", "")).startswith("https://"):
        wrong = f"'{inner.get('url', '')}' is invalid: Only HTTPS links are allowed"
        raise bad(f"inline keyboard button Web App URL {wrong}")
    return value


def _check_button_text(button: Any, what: str) -> None:
    if not isinstance(button, dict):
        raise bad(f"can't parse {what}: expected an Object")
    if "text" not in button:
        raise bad(f"can't parse {what}: Can't find field \"text\"")
    if not isinstance(button["text"], str):
        raise bad(f'can\'t parse {what}: Field "text" must be of type String')
    if not button["text"].strip():
        raise bad(f"{what} text is empty")


def _reply_keyboard(given: dict[str, Any]) -> dict[str, Any] | None:
    _check_placeholder(given)
    rows = [[_reply_button(button) for button in row] for row in _rows(given, "keyboard") if row]
    if not rows:
        return None
    return {"keyboard": rows} | {field: given[field] for field in KEYBOARD_FIELDS if field in given}


def _reply_button(button: Any) -> dict[str, Any]:
    if isinstance(button, str):
        button = {"text": button}
    _check_button_text(button, "keyboard button")
    if sum(1 for request in REQUESTS if button.get(request)) > 1:
        raise bad("can't parse keyboard button: at most one action must be specified")
    return dict(button)


def link_preview(params: Params) -> dict[str, Any]:
    """`link_preview_options` as the message shows them again."""
    given = params.structure("link_preview_options", "link preview options")
    if given is None:
        disabled = params.flag("disable_web_page_preview")
        return {"link_preview_options": {"is_disabled": True}} if disabled else {}
    if not isinstance(given, dict):
        raise bad("object expected as link preview options")
    for field in ("is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text"):
        if field in given and not isinstance(given[field], bool):
            raise bad(f'field "{field}" must be of type Boolean')
    if given.get("url"):
        check_preview_url(given["url"])
    return {"link_preview_options": given} if given else {}


def check_preview_url(url: Any) -> None:
    if not isinstance(url, str) or "." not in url:
        raise bad("WEBPAGE_URL_INVALID")
