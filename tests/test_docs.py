"""The documents say what the code does."""

import re
import sys
from pathlib import Path

from bot.work.commands import COMMANDS

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY / "docs"))


def test_the_readme_lists_every_setting_and_every_command() -> None:
    from update_readme import updated

    text = (REPOSITORY / "README.md").read_text("utf-8")

    assert updated(text) == text, "run `python docs/update_readme.py`"
    assert all(f"`/{command.name}`" in text for command in COMMANDS)


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    text = (REPOSITORY / "README.md").read_text("utf-8")
    known = {command.name for command in COMMANDS} | {"start", "urgent", "newbot", "setjoingroups", "bot", "file"}

    assert set(re.findall(r"`/([a-z]+)", text)) <= known


def test_every_link_and_picture_of_the_documents_is_there() -> None:
    for document in [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md"), *REPOSITORY.glob("prompts/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_architecture_fits_on_two_pages() -> None:
    lines = (REPOSITORY / "ARCHITECTURE.md").read_text("utf-8").splitlines()

    assert len(lines) <= 110
