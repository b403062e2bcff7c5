"""What would give away an answer that is not shared in words: the questions and steps that come only because of it.

Whoever is asked "when was it lighter?" after low numbers alone has given a low number. For their coach such a question
never was: it is in no count and in no list, whether it was put or not, unless its leader shares its answer in words.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import reading
from bot.db.tables import Answer, AskedQuestion, Enrolment, Occurrence
from bot.domain.measures import BASELINE_OF
from bot.domain.sequence import AfterAnswer, AnswerIs, Condition, HasFallen, Question, Sharing, Step
from bot.domain.sequence import Sequence as Prompts
from bot.work import sequences
from bot.work.practice import Practice

_NEWEST = 8  # answers of each leader among which there is one that may be told of
_ENDED = ("answered", "skipped")


@dataclass(frozen=True)
class Told:
    """A prompt as its leader's coach may know it: its state, and the question it is called by.

    `may_hide`: there may be more to it, or there may not; nobody can tell, so nothing may be put down to it.
    """

    state: str
    question: Question
    may_hide: bool = False
    is_begun: bool = False  # one of its questions has an answer


class _Asked(NamedTuple):
    """A question that was put. `sharing`: of its answer, if there is one."""

    key: str
    state: str
    sharing: str | None


async def told(
    practice: Practice, db: AsyncSession, prompts: Sequence[tuple[Occurrence, Enrolment]]
) -> dict[UUID, Told]:
    """By occurrence; those that would give something away are left out."""
    look = _Look(practice, db)
    await look.load(prompts)
    found = {occurrence.id: await look.told(occurrence, enrolment) for occurrence, enrolment in prompts}
    return {key: one for key, one in found.items() if one is not None}


async def uncounted(practice: Practice, db: AsyncSession, answers: Iterable[Answer]) -> set[UUID]:
    """Those among private answers and topics of which not even the number may be told. One that its leader opened
    further than what it was asked because of is told of as they wish."""
    closed = {one.question_id: one for one in answers if one.question_id and one.sharing != Sharing.words}
    query = (
        select(AskedQuestion.id, AskedQuestion.key, Occurrence, Enrolment)
        .join(Occurrence, Occurrence.id == AskedQuestion.occurrence_id)
        .join(Enrolment, Enrolment.id == Occurrence.enrolment_id)
        .where(AskedQuestion.id.in_([*closed]), Enrolment.own.is_(None))  # a coach's own question hangs on nothing
    )
    rows = list(await db.execute(query)) if closed else []
    look, found = _Look(practice, db), set()
    await look.load([(occurrence, enrolment) for _, _, occurrence, enrolment in rows])
    for question_id, key, occurrence, enrolment in rows:
        answer, behind = closed[question_id], await look.level(occurrence, enrolment, key)
        if behind != Sharing.words and _closest([Sharing(answer.sharing), behind]) == answer.sharing:
            found.add(answer.id)
    return found


async def last_answered(practice: Practice, db: AsyncSession, engagement_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each leader last answered a question, or shared something, as far as their coach may know."""
    newest = await reading.newest_known(db, engagement_ids, _NEWEST)
    hidden = await uncounted(practice, db, newest)
    found: dict[UUID, datetime] = {}
    for answer in sorted(newest, key=lambda one: (one.id not in hidden, one.given_at)):
        if answer.id not in hidden or answer.engagement_id not in found:
            found[answer.engagement_id] = answer.given_at
    return found


async def level_after(practice: Practice, db: AsyncSession, occurrence: Occurrence, when: AfterAnswer) -> Sharing:
    """How openly it may be known that something was answered, or not, on which this occurrence hangs."""
    return await _Look(practice, db).after(occurrence, when)


class _Look:
    """Reads once what several prompts rest on, of all their leaders at once; nothing is opened, for levels are plain."""

    def __init__(self, practice: Practice, db: AsyncSession) -> None:
        self._practice, self._db = practice, db
        self._asked: dict[UUID, list[_Asked]] = {}
        self._opened: dict[UUID, Prompts] = {}
        self._engagements: set[UUID] = set()
        self._given: dict[tuple[str, ...], dict[UUID, list[tuple[datetime, str]]]] = {}

    async def load(self, prompts: Sequence[tuple[Occurrence, Enrolment]]) -> None:
        """The questions of these prompts, in the order in which they were put."""
        occurrence_ids = [occurrence.id for occurrence, _ in prompts]
        if not self._engagements.issuperset(of := {enrolment.engagement_id for _, enrolment in prompts}):
            self._engagements |= of
            self._given.clear()
        query = (
            select(AskedQuestion.occurrence_id, AskedQuestion.key, AskedQuestion.state, Answer.sharing)
            .outerjoin(Answer, Answer.question_id == AskedQuestion.id)
            .where(AskedQuestion.occurrence_id.in_(occurrence_ids))
            .order_by(AskedQuestion.id)
        )
        found = defaultdict(list)
        for occurrence_id, *asked in await self._db.execute(query):
            found[occurrence_id].append(_Asked(*asked))
        self._asked |= {key: found[key] for key in occurrence_ids}

    async def told(self, occurrence: Occurrence, enrolment: Enrolment) -> Told | None:
        step, asked = await self._step(occurrence, enrolment), self._asked[occurrence.id]
        if not _rests(step):
            silent = next((one.key for one in asked if one.state != "answered"), step.questions[0].key)
            is_begun = any(one.state == "answered" for one in asked)
            return Told(occurrence.state, step.question(silent), is_begun=is_begun)
        levels = {one.key: await self.level(occurrence, enrolment, one.key) for one in step.questions}
        known = [one for one in asked if Sharing.words in (one.sharing, levels[one.key])]
        always = next((one.key for one in step.questions if not one.only_if), None)
        is_known = await self._level_of_step(occurrence, enrolment) == Sharing.words and always is not None
        if not known and not is_known:
            return None
        called = known[0].key if known else always
        assert called is not None
        may_hide = await self._may_hide(occurrence, enrolment, step)
        return Told(_state(occurrence, known, asked), step.question(called), may_hide)

    async def _may_hide(self, occurrence: Occurrence, enrolment: Enrolment, step: Step) -> bool:
        """Whether it could have gone on because of something that is there and not shared in words."""
        behind = [await self._behind(occurrence, enrolment, one.only_if, Sharing.words) for one in step.questions]
        return _closest(behind) != Sharing.words

    async def level(self, occurrence: Occurrence, enrolment: Enrolment, key: str) -> Sharing:
        """How open the answers are because of which a question is put: private where none is found."""
        step = await self._step(occurrence, enrolment)
        behind = await self._behind(occurrence, enrolment, step.question(key).only_if)
        return _closest([behind, await self._level_of_step(occurrence, enrolment)])

    async def _level_of_step(self, occurrence: Occurrence, enrolment: Enrolment) -> Sharing:
        step = await self._step(occurrence, enrolment)
        behind = await self._behind(occurrence, enrolment, step.only_if)
        if isinstance(step.when, AfterAnswer):
            behind = _closest([behind, await self.after(occurrence, step.when)])
        return behind

    async def after(self, occurrence: Occurrence, when: AfterAnswer) -> Sharing:
        """That something was answered, or not, is known; unless the question itself is not."""
        before = await self._db.get(Occurrence, UUID(occurrence.anchor))
        if before is None:
            return Sharing.private
        enrolment = await self._db.get_one(Enrolment, before.enrolment_id)
        if before.id not in self._asked:
            await self.load([(before, enrolment)])
        if when.question:
            return await self.level(before, enrolment, when.question)
        as_told = await self.told(before, enrolment)
        is_known = as_told is not None and (as_told.state in (before.state, "answered"))
        return Sharing.words if is_known else Sharing.private

    async def _behind(
        self, occurrence: Occurrence, enrolment: Enrolment, conditions: Sequence[Condition],
        missing: Sharing = Sharing.private,
    ) -> Sharing:  # fmt: skip
        """How open the answers are that these conditions look at; where one is not there, `missing`."""
        levels: list[str] = []
        for condition in conditions:
            match condition:
                case AnswerIs(step="", question=question):
                    own = [one.sharing for one in self._asked[occurrence.id] if one.key == question and one.sharing]
                    levels += own or [missing]
                case AnswerIs(step=step, question=question):
                    levels += _until(occurrence, await self._answers(enrolment, step, question), 1) or [missing]
                case HasFallen(measure=measure):
                    found = _until(occurrence, await self._ratings(enrolment, measure), BASELINE_OF + 1)
                    levels += found or [missing]
        return _closest(map(Sharing, levels))

    async def _answers(self, enrolment: Enrolment, step: str, question: str) -> list[tuple[datetime, str]]:
        """When a question of this sequence was answered, and how openly, newest first."""
        key = (enrolment.sequence, step, question)
        if key not in self._given:
            self._given[key] = await reading.given_to(self._db, self._engagements, *key)
        return self._given[key].get(enrolment.engagement_id, [])

    async def _ratings(self, enrolment: Enrolment, measure: str) -> list[tuple[datetime, str]]:
        key = (measure,)
        if key not in self._given:
            self._given[key] = await reading.given_of(self._db, self._engagements, *key)
        return self._given[key].get(enrolment.engagement_id, [])

    async def _step(self, occurrence: Occurrence, enrolment: Enrolment) -> Step:
        if enrolment.id not in self._opened:
            self._opened[enrolment.id] = await sequences.of_enrolment(self._practice, self._db, enrolment)
        return self._opened[enrolment.id].step(occurrence.step)


def _rests(step: Step) -> bool:
    """Whether anything of a step may come because of an answer."""
    conditions = [*step.only_if, *(one for question in step.questions for one in question.only_if)]
    return isinstance(step.when, AfterAnswer) or any(isinstance(one, AnswerIs | HasFallen) for one in conditions)


def _until(occurrence: Occurrence, given: Sequence[tuple[datetime, str]], most: int) -> list[str]:
    """The levels of the newest answers when it fell due, and of all that came until it closed."""
    last = max(filter(None, (occurrence.asked_at, occurrence.closes_at, occurrence.until)))
    since = [level for at, level in given if occurrence.due_at < at <= last]
    return [*since, *[level for at, level in given if at <= occurrence.due_at][:most]]


def _closest(levels: Iterable[Sharing]) -> Sharing:
    return min(levels, key=list(Sharing).index, default=Sharing.words)


def _state(occurrence: Occurrence, known: Sequence[_Asked], asked: Sequence[_Asked]) -> str:
    """What became of a prompt, the same whether or not more was asked than may be known."""
    if any(one.state == "answered" or (one.sharing and occurrence.state != "asked") for one in known):
        return "answered"
    if known and known[0].state == "skipped":
        return "skipped"
    return "missed" if occurrence.state in _ENDED and len(known) < len(asked) else occurrence.state
