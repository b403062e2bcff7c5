"""A Bot API that only counts: it answers after a round trip and refuses what comes too fast, in one of several ways.

Run by the benchmarks in a process of its own: `python benchmarks/limiter.py MODEL ROUND_TRIP_MS UPDATES`; it prints its
port. So many updates wait to be fetched. `python benchmarks/limiter.py deliver PORT UPDATES` brings them to a webhook.
"""

import asyncio
import json
import random
import sys
import time
from collections import deque
from typing import Any
from urllib.parse import parse_qs

PER_SECOND = 30
PENALTY = 5.0
JITTER = 0.040
CONNECTIONS = 40  # of a webhook
MODELS = ("rolling", "jitter", "penalty", "bucket")  # and "none", which refuses nothing
ME = {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}


class Limiter:
    """Thirty a second in all, one a second in a chat."""

    def __init__(self, model: str) -> None:
        self.model = model
        self._times: deque[float] = deque()
        self._chats: dict[int, float] = {}
        self._blocked_until = 0.0
        self._tokens, self._filled_at = float(PER_SECOND), time.monotonic()

    def refuses(self, chat: int, now: float) -> int:
        """For how many seconds, or 0."""
        if self.model == "none":
            return 0
        if now < self._blocked_until:
            return int(self._blocked_until - now) + 1
        if now - self._chats.get(chat, 0.0) < 1 or not self._has_room(now):
            if self.model != "penalty":
                return 1
            self._blocked_until = now + PENALTY
            return int(PENALTY)
        self._chats[chat] = now
        return 0

    def _has_room(self, now: float) -> bool:
        if self.model == "bucket":
            self._tokens = min(PER_SECOND, self._tokens + (now - self._filled_at) * PER_SECOND)
            self._filled_at = now
            self._tokens -= (has_room := self._tokens >= 1)
            return has_room
        while self._times and self._times[0] <= now - 1:
            self._times.popleft()
        if len(self._times) >= PER_SECOND:
            return False
        self._times.append(now)
        return True


class Counts:
    """What the server has seen."""

    def __init__(self) -> None:
        self.arrived: dict[int, list[float]] = {}
        self.refused = 0

    def as_json(self) -> bytes:
        return json.dumps({"ok": True, "result": {"arrived": self.arrived, "refused": self.refused}}).encode()


def update(number: int) -> bytes:
    """What somebody has written, as Telegram brings it."""
    person = {"id": 1 + number % 1000, "first_name": "Anna", "language_code": "en"}
    words = f"In meeting {number} I said what I would not take on, and nobody minded; Tom asked twice and left it at that."
    message = {"message_id": number, "date": int(time.time()), "text": words, "chat": person | {"type": "private"},
               "from": person | {"is_bot": False}}  # fmt: skip
    return json.dumps({"update_id": number, "message": message}).encode()


class Connection(asyncio.Protocol):
    def __init__(self, limiter: Limiter, counts: Counts, round_trip: float, updates: list[bytes]) -> None:
        self._limiter, self._counts, self._half = limiter, counts, round_trip / 2
        self._updates = updates
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head, length = self._received[:end], 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line[15:])
            if len(self._received) < end + 4 + length:
                return
            body, self._received = self._received[end + 4 : end + 4 + length], self._received[end + 4 + length :]
            self._take(head.split(b" ", 2)[1].rpartition(b"/")[2].decode(), body)

    def _take(self, method: str, body: bytes) -> None:
        if method == "counts":
            self._reply(200, self._counts.as_json())
        elif method.lower() == "getupdates":
            self._fetch(body)
        elif method.lower() == "getme":
            self._reply(200, json.dumps({"ok": True, "result": ME}).encode())
        elif method != "sendMessage":
            self._reply(200, b'{"ok":true,"result":true}')
        elif self._half:
            late = random.uniform(0, JITTER) if self._limiter.model == "jitter" else 0
            asyncio.get_running_loop().call_later(self._half + late, self._send, body)
        else:
            self._send(body)

    def _fetch(self, body: bytes) -> None:
        given = parsed(body)
        first = max(1, int(given.get("offset", 0)))
        batch = self._updates[first - 1 : first + 99]
        pause = 0 if batch else int(given.get("timeout", 0))
        found = b'{"ok":true,"result":[' + b",".join(batch) + b"]}"
        asyncio.get_running_loop().call_later(pause, self._reply, 200, found)

    def _send(self, body: bytes) -> None:
        given = parsed(body)
        chat, now = int(given["chat_id"]), time.monotonic()
        pause = self._limiter.refuses(chat, now)
        if pause:
            self._counts.refused += 1
            said = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {pause}",
                    "parameters": {"retry_after": pause}}  # fmt: skip
        else:
            self._counts.arrived.setdefault(chat, []).append(now)
            whom = {"id": chat, "type": "private", "first_name": "A"}
            said = {"ok": True, "result": {"message_id": int(now * 1e6), "date": int(time.time()), "chat": whom, "from": ME,
                                           "text": given["text"]}}  # fmt: skip
        reply = (429 if pause else 200, json.dumps(said).encode())
        if self._half:
            asyncio.get_running_loop().call_later(self._half, self._reply, *reply)
        else:
            self._reply(*reply)

    def _reply(self, status: int, body: bytes) -> None:
        head = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


def parsed(body: bytes) -> dict[str, Any]:
    if body[:1] == b"{":
        return dict(json.loads(body))
    return {key: value[0] for key, value in parse_qs(body.decode()).items()}


async def main(model: str, round_trip_ms: float, waiting: int) -> None:
    limiter, counts = Limiter(model), Counts()
    updates = [update(number) for number in range(1, waiting + 1)]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(limiter, counts, round_trip_ms / 1000, updates), "127.0.0.1", 0, backlog=4096
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)  # until whoever started us has gone


async def deliver(port: int, size: int) -> None:
    """Telegram's side of a webhook: so many connections, each waiting for its 200."""
    numbers, waits = iter(range(1, size + 1)), list[float]()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            body = update(number)
            head = "POST /hook HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
            head += f"{len(body)}\r\nX-Telegram-Bot-Api-Secret-Token: s\r\n\r\n"
            sent = time.perf_counter()
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            waits.append(time.perf_counter() - sent)
            assert answer.startswith(b"HTTP/1.1 200"), answer
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    p99 = 1000 * sorted(waits)[int(0.99 * len(waits))]
    print(json.dumps({"rate": size / (time.perf_counter() - began), "p99": p99}))


if __name__ == "__main__" and sys.argv[1] == "deliver":
    asyncio.run(deliver(int(sys.argv[2]), int(sys.argv[3])))
elif __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))
