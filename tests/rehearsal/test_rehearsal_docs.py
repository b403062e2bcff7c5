"""The documentation names every endpoint, every method and every fault there is."""

from pathlib import Path

from rehearsal_wire import Wire
from starlette.routing import Route

from bot.rehearsal.botapi import METHODS
from bot.rehearsal.faults import KINDS

TEXT = (Path(__file__).parents[2] / "docs" / "rehearsal.md").read_text()


async def test_every_endpoint_is_documented(wire: Wire) -> None:
    paths = {route.path for route in wire.stage.app().routes if isinstance(route, Route)}

    short = {path.replace("/rehearsal/people/{person:int}", "…").replace("{group:int}", "{n}") for path in paths}
    undocumented = {path for path in short if path not in TEXT and not path.startswith(("/bot", "/file"))}
    assert undocumented == set()


def test_every_method_of_the_bot_api_is_documented() -> None:
    spelled = TEXT
    for pair, names in (
        ("set/get/deleteMyCommands", "setMyCommands getMyCommands deleteMyCommands"),
        ("set/getMyName", "setMyName getMyName"),
        ("set/getMyDescription", "setMyDescription getMyDescription"),
        ("set/getMyShortDescription", "setMyShortDescription getMyShortDescription"),
        ("set/getChatMenuButton", "setChatMenuButton getChatMenuButton"),
    ):
        spelled = spelled.replace(pair, names)

    assert {method for method in METHODS if method not in spelled} == set()


def test_every_fault_is_documented() -> None:
    assert {kind for kind in KINDS if f"`{kind}`" not in TEXT} == set()
