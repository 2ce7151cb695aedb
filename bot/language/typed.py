"""Text that people typed: cleaned, and cut where something has to fit; never yet escaped."""

from __future__ import annotations

import re
from collections.abc import Callable

# Controls and bidirectional overrides can reverse or hide the rest of a card.
# https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


def one_line(typed: str) -> str:
    """Returns typed text on one line, without invisible characters."""
    return " ".join(_INVISIBLE.sub("", typed).split())


def paragraphs(typed: str) -> str:
    """Returns typed text with its lines kept and empty ones removed."""
    lines = (one_line(line) for line in typed.splitlines())
    return "\n".join(line for line in lines if line)


def shorten(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def fitting(most: int, say: Callable[[str], str], typed: str) -> str:
    """Returns what ``say`` makes of typed text, which is cut so that the whole has ``most`` marks.

    ``say`` does not escape it: for choices, labels and titles, which Discord shows without
    formatting.
    """
    return say(shorten(typed, max(1, most - len(say("")))))
