"""The tables. Ids, times and states are plain; every `LargeBinary` column is sealed content (`bot.vault`)."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, MetaData, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.db.types import UtcDateTime, new_id

Actions = list[list[Any]]
"""What the buttons of a message do, in their order: `[[action, argument, ...], ...]`; ids and keys, never content."""


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's own way of configuring
        datetime: UtcDateTime,
        bytes: LargeBinary,
        str: String(64),
        UUID: Uuid,
        list[Any]: JSON,
        dict[str, Any]: JSON,
    }


def _key() -> Mapped[UUID]:
    return mapped_column(primary_key=True, default=new_id)


def _to(table: str, *, index: bool = True) -> Any:
    return mapped_column(ForeignKey(f"{table}.id"), index=index)


class Person(Base):
    """Somebody the bot knows. `state`: active, unreachable, left, erased."""

    __tablename__ = "person"

    id: Mapped[UUID] = _key()
    telegram_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[bytes | None]
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(default="active")
    is_leader: Mapped[bool] = mapped_column(default=False)
    is_coach: Mapped[bool] = mapped_column(default=False, index=True)
    is_admin: Mapped[bool] = mapped_column(default=False)
    joined_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    # when this person may be reached; Monday is 0
    zone: Mapped[str] = mapped_column(default="Europe/London")
    country: Mapped[str | None] = mapped_column(String(2))
    subdivision: Mapped[str | None] = mapped_column(String(8))
    window_start: Mapped[time] = mapped_column(default=time(8))
    window_end: Mapped[time] = mapped_column(default=time(19))
    work_days: Mapped[str] = mapped_column(String(7), default="01234")
    usual_at: Mapped[time] = mapped_column(default=time(17, 30))  # for steps with no time of their own
    paused_until: Mapped[datetime | None] = mapped_column(index=True)
    # a leader's own way of answering
    default_sharing: Mapped[str] = mapped_column(String(8), default="words")
    acknowledged: Mapped[int] = mapped_column(default=0)  # how often: the next sentence is another one
    snoozes: Mapped[int] = mapped_column(default=0)  # how often a prompt was moved
    was_asked_hours: Mapped[bool] = mapped_column(default=False)  # whether another hour suits better
    # a coach's own rhythm
    digest_day: Mapped[int] = mapped_column(default=0)
    digest_at: Mapped[time] = mapped_column(default=time(8, 30))
    next_digest_at: Mapped[datetime | None] = mapped_column(index=True)
    brief_minutes: Mapped[int] = mapped_column(default=120)


class Consent(Base):
    """That a person agreed to a version of the text about who reads what, in a language."""

    __tablename__ = "consent"

    id: Mapped[UUID] = _key()
    person_id: Mapped[UUID] = _to("person")
    text_version: Mapped[str]
    language: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Invite(Base):
    """A single-use way in. Only the hash of its token is kept; the name is sealed with the practice's key."""

    __tablename__ = "invite"

    id: Mapped[UUID] = _key()
    token_hash: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    name: Mapped[bytes | None]
    inviter_id: Mapped[UUID | None] = _to("person", index=False)
    coach_id: Mapped[UUID | None] = _to("person", index=False)
    person_id: Mapped[UUID | None] = _to("person", index=False)  # somebody known, who moves to another account
    sequences: Mapped[list[Any]] = mapped_column(default=list)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Engagement(Base):
    """One coach working with one leader. `state`: active, ended."""

    __tablename__ = "engagement"

    id: Mapped[UUID] = _key()
    leader_id: Mapped[UUID] = _to("person")
    coach_id: Mapped[UUID] = _to("person")
    state: Mapped[str] = mapped_column(default="active")
    organisation: Mapped[bytes | None]
    role: Mapped[bytes | None]
    promoted_on: Mapped[date | None]
    focus: Mapped[list[Any]] = mapped_column(default=list)
    tags: Mapped[bytes | None]  # the coach's hypotheses about what holds the leader back, a word or two each
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Session(Base):
    """One coaching meeting. `state`: planned, held, cancelled. `brief_due_at` is empty once its brief is written."""

    __tablename__ = "session"

    id: Mapped[UUID] = _key()
    engagement_id: Mapped[UUID] = _to("engagement")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="planned")
    brief_due_at: Mapped[datetime | None] = mapped_column(index=True)
    brief_cut_at: Mapped[datetime | None]
    made_at: Mapped[datetime]

    __table_args__ = (Index("ix_session_state_ends_at", "state", "ends_at"),)


class SequenceVersion(Base):
    """One text of a sequence that was ever in force. `origin`: file, published. `state`: kept, withdrawn."""

    __tablename__ = "sequence_version"

    id: Mapped[UUID] = _key()
    name: Mapped[str]
    number: Mapped[int]
    content_hash: Mapped[str]
    source: Mapped[str] = mapped_column(Text)
    origin: Mapped[str]
    state: Mapped[str] = mapped_column(default="kept")
    made_by: Mapped[UUID | None] = _to("person", index=False)
    made_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("name", "number"),)


class Draft(Base):
    """A sequence file that an admin sent and has not yet published or discarded."""

    __tablename__ = "draft"

    id: Mapped[UUID] = _key()
    person_id: Mapped[UUID] = _to("person")
    name: Mapped[str]
    source: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


class Enrolment(Base):
    """An engagement following one version of one sequence. `state`: active, ended."""

    __tablename__ = "enrolment"

    id: Mapped[UUID] = _key()
    engagement_id: Mapped[UUID] = _to("engagement")
    leader_id: Mapped[UUID] = _to("person")
    sequence_version_id: Mapped[UUID] = _to("sequence_version")
    sequence: Mapped[str]
    state: Mapped[str] = mapped_column(default="active")
    joined_at: Mapped[datetime]
    next_due_at: Mapped[datetime | None] = mapped_column(index=True)


class Occurrence(Base):
    """A step that fell due at one anchor. States as in `bot.domain.delivery`; it exists once."""

    __tablename__ = "occurrence"

    id: Mapped[UUID] = _key()
    enrolment_id: Mapped[UUID] = _to("enrolment", index=False)
    leader_id: Mapped[UUID] = _to("person", index=False)
    step: Mapped[str]
    anchor: Mapped[str]
    due_at: Mapped[datetime]
    until: Mapped[datetime]
    state: Mapped[str]
    reason: Mapped[str | None]
    asked_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]  # while asked: when it counts as missed
    look_at: Mapped[datetime | None] = mapped_column(index=True)  # while waiting or asked: when to look at it again
    snoozed_until: Mapped[datetime | None]  # while asked: when it is shown again
    is_short: Mapped[bool] = mapped_column(default=False)  # after two misses: only what one tap answers
    said_why: Mapped[bytes | None]  # why it was left unanswered, as the leader tapped it

    __table_args__ = (
        UniqueConstraint("enrolment_id", "step", "anchor"),
        Index("ix_occurrence_leader_id_state", "leader_id", "state"),
    )


class AskedQuestion(Base):
    """One question of an occurrence that was put to the leader. `state`: open, answered, skipped, closed."""

    __tablename__ = "asked_question"

    id: Mapped[UUID] = _key()
    occurrence_id: Mapped[UUID] = _to("occurrence")
    leader_id: Mapped[UUID] = _to("person", index=False)
    key: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    asked_at: Mapped[datetime]
    chosen: Mapped[bytes | None]  # several choices: what is ticked so far, until it is stored as the answer

    __table_args__ = (Index("ix_asked_question_leader_id_state", "leader_id", "state"),)


class Answer(Base):
    """What a leader said to one question, or unasked. `kind`: answer, moment, win, wobble, boundary, peer, plan, outcome.
    Sealed by its sharing level."""

    __tablename__ = "answer"

    id: Mapped[UUID] = _key()
    leader_id: Mapped[UUID] = _to("person", index=False)
    engagement_id: Mapped[UUID] = _to("engagement")
    question_id: Mapped[UUID | None] = mapped_column(ForeignKey("asked_question.id"), unique=True)
    kind: Mapped[str]
    theme: Mapped[str]
    sharing: Mapped[str]
    value: Mapped[bytes | None]  # what was tapped, a number, a plan, an alias; the words are in the parts
    given_at: Mapped[datetime]
    shared_at: Mapped[datetime]  # since when it stands as it is shared: when given, or when opened up later
    last_bubble_at: Mapped[datetime]
    sent_to_coach_at: Mapped[datetime | None]
    digest_id: Mapped[UUID | None] = _to("digest")
    is_complete: Mapped[bool] = mapped_column(default=False)  # something else came up: no further bubbles

    __table_args__ = (Index("ix_answer_leader_id_given_at", "leader_id", "given_at"),)


class AnswerPart(Base):
    """One bubble of an answer in one version: an edit adds a version."""

    __tablename__ = "answer_part"

    id: Mapped[UUID] = _key()
    answer_id: Mapped[UUID] = _to("answer")
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int]
    content: Mapped[bytes]
    at: Mapped[datetime]
    field: Mapped[str | None] = mapped_column(String(16))  # which part of a longer moment: facts, story, ...
    is_forwarded: Mapped[bool] = mapped_column(default=False)  # somebody else's words; whose is not kept

    __table_args__ = (UniqueConstraint("chat_id", "message_id", "version"),)


class Recording(Base):
    """A voice message that is a bubble of an answer; sealed like its words."""

    __tablename__ = "recording"

    id: Mapped[UUID] = _key()
    part_id: Mapped[UUID] = mapped_column(ForeignKey("answer_part.id"), unique=True)
    content: Mapped[bytes]
    mime: Mapped[str]
    seconds: Mapped[int]


class Pin(Base):
    """Something a leader brings to the session: an answer, or just a prompt they would rather talk about.

    `cleared_at`: taken off the agenda, by the leader or because its session was held.
    """

    __tablename__ = "pin"

    id: Mapped[UUID] = _key()
    leader_id: Mapped[UUID] = _to("person", index=False)
    engagement_id: Mapped[UUID] = _to("engagement", index=False)
    answer_id: Mapped[UUID | None] = _to("answer")
    occurrence_id: Mapped[UUID | None] = _to("occurrence")
    position: Mapped[int]
    made_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_pin_leader_id_cleared_at", "leader_id", "cleared_at"),)


class Plan(Base):
    """An if-then plan; its words are the value of its answer. `state`: drafting, open, due (its moment came while
    another question was open), asked, told (how it went is the sealed value of its outcome), dropped, missed."""

    __tablename__ = "plan"

    id: Mapped[UUID] = _key()
    leader_id: Mapped[UUID] = _to("person", index=False)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"), unique=True)
    outcome_id: Mapped[UUID | None] = _to("answer")  # what was said about how it went
    state: Mapped[str] = mapped_column(default="drafting")
    cue_at: Mapped[datetime | None]  # when its moment comes, as far as the leader said
    asked_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None] = mapped_column(index=True)
    made_at: Mapped[datetime]

    __table_args__ = (Index("ix_plan_leader_id_state", "leader_id", "state"),)


class Alias(Base):
    """Whom a leader writes about: an alias and an emoji, never a name."""

    __tablename__ = "alias"

    id: Mapped[UUID] = _key()
    leader_id: Mapped[UUID] = _to("person")
    content: Mapped[bytes]
    used_at: Mapped[datetime]


class Disclosure(Base):
    """That an answer's words went to the coach in a message. `how`: brief, digest, opened (the coach asked for it)."""

    __tablename__ = "disclosure"

    id: Mapped[UUID] = _key()
    answer_id: Mapped[UUID] = _to("answer")
    delivery_id: Mapped[UUID] = _to("delivery")
    how: Mapped[str] = mapped_column(String(8))


class Digest(Base):
    """A coach's week: which answers it covers is written on the answers; its text exists only on its way out."""

    __tablename__ = "digest"

    id: Mapped[UUID] = _key()
    coach_id: Mapped[UUID] = _to("person", index=False)
    due_at: Mapped[datetime]
    cut_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("coach_id", "due_at"),)


class Delivery(Base):
    """One outgoing message or edit: a row in the outbox. States as in `bot.domain.delivery`."""

    __tablename__ = "delivery"

    id: Mapped[UUID] = _key()
    person_id: Mapped[UUID] = _to("person")
    about_id: Mapped[UUID | None] = _to("person")  # the leader whose content a brief or digest carries
    chat_id: Mapped[int] = mapped_column(BigInteger)
    lane: Mapped[int]  # 0 a reply to a person, 1 everything else
    kind: Mapped[str]
    method: Mapped[str]
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    state: Mapped[str] = mapped_column(default="pending")
    reason: Mapped[str | None]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    watermark: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    sent_at: Mapped[datetime | None]
    payload: Mapped[bytes | None]
    target_id: Mapped[UUID | None] = _to("delivery", index=False)  # the message an edit changes
    question_id: Mapped[UUID | None] = _to("asked_question")
    answer_id: Mapped[UUID | None] = _to("answer")
    nonce: Mapped[str | None] = mapped_column(String(16), unique=True)
    actions: Mapped[list[Any]] = mapped_column(default=list)

    __table_args__ = (
        Index("ix_delivery_state_lane_due_at", "state", "lane", "due_at"),
        Index("ix_delivery_chat_id_state", "chat_id", "state"),
        Index("ix_delivery_chat_id_message_id", "chat_id", "message_id"),
        Index("ix_delivery_state_lease_until", "state", "lease_until"),
    )


class Inbound(Base):
    """One raw update, stored before anything else happens. `state`: waiting, done, quarantined."""

    __tablename__ = "inbound"

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(unique=True, default=new_id)
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    callback_query_id: Mapped[str | None] = mapped_column(unique=True)
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    attempt: Mapped[int] = mapped_column(default=0)
    body: Mapped[bytes | None]

    __table_args__ = (Index("ix_inbound_state_update_id", "state", "update_id"),)


class Expecting(Base):
    """What the next words of a person mean, when the bot has asked them for something other than an answer."""

    __tablename__ = "expecting"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    what: Mapped[str]
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    until: Mapped[datetime]


class Audit(Base):
    """Who did what to whom, without content."""

    __tablename__ = "audit"

    id: Mapped[UUID] = _key()
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_id: Mapped[UUID | None] = mapped_column(index=True)


class Marker(Base):
    """A single fact about this deployment: the key store it belongs to, the last tick, the highest message id."""

    __tablename__ = "marker"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime]
