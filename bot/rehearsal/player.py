"""Lets the leaders answer: walks the clock and acts on their phones as their stories say."""

import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.rehearsal import phones, planned
from bot.rehearsal.errors import UnplayableError
from bot.rehearsal.messages import BOT, as_seen, messages_of
from bot.rehearsal.people import everybody
from bot.rehearsal.stage import Timekeeper
from bot.rehearsal.store import Row
from bot.rehearsal.stories import FOLDER, ScriptedQuestion, Story, StoryError, Unasked, load_stories
from bot.rehearsal.world import World

__all__ = ["Player", "ScriptedQuestion"]

LATE = timedelta(hours=2)  # something unasked whose moment has long passed is not said any more
YES_NO = {"yes": ("yes", "oui"), "no": ("no", "non")}


@dataclass
class Actor:
    """A person with a story, and what is remembered about playing it."""

    person: Row
    story: Story
    state: dict[str, Any]

    @property
    def id(self) -> int:
        return int(self.person["id"])


class Player:
    """Plays the stories; at most one performance at a time, because only one may move the clock."""

    def __init__(self, world: World, keeper: Timekeeper, questions: Iterable[ScriptedQuestion]) -> None:
        self.world = world
        self.keeper = keeper
        self.questions = [(question, _patterns(question)) for question in questions]
        self.playing = False
        self._answers = 0
        self._stopped = False

    def stories(self) -> dict[str, Story]:
        try:
            return load_stories(FOLDER, [question for question, _ in self.questions])
        except StoryError as error:
            raise UnplayableError(400, " ".join(error.problems)) from None

    async def play(self, people: list[int] | None, until: datetime) -> int:
        """Walk the clock to `until` with these leaders (or all) answering; how often they did."""
        actors = self._cast(people)
        async with self.keeper.moving():
            if until < self.world.now():
                raise UnplayableError(400, f"The clock already stands at {self.world.now().isoformat()}.")
            self.playing, self._answers, self._stopped = True, 0, False
            self.world.tell("play", playing=True)
            try:
                await self.keeper.walk(until, lambda: self._act(actors), lambda: self._stopped)
            finally:
                self.playing = False
                self.world.tell("play", playing=False)
        return self._answers

    def stop(self) -> None:
        """End the performance at its next stop."""
        self._stopped = True

    def _cast(self, people: list[int] | None) -> list[Actor]:
        stories = self.stories()
        chosen = [person for person in everybody(self.world) if people is None or person["id"] in people]
        actors = [Actor(person, stories[person["name"]], self._remembered(person["id"]))
                  for person in chosen if person["name"] in stories]  # fmt: skip
        if people is not None and len(actors) < len(set(people)):
            raise UnplayableError(400, "Not everybody named has a story to play.")
        if not actors:
            raise UnplayableError(400, "Nobody here has a story to play.")
        return actors

    def _remembered(self, person: int) -> dict[str, Any]:
        row = self.world.store.one("SELECT state FROM story WHERE person = ? AND line = 'state'", person)
        return json.loads(row["state"]) if row else {"seen": 0, "asked": {}, "plans": [], "said": []}

    def _remember(self, actor: Actor) -> None:
        self.world.store.run(
            "INSERT INTO story (person, line, state) VALUES (?, 'state', ?)"
            " ON CONFLICT (person, line) DO UPDATE SET state = excluded.state",
            actor.id, json.dumps(actor.state),
        )  # fmt: skip

    # ---- one stop of the clock ----

    async def _act(self, actors: list[Actor]) -> datetime | None:
        """Everybody looks at the phone and does what is due; when the next one wants to do something."""
        wanted: list[datetime] = []
        for actor in actors:
            before = json.dumps(actor.state)
            self._read_news(actor)
            for plan in self._due(actor):
                await self._answer(actor, plan)
            wanted += await self._say_unasked(actor)
            wanted += [datetime.fromisoformat(plan["at"]) for plan in actor.state["plans"]]
            if json.dumps(actor.state) != before:
                self._remember(actor)
        return min(wanted, default=None)

    def _read_news(self, actor: Actor) -> None:
        """Plan an answer to every question that came since the last look."""
        for row in messages_of(self.world, actor.id):
            if row["message_id"] <= actor.state["seen"]:
                continue
            actor.state["seen"] = row["message_id"]
            question = self.recognise(as_seen(self.world, row)["text"]) if row["sender"] == BOT else None
            if question is None:
                told = planned.notice(self, actor, row) if row["sender"] == BOT else None
                if told is not None:
                    at = self.world.now() + _pause(actor.id, row["message_id"])
                    plan = {"at": at.isoformat(), "message": row["message_id"], "key": "", "answer": told}
                    actor.state["plans"].append(plan)
                continue
            times = actor.state["asked"].get(question.key, 0)
            actor.state["asked"][question.key] = times + 1
            answers = actor.story.answers.get(question.key, ())
            if times < len(answers) and answers[times] is not None:
                at = self.world.now() + _pause(actor.id, row["message_id"])
                plan = {"at": at.isoformat(), "message": row["message_id"], "key": question.key,
                        "answer": answers[times]}  # fmt: skip
                actor.state["plans"].append(plan)

    def recognise(self, text: str) -> ScriptedQuestion | None:
        """The question a message asks: the longest whose words are in it."""
        plain = _plain(text)
        found = [(len(pattern.pattern), question) for question, patterns in self.questions
                 for pattern in patterns if pattern.search(plain)]  # fmt: skip
        return max(found, key=lambda one: one[0])[1] if found else None

    def _due(self, actor: Actor) -> list[dict[str, Any]]:
        now = self.world.now()
        due = [plan for plan in actor.state["plans"] if datetime.fromisoformat(plan["at"]) <= now]
        actor.state["plans"] = [plan for plan in actor.state["plans"] if plan not in due]
        return due

    async def _answer(self, actor: Actor, plan: dict[str, Any]) -> None:
        if not plan["key"]:
            self._answers += 1
            await planned.tell(self, actor, plan["message"], plan["answer"])
            return
        question = next((one for one, _ in self.questions if one.key == plan["key"]), None)
        if question is None or not self._can_write(actor) or self._has_answer(actor, plan["message"]):
            return
        self._answers += 1
        answer = plan["answer"]
        if question.kind == "choices":
            await self._tick(actor, plan["message"], question, answer)
        elif question.kind == "plan":
            await planned.make(self, actor, plan["message"], answer)
        elif question.kind in ("text", "number") or not await self.tap(actor, plan["message"], _labels(question, answer)):
            await self.write(actor, plan["message"], _spoken(question, answer, actor.story.language))

    def _has_answer(self, actor: Actor, message: int) -> bool:
        """Whether the bot took the buttons away: somebody has answered on this phone before the story could."""
        shown = as_seen(self.world, phones.the_message(self.world, actor.id, message))
        return bool(shown["edited"]) and not shown["buttons"]

    def _can_write(self, actor: Actor) -> bool:
        blocked = "SELECT blocked FROM person WHERE id = ?"
        return not self.world.store.count(blocked, actor.id)

    async def _tick(self, actor: Actor, message: int, question: ScriptedQuestion, answer: list[str]) -> None:
        for option in answer:
            await self.tap(actor, message, _labels(question, option))
        options = [label for option in question.options for label in _labels(question, option)]
        others = [button["text"] for button in self.buttons(actor, message) if not _matches(button["text"], options)]
        if others:
            await self.tap(actor, message, [others[-1]])

    async def tap(self, actor: Actor, message: int, labels: list[str]) -> bool:
        """Tap the button with one of these labels; whether there was one."""
        button = next((one for one in self.buttons(actor, message) if _matches(one["text"], labels)), None)
        if button is None or "data" not in button:
            return False
        phones.press(self.world, actor.id, {"message_id": message, "data": button["data"]})
        await self._settle()
        return True

    def buttons(self, actor: Actor, message: int) -> list[dict[str, Any]]:
        row = phones.the_message(self.world, actor.id, message)
        return [button for line in as_seen(self.world, row)["buttons"] for button in line]

    async def write(self, actor: Actor, message: int, text: str) -> None:
        """Write the answer; as a reply when another question has come since."""
        later = [
            row for row in messages_of(self.world, actor.id) if row["message_id"] > message and row["sender"] == BOT
        ]
        asked_since = any(self.recognise(as_seen(self.world, row)["text"]) for row in later)
        phones.send(self.world, actor.id, {"text": text} | ({"reply_to": message} if asked_since else {}))
        await self._settle()

    async def _say_unasked(self, actor: Actor) -> list[datetime]:
        """Say what the story says by itself; the moments still to come."""
        first = self.world.store.one("SELECT min(date) AS first FROM message WHERE chat_id = ?", actor.id)
        if first is None or first["first"] is None:
            return []
        still = []
        for number, one in enumerate(actor.story.unasked):
            at = _moment(first["first"], one, actor.person["zone"])
            if number in actor.state["said"]:
                continue
            if at > self.world.now():
                still.append(at)
                continue
            actor.state["said"].append(number)
            if self.world.now() - at <= LATE and self._can_write(actor):
                self._answers += 1
                phones.send(self.world, actor.id, {"text": one.text})
                await self._settle()
        return still

    async def _settle(self) -> None:
        if self.keeper.followers:
            await self.keeper.settled()


def _patterns(question: ScriptedQuestion) -> list[re.Pattern[str]]:
    """The question's words in each language; a {placeholder} stands for anything."""
    words = (re.escape(_plain(text)) for text in question.text_by_language.values() if text.strip())
    return [re.compile(re.sub(r"\\\{[^}]*\\\}", ".+?", one)) for one in words]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _bare(text: str) -> str:
    """A label without ticks, circles and emoji around it."""
    return re.sub(r"^[^\w]+|[^\w.!?…)»”]+$", "", _plain(text))


def _matches(button: str, labels: list[str]) -> bool:
    return _bare(button) in {_bare(label) for label in labels}


def _labels(question: ScriptedQuestion, answer: Any) -> list[str]:
    if question.kind in ("scale", "alias"):
        return [str(answer)]
    labels: Mapping[str, str] = question.options.get(str(answer), {})
    return [*labels.values(), *(YES_NO.get(str(answer), ()) if question.kind == "yes_no" else ())]


def _spoken(question: ScriptedQuestion, answer: Any, language: str) -> str:
    """The answer in words, for a message whose buttons are gone."""
    label = question.options.get(str(answer), {}).get(language)
    if label is None and question.kind == "yes_no":
        return YES_NO[str(answer)][language == "fr"]
    return label or str(answer)


def _pause(person: int, message: int) -> timedelta:
    """How long this person takes for this message: 2 to 40 minutes, mostly short, always the same."""
    draw = zlib.crc32(f"{person}:{message}".encode()) / 2**32
    return timedelta(seconds=120 + int(2280 * draw**3))


def _moment(first: int, one: Unasked, zone: str) -> datetime:
    local = ZoneInfo(zone)
    day = datetime.fromtimestamp(first, local).date() + timedelta(days=one.day)
    return datetime.combine(day, one.at, local).astimezone(ZoneInfo("UTC"))
