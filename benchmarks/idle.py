"""A bot that nobody writes to: processor time an hour and memory, beside a python-telegram-bot application that polls."""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from crowd import TOKEN, telegram

_INTERLUDE = [sys.executable, "-c", "from bot.cli import main; main()"]
_PTB = """
import os
from telegram.ext import ApplicationBuilder
ApplicationBuilder().token(os.environ["T"]).base_url(os.environ["U"] + "/bot").build().run_polling(timeout=30)
"""
_SQLALCHEMY = "import sqlalchemy.ext.asyncio\n"


def usage(pid: int) -> tuple[float, float]:
    """Seconds of processor time so far, and MB."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK"), pages * resource.getpagesize() / 2**20


def watch(order: list[str], environment: dict[str, str], settle: float, seconds: float) -> tuple[float, float]:
    process = subprocess.Popen(order, env=os.environ | environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        time.sleep(settle)
        before, _ = usage(process.pid)
        time.sleep(seconds)
        after, memory = usage(process.pid)
    finally:
        process.terminate()
        process.wait(30)
    return 3600 * (after - before) / seconds, memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="three seconds")
    given = parser.parse_args()
    settle, seconds = (3.0, 0.5) if given.small else (20.0, 65.0)
    print(f"{'':32}{'CPU s an hour':>14}{'MB':>8}")
    with telegram() as url, tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys"
        subprocess.run([*_INTERLUDE, "keys", "new", str(keys)], check=True, stdout=subprocess.DEVNULL)
        settings = {
            "INTERLUDE_BOT_TOKEN": TOKEN, "INTERLUDE_BOT_API_URL": url, "INTERLUDE_KEYS_FILE": str(keys),
            "INTERLUDE_DATA_DIR": f"{folder}/data",
        }  # fmt: skip
        subprocess.run([*_INTERLUDE, "migrate"], check=True, env=os.environ | settings, stdout=subprocess.DEVNULL)
        lines = [
            ("Interlude", [*_INTERLUDE, "run"], settings),
            ("PTB and SQLAlchemy, polling", [sys.executable, "-c", _SQLALCHEMY + _PTB], {"T": TOKEN, "U": url}),
        ]
        for name, order, environment in lines:
            hour, memory = watch(order, environment, settle, seconds)
            print(f"{name:32}{hour:14.1f}{memory:8.0f}", flush=True)


if __name__ == "__main__":
    main()
