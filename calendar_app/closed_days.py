"""Holidays where a brand is at home, in the language of whoever reads."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import holidays
from django.utils import translation

from accounts.models import Brand

# The library silently answers in English for a language that it does not know by that name.
LANGUAGES = {"it": "it_IT", "en": "en_US"}


def holidays_of(brand: Brand, years: Iterable[int]) -> dict[date, str]:
    """Return the public holidays of the brand’s country and region by day."""
    language = (translation.get_language() or "it")[:2]
    found: dict[date, str] = {}
    for year in sorted(set(years)):
        found.update(_of_year(brand.country, brand.region, year, LANGUAGES.get(language, "en_US")))
    return found


@lru_cache(maxsize=256)
def _of_year(country: str, region: str, year: int, language: str) -> dict[date, str]:
    try:
        days = holidays.country_holidays(country, subdiv=region or None, years=year, language=language)
    except NotImplementedError:  # a country or region that the library does not know has no marked days
        return {}
    return {on: _short_first(name).replace("'", "’") for on, name in days.items()}


def _short_first(names: str) -> str:
    """Return the names of a day, the shortest first: a cell of the month has room for one."""
    return "; ".join(sorted(names.split("; "), key=len))


def regions_of(country: str) -> list[tuple[str, str]]:
    """Return the regions of a country whose own holidays are known, by code, with their names in order."""
    try:
        known = holidays.country_holidays(country)
    except NotImplementedError:  # a country that the library does not know has no regions to choose from
        return []
    names = {code: name for name, code in known.subdivisions_aliases.items()}
    every = [(code, names.get(code, code).replace("'", "’")) for code in known.subdivisions]
    return sorted(every, key=lambda region: region[1].casefold())
