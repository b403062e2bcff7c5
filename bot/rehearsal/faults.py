"""Faults on demand: what a network, a proxy or Telegram itself does to the next calls of a method."""

import random
from collections.abc import Mapping
from typing import Any

from bot.rehearsal.errors import UnplayableError
from bot.rehearsal.world import World

KINDS = {
    "429": "refused with retry_after, no effect",
    "401": "Unauthorized, no effect",
    "403": "Forbidden: bot was blocked by the user, no effect",
    "400": "Bad Request: what Telegram never takes, no effect",
    "404": "Not Found, as of a method that this server does not have, no effect",
    "409": "Conflict: another program polls with this token, no effect",
    "500_before": "Internal Server Error, no effect",
    "500_after": "Internal Server Error although it took effect",
    "403_html": "an HTML page from a proxy that refuses, no effect",
    "404_html": "an HTML page from a proxy that does not know the address, no effect",
    "502_html": "an HTML page from a proxy, no effect",
    "bad_json": "took effect, but the reply is half a JSON document",
    "timeout_before": "no effect and no reply; the connection is held, then closed",
    "timeout_after": "took effect, but no reply; the connection is held, then closed",
    "reset_before": "no effect; the connection is reset",
    "reset_after": "took effect; the connection is reset",
}
REFUSALS = {
    "401": (401, "Unauthorized"),
    "403": (403, "Forbidden: bot was blocked by the user"),
    "400": (400, "Bad Request: message is not accepted"),
    "404": (404, "Not Found: method not found"),
    "409": (409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"),
    "500_before": (500, "Internal Server Error"),
}
PAGES = {"403_html": (403, "Forbidden"), "404_html": (404, "Not Found"), "502_html": (502, "Bad Gateway")}
WITHOUT_EFFECT = frozenset({*REFUSALS, *PAGES, "429", "timeout_before", "reset_before"})
_CHANCES = "fault_chances"
PAGE = """<html>
<head><title>{code} {text}</title></head>
<body>
<center><h1>{code} {text}</h1></center>
<hr><center>nginx</center>
</body>
</html>
"""


def order_fault(world: World, given: dict[str, Any], methods: frozenset[str]) -> dict[str, Any]:
    """Add a fault for the next `calls` calls of a method, behind the ones already ordered; with a `chance`, for so many of
    all of them, until faults are cleared."""
    method, kind, calls = given.get("method", "*"), given.get("kind"), given.get("calls", 1)
    if kind not in KINDS:
        raise UnplayableError(400, f"The kind of a fault is one of {', '.join(KINDS)}.")
    if method != "*" and method not in methods:
        raise UnplayableError(400, f"There is no method {method!r} in this emulator.")
    if not isinstance(calls, int) or isinstance(calls, bool) or not 1 <= calls <= 1_000_000:
        raise UnplayableError(400, "The number of calls is a whole number from 1 up.")
    retry_after, hold_s = given.get("retry_after", 1), given.get("hold_s", 60)
    whole = isinstance(retry_after, int) and retry_after >= 1
    if not whole or not isinstance(hold_s, int | float) or hold_s < 0:
        raise UnplayableError(400, "retry_after and hold_s are positive numbers of seconds.")
    if (chance := given.get("chance")) is not None:
        fault = {"method": method, "kind": kind, "retry_after": retry_after, "hold_s": hold_s}
        return _order_by_chance(world, fault, chance)
    number = world.store.insert(
        "INSERT INTO fault (method, kind, calls, retry_after, hold_s) VALUES (?, ?, ?, ?, ?)",
        method, kind, calls, retry_after, hold_s,
    )  # fmt: skip
    return {"n": number, "method": method, "kind": kind, "calls": calls}


def _order_by_chance(world: World, fault: dict[str, Any], chance: object) -> dict[str, Any]:
    if not isinstance(chance, int | float) or isinstance(chance, bool) or not 0 < chance <= 1:
        raise UnplayableError(400, "The chance of a fault is a number above 0, up to 1.")
    fault |= {"chance": chance}
    world.store.keep(_CHANCES, [*world.store.recall(_CHANCES, []), fault])
    return fault


def take_fault(world: World, method: str) -> Mapping[str, Any] | None:
    """The oldest fault ordered for this method, used up by one call; else what chance brings."""
    row = world.store.one("SELECT * FROM fault WHERE method IN (?, '*') ORDER BY n LIMIT 1", method)
    if row is not None:
        if row["calls"] > 1:
            world.store.run("UPDATE fault SET calls = calls - 1 WHERE n = ?", row["n"])
        else:
            world.store.run("DELETE FROM fault WHERE n = ?", row["n"])
        return dict(row)
    for fault in world.store.recall(_CHANCES, []):
        if fault["method"] in (method, "*") and random.random() < fault["chance"]:  # noqa: S311
            return dict(fault)
    return None


def ordered_faults(world: World) -> list[dict[str, Any]]:
    ordered = [dict(row) for row in world.store.all("SELECT * FROM fault ORDER BY n")]
    return ordered + list(world.store.recall(_CHANCES, []))


def clear_faults(world: World) -> None:
    world.store.keep(_CHANCES, [])
    world.store.run("DELETE FROM fault")
