"""Who has a phone: people, the bot's own account, and the groups a person may drag it into."""

import json
import re
import zlib
from typing import Any

from bot.rehearsal.errors import UnplayableError
from bot.rehearsal.store import Row
from bot.rehearsal.world import World

# (name, id, roles, language, zone): ids as real accounts have them, fixed so that scripts can rely on them.
CAST: tuple[tuple[str, int, tuple[str, ...], str, str], ...] = (
    ("Olga", 514208337, ("admin",), "en", "Europe/London"),
    ("Steve", 498113052, ("coach",), "en", "Europe/London"),
    ("Jack", 1740265918, ("leader",), "en", "Europe/London"),
    ("Priya", 1893417206, ("leader",), "en", "Europe/London"),
    ("Tom", 2051938474, ("leader",), "en", "Europe/London"),
    ("Aisha", 1628390551, ("leader",), "en", "Europe/London"),
    ("Mark", 903764128, ("leader",), "en", "Europe/London"),
    ("Claire", 871520643, ("coach",), "fr", "Europe/Paris"),
    ("Jerome", 1307846295, ("leader",), "fr", "Europe/Paris"),
)
DEFAULT_ZONE = "Europe/London"
BOT_ID = 7200514668
BOT_NAME = "Interlude"
BOT_USERNAME = "interlude_rehearsal_bot"
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")


def seat_cast(world: World) -> None:
    """Hand out the phones of the demo, once, when the file is new."""
    if world.store.recall("seated"):
        return
    with world.store.transaction():
        for name, person_id, roles, language, zone in CAST:
            _insert(world, person_id, name, language, zone, list(roles))
        world.store.keep("seated", True)


def add_person(world: World, name: object, language: object, zone: object, roles: object) -> Row:
    """Hand out one more phone."""
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 64:
        raise UnplayableError(400, "A new phone needs a name of 1 to 64 characters.")
    language = "en" if language is None else language
    if not isinstance(language, str) or not LANGUAGE.fullmatch(language):
        raise UnplayableError(400, "The language is a code such as en or fr.")
    number = world.store.count("SELECT count(*) FROM person")
    person_id = 100_000_000 + zlib.crc32(f"{name}:{number}".encode()) % 1_900_000_000
    while find_person(world, person_id):
        person_id += 1
    given = [str(role) for role in roles] if isinstance(roles, list) else []
    with world.store.transaction():
        _insert(world, person_id, name.strip(), language, str(zone or DEFAULT_ZONE), given)
    world.tell("people")
    return the_person(world, person_id)


def _insert(world: World, person_id: int, name: str, language: str, zone: str, roles: list[str]) -> None:
    position = world.store.count("SELECT count(*) FROM person")
    world.store.run(
        "INSERT INTO person (id, name, language, zone, roles, position) VALUES (?, ?, ?, ?, ?, ?)",
        person_id, name, language, zone, json.dumps(roles), position,
    )  # fmt: skip


def everybody(world: World) -> list[Row]:
    return world.store.all("SELECT * FROM person ORDER BY position")


def find_person(world: World, person_id: int) -> Row | None:
    return world.store.one("SELECT * FROM person WHERE id = ?", person_id)


def the_person(world: World, person_id: int) -> Row:
    person = find_person(world, person_id)
    if person is None:
        raise UnplayableError(404, f"There is no person with the id {person_id} in this rehearsal.")
    return person


def describe(person: Row) -> dict[str, Any]:
    return {
        "id": person["id"],
        "name": person["name"],
        "roles": json.loads(person["roles"]),
        "language": person["language"],
        "zone": person["zone"],
        "started": bool(person["started"]),
        "blocked": bool(person["blocked"]),
    }


def as_user(person: Row) -> dict[str, Any]:
    """The `User` Telegram shows of a person."""
    user = {"id": person["id"], "is_bot": False, "first_name": person["name"]}
    if person["username"]:
        user["username"] = person["username"]
    user["language_code"] = person["language"]
    return user


def bot_id(world: World) -> int:
    return int(world.store.recall("bot_id", BOT_ID))


def bot_name(world: World) -> str:
    row = world.store.one("SELECT value FROM profile WHERE field = 'name' AND language = ''")
    return str(row["value"]) if row and row["value"] else BOT_NAME


def as_bot_user(world: World) -> dict[str, Any]:
    return {"id": bot_id(world), "is_bot": True, "first_name": bot_name(world), "username": BOT_USERNAME}


def as_chat(world: World, chat_id: int) -> dict[str, Any] | None:
    """The `Chat` with this id as the bot sees it; None when the bot has never heard of it."""
    if chat_id < 0:
        crowd = world.store.one("SELECT * FROM crowd WHERE id = ?", chat_id)
        return {"id": chat_id, "title": crowd["title"], "type": "group"} if crowd else None
    person = find_person(world, chat_id)
    if person is None:
        return None
    chat = {"id": chat_id, "first_name": person["name"]}
    if person["username"]:
        chat["username"] = person["username"]
    return {**chat, "type": "private"}
