"""What is said otherwise than by typing: by voice, under a picture, forwarded; and what cannot be kept."""

import base64
import logging
from typing import Any

import pytest
from house import Phone
from people import Town

MONDAY, TUESDAY, NEXT_MONDAY = "2026-10-05 16:31", "2026-10-06 16:31", "2026-10-12 16:31"
OGG = b"OggS" + bytes(range(256)) * 40 + b"canary-voice-5512"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\0\0\x10\0\0\0\x10" + b"\x08\x02\0\0\0" + b"pixels"
ONLY_WORDS = "Only the words under it are kept, not the file itself."
UNREADABLE = "I can only keep words and voice messages here. Would you put it in a sentence?"


def media(kind: str, body: bytes = OGG, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "base64": base64.b64encode(body).decode(), **more}


async def speak(phone: Phone, caption: str = "", seconds: int = 42, **more: Any) -> int:
    reply = await phone.house.post(
        f"people/{phone.id}/send", {"text": caption, "media": media("voice", duration=seconds), **more}
    )
    return int(reply["message_id"])


async def give(phone: Phone, **said: Any) -> None:
    await phone.house.post(f"people/{phone.id}/send", said)


async def brief(coach: Phone, name: str) -> str:
    before = max(message["message_id"] for message in await coach.chat())
    await coach.send(f"/brief {name}")
    return "\n".join(await coach.received(since=before))


async def voices(phone: Phone) -> list[dict[str, Any]]:
    return [m for m in await phone.chat() if m["from"] == "bot" and (m["media"] or {}).get("kind") == "voice"]


async def heard(town: Town, message: dict[str, Any]) -> bytes:
    reply = await town.house._http.get(f"/rehearsal/files/{message['media']['file_id']}")
    return reply.content


async def test_ben_answers_by_voice_and_alice_hears_it_after_her_brief(town: Town) -> None:
    await town.until(MONDAY)
    await speak(town.ben)
    kept = await town.ben.last()
    read = await brief(town.alice, "Ben")
    [voice] = await voices(town.alice)

    assert kept == "Kept. Alice reads it in the weekly digest."
    assert "🎤 voice, 0:42" in read
    assert voice["text"] == "Ben, Mon 5 Oct"
    assert voice["protected"]
    assert await heard(town, voice) == OGG
    assert not town.in_files("canary-voice-5512")
    assert town.rows("SELECT count(*) FROM recording") == [(1,)]


async def test_the_digest_and_the_brief_before_a_session_are_followed_by_the_voice(town: Town) -> None:
    await town.alice.send("/session Ben Wed 10:00")
    await town.until(MONDAY)
    await speak(town.ben, "the meeting")
    await town.until("2026-10-07 07:30")
    before_session = await voices(town.alice)
    await town.until("2026-10-12 08:00")
    after_digest = await voices(town.alice)

    assert "the meeting" in "\n".join(await town.alice.received())
    assert len(before_session) == 1
    assert len(after_digest) == 2
    assert [await heard(town, voice) for voice in after_digest] == [OGG, OGG]


async def test_a_voice_whose_sharing_is_taken_back_before_it_goes_out_does_not_go_out(town: Town) -> None:
    await town.until(MONDAY)
    await speak(town.ben)
    await town.house.post("faults", {"method": "sendVoice", "kind": "429", "retry_after": 60})
    await brief(town.alice, "Ben")
    await town.ben.tap("Only me")
    await town.house.advance(minutes=5)
    reason = town.rows("SELECT state, reason FROM delivery WHERE method = 'sendVoice'")
    await town.ben.tap("Share with Alice")
    again = await brief(town.alice, "Ben")

    assert len(await voices(town.alice)) == 1
    assert reason == [("cancelled", "no longer shared")]
    assert "🎤 voice" in again
    assert await heard(town, (await voices(town.alice))[-1]) == OGG


async def test_a_private_voice_moment_stays_private_and_is_erased_with_everything(town: Town) -> None:
    await speak(town.carla, "on my mind")
    kept = await town.carla.last()
    read = await brief(town.bob, "Carla")
    await town.carla.send("/delete")
    await town.carla.send("delete")

    assert kept == "Kept, for your eyes only."
    assert "🎤" not in read
    assert not await voices(town.bob)
    assert town.rows("SELECT count(*) FROM recording") == [(0,)]


async def test_several_voices_words_and_a_reply_to_an_older_question_are_bubbles_like_any(town: Town) -> None:
    await town.until(MONDAY)
    await speak(town.ben, seconds=5)
    await town.ben.send("and in words")
    await speak(town.ben, "and again", seconds=65)
    first = await town.ben.find("What happened today")
    await town.until("2026-10-07 10:00")
    await speak(town.ben, seconds=9, reply_to=first["message_id"])
    read = await brief(town.alice, "Ben")

    assert "and in words\nand again\n🎤 voice, 0:05\n🎤 voice, 1:05\n🎤 voice, 0:09" in read
    assert len(await voices(town.alice)) == 3
    assert town.rows("SELECT count(*) FROM answer") == [(1,)]


async def test_a_caption_corrected_later_is_an_edit_and_the_voice_stays(town: Town) -> None:
    await town.until(MONDAY)
    number = await speak(town.ben, "teh meeting")
    await town.ben.edit(number, "the meeting")
    read = await brief(town.alice, "Ben")

    assert "the meeting\n🎤 voice, 0:42" in read
    assert "teh meeting" not in read


async def test_six_minutes_and_too_many_bytes_are_refused_and_nothing_of_them_is_kept(town: Town) -> None:
    await town.until(MONDAY)
    before = town.counts()
    await speak(town.ben, seconds=360)
    long = await town.ben.last()
    await give(town.ben, media=media("voice", b"x" * (20 * 1024 * 1024 + 1), duration=200))
    large = await town.ben.last()
    after = town.counts()

    assert long.startswith("A voice message can be up to five minutes long.")
    assert large.startswith("This recording is larger than 20 MB")
    assert (after["recording"], after["answer"], after["answer_part"]) == (0, before["answer"], before["answer_part"])
    assert not await town.house.calls("getFile")


@pytest.mark.parametrize("kind", ["500_before", "reset_before", "bad_json", "429"])
async def test_a_voice_that_telegram_does_not_hand_over_is_asked_for_again(town: Town, kind: str) -> None:
    await town.until(MONDAY)
    await town.house.post("faults", {"method": "getFile", "kind": kind})
    await speak(town.ben)
    told = await town.ben.last()
    halves = town.counts()
    await speak(town.ben)

    assert told.startswith("Telegram did not hand over the voice message")
    assert (halves["answer"], halves["recording"]) == (0, 0)
    assert (await town.ben.last()).startswith("Kept.")


async def test_a_voice_that_hangs_at_telegram_does_not_hang_the_bot(
    town: Town, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.files._PATIENCE", 0.5)
    await town.until(MONDAY)
    await town.house.post("faults", {"method": "getFile", "kind": "timeout_before", "hold_s": 30})
    await speak(town.ben)
    told = await town.ben.last()

    assert told.startswith("Telegram did not hand over the voice message")
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


async def test_words_under_a_photo_are_the_answer_and_the_photo_is_not_kept(town: Town) -> None:
    await town.until(MONDAY)
    await give(town.ben, text="The whiteboard after we talked", media=media("photo", PNG))
    told = (await town.ben.received())[-2:]
    await town.until(TUESDAY)
    await give(town.ben, text="My notes of it", media=media("document", b"notes", name="notes.txt"))
    read = await brief(town.alice, "Ben")

    assert told == ["Kept. Alice reads it in the weekly digest.", ONLY_WORDS]
    assert "The whiteboard after we talked" in read
    assert "My notes of it" in read
    assert not await town.house.calls("getFile")


async def test_an_album_is_one_answer_with_one_acknowledgement(town: Town) -> None:
    await town.until(MONDAY)
    before = len(await town.ben.received())
    await give(town.ben, album=[media("photo", PNG), media("photo", PNG, text="Our new desks"), media("photo", PNG)])
    await town.house.advance(seconds=10)
    told = (await town.ben.received())[before:]
    await give(town.ben, album=[media("photo", PNG) for _ in range(4)])
    await town.house.advance(seconds=10)
    bare = (await town.ben.received())[before + 2 :]

    assert told == ["Kept. Alice reads it in the weekly digest.", ONLY_WORDS]
    assert bare == [UNREADABLE]
    assert town.rows("SELECT count(*) FROM answer_part") == [(1,)]


@pytest.mark.parametrize(
    "said",
    [media("sticker", PNG), media("video_note"), media("animation"), media("audio"), media("video"), media("photo", PNG),
     media("document", name="a.pdf"), {"kind": "contact"}, {"kind": "location"}, {"kind": "poll"}, {"kind": "dice"}],
    ids=lambda said: said["kind"],
)  # fmt: skip
async def test_what_cannot_be_kept_gets_a_friendly_sentence_and_leaves_nothing(town: Town, said: dict[str, Any]) -> None:
    await town.until(MONDAY)
    before = town.counts()
    await give(town.ben, media=said)
    after = town.counts()

    assert await town.ben.last() == UNREADABLE
    assert {t for t in after if after[t] != before[t]} == {"delivery", "inbound"}
    assert town.rows("SELECT count(*) FROM inbound WHERE body IS NOT NULL") == [(0,)]


async def test_forwarded_words_are_an_answer_marked_as_such_and_their_author_is_kept_nowhere(town: Town) -> None:
    await town.until(MONDAY)
    await give(town.ben, text="You did well in there, truly", forwarded="Marguerite Canary")
    await town.ben.send("I had to read it twice")
    read = await brief(town.alice, "Ben")

    assert "I had to read it twice\nForwarded:\nYou did well in there, truly" in read
    assert "Marguerite" not in read
    assert town.rows("SELECT count(*) FROM answer_part WHERE is_forwarded") == [(1,)]
    assert town.rows("SELECT count(*) FROM inbound WHERE body IS NOT NULL") == [(0,)]
    assert not town.in_files("Marguerite Canary")


async def test_a_long_forwarded_text_in_parts_is_one_answer(town: Town) -> None:
    words = " ".join(f"word{number}" for number in range(900))
    await town.until(MONDAY)
    await give(town.ben, text=words, forwarded=True)
    read = await brief(town.alice, "Ben")

    assert all(f"word{number}" in read for number in range(900))
    assert town.rows("SELECT count(*), sum(is_forwarded) FROM answer_part") == [(2, 2)]
    assert town.rows("SELECT count(*) FROM answer") == [(1,)]


async def test_a_forwarded_seven_is_no_rating_and_a_forwarded_command_does_nothing(town: Town) -> None:
    await town.until(TUESDAY)
    await give(town.anna, text="7", forwarded=True)
    await town.anna.send("/delete")
    await give(town.anna, text="delete", forwarded=True)
    await give(town.anna, text="/pause", forwarded=True)
    read = await brief(town.alice, "Anna")

    assert "confidence: 7" not in read
    assert town.rows("SELECT count(*) FROM person WHERE state = 'erased' OR paused_until IS NOT NULL") == [(0,)]


async def test_a_voice_from_a_coach_or_a_stranger_is_not_even_fetched(town: Town) -> None:
    await speak(town.alice)
    coach = await town.alice.last()
    await speak(town.zoe)
    stranger = await town.zoe.last()

    assert coach == "From you I can only take what is typed; this was not kept. Would you put it in a sentence?"
    assert "takes an invitation" in stranger
    assert not await town.house.calls("getFile")


async def test_a_scale_answered_by_voice_stands_in_the_brief_and_is_no_number(town: Town) -> None:
    await town.until(TUESDAY)
    await town.anna.tap("In my own words")
    await speak(town.anna, seconds=61)
    read = await brief(town.alice, "Anna")
    await town.alice.send("/digest")

    assert "How sure are you today?\n🎤 voice, 1:01" in read
    assert "confidence:" not in read
    assert len(await voices(town.alice)) == 2


async def test_a_voice_in_the_middle_of_a_peer_moment_is_kept_with_it(town: Town) -> None:
    await town.anna.send("/peer")
    await speak(town.anna, seconds=7)
    await speak(town.anna, "he said no", seconds=8)

    assert town.rows("SELECT count(*) FROM recording") == [(2,)]
    assert town.rows("SELECT DISTINCT kind FROM answer") == [("peer",)]


async def test_a_forwarded_voice_is_not_taken_for_bens_own(town: Town) -> None:
    await town.until(MONDAY)
    await speak(town.ben, forwarded="Marguerite Canary")
    await town.alice.send("/brief Ben")
    read = "\n".join(await town.alice.received())
    [voice] = await voices(town.alice)

    assert "🎤 forwarded voice, 0:42" in read
    assert voice["text"] == "Forwarded by Ben, Mon 5 Oct"
    assert "Marguerite" not in read
