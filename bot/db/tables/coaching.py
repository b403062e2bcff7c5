"""Who coaches whom, when they meet."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import Base, key, to


class Engagement(Base):
    """One coach working with one leader. `state`: active, ended.

    `carried`: what of an earlier engagement (`previous_id`) its leader let go along: words, ratings, nothing; empty while
    undecided.
    """

    __tablename__ = "engagement"

    id: Mapped[UUID] = key()
    leader_id: Mapped[UUID] = to("person")
    coach_id: Mapped[UUID] = to("person")
    state: Mapped[str] = mapped_column(default="active")
    organisation: Mapped[bytes | None]
    role: Mapped[bytes | None]
    promoted_on: Mapped[date | None]
    focus: Mapped[list[Any]] = mapped_column(default=list)  # themes that come more often
    lowered: Mapped[list[Any]] = mapped_column(default=list)  # themes that come less often
    tags: Mapped[bytes | None]  # hypotheses from before there were blockers, a word or two each
    addresses: Mapped[bytes | None]  # how calendars call the leader
    agreed_sessions: Mapped[int] = mapped_column(default=6)  # after so many the coach is asked how to go on
    is_open_ended: Mapped[bool] = mapped_column(default=False)
    look_at: Mapped[datetime | None] = mapped_column(index=True)  # when to see whether a next session is planned
    previous_id: Mapped[UUID | None] = to("engagement", index=False)
    carried: Mapped[str | None] = mapped_column(String(8))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Session(Base):
    """One coaching meeting. `state`: planned, held, cancelled. `brief_due_at` is empty once its brief is written."""

    __tablename__ = "session"

    id: Mapped[UUID] = key()
    engagement_id: Mapped[UUID] = to("engagement")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="planned")
    brief_due_at: Mapped[datetime | None] = mapped_column(index=True)
    brief_cut_at: Mapped[datetime | None]
    agenda_due_at: Mapped[datetime | None] = mapped_column(index=True)  # when to show the coach what the leader brings
    calendar_uid: Mapped[str | None] = mapped_column(index=True)  # SHA-256 of the event it was taken from
    calendar_slot: Mapped[str | None]  # which recurrence of it: the start it first had, UTC
    revision: Mapped[int] = mapped_column(default=0)  # how often it was changed: the event's own count, or ours
    revised_at: Mapped[datetime | None]  # when it last was, by the event's own account or here
    made_at: Mapped[datetime]

    __table_args__ = (Index("ix_session_state_ends_at", "state", "ends_at"),)


class CalendarFile(Base):
    """A calendar file of which the coach has yet to say whose sessions it holds; sealed with the coach's key."""

    __tablename__ = "calendar_file"

    id: Mapped[UUID] = key()
    coach_id: Mapped[UUID] = to("person")
    content: Mapped[bytes]
    made_at: Mapped[datetime]


class Note(Base):
    """What a coach wrote about a leader. `kind`: own (the coach's eyes only), reply (sent to the leader), draft (it is being
    asked which words it is about).

    Sealed with the leader's shared key, so that it goes when the leader's keys go.
    """

    __tablename__ = "note"

    id: Mapped[UUID] = key()
    engagement_id: Mapped[UUID] = to("engagement")
    leader_id: Mapped[UUID] = to("person")
    coach_id: Mapped[UUID] = to("person")
    kind: Mapped[str]
    answer_id: Mapped[UUID | None] = to("answer")  # the words it is about
    delivery_id: Mapped[UUID | None] = to("delivery")  # of a reply: the message that took it to the leader
    content: Mapped[bytes]
    made_at: Mapped[datetime]


class Blocker(Base):
    """A coach's hypothesis about what holds a leader back, with the tags that select steps. `state`: open, closed."""

    __tablename__ = "blocker"

    id: Mapped[UUID] = key()
    engagement_id: Mapped[UUID] = to("engagement")
    leader_id: Mapped[UUID] = to("person")
    state: Mapped[str] = mapped_column(default="open")
    content: Mapped[bytes]  # its words and tags, sealed with the leader's shared key
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Evidence(Base):
    """Words of a leader that speak for a hypothesis, or against it."""

    __tablename__ = "evidence"

    id: Mapped[UUID] = key()
    blocker_id: Mapped[UUID] = to("blocker")
    answer_id: Mapped[UUID] = to("answer")
    is_for: Mapped[bool]
    made_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("blocker_id", "answer_id"),)
