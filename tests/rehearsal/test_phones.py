"""What people do with their phones, and what a page of another origin may not do."""

import base64

import pytest
from rehearsal_wire import JACK, OLGA, PNG, TOKEN, Wire

YES = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}, {"text": "Site", "url": "https://a.org"}]]}


async def test_the_cast_has_its_phones(wire: Wire) -> None:
    state = (await wire.http.get("/rehearsal/state")).json()

    people = {person["name"]: (person["roles"], person["language"]) for person in state["people"]}
    assert list(people) == ["Olga", "Steve", "Jack", "Priya", "Tom", "Aisha", "Mark", "Claire", "Jerome"]
    assert people["Olga"] == (["admin"], "en")
    assert people["Jerome"] == (["leader"], "fr")
    assert state["now"] == "2026-11-02T09:00:00+00:00" or state["now"].startswith("2026-11-02T09:00:0")


async def test_a_new_phone_can_be_handed_out(wire: Wire) -> None:
    new = (await wire.http.post("/rehearsal/people", json={"name": "Ben", "language": "fr"})).json()

    await wire.phone(new["id"], "send", text="/start abc-DEF_1")
    user = (await wire.fetch())[-1]["message"]["from"]

    assert user == {"id": new["id"], "is_bot": False, "first_name": "Ben", "language_code": "fr"}
    assert 10**8 <= new["id"] < 10**10


async def test_a_deep_link_is_a_start_command_with_its_payload(wire: Wire) -> None:
    await wire.phone(JACK, "send", text="/start abc-DEF_1")

    message = (await wire.fetch())[-1]["message"]

    assert message["text"] == "/start abc-DEF_1"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


async def test_links_mentions_and_commands_are_marked_at_their_utf16_places(wire: Wire) -> None:
    await wire.phone(JACK, "send", text="😀 @steve_coach see https://a.org/x, then /pause #calm a@b.org")

    entities = (await wire.fetch())[-1]["message"]["entities"]

    assert [(entity["type"], entity["offset"], entity["length"]) for entity in entities] == [
        ("mention", 3, 12), ("url", 20, 15), ("bot_command", 42, 6), ("hashtag", 49, 5), ("email", 55, 7),
    ]  # fmt: skip


async def test_a_long_text_arrives_in_several_messages(wire: Wire) -> None:
    text = "word " * 2000

    sent = await wire.phone(JACK, "send", text=text)
    parts = [update["message"]["text"] for update in await wire.fetch() if "message" in update]

    assert len(sent["message_ids"]) == len(parts) == 3
    assert all(len(part) <= 4096 for part in parts)
    assert " ".join(parts) == text.strip()


async def test_a_reply_and_a_forward_say_where_they_come_from(wire: Wire) -> None:
    await wire.start(JACK)
    asked = await wire.call("sendMessage", chat_id=JACK, text="How was it?")

    await wire.phone(JACK, "send", text="Fine", reply_to=asked["message_id"])
    await wire.phone(JACK, "send", text="Somebody said", forwarded="Ann")
    reply, forward = (update["message"] for update in await wire.fetch())

    assert reply["reply_to_message"] == asked
    assert forward["forward_origin"]["sender_user_name"] == "Ann"


@pytest.mark.parametrize("kind", ["photo", "document", "voice", "audio", "video", "sticker"])
async def test_media_from_a_phone_can_be_fetched_by_the_bot(wire: Wire, kind: str) -> None:
    media = {"kind": kind, "name": "thing.png", "mime": "image/png", "base64": base64.b64encode(PNG).decode()}

    await wire.phone(JACK, "send", text="Look", media=media)
    message = (await wire.fetch())[-1]["message"]
    thing = message[kind][-1] if kind == "photo" else message[kind]
    found = await wire.call("getFile", file_id=thing["file_id"])
    shown = (await wire.chat(JACK))[-1]

    assert (message["caption"], thing["file_size"]) == ("Look", len(PNG))
    assert (await wire.http.get(f"/file/bot{TOKEN}/{found['file_path']}")).content == PNG
    assert (shown["text"], shown["media"]["kind"]) == ("Look", kind)
    assert (await wire.http.get(f"/rehearsal/files/{thing['file_id']}")).content == PNG


async def test_contacts_and_places_can_be_sent(wire: Wire) -> None:
    await wire.phone(JACK, "send", media={"kind": "contact", "name": "Ann"})
    await wire.phone(JACK, "send", media={"kind": "location"})

    contact, place = (update["message"] for update in (await wire.fetch())[1:])

    assert contact["contact"]["first_name"] == "Ann"
    assert 50 < place["location"]["latitude"] < 52


async def test_an_edit_arrives_as_the_whole_message_again(wire: Wire) -> None:
    await wire.start(JACK)
    sent = await wire.phone(JACK, "send", text="Fine")
    await wire.fetch()
    await wire.advance(30)

    await wire.phone(JACK, "edit", message_id=sent["message_id"], text="Not so fine")
    await wire.phone(JACK, "edit", message_id=sent["message_id"], text="Not so fine")
    updates = await wire.fetch()

    edited = updates[0]["edited_message"]
    assert len(updates) == 1
    assert (edited["text"], edited["edit_date"] - edited["date"]) == ("Not so fine", 30)


async def test_a_link_button_opens_and_a_forged_tap_is_delivered(wire: Wire) -> None:
    await wire.start(JACK)
    sent = await wire.call("sendMessage", chat_id=JACK, text="?", reply_markup=YES)

    opened = await wire.phone(JACK, "tap", message_id=sent["message_id"], text="Site")
    await wire.phone(JACK, "tap", message_id=sent["message_id"], data="forged", wait=False)

    assert opened == {"answered": False, "url": "https://a.org"}
    assert (await wire.fetch())[0]["callback_query"]["data"] == "forged"


async def test_a_reply_keyboard_button_sends_its_text(wire: Wire) -> None:
    await wire.start(JACK)
    markup = {"keyboard": [[{"text": "London"}]], "one_time_keyboard": True}
    sent = await wire.call("sendMessage", chat_id=JACK, text="Where?", reply_markup=markup)

    shown = (await wire.http.get(f"/rehearsal/people/{JACK}/phone")).json()["keyboard"]
    await wire.phone(JACK, "tap", message_id=sent["message_id"], text="London")
    after = (await wire.http.get(f"/rehearsal/people/{JACK}/phone")).json()["keyboard"]

    assert (shown["keyboard"], after) == ([[{"text": "London"}]], None)
    assert (await wire.fetch())[0]["message"]["text"] == "London"


@pytest.mark.parametrize(
    ("action", "said", "status", "sentence"),
    [
        ("send", {}, 400, "A message needs text or media."),
        ("send", {"text": 5}, 400, "The text of a message is a string."),
        ("send", {"text": "x", "reply_to": 99}, 404, "There is no message 99 in this chat."),
        ("send", {"media": {"kind": "hologram"}}, 400, "The kind of media is one of"),
        ("send", {"media": {"kind": "photo", "base64": "%%"}}, 400, "The media's base64 cannot be decoded."),
        ("tap", {"message_id": 99, "text": "x"}, 404, "The bot has no message 99 in this chat."),
        ("edit", {"message_id": 99, "text": "x"}, 404, "There is no message 99 in this chat."),
    ],
)
async def test_what_cannot_be_done_is_said_in_one_sentence(
    wire: Wire, action: str, said: dict[str, object], status: int, sentence: str
) -> None:
    reply = await wire.http.post(f"/rehearsal/people/{JACK}/{action}", json=said)

    assert reply.status_code == status
    assert reply.json()["error"].startswith(sentence)


async def test_an_unknown_person_or_bad_json_is_said_so(wire: Wire) -> None:
    unknown = await wire.http.get("/rehearsal/people/5/chat")
    broken = await wire.http.post(f"/rehearsal/people/{JACK}/send", content=b"{")
    listed = await wire.http.post("/rehearsal/clock", content=b"[1]")
    nameless = await wire.http.post("/rehearsal/people", json={})
    fileless = await wire.http.get("/rehearsal/files/nothing")

    assert (unknown.status_code, broken.status_code, listed.status_code) == (404, 400, 400)
    assert (nameless.status_code, fileless.status_code) == (400, 404)
    assert all(set(reply.json()) == {"error"} for reply in (unknown, broken, listed, nameless, fileless))


async def test_a_person_who_blocked_the_bot_cannot_write_to_it(wire: Wire) -> None:
    await wire.start(OLGA)
    await wire.phone(OLGA, "block")

    reply = await wire.http.post(f"/rehearsal/people/{OLGA}/send", json={"text": "Hello"})

    assert reply.json() == {"error": "Olga has blocked the bot; unblock it first."}


async def test_only_this_machine_and_this_origin_are_served(wire: Wire) -> None:
    rebound = await wire.http.get("/rehearsal/state", headers={"Host": "evil.example"})
    foreign = await wire.http.post(
        "/rehearsal/clock", json={"advance_s": 1}, headers={"Origin": "https://evil.example"}
    )
    opaque = await wire.http.post("/rehearsal/clock", json={"advance_s": 1}, headers={"Origin": "null"})
    own = await wire.http.post("/rehearsal/limits", json={"enforce": False}, headers={"Origin": wire.stage.url})

    assert [reply.status_code for reply in (rebound, foreign, opaque, own)] == [403, 403, 403, 200]


async def test_the_log_of_calls_never_shows_the_token(wire: Wire) -> None:
    await wire.start(JACK)
    await wire.call("sendMessage", chat_id=JACK, text="Hello", reply_markup=YES)
    await wire.refused("sendMessage", chat_id=JACK, text="")

    reply = await wire.http.get("/rehearsal/calls")
    calls = reply.json()
    later = (await wire.http.get("/rehearsal/calls", params={"since": calls[-2]["n"]})).json()

    assert TOKEN not in reply.text
    assert TOKEN.split(":")[1] not in reply.text
    assert [call["method"] for call in calls] == ["getUpdates", "getUpdates", "sendMessage", "sendMessage"]
    assert calls[2]["params"] == {"chat_id": JACK, "text": "Hello", "reply_markup": YES}
    assert [(call["ok"], call["error_code"]) for call in later] == [(False, 400)]
