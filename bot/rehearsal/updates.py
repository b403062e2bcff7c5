"""The bot's queue of updates: put, read, confirmed and forgotten, or too old."""

import json
from typing import Any

from bot.rehearsal.world import UPDATE_LIFE_S, World

FIRST_UPDATE = 613_204_001
_QUIET_S = 7 * 24 * 3600


def put_update(world: World, kind: str, body: dict[str, Any], queue: str, life_s: int = UPDATE_LIFE_S) -> bool:
    """Queue an update unless the bot has said that it does not want this kind."""
    allowed = world.store.recall("allowed_updates")
    if allowed and kind not in allowed:
        return False
    at = world.now().timestamp()
    if at - world.store.recall("last_update_at", at) > _QUIET_S:
        _start_anew(world)
    world.store.keep("last_update_at", at)
    world.store.run(
        "INSERT INTO waiting_update (update_id, kind, queue, expires, body) VALUES (?, ?, ?, ?, ?)",
        world.store.next_number("next_update", FIRST_UPDATE),
        kind,
        queue,
        at + life_s,
        json.dumps(body),
    )
    world.updates.beat()
    world.new_turn()
    return True


def _start_anew(world: World) -> None:
    """After a week without updates Telegram goes on from any number, which may be a lower one."""
    last = int(world.store.recall("next_update", FIRST_UPDATE))
    world.store.keep("next_update", last - last // 3 if last > FIRST_UPDATE else last + FIRST_UPDATE)


def expire_updates(world: World) -> None:
    """Telegram forgets what nobody fetched in time."""
    if world.store.run("DELETE FROM waiting_update WHERE expires <= ?", world.now().timestamp()):
        world.updates.beat()


def waiting_updates(world: World) -> int:
    expire_updates(world)
    return world.store.count("SELECT count(*) FROM waiting_update")


def read_updates(world: World, limit: int) -> list[dict[str, Any]]:
    expire_updates(world)
    rows = world.store.all("SELECT * FROM waiting_update ORDER BY update_id LIMIT ?", limit)
    return [{"update_id": row["update_id"], row["kind"]: json.loads(row["body"])} for row in rows]


def confirm_updates(world: World, offset: int) -> None:
    """Forget what lies before the offset; a negative one keeps that many from the end."""
    if offset < 0:
        newest = "SELECT update_id FROM waiting_update ORDER BY update_id DESC LIMIT ?"
        last = world.store.all(newest, -offset)
        offset = last[-1]["update_id"] if last else 0
    drop_updates(world, "update_id < ?", offset)


def drop_updates(world: World, which: str = "1", *values: Any) -> None:
    """Delete waiting updates; `which` is a condition of ours, never of a caller outside."""
    if world.store.run(f"DELETE FROM waiting_update WHERE {which}", *values):  # noqa: S608
        world.updates.beat()
        world.new_turn()
