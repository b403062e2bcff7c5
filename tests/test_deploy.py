"""The files for deployments, and what is written about looking after one, name only what there is."""

import re
from pathlib import Path

import typer
import yaml

from bot import cli, settings

REPOSITORY = Path(__file__).parent.parent
DEPLOY = sorted((REPOSITORY / "docs" / "deploy").iterdir())
WRITTEN = [*DEPLOY, REPOSITORY / "docs" / "operations.md", REPOSITORY / "README.md"]


def test_every_setting_and_every_command_that_is_named_exists() -> None:
    known = {name for row in settings.describe() for name in (row.variable, row.from_file)}
    commands = set(typer.main.get_command(cli.app).commands)
    for file in WRITTEN:
        text = file.read_text("utf-8")
        assert set(re.findall(r"INTERLUDE_[A-Z_]+[A-Z]", text)) <= known, file.name
        named = re.findall(r"(?:`|bin/|exec bot |container)interlude ([a-z]+)", text)
        assert set(named) <= commands, file.name


def test_the_compose_file_can_be_read_and_every_secret_it_uses_is_declared() -> None:
    composed = yaml.safe_load((REPOSITORY / "docs" / "deploy" / "compose.yaml").read_text("utf-8"))

    used = {name for service in composed["services"].values() for name in service.get("secrets", [])}
    volumes = {mount.partition(":")[0] for service in composed["services"].values() for mount in service["volumes"]}
    assert used == set(composed["secrets"])
    assert volumes == set(composed["volumes"])


def test_every_deployment_says_whether_it_was_tried() -> None:
    for file in DEPLOY:
        if file.suffix != ".env":
            assert re.search(r"[Uu]ntried|not tried|[Tt]ried", file.read_text("utf-8")), file.name
