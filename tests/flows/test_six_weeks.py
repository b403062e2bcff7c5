"""Six weeks of both programmes, lived by everybody in the demo, across the end of summer time."""

import itertools
import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot import catalog, demo, settings
from bot.i18n import Say

ZONES = {"Jerome": "Europe/Paris", "Claire": "Europe/Paris"}
SIX_WEEKS = 6 * 7 * 86_400 + 7_200  # up to the sixth digest: the clocks have gone back an hour meanwhile


class Played:
    """What every phone holds after six weeks."""

    def __init__(self, chats: dict[str, list[dict[str, Any]]]) -> None:
        self.chats = chats
        loaded = catalog.load(settings.load(need_token=False, need_keys=False).prompts_dir)
        self.questions = {
            (q.ask[language].replace("{coach}", coach), f"{s.name}/{step.key}/{q.key}")
            for s in loaded.sequences.values() for step in s.steps for q in step.questions
            for language, coach in (("en", "Steve"), ("fr", "Claire"))
        }  # fmt: skip

        self.first = {f"{s.name}/{t.key}/{t.questions[0].key}" for s in loaded.sequences.values() for t in s.steps}

    def from_bot(self, name: str) -> list[tuple[datetime, str]]:
        zone = ZoneInfo(ZONES.get(name, "Europe/London"))
        return [
            (datetime.fromisoformat(m["date"]).astimezone(zone), m["text"])
            for m in self.chats[name] if m["from"] == "bot"
        ]  # fmt: skip

    def asked(self, name: str) -> list[tuple[datetime, str]]:
        """The questions on a phone, with their keys."""
        found = []
        for at, text in self.from_bot(name):
            keys = [key for asked, key in self.questions if text.startswith(asked)]
            found += [(at, min(keys))] if keys else []
        return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("six-weeks")


@pytest.fixture
async def played(folder: Path) -> AsyncIterator[Played]:
    async with (
        demo.performance(folder, 0) as stage,
        httpx.AsyncClient(base_url=stage.url, timeout=300, trust_env=False) as http,
    ):
        reply = await http.post("/rehearsal/play", json={"people": None, "span_s": SIX_WEEKS})
        assert reply.status_code == 200, reply.text
        people = (await http.get("/rehearsal/state")).json()["people"]
        chats = {p["name"]: (await http.get(f"/rehearsal/people/{p['id']}/chat")).json() for p in people}
    return Played(chats)


LEADERS = ("Jack", "Priya", "Tom", "Aisha", "Mark", "Jerome")


async def test_six_weeks_of_both_programmes(played: Played) -> None:
    for name in LEADERS:
        asked = played.asked(name)
        counted = Counter(key for _, key in asked if key.startswith("first-six-weeks/"))
        assert len(asked) > 25, name
        assert max(counted.values(), default=1) == 1, (name, counted.most_common(2))
        for at, key in asked:
            if key not in played.first:
                continue  # the next question of a step comes when the leader answers, whenever that is
            assert at.weekday() < 5, (name, key, at)
            assert 8 <= at.hour < 19, (name, key, at)
        weeks = Counter((at.isocalendar().week, key) for at, key in asked)
        assert max(weeks.values()) == 1, name

    for coach, leaders, language in (("Steve", LEADERS[:5], "en"), ("Claire", LEADERS[5:], "fr")):
        texts = played.from_bot(coach)
        for leader in leaders:
            briefs = [at for at, text in texts if text.startswith(f"{leader} · ")]
            assert len(briefs) == 6, (leader, briefs)
            assert len({at.date() for at in briefs}) == 6
            assert {at.weekday() for at in briefs} == {briefs[0].weekday()}
            assert len({at.time() for at in briefs}) == 1, "the same local time before and after the clocks change"
        heading = {"en": "Your leaders, week to", "fr": "synthèse"}[language]
        digests = [at for at, text in texts if re.search(heading, text.split("\n")[0], re.IGNORECASE)]
        digests = [at for at in digests if (at.hour, at.minute) == (8, 30)]
        assert [at.weekday() for at in digests] == [0] * 6, digests
        assert [(later - earlier).days for earlier, later in itertools.pairwise(digests)] == [7] * 5
    steve = [at.astimezone(UTC) for at, text in played.from_bot("Steve") if text.startswith("Your leaders")]
    assert {at.hour for at in steve} == {7, 8}, "08:30 in London is 07:30 UTC in summer, 08:30 in winter"

    everything = "\n".join(text for coach in ("Steve", "Claire") for _, text in played.from_bot(coach))
    for name in LEADERS:
        for message in played.chats[name]:
            if message["from"] == "person" and is_private(played.chats[name], message):
                assert message["text"] not in everything, (name, message["text"])
    assert "Jerome" not in "\n".join(text for _, text in played.from_bot("Steve"))
    assert not any(at > datetime(2026, 10, 5, 8, tzinfo=UTC) + timedelta(weeks=6, hours=3) for at in steve)


def is_private(chat: list[dict[str, Any]], message: dict[str, Any]) -> bool:
    """Whether the bot's next words say that it stays the leader's own."""
    following = next((m for m in chat if m["message_id"] > message["message_id"] and m["from"] == "bot"), None)
    kept = ("Kept, for your eyes only.", "Noted. Nobody else reads it.", "It stays with you alone.")
    sentences = tuple(Say(language)(sentence) for language in ("en", "fr") for sentence in kept)
    return following is not None and following["text"].startswith(sentences)
