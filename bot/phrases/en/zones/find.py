"""Finds IANA time zones by the names that people use: cities, regions, countries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from bot.calendar.zones import current_zone, zone_database
from bot.phrases.en.hints.edit_distance import mistakes
from bot.phrases.en.refusal import visible, with_examples
from bot.phrases.en.zones.cities import ABBREVIATIONS, CITIES, COMMON_ZONES
from bot.phrases.en.zones.countries import country_names, zones_by_country
from data.characters import without_accents
from data.refusal import Refusal, Sentence

_LONGEST_NAME = 60
# Regions whose old names are not cities: US/Central, Canada/Eastern, Brazil/West, Australia/North.
_NO_CITIES = frozenset({"Australia", "Brazil", "Canada", "Chile", "Etc", "Mexico", "US"})
# Places that are also words people write beside a time ("10am nice", "reunion"), or several places.
_NOT_IN_PHRASES = frozenset(
    {
        *("center", "christmas", "easter", "johnston", "midway", "nice", "oral", "resolute"),
        *("reunion", "samoa", "troll", "virgin", "wake"),
        *("birmingham", "chad", "georgia", "jordan", "turkey"),
    }
)


class UnknownZone(Refusal):
    """No such time zone; its sentence names the nearest ones."""

    def __init__(self, text: str, nearest: list[str]) -> None:
        name = visible(text)
        typed = {"typed": name[:_LONGEST_NAME]}
        if len(nearest) > 1 and name.lower() in ABBREVIATIONS:
            problem = Sentence('"{typed}" can mean several time zones.', typed)
        else:
            problem = Sentence('"{typed}" isn\'t a time zone I know.', typed)
        super().__init__(problem.template)
        self.sentence = with_examples(problem, nearest)
        self.nearest = tuple(nearest)


@dataclass(frozen=True, slots=True)
class _Place:
    """A zone and the plain names by which it is found."""

    key: str
    names: tuple[str, ...]
    countries: tuple[str, ...]
    words: tuple[str, ...]


def check_zone(name: str) -> str:
    """Returns the current IANA key for a key or city in any case; raises :class:`UnknownZone`.

    Names that the zone database has replaced ("US/Eastern", "Asia/Calcutta") become current keys.
    """
    plain = _plain(name) if len(name) <= _LONGEST_NAME else ""
    is_shared = len(ABBREVIATIONS.get(plain, ())) > 1
    key = None if is_shared else _keys_by_name().get(plain)
    if key is None:
        raise UnknownZone(name, find_zones(name, 3) or list(COMMON_ZONES[:3]))
    return current_zone(key)


def find_zones(typed: str, limit: int = 25) -> list[str]:
    """Returns IANA keys that match what is typed so far, best first: by city, region or country."""
    plain = _plain(typed[: 2 * _LONGEST_NAME])
    if not plain:
        return list(COMMON_ZONES[:limit])
    ranked = sorted(
        (rank, _prominence(place.key), place.key)
        for place in _places()
        if (rank := _rank(place, plain)) is not None
    )
    found = [key for _, _, key in ranked]
    exact = _keys_by_name().get(plain)
    first = ABBREVIATIONS.get(plain, () if exact is None else (current_zone(exact),))
    found = [*first, *(key for key in found if key not in first)]
    if not found:
        found = [place.key for place in _places() if any(plain in word for word in place.words)]
    return (found or _nearly_called(plain))[:limit]


def zone_label(key: str) -> str:
    """Returns the zone in words: "New York time", "UTC"; the key itself if it names no city."""
    if key == "UTC":
        return key
    city = key.rsplit("/", 1)[-1].replace("_", " ")
    known = zone_names().get(_spaced(city)) == key
    return f"{city if known else key} time"


def zone_places() -> tuple[str, ...]:
    """Returns every current key: one for each place in the zone database, and UTC."""
    return ("UTC", *zone_database().country_codes)


@cache
def zone_names() -> dict[str, str]:
    """Returns the names by which a phrase may call a zone, and the key of each.

    Names are in lower case with single spaces. A key with a slash leads to itself, current or not;
    a city, and a country with a single zone, to the current key.
    """
    names = {"utc": "UTC"}
    places = zone_database().country_codes
    for key in zone_database().keys:
        region, _, city = key.rpartition("/")
        if region:
            names[key.lower()] = names[_spaced(key)] = key
        if region and (key in places or region not in _NO_CITIES):
            names.setdefault(_spaced(city), current_zone(key))
    for key, cities in CITIES.items():
        names.update((_spaced(city), key) for city in cities)
    for country, zones in zones_by_country().items():
        if len(zones) == 1:
            names.setdefault(country, zones[0])
    return {name: key for name, key in names.items() if name not in _NOT_IN_PHRASES}


def _rank(place: _Place, plain: str) -> int | None:
    """Returns how well a place fits, 0 best; None if it does not."""
    city = place.names[0]
    if plain in place.names or plain in place.countries:
        return 0
    if city.startswith(plain):
        return 1
    if any(name.startswith(plain) for name in place.names):
        return 2
    if any(country.startswith(plain) for country in place.countries):
        return 3
    wanted = plain.split()
    if all(any(word.startswith(part) for word in place.words) for part in wanted):
        return 4
    return None


def _nearly_called(plain: str) -> list[str]:
    """Returns the current keys of names with the fewest mistakes: one in five letters at most."""
    most = max(1, len(plain) // 5)
    near = [
        (mistakes(plain, name), name)
        for name in _keys_by_name()
        if name[0] == plain[0] and abs(len(name) - len(plain)) <= most
    ]
    names = [name for number, name in sorted(near) if number <= most]
    return list(dict.fromkeys(current_zone(_keys_by_name()[name]) for name in names))


def by_prominence(keys: Iterable[str]) -> list[str]:
    """Returns the keys, those of the best known zones first."""
    return sorted(keys, key=_prominence)


def _prominence(key: str) -> int:
    return COMMON_ZONES.index(key) if key in COMMON_ZONES else len(COMMON_ZONES)


def _plain(text: str) -> str:
    """Returns lower case without accents; everything between words becomes a single space."""
    return " ".join(re.findall(r"[a-z0-9+]+", without_accents(text).lower()))


def _spaced(key: str) -> str:
    return key.replace("_", " ").lower()


@cache
def _places() -> tuple[_Place, ...]:
    places = []
    for key, countries in {"UTC": (), **country_names()}.items():
        cities = (key.rsplit("/", 1)[-1], *CITIES.get(key, ()))
        if key == "UTC":
            cities = ("UTC", "Coordinated Universal Time", "Zulu")
        names = tuple(_plain(city) for city in cities)
        plain_countries = tuple(_plain(country) for country in countries)
        words = " ".join((_plain(key), *names, *plain_countries)).split()
        places.append(_Place(key, names, plain_countries, tuple(dict.fromkeys(words))))
    return tuple(places)


@cache
def _keys_by_name() -> dict[str, str]:
    """Returns every plain name that means exactly one zone, and its key."""
    names = {_plain(name): key for name, key in zone_names().items()}
    names.update((_plain(key), key) for key in zone_database().keys)
    return names
