"""python-telegram-bot itself as the client, and the referee's own judgement."""

import pytest
from referee import check_reply, check_request
from rehearsal_wire import JACK, PNG, TOKEN, Wire
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter

MARKUP = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]])


def client(wire: Wire, token: str = TOKEN) -> Bot:
    return Bot(token, base_url=f"{wire.stage.url}/bot", base_file_url=f"{wire.stage.url}/file/bot")


async def test_python_telegram_bot_finds_a_telegram_it_knows(wire: Wire) -> None:
    async with client(wire) as bot:
        await wire.phone(JACK, "send", text="/start abc")
        updates = await bot.get_updates(allowed_updates=Update.ALL_TYPES)
        sent = await bot.send_message(JACK, "<b>Hello</b>", parse_mode="HTML", reply_markup=MARKUP)
        edited = await bot.edit_message_text("Bye", JACK, sent.message_id)
        photo = await bot.send_photo(JACK, PNG, caption="Chart")
        body = await (await bot.get_file(photo.photo[-1].file_id)).download_as_bytearray()
        await wire.phone(JACK, "tap", message_id=photo.message_id, data="x", wait=False)
        query = (await bot.get_updates(offset=updates[-1].update_id + 1))[0].callback_query
        await query.answer("Thanks")

    assert bot.username.endswith("_bot")
    assert updates[0].my_chat_member is not None
    assert updates[1].message.entities[0].type == "bot_command"
    assert (sent.text, sent.entities[0].type) == ("Hello", "bold")
    assert (edited.text, edited.message_id) == ("Bye", sent.message_id)
    assert bytes(body) == PNG
    assert query.message.caption == "Chart"


async def test_python_telegram_bot_reads_the_refusals_as_it_should(wire: Wire) -> None:
    await wire.start(JACK)
    async with client(wire) as bot:
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(5, "x")
        await wire.phone(JACK, "block")
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.send_message(JACK, "x")
        await wire.http.post("/rehearsal/faults", json={"kind": "429", "retry_after": 3})
        with pytest.raises(RetryAfter):
            await bot.get_me()
        await wire.call("setWebhook", url="http://127.0.0.1:9/x")
        with pytest.raises(Conflict):
            await bot.get_updates()
    stranger = client(wire, "12:short")
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()


GOOD = {"chat_id": 1, "text": "x"}
MESSAGE = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "x"}


@pytest.mark.parametrize(
    ("method", "params", "problem"),
    [
        ("sendMessage", GOOD, None),
        ("sendMessage", {**GOOD, "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}}, None),
        ("sendMessage", {"chat_id": 1}, "text: Field required"),
        ("sendMessage", {**GOOD, "colour": "red"}, "colour is not a field"),
        ("sendMessage", {**GOOD, "disable_web_page_preview": True}, "deprecated"),
        ("sendMessage", {**GOOD, "text": "x" * 4097}, "longer than 4096"),
        ("sendMessage", {**GOOD, "text": " "}, "text is empty"),
        ("sendMessage", {**GOOD, "entities": [{"type": "bold", "offset": "0", "length": 1}]}, "understood as"),
        ("sendMessage", {**GOOD, "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}}, "0 actions"),
        ("sendMessage", {**GOOD, "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "x" * 65}]]}},
         "not 1-64 bytes"),
        ("sendMessage", {**GOOD, "reply_markup": {"inline_keyboard": [[{"text": "a", "url": "u", "color": 1}]]}},
         "color is not a field"),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "longer than 200"),
        ("setMyCommands", {"commands": [{"command": "Pause", "description": "x"}]}, "lower-case"),
        ("flyMessage", {}, "no such method"),
    ],
)  # fmt: skip
def test_the_referee_sees_a_bad_request(method: str, params: dict[str, object], problem: str | None) -> None:
    found = check_request(method, params)

    assert bool(found) == (problem is not None), found
    assert not problem or any(problem in one for one in found), found


@pytest.mark.parametrize(
    ("method", "result", "problem"),
    [
        ("sendMessage", MESSAGE, None),
        ("sendMessage", {**MESSAGE, "data": 1}, "data is not a field"),
        ("sendMessage", {**MESSAGE, "chat": {"id": 1, "type": "private", "zip": 1}}, "chat.zip is not a field"),
        ("sendMessage", {"message_id": 1}, "Field required"),
        ("sendMessage", {**MESSAGE, "from": {"id": 1, "first_name": "x"}}, "Field required"),
        ("getUpdates", [{"update_id": 1, "message": {**MESSAGE, "message_id": "1"}}], "understood as"),
        ("deleteMessage", "yes", "understood as"),
    ],
)
def test_the_referee_sees_a_bad_reply(method: str, result: object, problem: str | None) -> None:
    found = check_reply(method, result)

    assert bool(found) == (problem is not None), found
    assert not problem or any(problem in one for one in found), found
