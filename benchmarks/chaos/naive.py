"""What others do, as small as it can be written: an outbox in either of the naive orders, and stock polling."""

import json
import os
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable


def _outbox() -> sqlite3.Connection:
    db = sqlite3.connect(os.environ["OUTBOX"], isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    return db


def _send(text: str) -> None:
    body = json.dumps({"chat_id": int(os.environ["CHAT"]), "text": text}).encode()
    request = urllib.request.Request(os.environ["SEND_URL"], body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as reply:
        json.loads(reply.read())["result"]["message_id"]


def _drain(one: Callable[[sqlite3.Connection, int, str], None]) -> None:
    db = _outbox()
    while row := db.execute("SELECT id, text FROM outbox WHERE state = 'pending' ORDER BY id LIMIT 1").fetchone():
        one(db, *row)


def mark_first() -> None:
    """Never twice, they say: the row is marked, then the message is sent; a clear refusal puts it back."""

    def one(db: sqlite3.Connection, number: int, text: str) -> None:
        db.execute("UPDATE outbox SET state = 'sent' WHERE id = ?", (number,))
        try:
            _send(text)
        except urllib.error.HTTPError as error:
            if error.code in (401, 429):
                db.execute("UPDATE outbox SET state = 'pending' WHERE id = ?", (number,))
                time.sleep(0.05)
            elif error.code in (400, 403):
                db.execute("UPDATE outbox SET state = 'refused' WHERE id = ?", (number,))
        except (OSError, ValueError):  # nobody knows: never twice
            pass

    _drain(one)


def send_first() -> None:
    """Never lost, they say: the message is sent, then the row is marked; whatever fails is sent again."""

    def one(db: sqlite3.Connection, number: int, text: str) -> None:
        state = "sent"
        try:
            _send(text)
        except urllib.error.HTTPError as error:
            if error.code not in (400, 403):
                time.sleep(0.05)
                return
            state = "refused"
        except (OSError, ValueError):
            time.sleep(0.05)
            return
        db.execute("UPDATE outbox SET state = ? WHERE id = ?", (state, number))

    _drain(one)


def stock() -> None:
    """python-telegram-bot as its examples have it: the handler stores the answer."""
    from telegram import Update
    from telegram.ext import Application, ContextTypes, MessageHandler, filters

    db = _outbox()

    async def keep(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        assert message is not None
        db.execute("INSERT INTO answer (update_id, text) VALUES (?, ?)", (update.update_id, message.text))
        await message.reply_text("Kept.")

    url = os.environ["API_URL"]
    application = Application.builder().token(os.environ["TOKEN"]).base_url(f"{url}/bot").build()
    application.add_handler(MessageHandler(filters.TEXT, keep))
    application.run_polling()


WORK: dict[str, Callable[[], None]] = {"mark-first": mark_first, "send-first": send_first, "stock": stock}
