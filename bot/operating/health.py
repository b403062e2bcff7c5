"""`/health` and `/metrics` of a running process: states, counts and instants. Nothing in them is about anybody."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.db import schema
from bot.work import overseeing
from bot.work.practice import Practice
from bot.work.vitals import FETCH, LOOK, SEND

if TYPE_CHECKING:
    from prometheus_client.core import Metric
    from starlette.applications import Starlette

_PATIENCE = 5.0
_LATE = timedelta(minutes=15)
_MOST_AGE = {LOOK: timedelta(minutes=2), FETCH: timedelta(minutes=3), SEND: timedelta(minutes=3)}
_SAID = {LOOK: "has not looked at what is due", FETCH: "has fetched no updates", SEND: "has not looked at the outbox"}
_SKEW = 60.0
_UNHEARD = timedelta(minutes=3)
_TRIES_APART = timedelta(minutes=20)  # at most a quarter of an hour, and a little: what is not tried any more tells nothing


@dataclass(frozen=True)
class Status:
    """How a process is. `rounds`: of each part that is this process's, when it last got round."""

    database: bool
    schema: str | None
    rounds: dict[str, datetime | None]
    outbox: overseeing.Waiting | None
    clock_skew: float | None
    problems: list[str] = field(default_factory=list)


async def examine(practice: Practice, now: datetime) -> Status:
    """A few indexed queries; a database that does not answer in five seconds is a finding, not an error."""
    state, waiting = None, None
    try:
        async with asyncio.timeout(_PATIENCE):
            state = await schema.state_of(practice.database.engine)
            waiting = await overseeing.waiting(practice.database, now) if state == "current" else None
    except Exception:  # noqa: BLE001, S110  # whatever it is: it does not answer
        pass
    has_keys = True
    try:
        async with asyncio.timeout(_PATIENCE):
            await practice.vault.ask()
    except Exception:  # noqa: BLE001
        has_keys = False
    vitals = practice.vitals
    since = vitals.ours(now)
    rounds = {part: vitals.rounds[part].at for part in since}
    status = Status(state is not None, schema.HEAD if state == "current" else state, rounds, waiting, vitals.skew)
    status.problems.extend([] if has_keys else ["The key store does not answer."])
    status.problems.extend(_problems(status, since, now))
    if vitals.undelivered is not None:
        status.problems.append(f"Telegram cannot deliver updates: {vitals.undelivered}.")
    unheard = vitals.unheard
    if unheard is not None and unheard.latest - unheard.since > _UNHEARD and now - unheard.latest < _TRIES_APART:
        for_long = (now - unheard.since).total_seconds()
        status.problems.append(f"Telegram has taken no message for {for_long:.0f} s: {unheard.reason}.")
    return status


def _problems(status: Status, since: dict[str, datetime], now: datetime) -> Iterator[str]:
    if not status.database:
        yield "The database does not answer."
    elif status.schema != schema.HEAD:
        yield f"The schema is {status.schema}."
    for part, at in status.rounds.items():
        latest = max(at or since[part], since[part])
        if now - latest > _MOST_AGE[part]:
            yield f"This process {_SAID[part]} for {(now - latest).total_seconds():.0f} s."
    oldest = status.outbox.oldest_due if status.outbox is not None else None
    if oldest is not None and now - oldest > _LATE:
        yield f"A message has been due for {(now - oldest).total_seconds():.0f} s."
    came = status.outbox.oldest_update if status.outbox is not None else None
    if came is not None and now - came > _LATE:
        yield f"An update has been waiting to be handled for {(now - came).total_seconds():.0f} s."
    if status.clock_skew is not None and abs(status.clock_skew) > _SKEW:
        yield f"The clock is {status.clock_skew:.0f} s ahead of Telegram's."


def make_app(examined: Callable[[], Awaitable[Status]], practice: Practice) -> "Starlette":
    """200 while all is well, else 503, with the sentences that say why."""
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    gauges = _Gauges(practice)
    registry.register(gauges)

    async def health(_request: Request) -> Response:
        status = await examined()
        told = {"status": "failing" if status.problems else "ok", **asdict(status)}
        body = json.dumps(told, default=lambda value: value.isoformat())
        return Response(body, 503 if status.problems else 200, media_type="application/json")

    async def metrics(_request: Request) -> Response:
        gauges.status = await examined()
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    return Starlette(routes=[Route("/health", health), Route("/metrics", metrics)])


class _Gauges:
    """What was last examined, as Prometheus reads it."""

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self.status: Status | None = None

    def describe(self) -> list["Metric"]:
        return []

    def collect(self) -> Iterator["Metric"]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        rounds = self._practice.vitals.rounds
        counted = CounterMetricFamily("interlude_rounds", "Rounds of each part.", labels=["part", "result"])
        at = GaugeMetricFamily("interlude_last_round_timestamp_seconds", "When each part last got round.", labels=["part"])
        for part, done in list(rounds.items()):
            counted.add_metric([part, "done"], done.done)
            counted.add_metric([part, "failed"], done.failed)
            if done.at is not None:
                at.add_metric([part], done.at.timestamp())
        yield counted
        yield at
        if (status := self.status) is None:
            return
        yield GaugeMetricFamily("interlude_healthy", "1 if /health says ok.", value=not status.problems)
        yield GaugeMetricFamily("interlude_database_up", "1 if the database answers.", value=status.database)
        if status.clock_skew is not None:
            yield GaugeMetricFamily("interlude_clock_skew_seconds", "Ahead of Telegram's.", value=status.clock_skew)
        if status.outbox is not None:
            yield from _of_outbox(status.outbox)


def _of_outbox(outbox: overseeing.Waiting) -> Iterator["Metric"]:
    from prometheus_client.core import GaugeMetricFamily

    what = "Messages: unfinished ones, and those that failed or came too late since yesterday."
    deliveries = GaugeMetricFamily("interlude_deliveries", what, labels=["state"])
    for state, count in outbox.deliveries.items():
        deliveries.add_metric([state], count)
    updates = GaugeMetricFamily("interlude_updates", "Updates that wait, or were set aside.", labels=["state"])
    for state, count in outbox.updates.items():
        updates.add_metric([state], count)
    yield deliveries
    yield updates
    yield GaugeMetricFamily("interlude_held_back", "Messages held back since a restore.", value=outbox.held_back)
    yield GaugeMetricFamily("interlude_oldest_due_seconds", "For how long a message has been due.", value=outbox.overdue)
