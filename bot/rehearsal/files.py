"""Stored files: pictures, documents and voice, from the bot or from a phone, byte for byte."""

import hashlib
import json
import mimetypes
import struct
from base64 import urlsafe_b64encode
from typing import Any

from bot.rehearsal.store import Row
from bot.rehearsal.world import World

FOLDERS = {"photo": "photos", "document": "documents", "voice": "voice", "audio": "music", "video": "videos",
           "sticker": "stickers", "video_note": "video_notes", "animation": "animations"}  # fmt: skip
DEFAULT_MIME = {"photo": "image/jpeg", "voice": "audio/ogg", "audio": "audio/mpeg", "video": "video/mp4",
                "sticker": "image/webp", "video_note": "video/mp4", "animation": "video/mp4",
                "document": "application/octet-stream"}  # fmt: skip


def keep_file(world: World, kind: str, name: str | None, mime: str | None, body: bytes, **facts: Any) -> Row:
    """Store a file and give it the two ids Telegram gives."""
    number = world.store.next_number("next_file", 1)
    mime = mime or mimetypes.guess_type(name or "")[0] or DEFAULT_MIME[kind]
    ending = _ending(name, mime)
    unique = urlsafe_b64encode(hashlib.sha256(f"{number}".encode() + body).digest()).decode()[:15]
    file_id = f"BQACAgQAAxkBAAI{number:06d}{unique}"
    size = picture_size(body)
    if size and kind in ("photo", "sticker"):
        facts = {"width": size[0], "height": size[1], **facts}
    world.store.run(
        "INSERT INTO file (file_id, unique_id, path, kind, name, mime, size, facts, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        file_id, f"AgAD{unique[:11]}", f"{FOLDERS[kind]}/file_{number}{ending}", kind, name, mime, len(body),
        json.dumps(facts), body,
    )  # fmt: skip
    row = find_file(world, file_id)
    assert row is not None
    return row


def _ending(name: str | None, mime: str) -> str:
    if name and "." in name:
        ending = "." + name.rsplit(".", 1)[1]
        if ending[1:].isascii() and ending[1:].isalnum() and len(ending) <= 9:
            return ending
    return {"image/jpeg": ".jpg", "audio/ogg": ".oga"}.get(mime) or mimetypes.guess_extension(mime) or ""


def find_file(world: World, file_id: str) -> Row | None:
    return world.store.one("SELECT * FROM file WHERE file_id = ?", file_id)


def file_at(world: World, path: str) -> Row | None:
    return world.store.one("SELECT * FROM file WHERE path = ?", path)


def as_content(row: Row) -> dict[str, Any]:
    """The file as the field of a Message: `{"photo": [...]}`, `{"voice": {...}}`, ..."""
    kind, facts = row["kind"], json.loads(row["facts"])
    basis = {"file_id": row["file_id"], "file_unique_id": row["unique_id"], "file_size": row["size"]}
    width, height = facts.get("width", 512), facts.get("height", 512)
    if kind == "photo":
        return {"photo": [{**basis, "width": width, "height": height}]}
    if kind == "sticker":
        looks = {"type": "regular", "width": width, "height": height, "is_animated": False, "is_video": False}
        return {"sticker": {**basis, **looks, "emoji": facts.get("emoji", "🙂")}}
    if kind == "video_note":
        return {"video_note": {**basis, "length": width, "duration": int(facts.get("duration", 3))}}
    basis["mime_type"] = row["mime"]
    if kind in ("document", "audio", "video", "animation") and row["name"]:
        basis["file_name"] = row["name"]
    plain = dict(basis)
    if kind in ("voice", "audio", "video", "animation"):
        basis["duration"] = int(facts.get("duration", 3))
    if kind in ("video", "animation"):
        basis |= {"width": width, "height": height}
    return {kind: basis} | ({"document": plain} if kind == "animation" else {})  # as Telegram still does it


def picture_size(body: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF, WebP (lossy) or JPEG; None when it is no picture."""
    if body[:8] == b"\x89PNG\r\n\x1a\n" and len(body) >= 24:
        width, height = struct.unpack(">II", body[16:24])
        return int(width), int(height)
    if body[:6] in (b"GIF87a", b"GIF89a") and len(body) >= 10:
        width, height = struct.unpack("<HH", body[6:10])
        return int(width), int(height)
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return (512, 512)
    return _jpeg_size(body) if body[:2] == b"\xff\xd8" else None


def _jpeg_size(body: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(body) and body[at] == 0xFF:
        marker, length = body[at + 1], int.from_bytes(body[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", body[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + length
    return None
