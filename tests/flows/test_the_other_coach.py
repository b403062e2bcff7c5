"""Bob never sees anything of Alice's: every button and every id he could guess, every command, every message before and
after a leader is handed over. What is denied looks like what does not exist."""

import inspect
import json
import sqlite3
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from house import Phone
from people import Town

from bot.work.commands import COMMANDS
from bot.work.press import ACTIONS

STALE = "This button is no longer in use."
BENS, ANNAS = ("canary-ben-one", "canary-ben-two", "canary-ben-kept"), ("canary-anna",)
ALICES = ("canary-note", "canary-reply", "canary-draft", "canary-guess", "canary-question", "canary-unsent", "canary-role")
SECRET = (*BENS, *ANNAS, *ALICES, "Anna", "Ben")
BOUND_TO_ITS_HOLDER = ("join.terms", "join.agree", "join.decline")  # a link works for whoever was given it
OF_EVERYBODY = ("when", "timezone", "language", "privacy", "export", "delete", "help", "invite")  # no leader is meant
FILLED = {
    "field": "role", "theme": "team", "which": "ever", "offset": "0", "day": "2026-10-20", "days": "1", "at": "10:00",
    "every": "0", "count": "1", "first": "2026-10-20T09:00:00+00:00", "number": "0", "sequence": "everyday",
    "is_for": "1", "kind": "words", "start": "2026-10-20T09:00:00+00:00", "minutes": "60",
}  # fmt: skip
KINDS = {
    "engagement_id": "engagement", "session_id": "session", "answer_id": "answer", "enrolment_id": "enrolment",
    "note_id": "note", "blocker_id": "blocker", "digest_id": "digest", "delivery_id": "delivery",
    "file_id": "calendar_file", "draft_id": "invite", "person_id": "person",
}  # fmt: skip
ICS = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VEVENT\r
UID:one@x\r
DTSTART:20261022T090000Z\r
DTEND:20261022T100000Z\r
SUMMARY:Coaching\r
END:VEVENT\r
END:VCALENDAR\r
"""


@dataclass
class Ids:
    """The ids of everything about some people, by table."""

    by_table: dict[str, list[str]]

    def of(self, parameter: str) -> list[str]:
        return self.by_table.get(KINDS[parameter], [])


def all_ids(town: Town, coach: Phone, leaders: list[Phone]) -> Ids:
    """Everything of a coach and their leaders, dashed as in a button's action."""
    marks = ",".join("?" * len(leaders))
    people = [key for (key,) in town.rows(f"SELECT id FROM person WHERE telegram_id IN ({marks})", *[p.id for p in leaders])]
    [(me,)] = town.rows("SELECT id FROM person WHERE telegram_id = ?", coach.id)
    engaged = [key for (key,) in town.rows("SELECT id FROM engagement WHERE coach_id = ?", me)]
    queries = {
        "answer": ("leader_id", people), "enrolment": ("leader_id", people), "note": ("coach_id", [me]),
        "blocker": ("engagement_id", engaged), "session": ("engagement_id", engaged), "digest": ("coach_id", [me]),
        "delivery": ("person_id", [me]), "calendar_file": ("coach_id", [me]), "invite": ("inviter_id", [me]),
    }  # fmt: skip
    found = {"person": people, "engagement": engaged}
    for table, (column, keys) in queries.items():
        asked = f"SELECT id FROM {table} WHERE {column} IN ({','.join('?' * len(keys))})"
        found[table] = [key for (key,) in town.rows(asked, *keys)]
    return Ids({table: [str(UUID(key)) for key in keys] for table, keys in found.items()})


async def a_life(town: Town) -> None:
    """A week and a day in which Alice, Anna and Ben do everything there is; Bob and Carla a little."""
    alice, ben, anna, bob = town.alice, town.ben, town.anna, town.bob
    await alice.send("/session Ben Fri 10:00 weekly x3")
    await alice.send("/leader Ben")
    await alice.tap("Role")
    await alice.send("canary-role")
    await town.until("2026-10-05 16:31")
    await ben.send("canary-ben-one")
    await town.until("2026-10-06 16:31")
    await ben.send("canary-ben-two")
    await anna.tap("In my own words")
    await anna.send("canary-anna")
    await town.until("2026-10-06 17:30")
    await ben.send("canary-ben-kept")
    await alice.send("/note Ben canary-note")
    await alice.send("/blocker Ben canary-guess")
    await alice.send("/ask Ben Wed 21 Oct 9:00 canary-question")
    await alice.tap("Ask it")
    await alice.send("/ask Ben Thu 22 Oct 9:00 canary-unsent")
    await alice.send("/brief Ben")
    brief = await alice.find("canary-ben-two")
    await alice.send("canary-draft", reply_to=brief["message_id"])
    await alice.send("/brief Anna")
    await alice.tap("Reply or note…")
    await alice.tap("Speaks for…")
    await alice.tap("Reply to Anna")
    await alice.send("canary-reply")
    await town.until("2026-10-12 12:00")
    await bob.send("/blocker Carla too quiet")
    await bob.send("/note Carla a note")
    for phone in (alice, bob):
        await phone.send_file("mine.ics", ICS)
        await phone.send("/invite Dora")
        await phone.send("/digest")
    await bob.send("/leaders")


def dump(town: Town, bob: str) -> dict[str, list[Any]]:
    """Every row but what merely says that Bob was there."""
    found = {}
    for (table,) in town.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        if table in ("inbound", "audit", "marker", "disclosure"):
            continue
        where = {"delivery": f"WHERE person_id != '{bob}'", "person": f"WHERE id != '{bob}'",
                 "expecting": f"WHERE person_id != '{bob}'"}.get(table, "")  # fmt: skip
        found[table] = sorted(town.rows(f"SELECT * FROM {table} {where}"), key=str)
    return found


class Forger:
    """Bob, with whatever action he likes behind a button of a message of his own."""

    def __init__(self, town: Town) -> None:
        self.town, self.bob = town, town.bob
        [(self.me,)] = town.rows("SELECT id FROM person WHERE telegram_id = ?", town.bob.id)
        query = "SELECT id, nonce, message_id FROM delivery WHERE person_id = ? AND nonce IS NOT NULL AND message_id > 0"
        self.row, self.nonce, self.message_id = town.rows(query + " ORDER BY id DESC LIMIT 1", self.me)[0]
        self._shown: list[str] | None = None

    def write(self, query: str, *values: Any) -> None:
        db = sqlite3.connect(self.town.folder / "interlude.db", timeout=30)
        try:
            with db:
                db.execute(query, values)
        finally:
            db.close()

    async def press(self, name: str, *arguments: str) -> tuple[str, list[str]]:
        """What he is shown: the toast, and what his chat says that it did not say before."""
        self.write("UPDATE delivery SET actions = ? WHERE id = ?", json.dumps([[name, *arguments]]), self.row)
        before = set(await self.chat() if self._shown is None else self._shown)
        toast = await self.bob.tap_data(self.message_id, f"{self.nonce}:0")
        self._shown = await self.chat()
        return str(toast["text"]), [text for text in self._shown if text not in before]

    async def chat(self) -> list[str]:
        found = []
        for one in await self.bob.chat():
            labels = [b["text"] for row in one["buttons"] or [] for b in row]
            found.append(f"{one['message_id']}: {one['text']} {labels}")
        return found


def guesses(name: str, alices: Ids, bobs: Ids) -> list[list[str]]:
    """The arguments of an action with ids of Alice's: all of them, and one of hers among Bob's own."""
    parameters = list(inspect.signature(ACTIONS[name].act).parameters.values())[1:]
    known = [p.name for p in parameters if p.name != "pressed" and (p.default is p.empty or p.name in KINDS)]
    places = [p for p in known if p in KINDS]
    found = []
    for place in places:
        for guess in alices.of(place):
            for others in ([alices] if len(places) == 1 else [alices, bobs]):
                held = {p: (others.of(p) or [str(uuid4())])[-1] for p in places} | {place: guess}
                found.append([held.get(p) or FILLED[p] for p in known])
    return found


def without_ids(arguments: list[str], alices: Ids) -> list[str]:
    """The same with ids that nobody has."""
    hers = {key for keys in alices.by_table.values() for key in keys}
    return [str(uuid4()) if argument in hers else argument for argument in arguments]


async def test_no_button_with_a_guessed_id_shows_or_changes_anything_of_alices(town: Town) -> None:
    await a_life(town)
    alices, bobs = all_ids(town, town.alice, [town.anna, town.ben]), all_ids(town, town.bob, [town.carla])
    forger, pressed, weak = Forger(town), 0, []
    for name, action in ACTIONS.items():
        if "coach" not in action.roles or name in BOUND_TO_ITS_HOLDER:
            continue
        before = dump(town, forger.me)
        heard_of_nobody: dict[tuple[bool, ...], tuple[str, list[str]]] = {}
        for arguments in guesses(name, alices, bobs):
            shown, nobodys = await forger.press(name, *arguments), without_ids(arguments, alices)
            hers = tuple(one != other for one, other in zip(arguments, nobodys, strict=True))
            if hers not in heard_of_nobody:
                heard_of_nobody[hers] = await forger.press(name, *nobodys)
            invented = heard_of_nobody[hers]
            pressed += 1
            if shown != invented:
                weak.append((name, shown, invented))
            assert not [word for word in SECRET if word in str(shown)], (name, arguments, shown)
        after = dump(town, forger.me)
        assert {table for table in after if after[table] != before[table]} == set(), name

    assert weak == []
    assert pressed > 150
    assert {kind for kind, keys in alices.by_table.items() if not keys} == set()
    assert not [word for word in SECRET if word in "\n".join(await forger.chat())]


async def test_words_that_a_message_of_bobs_never_held_cannot_be_picked_from_it(town: Town) -> None:
    await a_life(town)
    forger = Forger(town)
    for (answer,) in town.rows("SELECT id FROM answer WHERE sharing = 'words'"):
        forger.write("INSERT INTO disclosure (id, answer_id, delivery_id, how) VALUES (?, ?, ?, 'opened')",
                     uuid4().hex, answer, forger.row)  # fmt: skip
    picked = await forger.press("said.pick")
    await town.bob.send("canary of Bob's", reply_to=forger.message_id)
    [engagement] = all_ids(town, town.bob, [town.carla]).by_table["engagement"]
    [digest, *_] = all_ids(town, town.alice, [town.ben]).by_table["digest"]
    paged = await forger.press("words.page", engagement, digest, "0")

    assert picked == ("These words are not shared with you any more.", [])
    assert await town.bob.last() == "These words are not shared with you any more."
    assert "shares no words" in paged[0] + str(paged[1])


async def test_what_bob_was_asked_for_is_no_way_in_either(town: Town) -> None:
    """A question of the bot's that is still open when a leader is another coach's: his next words reach nobody."""
    await a_life(town)
    alices = all_ids(town, town.alice, [town.anna, town.ben]).by_table
    forger = Forger(town)
    waiting = [
        (what, {key: one, **more})
        for what, key, table, more in [
            ("leader.field", "engagement", "engagement", {"field": "role"}), ("ask.words", "engagement", "engagement", {}),
            ("session.words", "engagement", "engagement", {}), ("blocker.words", "engagement", "engagement", {}),
            ("note.own", "engagement", "engagement", {}), ("said.reply", "answer", "answer", {}),
            ("said.more", "note", "note", {}), ("session.time", "session", "session", {}),
            ("blocker.tags", "blocker", "blocker", {}), ("ask.change", "enrolment", "enrolment", {}),
            ("ask.options", "enrolment", "enrolment", {}), ("ask.unit", "enrolment", "enrolment", {}),
        ]
        for one in alices[table]
    ]  # fmt: skip
    before = dump(town, forger.me)
    for what, context in waiting:
        forger.write("DELETE FROM expecting WHERE person_id = ?", forger.me)
        forger.write("INSERT INTO expecting (person_id, what, context, until) VALUES (?, ?, ?, '2026-12-01 00:00:00')",
                     forger.me, what, json.dumps(context))  # fmt: skip
        said = await town.bob.received()
        await town.bob.send("Thu 29 Oct 10:00")
        heard = (await town.bob.received())[len(said) :]
        assert not [word for word in SECRET if word in str(heard)], (what, heard)

    after = dump(town, forger.me)
    assert {table for table in after if after[table] != before[table]} == set()


async def test_every_command_with_their_names_is_like_one_with_a_name_nobody_has(town: Town) -> None:
    await a_life(town)
    more = ("", " hello there", " Thu 29 Oct 10:00", " team", " less team", " move Fri 9:00", " cancel", " done", " daily")
    [(me,)] = town.rows("SELECT id FROM person WHERE telegram_id = ?", town.bob.id)
    before = dump(town, me)
    odd = []
    for command in COMMANDS:
        if "coach" not in command.roles or command.name in OF_EVERYBODY:
            continue
        for number, rest in enumerate(more):
            names = ("Ben" if number % 2 else "Anna", "Zachary")
            heard = [await _heard(town.bob, f"/{command.name} {name}{rest}", name) for name in names]
            odd += [(command.name, rest, heard[0])] if heard[0] != heard[1] else []
            assert not [word for word in SECRET if word in str(heard)], (command.name, rest, heard)
    after = dump(town, me)

    assert odd == []
    assert {table for table in after if after[table] != before[table]} == set()


async def _heard(phone: Phone, text: str, name: str) -> list[str]:
    sent = await phone.send(text)
    return [said.replace(name, "<>").replace(name.casefold(), "<>") for said in await phone.received(sent)]


async def test_every_old_button_of_alices_is_dead_for_a_leader_who_was_handed_over(town: Town) -> None:
    await a_life(town)
    await town.olga.send("/hand Ben to Bob")
    await town.olga.tap("Hand over")
    await town.until("2026-10-12 16:31")
    await town.ben.send("canary-for-bob")
    [(me,)] = town.rows("SELECT id FROM person WHERE telegram_id = ?", town.alice.id)
    [(ben,)] = town.rows("SELECT id FROM person WHERE telegram_id = ?", town.ben.id)
    old = await town.alice.chat()
    last = max(one["message_id"] for one in old)
    tables = ("engagement", "answer", "enrolment", "session", "note", "blocker", "evidence", "occurrence")
    queries = {table: f"SELECT * FROM {table}" for table in tables}
    before = {table: sorted(town.rows(query), key=str) for table, query in queries.items()}
    actions = {
        nonce: json.loads(held)
        for nonce, held in town.rows("SELECT nonce, actions FROM delivery WHERE person_id = ? AND nonce IS NOT NULL", me)
    }
    about_ben = {str(UUID(key)) for table, column in [("engagement", "leader_id"), ("answer", "leader_id"),
                                                      ("enrolment", "leader_id"), ("note", "leader_id"),
                                                      ("blocker", "leader_id")]
                 for (key,) in town.rows(f"SELECT id FROM {table} WHERE {column} = ?", ben)}  # fmt: skip
    about_ben |= {str(UUID(key)) for (key,) in town.rows("SELECT id FROM session")}
    pressed = 0
    for one in old:
        for data in [b["data"] for row in one["buttons"] or [] for b in row if b.get("data")]:
            nonce, _, number = data.partition(":")
            _, *arguments = actions[nonce][int(number)]
            if about_ben & set(arguments):
                await town.alice.tap_data(one["message_id"], data)
                pressed += 1
    new = "\n".join(str(one) for one in await town.alice.chat() if one["message_id"] > last)

    assert pressed > 25
    assert not [word for word in ("Ben", "canary-ben", "canary-for-bob") if word in new], new
    assert {table for table, query in queries.items() if sorted(town.rows(query), key=str) != before[table]} == set()
