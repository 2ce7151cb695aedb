"""Zones are found by their common names, and named so that they are read back."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.phrases.en import UnknownZone, check_zone, find_zones, zone_label
from bot.phrases.en.zones.cities import ABBREVIATIONS, CITIES, COMMON_ZONES
from bot.phrases.en.zones.find import zone_names, zone_places


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("new york", "America/New_York"),
        ("New_York", "America/New_York"),
        ("NEWYORK", "America/New_York"),
        ("america/new", "America/New_York"),
        ("berl", "Europe/Berlin"),
        ("kolk", "Asia/Kolkata"),
        ("calcutta", "Asia/Kolkata"),
        ("mumbai", "Asia/Kolkata"),
        ("são p", "America/Sao_Paulo"),
        ("sao paulo", "America/Sao_Paulo"),
        ("utc", "UTC"),
        ("zulu", "UTC"),
        ("germany", "Europe/Berlin"),
        ("uk", "Europe/London"),
        ("england", "Europe/London"),
        ("usa", "America/New_York"),
        ("india", "Asia/Kolkata"),
        ("japan", "Asia/Tokyo"),
        ("seattle", "America/Los_Angeles"),
        ("lord howe", "Australia/Lord_Howe"),
        ("est", "America/New_York"),
        ("cet", "Europe/Berlin"),
        ("us/eastern", "America/New_York"),
        ("berln", "Europe/Berlin"),
        ("birmingham", "Europe/London"),
        ("alabama", "America/Chicago"),
        ("pairs", "Europe/Paris"),
        ("nwe york", "America/New_York"),
    ],
)
def test_it_finds_zones_as_one_types(typed: str, first: str) -> None:
    assert find_zones(typed)[0] == first


@pytest.mark.parametrize(
    "typed", ["Gotham", "Atlantis", "Wakanda", "Mordor", "Springfield", "Neverland", "hello", "xyz"]
)
def test_a_place_that_is_none_finds_nothing(typed: str) -> None:
    assert find_zones(typed) == []


def test_nothing_typed_gives_a_spread_over_the_world() -> None:
    found = find_zones("")
    assert found == find_zones("  ")
    assert len(found) == 25
    regions = {key.split("/")[0] for key in found}
    assert regions >= {"UTC", "America", "Europe", "Africa", "Asia", "Australia", "Pacific"}


@given(st.text(max_size=200), st.integers(1, 25))
def test_it_gives_only_current_keys_each_once_up_to_the_limit(typed: str, limit: int) -> None:
    found = find_zones(typed, limit)
    assert len(found) <= limit
    assert len(set(found)) == len(found)
    assert all(check_zone(key) == key for key in found)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        (" america/new york ", "America/New_York"),
        ("Berlin", "Europe/Berlin"),
        ("US/Eastern", "America/New_York"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("Europe/Copenhagen", "Europe/Copenhagen"),
        ("Etc/UTC", "UTC"),
        ("utc", "UTC"),
        ("Japan", "Asia/Tokyo"),
        ("UK", "Europe/London"),
        ("Turkey", "Europe/Istanbul"),
    ],
)
def test_it_gives_the_current_key(name: str, key: str) -> None:
    assert check_zone(name) == key


def test_an_unknown_zone_is_answered_with_the_nearest() -> None:
    with pytest.raises(
        UnknownZone, match=r'"Berln" isn\'t a time zone I know. Try "Europe/Berlin"'
    ):
        check_zone("Berln")
    with pytest.raises(UnknownZone, match='"EST" can mean several time zones') as caught:
        check_zone("EST")
    assert caught.value.nearest == ("America/New_York", "America/Panama", "America/Toronto")


@pytest.mark.parametrize("name", ["", "x" * 6000, "😀", "\u202e", "Mars/Olympus"])
def test_nonsense_is_an_unknown_zone(name: str) -> None:
    with pytest.raises(UnknownZone) as caught:
        check_zone(name)
    assert len(str(caught.value)) < 200


def test_each_place_has_a_label_of_its_own_that_is_read_as_its_key() -> None:
    labels = {zone_label(key) for key in zone_places()}
    assert len(labels) == len(zone_places())
    for key in zone_places():
        name = zone_label(key).removesuffix(" time").lower()
        assert zone_names()[name] == key
        assert ZoneInfo(key).key == key
    assert zone_label("America/New_York") == "New York time"
    assert zone_label("UTC") == "UTC"
    assert zone_label("US/Eastern") == "US/Eastern time"


def test_the_lists_of_cities_name_current_zones() -> None:
    places = set(zone_places())
    assert places >= set(CITIES)
    assert places >= set(COMMON_ZONES)
    assert places >= {key for keys in ABBREVIATIONS.values() for key in keys}
