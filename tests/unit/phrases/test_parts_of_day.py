"""A part of the day says am or pm; in the plural it says that days repeat."""

from __future__ import annotations

import pytest

from bot.phrases.en import NotUnderstood, read
from tests.moments import WEDNESDAY
from tests.unit.phrases.hours import ZONE, hours_of


@pytest.mark.parametrize(
    ("phrase", "plain"),
    [
        ("thursday mornings 10am", "thursdays 10am"),
        ("tuesday evenings at 7pm", "tuesdays 7pm"),
        ("tuesday evenings at 7", "tuesdays 7pm"),
        ("friday nights 8pm", "fridays 8pm"),
        ("mondays evening 7pm", "mondays 7pm"),
        ("afternoons on friday 2-4", "fridays 2pm-4pm"),
        ("tuesday and thursday mornings 9", "tuesdays and thursdays 9am"),
        ("sun nights 8", "sundays 8pm"),
        ("thursday's 10am", "thursdays 10am"),
        ("thursday’s 10am", "thursdays 10am"),
        ("thursdays' 10am", "thursdays 10am"),
        ("weekday mornings 9-12", "weekdays 9-12"),
        ("first friday evenings 7pm", "every first friday 7pm"),
        ("every thursday morning 10", "thursdays 10am"),
        ("every morning at 9", "every day 9am"),
        ("each night 8pm", "every day 8pm"),
        ("friday night at 8pm", "friday 8pm"),
        ("friday night 8", "friday 8pm"),
        ("friday at 8 at night", "friday 8pm"),
        ("friday morning 9-1", "friday 9am-1pm"),
        ("friday evening 8-11", "friday 8pm-11pm"),
        ("tonight 8-10", "today 8pm-10pm"),
        ("wed eve 7pm", "wednesday 7pm"),
        ("wed eves 7", "wednesdays 7pm"),
        ("sunday lunchtime 1", "sunday 1pm"),
        ("thursday early evening 6-8", "thursday 6pm-8pm"),
        ("every monday eve 7", "mondays 7pm"),
        ("late afternoons on friday at 4", "fridays 4pm"),
    ],
)
def test_it_is_read_as_without_the_part_of_the_day(phrase: str, plain: str) -> None:
    expected = read(plain, zone=ZONE, now=WEDNESDAY)
    assert read(phrase, zone=ZONE, now=WEDNESDAY) == expected


@pytest.mark.parametrize(
    ("phrase", "hint"),
    [
        ("friday night 9am", "friday night 9pm"),
        ("friday night 10am", "friday night 10pm"),
    ],
)
def test_a_part_of_the_day_that_does_not_fit_is_refused(phrase: str, hint: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(phrase, zone=ZONE, now=WEDNESDAY)
    assert caught.value.examples[0] == hint


def test_a_single_day_has_no_mornings() -> None:
    with pytest.raises(
        NotUnderstood, match='"mornings" only goes with something that repeats'
    ) as caught:
        read("tomorrow mornings 9", zone=ZONE, now=WEDNESDAY)
    assert caught.value.examples == ()


def test_a_night_asks_for_its_hour() -> None:
    assert hours_of("friday night").startswith("asks: 20:00 to 23:00")
    assert hours_of("friday nights").startswith("asks: 20:00 to 23:00")
