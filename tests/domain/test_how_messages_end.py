"""Whatever a message ends with is said in words to whoever looks after the machine."""

import pytest

from bot.domain.delivery import Why
from bot.domain.endings import KNOWN, sentence
from bot.i18n import Say


@pytest.mark.parametrize("reason", sorted(set(Why) - {Why.restored, Why.unclear, Why.no_answer}))
def test_every_reason_has_a_sentence(reason: Why) -> None:
    assert reason in KNOWN
    assert len(sentence(reason, Say("en"))) > 15
