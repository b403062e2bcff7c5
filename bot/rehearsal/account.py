"""The bot's own account: who it is, its commands and menu, its texts; chats and files it may look at."""

import json
import re
from collections.abc import Callable
from typing import Any

from bot.rehearsal.chats import known_chat
from bot.rehearsal.errors import bad, forbidden
from bot.rehearsal.files import find_file
from bot.rehearsal.groups import bot_leaves
from bot.rehearsal.params import Params
from bot.rehearsal.people import as_bot_user, as_chat, as_user, bot_name, find_person
from bot.rehearsal.world import World

MAX_DOWNLOAD = 20 * 1024 * 1024
COMMAND = re.compile(r"/?([a-z0-9_]{1,32})")
SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat",
          "chat_administrators", "chat_member")  # fmt: skip
GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
LIMITS = {"name": 64, "description": 512, "short_description": 120}


def get_me(world: World, _: Params) -> dict[str, Any]:
    abilities = ("can_read_all_group_messages", "supports_inline_queries", "can_connect_to_business",
                 "has_main_web_app", "has_topics_enabled", "allows_users_to_create_topics")  # fmt: skip
    return as_bot_user(world) | {"can_join_groups": True} | dict.fromkeys(abilities, False)


def say_goodbye(_: World, __: Params) -> bool:
    """logOut and close move a bot between servers; here there is only one."""
    return True


def set_my_commands(world: World, params: Params) -> bool:
    commands = params.structure("commands", "commands")
    if commands is None:
        raise bad('parameter "commands" is required')
    if not isinstance(commands, list):
        raise bad("expected an Array of BotCommand")
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    kept = [_command(command) for command in commands]
    scope, language = _scope(world, params), _language(params)
    if not kept:
        world.store.run("DELETE FROM command WHERE scope = ? AND language = ?", scope, language)
    else:
        world.store.run(
            "INSERT INTO command (scope, language, commands) VALUES (?, ?, ?)"
            " ON CONFLICT (scope, language) DO UPDATE SET commands = excluded.commands",
            scope, language, json.dumps(kept),
        )  # fmt: skip
    world.tell("commands")
    return True


def _command(given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not isinstance(given.get("command"), str):
        raise bad("can't parse BotCommand: Can't find field \"command\"")
    if not isinstance(given.get("description"), str):
        raise bad("can't parse BotCommand: Can't find field \"description\"")
    match = COMMAND.fullmatch(given["command"])
    if match is None:
        raise bad("BOT_COMMAND_INVALID")
    if not 1 <= len(given["description"].strip()) <= 256:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": match.group(1), "description": given["description"].strip()}


def _scope(world: World, params: Params) -> str:
    given = params.structure("scope", "BotCommandScope") or {"type": "default"}
    if not isinstance(given, dict) or given.get("type") not in SCOPES:
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    kind = given["type"]
    if kind not in ("chat", "chat_administrators", "chat_member"):
        return str(kind)
    if "chat_id" not in given:
        raise bad("can't parse BotCommandScope: Can't find field \"chat_id\"")
    if not str(given["chat_id"]).lstrip("-").isdecimal() or as_chat(world, int(given["chat_id"])) is None:
        raise bad("chat not found")
    return f"{kind}:{given['chat_id']}" + (f":{given.get('user_id')}" if kind == "chat_member" else "")


def _language(params: Params) -> str:
    code = params.text("language_code")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad("invalid language code specified")
    return code


def get_my_commands(world: World, params: Params) -> list[dict[str, str]]:
    return _commands(world, _scope(world, params), _language(params)) or []


def delete_my_commands(world: World, params: Params) -> bool:
    scope, language = _scope(world, params), _language(params)
    world.store.run("DELETE FROM command WHERE scope = ? AND language = ?", scope, language)
    world.tell("commands")
    return True


def _commands(world: World, scope: str, language: str) -> list[dict[str, str]] | None:
    row = world.store.one("SELECT commands FROM command WHERE scope = ? AND language = ?", scope, language)
    return json.loads(row["commands"]) if row else None


def commands_on_phone(world: World, person_id: int, language: str) -> list[dict[str, str]]:
    """What the menu of one phone lists: the narrowest scope wins, in it the phone's own language."""
    for scope in (f"chat:{person_id}", "all_private_chats", "default"):
        for code in (language[:2], ""):
            found = _commands(world, scope, code)
            if found:
                return found
    return []


def _setter_of(field: str) -> Callable[[World, Params], bool]:
    def set_field(world: World, params: Params) -> bool:
        value, language = params.text(field), _language(params)
        if len(value) > LIMITS[field]:
            raise bad(f"{field.replace('_', ' ')} is too long")
        world.store.run("DELETE FROM profile WHERE field = ? AND language = ?", field, language)
        if value:
            world.store.run("INSERT INTO profile VALUES (?, ?, ?)", field, language, value)
        world.tell("people")
        return True

    return set_field


def _getter_of(field: str) -> Callable[[World, Params], dict[str, str]]:
    def get_field(world: World, params: Params) -> dict[str, str]:
        return {field: profile_text(world, field, _language(params))}

    return get_field


def profile_text(world: World, field: str, language: str) -> str:
    for code in (language, ""):
        row = world.store.one("SELECT value FROM profile WHERE field = ? AND language = ?", field, code)
        if row:
            return str(row["value"])
    return bot_name(world) if field == "name" else ""


def set_chat_menu_button(world: World, params: Params) -> bool:
    button = params.structure("menu_button", "menu button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in ("default", "commands", "web_app"):
        raise bad("can't parse menu button: Unsupported type specified")
    if button["type"] == "web_app" and not str(button.get("web_app", {}).get("url", "")).startswith("https://"):
        raise bad("menu button Web App URL is invalid: Only HTTPS links are allowed")
    world.store.keep(f"menu_button:{_menu_chat(world, params)}", button)
    world.tell("commands")
    return True


def get_chat_menu_button(world: World, params: Params) -> dict[str, Any]:
    default = world.store.recall("menu_button:0", {"type": "commands"})
    button: dict[str, Any] = world.store.recall(f"menu_button:{_menu_chat(world, params)}", default)
    return default if button == {"type": "default"} else button


def _menu_chat(world: World, params: Params) -> int:
    if not params.text("chat_id"):
        return 0
    chat_id = known_chat(world, params)
    if chat_id < 0:
        raise bad("chat not found")
    return chat_id


def get_chat(world: World, params: Params) -> dict[str, Any]:
    chat_id = known_chat(world, params)
    about = {"accent_color_id": chat_id % 7, "max_reaction_count": 11,
             "accepted_gift_types": dict.fromkeys(GIFTS, False)}  # fmt: skip
    return (as_chat(world, chat_id) or {}) | about


def get_chat_member(world: World, params: Params) -> dict[str, Any]:
    known_chat(world, params)
    person = find_person(world, params.integer("user_id"))
    if person is None:
        raise bad("invalid user_id specified")
    return {"status": "member", "user": as_user(person)}


def leave_chat(world: World, params: Params) -> bool:
    chat_id = known_chat(world, params)
    if chat_id > 0:
        raise bad("chat not found")
    if not world.store.count("SELECT member FROM crowd WHERE id = ?", chat_id):
        raise forbidden("bot is not a member of the group chat")
    bot_leaves(world, chat_id)
    return True


def get_file(world: World, params: Params) -> dict[str, Any]:
    if not params.text("file_id"):
        raise bad("file_id not specified")
    row = find_file(world, params.text("file_id"))
    if row is None:
        raise bad("invalid file_id")
    if row["size"] > MAX_DOWNLOAD:
        raise bad("file is too big")
    return {"file_id": row["file_id"], "file_unique_id": row["unique_id"], "file_size": row["size"],
            "file_path": row["path"]}  # fmt: skip


METHODS: dict[str, Callable[[World, Params], Any]] = {
    "getMe": get_me,
    "logOut": say_goodbye,
    "close": say_goodbye,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": _setter_of("name"),
    "getMyName": _getter_of("name"),
    "setMyDescription": _setter_of("description"),
    "getMyDescription": _getter_of("description"),
    "setMyShortDescription": _setter_of("short_description"),
    "getMyShortDescription": _getter_of("short_description"),
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "leaveChat": leave_chat,
    "getFile": get_file,
}
