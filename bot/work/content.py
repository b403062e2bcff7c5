"""An answer's content: its value and its words, opened for a reader and sealed by its sharing level."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import plans as plan_rows
from bot.db.tables import Answer, AnswerPart, AskedQuestion, Engagement, Enrolment, Occurrence, Person
from bot.db.types import new_id
from bot.domain import amounts, moments, plans
from bot.domain.leading import leading_number
from bot.domain.sequence import Question, Sharing, Step
from bot.domain.text import Block, bold, italic, plain, quote
from bot.domain.words import folded
from bot.i18n import Say
from bot.work import recordings, sequences
from bot.work.practice import Practice, Recorded, Turn, box_of

VALUE, PART = "answer.value", "answer_part.content"


@dataclass(frozen=True)
class Content:
    """What was said: a number, chosen option keys, yes or no, and words, of which some may be forwarded.

    `amount` has the question's unit; `alias` is how somebody is called; `taps` made a moment of kind `moment`; `fields`
    are the parts of a plan or of a longer moment, whose words are in no other place.
    """

    words: str = ""
    own: str = ""
    forwarded: str = ""
    number: int | None = None
    choices: tuple[str, ...] = ()
    yes: bool | None = None
    amount: float | None = None
    alias: str = ""
    moment: str = ""
    taps: tuple[str, ...] = ()
    outcome: str = ""
    no_obstacle: bool = False  # of a plan: left out on purpose
    is_moved: bool = False  # of a plan: its moment is another one than its words say
    fields: Mapping[str, str] = field(default_factory=dict)

    def planned(self, say: Say) -> list[str]:
        """The parts of a plan as they are said back."""
        return plans.lines(self.fields, say, is_moved=self.is_moved)


@dataclass(frozen=True)
class Bubble:
    """One message of a person that is part of an answer."""

    chat_id: int
    message_id: int
    text: str
    at: datetime
    is_forwarded: bool = False
    recorded: Recorded | None = None
    field: str | None = None  # which part of a plan or of a longer moment it is


def bubble_of(turn: Turn, text: str) -> Bubble:
    """The message of this turn: its words or caption, what was recorded, and whether it was passed on."""
    return Bubble(turn.chat_id, turn.message_id, text, turn.at, turn.is_forwarded, turn.recorded)


async def keep(
    turn: Turn, engagement: Engagement, kind: str, theme: str, sharing: str = Sharing.private,
    *, question_id: UUID | None = None,
) -> Answer:  # fmt: skip
    """A new answer of the person who writes, without a word or a value yet; to no question unless one is named."""
    answer = Answer(
        id=new_id(), leader_id=turn.me.id, engagement_id=engagement.id, question_id=question_id, kind=kind, theme=theme,
        sharing=sharing, given_at=turn.at, shared_at=max(turn.at, turn.now), last_bubble_at=turn.at,
    )  # fmt: skip
    turn.db.add(answer)
    await turn.db.flush()
    return answer


@dataclass
class Posed:
    """A question that was asked, with what the catalog says about it."""

    row: AskedQuestion
    occurrence: Occurrence
    step: Step
    question: Question = field(repr=False)

    @property
    def to_follow(self) -> tuple[Question, ...]:
        """The questions of the step that are still to come, whether or not they will be asked."""
        if self.occurrence.is_short:
            return ()
        keys = [question.key for question in self.step.questions]
        return self.step.questions[keys.index(self.question.key) + 1 :]


async def posed(practice: Practice, db: AsyncSession, question_id: UUID) -> Posed:
    row = await db.get_one(AskedQuestion, question_id)
    occurrence = await db.get_one(Occurrence, row.occurrence_id)
    enrolment = await db.get_one(Enrolment, occurrence.enrolment_id)
    step = (await sequences.of_enrolment(practice, db, enrolment)).step(occurrence.step)
    return Posed(row, occurrence, step, step.question(row.key))


async def put_value(practice: Practice, answer: Answer, value: dict[str, Any] | None) -> None:
    box = await box_of(practice, answer)
    answer.value = None if value is None else box.seal(VALUE, answer.id, json.dumps(value))


async def value_of(practice: Practice, answer: Answer) -> dict[str, Any] | None:
    if answer.value is None:
        return None
    value: dict[str, Any] = json.loads((await box_of(practice, answer)).open(VALUE, answer.id, answer.value))
    return value


async def put_bubble(practice: Practice, db: AsyncSession, answer: Answer, bubble: Bubble, version: int = 1) -> None:
    part = AnswerPart(
        id=new_id(), answer_id=answer.id, chat_id=bubble.chat_id, message_id=bubble.message_id, version=version,
        content=b"", at=bubble.at, is_forwarded=bubble.is_forwarded, field=bubble.field,
    )  # fmt: skip
    box = await box_of(practice, answer)
    part.content = box.seal(PART, part.id, bubble.text)
    db.add(part)
    if bubble.recorded is not None:
        await db.flush()
        recordings.put(db, box, part.id, bubble.recorded)


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
    opened = [(part, box.open(PART, part.id, part.content)) for part in newest.values()]
    said = [(text, part.is_forwarded) for part, text in opened if part.field is None]
    value = json.loads(box.open(VALUE, answer.id, answer.value)) if answer.value else {}
    return Content(
        words="\n".join(text for text, _ in said if text),
        own="\n".join(text for text, is_forwarded in said if text and not is_forwarded),
        forwarded="\n".join(text for text, is_forwarded in said if text and is_forwarded),
        number=value.get("number"),
        choices=tuple(value.get("choices", ())),
        yes=value.get("yes"),
        amount=value.get("amount"),
        alias=value.get("label", ""),
        moment=value.get("moment", ""),
        taps=tuple(value.get("taps", ())),
        outcome=value.get("outcome", ""),
        no_obstacle=value.get("no_obstacle", False),
        is_moved=value.get("moved", False),
        fields=_fields(opened),
    )


async def opened(practice: Practice, db: AsyncSession, answer: Answer) -> Content:
    """One answer with all its words."""
    return await open_answer(practice, answer, (await parts_of(db, [answer.id]))[answer.id])


def _fields(opened: list[tuple[AnswerPart, str]]) -> dict[str, str]:
    """The parts of a plan or a longer moment, each with all of its bubbles; not those that were written anew."""
    found: dict[str, list[str]] = {}
    for part, text in opened:
        if part.field not in (None, plans.EARLIER) and text:
            found.setdefault(str(part.field), []).append(text)
    return {name: "\n".join(texts) for name, texts in found.items()}


async def reseal(practice: Practice, db: AsyncSession, answer: Answer, sharing: str) -> None:
    """Move an answer to another sharing level: all of its versions change keys."""
    before = await box_of(practice, answer)
    answer.sharing = sharing
    after = await box_of(practice, answer)
    if before is after:
        return
    for part in (await parts_of(db, [answer.id]))[answer.id]:
        part.content = after.seal(PART, part.id, before.open(PART, part.id, part.content))
    await recordings.reseal(db, answer.id, before, after)
    if answer.value is not None:
        answer.value = after.seal(VALUE, answer.id, before.open(VALUE, answer.id, answer.value))


def in_words(content: Content, question: Question | None, say: Say) -> str:
    """Everything but free words as a reader sees it: what was tapped, an amount, a plan; empty when there was none."""
    if content.number is not None:
        is_said = leading_number(content.own) == content.number  # "4, because the deal closed" has it in its words
        return "" if is_said else str(content.number)
    if content.yes is not None:
        return say("Yes") if content.yes else say("No")
    if content.amount is not None:
        unit = question.unit[say.language] if question and question.unit else ""
        return f"{say.number(content.amount)} {unit}".strip()
    if content.choices:
        labels = {option.key: option.label[say.language] for option in question.options} if question else {}
        return " · ".join(labels.get(key, key) for key in content.choices)  # labels are sentences of their own
    return "\n".join(filter(None, _shown(content, say)))


def _shown(content: Content, say: Say) -> list[str]:
    """A moment, a plan, an outcome: line by line."""
    return [
        content.alias,
        moments.tapped(content.moment, content.taps, say),
        plans.outcome_name(content.outcome, say),
        *content.planned(say),
        *(moments.spoken_part(part, content.fields[part], say) for part in moments.PEER_PARTS if part in content.fields),
    ]


async def around(practice: Practice, db: AsyncSession, answer: Answer, say: Say) -> tuple[list[Block], list[Block]]:
    """What stands above and below the line that says who reads an answer: a moment itself, and room for a line; when a
    plan is asked about."""
    if answer.kind not in moments.MOMENTS:
        planned = await plan_rows.of_answer(db, answer.id)
        if planned is None or planned.state != "open" or planned.look_at is None:
            return [], []
        leader = await db.get_one(Person, answer.leader_id)
        held = await opened(practice, db, answer)
        in_one_piece = [] if held.fields or not held.words else [quote(plans.quoted(held.words))]
        return in_one_piece, [plain(say("I will ask how it went: {when}.", when=say.moment(planned.look_at, leader.zone)))]
    held = await opened(practice, db, answer)
    head = bold(moments.title(answer.kind, say)) + plain("\n" + in_words(held, None, say))
    if held.words:
        return [head, quote(plans.quoted(held.words))], []
    return [head], [italic(say("A line, if you like: just write it here."))]


async def planned(practice: Practice, db: AsyncSession, outcome: Answer, say: Say) -> list[str]:
    """The plan an outcome is about, line by line, if who may read the outcome may read the plan too."""
    plan = await plan_rows.of_outcome(db, outcome.id)
    answer = await db.get_one(Answer, plan.answer_id) if plan else None
    if answer is None or (answer.sharing, answer.engagement_id) != (outcome.sharing, outcome.engagement_id):
        return []
    held = await opened(practice, db, answer)
    return held.planned(say) or [plans.quoted(held.words)]


def beside(words: str, value: str, content: Content, question: Question | None, say: Say) -> str:
    """The words that stand beside a value; none when they only say the same, such as a typed "12"."""
    unit = question.unit[say.language] if question and question.unit else ""
    if content.amount is not None and amounts.says_only(words, unit):
        return ""
    if content.choices and _spelled(words) == _spelled(value):  # "time, standing" typed, "Time · Standing" shown
        return ""
    if content.alias and _spelled(words) == _spelled(content.alias):  # typed without the animal's picture
        return ""
    return "" if words.strip().casefold() == value.casefold() else words


def _spelled(words: str) -> list[str]:
    return [word for word in re.findall(r"[^\W_]+", folded(words)) if word not in ("and", "et")]
