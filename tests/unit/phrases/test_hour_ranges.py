"""Hours without am and pm are read where day and night leave one reading, and else asked about."""

from __future__ import annotations

import pytest

from tests.unit.phrases.hours import hours_of

# A clock face in half hours: 0 is 12:00, 1 is 12:30, 23 is 11:30.
FACE = range(24)
SIX, EIGHT, TEN_AT_NIGHT, NOON = 12, 16, 44, 24


def on_the_face(mark: int) -> str:
    return f"{mark // 2 or 12}:{'30' if mark % 2 else '00'}"


def on_24_hours(half_hours: int) -> str:
    return f"{half_hours // 2:02}:{'30' if half_hours % 2 else '00'}"


@pytest.mark.parametrize("start", FACE)
def test_a_range_has_one_reading_in_the_daytime_or_is_asked_about(start: int) -> None:
    # From 8:00 to 12:59 a start is as it is written; 12 is noon.
    starts = [start + NOON] if start < 2 else [start] if start >= EIGHT else [start, start + NOON]
    for end in FACE:
        # From one hand of the clock to the other it is never more than once around.
        length = (end - start) % len(FACE) or len(FACE)
        daytime = [
            f"{on_24_hours(begin)} to {on_24_hours(begin + length)}"
            for begin in starts
            if begin >= SIX and begin + length <= TEN_AT_NIGHT
        ]
        found = hours_of(f"thursday {on_the_face(start)}-{on_the_face(end)}")
        if len(daytime) == 1:
            assert found == daytime[0]
        elif daytime:
            assert found == f"asks: {' | '.join(reversed(daytime))}"
        else:
            assert found.startswith("asks: ")


@pytest.mark.parametrize("start", range(1, 13))
@pytest.mark.parametrize("end", range(1, 13))
def test_whole_hours_are_read_as_with_minutes(start: int, end: int) -> None:
    with_minutes = hours_of(f"thursday {start}:00-{end}:00")
    for hours in (f"{start}-{end}", f"{start} to {end}", f"from {start} until {end}"):
        assert hours_of(f"thursday {hours}") == with_minutes
    assert hours_of(f"thursday between {start} and {end}") == with_minutes


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("9-5", "09:00 to 17:00"),
        ("10-4", "10:00 to 16:00"),
        ("11-3", "11:00 to 15:00"),
        ("noon to 4", "12:00 to 16:00"),
        ("2-4", "14:00 to 16:00"),
        ("5-7", "17:00 to 19:00"),
        ("8-8", "08:00 to 20:00"),
        ("7-3", "07:00 to 15:00"),
        ("8-10", "08:00 to 10:00"),
        ("12-2", "12:00 to 14:00"),
        ("9-noon", "09:00 to 12:00"),
        ("6:30-8:30", "asks: 18:30 to 20:30 | 06:30 to 08:30"),
        ("6-9", "asks: 18:00 to 21:00 | 06:00 to 09:00"),
        ("7-9", "asks: 19:00 to 21:00 | 07:00 to 09:00"),
        # The 24-hour clock in one of the two is that of both.
        ("9-17", "09:00 to 17:00"),
        ("6:30-14:00", "06:30 to 14:00"),
        ("06:30-8:30", "06:30 to 08:30"),
        ("0930-1600", "09:30 to 16:00"),
        ("2-16", "asks: 14:00 to 16:00 | 02:00 to 16:00"),
        ("1-0", "asks: 13:00 to 00:00"),
        ("3-01:00", "asks: 15:00 to 01:00 the next day"),
        # Am or pm at one end leaves one reading of the other.
        ("8-10pm", "20:00 to 22:00"),
        ("9-1pm", "09:00 to 13:00"),
        ("10am to 4", "10:00 to 16:00"),
        ("8pm-11", "20:00 to 23:00"),
        ("11-1am", "asks: 23:00 to 01:00 the next day"),
        ("8pm to midnight", "20:00 to 00:00"),
        ("9 to midnight", "asks: 21:00 to 00:00 | 09:00 to 00:00"),
        ("10am - 2h", "asks: 10:00 to 12:00 | 10:00 to 14:00"),
    ],
)
def test_ranges(typed: str, hours: str) -> None:
    assert hours_of(f"thursday {typed}") == hours
