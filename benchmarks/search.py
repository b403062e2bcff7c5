"""`/journal trust`: reading through one leader's answers, all of them sealed; beside a bare decryption of as many values."""

import argparse
import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from bot.db.tables import Answer, AnswerPart, Engagement, Person
from bot.db.types import new_id
from bot.vault import KeyRing
from bot.work import journal
from bot.work.content import PART
from bot.work.opening import close_practice, open_practice
from bot.work.practice import Practice, Turn

_NOW = datetime(2026, 10, 5, 8, tzinfo=UTC)
_WORDS = "In the Monday meeting I said what I would not take on, and nobody minded; the rota stays as it is. {n}"


async def fill(practice: Practice, answers: int) -> Person:
    """One leader with so many moments, one in a hundred of which speaks of trust."""
    leader, coach, engagement = (new_id() for _ in range(3))
    await practice.vault.make(leader, "shared", "private")
    box = await practice.vault.box(leader, "private")
    rows, parts = [], []
    for n in range(answers):
        at = _NOW - timedelta(hours=n)
        key, part = new_id(), new_id()
        text = _WORDS.format(n="Trust grows." if n % 100 == 0 else n)
        rows.append({
            "id": key, "leader_id": leader, "engagement_id": engagement, "kind": "moment", "theme": "moment",
            "sharing": "private", "given_at": at, "shared_at": at, "last_bubble_at": at,
        })  # fmt: skip
        parts.append({
            "id": part, "answer_id": key, "chat_id": 1, "message_id": n, "version": 1, "at": at,
            "content": box.seal(PART, part, text),
        })  # fmt: skip
    async with practice.database.write() as db:
        for key in (leader, coach):
            db.add(Person(id=key, language="en", joined_at=_NOW, last_seen_at=_NOW, is_leader=key == leader))
        await db.flush()
        db.add(Engagement(id=engagement, leader_id=leader, coach_id=coach, started_at=_NOW))
        await db.flush()
        await db.execute(insert(Answer), rows)
        await db.execute(insert(AnswerPart), parts)
        return await db.get_one(Person, leader)


async def measure(answers: int, rounds: int) -> None:
    folder = Path(tempfile.mkdtemp())
    (folder / "keys").write_text(KeyRing.new_line() + "\n")
    practice = await open_practice(
        database_url=f"sqlite:///{folder / 'a.db'}", keystore_url=f"sqlite:///{folder / 'k.db'}",
        keys_file=folder / "keys", prompts_dir=Path(__file__).parent.parent / "prompts", name="A", now=_NOW,
    )  # fmt: skip
    leader = await fill(practice, answers)
    turn = Turn(practice, _NOW, 1, 1, 1, "en", person=leader)
    box = await practice.vault.box(leader.id, "private")
    sealed = box.seal(PART, leader.id, _WORDS)
    taken, bare = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(answers):
            box.open(PART, leader.id, sealed)
        bare.append(time.perf_counter() - began)
        async with practice.database.read() as db:
            turn.transaction = db
            began = time.perf_counter()
            found = await journal._holding(turn, ["trust"])
            taken.append(time.perf_counter() - began)
        assert len(found) == answers // 100
    await close_practice(practice)
    limit, ours = statistics.median(bare), statistics.median(taken)
    print(f"{'':36}{'seconds':>9}{'ratio':>8}")
    print(f"{f'opening {answers} values':36}{limit:9.3f}{1:8.2f}")
    print(f"{f'searching {answers} answers':36}{ours:9.3f}{ours / limit:8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true", help="fewer answers, for a test")
    is_small = parser.parse_args().small
    asyncio.run(measure(500 if is_small else 10_000, 2 if is_small else 5))


if __name__ == "__main__":
    main()
