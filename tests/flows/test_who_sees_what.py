"""Who sees what: docs/access.yaml says it, the code is held to it, and canaries in everybody's words find every leak."""

import json
import logging
import secrets
from pathlib import Path
from typing import Any

import pytest
import yaml
from house import Phone
from people import Town

from bot.work.commands import COMMANDS
from bot.work.press import ACTIONS

ACCESS = yaml.load((Path(__file__).parents[2] / "docs" / "access.yaml").read_text(), yaml.BaseLoader)
STALE = "This button is no longer in use."
UNKNOWN = "I don't know that command. /help shows what you can do here."
SHARED, TOPIC, PRIVATE = ("words of a shared answer", "words of a topic answer", "words of a private answer")


async def hear(phone: Phone, text: str) -> list[str]:
    before = len(await phone.received())
    await phone.send(text)
    return (await phone.received())[before:]


def everybody(town: Town) -> dict[str, Phone]:
    return {p.name: p for p in (town.olga, town.alice, town.bob, town.anna, town.ben, town.carla, town.zoe)}


def roles(town: Town) -> dict[str, str]:
    return {"Olga": "admin", "Alice": "coach", "Bob": "coach", "Anna": "leader", "Ben": "leader", "Carla": "leader"}


# the file and the code


def test_every_command_is_for_those_whom_the_file_names() -> None:
    assert {c.name: sorted(c.roles) for c in COMMANDS} == ACCESS["commands"]


def test_every_button_is_for_those_whom_the_file_names() -> None:
    assert {name: sorted(action.roles) for name, action in ACTIONS.items()} == ACCESS["actions"]


def test_the_file_says_of_everybody_what_they_see() -> None:
    who = {"leader", "other leader", "own coach", "other coach", "admin", "sponsor", "stranger"}

    assert all(set(row) == who for row in ACCESS["sees"].values())
    assert {row[s] for row in ACCESS["sees"].values() for s in ("other leader", "other coach", "stranger")} == {"no"}


async def test_a_command_of_another_role_looks_like_one_that_does_not_exist(town: Town) -> None:
    held = roles(town)
    for name, phone in everybody(town).items():
        if name in ("Zoe", "Bob", "Carla"):
            continue
        for command, allowed in ACCESS["commands"].items():
            if held[name] not in allowed:
                assert await hear(phone, f"/{command} Anna") == [UNKNOWN], (name, command)
        assert await hear(phone, "/nonsense Anna") == [UNKNOWN]


async def test_the_other_coach_hears_of_alices_leaders_what_he_hears_of_nobody(town: Town) -> None:
    town_before = town.counts()
    orders = ["/brief {}", "/leader {}", "/session {} Thu 10:00", "/enrol {} daily", "/enrol {}", "/leaders {}",
              "/sessions {}", "/sequences {}", "/digest {}", "/privacy {}", "/help {}", "/brief {} daily"]  # fmt: skip
    heard = {}

    for order in orders:
        heard[order] = [
            [text.replace(name, "<>") for text in await hear(town.bob, order.format(name))]
            for name in ("Anna", "Ben", "Zachary")
        ]

    assert all(anna == ben == nobody and nobody for anna, ben, nobody in heard.values())
    assert not [text for said in heard.values() for text in said[2] if "Anna" in text or "Ben" in text]
    changed = {t for t, n in town.counts().items() if n != town_before[t]}
    assert changed <= {"delivery", "inbound", "audit", "marker"}


async def test_nobody_can_press_a_button_that_was_sent_to_somebody_else(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")
    for text in ("/leaders", "/leader Anna", "/sessions", "/session", "/enrol Anna", "/invite Dora"):
        await town.alice.send(text)
    await town.alice.tap("Anna, Thu 8 Oct")
    await town.alice.tap("cancel it")
    await town.olga.send("/enrol Anna")
    await town.until("2026-10-06 16:40")  # Anna and Ben are asked
    await town.ben.send("shared for now")
    alices = await _buttons(town.alice)
    stolen = [
        (town.bob, alices), (town.olga, alices[:6]), (town.anna, (await _buttons(town.ben))[-6:]),
        (town.ben, (await _buttons(town.anna))[-6:]),
    ]  # fmt: skip
    before = _state(town)

    for phone, datas in stolen:
        texts = await phone.received()
        for data in datas:
            assert await _tap_own(phone, data) == STALE, (phone.name, data)
        assert await phone.received() == texts
    [mine, *_] = await _buttons(town.bob)
    for guess in (mine.partition(":")[0] + ":999", "x", ":", "x:0", "x:-1", "\u0663:\u0663", "a" * 64):
        assert await _tap_own(town.bob, guess) == STALE, guess

    assert len(alices) > 20
    assert all(len(datas) >= 4 for _, datas in stolen)
    assert _state(town) == before


async def _tap_own(phone: Phone, data: str) -> str:
    toast = await phone.tap_data((await phone.find(""))["message_id"], data)
    return str(toast["text"])


async def _buttons(phone: Phone) -> list[str]:
    """The first and the last button of each message."""
    found = [[b["data"] for row in m["buttons"] or [] for b in row] for m in await phone.chat() if m["from"] == "bot"]
    return [data for datas in found if datas for data in dict.fromkeys((datas[0], datas[-1]))]


def _state(town: Town) -> list[Any]:
    tables = ("session", "enrolment", "answer", "asked_question", "invite", "engagement", "draft", "sequence_version")
    return [sorted(town.rows(f"SELECT * FROM {table}"), key=str) for table in tables]


# canaries


def _permitted(kind: str, leader: str, coach: str, town: Town) -> set[str]:
    """Who may receive the very words of this kind, by the file."""
    row = ACCESS["sees"][kind]
    found = {name for name in (leader,) if row["leader"] in ("own", "yes")}
    return found | ({coach} if row["own coach"] == "yes" else set())


async def test_every_word_is_only_where_the_file_allows_it(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="bot")
    words: dict[str, tuple[str, str, str]] = {}  # canary -> kind, leader, coach

    def canary(kind: str, leader: str, coach: str = "Alice") -> str:
        made = "canary" + secrets.token_hex(8)
        words[made] = (kind, leader, coach)
        return made

    ben, anna, carla, alice, bob, olga = town.ben, town.anna, town.carla, town.alice, town.bob, town.olga
    await alice.send("/session Anna Fri 10:00")
    await alice.send("/session Ben Fri 12:00")
    await bob.send("/session Carla Thu 10:00")
    await town.until("2026-10-05 16:40")
    typo = canary(PRIVATE, "Ben")  # corrected before anybody read it
    first = await ben.send(typo)
    await ben.edit(first, canary(SHARED, "Ben"))
    await town.until("2026-10-06 16:40")
    await anna.tap("In my own words")
    await anna.send(canary(SHARED, "Anna"))  # own words to a question with buttons
    await ben.send(canary(TOPIC, "Ben"))
    await ben.tap("Only the topic")
    await town.until("2026-10-06 17:40")
    await ben.send(canary(PRIVATE, "Ben"))  # unasked
    await town.until("2026-10-07 09:30")
    await carla.send(canary(SHARED, "Carla", "Bob"))
    await town.until("2026-10-07 16:40")
    await ben.send(canary(PRIVATE, "Ben"))
    await ben.tap("Only me")
    await town.until("2026-10-09 12:00")
    for phone, texts in [
        (alice, ("/brief Ben", "/brief Anna", "/digest", "/leader Ben", "/leaders")),
        (bob, ("/brief Carla", "/brief Ben", "/digest", "/sequences")),
        (olga, ("/status", "/sequences", "/enrol Ben", "/reload", "/brief Ben", "/digest", "/help", "/privacy")),
        (carla, ("/sessions", "/privacy", "/help")),
        (town.zoe, ("hello", "/brief Ben")),
    ]:  # fmt: skip
        for text in texts:
            await phone.send(text)
    await town.until("2026-10-12 12:00")

    phones = everybody(town)
    received = {name: "\n".join(await phone.received()) for name, phone in phones.items()}
    calls = [(call["params"].get("chat_id"), json.dumps(call)) for call in await town.house.calls()]
    logged = "\n".join(f"{r.getMessage()} {r.args} {r.exc_text}" for r in caplog.records if _is_shown(r))
    names = {phone.id: name for name, phone in phones.items()}
    for word, (kind, leader, coach) in words.items():
        permitted = _permitted(kind, leader, coach, town)
        assert {name for name, text in received.items() if word in text} <= permitted, (kind, leader)
        assert {names[chat] for chat, call in calls if word in call} <= permitted, (kind, leader)
        assert word not in logged
        assert town.in_files(word) == []
    read = {word for word, (kind, _, coach) in words.items() if word in received[coach]}
    assert read == {word for word, (kind, *_) in words.items() if kind == SHARED}  # the sweep sees what may be seen
    assert "1 answer is kept private." in received["Alice"]  # of what was asked; what is unasked is not even counted
    assert "Shared as a topic, without words: team." in received["Alice"]
    assert not [word for word in words if word in received["Olga"] + received["Zoe"] + received["Carla"]]


def _is_shown(record: logging.LogRecord) -> bool:
    """What would reach the log of a running bot: ours, and warnings of others."""
    return record.name.startswith("bot.") or record.levelno >= logging.WARNING


async def test_what_alice_notes_about_anna_is_hers_alone_and_sealed(town: Town) -> None:
    noted = "canary" + secrets.token_hex(8)
    await town.alice.send("/leader Anna")
    await town.alice.tap("Organisation")
    await town.alice.send(noted)
    for phone, text in [(town.bob, "/leader Anna"), (town.olga, "/enrol Anna"), (town.anna, "/privacy")]:
        await phone.send(text)

    seen = {name for name, phone in everybody(town).items() if noted in str(await phone.received())}

    assert seen == {"Alice"}
    assert town.in_files(noted) == []
