"""Sequences, who follows them, and what was asked of whom."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import Base, key, to


class SequenceVersion(Base):
    """One text of a sequence that was ever in force. `origin`: file, published. `state`: kept, withdrawn."""

    __tablename__ = "sequence_version"

    id: Mapped[UUID] = key()
    name: Mapped[str]
    number: Mapped[int]
    content_hash: Mapped[str]
    source: Mapped[str] = mapped_column(Text)
    origin: Mapped[str]
    state: Mapped[str] = mapped_column(default="kept")
    made_by: Mapped[UUID | None] = to("person", index=False)
    made_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("name", "number"),)


class Draft(Base):
    """A sequence file that an admin sent and has not yet published or discarded."""

    __tablename__ = "draft"

    id: Mapped[UUID] = key()
    person_id: Mapped[UUID] = to("person")
    name: Mapped[str]
    source: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


class Enrolment(Base):
    """An engagement following one version of one sequence, or a coach's own question. `state`: active, paused, ended;
    draft (a question that its coach has not sent off)."""

    __tablename__ = "enrolment"

    id: Mapped[UUID] = key()
    engagement_id: Mapped[UUID] = to("engagement")
    leader_id: Mapped[UUID] = to("person")
    sequence_version_id: Mapped[UUID | None] = to("sequence_version")
    own: Mapped[bytes | None]  # a coach's own question: a sequence of one step, sealed with the leader's shared key
    sequence: Mapped[str]
    state: Mapped[str] = mapped_column(default="active")
    joined_at: Mapped[datetime]
    next_due_at: Mapped[datetime | None] = mapped_column(index=True)


class Occurrence(Base):
    """A step that fell due at one anchor. States as in `bot.domain.delivery`; it exists once."""

    __tablename__ = "occurrence"

    id: Mapped[UUID] = key()
    enrolment_id: Mapped[UUID] = to("enrolment", index=False)
    leader_id: Mapped[UUID] = to("person", index=False)
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

    id: Mapped[UUID] = key()
    occurrence_id: Mapped[UUID] = to("occurrence")
    leader_id: Mapped[UUID] = to("person", index=False)
    key: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    asked_at: Mapped[datetime]
    chosen: Mapped[bytes | None]  # several choices: what is ticked so far, until it is stored as the answer

    __table_args__ = (Index("ix_asked_question_leader_id_state", "leader_id", "state"),)
