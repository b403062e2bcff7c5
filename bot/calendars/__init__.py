"""Calendar files (RFC 5545): those of others are read with care, our own are written."""

from bot.calendars.lines import NotACalendarError, TooManyError
from bot.calendars.reading import read
from bot.calendars.writing import Entry, own_uid, uid_hash, write

__all__ = ["Entry", "NotACalendarError", "TooManyError", "own_uid", "read", "uid_hash", "write"]
