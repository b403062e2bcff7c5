"""What the emulated Bot API takes and refuses when a bot sends, in Telegram's words."""

import pytest
from rehearsal_wire import JACK, PNG, STEVE, TOKEN, Wire

BOLD = {"type": "bold", "offset": 0, "length": 5}


def keyboard(*buttons: dict[str, object]) -> dict[str, object]:
    return {"inline_keyboard": [list(buttons)]}


REFUSED_TEXTS = [
    ({"text": ""}, "message text is empty"),
    ({"text": "   \n "}, "text must be non-empty"),
    ({"text": "x" * 4097}, "message is too long"),
    ({"text": "😀" * 2049}, "message is too long"),
    ({"text": "test", "parse_mode": "INVALID"}, "unsupported parse_mode"),
    ({"text": "<b>unclosed", "parse_mode": "HTML"},
     "can't parse entities: Can't find end tag corresponding to start tag \"b\""),
    ({"text": "<script>alert(1)</script>", "parse_mode": "HTML"},
     'can\'t parse entities: Unsupported start tag "script" at byte offset 0'),
    ({"text": "é<x>", "parse_mode": "HTML"}, 'can\'t parse entities: Unsupported start tag "x" at byte offset 2'),
    ({"text": "<b><i>test</b></i>", "parse_mode": "HTML"},
     'can\'t parse entities: Unmatched end tag at byte offset 10, expected "</i>", found "</b>"'),
    ({"text": "over</b>", "parse_mode": "HTML"}, "can't parse entities: Unexpected end tag at byte offset 4"),
    ({"text": "a < b", "parse_mode": "HTML"}, "can't parse entities: Unclosed start tag at byte offset 2"),
    ({"text": "<b", "parse_mode": "HTML"}, "can't parse entities: Unclosed start tag at byte offset 0"),
    ({"text": "<b>x</b", "parse_mode": "HTML"}, "can't parse entities: Unclosed end tag at byte offset 4"),
    ({"text": "<span>x</span>", "parse_mode": "HTML"},
     'can\'t parse entities: Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ({"text": "hello", "entities": [{**BOLD, "offset": 100}]},
     "entity begins after the end of the text at UTF-16 offset 100"),
    ({"text": "hello", "entities": [{**BOLD, "length": 100}]},
     "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 100"),
    ({"text": "hello", "entities": [{**BOLD, "offset": -1}]}, "receive an entity with incorrect offset -1"),
    ({"text": "hello", "entities": [{**BOLD, "type": "invalid"}]},
     "can't parse MessageEntity: Unsupported type specified"),
    ({"text": "hello", "entities": [{"type": "text_link", "offset": 0, "length": 4}]},
     "can't parse MessageEntity: Can't find field \"url\""),
    ({"text": "hello", "entities": [{"type": "text_link", "offset": 0, "length": 4, "url": "not-a-url"}]},
     "entity URL 'not-a-url' is invalid: Wrong HTTP URL"),
    ({"text": "hello", "entities": "[nonsense"}, "can't parse entities JSON object"),
    ({"text": "abcdef", "entities": [{**BOLD, "length": 4}, {"type": "italic", "offset": 2, "length": 4}]},
     "can't parse entities: italic at UTF-16 offset 2 can't be combined with bold"),
    ({"text": "abcdef", "entities": [{"type": "blockquote", "offset": 0, "length": 6},
                                     {"type": "expandable_blockquote", "offset": 1, "length": 2}]},
     "can't parse entities: expandable_blockquote at UTF-16 offset 1 can't be combined with blockquote"),
]  # fmt: skip


@pytest.mark.parametrize(("params", "reason"), REFUSED_TEXTS)
async def test_a_bad_text_is_refused_as_telegram_words_it(wire: Wire, params: dict[str, object], reason: str) -> None:
    await wire.start(JACK)

    assert await wire.refused("sendMessage", chat_id=JACK, **params) == f"400 Bad Request: {reason}"


REFUSED_KEYBOARDS = [
    (keyboard({"text": "b", "callback_data": "x" * 65}), "BUTTON_DATA_INVALID"),
    (keyboard({"text": "b", "callback_data": "é" * 33}), "BUTTON_DATA_INVALID"),
    (keyboard({"text": "b"}),
     "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    (keyboard({"text": "b", "callback_data": ""}),
     "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    (keyboard({"text": "b", "callback_data": "x", "url": "https://example.org"}),
     "can't parse inline keyboard button: exactly one action must be specified"),
    (keyboard({"callback_data": "x"}), "can't parse inline keyboard button: Can't find field \"text\""),
    (keyboard({"text": 5, "callback_data": "x"}),
     'can\'t parse inline keyboard button: Field "text" must be of type String'),
    (keyboard({"text": "b", "url": "not-a-url"}),
     "inline keyboard button URL 'not-a-url' is invalid: Wrong HTTP URL"),
    (keyboard({"text": "b", "url": "ftp://example.com"}),
     "inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol"),
    (keyboard({"text": "b", "pay": True}), "BUTTON_TYPE_INVALID"),
    (keyboard({"text": "b", "copy_text": {"text": ""}}), "BUTTON_COPY_TEXT_INVALID"),
    (keyboard({"text": "b", "web_app": {"url": "http://x.org"}}),
     "inline keyboard button Web App URL 'http://x.org' is invalid: Only HTTPS links are allowed"),
    (keyboard(*[{"text": str(n), "callback_data": "x"} for n in range(101)]), "reply markup is too long"),
    ({"inline_keyboard": "bad"}, 'field "inline_keyboard" must be of type Array'),
    ({"force_reply": "yes"}, 'field "force_reply" must be of type Boolean'),
    ({"force_reply": True, "input_field_placeholder": "x" * 65},
     "input field placeholder must be 1-64 characters long"),
    ({"keyboard": [[{"text": "A"}]], "one_time_keyboard": "yes"},
     'field "one_time_keyboard" must be of type Boolean'),
    ("{nonsense", "can't parse reply keyboard markup JSON object"),
    ([1], "object expected as reply markup"),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "reason"), REFUSED_KEYBOARDS)
async def test_a_bad_keyboard_is_refused_as_telegram_words_it(wire: Wire, markup: object, reason: str) -> None:
    await wire.start(JACK)

    refusal = await wire.refused("sendMessage", chat_id=JACK, text="Choose", reply_markup=markup)

    assert refusal == f"400 Bad Request: {reason}"


@pytest.mark.parametrize(
    ("chat_id", "reason"),
    [
        (None, "400 Bad Request: chat_id is empty"),
        ("", "400 Bad Request: chat_id is empty"),
        (0, "400 Bad Request: chat not found"),
        (12345, "400 Bad Request: chat not found"),
        (-1, "400 Bad Request: chat not found"),
        ("@nobody_here", "400 Bad Request: chat not found"),
        (STEVE, "403 Forbidden: bot can't initiate conversation with a user"),
    ],
)
async def test_a_chat_the_bot_may_not_write_to_is_refused(wire: Wire, chat_id: object, reason: str) -> None:
    assert await wire.refused("sendMessage", chat_id=chat_id, text="Hello") == reason


async def test_a_blocked_bot_is_told_so_until_it_is_unblocked(wire: Wire) -> None:
    await wire.start(JACK)

    await wire.phone(JACK, "block")
    refusal = await wire.refused("sendMessage", chat_id=JACK, text="Hello")
    await wire.phone(JACK, "unblock")

    assert refusal == "403 Forbidden: bot was blocked by the user"
    assert (await wire.call("sendMessage", chat_id=JACK, text="Hello"))["text"] == "Hello"


async def test_text_is_counted_in_utf16_units_after_its_marks_are_read(wire: Wire) -> None:
    await wire.start(JACK)

    sent = await wire.call("sendMessage", chat_id=JACK, text="<b>" + "😀" * 2048 + "</b>", parse_mode="HTML")

    assert sent["text"] == "😀" * 2048
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 4096}]


async def test_html_becomes_text_and_entities(wire: Wire) -> None:
    await wire.start(JACK)
    source = (
        "<b>Bold <i>both</i></b> &lt;&amp;&quot;&#39; <code>x&lt;y</code> <a href='https://example.org'>link</a>\n"
        "<blockquote expandable>long</blockquote><tg-spoiler>s</tg-spoiler>"
    )

    sent = await wire.call("sendMessage", chat_id=JACK, text=source, parse_mode="html")

    assert sent["text"] == "Bold both <&\"' x<y link\nlongs"
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in sent["entities"]] == [
        ("bold", 0, 9), ("italic", 5, 4), ("code", 15, 3), ("text_link", 19, 4), ("expandable_blockquote", 24, 4),
        ("spoiler", 28, 1),
    ]  # fmt: skip


async def test_blank_space_at_the_ends_is_cut_and_entities_move_along(wire: Wire) -> None:
    await wire.start(JACK)

    sent = await wire.call(
        "sendMessage", chat_id=JACK, text="  Hello  ", entities=[{"type": "bold", "offset": 2, "length": 7}]
    )

    assert sent["text"] == "Hello"
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 5}]


async def test_links_and_commands_in_the_bots_own_text_are_found(wire: Wire) -> None:
    await wire.start(JACK)

    sent = await wire.call("sendMessage", chat_id=JACK, text="See https://t.me/some_bot?start=x1. Or /pause")

    assert [(entity["type"], entity["offset"], entity["length"]) for entity in sent["entities"]] == [
        ("url", 4, 30), ("bot_command", 39, 6),
    ]  # fmt: skip


async def test_a_message_shows_what_it_was_sent_with(wire: Wire) -> None:
    await wire.start(JACK)
    first = await wire.call("sendMessage", chat_id=JACK, text="One")

    sent = await wire.call(
        "sendMessage", chat_id=JACK, text="Two", protect_content=True, link_preview_options={"is_disabled": True},
        reply_parameters={"message_id": first["message_id"]},
        reply_markup=keyboard({"text": "Yes", "callback_data": "y", "style": "success"}),
    )  # fmt: skip

    assert sent["has_protected_content"] is True
    assert sent["link_preview_options"] == {"is_disabled": True}
    assert sent["reply_to_message"]["message_id"] == first["message_id"]
    assert sent["reply_markup"] == keyboard({"text": "Yes", "style": "success", "callback_data": "y"})
    assert sent["from"]["is_bot"] is True
    assert sent["date"] == int((await wire.now()).timestamp())


async def test_message_ids_come_from_one_counter_for_all_chats(wire: Wire) -> None:
    await wire.start(JACK)
    await wire.start(STEVE)

    ids = [(await wire.call("sendMessage", chat_id=chat, text="x"))["message_id"] for chat in (JACK, STEVE, JACK)]

    assert ids == [3, 4, 5]


async def test_a_reply_to_nothing_is_refused_unless_allowed(wire: Wire) -> None:
    await wire.start(JACK)

    refusal = await wire.refused("sendMessage", chat_id=JACK, text="x", reply_parameters={"message_id": 999})
    missing = await wire.refused("sendMessage", chat_id=JACK, text="x", reply_parameters={"quote": "x"})
    lenient = {"message_id": 999, "allow_sending_without_reply": True}
    sent = await wire.call("sendMessage", chat_id=JACK, text="x", reply_parameters=lenient)

    assert refusal == "400 Bad Request: message to be replied not found"
    assert missing == '400 Bad Request: can\'t find field "message_id"'
    assert "reply_to_message" not in sent


async def test_form_json_query_and_multipart_say_the_same(wire: Wire) -> None:
    await wire.start(JACK)
    url, fields = f"/bot{TOKEN}/sendMessage", {"chat_id": str(JACK), "text": "Hello"}

    replies = [
        await wire.http.post(url, json=fields),
        await wire.http.post(url, data=fields),
        await wire.http.get(url, params=fields),
        await wire.http.post(url, files={name: (None, value) for name, value in fields.items()}),
    ]

    assert [reply.json()["result"]["text"] for reply in replies] == ["Hello"] * 4


async def test_half_a_character_is_refused(wire: Wire) -> None:
    await wire.start(JACK)
    body = b'{"chat_id": %d, "text": "\\ud83d"}' % JACK

    reply = await wire.http.post(f"/bot{TOKEN}/sendMessage", content=body, headers={"Content-Type": "application/json"})

    assert reply.json()["description"] == "Bad Request: strings must be encoded in UTF-8"


@pytest.mark.parametrize(
    ("token", "method", "status"),
    [
        ("nonsense", "getMe", 404),
        ("123:short", "getMe", 401),
        (TOKEN, "noSuchMethod", 404),
        (TOKEN, "getme", 200),
        ("42:" + "x" * 35, "getMe", 200),
    ],
)
async def test_tokens_and_methods_are_known_by_their_form(wire: Wire, token: str, method: str, status: int) -> None:
    reply = await wire.raw(method, token=token)

    assert reply.status_code == status
    assert reply.json().get("error_code") == (None if status == 200 else status)


async def test_the_date_header_follows_the_emulated_clock(wire: Wire) -> None:
    await wire.advance(3600)

    reply = await wire.raw("getMe")

    assert reply.headers["date"] == "Mon, 02 Nov 2026 10:00:00 GMT" or reply.headers["date"].startswith("Mon, 02 Nov")
    assert "server" not in reply.headers


async def test_a_picture_is_stored_and_can_be_downloaded_again(wire: Wire) -> None:
    await wire.start(JACK)

    reply = await wire.http.post(
        f"/bot{TOKEN}/sendPhoto", data={"chat_id": JACK, "caption": "<b>Chart</b>", "parse_mode": "HTML"},
        files={"photo": ("chart.png", PNG, "image/png")},
    )  # fmt: skip
    sent = reply.json()["result"]
    found = await wire.call("getFile", file_id=sent["photo"][-1]["file_id"])
    body = (await wire.http.get(f"/file/bot{TOKEN}/{found['file_path']}")).content

    assert (sent["caption"], sent["photo"][-1]["width"]) == ("Chart", 1)
    assert body == PNG
    assert (await wire.chat(JACK))[-1]["media"] == {
        "kind": "photo", "file_id": sent["photo"][-1]["file_id"], "name": "chart.png", "mime": "image/png",
        "size": len(PNG),
    }  # fmt: skip


async def test_a_document_can_be_sent_by_attachment_and_again_by_its_id(wire: Wire) -> None:
    await wire.start(JACK)

    first = (await wire.http.post(
        f"/bot{TOKEN}/sendDocument", data={"chat_id": JACK, "document": "attach://paper"},
        files={"paper": ("notes.yaml", b"key: value", "text/yaml")},
    )).json()["result"]  # fmt: skip
    again = await wire.call("sendDocument", chat_id=JACK, document=first["document"]["file_id"])

    assert first["document"]["file_name"] == "notes.yaml"
    assert again["document"] == first["document"]


async def test_bad_files_are_refused(wire: Wire) -> None:
    await wire.start(JACK)
    url, data = f"/bot{TOKEN}/sendPhoto", {"chat_id": JACK}

    no_picture = await wire.http.post(url, data=data, files={"photo": ("a.png", b"not a picture", "image/png")})
    empty = await wire.http.post(url, data=data, files={"photo": ("a.png", b"", "image/png")})
    long_caption = await wire.refused("sendPhoto", chat_id=JACK, photo="x", caption="x" * 1025)

    assert no_picture.json()["description"] == "Bad Request: IMAGE_PROCESS_FAILED"
    assert empty.json()["description"] == "Bad Request: file must be non-empty"
    assert long_caption == "400 Bad Request: message caption is too long"
    assert await wire.refused("sendPhoto", chat_id=JACK) == "400 Bad Request: there is no photo in the request"
    assert "wrong remote file identifier" in await wire.refused("sendDocument", chat_id=JACK, document="nonsense")
    assert await wire.refused("getFile", file_id="nonsense") == "400 Bad Request: invalid file_id"


async def test_chat_actions_are_known_by_name(wire: Wire) -> None:
    await wire.start(JACK)

    assert await wire.call("sendChatAction", chat_id=JACK, action="typing") is True
    assert "wrong parameter action" in await wire.refused("sendChatAction", chat_id=JACK, action="dancing")


async def test_copies_and_forwards_carry_the_content_over(wire: Wire) -> None:
    await wire.start(JACK)
    await wire.start(STEVE)
    said = await wire.call("sendMessage", chat_id=JACK, text="Hello <b>you</b>", parse_mode="HTML")

    copied = await wire.call("copyMessage", chat_id=STEVE, from_chat_id=JACK, message_id=said["message_id"])
    moved = await wire.call("forwardMessage", chat_id=STEVE, from_chat_id=JACK, message_id=said["message_id"])

    assert copied == {"message_id": said["message_id"] + 1}
    assert (moved["text"], moved["forward_origin"]["type"]) == ("Hello you", "user")
    assert (await wire.chat(STEVE))[-1]["forwarded"] is True


async def test_the_pace_is_enforced_when_it_is_asked_for(wire: Wire) -> None:
    await wire.start(JACK)
    await wire.http.post("/rehearsal/clock", json={"advance_s": 1})
    await wire.http.post("/rehearsal/limits", json={"enforce": True})

    await wire.call("sendMessage", chat_id=JACK, text="One")
    reply = await wire.raw("sendMessage", chat_id=JACK, text="Two")
    await wire.advance(1)

    assert reply.status_code == 429
    assert reply.headers["retry-after"] == "1"
    assert reply.json() == {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1",
                            "parameters": {"retry_after": 1}}  # fmt: skip
    await wire.call("sendMessage", chat_id=JACK, text="Two")


async def test_thirty_messages_a_second_are_all_a_bot_may_send(wire: Wire) -> None:
    people = [(await wire.http.post("/rehearsal/people", json={"name": f"P{n}"})).json()["id"] for n in range(31)]
    for person in people:
        await wire.start(person)
    await wire.advance(1)
    await wire.http.post("/rehearsal/limits", json={"enforce": True})

    codes = [(await wire.raw("sendMessage", chat_id=person, text="Hi")).status_code for person in people]

    assert codes == [200] * 30 + [429]
