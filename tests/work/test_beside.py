"""What was typed is shown once: not as the value, and once more as words beside it."""

import pytest

from bot.domain.sequence import Kind, Question
from bot.i18n import Say
from bot.work.content import Content, beside, in_words

HOURS = Question("own", Kind.number, {"en": "How many?", "fr": "Combien ?"}, unit={"en": "hours", "fr": "heures"})


@pytest.mark.parametrize("words", ["Hérisson", "herisson", "🦔 Hérisson", "HÉRISSON."])
def test_an_alias_that_was_typed_is_not_told_twice(words: str) -> None:
    held = Content(words=words, alias="🦔 Hérisson")

    assert beside(words, in_words(held, None, Say("fr")), held, None, Say("fr")) == ""
    assert beside(f"{words}, encore", in_words(held, None, Say("fr")), held, None, Say("fr")) == f"{words}, encore"


@pytest.mark.parametrize(
    ("words", "kept"),
    [("environ 8", ""), ("à peu près 8 heures", ""), ("8", ""), ("8 heures, dont 2 le soir", "8 heures, dont 2 le soir"),
     ("8 avec l’équipe", "8 avec l’équipe")],
)  # fmt: skip
def test_about_eight_is_eight(words: str, kept: str) -> None:
    held = Content(words=words, amount=8)

    assert beside(words, in_words(held, HOURS, Say("fr")), held, HOURS, Say("fr")) == kept
