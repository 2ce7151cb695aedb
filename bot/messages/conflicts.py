"""What is shown if a jelly was changed while someone else was changing it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import fields
from itertools import takewhile
from typing import Any

from bot.language import N_, Words
from bot.language.typed import one_line, shorten
from bot.messages.forms import TONES
from bot.messages.text import escaped, mention, whole_lines
from data.models import WHEN, Details

_LABELS = {
    WHEN: N_("When"),
    "title": N_("What"),
    "place": N_("Where"),
    "about": N_("Good to know"),
    "host_id": N_("Host"),
    "tone": N_("Tone"),
    "capacity": N_("Seats"),
    "most_guests": N_("Guests each member may bring"),
    "answers_close": N_("Answers close before the start"),
}
"""What the forms call a detail."""
_LONGEST = 60
"""Of a text, so that both versions and a card fit into one message."""
_LONGEST_DATES = 150
"""Of dates in words, which tell last when they end."""
_ROUND_IT = 20
"""How much of what two texts share is shown before they differ."""
_LONGEST_OF_ALL = 900


def both_versions(
    words: Words,
    theirs: Details,
    mine: Details,
    *,
    dates: tuple[str, str] | None,
    changed: Collection[str],
) -> str:
    """Returns that a jelly was changed meanwhile, and its values and one's own where they differ.

    ``dates`` are those of both versions in words; None if they are not compared.
    """
    values: dict[str, tuple[Any, Any]] = {
        field.name: (getattr(theirs, field.name), getattr(mine, field.name))
        for field in fields(Details)
    }
    if dates is not None:
        values = {WHEN: dates, **values}
    title = escaped(shorten(theirs.title, _LONGEST))
    return whole_lines(
        words,
        [
            words(
                "**{title} was changed while you were editing it.** Nothing you typed is lost.",
                title=title,
            ),
            *(
                _versions(words, name, theirs, mine)
                for name, (theirs, mine) in values.items()
                if name in changed and theirs != mine
            ),
        ],
        longest=_LONGEST_OF_ALL,
    )


def _versions(words: Words, name: str, theirs: Any, mine: Any) -> str:  # noqa: ANN401  of a detail
    if name in _SAID:
        theirs, mine = _SAID[name](words, theirs), _SAID[name](words, mine)
    else:
        longest = _LONGEST_DATES if name == WHEN else _LONGEST
        both = _texts(str(theirs), str(mine), longest=longest)
        theirs, mine = (text or words("nothing") for text in both)
    return words(
        "**{field}**\nNow: {theirs}\nYours: {mine}",
        field=words(_LABELS[name]),
        theirs=theirs,
        mine=mine,
    )


def _texts(*both: str, longest: int) -> list[str]:
    """Returns two texts as they are shown: long ones from about where they differ."""
    both = tuple(map(one_line, both))
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(*both, strict=False))
    begin = max(0, sum(1 for _ in alike) - _ROUND_IT)
    if max(map(len, both)) > longest and begin:
        both = tuple(f"…{text[begin:]}" for text in both)
    return [escaped(shorten(text, longest)) for text in both]


_SAID: dict[str, Callable[[Words, Any], str]] = {
    "host_id": lambda _, value: mention(value),
    "tone": lambda words, value: words(TONES[value]),
    "capacity": lambda words, value: words("no limit") if value is None else str(value),
    "answers_close": lambda words, value: (
        words("never") if value is None else words.duration(value)
    ),
}
"""How the values of a detail are said, unless they are text or numbers."""
