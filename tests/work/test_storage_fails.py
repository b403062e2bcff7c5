"""The file under the bot is full, read-only, locked or broken; an update is poison; the process dies again and again."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from chaos_house import MONDAY, Player, set_up
from chaos_line import ON_CONNECTING
from chaos_rules import Said, Witness

from bot.errors import DataError
from bot.rehearsal.updates import put_update, waiting_updates

HALF_PAST = MONDAY.replace(hour=16, minute=30)


class Chat:
    """Ben and the bot."""

    def __init__(self) -> None:
        folder, ids = set_up()
        self.folder, self.ben, self.anna = folder, ids["Ben"], ids["Anna"]
        self.player = Player(folder)
        self.line = self.player.line
        self.witness = Witness(self.line, folder, {ids["Alice"]: {self.ben, self.anna}})

    def say(self, text: str, person: int | None = None) -> None:
        person = person or self.ben
        message_id = self.line.say(person, text)
        number = self.line.world.store.count("SELECT max(update_id) FROM waiting_update")
        self.witness.said[text[:6]] = Said(text[:6], person, message_id, text, number)
        self.witness.notice_updates()

    def settle(self) -> None:
        self.player.run(self.line.settle())

    def look(self) -> None:
        with self.line.power.spared():
            self.player.run(self.witness.look())

    def account(self) -> None:
        self.player.run(self.line.until(self.line.world.now() + timedelta(days=2)))
        self.look()
        self.player.run(self.witness.account())

    def asked(self) -> int:
        return sum("What happened today?" in sent.text for sent in self.line.sent)


@pytest.fixture
def chat() -> Iterator[Chat]:
    made = Chat()
    yield made
    made.player.close()


@contextmanager
def every_connection(statement: str) -> Iterator[None]:
    ON_CONNECTING.append(statement)
    try:
        yield
    finally:
        ON_CONNECTING.remove(statement)


def test_what_a_full_disk_cannot_take_stays_at_telegram(chat: Chat) -> None:
    chat.player.run(chat.line.stop())
    with every_connection("PRAGMA max_page_count=1"):  # never below what there is: not one page more
        chat.player.run(chat.line.start())
        for number in range(12):
            chat.say(f"w{number:04}x " + "and so on " * 300 + "for ever")  # more than the free pages hold
            try_to(chat.settle)
        assert waiting_updates(chat.line.world) > 0, "nothing was refused: the disk is not full"
        chat.look()  # whatever was acknowledged is there
        chat.player.run(chat.line.stop())

    chat.player.run(chat.line.start())
    chat.settle()

    assert waiting_updates(chat.line.world) == 0
    chat.look()
    chat.account()


def test_what_came_in_before_the_disk_was_full_is_not_blamed_for_it(chat: Chat) -> None:
    """However often it is tried: the words are stored, their effects find no room, and there is room again later."""
    chat.player.run(chat.line.stop())
    with closing(sqlite3.connect(chat.folder / "interlude.db")) as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
    with every_connection(f"PRAGMA max_page_count={pages + 3}"):
        chat.player.run(chat.line.start())
        for number in range(4):
            chat.say(f"w{number:04}x " + "and so on " * 300 + "for ever")
            for _ in range(12):
                try_to(chat.settle)
        states = {row[0] for row in chat.witness.rows("SELECT state FROM inbound")}
        assert "waiting" in states, "everything found room: the disk is not full"
        assert "quarantined" not in states
        chat.player.run(chat.line.stop())

    chat.player.run(chat.line.start())
    chat.settle()

    chat.look()
    chat.account()


def test_a_database_that_cannot_be_written_stops_it_with_a_sentence(chat: Chat) -> None:
    chat.player.run(chat.line.stop())
    before = (chat.folder / "interlude.db").read_bytes()

    with every_connection("PRAGMA query_only=ON"), pytest.raises(DataError):
        chat.player.run(chat.line._open())

    assert (chat.folder / "interlude.db").read_bytes() == before


def try_to(act: Any) -> None:
    """As the loop of a running bot: what fails is tried again."""
    try:
        act()
    except Exception as error:
        why = str(error.__cause__ or error)
        if "full" not in why and "locked" not in why:
            raise


def test_a_locked_database_is_waited_for_and_nothing_is_lost(chat: Chat) -> None:
    """Somebody copies the file by hand for longer than we wait."""
    chat.player.run(chat.line.stop())
    with every_connection("PRAGMA busy_timeout=5"):
        chat.player.run(chat.line.start())
        other = sqlite3.connect(chat.folder / "interlude.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        chat.say("w0001x came up")
        try_to(chat.settle)
        chat.look()
        assert waiting_updates(chat.line.world) == 1
        chat.line.world.clock.set(HALF_PAST)
        try_to(chat.settle)
        other.execute("ROLLBACK")
        other.close()

        chat.settle()

    chat.look()
    assert waiting_updates(chat.line.world) == 0
    assert chat.asked() == 1
    chat.account()


def test_a_broken_file_stops_it_with_a_sentence_and_stays_as_it_is(chat: Chat) -> None:
    chat.player.run(chat.line.stop())
    file = chat.folder / "interlude.db"
    whole = file.read_bytes()
    broken = whole[:4096] + b"\x5a" * (len(whole) - 8192) + whole[-4096:]
    file.write_bytes(broken)

    with pytest.raises(DataError):
        chat.player.run(chat.line._open())

    assert file.read_bytes() == broken


def test_poison_among_a_hundred_updates_is_set_aside_alone(chat: Chat) -> None:
    for number in range(50):
        chat.say(f"w{number:04}x was before")
    sender = {"id": chat.anna, "is_bot": False, "first_name": "Anna", "language_code": "en"}
    body = {"message_id": 999_999, "date": "not a date", "from": sender, "chat": {"id": chat.anna, "type": "private"}}
    put_update(chat.line.world, "message", body | {"text": "hello"}, f"chat:{chat.anna}")
    poison = chat.line.world.store.count("SELECT max(update_id) FROM waiting_update")
    for number in range(50, 99):
        chat.say(f"w{number:04}x came after")

    chat.settle()

    set_aside = chat.witness.rows("SELECT update_id FROM inbound WHERE state != 'done'")
    assert [tuple(row) for row in set_aside] == [(poison,)]
    del chat.witness.updates[poison]
    assert any("it is our fault" in sent.text for sent in chat.line.sent if sent.chat == chat.anna)
    chat.look()
    kept = chat.witness.rows("SELECT count(*) FROM answer_part WHERE chat_id = ?", chat.ben)[0][0]
    assert kept == 99


def test_a_crash_loop_with_more_than_a_hundred_updates_waiting_comes_to_an_end(chat: Chat) -> None:
    """Each life lasts for twenty commits and calls; then it starts anew, from offset 0."""
    chat.player.run(chat.line.stop())
    for number in range(130):
        chat.say(f"w{number:04}x had to wait", chat.anna if number % 3 else chat.ben)
    lives, left = chat.line.lives, []
    while waiting_updates(chat.line.world) or chat.witness.rows("SELECT 1 FROM inbound WHERE state = 'waiting' LIMIT 1"):
        chat.line.power.cut_after(40)
        chat.player.run(chat.line.start_once())
        left.append(chat.witness.rows("SELECT count(*) FROM inbound WHERE state = 'waiting'")[0][0])
        assert chat.line.lives - lives < 40, f"no progress: {left}"
    chat.line.power.restore()
    chat.player.run(chat.line.start())
    chat.settle()

    chat.look()
    chat.account()
    assert chat.line.lives - lives > 3, left
