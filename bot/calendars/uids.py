"""How events are called: by the hash of their UID, so that nothing of a calendar's own is kept."""

import hashlib
import re
from datetime import UTC, datetime
from uuid import UUID

_SPLIT = re.compile(r"_R([0-9]{8})(?:T([0-9]{6}))?(?=@google\.com$)")
_OURS = "@interlude.invalid"


def own_uid(session_id: UUID) -> str:
    """The UID under which a session of ours is in other calendars."""
    return f"{session_id}{_OURS}"


def uid_hash(uid: str) -> str:
    """Google gives a series another UID from the day on that "this and following" was changed: it stays the same here."""
    return hashlib.sha256(_SPLIT.sub("", uid.strip()).encode("utf-8", "replace")).hexdigest()


def split_on(uid: str) -> datetime | None:
    """From when on an event that Google has split says anything: the day before, to be right in every zone."""
    found = _SPLIT.search(uid.strip())
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
