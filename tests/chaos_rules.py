"""What holds in every history, looked at from outside: the chats, the files of the bot, and what people did."""

import re
import sqlite3
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from chaos_line import Line, Sent
from sqlalchemy import select

from bot.db.tables import AnswerPart, Person
from bot.domain.hours import is_quiet
from bot.work import content
from bot.work.practice import box_of, hours_of

REMARK = "(sent again in case it did not arrive)"
IN_HOURS = {"prompt", "reminder", "digest", "notice", "note"}  # a brief may come late rather than not at all
OPEN = ("pending", "sending", "unknown")
TOKEN = re.compile(r"w\d{4}x")


@dataclass
class Said:
    """Words somebody sent, and the update that carries them."""

    token: str
    person: int
    message_id: int
    text: str
    update_id: int
    is_edited: bool = False


@dataclass
class Witness:
    """Remembers what was seen, and objects."""

    line: Line
    folder: Path
    coaches: dict[int, set[int]]  # their leaders
    said: dict[str, Said] = field(default_factory=dict)
    updates: dict[int, dict[str, Any]] = field(default_factory=dict)  # not yet known to be on disk
    put: list[dict[str, Any]] = field(default_factory=list)  # all of them, to be put once more
    erased: set[int] = field(default_factory=set)
    hours: dict[int, Person] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    nonces: dict[str, list[Sent]] = field(default_factory=dict)
    looked_at: int = 0
    noticed: set[int] = field(default_factory=set)

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        db = sqlite3.connect(self.folder / "interlude.db")
        db.row_factory = sqlite3.Row
        try:
            return db.execute(query, values).fetchall()
        finally:
            db.close()

    def notice_updates(self) -> None:
        """Before the bot may fetch them."""
        for row in self.line.world.store.all("SELECT * FROM waiting_update ORDER BY update_id"):
            if row["update_id"] not in self.noticed:  # after a quiet week they begin lower
                self.noticed.add(row["update_id"])
                self.updates[row["update_id"]] = dict(row)
                self.put.append(dict(row))

    # after every step

    async def look(self) -> None:
        gone_before = set(self.erased)
        self._who_has_left()
        self._acknowledged_is_on_disk()
        self._handled_has_an_effect()
        self._one_prompt_is_open()
        self._sent_is_there()
        hours, shared = await self._persons(), self._sharing()
        for sent in self.line.sent[self.looked_at :]:
            self._came_once(sent)
            self._came_in_hours(sent, hours)
            self._was_for_its_reader(sent, shared)
            assert sent.chat not in gone_before, f"to somebody who has deleted everything: {sent}"
        self.looked_at, self.hours, self.shared = len(self.line.sent), hours, shared

    def _who_has_left(self) -> None:
        there = {row[0] for row in self.rows("SELECT telegram_id FROM person WHERE telegram_id IS NOT NULL")}
        self.erased |= set().union(*self.coaches.values()) - there

    def _acknowledged_is_on_disk(self) -> None:
        store = self.line.world.store
        waiting = {row["update_id"] for row in store.all("SELECT update_id FROM waiting_update")}
        stored = {row["update_id"]: row["state"] for row in self.rows("SELECT update_id, state FROM inbound")}
        for number, update in list(self.updates.items()):
            if number in stored:
                assert stored[number] != "quarantined", f"{update['kind']} {number} was set aside: {update['body']}"
                if stored[number] == "done":
                    del self.updates[number]
            elif number not in waiting:
                gone = update["expires"] <= self.line.world.now().timestamp()
                assert gone, f"{update['kind']} {number} was acknowledged and is nowhere: {update['body']}"
                del self.updates[number]
                for token in [one.token for one in self.said.values() if one.update_id == number]:
                    del self.said[token]  # nobody fetched it for a day: Telegram has forgotten it
                self.put = [one for one in self.put if one["update_id"] != number]

    def _handled_has_an_effect(self) -> None:
        kept = {tuple(row) for row in self.rows("SELECT chat_id, message_id FROM answer_part WHERE version = 1")}
        replied = {row[0] for row in self.rows("SELECT dedupe_key FROM delivery WHERE dedupe_key LIKE 'update:%'")}
        for token, said in list(self.said.items()):
            if said.update_id in self.updates or said.person in self.erased or (said.person, said.message_id) in kept:
                continue
            assert f"update:{said.update_id}:1" in replied, f"{token} was handled, and neither kept nor answered"
            del self.said[token]  # refused, in a sentence

    def _one_prompt_is_open(self) -> None:
        asked = self.rows("SELECT count(*) FROM occurrence WHERE state = 'asked' GROUP BY leader_id HAVING count(*) > 1")
        assert not asked, "two prompts are open at once"
        both = "SELECT 1 FROM plan JOIN occurrence o ON o.leader_id = plan.leader_id"
        assert not self.rows(f"{both} AND plan.state = 'asked' AND o.state = 'asked'"), "a plan and a prompt are open"

    def _sent_is_there(self) -> None:
        """What the bot believes to have sent was in that chat, deleted or not."""
        there = {tuple(row) for row in self.line.world.store.all("SELECT chat_id, message_id FROM message WHERE sender = 0")}
        query = "SELECT chat_id, message_id, kind, dedupe_key FROM delivery WHERE state = 'sent' AND target_id IS NULL"
        lost = [tuple(row) for row in self.rows(query) if tuple(row)[:2] not in there and row["chat_id"]]
        assert not lost, f"lost: marked as sent, and in no chat: {lost}"

    async def _persons(self) -> dict[int, Person]:
        if self.line.practice is None:
            return self.hours
        async with self.line.practice.database.read() as db:
            found = await db.scalars(select(Person).where(Person.chat_id.is_not(None)))
            return {person.chat_id: person for person in found if person.chat_id is not None}

    def _sharing(self) -> dict[str, str]:
        query = "SELECT p.chat_id, p.message_id, a.sharing FROM answer_part p JOIN answer a ON a.id = p.answer_id"
        levels = {(row[0], row[1]): row[2] for row in self.rows(query)}
        return {one.token: levels.get((one.person, one.message_id), "none") for one in self.said.values()}

    def _came_once(self, sent: Sent) -> None:
        """Buttons tell messages apart; what has none says something of its own."""
        if sent.nonce in (None, "check") or REMARK in sent.text:  # "check": whether lost messages can be searched for
            return
        before = self.nonces.setdefault(str(sent.nonce), [])
        before.append(sent)
        if len(before) > 1:
            row = self.rows("SELECT state, reason, kind, lane, attempt FROM delivery WHERE nonce = ?", sent.nonce)
            raise AssertionError(f"came twice: {[tuple(one) for one in row]} {before}")

    def _came_in_hours(self, sent: Sent, hours: dict[int, Person]) -> None:
        found = self.rows(
            "SELECT kind, lane, expires_at, dedupe_key FROM delivery WHERE nonce = ? OR (chat_id = ? AND message_id = ?"
            " AND target_id IS NULL)", sent.nonce or "", sent.chat, sent.id,
        )  # fmt: skip
        if not found or found[0]["kind"] not in IN_HOURS or found[0]["lane"] == 0:
            return
        people = [people[sent.chat] for people in (self.hours, hours) if sent.chat in people]
        assert not people or not all(is_quiet(sent.at, hours_of(person)) for person in people), f"in quiet hours: {sent}"
        if found[0]["kind"] in ("prompt", "reminder"):
            paused = [person.paused_until is not None for person in people]
            assert not paused or not all(paused), f"in a pause: {sent}"
        last = found[0]["expires_at"]
        assert last is None or sent.at.replace(tzinfo=None).isoformat(" ") <= last, f"too late ({last}): {sent}"

    def _was_for_its_reader(self, sent: Sent, shared: dict[str, str]) -> None:
        for token in TOKEN.findall(sent.text):
            said = self.said.get(token)
            if said is not None and said.person == sent.chat:
                continue
            assert said is not None, f"words nobody keeps any more: {sent}"
            assert said.person in self.coaches.get(sent.chat, set()), f"{token} of somebody else's leader: {sent}"
            levels = (self.shared.get(token, "none"), shared.get(token, "none"))
            assert "words" in levels, f"{token} is {levels}: {sent}"

    # at the end

    async def account(self) -> None:
        """Days later, with everything working: each thing has come to an end that is written down."""
        assert not self.updates, f"never handled: {list(self.updates.values())}"
        before = (self.line.world.now() - timedelta(days=1)).replace(tzinfo=None).isoformat(" ")
        marks = ",".join("?" * len(OPEN))
        waiting = f"SELECT kind, state, reason, due_at FROM delivery WHERE state IN ({marks}) AND due_at < ?"
        assert not [tuple(row) for row in self.rows(waiting, *OPEN, before)], "deliveries without an end"
        silent = "SELECT kind, state FROM delivery WHERE state IN ('cancelled', 'expired', 'failed') AND reason IS NULL"
        assert not [tuple(row) for row in self.rows(silent)], "an end without a reason"
        assert [row[0] for row in self.rows("PRAGMA integrity_check")] == ["ok"]
        assert not self.rows("PRAGMA foreign_key_check")
        await self._words_are_kept()
        self.line.referee.assert_fair()

    async def _words_are_kept(self) -> None:
        assert self.line.practice is not None
        async with self.line.practice.database.read() as db:
            for said in self.said.values():
                if said.person in self.erased:
                    continue
                query = select(AnswerPart).where(AnswerPart.chat_id == said.person, AnswerPart.message_id == said.message_id)
                parts = sorted(await db.scalars(query), key=lambda part: part.version)
                assert [part.version for part in parts] == list(range(1, len(parts) + 1)), said
                answer = await db.get_one(content.Answer, parts[-1].answer_id)
                box = await box_of(self.line.practice, answer)
                kept = box.open(content.PART, parts[-1].id, parts[-1].content)
                assert kept == said.text or said.is_edited, f"{said.token} reads {kept[:60]!r}"
                assert said.token in kept, f"{said.token} reads {kept[:60]!r}"
            for person in self.erased:
                assert not self.rows("SELECT 1 FROM answer_part WHERE chat_id = ?", person), "words of the erased"


