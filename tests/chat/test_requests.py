"""What the transport says when a call fails, and that the token and somebody's proxy stay out of it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from telegram import InputFile
from telegram.error import RetryAfter, TelegramError

from bot.chat.requests import AiohttpRequest, _budget
from bot.chat.sender import classify
from bot.chat.telegram_bot import RawBot, bot_name
from bot.domain.delivery import LEASE, NotSent, Unknown
from bot.errors import ConfigurationError, InterludeError

TOKEN = "123456789:" + "transport" * 4
OK = b'HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\n{"ok":true,"result":"took"}'
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def telegram_that(answers: Answer, read_timeout: float = 5) -> AsyncIterator[RawBot]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await answers(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    requests = AiohttpRequest(2, read_timeout)
    try:
        yield RawBot(TOKEN, base_url=f"http://127.0.0.1:{port}/bot", request=requests, get_updates_request=requests)
    finally:
        await requests.shutdown()
        server.close()
        await asyncio.sleep(0)


def says(answer: bytes) -> Answer:
    async def answers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return answers


async def nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    while await reader.read(1024):  # until whoever waits hangs up
        pass


def test_a_call_is_over_before_its_message_would_be_taken_for_lost() -> None:
    assert _budget(30.0).total < LEASE.total_seconds()


async def failure(bot: RawBot) -> TelegramError:
    with pytest.raises(TelegramError) as raised:
        await bot.call("sendMessage", chat_id=1, text="Anna, how was it?")
    assert TOKEN not in str(raised.value)
    return raised.value


async def test_what_never_left_can_be_sent_again_and_what_may_have_arrived_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    async with telegram_that(says(b"")) as bot:
        assert isinstance(classify(await failure(bot)), Unknown)  # closed without a word
        nowhere = RawBot(TOKEN, base_url="http://127.0.0.1:9/bot", request=bot.request, get_updates_request=bot.request)
        assert classify(await failure(nowhere)) == NotSent("no connection")
    async with telegram_that(says(OK[:-5])) as bot:
        assert isinstance(classify(await failure(bot)), Unknown)  # half an answer
    async with telegram_that(nothing, read_timeout=0.05) as bot:
        assert classify(await failure(bot)) == Unknown("no answer in time")
    async with telegram_that(says(b"HTTP/1.1 307 -\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")) as bot:
        assert isinstance(classify(await failure(bot)), Unknown)  # followed by nobody


@pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden", "404 Not Found", "413 -", "429 -"])
@pytest.mark.parametrize("body", [b"<html>Blocked by your network.</html>", b"[]", b"7", b""])
async def test_a_refusal_that_is_not_telegrams_own_ends_nothing(status: str, body: bytes) -> None:
    answer = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    async with telegram_that(says(answer)) as bot:
        assert isinstance(classify(await failure(bot)), Unknown)


@pytest.mark.parametrize(("method", "told"), [("answerCallbackQuery", [7.0]), ("setChatMenuButton", [])])
async def test_a_429_of_what_shows_in_chats_is_told_and_that_of_a_menu_is_not(method: str, told: list[float]) -> None:
    said = b'{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":7}}'
    answer = f"HTTP/1.1 429 -\r\nContent-Length: {len(said)}\r\n\r\n".encode() + said
    pauses = list[float]()
    async with telegram_that(says(answer)) as bot:
        bot.tell_pause(pauses.append)
        with pytest.raises(RetryAfter):
            await bot.call(method)
    assert pauses == told


@pytest.mark.parametrize(
    ("status", "body", "is_for_good"),
    [
        ("401 -", b'{"ok":false,"error_code":401,"description":"Unauthorized"}', True),
        ("404 -", b'{"ok":false,"error_code":404,"description":"Not Found"}', True),
        ("404 -", b"<html>Not here.</html>", False),
        ("200 OK", b"<html>Please log in.</html>", False),
        ("200 OK", b'{"ok":false}', False),
        ("429 -", b'{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":5}}', False),
        ("403 -", b'{"ok":false,"error_code":403,"description":"Forbidden"}', False),
        ("502 -", b"", False),
    ],
)
async def test_a_start_that_fails_says_so_and_is_given_up_only_for_the_token(
    status: str, body: bytes, is_for_good: bool
) -> None:
    answer = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    async with telegram_that(says(answer)) as bot:
        with pytest.raises(InterludeError) as raised:
            await bot_name(bot)
    assert isinstance(raised.value, ConfigurationError) == is_for_good


async def test_a_file_goes_with_its_name_and_words_beside_it() -> None:
    got: list[bytes] = []

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while b"--\r\n" not in b"".join(got):
            got.append(await reader.read(65536))
        writer.write(OK)

    async with telegram_that(answers) as bot:
        name = "L’année “une”.txt"
        assert await bot.call("sendDocument", caption="Voilà", document=InputFile(b"\x00words", filename=name)) == "took"

    sent = b"".join(got)
    assert f'filename="{name}"'.encode() in sent
    assert b"\x00words" in sent
    assert "Voilà".encode() in sent


def test_the_other_transport_is_not_loaded_until_somebody_uses_it() -> None:
    program = (
        "import sys, bot.chat.application; assert 'httpx' not in sys.modules;"
        "from telegram.request import HTTPXRequest; HTTPXRequest(); assert 'httpx' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
