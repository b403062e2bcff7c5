"""The leaders answer by themselves: what their stories say, when their phones show the question, and not before."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rehearsal_wire import JACK, START, STEVE, Wire, staged
from test_following import Follower, hours

from bot.rehearsal.stories import FOLDER, ScriptedQuestion, StoryError, load_stories

QUESTIONS = [
    ScriptedQuestion("pulse/w/sure", {"en": "How sure are you?", "fr": "Êtes-vous sûr ?"}, "scale", {}),
    ScriptedQuestion("pulse/w/sure-more", {"en": "How sure are you? And why, {name}?"}, "text", {}),
    ScriptedQuestion("a/b/moment", {"en": "What did you try?"}, "text", {}),
    ScriptedQuestion("a/b/tested", {"en": "Was it tested?", "fr": "Testé ?"}, "yes_no", {}),
    ScriptedQuestion("a/b/weighs", {"en": "What weighs?"}, "choice",
                     {"distance": {"en": "The distance", "fr": "La distance"}, "none": {"en": "Nothing"}}),
    ScriptedQuestion("a/b/many", {"en": "Which of these?"}, "choices",
                     {"one": {"en": "One"}, "two": {"en": "Two"}, "three": {"en": "Three"}}),
    ScriptedQuestion("a/b/hours", {"en": "How many hours?"}, "number", {}),
    ScriptedQuestion("a/b/whom", {"en": "Who is it?"}, "alias", {}),
    ScriptedQuestion("a/b/plan", {"en": "What is the plan?"}, "plan", {}),
    ScriptedQuestion("a/b/piece", {"en": "And in one piece?"}, "plan", {}),
]  # fmt: skip
STORY = """
person: Jack
language: en
answers:
  pulse/w/sure: [7, null, 5]
  a/b/moment: ["I waited."]
  a/b/tested: ["yes"]
  a/b/weighs: [distance]
  a/b/many: [[one, three]]
  a/b/hours: [12.5]
  a/b/whom: [Fox]
  a/b/plan: [{cue: When he rings, action: I wait}]
  a/b/piece: [No calls after six.]
unasked:
  - {day: 0, at: "15:30", text: "That went well."}
"""


@pytest.fixture
async def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    (tmp_path / "jack.yaml").write_text(STORY)
    monkeypatch.setattr("bot.rehearsal.player.FOLDER", tmp_path)
    async with staged(tmp_path / "rehearsal.db", questions=QUESTIONS) as wire:
        await wire.start(JACK)
        yield wire


async def play(wire: Wire, **order: Any) -> dict[str, Any]:
    reply = await wire.http.post("/rehearsal/play", json={"people": None} | order)
    assert reply.status_code == 200, reply.text
    played: dict[str, Any] = reply.json()
    return played


async def ask(wire: Wire, text: str, *labels: str) -> int:
    rows = [[{"text": label, "callback_data": label[:20]}] for label in labels]
    more = {"reply_markup": {"inline_keyboard": rows}} if rows else {}
    return int((await wire.call("sendMessage", chat_id=JACK, text=text, **more))["message_id"])


async def did(wire: Wire) -> list[str]:
    """The data of all taps (they may be too old for the bot by now), then the texts the bot has yet to hear."""
    taps = [row["data"] for row in wire.stage.world.store.all("SELECT data FROM tap ORDER BY rowid")]
    return taps + [one["message"]["text"] for one in await wire.fetch() if "message" in one]


async def test_an_answer_comes_some_minutes_after_its_question(scene: Wire) -> None:
    await ask(scene, "Hello Jack.\n\nWhat did you  try?\n\nSteve reads this.")

    played = await play(scene, span_s=2 * 3600)

    chat = await scene.chat(JACK)
    waited = datetime.fromisoformat(chat[-1]["date"]) - datetime.fromisoformat(chat[-2]["date"])
    assert chat[-1]["text"] == "I waited."
    assert timedelta(minutes=2) <= waited <= timedelta(minutes=41)
    assert played["answers"] == 1


@pytest.mark.parametrize(
    ("question", "labels", "taps"),
    [
        ("How sure are you?", ["5", "6", "7", "8"], ["7"]),
        ("Was it tested?", ["Yes", "No"], ["Yes"]),
        ("What weighs?", ["○ The distance", "○ Nothing"], ["○ The distance"]),
        ("Which of these?", ["One", "Two", "Three", "Done"], ["One", "Three", "Done"]),
    ],
)
async def test_buttons_are_tapped_as_the_story_says(
    scene: Wire, question: str, labels: list[str], taps: list[str]
) -> None:
    await ask(scene, question, *labels)

    await play(scene, span_s=3600)

    assert await did(scene) == taps


async def test_amounts_aliases_and_plans_are_typed(scene: Wire) -> None:
    await ask(scene, "How many hours?", "In my own words", "Skip")
    await ask(scene, "Who is it?", "🦉 Owl", "🦊 Fox", "In my own words")
    await ask(scene, "What is the plan?", "In my own words", "Skip")
    await ask(scene, "And in one piece?", "In my own words", "Skip")

    await play(scene, span_s=3600)

    heard = await did(scene)
    assert heard[:2] == ["🦊 Fox", "In my own words"] or heard[:2] == ["In my own words", "🦊 Fox"]
    assert sorted(heard[2:]) == ["12.5", "I wait", "No calls after six.", "When he rings"]


async def test_without_its_buttons_a_question_is_answered_in_words(scene: Wire) -> None:
    await ask(scene, "What weighs?")

    await play(scene, span_s=3600)

    assert await did(scene) == ["The distance"]


async def test_what_somebody_has_answered_on_the_phone_is_left_alone(scene: Wire) -> None:
    asked = await ask(scene, "What did you try?", "Skip")
    await scene.phone(JACK, "send", text="By hand.")
    await scene.call("editMessageText", chat_id=JACK, message_id=asked, text="What did you try?\n\n-> By hand.")

    played = await play(scene, span_s=2 * 3600)

    assert played["answers"] == 0
    assert await did(scene) == ["By hand."]


async def test_silence_and_the_end_of_a_story_are_silent(scene: Wire) -> None:
    for _ in range(4):
        await ask(scene, "How sure are you?", "5", "7")
        await play(scene, span_s=3600)

    assert await did(scene) == ["7", "5"]


async def test_the_longest_question_wins_and_a_placeholder_is_anything(scene: Wire) -> None:
    player = scene.stage.player

    recognised = [player.recognise(text) for text in ("How sure are you? And why, Jack?", "How sure are you?", "Hi")]

    assert [one and one.key for one in recognised] == ["pulse/w/sure-more", "pulse/w/sure", None]


async def test_two_open_questions_are_answered_each_by_a_reply_or_a_tap(scene: Wire) -> None:
    first = await ask(scene, "What did you try?")
    await ask(scene, "How sure are you?", "7")

    await play(scene, span_s=3600)

    said = [one for one in await scene.chat(JACK) if one["text"] == "I waited."]
    assert said[0]["reply_to"] == first


async def test_something_is_said_unasked_at_its_local_time(scene: Wire) -> None:
    await play(scene, span_s=8 * 3600)

    said = (await scene.chat(JACK))[-1]
    assert (said["text"], said["date"]) == ("That went well.", "2026-11-02T15:30:00+00:00")
    await play(scene, span_s=8 * 3600)
    assert (await scene.chat(JACK))[-1] == said


async def test_a_bot_that_follows_is_given_its_turns_while_leaders_answer(scene: Wire) -> None:
    bot = Follower(scene, hours(1, 2, 3))

    async def ask_again(update: dict[str, Any]) -> None:
        if update.get("message", {}).get("text") == "I waited.":
            await ask(scene, "How sure are you?", "5", "7")

    bot.on_update = ask_again
    async with bot.running():
        await ask(scene, "What did you try?")
        played = await play(scene, until=(START + timedelta(hours=5)).isoformat())

    assert bot.acted == hours(1, 2, 3)
    assert bot.heard == ["message", "callback_query"]
    assert played["answers"] == 2


async def test_a_blocked_bot_gets_no_answers(scene: Wire) -> None:
    await ask(scene, "What did you try?")
    await scene.phone(JACK, "block")
    await scene.fetch()

    await play(scene, span_s=86400)

    assert await did(scene) == []


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"people": [STEVE], "span_s": 5}, "Not everybody named has a story to play."),
        ({"people": "Jack", "span_s": 5}, "people is a list of ids"),
        ({"people": None}, "Say either"),
        ({"people": None, "until": "2020-01-01"}, "The clock already stands at"),
    ],
)
async def test_what_cannot_be_played_is_said(scene: Wire, order: dict[str, Any], sentence: str) -> None:
    reply = await scene.http.post("/rehearsal/play", json=order)

    assert reply.status_code == 400
    assert reply.json()["error"].startswith(sentence)


BROKEN = [
    ("answers: {}", "a story says whose it is (person: Name)."),
    ("person: J\nmood: fine", "'mood' is not a part of a story."),
    ("person: J\nanswers: {a/b/c: [x]}", "a/b/c: no sequence asks this question."),
    ("person: J\nanswers: {pulse/w/sure: [11]}", "pulse/w/sure: 11 does not answer a question of kind scale."),
    ("person: J\nanswers: {a/b/weighs: [sky]}", "a/b/weighs: 'sky' does not answer a question of kind choice."),
    ("person: J\nanswers: {a/b/moment: x}", "a/b/moment: what is said is a list, one entry per time it is asked."),
    ("person: J\nunasked: [{day: 1}]", "unasked: {'day': 1} is not {day, at: \"HH:MM\", text}."),
    ("a: [", "not readable as YAML"),
]


@pytest.mark.parametrize(("text", "problem"), BROKEN)
def test_a_broken_story_is_named_with_its_problem(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "broken.yaml").write_text(text)

    with pytest.raises(StoryError) as raised:
        load_stories(tmp_path, QUESTIONS)

    assert raised.value.problems[0].startswith(f"broken.yaml: {problem}")


def test_the_stories_that_ship_can_be_read() -> None:
    stories = load_stories(FOLDER)

    assert {"Jack", "Jerome"} <= set(stories)
    assert stories["Jerome"].language == "fr"
