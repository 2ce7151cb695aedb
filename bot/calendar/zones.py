"""The current IANA time zones, from the tzdata package."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

_UTC_KEYS = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "Etc/Zulu", "Etc/Universal"})


@dataclass(frozen=True, slots=True)
class ZoneDatabase:
    """The zones, links and countries that the zone database lists."""

    keys: tuple[str, ...]
    links: dict[str, str]
    """Replaced keys, and the key that each leads to."""
    country_codes: dict[str, str]
    """The current keys, without UTC, and the ISO 3166 code of the country of each."""


def current_zone(key: str) -> str:
    """Returns the current key for an IANA key: "US/Eastern" is "America/New_York".

    A key that still has a place of its own is returned unchanged.
    """
    database = zone_database()
    while key not in database.country_codes and key in database.links:
        key = database.links[key]
    return "UTC" if key in _UTC_KEYS else key


@cache
def zone_database() -> ZoneDatabase:
    """Returns the tzdata package's database, which exists on every platform, unlike /usr/share."""
    package = resources.files("tzdata")
    folder = package / "zoneinfo"
    country_codes = {
        zone: code for code, _, zone, *_ in table_rows((folder / "zone.tab").read_text("utf-8"))
    }
    lines = (folder / "tzdata.zi").read_text("utf-8").splitlines()
    links = {link: to for _, to, link in (ln.split() for ln in lines if ln.startswith("L "))}
    keys = (package / "zones").read_text("utf-8").split()
    return ZoneDatabase(tuple(key for key in keys if key != "Factory"), links, country_codes)


def table_rows(table: str) -> list[list[str]]:
    """Returns the rows of one of the database's tables, which are separated by tabs."""
    return [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
