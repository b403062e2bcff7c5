"""Writes messages into the outbox, in the transaction of what caused them."""

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import outbox
from bot.db.tables import Delivery, Person
from bot.db.types import new_id
from bot.domain.delivery import POLICIES, Kind, Why
from bot.domain.delivery import expires_at as last_moment
from bot.domain.text import Button, Message
from bot.work.practice import Practice, Turn

SHOWN = ":shown"  # ends the key of a reply that holds somebody's words or numbers
_METHODS = {"photo": "sendPhoto", "voice": "sendVoice", "document": "sendDocument"}


@dataclass(frozen=True)
class Attachment:
    """A file on its way out, as the Bot API's field of that name: its bytes, or the recording to open when it is sent."""

    into: str  # photo, voice, document
    name: str
    body: bytes = field(default=b"", repr=False)
    recording_id: UUID | None = None
    seconds: int | None = None


async def send(
    practice: Practice,
    db: AsyncSession,
    to: Person,
    kind: Kind,
    message: Message,
    *,
    key: str,
    now: datetime,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    about: UUID | None = None,
    question_id: UUID | None = None,
    answer_id: UUID | None = None,
    attachment: Attachment | None = None,
) -> Delivery:
    """One message to one person, or a file with the message as its caption.

    `key` names its cause: a second row with the same key is a defect, not a message.
    """
    if to.chat_id is None:
        raise ValueError("a person without a chat cannot be written to")
    due = due_at or now
    row = Delivery(
        id=new_id(), person_id=to.id, about_id=about, chat_id=to.chat_id, lane=POLICIES[kind].lane, kind=kind,
        method=_METHODS[attachment.into] if attachment else "sendMessage", due_at=due,
        dedupe_key=key + SHOWN if kind == Kind.reply and message.protected else key,
        expires_at=expires_at or last_moment(kind, due), question_id=question_id, answer_id=answer_id,
    )  # fmt: skip
    await _fill(practice, row, message, attachment)
    db.add(row)
    return row


async def edit(
    practice: Practice, db: AsyncSession, target: Delivery, message: Message, *, key: str, now: datetime
) -> Delivery | None:
    """Change a message that was sent. An earlier change that has not gone out yet is left out: only the newest shows."""
    if target.message_id is None:
        return None
    earlier = (Delivery.chat_id == target.chat_id, Delivery.target_id == target.id, Delivery.method != "deleteMessage")
    await outbox.cancel(db, Why.overtaken, *earlier)
    row = Delivery(
        id=new_id(), person_id=target.person_id, about_id=target.about_id, chat_id=target.chat_id,
        lane=POLICIES[Kind.edit].lane, kind=Kind.edit, method="editMessageText", due_at=now,
        dedupe_key=key + SHOWN if message.protected else key,
        expires_at=last_moment(Kind.edit, now), target_id=target.id, message_id=target.message_id,
        question_id=target.question_id, answer_id=target.answer_id,
    )  # fmt: skip
    await _fill(practice, row, message)
    db.add(row)
    return row


async def edit_buttons(
    practice: Practice, db: AsyncSession, target: Delivery, rows: Sequence[Sequence[Button]], *, key: str, now: datetime
) -> None:
    """Change what the buttons of a message say, all of them in their order: what they do stays as it was sent."""
    if target.message_id is None:
        return
    row = Delivery(
        id=new_id(), person_id=target.person_id, about_id=target.about_id, chat_id=target.chat_id,
        lane=POLICIES[Kind.edit].lane, kind=Kind.edit, method="editMessageReplyMarkup", dedupe_key=key, due_at=now,
        expires_at=last_moment(Kind.edit, now), target_id=target.id, message_id=target.message_id,
    )  # fmt: skip
    keyboard = _keyboard(Message("", buttons=tuple(map(tuple, rows))), target.nonce)
    box = await practice.vault.box(row.person_id, "shared")
    payload = json.dumps({"reply_markup": {"inline_keyboard": keyboard}}, ensure_ascii=False)
    row.payload = box.seal("delivery.payload", row.id, payload)
    db.add(row)


async def delete(practice: Practice, db: AsyncSession, copy_of: Delivery, message_id: int, now: datetime) -> None:
    """Take a second copy of a message out of its chat again."""
    key = f"copy:{copy_of.id}:{message_id}"
    if await db.scalar(select(Delivery.id).where(Delivery.dedupe_key == key)) is not None:
        return
    row = Delivery(
        id=new_id(), person_id=copy_of.person_id, about_id=copy_of.about_id, chat_id=copy_of.chat_id,
        lane=POLICIES[Kind.edit].lane, kind=Kind.edit, method="deleteMessage", dedupe_key=key, due_at=now,
        expires_at=last_moment(Kind.edit, now), target_id=copy_of.id, message_id=message_id,
    )  # fmt: skip
    box = await practice.vault.box(row.person_id, "shared")
    row.payload = box.seal("delivery.payload", row.id, "{}")
    db.add(row)


async def original(db: AsyncSession, pressed: Delivery) -> Delivery:
    """The message a button stands under; what was pressed may be an edit of it."""
    return pressed if pressed.target_id is None else await db.get_one(Delivery, pressed.target_id)


async def replace(turn: Turn, pressed: Delivery, shown: Message, cause: str) -> None:
    """Show this where the button stood that was pressed in this turn."""
    target = await original(turn.db, pressed)
    await edit(turn.practice, turn.db, target, shown, key=f"{cause}:{turn.update_id}", now=turn.now)


async def shown_by(db: AsyncSession, question_id: UUID) -> Delivery | None:
    """The message that put a question to the leader; the newest, if it was moved and asked again."""
    query = select(Delivery).where(
        Delivery.question_id == question_id, Delivery.kind == Kind.prompt, Delivery.target_id.is_(None)
    )
    return (await db.scalars(query.order_by(Delivery.id.desc()).limit(1))).one_or_none()


async def _fill(practice: Practice, row: Delivery, message: Message, attachment: Attachment | None = None) -> None:
    """Seal the text; the buttons' actions stay readable under the row's nonce, which is all a button carries."""
    buttons = [button for line in message.buttons for button in line if button.url is None]
    if buttons:
        row.nonce = secrets.token_urlsafe(9)
        row.actions = [[str(part) for part in button.action] for button in buttons]
    box = await practice.vault.box(row.person_id, "shared")
    payload = _payload(message, row.nonce)
    if attachment is not None:
        payload = _as_caption(payload) | {"_file": _file(attachment)}
        if attachment.seconds is not None:
            payload["duration"] = attachment.seconds
    row.payload = box.seal("delivery.payload", row.id, json.dumps(payload, ensure_ascii=False))


def _as_caption(payload: dict[str, Any]) -> dict[str, Any]:
    """Beside a file, text is its caption."""
    renamed = {"text": "caption", "entities": "caption_entities"}
    return {renamed.get(name, name): value for name, value in payload.items() if name != "link_preview_options"}


def _file(attachment: Attachment) -> dict[str, str]:
    told = {"field": attachment.into, "name": attachment.name}
    if attachment.recording_id is not None:
        return told | {"recording": str(attachment.recording_id)}
    return told | {"base64": base64.b64encode(attachment.body).decode()}


def _payload(message: Message, nonce: str | None) -> dict[str, Any]:
    payload: dict[str, Any] = {"text": message.text, "link_preview_options": {"is_disabled": True}}
    if message.entities:
        payload["entities"] = [
            {"type": entity.type, "offset": entity.offset, "length": entity.length} for entity in message.entities
        ]
    if message.protected:
        payload["protect_content"] = True
    if message.buttons:
        payload["reply_markup"] = {"inline_keyboard": _keyboard(message, nonce)}
    elif message.placeholder:
        payload["reply_markup"] = {"force_reply": True, "input_field_placeholder": message.placeholder[:64]}
    return payload


def _keyboard(message: Message, nonce: str | None) -> list[list[dict[str, str]]]:
    number = 0
    rows: list[list[dict[str, str]]] = []
    for line in message.buttons:
        rows.append([])
        for button in line:
            rows[-1].append(_button(button, f"{nonce}:{number}"))
            number += button.url is None
    return rows


def _button(button: Button, data: str) -> dict[str, str]:
    return {"text": button.text, "url": button.url} if button.url else {"text": button.text, "callback_data": data}
