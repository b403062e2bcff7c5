"""The bot's account: commands per scope and language, menu, texts; groups it is dragged into."""

import pytest
from rehearsal_wire import JACK, JEROME, STEVE, Wire

PAUSE = [{"command": "pause", "description": "Rest a while"}]
PAUSE_FR = [{"command": "pause", "description": "Faire une pause"}]
STATUS = [{"command": "status", "description": "How it goes"}]


async def menu(wire: Wire, person: int) -> list[dict[str, str]]:
    commands: list[dict[str, str]] = (await wire.http.get(f"/rehearsal/people/{person}/phone")).json()["commands"]
    return commands


async def test_a_phone_lists_the_commands_of_its_own_scope_and_language(wire: Wire) -> None:
    chat = {"type": "chat", "chat_id": STEVE}

    await wire.call("setMyCommands", commands=PAUSE)
    await wire.call("setMyCommands", commands=PAUSE_FR, language_code="fr")
    await wire.call("setMyCommands", commands=STATUS, scope=chat)

    assert await menu(wire, JACK) == PAUSE
    assert await menu(wire, JEROME) == PAUSE_FR
    assert await menu(wire, STEVE) == STATUS
    assert await wire.call("getMyCommands", scope=chat) == STATUS
    assert await wire.call("getMyCommands", language_code="de") == []
    await wire.call("deleteMyCommands", scope=chat)
    assert await menu(wire, STEVE) == PAUSE


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"commands": [{"command": "Pause!", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "pause", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "p", "description": "x" * 257}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": PAUSE * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": PAUSE, "scope": {"type": "galaxy"}},
         "can't parse BotCommandScope: Unsupported type specified"),
        ({"commands": PAUSE, "scope": {"type": "chat", "chat_id": 5}}, "chat not found"),
        ({"commands": PAUSE, "language_code": "french"}, "invalid language code specified"),
    ],
)  # fmt: skip
async def test_bad_commands_are_refused(wire: Wire, params: dict[str, object], reason: str) -> None:
    assert await wire.refused("setMyCommands", **params) == f"400 Bad Request: {reason}"


async def test_name_and_descriptions_are_kept_per_language(wire: Wire) -> None:
    await wire.call("setMyName", name="Between")
    await wire.call("setMyDescription", description="Keeps coaching alive")
    await wire.call("setMyDescription", description="Entre les séances", language_code="fr")
    await wire.call("setMyShortDescription", short_description="Short")

    assert (await wire.call("getMe"))["first_name"] == "Between"
    assert await wire.call("getMyDescription", language_code="fr") == {"description": "Entre les séances"}
    assert await wire.call("getMyDescription", language_code="de") == {"description": "Keeps coaching alive"}
    assert await wire.call("getMyShortDescription") == {"short_description": "Short"}
    assert "too long" in await wire.refused("setMyShortDescription", short_description="x" * 121)


async def test_the_menu_button_can_be_set_for_one_chat(wire: Wire) -> None:
    await wire.call("setChatMenuButton", chat_id=JACK, menu_button={"type": "commands"})

    assert await wire.call("getChatMenuButton", chat_id=JACK) == {"type": "commands"}
    assert "Unsupported type" in await wire.refused("setChatMenuButton", menu_button={"type": "wheel"})


async def test_a_chat_can_be_looked_at(wire: Wire) -> None:
    chat = await wire.call("getChat", chat_id=JACK)

    assert (chat["id"], chat["first_name"], chat["type"]) == (JACK, "Jack", "private")
    assert await wire.refused("getChat", chat_id=5) == "400 Bad Request: chat not found"


async def test_a_bot_dragged_into_a_group_can_say_so_and_leave(wire: Wire) -> None:
    group = (await wire.phone(JACK, "group", title="Drinks"))["chat_id"]
    updates = await wire.fetch()

    await wire.call("sendMessage", chat_id=group, text="I only work in private chats.")
    assert await wire.call("leaveChat", chat_id=group) is True
    refusal = await wire.refused("sendMessage", chat_id=group, text="Again")
    seen = (await wire.http.get(f"/rehearsal/groups/{-group}/chat")).json()

    joined = updates[0]["my_chat_member"]
    assert (joined["chat"]["type"], joined["new_chat_member"]["status"]) == ("group", "member")
    assert updates[1]["message"]["group_chat_created"] is True
    assert refusal == "403 Forbidden: bot is not a member of the group chat"
    assert seen["bot_is_member"] is False
    assert [one["text"] for one in seen["messages"] if one["text"]] == ["I only work in private chats."]


async def test_a_command_in_a_group_reaches_the_bot_and_chatter_does_not(wire: Wire) -> None:
    group = -(await wire.phone(JACK, "group"))["chat_id"]
    await wire.fetch()

    for text in ("Just talking", "/start"):
        await wire.http.post(f"/rehearsal/groups/{group}/send", json={"person": JACK, "text": text})

    assert [update["message"]["text"] for update in await wire.fetch()] == ["/start"]
