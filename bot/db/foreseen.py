"""What a machine or a server does to a command, as a sentence: no traceback reaches a person."""

import sqlite3

from sqlalchemy.exc import ArgumentError, DBAPIError

from bot.db.engine import is_away
from bot.errors import InterludeError

_ADDRESSES = "INTERLUDE_DATABASE_URL and INTERLUDE_KEYSTORE_URL"


def explained(error: Exception) -> InterludeError | None:
    """None when nobody foresaw it: then the log has the places it came from."""
    cause = getattr(error, "orig", None) or error
    what = f"{type(cause).__name__}: {cause}".rstrip(": ")
    if isinstance(error, OSError) and error.filename is not None:
        return InterludeError(
            f"{error.filename}: {error.strerror}. Check that it may be read and written by this user, and the disk's room."
        )
    if isinstance(error, ArgumentError):
        return InterludeError(f"An address of a database cannot be read. Check {_ADDRESSES}.")
    if isinstance(error, TypeError) and "connect() got an unexpected keyword argument" in str(error):  # the driver's
        option = str(error).rpartition(" ")[2]
        return InterludeError(f"An address of a database has an option that is not known: {option}. Check {_ADDRESSES}.")
    is_file = isinstance(cause, sqlite3.Error)  # full, locked, read-only, broken, no database at all
    is_server = type(cause).__module__.startswith("asyncpg.")  # no such user, password or database
    if (isinstance(error, DBAPIError | OSError) and is_away(error)) or is_server or is_file:
        return InterludeError(f"The database or the key store cannot be used ({what}). Check {_ADDRESSES}.")
    return None
