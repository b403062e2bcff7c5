"""From exec to the first `getUpdates`, against a bare import of telegram.ext and SQLAlchemy's asyncio."""

import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 7
LIMIT = 2.0
_IMPORT = "import telegram.ext, sqlalchemy.ext.asyncio"
_INTERLUDE = [sys.executable, "-c", "from bot.cli import main; main()"]


async def until_first_poll(folder: Path) -> float:
    """Seconds until a server sees `getUpdates` from `interlude run` on a database that is there."""
    polled = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError, asyncio.IncompleteReadError):
            await answer(reader, writer)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            length = 0
            while (header := await reader.readline()).strip():
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            await reader.readexactly(length)
            if b"getUpdates" in line:
                polled.set()
            body = b'{"ok":true,"result":[]}'
            if b"getMe" in line:
                body = b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"b","username":"b_bot"}}'
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            writer.write(head % len(body) + body)
            await writer.drain()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    environment = os.environ | {
        "INTERLUDE_BOT_TOKEN": "123456789:" + "benchmark" * 4,
        "INTERLUDE_BOT_API_URL": f"http://127.0.0.1:{port}",
        "INTERLUDE_KEYS_FILE": str(folder / "keys"),
        "INTERLUDE_DATA_DIR": str(folder / "data"),
    }
    began = time.perf_counter()
    process = subprocess.Popen([*_INTERLUDE, "run"], env=environment, stderr=subprocess.DEVNULL)
    await asyncio.wait_for(polled.wait(), 60)
    taken = time.perf_counter() - began
    process.kill()
    process.wait()
    server.close()
    return taken


def bare_import() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", _IMPORT], check=True)
    return time.perf_counter() - began


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    subprocess.run([*_INTERLUDE, "keys", "new", str(folder / "keys")], check=True, stdout=subprocess.DEVNULL)
    asyncio.run(until_first_poll(folder))  # makes the database
    bare, ours = [], []
    for _ in range(ROUNDS):
        bare.append(bare_import())
        ours.append(asyncio.run(until_first_poll(folder)))
    limit, taken = statistics.median(bare), statistics.median(ours)
    print(f"{'':40}{'seconds':>9}{'ratio':>8}{'limit':>8}")
    print(f"{'bare import':40}{limit:9.2f}{1:8.2f}")
    print(f"{'exec to the first getUpdates':40}{taken:9.2f}{taken / limit:8.2f}{LIMIT:8.2f}")


if __name__ == "__main__":
    main()
