"""Interlude: a Telegram bot that keeps coaching alive between sessions."""

import zoneinfo

# One set of time zones on every machine: the bundled one. The system's may be years old.
zoneinfo.reset_tzpath(to=())
