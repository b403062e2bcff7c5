"""Names come without accents, in capitals and with the apostrophe a phone puts in by itself."""

from people import Town


async def test_alice_and_olga_find_people_as_they_type_them(town: Town) -> None:
    anne = await town.house.leader("Anne-Aëlle d'Orgeval", town.alice)
    await town.house.leader("Loïc", town.alice)
    await town.house.leader("Jo-Marie", town.alice)
    await town.house.leader("Jo", town.alice)
    await town.house.coach("Éric", town.olga)
    heard = {}
    for text in (
        "/session LOIC Tue 10:00",
        "/session anne aelle d’orgeval Wed 10:00",
        "/note Anne Aëlle d’Orgeval brings the minutes",
        "/note Jo Marie said no",
        "/note Jo-Marie said no",
        "/leader loïc now or never",
    ):
        await town.alice.send(text)
        heard[text] = await town.alice.last()
    await town.olga.send("/hand Loic a eric")

    assert heard["/session LOIC Tue 10:00"].startswith("1 session with Loïc:")
    assert heard["/session anne aelle d’orgeval Wed 10:00"].startswith("1 session with Anne-Aëlle d'Orgeval:")
    assert "planned your session" in await anne.last()
    assert heard["/note Anne Aëlle d’Orgeval brings the minutes"].endswith("your next brief on Anne-Aëlle d'Orgeval.")
    assert heard["/note Jo Marie said no"] == "More than one leader is called that: Jo and Jo-Marie."
    assert heard["/note Jo-Marie said no"].endswith("your next brief on Jo-Marie.")
    assert heard["/leader loïc now or never"] == "After Loïc, I did not understand “now or never”."
    assert (await town.olga.last()).startswith("Hand Loïc over from Alice to Éric?")
