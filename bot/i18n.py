"""What people read: gettext texts, dates and numbers in a person's language (English, French).

A text is written in English where it is used, `say("Kept.")`; the French catalogue holds its translation. A test
fails when one is missing.
"""

import gettext
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

LANGUAGES = ("en", "fr")
_LOCALES = {"en": "en_GB", "fr": "fr_FR"}
_DIRECTORY = Path(__file__).parent / "locales"


def nearest_language(code: str | None) -> str:
    """The language we speak for an IETF tag such as `fr-CA`; English when we speak none of it."""
    primary = (code or "").replace("_", "-").split("-")[0].lower()
    return primary if primary in LANGUAGES else "en"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("interlude", _DIRECTORY, languages=[language])


@dataclass(frozen=True)
class Say:
    """Speaks one language: `say("Hello {name}", name="Jack")`."""

    language: str = "en"

    def __call__(self, text: str, /, **values: object) -> str:
        found = _catalogue(self.language).gettext(text)
        return found.format(**values) if values else found

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        return _catalogue(self.language).ngettext(one, many, n).format(n=n, **values)

    def day(self, day: date) -> str:
        """`Thursday 12 November` / `jeudi 12 novembre`."""
        return self._date(day, "EEEE d MMMM")

    def short_day(self, day: date) -> str:
        """`Thu 12 Nov` / `jeu. 12 nov.`"""
        return self._date(day, "EEE d MMM")

    def date_only(self, day: date) -> str:
        """`12 Nov` / `12 nov.`"""
        return self._date(day, "d MMM")

    def month(self, day: date) -> str:
        """`November 2026` / `novembre 2026`."""
        return self._dates("format_date")(day, "LLLL yyyy", locale=self.locale)

    def short_month(self, day: date) -> str:
        """`Nov` / `nov.`"""
        return self._dates("format_date")(day, "LLL", locale=self.locale)

    def weekday(self, number: int) -> str:
        """The name of a day of the week, Monday being 0."""
        names = self._dates("get_day_names")("wide", context="stand-alone", locale=self.locale)
        return str(names[number])

    def clock(self, at: time) -> str:
        """`17:30` in both languages: people here read the 24-hour clock."""
        return f"{at:%H:%M}"

    def moment(self, instant: datetime, zone: str) -> str:
        """`Thursday 12 November, 17:30` in the given zone."""
        local = instant.astimezone(ZoneInfo(zone))
        return self("{day}, {time}", day=self.day(local.date()), time=self.clock(local.time()))

    def number(self, value: float) -> str:
        """`6.5` / `6,5`."""
        from babel.numbers import format_decimal

        return format_decimal(value, locale=self.locale)

    def percent(self, hundredths: int) -> str:
        """`33%` / `33 %`."""
        from babel.numbers import format_percent

        return format_percent(hundredths / 100, locale=self.locale)

    def list(self, items: list[str]) -> str:
        """`a, b and c` / `a, b et c`."""
        from babel.lists import format_list

        return format_list(items, locale=self.locale)

    def _date(self, day: date, pattern: str) -> str:
        if self.language == "fr" and day.day == 1:  # an ordinal, as no other day is
            pattern = pattern.replace("d", "d'er'")
        return self._dates("format_date")(day, pattern, locale=self.locale)

    @property
    def locale(self) -> str:
        return _LOCALES[self.language]

    @staticmethod
    def _dates(name: str) -> "Callable[..., str]":
        from babel import dates  # imported here: it costs start-up time and few paths need it

        function: Callable[..., str] = getattr(dates, name)
        return function
