"""Two processes take what the webhook brings, behind a real nginx with the file from `docs/deploy`."""

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import httpx
import pytest
from house import House, Phone, eventually, free_port

from bot.chat.webhook import SECRET_HEADER, secret_of

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/sbin:/bin")
SITE = Path(__file__).parents[2] / "docs" / "deploy" / "nginx.conf"
AROUND = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d;
    scgi_temp_path {folder}/e;
    {site}
}}
"""
HELP = "What you can do here"

MISSING = "nginx is missing; install it with: sudo apt-get install nginx"


def site(listen: int, upstream: tuple[int, int], log: Path) -> str:
    """As it stands in the documents, but without TLS, on other ports, and with a log of who was asked."""
    text = SITE.read_text("utf-8")
    for old, new in (
        (r"listen 443 ssl;", f"listen 127.0.0.1:{listen};"), (r"ssl_certificate\w* .*;", ""),
        (r"access_log off;", f"access_log {log} asked;"),
        (r"127\.0\.0\.1:8090", f"127.0.0.1:{upstream[0]}"), (r"127\.0\.0\.1:8091", f"127.0.0.1:{upstream[1]}"),
    ):  # fmt: skip
        text, times = re.subn(old, new, text)
        assert times, old
    return f"log_format asked '$upstream_addr $status';\n{text}"


@pytest.fixture
def nginx() -> str:
    if NGINX is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)  # a system package that not every desk has; CI may not go without it
    return NGINX


@pytest.fixture
async def house(tmp_path: Path, keys_file: Path, postgres: Callable[[], str]) -> AsyncIterator[House]:
    async with House.open(tmp_path, await asyncio.to_thread(postgres), keys_file) as house:
        yield house


async def test_what_one_process_cannot_take_the_other_does_and_nothing_is_lost(
    nginx: str, house: House, tmp_path: Path
) -> None:
    anna: Phone = await house.admin("Anna")
    await house.stop_bot()
    port, web, whole = free_port(), free_port(), free_port()
    (tmp_path / "nginx").mkdir()
    asked = tmp_path / "nginx" / "asked.log"
    conf = AROUND.format(folder=tmp_path / "nginx", site=site(port, (web, whole), asked))
    (tmp_path / "nginx" / "nginx.conf").write_text(conf)
    url = f"http://127.0.0.1:{port}/telegram"
    log = tmp_path / "bot.log"

    async def helped(times: int) -> bool:
        return sum(HELP in said for said in await anna.received()) == times

    async def running(times: int) -> bool:
        return log.exists() and log.read_text().count('"event": "running"') == times

    started: list[subprocess.Popen[bytes]] = []
    try:
        order = [nginx, "-p", str(tmp_path / "nginx"), "-c", "nginx.conf"]
        started.append(await asyncio.to_thread(subprocess.Popen, order))
        for number, (own, parts) in enumerate(((web, ("--web",)), (whole, ())), 1):
            hook = {"INTERLUDE_WEBHOOK_URL": url, "INTERLUDE_WEBHOOK_PORT": str(own)}
            started.append(house.process(log, *parts, **hook))
            await eventually(partial(running, number), 60)
        for number in range(1, 7):
            await anna.send("/help", wait=False)
            await eventually(partial(helped, number))
        both = set(re.findall(r":(\d+)", asked.read_text()))

        started[1].kill()
        await asyncio.to_thread(started[1].wait)
        for _ in range(6):
            await anna.send("/help", wait=False)
        await eventually(partial(helped, 12))
        ours = {SECRET_HEADER: secret_of(house.settings.bot_token or "")}
        async with httpx.AsyncClient(trust_env=False) as stranger:
            too_large = await stranger.post(url, content=b"x" * (1 << 20) + b"x", headers=ours)
            elsewhere = await stranger.post(url.replace("telegram", "metrics"), content=b"{}")
    finally:
        for process in reversed(started):
            process.terminate()
        for process in reversed(started):
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, 30)
            process.kill()

    assert both == {str(web), str(whole)}
    assert await helped(12)
    assert {line.split()[-1] for line in asked.read_text().splitlines()} == {"200", "413", "404"}
    assert (too_large.status_code, elsewhere.status_code) == (413, 404)
