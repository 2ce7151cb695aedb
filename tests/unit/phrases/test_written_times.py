"""Clock times are read in every form in which they are written."""

from __future__ import annotations

import pytest

from tests.unit.phrases.hours import hours_of


@pytest.mark.parametrize("hour", range(1, 13))
@pytest.mark.parametrize("minutes", ["", ":00", ":30", ".45"])
def test_a_start_from_1_to_7_is_asked_about(hour: int, minutes: str) -> None:
    clock = f"{hour:02}:{minutes[1:] or '00'}"
    found = hours_of(f"thursday at {hour}{minutes} for 1 hour")
    begins = [start.split(" to ")[0] for start in found.removeprefix("asks: ").split(" | ")]
    if hour < 8:
        assert begins == [f"{hour + 12}{clock[2:]}", clock]
    else:
        assert begins == [clock]


@pytest.mark.parametrize(
    ("typed", "start"),
    [
        ("06:30", "06:30"),
        ("13", "13:00"),
        ("1800", "18:00"),
        ("0930", "09:30"),
        ("930", "09:30"),
        ("930pm", "21:30"),
        ("18h", "18:00"),
        ("18h30", "18:30"),
        ("18:30h", "18:30"),
        ("1800 hours", "18:00"),
        ("nine", "09:00"),
        ("nine o'clock", "09:00"),
        ("nine thirty", "09:30"),
        ("nine oh five", "09:05"),
        ("nine forty-five pm", "21:45"),
        ("half past nine", "09:30"),
        ("half past 9", "09:30"),
        ("quarter past 9", "09:15"),
        ("a quarter after nine", "09:15"),
        ("ten past nine", "09:10"),
        ("twenty minutes past nine", "09:20"),
        ("quarter to ten", "09:45"),
        ("quarter to one pm", "12:45"),
        ("quarter to 6pm", "17:45"),
        ("12:00 noon", "12:00"),
        ("half past nine.", "09:30"),
        ("18h30.", "18:30"),
        ("1800: new york", "18:00"),
        ("9:30: new york", "09:30"),
        ("twenty-five to ten", "09:35"),
        ("ten minutes to nine", "08:50"),
        ("5 minutes to 9 pm", "20:55"),
        ("half past six in the morning", "06:30"),
        ("quarter to seven in the evening", "18:45"),
        ("half past six", "asks: 18:30 | 06:30"),
        ("quarter to seven", "asks: 18:45 | 06:45"),
        ("twenty to five", "asks: 16:40 | 04:40"),
        ("five", "asks: 17:00 | 05:00"),
        ("5 o'clock", "asks: 17:00 | 05:00"),
        ("6h", "asks: 18:00 | 06:00"),
        ("2030", "asks: 20:30"),
    ],
)
def test_times_as_they_are_written(typed: str, start: str) -> None:
    asks, _, hours = hours_of(f"thursday {typed}").rpartition("asks: ")
    is_asked = start.startswith("asks: ")
    begins = " | ".join(reading.split(" to ")[0] for reading in hours.split(" | "))
    assert begins == start.removeprefix("asks: ")
    assert is_asked == (asks == "" and hours_of(f"thursday {typed}").startswith("asks"))


@pytest.mark.parametrize("typed", ["25:00", "10:60", "13pm", "1275", "2599", "half past 25"])
def test_what_no_clock_shows_is_refused_without_a_hint(typed: str) -> None:
    assert hours_of(f"thursday {typed}") == "asks: "


def test_ten_to_five_is_a_range_or_a_time() -> None:
    assert hours_of("thursday from ten to five") == "10:00 to 17:00"
    assert hours_of("thursday ten to nine") == "asks: 10:00 to 21:00 | 08:50 to 11:50"
    assert hours_of("thursday ten to five") == "asks: 10:00 to 17:00 | 16:50 to 19:50"


def test_a_length_may_look_like_a_time() -> None:
    assert hours_of("thursday 10am 2h") == "10:00 to 12:00"
    assert hours_of("thursday 2h 10am") == "10:00 to 12:00"
    assert hours_of("thursday 10am for 18h") == "10:00 to 04:00 the next day"
    assert hours_of("thursday 10h-12h30") == "10:00 to 12:30"
