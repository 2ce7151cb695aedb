"""What people put between and around the parts of a phrase changes nothing."""

from __future__ import annotations

import pytest

from bot.phrases.en import NotUnderstood, read
from tests.moments import WEDNESDAY
from tests.unit.phrases.hours import ZONE


@pytest.mark.parametrize(
    "phrase",
    [
        "thursday - 10am-1pm",
        "thursday – 10am – 1pm",
        "Thursday: 10am to 1pm",
        "thursday:10am-1pm",
        "thursday · 10am-1pm",
        "thursday | 10am-1pm",
        "thursday (10am-1pm)",
        "(thursday) 10am - 1pm",
        "thursday, 10am-1pm.",
        "thursday. 10am-1pm!",
        "thursday 10am-1pm!!",
        "thursday... 10am-1pm?",
        "thursday @ 10am-1pm",
        "10am-1pm @ thursday",
        "10am-1pm - thursday",
        "- thursday 10am-1pm",
        "• thursday - 10am - 1pm",
        "thursday -- 10am--1pm",
        "thursday 10am → 1pm",
        '"thursday 10am-1pm"',
        "“thursday” 10am-1pm",
        "thursday 10am onwards",
        "thursday from 10am onward",
        "thursday - 10am - 3 hours",
        "thursday 10am-1pm @ new york",
        "thursday 10am-1pm ET (New York time)",
        "thursday 10am-1pm (3 hours)",
        "thursday late morning 10-13",
        "26 nov - 10-13",
        "nov 26: 10am-1pm",
        "26. nov 10-13",
        "10 til 13 thursday",
        "10am until 1pm thursday",
        "thursday (26 nov), 10:00-13:00",
        "ｔｈｕｒｓｄａｙ　１０：００～１３：００",
        "thursday １０am－１pm",
        "thurs\u200bday 10\u200dam\ufeff-1pm",
        "\u200ethursday \u206610am-1pm\u2069",
        "thursday 10\u202fam\u00a0–\u00a01\u202fpm",
    ],
)
def test_a_separator_only_separates(phrase: str) -> None:
    expected = read("thursday 10am to 1pm", zone=ZONE, now=WEDNESDAY)
    assert read(phrase, zone=ZONE, now=WEDNESDAY) == expected


def test_a_month_may_end_in_t() -> None:
    expected = read("2027-08-06 2am to 6am", zone=ZONE, now=WEDNESDAY)
    for phrase in ("fri 6 august 2am-6am", "6 august, 2am - 6am"):
        assert read(phrase, zone=ZONE, now=WEDNESDAY) == expected


def test_series_are_separated_too() -> None:
    expected = read("every tuesday 10am until june except 8 dec", zone=ZONE, now=WEDNESDAY)
    phrase = "Every Tuesday - 10am - until June (except 8 Dec)."
    assert read(phrase, zone=ZONE, now=WEDNESDAY) == expected
    onwards = read("tuesdays 10am from january onwards", zone=ZONE, now=WEDNESDAY)
    assert onwards == read("tuesdays 10am from january", zone=ZONE, now=WEDNESDAY)


@pytest.mark.parametrize(
    "phrase",
    [
        "9 - 15 dec",
        "dec 9 - 15",
        "3 dec - 5 dec 10am",
        "thursday 9-10 hours",
        "thursday 9am-5m",
        "in -3 days at 10am",
        "thursday 10am -",
        "thursday 10: 30",
        "thursday 10 . 30",
        "2026-12-03T01:00-05:00",
        "2nd - thursday 10am",
        "every 2 - 3 weeks on friday 10am",
        "2 - 3 dec 10am",
        "dec 9 - 11 - 3pm",
        "jan - mar tuesdays 10am",
    ],
)
def test_a_dash_that_means_something_is_not_dropped(phrase: str) -> None:
    with pytest.raises(NotUnderstood):
        read(phrase, zone=ZONE, now=WEDNESDAY)


def test_positions_are_those_of_what_is_seen() -> None:
    with pytest.raises(NotUnderstood) as caught:
        read("\u200eThurs\u200bday １０am ｍaybe\u200d later", zone=ZONE, now=WEDNESDAY)
    assert caught.value.understood == "Thursday １０am"
    assert caught.value.stopped_at == "ｍaybe"
