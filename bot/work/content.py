"""An answer's content: its value and its words, opened for a reader and sealed by its sharing level."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Answer, AnswerPart, AskedQuestion, Enrolment, Occurrence
from bot.db.types import new_id
from bot.domain.sequence import Question, Sharing, Step
from bot.i18n import Say
from bot.vault import Box
from bot.work import sequences
from bot.work.practice import Practice

VALUE, PART = "answer.value", "answer_part.content"


@dataclass(frozen=True)
class Content:
    """What was said: a number, chosen option keys, yes or no, and the person's own words."""

    words: str = ""
    number: int | None = None
    choices: tuple[str, ...] = ()
    yes: bool | None = None


@dataclass(frozen=True)
class Bubble:
    """One message of a person that is part of an answer."""

    chat_id: int
    message_id: int
    text: str
    at: datetime


@dataclass
class Posed:
    """A question that was asked, with what the catalog says about it."""

    row: AskedQuestion
    occurrence: Occurrence
    step: Step
    question: Question = field(repr=False)

    @property
    def following(self) -> Question | None:
        keys = [question.key for question in self.step.questions]
        place = keys.index(self.question.key) + 1
        return self.step.questions[place] if place < len(keys) else None


async def posed(practice: Practice, db: AsyncSession, question_id: UUID) -> Posed:
    row = await db.get_one(AskedQuestion, question_id)
    occurrence = await db.get_one(Occurrence, row.occurrence_id)
    enrolment = await db.get_one(Enrolment, occurrence.enrolment_id)
    step = (await sequences.of_enrolment(practice, db, enrolment)).step(occurrence.step)
    return Posed(row, occurrence, step, step.question(row.key))


def scope_of(sharing: str) -> str:
    """Only words that the coach may read are under the shared key."""
    return "shared" if sharing == Sharing.words else "private"


async def box_of(practice: Practice, answer: Answer) -> Box:
    return await practice.vault.box(answer.leader_id, scope_of(answer.sharing))


async def put_value(practice: Practice, answer: Answer, value: dict[str, Any] | None) -> None:
    box = await box_of(practice, answer)
    answer.value = None if value is None else box.seal(VALUE, answer.id, json.dumps(value))


async def put_bubble(practice: Practice, db: AsyncSession, answer: Answer, bubble: Bubble, version: int = 1) -> None:
    part = AnswerPart(
        id=new_id(), answer_id=answer.id, chat_id=bubble.chat_id, message_id=bubble.message_id, version=version,
        content=b"", at=bubble.at,
    )  # fmt: skip
    part.content = (await box_of(practice, answer)).seal(PART, part.id, bubble.text)
    db.add(part)


async def parts_of(db: AsyncSession, answer_ids: Sequence[UUID]) -> dict[UUID, list[AnswerPart]]:
    """Every version of every bubble, by answer, in the order in which they were written."""
    query = select(AnswerPart).where(AnswerPart.answer_id.in_(answer_ids))
    found: dict[UUID, list[AnswerPart]] = {answer_id: [] for answer_id in answer_ids}
    for part in await db.scalars(query.order_by(AnswerPart.message_id, AnswerPart.version)):
        found[part.answer_id].append(part)
    return found


async def open_answer(practice: Practice, answer: Answer, parts: list[AnswerPart]) -> Content:
    """The newest version of each bubble, in order, and the value."""
    box = await box_of(practice, answer)
    newest = {(part.chat_id, part.message_id): part for part in parts}
    words = "\n".join(box.open(PART, part.id, part.content) for part in newest.values())
    value = json.loads(box.open(VALUE, answer.id, answer.value)) if answer.value else {}
    return Content(
        words=words,
        number=value.get("number"),
        choices=tuple(value.get("choices", ())),
        yes=value.get("yes"),
    )


async def reseal(practice: Practice, db: AsyncSession, answer: Answer, sharing: str) -> None:
    """Move an answer to another sharing level: all of its versions change keys."""
    before = await box_of(practice, answer)
    answer.sharing = sharing
    after = await box_of(practice, answer)
    if before is after:
        return
    for part in (await parts_of(db, [answer.id]))[answer.id]:
        part.content = after.seal(PART, part.id, before.open(PART, part.id, part.content))
    if answer.value is not None:
        answer.value = after.seal(VALUE, answer.id, before.open(VALUE, answer.id, answer.value))


def in_words(content: Content, question: Question | None, say: Say) -> str:
    """A tapped value as a reader sees it; empty when there was none."""
    if content.number is not None:
        return str(content.number)
    if content.yes is not None:
        return say("yes") if content.yes else say("no")
    labels = {option.key: option.label[say.language] for option in question.options} if question else {}
    return say.list([labels.get(key, key) for key in content.choices]) if content.choices else ""
