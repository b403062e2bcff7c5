"""A person's rights: pause, privacy, urgent, delete, language; and a bot that no bad update brings down."""

import asyncio
import json
import sqlite3

import pytest
from house import Phone
from people import Town, times
from test_export import exported

UNKNOWN = "I don't know that command. /help shows what you can do here."
CANARY, LATER, NAME = "capybara-7413", "quokka-9921", "Zebedee"


async def count(phone: Phone) -> int:
    return len(await phone.received())


async def test_what_is_not_yours_looks_as_if_it_did_not_exist(town: Town) -> None:
    anna = [await _said(town.anna, f"/{name}") for name in ("brief Ben", "digest", "leaders", "invite X", "status",
                                                           "sequences", "enrol", "reload", "nonsense")]  # fmt: skip
    alice = [await _said(town.alice, f"/{name}") for name in ("status", "reload", "pause", "resume", "nonsense")]
    olga = [await _said(town.olga, f"/{name}") for name in ("brief Anna", "digest", "leaders", "session Anna Thu 10:00")]
    nobody = await _said(town.bob, "/brief Anna")
    invented = await _said(town.bob, "/brief Xavier")

    assert set(anna + alice + olga) == {UNKNOWN}
    assert nobody == invented == "There is no leader of that name. Yours are: Carla."


async def _said(phone: Phone, text: str) -> str:
    await phone.send(text)
    return await phone.last()


async def test_ben_pauses_for_a_week_and_nothing_is_asked_or_missed_in_it(town: Town) -> None:
    await town.until("2026-10-05 16:31")
    await town.ben.send("/pause")
    await town.ben.tap("a week")
    told = await town.ben.last()
    await town.until("2026-10-11 22:59")
    asked = await times(town.ben, "What happened today")
    states = town.rows("SELECT DISTINCT state, reason FROM occurrence WHERE step = 'day' AND leader_id = "
                       "(SELECT leader_id FROM occurrence WHERE step = 'day' LIMIT 1)")  # fmt: skip
    await town.until("2026-10-12 16:31")
    after = await times(town.ben, "What happened today")
    await town.alice.send("/digest")

    assert told == "Paused until Monday 12 October. /resume ends it earlier."
    assert asked == ["2026-10-05T16:30"]
    assert states == [("not_asked", "paused")]
    assert after == ["2026-10-05T16:30", "2026-10-12T16:30"]
    assert "missed" not in await town.alice.last()


async def test_ben_pauses_until_he_comes_back_and_what_he_writes_meanwhile_is_his_own(town: Town) -> None:
    await town.until("2026-10-05 16:31")
    await town.ben.send("/pause")
    await town.ben.tap("until I come back")
    await town.until("2026-10-07 12:00")
    await town.ben.send("thinking about my boss, wombat")
    kept = await town.ben.last()
    await town.until("2026-10-20 12:00")
    during = await times(town.ben, "What happened today")
    await town.ben.send("/resume")
    back = await town.ben.last()
    await town.ben.send("/resume")
    twice = await town.ben.last()
    await town.until("2026-10-20 16:31")
    await town.alice.send("/brief Ben")

    assert kept == "Kept, for your eyes only."
    assert during == ["2026-10-05T16:30"]
    assert back.startswith("You are back.")
    assert twice == "Nothing is paused."
    assert (await times(town.ben, "What happened today"))[1:] == ["2026-10-20T16:30"]
    assert "wombat" not in await town.alice.last()


async def test_privacy_says_who_reads_what_in_each_role(town: Town) -> None:
    anna, alice, olga = [await _said(phone, "/privacy") for phone in (town.anna, town.alice, town.olga)]

    assert "Alice reads what you answer" in anna
    assert "You read what your own leaders share with you" in alice
    assert "You never see an answer." in olga
    assert all("You agreed to this on Monday 5 October" in text for text in (anna, alice, olga))


async def test_urgent_answers_anybody_in_both_languages_and_keeps_nothing(town: Town) -> None:
    zelie = await town.house.phone("Zélie", "fr")
    before = town.counts()

    english = [await _said(phone, "/urgent") for phone in (town.zoe, town.anna, town.alice, town.olga)]
    french = await _said(zelie, "/urgent")
    twice = await _said(town.zoe, "/urgent now please")

    assert len({*english, twice}) == 1
    assert all(number in english[0] for number in ("999", "111", "116 123", "85258", "3114", "findahelpline.com"))
    assert "suicide" in french
    assert french.index("3114") < french.index("999")
    assert {t for t, n in town.counts().items() if n != before[t]} <= {"inbound"}


@pytest.mark.parametrize("kind", ["429", "401", "500_before", "502_html", "403_html", "reset_before"])
async def test_urgent_is_answered_although_telegram_fails_first(
    town: Town, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """Somebody of whom nothing is kept, and somebody who is known."""
    for phone in (town.zoe, town.anna):
        await town.house.post("faults", {"method": "sendMessage", "kind": kind, "calls": 2, "retry_after": 1})
        assert "These people are there" in await _said(phone, "/urgent")
    assert town.rows("SELECT count(*) FROM inbound WHERE state != 'done'") == [(0,)]
    caplog.clear()


async def test_urgent_is_answered_once_when_nothing_can_be_stored(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    lock = sqlite3.connect(town.folder / "interlude.db", isolation_level=None)
    lock.execute("ALTER TABLE inbound RENAME TO inbound_away")
    try:
        writing = asyncio.create_task(town.anna.send("/urgent"))
        for _ in range(100):
            await asyncio.sleep(0.02)
            if await times(town.anna, "These people are there"):
                break
        await asyncio.sleep(0.5)  # the update is fetched again and again meanwhile
        during = await times(town.anna, "These people are there")
    finally:
        lock.execute("ALTER TABLE inbound_away RENAME TO inbound")
        lock.close()
    await writing
    caplog.clear()

    assert len(during) == 1
    assert len(await times(town.anna, "These people are there")) <= 2


async def test_anna_deletes_everything_and_nothing_of_hers_is_left_anywhere(town: Town) -> None:
    dora = await town.house.phone(NAME)
    await town.alice.send(f"/invite {NAME}")
    await town.alice.tap("Daily")
    await town.alice.tap("Make the link")
    await dora.send("/start " + (await town.alice.link()).rpartition("=")[2])
    for label in ("Who reads what?", "I agree", "United Kingdom"):
        await dora.tap(label)
    await town.until("2026-10-05 16:31")
    said = await dora.send(f"{CANARY} at work")
    await dora.edit(said, f"{CANARY} at home")
    await dora.send("/delete")
    preview = await dora.last()
    await dora.send("no")
    kept = await dora.last()
    await town.alice.send(f"/brief {NAME}")
    before = await town.alice.last()
    owners = _key_owners(town)

    await dora.send("/delete")
    await dora.send("Delete")
    receipt = await dora.last()
    told = await town.alice.find("has left Interlude")
    await dora.send(f"{LATER} hello")
    stranger = await dora.last()
    await town.alice.send(f"/brief {NAME}")
    gone = await town.alice.last()
    await town.until("2026-10-07 16:31")
    commands = await town.house.calls("deleteMyCommands")

    assert "1 answer" in preview
    assert "Type the word “delete”" in preview
    assert kept == "Nothing was deleted."
    assert f"{CANARY} at home" in before
    assert receipt.startswith("Everything of yours has been deleted here")
    assert told["text"] == f"{NAME} has left Interlude and deleted everything here."
    assert stranger.startswith("Hello. This is a private coaching bot")
    assert gone.startswith("There is no leader of that name.")
    assert await times(dora, "What happened today") == ["2026-10-05T16:30"]
    for word in (CANARY, LATER, NAME):
        assert not town.in_files(word)
    assert not town.in_files(str(dora.id))
    assert len(owners) - len(_key_owners(town)) == 1
    assert town.rows("SELECT count(*) FROM answer") == [(0,)]
    assert town.rows("SELECT count(*) FROM delivery WHERE chat_id = ?", dora.id) == [(0,)]
    assert town.rows("SELECT count(*) FROM invite WHERE used_at IS NOT NULL AND name IS NOT NULL") == [(0,)]
    assert commands


def _key_owners(town: Town) -> set[str]:
    keys = sqlite3.connect(town.folder / "keys.db")
    try:
        return {owner for (owner,) in keys.execute("SELECT owner FROM data_key")}
    finally:
        keys.close()


async def test_ben_deletes_himself_on_each_database(town_on: Town) -> None:
    town = town_on
    await town.until("2026-10-05 16:31")
    await town.ben.send(CANARY)

    await town.ben.send("/delete")
    await town.ben.send("« supprimer »")
    receipt = await town.ben.last()
    await town.until("2026-10-12 16:31")

    assert receipt.startswith("Everything of yours has been deleted here")
    assert (await town.alice.find("Ben has left"))["text"] == "Ben has left Interlude and deleted everything here."
    assert await times(town.ben, "What happened today") == ["2026-10-05T16:30"]


async def test_a_coach_who_leaves_takes_all_of_their_own_with_them_and_leaves_no_leader_behind(town: Town) -> None:
    """What they wrote is in their export; nobody can be handed to them while they go, nor come by a link of theirs, and
    what Carla was about to answer them stays hers."""
    await town.carla.send("a quiet day")
    await town.carla.tap("Share with Bob")
    await town.bob.send("/brief Carla")
    for label in ("Reply or note…", "Reply to Carla"):
        await town.bob.tap(label)
    await town.bob.send("Quiet as a lynx")
    await town.house.advance(minutes=3)
    await town.carla.tap("Reply to Bob")
    await town.bob.send("/note Carla the lynx once more")
    await town.bob.send("/blocker Carla shows no lynx to anybody")
    await town.bob.send("/ask Carla Fri 9:00 Where is the lynx?")
    taken = json.loads((await exported(town.bob))[".json"])
    await town.bob.send("/invite Dora")
    link = await town.bob.link()
    await town.olga.send("/hand Carla to Alice")
    await town.olga.tap("Hand over")
    preview = await _said(town.bob, "/delete")
    await town.olga.send("/hand Ben to Bob")
    await town.olga.tap("Hand over")
    still = await _said(town.bob, "delete")
    await town.olga.send("/hand Ben to Alice")
    await town.olga.tap("Hand over")
    gone = await _said(town.bob, "delete")
    kept = await _said(town.carla, "an otter came")
    await town.zoe.send("/start " + link.rpartition("=")[2])

    [about] = taken["written_about_leaders"]
    assert [one["text"] for one in about["notes"]] == ["Quiet as a lynx", "the lynx once more"]
    assert [one["text"] for one in about["questions"]] == ["Where is the lynx?"]
    assert about["hypotheses"] == ["shows no lynx to anybody"]
    assert taken["person"]["minutes_before_a_session"] == {"brief": 120, "agenda": 1440}
    assert preview.startswith("This deletes your notes, your hypotheses and your settings here")
    assert still.startswith("You still coach leaders here.")
    assert gone == "Everything of yours has been deleted here, and its keys with it."
    assert "no longer in use" not in kept
    assert town.rows("SELECT kind FROM answer") == [("moment",), ("moment",)]
    assert "invites you" not in "\n".join(await town.zoe.received())
    assert town.rows("SELECT count(*) FROM note") == town.rows("SELECT count(*) FROM blocker") == [(0,)]
    assert not town.in_files("lynx")


async def test_a_coach_who_still_has_leaders_is_told_to_hand_them_over(town: Town) -> None:
    assert (await _said(town.alice, "/delete")).startswith("You still coach leaders here.")
    assert (await _said(town.olga, "/delete Anna")).startswith("/delete takes away everything of yours, and nobody else’s.")
    assert (await _said(town.olga, "/delete")).startswith("You are the only administrator here.")


async def test_carla_switches_to_french_and_everything_follows(town: Town) -> None:
    await town.carla.send("/language")
    await town.carla.tap("Français")
    switched = await town.carla.last()
    helped = await _said(town.carla, "/help")
    unknown = await _said(town.carla, "/status")
    menus = [call for call in await town.house.calls("setMyCommands") if str(town.carla.id) in json.dumps(call)]

    assert "français" in switched
    assert "/pause" in helped
    assert "What you can do" not in helped
    assert unknown != UNKNOWN
    assert "où aller" in json.dumps(menus[-1], ensure_ascii=False) or "urgent" in json.dumps(menus[-1])


async def test_ben_blocks_the_bot_is_shown_as_unreachable_and_heals_when_he_is_back(town: Town) -> None:
    await town.ben.block()
    await town.until("2026-10-06 16:31")
    while_gone = await _said(town.alice, "/leaders")
    await town.ben.unblock()
    await town.until("2026-10-07 16:31")
    back = await _said(town.alice, "/leaders")

    assert "Ben · no session planned · cannot be reached" in while_gone
    assert "cannot be reached" not in back
    asked = await times(town.ben, "What happened today")  # Tuesday's a minute late, Monday's no more
    assert asked == ["2026-10-06T16:31", "2026-10-07T16:31"]


async def test_whoever_writes_can_be_reached_whatever_telegram_said_before(town: Town) -> None:
    await town.house.post("faults", {"method": "sendMessage", "kind": "403", "calls": 1})
    await town.until("2026-10-05 16:31")
    refused = await _said(town.alice, "/leaders")

    await town.ben.send("I am here")
    await town.until("2026-10-06 16:31")

    assert "cannot be reached" in refused
    assert "cannot be reached" not in await _said(town.alice, "/leaders")
    assert await times(town.ben, "What happened today") == ["2026-10-05T16:31", "2026-10-06T16:30"]


async def test_a_poisonous_update_is_set_aside_alone(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    await town.update("message", {"message_id": "not a number", "from": {"id": {}}, "date": "yesterday"})
    await town.update("callback_query", {"id": "1"})
    healthy = await _said(town.anna, "/help")
    states = town.rows("SELECT state, attempt FROM inbound WHERE attempt > 0")
    caplog.clear()
    town.house.referee.violations.clear()  # Telegram would not send these

    assert "What you can do here" in healthy
    assert states == [("quarantined", 3)] * len(states)
    assert states


async def test_what_cannot_be_read_gets_a_friendly_sentence(town: Town) -> None:
    told = []
    for kind in ("photo", "video", "contact", "location", "sticker", "document"):
        media = {"kind": kind, "name": "x.bin", "mime": "application/octet-stream", "base64": "aGVsbG8="}
        await town.house.post(f"people/{town.anna.id}/send", {"media": media})
        told.append(await town.anna.last())

    assert told == ["I can only keep words and voice messages here. Would you put it in a sentence?"] * 6
    assert await count(town.anna) >= 6
