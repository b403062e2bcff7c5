"""Olga hands Anna over to Bob: what ends, what goes on, and what of the past goes along only if Anna says so."""

from people import Town, times

HANDED = "Anna is coached by Bob from now on. All three are told."
BOB_HAS = "From now on you coach Anna."
NOT_THERE = "There is no leader of that name. Yours are: Ben."
STALE = "This button is no longer in use."
SHARED, PRIVATE, RATED = "quokka between the desks", "numbat for nobody", "8"


async def a_past(town: Town) -> None:
    """Anna has rated, said one thing to Alice and kept another for herself; Alice has noted and supposed."""
    await town.alice.send("/session Anna Fri 10:00")
    await town.until("2026-10-06 16:31")
    await town.anna.tap(RATED)
    await town.until("2026-10-07 16:31")
    await town.anna.send(SHARED)
    await town.until("2026-10-07 17:30")
    await town.anna.send(PRIVATE)
    await town.alice.send("/note Anna bilby, my own note")
    await town.alice.send("/blocker Anna wombat, my own guess")


async def hand_over(town: Town) -> None:
    await town.olga.send("/hand Anna to Bob")
    await town.olga.tap("Hand over")


async def test_olga_sees_what_will_happen_and_may_leave_it(town: Town) -> None:
    await town.alice.send("/session Anna Fri 10:00")
    await town.olga.send("/hand")
    await town.olga.tap("Anna")
    asked = await town.olga.last()
    choices = await town.olga.buttons()
    await town.olga.tap("Bob")
    preview = await town.olga.last()
    await town.olga.tap("Leave it")
    left = await town.olga.last()

    assert asked == "Anna is coached by Alice. Who takes over?"
    assert choices == ["Bob", "Leave it"]
    assert preview == (
        "Hand Anna over from Alice to Bob?\n\n"
        "• Alice is told, and sees nothing more of Anna here.\n"
        "• 1 planned session is cancelled.\n"
        "• Bob reads what Anna shares from now on, and plans the first session.\n"
        "• Anna is told at once, and decides what of the time before goes along; until then, nothing does.\n"
        "• The sequences of questions go on where they are."
    )
    assert left == "Nothing has changed."
    assert town.rows("SELECT count(*) FROM engagement WHERE state = 'ended'") == [(0,)]


async def test_what_cannot_be_is_refused_in_one_sentence(town: Town) -> None:
    said = []
    for text in ("/hand Anna to Alice", "/hand Anna to Zoe", "/hand Zoe to Bob", "/hand Anna à Bob"):
        await town.olga.send(text)
        said.append(await town.olga.last())

    assert said[0] == "Anna is coached by Alice already."
    assert said[1] == "There is no coach of that name. There are: Alice and Bob."
    assert said[2].startswith("There is no leader of that name. There are: ")
    assert said[3].startswith("Hand Anna over from Alice to Bob?")


async def test_alice_sees_nothing_more_of_anna_and_bob_nothing_of_before(town: Town) -> None:
    await a_past(town)
    await town.alice.send("/brief Anna")
    await town.alice.send("/leader Anna")
    await hand_over(town)
    handed = await town.olga.last()
    told_alice, told_bob = await town.alice.last(), await town.bob.last()
    alices = len(await town.alice.received())
    orders = ("/brief Anna", "/leader Anna", "/note Anna", "/blocker Anna", "/words Anna", "/session Anna Thu 10:00")
    refused = []
    for order in orders:
        await town.alice.send(order)
        refused.append(await town.alice.last())
    pressed = []
    for label in ("Brief", "Role", "Focus", "Hypotheses", "Session", "Reply or note…"):
        toast = await town.alice.tap(label)
        pressed.append(toast["text"])
    await town.bob.send("/brief Anna")
    await town.bob.send("/words Anna")
    await town.bob.send("/note Anna")
    await town.bob.send("/blocker Anna")
    await town.bob.send("/digest")
    await town.until("2026-10-12 12:00")

    bobs = "\n".join(await town.bob.received())
    assert handed == HANDED
    assert told_alice.startswith("Anna is coached by Bob from now on. What you have received stays in this chat;")
    assert told_bob.startswith(BOB_HAS)
    assert refused == [NOT_THERE] * len(orders)
    over = "This coaching ended on Wednesday 7 October. What you have received stays in this chat."
    assert set(pressed) <= {STALE, over, "There is nobody of that name.", "These words are not shared with you any more."}
    assert "Anna" not in "\n".join((await town.alice.received())[alices:]).replace(NOT_THERE, "")
    for word in (SHARED, PRIVATE, "bilby", "wombat"):
        assert word not in bobs
    assert town.rows("SELECT state FROM session") == [("cancelled",)]


async def test_anna_hears_it_first_and_goes_on_where_she_was(town: Town) -> None:
    await a_past(town)
    await hand_over(town)
    told = await town.anna.find("coaches you here instead of Alice")
    await town.until("2026-10-08 16:31")
    await town.anna.tap("Budget")
    await town.anna.tap("Done")
    kept = await town.anna.last()
    await town.bob.send("/brief Anna")
    brief = await town.bob.find("Anna · ")

    assert told["text"].startswith("From today, Wednesday 7 October, Bob coaches you here instead of Alice.")
    assert told["text"].endswith("What of the time before may Bob see? Until you choose, nothing.")
    assert [b["text"] for row in told["buttons"] for b in row] == ["All I have shared", "Only my ratings", "Nothing"]
    assert "Bob" in kept
    assert "Budget" in brief["text"]
    assert SHARED not in brief["text"]
    assert len(await times(town.anna, "How sure are you today?")) == 1


async def test_all_she_has_shared_goes_along_without_being_news(town: Town) -> None:
    await a_past(town)
    await hand_over(town)
    await town.anna.tap("All I have shared")
    chosen = await town.anna.find("Bob can read all you had shared before")
    await town.bob.send("/brief Anna")
    brief = "\n".join(await town.bob.received())
    await town.bob.send("/digest")
    digest = await town.bob.received()
    await town.bob.send("/words Anna")
    words = (await town.bob.find("Anna, in their own words"))["text"]
    await town.anna.send("/read")
    listed = await town.anna.last()

    assert "✓ All I have shared" in [b["text"] for row in chosen["buttons"] for b in row]
    assert "2 answers from the time with an earlier coach came along: /words Anna" in brief
    assert SHARED not in "\n".join(digest)
    assert SHARED in words
    assert PRIVATE not in words
    assert "All you had shared by then went along to Bob: " in listed
    assert "Opened by Bob: " in listed


async def test_only_ratings_go_along_as_numbers(town: Town) -> None:
    await a_past(town)
    await hand_over(town)
    await town.anna.tap("Only my ratings")
    await town.bob.send("/brief Anna")
    await town.bob.send("/words Anna")

    bobs = "\n".join(await town.bob.received())
    assert "confidence: 8" in bobs
    assert "Anna shares no words here now." in bobs
    assert SHARED not in bobs


async def test_she_may_choose_again_even_after_a_restart(town: Town) -> None:
    await a_past(town)
    await hand_over(town)
    await town.house.stop_bot()
    await town.house.start_bot()
    await town.anna.tap("Nothing")
    await town.anna.send("/privacy")
    privacy = await town.anna.last()
    await town.anna.tap("What goes along")
    await town.anna.tap("All I have shared")
    await town.bob.send("/words Anna")
    opened = await town.bob.last()
    await town.anna.tap("Nothing")
    less = await town.anna.find("Of the time before, Bob sees nothing.")
    await town.bob.send("/words Anna")

    assert "Of the time before, Bob sees nothing." in privacy
    assert SHARED in opened
    assert "What Bob has opened by then stays in their chat." in less["text"]
    assert await town.bob.last() == "Anna shares no words here now."


async def test_an_old_answer_is_opened_to_bob_by_itself(town: Town) -> None:
    await a_past(town)
    await hand_over(town)
    await town.anna.tap("Nothing")
    await town.anna.tap("Share with Alice")  # an old button under what she kept for herself
    told = await town.anna.chat()
    await town.bob.send("/words Anna")
    words = await town.bob.last()

    assert PRIVATE in words
    assert SHARED not in words
    assert any("Bob" in m["text"] and m["text"].startswith(("Kept.", "Noted.", "Thank you.")) for m in told)


async def test_a_digest_on_its_way_is_written_again_without_her(town: Town) -> None:
    await town.until("2026-10-06 16:31")
    await town.ben.send("kowari at the desk")
    await town.anna.tap(RATED)
    await town.until("2026-10-07 16:31")
    await town.anna.send(SHARED)
    await town.until("2026-10-12 07:29")
    await town.house.post("faults", {"method": "sendMessage", "kind": "timeout_before", "calls": 1})
    await town.until("2026-10-12 07:30")
    waiting = town.rows("SELECT count(*) FROM delivery WHERE kind = 'digest' AND state = 'unknown'")
    await hand_over(town)
    await town.until("2026-10-12 12:00")

    alices = "\n".join(await town.alice.received())
    assert waiting[0][0] > 0
    assert SHARED not in alices
    assert "kowari at the desk" in alices


async def test_a_question_of_alices_own_is_not_taken_over(town: Town) -> None:
    await town.alice.send("/ask Anna Fri 9:00 How did it go with the wallaby?")
    await town.alice.tap("Ask it")
    await hand_over(town)
    await town.until("2026-10-10 12:00")

    assert "wallaby" not in "\n".join(await town.anna.received())
    assert "wallaby" not in "\n".join(await town.bob.received())


async def test_what_she_would_bring_to_the_session_goes_along_with_what_she_shares_and_not_before(town: Town) -> None:
    await a_past(town)
    await town.anna.tap("Bring to the session", (await town.anna.find("Noted."))["message_id"])
    await hand_over(town)
    await town.anna.send("/agenda")
    agenda = await town.anna.last()
    await town.bob.send("/brief Anna")
    brief = await town.bob.last()
    await town.anna.tap("All I have shared")
    await town.anna.send("/agenda")
    along = await town.anna.last()
    await town.bob.send("/brief Anna")

    assert SHARED not in agenda
    assert "What they bring" not in brief
    assert SHARED in along
    assert "What they bring" in await town.bob.last()


async def test_a_coaching_that_is_closed_and_begun_again_with_somebody_else(town: Town) -> None:
    """Nobody coaches her for a while; Bob's invitation asks what of the time with Alice goes along."""
    await a_past(town)
    await town.alice.send("/leader Anna")
    await town.alice.tap("Close the coaching")
    await town.alice.tap("Yes, close it")
    pinned = town.rows("SELECT count(*) FROM pin WHERE cleared_at IS NULL")
    await town.bob.send("/invite Anna")
    await town.bob.tap("Make the link")
    await town.anna.send("/start " + (await town.bob.link()).rpartition("=")[2])
    await town.anna.tap("Who reads what?")
    await town.anna.tap("I agree")
    await town.anna.tap("Only my ratings")
    await town.bob.send("/brief Anna")

    assert pinned == [(0,)]
    assert "confidence: 8" in "\n".join(await town.bob.received())
    assert SHARED not in "\n".join(await town.bob.received())


async def test_another_coachs_invitation_does_the_same(town: Town) -> None:
    await a_past(town)
    await town.bob.send("/invite Anna")
    await town.bob.tap("Make the link")
    await town.anna.send("/start " + (await town.bob.link()).rpartition("=")[2])
    await town.anna.tap("Who reads what?")
    await town.anna.tap("I agree")
    asked = await town.anna.find("You have not chosen yet what of the time before Bob may see.")
    await town.alice.send("/brief Anna")
    gone = await town.alice.last()
    await town.bob.send("/words Anna")
    before = await town.bob.last()
    await town.anna.tap("All I have shared")
    await town.bob.send("/words Anna")

    assert asked
    assert gone == NOT_THERE
    assert before == "Anna shares no words here now."
    assert SHARED in await town.bob.last()
    assert town.rows("SELECT state FROM session") == [("cancelled",)]
