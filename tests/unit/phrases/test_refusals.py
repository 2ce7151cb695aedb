"""Whatever is typed, a refusal is one friendly message, soon, and nothing else is raised."""

from __future__ import annotations

import ast
import string
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import bot.phrases.en
from bot.calendar import occurrences
from bot.language import ENGLISH, words_for
from bot.messages.text import said
from bot.phrases.en import NotUnderstood, check_zone, describe, read, read_duration
from bot.phrases.en.hints.examples import OFFERED
from bot.phrases.en.hints.spelling import WORDS
from data.limits import LONGEST_ECHO
from data.models import Schedule
from data.refusal import Alternatives, Refusal, Sentence
from tests.moments import WEDNESDAY

ZONE = "America/New_York"

_numbers = st.integers(0, 32).map(str)
_clocks = st.sampled_from(["10am", "2pm", "12am", "noon", "midnight", "10:30", "9.30", "24:00"])
_dates = st.sampled_from(
    ["dec 3", "3 december", "feb 29", "2026-12-03", "2026-02-30", "9999-12-31", "3/12", "3 dec 10"]
)
_others = st.sampled_from(
    [
        "new york",
        "utc",
        "est",
        "-",
        ",",
        "2 hours",
        "10 weeks",
        "10 times",
        "1st",
        "31st",
        "the next day",
    ]
)
_words = st.sampled_from(WORDS) | _numbers | _clocks | _dates | _others
phrases = st.lists(_words, max_size=12).map(" ".join)


def _read(phrase: str) -> Schedule:
    return read(phrase, zone=ZONE, now=WEDNESDAY)


def refusal_of(phrase: str) -> NotUnderstood:
    with pytest.raises(NotUnderstood) as caught:
        _read(phrase)
    return caught.value


@given(st.text(max_size=300) | phrases)
@example("")
@example("😀" * 6000)
@example("every " * 1000)
@example("1" * 6000)
@example(" " * 6000)
@example("every tuesday and " * 300 + "10am")
@example("dec 1 " * 900)
@example("a\u0301" * 3000)
@example("\u202e10am thursday\u202c")
@example("thursday\u0000 10am")
@example("ثلاثاء 10am")
@example("𝟏𝟎am thursday")
@example("thursday ١٠:٠٠")
@example("thursday 10\u200bam")
def test_it_reads_or_refuses_and_is_quick(phrase: str) -> None:
    begun = time.thread_time()
    refusal, schedule = None, None
    try:
        schedule = read(phrase, zone=ZONE, now=WEDNESDAY)
    except NotUnderstood as raised:
        refusal = raised
    assert time.thread_time() - begun < 0.5
    if refusal is not None:
        assert len(refusal.understood) <= LONGEST_ECHO
        assert len(refusal.stopped_at) <= LONGEST_ECHO
        assert str(refusal).isprintable()
        assert len(str(refusal)) < 450
        assert len(refusal.examples) <= OFFERED
    if schedule is not None:
        assert next(occurrences(schedule)).starts_at > WEDNESDAY
        words = describe(schedule, with_start=bool(schedule.rules))
        assert read(words, zone="UTC", now=WEDNESDAY) == schedule


def test_it_says_what_it_understood_and_where_it_stopped() -> None:
    refusal = refusal_of("Tuesday 10am maybe")
    assert refusal.understood == "Tuesday 10am"
    assert refusal.stopped_at == "maybe"
    assert refusal.examples[0] == "tuesday 10am"
    assert str(refusal).startswith(
        'I understood "Tuesday 10am" but not "maybe". Try "tuesday 10am"'
    )


def test_it_offers_nothing_where_nothing_can_be_repaired() -> None:
    refusal = refusal_of("lunch")
    assert refusal.examples == ()
    assert str(refusal) == 'I can\'t read "lunch" as a time. Give a day and a time.'


def test_it_asks_the_one_thing_that_is_missing() -> None:
    assert str(refusal_of("thursday")) == (
        'I understood "thursday", but at what time? '
        'Try "thursday 10am", "thursday 9:30-16:00" or "thursday 7pm".'
    )
    assert str(refusal_of("10am")) == (
        'I understood "10am", but on which day? '
        'Try "tomorrow 10am", "every thursday 10am" or "every monday 10am".'
    )
    assert refusal_of("tomorrow afternoon").examples == (
        "tomorrow afternoon 2pm",
        "tomorrow afternoon 3pm",
        "tomorrow afternoon 13:30-17:00",
    )
    assert refusal_of("every 2 weeks 10am").examples == (
        "every 2 weeks on monday 10am",
        "every 2 weeks on thursday 10am",
        "every 2 weeks on saturday 10am",
    )


def test_words_that_say_nothing_about_when_are_left_out_before_it_asks() -> None:
    assert refusal_of("sometime thursday").examples == refusal_of("thursday").examples


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("", "Tell me when."),
        ("hmm", 'I can\'t read "hmm" as a time. Give a day and a time.'),
        (
            "yesterday 10am",
            'I understood "10am", but "yesterday" is over. Give a day that is still to come.',
        ),
        (
            "last night 8pm",
            'I understood "8pm", but "last night" is over. Give a day that is still to come.',
        ),
        (
            "thursday 10am UTC+2",
            'I understood "thursday 10am", but I need the name of a city in place of "UTC+2".',
        ),
        ("tuesday 10am {it}", 'I understood "tuesday 10am" but not "{it}".'),
        (
            "tuesday 10am from",
            'I understood "tuesday 10am from", but something\'s missing at the end.',
        ),
        ("25:00 tuesday", 'I understood "tuesday", but there is no "25:00" on the clock.'),
        ("thursday", 'I understood "thursday", but at what time?'),
        ("last noon", 'I understood "noon", but the last what?'),
        ("until 5", 'It needs a start before "until 5".'),
        (
            "biweekly on tue and fri 10am",
            'I understood "on tue and fri 10am", but "biweekly" can be every 2 weeks or twice '
            "a week.",
        ),
    ],
)
def test_a_reason_continues_what_was_understood_or_stands_alone(phrase: str, sentence: str) -> None:
    assert str(refusal_of(phrase)).partition(" Try ")[0] == sentence


def test_what_was_typed_is_a_value_and_not_in_a_template() -> None:
    problem = refusal_of("tuesday 10am *maybe* {it}").sentence
    advice = refusal_of("tuesday").sentence.values["advice"]
    values = {"understood": "tuesday 10am", "it": "*maybe*"}
    assert problem == Sentence('I understood "{understood}" but not "{it}".', values)
    assert isinstance(advice, Sentence)
    assert isinstance(advice.values["examples"], Alternatives)
    assert said(words_for(ENGLISH), problem) == (
        'I understood "tuesday 10am" but not "\\*maybe\\*".'
    )


@pytest.mark.parametrize(
    ("reader", "typed"),
    [(_read, "until 5"), (_read, "last noon"), (read_duration, "x"), (check_zone, "Berln")],
)
def test_it_is_said_as_it_is_logged(reader: Callable[[str], object], typed: str) -> None:
    with pytest.raises(Refusal) as caught:
        reader(typed)
    assert said(words_for(ENGLISH), caught.value.sentence) == str(caught.value)


def _calls(*names: str) -> Iterator[ast.Call]:
    for file in Path(bot.phrases.en.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
                yield node


def test_every_reason_continues_a_sentence_and_has_its_values() -> None:
    reasons = [call for call in _calls("Refused") if isinstance(call.args[0], ast.Constant)]
    assert len(reasons) > 50
    for call in reasons:
        template = ast.literal_eval(call.args[0])
        fields = {field for _, field, _, _ in string.Formatter().parse(template) if field}
        named = {str(keyword.arg) for keyword in call.keywords} - {"fixes", "examples"}
        assert fields - {"it"} == named, template
        assert not template[0].isupper() or template.startswith("I "), template
        assert not template.endswith("."), template


def test_it_offers_the_nearest_word_for_a_mistyped_one() -> None:
    assert refusal_of("every tusday 10am").examples[0] == "every tuesday 10am"
    assert refusal_of("tomorow 9:30-16:00").examples[0] == "tomorrow 9:30-16:00"
    assert refusal_of("thursdays 10am form 3 dec").examples[0] == "thursdays 10am from 3 dec"
    assert refusal_of("evry other wensday 10am").examples[0] == "every other wednesday 10am"
    assert refusal_of("thurdsays ta 10am").examples == ("thursdays at 10am",)
    assert refusal_of("10sm tomorrow").examples == ("10am tomorrow",)
    assert refusal_of("the day after tomorrw 10am").examples == ("the day after tomorrow 10am",)
    assert refusal_of("thursday 10am new yrok").examples == ("thursday 10am new york",)


def test_it_offers_the_words_that_were_torn_apart_run_together_or_doubled() -> None:
    assert refusal_of("tues day 10am").examples == ("tuesday 10am",)
    assert refusal_of("everythursday 10am").examples == ("every thursday 10am",)
    assert refusal_of("every every thursday 10am").examples == ("every thursday 10am",)


def test_it_offers_each_of_the_alternatives() -> None:
    assert refusal_of("thursday or friday 10am").examples == ("thursday 10am", "friday 10am")
    assert refusal_of("tuesday 10am or 2pm").examples == ("tuesday 10am", "tuesday 2pm")
    assert refusal_of("tuesday 10am or friday 2pm").examples == ("tuesday 10am", "friday 2pm")


def test_what_means_the_same_is_offered_once() -> None:
    assert refusal_of("first monday 10am").examples == ("every first monday of the month 10am",)


def test_it_offers_both_readings_of_a_numeric_date() -> None:
    refusal = refusal_of("3/12 10am")
    assert refusal.examples == ("3 december 10am", "12 march 10am")
    assert refusal_of("3/12").examples == ("3 december 10am", "12 march 10am")


def test_it_offers_both_meanings_of_every_second_thursday() -> None:
    assert refusal_of("every 2nd thursday 10am").examples == (
        "every 2 weeks on thursday 10am",
        "every 2nd thursday of the month 10am",
    )


def test_it_offers_the_places_of_an_ambiguous_zone() -> None:
    assert refusal_of("thursday 9am CT").examples == (
        "thursday 9am chicago",
        "thursday 9am winnipeg",
    )


def test_it_offers_tomorrow_for_a_time_that_is_past_but_no_other_year() -> None:
    assert refusal_of("today 8am").examples[0] == "tomorrow 8am"
    assert refusal_of("2026-11-03 10am").examples == ()


def test_it_asks_which_half_of_the_day_a_small_hour_is_in() -> None:
    assert refusal_of("thursday 2").examples == ("thursday 2pm", "thursday 2am")
    assert refusal_of("thursday 6-9").examples == (
        "thursday 6pm to 9pm",
        "thursday 6am to 9am",
    )


def test_it_echoes_little_of_a_long_text() -> None:
    refusal = refusal_of("thursday 10am " + "x" * 200)
    assert len(refusal.stopped_at) == LONGEST_ECHO
    assert refusal.stopped_at.endswith("…")
    assert len(str(refusal_of("thursday " * 600))) < 300


def test_a_phrase_of_many_parts_is_quick() -> None:
    days = " and ".join(f"{day} december" for day in range(1, 32))
    phrase = f"every day 10am except {days}"
    begun = time.thread_time()
    assert len(read(phrase, zone=ZONE, now=WEDNESDAY).excluded) == 31
    assert time.thread_time() - begun < 0.1


def test_it_reads_the_longest_words_it_prints() -> None:
    dates = chain(((12, day) for day in range(1, 32)), ((1, day) for day in range(1, 25)))
    excluded = " and ".join(
        f"2026-{month:02}-{day:02}" if month == 12 else f"2027-{month:02}-{day:02}"
        for month, day in dates
    )
    schedule = read(f"every day 10am except {excluded}", zone=ZONE, now=WEDNESDAY)
    assert read(describe(schedule), zone=ZONE, now=WEDNESDAY) == schedule


def test_a_phrase_of_too_many_words_is_refused_soon() -> None:
    refusal = refusal_of("24, " * 250)
    assert refusal.examples == ()
    assert refusal.stopped_at == "24,"
