"""Olga's machine is looked after beside the running bot: the doctor and the outbox."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from people import Town
from sqlalchemy import update

from bot.db.tables import Delivery
from bot.errors import RefusedError
from bot.operating.beside import beside
from bot.operating.doctor import examine
from bot.work import overseeing

EVERYTHING = {"token", "clock", "webhook", "prompts", "keys file", "database", "key store", "schema", "keys", "outbox",
              "search", "disk"}  # fmt: skip
REPOSITORY = Path(__file__).parent.parent.parent


async def test_what_waits_can_be_seen_let_go_and_withdrawn_beside_the_running_bot(town: Town) -> None:
    settings, now = town.house.settings, await town.house.now()
    town.keys_file.chmod(0o600)
    await town.house.post("faults", {"method": "sendMessage", "kind": "429", "calls": 1, "retry_after": 900})
    await town.ben.send("bens-own-words")
    await town.anna.send("annas-own-words")

    shown = await said(town, "outbox", "list")
    well = [finding async for finding in examine(settings, now)]
    async with beside(settings) as practice:
        anna, ben = (await overseeing.listed(practice, now, 50))[0]
        await overseeing.cancel(practice, anna.id, now)
        await overseeing.retry(practice, ben.id[-6:], now)
        with pytest.raises(RefusedError, match=r"is cancelled \(by hand\): its text is gone"):
            await overseeing.retry(practice, anna.id, now)
        with pytest.raises(RefusedError, match="'yesterday' is no id"):
            await overseeing.cancel(practice, "yesterday", now)
    received = len(await town.ben.received()), len(await town.anna.received())
    await town.house.advance(minutes=20)

    assert (len(await town.ben.received()) - received[0], len(await town.anna.received()) - received[1]) == (1, 0)
    assert {finding.grade for finding in well} == {"ok"}
    assert {finding.about for finding in well} >= EVERYTHING
    lines = shown.stdout.splitlines()
    assert lines[0] == f"{anna.id}  2026-10-05 08:00 UTC  reply     pending  to leader {anna.person}"
    assert lines[1:] == [f"{ben.id}  2026-10-05 08:15 UTC  reply     pending (too many requests)  to leader {ben.person}",
                         "2 messages."]  # fmt: skip


async def test_what_repeats_something_goes_on_saying_so_when_it_is_let_go_by_hand(town: Town) -> None:
    await town.house.post("faults", {"method": "sendMessage", "kind": "429", "calls": 1, "retry_after": 900})
    await town.ben.send("/privacy")
    now = await town.house.now()

    async with beside(town.house.settings) as practice:
        async with practice.database.write() as db:
            await db.execute(update(Delivery).where(Delivery.state == "pending").values(is_copy=True))
        (waits,) = (await overseeing.listed(practice, now, 50))[0]
        let_go = await overseeing.retry(practice, waits.id, now)
    await town.house.advance(minutes=16)

    assert (waits.reason, let_go.reason) == ("too many requests, sent again", "sent again")
    assert "(sent again in case it did not arrive)" in (await town.ben.received())[-1]


async def test_the_doctor_says_what_is_wrong_and_what_to_do(town: Town, tmp_path: Path) -> None:
    await town.house.stop_bot()
    town.keys_file.chmod(0o644)
    (town.folder / "keys.db").rename(town.folder / "away.db")
    half = (town.folder / "interlude.db").read_bytes()
    (town.folder / "interlude.db").write_bytes(half[:8192] + b"\0" * 4096 + half[12288:])
    await town.house.post("faults", {"method": "getMe", "kind": "401", "calls": 1})
    settings = town.house.settings.model_copy(update={"prompts_dir": tmp_path / "nothing"})

    ill = {finding.about: finding async for finding in examine(settings, await town.house.now())}

    town.keys_file.chmod(0o600)
    assert {about for about, finding in ill.items() if finding.grade == "bad"} == {
        "token", "prompts", "keys file", "database", "key store"
    }  # fmt: skip
    assert all(finding.do for finding in ill.values() if finding.grade == "bad")
    assert "damaged" in ill["database"].says
    assert not (town.folder / "keys.db").exists()


async def said(town: Town, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = town.house.settings
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INTERLUDE_")} | {
        "INTERLUDE_BOT_TOKEN": settings.bot_token or "", "INTERLUDE_BOT_API_URL": settings.bot_api_url,
        "INTERLUDE_CLOCK_URL": str(settings.clock_url), "INTERLUDE_DATA_DIR": str(settings.data_dir),
        "INTERLUDE_KEYS_FILE": str(settings.keys_file), "INTERLUDE_PROMPTS_DIR": str(settings.prompts_dir),
        "PYTHONPATH": str(REPOSITORY),
    }  # fmt: skip
    return await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "bot.cli", *arguments], env=environment, cwd=town.folder.parent,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
