"""Webhook delivery: the secret, the order within a queue, and the doubling pauses after a refusal."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from rehearsal_wire import JACK, STEVE, Wire


class Receiver:
    """A bot's web server: notes what comes and answers with the statuses it is told to."""

    def __init__(self) -> None:
        self.seen: list[tuple[str | None, dict[str, Any]]] = []
        self.statuses: list[int] = []
        self.url = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.seen.append((headers.get("x-telegram-bot-api-secret-token"), body))
        status = self.statuses.pop(0) if self.statuses else 200
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async def until(self, number: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(10):
            while len(self.seen) < number:
                await asyncio.sleep(0.01)
        return [body for _, body in self.seen]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()


async def test_updates_are_delivered_in_order_with_the_secret(wire: Wire) -> None:
    async with receiving() as receiver:
        await wire.call("setWebhook", url=receiver.url, secret_token="s3cret")

        await wire.phone(JACK, "send", text="/start")
        await wire.phone(JACK, "send", text="One")
        bodies = await receiver.until(3)
        await asyncio.sleep(0.1)

        assert [body.get("message", {}).get("text") for body in bodies] == [None, "/start", "One"]
        assert {secret for secret, _ in receiver.seen} == {"s3cret"}
        info = await wire.call("getWebhookInfo")
        assert (info["url"], info["pending_update_count"]) == (receiver.url, 0)


async def test_a_refused_update_holds_its_own_queue_and_comes_again(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.rehearsal.webhook.FIRST_PAUSE_S", 0.2)
    await wire.start(JACK)
    await wire.start(STEVE)
    async with receiving() as receiver:
        receiver.statuses = [500]
        await wire.call("setWebhook", url=receiver.url)

        await wire.phone(JACK, "send", text="J1")
        await receiver.until(1)
        await wire.phone(JACK, "send", text="J2")
        await wire.phone(STEVE, "send", text="S1")
        texts = [body["message"]["text"] for body in await receiver.until(4)]

        assert texts[:2] == ["J1", "S1"]
        assert texts[2:] == ["J1", "J2"]
        assert "500" in (await wire.call("getWebhookInfo"))["last_error_message"]


async def test_polling_and_webhook_exclude_each_other(wire: Wire) -> None:
    async with receiving() as receiver:
        polling = asyncio.create_task(wire.refused("getUpdates", timeout=30))
        await asyncio.sleep(0.1)
        await wire.call("setWebhook", url=receiver.url)

        assert await polling == "409 Conflict: terminated by setWebhook request"
        assert "can't use getUpdates method while webhook is active" in await wire.refused("getUpdates")
        await wire.call("deleteWebhook", drop_pending_updates=True)
        assert await wire.call("getUpdates") == []


async def test_only_webhooks_on_this_machine_are_accepted(wire: Wire) -> None:
    plain = await wire.refused("setWebhook", url="http://example.org/hook")
    far = await wire.refused("setWebhook", url="https://example.org/hook")
    secret = await wire.refused("setWebhook", url="http://127.0.0.1:9/hook", secret_token="no spaces")

    assert plain == "400 Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
    assert "only calls webhooks on this machine" in far
    assert secret == "400 Bad Request: secret token contains unallowed characters"
