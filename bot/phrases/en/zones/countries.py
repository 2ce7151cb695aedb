"""The names of countries in English, and the time zones of each."""

from __future__ import annotations

from functools import cache
from importlib import resources

from bot.calendar.zones import table_rows, zone_database
from data.characters import without_accents

# Short names that people type but the zone database's table lacks.
_MORE_NAMES = {
    "US": "US;USA;America",
    "GB": "UK;Britain;Great Britain;British;England;Scotland;Wales",
    "NL": "Holland",
    "AE": "UAE;Emirates",
    "KR": "South Korea;Korea",
}


@cache
def country_names() -> dict[str, tuple[str, ...]]:
    """Returns the names of the country of each current zone but UTC, by its key."""
    table = resources.files("tzdata") / "zoneinfo" / "iso3166.tab"
    by_code: dict[str, tuple[str, ...]] = {
        code: (name,) for code, name in table_rows(table.read_text("utf-8"))
    }
    for code, names in _MORE_NAMES.items():
        by_code[code] += tuple(names.split(";"))
    return {key: by_code[code] for key, code in zone_database().country_codes.items()}


@cache
def zones_by_country() -> dict[str, tuple[str, ...]]:
    """Returns the zones of each country, by its names in lower case without accents."""
    zones: dict[str, tuple[str, ...]] = {}
    for key, names in country_names().items():
        for name in (without_accents(name).lower() for name in names):
            zones[name] = (*zones.get(name, ()), key)
    return zones
