"""Old and new dates of a series are paired as well as can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.schedule.pairing import pair
from tests.moments import DAY, THURSDAY_10

_hours = st.lists(st.integers(0, 24 * 40), max_size=8, unique=True).map(sorted)


def dates(*days: float) -> list[datetime]:
    return [THURSDAY_10 + day * DAY for day in days]


def every_way(old: int, new: int) -> Iterator[list[tuple[int, int]]]:
    """Yields all ways to pair so many old and new dates in order."""
    for number in range(min(old, new) + 1):
        for some in combinations(range(old), number):
            for others in combinations(range(new), number):
                yield list(zip(some, others, strict=True))


def distance(
    old: Sequence[datetime], new: Sequence[datetime], pairs: list[tuple[int, int]]
) -> timedelta:
    return sum((abs(old[i] - new[j]) for i, j in pairs), timedelta())


@given(_hours, _hours)
def test_pairs_are_as_good_as_the_best_of_all_ways(old: list[int], new: list[int]) -> None:
    before, after = (dates(*(hour / 24 for hour in hours)) for hours in (old, new))
    pairs = pair(before, after)
    best = min(
        (-len(way), distance(before, after, way)) for way in every_way(len(before), len(after))
    )
    assert (-len(pairs), distance(before, after, pairs)) == best
    assert pairs in list(every_way(len(before), len(after)))


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ((0, 7, 14), (-1, 6, 13), [(0, 0), (1, 1), (2, 2)]),
        ((0, 7, 14), (6, 13), [(1, 0), (2, 1)]),
        ((0, 7, 14), (0, 14), [(0, 0), (2, 1)]),
        ((0, 7), (5, 6, 8), [(0, 0), (1, 2)]),
        ((0,), (-1, 1), [(0, 1)]),  # rather later than too early for someone
        ((0, 7), (), []),
        ((), (0,), []),
    ],
)
def test_pairs_keep_their_order(
    old: tuple[int, ...], new: tuple[int, ...], pairs: list[tuple[int, int]]
) -> None:
    assert pair(dates(*old), dates(*new)) == pairs


def test_many_dates_are_paired_within_a_moment() -> None:
    """Daily dates of eight weeks; each way to pair them could not be tried one by one."""
    days = [float(day) for day in range(56)]
    assert pair(dates(*days), dates(*(day + 0.5 for day in days))) == [
        (number, number) for number in range(56)
    ]
