"""Whatever a message ends with is said in words to whoever looks after the machine."""

import re
from pathlib import Path

from bot.domain.endings import KNOWN, sentence
from bot.i18n import Say

CODE = "\n".join(path.read_text("utf-8") for path in sorted((Path(__file__).parents[2] / "bot").rglob("*.py")))
ENDS = [
    r'end\(practice, db, \w+, State\.\w+, "([^"]+)"',
    r'outbox\.cancel\(\s*[\w.]+, "([^"]+)"',
    r'Rejected\("([^"]+)"',
    r'State\.cancelled, "([^"]+)"',
    r'State\.(?:failed|expired), "([^"]+)"',
    r'state=State\.cancelled, reason="([^"]+)"',
    r'_cancel_questions\(\w+, \w+, "([^"]+)"',
    r'^_?(?:WHY|BY_HAND|UNREADABLE|WITHDRAWN|LOST) = "([^"]+)"',
]
REASONS = sorted({reason for pattern in ENDS for reason in re.findall(pattern, CODE, re.MULTILINE)} - {"unreachable"})


def test_every_reason_that_the_code_knows_has_a_sentence() -> None:
    assert {"too late", "blocked", "unreadable", "overtaken", "withdrawn", "by hand", "erased"} <= set(REASONS)
    assert set(REASONS) <= set(KNOWN)
    assert all(len(sentence(reason, Say("en"))) > 15 for reason in KNOWN)
