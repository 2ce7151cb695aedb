"""What text that people typed consists of, by the properties of Unicode."""

from __future__ import annotations

from unicodedata import combining, name, normalize

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
_RIGHT_TO_LEFT = regex.compile(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}]")
_IGNORED = regex.compile(r"\p{Default_Ignorable_Code_Point}")
# What people see as one: a letter with its marks, an emoji of several parts, a flag.
# https://www.unicode.org/reports/tr29/#Grapheme_Cluster_Boundaries
_SEEN_AS_ONE = regex.compile(r"\X")
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"


def says_something(text: str) -> bool:
    """Returns whether a text has a letter, number, punctuation or symbol that can be seen."""
    # No property tells that U+2800 is blank, but its name does.
    return any(not name(seen, "").endswith(" BLANK") for seen in _SEEN.findall(text))


def bounded(text: str) -> str:
    """Returns a text with at most MOST_MARKS marks on a letter, and none that turns text around."""
    if text.isascii():
        return text
    return _PILED_UP.sub(r"\1", _TURNING.sub("", text))


def beginning(text: str, most: int) -> str:
    """Returns as much of a text as fits into ``most`` characters without cutting one seen apart."""
    end = 0
    for found in _SEEN_AS_ONE.finditer(text, endpos=most + 1):
        if found.end() > most:
            break
        end = found.end()
    return text[:end]


def isolated(text: str) -> str:
    """Returns a text with marks around it that keep it from turning what stands beside it.

    Only if some of it reads from right to left; the marks take two characters.
    https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates
    """
    return f"{_ISOLATE}{text}{_END_OF_ISOLATE}" if _RIGHT_TO_LEFT.search(text) else text


def without_invisible(text: str) -> str:
    """Returns a text without characters that show nothing, such as those of no width."""
    return text if text.isascii() else _IGNORED.sub("", text)


def without_accents(text: str) -> str:
    """Returns a text with letters for accented ones, and without what shows nothing."""
    if text.isascii():
        return text
    apart = normalize("NFKD", without_invisible(text))
    return "".join(character for character in apart if not combining(character))
