"""Interlude: a Telegram bot that keeps coaching alive between sessions."""
