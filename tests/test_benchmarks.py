"""The benchmarks still run; what they say is in benchmarks/README.md."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def test_the_cost_of_planning_can_be_measured() -> None:
    order = [sys.executable, "benchmarks/planning.py", "--small"]

    said = subprocess.run(order, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=120).stdout

    kinds = ("Interlude, SQLite", "Interlude, PostgreSQL", "APScheduler, jobs added", "APScheduler, jobs kept")
    assert all(kind in said for kind in kinds)


def test_a_wave_can_be_measured_and_ours_is_not_refused() -> None:
    order = [sys.executable, "benchmarks/wave.py", "--small"]

    said = subprocess.run(order, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=120).stdout

    ours = next(line.split() for line in said.splitlines() if line.startswith("Interlude"))
    assert ours[3:6] == ["0", "0", "0"]  # refused, lost, twice


def test_what_a_message_takes_can_be_measured() -> None:
    order = [sys.executable, "benchmarks/throughput.py", "--small"]

    said = subprocess.run(order, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=120).stdout

    assert all(kind in said for kind in ("PTB, Bot.send_message", "Interlude, SQLite, sends nothing"))


def test_how_fast_answers_are_on_disk_can_be_measured_and_all_of_them_are() -> None:
    order = [sys.executable, "benchmarks/answers_in.py", "--small"]

    said = subprocess.run(order, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=120).stdout

    assert all(kind in said for kind in ("raw SQLite", "Interlude polling, SQLite", "Interlude webhook, SQLite"))


def test_waking_up_can_be_measured_and_asks_everybody_who_is_due() -> None:
    order = [sys.executable, "benchmarks/waking.py", "--small"]

    said = subprocess.run(order, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=120).stdout

    assert all(kind in said for kind in ("Interlude, SQLite", "PTB, JobQueue"))


def test_what_an_idle_bot_takes_can_be_measured_and_a_day_of_many_reckoned() -> None:
    orders = [[sys.executable, f"benchmarks/{name}.py", "--small"] for name in ("idle", "day")]

    idle, day = (
        subprocess.run(order, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=120).stdout
        for order in orders
    )

    assert "PTB and SQLAlchemy, polling" in idle
    assert "one time zone, one bot" in day


def test_how_well_a_change_is_noticed_can_be_measured() -> None:
    order = [sys.executable, "benchmarks/change.py", "--small"]

    said = subprocess.run(order, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=120).stdout

    assert all(rule in said for rule in ("4 or less", "2 points since last time", "ours, the setting in use"))


def test_what_a_coach_reads_can_be_measured_and_draws_nothing_without_numbers() -> None:
    order = [sys.executable, "benchmarks/coach_reads.py", "--small"]

    said = subprocess.run(order, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=120).stdout

    assert said.count("whole: read, drawn, written, queued") == 2


def test_whoever_is_killed_again_and_again_loses_nothing() -> None:
    """`interlude run` killed while people answer, beside the naive orders and stock polling; it fails by itself if anything
    was lost or came twice."""
    order = [sys.executable, "benchmarks/chaos", "--small"]

    for _ in range(2):  # a machine that is busy otherwise may be too slow for a life; what is lost or doubled is in a table
        ended = subprocess.run(order, cwd=REPOSITORY, check=False, capture_output=True, text=True, timeout=240)
        if ended.returncode == 0 or "Interlude, sqlite" in ended.stdout:
            break

    assert ended.returncode == 0, ended.stdout + ended.stderr
    for name in ("Interlude, sqlite", "mark, then send", "send, then mark", "stock polling"):
        assert name in ended.stdout
