"""Groups, only as far as a bot for private chats needs them: dragged in, spoken to, left."""

from typing import Any

from bot.rehearsal.checks import marked
from bot.rehearsal.errors import UnplayableError
from bot.rehearsal.messages import BOT, as_message, post
from bot.rehearsal.people import as_bot_user, as_chat, as_user, the_person
from bot.rehearsal.updates import put_update
from bot.rehearsal.world import World

FIRST_GROUP = 4_012_345_001


def add_bot_to_group(world: World, person_id: int, title: str) -> int:
    """The person makes a group with the bot in it; the group's (negative) id."""
    person = the_person(world, person_id)
    with world.store.transaction():
        chat_id = -world.store.next_number("next_group", FIRST_GROUP)
        world.store.run("INSERT INTO crowd VALUES (?, ?, 1, ?)", chat_id, title, person_id)
        row = post(world, chat_id, person["id"], {"service": "created", "group_chat_created": True})
        _membership(world, chat_id, as_user(person), "left", "member")
        put_update(world, "message", as_message(world, row), f"chat:{chat_id}")
    return chat_id


def bot_leaves(world: World, chat_id: int) -> None:
    world.store.run("UPDATE crowd SET member = 0 WHERE id = ?", chat_id)
    post(world, chat_id, BOT, {"service": "left", "left_chat_member": as_bot_user(world)})
    _membership(world, chat_id, as_bot_user(world), "member", "left")


def say_in_group(world: World, chat_id: int, person_id: int, text: str) -> int:
    """A person writes in a group; the bot hears commands, as with privacy mode on."""
    person = the_person(world, person_id)
    if as_chat(world, chat_id) is None:
        raise UnplayableError(404, f"There is no group with the id {chat_id} in this rehearsal.")
    with world.store.transaction():
        row = post(world, chat_id, person["id"], {"text": text} | marked("entities", text, []))
        member = world.store.count("SELECT member FROM crowd WHERE id = ?", chat_id)
        if member and (text.startswith("/") or f"@{as_bot_user(world)['username']}" in text):
            put_update(world, "message", as_message(world, row), f"chat:{chat_id}")
    return int(row["message_id"])


def _membership(world: World, chat_id: int, by: dict[str, Any], old: str, new: str) -> None:
    put_update(world, "my_chat_member", membership(world, chat_id, by, old, new), f"chat:{chat_id}")


def membership(world: World, chat_id: int, by: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """A `ChatMemberUpdated` about the bot itself."""
    return {
        "chat": as_chat(world, chat_id),
        "from": by,
        "date": world.seconds(),
        "old_chat_member": _member(world, old),
        "new_chat_member": _member(world, new),
    }


def _member(world: World, status: str) -> dict[str, Any]:
    member: dict[str, Any] = {"status": status, "user": as_bot_user(world)}
    return member | {"until_date": 0} if status == "kicked" else member
