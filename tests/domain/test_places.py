"""Where a person is: countries to tap, zones that differ, and what somebody typed."""

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.places import Place, Unclear, city, common_countries, country, find, subdivision_of, zones_of
from bot.domain.schedule import zone_names, zone_rules
from bot.i18n import Say

TODAY = date(2026, 11, 12)


class English(Say):
    """Speaks English whatever the language, so that the tests do not wait for translations."""

    def __call__(self, text: str, /, **values: object) -> str:
        return text.format(**values) if values else text


EN, FR = English("en"), English("fr")


def place(text: str, say: Say = EN) -> Place:
    found = find(text, say, TODAY)
    assert isinstance(found, Place), found
    return found


def unclear(text: str, say: Say = EN) -> Unclear:
    found = find(text, say, TODAY)
    assert isinstance(found, Unclear), found
    return found


def test_a_dozen_countries_stand_on_the_buttons_the_nearest_first() -> None:
    english, french = common_countries("en"), common_countries("fr")

    assert [c.name for c in english][:3] == ["United Kingdom", "Ireland", "United States"]
    assert [c.name for c in french][:3] == ["France", "Belgique", "Suisse"]
    assert len(english) == len(french) == 12
    assert {c.code for c in english} == {c.code for c in french}
    assert english[0].flag == "🇬🇧"


def test_a_country_that_is_none_is_an_error() -> None:
    with pytest.raises(KeyError):
        country("ZZ", "en")


@pytest.mark.parametrize("code", ["GB", "FR", "DE", "IE", "BE", "CH", "LU", "NL", "IT", "JP", "IN", "CY"])
def test_most_countries_have_one_zone(code: str) -> None:
    assert len(zones_of(code, "en", TODAY)) == 1


def test_zones_of_a_country_are_those_that_differ_from_today_on() -> None:
    def cities(code: str, language: str = "en") -> list[str]:
        return [zone.city for zone in zones_of(code, language, TODAY)]

    assert cities("DE") == ["Berlin"]  # not Büsingen
    assert cities("ES", "fr") == ["Madrid", "Îles Canaries"]  # not Ceuta
    assert cities("PT") == ["Lisbon", "Azores"]
    assert cities("AU")[:5] == ["Sydney", "Brisbane", "Perth", "Adelaide", "Darwin"]
    assert {"New York", "Chicago", "Denver", "Phoenix", "Los Angeles", "Honolulu"} <= set(cities("US"))
    assert cities("CA")[:2] == ["Toronto", "Vancouver"]
    assert cities("RU", "fr")[0] == "Moscou"


def test_a_large_country_offers_eight_zones_at_most_and_no_two_that_agree() -> None:
    for code in ("US", "CA", "RU", "AU", "BR", "MX"):
        zones = [zone_rules(zone.name) for zone in zones_of(code, "en", TODAY)]

        assert 2 <= len(zones) <= 8
        year = [datetime(2027, month, day) for month in range(1, 13) for day in (1, 15)]
        clocks = {tuple(moment.replace(tzinfo=zone).utcoffset() for moment in year) for zone in zones}
        assert len(clocks) == len(zones)


def test_zones_that_will_differ_soon_are_told_apart() -> None:
    """Santiago and Punta Arenas parted in December 2016: their common year before does not make them one."""
    assert [zone.city for zone in zones_of("CL", "en", date(2016, 1, 1))][:2] == ["Santiago", "Punta Arenas"]


def test_cities_are_called_as_people_call_them() -> None:
    assert (city("Europe/London", "en"), city("Europe/London", "fr")) == ("London", "Londres")
    assert (city("Asia/Kolkata", "en"), city("Asia/Kolkata", "fr")) == ("Kolkata", "Calcutta")
    assert city("America/Argentina/Buenos_Aires", "en") == "Buenos Aires"
    assert city("Asia/Ho_Chi_Minh", "en") == "Ho Chi Minh City"


@pytest.mark.parametrize(
    ("typed", "zone", "code"),
    [
        ("Europe/Paris", "Europe/Paris", "FR"),
        (" europe/paris ", "Europe/Paris", "FR"),
        ("america/new york", "America/New_York", "US"),
        ("Asia/Calcutta", "Asia/Kolkata", "IN"),
        ("US/Eastern", "America/New_York", "US"),
        ("Europe/Amsterdam", "Europe/Amsterdam", "NL"),
        ("GB", "Europe/London", "GB"),
        ("FR", "Europe/Paris", "FR"),
        ("London", "Europe/London", "GB"),
        ("LONDRES", "Europe/London", "GB"),
        ("Sao Paulo", "America/Sao_Paulo", "BR"),
        ("são  paulo", "America/Sao_Paulo", "BR"),
        ("Bâle", "Europe/Zurich", "CH"),
        ("geneve", "Europe/Zurich", "CH"),
        ("Lyon", "Europe/Paris", "FR"),
        ("NYC", "America/New_York", "US"),
        ("St. John's", "America/St_Johns", "CA"),
        ("Kiev", "Europe/Kyiv", "UA"),
        ("Bombay", "Asia/Kolkata", "IN"),
        ("France", "Europe/Paris", "FR"),
        ("allemagne", "Europe/Berlin", "DE"),
        ("Germany", "Europe/Berlin", "DE"),
        ("cote d'ivoire", "Africa/Abidjan", "CI"),
        ("England", "Europe/London", "GB"),
        ("Luxembourg", "Europe/Luxembourg", "LU"),
        ("Singapour", "Asia/Singapore", "SG"),
    ],
)
@pytest.mark.parametrize("say", [EN, FR])
def test_a_typed_place_is_found_in_either_language(typed: str, zone: str, code: str, say: Say) -> None:
    found = place(typed, say)

    assert (found.zone, found.country) == (zone, code)


def test_the_label_is_in_the_language_of_the_person() -> None:
    assert place("London").label == "London"
    assert place("London", FR).label == "Londres"


def test_holidays_are_those_of_england_unless_another_part_was_typed() -> None:
    assert subdivision_of("GB") == "ENG"
    assert subdivision_of("FR") is None
    assert place("London").subdivision == "ENG"
    assert place("Écosse").subdivision == "SCT"
    assert place("Cardiff").subdivision == "WLS"
    assert place("Belfast").subdivision == "NIR"
    assert place("Paris").subdivision is None


def test_a_word_means_what_it_means_in_ones_own_language() -> None:
    assert place("Mexico", FR).zone == "America/Mexico_City"  # the city
    assert len(unclear("Mexico", EN).suggestions) > 3  # the country
    assert len(unclear("Mexique", FR).suggestions) > 3


def test_a_country_of_several_zones_asks_which() -> None:
    found = unclear("USA")

    assert found.sentence == "Which of these is your time?"
    assert [one.label for one in found.suggestions][:2] == ["New York", "Chicago"]
    assert len(unclear("Espagne", FR).suggestions) == 2


@pytest.mark.parametrize(
    "typed", ["UTC", "UTC+1", "utc +01:00", "GMT", "GMT-5", "+2", "-03:30", "+0530", "−3", "2", "Z"]
)
def test_an_offset_is_refused_with_the_reason(typed: str) -> None:
    assert "summer time" in unclear(typed).sentence
    assert unclear(typed).suggestions == ()


@pytest.mark.parametrize("typed", ["CET", "cest", "EST", "BST", "PDT", "EST5EDT", "Etc/GMT+5", "MET", "EET"])
def test_the_name_of_an_offset_is_refused_too(typed: str) -> None:
    assert "summer time" in unclear(typed).sentence


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Lodnon", "London"),
        ("Pariss", "Paris"),
        ("tokio", "Tokyo"),
        ("Frnace", "Paris"),
        ("Congo", "Kinshasa"),
    ],
)
def test_a_typing_error_gives_three_suggestions(typed: str, meant: str) -> None:
    found = unclear(typed)

    assert len(found.suggestions) == 3
    assert found.suggestions[0].label == meant
    assert len({one.zone for one in found.suggestions}) == 3
    assert "Did you mean" in found.sentence


@pytest.mark.parametrize(
    "typed", ["", "  ", "qqqqqq", "東京", "🇫🇷", "x" * 5000, "../../etc/passwd", "Factory"]
)
def test_what_is_like_no_place_gets_a_sentence_that_says_what_to_type(typed: str) -> None:
    found = unclear(typed)

    assert found.sentence.startswith("I do not know that place.")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40), st.sampled_from([EN, FR]))
def test_any_text_gives_a_place_or_a_sentence(text: str, say: Say) -> None:
    found = find(text, say, TODAY)

    for one in [found] if isinstance(found, Place) else found.suggestions:
        assert one.zone in zone_names()
        assert country(one.country, say.language).name
    assert isinstance(found, Place) or found.sentence
