"""Counts the typing mistakes between two words."""

from __future__ import annotations


def mistakes(typed: str, known: str) -> int:
    """Returns how many letters are wrong, missing, added, or swapped with the next one.

    This is the optimal string alignment distance.
    """
    two_back: list[int] = []
    back = list(range(len(known) + 1))
    for i, letter in enumerate(typed, 1):
        row = [i]
        for k, other in enumerate(known, 1):
            least = min(back[k] + 1, row[-1] + 1, back[k - 1] + (letter != other))
            if i > 1 and k > 1 and letter == known[k - 2] and other == typed[i - 2]:
                least = min(least, two_back[k - 2] + 1)
            row.append(least)
        two_back, back = back, row
    return back[-1]
