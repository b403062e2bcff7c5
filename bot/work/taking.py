"""What is somebody's own, opened for them and for nobody else: every row, as it stands, for `/export`."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bot.db import enrolments, people
from bot.db.tables import (
    Alias,
    Answer,
    AnswerPart,
    Consent,
    Delivery,
    Disclosure,
    Engagement,
    Enrolment,
    Note,
    Occurrence,
    Person,
    Pin,
    Plan,
)
from bot.domain.delivery import State
from bot.i18n import Say
from bot.vault import Box
from bot.work import blockers, content, entries, notes, own_questions, recordings
from bot.work.practice import Turn, box_of, name_of

Facts = dict[str, Any]


async def everything(turn: Turn) -> Facts:
    """All there is about the person of this turn, ready for JSON. Voice messages are named here and come as files."""
    me = turn.me
    return {
        "made_at": _iso(turn.now),
        "person": await _person(turn),
        "consents": await _consents(turn),
        "engagements": [await _engagement(turn, row) for row in await _own(turn, Engagement, Engagement.leader_id)],
        "answers": await _answers(turn),
        "plans": [_plan(row) for row in await _own(turn, Plan, Plan.leader_id)],
        "notes_from_coach": [_note(row) for row in await notes_from_coach(turn)],
        "about_your_coach": kept_by_coach(turn.say) if turn.me.is_leader else None,
        "written_about_leaders": await _written(turn),
        "agenda": [_pin(row) for row in await _own(turn, Pin, Pin.leader_id)],
        "aliases": await _aliases(turn),
        "asked": [await _asked(turn, row) for row in await _own(turn, Occurrence, Occurrence.leader_id)],
        "roles": [role for role, has in (("leader", me.is_leader), ("coach", me.is_coach), ("admin", me.is_admin)) if has],
    }


def kept_by_coach(say: Say) -> str:
    return say(
        "Your coach may keep notes and hypotheses of their own about your work together. They are not in these files: ask "
        "your coach, who can show them to you. They are deleted together with everything of yours."
    )


async def _own(turn: Turn, table: Any, owner: Any) -> list[Any]:
    return list(await turn.db.scalars(select(table).where(owner == turn.me.id).order_by(table.id)))


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


async def _person(turn: Turn) -> Facts:
    me = turn.me
    return {
        "name": await name_of(turn.practice, me), "telegram_id": me.telegram_id, "language": me.language,
        "joined_at": _iso(me.joined_at), "last_seen_at": _iso(me.last_seen_at), "zone": me.zone, "country": me.country,
        "subdivision": me.subdivision, "hours": [f"{me.window_start:%H:%M}", f"{me.window_end:%H:%M}"],
        "work_days": [int(day) for day in me.work_days], "usual_at": f"{me.usual_at:%H:%M}",
        "paused_until": _iso(me.paused_until), "default_sharing": me.default_sharing,
    } | (_as_coach(me) if me.is_coach else {})  # fmt: skip


def _as_coach(me: Person) -> Facts:
    return {
        "digest": {"day": me.digest_day, "at": f"{me.digest_at:%H:%M}", "next_at": _iso(me.next_digest_at)},
        "minutes_before_a_session": {"brief": me.brief_minutes, "agenda": me.agenda_minutes},
    }


async def _consents(turn: Turn) -> list[Facts]:
    return [
        {
            "text_version": row.text_version, "language": row.language, "at": _iso(row.at),
            "withdrawn_at": _iso(row.withdrawn_at),
        }
        for row in await _own(turn, Consent, Consent.person_id)
    ]  # fmt: skip


async def _engagement(turn: Turn, row: Engagement) -> Facts:
    box = await turn.practice.vault.box(turn.me.id, "shared")
    following = select(Enrolment).where(Enrolment.engagement_id == row.id).order_by(Enrolment.id)
    return {
        "coach": await name_of(turn.practice, await turn.db.get_one(Person, row.coach_id)),
        "state": row.state, "started_at": _iso(row.started_at), "ended_at": _iso(row.ended_at),
        "went_along": row.carried,
        "organisation": _opened(box, "organisation", row), "role": _opened(box, "role", row),
        "promoted_on": row.promoted_on.isoformat() if row.promoted_on else None, "focus": row.focus,
        "less_often": row.lowered,
        "addresses": json.loads(_opened(box, "addresses", row) or "[]"),
        "sessions": [
            {"starts_at": _iso(session.starts_at), "ends_at": _iso(session.ends_at), "state": session.state}
            for session in await enrolments.sessions_of(turn.db, row.id)
        ],
        "sequences": [{"name": e.sequence, "state": e.state} for e in await turn.db.scalars(following) if e.own is None],
    }  # fmt: skip


def _opened(box: Box, name: str, row: Engagement) -> str | None:
    value: bytes | None = getattr(row, name)
    return box.open(f"engagement.{name}", row.id, value) if value else None


async def _answers(turn: Turn) -> list[Facts]:
    answers = await _own(turn, Answer, Answer.leader_id)
    ids = [answer.id for answer in answers]
    parts, voices = await content.parts_of(turn.db, ids), await recordings.of_answers(turn.db, ids)
    sent = await _disclosures(turn, ids)
    return [
        await _answer(turn, answer, parts[answer.id], voices[answer.id]) | {"sent_to_coach": sent[answer.id]}
        for answer in answers
    ]


async def _answer(turn: Turn, answer: Answer, parts: list[AnswerPart], voices: list[recordings.Voice]) -> Facts:
    box = await box_of(turn.practice, answer)
    question = await entries.question_of(turn.practice, turn.db, answer)
    return {
        "id": str(answer.id), "kind": answer.kind, "theme": answer.theme, "sharing": answer.sharing,
        "question": question.ask[turn.me.language] if question else None, "given_at": _iso(answer.given_at),
        "value": json.loads(box.open(content.VALUE, answer.id, answer.value)) if answer.value else None,
        "messages": [
            {
                "at": _iso(part.at), "version": part.version, "message": part.message_id, "part": part.field,
                "forwarded": part.is_forwarded, "text": box.open(content.PART, part.id, part.content),
            }
            for part in parts
        ],
        "voices": [{"file": file_of(voice), "seconds": voice.seconds, "at": _iso(voice.at)} for voice in voices],
    }  # fmt: skip


def file_of(voice: recordings.Voice) -> str:
    """What a voice message is called among the files."""
    return f"voice/{voice.at:%Y-%m-%d_%H%M%S}_{voice.id.hex[-6:]}.ogg"


async def _disclosures(turn: Turn, answer_ids: list[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {answer_id: [] for answer_id in answer_ids}
    query = select(Disclosure).where(Disclosure.answer_id.in_(answer_ids)).order_by(Disclosure.id)
    for row in await turn.db.scalars(query):
        found[row.answer_id].append(row.how)
    return found


def _plan(row: Plan) -> Facts:
    return {
        "answer": str(row.answer_id), "outcome": str(row.outcome_id) if row.outcome_id else None, "state": row.state,
        "cue_at": _iso(row.cue_at), "asked_at": _iso(row.asked_at), "made_at": _iso(row.made_at),
    }  # fmt: skip


@dataclass(frozen=True)
class Written:
    """What a coach wrote about a leader for themselves, or to them."""

    name: str = field(repr=False)
    notes: list[tuple[datetime, str]] = field(repr=False)
    hypotheses: list[str] = field(repr=False)
    questions: list[tuple[datetime, str]] = field(repr=False)


async def written_by_coach(turn: Turn) -> list[Written]:
    """About those they coach now: of others a former coach sees nothing here, their own words included."""
    found = []
    for engagement, leader in await people.led_by(turn.db, turn.me.id) if turn.me.is_coach else []:
        mine = select(Note).where(Note.engagement_id == engagement.id, Note.coach_id == turn.me.id)
        rows = list(await turn.db.scalars(mine.order_by(Note.made_at, Note.id)))
        said = [(row.made_at, await notes.opened(turn.practice, row)) for row in rows]
        supposed = [one.text for one in await blockers.of(turn.practice, turn.db, engagement)]
        own = select(Enrolment).where(Enrolment.engagement_id == engagement.id, Enrolment.own.is_not(None))
        asked = [
            (row.joined_at, (await own_questions.opened(turn.practice, row)).ask)
            for row in await turn.db.scalars(own.order_by(Enrolment.id))
        ]
        if said or supposed or asked:
            found.append(Written(await name_of(turn.practice, leader), said, supposed, asked))
    return found


async def _written(turn: Turn) -> list[Facts]:
    return [
        {
            "name": one.name, "hypotheses": one.hypotheses,
            "notes": [{"made_at": _iso(at), "text": text} for at, text in one.notes],
            "questions": [{"made_at": _iso(at), "text": text} for at, text in one.questions],
        }
        for one in await written_by_coach(turn)
    ]  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A note that a coach sent to this person."""

    about: UUID | None
    sent_at: datetime
    text: str = field(repr=False)


async def notes_from_coach(turn: Turn) -> list[Sent]:
    """What a coach wrote to this person; what they wrote for themselves is theirs to show."""
    if not turn.me.is_leader:
        return []
    query = (
        select(Note, Delivery.sent_at)
        .join(Delivery, Delivery.id == Note.delivery_id)
        .where(Note.leader_id == turn.me.id, Note.kind == notes.REPLY, Delivery.state == State.sent)
        .order_by(Note.made_at, Note.id)
    )
    return [
        Sent(row.answer_id, sent_at, await notes.opened(turn.practice, row))
        for row, sent_at in await turn.db.execute(query) if sent_at is not None
    ]


def _note(row: Sent) -> Facts:
    return {"about_answer": str(row.about), "sent_at": _iso(row.sent_at), "text": row.text}


def _pin(row: Pin) -> Facts:
    return {
        "answer": str(row.answer_id) if row.answer_id else None, "position": row.position, "made_at": _iso(row.made_at),
        "cleared_at": _iso(row.cleared_at),
    }  # fmt: skip


async def _aliases(turn: Turn) -> list[Facts]:
    if not turn.me.is_leader:
        return []
    box = await turn.practice.vault.box(turn.me.id, "private")
    return [
        json.loads(box.open("alias.content", row.id, row.content)) | {"used_at": _iso(row.used_at)}
        for row in await _own(turn, Alias, Alias.leader_id)
    ]


async def _asked(turn: Turn, row: Occurrence) -> Facts:
    said_why = None
    if row.said_why is not None:
        box = await turn.practice.vault.box(turn.me.id, "private")
        said_why = box.open("occurrence.said_why", row.id, row.said_why)
    enrolment = await turn.db.get_one(Enrolment, row.enrolment_id)
    return {
        "sequence": enrolment.sequence, "step": row.step, "due_at": _iso(row.due_at), "asked_at": _iso(row.asked_at),
        "state": row.state, "reason": row.reason, "said_why": said_why,
    }  # fmt: skip
