"""Writes the tables of settings and commands into README.md; `tests/test_docs.py` fails when they are not up to date."""

import re
from pathlib import Path

from bot import settings
from bot.i18n import Say
from bot.work.commands import COMMANDS

README = Path(__file__).parent.parent / "README.md"


def settings_table() -> str:
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for row in settings.describe():
        name = f"`{row.variable}`" + (f" or `{row.from_file}`" if row.from_file else "")
        lines.append(f"| {name} | {row.default} | {row.meaning} |")
    return "\n".join(lines)


def commands_table() -> str:
    say = Say("en")
    head = ["| command | for | what it does |", "|---|---|---|"]
    rows = [f"| `/{c.name}` | {', '.join(sorted(c.roles))} | {c.about(say)} |" for c in COMMANDS]
    first = "| `/start` | anybody invited | begin with an invitation |"
    last = "| `/urgent` | anybody | where to turn when it cannot wait |"
    return "\n".join([*head, first, *rows, last])


def updated(text: str) -> str:
    for name, table in (("settings", settings_table()), ("commands", commands_table())):
        block = f"<!-- {name} -->\n{table}\n<!-- /{name} -->"
        text = re.sub(rf"<!-- {name} -->.*?<!-- /{name} -->", lambda _match, block=block: block, text, flags=re.DOTALL)
    return text


if __name__ == "__main__":
    README.write_text(updated(README.read_text("utf-8")), "utf-8")
