"""Whatever a machine or a server does to a command: one sentence that says what, where and what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from house import free_port

from bot.vault import KeyRing

NOBODY = "postgresql://somebody@127.0.0.1:{port}/nothing"


def interlude(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    (folder / "interlude.keys").write_text(KeyRing.new_line() + "\n")
    (folder / "interlude.keys").chmod(0o600)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INTERLUDE_")} | {
        "INTERLUDE_BOT_TOKEN": "987654321:" + "sentence" * 5,
        "INTERLUDE_BOT_API_URL": f"http://127.0.0.1:{free_port()}",
        "INTERLUDE_DATA_DIR": str(folder / "data"),
        "INTERLUDE_KEYS_FILE": str(folder / "interlude.keys"),
        **settings,
    }
    order = [sys.executable, "-m", "bot.cli", *arguments]
    return subprocess.run(
        order, env=environment, cwd=Path(__file__).parent.parent, capture_output=True, text=True, timeout=60, check=False
    )


def is_one_sentence(said: subprocess.CompletedProcess[str]) -> bool:
    return said.returncode != 0 and said.stderr.count("\n") == 1 and "{" not in said.stderr and "Trace" not in said.stderr


@pytest.mark.parametrize("command", ["run", "migrate", "admin link"])
def test_a_data_directory_that_cannot_be_made(command: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    where = tmp_path / "file" / "data"
    said = interlude(tmp_path, *command.split(), INTERLUDE_DATA_DIR=str(where))

    assert is_one_sentence(said), said.stderr
    assert str(where) in said.stderr


@pytest.mark.parametrize("command", ["run", "admin link", "backup there"])
def test_a_key_store_that_is_away(command: str, tmp_path: Path) -> None:
    made = interlude(tmp_path, "migrate")
    away = NOBODY.format(port=free_port())
    said = interlude(tmp_path, *command.split(), INTERLUDE_KEYSTORE_URL=away)

    assert made.returncode == 0
    assert is_one_sentence(said), said.stderr
    assert "INTERLUDE_KEYSTORE_URL" in said.stderr


@pytest.mark.parametrize("command", ["run", "outbox list", "doctor"])
@pytest.mark.parametrize("option", ["?sslmode=require", "?nonsense=1"])
def test_an_address_with_an_option(command: str, option: str, tmp_path: Path) -> None:
    """`sslmode` is known as PostgreSQL's own programs know it."""
    url = NOBODY.format(port=free_port()) + option
    keys = url.replace("nothing", "keys")
    said = interlude(tmp_path, *command.split(), INTERLUDE_DATABASE_URL=url, INTERLUDE_KEYSTORE_URL=keys)

    told = said.stderr + said.stdout
    assert said.returncode != 0
    assert "Traceback" not in told
    assert "nobody caught" not in told
    assert ("option that is not known: 'nonsense'" in told) == ("nonsense" in option), told


def test_a_web_part_without_a_webhook(tmp_path: Path) -> None:
    said = interlude(tmp_path, "run", "--web")

    assert (said.returncode, said.stderr[:22]) == (2, "INTERLUDE_WEBHOOK_URL:")


@pytest.mark.parametrize("command", ["run", "admin link", "backup there", "outbox list"])
def test_a_key_store_that_is_no_database(command: str, tmp_path: Path) -> None:
    made = interlude(tmp_path, "migrate")
    (tmp_path / "data" / "keys.db").write_bytes(b"not a database" * 100)
    said = interlude(tmp_path, *command.split())

    assert made.returncode == 0
    assert "Traceback" not in said.stderr
    assert "nobody caught" not in said.stderr
    assert (said.returncode == 0) == (command == "outbox list"), said.stderr  # which opens no words
    assert (tmp_path / "data" / "keys.db").read_bytes() == b"not a database" * 100
