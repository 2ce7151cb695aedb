"""Pairs the dates of a series with those of another rule, so that people move with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta


def pair(old: Sequence[datetime], new: Sequence[datetime]) -> list[tuple[int, int]]:
    """Pairs old and new dates one to one; returns the positions of each pair.

    Both are in order, and so are the pairs: as many as possible, and of those the ones with the
    least total distance; then the ones whose new dates are later.
    """
    # The (unpaired old dates, total distance) of the best pairs of old[i:] with new[j:].
    best = [[(len(old) - i, timedelta())] * (len(new) + 1) for i in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            unpaired, distance = best[i + 1][j + 1]
            left = best[i + 1][j]
            best[i][j] = min(
                (unpaired, distance + abs(old[i] - new[j])),
                (left[0] + 1, left[1]),
                best[i][j + 1],
            )
    pairs = []
    i = j = 0
    while i < len(old) and j < len(new):
        left = best[i + 1][j]
        if best[i][j] == best[i][j + 1]:
            j += 1
        elif best[i][j] == (left[0] + 1, left[1]):
            i += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    return pairs
