"""What somebody can do, said so that it helps now; the menu beside the text field; a Telegram that hangs."""

import asyncio
import time

import pytest
from house import Phone
from people import Town
from test_by_webhook import in_service

from bot import app
from bot.work import commands, helping

MONDAY = "2026-10-05 16:31"


async def told(phone: Phone) -> str:
    await phone.send("/help")
    return await phone.last()


async def menu(phone: Phone) -> list[str]:
    shown = await phone.house.get(f"people/{phone.id}/phone")
    return [command["command"] for command in shown["commands"]]


async def buttons(town: Town, phone: Phone) -> list[str]:
    calls = await town.house.calls("setChatMenuButton")
    return [c["params"]["menu_button"]["type"] for c in calls if str(c["params"]["chat_id"]) == str(phone.id)]


async def test_help_begins_with_what_there_is_to_do_now(town: Town) -> None:
    nothing = await told(town.ben)
    await town.alice.send("/session Ben Thu 10:00")
    await town.until(MONDAY)
    asked = await told(town.ben)
    await town.ben.send("/pause")
    await town.ben.tap("a week")
    paused = await told(town.ben)

    assert "No session is planned at the moment; Alice plans them." in nothing
    assert "A question is waiting for you" not in nothing
    assert "A question is waiting for you" in asked
    assert "Your next session is on Thursday 8 October, 10:00." in asked
    assert "Questions are paused until" in paused
    assert "/pause" in asked
    assert "/resume" not in asked
    assert "/pause" not in paused


async def test_help_is_short_and_grouped_and_each_role_sees_its_own(town: Town) -> None:
    ben, alice, olga = await told(town.ben), await told(town.alice), await told(town.olga)

    assert all(len(text.splitlines()) < 30 for text in (ben, alice, olga))
    assert "Answer and note\n/win  /wobble" in ben
    assert "My settings" in ben
    assert "My leaders" not in ben
    assert "My leaders\n/brief  /digest" in alice
    assert "/win" not in alice
    assert "2 leaders have no session planned: /session" in alice
    assert "How it runs" in olga
    assert "/status" in olga
    assert "/brief" not in olga
    assert all("/urgent" in text for text in (ben, alice, olga))


def test_every_command_has_its_place_in_help_and_what_is_for_staff_is_not_among_the_settings() -> None:
    places = {name: number for number, name in enumerate(helping._IN_ORDER)}
    staff = [command.name for command in commands.COMMANDS if command.roles <= frozenset({"coach", "admin"})]

    assert {command.name for command in commands.COMMANDS} == set(places)
    assert [name for name in staff if places[name] > places["status"]] == []


async def test_words_alone_asks_whose(town: Town) -> None:
    await town.until("2026-10-06 16:31")
    await town.anna.tap("In my own words")
    await town.anna.send("wobbly but upright")
    await town.alice.send("/words")
    offered = await town.alice.buttons()
    await town.alice.tap("Anna")

    assert offered == ["Anna", "Ben"]
    assert "wobbly but upright" in await town.alice.last()


async def test_a_coach_is_told_of_the_next_session_and_who_has_none(town: Town) -> None:
    await town.alice.send("/session Anna Wed 10:00")
    await town.alice.send("/session Ben Tue 10:00")
    first = await told(town.alice)

    assert "Your next session is with Ben, on Tuesday 6 October, 10:00: /brief Ben" in first
    assert "no session planned" not in first


async def test_menus_are_in_the_order_of_use_within_telegrams_limits_and_follow_the_language(town: Town) -> None:
    bens, alices = await menu(town.ben), await menu(town.alice)
    await town.ben.send("/language")
    await town.ben.tap("Français")
    calls = [call["params"] for call in await town.house.calls("setMyCommands")]
    french = calls[-1]

    assert bens[:4] == ["win", "wobble", "boundary", "peer"]
    assert bens[-2:] == ["help", "urgent"]
    assert alices[:2] == ["brief", "digest"]
    assert french["scope"]["chat_id"] == town.ben.id
    assert {"command": "language", "description": "anglais ou français"} in french["commands"]
    assert all(len(call["commands"]) <= 100 for call in calls)
    assert all(1 <= len(c["description"]) <= 256 for call in calls for c in call["commands"])
    assert (await buttons(town, town.ben))[-1] == "commands"


async def test_help_brings_the_menu_up_to_date_and_erasing_takes_it_away(town: Town) -> None:
    await told(town.ben)
    during = await buttons(town, town.ben)
    await town.ben.send("/delete")
    await town.ben.send("delete")

    assert during[-1] == "commands"
    assert (await buttons(town, town.ben))[-1] == "default"
    assert await menu(town.ben) == ["start", "urgent"]


async def test_the_last_of_two_quick_changes_of_language_is_what_the_menu_shows(town: Town) -> None:
    await town.house.post("faults", {"method": "setMyCommands", "kind": "timeout_before", "hold_s": 1})
    await town.ben.send("/language")
    await town.ben.tap("Français")
    await town.ben.send("/language")
    await town.ben.tap("English")
    shown = await town.house.get(f"people/{town.ben.id}/phone")

    assert "English or French" in [command["description"] for command in shown["commands"]]


async def test_in_service_a_menu_that_telegram_puts_off_for_hours_holds_back_nobodys_message(town: Town) -> None:
    await town.house.stop_bot()
    await town.house.post("faults", {"method": "setMyCommands", "kind": "429", "retry_after": 7200, "calls": 5})
    async with in_service(town.house):
        await town.anna.send("/help")  # which brings the menu up to date
        await _waited_for(town.anna, "What you can do here")
        while len([call for call in await town.house.calls("setMyCommands") if not call["ok"]]) < 3:
            await asyncio.sleep(0.05)  # those of everybody, in both languages, and hers
        await town.ben.send("/help")
        waited = await _waited_for(town.ben, "What you can do here")

    assert waited < 4


async def test_in_service_a_hanging_toast_and_menu_hold_up_nobody(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    await town.anna.send("/language")
    [message] = [m for m in await town.anna.chat() if "Which language" in m["text"]]
    await town.house.stop_bot()
    for method in ("answerCallbackQuery", "setMyCommands", "setChatMenuButton"):
        await town.house.post("faults", {"method": method, "kind": "timeout_before", "hold_s": 60, "calls": 5})
    stop = asyncio.Event()
    service = asyncio.create_task(app.run_until(town.house.settings.model_copy(update={"clock_url": None}), stop))
    data = {"message_id": message["message_id"], "data": message["buttons"][1][0]["data"], "wait": False}
    try:
        await town.house.post(f"people/{town.anna.id}/tap", data)
        await town.ben.send("/help")
        waited = await _waited_for(town.ben, "What you can do here")
    finally:
        stop.set()
        await asyncio.wait_for(service, 15)

    assert waited < 4
    assert "Désormais en français." in await town.anna.last()
    assert not [record for record in caplog.records if record.levelname == "ERROR" and record.name.startswith("bot.")]


async def _waited_for(phone: Phone, part: str) -> float:
    """How many real seconds it took until the bot said it."""
    began = time.monotonic()
    while time.monotonic() - began < 10 and part not in await phone.last():
        await asyncio.sleep(0.05)
    return time.monotonic() - began
