"""A channel's people mean their own time by its letters and by the name of their country."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.phrases.en import NotUnderstood, read
from bot.phrases.en.zones.find import zone_places
from tests.moments import WEDNESDAY


def zone_of(words: str, zone: str) -> str:
    """Returns the zone in which a phrase is read; the cities offered if it is refused."""
    try:
        return read(f"thursday 10am {words}", zone=zone, now=WEDNESDAY).zone
    except NotUnderstood as refusal:
        return " | ".join(refusal.examples).replace("thursday 10am ", "")


@pytest.mark.parametrize(
    ("zone", "names"),
    [
        ("America/New_York", "ET|EST|EDT|eastern|Eastern Time|Eastern Daylight Time|georgia"),
        ("America/Toronto", "ET|EST|EDT|eastern"),
        ("America/Chicago", "CT|CST|CDT|central time|birmingham"),
        ("America/Denver", "MT|MST|MDT|mountain"),
        ("America/Los_Angeles", "PT|PST|PDT|Pacific Time"),
        ("America/Sao_Paulo", "BRT"),
        ("Europe/London", "GMT|BST|UK|UK time|British Summer Time|london time|birmingham"),
        ("Europe/Dublin", "IST|GMT|ireland"),
        ("Europe/Berlin", "CET|CEST|Germany|berlin|Central European Time"),
        ("Africa/Johannesburg", "SAST|South Africa"),
        ("Asia/Jerusalem", "IST|IDT|israel"),
        ("Asia/Kolkata", "IST|India|india time"),
        ("Asia/Shanghai", "CST"),
        ("Australia/Sydney", "AEST|AEDT|AET"),
        ("Asia/Amman", "jordan"),
        ("UTC", "UTC|GMT|z"),
    ],
)
def test_its_own_names_need_no_city(zone: str, names: str) -> None:
    assert {name: zone_of(name, zone) for name in names.split("|")} == dict.fromkeys(
        names.split("|"), zone
    )


def test_every_zone_is_named_by_the_letters_that_the_zone_database_gives_it() -> None:
    for zone in zone_places():
        info = ZoneInfo(zone)
        for days in (0, 180):
            letters = str((WEDNESDAY + timedelta(days)).astimezone(info).tzname())
            if letters.isalpha():
                assert zone_of(letters, zone) == zone


@pytest.mark.parametrize(
    ("words", "read_as"),
    [
        ("ET", "new york | toronto"),
        ("CST", "chicago | costa rica | shanghai"),
        ("IST", "kolkata | dublin | jerusalem"),
        ("birmingham", "london | chicago"),
        ("georgia", "new york | tbilisi"),
        ("jordan", "amman"),
        ("US", "new york | chicago | denver"),
        ("UK time", "Europe/London"),
        ("japan", "Asia/Tokyo"),
        ("germany", "Europe/Berlin"),
    ],
)
def test_of_other_zones_it_takes_countries_with_one_time_and_asks_about_letters(
    words: str, read_as: str
) -> None:
    assert zone_of(words, "Europe/Lisbon") == read_as


@pytest.mark.parametrize("offset", ["utc-5", "utc -5", "gmt-8", "GMT-05:00", "utc+2", "utc - 5"])
def test_a_distance_from_utc_is_no_zone_and_no_time(offset: str) -> None:
    for phrase in (f"thursday 10am {offset}", f"thursday {offset}"):
        with pytest.raises(NotUnderstood) as caught:
            read(phrase, zone="Europe/London", now=WEDNESDAY)
        assert caught.value.examples == ()
