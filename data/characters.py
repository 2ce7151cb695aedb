"""What text that people typed consists of, by the properties of Unicode."""

from __future__ import annotations

from unicodedata import name

import regex

from data.limits import MOST_MARKS

# Letters include fillers, such as U+3164, that show nothing: Unicode has them ignored by default.
# https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
_SEEN = regex.compile(r"[[\p{L}\p{N}\p{P}\p{S}]--\p{Default_Ignorable_Code_Point}]", regex.V1)
# Joiners put no distance between marks.
_PILED_UP = regex.compile(
    rf"((?:[\p{{Mn}}\p{{Me}}]\p{{Cf}}*+){{{MOST_MARKS}}})(?:[\p{{Mn}}\p{{Me}}]\p{{Cf}}*+)+"
)
# They turn around or hide what stands beside them, also where that is ours.
# https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
_TURNING = regex.compile(r"\p{Bidi_Control}")


def says_something(text: str) -> bool:
    """Returns whether a text has a letter, number, punctuation or symbol that can be seen."""
    # No property tells that U+2800 is blank, but its name does.
    return any(not name(seen, "").endswith(" BLANK") for seen in _SEEN.findall(text))


def bounded(text: str) -> str:
    """Returns a text with at most MOST_MARKS marks on a letter, and none that turns text around."""
    if text.isascii():
        return text
    return _PILED_UP.sub(r"\1", _TURNING.sub("", text))
