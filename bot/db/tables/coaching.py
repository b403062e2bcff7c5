"""Who coaches whom, when they meet."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import Base, key, to


class Engagement(Base):
    """One coach working with one leader. `state`: active, ended."""

    __tablename__ = "engagement"

    id: Mapped[UUID] = key()
    leader_id: Mapped[UUID] = to("person")
    coach_id: Mapped[UUID] = to("person")
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

    id: Mapped[UUID] = key()
    engagement_id: Mapped[UUID] = to("engagement")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="planned")
    brief_due_at: Mapped[datetime | None] = mapped_column(index=True)
    brief_cut_at: Mapped[datetime | None]
    made_at: Mapped[datetime]

    __table_args__ = (Index("ix_session_state_ends_at", "state", "ends_at"),)
