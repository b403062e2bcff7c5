"""The French catalogue: complete, compiled, true to the code, and set the way French is set."""

import ast
import re
from datetime import date, datetime
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo

from bot.domain import phrases
from bot.i18n import LANGUAGES, Say, nearest_language
from bot.locales.update import FRENCH, PACKAGE, french, template

TEXTS = [text for text in french() if text.id]
SAME_IN_BOTH = {
    "Brief": "the word coaches use in French too",
    "France": "a country",
    "Organisation": "the same word",
    "option {name}": "the same word",
    "question {name}": "the same word",
    "{name}, version {number}": "the same words",
    "{name}, version {number}, {origin}": "the same words; the origin is translated",
}
NOT_PUNCTUATION = re.compile(
    r"https?://\S+"  # an address
    r"|\d{1,2}:\d\d"  # a time of day
    r"|«\u00a0[\wéè{}]+: ?[^»]*»"  # a line of YAML
)
SPACE = "\u00a0\u202f"


def forms(message: Message) -> list[tuple[str, str]]:
    """Each English form with its French one."""
    if isinstance(message.id, tuple):
        return list(zip(message.id, message.string, strict=True))
    return [(str(message.id), str(message.string))]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def named(message: Message) -> str:
    return str(message.id)[:50]


each_text = pytest.mark.parametrize("text", TEXTS, ids=named)


def spoken_in_code() -> set[str]:
    """The first argument of every `say("...")`, wherever it stands, inside an f-string too."""
    calls = [node for file in PACKAGE.rglob("*.py") for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    return {
        call.args[0].value
        for call in calls
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", getattr(call.func, "attr", "")) in ("say", "theirs", "_", "plural")
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def test_the_catalogue_holds_the_texts_of_the_code_and_no_others():
    """If this fails: `python -m bot.locales.update`, then write the French of what is new."""
    assert {text.id for text in TEXTS} == {text.id for text in template() if text.id}


def test_no_text_of_the_code_is_overlooked():
    """Texts inside an f-string are not extracted: say them outside."""
    known = {text.id[0] if isinstance(text.id, tuple) else text.id for text in TEXTS}

    assert spoken_in_code() <= known


def test_the_compiled_catalogue_is_up_to_date():
    with FRENCH.with_suffix(".mo").open("rb") as file:
        compiled = {text.id: text.string for text in read_mo(file) if text.id}

    assert compiled == {text.id: text.string for text in TEXTS}


@each_text
def test_a_text_is_in_french(text):
    for english, french_text in forms(text):
        assert french_text.strip(), english
        if english not in SAME_IN_BOTH:
            assert french_text != english


@each_text
def test_a_text_fills_in_the_same_values(text):
    for english, french_text in forms(text):
        assert placeholders(french_text) == placeholders(english)


@each_text
def test_a_text_begins_and_ends_like_the_english(text):
    """Some are joined to another text, and a space at their end is part of them."""
    for english, french_text in forms(text):
        assert french_text.startswith(" ") == english.startswith(" ")
        assert french_text.endswith(" ") == english.endswith(" ")


@each_text
def test_a_text_is_set_as_french_is(text):
    """A no-break space before : ; ? ! and inside the quotes; a curly apostrophe."""
    for _, french_text in forms(text):
        left = NOT_PUNCTUATION.sub("x", french_text)
        assert not re.search(rf"[^{SPACE}][:;?!»]", left), left
        assert not re.search(rf"«[^{SPACE}]", left), left
        assert not re.search("['“”\"]", left), left


@each_text
def test_a_text_says_vous(text):
    for _, french_text in forms(text):
        assert not re.search(r"\b(tu|te|toi|ton|tes)\b|\bt’", french_text, re.IGNORECASE), french_text


def test_what_the_french_texts_tell_people_to_type_is_understood():
    say, now = Say("fr"), datetime(2026, 11, 9, 9)
    shown = "\n".join(french_text for text in TEXTS for _, french_text in forms(text))
    sessions = re.findall(r"/session (Jack .+)", shown)
    digests = re.findall(r"/digest (\w+ [\d:h]+)", shown)
    dates = re.findall(r"Par exemple\s: (\d.+)", shown)

    assert sessions
    assert not [text for text in sessions if isinstance(phrases.parse_session(text, now, say), phrases.Misread)]
    assert digests
    assert all(phrases.parse_weekday_time(text) for text in digests)
    assert dates
    assert all(phrases.parse_date(text, date(2026, 11, 9), past=True) for text in dates)
    assert not isinstance(phrases.parse_session(f"x {say('Fri 14:00')}", now, say), phrases.Misread)


def test_none_and_one_are_singular_in_french():
    say = Say("fr")

    assert [say.plural("{n} answer", "{n} answers", n) for n in (0, 1, 2)] == ["0 réponse", "1 réponse", "2 réponses"]


def test_a_text_without_a_translation_is_said_in_english():
    assert Say("fr")("{name} is not in any catalogue", name="This") == "This is not in any catalogue"


def test_a_language_is_confirmed_in_itself():
    assert {code: Say(code)("From now on in English.") for code in LANGUAGES} == {
        "en": "From now on in English.",
        "fr": "Désormais en français.",
    }


def test_days_and_lists_are_said_in_the_language():
    say = Say("fr")

    assert say.day(date(2026, 11, 12)) == "jeudi 12 novembre"
    assert say.weekday(0) == "lundi"
    assert say.list(["a", "b", "c"]) == "a, b et c"


@pytest.mark.parametrize(
    ("code", "language"), [("fr-CA", "fr"), ("FR", "fr"), ("fr_FR", "fr"), ("en-US", "en"), ("de", "en"), (None, "en")]
)
def test_the_nearest_language_is_one_we_speak(code, language):
    assert nearest_language(code) == language


def test_the_catalogue_is_packaged_beside_the_code():
    assert FRENCH.is_relative_to(Path(PACKAGE))
    assert FRENCH.with_suffix(".mo").is_file()
