"""The log: whatever happens and whoever logs it, no content, token or key is ever written."""

import asyncio
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import DataError, RefusedError
from bot.log import configure, get_logger

TOKEN = "7123456789:AAHfakeFAKEfakeFAKEfakeFAKEfake_-12"
WORDS = "I felt small in front of Margaux"
log = get_logger("bot.tests")

Lines = Callable[[], list[dict[str, Any]]]


def foreign(message: object, *args: object, level: int = logging.ERROR, exc_info: Any = None) -> None:
    """A record of another library, given to our handler alone: the test runner's format it their own way."""
    (ours,) = [one for one in logging.getLogger().handlers if type(one).__module__ == "bot.log"]
    ours.handle(logging.LogRecord("telegram", level, "file", 1, message, args, exc_info))


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers, level, ours = root.handlers[:], root.level, logging.getLogger("bot").level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("bot").setLevel(ours)
    sys.excepthook, threading.excepthook = hooks
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """Logs as JSON, and gives what was written since it was last asked."""
    configure(json=True, level="DEBUG", secrets=[TOKEN, "hunter2", "kléf/+ab=="])
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_ids_and_states_are_logged(lines: Lines) -> None:
    log.info("prompt sent", delivery_id=7, state="sent", seconds=0.25, attempt=1)

    (line,) = lines()
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "event": "prompt sent",
        "delivery_id": 7,
        "state": "sent",
        "seconds": 0.25,
        "attempt": 1,
        "level": "info",
        "logger": "bot.tests",
    }


def test_a_value_under_an_unknown_key_is_dropped_and_counted(lines: Lines) -> None:
    log.info("answer kept", id=3, text=WORDS, name="Jack", answer=WORDS)

    (line,) = lines()
    assert line["dropped"] == 3
    assert set(line) == {"event", "id", "dropped", "level", "logger", "timestamp"}


def test_a_sentence_under_an_allowed_key_is_not_shown(lines: Lines) -> None:
    log.warning("not sent", reason=WORDS, state=["open", WORDS], person_id={"name": "Jack"}, count=b"x")

    (line,) = lines()
    assert line["reason"] == "(text)"
    assert line["state"] == ["open", "(text)"]
    assert line["person_id"] == "(dict)"
    assert line["count"] == "(bytes)"


def test_plain_values_keep_their_meaning(lines: Lines) -> None:
    class State(StrEnum):
        open = "open"

    log.info(
        "kept",
        id=UUID(int=5),
        at=datetime(2026, 11, 12, 9, tzinfo=UTC),
        seconds=timedelta(minutes=1),
        state=State.open,
        count=None,
    )

    (line,) = lines()
    assert line["id"] == "00000000-0000-0000-0000-000000000005"
    assert line["at"] == "2026-11-12 09:00:00+00:00"
    assert (line["seconds"], line["state"], line["count"]) == ("0:01:00", "open", None)


def test_what_is_bound_to_the_task_is_filtered_like_the_rest(lines: Lines) -> None:
    structlog.contextvars.bind_contextvars(update_id=9, text=WORDS)

    log.debug("handled")

    (line,) = lines()
    assert (line["update_id"], line["dropped"]) == (9, 1)


def test_the_level_is_obeyed(lines: Lines) -> None:
    configure(json=True, level="WARNING")

    log.info("quiet")
    log.error("heard")

    assert [line["event"] for line in lines()] == ["heard"]


# --- exceptions ---


def remember(words: str) -> None:
    secret_of_a_frame = words
    raise ValueError(f"cannot keep {secret_of_a_frame}")


def test_an_exception_is_its_type_and_place_without_message_or_variables(lines: Lines) -> None:
    try:
        remember(WORDS)
    except ValueError as error:
        log.exception("answer failed", id=3)
        log.error("answer failed", error=error)
        log.error("answer failed", exc_info=error)
        log.warning("answer failed", exc_info=sys.exc_info(), stack_info=True)

    first, by_value, by_info, by_tuple = lines()
    assert first["error"] == by_info["error"] == by_tuple["error"] == by_value["error"] == "ValueError"
    assert first["where"].startswith("tests/test_log.py:")
    assert "remember < tests/test_log.py:" in first["where"]
    assert first["level"] == "error"
    assert "Margaux" not in str([first, by_value, by_info, by_tuple])


def test_no_exception_is_no_trouble(lines: Lines) -> None:
    log.error("nothing raised", exc_info=True)  # noqa: LOG014 - that is the point
    logging.getLogger("telegram").error("nothing raised", exc_info=True)  # noqa: LOG014

    assert all("error" not in line for line in lines())


def test_causes_and_groups_are_named(lines: Lines) -> None:
    try:
        try:
            remember(WORDS)
        except ValueError as cause:
            raise ExceptionGroup(WORDS, [KeyError(WORDS), DataError("The key store is foreign.")]) from cause
    except ExceptionGroup:
        log.exception("failed")
    try:
        try:
            remember(WORDS)
        except ValueError:
            raise RuntimeError(WORDS)  # noqa: B904
    except RuntimeError as error:
        error.__context__.__cause__ = error  # a ring
        log.exception("failed")
    try:
        try:
            remember(WORDS)
        except ValueError:
            raise RuntimeError(WORDS) from None
    except RuntimeError:
        log.exception("failed")

    group, context, alone = lines()
    assert group["error"] == (
        "ExceptionGroup[KeyError, bot.errors.DataError: The key store is foreign.] < ValueError"
    )
    assert context["error"] == "RuntimeError < ValueError"
    assert alone["error"] == "RuntimeError"


def test_our_own_errors_keep_their_sentence_but_refusals_quote_a_person(lines: Lines) -> None:
    log.error("stopped", error=DataError("The schema is older than the program."))
    log.error("refused", error=RefusedError("There is no leader called Jack."))

    ours, refusal = lines()
    assert ours["error"] == "bot.errors.DataError: The schema is older than the program."
    assert refusal["error"] == "bot.errors.RefusedError"


def test_what_nobody_catches_is_logged_without_its_message(
    lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        remember(WORDS)
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    thread = threading.Thread(target=remember, args=(WORDS,))
    thread.start()
    thread.join()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)

    main, other = lines()
    assert main["level"] == other["level"] == "critical"
    assert main["error"] == other["error"] == "ValueError"
    assert "remember" in main["where"]


# --- other libraries ---


async def test_httpx_does_not_tell_the_token(lines: Lines) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client:
        await client.post(f"https://api.telegram.org/bot{TOKEN}/sendMessage", json={"text": WORDS})
    assert lines() == []

    logging.getLogger("httpx").warning("HTTP Request: %s %s", "POST", f"https://h/bot{TOKEN}/sendMessage")
    logging.getLogger("httpx").warning(f"HTTP Request: POST https://h/bot{TOKEN}/sendMessage")  # noqa: G004

    template, whole = lines()
    assert template["event"] == "HTTP Request: … …"
    assert whole["event"] == "HTTP Request"
    assert whole["logger"] == "httpx"


def test_a_library_is_reduced_to_its_fixed_phrase(lines: Lines) -> None:
    foreign("Application started", level=logging.INFO)
    foreign("Waited %d s for %s, %.1f", 3, WORDS, 0.5)
    foreign("Broken %d template %s", WORDS)
    foreign("By name: %(name)s", {"name": WORDS})
    foreign(ValueError(WORDS))
    foreign("")
    foreign("Task failed\nfuture: <Task exception=%s>", WORDS)

    assert [line["event"] for line in lines()] == [
        "Waited 3 s for …, 0.5",
        "Broken %d template %s",
        "By name",
        "(ValueError)",
        "",
        "Task failed",
    ]


async def test_asyncio_does_not_tell_what_a_lost_task_held(lines: Lines) -> None:
    loop = asyncio.get_running_loop()

    async def lost() -> None:
        remember(WORDS)

    task = loop.create_task(lost(), name=WORDS)
    await asyncio.wait([task])
    del task
    import gc

    gc.collect()
    loop.call_soon(remember, WORDS)
    await asyncio.sleep(0.01)

    found = lines()
    assert [line["event"] for line in found] == [
        "Task exception was never retrieved",
        "Exception in callback remember",
    ]
    assert all(line["error"] == "ValueError" and "remember" in line["where"] for line in found)


@pytest.mark.parametrize(
    "form", [TOKEN, TOKEN.replace(":", "%3A"), "hunter2", "kléf/+ab==", "kl%C3%A9f%2F%2Bab%3D%3D"]
)
@pytest.mark.parametrize("as_json", [True, False])
def test_a_secret_is_blotted_out_wherever_it_stands(
    form: str, as_json: bool, lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(json=as_json, level="INFO", secrets=[TOKEN, "hunter2", "kléf/+ab==", ""])

    log.info("started " + form, address=form, reason=f"x{form}y")  # noqa: G003
    foreign("at %d " + form.replace("%", "%%"), 1)

    written = capsys.readouterr().err
    assert form not in written
    assert written.count("[redacted]") >= 2


def test_even_an_unknown_token_is_blotted_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=False, level="INFO")

    log.info("started", address=f"http://127.0.0.1/bot{TOKEN}/getMe")

    written = capsys.readouterr().err
    assert TOKEN.partition(":")[2] not in written
    assert "[redacted]" in written


def test_a_readable_line_for_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=False, level="INFO")

    log.info("prompt\nsent", delivery_id=7, state="sent")

    (line,) = capsys.readouterr().err.splitlines()
    assert line[29:] == ' info     prompt sent  delivery_id=7 state="sent" logger="bot.tests"'


def test_configuring_again_replaces_and_does_not_repeat(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=False, level="INFO")
    configure(json=True, level="INFO")

    log.info("once")

    assert capsys.readouterr().err.count("once") == 1


def test_a_record_that_cannot_be_written_shows_nothing(
    lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign(WORDS, exc_info=(WORDS,))

    assert capsys.readouterr().err == "a record of telegram could not be written\n"


def test_before_configuring_nothing_unfiltered_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger().handlers[:] = []

    log.error("answer failed", id=3, text=WORDS)

    written = capsys.readouterr()
    assert "answer failed" in written.err
    assert "Margaux" not in written.err + written.out


def test_logging_does_not_cost_the_import_of_rich_nor_forbid_it() -> None:
    program = (
        "import sys, bot.log; assert not any(m.startswith('rich') for m in sys.modules); import rich.console"
    )

    subprocess.run([sys.executable, "-c", program], check=True)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1).filter(lambda key: key not in ("event", "self")),
        st.one_of(st.just(WORDS), st.lists(st.just(WORDS)), st.dictionaries(st.just(WORDS), st.just(WORDS))),
    )
)
def test_no_key_and_no_shape_lets_content_in(
    capsys: pytest.CaptureFixture[str], given: dict[str, Any]
) -> None:
    configure(json=True, level="INFO")

    log.info("fuzzed", **given)

    written = capsys.readouterr().err
    assert '"event": "fuzzed"' in written
    assert "Margaux" not in written
