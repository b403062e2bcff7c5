"""Where a person is: countries to tap, their time zones, and what somebody typed ("londres", "Europe/Paris").

The data is the time zone database's own (zone.tab) and CLDR's names through Babel. A little is ours: which
countries stand on the buttons, the main zones of large ones, and big cities after which no zone is named.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files

from bot.domain.schedule import zone_rules
from bot.domain.words import folded
from bot.i18n import LANGUAGES, Say

_COMMON = {
    "en": "GB IE US CA FR BE CH LU DE NL ES IT",
    "fr": "FR BE CH LU CA GB IE DE NL ES IT US",
}
_MOST_ZONES = 8  # as many as one taps comfortably; a typed city finds the others
_SUBDIVISIONS = {"GB": "ENG"}  # whose holidays a country has unless somebody says otherwise
_PARTS = {
    "SCT": "scotland, ecosse, edinburgh, edimbourg, glasgow",
    "WLS": "wales, pays de galles, cardiff",
    "NIR": "northern ireland, irlande du nord, belfast",
}
# Of zones that agree, the one people know; and the order of those of a large country.
_MAIN_ZONES = """
    America/Toronto America/Vancouver America/Edmonton America/Winnipeg America/Halifax America/St_Johns
    America/Regina America/Sao_Paulo America/Manaus America/Santiago America/Punta_Arenas Australia/Sydney
    Australia/Brisbane Australia/Perth Australia/Adelaide Australia/Darwin Europe/Moscow Asia/Yekaterinburg
    Asia/Novosibirsk Europe/Samara Asia/Irkutsk Asia/Vladivostok Asia/Omsk Europe/Kaliningrad Europe/Kyiv
    America/Mexico_City America/Tijuana America/Cancun
"""
_MAIN = {zone: place for place, zone in enumerate(_MAIN_ZONES.split())}
_OTHER_NAMES = {
    "GB": "UK, United Kingdom, Great Britain, England, Angleterre, Scotland, Écosse, Wales, Pays de Galles, "
    "Northern Ireland, Irlande du Nord, Grande-Bretagne",
    "US": "USA, United States of America, America, États-Unis d'Amérique, Amérique",
    "NL": "Holland, Hollande",
    "AE": "UAE, Emirates, Émirats",
    "CZ": "Czech Republic, République tchèque",
    "KR": "Korea, Corée",
}
_OTHER_CITIES = {
    "Europe/London": "Manchester, Birmingham, Leeds, Bristol, Edinburgh, Édimbourg, Glasgow, Cardiff",
    "Europe/Paris": "Lyon, Marseille, Toulouse, Bordeaux, Lille, Nantes, Nice, Strasbourg, Rennes",
    "Europe/Zurich": "Geneva, Genève, Lausanne, Basel, Bâle, Bern, Berne",
    "Europe/Berlin": "Munich, Hamburg, Hambourg, Frankfurt, Francfort, Cologne, Düsseldorf, Stuttgart",
    "Europe/Brussels": "Antwerp, Anvers, Ghent, Gand, Liège",
    "Europe/Amsterdam": "Rotterdam, The Hague, La Haye, Utrecht, Eindhoven",
    "Europe/Madrid": "Barcelona, Barcelone, Valencia, Seville",
    "Europe/Rome": "Milan, Turin, Naples",
    "Europe/Dublin": "Cork, Galway",
    "Europe/Lisbon": "Porto",
    "America/New_York": "NYC, Boston, Washington, Philadelphia, Atlanta, Miami",
    "America/Chicago": "Houston, Dallas, Austin, Minneapolis, New Orleans",
    "America/Los_Angeles": "San Francisco, San Diego, Seattle, Portland, Las Vegas",
    "America/Toronto": "Montreal, Montréal, Ottawa, Quebec, Québec",
    "America/Edmonton": "Calgary",
    "America/Sao_Paulo": "Rio de Janeiro, Brasília",
    "Asia/Shanghai": "Beijing, Pékin, Shenzhen, Guangzhou",
    "Asia/Kolkata": "Mumbai, Bombay, Delhi, New Delhi, Bangalore, Chennai, Hyderabad",
    "Asia/Tokyo": "Osaka, Kyoto",
    "Asia/Dubai": "Abu Dhabi",
    "Africa/Johannesburg": "Cape Town, Le Cap, Durban, Pretoria",
    "Africa/Casablanca": "Rabat, Marrakech",
    "Australia/Sydney": "Canberra",
    "Pacific/Auckland": "Wellington",
}
_OFFSET = re.compile(
    r"(utc|gmt|z)?\W*[-+−–]?\s*\d{1,2}([:.h]?\d{2})?|u[tc]c|gmt|z|zulu|etc/.*|"
    r"[cmw]es?t|ees?t|[bi]st|[ecmph][sd]t|[a-z]{3}\d([a-z]{3})?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Country:
    code: str
    name: str
    flag: str


@dataclass(frozen=True)
class Zone:
    """An IANA zone and the city it is called by in the person's language."""

    name: str
    city: str


@dataclass(frozen=True)
class Place:
    """A zone with the country whose holidays apply there; `label` is what a button says."""

    zone: str
    country: str
    label: str
    subdivision: str | None = None


@dataclass(frozen=True)
class Unclear:
    """What was typed is no place, or several: a sentence to answer with, and places to offer."""

    sentence: str
    suggestions: tuple[Place, ...] = ()


def common_countries(language: str) -> list[Country]:
    """The countries for the buttons, those nearest to the language first."""
    return [country(code, language) for code in _COMMON[language].split()]


def country(code: str, language: str) -> Country:
    """A country of the time zone database. Raises KeyError when there is none."""
    if code not in _zones_by_country():
        raise KeyError(code)
    flag = "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in code)
    return Country(code, _territories(language).get(code, code), flag)


def subdivision_of(code: str) -> str | None:
    """The part of a country whose public holidays apply by default."""
    return _SUBDIVISIONS.get(code)


@lru_cache(maxsize=64)
def zones_of(code: str, language: str, today: date) -> tuple[Zone, ...]:
    """The zones of a country to choose from: one of those that agree from `today` on, the main ones first."""
    groups: dict[str, str] = {}
    for zone in sorted(_zones_by_country()[code], key=_importance):
        groups.setdefault(_behaviour(zone, today), zone)
    return tuple(Zone(zone, city(zone, language)) for zone in list(groups.values())[:_MOST_ZONES])


def city(zone: str, language: str) -> str:
    """`Europe/London` is London, or Londres."""
    for name in (zone, *_older_names().get(zone, ())):
        if found := _locale_zones(language).get(name, {}).get("city"):
            return str(found)
    return zone.rpartition("/")[2].replace("_", " ")


def find(text: str, say: Say, today: date) -> Place | Unclear:
    """The place that somebody typed: a zone's name, a city or a country, in any of our languages."""
    wanted = text.strip()[:100]
    if _OFFSET.fullmatch(wanted):
        return Unclear(say("An offset does not know about summer time. Type a city instead, such as Paris."))
    zone = _zone_named(wanted)
    by_code = _zones_by_country().get(wanted, ())
    if zones := (zone,) if zone else _named(say.language).get(_folded(wanted)) or tuple(by_code):
        found = _which(zones, say, today)
        return replace(found, subdivision=_part(wanted, found)) if isinstance(found, Place) else found
    near = _similar(wanted, say.language)
    if not near:
        return Unclear(say("I do not know that place. Type a big city nearby, or your country."))
    return Unclear(say("I do not know that place. Did you mean one of these?"), near)


def _part(text: str, place: Place) -> str | None:
    """The part of the country that was typed (Scotland), else the default."""
    parts = [code for code, names in _PARTS.items() if _folded(text) in names.split(", ")]
    return parts[0] if parts and place.country == "GB" else place.subdivision


def _which(zones: tuple[str, ...], say: Say, today: date) -> Place | Unclear:
    """The place of a name, or a question where its zones differ from now on."""
    if len(zones) == 1:
        return _place(zones[0], say.language)
    code = _countries_by_zone()[zones[0]]
    offered = [zone.name for zone in zones_of(code, say.language, today) if zone.name in zones] or list(zones[:3])
    places = tuple(_place(zone, say.language) for zone in offered)
    return places[0] if len(places) == 1 else Unclear(say("Which of these is your time?"), places)


def _place(zone: str, language: str) -> Place:
    code = _countries_by_zone()[zone]
    return Place(zone, code, city(zone, language), subdivision_of(code))


def _zone_named(text: str) -> str | None:
    """The zone of an IANA name in any case; old names lead to the one in use."""
    name = _names_by_case().get(text.replace(" ", "_").casefold())
    if name is None or name in _countries_by_zone():
        return name
    target = _links().get(name, "")
    return target if target in _countries_by_zone() else None


def _similar(text: str, language: str) -> tuple[Place, ...]:
    """The three places whose names are most like what was typed."""
    named, typed = _named(language), _folded(text)
    begun = [name for name in named if len(typed) > 2 and f" {typed}" in f" {name}"]
    zones: dict[str, None] = {}
    for name in begun + difflib.get_close_matches(typed, named, n=12, cutoff=0.5):
        zones.setdefault(named[name][0])
    return tuple(_place(zone, language) for zone in list(zones)[:3])


@cache
def _named(language: str) -> dict[str, tuple[str, ...]]:
    """What places are called, folded, with their zones; a name in one's own language goes before others."""
    named: dict[str, tuple[str, ...]] = {}
    for spoken in sorted(LANGUAGES, key=lambda other: other != language):
        cities: dict[str, tuple[str, ...]] = {}
        for zone in _countries_by_zone():
            name = _folded(city(zone, spoken))
            cities[name] = (*cities.get(name, ()), zone)
        countries = {
            _folded(name): tuple(sorted(_zones_by_country()[code], key=_importance))
            for code, name in _territories(spoken).items()
            if code in _zones_by_country()
        }
        named = countries | cities | named
    for zone, names in _OTHER_CITIES.items():
        named |= {_folded(name): (zone,) for name in names.split(",")}
    for code, names in _OTHER_NAMES.items():
        zones = tuple(sorted(_zones_by_country()[code], key=_importance))
        named |= {_folded(name): zones for name in names.split(",")}
    old = {_folded(name.rpartition("/")[2].replace("_", " ")): _zone_named(name) for name in _links()}
    old |= {_folded(zone.rpartition("/")[2].replace("_", " ")): zone for zone in _countries_by_zone()}
    return {name: (zone,) for name, zone in old.items() if zone} | named


def _folded(text: str) -> str:
    """Without case, accents and punctuation."""
    return " ".join(re.sub(r"[^\w]|_", " ", folded(text.replace(".", ""))).split())


def _importance(zone: str) -> int:
    return _MAIN.get(zone, len(_MAIN))


def _behaviour(zone: str, today: date) -> str:
    """What tells zones apart from today on: their offsets in two years, and the rule for all time after."""
    start = datetime(today.year, today.month, today.day, tzinfo=UTC)
    weeks = (start + timedelta(weeks=week) for week in range(105))
    rule = _data(zone).rstrip(b"\n").rpartition(b"\n")[2]
    return f"{rule!r} {[week.astimezone(zone_rules(zone)).utcoffset() for week in weeks]}"


@cache
def _countries_by_zone() -> dict[str, str]:
    return dict(_lines("zone.tab"))


@cache
def _zones_by_country() -> dict[str, list[str]]:
    zones: dict[str, list[str]] = {}
    for zone, code in _countries_by_zone().items():
        zones.setdefault(code, []).append(zone)
    return zones


@cache
def _links() -> dict[str, str]:
    """Old and other names of zones, with the name in use."""
    lines = _data("tzdata.zi").decode("utf-8").splitlines()
    return {name: target for kind, target, name in (line.split() for line in lines if line[:2] == "L ") if kind}


@cache
def _names_by_case() -> dict[str, str]:
    return {name.casefold(): name for name in (*_links(), *_countries_by_zone())}


@cache
def _older_names() -> dict[str, list[str]]:
    """For zones that were renamed: what CLDR still calls them."""
    from babel.core import get_global

    names: dict[str, list[str]] = {}
    for name, zone in get_global("zone_aliases").items():
        names.setdefault(zone, []).append(name)
    return names


def _lines(table: str) -> Iterator[tuple[str, str]]:
    for line in _data(table).decode("utf-8").splitlines():
        if not line.startswith("#"):
            code, _, zone = line.split("\t")[:3]
            yield zone, code


def _data(name: str) -> bytes:
    return files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()


@cache
def _territories(language: str) -> dict[str, str]:
    from babel import Locale  # imported here: it costs start-up time

    return dict(Locale.parse(Say(language).locale).territories)


@cache
def _locale_zones(language: str) -> dict[str, dict[str, str]]:
    from babel import Locale

    return dict(Locale.parse(Say(language).locale).time_zones)
