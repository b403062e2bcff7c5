"""What goes out and what comes in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import Base, key, to
from bot.db.types import new_id


class Digest(Base):
    """A coach's week: which answers it covers is written on the answers; its text exists only on its way out."""

    __tablename__ = "digest"

    id: Mapped[UUID] = key()
    coach_id: Mapped[UUID] = to("person", index=False)
    due_at: Mapped[datetime]
    cut_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("coach_id", "due_at"),)


class Delivery(Base):
    """One outgoing message or edit: a row in the outbox. States as in `bot.domain.delivery`."""

    __tablename__ = "delivery"

    id: Mapped[UUID] = key()
    person_id: Mapped[UUID] = to("person")
    about_id: Mapped[UUID | None] = to("person")  # the leader whose content a brief or digest carries
    chat_id: Mapped[int] = mapped_column(BigInteger)
    lane: Mapped[int]  # 0 a reply to a person, 1 everything else
    kind: Mapped[str]
    method: Mapped[str]
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    state: Mapped[str] = mapped_column(default="pending")
    reason: Mapped[str | None]  # why it waits, or why it ended so
    is_copy: Mapped[bool] = mapped_column(default=False)  # it goes out again and says so: the first one may have arrived
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    watermark: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]  # of a digest: the coach has marked it as read
    payload: Mapped[bytes | None]
    target_id: Mapped[UUID | None] = to("delivery", index=False)  # the message an edit changes
    question_id: Mapped[UUID | None] = to("asked_question")
    answer_id: Mapped[UUID | None] = to("answer")
    nonce: Mapped[str | None] = mapped_column(String(16), unique=True)
    actions: Mapped[list[Any]] = mapped_column(default=list)  # [[action, argument, ...], ...] of its buttons, in order

    __table_args__ = (
        Index("ix_delivery_state_lane_due_at", "state", "lane", "due_at"),
        Index("ix_delivery_chat_id_state", "chat_id", "state"),
        Index("ix_delivery_chat_id_message_id", "chat_id", "message_id"),
        Index("ix_delivery_state_lease_until", "state", "lease_until"),
        Index("ix_delivery_message_id", "message_id"),  # the highest one is asked for at every start
    )


class Inbound(Base):
    """One raw update, stored before anything else happens. `state`: waiting, done, quarantined."""

    __tablename__ = "inbound"

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(unique=True, default=new_id)
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    callback_query_id: Mapped[str | None] = mapped_column(unique=True)
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    attempt: Mapped[int] = mapped_column(default=0)
    body: Mapped[bytes | None]

    __table_args__ = (Index("ix_inbound_state_update_id", "state", "update_id"),)


class Disclosure(Base):
    """That an answer's words went to the coach in a message. `how`: brief, digest, opened (the coach asked for it)."""

    __tablename__ = "disclosure"

    id: Mapped[UUID] = key()
    answer_id: Mapped[UUID] = to("answer")
    delivery_id: Mapped[UUID] = to("delivery")
    how: Mapped[str] = mapped_column(String(8))


class Lease(Base):
    """Who of several processes does what only one may do: fetch updates, or hand out messages, for one bot.

    `fence` grows with every holder, so that a late write of an earlier one is told apart.
    """

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    fence: Mapped[int]
    until: Mapped[datetime]
