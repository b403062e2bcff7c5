"""The French catalogue: complete, compiled, true to the code, and set the way French is set."""

import ast
import re
from datetime import date, datetime
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo

from bot.domain import appointments, emphasis, own_questions, phrases, spans
from bot.domain.handing import parse_handover
from bot.domain.leads import Leads, parse_leads
from bot.domain.orders import Order, parse_order
from bot.domain.own_questions import Timing
from bot.i18n import LANGUAGES, Say, nearest_language
from bot.locales.update import FRENCH, PACKAGE, french, template

TEXTS = [text for text in french() if text.id]
SAME_IN_BOTH = {
    "Brief": "the word coaches use in French too",
    "Coaching": "the same word",
    "France": "a country",
    "Organisation": "the same word",
    "option {name}": "the same word",
    "pause": "the same word",
    "question {name}": "the same word",
    "six": "the same word",
    "{day} · {time}": "no words",
    "{name} · {when}, {n} minutes": "the same word",
    "{name}, version {number}": "the same words",
    "{name}, version {number}, {origin}": "the same words; the origin is translated",
    "{name}, {day}": "no words",
}
NOT_PUNCTUATION = re.compile(
    r"https?://\S+"  # an address
    r"|\d{1,2}:\d\d"  # a time of day
    r"|«\u00a0[\wéè{}]+: ?[^»]*»"  # a line of YAML
)
SPACE = "\u00a0\u202f"


def forms(message: Message) -> list[tuple[str, str]]:
    """Each English form with its French one."""
    if not isinstance(message.id, str):
        return list(zip(message.id, message.string, strict=True))
    return [(message.id, str(message.string))]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def spoken() -> list[tuple[str, str]]:
    return [form for text in TEXTS for form in forms(text)]


def spoken_in_code() -> set[str]:
    """The first argument of every `say("...")` and `Say(language)("...")`, inside an f-string too."""
    calls = [
        node
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and node.args and _speaks(node.func)
    ]
    said = [call.args[0] for call in calls]
    return {text.value for text in said if isinstance(text, ast.Constant) and isinstance(text.value, str)}


def _speaks(called: ast.expr) -> bool:
    if isinstance(called, ast.Call):
        return isinstance(called.func, ast.Name) and called.func.id == "Say"
    return getattr(called, "id", getattr(called, "attr", "")) in ("say", "theirs", "_", "plural")


def test_the_catalogue_holds_the_texts_of_the_code_and_no_others():
    """If this fails: `python -m bot.locales.update`, then write the French of what is new."""
    assert {text.id for text in TEXTS} == {text.id for text in template() if text.id}


def test_a_plural_of_the_code_is_a_plural_in_the_catalogue():
    """The extraction loses the second form when a call with `say` in it stands among the values."""
    calls = [node for file in PACKAGE.rglob("*.py") for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    plurals = {
        tuple(form.value for form in call.args[:2])
        for call in calls
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "plural" and call.args
        if all(isinstance(form, ast.Constant) for form in call.args[:2])
    }

    assert plurals - {text.id for text in TEXTS} == set()


def test_no_text_of_the_code_is_overlooked():
    known = {text.id[0] if isinstance(text.id, tuple) else text.id for text in TEXTS}

    assert sorted(spoken_in_code() - known) == []


def test_the_compiled_catalogue_is_up_to_date():
    with FRENCH.with_suffix(".mo").open("rb") as file:
        compiled = [form for text in read_mo(file) if text.id for form in forms(text)]

    assert sorted(compiled) == sorted(spoken())


def test_every_text_is_in_french():
    wrong = [english for english, said in spoken() if not said.strip()]
    wrong += [english for english, said in spoken() if said == english and english not in SAME_IN_BOTH]

    assert wrong == []


def test_the_texts_fill_in_the_same_values():
    assert [said for english, said in spoken() if placeholders(said) != placeholders(english)] == []


def test_the_texts_keep_the_spaces_at_their_ends():
    """Some are joined to another text."""
    assert [said for english, said in spoken() if _ends(said) != _ends(english)] == []


def _ends(text: str) -> tuple[bool, bool]:
    return text != text.lstrip(), text != text.rstrip()


def test_the_texts_are_set_as_french_is():
    """A no-break space before : ; ? ! and inside the quotes, which are French; a curly apostrophe."""
    bare = [NOT_PUNCTUATION.sub("x", said) for _, said in spoken()]

    assert [said for said in bare if re.search(rf"(^|[^{SPACE}])[:;?!»]|«[^{SPACE}]|['“”\"]", said)] == []


def test_the_texts_say_vous():
    familiar = re.compile(r"\b(tu|te|toi|(?<!\bun )ton|tes)\b|\bt’", re.IGNORECASE)  # "un ton" is a tone

    assert [said for _, said in spoken() if familiar.search(said)] == []


def test_what_the_french_texts_tell_people_to_type_is_understood():
    say, now = Say("fr"), datetime(2026, 11, 9, 9)
    shown = "\n".join(said for _, said in spoken()).replace("{name}", "Julie")
    orders = re.findall(r"/session (Julie[^·\n]*?)(?: *·| concerne|\n)", shown)
    sessions = [order for order in orders if parse_order(order).what == "plan"]
    hours = re.findall(r"/when (\S+ \S+)", shown)
    pauses = re.findall(r"/pause (jus.+)", shown)
    digests = re.findall(r"/digest (\w+ [\d:h]+)", shown)
    dates = re.findall(r"Par exemple\s: (\d.+)", shown)

    assert sessions
    assert not [text for text in sessions if isinstance(appointments.parse_session(text, now, say), phrases.Misread)]
    assert {parse_order(order).what for order in orders} == {"plan", "move", "cancel", "show", "done"}
    assert hours
    assert not [text for text in hours if isinstance(spans.parse_hours(text, say), phrases.Misread)]
    assert pauses
    assert not [text for text in pauses if isinstance(spans.parse_pause(text, now.date(), say), phrases.Misread)]
    assert digests
    assert all(phrases.parse_weekday_time(text) for text in digests)
    assert dates
    assert all(phrases.parse_date(text, date(2026, 11, 9), past=True) for text in dates)
    for example in (say("Fri 14:00"), say("Thu 10:30 weekly x6")):
        assert not isinstance(appointments.parse_session(f"x {example}", now, say), phrases.Misread)


def test_what_the_french_texts_tell_a_coach_to_type_about_a_leader_is_understood():
    say, now = Say("fr"), datetime(2026, 11, 9, 9)
    shown = "\n".join(said for _, said in spoken()).replace("{name}", "Julie")
    leads = re.findall(r"/brief (avant \w+ \w+)", shown)
    questions = [*re.findall(r"/ask Julie (.+\?)", shown), say("Fri 9:00 How did it go?")]
    around = re.findall(r"«\u00a0(2h [^»]+?)\u00a0»", shown)
    handovers, themes = re.findall(r"/hand (.+)", shown), re.findall(r"/focus Julie (.+)", shown)

    assert leads
    assert {parse_leads(lead) for lead in leads} == {Leads(120, 1440)}
    assert len(questions) > 1
    assert all(timing_of(question, now) == Timing(at=datetime(2026, 11, 13, 9)) for question in questions)
    assert around
    assert all(timing_of(f"{words} Et alors ?", now) == Timing(is_before=True, hours=2) for words in around)
    assert [parse_handover(words) for words in handovers if " " in words] == [("Julie", "Alice")]
    assert [emphasis.read(words) for words in themes] == [("more", "boundaries")]


def timing_of(question: str, now: datetime) -> Timing | None:
    found = own_questions.read(question, now, Say("fr"))
    assert not isinstance(found, phrases.Misread)
    assert found[1].ask[0].isalpha(), "nothing of the moment is left in the question"
    return found[0]


FRENCH_SESSIONS = [
    "jeu 10h chaque semaine, six fois, puis sans fin fixée",
    "tous les jeudis 10h x6 puis sans fin fixée",
    "chaque jeudi à 10h, 6 fois et ensuite sans limite",
    "jeudi 10h une fois par semaine x6 sans fin",
]


@pytest.mark.parametrize("words", FRENCH_SESSIONS)
def test_six_sessions_and_then_no_fixed_end_as_a_french_coach_types_it(words):
    asked = appointments.parse_session(f"Jack {words}", datetime(2026, 11, 9, 9), Say("fr"))

    assert asked == appointments.SessionRequest("Jack", datetime(2026, 11, 12, 10), 7, 6, is_open_ended=True)


@pytest.mark.parametrize(
    ("words", "what", "rest"),
    [
        ("Jack déplacer ven 14h", "move", "ven 14h"),
        ("Jack reportée à ven 14h", "move", "à ven 14h"),
        ("avancer Jack à jeu 9h", "move", "à jeu 9h"),
        ("Jack annuler", "cancel", ""),
        ("supprimer Jack", "cancel", ""),
        ("Jack terminée", "done", ""),
        ("Jack c’est fait", "done", ""),
        ("Jack sans fin fixée", "open", ""),
    ],
)
def test_orders_as_a_french_coach_types_them(words, what, rest):
    assert parse_order(words) == Order(what, "Jack", rest)


@pytest.mark.parametrize(
    ("words", "level"),
    [("légèreté", "more"), ("plus de legerete", "more"), ("moins de légèreté", "less"), ("légèreté comme prévu", "planned")],
)
def test_more_and_less_as_a_french_coach_types_it(words, level):
    assert emphasis.read(words) == (level, "lightness")


@pytest.mark.parametrize(
    ("words", "timing"),
    [
        ("tout de suite : Comment ?", Timing()),
        ("lundi prochain 9h Comment ?", Timing(at=datetime(2026, 11, 16, 9))),
        ("2h avant la séance\u00a0: Comment ?", Timing(is_before=True, hours=2)),
        ("la veille de la séance\u00a0: Comment ?", Timing(is_before=True, days=1)),
    ],
)
def test_moments_as_a_french_coach_types_them(words, timing):
    assert timing_of(words, datetime(2026, 11, 9, 9)) == timing


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
