"""Updates that Telegram delivers to a webhook: kept before they are acknowledged, refused when they are not Telegram's."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import httpx
import pytest
from house import House, free_port
from people import Town

from bot import app
from bot.chat.webhook import SECRET_HEADER, secret_of
from bot.work import receive
from bot.work.practice import Practice

HELP = "What you can do here"


@contextlib.asynccontextmanager
async def in_service(house: House, port: int | None = None) -> AsyncIterator[str]:
    """The bot as in service; with a port, its webhook's address."""
    url = f"http://127.0.0.1:{port}/telegram"
    by_hook = {"webhook_url": url, "webhook_port": port} if port else {}
    stop = asyncio.Event()
    settings = house.settings.model_copy(update={"clock_url": None, **by_hook})
    service = asyncio.create_task(app.run_until(settings, stop))
    try:
        yield url
    finally:
        stop.set()
        await asyncio.wait_for(service, 20)


async def told(town: Town, times: int) -> bool:
    return sum(HELP in said for said in await town.anna.received()) == times


async def until(town: Town, times: int) -> None:
    async with asyncio.timeout(15):
        while not await told(town, times):
            await asyncio.sleep(0.05)


async def test_a_day_with_a_webhook_and_back_to_polling(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house, store = town.house, receive.store
    await town.house.stop_bot()
    batches, refused = list[int](), list[int]()

    async def unwell(practice: Practice, updates: Sequence[dict[str, Any]], now: datetime) -> int:
        if len(refused) < 1:
            refused.append(len(updates))
            raise OSError("the database is away")
        batches.append(len(updates))
        await asyncio.sleep(0.05)  # while this commit is under way, the others gather
        return await store(practice, updates, now)

    async with in_service(house, free_port()) as url, httpx.AsyncClient(trust_env=False) as stranger:
        async with asyncio.timeout(15):
            while not await house.calls("setWebhook"):
                await asyncio.sleep(0.05)
        token = house.settings.bot_token or ""
        ours = {SECRET_HEADER: secret_of(token)}
        statuses = [
            (await stranger.post(url, json={"update_id": 1})).status_code,
            (await stranger.post(url, json={"update_id": 1}, headers={SECRET_HEADER: "guessed"})).status_code,
            (await stranger.post(url, content=b"x" * (1 << 20) + b"x", headers=ours)).status_code,
            (await stranger.post(url, content=b"no JSON", headers=ours)).status_code,
            (await stranger.get(url, headers=ours)).status_code,
        ]
        monkeypatch.setattr(receive, "store", unwell)
        await town.anna.send("/help", wait=False)
        await until(town, 1)
        update = {"update_id": 900_000_001, "message": {"chat": {"id": 1, "type": "group"}, "date": 1, "message_id": 1}}
        many = [update | {"update_id": 900_000_001 + n // 2} for n in range(20)]  # each comes twice
        taken = await asyncio.gather(*(stranger.post(url, content=json.dumps(one), headers=ours) for one in many))
        by_hook = list(batches)

    await town.anna.send("/help", wait=False)
    async with in_service(house):
        await until(town, 2)

    assert "update not stored" in caplog.text
    caplog.clear()
    assert statuses == [403, 403, 413, 400, 405]
    assert refused == [1]  # it was delivered again
    assert {reply.status_code for reply in taken} == {200}
    assert sum(by_hook) == 21
    assert len(by_hook) < 8
    assert town.rows("SELECT count(*) FROM inbound WHERE update_id > 900000000") == [(10,)]
    [deleted] = await house.calls("deleteWebhook")
    assert deleted["params"]["drop_pending_updates"] in (False, "false")
