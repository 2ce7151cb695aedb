"""Dates with a dash between them, months before hours, counts, and other words for the same."""

from __future__ import annotations

import pytest

from bot.phrases.en import NotUnderstood, read
from tests.moments import WEDNESDAY
from tests.unit.phrases.hours import ZONE


@pytest.mark.parametrize(
    ("phrase", "same"),
    [
        ("thursdays 6pm apr 1 - apr 29", "thursdays 6pm from apr 1 to apr 29"),
        ("1 april to 29 april every thursday 6pm", "thursdays 6pm from apr 1 to apr 29"),
        ("every thursday 1 apr – 29 apr, 6-8pm", "thursdays 6-8pm from apr 1 to apr 29"),
        ("every thursday 6pm from 1 apr - 29 apr", "thursdays 6pm from apr 1 to apr 29"),
        ("daily 10am 16-20 april", "daily 10am from 16 april to 20 april"),
        ("daily 10am 16th to 20th of april 2028", "daily 10am from 16 april 2028 to 20 april 2028"),
        ("every thursday 10am from 3 to 17 dec", "thursdays 10am from 3 dec to 17 dec"),
        ("28-apr 18:00-21:00", "28 april 18:00-21:00"),
        ("every monday in april 9-5", "mondays 9-5 in april"),
        ("mondays in april and may 10-12", "mondays 10-12 in april and may"),
        ("fridays in april 2-4pm", "fridays 2-4pm in april"),
        ("all tuesdays in march 5pm", "every tuesday in march 5pm"),
        ("each and every tuesday 9am", "tuesdays 9am"),
        ("every day but sunday 10am", "every day except sunday 10am"),
        ("thursdays 6pm skip 3 dec", "thursdays 6pm except 3 dec"),
        ("thursdays 6pm, no session on 3 dec", "thursdays 6pm except 3 dec"),
        ("mondays 10am x4", "mondays 10am 4 times"),
        ("mondays 10am (3x)", "mondays 10am 3 times"),
        ("4 tuesdays 10am from 2 march", "the next 4 tuesdays 10am from 2 march"),
        ("3 saturdays from 9 jan at 10am", "the next 3 saturdays 10am from 9 jan"),
        ("thursday in a week 10am", "thursday week 10am"),
        ("10 saturdays until 2", "saturdays 10:00-14:00"),
    ],
)
def test_it_means_the_same(phrase: str, same: str) -> None:
    expected = read(same, zone=ZONE, now=WEDNESDAY)
    assert read(phrase, zone=ZONE, now=WEDNESDAY) == expected


@pytest.mark.parametrize(
    ("phrase", "hint"),
    [
        ("m-f 9am-5pm", "every m-f 9am-5pm"),
        ("thursday 3 dec - 10 dec 10am", "every thursday 3 dec - 10 dec 10am"),
        ("wednesdays from 2 dec, 8-10am, 6 weeks", "wednesdays from 2 dec, 8-10am, for 6 weeks"),
    ],
)
def test_it_is_offered_in_clear_words(phrase: str, hint: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(phrase, zone=ZONE, now=WEDNESDAY)
    assert caught.value.examples == (hint,)


@pytest.mark.parametrize(
    "phrase",
    [
        "thursday all day",
        "1 sept - 30 sept 2028 every wednesday 10am",  # the first may be of another year
        "mondays 10am except 7-14 dec",
        "thursdays 10am except 24 dec, 31 dec - 14 jan",
        "tuesdays 10-12 august",
        "thursday 10ma or 4 dec 3 times",
    ],
)
def test_it_is_refused(phrase: str) -> None:
    with pytest.raises(NotUnderstood):
        read(phrase, zone=ZONE, now=WEDNESDAY)


@pytest.mark.parametrize(
    ("phrase", "another"),
    [
        ("mondays 10am and thursdays 6pm", '"and thursdays 6pm"'),
        ("monday 10am & thursday 6pm", '"& thursday 6pm"'),
        ("every monday 10am and every thursday 6pm", '"6pm"'),
    ],
)
def test_a_second_time_of_day_is_for_a_second_jelly(phrase: str, another: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(phrase, zone=ZONE, now=WEDNESDAY)
    assert f"{another} is another time, which needs its own jelly." in str(caught.value)


def test_every_day_is_not_asked_for_a_day() -> None:
    with pytest.raises(NotUnderstood) as caught:
        read("every day next week 10am", zone=ZONE, now=WEDNESDAY)
    assert "which day" not in str(caught.value)
