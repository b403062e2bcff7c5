"""What leaders say."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import Base, key, to


class Answer(Base):
    """What a leader said to one question, or unasked. `kind`: answer, moment, win, wobble, boundary, peer, plan, outcome,
    reply (to a note from the coach).
    Sealed by its sharing level."""

    __tablename__ = "answer"

    id: Mapped[UUID] = key()
    leader_id: Mapped[UUID] = to("person", index=False)
    engagement_id: Mapped[UUID] = to("engagement")
    question_id: Mapped[UUID | None] = mapped_column(ForeignKey("asked_question.id"), unique=True)
    kind: Mapped[str]
    theme: Mapped[str]
    sharing: Mapped[str]
    value: Mapped[bytes | None]  # what was tapped, a number, a plan, an alias; the words are in the parts
    given_at: Mapped[datetime]
    shared_at: Mapped[datetime]  # since when it stands as it is shared: when kept, or when opened up later
    last_bubble_at: Mapped[datetime]
    sent_to_coach_at: Mapped[datetime | None]
    digest_id: Mapped[UUID | None] = to("digest")
    is_complete: Mapped[bool] = mapped_column(default=False)  # something else came up: no further bubbles

    __table_args__ = (Index("ix_answer_leader_id_given_at", "leader_id", "given_at"),)


class AnswerPart(Base):
    """One bubble of an answer in one version: an edit adds a version."""

    __tablename__ = "answer_part"

    id: Mapped[UUID] = key()
    answer_id: Mapped[UUID] = to("answer")
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

    id: Mapped[UUID] = key()
    part_id: Mapped[UUID] = mapped_column(ForeignKey("answer_part.id"), unique=True)
    content: Mapped[bytes]
    mime: Mapped[str]
    seconds: Mapped[int]


class Pin(Base):
    """Something a leader brings to the session: an answer, or just a prompt they would rather talk about.

    `cleared_at`: taken off the agenda, by the leader or because its session was held.
    """

    __tablename__ = "pin"

    id: Mapped[UUID] = key()
    leader_id: Mapped[UUID] = to("person", index=False)
    engagement_id: Mapped[UUID] = to("engagement", index=False)
    answer_id: Mapped[UUID | None] = to("answer")
    occurrence_id: Mapped[UUID | None] = to("occurrence")
    position: Mapped[int]
    made_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_pin_leader_id_cleared_at", "leader_id", "cleared_at"),)


class Plan(Base):
    """An if-then plan; its words are the value of its answer. `state`: drafting, open, due (its moment came while
    another question was open), asked, told (how it went is the sealed value of its outcome), dropped, missed."""

    __tablename__ = "plan"

    id: Mapped[UUID] = key()
    leader_id: Mapped[UUID] = to("person", index=False)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"), unique=True)
    outcome_id: Mapped[UUID | None] = to("answer")  # what was said about how it went
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

    id: Mapped[UUID] = key()
    leader_id: Mapped[UUID] = to("person")
    content: Mapped[bytes]
    used_at: Mapped[datetime]
