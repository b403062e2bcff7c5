"""A number with words after it is a number where a number is asked for; what counts something is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.leading import leading_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4, because the Whitfield placement closed", 4),
        ("4, The Whitfield placement closed. £11k. Nobody needed me.", 4),
        ("4 because nobody needed me", 4),
        ("4 parce que personne n’avait besoin de moi", 4),
        ("4 parce qu’on m’a laissé tranquille", 4),
        ("4 car la semaine était courte", 4),
        ("4 mais ça monte", 4),
        ("4 but rising", 4),
        ("4 - because of the rota", 4),
        ("4 - weil es ging", 4),
        ("4- c’est mieux", 4),
        ("4 – une bonne semaine", 4),
        ("4 — one of them helped", 4),
        ("4—a good week", 4),
        ("4: the rota", 4),
        ("4; the rota", 4),
        ("4 (the rota went well)", 4),
        ("4. The rota went well.", 4),
        ("4... not great", 4),
        ("4… bof", 4),
        ("4! At last", 4),
        ("4\nThe rota went well", 4),
        ("4\n\nUn peu mieux", 4),
        ("4, un peu mieux", 4),
        ("7, up from 5", 7),
        ("7, which is two more than last week", 7),
        ("4/10, because of the rota", 4),
        ("4 sur 10 : la semaine était courte", 4),
        ("4 out of 10. The rota.", 4),
        ("10, everything went well", 10),
        ("0, nothing worked", 0),
        ("4 today, because of the rota", 4),
        ("4 cette semaine, la rota", 4),
        ("4 I think, it was short", 4),
        ("Seven, because the rota went well", 7),
        ("Sept parce que ça va", 7),
        ("Sept, parce que ça va", 7),
        ("Huit. La semaine était courte.", 8),
        ("4️⃣ because", 4),
        ("🔟, because", 10),
    ],
)
def test_a_number_set_off_from_its_reason_is_the_number(text: str, number: int) -> None:
    assert leading_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "4 people left",
        "4 personnes sont parties",
        "4 of them left",
        "4 this week left us, because of the rota",
        "4/10 people left",
        "4-day week",
        "4-5, it depends",
        "4 - 5",
        "4, 5 people left",
        "4, maybe 5",
        "4 or 5, because it varies",
        "4, no, 5",
        "4 à 5, ça dépend",
        "4, cinq peut-être",
        "3, quatre personnes sont parties",
        "4.5, because of the rota",
        "4,5 – bof",
        "4:30 was when it began",
        "10.000 reasons",
        "11, because it was great",
        "40, because",
        "-4, because",
        "1. The rota. 2. The desks.",
        "1. The rota\n2. The desks",
        "Two, Anna and Ben, left",
        "Two – Anna and Ben – left",
        "Sept. was a hard month",
        "One, the rota; two, the desks",
        "Un peu mieux, parce que la rota",
        "Six people left, because",
        "About 4, because",
        "The rota, 4",
        "4",
        "4.",
        "four",
        "",
    ],
)
def test_what_counts_something_or_says_two_numbers_stays_words(text: str) -> None:
    assert leading_number(text) is None


@given(st.one_of(st.text(max_size=60), st.text("0123456789 ,.-–:;\n()/abceou", max_size=20)))
def test_any_text_is_from_nought_to_ten_or_words(text: str) -> None:
    assert leading_number(text) in (None, *range(11))
