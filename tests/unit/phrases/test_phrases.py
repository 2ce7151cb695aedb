"""What people type is read as exactly these dates, or refused."""

from __future__ import annotations

import pytest

from bot.calendar import occurrences
from bot.phrases.en import NotUnderstood, describe, read
from bot.phrases.en.hints.examples import OFFERED
from tests.unit.phrases.table import DAILY, Outcome, Row, outcome, rows, shown

ROWS = list(rows())
# It has two readings, which are both offered with a time: nothing can be added to it alone.
AMBIGUOUS = "every second tuesday"


def _name(row: Row) -> str:
    return f"{row.why}: {row.phrase}"


@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_it_reads_exactly_these_dates_or_refuses(row: Row) -> None:
    _, became = outcome(row)
    assert became == row.expected


@pytest.mark.parametrize("row", [row for name in DAILY for row in rows(name)], ids=_name)
def test_what_people_type_is_read_right_or_refused_with_the_right_hint(row: Row) -> None:
    became, reading = outcome(row)
    if row.phrase == AMBIGUOUS:
        assert (became, len(reading.split(" | "))) == (Outcome.OTHER_HINTS, 2)
    else:
        assert became is Outcome.RIGHT, reading


@pytest.mark.parametrize("name", DAILY)
def test_nothing_that_people_type_is_read_as_other_dates(name: str) -> None:
    found = [(row.phrase, *outcome(row)) for row in rows(name)]
    assert [each for each in found if each[1] is Outcome.OTHER_DATES] == []


@pytest.mark.parametrize("row", [row for row in ROWS if not row.is_refused], ids=_name)
def test_it_starts_ahead_and_reads_its_own_words_back(row: Row) -> None:
    schedule = read(row.phrase, zone=row.zone, now=row.now)
    assert next(occurrences(schedule)).starts_at > row.now
    assert next(occurrences(schedule)).recurrence_id == schedule.start
    words = describe(schedule, with_start=bool(schedule.rules))
    again = read(words, zone="Pacific/Kiritimati", now=row.now)
    if next(occurrences(schedule)).shifted and not schedule.rules:
        assert shown(again, row.zone) == shown(schedule, row.zone)
    else:
        assert again == schedule


@pytest.mark.parametrize("row", [row for row in ROWS if row.is_refused], ids=_name)
def test_it_refuses_with_examples_that_it_can_read(row: Row) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(row.phrase, zone=row.zone, now=row.now)
    refusal = caught.value
    assert len(refusal.examples) <= OFFERED
    assert len(str(refusal)) < 400
    for example in refusal.examples:
        assert f'"{example}"' in str(refusal)
        assert read(example, zone=row.zone, now=row.now)


def test_the_table_is_large_and_covers_several_moments() -> None:
    assert len(ROWS) >= 150
    assert len({(row.now, row.zone) for row in ROWS}) >= 10
