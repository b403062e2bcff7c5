"""Edits, deletions and answers to taps, as strict as Telegram is about them."""

import pytest
from rehearsal_wire import JACK, PNG, STEVE, TOKEN, Wire

SAME = (
    "400 Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
YES = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}


async def test_an_edit_replaces_text_and_takes_the_keyboard_away(wire: Wire) -> None:
    await wire.start(JACK)
    sent = await wire.call("sendMessage", chat_id=JACK, text="One", reply_markup=YES)
    await wire.advance(60)

    edited = await wire.call("editMessageText", chat_id=JACK, message_id=sent["message_id"], text="Two")

    assert (edited["text"], edited["date"], edited["edit_date"]) == ("Two", sent["date"], sent["date"] + 60)
    assert "reply_markup" not in edited
    assert (await wire.chat(JACK))[-1]["edited"] is True


async def test_an_identical_edit_is_refused(wire: Wire) -> None:
    await wire.start(JACK)
    sent = await wire.call("sendMessage", chat_id=JACK, text="<b>One</b>", parse_mode="HTML", reply_markup=YES)
    target = {"chat_id": JACK, "message_id": sent["message_id"]}

    entities = [{"type": "bold", "offset": 0, "length": 3}]
    same_text = await wire.refused("editMessageText", **target, text="One", entities=entities, reply_markup=YES)
    same_markup = await wire.refused("editMessageReplyMarkup", **target, reply_markup=YES)
    other_marks = await wire.raw("editMessageText", **target, text="One", reply_markup=YES)

    assert (same_text, same_markup, other_marks.status_code) == (SAME, SAME, 200)


async def test_only_buttons_changing_is_no_edit_in_a_persons_eyes(wire: Wire) -> None:
    await wire.start(JACK)
    sent = await wire.call("sendMessage", chat_id=JACK, text="One", reply_markup=YES)

    edited = await wire.call("editMessageReplyMarkup", chat_id=JACK, message_id=sent["message_id"])

    assert "edit_date" not in edited
    assert (await wire.chat(JACK))[-1]["buttons"] == []


@pytest.mark.parametrize(
    ("method", "message_id", "params", "reason"),
    [
        ("editMessageText", 0, {"text": "x"}, "message identifier is not specified"),
        ("editMessageText", 999, {"text": "x"}, "message to edit not found"),
        ("editMessageText", 1, {"text": "x"}, "message can't be edited"),
        ("editMessageText", 2, {"text": ""}, "message text is empty"),
        ("editMessageText", 2, {"text": "x", "reply_markup": {"force_reply": True}}, "inline keyboard expected"),
        ("editMessageCaption", 2, {"caption": "x"}, "there is no caption in the message to edit"),
        ("deleteMessage", 999, {}, "message to delete not found"),
        ("deleteMessage", 0, {}, "message identifier is not specified"),
    ],
)
async def test_what_cannot_be_edited_is_refused(
    wire: Wire, method: str, message_id: int, params: dict[str, object], reason: str
) -> None:
    await wire.start(JACK)  # message 1 is Jack's own
    await wire.call("sendMessage", chat_id=JACK, text="One")

    refusal = await wire.refused(method, chat_id=JACK, message_id=message_id, **params)

    assert refusal == f"400 Bad Request: {reason}"


async def test_a_message_of_another_chat_cannot_be_edited_here(wire: Wire) -> None:
    await wire.start(JACK)
    await wire.start(STEVE)
    sent = await wire.call("sendMessage", chat_id=JACK, text="One")

    refusal = await wire.refused("editMessageText", chat_id=STEVE, message_id=sent["message_id"], text="Two")

    assert refusal == "400 Bad Request: message to edit not found"


async def test_a_caption_is_edited_under_its_picture(wire: Wire) -> None:
    await wire.start(JACK)
    files = {"photo": ("a.png", PNG, "image/png")}
    reply = await wire.http.post(f"/bot{TOKEN}/sendPhoto", data={"chat_id": JACK, "caption": "One"}, files=files)
    target = {"chat_id": JACK, "message_id": reply.json()["result"]["message_id"]}

    edited = await wire.call("editMessageCaption", **target, caption="Two")
    no_text = await wire.refused("editMessageText", **target, text="Three")

    assert edited["caption"] == "Two"
    assert no_text == "400 Bad Request: there is no text in the message to edit"


async def test_a_deleted_message_is_gone_from_the_chat(wire: Wire) -> None:
    await wire.start(JACK)
    sent = await wire.call("sendMessage", chat_id=JACK, text="One")

    assert await wire.call("deleteMessage", chat_id=JACK, message_id=sent["message_id"]) is True

    assert [message["text"] for message in await wire.chat(JACK)] == ["/start"]


async def test_a_message_older_than_two_days_cannot_be_deleted(wire: Wire) -> None:
    await wire.start(JACK)
    sent = await wire.call("sendMessage", chat_id=JACK, text="One")
    await wire.advance(48 * 3600 + 1)

    refusal = await wire.refused("deleteMessage", chat_id=JACK, message_id=sent["message_id"])

    assert refusal == "400 Bad Request: message can't be deleted"


async def tap_and_fetch(wire: Wire) -> str:
    """Jack taps a button; the id of the callback query."""
    sent = await wire.call("sendMessage", chat_id=JACK, text="One", reply_markup=YES)
    task_updates = await wire.http.post(
        f"/rehearsal/people/{JACK}/tap", json={"message_id": sent["message_id"], "text": "Yes", "wait": False}
    )
    assert task_updates.status_code == 200
    return str((await wire.fetch())[-1]["callback_query"]["id"])


async def test_a_tap_can_be_answered_once(wire: Wire) -> None:
    await wire.start(JACK)
    query = await tap_and_fetch(wire)

    too_long = await wire.refused("answerCallbackQuery", callback_query_id=query, text="x" * 201)
    foreign = await wire.refused("answerCallbackQuery", callback_query_id=query, url="https://example.org")
    assert await wire.call("answerCallbackQuery", callback_query_id=query, text="Thanks") is True
    second = await wire.refused("answerCallbackQuery", callback_query_id=query)
    unknown = await wire.refused("answerCallbackQuery", callback_query_id="12345")

    gone = "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert (too_long, foreign) == ("400 Bad Request: MESSAGE_TOO_LONG", "400 Bad Request: URL_INVALID")
    assert (second, unknown) == (gone, gone)


async def test_a_tap_is_too_old_after_150_seconds(wire: Wire) -> None:
    await wire.start(JACK)
    query = await tap_and_fetch(wire)
    await wire.advance(151)

    assert "query is too old" in await wire.refused("answerCallbackQuery", callback_query_id=query)
