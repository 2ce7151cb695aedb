"""Hours within a session are read strictly, and written so that they are read back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.calendar import instant_of
from bot.phrases.en import AttendanceNotUnderstood, describe_attendance, read_attendance
from tests.unit.phrases.table import wall

Hours = tuple[datetime, datetime, str]

DAY = "2026-12-03 10:00", "2026-12-03 16:00", "Europe/Berlin"
EVENING = "2026-12-03 18:00", "2026-12-03 22:00", "America/New_York"
NIGHT = "2026-12-03 20:00", "2026-12-04 04:00", "Europe/Berlin"
LONG = "2026-12-03 08:00", "2026-12-04 04:00", "Europe/Berlin"
ROUND_THE_CLOCK = "2026-12-03 10:00", "2026-12-04 10:00", "Europe/Berlin"
SPRING = "2026-03-29 00:00", "2026-03-29 06:00", "Europe/Berlin"
AUTUMN = "2026-10-25 00:00", "2026-10-25 06:00", "Europe/Berlin"


def _hours(begin: str, end: str, zone: str) -> Hours:
    return instant_of(wall(begin), zone), instant_of(wall(end), zone), zone


def _read(text: str, hours: Hours) -> tuple[datetime, datetime] | None:
    starts_at, ends_at, zone = hours
    return read_attendance(text, starts_at=starts_at, ends_at=ends_at, zone=zone).stay


def _said(text: str, hours: Hours) -> str:
    stay = _read(text, hours)
    return "all" if stay is None else describe_attendance(*stay, hours[2])


def _refused(text: str, hours: Hours) -> str:
    with pytest.raises(AttendanceNotUnderstood) as caught:
        _read(text, hours)
    sentence = str(caught.value)
    assert 0 < len(sentence) < 300
    assert sentence.isprintable()
    return sentence


def _is_refused(text: str, hours: Hours) -> bool:
    try:
        _read(text, hours)
    except AttendanceNotUnderstood:
        return True
    return False


def _examples(sentence: str) -> list[str]:
    """Returns what a refusal says to type instead."""
    return re.findall('"([^"]+)"', sentence.rpartition("Try ")[2])


@pytest.mark.parametrize(
    ("session", "text", "said"),
    [
        (DAY, "", "all"),
        (DAY, "  ", "all"),
        (DAY, "all", "all"),
        (DAY, "All day", "all"),
        (DAY, "the whole time", "all"),
        (DAY, "for the entire session", "all"),
        (DAY, "I’ll be there all day", "all"),
        (DAY, "until the end", "all"),
        (DAY, "10-16", "all"),
        (DAY, "10-4", "all"),
        (DAY, "from 10", "all"),
        (DAY, "until 4pm", "all"),
        (DAY, "10-13", "10:00 to 13:00"),
        (DAY, "10 to 13", "10:00 to 13:00"),
        (DAY, "from 10 to 13", "10:00 to 13:00"),
        (DAY, "10 till 13", "10:00 to 13:00"),
        (DAY, "from 11 until 14", "11:00 to 14:00"),
        (DAY, "between 11 and 2", "11:00 to 14:00"),
        (DAY, "10:30–12", "10:30 to 12:00"),
        (DAY, "10.30 — 12.15", "10:30 to 12:15"),
        (DAY, "10am to 1pm", "10:00 to 13:00"),
        (DAY, "10 A.M. - 1 P.M.", "10:00 to 13:00"),
        (DAY, "10-1pm", "10:00 to 13:00"),
        (DAY, "2-4pm", "14:00 to 16:00"),
        (DAY, "11am-2", "11:00 to 14:00"),
        (DAY, "11-2", "11:00 to 14:00"),
        (DAY, "2:30-4", "14:30 to 16:00"),
        (DAY, "10:30-2:30", "10:30 to 14:30"),
        (DAY, "12-2", "12:00 to 14:00"),
        (DAY, "11 o'clock to 2 o'clock", "11:00 to 14:00"),
        (DAY, "noon to 3", "12:00 to 15:00"),
        (DAY, "12 noon to 3", "12:00 to 15:00"),
        (DAY, "from noon", "12:00 to 16:00"),
        (DAY, "from 11", "11:00 to 16:00"),
        (DAY, "after 11", "11:00 to 16:00"),
        (DAY, "from 2", "14:00 to 16:00"),
        (DAY, "11 onwards", "11:00 to 16:00"),
        (DAY, "from 11 on", "11:00 to 16:00"),
        (DAY, "11 to the end", "11:00 to 16:00"),
        (DAY, "until 14", "10:00 to 14:00"),
        (DAY, "till 2pm", "10:00 to 14:00"),
        (DAY, "before 2", "10:00 to 14:00"),
        (DAY, "'til 14:45", "10:00 to 14:45"),
        (DAY, "arriving at 11, leaving at 2", "11:00 to 14:00"),
        (DAY, "11 for 2 hours", "11:00 to 13:00"),
        (DAY, "2 hours from 11", "11:00 to 13:00"),
        (DAY, "90 minutes from 2", "14:00 to 15:30"),
        (DAY, "an hour until 14", "13:00 to 14:00"),
        (DAY, "I'll be there 10 to 13.", "10:00 to 13:00"),
        (DAY, " 10-13\n", "10:00 to 13:00"),
        (EVENING, "7-9", "19:00 to 21:00"),
        (EVENING, "7:30 to 9:30", "19:30 to 21:30"),
        (EVENING, "from 20", "20:00 to 22:00"),
        (NIGHT, "10pm-2am", "22:00 to 02:00"),
        (NIGHT, "10-2", "22:00 to 02:00"),
        (NIGHT, "22:00 to 02:00 the next day", "22:00 to 02:00"),
        (NIGHT, "until midnight", "20:00 to 00:00"),
        (NIGHT, "until 12", "20:00 to 00:00"),
        (NIGHT, "until 24:00", "20:00 to 00:00"),
        (NIGHT, "from midnight", "00:00 to 04:00"),
        (NIGHT, "0:30 to 3", "00:30 to 03:00"),
        (NIGHT, "from 1", "01:00 to 04:00"),
        (LONG, "9-22", "09:00 to 22:00"),
        (LONG, "10:30-2:30", "10:30 to 02:30"),
        (LONG, "2:30-4pm", "14:30 to 16:00"),
        (LONG, "until 2 the next day", "08:00 to 02:00"),
        (LONG, "from 11:00", "11:00 to 04:00"),
        (ROUND_THE_CLOCK, "10:00 to 10:00", "all"),
        (ROUND_THE_CLOCK, "until 10am", "all"),
        (ROUND_THE_CLOCK, "9-11", "21:00 to 23:00"),
        (ROUND_THE_CLOCK, "13-10", "13:00 to 10:00"),
    ],
)
def test_it_reads(session: tuple[str, str, str], text: str, said: str) -> None:
    assert _said(text, _hours(*session)) == said


@pytest.mark.parametrize(
    ("session", "text", "said"),
    [
        (DAY, "9-12", "10:00 to 12:00"),
        (DAY, "9-5", "all"),
        (DAY, "14-18", "14:00 to 16:00"),
        (DAY, "3 hours from 14", "14:00 to 16:00"),
        (DAY, "from 8", "all"),
        (DAY, "until 6pm", "all"),
        (DAY, "8-11", "10:00 to 11:00"),
        (DAY, "around 15 to 17ish", "15:00 to 16:00"),
        (NIGHT, "19 to 22", "20:00 to 22:00"),
        (NIGHT, "2 to 6", "02:00 to 04:00"),
    ],
)
def test_it_cuts_what_is_partly_outside(
    session: tuple[str, str, str], text: str, said: str
) -> None:
    starts_at, ends_at, zone = _hours(*session)
    assert read_attendance(text, starts_at=starts_at, ends_at=ends_at, zone=zone).is_cut
    assert _said(text, _hours(*session)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("from 11ish", "11:00 to 16:00"),
        ("11-ish to 13", "11:00 to 13:00"),
        ("about 10 to 12", "10:00 to 12:00"),
        ("from ~11", "11:00 to 16:00"),
        ("10-13 or so", "10:00 to 13:00"),
        ("from noon", "12:00 to 16:00"),
        ("till 13", "10:00 to 13:00"),
        ("maybe 11 until 14", "11:00 to 14:00"),
    ],
)
def test_hours_that_are_about_right_are_read(text: str, said: str) -> None:
    starts_at, ends_at, zone = _hours(*DAY)
    assert not read_attendance(text, starts_at=starts_at, ends_at=ends_at, zone=zone).is_cut
    assert _said(text, _hours(*DAY)) == said


@pytest.mark.parametrize(
    ("session", "text", "why"),
    [
        (DAY, "8-9", 'It runs 10:00 to 16:00 (Berlin time), so "8-9" is outside'),
        (DAY, "17-18", "It runs 10:00 to 16:00"),
        (DAY, "until 10", "It runs 10:00 to 16:00"),
        (DAY, "from 16", "It runs 10:00 to 16:00"),
        (DAY, "20", "It runs 10:00 to 16:00"),
        (DAY, "02:30 to 04:00", "It runs 10:00 to 16:00"),
        (DAY, "midnight to 12", "It runs 10:00 to 16:00"),
        (DAY, "23 to 12", "It runs 10:00 to 16:00"),
        (DAY, "0 hours from 14", "It runs 10:00 to 16:00"),
        (DAY, "999 hours from 11", "It runs 10:00 to 16:00"),
        (DAY, "11-13 the next day", "ends before it starts"),
        (NIGHT, "from 10am", "It runs 20:00 to 04:00"),
        (DAY, "14-12", "ends before it starts"),
        (DAY, "11-11", "ends before it starts"),
        (DAY, "25-26", 'no "25" on the clock'),
        (DAY, "13pm-2pm", 'no "13pm" on the clock'),
        (DAY, "10:75-12", 'no "10:75" on the clock'),
        (DAY, "11", 'Is "11" when you arrive or when you leave? Try "from 11" or "until 11".'),
        (
            DAY,
            "11ish",
            'Is "11ish" when you arrive or when you leave? Try "from 11" or "until 11".',
        ),
        (
            DAY,
            "after lunch",
            'What time do you mean by "after lunch"? Try "from 12:00", "from 13:00"',
        ),
        (DAY, "before lunch", 'Try "until 12:00", "until 13:00" or "until 14:00"'),
        (DAY, "in the morning", 'Try "until 12:00", "until 13:00" or "until 14:00"'),
        (DAY, "afternoon", 'Try "from 12:00", "from 13:00" or "from 14:00"'),
        (NIGHT, "after lunch", 'What time do you mean by "after lunch"?'),
        (DAY, "at 2pm", 'Try "from 2pm" or "until 2pm"'),
        (DAY, "10", 'Try "from 10".'),
        (LONG, "11-2", 'Try "11:00 to 14:00", "11:00 to 02:00" or "23:00 to 02:00"'),
        (LONG, "10-12", 'Try "10:00 to 12:00", "10:00 to 00:00" or "22:00 to 00:00"'),
        (LONG, "from 11", 'Try "11:00 to 04:00" or "23:00 to 04:00"'),
        (LONG, "until 2", 'Try "08:00 to 14:00" or "08:00 to 02:00"'),
        (DAY, "2 hours", "I can't tell"),
        (DAY, "foo", "I can't tell"),
        (DAY, "10, 12", "I can't tell"),
        (DAY, "10-11 and 13-15", "I can't tell"),
        (DAY, "10-13 for 2 hours", "I can't tell"),
        (DAY, "10-13 until 14", "I can't tell"),
        (DAY, "10-13 to the end", "I can't tell"),
        (DAY, "until 13 until 14", "I can't tell"),
        (DAY, "until 11 onwards", "I can't tell"),
        (DAY, "thursday 10-13", "I can't tell"),
        (DAY, "every day 10-13", "I can't tell"),
        (DAY, "10-13 in tokyo", "I can't tell"),
        (DAY, "in 2 hours", "I can't tell"),
        (DAY, "10-", "I can't tell"),
        (DAY, "-13", "I can't tell"),
        (DAY, "not after 14", "I can't tell"),
        (DAY, "١٠-١٣", "I can't tell"),
        (DAY, "10-13\u0000", "I can't tell"),
        (DAY, "\ud800", "I can't tell"),
        (DAY, "10-13\u202e oops", "I can't tell"),
        (DAY, "ten to one\u0007\u0007", "I can't tell"),
        (DAY, "x" * 5000, "too long"),
        (DAY, " " * 5000 + "10-13", "too long"),
        (DAY, "from the second 11", "It runs 10:00 to 16:00"),
    ],
)
def test_it_refuses_with_what_to_type(session: tuple[str, str, str], text: str, why: str) -> None:
    hours = _hours(*session)
    sentence = _refused(text, hours)
    assert why in sentence
    assert _examples(sentence)
    for other in _examples(sentence):
        _read(other, hours)


@pytest.mark.parametrize(
    ("session", "text", "arrives", "leaves"),
    [
        # At 02:00 the clocks go forward to 03:00, which is 01:00 UTC.
        (SPRING, "1-4", "2026-03-29 00:00", "2026-03-29 02:00"),
        (SPRING, "from 2:30", "2026-03-29 01:30", "2026-03-29 04:00"),
        (SPRING, "until 2:30", "2026-03-28 23:00", "2026-03-29 01:30"),
        (SPRING, "2:10 to 2:50", "2026-03-29 01:10", "2026-03-29 01:50"),
        (SPRING, "1 for 2 hours", "2026-03-29 00:00", "2026-03-29 02:00"),
        # At 03:00 the clocks go back to 02:00, which is 01:00 UTC.
        (AUTUMN, "1-4", "2026-10-24 23:00", "2026-10-25 03:00"),
        (AUTUMN, "from 2:30", "2026-10-25 00:30", "2026-10-25 05:00"),
        (AUTUMN, "until 2:30", "2026-10-24 22:00", "2026-10-25 00:30"),
        (AUTUMN, "2:30 to 3:15", "2026-10-25 00:30", "2026-10-25 02:15"),
        (AUTUMN, "2:45 to 2:15", "2026-10-25 00:45", "2026-10-25 01:15"),
        (AUTUMN, "1:30 for 2 hours", "2026-10-24 23:30", "2026-10-25 01:30"),
        (AUTUMN, "from the second 2", "2026-10-25 01:00", "2026-10-25 05:00"),
        (AUTUMN, "the second 2:10 to the second 2:50", "2026-10-25 01:10", "2026-10-25 01:50"),
    ],
)
def test_it_reads_where_the_clocks_change(
    session: tuple[str, str, str], text: str, arrives: str, leaves: str
) -> None:
    there = _hours(*session)
    assert _read(text, there) == (
        wall(arrives).replace(tzinfo=UTC),
        wall(leaves).replace(tzinfo=UTC),
    )


def test_a_stay_that_a_clock_change_leaves_no_time_for_is_refused() -> None:
    assert "ends before it starts" in _refused("2:30 to 3:15", _hours(*SPRING))


def test_of_a_doubled_hour_the_one_within_the_session_is_meant() -> None:
    begins = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 02:15 for the second time
    ends = datetime(2026, 10, 25, 5, tzinfo=UTC)
    stay = _read("from 2:30", (begins, ends, "Europe/Berlin"))
    assert stay == (begins + timedelta(minutes=15), ends)
    assert describe_attendance(*stay, "Europe/Berlin") == "the second 02:30 to 06:00"


@pytest.mark.parametrize("minutes", [1, 2, 14, 16, 61, 12 * 60])
def test_what_it_tells_to_type_fits_however_short_the_session(minutes: int) -> None:
    begins = instant_of(wall("2026-12-03 23:50"), "Asia/Kathmandu")
    hours = begins, begins + timedelta(minutes=minutes), "Asia/Kathmandu"
    for text in ("foo", "15-14"):
        examples = _examples(_refused(text, hours))
        assert examples
        for other in examples:
            _read(other, hours)


@st.composite
def _sessions(draw: st.DrawFn) -> Hours:
    """Draws up to 24 hours by the clock, in many zones, often around a change of the clocks."""
    zone = draw(
        st.sampled_from(
            [
                *("Europe/Berlin", "America/New_York", "America/St_Johns", "Africa/Cairo"),
                *("Australia/Lord_Howe", "Antarctica/Troll", "Asia/Kathmandu", "UTC"),
            ]
        )
    )
    days = ["2026-03-07", "2026-03-28", "2026-04-04", "2026-04-23", "2026-10-03", "2026-10-24"]
    day = draw(st.sampled_from([*days, "2026-10-29", "2026-10-31", "2026-12-03"]))
    begin = wall(day) + timedelta(minutes=draw(st.integers(0, 48 * 60)))
    length = draw(st.one_of(st.integers(1, 24 * 60), st.just(24 * 60)))
    starts_at = instant_of(begin, zone)
    ends_at = instant_of(begin + timedelta(minutes=length), zone)
    assume(starts_at < ends_at)
    return starts_at, ends_at, zone


_words = st.sampled_from(
    [
        *(
            "from",
            "until",
            "to",
            "-",
            "after",
            "before",
            "for",
            "at",
            "noon",
            "midnight",
            "am",
            "pm",
        ),
        *("2 hours", "30 minutes", "the next day", "the second", "all day", "on", "the end"),
        *("10am", "2pm", "2:30", "02:30", "12", "3", "11", "22", "00:15", "12:30", "14.00", "."),
    ]
)
_phrases = st.one_of(
    st.text(max_size=40),
    st.lists(_words, max_size=6).map(" ".join),
    st.tuples(st.integers(0, 24), st.integers(0, 24)).map("{0[0]}-{0[1]}".format),
    st.tuples(st.times(), st.times()).map("{0[0]:%H:%M} to {0[1]:%H:%M}".format),
)


@given(_phrases, _sessions())
@example("\ud800", _hours(*DAY))
def test_any_text_is_read_within_the_session_or_refused(text: str, hours: Hours) -> None:
    starts_at, ends_at, zone = hours
    if _is_refused(text, hours):
        examples = _examples(_refused(text, hours))
        assert examples
        for other in examples:
            _read(other, hours)
        return
    stay = _read(text, hours)
    if stay is not None:
        assert starts_at <= stay[0] < stay[1] <= ends_at
        assert stay != (starts_at, ends_at)
        assert stay[0].tzinfo is stay[1].tzinfo is UTC
        assert _read(describe_attendance(*stay, zone), hours) == stay


@given(_sessions(), st.data())
def test_it_reads_what_it_writes(hours: Hours, data: st.DataObject) -> None:
    starts_at, ends_at, zone = hours
    there = ZoneInfo(zone)
    begin, end = (moment.astimezone(there).replace(tzinfo=None) for moment in (starts_at, ends_at))
    assume(end - begin <= timedelta(days=1))
    minutes = (ends_at - starts_at) // timedelta(minutes=1)
    arrives = data.draw(st.integers(0, minutes - 1))
    leaves = data.draw(st.integers(arrives + 1, minutes))
    stay = starts_at + timedelta(minutes=arrives), starts_at + timedelta(minutes=leaves)
    expected = None if stay == (starts_at, ends_at) else stay
    assert _read(describe_attendance(*stay, zone), hours) == expected


def test_where_the_clocks_show_more_than_a_day_the_first_is_meant() -> None:
    """Its end is skipped and moves on by an hour, so the clocks show 03:00 to 03:30 twice."""
    hours = _hours("2026-03-28 02:30", "2026-03-29 02:30", "Europe/Berlin")
    assert _said("03:05 to 03:20", hours) == "03:05 to 03:20"
    assert (
        _read("03:05 to 03:20", hours)
        == _hours("2026-03-28 03:05", "2026-03-28 03:20", "Europe/Berlin")[:2]
    )
    assert _said("03:05 to 03:20 the next day", hours) == "03:05 to 03:20 the next day"
