"""Messages on their way out: whatever Anna writes fits into Telegram's limits, whole and unread as markup."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.text import (
    LIMIT,
    MOST_ENTITIES,
    Block,
    Button,
    Message,
    Span,
    bold,
    italic,
    message,
    messages,
    plain,
    quote,
    units,
)
from bot.i18n import LANGUAGES, Say

# letters, blanks, signs of two UTF-16 units, joined signs, and what would be markup elsewhere
SIGNS = st.sampled_from("ab é\n\t_*`[]<>&🙂👩‍💻🇫🇷\u0301\u200d")
WORDS = st.builds(str.__mul__, st.text(SIGNS, min_size=1, max_size=12), st.integers(1, 500))
STYLES = st.sampled_from([None, "bold", "italic", "blockquote", "expandable_blockquote"])
BLOCKS = st.lists(st.builds(Span, WORDS, STYLES), min_size=1, max_size=4).map(lambda spans: Block(tuple(spans)))
PAGES = st.lists(BLOCKS, max_size=8)


def in_units(text: str) -> bytes:
    return text.encode("utf-16-le")


def covered(found: Message, offset: int, length: int) -> str:
    return in_units(found.text)[2 * offset : 2 * (offset + length)].decode("utf-16-le")


def without_blanks(text: str) -> str:
    return "".join(text.split())


@settings(deadline=None)
@given(PAGES)
def test_no_message_is_longer_than_telegram_takes_and_none_is_empty(blocks: list[Block]) -> None:
    made = messages(blocks)

    assert all(units(part.text) <= LIMIT for part in made)
    assert bool(made) == bool(blocks)


@settings(deadline=None)
@given(PAGES)
def test_nothing_is_lost_but_white_space_where_it_is_cut(blocks: list[Block]) -> None:
    given_text = "".join(span.text for block in blocks for span in block.spans)

    made = messages(blocks)

    assert without_blanks("".join(part.text for part in made)) == without_blanks(given_text)


@settings(deadline=None)
@given(PAGES)
def test_entities_stay_inside_their_message_and_split_no_sign(blocks: list[Block]) -> None:
    for part in messages(blocks):
        for entity in part.entities:
            assert entity.length > 0
            assert entity.offset >= 0
            assert entity.offset + entity.length <= units(part.text)
            assert units(covered(part, entity.offset, entity.length)) == entity.length  # decoding would have failed


@settings(deadline=None)
@given(PAGES)
def test_what_was_styled_is_styled_still_and_nothing_else_is(blocks: list[Block]) -> None:
    def styled(style: str) -> str:
        return "".join(span.text for block in blocks for span in block.spans if span.style == style)

    made = messages(blocks)

    for style in ("bold", "italic", "blockquote", "expandable_blockquote"):
        found = [covered(part, e.offset, e.length) for part in made for e in part.entities if e.type == style]
        assert without_blanks("".join(found)) == without_blanks(styled(style))


def test_a_hundred_short_words_keep_all_their_quotes() -> None:
    made = messages([italic("Tue 6 Oct\n") + quote("ok") for _ in range(101)])

    assert [len(part.entities) for part in made] == [100, 100, 2]
    assert MOST_ENTITIES == 100
    assert sum(e.type == "blockquote" for part in made for e in part.entities) == 101


def test_blocks_that_fit_stay_whole() -> None:
    halves = [plain("a" * 2000), plain("b" * 2000), plain("c" * 2000)]

    made = messages(halves)

    assert [part.text for part in made] == ["a" * 2000 + "\n\n" + "b" * 2000, "c" * 2000]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_is_as_long_as_telegram_takes_with_the_remark_that_it_is_sent_again(language: str) -> None:
    made = messages([plain("🙂" * 2016), plain("b" * 4030)])
    remark = "\n\n" + Say(language)("(sent again in case it did not arrive)")

    assert [units(part.text) for part in made] == [4032, 4030]
    assert units(made[0].text + remark) <= 4096


def test_two_blocks_that_fit_only_without_their_gap_are_two_messages() -> None:
    made = messages([plain("a" * 2016), plain("b" * 2015)])

    assert len(made) == 2


def test_4096_emoji_are_cut_between_emoji() -> None:
    made = messages([quote("🙂" * 4096)])

    assert [part.text for part in made] == ["🙂" * 2016, "🙂" * 2016, "🙂" * 64]


def test_a_long_text_is_cut_at_a_blank() -> None:
    words = " ".join(["leadership"] * 800)

    made = messages([plain(words)])

    assert all(part.text.startswith("leadership") and part.text.endswith("leadership") for part in made)


def test_words_that_look_like_markup_stay_words() -> None:
    [made] = messages([quote("<b>*no* `code` [a](http://x)</b> &amp;")])

    assert made.text == "<b>*no* `code` [a](http://x)</b> &amp;"
    assert [entity.type for entity in made.entities] == ["blockquote"]


def test_long_words_fold_and_short_ones_do_not() -> None:
    assert quote("a" * 300).spans[0].style == "blockquote"
    assert quote("a" * 301).spans[0].style == "expandable_blockquote"


def test_entities_count_an_emoji_as_two() -> None:
    made = message(bold("🙂 Anna"), plain("b"), italic("c"))

    assert [(e.type, e.offset, e.length) for e in made.entities] == [("bold", 0, 7), ("italic", 12, 1)]


def test_buttons_stand_under_the_last_part_only() -> None:
    made = messages([plain("a" * 4000), plain("b" * 4000)], buttons=[[Button("Go", ("go",))]], protected=True)

    assert [len(part.buttons) for part in made] == [0, 1]
    assert all(part.protected for part in made)
