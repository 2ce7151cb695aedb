"""Names that several time zones share, such as "ET" and "US", and which are a zone's own."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from bot.phrases.en.zones.cities import ABBREVIATIONS
from bot.phrases.en.zones.countries import zones_by_country
from bot.phrases.en.zones.find import by_prominence, zone_names

# In these months the rules hold that are in force, and both winter and summer time.
_A_WINTER_AND_A_SUMMER = (datetime(2037, 1, 1, tzinfo=UTC), datetime(2037, 7, 1, tzinfo=UTC))
# Names for the standard and the summer time of a zone together.
_ALL_YEAR = {
    ("est", "edt"): ("et", "eastern"),
    ("cst", "cdt"): ("ct", "central"),
    ("mst", "mdt"): ("mt", "mountain"),
    ("pst", "pdt"): ("pt", "pacific"),
    ("akst", "akdt"): ("akt", "alaska"),
    ("ast", "adt"): ("atlantic",),
    ("aest", "aedt"): ("aet", "eastern"),
    ("nzst", "nzdt"): ("nzt",),
    ("wet", "west"): ("western european",),
    ("cet", "cest"): ("central european",),
    ("eet", "eest"): ("eastern european",),
}


@cache
def shared_names() -> dict[str, tuple[str, ...]]:
    """Returns the names that a zone has in common with others, and the best known of these."""
    countries = {
        name: tuple(by_prominence(zones)[:3])
        for name, zones in zones_by_country().items()
        if len(zones) > 1 and name not in zone_names()
    }
    return {**countries, **ABBREVIATIONS}


@cache
def zone_meant(name: str, own_zone: str) -> str | None:
    """Returns the zone (IANA) that people in ``own_zone`` mean by a shared name; None if unclear.

    They mean their own by its letters, all year. A country has a zone if its time is one.
    """
    if name in _letters(own_zone) or own_zone in ABBREVIATIONS.get(name, ()):
        return own_zone
    zones = () if name in ABBREVIATIONS else zones_by_country().get(name, ())
    if len({_clocks(zone) for zone in zones}) != 1:
        return None
    return own_zone if own_zone in zones else shared_names()[name][0]


def _letters(zone: str) -> set[str]:
    """Returns what the zone database and people call its time: "est", "edt", "et", "eastern"."""
    info = ZoneInfo(zone)
    names = {str(moment.astimezone(info).tzname()).lower() for moment in _A_WINTER_AND_A_SUMMER}
    all_year = [more for both, more in _ALL_YEAR.items() if names.issuperset(both)]
    return names.union(*all_year)


def _clocks(zone: str) -> tuple[object, ...]:
    info = ZoneInfo(zone)
    return tuple(moment.astimezone(info).utcoffset() for moment in _A_WINTER_AND_A_SUMMER)
