"""Whatever a message ends with is said in words to whoever looks after the machine."""

import pytest

from bot.domain.delivery import Why
from bot.domain.endings import KNOWN, sentence
from bot.i18n import Say

ONLY_WAITING = {Why.restored, Why.unclear, Why.no_answer, Why.no_connection, Why.quiet}


@pytest.mark.parametrize("reason", sorted(set(Why) - ONLY_WAITING))
def test_every_reason_has_a_sentence(reason: Why) -> None:
    assert reason in KNOWN
    assert len(sentence(reason, Say("en"))) > 15
