"""What Anna keeps for herself stays hers: no count, no label and no silence gives it away, nor does what still waits."""

from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from house import House, Phone
from people import Town
from sqlalchemy import select, update
from test_briefs import briefs, hear
from test_digest import of_digest, rate

import bot.work.all_words
import bot.work.briefing
import bot.work.weekly
from bot.db.tables import Answer, Engagement
from bot.domain.sequence import Sharing
from bot.work import content
from bot.work.practice import Turn

DIGEST = datetime(2026, 10, 12, 7, 45, tzinfo=UTC)


async def _pair(house: House, *follows: str) -> tuple[Phone, Phone]:
    olga = await house.admin()
    alice = await house.coach("Alice", olga)
    return alice, await house.leader("Anna", alice, follows=follows)


async def _on(house: House, text: str) -> None:
    await house.until(datetime.fromisoformat(text + "+00:00"))


async def _brief(alice: Phone) -> str:
    return "\n".join(m["text"] for m in await hear(alice, "/brief Anna"))


# what comes because of an answer


@pytest.mark.parametrize("level", ["private", "topic"])
@pytest.mark.parametrize("then", ["leaves it", "answers", "skips", "pauses", "lets it go by"])
async def test_a_low_number_of_annas_looks_to_alice_like_a_high_one(house: House, level: str, then: str) -> None:
    """A question that comes after low numbers alone is asked of her; Alice reads the same in either case."""
    alice, anna = await _pair(house, "pulse")
    await anna.send(f"/sharing {level}")
    await _on(house, "2026-10-06 17:00")
    await anna.tap("2")
    assert "Heavy days" in await anna.last()
    if then == "answers":
        await anna.send("on the train")
    elif then == "skips":
        await anna.tap("Skip")
    elif then == "pauses":
        await anna.send("/pause 3 days")
    elif then == "lets it go by":
        await _on(house, "2026-10-08 18:00")
    read = (await _brief(alice)).splitlines()

    assert "Asked 1, answered 1." in read
    kept = "1 answer is kept private." if level == "private" else "Shared as a topic, without words: lightness."
    assert kept in read
    assert "still open" not in str(read)
    assert "not answered" not in str(read)
    assert "lighter" not in str(read)


async def test_the_digest_counts_annas_prompt_and_not_what_followed_it(house: House) -> None:
    alice, anna = await _pair(house, "pulse")
    await anna.send("/sharing private")
    await _on(house, "2026-10-06 17:00")
    await anna.tap("2")
    await anna.send("on the train")
    await _on(house, "2026-10-09 17:00")
    await anna.tap("5")  # and leaves the rest of Friday open
    await house.until(DIGEST)
    texts = "\n".join(m["text"] for m in await of_digest(alice))

    assert "2 answers are kept private" in texts
    assert "3 answers" not in texts


async def test_what_anna_shares_of_a_follow_up_is_read_as_she_wants_it(house: House) -> None:
    alice, anna = await _pair(house, "pulse")
    await anna.send("/sharing private")
    await _on(house, "2026-10-06 17:00")
    await anna.tap("2")
    await anna.send("on the train")
    await anna.tap("Share with Alice")

    read = await _brief(alice)

    assert "A lighter moment\non the train" in read
    assert "Asked 1, answered 1." in read
    assert "1 answer is kept private." in read


async def test_a_follow_up_to_shared_words_that_anna_lets_go_by_is_told_as_before(house: House) -> None:
    alice, anna = await _pair(house, "pulse")
    await _on(house, "2026-10-06 17:00")
    await anna.tap("Skip")
    read = await _brief(alice)

    assert "Asked 1, answered 0." in read
    assert "• Tue 6 Oct · How light\nThey skipped it." in read


# a whole step


STEPS = """
interlude: 1
sequence: steps
title: {en: "Steps", fr: "Étapes"}
about: {en: "One hangs on another.", fr: "L’une tient à l’autre."}
author: "Interlude"
reviewed: 2026-11-01
steps:
  - key: first
    theme: confidence
    purpose: {en: "For tests.", fr: "Pour les tests."}
    evidence: "None."
    minutes: 1
    when: {day: 1, at: 17:30}
    questions:
      - key: sure
        kind: scale
        measure: confidence
        ask: {en: "How sure are you?", fr: "Êtes-vous sûr ?"}
  - key: second
    theme: confidence
    purpose: {en: "For tests.", fr: "Pour les tests."}
    evidence: "None."
    minutes: 1
    when: {day: 2, at: 17:30}
    only_if: {answer: first.sure, below: 4}
    questions:
      - key: after
        kind: text
        ask: {en: "What weighed on you?", fr: "Qu’est-ce qui pesait ?"}
"""


@pytest.fixture
async def stepped(tmp_path: Path, keys_file: Path, database_url: str) -> Any:
    library = tmp_path / "library"
    library.mkdir()
    (library / "steps.yaml").write_text(STEPS)
    async with House.open(tmp_path, database_url, keys_file, INTERLUDE_PROMPTS_DIR=str(library)) as house:
        yield house


@pytest.mark.parametrize("number", ["2", "8"])
async def test_a_step_that_came_because_of_annas_low_number_is_nowhere(stepped: House, number: str) -> None:
    alice, anna = await _pair(stepped, "steps")
    await anna.send("/sharing private")
    await _on(stepped, "2026-10-06 17:00")
    await anna.tap(number)
    await _on(stepped, "2026-10-07 17:00")
    assert ("weighed" in await anna.last()) == (number == "2")
    open_ = await _brief(alice)
    await _on(stepped, "2026-10-09 12:00")
    gone_by = await _brief(alice)
    await stepped.until(DIGEST)
    digest = "\n".join(m["text"] for m in await of_digest(alice))

    assert "Asked 1, answered 1." in open_
    assert "Asked 1, answered 1." in gone_by
    assert "weighed" not in open_ + gone_by + digest
    assert "not answered" not in open_ + gone_by + digest
    assert "1 answer is kept private" in digest


async def test_a_step_that_came_because_of_shared_words_is_told_when_it_goes_by(stepped: House) -> None:
    alice, anna = await _pair(stepped, "steps")
    await _on(stepped, "2026-10-06 17:00")
    await anna.tap("2")
    await _on(stepped, "2026-10-09 12:00")
    before = await _brief(alice)
    [shared] = [m for m in await anna.chat() if "Only me" in str(m["buttons"])]
    await anna.tap("Only me", shared["message_id"])
    after = await _brief(alice)

    assert "Asked 2, answered 1." in before
    assert "• Wed 7 Oct · What weighed on you?" in before
    assert "Asked 1, answered 1." in after
    assert "weighed" not in after


# unasked


async def test_the_day_of_a_moment_that_anna_keeps_for_herself_is_not_told(town: Town) -> None:
    await town.alice.send("/session Anna Thu 10:00")
    await town.until("2026-10-07 12:00")
    await town.anna.send("/wobble")
    await town.anna.tap((await town.anna.buttons())[0])

    read = (await hear(town.alice, "/brief Anna"))[0]["text"]

    assert "Nothing has been answered yet." in read
    assert "Nothing since" not in read


# what still waits


async def test_an_old_number_that_anna_takes_back_is_not_in_the_brief_that_waits(house: House) -> None:
    alice, anna = await _pair(house, "pulse")
    await alice.send("/session Anna 22 Oct 10:00")
    await alice.send("/session Anna 29 Oct 10:00")
    await rate(anna, [4, 6])
    kept = [m for m in await anna.chat() if "Only me" in str(m["buttons"])]
    await _on(house, "2026-10-29 07:59")
    await house.post("faults", {"method": "sendMessage", "kind": "429", "calls": 1, "retry_after": 900})
    await _on(house, "2026-10-29 08:05")
    for message in kept:
        await anna.tap("Only me", message["message_id"])
    await _on(house, "2026-10-29 09:30")

    [brief] = [m for m in await alice.chat() if m["date"] > "2026-10-29" and m["from"] == "bot"]

    assert brief["text"].startswith("Anna · Thursday 29 October, 10:00")
    assert "ratings" not in brief["text"]
    assert "confidence" not in brief["text"]


async def test_a_topic_that_ben_takes_back_is_not_in_the_brief_that_waits(town: Town) -> None:
    await town.alice.send("/session Ben Thu 15:00")
    await town.until("2026-10-05 16:40")
    await town.ben.send("on Monday")
    await town.ben.tap("Only the topic")
    await town.until("2026-10-08 11:55")
    await town.alice.block()
    await town.until("2026-10-08 13:10")
    await town.ben.tap("Only me")
    await town.until("2026-10-08 13:20")
    await town.alice.unblock()
    await town.alice.send("/help")
    await town.until("2026-10-08 13:50")

    [brief] = await briefs(town.alice, "Ben · Thursday 8 October")

    assert "topic" not in brief["text"]
    assert "1 answer is kept private." in brief["text"]


async def test_a_topic_that_ben_takes_back_is_not_in_the_digest_that_waits(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("on Monday")
    await town.ben.tap("Only the topic")
    await town.until("2026-10-12 07:29")
    await town.house.post("faults", {"method": "sendMessage", "kind": "429", "calls": 1, "retry_after": 900})
    await town.until("2026-10-12 07:32")
    assert town.rows("SELECT state FROM delivery WHERE kind = 'digest'") == [("pending",)]
    [kept] = [m for m in await town.ben.chat() if "Only me" in str(m["buttons"])]
    await town.ben.tap("Only me", kept["message_id"])
    await town.until("2026-10-12 08:30")

    texts = "\n".join(m["text"] for m in await of_digest(town.alice))

    assert "topic" not in texts
    assert "1 answer is kept private" in texts


AGAIN = "What was to be shown here has changed before it could be sent. Please ask again."


async def test_what_ben_takes_back_is_not_in_what_alice_has_opened_and_still_waits_for(town: Town) -> None:
    """His number is in no words and his topic is quoted nowhere; what Alice asks for besides comes as it was."""
    await town.until("2026-10-05 16:40")
    await town.ben.send("a heron on the roof")
    await town.ben.tap("Only the topic")
    await hear(town.alice, "/digest")
    await town.house.post("faults", {"method": "sendMessage", "kind": "429", "calls": 1, "retry_after": 300})
    asked = ("/privacy", "/brief Ben", "/brief Anna", "/digest")
    before = len(await town.alice.received())
    for text in asked:
        await town.alice.send(text)
    [kept] = [m for m in await town.ben.chat() if "Only me" in str(m["buttons"])]
    await town.ben.tap("Only me", kept["message_id"])
    await town.house.advance(minutes=10)
    held = (await town.alice.received())[before:]

    assert "topic" not in "\n".join(held)
    assert held.count(AGAIN) == 2  # for the brief on Ben, and the digest
    assert sum(text.startswith("Anna") for text in held) == 1
    assert sum("Your digest comes on" in text for text in held) == 1
    assert "1 answer is kept private." in await _again(town, "/brief Ben")


async def test_words_that_ben_takes_back_are_gone_from_a_message_of_unknown_fate(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("a heron on the roof")
    await town.house.post("faults", {"method": "sendMessage", "kind": "reset_before", "calls": 1})
    await town.alice.send("/words Ben")
    [kept] = [m for m in await town.ben.chat() if "Only me" in str(m["buttons"])]
    await town.ben.tap("Only me", kept["message_id"])
    [(payload,)] = town.rows("SELECT payload FROM delivery WHERE dedupe_key LIKE 'update:%:shown'")
    await town.house.advance(minutes=20)

    assert payload is None
    assert "heron" not in "\n".join(await town.alice.received())
    caplog.clear()


async def _again(town: Town, text: str) -> str:
    return "\n".join(m["text"] for m in await hear(town.alice, text))


# between reading and writing


async def test_words_that_ben_takes_back_while_alice_opens_them_do_not_come(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("the words of Ben")
    _meanwhile(monkeypatch, bot.work.all_words, "_read")
    said = [m["text"] for m in await hear(town.alice, "/words Ben")]

    assert said == ["Ben shares no words here now."]


async def test_a_topic_that_ben_takes_back_while_alice_opens_the_brief_is_not_in_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("the words of Ben")
    await town.ben.tap("Only the topic")
    _meanwhile(monkeypatch, bot.work.briefing, "_look")
    [read] = [m["text"] for m in await hear(town.alice, "/brief Ben")]

    assert "1 answer is kept private." in read
    assert "topic" not in read


def _meanwhile(monkeypatch: pytest.MonkeyPatch, module: ModuleType, look: str) -> None:
    """Between reading and writing everything becomes private, as by a tap that another process handles."""
    read = getattr(module, look)

    async def slow(turn: Turn, *which: Any) -> Any:
        found = await read(turn, *which)
        async with turn.practice.database.write() as db:
            for answer in list(await db.scalars(select(Answer))):
                await content.reseal(turn.practice, db, answer, Sharing.private)
        return found

    monkeypatch.setattr(module, look, slow)


async def test_whoever_is_taken_from_alice_while_her_digest_is_read_is_not_in_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("on Monday")
    read = bot.work.weekly.read
    seen = []

    async def slow(practice: Any, db: Any, *which: Any) -> Any:
        found = await read(practice, db, *which)
        seen.append(found)
        if len(seen) == 1:
            async with practice.database.write() as write:
                ended = update(Engagement).where(Engagement.id == found.engagements[-1])
                await write.execute(ended.values(state="ended"))
        return found

    monkeypatch.setattr(bot.work.weekly, "read", slow)
    await hear(town.alice, "/digest")

    assert [len(one.engagements) for one in seen] == [2, 1]
