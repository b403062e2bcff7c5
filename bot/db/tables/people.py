"""People, what they agreed to, and what is known of the deployment."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import Base, key, to


class Person(Base):
    """Somebody the bot knows. `state`: active, unreachable, left, erased."""

    __tablename__ = "person"

    id: Mapped[UUID] = key()
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
    aside_at: Mapped[datetime | None]  # when something was last said to them that no row of the outbox knows of
    # a coach's own rhythm
    digest_day: Mapped[int] = mapped_column(default=0)
    digest_at: Mapped[time] = mapped_column(default=time(8, 30))
    next_digest_at: Mapped[datetime | None] = mapped_column(index=True)
    brief_minutes: Mapped[int] = mapped_column(default=120)
    agenda_minutes: Mapped[int] = mapped_column(default=1440)  # before a session: what the leader brings


class Consent(Base):
    """That a person agreed to a version of the text about who reads what, in a language."""

    __tablename__ = "consent"

    id: Mapped[UUID] = key()
    person_id: Mapped[UUID] = to("person")
    text_version: Mapped[str]
    language: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Invite(Base):
    """A single-use way in. Only the hash of its token is kept; the name is sealed with the practice's key."""

    __tablename__ = "invite"

    id: Mapped[UUID] = key()
    token_hash: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    name: Mapped[bytes | None]
    inviter_id: Mapped[UUID | None] = to("person", index=False)
    coach_id: Mapped[UUID | None] = to("person", index=False)
    person_id: Mapped[UUID | None] = to("person", index=False)  # somebody known, who moves to another account
    sequences: Mapped[list[Any]] = mapped_column(default=list)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


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

    id: Mapped[UUID] = key()
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
