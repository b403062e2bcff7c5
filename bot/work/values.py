"""The value in what somebody types: a number, yes, an option's label, an amount, an alias. Anything else stays words."""

import re
from typing import Any

from bot.domain import phrases
from bot.domain.amounts import parse_amount, says_only
from bot.domain.leading import leading_number
from bot.domain.sequence import Kind, Question
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import aliases, content
from bot.work.practice import Turn

_BETWEEN = re.compile(r"[,;·\n]|\s(?:and|et)\s")


async def read(turn: Turn, question: Question, text: str, before: str = "") -> dict[str, Any] | None:
    """The value in typed words; an alias nobody has used yet is remembered. `before`: what they said until now."""
    if question.kind == Kind.alias:
        return await aliases.named(turn, text, before)
    if question.kind == Kind.scale and phrases.is_off_the_scale(text):
        raise RefusedError(turn.say("This one is answered from 0 to 10. Which number fits best?"))
    return typed_value(question, text)


def check(turn: Turn, question: Question, text: str) -> None:
    """Refuse what can only be a slip: an amount below zero, a number where somebody's alias is asked for."""
    if question.kind == Kind.alias:
        aliases.check(turn, text)
    amount = parse_amount(text) if question.kind == Kind.number else None
    if amount is not None and amount < 0:
        raise RefusedError(turn.say("An amount cannot be below zero here. Please write it once more, or say it in words."))


def typed_value(question: Question, text: str) -> dict[str, Any] | None:
    """What typed words say to a question with buttons or a unit: `7`, `seven`, `yes`, `12,500`, an option's label."""
    if question.kind == Kind.scale:
        number = phrases.parse_number(text)
        number = leading_number(text) if number is None else number
        return None if number is None else {"number": number}
    if question.kind == Kind.yes_no:
        yes = phrases.parse_yes_no(text)
        return None if yes is None else {"yes": yes}
    if question.kind == Kind.number:
        amount = parse_amount(text)
        return None if amount is None else {"amount": amount}
    keys = {label.casefold(): option.key for option in question.options for label in option.label.values()}
    if (whole := " ".join(text.split()).casefold()) in keys:
        return {"choices": [keys[whole]]}
    named = [" ".join(part.split()).casefold() for part in _BETWEEN.split(text)]
    if question.kind != Kind.choices or not all(part in keys for part in named):
        return None
    return {"choices": list(dict.fromkeys(keys[part] for part in named))}


def is_correction(question: Question, text: str, say: Say) -> bool:
    """Whether a further bubble may say another value: "3 fell through" after "12" is no other number."""
    if question.kind == Kind.scale:
        return phrases.parse_number(text) is not None or phrases.is_off_the_scale(text)
    if question.kind == Kind.number:
        return says_only(text, question.unit[say.language] if question.unit else "")
    return question.kind != Kind.alias


def spoken(value: dict[str, Any] | None, question: Question, say: Say) -> str:
    """A value as the question's own message shows it."""
    if value is None:
        return ""
    made = content.Content(
        number=value.get("number"), yes=value.get("yes"), choices=tuple(value.get("choices", ())),
        amount=value.get("amount"), alias=value.get("label", ""),
    )  # fmt: skip
    return content.in_words(made, question, say)
