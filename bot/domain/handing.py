"""How an administrator says that a leader is handed over: "Jack to Alice", "Jack à Alice"."""

import re

_TO = re.compile(r"\s+(?:to|à|a|->|→)\s+", re.IGNORECASE)


def parse_handover(text: str) -> tuple[str, str]:
    """The leader's name and the coach's; empty where it is left out. The last "to" parts them: names may hold one."""
    words = " ".join(text.split())
    found = [*_TO.finditer(words)]
    return (words[: found[-1].start()], words[found[-1].end() :]) if found else (words, "")
