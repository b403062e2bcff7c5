"""`/export`: everything of one's own, at once, readable by people and programs; nobody else's, ever."""

import base64
import io
import json
import zipfile
from typing import Any

from house import Phone
from people import Town

MONDAY = "2026-10-05 16:31"
OGG = b"OggS" + bytes(range(256)) * 8
NASTY = "<script>alert('x')</script> & \"quotes\" \u202eهپو"


async def exported(phone: Phone) -> dict[str, bytes]:
    """The files that `/export` brings, by the end of their names."""
    before = max(message["message_id"] for message in await phone.chat())
    await phone.send("/export")
    found = {}
    for message in await phone.chat():
        media = message["media"]
        if message["message_id"] > before and media and message["from"] == "bot":
            reply = await phone.house._http.get(f"/rehearsal/files/{media['file_id']}")
            found[media["name"].partition("2026-")[2][5:]] = reply.content
    return found


async def speak(phone: Phone, caption: str) -> None:
    media = {"kind": "voice", "base64": base64.b64encode(OGG).decode(), "duration": 12}
    await phone.house.post(f"people/{phone.id}/send", {"text": caption, "media": media})


def messages(facts: dict[str, Any]) -> list[str]:
    return [bubble["text"] for answer in facts["answers"] for bubble in answer["messages"]]


async def test_ben_takes_everything_with_him_versions_sharing_and_voice(town: Town) -> None:
    await town.until(MONDAY)
    number = await town.ben.send("teh walrus meeting")
    await town.ben.edit(number, "the walrus meeting")
    await town.ben.tap("Only me")
    await town.until("2026-10-06 16:31")
    await speak(town.ben, "said aloud")
    files = await exported(town.ben)
    facts = json.loads(files[".json"])
    page = files[".html"].decode()
    archive = zipfile.ZipFile(io.BytesIO(files["-voice-1.zip"]))

    assert messages(facts) == ["teh walrus meeting", "the walrus meeting", "said aloud"]
    assert [answer["sharing"] for answer in facts["answers"]] == ["private", "words"]
    assert [answer["question"] for answer in facts["answers"]] == ["What happened today?"] * 2
    assert [bubble["version"] for bubble in facts["answers"][0]["messages"]] == [1, 2]
    assert facts["person"]["name"] == "Ben"
    assert facts["person"]["zone"] == "Europe/London"
    assert facts["engagements"][0]["coach"] == "Alice"
    assert facts["consents"][0]["text_version"]
    assert archive.namelist() == [facts["answers"][1]["voices"][0]["file"]]
    assert archive.read(archive.namelist()[0]) == OGG
    assert "the walrus meeting" in page
    assert "🎤 voice, 0:12" in page
    assert town.rows("SELECT action FROM audit ORDER BY id DESC LIMIT 1") == [("exported",)]


async def test_what_ben_wrote_is_text_on_the_page_and_never_markup(town: Town) -> None:
    await town.until(MONDAY)
    await town.ben.send(NASTY)
    page = (await exported(town.ben))[".html"].decode()

    assert "<script" not in page
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; &quot;quotes&quot;" in page
    assert "default-src 'none'" in page
    assert '<html lang="en">' in page


async def test_nobody_gets_anything_of_anybody_elses(town: Town) -> None:
    await town.until(MONDAY)
    await town.ben.send("ocelot, shared with Alice")
    await town.carla.send("narwhal, to myself")
    alice, olga, anna = await exported(town.alice), await exported(town.olga), await exported(town.anna)
    everything = b"".join(body for files in (alice, olga, anna) for body in files.values())

    assert b"ocelot" not in everything
    assert b"narwhal" not in everything
    assert set(alice) == {".html", ".json"}
    assert json.loads(alice[".json"])["answers"] == []
    assert json.loads(alice[".json"])["roles"] == ["coach"]


async def test_nothing_of_an_export_stays_in_the_data_folder_in_plain(town: Town) -> None:
    await town.until(MONDAY)
    await town.ben.send("pangolin in the meeting")
    await exported(town.ben)

    assert not town.in_files("pangolin")
    assert not town.in_files("cGFuZ29saW4")
    assert town.rows("SELECT count(*) FROM delivery WHERE payload IS NOT NULL") == [(0,)]


async def test_a_stranger_has_nothing_to_export(town: Town) -> None:
    await town.zoe.send("/export")

    assert "takes an invitation" in await town.zoe.last()


async def test_an_erased_leader_who_comes_again_exports_only_what_is_new(town: Town) -> None:
    await town.until(MONDAY)
    await town.ben.send("before it all went")
    await town.ben.send("/delete")
    await town.ben.send("delete")
    await town.ben.send("/start " + (await town.house.leader_link("Ben", town.alice, ("daily",))).rpartition("=")[2])
    await town.ben.tap("Who reads what?")
    await town.ben.tap("I agree")
    await town.ben.tap("United Kingdom")
    facts = json.loads((await exported(town.ben))[".json"])

    assert facts["answers"] == []
    assert len(facts["consents"]) == 1


async def test_anna_takes_the_notes_sent_to_her_and_reads_that_there_may_be_others(town: Town) -> None:
    await town.alice.send("/note Anna about the zebra")
    await town.until("2026-10-06 16:31")
    await town.anna.tap("In my own words")
    await town.anna.send("wobbly")
    await town.alice.send("/brief Anna")
    for label in ("Reply or note…", "Reply to Anna"):
        await town.alice.tap(label)
    await town.alice.send("Go on")
    unsent = json.loads((await exported(town.anna))[".json"])
    await town.house.advance(minutes=3)
    files = await exported(town.anna)
    facts = json.loads(files[".json"])

    assert unsent["notes_from_coach"] == []
    assert [note["text"] for note in facts["notes_from_coach"]] == ["Go on"]
    assert "Your coach may keep notes and hypotheses of their own" in facts["about_your_coach"]
    assert b"Go on" in files[".html"]
    assert b"Your coach may keep notes and hypotheses of their own" in files[".html"]
    assert not [name for name, body in files.items() if b"zebra" in body]
