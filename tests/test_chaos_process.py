"""A real process frozen in the middle of a message, as a laptop that is closed, while people write and time goes on."""

import signal
import sqlite3
import threading
from datetime import datetime, timedelta

from test_process import Stage, stage, wait_for

__all__ = ["stage"]  # a fixture, used by its name
QUESTION = "Six weeks from now"


def test_who_is_frozen_in_the_middle_of_a_message_for_ten_minutes_loses_and_doubles_nothing(stage: Stage) -> None:
    now = datetime.fromisoformat(stage.get("state")["now"])
    monday = now.replace(hour=8, minute=0) + timedelta(days=7 - now.weekday())
    stage.post("clock", to=monday.isoformat())
    bot = stage.run_bot()
    _, anna = stage.a_coach_and_a_leader()
    before = len([call for call in stage.get("calls") if call["method"] == "sendMessage"])
    stage.post("faults", method="sendMessage", kind="timeout_after", hold_s=2)
    walking = threading.Thread(target=stage.http.post, args=("/rehearsal/clock",), kwargs={"json": {"advance_s": 130_000}})
    walking.start()
    wait_for(lambda: len([call for call in stage.get("calls") if call["method"] == "sendMessage"]) > before)

    bot.send_signal(signal.SIGSTOP)
    asked_at = datetime.fromisoformat(stage.get("state")["now"])
    for name in stage.get("state")["following"]:
        stage.post("clock/leave", follower=name)
    walking.join()
    for number in range(3):
        stage.post(f"people/{anna}/send", text=f"what was on my mind at minute {number}")
    bot.send_signal(signal.SIGCONT)
    wait_for(lambda: stage.get("state")["followers"] == 1)
    stage.post("clock", advance_s=1)
    stage.post("clock", advance_s=7200)

    assert datetime.fromisoformat(stage.get("state")["now"]) - asked_at > timedelta(minutes=10)
    asked = [text for text in stage.texts(anna) if QUESTION in text]
    assert len([text for text in asked if "may not have reached you" not in text]) == 1, asked
    db = sqlite3.connect(stage.folder / "data" / "interlude.db")
    kept = db.execute("SELECT count(*) FROM answer_part").fetchone()[0]
    open_ends = db.execute("SELECT kind, state FROM delivery WHERE state IN ('sending', 'unknown')").fetchall()
    db.close()
    assert (kept, open_ends) == (3, [])
