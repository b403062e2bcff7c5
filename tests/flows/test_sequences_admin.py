"""Olga's work: inviting, enrolling, changing sequences in the chat, and seeing that messages go out."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from house import House, Phone
from people import Town

LIBRARY = Path(__file__).parent / "short_library"
DAILY = (LIBRARY / "daily.yaml").read_text("utf-8")
CHANGED = DAILY.replace("What happened today?", "What went well today?").replace("17:30", "16:00")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A prompts directory of our own, which can be written to."""
    folder = tmp_path / "prompts"
    shutil.copytree(LIBRARY, folder)
    return folder


@pytest.fixture
async def olgas(tmp_path: Path, keys_file: Path, library: Path) -> AsyncIterator[tuple[House, Phone, Phone]]:
    """A house on that directory, with Olga and Alice in it."""
    url = f"sqlite:///{tmp_path / 'data' / 'interlude.db'}"
    async with House.open(tmp_path, url, keys_file, INTERLUDE_PROMPTS_DIR=str(library)) as house:
        olga = await house.admin()
        yield house, olga, await house.coach("Alice", olga)


async def hear(phone: Phone, text: str) -> str:
    before = len(await phone.received())
    await phone.send(text)
    return "\n".join((await phone.received())[before:])


async def hear_file(phone: Phone, name: str, content: str | bytes, text: str | None = None) -> str:
    before = len(await phone.received())
    await phone.send_file(name, content.encode() if isinstance(content, str) else content, text)
    return "\n".join((await phone.received())[before:])


def versions(town: Town) -> int:
    return len(town.rows("SELECT id FROM sequence_version WHERE state = 'kept'"))


async def enrolled_today(house: House, name: str, coach: Phone) -> Phone:
    return await house.leader(name, coach, follows=("daily",))


# inviting and enrolling


async def test_olga_invites_a_coach_a_leader_and_another_administrator(town: Town) -> None:
    phones = {}
    for name, role in [("Cleo", "as a coach"), ("Dan", "as a leader of Bob"), ("Oscar", "as an administrator")]:
        await town.olga.send(f"/invite {name}")
        await town.olga.tap(role)
        if name == "Dan":
            await town.olga.tap("Daily")
            await town.olga.tap("Make the link")
        phones[name] = await town.house.phone(name)
        link = await town.olga.link()
        await phones[name].send("/start " + link.rpartition("=")[2])
        await phones[name].tap("Who reads what?")
        await phones[name].tap("I agree")

    helped = {name: await hear(phone, "/help") for name, phone in phones.items()}

    assert ["/brief" in helped[name] for name in phones] == [True, False, False]
    assert ["/pause" in helped[name] for name in phones] == [False, True, False]
    assert ["/status" in helped[name] for name in phones] == [False, False, True]
    assert "Dan" in await hear(town.bob, "/leaders")
    assert "Dan" not in await hear(town.alice, "/leaders")
    assert "followed by Ben and Dan" in await hear(town.olga, "/sequences")


async def test_a_coach_sees_only_her_own_followers_and_olga_sees_all(town: Town) -> None:
    seen = {name: await hear(phone, "/sequences") for name, phone in [("olga", town.olga), ("alice", town.alice)]}

    assert "Daily\ndaily, version 1, from its file\nfollowed by Ben" in seen["olga"]
    assert "around, version 1, from its file\nfollowed by Carla" in seen["olga"]
    assert "around, version 1, from its file\nfollowed by nobody" in seen["alice"]
    assert "Carla" not in seen["alice"]


async def test_leaders_are_enrolled_by_text_and_by_buttons_once_and_ended(town: Town) -> None:
    by_text = await hear(town.olga, "/enrol Anna daily")
    twice = await hear(town.olga, "/enrol Anna daily")
    await town.olga.send("/enrol")
    await town.olga.tap("Carla")
    await town.olga.tap("+ Daily")
    by_button = await town.olga.last()
    twice_by_button = await town.olga.tap("+ Daily")
    await town.olga.send("/enrol Ben")
    await town.olga.tap("end Daily")
    ended = await town.olga.last()
    ended_twice = await town.olga.tap("end Daily")
    await town.until("2026-10-05 17:00")

    assert by_text.startswith("Anna follows Daily from now on.")
    assert twice == "Anna follows Daily already."
    assert by_button.startswith("Carla follows Daily from now on.")
    assert twice_by_button["text"] == "Carla follows Daily already."
    assert ended == "Ended: Daily."
    assert ended_twice["text"] == "This has been ended already."
    asked = {p.name: "What happened today?" in str(await p.received()) for p in (town.anna, town.ben, town.carla)}
    assert asked == {"Anna": True, "Ben": False, "Carla": True}


async def test_too_much_at_once_is_said_where_it_is_chosen_and_nothing_is_refused(town: Town) -> None:
    alone = await hear(town.olga, "/enrol Carla")
    await town.olga.tap("+ Daily")
    enrolled = await town.olga.last()
    both = await hear(town.olga, "/enrol Carla")
    await town.alice.send("/invite Dora")
    for title in ("Everyday", "Daily"):
        await town.alice.tap(title)
    chosen = await town.alice.last()
    await town.alice.tap("Daily")
    unchosen = await town.alice.last()

    heavy = "All together this is a lot\nWith a session every week"
    assert heavy not in alone
    assert enrolled.startswith("Carla follows Daily from now on.")
    assert heavy in enrolled
    assert heavy in both
    assert "Which sequences start when Dora joins?" in chosen
    assert heavy in chosen
    assert heavy not in unchosen
    assert len(town.rows("SELECT id FROM enrolment WHERE sequence = 'daily' AND state = 'active'")) == 2


async def test_a_mistyped_name_or_sequence_is_said_to_be_what_it_is(town: Town) -> None:
    nobody = await hear(town.olga, "/enrol Zed daily")
    nothing = await hear(town.olga, "/enrol Anna dayly")
    by_alice = await hear(town.alice, "/enrol Anna dayly")

    assert nobody == "There is no leader of that name. There are: Anna, Ben and Carla."
    assert nothing == by_alice == "There is no sequence called dayly. /sequences lists them."


async def test_alice_enrols_her_own_and_no_other(town: Town) -> None:
    own = await hear(town.alice, "/enrol Anna daily")
    others = await hear(town.alice, "/enrol Carla daily")
    nobody = await hear(town.alice, "/enrol Zed daily")

    assert own.startswith("Anna follows Daily from now on.")
    assert others == nobody == "There is no leader of that name. Yours are: Anna and Ben."


# changing a sequence in the chat


async def test_a_file_with_problems_names_them_by_line_and_changes_nothing(town: Town) -> None:
    before = versions(town)
    broken = DAILY.replace("theme: team", "theme: taem").replace("17:30", "25:99").replace("kind: text", "kind: essay")

    heard = await hear_file(town.olga, "daily.yaml", broken)

    assert heard.startswith("This file cannot be used yet. Nothing was changed.")
    lines = [line for line in heard.splitlines() if line.startswith("daily.yaml:")]
    numbers = [DAILY[: DAILY.index(found)].count("\n") + 1 for found in ("theme: team", "17:30", "kind: text")]
    assert [int(line.split(":")[1]) for line in lines] == numbers
    assert "team" in lines[0]  # did you mean
    assert versions(town) == before
    assert not town.rows("SELECT id FROM draft")


async def test_more_problems_than_can_be_read_at_once_are_counted(town: Town) -> None:
    broken = DAILY + "".join(f"wrong{number}: 1\n" for number in range(30))

    heard = await hear_file(town.olga, "daily.yaml", broken)

    assert heard.count("daily.yaml:") == 20
    assert heard.splitlines()[-1] == "and 10 more problems"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("daily.txt", b"hello", "A sequence is a file whose name ends in .yaml."),
        ("daily.yaml.exe", b"MZ", "A sequence is a file whose name ends in .yaml."),
        ("daily.yaml", b"#" * (256 * 1024 + 1), "The file is larger than 256 KiB. A sequence is much smaller."),
        ("daily.yaml", b"\xff\xfe\x00", "This file cannot be used yet. Nothing was changed."),
        ("daily.yaml", b"a: &a [*a, *a]", "This file cannot be used yet. Nothing was changed."),
    ],
)
async def test_what_is_no_sequence_is_refused(town: Town, name: str, content: bytes, expected: str) -> None:
    before = versions(town)

    heard = await hear_file(town.olga, name, content)

    assert heard.startswith(expected)
    assert versions(town) == before
    assert not town.rows("SELECT id FROM draft")


async def test_a_file_whose_size_nobody_told_is_measured_once_it_is_here(town: Town) -> None:
    before = len(await town.olga.received())

    await town.send_unmeasured(town.olga, "daily.yaml", b"#" * (256 * 1024 + 1))

    [refused] = (await town.olga.received())[before:]
    assert refused == "The file is larger than 256 KiB. A sequence is much smaller."


async def test_a_sequence_from_a_leader_or_a_coach_is_no_sequence(town: Town) -> None:
    before = versions(town)

    by_alice = await hear_file(town.alice, "daily.yaml", CHANGED)
    by_ben = await hear_file(town.ben, "daily.yaml", CHANGED)
    with_words = await hear_file(town.ben, "daily.yaml", CHANGED, "look at this")

    assert by_ben == "I can only keep words and voice messages here. Would you put it in a sentence?"
    assert by_alice == "From you I can only take what is typed; this was not kept. Would you put it in a sentence?"
    assert with_words.endswith("Only the words under it are kept, not the file itself.")
    assert versions(town) == before
    assert not town.rows("SELECT id FROM draft")


async def test_a_changed_sequence_is_compared_tried_published_moved_and_taken_back(town: Town) -> None:
    olga, house = town.olga, town.house
    compared = await hear_file(olga, "daily.yaml", CHANGED)
    answers = town.counts()["answer"]

    await olga.tap("Try it on me")
    trial = await olga.find("Trial · day")
    kept_nothing = await olga.tap("Skip", trial["message_id"])
    await olga.tap("Publish")
    published = await olga.last()
    gone = await olga.tap("Discard")
    dora = await enrolled_today(house, "Dora", town.alice)
    await town.until("2026-10-05 15:10")
    listed = await hear(olga, "/sequences")

    assert compared.startswith("Daily (daily)\n\n")
    assert "What went well today?" in compared
    assert "16:00" in compared
    assert "What went well today?" in trial["text"]
    assert kept_nothing["text"] == "A trial: nothing is kept."
    assert town.counts()["answer"] == answers
    assert published.startswith("Published: daily is now version 2.")
    assert gone["text"] == "This draft has been published or discarded. Send the file again to go on."
    assert "daily, version 2, published here\nfollowed by Dora\nversion 1 still followed by Ben" in listed
    assert "What went well today?" in await dora.last()
    assert "went well" not in str(await town.ben.received())

    await town.until("2026-10-05 16:40")
    assert "What happened today?" in await town.ben.last()  # the running one keeps its own
    await town.ben.send("kept across the move")
    await olga.send("/enrol Ben")
    await olga.tap("move Daily to version 2")
    moved = await olga.last()
    await town.until("2026-10-06 15:10")
    asked = await town.ben.last()
    brief = await hear(town.alice, "/brief Ben")
    await olga.send("/sequences")
    await olga.tap("daily: back to the version before")
    back = await olga.last()
    back_twice = await olga.tap("daily: back to the version before")

    assert moved == "Moved: Daily is now version 2."
    assert "What went well today?" in asked
    assert "kept across the move" in brief
    assert back == "Taken back: daily is version 1 again."
    assert back_twice["text"] == "This version is not the one in force. /sequences shows which is."
    assert "daily, version 1, from its file" in await hear(olga, "/sequences")


async def test_a_discarded_sequence_leaves_nothing(town: Town) -> None:
    before = versions(town)
    await hear_file(town.olga, "daily.yaml", CHANGED)

    await town.olga.tap("Discard")

    assert await town.olga.last() == "Discarded. Nothing was changed."
    assert versions(town) == before
    assert not town.rows("SELECT id FROM draft")


async def test_a_move_never_takes_the_question_away_from_words_that_answered_it(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("the answer to a question that goes")
    await hear_file(town.olga, "daily.yaml", CHANGED.replace("- key: day\n        kind", "- key: other\n        kind"))
    await town.olga.tap("Publish")
    await town.olga.send("/enrol Ben")

    toast = await town.olga.tap("move Daily to version 2")
    brief = await hear(town.alice, "/brief Ben")

    assert "drops" in (toast["text"] or "")
    assert "the answer to a question that goes" in brief


# files


async def test_edited_files_are_read_again_on_request(olgas: tuple[House, Phone, Phone], library: Path) -> None:
    house, olga, alice = olgas
    eve = await enrolled_today(house, "Eve", alice)
    unchanged = await hear(olga, "/reload")
    (library / "daily.yaml").write_text(CHANGED, "utf-8")
    changed = await hear(olga, "/reload")
    finn = await enrolled_today(house, "Finn", alice)
    listed = await hear(olga, "/sequences")
    await house.advance(hours=7, minutes=15)  # 16:15

    assert unchanged == "No file has changed."
    assert "daily, version 2" in changed
    assert "What went well today?" in changed
    assert changed.endswith("New enrolments get what is in force; running ones keep theirs.")
    assert "daily, version 2, from its file\nfollowed by Finn\nversion 1 still followed by Eve" in listed
    assert "What went well today?" in await finn.last()
    assert "today?" not in await eve.last()

    (library / "daily.yaml").write_text(DAILY.replace("theme: team", "theme: taem"), "utf-8")
    (library / "around.yaml").write_text("nonsense", "utf-8")
    broken = await hear(olga, "/reload")
    after = await hear(olga, "/sequences")

    assert "daily.yaml:" in broken
    assert "around.yaml:" in broken
    assert after == listed

    (library / "daily.yaml").write_text(DAILY, "utf-8")  # as it was at first
    shutil.copy(LIBRARY / "around.yaml", library)
    await olga.send("/reload")
    await enrolled_today(house, "Gil", alice)
    back = await hear(olga, "/sequences")

    assert "followed by Gil\nversion 2 still followed by Finn\nversion 1 still followed by Eve" in back
    await house.advance(hours=24)
    assert any("What happened today?" in text for text in await eve.received())


async def test_a_file_that_changes_below_a_published_version_is_not_said_to_be_in_force(
    olgas: tuple[House, Phone, Phone], library: Path
) -> None:
    _, olga, _ = olgas
    await hear_file(olga, "daily.yaml", CHANGED)
    await olga.tap("Publish")
    (library / "daily.yaml").write_text(DAILY.replace("What happened today?", "What was new today?"), "utf-8")

    heard = await hear(olga, "/reload")

    assert "daily, version 2, published here" in await hear(olga, "/sequences")
    assert "The version published here stays in force until it is taken back." in heard


# the state of things


async def test_status_counts_and_says_no_word_of_anybody(town: Town) -> None:
    await town.until("2026-10-05 16:40")
    await town.ben.send("a word in confidence")
    await town.carla.block()

    heard = await hear(town.olga, "/status")

    assert "Leaders out of reach: 1" in heard
    assert "Failed since yesterday: 0" in heard
    assert "Last look at what is due: Monday 5 October, 17:40" in heard
    assert not [word for word in ("confidence", "Ben", "Carla", "Anna") if word in heard]
